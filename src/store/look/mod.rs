//! What people and programs look up: runs, findings, sources.
//!
//! ```text
//!  filter, place, limit ──▶ the conditions that are asked for ──▶ rows from the place on ──▶ the next place
//! ```
//!
//! A page begins behind the last row of the one before it, by number or name, never by counting rows: a page costs the
//! same wherever it is, and what is new meanwhile moves nothing. Filters are written so that an index leads to what
//! they let through (migration 0013).
//!
//! Whoever is bound to one source sees what is of that source alone: each filter has `visible_source`.
//!
//! Not here: entries of the quarantine and held feeds, which stand with what becomes of them.

mod drifts;
mod findings;
mod kinds;
mod products;
mod replays;
mod runs;
mod sources;

pub use drifts::{DRIFT_FEEDS_MAX, DriftView};
pub use findings::{FindingFilter, NumberedSample};
pub use kinds::{EARLIER_RUNS_MAX, EarlierKinds, KindCount, KindFilter, KindSample, NewKinds};
pub use products::ShopProduct;
pub use replays::{ReplayDecision, ReplayedRecord};
pub use runs::{RUN_FEEDS_MAX, RunFeed, RunFilter, RunProgress, RunRecord};
pub use sources::{
    CODED_ENTRIES_MAX, CodeCount, LastGoodFeed, SourceChange, SourceMark, SourceMoments, SourceStanding,
    SourceView, SourceWaiting,
};
