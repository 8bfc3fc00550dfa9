//! Schema component constraints: what a schema must hold to beyond its parts being right each by itself.
//!
//! ```text
//!  elements     e-props-correct: substitution groups, value constraints
//!  derivation   cos-ct-extends, derivation-ok-restriction: a type against its base
//!  restriction  cos-particle-restrict: a content model against that of its base
//!  consistency  cos-element-consistent: one name, one type
//!  attribution  cos-nonambig: one child, one particle
//! ```
//!
//! All are run and all faults told, but for what would need a component that is absent. Not here: what
//! is seen while components are made (`assemble`).

mod attribution;
mod consistency;
mod derivation;
mod elements;
mod restriction;

use crate::xml::NameId;
use crate::xsd::component::substitution::Substitutions;
use crate::xsd::component::{
    ComplexType, Content, ModelGroup, Occurrence, Origin, Particle, RedefinedGroup, Schema, Term,
};
use crate::xsd::fault::{Rule, SchemaFault};
use crate::xsd::faults::Faults;
use restriction::Restriction;
use std::rc::Rc;
use std::sync::Arc;

/// Finds everything that is wrong with the components that could be made.
pub(crate) fn run(schema: &Schema, substitutions: &Substitutions, faults: &mut Faults) {
    let mut check = Check { schema, substitutions, faults };
    for (id, element) in schema.elements.iter() {
        check.element(id);
        check.work(&element.origin);
    }
    for (id, complex) in schema.complex_types.iter().filter(|(id, _)| *id != schema.any_type) {
        check.derivation(id, complex);
        if let Some(particle) = content_particle(complex) {
            check.consistency(complex, particle);
            check.attribution(complex, particle);
        }
        check.work(&complex.origin);
        if schema.work.is_spent() {
            return;
        }
    }
    check.redefinitions();
}

struct Check<'s> {
    schema: &'s Schema,
    substitutions: &'s Substitutions,
    faults: &'s mut Faults,
}

impl Check<'_> {
    /// 6.2.2 and 7.2.2 of `src-redefine`.
    fn redefinitions(&mut self) {
        let schema = self.schema;
        for RedefinedGroup { own, base, origin } in &schema.redefined_groups {
            let particle = |group: &Rc<ModelGroup>| Particle {
                occurs: Occurrence::ONCE,
                term: Term::Group(Rc::clone(group)),
            };
            let restriction = Restriction::new(schema, self.substitutions);
            if let Err(broken) = restriction.check(&particle(own), &particle(base)) {
                let sentence =
                    format!("the redefined group is no restriction of what it was: {}", broken.what);
                self.fault(origin, Rule::RedefineGroupRestriction, sentence);
            }
        }
        for RedefinedGroup { own, base, origin } in &schema.redefined_attributes {
            for broken in derivation::restricted_attributes(schema, own, base) {
                let sentence = format!("the redefined attribute group {}", broken.what);
                self.fault(origin, Rule::RedefineAttributesRestriction, sentence);
            }
        }
    }

    /// Tells where the work was spent.
    fn work(&mut self, origin: &Origin) {
        if let Some(sentence) = self.schema.work.tell() {
            self.fault(origin, Rule::WorkLimit, sentence);
        }
    }

    fn fault(&mut self, origin: &Origin, rule: Rule, sentence: String) {
        let Origin { document, place } = origin;
        let (document, place) = (Arc::clone(document), *place);
        self.faults.push(SchemaFault { document, place, rule, sentence });
    }

    fn local(&self, name: NameId) -> &str {
        self.schema.names.name(name).local
    }
}

/// The content model of a type, if it has one.
fn content_particle(complex: &ComplexType) -> Option<&Particle> {
    match &complex.content {
        Content::ElementOnly(particle) | Content::Mixed(Some(particle)) => Some(particle),
        Content::Empty | Content::Simple(_) | Content::Mixed(None) | Content::Absent => None,
    }
}

fn type_called(complex: &ComplexType) -> String {
    complex
        .name
        .as_ref()
        .map_or_else(|| "this complex type".to_owned(), |name| format!("the complex type `{name}`"))
}
