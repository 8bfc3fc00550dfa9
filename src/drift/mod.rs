//! Format drift: what changes in a feed that is perfectly valid.
//!
//! ```text
//!  records ─▶ Gatherer ─▶ Profile ─▶ packed, kept for each run
//!                            │            └─▶ Baseline: the last 20 good ones
//!                            └────────────────────┴─▶ judge ─▶ drifts: what, where, expected, observed, since when
//! ```
//!
//! A profile counts what is there, exactly; nothing in it is a guess. What a baseline expects of the next feed is
//! learned from how its own feeds differ, so that a catalogue that is nearly the same each night is held to that, and
//! deltas that are one series tonight and another tomorrow are not.
//!
//! Pure: records and bytes in, values out.

mod baseline;
mod familiar;
mod finding;
mod gather;
mod judge;
mod lexical;
mod limits;
mod number;
mod packed;
mod paths;
mod profile;
mod question;
mod statistics;
mod structure;
mod subjects;
mod values;
mod volume;
mod words;

pub use baseline::{ACCEPTANCES_MAX, Baseline, LEARNING_RUNS, Remembered, SHIFT_RUNS, Subject, WINDOW_RUNS};
pub use familiar::Familiar;
pub use finding::{Certainty, Drift, DriftKind, FirstRecord};
pub use gather::{Gathered, Gatherer, RECORDS_ALL, RECORDS_ONE_IN};
pub use judge::{ALARMS_MAX, Judgement, judge};
pub use lexical::LexicalClass;
pub use limits::{
    DEPTH_MAX, FACT_BYTES_MAX, KEY_BYTES_MAX, NAME_BYTES_MAX, NEIGHBOURS_MAX, PACKED_BYTES_MAX, PATHS_MAX,
    PREFIXES_MAX, VALUE_BYTES_MAX, VALUES_MAX,
};
pub use number::Numbers;
pub use packed::PackedError;
pub use profile::{
    ClassCount, FeedFacts, KindProfile, LENGTHS, OCCURRENCES, PathProfile, Profile, RecordKind, RecordPlace,
    Texts, ValueCount,
};
pub use subjects::subjects;

#[cfg(test)]
mod tests;
