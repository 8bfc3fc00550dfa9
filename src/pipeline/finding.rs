//! A finding: what the engine or a rule saw, in which record, how severe.

use crate::feed::Level;
use crate::pipeline::outcome::RecordOrdinal;
use crate::product::RecordReference;
use crate::xml::Place;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding weighs. An error refuses the record; the rest is told and let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, changes nothing.
    Notice,
    /// Suspicious; the record is imported.
    Warning,
    /// The record is refused.
    Error,
    /// The whole feed is refused: it ends here or cannot be trusted.
    Fatal,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Notice => Self::Notice,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        })
    }
}

/// One deviation with its record, place and weight; owned, ready for reports and the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Clause of the Recommendation (`cvc-complex-type.2.4.a`), rule of the format (`rule.gtin`),
    /// or `xml.*` for what is not well-formed.
    pub code: &'static str,
    /// One English sentence, without place.
    pub sentence: String,
    /// Where in the source.
    pub place: Place,
    /// Element path with positions, such as `/ONIXMessage/Product[3]/DescriptiveDetail/ProductForm`.
    pub path: String,
    /// What was found, cut; empty when nothing was.
    pub found: String,
    /// What was expected, cut; empty when no list or rule says it.
    pub expected: String,
    /// Number of the record in the feed, from 1; `None` outside of records.
    pub record: Option<RecordOrdinal>,
    /// Key of the record, once known.
    pub key: Option<RecordReference>,
    /// Groups equal deviations: clause, path without positions, operand class.
    pub fingerprint: u64,
    /// The line of the feed around the place, cut, for a caret below it; empty when not at hand.
    pub excerpt: Excerpt,
}

/// A piece of the source line a finding stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, tabs as spaces, control characters escaped, cut to about 120 characters.
    pub text: String,
    /// Column of the caret in `text`, in characters, from 0.
    pub caret: usize,
    /// How many characters the caret underlines, at least 1.
    pub width: usize,
}
