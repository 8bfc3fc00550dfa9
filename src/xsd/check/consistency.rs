//! Element Declarations Consistent (`cos-element-consistent`, 3.8.6): in one content model, one name has
//! one type.

use super::{Check, type_called};
use crate::xml::NameId;
use crate::xsd::component::{ComplexType, ElementId, ModelGroup, Particle, Term, TypeDefinition};
use crate::xsd::fault::Rule;
use std::collections::{HashMap, HashSet};

/// What a member of a substitution group takes to look up.
const MEMBER_STEPS: u64 = 10;

/// The declarations a content model holds.
#[derive(Default)]
struct Contained {
    elements: Vec<ElementId>,
    groups: HashSet<*const ModelGroup>,
}

impl Contained {
    fn collect(&mut self, particle: &Particle) {
        match &particle.term {
            Term::Element(id) => self.elements.push(*id),
            Term::Wildcard(_) | Term::Absent => {}
            Term::Group(group) => {
                // A group that is referred to twice is the same group.
                if self.groups.insert(std::ptr::from_ref(&**group)) {
                    group.particles.iter().for_each(|each| self.collect(each));
                }
            }
        }
    }
}

impl Check<'_> {
    pub(super) fn consistency(&mut self, complex: &ComplexType, particle: &Particle) {
        let mut contained = Contained::default();
        contained.collect(particle);
        if !self.schema.work.steps(MEMBER_STEPS * contained.elements.len() as u64) {
            return;
        }
        let mut first: HashMap<NameId, ElementId> = HashMap::new();
        let mut told: HashSet<NameId> = HashSet::new();
        for id in contained.elements {
            for &(name, member) in self.substitutions.members(id).iter() {
                if !self.schema.work.steps(MEMBER_STEPS) {
                    return;
                }
                let before = *first.entry(name).or_insert(member);
                let types = [before, member].map(|each| &self.schema.elements[each].type_definition);
                let known = !types.iter().any(|each| matches!(each, TypeDefinition::Absent));
                if before != member && known && !types[0].is(types[1]) && told.insert(name) {
                    let sentence = format!(
                        "in {}, `{}` is declared with two different types",
                        type_called(complex),
                        self.local(name)
                    );
                    self.fault(&complex.origin, Rule::TypesInconsistent, sentence);
                }
            }
        }
    }
}
