//! Exact counts, kept apart from samples; merged over feeds.

use super::acceptance::Acceptance;
use super::finding::Severity;
use std::collections::BTreeMap;

/// Counts of one feed or of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Feeds read.
    pub feeds: u64,
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records accepted: imported, unchanged, amended or withdrawn later.
    pub accepted: u64,
    /// Records refused.
    pub refused: u64,
    /// Accepted records of which nothing came, because the shop has a newer version.
    pub stale: u64,
    /// Findings by code and severity, exact even when samples are cut.
    pub findings: BTreeMap<(&'static str, Severity), u64>,
}

impl Tally {
    /// Adds another feed's counts.
    pub fn merge(&mut self, other: &Self) {
        self.feeds += other.feeds;
        self.bytes += other.bytes;
        self.records += other.records;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.stale += other.stale;
        for (key, count) in &other.findings {
            *self.findings.entry(*key).or_default() += count;
        }
    }

    /// What the findings alone come to.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        let wrong =
            self.refused > 0 || self.findings.keys().any(|(_, severity)| *severity >= Severity::Error);
        if wrong { Acceptance::Deviations } else { Acceptance::Accepted }
    }

    /// Number of findings at this severity.
    #[must_use]
    pub fn at(&self, severity: Severity) -> u64 {
        self.findings.iter().filter(|((_, each), _)| *each == severity).map(|(_, count)| count).sum()
    }
}
