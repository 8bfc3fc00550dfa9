//! What a thing is called.

use std::fmt;

/// Characters of a name.
const NAME_CHARS_MAX: usize = 64;

/// What a thing is called in its inventory, in reports and in labels of metrics.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThingName(String);

/// Why a text is no name of a thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a thing: use small letters, digits, `.`, `_` and `-`, a letter or digit first, \
     {NAME_CHARS_MAX} characters at most"
)]
pub struct ThingNameError(String);

impl ThingName {
    /// The name that a text is.
    pub fn new(text: &str) -> Result<Self, ThingNameError> {
        let is_first = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = text.bytes().all(|byte| is_first(&byte) || b"._-".contains(&byte));
        if fits && text.len() <= NAME_CHARS_MAX && text.as_bytes().first().is_some_and(is_first) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ThingNameError(text.chars().take(NAME_CHARS_MAX).collect()))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_chars_max() {
        let of = |length| ThingName::new(&"a".repeat(length)).is_ok();
        assert!(of(NAME_CHARS_MAX) && !of(NAME_CHARS_MAX + 1));
    }

    #[test]
    fn names_are_plain() {
        for (text, is_name) in [
            ("a", true),
            ("9.a_b-c", true),
            ("", false),
            ("-a", false),
            ("A", false),
            ("a b", false),
            ("ä", false),
        ] {
            assert_eq!(ThingName::new(text).is_ok(), is_name, "{text}");
        }
    }
}
