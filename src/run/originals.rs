//! The bytes of the feeds of a run, should one of them be held.

use crate::import::Originals;
use crate::source::{FeedSource, copied, packed};
use crate::store::PackedFeed;
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Where the feeds of a run lie; streams among them as copies.
#[derive(Debug, Default)]
pub(super) struct FeedFiles {
    by_name: HashMap<Arc<str>, FeedSource>,
    copies: Vec<NamedTempFile>,
}

impl FeedFiles {
    /// Takes note of all feeds; gives them back with copies of streams to come. A stream for which no file can be made
    /// is read all the same, and cannot be kept.
    pub(super) fn of(feeds: Vec<FeedSource>) -> (Vec<FeedSource>, Self) {
        let mut files = Self::default();
        let feeds = feeds.into_iter().map(|feed| files.add(feed)).collect();
        (feeds, files)
    }

    fn add(&mut self, feed: FeedSource) -> FeedSource {
        let feed = match copied(&feed) {
            Ok(Some((with_copy, file))) => {
                self.copies.push(file);
                with_copy
            }
            Ok(None) | Err(_) => feed,
        };
        self.by_name.insert(Arc::clone(&feed.name), feed.clone());
        feed
    }

    /// The feed of a name; one in an archive bears the name of both.
    fn find(&self, name: &str) -> Option<&FeedSource> {
        let outer = || name.match_indices('!').find_map(|(at, _)| self.by_name.get(&name[..at]));
        self.by_name.get(name).or_else(outer)
    }
}

impl Originals for FeedFiles {
    fn packed(&mut self, feed: &str, digest: &[u8; 32]) -> Result<PackedFeed, Box<dyn Error + Send + Sync>> {
        let source = self.find(feed).ok_or("nobody knows where it lay")?;
        let (file, bytes) = packed(source, digest)?;
        Ok(PackedFeed { file, bytes })
    }

    fn delivered_bytes(&self, feed: &str) -> Option<u64> {
        self.find(feed)?.left_bytes()
    }
}
