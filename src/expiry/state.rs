//! How a thing stands, in one word.

use std::fmt;

/// How a thing stands. What needs a hand first is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Valid for longer than any threshold.
    Ok,
    /// Its end is within the first threshold.
    Warning,
    /// Its end is within the second threshold.
    Critical,
    /// Its time has not come yet.
    NotYetValid,
    /// Nothing that expires was found where it was looked for.
    NothingFound,
    /// The endpoint does not answer.
    Unreachable,
    /// It is there and cannot be read.
    Unreadable,
    /// The password does not open it.
    WrongPassword,
    /// It is not what it should be: another certificate, another host, no chain to what is trusted.
    Mismatch,
    /// It has ended.
    Expired,
}

impl State {
    /// All of them, what needs a hand first behind.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Warning,
        Self::Critical,
        Self::NotYetValid,
        Self::NothingFound,
        Self::Unreachable,
        Self::Unreadable,
        Self::WrongPassword,
        Self::Mismatch,
        Self::Expired,
    ];

    /// The word under which it is published: a label of metrics, a field of JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::NotYetValid => "not_yet_valid",
            Self::NothingFound => "nothing_found",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::WrongPassword => "wrong_password",
            Self::Mismatch => "mismatch",
            Self::Expired => "expired",
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotYetValid => "not yet valid",
            Self::NothingFound => "nothing found",
            Self::WrongPassword => "wrong password",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// Why a thing is not ok, for programs; the sentence beside it is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The dates of an item.
    Date,
    /// Nobody has confirmed the date for too long.
    Confirmation,
    /// The bytes are not of the form.
    Form,
    /// A limit was met.
    Limit,
    /// The password.
    Password,
    /// The file or folder is not there, or may not be read.
    File,
    /// There is nothing in it that expires.
    Nothing,
    /// It is there and says no end.
    Undated,
    /// No connection, or none in time.
    Connection,
    /// The other side does not speak TLS as it should.
    Protocol,
    /// What is served is not what is stored.
    Stored,
    /// What is served leads to nothing that is trusted.
    Chain,
    /// What is served is for another host.
    HostName,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Date,
        Self::Confirmation,
        Self::Form,
        Self::Limit,
        Self::Password,
        Self::File,
        Self::Nothing,
        Self::Undated,
        Self::Connection,
        Self::Protocol,
        Self::Stored,
        Self::Chain,
        Self::HostName,
    ];

    /// The word under which it is published.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Confirmation => "confirmation",
            Self::Form => "form",
            Self::Limit => "limit",
            Self::Password => "password",
            Self::File => "file",
            Self::Nothing => "nothing",
            Self::Undated => "undated",
            Self::Connection => "connection",
            Self::Protocol => "protocol",
            Self::Stored => "stored",
            Self::Chain => "chain",
            Self::HostName => "host_name",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn states_are_in_order_and_every_word_is_its_own() {
        assert!(State::ALL.is_sorted());
        assert_eq!(
            State::ALL.map(State::as_str).into_iter().collect::<BTreeSet<_>>().len(),
            State::ALL.len()
        );
        assert_eq!(
            State::ALL.map(State::words).into_iter().max_by_key(|words| words.len()).map(str::len),
            Some(14)
        );
        let reasons: BTreeSet<_> = Reason::ALL.map(Reason::as_str).into_iter().collect();
        assert_eq!(reasons.len(), Reason::ALL.len());
    }
}
