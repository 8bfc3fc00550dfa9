//! What a feed and a record are, in any format.
//!
//! A format is data: a [`FeedProfile`] read from `profile.toml`. [`detect()`] finds the profile of a feed by
//! its first start tag, [`Cutter`] cuts the events of a feed into [`Record`]s and keeps the [`Header`], and
//! the paths of the profile ([`Path`], [`Value`]) say where in a record a value stands.
//!
//! Pure: profiles come in as text, feeds as events.

mod cut;
mod detect;
mod lone;
pub mod mapping;
mod markup;
mod observe;
mod others;
mod path;
pub(crate) mod profile;
mod record;
mod rule;
mod select;
#[cfg(test)]
pub(crate) mod testing;
mod vocabulary;

pub use cut::{CutStep, Cutter, Header};
pub use detect::{
    DetectError, Detected, NAMESPACE_ASSUMED, NAMESPACE_MISSPELT, detect, misspelling, named_other,
};
pub use lone::{RECORD_ALONE, detect_record, is_record, presumed_header};
pub use mapping::{Measured, Unit};
pub use observe::{Judged, RecordObserver};
pub use path::{Path, Value};
pub use profile::{DuplicateCheck, FeedProfile, NotificationKind, ProfileError, Root, Unavailable};
pub use record::{NodeId, Record, RecordLimits};
pub use rule::Rule;
pub use select::Found;
