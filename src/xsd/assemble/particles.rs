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
    /// may not occur at all, or is faulty.
    pub(super) fn particle(&mut self, at: At) -> Option<Particle> {
        let occurs = self.occurrence(at)?;
        if occurs.max == Some(0) {
            return None;
        }
        let term = match self.node(at).kind {
            Kind::Element => Term::Element(self.element_particle(at)?),
            Kind::Any => Term::Wildcard(Rc::new(self.wildcard(at)?)),
            Kind::Group => Term::Group(self.referenced_group(at)?),
            _ => Term::Group(self.deeper(at, |builder| Some(builder.model_group(at)))?),
        };
        Some(Particle { occurs, term })
    }

    fn occurrence(&mut self, at: At) -> Option<Occurrence> {
        let node = self.node(at);
        let min = self.bound(at, node, "minOccurs")?;
        let max = if node.token("maxOccurs") == Some("unbounded") {
            None
        } else {
            Some(self.bound(at, node, "maxOccurs")?)
        };
        if max.is_some_and(|max| max < min) {
            let sentence =
                format!("`minOccurs` {min} is greater than `maxOccurs` {}", max.unwrap_or_default());
            self.fault(at, Rule::Particle, sentence);
            return None;
        }
        Some(Occurrence { min, max })
    }

    /// A bound, 1 when it is left out; beyond 32 bits it is as good as the largest.
    fn bound(&mut self, at: At, node: &Node, name: &str) -> Option<u32> {
        let Some(text) = node.token(name) else { return Some(1) };
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.fault(at, Rule::SchemaForSchemas, format!("`{name}=\"{text}\"` is no occurrence bound"));
            return None;
        }
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    fn model_group(&mut self, at: At) -> Rc<ModelGroup> {
        let compositor = match self.node(at).kind {
            Kind::Sequence => Compositor::Sequence,
            Kind::Choice => Compositor::Choice,
            _ => Compositor::All,
        };
        let particles: Vec<Particle> =
            self.children(at).filter_map(|(child, _)| self.particle(child)).collect();
        if compositor == Compositor::All {
            self.check_all(at, &particles);
        }
        self.group(at, compositor, particles)
    }

    /// `cos-all-limited`: members of an `all` occur at most once.
    fn check_all(&mut self, at: At, particles: &[Particle]) {
        if particles.iter().any(|each| each.occurs.max != Some(1)) {
            self.fault(at, Rule::ModelGroup, "an element of `xs:all` may occur at most once".to_owned());
        }
    }

    fn referenced_group(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        let Some(reference) = self.node(at).token("ref") else {
            self.fault(at, Rule::SchemaForSchemas, "`xs:group` needs a `ref` here".to_owned());
            return None;
        };
        let found = self.lookup(Space::Group, at, reference)?;
        self.group_at(found)
    }

    /// The model group of a global `group` element; made once.
    pub(super) fn group_at(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        match self.groups.get(&at) {
            Some(Made::Done(made)) => return Some(Rc::clone(made)),
            Some(Made::Building) => {
                let name = self.node(at).token("name").unwrap_or_default();
                self.fault(at, Rule::CircularGroup, format!("the model group `{name}` contains itself"));
                return None;
            }
            None => {}
        }
        self.groups.insert(at, Made::Building);
        self.within.push(at);
        let made = self.deeper(at, |builder| builder.make_group(at));
        self.within.pop();
        let made = made.unwrap_or_else(|| Rc::new(ModelGroup::new(Compositor::Sequence, Vec::new())));
        self.groups.insert(at, Made::Done(Rc::clone(&made)));
        Some(made)
    }

    fn make_group(&mut self, at: At) -> Option<Rc<ModelGroup>> {
        let mut children = self.children(at);
        let (Some((child, node)), None) = (children.next(), children.next()) else {
            self.fault(
                at,
                Rule::SchemaForSchemas,
                "`xs:group` holds exactly one `all`, `choice` or `sequence`".to_owned(),
            );
            return None;
        };
        if node.attribute("minOccurs").is_some() || node.attribute("maxOccurs").is_some() {
            let sentence =
                "the group below a global `xs:group` has no occurrence; put it where the group is used";
            self.fault(child, Rule::SchemaForSchemas, sentence.to_owned());
        }
        Some(self.model_group(child))
    }
}
