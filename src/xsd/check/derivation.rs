//! A complex type against its base: `cos-ct-extends`, `derivation-ok-restriction`, `ct-props-correct` (3.4.6).

use super::restriction::{Broken, Restriction};
use super::{Check, content_particle, type_called};
use crate::xsd::component::{
    AttributeSet, AttributeUse, ComplexType, ComplexTypeId, Compositor, Content, Derivation, ModelGroup,
    Occurrence, Particle, Schema, Term, TypeDefinition, ValueConstraintKind,
};
use crate::xsd::simple::IdKind;
use std::rc::Rc;

impl Check<'_> {
    pub(super) fn derivation(&mut self, _id: ComplexTypeId, complex: &ComplexType) {
        self.attributes_of_type_id(complex);
        let Some(TypeDefinition::Complex(base_id)) = complex.base else { return };
        let base = &self.schema.complex_types[base_id];
        if base.finals.contains(complex.derivation) {
            let (code, how) = match complex.derivation {
                Derivation::Extension => ("cos-ct-extends.1.1", "extended"),
                Derivation::Restriction => ("derivation-ok-restriction.1", "restricted"),
            };
            self.fault(&complex.origin, code, format!("{} is final: it may not be {how}", type_called(base)));
        }
        if complex.derivation == Derivation::Restriction && base_id != self.schema.any_type {
            let attributes = restricted_attributes(self.schema, &complex.attributes, &base.attributes);
            for Broken { code, what } in attributes {
                self.fault(&complex.origin, code, format!("{} {what}", type_called(complex)));
            }
            if let Err(Broken { code, what }) = self.restricted_content(complex, base) {
                let sentence = format!("{} is no restriction of its base: {what}", type_called(complex));
                self.fault(&complex.origin, code, sentence);
            }
        }
    }

    /// `ct-props-correct.5`.
    fn attributes_of_type_id(&mut self, complex: &ComplexType) {
        let is_id = |each: &&AttributeUse| each.declaration.type_definition.id_kind() == IdKind::Id;
        if complex.attributes.uses.iter().filter(is_id).count() > 1 {
            let sentence = format!("{} has more than one attribute of type ID", type_called(complex));
            self.fault(&complex.origin, "ct-props-correct.5", sentence);
        }
    }

    /// Clause 5 of `derivation-ok-restriction`.
    fn restricted_content(&self, complex: &ComplexType, base: &ComplexType) -> Result<(), Broken> {
        let broken = |code, what: &str| Err(Broken { code, what: what.to_owned() });
        let emptiable = content_particle(base).is_none_or(Particle::is_emptiable);
        match (&complex.content, &base.content) {
            (Content::Simple(own), Content::Simple(inherited)) if !own.is_derived_from(inherited) => broken(
                "derivation-ok-restriction.5.2.2.1",
                "its simple type is not derived from that of the base",
            ),
            (Content::Simple(_), Content::Simple(_)) | (Content::Empty, Content::Empty) => Ok(()),
            (Content::Simple(_), Content::Mixed(_)) if emptiable => Ok(()),
            (Content::Simple(_), _) => {
                broken("derivation-ok-restriction.5.2", "the base has no simple content")
            }
            (_, Content::Simple(_)) => broken("derivation-ok-restriction.5.3", "the base has simple content"),
            (Content::Empty, _) if emptiable => Ok(()),
            (Content::Empty, _) => {
                broken("derivation-ok-restriction.5.3", "it is empty, and the content of the base may not be")
            }
            (Content::Mixed(_), Content::ElementOnly(_) | Content::Empty) => {
                broken("derivation-ok-restriction.5.4.1", "it is mixed, and its base is not")
            }
            _ => self.restricted_model(complex, base),
        }
    }

    /// 5.4.2 of `derivation-ok-restriction`.
    fn restricted_model(&self, complex: &ComplexType, base: &ComplexType) -> Result<(), Broken> {
        let restriction = Restriction::new(self.schema, self.substitutions);
        match (content_particle(complex), content_particle(base)) {
            (_, None) if matches!(base.content, Content::Empty) => Err(Broken {
                code: "derivation-ok-restriction.5.4.2",
                what: "the base holds no elements".to_owned(),
            }),
            (own, inherited) => {
                restriction.check(own.unwrap_or(&empty_sequence()), inherited.unwrap_or(&empty_sequence()))
            }
        }
    }
}

/// What mixed content without a group stands for (3.4.2, clause 2.1.4 of content type).
fn empty_sequence() -> Particle {
    let group = ModelGroup::new(Compositor::Sequence, Vec::new());
    Particle { occurs: Occurrence::ONCE, term: Term::Group(Rc::new(group)) }
}

/// Clauses 2 to 4 of `derivation-ok-restriction`; the same for redefined attribute groups.
pub(crate) fn restricted_attributes(schema: &Schema, own: &AttributeSet, base: &AttributeSet) -> Vec<Broken> {
    let mut found = Vec::new();
    for each in &own.uses {
        let name = schema.names.name(each.declaration.name);
        let inherited = base.uses.iter().find(|other| other.declaration.name == each.declaration.name);
        let allowed = || base.wildcard.as_ref().is_some_and(|wild| wild.namespaces.allows(name.namespace));
        match inherited {
            Some(inherited) => found.extend(restricted_use(name.local, each, inherited)),
            None if allowed() => {}
            None => found.push(Broken {
                code: "derivation-ok-restriction.2.2",
                what: format!("has the attribute `{}`, which its base does not allow", name.local),
            }),
        }
    }
    let lacks = |each: &&AttributeUse| {
        each.required && !own.uses.iter().any(|other| other.declaration.name == each.declaration.name)
    };
    found.extend(base.uses.iter().filter(lacks).map(|each| Broken {
        code: "derivation-ok-restriction.3",
        what: format!(
            "lacks the attribute `{}`, which its base requires",
            schema.names.name(each.declaration.name).local
        ),
    }));
    if let Some(own) = &own.wildcard {
        let within = base.wildcard.as_ref().is_some_and(|base| {
            own.namespaces.is_subset_of(&base.namespaces) && own.process.is_as_strong_as(base.process)
        });
        if !within {
            let what = "has an attribute wildcard that allows more than that of its base".to_owned();
            found.push(Broken { code: "derivation-ok-restriction.4", what });
        }
    }
    found
}

/// Clause 2.1 of `derivation-ok-restriction`.
fn restricted_use(name: &str, own: &AttributeUse, base: &AttributeUse) -> Option<Broken> {
    let broken = |code, what: String| Some(Broken { code, what });
    if base.required && !own.required {
        return broken(
            "derivation-ok-restriction.2.1.1",
            format!("leaves the attribute `{name}` optional, which its base requires"),
        );
    }
    let simple = &own.declaration.type_definition;
    if !simple.is_derived_from(&base.declaration.type_definition) {
        return broken(
            "derivation-ok-restriction.2.1.2",
            format!("gives the attribute `{name}` a type that is not derived from that in its base"),
        );
    }
    let fixed = base.value_constraint().filter(|value| value.kind == ValueConstraintKind::Fixed)?;
    let same = own.value_constraint().is_some_and(|value| value.is_fixed_to(fixed, simple));
    if same {
        return None;
    }
    broken(
        "derivation-ok-restriction.2.1.3",
        format!("does not keep the attribute `{name}` fixed to `{}`", fixed.lexical),
    )
}
