//! What was checked, and how far. *Accepted* needs all of it.

use super::acceptance::Acceptance;
use std::fmt;

/// A part of the judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Well-formed XML to the last byte.
    WellFormed,
    /// Valid against the schema.
    Schema,
    /// The format's rules beyond the schema.
    Rules,
}

impl Check {
    /// Its name for people and programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WellFormed => "well-formed",
            Self::Schema => "schema",
            Self::Rules => "rules",
        }
    }
}

/// Why a check was not brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undone {
    /// The document is not well-formed from some place on, which another check has told.
    Broken,
    /// The format of the feed is not known.
    UnknownFormat,
    /// The document ends before its time: the file is to be had again.
    CutOff,
    /// The input could not be read to its end.
    Unreadable,
    /// Somebody wanted no more of it.
    Stopped,
}

impl Undone {
    /// What it makes of a feed: never an accepted one.
    const fn acceptance(self) -> Acceptance {
        match self {
            Self::Broken | Self::UnknownFormat => Acceptance::Deviations,
            Self::CutOff | Self::Unreadable => Acceptance::Failed,
            Self::Stopped => Acceptance::Cancelled,
        }
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broken => "the document could not be read to its end",
            Self::UnknownFormat => "the format of the feed is not known",
            Self::CutOff => "the document is cut off",
            Self::Unreadable => "the input could not be read to its end",
            Self::Stopped => "reading was stopped",
        })
    }
}

/// How a check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Ran over everything and found nothing at error severity.
    Passed,
    /// Ran and found errors.
    Failed,
    /// Ran, but could not judge all of it: the constructs of the schema the engine does not check.
    Partial(Vec<String>),
    /// There is nothing for it to look at, and why.
    NotApplicable(&'static str),
    /// Did not run, or not to the end, and found no error until there.
    NotDone(Undone),
}

impl CheckState {
    fn acceptance(&self) -> Acceptance {
        match self {
            Self::Passed | Self::NotApplicable(_) => Acceptance::Accepted,
            Self::Failed => Acceptance::Deviations,
            Self::Partial(_) => Acceptance::NotFullyChecked,
            Self::NotDone(why) => why.acceptance(),
        }
    }
}

/// The judgement on one feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Every check with how it went.
    pub checks: Vec<(Check, CheckState)>,
}

impl Verdict {
    /// What the checks come to: the gravest of them.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        self.checks.iter().map(|(_, state)| state.acceptance()).max().unwrap_or_default()
    }

    /// Whether the document was read to its last byte and is well-formed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.checks.contains(&(Check::WellFormed, CheckState::Passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(states: [CheckState; 3], expected: Acceptance) {
        let checks = [Check::WellFormed, Check::Schema, Check::Rules].into_iter().zip(states).collect();
        assert_eq!(Verdict { checks }.acceptance(), expected);
    }

    #[test]
    fn a_check_that_was_not_done_accepts_nothing() {
        use CheckState::{Failed, NotApplicable, NotDone, Partial, Passed};
        case([Passed, Passed, NotApplicable("no rules")], Acceptance::Accepted);
        case([Passed, Partial(Vec::new()), Passed], Acceptance::NotFullyChecked);
        case([Passed, Partial(Vec::new()), Failed], Acceptance::Deviations);
        for why in
            [Undone::Broken, Undone::UnknownFormat, Undone::CutOff, Undone::Unreadable, Undone::Stopped]
        {
            assert_ne!(why.acceptance(), Acceptance::Accepted);
            case([Passed, Passed, NotDone(why)], why.acceptance());
        }
        case([Failed, NotDone(Undone::Broken), NotDone(Undone::Broken)], Acceptance::Deviations);
        case([NotDone(Undone::Unreadable), Failed, NotDone(Undone::Unreadable)], Acceptance::Failed);
    }
}
