//! Names of tokens, and of the source that one is bound to.

use crate::product::SOURCE_CHARS_MAX;
use std::fmt;
use std::str::FromStr;

/// Characters of a token's name.
pub const TOKEN_NAME_CHARS_MAX: usize = 100;

/// The name of a token: letters, digits and `-_.@` of ASCII, so that it stands in any log and any header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenName(String);

/// The only source that a token sees and submits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSource(String);

/// Why a text cannot be the name of a token, or of its source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenNameError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is too long.
    #[error("it has {0} characters: at most {TOKEN_NAME_CHARS_MAX} are possible")]
    Long(usize),
    /// It has something else than what is possible.
    #[error("`{0}` is not possible: use letters, digits and `-_.@`")]
    Character(char),
    /// The source is too long.
    #[error("it has {0} characters: at most {SOURCE_CHARS_MAX} are possible")]
    LongSource(usize),
    /// The source has a control character.
    #[error("it has a control character")]
    Control,
}

impl TokenName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        let is_possible = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
        let count = text.chars().count();
        match text.chars().find(|c| !is_possible(*c)) {
            _ if count == 0 => Err(TokenNameError::Empty),
            _ if count > TOKEN_NAME_CHARS_MAX => Err(TokenNameError::Long(count)),
            Some(wrong) => Err(TokenNameError::Character(wrong)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TokenSource {
    /// The source as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenSource {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(TokenNameError::Empty),
            long if long > SOURCE_CHARS_MAX => Err(TokenNameError::LongSource(long)),
            _ if text.chars().any(char::is_control) => Err(TokenNameError::Control),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<&TokenNameError>) {
        assert_eq!(text.parse::<TokenName>().err().as_ref(), expected, "{text}");
    }

    #[test]
    fn names() {
        case("shop-ci_2.nightly@example", None);
        case("A", None);
        case("", Some(&TokenNameError::Empty));
        case(&"a".repeat(TOKEN_NAME_CHARS_MAX), None);
        case(&"a".repeat(TOKEN_NAME_CHARS_MAX + 1), Some(&TokenNameError::Long(TOKEN_NAME_CHARS_MAX + 1)));
        case("two words", Some(&TokenNameError::Character(' ')));
        case("Bücher", Some(&TokenNameError::Character('ü')));
        case("a\u{1b}", Some(&TokenNameError::Character('\u{1b}')));
    }

    #[test]
    fn sources() {
        let source = |text: &str| text.parse::<TokenSource>().map(|source| source.0);
        assert_eq!(source(" GLN 4012345000009 "), Ok("GLN 4012345000009".to_owned()));
        assert_eq!(source(" "), Err(TokenNameError::Empty));
        for letter in ["a", "ü", "楽", "🎼"] {
            assert!(source(&letter.repeat(SOURCE_CHARS_MAX)).is_ok());
            let long = SOURCE_CHARS_MAX + 1;
            assert_eq!(source(&letter.repeat(long)), Err(TokenNameError::LongSource(long)));
        }
        assert_eq!(source("a\nb"), Err(TokenNameError::Control));
    }
}
