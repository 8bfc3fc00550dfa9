//! Unique Particle Attribution (`cos-nonambig`, 3.8.6), on positions.
//!
//! A content model is ambiguous when from one place two particles could take the same child. On the
//! positions of [`crate::xsd::automaton`] that is: two edges that leave one position for different
//! ones whose labels overlap, and whose counter steps can be taken at the same count. `(a{2}, a)` is
//! not ambiguous: the counter says which `a` it is; `(a{1,2}, a)` is.

use super::{Check, type_called};
use crate::xml::NameId;
use crate::xsd::automaton::positions::{Edge, Label, Positions, Steps};
use crate::xsd::component::substitution::Substitutions;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{ComplexType, Compositor, ModelGroup, Particle, Schema, Term};
use crate::xsd::fault::Rule;
use std::collections::{HashMap, HashSet};

/// What it takes to look an edge up and compare it with another.
const COMPARISON_STEPS: u64 = 8;

/// A child that two particles could take.
enum Ambiguity {
    Name(NameId),
    Wildcards,
}

impl Check<'_> {
    pub(super) fn attribution(&mut self, complex: &ComplexType, particle: &Particle) {
        let particle = crate::xsd::automaton::unwrapped(particle);
        let found = match &particle.term {
            Term::Group(group) if group.compositor == Compositor::All => self.ambiguous_all(group),
            // What has no positions within the limits is refused when its model is built.
            _ => Positions::of(particle, &self.schema.work).ok().and_then(|positions| {
                Attribution { schema: self.schema, substitutions: self.substitutions, positions: &positions }
                    .ambiguity()
            }),
        };
        let what = match found {
            None => return,
            Some(Ambiguity::Name(name)) => format!("`{}`", self.local(name)),
            Some(Ambiguity::Wildcards) => "an element that two wildcards let through".to_owned(),
        };
        let sentence =
            format!("in {}, it is not clear which particle {what} belongs to", type_called(complex));
        self.fault(&complex.origin, Rule::Ambiguous, sentence);
    }

    fn ambiguous_all(&self, group: &ModelGroup) -> Option<Ambiguity> {
        let mut seen = HashSet::new();
        let elements = group.particles.iter().filter_map(|particle| match particle.term {
            Term::Element(id) => Some(self.substitutions.members(id)),
            _ => None,
        });
        let names: Vec<NameId> =
            elements.flat_map(|members| members.iter().map(|(name, _)| *name).collect::<Vec<_>>()).collect();
        names.into_iter().find(|name| !seen.insert(*name)).map(Ambiguity::Name)
    }
}

struct Attribution<'a> {
    schema: &'a Schema,
    substitutions: &'a Substitutions,
    positions: &'a Positions,
}

impl Attribution<'_> {
    fn ambiguity(&self) -> Option<Ambiguity> {
        let mut seen: HashSet<&[Edge]> = HashSet::new();
        std::iter::once(&self.positions.first)
            .chain(&self.positions.follow)
            .filter(|edges| seen.insert(edges))
            .find_map(|edges| self.of_edges(edges))
    }

    fn of_edges(&self, edges: &[Edge]) -> Option<Ambiguity> {
        let mut by_name: HashMap<NameId, Vec<Edge>> = HashMap::new();
        let mut wildcards: Vec<(Edge, &Wildcard)> = Vec::new();
        for edge in edges {
            if !self.spend(wildcards.len()) {
                return None;
            }
            match &self.positions.labels[edge.to as usize] {
                // What a narrowed wildcard lets through is not known.
                Label::Wildcard(wildcard) if wildcard.narrowed => {}
                Label::Wildcard(wildcard) => {
                    let clashes = wildcards.iter().any(|(other, each)| {
                        self.clash(*edge, *other) && each.namespaces.overlaps(&wildcard.namespaces)
                    });
                    if clashes {
                        return Some(Ambiguity::Wildcards);
                    }
                    wildcards.push((*edge, wildcard));
                }
                Label::Element(id) => {
                    for &(name, _) in self.substitutions.members(*id).iter() {
                        let others = by_name.entry(name).or_default();
                        if !self.spend(others.len()) {
                            return None;
                        }
                        if others.iter().any(|other| self.clash(*edge, *other)) {
                            return Some(Ambiguity::Name(name));
                        }
                        others.push(*edge);
                    }
                }
            }
        }
        // In the order of the schema, so that a fault names the same particle each time.
        let mut rows: Vec<(NameId, Vec<Edge>)> = by_name.into_iter().collect();
        rows.sort_unstable_by_key(|(name, _)| *name);
        rows.iter().find_map(|(name, edges)| self.with_wildcards(*name, edges, &wildcards))
    }

    /// Counts a comparison with so many others; `false` when it is too much.
    fn spend(&self, others: usize) -> bool {
        self.schema.work.steps(COMPARISON_STEPS * (others as u64 + 1))
    }

    fn with_wildcards(
        &self,
        name: NameId,
        edges: &[Edge],
        wildcards: &[(Edge, &Wildcard)],
    ) -> Option<Ambiguity> {
        if !self.spend(wildcards.len() * edges.len()) {
            return None;
        }
        let namespace = self.schema.names.name(name).namespace;
        let clashes = wildcards.iter().any(|(other, wildcard)| {
            wildcard.namespaces.allows(namespace) && edges.iter().any(|edge| self.clash(*edge, *other))
        });
        clashes.then_some(Ambiguity::Name(name))
    }

    /// Whether two edges lead to different particles and can be taken at the same counts.
    fn clash(&self, one: Edge, other: Edge) -> bool {
        let steps = |edge: Edge| &self.positions.steps[edge.steps as usize];
        one.to != other.to
            && !self.excludes(steps(one), steps(other))
            && !self.excludes(steps(other), steps(one))
    }

    /// Whether one goes on only below the maximum of a counter that the other leaves only at its
    /// minimum, which is the same.
    fn excludes(&self, turning: &Steps, leaving: &Steps) -> bool {
        turning.turn.is_some_and(|counter| {
            let bounds = self.positions.counters[usize::from(counter)];
            leaving.leave.contains(&counter) && bounds.max.is_some_and(|max| max <= bounds.min.max(1))
        })
    }
}
