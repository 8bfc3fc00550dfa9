//! What an import is told: settled before it begins.

use super::held::Release;
use crate::config::DatabaseUrl;
use crate::config::{DriftSettings, GuardSettings};
use crate::feed::Unavailable;
use crate::judgement::{Coverage, FeedStart};
use crate::product::SOURCE_CHARS_MAX;
use crate::store::{Decision, KEPT_RUNS};
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
    /// The same for a run that was [begun](super::Begun): what was found is stored with it, and nothing else.
    Check,
}

impl Mode {
    /// Whether products are written.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Write)
    }
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

/// What the profile of a format says about what its feeds do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormatRules {
    /// Whether they are full.
    pub feeds: Option<Coverage>,
    /// By what a product says that it cannot be had.
    pub unavailable: Unavailable,
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
    /// What the profiles of formats say, by format (`onix/3.0`).
    pub formats: BTreeMap<String, FormatRules>,
    /// What is too much to be applied before somebody has looked, and whether feeds are full.
    pub guard: GuardSettings,
    /// What is done about feeds that are not as those before them.
    pub drift: DriftSettings,
    /// How long held feeds are kept.
    pub held_keep: Duration,
    /// The held feed that is let in, when this import is for that.
    pub release: Option<Release>,
    /// What happens to messages that are older than what was applied.
    pub old_news: OldNews,
    /// Whose products all feeds bring, whatever their headers say.
    pub source: Option<String>,
    /// Whether it is told that a header names somebody else: whoever says a source by hand may have slipped.
    pub doubts_source: bool,
    /// Names of senders, or identifiers with their scheme, and the source they mean.
    pub aliases: BTreeMap<String, String>,
    /// Digest of the program and of all settings that decide what feeds tell; with it, what imported ones tell is kept,
    /// and known by their bytes.
    pub judged_with: Option<String>,
    /// Who lets a held feed in, replays or rolls back, and why: written down with each deed.
    pub decision: Option<Decision>,
    /// How many runs can be rolled back, this one among them.
    pub kept_runs: u32,
    /// How much may be refused and kept.
    pub quarantine: QuarantineLimits,
    /// When a transaction closes.
    pub batch: BatchLimits,
    /// Tells the time.
    pub clock: fn() -> Timestamp,
}

/// How much may lie in quarantine; beyond, a feed is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarantineLimits {
    /// Refused records of one feed.
    pub feed_max: u64,
    /// Refused records of one source that wait.
    pub source_max: u64,
}

impl Default for QuarantineLimits {
    fn default() -> Self {
        Self { feed_max: 100_000, source_max: 1_000_000 }
    }
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
    /// How long held feeds are kept by default.
    pub const HELD_KEEP: Duration = Duration::from_hours(14 * 24);

    /// An import into a database, with defaults for the rest.
    #[must_use]
    pub fn new(database: DatabaseUrl) -> Self {
        Self {
            database,
            mode: Mode::Write,
            lease: Self::LEASE,
            formats: BTreeMap::new(),
            guard: GuardSettings::default(),
            drift: DriftSettings::default(),
            held_keep: Self::HELD_KEEP,
            release: None,
            old_news: OldNews::Hold,
            source: None,
            doubts_source: false,
            aliases: BTreeMap::new(),
            judged_with: None,
            decision: None,
            kept_runs: KEPT_RUNS,
            quarantine: QuarantineLimits::default(),
            batch: BatchLimits::default(),
            clock: Timestamp::now,
        }
    }

    /// Whose products a feed brings: by the sender's identifier before its name, since names change. What is
    /// longer than [`SOURCE_CHARS_MAX`] names nobody.
    #[must_use]
    pub fn source_of(&self, start: &FeedStart) -> Option<String> {
        self.source.clone().or_else(|| self.said_by(start))
    }

    /// Whom the header names, where the feed counts for somebody else and that is to be told.
    pub(super) fn doubt(&self, start: &FeedStart) -> Option<String> {
        let asked = self.source.as_ref().filter(|_| self.doubts_source)?;
        self.said_by(start).filter(|said| said != asked)
    }

    /// Whose products a feed brings by its header alone.
    #[must_use]
    pub fn said_by(&self, start: &FeedStart) -> Option<String> {
        let name = start.sender.as_ref().map(|name| name.trim()).filter(|name| !name.is_empty());
        let said = start.sender_ids.iter().map(String::as_str).chain(name);
        let mut said = said.filter(|said| said.chars().count() <= SOURCE_CHARS_MAX).peekable();
        let first = said.peek().map(|first| (*first).to_owned());
        said.find_map(|said| self.aliases.get(said).cloned()).or(first)
    }

    /// The end of a lease that begins or is renewed now.
    #[must_use]
    pub fn lease_until(&self) -> Timestamp {
        (self.clock)().saturating_add(self.lease).unwrap_or(Timestamp::MAX)
    }

    /// Whether feeds of a source in this format are full: as settings say, then the format's profile.
    #[must_use]
    pub fn coverage_of(&self, source: &str, format: &str) -> Option<Coverage> {
        let profile = self.formats.get(format).and_then(|rules| rules.feeds);
        self.guard.feeds(source, format).or(profile)
    }

    /// By what a product of this format says that it cannot be had.
    pub(super) fn unavailable_of(&self, format: &str) -> Unavailable {
        self.formats.get(format).map(|rules| rules.unavailable.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_chars_max() {
        let plan = ImportPlan::new("sqlite://shop.db".parse().expect("an address"));
        let named = |sender: String| {
            plan.source_of(&FeedStart { sender: Some(sender), ..FeedStart::default() }).is_some()
        };
        for letter in ["a", "ü", "楽", "🎼"] {
            assert!(named(letter.repeat(SOURCE_CHARS_MAX)));
            assert!(!named(letter.repeat(SOURCE_CHARS_MAX + 1)));
        }
    }
}
