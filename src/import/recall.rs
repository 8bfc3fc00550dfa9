//! Feeds whose very bytes were imported before: they are told again, not read.
//!
//! ```text
//!  digest ─▶ a feed that stands, of this source, judged by the same? ─▶ Recalled
//!  its turn ─▶ source locked, the feed stands still? ─▶ Telling ─▶ taken like a feed that is read
//! ```
//!
//! What is told takes the way of every other feed, so whatever depends on what stands by now is decided by that.
//! Between looking and its turn somebody may have rolled the run back: then it is read like any other.

use super::plan::ImportPlan;
use super::writer::Writer;
use crate::judgement::{FeedStart, KeptTelling, Recognised, Telling};
use crate::store::{Digest, RECALLED_AT_ONCE_MAX, StandingFeed, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A file as it lies there.
#[derive(Clone, Debug)]
pub struct KnownBytes {
    /// Name of the feed.
    pub name: Arc<str>,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// A feed whose bytes are known.
#[derive(Debug)]
pub struct Recalled {
    id: i64,
    source: String,
    digest: [u8; 32],
    key: Digest,
    start: FeedStart,
    /// All it told but its header; fetched when its turn comes where it is much.
    told: Option<String>,
}

impl Recalled {
    /// What the header of the feed says.
    #[must_use]
    pub fn start(&self) -> &FeedStart {
        &self.start
    }

    /// SHA-256 of its bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The feed that stands, if it is the same as this file would be: of the same source and judged by the same.
    fn of(
        feed: StandingFeed,
        name: &Arc<str>,
        plan: &ImportPlan,
        judged_by: &(dyn Fn(&str) -> Option<Arc<str>> + Sync),
    ) -> Option<Self> {
        let StandingFeed { id, digest, run, since, source, format, judged_by: was_judged_by, head, told } =
            feed;
        let recognised = Some(Recognised { feed_version_id: id, run: run.to_string(), since });
        let start = FeedStart { recognised, ..KeptTelling::start(&head, name)? };
        let same = plan.source_of(&start).as_ref() == Some(&source)
            && judged_by(&format).as_deref() == Some(&*was_judged_by);
        let key = Digest::of_feed(&digest, &format, &was_judged_by);
        same.then_some(Self { id, source, digest, key, start, told })
    }
}

impl Writer {
    /// Which of these sizes, in bytes, some feed has that can be told again.
    pub(super) async fn known_sizes(&mut self, sizes: &[u64]) -> Result<HashSet<u64>, StoreError> {
        let mut known = HashSet::new();
        let Some(judged_with) = self.plan.judged_with.clone() else { return Ok(known) };
        for sizes in sizes.chunks(RECALLED_AT_ONCE_MAX) {
            known.extend(self.target.known_sizes(sizes, &judged_with).await?);
        }
        Ok(known)
    }

    /// Looks for feeds that stand and had these bytes.
    pub(super) async fn recall(
        &mut self,
        files: &[Option<KnownBytes>],
        judged_by: &(dyn Fn(&str) -> Option<Arc<str>> + Sync),
    ) -> Result<Vec<Option<Recalled>>, StoreError> {
        let mut all = Vec::with_capacity(files.len());
        for files in files.chunks(RECALLED_AT_ONCE_MAX) {
            all.extend(self.recall_some(files, judged_by).await?);
        }
        Ok(all)
    }

    async fn recall_some(
        &mut self,
        files: &[Option<KnownBytes>],
        judged_by: &(dyn Fn(&str) -> Option<Arc<str>> + Sync),
    ) -> Result<Vec<Option<Recalled>>, StoreError> {
        let digests: Vec<[u8; 32]> = files.iter().flatten().map(|file| file.digest).collect();
        let mut standing: HashMap<[u8; 32], Vec<StandingFeed>> = HashMap::new();
        if let Some(judged_with) = self.plan.judged_with.clone().filter(|_| !digests.is_empty()) {
            for feed in self.target.standing_feeds(&digests, &judged_with).await? {
                standing.entry(feed.digest).or_default().push(feed);
            }
        }
        let find = |file: &KnownBytes| {
            // Of equal ones the newest counts.
            let feeds = standing.get(&file.digest)?.iter().rev();
            feeds.cloned().find_map(|feed| Recalled::of(feed, &file.name, &self.plan, judged_by))
        };
        Ok(files.iter().map(|file| file.as_ref().and_then(find)).collect())
    }

    /// What a recalled feed told, if it stands still; its source is locked from now on. What it tells is to be taken
    /// next.
    pub(super) async fn telling(&mut self, recalled: Recalled) -> Result<Option<Telling>, StoreError> {
        let Recalled { id, source, key, start, told, .. } = recalled;
        if !self.sources.has(&source, self.feeds + 1) {
            let known = self.fetch(&source).await?;
            self.sources.insert(source.clone(), known, self.feeds + 1);
        }
        if !self.sources.of(&source).feeds.contains_key(&key) {
            return Ok(None);
        }
        let told = match told {
            Some(told) => Some(told),
            None => self.target.told(id).await?,
        };
        Ok(told.and_then(|told| Telling::read(start, &told)))
    }
}
