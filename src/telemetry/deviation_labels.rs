//! Which deviations have a series of their own: by command, format, code and severity, up to a limit.
//!
//! Labels stay for as long as the process: a series that the last run does not touch has to be set to 0, so it has to
//! be remembered, and what is remembered is bounded.

use super::names::{CODE, COMMAND, FORMAT, SEVERITY};
use crate::judgement::Severity;
use opentelemetry::KeyValue;
use std::collections::BTreeSet;

/// Combinations of command, format, code and severity told apart by one process; all others have format and code
/// `other`. Well below the 2,000 series after which the SDK lumps all together.
pub(super) const DEVIATION_SERIES_MAX: usize = 1_000;
/// Format and code of those beyond [`DEVIATION_SERIES_MAX`].
const OTHER: &str = "other";
/// Format and code of the series that is always there, so that a run without deviations says 0.
const NONE: &str = "none";

/// The labels of one series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DeviationLabel {
    pub(super) command: &'static str,
    pub(super) format: String,
    pub(super) code: &'static str,
    pub(super) severity: Severity,
}

impl DeviationLabel {
    /// The series of no deviations.
    pub(super) fn none(command: &'static str, severity: Severity) -> Self {
        Self { command, format: NONE.to_owned(), code: NONE, severity }
    }

    pub(super) fn attributes(&self) -> [KeyValue; 4] {
        [
            KeyValue::new(COMMAND, self.command),
            KeyValue::new(FORMAT, self.format.clone()),
            KeyValue::new(CODE, self.code),
            KeyValue::new(SEVERITY, self.severity.to_string()),
        ]
    }
}

/// The series that there are.
#[derive(Debug, Default)]
pub(super) struct DeviationLabels {
    labels: BTreeSet<DeviationLabel>,
    /// Those among them that are `other`: one for each command and severity at most.
    others: usize,
}

impl DeviationLabels {
    /// The series of deviations with these labels: their own, or `other`.
    pub(super) fn label(&mut self, label: DeviationLabel) -> DeviationLabel {
        if self.labels.contains(&label) {
            return label;
        }
        if self.labels.len() - self.others < DEVIATION_SERIES_MAX {
            self.labels.insert(label.clone());
            return label;
        }
        let other = DeviationLabel { format: OTHER.to_owned(), code: OTHER, ..label };
        self.others += usize::from(self.labels.insert(other.clone()));
        other
    }

    /// All series of a command.
    pub(super) fn of(&self, command: &'static str) -> Vec<DeviationLabel> {
        self.labels.iter().filter(|label| label.command == command).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(format: usize, severity: Severity) -> DeviationLabel {
        DeviationLabel { command: "import", format: format.to_string(), code: "rule.gtin", severity }
    }

    #[test]
    fn deviation_series_max() {
        let mut labels = DeviationLabels::default();
        for format in 0..DEVIATION_SERIES_MAX {
            let asked = label(format, Severity::Error);
            assert_eq!(labels.label(asked.clone()), asked);
        }
        for severity in [Severity::Error, Severity::Warning] {
            for format in [DEVIATION_SERIES_MAX, DEVIATION_SERIES_MAX + 1] {
                let other = labels.label(label(format, severity));
                assert_eq!((other.format.as_str(), other.code, other.severity), ("other", "other", severity));
            }
        }
        assert_eq!(labels.label(label(7, Severity::Error)), label(7, Severity::Error));
        assert_eq!(labels.of("import").len(), DEVIATION_SERIES_MAX + 2);
        assert!(labels.of("validate").is_empty());
    }
}
