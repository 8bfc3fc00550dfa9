//! Feed in, outcomes out, in record order.
//!
//! [`finding`], [`outcome`], [`verdict`] and [`tally`] are what crosses the border to reports and to
//! the import; the drivers behind them read a feed once, validate, cut and map in the same pass.

pub mod finding;
pub mod outcome;
pub mod tally;
pub mod verdict;

pub use finding::{Finding, Severity};
pub use outcome::{
    Action, FeedEnd, FeedStart, Flow, Outcome, OutcomeSink, RecordContext, RecordOrdinal, RecordResult,
};
pub use tally::Tally;
pub use verdict::{Check, CheckState, Verdict};
