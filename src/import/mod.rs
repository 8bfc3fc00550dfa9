//! From outcomes to the database: one run, feeds applied whole or not at all.
//!
//! ```text
//!  reading threads            bounded channel        database threads
//!  pipeline ─▶ Feeder ══parcels of outcomes══▶ Writer ─▶ staged rows ─▶ one transaction for whole feeds
//!             (OutcomeSink)                      │
//!                                                └─ compares with the fingerprints of what is there
//! ```
//!
//! * Reading and database work overlap; when the database cannot follow, reading waits.
//! * A feed that is not whole (cut off, not well-formed, anything fatal) leaves nothing but its findings.
//! * Records that were refused go to the quarantine, their neighbours are imported.
//! * Killed at any moment, the shop's tables are as before or as after a transaction; the next run takes over.
//!
//! Not here: SQL (`store`), and judging records (`pipeline`).

mod current;
mod desk;
mod error;
mod feeder;
mod notes;
mod plan;
mod replay;
mod report;
mod rules;
mod run;
mod writer;

pub use error::ImportError;
pub use plan::{BatchLimits, ImportPlan, Mode};
pub use replay::{ReplayReport, Replayed, Revalidate, replay};
pub use report::{FeedReport, ImportReport, Unread};
pub use run::{block_on, run_import};
