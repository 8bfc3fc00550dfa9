//! Whoever is signed in with a browser: a secret of its own stands for the token, for some hours.
//!
//! The browser keeps the secret, the database its hash; neither has the token, and what was begun with a token ends
//! with it.

use super::authenticator::{AuthError, Authenticator};
use super::grant::Grant;
use super::text::{NoRandomness, TokenText, base64url, is_secret, random_bytes};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// How long somebody stays signed in.
pub const SIGN_IN_HOURS: i64 = 12;

/// The secret of somebody who is signed in: 43 characters, for one browser. Nothing prints it by accident.
#[derive(Clone)]
pub struct SignInText(String);

/// A text is not of somebody who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody is signed in by this")]
pub struct MalformedSignIn;

impl SignInText {
    fn random() -> Result<Self, NoRandomness> {
        Ok(Self(base64url(&random_bytes()?)))
    }

    /// The text itself: for the browser.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for SignInText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInText(secret)")
    }
}

impl FromStr for SignInText {
    type Err = MalformedSignIn;

    fn from_str(text: &str) -> Result<Self, MalformedSignIn> {
        if is_secret(text) { Ok(Self(text.to_owned())) } else { Err(MalformedSignIn) }
    }
}

impl Authenticator {
    /// Signs somebody in who shows a token.
    ///
    /// # Errors
    ///
    /// The token is not right, the database cannot say or write, or there are no random bytes.
    pub async fn sign_in(&self, token: &str) -> Result<SignInText, AuthError> {
        let now = self.now();
        // What is known to be wrong is not looked up again.
        self.authenticate(Some(token)).await?;
        let token = token.parse::<TokenText>().map_err(|_| AuthError::Wrong)?.hash();
        let text = SignInText::random()?;
        let until = now.saturating_add(SignedDuration::from_hours(SIGN_IN_HOURS)).unwrap_or(Timestamp::MAX);
        let done = self.store().sign_in(&text.hash(), token.bytes(), now, until).await;
        if done.map_err(AuthError::Unavailable)? { Ok(text) } else { Err(AuthError::Wrong) }
    }

    /// What somebody may do who is signed in by this text.
    ///
    /// # Errors
    ///
    /// Nobody is, or not any more, or the database cannot say.
    pub async fn signed_in(&self, text: &str) -> Result<Grant, AuthError> {
        let now = self.now();
        let text: SignInText = text.parse().map_err(|_| AuthError::Wrong)?;
        let found = self.store().signed_in(&text.hash(), now).await.map_err(AuthError::Unavailable)?;
        let token = found.ok_or(AuthError::Wrong)?;
        self.note_use(&token, now);
        Ok(Grant::of_known(&token))
    }

    /// Signs somebody out; whoever was not signed in is so afterwards, too.
    ///
    /// # Errors
    ///
    /// The database cannot write.
    pub async fn sign_out(&self, text: &str) -> Result<(), AuthError> {
        let Ok(text) = text.parse::<SignInText>() else { return Ok(()) };
        self.store().sign_out(&text.hash()).await.map_err(AuthError::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_again_and_never_printed() {
        let (one, other) = (SignInText::random().expect("random"), SignInText::random().expect("random"));
        assert_ne!(one.secret(), other.secret());
        let read: SignInText = one.secret().parse().expect("a secret");
        assert_eq!(read.hash(), one.hash());
        assert!(!format!("{one:?}").contains(one.secret()));
        for wrong in ["", "short", &"A".repeat(44), &format!("{}+", "A".repeat(42))] {
            assert!(wrong.parse::<SignInText>().is_err(), "{wrong}");
        }
    }
}
