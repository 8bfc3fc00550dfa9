//! Content models with occurrence bounds, matched with counters.
//!
//! A configuration is a position with the counts of the counted particles around it. A name leads
//! from each configuration over the edges whose steps its counts allow. Nested bounds such as
//! `(a{1,2}){3}` leave more than one configuration alive; one that can do nothing another cannot is
//! dropped, and a limit holds the rest.

use super::positions::{Bounds, Edge, Label, Positions, Steps};
use super::{Expected, Members, ModelError};
use crate::xml::NameId;
use crate::xsd::component::ElementId;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::work::Work;
use smallvec::SmallVec;

/// What a position takes, but for its names.
const LABEL_BYTES: u64 = 120;

/// A model with counters.
#[derive(Debug)]
pub(crate) struct Counted {
    labels: Vec<CountedLabel>,
    counters: Vec<Bounds>,
    steps: Vec<Steps>,
    first: Vec<Edge>,
    follow: Vec<Vec<Edge>>,
    last: Vec<Vec<u32>>,
    nullable: bool,
    /// Most configurations carried at once.
    configurations_max: usize,
}

#[derive(Debug)]
enum CountedLabel {
    Names(Box<[(NameId, ElementId)]>),
    Wildcard(Wildcard),
}

impl CountedLabel {
    fn element(&self, name: NameId) -> Option<ElementId> {
        match self {
            Self::Names(names) => names.iter().find(|(each, _)| *each == name).map(|(_, element)| *element),
            Self::Wildcard(_) => None,
        }
    }
}

type Counts = SmallVec<[u32; 4]>;

/// A place in the model; no position is the start.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Configuration {
    position: Option<u32>,
    counts: Counts,
}

/// Where matching stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    alive: Vec<Configuration>,
    next: Vec<Configuration>,
    overflowed: bool,
}

impl Progress {
    /// Whether there were more configurations than are carried.
    pub(crate) fn is_overflowed(&self) -> bool {
        self.overflowed
    }
}

impl Counted {
    pub(super) fn new(positions: Positions, members: Members<'_>, work: &Work) -> Result<Self, ModelError> {
        for label in &positions.labels {
            let bytes = match label {
                Label::Element(id) => 8 * members(*id).len() as u64,
                Label::Wildcard(wildcard) => wildcard.bytes(),
            };
            if !work.bytes(LABEL_BYTES + bytes) {
                return Err(ModelError::of(work));
            }
        }
        let labels = positions
            .labels
            .iter()
            .map(|label| match label {
                Label::Element(id) => CountedLabel::Names(members(*id).iter().copied().collect()),
                Label::Wildcard(wildcard) => CountedLabel::Wildcard((**wildcard).clone()),
            })
            .collect();
        let Positions { counters, steps, first, follow, last, nullable, .. } = positions;
        let configurations_max = work.limits().document.configurations_max;
        Ok(Self { labels, counters, steps, first, follow, last, nullable, configurations_max })
    }

    /// Puts `progress` to the start.
    pub(crate) fn start(&self, progress: &mut Progress) {
        progress.alive.clear();
        progress.overflowed = false;
        let counts = SmallVec::from_elem(0, self.counters.len());
        progress.alive.push(Configuration { position: None, counts });
    }

    /// One child further by its name.
    pub(crate) fn step(&self, progress: &mut Progress, name: NameId) -> Option<ElementId> {
        self.advance(progress, |label| label.element(name))
    }

    /// One child further through a wildcard.
    pub(crate) fn wildcard_step(&self, progress: &mut Progress, namespace: &str) -> Option<&Wildcard> {
        let position = self.advance(progress, |label| match label {
            CountedLabel::Wildcard(wildcard) if wildcard.namespaces.allows(namespace) => Some(()),
            _ => None,
        });
        position?;
        let at = progress.alive[0].position? as usize;
        match &self.labels[at] {
            CountedLabel::Wildcard(wildcard) => Some(wildcard),
            CountedLabel::Names(_) => None,
        }
    }

    /// The declaration of a name anywhere in the model.
    pub(crate) fn element(&self, name: NameId) -> Option<ElementId> {
        self.labels.iter().find_map(|label| label.element(name))
    }

    fn advance<T>(&self, progress: &mut Progress, takes: impl Fn(&CountedLabel) -> Option<T>) -> Option<T> {
        progress.next.clear();
        let mut result = None;
        for configuration in &progress.alive {
            for edge in self.edges(configuration.position) {
                let Some(found) = takes(&self.labels[edge.to as usize]) else { continue };
                let Some(counts) = self.counted(&configuration.counts, edge.steps) else { continue };
                let reached = Configuration { position: Some(edge.to), counts };
                progress.overflowed |= !self.keep(&mut progress.next, reached);
                result = result.or(Some(found));
            }
        }
        if result.is_some() {
            std::mem::swap(&mut progress.alive, &mut progress.next);
        }
        result
    }

    /// Adds a configuration, unless one of those kept covers it; `false` when there is no room.
    fn keep(&self, kept: &mut Vec<Configuration>, reached: Configuration) -> bool {
        if kept.iter().any(|each| self.covers(each, &reached)) {
            return true;
        }
        kept.retain(|each| !self.covers(&reached, each));
        let room = kept.len() < self.configurations_max;
        if room {
            kept.push(reached);
        }
        room
    }

    /// Whether whatever may follow `other` may follow `one`: with its minimum reached, a lower count
    /// leaves more room.
    fn covers(&self, one: &Configuration, other: &Configuration) -> bool {
        let counts = one.counts.iter().zip(&other.counts).zip(&self.counters);
        one.position == other.position
            && counts
                .into_iter()
                .all(|((one, other), bounds)| one == other || (bounds.min..*other).contains(one))
    }

    fn edges(&self, position: Option<u32>) -> &[Edge] {
        position.map_or(&self.first, |position| &self.follow[position as usize])
    }

    /// The counts after an edge's steps, or `None` when they do not allow it.
    fn counted(&self, counts: &Counts, steps: u32) -> Option<Counts> {
        let steps = &self.steps[steps as usize];
        let mut counts = counts.clone();
        for &counter in &steps.leave {
            let count = &mut counts[usize::from(counter)];
            if *count < self.counters[usize::from(counter)].min {
                return None;
            }
            *count = 0;
        }
        if let Some(counter) = steps.turn {
            let (count, bounds) = (&mut counts[usize::from(counter)], self.counters[usize::from(counter)]);
            match bounds.max {
                Some(max) if *count >= max => return None,
                Some(_) => *count += 1,
                // Without a maximum nothing above the minimum is worth telling apart.
                None => *count = (*count + 1).min(bounds.min.max(1)),
            }
        }
        for &counter in &steps.enter {
            counts[usize::from(counter)] = 1;
        }
        Some(counts)
    }

    /// Whether the content may end here.
    pub(crate) fn accepts(&self, progress: &Progress) -> bool {
        progress.alive.iter().any(|configuration| match configuration.position {
            None => self.nullable,
            Some(position) => self.last[position as usize]
                .iter()
                .any(|&steps| self.counted(&configuration.counts, steps).is_some()),
        })
    }

    /// What could stand next, in schema order.
    pub(crate) fn expected(&self, progress: &Progress) -> Vec<Expected> {
        let mut positions: Vec<u32> = progress
            .alive
            .iter()
            .flat_map(|configuration| {
                self.edges(configuration.position)
                    .iter()
                    .filter(|edge| self.counted(&configuration.counts, edge.steps).is_some())
                    .map(|edge| edge.to)
            })
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions.into_iter().map(|position| self.label_expected(position)).collect()
    }

    /// Of those, the ones without which the content cannot be completed: one that leaves nothing else open than
    /// what is open without it is not needed.
    pub(crate) fn needed(&self, progress: &Progress) -> Vec<Expected> {
        let all = self.expected(progress);
        let is_needed = |each: &&Expected| {
            let Some((_, after)) = self.after(progress, each) else { return true };
            let open = self.expected(&after);
            let leads_on = open.iter().any(|next| next != *each);
            self.accepts(&after) || !leads_on || open.iter().any(|next| !all.contains(next))
        };
        let needed: Vec<Expected> = all.iter().filter(is_needed).cloned().collect();
        if needed.is_empty() { all } else { needed }
    }

    /// Elements behind which a child of this name would be right.
    pub(crate) fn missing_before(&self, progress: &Progress, name: NameId) -> Vec<Expected> {
        let would_do = |each: &Expected| {
            self.after(progress, each).is_some_and(|(_, mut after)| self.step(&mut after, name).is_some())
        };
        self.expected(progress).into_iter().filter(would_do).collect()
    }

    /// Goes on behind a child of this name as if the first of those that are missing before it were there: that one
    /// and the child.
    pub(crate) fn jump(&self, progress: &mut Progress, name: NameId) -> Option<(ElementId, ElementId)> {
        let behind = self.expected(progress).iter().find_map(|each| {
            let (skipped, mut after) = self.after(progress, each)?;
            self.step(&mut after, name).map(|element| (skipped, element, after))
        });
        let (skipped, element, after) = behind?;
        *progress = after;
        Some((skipped, element))
    }

    /// One expected element further.
    fn after(&self, progress: &Progress, expected: &Expected) -> Option<(ElementId, Progress)> {
        let Expected::Element(head) = expected else { return None };
        let mut after = progress.clone();
        let is_head = |label: &CountedLabel| match label {
            CountedLabel::Names(names) if names[0].1 == *head => Some(*head),
            _ => None,
        };
        self.advance(&mut after, is_head).map(|element| (element, after))
    }

    fn label_expected(&self, position: u32) -> Expected {
        match &self.labels[position as usize] {
            CountedLabel::Names(names) => Expected::Element(names[0].1),
            CountedLabel::Wildcard(wildcard) => Expected::Wildcard(wildcard.clone()),
        }
    }
}
