//! Stage 3: the order of children, as automata.
//!
//! A particle tree is flattened into *positions*, one for each place where a child may stand; edges
//! say which position may follow which. `(a, b?, c)` becomes
//!
//! ```text
//!   start ──a──▶ 1 ──b──▶ 2 ──c──▶ (3)      (n) = the content may end here
//!                └────────c─────────▲
//! ```
//!
//! Three forms come of it, chosen by what the schema asks for:
//!
//! * [`table`]: no bounds beyond 0, 1 and unbounded. Positions with equal futures fall together into
//!   states; all states of a schema share one hash table `(state, name) → (state, declaration)`, so a
//!   child costs one probe.
//! * [`counted`]: bounds such as 2 to 50,000 are counters on the edges, not copies; a set of
//!   configurations (position, counts) is carried, nearly always of one.
//! * [`all_group`]: the members of an `all` as a set.
//!
//! Not here: validity of the children themselves. An automaton decides order, nothing else.

pub(crate) mod all_group;
pub(crate) mod counted;
pub(crate) mod positions;
pub(crate) mod table;

use crate::xml::NameId;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{Compositor, ElementId, Occurrence, Particle, Term};
use crate::xsd::fault::Rule;
use crate::xsd::work::Work;
use all_group::AllGroup;
use counted::Counted;
use positions::{Label, Positions};
use std::rc::Rc;
use table::{ModelState, TableBuilder};

/// The elements that may stand where a declaration is named: itself first, then its substitution group.
pub(crate) type Members<'a> = &'a dyn Fn(ElementId) -> Rc<[(NameId, ElementId)]>;

/// A content model, ready to match.
#[derive(Debug)]
pub(crate) enum ContentModel {
    /// Starts in this state of the shared table.
    Table(ModelState),
    Counted(Box<Counted>),
    All(Box<AllGroup>),
}

/// Why a content model could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("a content model has more than {0} places for a child (limit `positions_max`)")]
    Positions(usize),
    #[error("a content model has more than {0} transitions (limit `edges_max`)")]
    Edges(usize),
    #[error("{}", crate::xsd::work::too_much(*.0))]
    Work(u64),
    #[error("`xs:all` may only be the whole content of a type")]
    AllInside,
}

impl ModelError {
    /// The work on the schema is spent.
    pub(crate) fn of(work: &Work) -> Self {
        Self::Work(work.limits().work_max)
    }

    /// The limit, or the clause, that is exceeded.
    pub(crate) const fn rule(self) -> Rule {
        match self {
            Self::Positions(_) => Rule::PositionsLimit,
            Self::Edges(_) => Rule::EdgesLimit,
            Self::Work(_) => Rule::WorkLimit,
            Self::AllInside => Rule::AllLimited,
        }
    }
}

/// Builds the model of a particle.
pub(crate) fn build(
    particle: &Particle,
    members: Members<'_>,
    tables: &mut TableBuilder,
    work: &Work,
) -> Result<ContentModel, ModelError> {
    let particle = unwrapped(particle);
    if let Term::Group(group) = &particle.term
        && group.compositor == Compositor::All
    {
        return Ok(ContentModel::All(Box::new(AllGroup::new(group, particle.occurs, members, work)?)));
    }
    let positions = Positions::of(particle, work)?;
    if positions.counters.is_empty() {
        tables.add(&positions, members, work).map(ContentModel::Table)
    } else {
        Ok(ContentModel::Counted(Box::new(Counted::new(positions, members, work)?)))
    }
}

/// Looks through sequences and choices of one particle that occurs once.
pub(crate) fn unwrapped(mut particle: &Particle) -> &Particle {
    while let Term::Group(group) = &particle.term {
        match group.particles.as_slice() {
            [only] if particle.occurs == Occurrence::ONCE && group.compositor != Compositor::All => {
                particle = only;
            }
            _ => break,
        }
    }
    particle
}

/// What could stand at some point, for messages: in schema order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A declared element; where it is abstract, those of its substitution group.
    Element(ElementId),
    Wildcard(Wildcard),
}

impl Label {
    fn expected(&self) -> Expected {
        match self {
            Self::Element(id) => Expected::Element(*id),
            Self::Wildcard(wildcard) => Expected::Wildcard((**wildcard).clone()),
        }
    }
}
