//! From outcomes to the database: one run, feeds applied whole or not at all.
//!
//! ```text
//!  FeedEvent ─▶ Import ─▶ Writer ─▶ staged rows ─▶ one transaction for whole feeds
//!                            │
//!                            ├─ Sources: what the database holds, by digest and fingerprint
//!                            └─ OpenFeed: what is found and counted, and how to forget it
//! ```
//!
//! * A feed that is not whole (cut off, not well-formed, anything fatal) leaves nothing but its findings.
//! * Records that were refused go to the quarantine, their neighbours are imported.
//! * Killed at any moment, the shop's tables are as before or as after a transaction; the next run takes over.
//! * What is remembered of sources is bounded ([`sources`]); of the feed at hand, it is what its source holds.
//!
//! * Feeds of one sender are applied in the order of their messages ([`in_message_order`]); what is older than what was
//!   applied is held.
//!
//! * What a feed would do is weighed before it is applied (`watch`, `guard`), and held when it is too much (`approval`,
//!   `held`).
//! * A run can be rolled back ([`rollback()`]): by another run, in one transaction.
//!
//! * Bytes that were imported before are recognised and told again, not read ([`Recalled`]).
//!
//! Not here: SQL (`store`), judging records (`pipeline`), and who is told (`run`).

mod approval;
mod baselines;
mod drifted;
mod error;
mod expected;
mod feed;
mod guard;
mod held;
mod identity;
#[expect(clippy::module_inception, reason = "it is what the module is about")]
mod import;
mod moves;
mod notes;
mod order;
mod plan;
mod recall;
mod records;
mod replay;
mod report;
mod rollback;
mod rules;
mod shard;
mod sources;
mod structures;
mod target;
mod watch;
mod writer;

pub use error::ImportError;
pub use expected::{ExpectError, Expectation, Expected, expect_drifts, format_of};
pub use feed::{NO_FORMAT, NO_SENDER};
pub use guard::{Changes, Exceeded, GuardKind};
pub use held::{ChangeSample, HeldPlan, Originals, Release};
pub use import::{Begun, Import};
pub use moves::{MOVE_STEPS, MOVES_TOLD_MAX, PriceMove, PriceMoves};
pub use order::in_message_order;
pub use plan::{BatchLimits, FormatRules, ImportPlan, Mode, OldNews, QuarantineLimits};
pub use recall::{KnownBytes, Recalled};
pub use replay::{REPLAY, ReplayReport, Replayed, Revalidate, replay, replay_one_entry};
pub use report::ImportReport;
pub use rollback::{RollbackPlan, RollbackReport, rollback};
pub use rules::gap_sentence;
pub use shard::{SHARDS_MAX, Shard, ShardError};
