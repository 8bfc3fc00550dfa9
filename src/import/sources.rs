//! What the database holds of the sources of a run, as far as it fits into memory.
//!
//! A record is compared with what is known of its source: some 80 bytes for each product the source ever had. A run may
//! see thousands of sources, so those used longest ago are forgotten and read again when they come back. The source
//! of the feed at hand is never forgotten, whatever its size: that is the floor of an import's memory.

use super::guard::Changes;
use super::identity::Numbers;
use crate::store::{Digest, Known};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Products, quarantined keys and feeds that are remembered, of all sources together; that of the feed at hand
/// may have more.
pub(super) const ENTRIES_MAX: usize = 500_000;

/// A number takes a fraction of what a product takes.
const NUMBERS_PER_ENTRY: usize = 2;

/// What is known of the sources.
#[derive(Debug)]
pub(super) struct Sources {
    known: HashMap<String, Source>,
    /// Sources that are ours until the run ends, also when what is known of them is forgotten; with what this run has
    /// brought of each.
    locked: HashMap<Digest, Delivery>,
    entries_max: usize,
}

/// What one run brings of a source, as far as it was applied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delivery {
    /// Products of the source that stand now; `None` until they were counted.
    pub(super) live: Option<u64>,
    /// None stood when the run began.
    pub(super) is_first: bool,
    /// What feeds have changed that are judged together.
    pub(super) part: Changes,
    /// Products that stood before those.
    pub(super) base: u64,
    /// The batch in which something of it was staged last.
    pub(super) staged_in: u32,
}

#[derive(Debug)]
struct Source {
    known: Known,
    numbers: Numbers,
    /// Number of the last feed of it.
    used: u32,
}

impl Sources {
    pub(super) fn new(entries_max: usize) -> Self {
        Self { known: HashMap::new(), locked: HashMap::new(), entries_max }
    }

    /// Whether a source is at hand for this feed; if so, it was used now.
    pub(super) fn has(&mut self, source: &str, feed: u32) -> bool {
        self.known.get_mut(source).map(|source| source.used = feed).is_some()
    }

    /// Whether there is too much to take in another one.
    pub(super) fn is_full(&self) -> bool {
        self.entries() > self.entries_max
    }

    /// Forgets those used longest ago until half of the room is free. Nothing of them may be staged.
    pub(super) fn forget_oldest(&mut self) {
        let mut by_age: Vec<(u32, String)> =
            self.known.iter().map(|(name, source)| (source.used, name.clone())).collect();
        by_age.sort_unstable();
        let mut entries = self.entries();
        for (_, name) in by_age {
            if entries <= self.entries_max / 2 {
                return;
            }
            entries -= self.known.remove(&name).map_or(0, |source| source.entries());
        }
    }

    /// Whether a source has to be locked; it counts as locked from now on.
    pub(super) fn locks(&mut self, source: &str) -> bool {
        match self.locked.entry(Digest::of(source.as_bytes())) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(Delivery::default());
                true
            }
        }
    }

    /// What this run has brought of a source.
    pub(super) fn delivery(&mut self, source: &str) -> &mut Delivery {
        self.locked.entry(Digest::of(source.as_bytes())).or_default()
    }

    pub(super) fn insert(&mut self, source: String, known: Known, feed: u32) {
        let live = known.products.values().filter(|product| !product.withdrawn).count() as u64;
        let delivery = self.delivery(&source);
        if delivery.live.replace(live).is_none() {
            (delivery.base, delivery.is_first) = (live, live == 0);
        }
        let numbers = Numbers::unread(known.products.len());
        self.known.insert(source, Source { known, numbers, used: feed });
    }

    /// What is known of a source that is at hand.
    pub(super) fn of(&mut self, source: &str) -> &mut Known {
        &mut self.known.get_mut(source).expect("a feed begins with its source known").known
    }

    /// What is known of the numbers of its products.
    pub(super) fn numbers(&mut self, source: &str) -> &mut Numbers {
        &mut self.known.get_mut(source).expect("a feed begins with its source known").numbers
    }

    fn entries(&self) -> usize {
        self.known.values().map(Source::entries).sum()
    }
}

impl Source {
    fn entries(&self) -> usize {
        let numbers = self.numbers.len() / NUMBERS_PER_ENTRY;
        self.known.products.len() + self.known.quarantined.len() + self.known.feeds.len() + numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(entries: u8) -> Known {
        let mut known = Known::default();
        known.quarantined.extend((0..entries).map(|number| Digest::of(&[number])));
        known
    }

    #[test]
    fn entries_max() {
        let mut sources = Sources::new(10);
        for (number, (name, entries)) in (1..).zip([("a", 4), ("b", 3), ("c", 3)]) {
            sources.insert(name.to_owned(), known(entries), number);
        }
        assert!(!sources.is_full());
        assert!(sources.has("a", 4));
        sources.insert("d".to_owned(), known(1), 5);
        assert!(sources.is_full());
        sources.forget_oldest();
        assert!(!sources.has("b", 6) && !sources.has("c", 6));
        assert!(sources.has("a", 6) && sources.has("d", 6));
    }

    #[test]
    fn a_source_is_locked_once() {
        let mut sources = Sources::new(0);
        assert!(sources.locks("a"));
        sources.insert("a".to_owned(), known(1), 1);
        sources.forget_oldest();
        assert!(!sources.has("a", 2) && !sources.locks("a"));
    }
}
