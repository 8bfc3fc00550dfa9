//! Particles, model groups and their occurrence (part 1, 3.7.2, 3.8.2, 3.9.2).

use super::At;
use super::builder::{Builder, Made};
use super::symbols::Space;
use crate::xsd::component::{Compositor, ModelGroup, Occurrence, Particle, Term};
use crate::xsd::document::{Kind, Node};
use crate::xsd::fault::Rule;
use std::rc::Rc;

impl Builder<'_> {
    /// The particle of an `element`, `group`, `sequence`, `choice`, `all` or `any`; `None` when it
    /// may not occur at all; it is looked at all the same, since a fault in it is a fault. A particle
    /// at fault has no term.
    pub(super) fn particle(&mut self, at: At) -> Option<Particle> {
        let occurs = occurrence(self.node(at));
        let in_order = occurs.max.is_none_or(|max| max >= occurs.min);
        if !in_order {
            let sentence = format!(
                "`minOccurs` {} is greater than `maxOccurs` {}",
                occurs.min,
                occurs.max.unwrap_or_default()
            );
            self.fault(at, Rule::OccursReversed, sentence);
        }
        let term = match self.node(at).kind {
            Kind::Element => self.element_particle(at).map(Term::Element),
            Kind::Any => Some(Term::Wildcard(Rc::new(self.wildcard(at)))),
            Kind::Group => self.referenced_group(at).map(Term::Group),
            _ => self.deeper(at, |builder| Some(builder.model_group(at))),
        };
        let sound = in_order && self.node(at).sound;
        let term = term.filter(|_| sound).unwrap_or(Term::Absent);
        (!in_order || occurs.max != Some(0)).then_some(Particle { occurs, term })
    }

    fn model_group(&mut self, at: At) -> Term {
        let compositor = match self.node(at).kind {
            Kind::Sequence => Compositor::Sequence,
            Kind::Choice => Compositor::Choice,
            _ => Compositor::All,
        };
        let particles: Vec<Particle> =
            self.children(at).filter_map(|(child, _)| self.particle(child)).collect();
        if particles.iter().any(is_all) {
            let sentence = "an `xs:all` group has to be the whole content of a type";
            self.fault(at, Rule::AllLimited, sentence.to_owned());
            return Term::Absent;
        }
        self.group(at, compositor, particles)
    }

    fn referenced_group(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        let reference = self.node(at).token("ref")?;
        let found = self.lookup(Space::Group, at, reference)?;
        self.group_at(found)
    }

    /// The model group of a global `group` element; made once.
    pub(super) fn group_at(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        match self.groups.get(&at) {
            Some(Made::Done(made)) => return Some(Rc::clone(made)),
            Some(Made::Building) => {
                let name = self.node(at).token("name").unwrap_or_default();
                self.fault(at, Rule::GroupCircular, format!("the model group `{name}` contains itself"));
                return None;
            }
            None => {}
        }
        self.groups.insert(at, Made::Building);
        self.within.push(at);
        let made = self.deeper(at, |builder| builder.make_group(at));
        self.within.pop();
        let made = made.unwrap_or_else(|| {
            let absent = Particle { occurs: Occurrence::ONCE, term: Term::Absent };
            Rc::new(ModelGroup::new(Compositor::Sequence, vec![absent]))
        });
        self.groups.insert(at, Made::Done(Rc::clone(&made)));
        Some(made)
    }

    fn make_group(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        let (child, node) = self.children(at).next()?;
        match self.model_group(child) {
            Term::Group(group) if node.sound && self.node(at).sound => Some(group),
            _ => None,
        }
    }
}

/// Whether a particle is an `all` group.
pub(super) fn is_all(particle: &Particle) -> bool {
    matches!(&particle.term, Term::Group(group) if group.compositor == Compositor::All)
}

fn occurrence(node: &Node) -> Occurrence {
    let unbounded = node.token("maxOccurs") == Some("unbounded");
    Occurrence { min: bound(node, "minOccurs"), max: (!unbounded).then(|| bound(node, "maxOccurs")) }
}

/// A bound, 1 when it is left out; beyond 32 bits it is as good as the largest.
fn bound(node: &Node, name: &str) -> u32 {
    let Some(text) = node.token(name) else { return 1 };
    let digits = text.trim_start_matches(['+', '-', '0']);
    if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) }
}
