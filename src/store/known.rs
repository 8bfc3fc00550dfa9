//! What the database holds of a source, in a form that stays small: digests instead of texts.
//!
//! One entry per product, of fixed size: 16 bytes for the record reference, 16 for the fingerprint, and what
//! the import notes beside. 200,000 products take about 15 MiB, whatever their references look like.

use super::mark::Mark;
use super::run::RunId;
use crate::judgement::Acceptance;
use crate::product::{Fingerprint, RecordReference};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
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
    /// Feeds that were applied, by [`Digest::of_feed`]; the newest [`EARLIER_FEEDS_MAX`].
    pub feeds: DigestMap<EarlierFeed>,
    /// The newest message of each format that was applied.
    pub marks: HashMap<String, Mark>,
}

impl Known {
    /// Whether nothing was ever imported of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
            && self.quarantined.is_empty()
            && self.feeds.is_empty()
            && self.marks.is_empty()
    }
}

/// Applied feeds of a source that are remembered; bytes of one that is older count as not seen before.
pub const EARLIER_FEEDS_MAX: u32 = 50_000;

/// A feed that was applied before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierFeed {
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
        assert!(size_of::<(Digest, KnownProduct)>() <= 64, "{}", size_of::<(Digest, KnownProduct)>());
    }

    #[test]
    fn a_digest_is_of_the_whole_text() {
        assert_ne!(Digest::of(b"edition-1"), Digest::of(b"edition-2"));
        assert_eq!(Digest::of(b"edition-1"), Digest::of(b"edition-1"));
    }
}
