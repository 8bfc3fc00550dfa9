//! Simple types, compiled: what the schema decides is decided here once, an instance is only held
//! against it.
//!
//! ```text
//!  builtin("decimal")                      restriction(base, facets)   list(item)   union(members)
//!        └───────────────────────┬─────────────────┴────────────────────┴────────────┘
//!                          Arc<SimpleType> ── check(text) ──▶ Ok, or TextFault { clause, detail }
//!                                          ── value(text) ──▶ Value
//!                                          ── canonical_key(text) ──▶ bytes, equal for equal values
//! ```
//!
//! A literal goes through white space, lexical space, patterns, enumeration, then the other facets;
//! the first that refuses it is the fault. A valid literal costs no allocation (enumerations of
//! anything but strings and numbers aside).

mod builtin;
mod check;
mod describe;
mod fault;
mod identity;
mod read;
mod reason;
mod restrict;

use std::sync::Arc;

pub use crate::xsd::facet::{FacetDeclaration, FacetFault, FacetKind, WhiteSpace};
pub use crate::xsd::value::{Namespaces, NoNamespaces};
pub use fault::{Detail, TextFault};
pub use identity::IdKind;
pub use reason::{REASONED_BYTES_MAX, Reason};

use crate::xsd::facet::{Bounds, DigitFacets, Enumeration, Facet, Lengths, PatternStep};
use crate::xsd::fault::Rule;
pub use crate::xsd::limits::MEMBERS_MAX;
use crate::xsd::value::{Grammar, Primitive};
use builtin::Builtin;

/// A simple type definition; never changes once built.
#[derive(Debug)]
pub struct SimpleType {
    name: Option<Box<str>>,
    base: Option<Arc<SimpleType>>,
    shape: Shape,
    facets: Facets,
    id_kind: IdKind,
    /// The row of the table, for a built-in type.
    builtin: Option<&'static Builtin>,
    /// Decided once: no literal can be wrong.
    accepts_all: bool,
    /// What its schema document says of it, for messages.
    notes: Option<Box<Notes>>,
}

/// What a schema document says of a type, for messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Its documentation, where it is short.
    pub title: Option<Box<str>>,
    /// Which edition the schema document is, such as `issue 75`.
    pub edition: Option<Box<str>>,
}

/// What the values are made of.
#[derive(Debug)]
enum Shape {
    /// `anySimpleType`.
    Any,
    Atomic(Grammar),
    List(Arc<SimpleType>),
    Union(Arc<[Arc<SimpleType>]>),
}

/// The facets in force: declared or inherited.
#[derive(Clone, Debug)]
struct Facets {
    white_space: Facet<WhiteSpace>,
    lengths: Lengths,
    bounds: Bounds,
    digits: DigitFacets,
    patterns: Vec<Arc<PatternStep>>,
    enumeration: Option<Arc<Enumeration>>,
}

impl Facets {
    fn with_white_space(value: WhiteSpace, fixed: bool) -> Self {
        Self {
            white_space: Facet { value, fixed },
            lengths: Lengths::default(),
            bounds: Bounds::default(),
            digits: DigitFacets::default(),
            patterns: Vec::new(),
            enumeration: None,
        }
    }

    /// Whether there is anything but white space.
    fn are_empty(&self) -> bool {
        self.lengths.is_empty()
            && self.bounds.is_empty()
            && self.digits.is_empty()
            && self.patterns.is_empty()
            && self.enumeration.is_none()
    }
}

/// `{variety}`; `AnySimple` is that of `anySimpleType`, which has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the variety of that name in the Recommendation")]
pub enum Variety {
    AnySimple,
    Atomic,
    List,
    Union,
}

/// Buffers of one thread, reused from check to check.
#[derive(Debug, Default)]
pub struct Scratch {
    text: String,
    key: Vec<u8>,
}

/// Why a list or union type cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimpleTypeFault {
    /// `cos-st-restricts.2.1`.
    #[error("the item type of a list must be atomic, or a union without lists")]
    ItemNotAtomic,
    /// A union needs a member (src-union-memberTypes-or-simpleTypes).
    #[error("a union must have at least one member type")]
    NoMembers,
    /// cos-st-restricts.3.1.
    #[error("a member type of a union must be atomic, a list or a union")]
    MemberNotSimple,
    /// More than it may have.
    #[error("a union has more than {max} member types, those of its members included (limit `members_max`)")]
    TooManyMembers {
        /// So many it may have.
        max: usize,
    },
}

impl SimpleTypeFault {
    /// The schema constraint that is broken.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::ItemNotAtomic => Rule::ItemNotAtomic,
            Self::NoMembers => Rule::UnionWithoutMembers,
            Self::MemberNotSimple => Rule::MemberNotSimple,
            Self::TooManyMembers { .. } => Rule::MembersLimit,
        }
    }
}

impl SimpleType {
    /// A list of `item`.
    pub fn list(item: &Arc<Self>, name: Option<&str>) -> Result<Arc<Self>, SimpleTypeFault> {
        if !item.may_be_item() {
            return Err(SimpleTypeFault::ItemNotAtomic);
        }
        let facets = Facets::with_white_space(WhiteSpace::Collapse, true);
        let id_kind = item.id_kind.of_list();
        let accepts_all = item.accepts_all;
        let shape = Shape::List(Arc::clone(item));
        Ok(Arc::new(Self::constructed(name, shape, facets, id_kind, accepts_all)))
    }

    /// A union of `members`, tried in order. A member that is itself a union is replaced by its
    /// members (Part 1, 3.14.2), unless facets of its own would be lost by that.
    pub fn union(members: &[Arc<Self>], name: Option<&str>) -> Result<Arc<Self>, SimpleTypeFault> {
        Self::union_within(MEMBERS_MAX, members, name)
    }

    /// The same with another bound than [`MEMBERS_MAX`].
    pub(crate) fn union_within(
        max: usize,
        members: &[Arc<Self>],
        name: Option<&str>,
    ) -> Result<Arc<Self>, SimpleTypeFault> {
        if members.iter().map(|member| member.tries()).sum::<usize>() > max {
            return Err(SimpleTypeFault::TooManyMembers { max });
        }
        let mut flat: Vec<Arc<Self>> = Vec::with_capacity(members.len());
        for member in members {
            match &member.shape {
                Shape::Any => return Err(SimpleTypeFault::MemberNotSimple),
                Shape::Union(inner) if member.facets.are_empty() => flat.extend(inner.iter().cloned()),
                _ => flat.push(Arc::clone(member)),
            }
        }
        if flat.is_empty() {
            return Err(SimpleTypeFault::NoMembers);
        }
        let facets = Facets::with_white_space(WhiteSpace::Preserve, false);
        let id_kind = IdKind::of_union(flat.iter().map(|member| member.id_kind));
        let accepts_all = flat.iter().any(|member| member.accepts_all);
        Ok(Arc::new(Self::constructed(name, Shape::Union(flat.into()), facets, id_kind, accepts_all)))
    }

    fn constructed(
        name: Option<&str>,
        shape: Shape,
        facets: Facets,
        id_kind: IdKind,
        accepts_all: bool,
    ) -> Self {
        let base = Self::builtin("anySimpleType");
        Self {
            name: name.map(Into::into),
            base,
            shape,
            facets,
            id_kind,
            builtin: None,
            accepts_all,
            notes: None,
        }
    }

    /// How many types other than unions a literal may be tried against.
    pub(crate) fn tries(&self) -> usize {
        match &self.shape {
            Shape::Union(members) => members.iter().map(|member| member.tries()).sum(),
            Shape::List(item) => item.tries(),
            Shape::Any | Shape::Atomic(_) => 1,
        }
    }

    /// About how many bytes its own patterns take, those of its base not counted.
    pub(crate) fn pattern_bytes(&self) -> u64 {
        let inherited = self.base.as_ref().map_or(0, |base| base.facets.patterns.len());
        self.facets.patterns.get(inherited..).unwrap_or_default().iter().map(|step| step.bytes()).sum()
    }

    /// How many patterns a literal is held against.
    pub(crate) fn pattern_steps(&self) -> usize {
        self.facets.patterns.len()
    }

    fn may_be_item(&self) -> bool {
        match &self.shape {
            Shape::Any | Shape::List(_) => false,
            Shape::Atomic(_) => true,
            Shape::Union(members) => members.iter().all(|member| member.may_be_item()),
        }
    }

    /// The type with what its schema document says of it; as it is where others hold it already.
    #[must_use]
    pub fn noted(mut self: Arc<Self>, notes: Notes) -> Arc<Self> {
        if let Some(own) = Arc::get_mut(&mut self)
            && notes != Notes::default()
        {
            own.notes = Some(Box::new(notes));
        }
        self
    }

    /// The name given when the type was made; absent for an anonymous type.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// `{base type definition}`; absent for `anySimpleType`.
    #[must_use]
    pub fn base(&self) -> Option<&Arc<Self>> {
        self.base.as_ref()
    }

    /// `{variety}`.
    #[must_use]
    pub fn variety(&self) -> Variety {
        match self.shape {
            Shape::Any => Variety::AnySimple,
            Shape::Atomic(_) => Variety::Atomic,
            Shape::List(_) => Variety::List,
            Shape::Union(_) => Variety::Union,
        }
    }

    /// `{primitive type definition}` of an atomic type.
    #[must_use]
    pub fn primitive(&self) -> Option<Primitive> {
        match self.shape {
            Shape::Atomic(grammar) => Some(grammar.primitive()),
            _ => None,
        }
    }

    /// `{item type definition}` of a list.
    #[must_use]
    pub fn item(&self) -> Option<&Arc<Self>> {
        match &self.shape {
            Shape::List(item) => Some(item),
            _ => None,
        }
    }

    /// `{member type definitions}` of a union; empty for other types.
    #[must_use]
    pub fn members(&self) -> &[Arc<Self>] {
        match &self.shape {
            Shape::Union(members) => members,
            _ => &[],
        }
    }

    /// The `whiteSpace` facet; of a union, that of the member that accepts a literal counts instead.
    #[must_use]
    pub fn white_space(&self) -> WhiteSpace {
        self.facets.white_space.value
    }

    /// The literals of the `enumeration` facet in schema order; empty without one.
    #[must_use]
    pub fn enumeration(&self) -> &[Box<str>] {
        self.facets.enumeration.as_ref().map_or(&[], |enumeration| enumeration.literals())
    }

    /// Whether values are `ID`, `IDREF`, `ENTITY`, or lists of the latter two.
    #[must_use]
    pub fn id_kind(&self) -> IdKind {
        self.id_kind
    }

    /// Whether this is `NOTATION`, or derived from it, without the enumeration it must have before
    /// a declaration may use it (`enumeration-required-notation`).
    #[must_use]
    pub fn lacks_notation_enumeration(&self) -> bool {
        self.primitive() == Some(Primitive::Notation) && self.facets.enumeration.is_none()
    }

    /// Whether a value may depend on prefixes: `QName`, `NOTATION`, or made of them.
    #[must_use]
    pub fn holds_names(&self) -> bool {
        match &self.shape {
            Shape::Any => false,
            Shape::Atomic(grammar) => matches!(grammar.primitive(), Primitive::QName | Primitive::Notation),
            Shape::List(item) => item.holds_names(),
            Shape::Union(members) => members.iter().any(|member| member.holds_names()),
        }
    }

    /// Whether every literal is valid, so that nothing needs to be collected for a check.
    #[must_use]
    pub fn accepts_all(&self) -> bool {
        self.accepts_all
    }

    /// `cos-st-derived-ok` (Part 1, 3.14.6), `{final}` aside: the same type, one of its bases, or a
    /// union of which a member is such.
    #[must_use]
    pub fn is_derived_from(&self, other: &Self) -> bool {
        let mut ancestors = std::iter::successors(Some(self), |ancestor| ancestor.base.as_deref());
        ancestors.any(|ancestor| std::ptr::eq(ancestor, other))
            || other.members().iter().any(|member| self.is_derived_from(member))
    }

    /// This type and its bases, the nearest first.
    fn ancestry(&self) -> impl Iterator<Item = &Self> + Clone {
        std::iter::successors(Some(self), |ancestor| ancestor.base.as_deref())
    }

    /// The nearest built-in type, by whose words the type is described.
    fn nearest_builtin(&self) -> Option<&'static Builtin> {
        self.ancestry().find_map(|ancestor| ancestor.builtin)
    }
}

#[cfg(test)]
mod tests;
