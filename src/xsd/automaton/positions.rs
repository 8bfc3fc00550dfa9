//! Particle tree → positions and the edges between them (Glushkov), counters on the edges.

use super::ModelError;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{Compositor, ElementId, Occurrence, Particle, Term};
use crate::xsd::work::Work;
use std::collections::HashMap;
use std::rc::Rc;

/// What one particle and one edge take to walk over.
const PARTICLE_STEPS: u64 = 4;
const EDGE_STEPS: u64 = 3;
/// What counter steps of an edge take that are not yet known, and each counter in them.
const STEPS_BYTES: u64 = 450;
const COUNTER_BYTES: u64 = 8;

/// What may stand at a position.
#[derive(Clone, Debug)]
pub(crate) enum Label {
    Element(ElementId),
    Wildcard(Rc<Wildcard>),
}

/// Number of a counter of a model.
pub(crate) type CounterId = u16;

/// Bounds of a counted particle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
}

/// What an edge does with counters, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Steps {
    /// Counted particles that are left: their minimum must be reached; they go back to 0.
    pub(crate) leave: Vec<CounterId>,
    /// The counted particle that begins its next turn: must be below its maximum.
    pub(crate) turn: Option<CounterId>,
    /// Counted particles that are entered: they go to 1.
    pub(crate) enter: Vec<CounterId>,
}

/// An edge to a position, with the index of its steps in [`Positions::steps`] (0: none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Edge {
    pub(crate) to: u32,
    pub(crate) steps: u32,
}

/// A particle, flattened.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    pub(crate) labels: Vec<Label>,
    pub(crate) counters: Vec<Bounds>,
    pub(crate) steps: Vec<Steps>,
    /// Where the content may begin.
    pub(crate) first: Vec<Edge>,
    /// For each position, where it goes on.
    pub(crate) follow: Vec<Vec<Edge>>,
    /// For each position, the steps under which the content may end there (`None`: it may not).
    pub(crate) last: Vec<Vec<u32>>,
    /// Whether the content may be empty.
    pub(crate) nullable: bool,
    edges: usize,
    interned: HashMap<Steps, u32>,
}

/// The outline of a part: how it may be entered and left.
#[derive(Default)]
struct Fragment {
    nullable: bool,
    first: Vec<(u32, Vec<CounterId>)>,
    last: Vec<(u32, Vec<CounterId>)>,
}

impl Positions {
    pub(crate) fn of(particle: &Particle, work: &Work) -> Result<Self, ModelError> {
        if !work.steps(particle.size().saturating_mul(PARTICLE_STEPS)) {
            return Err(ModelError::of(work));
        }
        let mut positions = Self::default();
        positions.intern(Steps::default());
        let whole = positions.particle(particle, work)?;
        positions.nullable = whole.nullable;
        for (to, enter) in whole.first {
            let steps = positions.intern(Steps { enter, ..Steps::default() });
            positions.first.push(Edge { to, steps });
        }
        positions.last = vec![Vec::new(); positions.labels.len()];
        for (from, leave) in whole.last {
            let steps = positions.intern(Steps { leave, ..Steps::default() });
            positions.last[from as usize].push(steps);
        }
        for edges in &mut positions.follow {
            edges.sort_unstable();
            edges.dedup();
        }
        Ok(positions)
    }

    fn intern(&mut self, steps: Steps) -> u32 {
        if let Some(&known) = self.interned.get(&steps) {
            return known;
        }
        let id = u32::try_from(self.steps.len()).expect("fewer steps than edges");
        self.steps.push(steps.clone());
        self.interned.insert(steps, id);
        id
    }

    fn particle(&mut self, particle: &Particle, work: &Work) -> Result<Fragment, ModelError> {
        let body = match &particle.term {
            Term::Element(id) => self.leaf(Label::Element(*id), work)?,
            Term::Wildcard(wildcard) => self.leaf(Label::Wildcard(Rc::clone(wildcard)), work)?,
            // Content with a particle that is absent is absent itself and has no model.
            Term::Absent => Fragment { nullable: true, ..Fragment::default() },
            Term::Group(group) => match group.compositor {
                Compositor::Sequence => self.sequence(&group.particles, work)?,
                Compositor::Choice => self.choice(&group.particles, work)?,
                Compositor::All => return Err(ModelError::AllInside),
            },
        };
        self.occurring(body, particle.occurs, work)
    }

    fn leaf(&mut self, label: Label, work: &Work) -> Result<Fragment, ModelError> {
        let most = work.limits().positions_max;
        if self.labels.len() >= most {
            return Err(ModelError::Positions(most));
        }
        let position = u32::try_from(self.labels.len()).expect("below the limit");
        self.labels.push(label);
        self.follow.push(Vec::new());
        Ok(Fragment {
            nullable: false,
            first: vec![(position, Vec::new())],
            last: vec![(position, Vec::new())],
        })
    }

    fn sequence(&mut self, particles: &[Particle], work: &Work) -> Result<Fragment, ModelError> {
        let mut whole = Fragment { nullable: true, ..Fragment::default() };
        for particle in particles {
            let part = self.particle(particle, work)?;
            self.connect(&whole.last, None, &part.first, work)?;
            if whole.nullable {
                whole.first.extend(part.first.iter().cloned());
            }
            if part.nullable {
                whole.last.extend(part.last);
            } else {
                whole.last = part.last;
            }
            whole.nullable &= part.nullable;
        }
        Ok(whole)
    }

    fn choice(&mut self, particles: &[Particle], work: &Work) -> Result<Fragment, ModelError> {
        let mut whole = Fragment::default();
        for particle in particles {
            let part = self.particle(particle, work)?;
            whole.nullable |= part.nullable;
            whole.first.extend(part.first);
            whole.last.extend(part.last);
        }
        Ok(whole)
    }

    fn occurring(
        &mut self,
        mut body: Fragment,
        occurs: Occurrence,
        work: &Work,
    ) -> Result<Fragment, ModelError> {
        match (occurs.min, occurs.max) {
            (1, Some(1)) => {}
            (0, Some(1)) => body.nullable = true,
            (min @ (0 | 1), None) => {
                let (last, first) = (body.last.clone(), body.first.clone());
                self.connect(&last, None, &first, work)?;
                body.nullable |= min == 0;
            }
            (min, max) => return self.counted(body, min, max, work),
        }
        Ok(body)
    }

    /// A counter, not copies: `maxOccurs="50000"` is legal and would cost as many positions.
    fn counted(
        &mut self,
        mut body: Fragment,
        min: u32,
        max: Option<u32>,
        work: &Work,
    ) -> Result<Fragment, ModelError> {
        let counter = CounterId::try_from(self.counters.len())
            .map_err(|_| ModelError::Positions(usize::from(CounterId::MAX)))?;
        // A body that may be empty makes up for any number of turns by itself.
        let min_turns = if body.nullable { 0 } else { min };
        self.counters.push(Bounds { min: min_turns, max });
        let (last, first) = (body.last.clone(), body.first.clone());
        self.connect(&last, Some(counter), &first, work)?;
        body.nullable |= min == 0;
        for (_, enter) in &mut body.first {
            enter.insert(0, counter);
        }
        for (_, leave) in &mut body.last {
            leave.push(counter);
        }
        Ok(body)
    }

    fn connect(
        &mut self,
        last: &[(u32, Vec<CounterId>)],
        turn: Option<CounterId>,
        first: &[(u32, Vec<CounterId>)],
        work: &Work,
    ) -> Result<(), ModelError> {
        let edges = last.len() * first.len();
        self.edges += edges;
        let most = work.limits().edges_max;
        if self.edges > most {
            return Err(ModelError::Edges(most));
        }
        if !work.steps(edges as u64 * EDGE_STEPS) {
            return Err(ModelError::of(work));
        }
        for (from, leave) in last {
            for (to, enter) in first {
                let plain = leave.is_empty() && turn.is_none() && enter.is_empty();
                let steps = if plain {
                    0
                } else {
                    let counters = (leave.len() + enter.len()) as u64;
                    if !work.bytes(STEPS_BYTES + COUNTER_BYTES * counters) {
                        return Err(ModelError::of(work));
                    }
                    self.intern(Steps { leave: leave.clone(), turn, enter: enter.clone() })
                };
                self.follow[*from as usize].push(Edge { to: *to, steps });
            }
        }
        Ok(())
    }
}
