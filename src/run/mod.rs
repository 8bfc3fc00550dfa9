//! What a run is: its plan, its feeds, who is told of it, its import, its end.
//!
//! ```text
//!  cli ┐                    ┌─ FeedReaders   threads that read; one ordered queue
//!      ├─ RunPlan ─▶ Run ◀──┤                 (a feed whose bytes are known is told again, not read)
//!  … ──┘               │    └─ Import        what each event does to the shop, and to the event itself
//!                      └─▶ Watchers          reports and telemetry: told what became of it, in order
//! ```
//!
//! An event is taken from the queue once and goes through the import to the watchers, so everybody is told the same:
//! what the import makes of a record or a feed is known before it is told. Whoever starts a run (a command, a service)
//! settles a plan and reads the [`Conclusion`]; no record passes through its hands.
//!
//! * When the import fails, nothing more is read.
//! * When a run is stopped, the feed being read is dropped; feeds that were read whole are imported, as they were told.
//! * The one [`Acceptance`](crate::judgement::Acceptance) of a run is that of its summary: reports, run row and
//!   metrics state it, and the caller ends with it.

mod conclusion;
mod held;
mod kept;
mod originals;
mod plan;
mod recognition;
mod replay;
#[expect(clippy::module_inception, reason = "it is what the module is about")]
mod run;
mod versions;
mod watchers;

pub use conclusion::{Conclusion, Failures, RunError};
pub use held::{HeldFeedError, held_feed};
pub use kept::{KeptFeedError, read_feed};
pub use plan::{KnownFeeds, RunPlan};
pub use replay::{draft_again, judge_again, replay, replay_one_entry};
pub use run::{Run, block_on, told_standing};
pub use versions::{StoredVersions, TOLD_CHANGES_MAX, VersionsError};
pub use watchers::Watchers;
