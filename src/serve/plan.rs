//! What the service is told: settled before it begins.

use crate::config::{Environment, ExpirySettings, ServeSettings, TraceUrl};
use crate::import::ImportPlan;
use crate::pipeline::{FeedsOptions, KnownFormat};
use crate::telemetry::Telemetry;
use std::fmt;
use std::time::Duration;

/// The environment, in which passwords of key stores may be: `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secrets(pub Environment);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

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
    /// What expires.
    pub expiry: ExpirySettings,
    /// Where passwords of it may be.
    pub secrets: Secrets,
    /// Where traces are shown.
    pub trace_url: Option<TraceUrl>,
}
