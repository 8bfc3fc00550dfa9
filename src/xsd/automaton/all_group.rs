//! The `all` group as a set: each member at most once, in any order.

use super::{Members, ModelError};
use crate::xml::NameId;
use crate::xsd::component::{ElementId, ModelGroup, Occurrence, Term};
use crate::xsd::work::Work;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// What a name of a member takes.
const NAME_BYTES: u64 = 48;

/// An `all` group. What was seen is kept by the caller as bits, [`words`](Self::words) of them.
#[derive(Debug)]
pub(crate) struct AllGroup {
    members: Vec<Member>,
    /// Which member answers to a name, as which declaration.
    by_name: HashMap<NameId, (usize, ElementId), FixedState>,
    /// The group as a whole may be absent.
    optional: bool,
}

/// A member, called by its declaration.
#[derive(Debug)]
struct Member {
    element: ElementId,
    required: bool,
}

impl AllGroup {
    pub(super) fn new(
        group: &ModelGroup,
        occurs: Occurrence,
        members: Members<'_>,
        work: &Work,
    ) -> Result<Self, ModelError> {
        let mut own = Self { members: Vec::new(), by_name: HashMap::default(), optional: occurs.min == 0 };
        for particle in &group.particles {
            let Term::Element(id) = particle.term else { continue };
            let names = members(id);
            if !work.bytes(NAME_BYTES * names.len() as u64) {
                return Err(ModelError::of(work));
            }
            for &(name, element) in names.iter() {
                own.by_name.entry(name).or_insert((own.members.len(), element));
            }
            own.members.push(Member { element: id, required: particle.occurs.min > 0 });
        }
        Ok(own)
    }

    /// How many words of bits say which members were seen.
    pub(crate) fn words(&self) -> usize {
        self.members.len().div_ceil(64)
    }

    /// The declaration a name stands for, unless it was seen already.
    pub(crate) fn step(&self, seen: &mut [u64], name: NameId) -> Option<ElementId> {
        let (index, element) = self.find(name)?;
        let bit = 1 << (index % 64);
        let free = seen[index / 64] & bit == 0;
        seen[index / 64] |= bit;
        free.then_some(element)
    }

    /// The declaration of a name anywhere in the group.
    pub(crate) fn element(&self, name: NameId) -> Option<ElementId> {
        self.find(name).map(|(_, element)| element)
    }

    fn find(&self, name: NameId) -> Option<(usize, ElementId)> {
        self.by_name.get(&name).copied()
    }

    /// Whether the content may end here.
    pub(crate) fn accepts(&self, seen: &[u64]) -> bool {
        (self.optional && seen.iter().all(|word| *word == 0)) || self.missing(seen).next().is_none()
    }

    /// Required members not yet seen.
    pub(crate) fn missing<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = ElementId> + 'a {
        self.unseen(seen).filter(|member| member.required).map(|member| member.element)
    }

    /// All members not yet seen.
    pub(crate) fn open<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = ElementId> + 'a {
        self.unseen(seen).map(|member| member.element)
    }

    fn unseen<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = &'a Member> + 'a {
        self.members
            .iter()
            .enumerate()
            .filter(|(index, _)| seen[index / 64] & (1 << (index % 64)) == 0)
            .map(|(_, m)| m)
    }
}
