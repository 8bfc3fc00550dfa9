//! What each element of a schema document may hold: its attributes with their types, its children in
//! their order (flat table).
//!
//! Source: the schema for schemas (part 1, appendix A; part 2, appendix A) and the XML Representation
//! Summaries of chapter 3. One element name may have several forms: a global `element` has no
//! `minOccurs`, one in an `all` has at most one. Every form but a few begins with an optional
//! annotation, which is not repeated in the table.

use super::literal::Literal;
use super::vocabulary::Kind;

/// What an element may hold where it stands.
#[derive(Debug)]
pub(crate) struct Form {
    attributes: &'static [Attribute],
    /// Ways to fill it; any one will do.
    ways: &'static [&'static [Slot]],
    annotated: bool,
}

/// An attribute, its type, whether it must be there.
type Attribute = (&'static str, Literal, Need);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Optional,
    Required,
}

/// Children that may stand at some place of the order.
#[derive(Debug)]
struct Slot {
    kinds: &'static [Kind],
    min: u8,
    many: bool,
}

const fn slot(kinds: &'static [Kind], min: u8, many: bool) -> Slot {
    Slot { kinds, min, many }
}

impl Form {
    /// The form of an element below a parent.
    pub(crate) fn of(kind: Kind, parent: Option<Kind>) -> &'static Self {
        let global = matches!(parent, None | Some(Kind::Schema | Kind::Redefine));
        match (kind, parent) {
            (Kind::Element, _) if global => &GLOBAL_ELEMENT,
            (Kind::Element, Some(Kind::All)) => &ELEMENT_OF_ALL,
            (Kind::Attribute, _) if global => &GLOBAL_ATTRIBUTE,
            (Kind::ComplexType, _) if global => &GLOBAL_COMPLEX_TYPE,
            (Kind::SimpleType, _) if global => &GLOBAL_SIMPLE_TYPE,
            (Kind::Group, _) if global => &GLOBAL_GROUP,
            (Kind::AttributeGroup, _) if global => &GLOBAL_ATTRIBUTE_GROUP,
            (Kind::All, Some(Kind::Group)) => &ALL_OF_GROUP,
            (Kind::Choice | Kind::Sequence, Some(Kind::Group)) => &MODEL_OF_GROUP,
            (Kind::Restriction, Some(Kind::SimpleContent)) => &RESTRICTION_OF_SIMPLE_CONTENT,
            (Kind::Restriction, Some(Kind::ComplexContent)) => &RESTRICTION_OF_COMPLEX_CONTENT,
            (Kind::Extension, Some(Kind::SimpleContent)) => &EXTENSION_OF_SIMPLE_CONTENT,
            _ => Self::anywhere(kind),
        }
    }

    /// The form of an element that has one only, or that is local.
    fn anywhere(kind: Kind) -> &'static Self {
        match kind {
            Kind::All => &ALL,
            Kind::Annotation => &ANNOTATION,
            Kind::Any => &ANY,
            Kind::AnyAttribute => &ANY_ATTRIBUTE,
            Kind::Appinfo | Kind::Documentation => &PROSE,
            Kind::Attribute => &ATTRIBUTE,
            Kind::AttributeGroup => &ATTRIBUTE_GROUP,
            Kind::Choice | Kind::Sequence => &MODEL,
            Kind::ComplexContent => &COMPLEX_CONTENT,
            Kind::ComplexType => &COMPLEX_TYPE,
            Kind::Element => &ELEMENT,
            Kind::Enumeration | Kind::Pattern => &PLAIN_FACET,
            Kind::Extension => &EXTENSION_OF_COMPLEX_CONTENT,
            Kind::Field | Kind::Selector => &PATH,
            Kind::Group => &GROUP,
            Kind::Import => &IMPORT,
            Kind::Include => &INCLUDE,
            Kind::Key | Kind::Unique => &KEY,
            Kind::Keyref => &KEYREF,
            Kind::List => &LIST,
            Kind::Notation => &NOTATION,
            Kind::Redefine => &REDEFINE,
            Kind::Restriction => &RESTRICTION,
            Kind::Schema => &SCHEMA,
            Kind::SimpleContent => &SIMPLE_CONTENT,
            Kind::SimpleType => &SIMPLE_TYPE,
            Kind::Union => &UNION,
            _ => &FACET,
        }
    }

    /// The type of an (unqualified) attribute; `None` when the element has no such attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<Literal> {
        if name == "id" {
            return Some(Literal::Id);
        }
        self.attributes.iter().find(|(each, ..)| *each == name).map(|(_, literal, _)| *literal)
    }

    /// Names of the attributes that must be there.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.attributes.iter().filter(|(.., need)| *need == Need::Required).map(|(name, ..)| *name)
    }
}

/// How far the children of an element have come.
#[derive(Debug)]
pub(crate) struct Children {
    form: &'static Form,
    /// For each way: the slot and how many stand in it; `None` when the way is closed.
    at: [Option<(usize, u8)>; WAYS_MAX],
    any: bool,
}

const WAYS_MAX: usize = 2;

impl Children {
    pub(crate) fn new(form: &'static Form) -> Self {
        let mut at = [None; WAYS_MAX];
        at[..form.ways.len()].fill(Some((0, 0)));
        Self { form, at, any: false }
    }

    /// One child further; `false` when it may not stand here.
    pub(crate) fn step(&mut self, kind: Kind) -> bool {
        let first = !std::mem::replace(&mut self.any, true);
        if kind == Kind::Annotation && self.form.annotated {
            return first;
        }
        let mut next = self.at;
        for (way, at) in self.form.ways.iter().zip(&mut next) {
            *at = at.and_then(|at| advance(way, at, kind));
        }
        let possible = next.iter().any(Option::is_some);
        if possible {
            self.at = next;
        }
        possible
    }

    /// The children one of which is still needed; `None` when the element may end.
    pub(crate) fn missing(&self) -> Option<&'static [Kind]> {
        let mut missing = None;
        for (way, at) in self.form.ways.iter().zip(self.at) {
            let Some((index, count)) = at else { continue };
            let lacking = |(offset, slot): (usize, &Slot)| {
                (slot.min > if offset == 0 { count } else { 0 }).then_some(slot.kinds)
            };
            match way[index..].iter().enumerate().find_map(lacking) {
                None => return None,
                lacks => missing = missing.or(lacks),
            }
        }
        missing
    }
}

/// The slot a child goes to, at or behind the present one.
fn advance(way: &[Slot], (from, count): (usize, u8), kind: Kind) -> Option<(usize, u8)> {
    for (index, slot) in way.iter().enumerate().skip(from) {
        let count = if index == from { count } else { 0 };
        if slot.kinds.contains(&kind) && (slot.many || count == 0) {
            return Some((index, count.saturating_add(1)));
        }
        if count < slot.min {
            return None;
        }
    }
    None
}

const FACET_KINDS: &[Kind] = &[
    Kind::Enumeration,
    Kind::FractionDigits,
    Kind::Length,
    Kind::MaxExclusive,
    Kind::MaxInclusive,
    Kind::MaxLength,
    Kind::MinExclusive,
    Kind::MinInclusive,
    Kind::MinLength,
    Kind::Pattern,
    Kind::TotalDigits,
    Kind::WhiteSpace,
];

/// The constraining facets.
pub(crate) const FACETS: &[Kind] = FACET_KINDS;

use Literal::{
    Blocks, Boolean, Derivations, FormChoice, Name, Namespaces, NonNegative, Occurs, One, Process, QName,
    QNames, SimpleDerivations, Text, TypeDerivations, Uri, UseChoice, ZeroOrOne,
};
use Need::{Optional, Required};

const GLOBALS: &[Kind] = &[
    Kind::SimpleType,
    Kind::ComplexType,
    Kind::Group,
    Kind::AttributeGroup,
    Kind::Element,
    Kind::Attribute,
    Kind::Notation,
    Kind::Annotation,
];
const MODELS: &[Kind] = &[Kind::All, Kind::Choice, Kind::Sequence];
const PARTICLES: &[Kind] = &[Kind::Element, Kind::Group, Kind::Choice, Kind::Sequence, Kind::Any];

const NOTHING: &[&[Slot]] = &[&[]];
const CONTENT: Slot = slot(&[Kind::Group, Kind::All, Kind::Choice, Kind::Sequence], 0, false);
const ATTRIBUTES: Slot = slot(&[Kind::Attribute, Kind::AttributeGroup], 0, true);
const WILD: Slot = slot(&[Kind::AnyAttribute], 0, false);
const INLINE_SIMPLE: Slot = slot(&[Kind::SimpleType], 0, false);
const ANY_FACETS: Slot = slot(FACET_KINDS, 0, true);
const DERIVED: &[&[Slot]] = &[&[slot(&[Kind::Restriction, Kind::Extension], 1, false)]];
const ELEMENT_PARTS: &[&[Slot]] = &[&[
    slot(&[Kind::SimpleType, Kind::ComplexType], 0, false),
    slot(&[Kind::Unique, Kind::Key, Kind::Keyref], 0, true),
]];
const SIMPLE_PARTS: &[&[Slot]] = &[&[slot(&[Kind::Restriction, Kind::List, Kind::Union], 1, false)]];
const COMPLEX_PARTS: &[&[Slot]] =
    &[&[slot(&[Kind::SimpleContent, Kind::ComplexContent], 1, false)], &[CONTENT, ATTRIBUTES, WILD]];
const KEY_PARTS: &[&[Slot]] = &[&[slot(&[Kind::Selector], 1, false), slot(&[Kind::Field], 1, true)]];

const fn form(attributes: &'static [Attribute], ways: &'static [&'static [Slot]]) -> Form {
    Form { attributes, ways, annotated: true }
}

const fn bare(attributes: &'static [Attribute], ways: &'static [&'static [Slot]]) -> Form {
    Form { attributes, ways, annotated: false }
}

const MIN: Attribute = ("minOccurs", NonNegative, Optional);
const MAX: Attribute = ("maxOccurs", Occurs, Optional);
const MIN_ONE: Attribute = ("minOccurs", ZeroOrOne, Optional);
const NAME: Attribute = ("name", Name, Required);
const MAYBE_NAME: Attribute = ("name", Name, Optional);
const REF: Attribute = ("ref", QName, Required);
const MAYBE_REF: Attribute = ("ref", QName, Optional);
const TYPE: Attribute = ("type", QName, Optional);
const DEFAULT: Attribute = ("default", Text, Optional);
const FIXED: Attribute = ("fixed", Text, Optional);
const FORM: Attribute = ("form", FormChoice, Optional);
const BLOCK: Attribute = ("block", Blocks, Optional);
const NILLABLE: Attribute = ("nillable", Boolean, Optional);
const MIXED: Attribute = ("mixed", Boolean, Optional);
const ABSTRACT: Attribute = ("abstract", Boolean, Optional);
const BASE: Attribute = ("base", QName, Required);

static GLOBAL_ELEMENT: Form = form(
    &[
        NAME,
        TYPE,
        NILLABLE,
        DEFAULT,
        FIXED,
        ABSTRACT,
        BLOCK,
        ("final", Derivations, Optional),
        ("substitutionGroup", QName, Optional),
    ],
    ELEMENT_PARTS,
);
static ELEMENT: Form =
    form(&[MAYBE_NAME, MAYBE_REF, TYPE, MIN, MAX, NILLABLE, DEFAULT, FIXED, FORM, BLOCK], ELEMENT_PARTS);
static ELEMENT_OF_ALL: Form = form(
    &[
        MAYBE_NAME,
        MAYBE_REF,
        TYPE,
        MIN_ONE,
        ("maxOccurs", ZeroOrOne, Optional),
        NILLABLE,
        DEFAULT,
        FIXED,
        FORM,
        BLOCK,
    ],
    ELEMENT_PARTS,
);
static GLOBAL_ATTRIBUTE: Form = form(&[NAME, TYPE, DEFAULT, FIXED], &[&[INLINE_SIMPLE]]);
static ATTRIBUTE: Form = form(
    &[MAYBE_NAME, MAYBE_REF, TYPE, ("use", UseChoice, Optional), DEFAULT, FIXED, FORM],
    &[&[INLINE_SIMPLE]],
);
static GLOBAL_COMPLEX_TYPE: Form = form(
    &[NAME, MIXED, ABSTRACT, ("block", TypeDerivations, Optional), ("final", TypeDerivations, Optional)],
    COMPLEX_PARTS,
);
static COMPLEX_TYPE: Form = form(&[MIXED], COMPLEX_PARTS);
static GLOBAL_SIMPLE_TYPE: Form = form(&[NAME, ("final", SimpleDerivations, Optional)], SIMPLE_PARTS);
static SIMPLE_TYPE: Form = form(&[], SIMPLE_PARTS);
static GLOBAL_GROUP: Form = form(&[NAME], &[&[slot(MODELS, 1, false)]]);
static GROUP: Form = form(&[REF, MIN, MAX], NOTHING);
static GLOBAL_ATTRIBUTE_GROUP: Form = form(&[NAME], &[&[ATTRIBUTES, WILD]]);
static ATTRIBUTE_GROUP: Form = form(&[REF], NOTHING);
static ALL: Form = form(&[MIN_ONE, ("maxOccurs", One, Optional)], &[&[slot(&[Kind::Element], 0, true)]]);
static ALL_OF_GROUP: Form = form(&[], &[&[slot(&[Kind::Element], 0, true)]]);
static MODEL: Form = form(&[MIN, MAX], &[&[slot(PARTICLES, 0, true)]]);
static MODEL_OF_GROUP: Form = form(&[], &[&[slot(PARTICLES, 0, true)]]);
static ANY: Form =
    form(&[("namespace", Namespaces, Optional), ("processContents", Process, Optional), MIN, MAX], NOTHING);
static ANY_ATTRIBUTE: Form =
    form(&[("namespace", Namespaces, Optional), ("processContents", Process, Optional)], NOTHING);
static SIMPLE_CONTENT: Form = form(&[], DERIVED);
static COMPLEX_CONTENT: Form = form(&[MIXED], DERIVED);
static RESTRICTION: Form = form(&[("base", QName, Optional)], &[&[INLINE_SIMPLE, ANY_FACETS]]);
static RESTRICTION_OF_SIMPLE_CONTENT: Form = form(&[BASE], &[&[INLINE_SIMPLE, ANY_FACETS, ATTRIBUTES, WILD]]);
static RESTRICTION_OF_COMPLEX_CONTENT: Form = form(&[BASE], &[&[CONTENT, ATTRIBUTES, WILD]]);
static EXTENSION_OF_SIMPLE_CONTENT: Form = form(&[BASE], &[&[ATTRIBUTES, WILD]]);
static EXTENSION_OF_COMPLEX_CONTENT: Form = form(&[BASE], &[&[CONTENT, ATTRIBUTES, WILD]]);
static LIST: Form = form(&[("itemType", QName, Optional)], &[&[INLINE_SIMPLE]]);
static UNION: Form = form(&[("memberTypes", QNames, Optional)], &[&[slot(&[Kind::SimpleType], 0, true)]]);
static KEY: Form = form(&[NAME], KEY_PARTS);
static KEYREF: Form = form(&[NAME, ("refer", QName, Required)], KEY_PARTS);
static PATH: Form = form(&[("xpath", Text, Required)], NOTHING);
static INCLUDE: Form = form(&[("schemaLocation", Uri, Required)], NOTHING);
static IMPORT: Form = form(&[("namespace", Uri, Optional), ("schemaLocation", Uri, Optional)], NOTHING);
static REDEFINE: Form = bare(
    &[("schemaLocation", Uri, Required)],
    &[&[slot(
        &[Kind::Annotation, Kind::SimpleType, Kind::ComplexType, Kind::Group, Kind::AttributeGroup],
        0,
        true,
    )]],
);
static NOTATION: Form = form(&[NAME, ("public", Text, Optional), ("system", Uri, Optional)], NOTHING);
static SCHEMA: Form = bare(
    &[
        ("targetNamespace", Uri, Optional),
        ("version", Text, Optional),
        ("elementFormDefault", FormChoice, Optional),
        ("attributeFormDefault", FormChoice, Optional),
        ("blockDefault", Blocks, Optional),
        ("finalDefault", Literal::FinalDefault, Optional),
    ],
    &[&[
        slot(&[Kind::Include, Kind::Import, Kind::Redefine, Kind::Annotation], 0, true),
        slot(GLOBALS, 0, true),
    ]],
);
static FACET: Form = form(&[("value", Text, Required), ("fixed", Boolean, Optional)], NOTHING);
static PLAIN_FACET: Form = form(&[("value", Text, Required)], NOTHING);
static ANNOTATION: Form = bare(&[], &[&[slot(&[Kind::Appinfo, Kind::Documentation], 0, true)]]);
static PROSE: Form = bare(&[("source", Uri, Optional)], NOTHING);

#[cfg(test)]
mod tests {
    use super::{Children, Form};
    use crate::xsd::document::vocabulary::Kind;

    /// `children`: local names; `expected`: how many are taken, and what is missing behind them.
    #[track_caller]
    fn case(parent: Option<Kind>, kind: Kind, children: &str, expected: (usize, bool)) {
        let mut at = Children::new(Form::of(kind, parent));
        let names = children.split_whitespace();
        let taken =
            names.take_while(|name| at.step(Kind::from_name(name).expect("the test names elements"))).count();
        assert_eq!((taken, at.missing().is_some()), expected, "{kind:?}: {children}");
    }

    #[test]
    fn children_stand_in_their_order() {
        let schema = Some(Kind::Schema);
        case(
            schema,
            Kind::ComplexType,
            "annotation sequence attribute attributeGroup anyAttribute",
            (5, false),
        );
        case(schema, Kind::ComplexType, "sequence annotation", (1, false));
        case(schema, Kind::ComplexType, "attribute sequence", (1, false));
        case(schema, Kind::ComplexType, "simpleContent attribute", (1, false));
        case(schema, Kind::ComplexType, "simpleContent", (1, false));
        case(schema, Kind::SimpleType, "", (0, true));
        case(Some(Kind::Element), Kind::Key, "selector", (1, true));
        case(Some(Kind::Element), Kind::Key, "field", (0, true));
        case(Some(Kind::Element), Kind::Key, "selector field field", (3, false));
        case(None, Kind::Schema, "annotation import element annotation import", (4, false));
        case(Some(Kind::SimpleContent), Kind::Restriction, "pattern attribute", (2, false));
        case(Some(Kind::SimpleType), Kind::Restriction, "pattern attribute", (1, false));
    }

    #[test]
    fn attributes_depend_on_the_place() {
        let has = |kind, parent, name| Form::of(kind, Some(parent)).attribute(name).is_some();
        assert!(has(Kind::Element, Kind::Sequence, "minOccurs"));
        assert!(!has(Kind::Element, Kind::Schema, "minOccurs"));
        assert!(!has(Kind::Element, Kind::Sequence, "abstract"));
        assert!(!has(Kind::Sequence, Kind::Group, "minOccurs"));
        assert!(!has(Kind::Pattern, Kind::Restriction, "fixed"));
        assert!(has(Kind::Pattern, Kind::Restriction, "id"));
    }
}
