//! What an import is told: settled before it begins.

use crate::config::DatabaseUrl;
use crate::feed::MissingPolicy;
use crate::judgement::FeedStart;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of a sender's name or identifier at most: an index of any database has room for it and a record reference.
const SOURCE_BYTES_MAX: usize = 1_000;

/// Whether the database is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Products are written.
    #[default]
    Write,
    /// Feeds are read and compared with the database, nothing is written.
    DryRun,
}

/// What happens to messages that are older than what was applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OldNews {
    /// They are held.
    #[default]
    Hold,
    /// They are applied, but for products that a newer message has changed.
    Accept,
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
    /// What happens to messages that are older than what was applied.
    pub old_news: OldNews,
    /// Whose products all feeds bring, whatever their headers say.
    pub source: Option<String>,
    /// Names of senders, or identifiers with their scheme, and the source they mean.
    pub aliases: BTreeMap<String, String>,
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
            old_news: OldNews::Hold,
            source: None,
            aliases: BTreeMap::new(),
            batch: BatchLimits::default(),
            clock: Timestamp::now,
        }
    }

    /// Whose products a feed brings: by the sender's identifier before its name, since names change. What is
    /// longer than [`SOURCE_BYTES_MAX`] names nobody.
    pub(super) fn source_of(&self, start: &FeedStart) -> Option<String> {
        if let Some(source) = &self.source {
            return Some(source.clone());
        }
        let name = start.sender.as_ref().map(|name| name.trim()).filter(|name| !name.is_empty());
        let said = start.sender_ids.iter().map(String::as_str).chain(name);
        let mut said = said.filter(|said| said.len() <= SOURCE_BYTES_MAX).peekable();
        let first = said.peek().map(|first| (*first).to_owned());
        said.find_map(|said| self.aliases.get(said).cloned()).or(first)
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
