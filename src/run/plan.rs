//! What a run is told: settled before it begins.

use crate::import::{Begun, ImportPlan};
use crate::pipeline::{FeedsOptions, Plans};
use crate::source::FeedSource;
use std::sync::Arc;

/// What is done with feeds whose very bytes were imported before, judged by the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownFeeds {
    /// They are told as they were then.
    #[default]
    Told,
    /// They are read all the same.
    Read,
}

/// A run, settled.
pub struct RunPlan {
    /// The feeds, in the order in which they are told.
    pub feeds: Vec<FeedSource>,
    /// What they are judged by.
    pub plans: Arc<dyn Plans>,
    /// How they are read, and what stops it.
    pub reading: FeedsOptions,
    /// Where accepted records go; `None` when nothing is imported.
    pub import: Option<ImportPlan>,
    /// The run in the database, when whoever starts it has begun it there, keeps it alive and ends it. When it is
    /// stopped, nothing of it is imported.
    pub begun: Option<Begun>,
    /// What is done with feeds that are known, when something is imported.
    pub known: KnownFeeds,
}
