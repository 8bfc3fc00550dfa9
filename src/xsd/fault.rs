//! What can be wrong with a schema: the rule, the document, the place, a sentence.

use crate::xml::Place;
use std::fmt;
use std::sync::Arc;

pub use super::rule::Rule;

/// One fault of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFault {
    /// The document, as the caller named it.
    pub document: Arc<str>,
    /// Where in the document.
    pub place: Place,
    /// Which rule.
    pub rule: Rule,
    /// One English sentence.
    pub sentence: String,
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.document, self.place, self.sentence, self.rule.code())
    }
}

/// A schema that cannot be used, with all its faults.
#[derive(Debug, thiserror::Error)]
#[error("the schema cannot be used: {}", summary(.faults, *.more))]
pub struct SchemaError {
    /// What was found wrong, by document and place.
    pub faults: Vec<SchemaFault>,
    /// How many faults were found beyond [`FAULTS_MAX`](crate::xsd::FAULTS_MAX), which are not told.
    pub more: usize,
}

fn summary(faults: &[SchemaFault], more: usize) -> String {
    match faults {
        [] => "no fault recorded".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len() + more),
    }
}
