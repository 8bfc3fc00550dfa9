//! The text of a token, which only its holder has, and the hash by which it is known.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;

/// How every token begins: programs that look for secrets in files find it by this.
pub const TOKEN_PREFIX: &str = "fgt_";

/// Random bytes of a token.
pub(super) const SECRET_BYTES: usize = 32;
/// Characters that write them, six bits each.
const SECRET_CHARS: usize = (SECRET_BYTES * 8).div_ceil(6);
/// The alphabet of base64url (RFC 4648, section 5), without padding.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text of a token: `fgt_` and 43 characters. Nothing prints it by accident; [`secret`](Self::secret) tells it.
#[derive(Clone)]
pub struct TokenText(String);

/// SHA-256 of a token's text.
///
/// A plain hash, and no slow one: the text has 256 random bits, nobody finds it by trying.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// A text is no token's; which, and why, is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token: one has `{TOKEN_PREFIX}` and {SECRET_CHARS} characters")]
pub struct MalformedToken;

/// The system has no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes for a secret")]
pub struct NoRandomness(#[source] getrandom::Error);

impl TokenText {
    /// A token that nobody has.
    ///
    /// # Errors
    ///
    /// The system has no random bytes.
    pub fn random() -> Result<Self, NoRandomness> {
        Ok(Self::of_bytes(&random_bytes()?))
    }

    fn of_bytes(secret: &[u8; SECRET_BYTES]) -> Self {
        Self(format!("{TOKEN_PREFIX}{}", base64url(secret)))
    }

    /// The text itself: for its holder, once.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The hash by which it is known.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

/// Bytes that nobody can guess.
pub(super) fn random_bytes() -> Result<[u8; SECRET_BYTES], NoRandomness> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(NoRandomness)?;
    Ok(secret)
}

/// A secret as characters.
pub(super) fn base64url(secret: &[u8; SECRET_BYTES]) -> String {
    let mut text = String::with_capacity(SECRET_CHARS);
    for group in secret.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        // As many characters as it takes to write the group: four for three bytes, three for two.
        let sextets = (0..=group.len()).map(|place| bits >> (18 - 6 * place) & 0x3f);
        text.extend(sextets.map(|sextet| char::from(ALPHABET[sextet as usize])));
    }
    text
}

/// Whether a text is a secret as characters.
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == SECRET_CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(secret)")
    }
}

impl FromStr for TokenText {
    type Err = MalformedToken;

    /// Takes what a caller shows, of the right length and alphabet.
    fn from_str(text: &str) -> Result<Self, MalformedToken> {
        let secret = text.strip_prefix(TOKEN_PREFIX).ok_or(MalformedToken)?;
        if is_secret(secret) { Ok(Self(text.to_owned())) } else { Err(MalformedToken) }
    }
}

impl TokenHash {
    /// The bytes, for the database.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is this one, in a time that does not tell how much of it is.
    #[must_use]
    pub fn is(&self, other: &[u8; 32]) -> bool {
        self.0.ct_eq(other).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_written_as_base64url_writes_it() {
        let ascending: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).expect("32 is small"));
        let text = TokenText::of_bytes(&ascending);
        assert_eq!(text.secret(), "fgt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        assert_eq!(TokenText::of_bytes(&[0xff; 32]).secret(), format!("fgt_{}8", "_".repeat(42)));
        assert!(TokenText::of_bytes(&[0xfb; 32]).secret().starts_with("fgt_-_v7-_v7"));
    }

    #[test]
    fn tokens_differ_and_are_read_again() {
        let (one, other) = (TokenText::random().expect("random"), TokenText::random().expect("random"));
        assert_ne!(one.secret(), other.secret());
        let read: TokenText = one.secret().parse().expect("a token");
        assert!(read.hash().is(one.hash().bytes()));
        assert!(!read.hash().is(other.hash().bytes()));
    }

    #[test]
    fn a_hash_is_that_of_the_whole_text() {
        let text: TokenText = format!("fgt_{}", "A".repeat(43)).parse().expect("a token");
        // Of `sha256sum`, in two halves of 16 bytes.
        let halves =
            [0xd394_a413_8309_cd97_5b96_db69_adda_7f7d_u128, 0x556d_b890_0d56_de21_7e19_850c_c1e0_80a1];
        assert!(text.hash().is(&halves.map(u128::to_be_bytes).concat().try_into().expect("32 bytes")));
    }

    #[track_caller]
    fn malformed(text: &str) {
        assert!(text.parse::<TokenText>().is_err(), "{text}");
    }

    #[test]
    fn what_is_no_token_is_none() {
        malformed("");
        malformed("fgt_");
        malformed(&format!("fgt_{}", "A".repeat(42)));
        malformed(&format!("fgt_{}", "A".repeat(44)));
        malformed(&format!("FGT_{}", "A".repeat(43)));
        malformed(&"A".repeat(43));
        malformed(&format!("fgt_{}=", "A".repeat(42)));
        malformed(&format!("fgt_{}+", "A".repeat(42)));
        malformed(&format!("fgt_{} ", "A".repeat(42)));
        malformed(&format!("fgt_{}ü", "A".repeat(41)));
    }

    #[test]
    fn nothing_prints_a_token() {
        let token = TokenText::random().expect("random");
        let told = format!("{token:?} {:#?} {:?} {MalformedToken}", Some(&token), token.hash());
        assert!(!told.contains(&token.secret()[4..]), "{told}");
    }
}
