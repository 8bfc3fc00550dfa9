//! What a feed, or a whole run, came to in one word.

use serde::{Deserialize, Serialize};

/// What a feed, or a whole run, came to. The graver of two stands for both ([`Acceptance::and`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub enum Acceptance {
    /// Everything was checked and nothing found at error severity.
    #[default]
    Accepted,
    /// Nothing is known to be wrong, but not all of it could be judged.
    NotFullyChecked,
    /// Deviations at error severity; the same feed will fail again.
    Deviations,
    /// Somebody has to look first: nothing of it was applied, whatever else is wrong with it.
    Held,
    /// It could not be done; it may be tried again.
    Failed,
    /// A signal ended it before its time; it may be tried again.
    Cancelled,
}

impl Acceptance {
    /// All of them, the graver the later.
    pub const ALL: [Self; 6] =
        [Self::Accepted, Self::NotFullyChecked, Self::Deviations, Self::Held, Self::Failed, Self::Cancelled];

    /// The number under which it is published: what the program exits with, `exit_status` in reports and
    /// in the table `run`.
    #[must_use]
    pub const fn exit_status(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Deviations => 1,
            Self::Failed => 2,
            Self::Held => 3,
            Self::NotFullyChecked => 4,
            Self::Cancelled => 5,
        }
    }

    /// The one that is published under a number; anything unknown is a failure.
    #[must_use]
    pub fn of_exit_status(status: u8) -> Self {
        Self::ALL.into_iter().find(|each| each.exit_status() == status).unwrap_or(Self::Failed)
    }

    /// The word under which it is published: labels of metrics, tags of spans, columns of the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotFullyChecked => "not_fully_checked",
            Self::Held => "held",
            Self::Deviations => "deviations",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.as_str() == word)
    }

    /// What it means for a run, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Accepted => "everything was checked and accepted",
            Self::Deviations => "deviations at error severity",
            Self::Failed => "could not do all of it; see the errors above",
            Self::Held => "held for approval",
            Self::NotFullyChecked => "not fully checked",
            Self::Cancelled => "cancelled by a signal before the end",
        }
    }

    /// Both together: what could not be done outweighs what was found.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<u8> for Acceptance {
    fn from(exit_status: u8) -> Self {
        Self::of_exit_status(exit_status)
    }
}

impl From<Acceptance> for u8 {
    fn from(acceptance: Acceptance) -> Self {
        acceptance.exit_status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_its_number() {
        for each in Acceptance::ALL {
            assert_eq!(Acceptance::of_exit_status(each.exit_status()), each);
            assert_eq!(Acceptance::of_word(each.as_str()), Some(each));
        }
        assert_eq!(Acceptance::of_exit_status(77), Acceptance::Failed);
    }

    #[test]
    fn the_graver_one_stands() {
        for (at, low) in Acceptance::ALL.iter().enumerate() {
            for high in &Acceptance::ALL[at..] {
                assert_eq!((low.and(*high), high.and(*low)), (*high, *high));
            }
        }
    }
}
