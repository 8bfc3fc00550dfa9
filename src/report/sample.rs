//! What a report keeps of equal findings: their group, and a few of them to show.

use super::{NamedFinding, TraceLink};
use crate::judgement::{Finding, GroupLimits, Groups};
use std::sync::Arc;

/// Groups of different deviations that are kept apart.
pub(super) const KINDS_MAX: usize = 10_000;
/// Deviations of all groups that are kept to be shown, however many are asked for.
const SAMPLES_MAX: usize = 100_000;

/// One deviation of a group, with its feed.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Name of the feed.
    pub(super) feed: Arc<str>,
    /// The deviation.
    pub(super) finding: Finding,
    /// Where to see its record.
    pub(super) link: Option<TraceLink>,
}

impl Sample {
    pub(super) fn of(told: &NamedFinding<'_>) -> Self {
        let feed = Arc::clone(&told.feed.name);
        Self { feed, finding: told.finding.clone(), link: told.link.cloned() }
    }
}

/// No group yet, and of each so many samples, at least one.
pub(super) fn groups(kinds_max: usize, samples: usize) -> Groups<Sample> {
    Groups::new(GroupLimits { kinds_max, samples_per_kind_max: samples.max(1), samples_max: SAMPLES_MAX })
}
