//! States and transitions of all plain content models of a schema, in one table.
//!
//! A state is what may follow: two positions after which the same may come are one state, so
//! `(a | b | c)*` has one. Built by the subset construction, which needs no Unique Particle
//! Attribution to be right; where a schema breaks that rule the first declaration in schema order
//! is taken, and an element goes before a wildcard.

use super::positions::{Label, Positions};
use super::{Expected, Members, ModelError};
use crate::xml::NameId;
use crate::xsd::component::ElementId;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::work::Work;
use std::collections::HashMap;
use std::ops::Range;

/// What a state, a transition and an expectation take, with their places in tables.
const STATE_BYTES: u64 = 100;
const TRANSITION_BYTES: u64 = 60;
const EXPECTED_BYTES: u64 = 40;
/// Looking up a member of a substitution group by its name.
const MEMBER_STEPS: u64 = 8;

/// A state of some content model; numbered over the whole schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ModelState(pub(crate) u32);

/// A step to take: where to, as which declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) name: NameId,
    pub(crate) next: ModelState,
    pub(crate) element: ElementId,
}

#[derive(Debug)]
struct StateRow {
    accepts: bool,
    transitions: Range<u32>,
    wildcards: Range<u32>,
    expected: Range<u32>,
}

/// All states of a schema.
#[derive(Debug)]
pub(crate) struct Tables {
    rows: Vec<StateRow>,
    transitions: Vec<Transition>,
    wildcards: Vec<(Wildcard, ModelState)>,
    expected: Vec<Expected>,
    /// Open addressing over (state, name); the length is a power of two.
    slots: Vec<Slot>,
}

/// `name` 0 marks an empty slot; otherwise it is the name's index plus one.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    state: u32,
    name: u32,
    next: u32,
    element: u32,
}

impl Tables {
    /// One child further.
    #[inline]
    pub(crate) fn step(&self, from: ModelState, name: NameId) -> Option<(ModelState, ElementId)> {
        let key = name_key(name);
        let mask = self.slots.len() - 1;
        let mut at = slot_of(from.0, key) & mask;
        loop {
            let slot = &self.slots[at];
            if slot.state == from.0 && slot.name == key {
                return Some((ModelState(slot.next), ElementId::from_index(slot.element as usize)));
            }
            if slot.name == 0 {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// One child further through a wildcard, for a name that no declaration takes.
    pub(crate) fn wildcard_step(&self, from: ModelState, namespace: &str) -> Option<(ModelState, &Wildcard)> {
        let row = &self.rows[from.0 as usize];
        self.wildcards[range(&row.wildcards)]
            .iter()
            .find(|(wildcard, _)| wildcard.namespaces.allows(namespace))
            .map(|(wildcard, next)| (*next, wildcard))
    }

    /// Whether the content may end here.
    #[inline]
    pub(crate) fn accepts(&self, state: ModelState) -> bool {
        self.rows[state.0 as usize].accepts
    }

    /// What could stand next, in schema order.
    pub(crate) fn expected(&self, state: ModelState) -> &[Expected] {
        &self.expected[range(&self.rows[state.0 as usize].expected)]
    }

    /// Of what could stand next, that without which the content cannot be completed: an element that leaves nothing
    /// else open than what is open without it is not needed.
    pub(crate) fn needed(&self, state: ModelState) -> Vec<Expected> {
        let row = &self.rows[state.0 as usize];
        let (steps, wild) = (self.transitions(state), &self.wildcards[range(&row.wildcards)]);
        let adds_nothing = |step: &Transition| {
            let next = &self.rows[step.next.0 as usize];
            let open_now =
                |later: &Transition| self.step(state, later.name).is_some_and(|(to, _)| to == later.next);
            let wild_now = self.wildcards[range(&next.wildcards)].iter().all(|each| wild.contains(each));
            !next.accepts && wild_now && self.transitions(step.next).iter().all(open_now)
        };
        let idle: Vec<ElementId> =
            steps.iter().filter(|step| adds_nothing(step)).map(|step| step.element).collect();
        let expected = &self.expected[range(&row.expected)];
        let is_needed = |each: &&Expected| !matches!(each, Expected::Element(id) if idle.contains(id));
        let needed: Vec<Expected> = expected.iter().filter(is_needed).cloned().collect();
        if needed.is_empty() { expected.to_vec() } else { needed }
    }

    /// The steps that lead on from a state.
    pub(crate) fn transitions(&self, state: ModelState) -> &[Transition] {
        &self.transitions[range(&self.rows[state.0 as usize].transitions)]
    }
}

fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

fn name_key(name: NameId) -> u32 {
    u32::try_from(name.index() + 1).expect("a name's index fits in 32 bits")
}

/// Fibonacci hashing; the high half of the product is the well-mixed one.
#[inline]
fn slot_of(state: u32, name: u32) -> usize {
    let key = (u64::from(state) << 32) | u64::from(name);
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
}

/// Collects models; `finish` makes the shared table.
#[derive(Debug, Default)]
pub(crate) struct TableBuilder {
    rows: Vec<StateRow>,
    transitions: Vec<Transition>,
    wildcards: Vec<(Wildcard, ModelState)>,
    expected: Vec<Expected>,
}

/// The futures that make a state: positions that may come next, and whether it may end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Future {
    next: Vec<u32>,
    accepts: bool,
}

impl TableBuilder {
    /// Adds a model without counters; its start state.
    pub(super) fn add(
        &mut self,
        positions: &Positions,
        members: Members<'_>,
        work: &Work,
    ) -> Result<ModelState, ModelError> {
        let mut model = ModelBuilder {
            positions,
            members,
            work,
            base: self.rows.len(),
            known: HashMap::new(),
            todo: Vec::new(),
        };
        let start =
            Future { next: sorted(positions.first.iter().map(|edge| edge.to)), accepts: positions.nullable };
        let start = model.state(start)?;
        let mut done = 0;
        while let Some(future) = model.todo.get(done).cloned() {
            self.add_state(&mut model, &future)?;
            done += 1;
        }
        Ok(start)
    }

    fn add_state(&mut self, model: &mut ModelBuilder<'_>, future: &Future) -> Result<(), ModelError> {
        let (first_transition, first_wildcard, first_expected) =
            (self.transitions.len(), self.wildcards.len(), self.expected.len());
        for (name, element, taken) in model.by_name(future)? {
            model.spend(TRANSITION_BYTES)?;
            let next = model.after(&taken)?;
            let next = model.state(next)?;
            self.transitions.push(Transition { name, next, element });
        }
        for &position in &future.next {
            let label = &model.positions.labels[position as usize];
            if let Label::Wildcard(wildcard) = label {
                let next = model.after(&[position])?;
                let next = model.state(next)?;
                model.spend(2 * wildcard.bytes())?;
                self.wildcards.push(((**wildcard).clone(), next));
            }
            model.spend(EXPECTED_BYTES)?;
            self.expected.push(label.expected());
        }
        self.rows.push(StateRow {
            accepts: future.accepts,
            transitions: short(first_transition)..short(self.transitions.len()),
            wildcards: short(first_wildcard)..short(self.wildcards.len()),
            expected: short(first_expected)..short(self.expected.len()),
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> Tables {
        let size = (self.transitions.len() * 2).next_power_of_two().max(2);
        let mut slots = vec![Slot::default(); size];
        for (state, row) in self.rows.iter().enumerate() {
            for transition in &self.transitions[range(&row.transitions)] {
                insert(&mut slots, short(state), transition);
            }
        }
        Tables {
            rows: self.rows,
            transitions: self.transitions,
            wildcards: self.wildcards,
            expected: self.expected,
            slots,
        }
    }
}

fn insert(slots: &mut [Slot], state: u32, transition: &Transition) {
    let key = name_key(transition.name);
    let mask = slots.len() - 1;
    let mut at = slot_of(state, key) & mask;
    while slots[at].name != 0 {
        at = (at + 1) & mask;
    }
    let element = short(transition.element.index());
    slots[at] = Slot { state, name: key, next: transition.next.0, element };
}

fn short(index: usize) -> u32 {
    u32::try_from(index).expect("limits keep tables below 2^32 rows")
}

fn sorted(positions: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut list: Vec<u32> = positions.collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// A name that may come next, its declaration, the positions it can take.
type NameRow = (NameId, ElementId, Vec<u32>);

struct ModelBuilder<'a> {
    positions: &'a Positions,
    members: Members<'a>,
    work: &'a Work,
    /// Number of the model's first state.
    base: usize,
    known: HashMap<Future, ModelState>,
    todo: Vec<Future>,
}

impl ModelBuilder<'_> {
    fn spend(&self, bytes: u64) -> Result<(), ModelError> {
        if self.work.bytes(bytes) { Ok(()) } else { Err(ModelError::of(self.work)) }
    }

    /// The state of a future. There is at most one for each position, since a name leads to one
    /// (`cos-nonambig`): a limit on positions is one on states.
    fn state(&mut self, future: Future) -> Result<ModelState, ModelError> {
        if let Some(&known) = self.known.get(&future) {
            return Ok(known);
        }
        self.spend(STATE_BYTES + 8 * future.next.len() as u64)?;
        let state = ModelState(short(self.base + self.todo.len()));
        self.known.insert(future.clone(), state);
        self.todo.push(future);
        Ok(state)
    }

    /// What may come after any of the positions.
    fn after(&self, taken: &[u32]) -> Result<Future, ModelError> {
        let edges: usize = taken.iter().map(|&position| self.positions.follow[position as usize].len()).sum();
        if !self.work.steps(edges as u64) {
            return Err(ModelError::of(self.work));
        }
        let follow = taken.iter().flat_map(|&position| &self.positions.follow[position as usize]);
        Ok(Future {
            next: sorted(follow.map(|edge| edge.to)),
            accepts: taken.iter().any(|&position| !self.positions.last[position as usize].is_empty()),
        })
    }

    /// The positions each name can take, in schema order.
    fn by_name(&self, future: &Future) -> Result<Vec<NameRow>, ModelError> {
        let mut rows: Vec<NameRow> = Vec::new();
        let mut index: HashMap<NameId, usize> = HashMap::new();
        for &position in &future.next {
            let Label::Element(id) = self.positions.labels[position as usize] else { continue };
            let members = (self.members)(id);
            if !self.work.steps(MEMBER_STEPS * members.len() as u64) {
                return Err(ModelError::of(self.work));
            }
            for &(name, element) in members.iter() {
                let row = *index.entry(name).or_insert_with(|| {
                    rows.push((name, element, Vec::new()));
                    rows.len() - 1
                });
                rows[row].2.push(position);
            }
        }
        Ok(rows)
    }
}
