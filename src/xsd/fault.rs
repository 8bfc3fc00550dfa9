//! What can be wrong with a schema: the rule, the document, the place, a sentence.

use crate::xml::Place;
use std::fmt;
use std::sync::Arc;

/// A rule of the Recommendation that a schema broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A schema document is no well-formed XML.
    NotWellFormed,
    /// A schema document does not fit the schema for schemas: wrong child, attribute or value.
    SchemaForSchemas,
    /// A schema document could not be had, or has another target namespace than it should.
    Include,
    /// An `import` breaks its rules.
    Import,
    /// A `redefine` breaks its rules.
    Redefine,
    /// A name refers to nothing.
    Resolve,
    /// Two components of one kind have one name.
    Duplicate,
    /// An element declaration's representation.
    Element,
    /// An attribute declaration's or use's representation.
    Attribute,
    /// A complex type's representation.
    ComplexType,
    /// A simple type's representation.
    SimpleType,
    /// A complex type's properties: a circular or impossible derivation.
    ComplexTypeProperties,
    /// A simple type's properties: a circular or impossible derivation.
    SimpleTypeProperties,
    /// A rule with a clause of its own, such as those of the facets.
    Clause(&'static str),
    /// A value constraint that its own type does not accept.
    ValueConstraint,
    /// A model group's properties (an `all` where none may stand).
    ModelGroup,
    /// A group that contains itself.
    CircularGroup,
    /// An occurrence range that ends before it begins.
    Particle,
    /// An attribute appears twice in a type.
    AttributeTwice,
    /// A wildcard whose union or intersection cannot be expressed.
    Wildcard,
    /// A selector or field is no path of the permitted subset.
    IdentityPath,
    /// An identity constraint refers to something else than a key with as many fields.
    IdentityConstraint,
    /// An element's substitution group is circular or its type does not fit.
    SubstitutionGroup,
    /// A limit of this program, named in the sentence.
    Limit,
}

impl Rule {
    /// The identifier the Recommendation gives the rule.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotWellFormed => "xml.not-well-formed",
            Self::SchemaForSchemas => "s4s",
            Self::Include => "src-include",
            Self::Import => "src-import",
            Self::Redefine => "src-redefine",
            Self::Resolve => "src-resolve",
            Self::Duplicate => "sch-props-correct.2",
            Self::Element => "src-element",
            Self::Attribute => "src-attribute",
            Self::ComplexType => "src-ct",
            Self::SimpleType => "src-simple-type",
            Self::ComplexTypeProperties => "ct-props-correct",
            Self::SimpleTypeProperties => "st-props-correct",
            Self::Clause(code) => code,
            Self::ValueConstraint => "cos-valid-default",
            Self::ModelGroup => "cos-all-limited",
            Self::CircularGroup => "mg-props-correct.2",
            Self::Particle => "p-props-correct.2.1",
            Self::AttributeTwice => "ct-props-correct.4",
            Self::Wildcard => "cos-aw-union",
            Self::IdentityPath => "c-selector-xpath",
            Self::IdentityConstraint => "c-props-correct",
            Self::SubstitutionGroup => "e-props-correct",
            Self::Limit => "limit",
        }
    }
}

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
#[error("the schema cannot be used: {}", summary(.faults))]
pub struct SchemaError {
    /// Everything found wrong, in document order.
    pub faults: Vec<SchemaFault>,
}

fn summary(faults: &[SchemaFault]) -> String {
    match faults {
        [] => "no fault recorded".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}
