//! What the headers of feeds say, before any of them is read: so that they can be put into the order of their messages.
//!
//! A feed is opened and read up to its first record, without validating anything. What cannot be read, is of no known
//! format, or gives its bytes only once (standard input, a pipe) has no head here; it is told when its turn comes.

use super::feeds::FeedsOptions;
use super::plan::Plans;
use crate::feed::{CutStep, Cutter};
use crate::judgement::FeedStart;
use crate::source::{Digesting, FeedSource, Input};
use crate::xml::Cursor;
use rayon::prelude::*;
use std::sync::Arc;

/// The heads of feeds, in the same order.
#[must_use]
pub fn heads(feeds: &[FeedSource], plans: &dyn Plans, options: &FeedsOptions) -> Vec<Option<FeedStart>> {
    feeds.par_iter().map(|feed| head(feed, plans, options)).collect()
}

fn head(feed: &FeedSource, plans: &dyn Plans, options: &FeedsOptions) -> Option<FeedStart> {
    // A pipe gives its bytes once.
    if feed.delivered_bytes().is_none() || options.stop.is_raised() {
        return None;
    }
    let input = Input::open(feed, &options.input, Digesting::Never).ok()?;
    let mut cursor = Cursor::new(input, options.limits.xml);
    let profile = plans.profile(&cursor.peek_root().ok()?)?;
    let mut cutter = Cutter::new(Arc::clone(&profile), options.limits.record);
    'records: while let Some(mut block) = cursor.block().ok()? {
        while let Some(event) = block.next().ok()? {
            if cutter.event(&event) == CutStep::RecordStart {
                break 'records;
            }
        }
    }
    cutter.close_header();
    let header = cutter.header();
    Some(FeedStart {
        name: Arc::clone(&feed.name),
        format: Some(profile.id().into()),
        sender: header.sender.clone(),
        sender_ids: header.sender_ids.clone(),
        message_number: header.message_number.clone(),
        message_repeat: header.message_repeat.clone(),
        sent: header.sent.clone(),
        ..FeedStart::default()
    })
}
