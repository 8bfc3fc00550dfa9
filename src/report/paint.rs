//! Colour, or none.

use crate::expiry::State;
use crate::judgement::Severity;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// With the colours of the terminal's theme.
    Colored,
    /// As it is.
    Plain,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Colored => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Plain => text.to_owned(),
        }
    }

    /// The severity in its colour.
    pub(super) fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Notice => "1;36",
            Severity::Warning => "1;33",
            Severity::Error | Severity::Fatal => "1;31",
        };
        self.wrap(code, &severity.to_string())
    }

    /// The state of a thing that expires, in its colour; `text` is how it is written.
    pub(super) fn state(self, state: State, text: &str) -> String {
        let code = match state {
            State::Ok => "32",
            State::Warning | State::NotYetValid => "1;33",
            _ => "1;31",
        };
        self.wrap(code, text)
    }

    /// What the eye should find.
    pub(super) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What may step back.
    pub(super) fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// What draws attention without alarm.
    pub(super) fn notice(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    /// What was there before.
    pub(super) fn went(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// What is there now.
    pub(super) fn came(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// The mark below an excerpt.
    pub(super) fn mark(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
}
