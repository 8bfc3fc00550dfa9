//! Gathers the profile of a feed while its records go by.
//!
//! ```text
//!  record ─▶ kind ─▶ elements in document order ─▶ path of each ─▶ counted; texts of the innermost ─▶ values
//!                       └ text between child elements: the element is a text, what is below is not looked at
//! ```
//!
//! Counts are exact: of all records up to [`RECORDS_ALL`], and beyond of those whose key falls into one of
//! [`RECORDS_ONE_IN`] parts, which are the same records night after night. Which records those are does not depend on
//! how a feed is parted.
//!
//! What a name is numbered in a feed is learned from the record's own numbers, so a gatherer belongs to one cutter.

use super::limits::{Firsts, KEY_BYTES_MAX, cut};
use super::paths::{PathId, Paths};
use super::profile::{FeedFacts, KindProfile, Profile, Rank, RecordKind, RecordPlace};
use super::values::Novelty;
use crate::feed::{FeedProfile, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// So many records of a feed are all looked at.
pub const RECORDS_ALL: u64 = 2_048;
/// Of the others one in so many.
pub const RECORDS_ONE_IN: u64 = 8;

/// A record, as far as it is not in its tree.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'a> {
    /// Its number in the feed, from 1.
    pub ordinal: u64,
    /// Line of its start tag.
    pub line: u64,
    /// Its key, when it has one.
    pub key: Option<&'a str>,
}

impl Gathered<'_> {
    /// Whether a gatherer looks into the record's tree; of others it has to be no more than there.
    #[must_use]
    pub fn is_looked_at(self) -> bool {
        let part = || Rank::part(self.key.unwrap_or_default(), RECORDS_ONE_IN);
        self.ordinal <= RECORDS_ALL || part() == 0
    }
}

/// Places of records that are remembered before those nobody wants any more are let go.
const PLACES_KEPT: usize = 1_024;

/// Gathers what the records of a feed look like.
#[derive(Debug)]
pub struct Gatherer {
    profile: Arc<FeedProfile>,
    paths: Paths,
    kinds: BTreeMap<RecordKind, Kind>,
    records: u64,
    refused: u64,
    beyond: u64,
    places: BTreeMap<u32, RecordPlace>,
    places_max: usize,
    /// For each element of the record at hand that has child elements which are looked at; what stands for others is of
    /// records before.
    steps: Vec<Option<Step>>,
    /// Elements of the record at hand that have text between their child elements.
    mixed: Vec<usize>,
}

/// The records of a kind.
#[derive(Debug)]
struct Kind {
    path: Option<PathId>,
    records: u64,
    first: u32,
    /// Paths that every record had so far.
    constant: Vec<PathId>,
}

/// An element on the way through a record.
#[derive(Clone, Copy, Debug)]
struct Step {
    path: PathId,
    /// Its last child so far: index and number of the name.
    last: Option<(usize, u32)>,
}

impl Gatherer {
    /// Ready for a feed of this format.
    #[must_use]
    pub fn new(profile: Arc<FeedProfile>) -> Self {
        Self {
            profile,
            paths: Paths::default(),
            kinds: BTreeMap::new(),
            records: 0,
            refused: 0,
            beyond: 0,
            places: BTreeMap::new(),
            places_max: PLACES_KEPT,
            steps: Vec::new(),
            mixed: Vec::new(),
        }
    }

    /// Counts a record that was refused: it is not looked at, since findings tell what is wrong with it.
    pub fn refused(&mut self) {
        self.refused += 1;
    }

    /// Takes a record that was accepted, and looks at it if it is one of those looked at.
    pub fn record(&mut self, record: &Record, gathered: Gathered<'_>) {
        self.records += 1;
        // Of others there may be no tree: they were judged elsewhere.
        let Some(root) = record.root().filter(|_| gathered.is_looked_at()) else { return };
        let ordinal = u32::try_from(gathered.ordinal).unwrap_or(u32::MAX);
        let code = self.profile.notification().and_then(|path| path.find(record, root));
        let kind =
            RecordKind::of(self.profile.notification_kind(code.as_ref().map(|code| code.text.as_ref())));
        self.paths.names_are_of(record.names_epoch());
        self.paths.economise();
        find_mixed(record, &mut self.mixed);
        let mut visit = self.visit(kind, ordinal);
        visit.walk(record);
        visit.close();
        if visit.novelty == Novelty::First {
            self.remember(ordinal, gathered);
        }
    }

    fn visit(&mut self, kind: RecordKind, ordinal: u32) -> Visit<'_> {
        let paths = &mut self.paths;
        let new = || Kind { path: None, records: 0, first: ordinal, constant: Vec::new() };
        let counts = self.kinds.entry(kind).or_insert_with(new);
        if counts.path.is_none() {
            counts.path = paths.record(kind);
        }
        counts.records += 1;
        Visit {
            values_max: paths.allowance().values,
            paths,
            novelty: if counts.records == 1 { Novelty::First } else { Novelty::Known },
            kind: counts,
            steps: &mut self.steps,
            mixed: &self.mixed,
            beyond: &mut self.beyond,
            ordinal,
        }
    }

    fn remember(&mut self, ordinal: u32, gathered: Gathered<'_>) {
        let key = cut(gathered.key.unwrap_or_default(), KEY_BYTES_MAX).into();
        self.places.insert(ordinal, RecordPlace { line: gathered.line, key });
        if self.places.len() > self.places_max {
            self.forget_places();
        }
    }

    fn forget_places(&mut self) {
        let all = self.paths.allowance().firsts == Firsts::All;
        let kinds = self.kinds.values().map(|kind| kind.first);
        let firsts = self.paths.iter().flat_map(|path| {
            let (path, below) = path.firsts();
            path.chain(below.filter(move |_| all))
        });
        let wanted: BTreeSet<u32> = firsts.chain(kinds).collect();
        self.places.retain(|ordinal, _| wanted.contains(ordinal));
        self.places_max = PLACES_KEPT.max(self.places.len() * 2);
    }

    /// Bytes that are held by now, of a feed whatever its size.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let places: usize = self.places.values().map(|place| place.key.len() + 48).sum();
        self.paths.heap_bytes() + places + self.steps.capacity() * size_of::<Option<Step>>()
    }

    /// What the feed looks like, with what is known of it as a whole, and ready for another.
    #[must_use]
    pub fn finish(&mut self, facts: FeedFacts, bytes: u64) -> Profile {
        let mut profile = Profile {
            facts: facts.within_limits(),
            records: self.records,
            refused: self.refused,
            bytes,
            beyond: self.beyond + self.paths.dropped,
            places: std::mem::take(&mut self.places)
                .into_iter()
                .map(|(at, place)| (at.into(), place))
                .collect(),
            ..Profile::default()
        };
        for (kind, counts) in std::mem::take(&mut self.kinds) {
            let (records, first) = (counts.records, counts.first.into());
            profile.kinds.insert(kind, KindProfile { records, first, ..KindProfile::default() });
        }
        for (kind, path, counted) in self.paths.profiles() {
            profile.kinds.entry(kind).or_default().paths.insert(path, counted);
        }
        *self = Self::new(Arc::clone(&self.profile));
        profile.settle();
        profile
    }
}

/// The way through one record.
struct Visit<'g> {
    paths: &'g mut Paths,
    kind: &'g mut Kind,
    steps: &'g mut Vec<Option<Step>>,
    mixed: &'g [usize],
    beyond: &'g mut u64,
    values_max: usize,
    novelty: Novelty,
    ordinal: u32,
}

impl Visit<'_> {
    fn walk(&mut self, record: &Record) {
        if self.steps.len() < record.len() {
            self.steps.resize(record.len(), None);
        }
        let Some(mut before) = self.kind.path else { return };
        let mut index = 0;
        while index < record.len() {
            let standing = record.standing(index);
            let path = if index == 0 { Some(before) } else { self.element(record, index, before) };
            let Some(path) = path else {
                *self.beyond += (index..standing.end).map(|each| all_of(record, each)).sum::<u64>();
                index = standing.end;
                continue;
            };
            before = path;
            self.count(path, if index == 0 { 0 } else { number(standing.parent) + 1 });
            self.attributes(record, index, path);
            index = self.content(record, index, standing.end, path);
        }
    }

    /// The path of an element inside.
    #[inline]
    fn element(&mut self, record: &Record, index: usize, before: PathId) -> Option<PathId> {
        let standing = record.standing(index);
        let step = self.steps[standing.parent].as_mut()?;
        let last = step.last.replace((index, standing.name));
        let parent = step.path;
        let name = || record.name(record.node_at(index));
        let path = self.paths.child(parent, standing.name, before, name)?;
        let neighbour = || last.map_or("", |(index, _)| record.name(record.node_at(index)));
        self.paths.stands_behind(path, last.map(|(_, name)| name), neighbour);
        Some(path)
    }

    /// Looks at what is in the element; where to go on.
    #[inline]
    fn content(&mut self, record: &Record, index: usize, end: usize, path: PathId) -> usize {
        let is_mixed = self.is_mixed(index);
        if end > index + 1 && !is_mixed {
            self.steps[index] = Some(Step { path, last: None });
            return index + 1;
        }
        let text = record.string(record.node_at(index));
        let (values_max, ordinal) = (self.values_max, self.ordinal);
        let Some(counted) = self.paths.get_mut(path) else { return end };
        counted.mixed += u64::from(is_mixed);
        let values = counted.values();
        let novelty =
            if is_mixed { values.add_mixed(text, ordinal) } else { values.add(text, ordinal, values_max) };
        self.note(novelty);
        end
    }

    /// Whether the element has text between its child elements; to be asked in document order.
    #[inline]
    fn is_mixed(&mut self, index: usize) -> bool {
        while let Some((first, rest)) = self.mixed.split_first() {
            match first.cmp(&index) {
                std::cmp::Ordering::Less => self.mixed = rest,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => return false,
            }
        }
        false
    }

    fn attributes(&mut self, record: &Record, index: usize, element: PathId) {
        for (at, (name, value)) in record.attributes_of(record.node_at(index)).enumerate() {
            let Some(path) = self.paths.attribute(element, at, name) else {
                *self.beyond += 1;
                continue;
            };
            self.count(path, number(index) + 1);
            let (values_max, ordinal) = (self.values_max, self.ordinal);
            if let Some(counted) = self.paths.get_mut(path) {
                let novelty = counted.values().add(value, ordinal, values_max);
                self.note(novelty);
            }
        }
    }

    #[inline]
    fn count(&mut self, path: PathId, parent: u32) {
        let Some(counted) = self.paths.get_mut(path) else { return };
        let is_new = counted.instances == 0;
        let novelty = counted.count(self.ordinal, parent);
        if is_new {
            self.begins(path);
        }
        self.note(novelty);
    }

    /// A path is met for the first time.
    fn begins(&mut self, path: PathId) {
        if self.kind.records == 1 {
            self.kind.constant.push(path);
        } else if let Some(counted) = self.paths.get_mut(path) {
            counted.lacks(self.kind.first);
        }
    }

    fn note(&mut self, novelty: Novelty) {
        if novelty == Novelty::First {
            self.novelty = Novelty::First;
        }
    }

    /// The record is complete: what every record had so far, and this one has not, is no longer constant.
    fn close(&mut self) {
        let (paths, ordinal, novelty) = (&mut *self.paths, self.ordinal, &mut self.novelty);
        self.kind.constant.retain(|path| {
            let Some(counted) = paths.get_mut(*path) else { return false };
            if counted.is_in(ordinal) {
                return true;
            }
            counted.lacks(ordinal);
            *novelty = Novelty::First;
            false
        });
    }
}

/// An element and its attributes.
fn all_of(record: &Record, index: usize) -> u64 {
    1 + record.attributes_of(record.node_at(index)).count() as u64
}

/// The elements with text between their child elements, in document order.
fn find_mixed(record: &Record, mixed: &mut Vec<usize>) {
    mixed.clear();
    let characters = record.characters().as_bytes();
    let mut from = 0;
    for index in 0..record.len() {
        let standing = record.standing(index);
        if !is_blank(&characters[from..standing.text.0]) {
            note_mixed(record, (from, standing.text.0), index, mixed);
        }
        from = if standing.end > index + 1 { standing.text.0 } else { standing.text.1 };
    }
    if record.len() > 1 && !is_blank(&characters[from..]) {
        note_mixed(record, (from, characters.len()), record.len(), mixed);
    }
    mixed.sort_unstable();
    mixed.dedup();
}

/// The text before the element with this index, or at the end: piece by piece it belongs to the elements that end
/// there, from the innermost outwards, and what is left to the one in which the element stands.
fn note_mixed(record: &Record, (mut from, to): (usize, usize), index: usize, mixed: &mut Vec<usize>) {
    let characters = record.characters().as_bytes();
    let is_leaf = record.standing(index - 1).end == index;
    let mut around = if is_leaf { record.standing(index - 1).parent } else { index - 1 };
    loop {
        let standing = record.standing(around);
        let ends = standing.end <= index;
        let end = if ends { standing.text.1 } else { to };
        if !is_blank(&characters[from..end]) {
            mixed.push(around);
        }
        if !ends || around == 0 {
            return;
        }
        (from, around) = (end, standing.parent);
    }
}

/// Whether all of it is white space.
#[inline]
fn is_blank(gap: &[u8]) -> bool {
    // No other byte up to the space is a character of XML.
    gap.iter().fold(0, |most, byte| most.max(*byte)) <= b' '
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1)
}
