//! Colour, or none.

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
    #[must_use]
    pub fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Notice => "1;36",
            Severity::Warning => "1;33",
            Severity::Error | Severity::Fatal => "1;31",
        };
        self.wrap(code, &severity.to_string())
    }

    /// What the eye should find.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What may step back.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// What draws attention without alarm.
    #[must_use]
    pub fn notice(self, text: &str) -> String {
        self.wrap("1;33", text)
    }

    /// What was there before.
    #[must_use]
    pub fn went(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// What is there now.
    #[must_use]
    pub fn came(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// The mark below an excerpt.
    #[must_use]
    pub fn mark(self, text: &str) -> String {
        self.wrap("1;31", text)
    }
}
