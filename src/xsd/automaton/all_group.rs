//! The `all` group as a set: each member at most once, in any order.

use super::Members;
use crate::xml::NameId;
use crate::xsd::component::{ElementId, ModelGroup, Occurrence, Term};

/// An `all` group. What was seen is kept by the caller as bits, [`words`](Self::words) of them.
#[derive(Debug)]
pub(crate) struct AllGroup {
    members: Vec<Member>,
    /// The group as a whole may be absent.
    optional: bool,
}

/// A member with the names it answers to.
#[derive(Debug)]
struct Member {
    names: Box<[(NameId, ElementId)]>,
    required: bool,
}

impl AllGroup {
    pub(super) fn new(group: &ModelGroup, occurs: Occurrence, members: Members<'_>) -> Self {
        let members = group
            .particles
            .iter()
            .filter_map(|particle| match particle.term {
                Term::Element(id) => Some(Member {
                    names: members(id).iter().copied().collect(),
                    required: particle.occurs.min > 0,
                }),
                _ => None,
            })
            .collect();
        Self { members, optional: occurs.min == 0 }
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
        self.members.iter().enumerate().find_map(|(index, member)| {
            member.names.iter().find(|(each, _)| *each == name).map(|(_, element)| (index, *element))
        })
    }

    /// Whether the content may end here.
    pub(crate) fn accepts(&self, seen: &[u64]) -> bool {
        (self.optional && seen.iter().all(|word| *word == 0)) || self.missing(seen).next().is_none()
    }

    /// Required members not yet seen.
    pub(crate) fn missing<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = NameId> + 'a {
        self.unseen(seen).filter(|member| member.required).map(|member| member.names[0].0)
    }

    /// All members not yet seen.
    pub(crate) fn open<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = NameId> + 'a {
        self.unseen(seen).map(|member| member.names[0].0)
    }

    fn unseen<'a>(&'a self, seen: &'a [u64]) -> impl Iterator<Item = &'a Member> + 'a {
        self.members
            .iter()
            .enumerate()
            .filter(|(index, _)| seen[index / 64] & (1 << (index % 64)) == 0)
            .map(|(_, m)| m)
    }
}
