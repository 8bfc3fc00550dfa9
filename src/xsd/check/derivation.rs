//! A complex type against its base: `cos-ct-extends`, `derivation-ok-restriction`, `ct-props-correct` (3.4.6).

use super::restriction::{Broken, Restriction};
use super::{Check, content_particle, type_called};
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{
    AttributeSet, AttributeUse, ComplexType, ComplexTypeId, Compositor, Content, Derivation, ModelGroup,
    Occurrence, Particle, Schema, Term, TypeDefinition, ValueConstraintKind,
};
use crate::xsd::fault::Rule;
use crate::xsd::simple::IdKind;
use std::rc::Rc;

impl Check<'_> {
    pub(super) fn derivation(&mut self, _id: ComplexTypeId, complex: &ComplexType) {
        self.attributes_of_type_id(complex);
        let Some(TypeDefinition::Complex(base_id)) = complex.base else { return };
        let base = &self.schema.complex_types[base_id];
        if base.finals.contains(complex.derivation) {
            let (rule, how) = match complex.derivation {
                Derivation::Extension => (Rule::ExtensionFinal, "extended"),
                Derivation::Restriction => (Rule::RestrictionFinal, "restricted"),
            };
            self.fault(&complex.origin, rule, format!("{} is final: it may not be {how}", type_called(base)));
        }
        self.extension_in_two_steps(complex, base_id);
        if complex.derivation == Derivation::Restriction && base_id != self.schema.any_type {
            let attributes = restricted_attributes(self.schema, &complex.attributes, &base.attributes);
            for Broken { rule, what } in attributes {
                self.fault(&complex.origin, rule, format!("{} {what}", type_called(complex)));
            }
            let known =
                !matches!(complex.content, Content::Absent) && !matches!(base.content, Content::Absent);
            if let (true, Err(Broken { rule, what })) = (known, self.restricted_content(complex, base)) {
                let sentence = format!("{} is no restriction of its base: {what}", type_called(complex));
                self.fault(&complex.origin, rule, sentence);
            }
        }
    }

    /// Clause 1.5 of `cos-ct-extends`: in two steps from the first ancestor, an extension and a
    /// restriction, it comes to the same; so what a restriction on the way took away from that
    /// ancestor may be added again only as a restriction of what it was.
    fn extension_in_two_steps(&mut self, complex: &ComplexType, base: ComplexTypeId) {
        let first = self.first_ancestor(base);
        if complex.derivation != Derivation::Extension || first == base {
            return;
        }
        let inherited = &self.schema.complex_types[first].attributes.uses;
        for own in &complex.attributes.uses {
            let before = inherited.iter().find(|each| each.declaration.name == own.declaration.name);
            let name = self.local(own.declaration.name);
            if let Some(Broken { what, .. }) = before.and_then(|before| restricted_use(name, own, before)) {
                let first = type_called(&self.schema.complex_types[first]);
                let sentence = format!("{} {what}, {first}", type_called(complex));
                self.fault(&complex.origin, Rule::ExtensionAfterRestriction, sentence);
            }
        }
    }

    /// The ancestor whose base is the ur-type, or a simple type.
    fn first_ancestor(&self, id: ComplexTypeId) -> ComplexTypeId {
        let mut first = id;
        while let Some(TypeDefinition::Complex(base)) = self.schema.complex_types[first].base {
            if base == self.schema.any_type {
                break;
            }
            first = base;
        }
        first
    }

    /// `ct-props-correct.5`.
    fn attributes_of_type_id(&mut self, complex: &ComplexType) {
        let is_id = |each: &&AttributeUse| each.declaration.id_kind() == IdKind::Id;
        if complex.attributes.uses.iter().filter(is_id).count() > 1 {
            let sentence = format!("{} has more than one attribute of type ID", type_called(complex));
            self.fault(&complex.origin, Rule::TypeIdTwice, sentence);
        }
    }

    /// Clause 5 of `derivation-ok-restriction`.
    fn restricted_content(&self, complex: &ComplexType, base: &ComplexType) -> Result<(), Broken> {
        let broken = |rule, what: &str| Err(Broken { rule, what: what.to_owned() });
        let emptiable = content_particle(base).is_none_or(Particle::is_emptiable);
        match (&complex.content, &base.content) {
            (Content::Simple(own), Content::Simple(inherited)) if !own.is_derived_from(inherited) => {
                broken(Rule::RestrictionSimpleContent, "its simple type is not derived from that of the base")
            }
            // That simple content can be made of the base's was seen to when it was made (`src-ct.2`).
            (Content::Simple(_), _) => Ok(()),
            (Content::Empty, Content::Simple(_)) => {
                broken(Rule::RestrictionEmpty, "it is empty, and the base has simple content")
            }
            (_, Content::Simple(_)) => broken(Rule::RestrictionParticle, "the base has simple content"),
            (Content::Empty, _) if emptiable => Ok(()),
            (Content::Empty, _) => {
                broken(Rule::RestrictionEmpty, "it is empty, and the content of the base may not be")
            }
            (Content::Mixed(_), Content::ElementOnly(_) | Content::Empty) => {
                broken(Rule::RestrictionMixed, "it is mixed, and its base is not")
            }
            _ => self.restricted_model(complex, base),
        }
    }

    /// 5.4.2 of `derivation-ok-restriction`.
    fn restricted_model(&self, complex: &ComplexType, base: &ComplexType) -> Result<(), Broken> {
        let restriction = Restriction::new(self.schema, self.substitutions);
        match (content_particle(complex), content_particle(base)) {
            (_, None) if matches!(base.content, Content::Empty) => {
                Err(Broken { rule: Rule::RestrictionParticle, what: "the base holds no elements".to_owned() })
            }
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
    let pairs = own.uses.len() as u64 * base.uses.len() as u64;
    if own.lacks || base.lacks || !schema.work.steps(2 * pairs) {
        return found;
    }
    for each in &own.uses {
        let name = schema.names.name(each.declaration.name);
        let inherited = base.uses.iter().find(|other| other.declaration.name == each.declaration.name);
        let allowed = || base.wildcard.as_ref().is_some_and(|wild| wild.namespaces.allows(name.namespace));
        match inherited {
            Some(inherited) => found.extend(restricted_use(name.local, each, inherited)),
            None if allowed() => {}
            None => found.push(Broken {
                rule: Rule::RestrictionAttributeNew,
                what: format!("has the attribute `{}`, which its base does not allow", name.local),
            }),
        }
    }
    let lacks = |each: &&AttributeUse| {
        each.required && !own.uses.iter().any(|other| other.declaration.name == each.declaration.name)
    };
    found.extend(base.uses.iter().filter(lacks).map(|each| Broken {
        rule: Rule::RestrictionAttributeMissing,
        what: format!(
            "lacks the attribute `{}`, which its base requires",
            schema.names.name(each.declaration.name).local
        ),
    }));
    if let Some(own) = &own.wildcard {
        found.extend(restricted_wildcard(own, base.wildcard.as_ref()));
    }
    found
}

/// Clause 4 of `derivation-ok-restriction`.
fn restricted_wildcard(own: &Wildcard, base: Option<&Wildcard>) -> Option<Broken> {
    let (rule, what) = match base {
        None => (Rule::RestrictionWildcardNew, "has an attribute wildcard, which its base does not have"),
        Some(base) if !own.namespaces.is_subset_of(&base.namespaces) => (
            Rule::RestrictionWildcardSubset,
            "has an attribute wildcard that lets more through than that of its base",
        ),
        Some(base) if !own.process.is_as_strong_as(base.process) => (
            Rule::RestrictionWildcardProcess,
            "has an attribute wildcard that checks less than that of its base",
        ),
        Some(_) => return None,
    };
    Some(Broken { rule, what: what.to_owned() })
}

/// Clause 2.1 of `derivation-ok-restriction`.
fn restricted_use(name: &str, own: &AttributeUse, base: &AttributeUse) -> Option<Broken> {
    let broken = |rule, what: String| Some(Broken { rule, what });
    if base.required && !own.required {
        return broken(
            Rule::RestrictionAttributeOptional,
            format!("leaves the attribute `{name}` optional, which its base requires"),
        );
    }
    let types = own.declaration.type_definition.as_ref().zip(base.declaration.type_definition.as_ref());
    // What is absent cannot be judged.
    let (simple, inherited) = types?;
    if !simple.is_derived_from(inherited) {
        return broken(
            Rule::RestrictionAttributeType,
            format!("gives the attribute `{name}` a type that is not derived from that in its base"),
        );
    }
    let fixed = base.value_constraint().filter(|value| value.kind == ValueConstraintKind::Fixed)?;
    let same = own.value_constraint().is_some_and(|value| value.is_fixed_to(fixed, simple));
    if same {
        return None;
    }
    broken(
        Rule::RestrictionAttributeFixed,
        format!("does not keep the attribute `{name}` fixed to `{}`", fixed.lexical),
    )
}
