//! The elements of the schema namespace, and what only version 1.1 knows.

use super::grammar;

/// An element of the schema namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    All,
    Annotation,
    Any,
    AnyAttribute,
    Appinfo,
    Attribute,
    AttributeGroup,
    Choice,
    ComplexContent,
    ComplexType,
    Documentation,
    Element,
    Enumeration,
    Extension,
    Field,
    FractionDigits,
    Group,
    Import,
    Include,
    Key,
    Keyref,
    Length,
    List,
    MaxExclusive,
    MaxInclusive,
    MaxLength,
    MinExclusive,
    MinInclusive,
    MinLength,
    Notation,
    Pattern,
    Redefine,
    Restriction,
    Schema,
    Selector,
    Sequence,
    SimpleContent,
    SimpleType,
    TotalDigits,
    Union,
    Unique,
    WhiteSpace,
}

impl Kind {
    /// The kind of an element by its local name, `None` for a name XML Schema 1.0 does not know.
    pub(crate) fn from_name(local: &str) -> Option<Self> {
        NAMES.iter().find(|(_, name)| *name == local).map(|(kind, _)| *kind)
    }

    /// The local name.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).expect("every kind has a name").1
    }

    /// Whether the element is a constraining facet.
    pub(crate) fn is_facet(self) -> bool {
        grammar::FACETS.contains(&self)
    }
}

/// Element names that only XML Schema 1.1 knows: loaded, listed as not checked, never ignored in silence.
pub(crate) const VERSION_1_1: &[&str] = &[
    "alternative",
    "assert",
    "assertion",
    "defaultOpenContent",
    "explicitTimezone",
    "openContent",
    "override",
];

/// Attributes that only XML Schema 1.1 knows.
pub(crate) const ATTRIBUTES_1_1: &[&str] = &[
    "notNamespace",
    "notQName",
    "inheritable",
    "defaultAttributes",
    "xpathDefaultNamespace",
    "defaultAttributesApply",
];

/// Namespace of the attributes by which XML Schema 1.1 includes or leaves out parts of a document.
pub(crate) const VERSIONING_NAMESPACE: &str = "http://www.w3.org/2007/XMLSchema-versioning";

/// Types that only XML Schema 1.1 has built in.
pub(crate) const TYPES_1_1: &[&str] =
    &["anyAtomicType", "dateTimeStamp", "dayTimeDuration", "error", "yearMonthDuration"];

/// Namespaces of schema documents before the Recommendation, and when that was.
pub(crate) const DRAFTS: &[(&str, &str)] = &[
    ("http://www.w3.org/1999/XMLSchema", "1999"),
    ("http://www.w3.org/2000/08/XMLSchema", "August 2000"),
    ("http://www.w3.org/2000/10/XMLSchema", "October 2000"),
];

const NAMES: &[(Kind, &str)] = &[
    (Kind::All, "all"),
    (Kind::Annotation, "annotation"),
    (Kind::Any, "any"),
    (Kind::AnyAttribute, "anyAttribute"),
    (Kind::Appinfo, "appinfo"),
    (Kind::Attribute, "attribute"),
    (Kind::AttributeGroup, "attributeGroup"),
    (Kind::Choice, "choice"),
    (Kind::ComplexContent, "complexContent"),
    (Kind::ComplexType, "complexType"),
    (Kind::Documentation, "documentation"),
    (Kind::Element, "element"),
    (Kind::Enumeration, "enumeration"),
    (Kind::Extension, "extension"),
    (Kind::Field, "field"),
    (Kind::FractionDigits, "fractionDigits"),
    (Kind::Group, "group"),
    (Kind::Import, "import"),
    (Kind::Include, "include"),
    (Kind::Key, "key"),
    (Kind::Keyref, "keyref"),
    (Kind::Length, "length"),
    (Kind::List, "list"),
    (Kind::MaxExclusive, "maxExclusive"),
    (Kind::MaxInclusive, "maxInclusive"),
    (Kind::MaxLength, "maxLength"),
    (Kind::MinExclusive, "minExclusive"),
    (Kind::MinInclusive, "minInclusive"),
    (Kind::MinLength, "minLength"),
    (Kind::Notation, "notation"),
    (Kind::Pattern, "pattern"),
    (Kind::Redefine, "redefine"),
    (Kind::Restriction, "restriction"),
    (Kind::Schema, "schema"),
    (Kind::Selector, "selector"),
    (Kind::Sequence, "sequence"),
    (Kind::SimpleContent, "simpleContent"),
    (Kind::SimpleType, "simpleType"),
    (Kind::TotalDigits, "totalDigits"),
    (Kind::Union, "union"),
    (Kind::Unique, "unique"),
    (Kind::WhiteSpace, "whiteSpace"),
];

#[cfg(test)]
mod tests {
    use super::{Kind, NAMES};

    #[test]
    fn every_kind_is_found_by_its_name() {
        for (kind, name) in NAMES {
            assert_eq!(Kind::from_name(name), Some(*kind));
            assert_eq!(kind.name(), *name);
        }
    }
}
