//! Why two feeds could not be compared.

use super::scan::SURROUNDINGS_MAX;
use crate::feed::DetectError;
use crate::source::InputError;
use crate::xml::{Place, XmlError, XmlErrorKind};
use std::io;
use std::sync::Arc;

/// Why two feeds could not be compared. The message names the feed, the place and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A feed cannot be opened or read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A feed is not well-formed, or ends early.
    #[error("`{feed}` cannot be read to its end: {place}")]
    Xml {
        /// Name of the feed.
        feed: Arc<str>,
        /// Where.
        place: Place,
        /// What is wrong there.
        #[source]
        source: Box<XmlErrorKind>,
    },
    /// No profile fits a feed.
    #[error("the format of `{feed}` is not known")]
    Format {
        /// Name of the feed.
        feed: Arc<str>,
        /// Why.
        #[source]
        source: DetectError,
    },
    /// The feeds are of different formats.
    #[error(
        "`{old}` is a feed of {old_format}, `{new}` one of {new_format}: only feeds of one format can be compared"
    )]
    Formats {
        /// Name of the old feed.
        old: Arc<str>,
        /// Its format.
        old_format: String,
        /// Name of the new feed.
        new: Arc<str>,
        /// Its format.
        new_format: String,
    },
    /// A record is larger than a record may be.
    #[error("`{feed}`:{place}: {why}: records of this size are not compared")]
    Record {
        /// Name of the feed.
        feed: Arc<str>,
        /// Where the record begins.
        place: Place,
        /// Which limit it went over.
        why: String,
    },
    /// Namespaces are bound anew around records, too often.
    #[error(
        "in `{feed}` elements around records bind namespaces in more than {SURROUNDINGS_MAX} ways (limit \
         `surroundings_max`)"
    )]
    Surroundings {
        /// Name of the feed.
        feed: Arc<str>,
    },
    /// Neither feed has a record of a key that was asked for.
    #[error("no record of either feed has the key `{key}` (`--records`): {hint}")]
    UnknownRecord {
        /// The key.
        key: String,
        /// What to do.
        hint: String,
    },
    /// No record of either feed has a path that alone was to count, or was not.
    #[error("no record of either feed has the path `{path}` (`{flag}`): {hint}")]
    UnknownPath {
        /// What it was said by.
        flag: &'static str,
        /// The path.
        path: String,
        /// What to do.
        hint: String,
    },
    /// A feed is not what it was a moment ago.
    #[error("`{feed}` was changed while it was compared: compare it again")]
    Changed {
        /// Name of the feed.
        feed: Arc<str>,
    },
    /// A temporary file cannot be written or read.
    #[error("cannot use a temporary file; TMPDIR names the folder for them")]
    Temporary(#[source] io::Error),
    /// The caller wanted no more.
    #[error("stopped before the feeds were compared")]
    Stopped,
}

impl DiffError {
    pub(super) fn xml(feed: &Arc<str>, error: XmlError) -> Self {
        Self::Xml { feed: Arc::clone(feed), place: error.place, source: Box::new(error.kind) }
    }
}
