//! How a run ended.

use crate::import::{ImportError, ImportReport};
use crate::judgement::Failure;
use crate::pipeline::ThreadsError;
use crate::report::{ReportError, Summary};

/// Feeds that could not be read and are told one by one; all are counted.
const FAILURES_MAX: usize = 20;

/// Why a run was broken off.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database could not do its part.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// There are no threads to read with.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

/// Feeds that could not be read, while others were.
#[derive(Debug, Default)]
pub struct Failures {
    /// The first of them.
    pub first: Vec<Failure>,
    /// How many there were beyond.
    pub more: u64,
}

impl Failures {
    pub(super) fn add(&mut self, failure: &Failure) {
        if self.first.len() < FAILURES_MAX {
            self.first.push(failure.clone());
        } else {
            self.more += 1;
        }
    }

    /// All in one sentence; `None` when there are none.
    pub(super) fn sentence(&self) -> Option<String> {
        match self.first.len() as u64 + self.more {
            0 => None,
            1 => Some("one feed could not be read".to_owned()),
            count => Some(format!("{count} feeds could not be read")),
        }
    }
}

/// How a run ended, for whoever started it.
#[derive(Debug)]
pub struct Conclusion {
    /// What it came to.
    pub summary: Summary,
    /// Feeds that could not be read.
    pub failures: Failures,
    /// Reports that could not be written.
    pub unwritten: Vec<ReportError>,
    /// Why it was broken off, if it was.
    pub error: Option<RunError>,
    /// What the import did; `None` when nothing was imported, or it failed.
    pub import: Option<ImportReport>,
    /// It was stopped before its end.
    pub stopped: bool,
    /// Why it was not done, or not all of it, in a sentence.
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_max() {
        let failure = Failure { kind: "open", causes: vec!["no such file".to_owned()] };
        let mut failures = Failures::default();
        assert_eq!(failures.sentence(), None);
        (0..FAILURES_MAX).for_each(|_| failures.add(&failure));
        assert_eq!((failures.first.len(), failures.more), (FAILURES_MAX, 0));
        failures.add(&failure);
        assert_eq!((failures.first.len(), failures.more), (FAILURES_MAX, 1));
        assert_eq!(failures.sentence().as_deref(), Some("21 feeds could not be read"));
    }
}
