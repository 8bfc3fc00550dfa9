//! What was checked, and how far: of one feed that was just judged, and of a run by its stored summary.

use crate::judgement::{self, CheckState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was checked, and how far.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Every check with how it went; none where nothing could be begun.
    pub(super) checks: Vec<Check>,
}

/// A part of the judgement.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "as reports say it")]
pub(super) struct Check {
    /// `well-formed`, `schema` or `rules`.
    #[schema(example = "schema")]
    pub(super) check: String,
    /// How it went; of several feeds, the gravest.
    pub(super) state: CheckWord,
    /// What was not checked, or why.
    pub(super) parts: Vec<String>,
}

/// How a check went.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckWord {
    /// Ran over everything, and found nothing at error severity.
    Passed,
    /// Ran, and found errors.
    Failed,
    /// Could not judge all of it.
    Partial,
    /// There was nothing for it to look at.
    Skipped,
    /// Was not brought to its end.
    NotDone,
}

impl From<&judgement::Verdict> for Verdict {
    fn from(verdict: &judgement::Verdict) -> Self {
        Self { checks: verdict.checks.iter().map(|(check, state)| Check::of(*check, state)).collect() }
    }
}

impl Check {
    fn of(check: judgement::Check, state: &CheckState) -> Self {
        let (state, parts) = match state {
            CheckState::Passed => (CheckWord::Passed, Vec::new()),
            CheckState::Failed => (CheckWord::Failed, Vec::new()),
            CheckState::Partial(constructs) => (CheckWord::Partial, constructs.clone()),
            CheckState::NotApplicable(why) => (CheckWord::Skipped, vec![(*why).to_owned()]),
            CheckState::NotDone(why) => (CheckWord::NotDone, vec![why.to_string()]),
        };
        Self { check: check.as_str().to_owned(), state, parts }
    }
}

/// The summary that is stored with a run: the last line of its report for programs.
#[derive(Deserialize)]
struct Summary {
    checks: Vec<CheckCounts>,
    unchecked: Vec<String>,
}

#[derive(Deserialize)]
struct CheckCounts {
    check: String,
    passed: u64,
    failed: u64,
    partial: u64,
    not_done: u64,
}

impl Verdict {
    /// The verdict in the stored summary of a run; `None` when it has none.
    pub(super) fn of_summary(summary: &str) -> Option<Self> {
        let Summary { checks, unchecked } = serde_json::from_str(summary).ok()?;
        Some(Self { checks: checks.into_iter().map(|counts| counts.told(&unchecked)).collect() })
    }
}

impl CheckCounts {
    fn told(self, unchecked: &[String]) -> Check {
        let state = self.state();
        let parts = if self.partial > 0 { unchecked.to_vec() } else { Vec::new() };
        Check { check: self.check, state, parts }
    }

    fn state(&self) -> CheckWord {
        match self {
            Self { failed: 1.., .. } => CheckWord::Failed,
            Self { not_done: 1.., .. } => CheckWord::NotDone,
            Self { partial: 1.., .. } => CheckWord::Partial,
            Self { passed: 1.., .. } => CheckWord::Passed,
            _ => CheckWord::Skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn case(counts: [u64; 5], expected: &str) {
        let [passed, failed, partial, skipped, not_done] = counts;
        let summary = json!({"checks": [{"check": "schema", "passed": passed, "failed": failed, "partial": partial,
            "skipped": skipped, "not_done": not_done}], "unchecked": ["assert"]});
        let verdict = Verdict::of_summary(&summary.to_string()).expect("a summary");
        let told = serde_json::to_value(&verdict).expect("JSON");
        assert_eq!(told["checks"][0]["state"], expected);
        assert_eq!(told["checks"][0]["parts"].as_array().map(Vec::len), Some(usize::from(partial > 0)));
    }

    #[test]
    fn of_several_feeds_the_gravest_counts() {
        case([1, 0, 0, 0, 0], "passed");
        case([1, 0, 0, 1, 0], "passed");
        case([0, 0, 0, 1, 0], "skipped");
        case([1, 0, 1, 0, 0], "partial");
        case([1, 0, 1, 0, 1], "not_done");
        case([1, 1, 1, 0, 1], "failed");
        assert!(Verdict::of_summary("{}").is_none());
    }
}
