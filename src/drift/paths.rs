//! The paths that were met in a feed, each with its counts; found by numbers, not by names.
//!
//! Feeds repeat themselves: behind an element mostly stands what stood behind it last time, so each path remembers
//! that, and is right about it nine times in ten. Else the parent knows its children by the numbers of their names,
//! and only what is new is looked up by its [`Rank`].

use super::limits::{Allowance, DEPTH_MAX, NAME_BYTES_MAX, NEIGHBOURS_MAX, PATHS_MAX, cut};
use super::profile::{OCCURRENCES, PathProfile, Rank, RecordKind, occurrence_bin};
use super::values::{Novelty, Values};
use foldhash::HashMap;
use smallvec::SmallVec;
use std::collections::{BTreeSet, BinaryHeap};

/// A path by its number; another path may come in its place, which the generation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathId {
    slot: u32,
    generation: u32,
}

/// A name that led from a path to another.
#[derive(Clone, Copy, Debug)]
struct Link {
    name: u32,
    from: PathId,
    to: PathId,
}

/// One path and what was counted at it.
#[derive(Debug)]
pub(super) struct Counted {
    generation: u32,
    rank: Rank,
    parent: Option<u32>,
    kind: RecordKind,
    name: Box<str>,
    /// What stood behind it last.
    next: Option<Link>,
    children: SmallVec<[(u32, PathId); 2]>,
    attributes: SmallVec<[PathId; 1]>,
    records: u64,
    pub(super) instances: u64,
    first: u32,
    absent: Option<u32>,
    /// The record it was met in last, and the parent there; how often so far.
    last: (u32, u32),
    run: u32,
    occurrences: [u32; OCCURRENCES],
    most: (u8, u32),
    pub(super) mixed: u64,
    neighbours: Option<SmallVec<[Box<str>; 1]>>,
    /// Number of the name that it stood behind last.
    last_neighbour: Option<u32>,
    values: Option<Box<Values>>,
}

impl Counted {
    fn new(rank: Rank, parent: Option<u32>, kind: RecordKind, name: &str) -> Self {
        Self {
            generation: 0,
            rank,
            parent,
            kind,
            name: name.into(),
            next: None,
            children: SmallVec::new(),
            attributes: SmallVec::new(),
            records: 0,
            instances: 0,
            first: 0,
            absent: None,
            last: (0, 0),
            run: 0,
            occurrences: [0; OCCURRENCES],
            most: (0, 0),
            mixed: 0,
            neighbours: Some(SmallVec::new()),
            last_neighbour: None,
            values: None,
        }
    }

    /// Counts one more, in this record, in the parent with this number there.
    #[inline]
    pub(super) fn count(&mut self, ordinal: u32, parent: u32) -> Novelty {
        self.instances += 1;
        if self.last == (ordinal, parent) {
            self.run += 1;
            return self.repeated(ordinal);
        }
        if self.run > 0 {
            self.occurrences[occurrence_bin(self.run)] += 1;
        }
        self.run = 1;
        self.records += u64::from(self.last.0 != ordinal);
        self.last = (ordinal, parent);
        if self.most.1 == 0 {
            (self.first, self.most) = (ordinal, (0, ordinal));
            return Novelty::First;
        }
        Novelty::Known
    }

    fn repeated(&mut self, ordinal: u32) -> Novelty {
        let bin = occurrence_bin(self.run);
        if bin <= usize::from(self.most.0) {
            return Novelty::Known;
        }
        self.most = (u8::try_from(bin).unwrap_or(u8::MAX), ordinal);
        Novelty::First
    }

    /// The texts at it.
    pub(super) fn values(&mut self) -> &mut Values {
        self.values.get_or_insert_with(Box::default)
    }

    /// Whether the record has it.
    pub(super) fn is_in(&self, ordinal: u32) -> bool {
        self.last.0 == ordinal
    }

    /// The record has it not, nor had any before.
    pub(super) fn lacks(&mut self, ordinal: u32) {
        self.absent = Some(ordinal);
    }

    fn stands_behind(&mut self, neighbour: &str) {
        let Some(known) = &mut self.neighbours else { return };
        if known.iter().any(|name| **name == *neighbour) {
            return;
        }
        if known.len() < NEIGHBOURS_MAX {
            known.push(neighbour.into());
        } else {
            self.neighbours = None;
        }
    }

    fn profile(&self, values_max: usize) -> PathProfile {
        let mut occurrences = self.occurrences.map(u64::from).to_vec();
        if self.run > 0 {
            occurrences[occurrence_bin(self.run)] += 1;
        }
        let neighbours = self.neighbours.as_ref().map(|names| names.iter().cloned().collect::<BTreeSet<_>>());
        let mut texts = self.values.as_ref().map(|values| values.texts());
        if let Some(texts) = &mut texts {
            texts.within(values_max);
        }
        PathProfile {
            records: self.records,
            instances: self.instances,
            occurrences,
            most: (self.most.0, self.most.1.into()),
            mixed: self.mixed,
            neighbours,
            first: self.first.into(),
            absent: self.absent.map(u64::from),
            texts,
        }
    }
}

/// The paths of a feed, at most [`PATHS_MAX`].
#[derive(Debug, Default)]
pub(super) struct Paths {
    slots: Vec<Counted>,
    by_rank: HashMap<Rank, PathId>,
    /// All of them, the last in the order on top; kept once there is no more room.
    order: BinaryHeap<(Rank, u32)>,
    /// Instances of paths that had to go.
    pub(super) dropped: u64,
    names_epoch: u64,
    /// Values that vocabularies had room for lately.
    values_max: usize,
}

impl Paths {
    /// Numbers of names stand for others from now on.
    pub(super) fn names_are_of(&mut self, epoch: u64) {
        if std::mem::replace(&mut self.names_epoch, epoch) == epoch {
            return;
        }
        for slot in &mut self.slots {
            (slot.next, slot.last_neighbour) = (None, None);
            slot.children.clear();
        }
    }

    pub(super) fn allowance(&self) -> Allowance {
        Allowance::of(self.slots.len())
    }

    /// Lets go of what is more than is allowed by now.
    pub(super) fn economise(&mut self) {
        let values_max = self.allowance().values;
        if std::mem::replace(&mut self.values_max, values_max) == values_max {
            return;
        }
        self.slots
            .iter_mut()
            .filter_map(|slot| slot.values.as_mut())
            .for_each(|values| values.within(values_max));
    }

    /// The path, unless another stands in its place.
    #[inline]
    pub(super) fn get_mut(&mut self, id: PathId) -> Option<&mut Counted> {
        self.slots.get_mut(id.slot as usize).filter(|slot| slot.generation == id.generation)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Counted> {
        self.slots.iter()
    }

    /// The path of records of a kind.
    pub(super) fn record(&mut self, kind: RecordKind) -> Option<PathId> {
        let rank = Rank::record(kind);
        match self.by_rank.get(&rank) {
            Some(known) => Some(*known),
            None => self.admit(Counted::new(rank, None, kind, "")),
        }
    }

    /// The path of a child element; `before` is the element that was met last. `None` when it is not kept.
    #[inline]
    pub(super) fn child<'a>(
        &mut self,
        parent: PathId,
        number: u32,
        before: PathId,
        name: impl FnOnce() -> &'a str,
    ) -> Option<PathId> {
        let next = self.slots[before.slot as usize].next;
        let is_it = |next: &Link| next.name == number && next.from == parent && self.holds(next.to);
        if let Some(next) = next.filter(is_it) {
            return Some(next.to);
        }
        if !self.holds(parent) {
            return None;
        }
        let found = self.known_child(parent, number).or_else(|| self.new_child(parent, number, name()))?;
        self.slots[before.slot as usize].next = Some(Link { name: number, from: parent, to: found });
        Some(found)
    }

    fn holds(&self, id: PathId) -> bool {
        self.slots[id.slot as usize].generation == id.generation
    }

    fn known_child(&self, parent: PathId, number: u32) -> Option<PathId> {
        let children = &self.slots[parent.slot as usize].children;
        let found = children.iter().find(|(name, _)| *name == number).map(|(_, child)| *child);
        found.filter(|child| self.holds(*child))
    }

    fn new_child(&mut self, parent: PathId, number: u32, name: &str) -> Option<PathId> {
        let found = self.inside(parent, name, name)?;
        let children = &mut self.slots[parent.slot as usize].children;
        children.retain(|(known, _)| *known != number);
        children.push((number, found));
        Some(found)
    }

    /// The path of an attribute; `at` is its number among those of the element.
    #[inline]
    pub(super) fn attribute(&mut self, parent: PathId, at: usize, name: &str) -> Option<PathId> {
        let attributes = &self.slots[parent.slot as usize].attributes;
        let is_it = |id: &PathId| self.holds(*id) && self.slots[id.slot as usize].name[1..] == *name;
        if let Some(id) = attributes.get(at).filter(|id| is_it(id)) {
            return Some(*id);
        }
        if let Some(id) = attributes.iter().find(|id| is_it(id)) {
            return Some(*id);
        }
        self.new_attribute(parent, name)
    }

    fn new_attribute(&mut self, parent: PathId, name: &str) -> Option<PathId> {
        let found = self.inside(parent, name, &format!("@{name}"))?;
        let attributes: SmallVec<_> = self.slots[parent.slot as usize]
            .attributes
            .iter()
            .copied()
            .filter(|id| self.holds(*id))
            .collect();
        let attributes_of = &mut self.slots[parent.slot as usize].attributes;
        *attributes_of = attributes;
        attributes_of.push(found);
        Some(found)
    }

    fn inside(&mut self, parent: PathId, name: &str, step: &str) -> Option<PathId> {
        let above = &self.slots[parent.slot as usize];
        let (rank, kind) = (above.rank.inside(step), above.kind);
        if let Some(known) = self.by_rank.get(&rank) {
            return Some(*known);
        }
        if name.len() > NAME_BYTES_MAX || rank.depth > DEPTH_MAX {
            return None;
        }
        self.admit(Counted::new(rank, Some(parent.slot), kind, step))
    }

    fn admit(&mut self, path: Counted) -> Option<PathId> {
        if self.slots.len() < PATHS_MAX {
            let id = PathId { slot: number(self.slots.len()), generation: 0 };
            self.by_rank.insert(path.rank, id);
            self.slots.push(path);
            return Some(id);
        }
        self.replace(path)
    }

    /// Takes the place of the last in the order, unless that comes before it.
    fn replace(&mut self, mut path: Counted) -> Option<PathId> {
        if self.order.is_empty() {
            self.order = self.slots.iter().zip(0..).map(|(slot, at)| (slot.rank, at)).collect();
        }
        let (last, slot) = *self.order.peek()?;
        if path.rank >= last {
            return None;
        }
        self.order.pop();
        self.by_rank.remove(&last);
        let replaced = &mut self.slots[slot as usize];
        path.generation = replaced.generation + 1;
        self.dropped += replaced.instances;
        let id = PathId { slot, generation: path.generation };
        self.by_rank.insert(path.rank, id);
        self.order.push((path.rank, slot));
        *replaced = path;
        Some(id)
    }

    /// Counts that an element stands behind one with the name of this number, or first.
    #[inline]
    pub(super) fn stands_behind<'a>(
        &mut self,
        id: PathId,
        number: Option<u32>,
        name: impl FnOnce() -> &'a str,
    ) {
        let counted = &mut self.slots[id.slot as usize];
        let number = number.unwrap_or(u32::MAX);
        if counted.last_neighbour == Some(number) {
            return;
        }
        counted.last_neighbour = Some(number);
        counted.stands_behind(cut(name(), NAME_BYTES_MAX));
    }

    /// Bytes that are held.
    pub(super) fn heap_bytes(&self) -> usize {
        let of = |slot: &Counted| {
            let lists = if slot.children.spilled() { slot.children.capacity() * 12 } else { 0 };
            let names = slot.neighbours.iter().flatten().map(|name| name.len() + 16).sum::<usize>();
            let values = slot.values.as_ref().map_or(0, |values| size_of::<Values>() + values.heap_bytes());
            slot.name.len() + lists + names + values
        };
        let order = self.order.capacity() * size_of::<(Rank, u32)>();
        let by_rank = self.by_rank.capacity() * (size_of::<(Rank, PathId)>() + 1);
        self.slots.capacity() * size_of::<Counted>()
            + self.slots.iter().map(of).sum::<usize>()
            + order
            + by_rank
    }

    /// The paths by kind, as they are written, with what was counted.
    pub(super) fn profiles(&self) -> impl Iterator<Item = (RecordKind, Box<str>, PathProfile)> {
        let values_max = self.allowance().values;
        let profile = move |slot: &Counted| (slot.kind, self.written(slot), slot.profile(values_max));
        self.slots.iter().filter(|slot| slot.instances > 0).map(profile)
    }

    fn written(&self, slot: &Counted) -> Box<str> {
        let mut steps = vec![&*slot.name];
        let mut above = slot.parent;
        while let Some(parent) = above.map(|parent| &self.slots[parent as usize]) {
            steps.push(&parent.name);
            above = parent.parent;
        }
        // The record itself is the empty path.
        steps.pop();
        steps.reverse();
        steps.join("/").into()
    }
}

impl Counted {
    /// The records in which something was first: the path, then what is below it.
    pub(super) fn firsts(&self) -> (impl Iterator<Item = u32>, impl Iterator<Item = u32>) {
        let values = self.values.iter().flat_map(|values| values.firsts());
        (std::iter::once(self.first).chain(self.absent), std::iter::once(self.most.1).chain(values))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("paths are few")
}
