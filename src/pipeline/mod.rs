//! Feed in, events out, in record order.
//!
//! ```text
//!  source ─▶ FeedReader ─▶ Judge: validator, cutter and mapper in one pass ─▶ FeedEvent, FeedEvent, …
//!             one per thread                                                       │
//!                          FeedQueue: the order in which feeds were named ◀────────┘ ─▶ one consumer
//! ```
//!
//! What crosses the border to reports, telemetry and import are the words of [`judgement`](crate::judgement).

mod board;
mod conformance;
mod feeds;
mod findings;
mod formats;
mod hand;
mod heads;
mod identities;
mod judge;
mod ledger;
mod nth_record;
mod pins;
mod plan;
mod progress;
mod queue;
mod reading;
mod said;
mod sequential;
mod single_record;
mod spread;
#[cfg(test)]
mod tests;
mod waypoints;

pub use crate::map::Products;
pub use conformance::{CaseAnswer, CaseSchema, CaseVerdict};
pub use feeds::{FEEDS_ALL, FEEDS_ONE_IN, FeedReaders, FeedsOptions, ThreadsError};
pub use formats::{FormatPlans, KnownFormat};
pub use heads::heads;
pub use identities::{identities, judged_with};
pub use nth_record::{NthRecord, nth_record};
pub use plan::{FeedError, FeedLimits, FeedPlan, Plans, StopFlag, Structure};
pub use progress::{Advance, Progress};
pub use sequential::{FeedInput, FeedReader};
pub use single_record::{RecordAloneError, draft_record, judge_mended, judge_record};
