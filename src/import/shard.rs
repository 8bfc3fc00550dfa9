//! A part of the feeds for each of several processes that import at once.
//!
//! ```text
//!  source of a feed ─▶ SHA-256 of its name ─▶ first eight bytes as a number, modulo the number of parts ─▶ part
//! ```
//!
//! All feeds of a source belong to one part, whatever their number and names, so that they are applied in the order of
//! their messages; and the same source belongs to the same part every night. Where no source can be read (a feed that
//! is broken, of no known format, or names nobody), the name of the feed decides: one part tells it, no other does.

use super::plan::ImportPlan;
use crate::judgement::FeedStart;
use sha2::{Digest, Sha256};

/// The most parts.
pub const SHARDS_MAX: u32 = 1_000;

/// One part of the feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    shards: u32,
}

/// Why there is no such part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// No parts, or too many.
    #[error("there are 1 to {SHARDS_MAX} shards (`SHARDS_MAX`), not {0}")]
    Shards(u32),
    /// One beyond the last.
    #[error("there is no shard {index} of {shards}: they are numbered from 0 to {}", shards - 1)]
    Index {
        /// The number.
        index: u32,
        /// How many there are.
        shards: u32,
    },
}

impl Shard {
    /// The part with this number, from 0, of so many.
    pub fn new(index: u32, shards: u32) -> Result<Self, ShardError> {
        if !(1..=SHARDS_MAX).contains(&shards) {
            return Err(ShardError::Shards(shards));
        }
        if index >= shards {
            return Err(ShardError::Index { index, shards });
        }
        Ok(Self { index, shards })
    }

    /// Which of the feeds belong to this part, by their number: `heads` are what their headers say, as far as that can
    /// be read, `names` what they are called.
    #[must_use]
    pub fn part(self, plan: &ImportPlan, heads: &[Option<FeedStart>], names: &[&str]) -> Vec<usize> {
        let source = |at: usize| heads[at].as_ref().and_then(|head| plan.source_of(head));
        let is_ours = |at: &usize| match source(*at) {
            Some(source) => self.has(&source),
            None => self.has(names[*at]),
        };
        (0..names.len()).filter(is_ours).collect()
    }

    fn has(self, key: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(key).into();
        let first: [u8; 8] = std::array::from_fn(|at| digest[at]);
        u64::from_be_bytes(first) % u64::from(self.shards) == u64::from(self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(index: u32, shards: u32) -> Result<Shard, ShardError> {
        Shard::new(index, shards)
    }

    #[test]
    fn shards_max() {
        assert!(shard(SHARDS_MAX - 1, SHARDS_MAX).is_ok());
        assert_eq!(shard(0, SHARDS_MAX + 1), Err(ShardError::Shards(SHARDS_MAX + 1)));
        assert_eq!(shard(0, 0), Err(ShardError::Shards(0)));
        assert_eq!(shard(8, 8), Err(ShardError::Index { index: 8, shards: 8 }));
    }

    /// The part is that of `printf %s NAME | sha256sum`: whoever has the name can tell.
    #[test]
    fn a_source_is_in_the_same_part_for_ever() {
        // The first eight bytes of the digest of `abc` are ba7816bf8f01cfea.
        let of = |shards: u64| 0xba78_16bf_8f01_cfea_u64 % shards;
        for shards in [1, 2, 7, 8, 1_000] {
            let index = u32::try_from(of(shards.into())).expect("below the number of shards");
            assert!(shard(index, shards).expect("it is there").has("abc"), "{index} of {shards}");
        }
    }

    fn head(sender: &str) -> FeedStart {
        FeedStart { sender: Some(sender.to_owned()), ..FeedStart::default() }
    }

    #[test]
    fn every_feed_has_one_part_and_those_of_a_source_the_same() {
        let plan = ImportPlan::new("sqlite://nowhere.db".parse().expect("an address"));
        let names: Vec<String> = (0..200).map(|feed| format!("feeds/{feed}.xml")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let heads: Vec<_> =
            (0..200).map(|feed| (feed < 100).then(|| head(&format!("S{}", feed % 20)))).collect();
        let parts: Vec<_> =
            (0..8).map(|index| shard(index, 8).expect("it is there").part(&plan, &heads, &names)).collect();
        let mut all = parts.concat();
        all.sort_unstable();
        assert_eq!(all, (0..200).collect::<Vec<_>>());
        for sender in 0..20 {
            let of = |part: &Vec<usize>| part.iter().filter(|at| **at < 100 && **at % 20 == sender).count();
            let counts: Vec<_> = parts.iter().map(of).filter(|count| *count > 0).collect();
            assert_eq!(counts, [5], "all feeds of S{sender} are in one part");
        }
        assert!(parts.iter().all(|part| part.len() > 5), "no part is nearly empty: {parts:?}");
    }

    #[test]
    fn a_source_that_is_said_is_that_of_all_feeds() {
        let plan = ImportPlan {
            source: Some("A".to_owned()),
            ..ImportPlan::new("sqlite://nowhere.db".parse().expect("an address"))
        };
        let (heads, names) = (vec![Some(head("B")), Some(head("C"))], vec!["b.xml", "c.xml"]);
        let parts =
            (0..4).map(|index| shard(index, 4).expect("it is there").part(&plan, &heads, &names).len());
        assert_eq!(parts.filter(|count| *count > 0).collect::<Vec<_>>(), [2]);
    }
}
