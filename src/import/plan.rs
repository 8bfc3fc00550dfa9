//! What an import is told: settled before it begins.

use crate::config::DatabaseUrl;
use crate::feed::MissingPolicy;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Whether the database is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Products are written.
    #[default]
    Write,
    /// Feeds are read and compared with the database, nothing is written.
    DryRun,
}

/// An import, settled.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// The database.
    pub database: DatabaseUrl,
    /// Whether it is changed.
    pub mode: Mode,
    /// How long the run counts as alive after its last sign of life.
    pub lease: Duration,
    /// What happens to products that a feed does not mention, by format (`onix/3.0`); formats that
    /// are not listed leave them alone.
    pub missing: BTreeMap<String, MissingPolicy>,
    /// When a transaction closes.
    pub batch: BatchLimits,
    /// Tells the time.
    pub clock: fn() -> Timestamp,
}

/// Feeds share a transaction until one of these is reached; a feed is never split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Feeds in one transaction.
    pub feeds_max: usize,
    /// Rows of `product` that one transaction writes, unless a single feed has more.
    pub products_max: u64,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { feeds_max: 25_000, products_max: 100_000 }
    }
}

impl ImportPlan {
    /// The default lease.
    pub const LEASE: Duration = Duration::from_mins(1);

    /// An import into a database, with defaults for the rest.
    #[must_use]
    pub fn new(database: DatabaseUrl) -> Self {
        Self {
            database,
            mode: Mode::Write,
            lease: Self::LEASE,
            missing: BTreeMap::new(),
            batch: BatchLimits::default(),
            clock: Timestamp::now,
        }
    }

    /// The end of a lease that begins or is renewed now.
    pub(super) fn lease_until(&self) -> Timestamp {
        (self.clock)().saturating_add(self.lease).unwrap_or(Timestamp::MAX)
    }

    /// What happens to products that a feed of this format does not mention.
    pub(super) fn missing_of(&self, format: &str) -> MissingPolicy {
        self.missing.get(format).copied().unwrap_or(MissingPolicy::Keep)
    }
}
