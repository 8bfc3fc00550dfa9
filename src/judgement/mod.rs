//! The words in which feeds are judged: what readers tell and reports, telemetry, import and store are told.
//!
//! ```text
//!  finding  ─┬─▶ outcome  one record: accepted with an action, or refused with its bytes
//!            ├─▶ verdict  one feed: every check with how it went ─▶ Acceptance, computed here and nowhere else
//!            ├─▶ tally    exact counts, whatever is kept
//!            └─▶ groups   equal findings together, with a few samples
//!  coverage  whether feeds are whole catalogues, or only changes
//!  language  the language in which people are told
//!  event     what a feed tells, in order: its start, outcomes and findings, its end
//!  escape    text of feeds, made harmless for whoever reads it
//! ```
//!
//! Values only: nothing here reads, writes, waits or looks at a clock (moments are carried, not taken).
//!
//! * One [`Acceptance`] for a feed and one for a run. Every report, signal and row of the database states that one.
//! * A check that was not brought to its end is [`CheckState::NotDone`] and never lets a feed be accepted;
//!   one that has nothing to look at is [`CheckState::NotApplicable`] and says nothing against it.

mod acceptance;
mod coverage;
pub mod escape;
mod event;
mod finding;
mod groups;
mod language;
mod outcome;
mod tally;
mod verdict;

pub use acceptance::Acceptance;
pub use coverage::Coverage;
pub use event::{Compilation, EventSink, Failure, FeedEnd, FeedEvent, FeedStart, Flow, Lapse, RecordContext};
pub(crate) use finding::without_positions;
pub use finding::{Excerpt, Finding, Level, Severity, fingerprint};
pub use groups::{Group, GroupLimits, Groups, UngroupedFindings};
pub use language::Language;
pub use outcome::{Action, Outcome, RecordOrdinal, RecordResult};
pub use tally::Tally;
pub use verdict::{Check, CheckState, Undone, Verdict};
