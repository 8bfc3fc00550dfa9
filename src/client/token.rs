//! The token that is shown to a service.

use reqwest::header::HeaderValue;

/// Bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 4096;

/// A token; nothing prints it.
#[derive(Clone, Debug)]
pub struct BearerToken(HeaderValue);

/// What was given is no token. It is not repeated: it may be another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds no token: that is one line of at most {TOKEN_BYTES_MAX} visible ASCII characters, `fgt_…`")]
pub struct TokenError;

impl BearerToken {
    /// Takes a token as a file or variable has it.
    pub fn of(text: &str) -> Result<Self, TokenError> {
        let token = text.trim();
        let is_right =
            (1..=TOKEN_BYTES_MAX).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
        let header = is_right.then(|| HeaderValue::from_str(&format!("Bearer {token}")).ok()).flatten();
        let mut header = header.ok_or(TokenError)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    pub(super) const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_bytes_max() {
        assert!(BearerToken::of(&"t".repeat(TOKEN_BYTES_MAX)).is_ok());
        assert!(BearerToken::of(&"t".repeat(TOKEN_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn a_token_is_one_word_and_is_not_printed() {
        let token = BearerToken::of(" fgt_hidden\n").expect("a token");
        assert_eq!(token.header().as_bytes(), b"Bearer fgt_hidden");
        assert!(!format!("{token:?}").contains("hidden"));
        for text in ["", "\n", "a b", "a\nb", "ä"] {
            assert!(BearerToken::of(text).is_err(), "{text}");
        }
    }
}
