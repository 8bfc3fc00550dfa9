//! Feed in, events out, in record order.
//!
//! ```text
//!  source ─▶ FeedReader ─▶ Judge: validator, cutter and mapper in one pass ─▶ FeedEvent, FeedEvent, …
//!             one per thread                                                       │
//!                          FeedQueue: the order in which feeds were named ◀────────┘ ─▶ one consumer
//! ```
//!
//! What crosses the border to reports, telemetry and import are the words of [`judgement`](crate::judgement).

pub mod conformance;
pub mod feeds;
mod findings;
mod formats;
mod judge;
mod ledger;
pub mod plan;
pub mod progress;
mod queue;
mod reading;
pub mod sequential;
mod single_record;
#[cfg(test)]
mod tests;
mod waypoints;

pub use conformance::{CaseAnswer, CaseSchema, CaseVerdict};
pub use feeds::{FeedReaders, FeedsOptions, ThreadsError};
pub use formats::{FormatError, FormatPlans, KnownFormat, RecordError, SharedError};
pub use plan::{Assumed, FeedError, FeedLimits, FeedPlan, Plans, StopFlag, Unplanned};
pub use progress::{Advance, Progress};
pub use sequential::{FeedInput, FeedReader};
pub use single_record::{RecordAloneError, judge_record};
