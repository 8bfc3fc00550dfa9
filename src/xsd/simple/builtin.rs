//! The built-in types (Part 2, section 3): the table, and the types made from it once.

use crate::xsd::limits::PatternLimits;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::identity::IdKind;
use super::{FacetDeclaration, FacetKind, Facets, NoNamespaces, Shape, SimpleType, WhiteSpace};
use crate::xsd::value::{Grammar, Primitive};

/// A row of the table.
#[derive(Debug)]
pub(super) struct Builtin {
    pub(super) name: &'static str,
    base: &'static str,
    make: Make,
    /// What a value looks like, in the words of somebody who knows no schema.
    pub(super) words: &'static str,
}

/// How a built-in type comes from its base.
#[derive(Debug)]
enum Make {
    AnySimpleType,
    Primitive(Primitive),
    /// A primitive grammar narrowed by hand.
    Narrowed(Grammar),
    /// Facets; the last is whether they are fixed.
    Restricted(&'static [(FacetKind, &'static str)]),
    Identity(Grammar, IdKind),
    /// A list of the item type with at least one item.
    List(&'static str),
}

const fn row(name: &'static str, base: &'static str, make: Make, words: &'static str) -> Builtin {
    Builtin { name, base, make, words }
}

/// Bases stand before what is derived from them.
static TABLE: [Builtin; 45] = {
    use FacetKind::{MaxInclusive, MinInclusive, WhiteSpace};
    use Make::{AnySimpleType, Identity, List, Narrowed, Primitive as Prim, Restricted};
    [
        row("anySimpleType", "", AnySimpleType, "text"),
        row("string", "anySimpleType", Prim(Primitive::String), "text"),
        row("boolean", "anySimpleType", Prim(Primitive::Boolean), "`true` or `false` (or `1` or `0`)"),
        row("decimal", "anySimpleType", Prim(Primitive::Decimal), "a decimal number such as 12.50"),
        row("float", "anySimpleType", Prim(Primitive::Float), "a number such as 12.5 or 1.25E1"),
        row("double", "anySimpleType", Prim(Primitive::Double), "a number such as 12.5 or 1.25E1"),
        row(
            "duration",
            "anySimpleType",
            Prim(Primitive::Duration),
            "a duration such as P1DT12H (one and a half days)",
        ),
        row(
            "dateTime",
            "anySimpleType",
            Prim(Primitive::DateTime),
            "a date and time such as 2026-11-23T18:30:00",
        ),
        row("time", "anySimpleType", Prim(Primitive::Time), "a time such as 18:30:00"),
        row("date", "anySimpleType", Prim(Primitive::Date), "a date such as 2026-11-23"),
        row("gYearMonth", "anySimpleType", Prim(Primitive::GYearMonth), "a year and month such as 2026-11"),
        row("gYear", "anySimpleType", Prim(Primitive::GYear), "a year such as 2026"),
        row("gMonthDay", "anySimpleType", Prim(Primitive::GMonthDay), "a month and day such as --11-23"),
        row("gDay", "anySimpleType", Prim(Primitive::GDay), "a day of the month such as ---23"),
        row("gMonth", "anySimpleType", Prim(Primitive::GMonth), "a month such as --11"),
        row(
            "hexBinary",
            "anySimpleType",
            Prim(Primitive::HexBinary),
            "pairs of hexadecimal digits such as 0FB7",
        ),
        row("base64Binary", "anySimpleType", Prim(Primitive::Base64Binary), "data in Base64 such as TWFu"),
        row(
            "anyURI",
            "anySimpleType",
            Prim(Primitive::AnyUri),
            "an address (URI) such as https://example.com/a",
        ),
        row("QName", "anySimpleType", Prim(Primitive::QName), "a name, with a declared prefix if it has one"),
        row("NOTATION", "anySimpleType", Prim(Primitive::Notation), "the name of a notation"),
        row("normalizedString", "string", Restricted(&[(WhiteSpace, "replace")]), "text"),
        row("token", "normalizedString", Restricted(&[(WhiteSpace, "collapse")]), "text"),
        row("language", "token", Narrowed(Grammar::Language), "a language code such as de or en-GB"),
        row(
            "NMTOKEN",
            "token",
            Narrowed(Grammar::NmToken),
            "one word of letters, digits and `.` `-` `_` `:`",
        ),
        row("NMTOKENS", "anySimpleType", List("NMTOKEN"), "words of letters, digits and `.` `-` `_` `:`"),
        row("Name", "token", Narrowed(Grammar::Name), "a name that begins with a letter, `_` or `:`"),
        row(
            "NCName",
            "Name",
            Narrowed(Grammar::NcName),
            "a name without colon that begins with a letter or `_`",
        ),
        row(
            "ID",
            "NCName",
            Identity(Grammar::NcName, IdKind::Id),
            "an identifier that begins with a letter or `_`",
        ),
        row("IDREF", "NCName", Identity(Grammar::NcName, IdKind::Idref), "the identifier of another element"),
        row("IDREFS", "anySimpleType", List("IDREF"), "identifiers of other elements"),
        row("ENTITY", "NCName", Identity(Grammar::NcName, IdKind::Entity), "the name of an entity"),
        row("ENTITIES", "anySimpleType", List("ENTITY"), "names of entities"),
        row("integer", "decimal", Narrowed(Grammar::Integer), "a whole number such as 12"),
        row(
            "nonPositiveInteger",
            "integer",
            Restricted(&[(MaxInclusive, "0")]),
            "0 or a negative whole number",
        ),
        row(
            "negativeInteger",
            "nonPositiveInteger",
            Restricted(&[(MaxInclusive, "-1")]),
            "a negative whole number",
        ),
        row(
            "long",
            "integer",
            Restricted(&[(MinInclusive, "-9223372036854775808"), (MaxInclusive, "9223372036854775807")]),
            "a whole number such as 12",
        ),
        row(
            "int",
            "long",
            Restricted(&[(MinInclusive, "-2147483648"), (MaxInclusive, "2147483647")]),
            "a whole number such as 12",
        ),
        row(
            "short",
            "int",
            Restricted(&[(MinInclusive, "-32768"), (MaxInclusive, "32767")]),
            "a whole number such as 12",
        ),
        row(
            "byte",
            "short",
            Restricted(&[(MinInclusive, "-128"), (MaxInclusive, "127")]),
            "a whole number such as 12",
        ),
        row("nonNegativeInteger", "integer", Restricted(&[(MinInclusive, "0")]), "a whole number from 0 up"),
        row(
            "unsignedLong",
            "nonNegativeInteger",
            Restricted(&[(MaxInclusive, "18446744073709551615")]),
            "a whole number from 0 up",
        ),
        row(
            "unsignedInt",
            "unsignedLong",
            Restricted(&[(MaxInclusive, "4294967295")]),
            "a whole number from 0 up",
        ),
        row(
            "unsignedShort",
            "unsignedInt",
            Restricted(&[(MaxInclusive, "65535")]),
            "a whole number from 0 up",
        ),
        row(
            "unsignedByte",
            "unsignedShort",
            Restricted(&[(MaxInclusive, "255")]),
            "a whole number from 0 up",
        ),
        row(
            "positiveInteger",
            "nonNegativeInteger",
            Restricted(&[(MinInclusive, "1")]),
            "a whole number from 1 up",
        ),
    ]
};

type Made = HashMap<&'static str, Arc<SimpleType>>;

static MADE: OnceLock<Made> = OnceLock::new();

impl SimpleType {
    /// A built-in type by its local name in the schema namespace; `anySimpleType` among them.
    #[must_use]
    pub fn builtin(local: &str) -> Option<Arc<Self>> {
        MADE.get_or_init(make_all).get(local).cloned()
    }

    /// The local names of all built-in simple types, bases first.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.name)
    }
}

fn make_all() -> Made {
    let mut made = Made::with_capacity(TABLE.len());
    for row in &TABLE {
        let simple_type = make(row, &made);
        made.insert(row.name, Arc::new(simple_type));
    }
    made
}

fn make(row: &'static Builtin, made: &Made) -> SimpleType {
    let base = made.get(row.base).cloned();
    match row.make {
        Make::AnySimpleType => {
            fresh(row, base, Shape::Any, Facets::with_white_space(WhiteSpace::Preserve, false))
        }
        Make::Primitive(primitive) => {
            let text = primitive == Primitive::String;
            let white_space = if text { WhiteSpace::Preserve } else { WhiteSpace::Collapse };
            let shape = Shape::Atomic(Grammar::Primitive(primitive));
            fresh(row, base, shape, Facets::with_white_space(white_space, !text))
        }
        Make::Narrowed(grammar) => narrowed(row, base, grammar),
        Make::Identity(grammar, id_kind) => SimpleType { id_kind, ..narrowed(row, base, grammar) },
        Make::Restricted(facets) => restricted(row, &made[row.base], facets),
        Make::List(item) => list(row, base, &made[item]),
    }
}

fn fresh(row: &'static Builtin, base: Option<Arc<SimpleType>>, shape: Shape, facets: Facets) -> SimpleType {
    let accepts_all = matches!(shape, Shape::Any | Shape::Atomic(Grammar::Primitive(Primitive::String)));
    SimpleType {
        name: Some(row.name.into()),
        base,
        shape,
        facets,
        id_kind: IdKind::None,
        builtin: Some(row),
        notes: None,
        accepts_all,
    }
}

fn narrowed(row: &'static Builtin, base: Option<Arc<SimpleType>>, grammar: Grammar) -> SimpleType {
    let mut facets = base.as_ref().map(|base| base.facets.clone()).expect("a narrowed type has a base");
    if grammar == Grammar::Integer {
        facets.digits.fraction = Some(crate::xsd::facet::Facet { value: 0, fixed: true });
    }
    fresh(row, base, Shape::Atomic(grammar), facets)
}

fn restricted(
    row: &'static Builtin,
    base: &Arc<SimpleType>,
    facets: &[(FacetKind, &'static str)],
) -> SimpleType {
    let declare = |&(kind, value)| FacetDeclaration { kind, value, fixed: false, namespaces: &NoNamespaces };
    let declared: Vec<_> = facets.iter().map(declare).collect();
    let made = SimpleType::restricted(PatternLimits::default(), base, Some(row.name), &declared)
        .expect("the table restricts properly");
    SimpleType { builtin: Some(row), ..made }
}

fn list(row: &'static Builtin, base: Option<Arc<SimpleType>>, item: &Arc<SimpleType>) -> SimpleType {
    let mut facets = Facets::with_white_space(WhiteSpace::Collapse, true);
    facets.lengths.min = Some(crate::xsd::facet::Facet { value: 1, fixed: false });
    let made = fresh(row, base, Shape::List(Arc::clone(item)), facets);
    SimpleType { id_kind: item.id_kind.of_list(), ..made }
}
