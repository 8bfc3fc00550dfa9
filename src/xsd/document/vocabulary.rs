//! Which attributes and children each element of a schema document allows (flat table).
//!
//! Source: the element information item grammars ("XML Representation Summary") of XML Schema 1.0
//! part 1, second edition, chapter 3, and part 2, chapter 4.

/// An element of the schema namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    All,
    Any,
    AnyAttribute,
    Attribute,
    AttributeGroup,
    Choice,
    ComplexContent,
    ComplexType,
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
        TABLE.iter().find(|row| row.name == local).map(|row| row.kind)
    }

    /// The local name.
    pub(crate) fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the element may carry this (unqualified) attribute.
    pub(crate) fn allows_attribute(self, name: &str) -> bool {
        name == "id" || self.row().attributes.contains(&name)
    }

    /// Whether the element may hold this child.
    pub(crate) fn allows_child(self, child: Self) -> bool {
        self.row().children.contains(&child)
    }

    /// Whether the element is a constraining facet.
    pub(crate) fn is_facet(self) -> bool {
        FACETS.contains(&self)
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.kind == self).expect("every kind has a row")
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

struct Row {
    kind: Kind,
    name: &'static str,
    attributes: &'static [&'static str],
    children: &'static [Kind],
}

const fn row(
    kind: Kind,
    name: &'static str,
    attributes: &'static [&'static str],
    children: &'static [Kind],
) -> Row {
    Row { kind, name, attributes, children }
}

const FACETS: &[Kind] = {
    use Kind::{
        Enumeration, FractionDigits, Length, MaxExclusive, MaxInclusive, MaxLength, MinExclusive,
        MinInclusive, MinLength, Pattern, TotalDigits, WhiteSpace,
    };
    &[
        Enumeration,
        FractionDigits,
        Length,
        MaxExclusive,
        MaxInclusive,
        MaxLength,
        MinExclusive,
        MinInclusive,
        MinLength,
        Pattern,
        TotalDigits,
        WhiteSpace,
    ]
};

#[allow(clippy::enum_glob_use, reason = "the table names every kind")]
const TABLE: &[Row] = {
    use Kind::*;
    const PARTICLES: &[Kind] = &[Element, Group, Choice, Sequence, Any];
    const FACET: &[&str] = &["value", "fixed"];
    &[
        row(
            Element,
            "element",
            &[
                "name",
                "ref",
                "type",
                "minOccurs",
                "maxOccurs",
                "nillable",
                "default",
                "fixed",
                "form",
                "abstract",
                "block",
                "final",
                "substitutionGroup",
            ],
            &[SimpleType, ComplexType, Unique, Key, Keyref],
        ),
        row(
            Attribute,
            "attribute",
            &["name", "ref", "type", "use", "default", "fixed", "form"],
            &[SimpleType],
        ),
        row(Enumeration, "enumeration", &["value"], &[]),
        row(
            ComplexType,
            "complexType",
            &["name", "mixed", "abstract", "block", "final"],
            &[
                SimpleContent,
                ComplexContent,
                Group,
                All,
                Choice,
                Sequence,
                Attribute,
                AttributeGroup,
                AnyAttribute,
            ],
        ),
        row(SimpleType, "simpleType", &["name", "final"], &[Restriction, List, Union]),
        row(
            Restriction,
            "restriction",
            &["base"],
            &[
                SimpleType,
                Group,
                All,
                Choice,
                Sequence,
                Attribute,
                AttributeGroup,
                AnyAttribute,
                Enumeration,
                FractionDigits,
                Length,
                MaxExclusive,
                MaxInclusive,
                MaxLength,
                MinExclusive,
                MinInclusive,
                MinLength,
                Pattern,
                TotalDigits,
                WhiteSpace,
            ],
        ),
        row(
            Extension,
            "extension",
            &["base"],
            &[Group, All, Choice, Sequence, Attribute, AttributeGroup, AnyAttribute],
        ),
        row(AttributeGroup, "attributeGroup", &["name", "ref"], &[Attribute, AttributeGroup, AnyAttribute]),
        row(Sequence, "sequence", &["minOccurs", "maxOccurs"], PARTICLES),
        row(Choice, "choice", &["minOccurs", "maxOccurs"], PARTICLES),
        row(All, "all", &["minOccurs", "maxOccurs"], &[Element]),
        row(Group, "group", &["name", "ref", "minOccurs", "maxOccurs"], &[All, Choice, Sequence]),
        row(Any, "any", &["namespace", "processContents", "minOccurs", "maxOccurs"], &[]),
        row(AnyAttribute, "anyAttribute", &["namespace", "processContents"], &[]),
        row(SimpleContent, "simpleContent", &[], &[Restriction, Extension]),
        row(ComplexContent, "complexContent", &["mixed"], &[Restriction, Extension]),
        row(List, "list", &["itemType"], &[SimpleType]),
        row(Union, "union", &["memberTypes"], &[SimpleType]),
        row(Unique, "unique", &["name"], &[Selector, Field]),
        row(Key, "key", &["name"], &[Selector, Field]),
        row(Keyref, "keyref", &["name", "refer"], &[Selector, Field]),
        row(Selector, "selector", &["xpath"], &[]),
        row(Field, "field", &["xpath"], &[]),
        row(Include, "include", &["schemaLocation"], &[]),
        row(Import, "import", &["namespace", "schemaLocation"], &[]),
        row(Redefine, "redefine", &["schemaLocation"], &[SimpleType, ComplexType, Group, AttributeGroup]),
        row(Notation, "notation", &["name", "public", "system"], &[]),
        row(
            Schema,
            "schema",
            &[
                "targetNamespace",
                "version",
                "elementFormDefault",
                "attributeFormDefault",
                "blockDefault",
                "finalDefault",
            ],
            &[
                Include,
                Import,
                Redefine,
                SimpleType,
                ComplexType,
                Group,
                AttributeGroup,
                Element,
                Attribute,
                Notation,
            ],
        ),
        row(FractionDigits, "fractionDigits", FACET, &[]),
        row(Length, "length", FACET, &[]),
        row(MaxExclusive, "maxExclusive", FACET, &[]),
        row(MaxInclusive, "maxInclusive", FACET, &[]),
        row(MaxLength, "maxLength", FACET, &[]),
        row(MinExclusive, "minExclusive", FACET, &[]),
        row(MinInclusive, "minInclusive", FACET, &[]),
        row(MinLength, "minLength", FACET, &[]),
        row(Pattern, "pattern", &["value"], &[]),
        row(TotalDigits, "totalDigits", FACET, &[]),
        row(WhiteSpace, "whiteSpace", FACET, &[]),
    ]
};

#[cfg(test)]
mod tests {
    use super::{Kind, TABLE};

    #[test]
    fn every_row_is_found_by_its_name_and_its_kind() {
        for row in TABLE {
            assert_eq!(Kind::from_name(row.name), Some(row.kind));
            assert_eq!(row.kind.name(), row.name);
        }
    }

    #[test]
    fn all_holds_elements_only() {
        assert!(Kind::All.allows_child(Kind::Element));
        assert!(!Kind::All.allows_child(Kind::Sequence));
        assert!(!Kind::Pattern.allows_attribute("fixed"));
    }
}
