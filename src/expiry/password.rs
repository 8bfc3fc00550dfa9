//! What opens a key store.

use std::fmt;

/// What opens a key store. It is shown by nothing: neither by `Debug` nor by any error.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// As it is written in a file or variable; one line end behind it belongs to the file.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self(text.strip_suffix('\r').unwrap_or(text).to_owned())
    }

    /// The characters, for whoever opens with them.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// UTF-16, the greater byte first, as key stores of Java take it.
    pub(super) fn utf16(&self) -> Vec<u8> {
        self.0.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_shown() {
        assert_eq!(format!("{:?}", Some(Password::new("hunter2"))), "Some(Password(..))");
    }

    #[test]
    fn one_line_end_is_not_part_of_it() {
        for (text, expected) in
            [("a\n", "a"), ("a\r\n", "a"), ("a", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("\n", "")]
        {
            assert_eq!(Password::new(text).reveal(), expected);
        }
    }
}
