//! A small format and records of it, for tests.

use crate::feed::{CutStep, Cutter, FeedProfile, Record, RecordLimits};
use crate::xml::{Cursor, Limits};
use std::sync::Arc;

/// A format with keys for prices.
pub(super) fn profile() -> Arc<FeedProfile> {
    let text = crate::feed::profile::tests::SMALL.to_owned()
        + "\n[[list]]\nelement = \"price\"\nkey = [\"type\", \"@currency\"]\n";
    Arc::new(FeedProfile::parse(&text, "small").expect("a profile"))
}

/// One `item`.
pub(super) fn record(item: &str) -> Record {
    let feed = format!("<shop>{item}</shop>");
    let mut cursor = Cursor::new(feed.as_bytes(), Limits::default());
    let mut cutter = Cutter::new(profile(), RecordLimits::default());
    while let Some(mut block) = cursor.block().expect("well-formed") {
        while let Some(event) = block.next().expect("well-formed") {
            if cutter.event(&event) == CutStep::RecordEnd {
                return cutter.record().clone();
            }
        }
    }
    panic!("no record in {feed}");
}
