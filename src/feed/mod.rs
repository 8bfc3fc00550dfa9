//! What a feed and a record are, in any format.
//!
//! A format is data: a [`FeedProfile`] read from `profile.toml`. [`detect()`] finds the profile of a feed by
//! its first start tag, [`Cutter`] cuts the events of a feed into [`Record`]s and keeps the [`Header`], and
//! the paths of the profile ([`Path`], [`Value`]) say where in a record a value stands.
//!
//! Pure: profiles come in as text, feeds as events.

pub mod cut;
pub mod detect;
pub mod mapping;
mod markup;
pub mod observe;
pub mod path;
pub mod profile;
pub mod record;
pub mod rule;
mod select;
#[cfg(test)]
pub(crate) mod testing;
mod vocabulary;

pub use cut::{CutStep, Cutter, Header};
pub use detect::{DetectError, Detected, NAMESPACE_ASSUMED, detect};
pub use mapping::{Mapping, Measured, Unit};
pub use observe::{Judged, RecordObserver};
pub use path::{Path, PathError, Value, Word};
pub use profile::{
    Block, CheckRule, DuplicateCheck, FeedProfile, KeyPart, ListRule, MissingPolicy, NotificationKind,
    ProfileError, Root, SchemaDocuments,
};
pub use record::{NodeId, Record, RecordLimits, RecordOverflow};
pub use rule::Rule;
pub use select::Found;
pub use vocabulary::{Key, Vocabulary};
