//! Something with dates, as it was read.

use super::chain::Role;
use super::limits::NAME_CHARS_MAX;
use super::term::Term;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of a public key as a certificate holds it, algorithm and all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// That of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Something with dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// What it is among those it came with.
    pub role: Role,
    /// What it calls itself: a subject, an alias, a key id; cut to [`NAME_CHARS_MAX`].
    pub name: String,
    /// Its number, as whoever has issued it counts.
    pub serial: Option<String>,
    /// From when it holds.
    pub from: Option<Timestamp>,
    /// Until when; `None` when it says no end and should.
    pub until: Option<Term>,
    /// Its public key.
    pub key: Option<KeyDigest>,
    /// SHA-256 of the whole, of a certificate.
    pub digest: Option<KeyDigest>,
    /// Who has issued it and who it is, as digests of the names; links a chain.
    pub(super) link: Option<Link>,
}

/// What links a certificate to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) subject: KeyDigest,
    pub(super) issuer: KeyDigest,
    /// It says itself that it may issue others.
    pub(super) issues: bool,
}

impl Dated {
    /// Something of this role and name, without dates.
    #[must_use]
    pub fn new(role: Role, name: &str) -> Self {
        Self {
            role,
            name: shortened(name),
            serial: None,
            from: None,
            until: None,
            key: None,
            digest: None,
            link: None,
        }
    }

    /// Whether it is the certificate with these bytes.
    #[must_use]
    pub fn is_of(&self, der: &[u8]) -> bool {
        self.digest == Some(KeyDigest::of(der))
    }

    /// The same under another name.
    pub(super) fn named(self, name: &str) -> Self {
        Self { name: shortened(name), ..self }
    }

    /// The same with this end.
    #[must_use]
    pub fn until(self, until: Term) -> Self {
        Self { until: Some(until), ..self }
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME_CHARS_MAX).collect()
}
