//! What was checked, skipped or failed. *Valid* needs all of it.

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

/// How a check went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Ran over everything and found nothing at error severity.
    Passed,
    /// Ran and found errors.
    Failed,
    /// Ran, but could not judge all of it: the constructs of the schema the engine does not check.
    Partial(Vec<String>),
    /// Did not run, and why.
    Skipped(String),
}

/// The judgement on one feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Every check with how it went.
    pub checks: Vec<(Check, CheckState)>,
}

impl Verdict {
    /// Exit status: 0 accepted, 1 deviations at error severity, 4 not fully checked.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let any = |wanted: fn(&CheckState) -> bool| self.checks.iter().any(|(_, state)| wanted(state));
        if any(|state| matches!(state, CheckState::Failed)) {
            1
        } else if any(|state| matches!(state, CheckState::Partial(_))) {
            4
        } else {
            0
        }
    }
}
