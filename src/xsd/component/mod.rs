//! Stage 2 result: the schema components, resolved.
//!
//! Arenas hold element declarations, complex types and identity constraints; everything else is
//! owned by what uses it. A [`Schema`] is built complete and never changed.
//!
//! ```text
//!  ElementDeclaration ──▶ TypeDefinition ──▶ ComplexType ──▶ Content ──▶ Particle ──▶ Term ─┐
//!        ▲                     └──▶ SimpleType                                              │
//!        └──────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! *Absent* is what stands where a component is mandated and there is none (5.3): because its name
//! resolves to nothing, or because what it stands for is at fault. It is catching as far as a
//! component cannot be known without its part (a type without its base, a content without one of its
//! particles), and no constraint is checked that would need what is absent: one fault gives no others.
//!
//! Not here: where components come from (`assemble`) and what makes matching fast (`compile`).

pub(crate) mod arena;
mod derived;
pub(crate) mod identity;
pub(crate) mod substitution;
pub(crate) mod wildcard;

use crate::xml::{NameId, NameTableBuilder, Place};
use crate::xsd::simple::{IdKind, Namespaces, SimpleType};
use crate::xsd::value::Prefixes;
use crate::xsd::work::Work;
use arena::{Arena, Id};
use identity::IdentityConstraint;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use wildcard::Wildcard;

pub(crate) type ElementId = Id<ElementDeclaration>;
pub(crate) type ComplexTypeId = Id<ComplexType>;
pub(crate) type ConstraintId = Id<IdentityConstraint>;

/// A type definition: simple or complex, or none where one is mandated.
#[derive(Clone, Debug)]
pub(crate) enum TypeDefinition {
    Simple(Arc<SimpleType>),
    Complex(ComplexTypeId),
    /// Its name resolves to nothing, or it is at fault itself.
    Absent,
}

/// A default or fixed value, as written, with what its prefixes mean there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueConstraint {
    pub(crate) kind: ValueConstraintKind,
    pub(crate) lexical: Box<str>,
    pub(crate) prefixes: Prefixes,
}

impl ValueConstraint {
    /// Whether this is fixed to the same value of a type as `other`.
    pub(crate) fn is_fixed_to(&self, other: &Self, simple: &SimpleType) -> bool {
        self.kind == ValueConstraintKind::Fixed && other.is_value_of(simple, &self.lexical, &self.prefixes)
    }

    /// Whether a literal means the same value of a type; the prefixes of each as where it was written.
    pub(crate) fn is_value_of(&self, simple: &SimpleType, literal: &str, prefixes: &dyn Namespaces) -> bool {
        if *literal == *self.lexical && !simple.holds_names() {
            return true;
        }
        let pair = (simple.value(literal, prefixes), simple.value(&self.lexical, &self.prefixes));
        matches!(pair, (Ok(a), Ok(b)) if a == b)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueConstraintKind {
    Default,
    Fixed,
}

/// A set of derivation methods, as `block` and `final` name them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set")]
pub(crate) struct Derivations {
    pub(crate) extension: bool,
    pub(crate) restriction: bool,
    pub(crate) substitution: bool,
    pub(crate) list: bool,
    pub(crate) union: bool,
}

impl Derivations {
    pub(crate) const ALL: Self =
        Self { extension: true, restriction: true, substitution: true, list: true, union: true };

    pub(crate) fn insert(&mut self, derivation: Derivation) {
        match derivation {
            Derivation::Extension => self.extension = true,
            Derivation::Restriction => self.restriction = true,
        }
    }

    pub(crate) fn contains(self, derivation: Derivation) -> bool {
        match derivation {
            Derivation::Extension => self.extension,
            Derivation::Restriction => self.restriction,
        }
    }

    /// What either set holds.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            extension: self.extension || other.extension,
            restriction: self.restriction || other.restriction,
            substitution: self.substitution || other.substitution,
            list: self.list || other.list,
            union: self.union || other.union,
        }
    }
}

/// Where a component was declared, for faults found later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) document: Arc<str>,
    pub(crate) place: Place,
}

/// An element declaration (part 1, 3.3.1).
#[derive(Debug)]
pub(crate) struct ElementDeclaration {
    pub(crate) name: NameId,
    pub(crate) type_definition: TypeDefinition,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) value: Option<ValueConstraint>,
    pub(crate) constraints: Vec<ConstraintId>,
    pub(crate) substitution_head: Option<ElementId>,
    pub(crate) block: Derivations,
    /// `{substitution group exclusions}`.
    pub(crate) exclusions: Derivations,
    pub(crate) origin: Origin,
}

/// An attribute declaration (3.2.1).
#[derive(Clone, Debug)]
pub(crate) struct AttributeDeclaration {
    pub(crate) name: NameId,
    /// `None`: absent.
    pub(crate) type_definition: Option<Arc<SimpleType>>,
    pub(crate) value: Option<ValueConstraint>,
}

impl AttributeDeclaration {
    pub(crate) fn id_kind(&self) -> IdKind {
        self.type_definition.as_ref().map_or(IdKind::None, |simple| simple.id_kind())
    }
}

/// An attribute use (3.5.1); a prohibited one is absent from the type.
#[derive(Clone, Debug)]
pub(crate) struct AttributeUse {
    pub(crate) declaration: AttributeDeclaration,
    pub(crate) required: bool,
    /// The use's own value constraint goes before the declaration's.
    pub(crate) value: Option<ValueConstraint>,
    /// One use, met again through another group, is known by it.
    pub(crate) origin: Origin,
}

impl AttributeUse {
    pub(crate) fn value_constraint(&self) -> Option<&ValueConstraint> {
        self.value.as_ref().or(self.declaration.value.as_ref())
    }
}

/// Attribute uses with an optional wildcard: of a type or an attribute group.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttributeSet {
    pub(crate) uses: Vec<AttributeUse>,
    pub(crate) wildcard: Option<Wildcard>,
    /// Names a restriction prohibits by its own `attribute` children; they take uses away from the base.
    pub(crate) prohibited: Vec<NameId>,
    /// Something of it is absent.
    pub(crate) lacks: bool,
}

impl AttributeSet {
    /// About how many bytes a copy takes, compiled and not.
    pub(crate) fn bytes(&self) -> u64 {
        let wildcard = self.wildcard.as_ref().map_or(0, Wildcard::bytes);
        wildcard + USE_BYTES * self.uses.len() as u64 + 4 * self.prohibited.len() as u64
    }
}

/// What an attribute use takes.
const USE_BYTES: u64 = 320;

/// How a type came from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derivation {
    Extension,
    Restriction,
}

/// A complex type definition (3.4.1).
#[derive(Debug)]
pub(crate) struct ComplexType {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) base: Option<TypeDefinition>,
    pub(crate) derivation: Derivation,
    pub(crate) is_abstract: bool,
    pub(crate) block: Derivations,
    /// `{final}`.
    pub(crate) finals: Derivations,
    pub(crate) origin: Origin,
    pub(crate) attributes: AttributeSet,
    pub(crate) content: Content,
}

/// The content type.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Empty,
    Simple(Arc<SimpleType>),
    ElementOnly(Particle),
    /// With no particle: character data and nothing else, not checked against a type.
    Mixed(Option<Particle>),
    /// Something of it is absent.
    Absent,
}

/// How often a term may occur; no `max` means unbounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
}

impl Occurrence {
    pub(crate) const ONCE: Self = Self { min: 1, max: Some(1) };

    /// `range-ok` (3.9.6): whatever this allows, `other` allows.
    pub(crate) fn lies_within(self, other: Self) -> bool {
        self.min >= other.min && other.max.is_none_or(|max| self.max.is_some_and(|own| own <= max))
    }

    /// So many turns of what occurs so often.
    pub(crate) fn times(self, other: Self) -> Self {
        let max = match (self.max, other.max) {
            (Some(0), _) | (_, Some(0)) => Some(0),
            (Some(a), Some(b)) => Some(a.saturating_mul(b)),
            _ => None,
        };
        Self { min: self.min.saturating_mul(other.min), max }
    }

    fn plus(self, other: Self) -> Self {
        let max = self.max.zip(other.max).map(|(a, b)| a.saturating_add(b));
        Self { min: self.min.saturating_add(other.min), max }
    }

    fn either(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.zip(other.max).map(|(a, b)| a.max(b)) }
    }
}

/// A term with how often it may occur (3.9.1).
#[derive(Clone, Debug)]
pub(crate) struct Particle {
    pub(crate) occurs: Occurrence,
    pub(crate) term: Term,
}

impl Particle {
    /// The effective total range (`cos-seq-range`, `cos-choice-range`): how many children it takes.
    pub(crate) fn total_range(&self) -> Occurrence {
        match &self.term {
            Term::Group(group) => self.occurs.times(group.range),
            Term::Element(_) | Term::Wildcard(_) | Term::Absent => self.occurs,
        }
    }

    /// How many particles it is, those of groups referred to counted each time.
    pub(crate) fn size(&self) -> u64 {
        match &self.term {
            Term::Group(group) => group.size,
            Term::Element(_) | Term::Wildcard(_) | Term::Absent => 1,
        }
    }

    /// Whether it, or a particle in it, has no term.
    pub(crate) fn lacks(&self) -> bool {
        match &self.term {
            Term::Group(group) => group.lacks,
            Term::Absent => true,
            Term::Element(_) | Term::Wildcard(_) => false,
        }
    }

    /// `cos-group-emptiable`.
    pub(crate) fn is_emptiable(&self) -> bool {
        self.total_range().min == 0
    }

    fn depth(&self) -> u32 {
        match &self.term {
            Term::Group(group) => group.depth,
            Term::Element(_) | Term::Wildcard(_) | Term::Absent => 0,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Term {
    Element(ElementId),
    Wildcard(Rc<Wildcard>),
    Group(Rc<ModelGroup>),
    /// It refers to nothing, or is at fault itself. Only groups hold it: the content of a type that
    /// would is [`Content::Absent`].
    Absent,
}

/// A model group (3.8.1).
#[derive(Debug)]
pub(crate) struct ModelGroup {
    pub(crate) compositor: Compositor,
    pub(crate) particles: Vec<Particle>,
    depth: u32,
    /// How many children one turn takes.
    range: Occurrence,
    /// Itself and all particles in it.
    size: u64,
    /// A particle in it has no term.
    lacks: bool,
}

impl ModelGroup {
    pub(crate) fn new(compositor: Compositor, particles: Vec<Particle>) -> Self {
        let depth = particles.iter().map(Particle::depth).max().unwrap_or(0) + 1;
        let range = compositor.range(particles.iter().map(Particle::total_range));
        let lacks = particles.iter().any(Particle::lacks);
        let size = particles.iter().map(Particle::size).fold(1, u64::saturating_add);
        Self { compositor, particles, depth, range, size, lacks }
    }

    /// Whether a particle in it has no term.
    pub(crate) fn lacks(&self) -> bool {
        self.lacks
    }

    /// How deep groups are nested in it, itself included. Whoever builds one holds it to a limit, so
    /// that walking a group never exhausts the stack.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compositor {
    Sequence,
    Choice,
    All,
}

impl Compositor {
    /// How many children one turn takes: all members together, or one of them.
    pub(crate) fn range(self, members: impl Iterator<Item = Occurrence>) -> Occurrence {
        let none = Occurrence { min: 0, max: Some(0) };
        match self {
            Self::Sequence | Self::All => members.fold(none, Occurrence::plus),
            Self::Choice => members.reduce(Occurrence::either).unwrap_or(none),
        }
    }
}

/// A redefinition that does not hold its old self, beside it.
#[derive(Debug)]
pub(crate) struct RedefinedGroup<T> {
    pub(crate) own: Rc<T>,
    pub(crate) base: Rc<T>,
    pub(crate) origin: Origin,
}

/// All components of a schema.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) names: NameTableBuilder,
    pub(crate) elements: Arena<ElementDeclaration>,
    pub(crate) complex_types: Arena<ComplexType>,
    pub(crate) constraints: Arena<IdentityConstraint>,
    pub(crate) global_elements: HashMap<NameId, ElementId>,
    pub(crate) global_attributes: HashMap<NameId, AttributeDeclaration>,
    pub(crate) global_types: HashMap<NameId, TypeDefinition>,
    /// The ur-type.
    pub(crate) any_type: ComplexTypeId,
    /// Redefined groups that must be restrictions of what they were.
    pub(crate) redefined_groups: Vec<RedefinedGroup<ModelGroup>>,
    pub(crate) redefined_attributes: Vec<RedefinedGroup<AttributeSet>>,
    /// Constructs that were recognised and are not checked.
    pub(crate) not_checked: Vec<String>,
    /// What it took so far.
    pub(crate) work: Work,
}

impl Schema {
    /// The simple type of what stands in an element of this type, if it is simple.
    pub(crate) fn simple_content<'a>(
        &'a self,
        definition: &'a TypeDefinition,
    ) -> Option<&'a Arc<SimpleType>> {
        match definition {
            TypeDefinition::Absent => None,
            TypeDefinition::Simple(simple) => Some(simple),
            TypeDefinition::Complex(id) => match &self.complex_types[*id].content {
                Content::Simple(simple) => Some(simple),
                _ => None,
            },
        }
    }
}
