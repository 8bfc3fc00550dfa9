//! From bytes to what has dates: one reader for each form.

mod base64;
mod certificate;
mod der;
mod java;
mod jks;
mod json;
mod ocsp;
mod openssh;
mod pem;
mod pgp;
mod pkcs12;
mod pkcs7;
mod saml;
#[cfg(test)]
mod tests;

use super::dated::Dated;
use super::judge::settled;
use super::limits::{ENTRIES_MAX, FILE_BYTES_MAX};
use super::password::Password;
use super::sight::Trouble;
use super::state::{Reason, State};
use jiff::Timestamp;

/// What a file is, and thereby its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Certificates and revocation lists in PEM, or one in DER.
    Certificates,
    /// A bundle of certificates, PKCS#7.
    Pkcs7,
    /// A key store, PKCS#12.
    Pkcs12,
    /// A key store of Java, JKS or JCEKS.
    Jks,
    /// Certificates of OpenSSH.
    Openssh,
    /// Public keys of `OpenPGP`.
    Pgp,
    /// Revocation lists in PEM, or one in DER.
    Crl,
    /// A response of OCSP.
    Ocsp,
    /// Metadata of SAML.
    Saml,
    /// Key sets (JWKS) and tokens (JWT).
    Jwks,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Certificates,
        Self::Pkcs7,
        Self::Pkcs12,
        Self::Jks,
        Self::Openssh,
        Self::Pgp,
        Self::Crl,
        Self::Ocsp,
        Self::Saml,
        Self::Jwks,
    ];

    /// The word of the inventory.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Jks => "jks",
            Self::Openssh => "openssh",
            Self::Pgp => "pgp",
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
            Self::Saml => "saml",
            Self::Jwks => "jwks",
        }
    }

    /// Endings of its files, after which a file of a folder is taken for one.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Certificates => &[".pem", ".crt", ".cer", ".cert", ".der", ".crl"],
            Self::Pkcs7 => &[".p7b", ".p7c", ".p7s", ".spc"],
            Self::Pkcs12 => &[".p12", ".pfx", ".pkcs12"],
            Self::Jks => &[".jks", ".jceks", ".keystore", ".truststore", ".ks"],
            Self::Openssh => &["-cert.pub"],
            Self::Pgp => &[".asc", ".gpg", ".pgp"],
            Self::Crl => &[".crl"],
            Self::Ocsp => &[".ocsp", ".ors"],
            Self::Saml => &[".xml"],
            Self::Jwks => &[".json", ".jwks", ".jwt"],
        }
    }

    /// Whether a file with this name, in small letters, is taken for one of the form.
    #[must_use]
    pub fn is_named(self, name: &str) -> bool {
        self.endings().iter().any(|ending| name.ends_with(ending))
    }

    /// Whether a file with this name, in small letters, is taken for a key store.
    #[must_use]
    pub fn is_store_named(name: &str) -> bool {
        Self::Pkcs12.is_named(name) || Self::Jks.is_named(name)
    }

    /// Whether these bytes look like one, whatever the file is called.
    #[must_use]
    pub fn is_like(self, bytes: &[u8]) -> bool {
        match self {
            Self::Certificates | Self::Crl => pem::is_pem(bytes),
            Self::Jks => jks::is_jks(bytes),
            Self::Openssh => openssh::is_openssh(bytes),
            Self::Pgp => pgp::is_pgp(bytes),
            Self::Saml => saml::is_saml(bytes),
            Self::Pkcs7 | Self::Pkcs12 | Self::Ocsp | Self::Jwks => false,
        }
    }

    /// Whether files of the form are opened with a password.
    #[must_use]
    pub const fn has_password(self) -> bool {
        matches!(self, Self::Pkcs12 | Self::Jks)
    }
}

/// Why bytes cannot be read. Of a password, and of what is behind it, it says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// They are not of the form.
    #[error("this is no {expected}: {why}")]
    Malformed {
        /// What they should be.
        expected: &'static str,
        /// What is wrong with them.
        why: String,
    },
    /// The password does not open them.
    #[error("the password does not open it: check `password_file` or `password_env`")]
    WrongPassword,
    /// They hold more than is looked at.
    #[error("it holds more than {max} {what} (`{limit}`), as no file does that is meant")]
    Limit {
        /// The name of the limit.
        limit: &'static str,
        /// The limit.
        max: u64,
        /// What it counts.
        what: &'static str,
    },
    /// They are made in a way that is not known here.
    #[error("{0} is not known here: have it made in another way")]
    Unknown(String),
}

impl ReadError {
    #[expect(clippy::needless_pass_by_value, reason = "errors that nobody else wants, and texts")]
    pub(super) fn malformed(expected: &'static str, why: impl ToString) -> Self {
        Self::Malformed { expected, why: why.to_string() }
    }

    pub(super) fn limit(limit: &'static str, max: u64, what: &'static str) -> Self {
        Self::Limit { limit, max, what }
    }

    /// What it means for the thing.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let (state, reason) = match self {
            Self::Malformed { .. } | Self::Unknown(_) => (State::Unreadable, Reason::Form),
            Self::WrongPassword => (State::WrongPassword, Reason::Password),
            Self::Limit { .. } => (State::Unreadable, Reason::Limit),
        };
        Trouble::new(state, reason, self.to_string())
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What has dates.
    pub dated: Vec<Dated>,
    /// Parts that cannot be read, with their place in the file.
    pub faults: Vec<(String, ReadError)>,
}

impl Reading {
    /// One more entry, unless there are too many.
    fn push(&mut self, dated: Dated) -> Result<(), ReadError> {
        self.room()?;
        self.dated.push(dated);
        Ok(())
    }

    /// One more part that cannot be read.
    fn fault(&mut self, place: String, error: ReadError) -> Result<(), ReadError> {
        self.room()?;
        self.faults.push((place, error));
        Ok(())
    }

    fn room(&self) -> Result<(), ReadError> {
        if self.dated.len() + self.faults.len() >= ENTRIES_MAX {
            return Err(ReadError::limit("ENTRIES_MAX", ENTRIES_MAX as u64, "entries"));
        }
        Ok(())
    }
}

/// What is known of a file beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What opens it, where the form has a password.
    pub password: Option<&'a Password>,
    /// When it was fetched or written.
    pub fetched: Option<Timestamp>,
}

/// Reads a file of a form.
pub fn read(form: Form, bytes: &[u8], known: Known<'_>) -> Result<Reading, ReadError> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(ReadError::limit("FILE_BYTES_MAX", FILE_BYTES_MAX, "bytes"));
    }
    let reading = match form {
        Form::Certificates => pem::certificates(bytes),
        Form::Pkcs7 => pkcs7::bundle(bytes),
        Form::Pkcs12 => pkcs12::store(bytes, known.password),
        Form::Jks => jks::store(bytes, known.password),
        Form::Openssh => openssh::certificates(bytes),
        Form::Pgp => pgp::keys(bytes),
        Form::Crl => pem::lists(bytes),
        Form::Ocsp => ocsp::response(bytes),
        Form::Saml => saml::metadata(bytes, known.fetched),
        Form::Jwks => json::keys(bytes),
    }?;
    Ok(Reading { dated: settled(reading.dated), ..reading })
}

/// Reads certificates that came one by one, as an endpoint serves them.
#[must_use]
pub fn read_chain(chain: &[Vec<u8>]) -> Reading {
    let mut reading = Reading::default();
    for (index, der) in chain.iter().enumerate() {
        match certificate::certificate(der) {
            Ok(dated) => reading.dated.push(dated),
            Err(error) => reading.faults.push((format!("certificate {}", index + 1), error)),
        }
    }
    Reading { dated: settled(reading.dated), ..reading }
}
