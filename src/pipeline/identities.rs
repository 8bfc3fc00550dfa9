//! What the bytes of feeds are, before any of them is read: so that those that are known need not be.

use super::feeds::FeedsOptions;
use super::plan::Plans;
use crate::source::{FeedSource, Identity, identify};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Part of what feeds are judged with: another build may judge otherwise.
const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("BUILT_FROM_SOURCES"));

/// The identities of feeds, in the same order; nothing for those that are to be read in any case.
#[must_use]
pub fn identities(feeds: &[FeedSource], options: &FeedsOptions) -> Vec<Option<Identity>> {
    let one = |feed: &FeedSource| {
        let stopped = options.stop.is_raised();
        if stopped { None } else { identify(feed, &options.input) }
    };
    feeds.par_iter().map(one).collect()
}

/// Digest of all that decides what a feed tells, but its bytes and the schema of its format: the program, the formats
/// among which it is looked for, and every limit. Nothing where feeds are not kept by what they were judged with.
#[must_use]
pub fn judged_with(plans: &dyn Plans, options: &FeedsOptions) -> Option<String> {
    Some(digest_of(PROGRAM, &plans.detection()?, options))
}

fn digest_of(program: &str, detection: &str, options: &FeedsOptions) -> String {
    let FeedsOptions { input, limits, .. } = options;
    let digest = Sha256::digest(format!("{program}\0{detection}\0{input:?}\0{limits:?}"));
    hexadecimal(&digest)
}

/// The first half of a digest, as it is written.
pub(super) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::FeedLimits;
    use crate::source::InputLimits;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_decides_what_a_feed_tells_makes_another_digest() {
        let usual = FeedsOptions::default();
        let with = |limits: FeedLimits| FeedsOptions { limits, ..FeedsOptions::default() };
        let few = FeedLimits { findings_max: 3, ..usual.limits };
        let small = InputLimits { decoded_bytes_max: 3, ..usual.input };
        let digests = [
            digest_of("1", "a", &usual),
            digest_of("2", "a", &usual),
            digest_of("1", "b", &usual),
            digest_of("1", "a", &with(few)),
            digest_of("1", "a", &FeedsOptions { input: small, ..FeedsOptions::default() }),
        ];
        assert_eq!(BTreeSet::from(digests.clone()).len(), digests.len(), "{digests:?}");
        // On how many threads it is read, and who may stop that, decides nothing.
        assert_eq!(digest_of("1", "a", &FeedsOptions { threads: 7, ..usual }), digests[0]);
    }
}
