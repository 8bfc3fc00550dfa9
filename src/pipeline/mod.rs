//! Feed in, outcomes out, in record order.
//!
//! [`finding`], [`outcome`], [`verdict`] and [`tally`] are what crosses the border to reports and to
//! the import; the drivers behind them read a feed once, validate, cut and map in the same pass.

pub mod alone;
pub mod conformance;
mod express;
pub mod feeds;
pub mod finding;
mod formats;
mod judge;
mod ledger;
mod line;
pub mod outcome;
pub mod plan;
pub mod progress;
mod reading;
pub mod sequential;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod verdict;
mod waypoints;

pub use alone::{AloneError, judge_alone};
pub use conformance::{CaseAnswer, CaseSchema, CaseVerdict};
pub use feeds::{FeedsOptions, FeedsSink, ThreadsError, run_feeds};
pub use finding::{Finding, Severity};
pub use formats::{Compilation, FormatError, FormatPlans, KnownFormat, RecordError, SharedError};
pub use outcome::{
    Action, FeedEnd, FeedStart, Flow, Lapse, Outcome, OutcomeSink, RecordContext, RecordOrdinal, RecordResult,
};
pub use plan::{Assumed, FeedError, FeedLimits, FeedPlan, Plans, StopFlag, Unplanned};
pub use progress::{Advance, Progress};
pub use sequential::{FeedInput, FeedReader};
pub use tally::Tally;
pub use verdict::{Check, CheckState, Verdict};
