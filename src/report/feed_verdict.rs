//! What a feed came to, said alike in every form.
//!
//! A form that tells findings alone would let a feed look fine that was held, or was not read to its end: it tells
//! of a [`problem`](FeedVerdict::problem) as if it were a finding.

use super::escape::shown;
use crate::judgement::{Acceptance, Failure, FeedEnd, Severity};

/// A feed's acceptance, with the reason why it could not be read, if it could not.
#[derive(Clone, Debug)]
pub(super) struct FeedVerdict {
    pub(super) acceptance: Acceptance,
    failure: Option<String>,
    /// The reason is a finding as well.
    is_told: bool,
}

impl FeedVerdict {
    pub(super) fn of(end: &FeedEnd) -> Self {
        let is_told = end.failure.as_ref().is_some_and(Failure::is_told);
        Self { acceptance: end.acceptance, failure: end.failure.as_ref().map(Failure::one_line), is_told }
    }

    /// Of a feed that could not be begun.
    pub(super) fn unreadable(why: &str) -> Self {
        Self { acceptance: Acceptance::Failed, failure: Some(why.to_owned()), is_told: false }
    }

    /// In few words.
    pub(super) fn words(&self) -> &'static str {
        match self.acceptance {
            Acceptance::Accepted => "accepted",
            Acceptance::NotFullyChecked => "not fully checked",
            Acceptance::Held => "held for approval",
            Acceptance::Deviations => "deviations",
            Acceptance::Failed => "could not be read",
            Acceptance::Cancelled => "cancelled",
        }
    }

    /// Why it could not be read, if it could not.
    pub(super) fn why(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Why it could not be read, safe to show; else the words again.
    pub(super) fn reason(&self) -> String {
        self.failure.as_deref().map_or_else(|| self.words().to_owned(), shown)
    }

    /// The words, and why.
    pub(super) fn sentence(&self) -> String {
        match &self.failure {
            Some(why) => format!("{}: {}", self.words(), shown(why)),
            None => self.words().to_owned(),
        }
    }

    /// A code and a weight, when there is something to tell that no finding of the feed does.
    pub(super) fn problem(&self) -> Option<(&'static str, Severity)> {
        match self.acceptance {
            // That it is cut off is a finding already.
            Acceptance::Failed if self.is_told => None,
            Acceptance::Accepted | Acceptance::Deviations => None,
            Acceptance::NotFullyChecked => Some(("feed.not-fully-checked", Severity::Warning)),
            Acceptance::Held => Some(("feed.held", Severity::Fatal)),
            Acceptance::Failed => Some(("feed.unreadable", Severity::Fatal)),
            Acceptance::Cancelled => Some(("feed.cancelled", Severity::Fatal)),
        }
    }
}
