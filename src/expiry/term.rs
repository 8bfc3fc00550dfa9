//! Until when something holds.

use jiff::Timestamp;

/// Until when something holds; the sooner is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Up to and with this second.
    Until(Timestamp),
    /// It says itself that it does not end, or ends after the year 9999 (RFC 5280, 4.1.2.5).
    Never,
}

impl Term {
    /// What a gauge says of [`Never`](Self::Never): the last second of the year 9999.
    pub const NEVER_SECOND: i64 = 253_402_300_799;

    /// The end in Unix seconds; beyond what a calendar can tell it is [`Never`](Self::Never).
    #[must_use]
    pub fn of_second(second: i64) -> Self {
        Timestamp::from_second(second).map_or(Self::Never, Self::Until)
    }

    /// The same of a count that has no sign.
    #[must_use]
    pub fn of_unsigned(second: u64) -> Self {
        i64::try_from(second).map_or(Self::Never, Self::of_second)
    }

    /// The moment, if it ends.
    #[must_use]
    pub fn moment(self) -> Option<Timestamp> {
        match self {
            Self::Until(moment) => Some(moment),
            Self::Never => None,
        }
    }

    /// Unix seconds, [`NEVER_SECOND`](Self::NEVER_SECOND) for what does not end.
    #[must_use]
    pub fn second(self) -> i64 {
        self.moment().map_or(Self::NEVER_SECOND, Timestamp::as_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_calendar_tells_never_ends() {
        assert_eq!(Term::of_unsigned(u64::MAX), Term::Never);
        assert_eq!(Term::of_second(Term::NEVER_SECOND), Term::Never);
        assert_eq!(Term::Never.second(), Term::NEVER_SECOND);
        assert_eq!(Term::of_second(1_800_000_000).second(), 1_800_000_000);
        assert!(Term::of_second(1) < Term::of_second(2) && Term::of_second(2) < Term::Never);
    }
}
