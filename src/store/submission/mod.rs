//! Feeds that were submitted: they wait for their turn, are begun, given back, begun again, and end.
//!
//! ```text
//!  enqueue ─▶ queued ─▶ claim: running, attempt n ─▶ finish
//!                ▲            │ give back (the worker stops)            attempt n + 1
//!                └────────────┤ lost (no sign of life), at most LOST_MAX times, then failed
//!                             └ cancel is asked for: the worker learns of it by its next sign of life
//! ```
//!
//! * What is in one lane is done one after another, oldest first: only the oldest of a lane is ever claimed, and only
//!   when nothing of it runs. So two workers that claim at once never get two of a lane, whatever either sees.
//! * The identity of a submission stands in a unique index, as long as its row. It goes before that when the run has
//!   failed or was cancelled, for good: then the same may be submitted again.
//! * A held feed is let in by a run of the queue, too: its bytes are those that are kept with it, and while the run
//!   waits or is under way, the same wish is the same run.
//! * Whoever has claimed a run writes under the number of the attempt (`run`); an older one cannot end it, nor apply.

mod back;
mod cancel;
mod claim;
mod end;
mod enqueue;
mod look;
mod release;

pub use back::LOST_MAX;
pub use cancel::Cancelling;
pub use claim::{Advance, ClaimedRelease, ClaimedRun};
pub use end::Completion;
pub use enqueue::{Enqueued, Submission, SubmissionMode};
pub use look::QueueStanding;
pub use release::{ReleaseOrder, TriedRelease};

pub(super) use back::lost;
