//! The guard: what a feed would do to the shop, held against limits before it does.
//!
//! ```text
//!  records ──▶ Changes, counted one by one ─┐
//!  the shop before ──▶ Before ──────────────┼──▶ exceeded: limits, each with its count and its base
//!  settings ──▶ GuardLimits ────────────────┘
//! ```
//!
//! A limit is a share *and* a number that is never held, so that a small sender may change all it has. Feeds of one run
//! that speak of less than half of a sender's products are counted together: what twenty files do is no smaller than
//! what one does. A sender who has nothing in the shop yet may bring what it likes, unless too much of it is refused.

use crate::config::{GuardLimit, GuardLimits};
use crate::judgement::Coverage;
use crate::store::Usual;
use serde::{Deserialize, Serialize};

/// What feeds do to the shop, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Records read.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
    /// Products that are new.
    pub created: u64,
    /// Products that are not what they were.
    pub updated: u64,
    /// Products withdrawn, said so or missing from a full feed.
    pub withdrawn: u64,
    /// Withdrawn products that are brought back, among those updated.
    pub revived: u64,
    /// Products that could be had, and cannot be had any more.
    pub unavailable: u64,
    /// Products of which any price changes.
    pub prices: u64,
    /// Products of which a price goes up or down by more than the factor.
    pub price_jumps: u64,
    /// Products that get a title which others get, too.
    pub same_titles: u64,
}

impl Changes {
    /// Those of both.
    #[must_use]
    pub(super) fn and(self, other: &Self) -> Self {
        Self {
            records: self.records + other.records,
            refused: self.refused + other.refused,
            created: self.created + other.created,
            updated: self.updated + other.updated,
            withdrawn: self.withdrawn + other.withdrawn,
            revived: self.revived + other.revived,
            unavailable: self.unavailable + other.unavailable,
            prices: self.prices + other.prices,
            price_jumps: self.price_jumps + other.price_jumps,
            same_titles: self.same_titles + other.same_titles,
        }
    }

    /// Records that bring something new, or are refused.
    fn news(&self, unchanged: u64) -> u64 {
        self.records.saturating_sub(unchanged)
    }

    /// How many products stand after them, of so many.
    pub(super) fn standing_after(&self, live: u64) -> u64 {
        (live + self.created + self.revived).saturating_sub(self.withdrawn)
    }
}

/// What stood before a feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before<'a> {
    /// Products of the source that stood before the changes.
    pub(super) base: u64,
    /// Those that stand now.
    pub(super) live: u64,
    /// Nothing stood when the run began.
    pub(super) is_first: bool,
    /// What its full feeds usually bring.
    pub(super) usual: Option<&'a Usual>,
}

/// What can be too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardKind {
    /// A full feed has no records.
    Empty,
    /// It has far fewer records than usual.
    SizeMin,
    /// It has far more records than usual.
    SizeMax,
    /// Feed by feed, far fewer products are left than stood after the last full ones.
    Shrunk,
    /// Products withdrawn.
    Withdraw,
    /// Products that become unavailable.
    Unavailable,
    /// Products whose prices change.
    Price,
    /// Prices that change by more than a factor.
    PriceJump,
    /// Records refused.
    Refused,
    /// Products changed.
    Update,
    /// Products added.
    Create,
    /// Products that get the same title.
    SameTitle,
    /// Drifts for which a setting says that somebody has to look first.
    Drift,
}

/// A limit that a feed exceeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exceeded {
    /// What is too much.
    pub kind: GuardKind,
    /// How much it is.
    pub count: u64,
    /// Of how many.
    pub base: u64,
    /// The limit, as settings write it.
    pub limit: String,
}

impl Exceeded {
    /// What the feed would do, to be said of it: `would withdraw 812 of 1000 products`.
    #[must_use]
    pub fn predicate(&self) -> String {
        let Self { kind, count, base, .. } = self;
        match kind {
            GuardKind::Empty => "has no records".to_owned(),
            GuardKind::SizeMin | GuardKind::SizeMax => {
                format!("has {count} records where {base} are usual")
            }
            GuardKind::Shrunk => {
                format!("would leave {count} of the {base} products that stood after the last full feeds")
            }
            GuardKind::Withdraw => format!("would withdraw {count} of {base} products"),
            GuardKind::Unavailable => format!("would make {count} of {base} products unavailable"),
            GuardKind::Price => format!("would change the prices of {count} of {base} products"),
            GuardKind::PriceJump => {
                format!("would raise or cut prices of {count} of {base} products beyond the factor allowed")
            }
            GuardKind::Refused => format!("has {count} of {base} records refused"),
            GuardKind::Update => format!("would change {count} of {base} products"),
            GuardKind::Create => format!("would add {count} products to {base}"),
            GuardKind::SameTitle => {
                format!("would give {count} of {base} products a title that others get, too")
            }
            GuardKind::Drift if *count == 1 => "shows a drift".to_owned(),
            GuardKind::Drift => format!("shows {count} drifts"),
        }
    }

    /// What the feed would do, and what is allowed, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.setting() {
            Some(setting) if self.kind == GuardKind::Drift => {
                format!("it {}; `{setting}` is {}", self.predicate(), self.limit)
            }
            Some(setting) => format!("it {}; `{setting}` allows {}", self.predicate(), self.limit),
            None => format!("it {}", self.predicate()),
        }
    }

    /// The setting that allows it; none for what is always held.
    #[must_use]
    pub fn setting(&self) -> Option<&'static str> {
        Some(match self.kind {
            GuardKind::Empty => return None,
            GuardKind::SizeMin | GuardKind::Shrunk => "guard.size_min",
            GuardKind::SizeMax => "guard.size_max",
            GuardKind::Withdraw => "guard.withdraw",
            GuardKind::Unavailable => "guard.unavailable",
            GuardKind::Price => "guard.price",
            GuardKind::PriceJump => "guard.price_jump",
            GuardKind::Refused => "guard.refused",
            GuardKind::Update => "guard.update",
            GuardKind::Create => "guard.create",
            GuardKind::SameTitle => "guard.same_title",
            GuardKind::Drift => "drift.policy",
        })
    }
}

/// Whether a feed speaks of all products of its sender: as somebody says; where nobody does, by what it looks like.
///
/// A feed without a single complete record is a delta, and so is one that is far smaller than usual and brings mostly
/// news: a catalogue that lost half of its records repeats what is known.
pub(super) fn extent(
    said: Option<Coverage>,
    changes: &Changes,
    unchanged: u64,
    complete: u64,
    usual: Option<&Usual>,
    limits: &GuardLimits,
) -> Coverage {
    if let Some(said) = said {
        return said;
    }
    let usual = usual.and_then(Usual::records);
    let is_small = usual.is_some_and(|usual| limits.size_min.falls_short(changes.records, usual));
    let is_news = changes.news(unchanged) * 2 > changes.records;
    let says_little = complete == 0 && changes.records > 0;
    if says_little || is_small && is_news { Coverage::Delta } else { Coverage::Full }
}

/// The limits that changes exceed; `feed_records` are those of the feed at hand, `changes` those that count with it.
pub(super) fn exceeded(
    limits: &GuardLimits,
    changes: &Changes,
    feed_records: u64,
    extent: Coverage,
    before: &Before<'_>,
    standing: u64,
) -> Vec<Exceeded> {
    let base = before.base;
    let mut found = Vec::new();
    let mut add = |kind, count, base, limit: &GuardLimit| {
        found.push(Exceeded { kind, count, base, limit: limit.to_string() });
    };
    if extent == Coverage::Full {
        if feed_records == 0 {
            add(GuardKind::Empty, 0, before.live, &GuardLimit::Of { percent: 0, floor: 0 });
        }
        if let Some(usual) = before.usual.and_then(Usual::records).filter(|_| feed_records > 0) {
            if limits.size_min.falls_short(feed_records, usual) {
                add(GuardKind::SizeMin, feed_records, usual, &limits.size_min);
            }
            if limits.size_max.outgrows(feed_records, usual) {
                add(GuardKind::SizeMax, feed_records, usual, &limits.size_max);
            }
        }
    }
    let refused = (GuardKind::Refused, changes.refused, changes.records, &limits.refused);
    let of_products = [
        (GuardKind::Withdraw, changes.withdrawn, base, &limits.withdraw),
        (GuardKind::Unavailable, changes.unavailable, base, &limits.unavailable),
        (GuardKind::Price, changes.prices, base, &limits.price),
        (GuardKind::PriceJump, changes.price_jumps, base, &limits.price_jump),
        (GuardKind::Update, changes.updated, base, &limits.update),
        (GuardKind::Create, changes.created, base, &limits.create),
        (GuardKind::SameTitle, changes.same_titles, base, &limits.same_title),
    ];
    let of_products = of_products.into_iter().filter(|_| !before.is_first);
    for (kind, count, base, limit) in of_products.chain([refused]) {
        if limit.exceeds(count, base) {
            add(kind, count, base, limit);
        }
    }
    let most = before.usual.and_then(Usual::standing).unwrap_or(0);
    let withdraws = found.iter().any(|each| each.kind == GuardKind::Withdraw);
    if changes.withdrawn > 0 && !withdraws && limits.size_min.falls_short(standing, most) {
        let limit = limits.size_min.to_string();
        found.push(Exceeded { kind: GuardKind::Shrunk, count: standing, base: most, limit });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(feeds: &[u64]) -> Usual {
        let mut usual = Usual::default();
        for records in feeds {
            usual.add(*records, *records, false);
        }
        usual
    }

    fn kinds(changes: &Changes, live: u64, usual: &Usual, extent: Coverage) -> Vec<GuardKind> {
        let before = Before { base: live, live, is_first: live == 0, usual: Some(usual) };
        let limits = GuardLimits::default();
        let standing = changes.standing_after(live);
        exceeded(&limits, changes, changes.records, extent, &before, standing)
            .into_iter()
            .map(|each| each.kind)
            .collect()
    }

    /// A full feed of a sender with 1,000 products and as many records as usual.
    #[track_caller]
    fn case(changes: Changes, expected: &[GuardKind]) {
        let changes = Changes { records: 1_000, ..changes };
        assert_eq!(kinds(&changes, 1_000, &usual(&[1_000, 1_000]), Coverage::Full), expected, "{changes:?}");
    }

    #[test]
    fn every_kind_has_its_limit_and_one_above() {
        let none = Changes::default();
        case(none, &[]);
        case(Changes { withdrawn: 50, ..none }, &[]);
        case(Changes { withdrawn: 51, ..none }, &[GuardKind::Withdraw]);
        case(Changes { unavailable: 100, ..none }, &[]);
        case(Changes { unavailable: 101, ..none }, &[GuardKind::Unavailable]);
        case(Changes { prices: 300, ..none }, &[]);
        case(Changes { prices: 301, ..none }, &[GuardKind::Price]);
        case(Changes { price_jumps: 10, ..none }, &[]);
        case(Changes { price_jumps: 11, ..none }, &[GuardKind::PriceJump]);
        case(Changes { refused: 100, ..none }, &[]);
        case(Changes { refused: 101, ..none }, &[GuardKind::Refused]);
        case(Changes { updated: 500, ..none }, &[]);
        case(Changes { updated: 501, ..none }, &[GuardKind::Update]);
        case(Changes { created: 500, ..none }, &[]);
        case(Changes { created: 501, ..none }, &[GuardKind::Create]);
        case(Changes { same_titles: 100, ..none }, &[]);
        case(Changes { same_titles: 101, ..none }, &[GuardKind::SameTitle]);
    }

    #[test]
    fn a_small_sender_may_change_all_it_has() {
        let all = Changes { records: 20, withdrawn: 20, updated: 20, ..Changes::default() };
        assert_eq!(kinds(&all, 20, &usual(&[20]), Coverage::Delta), []);
        let more = Changes { withdrawn: 21, ..all };
        assert_eq!(kinds(&more, 21, &usual(&[21]), Coverage::Delta), [GuardKind::Withdraw]);
    }

    #[test]
    fn a_first_import_may_bring_anything_but_refused_records() {
        let first = Changes { records: 30_000, created: 29_000, refused: 1_000, ..Changes::default() };
        assert_eq!(kinds(&first, 0, &usual(&[]), Coverage::Full), []);
        let bad = Changes { created: 20_000, refused: 10_000, ..first };
        assert_eq!(kinds(&bad, 0, &usual(&[]), Coverage::Full), [GuardKind::Refused]);
    }

    #[test]
    fn the_size_of_a_full_feed_is_held_against_the_usual() {
        let of = |records, extent| {
            let changes = Changes { records, ..Changes::default() };
            kinds(&changes, 1_000, &usual(&[1_000, 900, 1_000]), extent)
        };
        assert_eq!(of(700, Coverage::Full), []);
        assert_eq!(of(699, Coverage::Full), [GuardKind::SizeMin]);
        assert_eq!(of(699, Coverage::Delta), []);
        assert_eq!(of(2_000, Coverage::Full), []);
        assert_eq!(of(2_001, Coverage::Full), [GuardKind::SizeMax]);
        assert_eq!(of(0, Coverage::Full), [GuardKind::Empty]);
        assert_eq!(of(0, Coverage::Delta), []);
        let empty = kinds(&Changes::default(), 0, &usual(&[]), Coverage::Full);
        assert_eq!(empty, [GuardKind::Empty], "also the first time");
    }

    #[test]
    fn slow_erosion_is_seen_against_the_last_full_feeds() {
        let changes = Changes { records: 30, withdrawn: 30, ..Changes::default() };
        let after = |live| kinds(&changes, live, &usual(&[1_000]), Coverage::Delta);
        assert_eq!(after(730), []);
        assert_eq!(after(729), [GuardKind::Shrunk]);
    }

    #[track_caller]
    fn looks(records: u64, unchanged: u64, complete: u64, expected: Coverage) {
        let changes = Changes { records, ..Changes::default() };
        let found =
            extent(None, &changes, unchanged, complete, Some(&usual(&[1_000])), &GuardLimits::default());
        assert_eq!(found, expected, "{records} records, {unchanged} unchanged, {complete} complete");
    }

    #[test]
    fn where_nobody_says_it_a_feed_is_what_it_looks_like() {
        looks(1_000, 900, 1_000, Coverage::Full);
        looks(900, 0, 900, Coverage::Full);
        looks(500, 490, 500, Coverage::Full);
        looks(500, 250, 500, Coverage::Full);
        looks(500, 249, 500, Coverage::Delta);
        looks(80, 0, 0, Coverage::Delta);
        looks(0, 0, 0, Coverage::Full);
        let said = extent(Some(Coverage::Delta), &Changes::default(), 0, 0, None, &GuardLimits::default());
        assert_eq!(said, Coverage::Delta);
    }
}
