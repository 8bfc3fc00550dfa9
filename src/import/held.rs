//! A held feed: its plan for people, and its bytes for whoever lets it in.

use super::guard::{Changes, Exceeded};
use super::moves::PriceMoves;
use super::watch::Sample;
use crate::judgement::Coverage;
use crate::product::{Price, Product, RecordReference};
use crate::store::PackedFeed;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;

/// Version of a stored plan.
const PLAN_VERSION: u32 = 1;
/// Characters of a value in a sample.
const VALUE_CHARS_MAX: usize = 200;

/// Gives back the bytes of a feed that was read, as they were delivered.
pub trait Originals: Send + std::fmt::Debug {
    /// The bytes of a feed, packed by zstd, if they are still those with this digest (SHA-256).
    ///
    /// # Errors
    ///
    /// They are gone, or others by now, or there is no room for a copy.
    fn packed(&mut self, feed: &str, digest: &[u8; 32]) -> Result<PackedFeed, Box<dyn Error + Send + Sync>>;

    /// How many bytes a feed has as it was delivered, if that is known.
    fn delivered_bytes(&self, feed: &str) -> Option<u64>;
}

/// A held feed to let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its number.
    pub held: i64,
    /// Digest of the plan that somebody has seen.
    pub plan: String,
    /// Why it is let in.
    pub reason: String,
}

/// What a held feed would do, as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPlan {
    /// Version of this form.
    pub version: u32,
    /// Tells it from every other plan.
    pub digest: String,
    /// It is older than what was applied: the sentence that says so.
    pub stale: Option<String>,
    /// The limits it exceeds.
    pub exceeded: Vec<Exceeded>,
    /// Whether it speaks of all products of its sender.
    pub extent: Coverage,
    /// Products of the sender that stood before.
    pub live: u64,
    /// Records that full feeds of it usually have.
    pub usual_records: Option<u64>,
    /// What it would do, with what feeds of the same run did before when they are judged together.
    pub changes: Changes,
    /// Prices changed in those feeds before, and nobody had to look by how much: there may be more jumps than counted.
    #[serde(default)]
    pub has_unseen_prices: bool,
    /// A few of the changes.
    pub samples: Vec<ChangeSample>,
    /// How prices would move; nothing where an earlier version held the feed.
    #[serde(default)]
    pub price_moves: PriceMoves,
    /// Drifts for which it is held, a sentence for each.
    #[serde(default)]
    pub drifts: Vec<String>,
    /// Why its bytes could not be kept, if they could not.
    pub not_kept: Option<String>,
}

impl HeldPlan {
    /// Why the feed is held, a sentence for each limit.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let stale = self.stale.as_ref().map(|_| "it is older than what was applied of its sender".to_owned());
        stale.into_iter().chain(self.exceeded.iter().map(Exceeded::sentence)).collect()
    }
}

/// One change, old and new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSample {
    /// What kind of change it shows.
    pub kind: String,
    /// The record's key.
    pub key: String,
    /// The title as it stands, or the new one.
    pub title: String,
    /// Fields that change: name, old, new.
    pub fields: Vec<(String, String, String)>,
}

/// A plan before it is written down.
#[derive(Debug)]
pub(super) struct Weighed {
    pub(super) digest: String,
    pub(super) exceeded: Vec<Exceeded>,
    pub(super) extent: Coverage,
    pub(super) live: u64,
    pub(super) usual_records: Option<u64>,
    /// Those of the feed alone.
    pub(super) own: Changes,
    /// Those that it is judged by.
    pub(super) judged: Changes,
    /// It is judged with what came before it in the run.
    pub(super) is_part: bool,
    /// Prices changed in what came before it, and nobody had to look by how much.
    pub(super) has_unseen_prices: bool,
    /// Drifts for which it is held, a sentence for each.
    pub(super) drifts: Vec<String>,
}

impl Weighed {
    /// The plan as it is stored; of the feed alone, by now so many products have a price that jumps: when it was
    /// weighed nobody may have had to look.
    pub(super) fn written(
        &self,
        stale: Option<String>,
        samples: Vec<ChangeSample>,
        price_moves: PriceMoves,
        price_jumps: u64,
    ) -> HeldPlan {
        let seen_since = price_jumps.saturating_sub(self.own.price_jumps);
        let changes = Changes { price_jumps: self.judged.price_jumps + seen_since, ..self.judged };
        HeldPlan {
            version: PLAN_VERSION,
            digest: self.digest.clone(),
            stale,
            exceeded: self.exceeded.clone(),
            extent: self.extent,
            live: self.live,
            usual_records: self.usual_records,
            changes,
            has_unseen_prices: self.has_unseen_prices,
            samples,
            price_moves,
            drifts: self.drifts.clone(),
            not_kept: None,
        }
    }
}

/// Samples beside what stands.
pub(super) fn shown(samples: Vec<Sample>, standing: &HashMap<RecordReference, Product>) -> Vec<ChangeSample> {
    let one = |sample: Sample| {
        let old = standing.get(&sample.reference);
        let title = old.or(sample.product.as_ref()).map_or("", |product| product.title.as_str());
        ChangeSample {
            kind: sample.kind.as_str().to_owned(),
            key: sample.reference.to_string(),
            title: cut(title),
            fields: match (old, &sample.product) {
                (Some(old), Some(new)) => differences(old, new),
                _ => Vec::new(),
            },
        }
    };
    samples.into_iter().map(one).collect()
}

fn differences(old: &Product, new: &Product) -> Vec<(String, String, String)> {
    let [before, after] = [old, new].map(fields);
    let pairs = before.into_iter().zip(after).filter(|((_, old), (_, new))| old != new);
    pairs.map(|((name, old), (_, new))| (name.to_owned(), cut(&old), cut(&new))).collect()
}

/// What an editor looks at first.
fn fields(product: &Product) -> [(&'static str, String); 6] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        ("title", product.title.clone()),
        ("prices", prices(&product.prices)),
        ("availability", text(&product.availability)),
        ("status", text(&product.publishing_status)),
        ("stock", product.stock.map(|stock| stock.to_string()).unwrap_or_default()),
        ("published", text(&product.publication_date)),
    ]
}

fn prices(prices: &[Price]) -> String {
    let mut all = String::new();
    for price in prices {
        let separator = if all.is_empty() { "" } else { ", " };
        let qualifier = price.qualifier.as_deref().map(|code| format!("/{code}")).unwrap_or_default();
        write!(all, "{separator}{} {} ({}{qualifier})", price.amount, price.currency, price.kind)
            .expect("writes to memory");
    }
    all
}

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_chars_max() {
        assert_eq!(cut(&"ü".repeat(VALUE_CHARS_MAX)).chars().count(), VALUE_CHARS_MAX);
        assert_eq!(cut(&"ü".repeat(VALUE_CHARS_MAX + 1)).chars().count(), VALUE_CHARS_MAX + 1);
        assert!(cut(&"ü".repeat(VALUE_CHARS_MAX + 1)).ends_with('…'));
    }
}
