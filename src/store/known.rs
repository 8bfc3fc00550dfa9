//! What the database holds of a source, in a form that stays small: digests instead of texts.
//!
//! One entry per product, of fixed size: 16 bytes for the record reference, 16 for the fingerprint, and what
//! the import notes beside. 200,000 products take about 20 MiB, whatever their references look like.

use super::held::OpenHeld;
use super::mark::Mark;
use super::run::RunId;
use crate::judgement::Acceptance;
use crate::product::{Facts, Fingerprint, RecordReference};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

/// SHA-256, cut to 128 bits: two texts that share one are not met in practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let whole: [u8; 32] = Sha256::digest(bytes).into();
        let mut cut = [0; 16];
        cut.copy_from_slice(&whole[..16]);
        Self(cut)
    }

    /// The digest of a record reference.
    #[must_use]
    pub fn of_reference(reference: &RecordReference) -> Self {
        Self::of(reference.as_str().as_bytes())
    }

    /// The digest of a feed and what it was judged by: equal ones come to the same.
    #[must_use]
    pub fn of_feed(digest: &[u8], format: &str, judged_by: &str) -> Self {
        Self::of(&[digest, format.as_bytes(), b"\0", judged_by.as_bytes()].concat())
    }

    /// The digest as a number.
    #[must_use]
    pub fn to_u128(self) -> u128 {
        u128::from_le_bytes(self.0)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::hash::Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (head, _) = self.0.split_first_chunk::<8>().expect("a digest has 16 bytes");
        state.write_u64(u64::from_le_bytes(*head));
    }
}

/// Takes the digest as it is: it is as good as any hash of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Map keyed by digests.
pub(super) type DigestMap<T> = HashMap<Digest, T, BuildHasherDefault<DigestHasher>>;

/// When a record says that it was changed last, in seconds since 1970; in eight bytes, whether it says so or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordDate(i64);

impl RecordDate {
    /// It does not say.
    pub const NONE: Self = Self(i64::MIN);

    /// The moment.
    #[must_use]
    pub fn seconds(self) -> Option<i64> {
        (self != Self::NONE).then_some(self.0)
    }
}

impl From<Option<i64>> for RecordDate {
    fn from(seconds: Option<i64>) -> Self {
        seconds.map_or(Self::NONE, Self)
    }
}

/// What is known of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownProduct {
    /// Its row in `product`, or the one it will get.
    pub product_id: i64,
    /// Of the product as it stands.
    pub fingerprint: Fingerprint,
    /// What the guard compares; none where nobody has looked yet.
    pub facts: Facts,
    /// The newest date of its records.
    pub changed: RecordDate,
    /// The row is kept, the product is withdrawn.
    pub withdrawn: bool,
    /// It has no row yet: it is staged, to be inserted with its batch.
    pub fresh: bool,
    /// The batch it was staged in last, 0 for none.
    pub staged_in: u32,
    /// The feed it was seen in last, 0 for none.
    pub seen_in: u32,
}

/// The products of one source.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By digest of the record reference.
    pub products: DigestMap<KnownProduct>,
    /// References of records that lie in quarantine, open.
    pub quarantined: HashSet<Digest, BuildHasherDefault<DigestHasher>>,
    /// Some feed was applied, and not rolled back.
    pub was_fed: bool,
    /// Feeds that were applied, by [`Digest::of_feed`]; the newest [`EARLIER_FEEDS_MAX`], or those that have the bytes
    /// of the one that is [expected](super::Session::expect).
    pub feeds: DigestMap<EarlierFeed>,
    /// The newest message of each format that was applied.
    pub marks: HashMap<String, Mark>,
    /// What full feeds of each format usually bring.
    pub usual: HashMap<String, Usual>,
    /// Feeds that are held, oldest first.
    pub held: Vec<OpenHeld>,
}

impl Known {
    /// Whether nothing was ever imported of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty() && self.quarantined.is_empty() && !self.was_fed && self.marks.is_empty()
    }
}

/// Full feeds that tell what is usual.
pub const USUAL_FEEDS_MAX: u32 = 10;

/// What the last full feeds of a source and format brought, those since one was let in by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usual {
    /// Records of each and products that stood after it, newest first; [`USUAL_FEEDS_MAX`] at most.
    feeds: VecDeque<(u64, u64)>,
}

impl Usual {
    /// Takes note of an older feed than those it knows.
    pub(super) fn add_older(&mut self, records: u64, standing: u64) {
        self.feeds.push_back((records, standing));
    }

    /// Takes note of a feed that was applied now; one that somebody let in is where counting begins anew.
    pub fn add(&mut self, records: u64, standing: u64, was_released: bool) {
        if was_released {
            self.feeds.clear();
        }
        self.feeds.push_front((records, standing));
        self.feeds.truncate(USUAL_FEEDS_MAX as usize);
    }

    /// How many feeds there were.
    #[must_use]
    pub fn feeds(&self) -> usize {
        self.feeds.len()
    }

    /// Records of the one in the middle; of two, the larger.
    #[must_use]
    pub fn records(&self) -> Option<u64> {
        let mut records: Vec<u64> = self.feeds.iter().map(|(records, _)| *records).collect();
        records.sort_unstable();
        records.get(records.len() / 2).copied()
    }

    /// The most products that stood after one of them.
    #[must_use]
    pub fn standing(&self) -> Option<u64> {
        self.feeds.iter().map(|(_, standing)| *standing).max()
    }
}

/// Applied feeds of a source that are remembered; bytes of one that is older count as not seen before.
pub const EARLIER_FEEDS_MAX: u32 = 50_000;

/// A feed that was applied before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierFeed {
    /// Its row.
    pub feed_version_id: i64,
    /// The run that did.
    pub run: RunId,
    /// What it came to.
    pub acceptance: Acceptance,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<(Digest, KnownProduct)>() <= 72, "{}", size_of::<(Digest, KnownProduct)>());
    }

    #[test]
    fn usual_is_what_stands_in_the_middle() {
        let mut usual = Usual::default();
        assert_eq!((usual.records(), usual.standing()), (None, None));
        for (records, standing) in [(100, 90), (10, 95), (120, 80)] {
            usual.add(records, standing, false);
        }
        assert_eq!((usual.records(), usual.standing()), (Some(100), Some(95)));
        usual.add(50, 40, true);
        assert_eq!((usual.records(), usual.standing(), usual.feeds()), (Some(50), Some(40), 1));
    }

    #[test]
    fn usual_feeds_max() {
        let mut usual = Usual::default();
        (0..=u64::from(USUAL_FEEDS_MAX)).for_each(|number| usual.add(number, number, false));
        assert_eq!(usual.feeds(), USUAL_FEEDS_MAX as usize);
        assert_eq!(usual.records(), Some(6), "the oldest is forgotten");
    }

    #[test]
    fn a_digest_is_of_the_whole_text() {
        assert_ne!(Digest::of(b"edition-1"), Digest::of(b"edition-2"));
        assert_eq!(Digest::of(b"edition-1"), Digest::of(b"edition-1"));
    }
}
