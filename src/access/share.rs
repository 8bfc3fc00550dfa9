//! The secret of a link by which one refused record is looked at without a token.

use super::text::{NoRandomness, base64url, is_secret, random_bytes};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// The secret of a link: 43 characters. Nothing prints it by accident.
#[derive(Clone)]
pub struct ShareText(String);

/// A text is no link's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no link with this")]
pub struct MalformedShare;

impl ShareText {
    /// A secret that nobody has.
    ///
    /// # Errors
    ///
    /// The system has no random bytes.
    pub fn random() -> Result<Self, NoRandomness> {
        Ok(Self(base64url(&random_bytes()?)))
    }

    /// The text itself: for the address.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// SHA-256, by which it is known: 256 random bits, nobody finds them by trying.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ShareText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareText(secret)")
    }
}

impl FromStr for ShareText {
    type Err = MalformedShare;

    fn from_str(text: &str) -> Result<Self, MalformedShare> {
        if is_secret(text) { Ok(Self(text.to_owned())) } else { Err(MalformedShare) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_again_and_never_printed() {
        let (one, other) = (ShareText::random().expect("random"), ShareText::random().expect("random"));
        assert_ne!(one.secret(), other.secret());
        let read: ShareText = one.secret().parse().expect("a secret");
        assert_eq!(read.hash(), one.hash());
        assert!(!format!("{one:?}").contains(one.secret()));
        for wrong in ["", "short", &"A".repeat(44), &format!("{}+", "A".repeat(42))] {
            assert!(wrong.parse::<ShareText>().is_err(), "{wrong}");
        }
    }
}
