//! From bytes to what has dates: one reader for each form.

mod base64;
mod certificate;
mod pem;

use super::dated::Dated;
use super::judge::settled;
use super::limits::{ENTRIES_MAX, FILE_BYTES_MAX};
use super::password::Password;
use super::sight::Trouble;
use super::state::{Reason, State};

/// What a file is, and thereby its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Certificates and revocation lists in PEM, or one in DER.
    Certificates,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Certificates];

    /// The word of the inventory.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
        }
    }

    /// Endings of its files, after which a file of a folder is taken for one.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Certificates => &[".pem", ".crt", ".cer", ".cert", ".der", ".crl"],
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
        [".p12", ".pfx", ".jks", ".jceks", ".keystore", ".truststore"].iter().any(|ending| name.ends_with(ending))
    }

    /// Whether these bytes look like one, whatever the file is called.
    #[must_use]
    pub fn is_like(self, bytes: &[u8]) -> bool {
        match self {
            Self::Certificates => pem::is_pem(bytes),
        }
    }

    /// Whether files of the form are opened with a password.
    #[must_use]
    pub const fn has_password(self) -> bool {
        false
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

/// Reads a file of a form. `password` opens it, where the form has one.
pub fn read(form: Form, bytes: &[u8], password: Option<&Password>) -> Result<Reading, ReadError> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(ReadError::limit("FILE_BYTES_MAX", FILE_BYTES_MAX, "bytes"));
    }
    let _ = password;
    let reading = match form {
        Form::Certificates => pem::certificates(bytes),
    }?;
    Ok(Reading { dated: settled(reading.dated), ..reading })
}
