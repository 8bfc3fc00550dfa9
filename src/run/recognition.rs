//! Which feeds of a run are known by their bytes, and in what order all of them are told.

use crate::import::{Import, ImportError, ImportPlan, KnownBytes, Recalled, in_message_order};
use crate::judgement::FeedStart;
use crate::pipeline::{FeedsOptions, Plans, heads, identities};
use crate::source::{FeedSource, Identity};
use crate::store::RECALLED_AT_ONCE_MAX;
use std::collections::HashSet;
use std::sync::Arc;

/// A feed of a run, and the feed that it is when its bytes are known.
pub(super) type Met = (FeedSource, Option<Recalled>);

/// Looks which feeds are known: one question for a thousand of them. Only files are hashed, and only those of a size
/// that some known feed has.
pub(super) async fn recognise(
    import: &mut Import,
    feeds: Vec<FeedSource>,
    plans: &Arc<dyn Plans>,
    options: &FeedsOptions,
) -> Result<Vec<Met>, ImportError> {
    let mut met = Vec::with_capacity(feeds.len());
    for feeds in feeds.chunks(RECALLED_AT_ONCE_MAX) {
        let files = identified(import, feeds, options).await?;
        let judged_by = |format: &str| plans.judged_by(format);
        let recalled = import.recall(&files, &judged_by).await?;
        met.extend(feeds.iter().cloned().zip(recalled));
    }
    Ok(met)
}

/// What is known of the bytes of feeds, where some feed was of that size.
async fn identified(
    import: &mut Import,
    feeds: &[FeedSource],
    options: &FeedsOptions,
) -> Result<Vec<Option<KnownBytes>>, ImportError> {
    let sizes: Vec<Option<u64>> = feeds.iter().map(FeedSource::delivered_bytes).collect();
    let distinct: HashSet<u64> = sizes.iter().copied().flatten().collect();
    let known = import.known_sizes(&distinct.into_iter().collect::<Vec<_>>()).await?;
    let is_candidate = |size: &Option<u64>| size.is_some_and(|size| known.contains(&size));
    let candidates: Vec<FeedSource> = feeds
        .iter()
        .zip(&sizes)
        .filter(|(_, size)| is_candidate(size))
        .map(|(feed, _)| feed.clone())
        .collect();
    let mut identities = hashed(candidates, options.clone()).await.into_iter();
    let one = |size: &Option<u64>| {
        let identity = if is_candidate(size) { identities.next().flatten() } else { None };
        identity.map(|Identity { name, digest, .. }| KnownBytes { name, digest: digest.0 })
    };
    Ok(sizes.iter().map(one).collect())
}

/// Hashes files on threads that nobody waits on for anything else.
async fn hashed(feeds: Vec<FeedSource>, options: FeedsOptions) -> Vec<Option<Identity>> {
    if feeds.is_empty() {
        return Vec::new();
    }
    let work = move || identities(&feeds, &options);
    tokio::task::spawn_blocking(work).await.expect("hashing does not panic, and nobody ends it")
}

/// The feeds, those of one sender in the order of their messages. Of known ones the header is at hand.
pub(super) fn in_order(
    met: Vec<Met>,
    import: &ImportPlan,
    plans: &dyn Plans,
    options: &FeedsOptions,
) -> Vec<Met> {
    if met.len() < 2 {
        return met;
    }
    let unread: Vec<FeedSource> =
        met.iter().filter(|(_, recalled)| recalled.is_none()).map(|(feed, _)| feed.clone()).collect();
    let mut read = heads(&unread, plans, options).into_iter();
    let mut head = |recalled: &Option<Recalled>| -> Option<FeedStart> {
        match recalled {
            Some(recalled) => Some(recalled.start().clone()),
            None => read.next().flatten(),
        }
    };
    let heads: Vec<Option<FeedStart>> = met.iter().map(|(_, recalled)| head(recalled)).collect();
    let mut met: Vec<Option<Met>> = met.into_iter().map(Some).collect();
    let order = in_message_order(import, &heads);
    order.into_iter().map(|at| met[at].take().expect("an order names each once")).collect()
}
