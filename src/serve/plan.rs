//! What the service is told: settled before it begins.

use crate::config::{ServeSettings, TraceUrl};
use crate::import::ImportPlan;
use crate::pipeline::{FeedsOptions, KnownFormat};
use crate::telemetry::Telemetry;
use std::time::Duration;

/// A service, settled.
#[derive(Debug)]
pub struct ServePlan {
    /// Where it listens, and its limits.
    pub settings: ServeSettings,
    /// How feeds are imported: database, lease, guard.
    pub import: ImportPlan,
    /// How they are read.
    pub reading: FeedsOptions,
    /// The formats.
    pub formats: Vec<KnownFormat>,
    /// Samples of each group in text and page.
    pub samples: usize,
    /// Hears of requests and runs.
    pub telemetry: Telemetry,
    /// Of how many applied feeds of each source the bytes are kept.
    pub versions_keep: u32,
    /// How long reports and submissions are kept after the end of their run; so long the same is known again.
    pub keep: Duration,
    /// Where traces are shown.
    pub trace_url: Option<TraceUrl>,
}
