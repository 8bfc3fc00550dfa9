//! Attributes of a start tag: uses, wildcards, defaults, required ones (3.4.4, 3.5.4).

use super::Assessment;
use super::describe::of;
use super::ids::Bearer;
use super::report::{Words, span_of, step_of};
use crate::xml::{Attribute, Bindings, ExpandedName, StartTag, XML_NAMESPACE};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{AttributePlan, CompiledAttribute, TypeIndex};
use crate::xsd::component::wildcard::ProcessContents;
use crate::xsd::deviation::{others, quoted};
use crate::xsd::simple::IdKind;

/// Most attributes listed as allowed; the rest is counted.
const ATTRIBUTES_TOLD_MAX: usize = 40;

/// Uses whose presence is kept as a bit; a type with more is searched.
const BITS: usize = 128;

impl Assessment<'_> {
    pub(super) fn attributes(&mut self, tag: &StartTag<'_>, type_index: TypeIndex) {
        let type_definition = self.schema.type_at(type_index);
        let plan = &type_definition.attributes;
        let mut seen = 0_u128;
        let mut wild_id = false;
        for given in tag.attributes.iter() {
            if given.name.id.is_some_and(|id| self.schema.xsi.contains(id)) {
                continue;
            }
            if let Some(index) = plan.position(&given) {
                seen |= if index < BITS { 1 << index } else { 0 };
                self.attribute_value(&given, &plan.uses[index], tag.bindings);
                continue;
            }
            if let Some(clause) = self.wild_attribute(&given, plan, tag.bindings, &mut wild_id) {
                let simple = !type_definition.is_complex;
                let clause = if simple { Clause::SimpleTypeAttributes } else { clause };
                self.unexpected_attribute(clause, &given, plan);
            }
        }
        if !plan.none_required {
            self.left_out(tag, plan, seen);
        }
    }

    /// Attributes that are left out: required ones are missing, an implied reference refers.
    fn left_out(&mut self, tag: &StartTag<'_>, plan: &AttributePlan, seen: u128) {
        for (index, each) in plan.uses.iter().enumerate().filter(|(_, each)| each.minds_absence()) {
            let given = if index < BITS {
                seen & (1 << index) != 0
            } else {
                tag.attributes.iter().any(|given| given.name.id == Some(each.name))
            };
            if given {
                continue;
            }
            if let (false, Some(value)) = (each.required, &each.value) {
                let Some(simple) = &each.simple else { continue };
                let bearer = Bearer { at: tag.span, attribute: None };
                self.identifiers(simple, &value.lexical, &value.prefixes, bearer);
            } else {
                let name = attribute_name(self.schema.names().name(each.name));
                let words = Words {
                    sentence: format!("`{}` lacks the attribute `{name}`", self.element()),
                    expected: format!("`{name}`"),
                    operand: name,
                    ..Words::default()
                };
                self.report(Clause::AttributeMissing, tag.span, words);
            }
        }
    }

    fn attribute_value(&mut self, given: &Attribute<'_>, declared: &CompiledAttribute, bindings: &Bindings) {
        let Some(simple) = &declared.simple else {
            return self.report_absent_attribute(given);
        };
        if let Err(fault) = simple.check(given.value, bindings, &mut self.memory.scratch) {
            return self.report_attribute_value(given, simple, &fault);
        }
        if let Some(fixed) = declared.fixed()
            && !fixed.is_value_of(simple, given.value, bindings)
        {
            let value = quoted(&fixed.lexical);
            let words = Words {
                sentence: format!(
                    "attribute `{}` has the value `{}`; its value is fixed, expected `{value}`",
                    given.name.local(),
                    quoted(given.value)
                ),
                found: quoted(given.value),
                expected: format!("`{value}`"),
                operand: given.name.local().to_owned(),
                step: Some(step_of(&given.name)),
            };
            self.report(declared.fixed_by, span_of(given), words);
        }
        if declared.id_kind != IdKind::None {
            let bearer = Bearer { at: span_of(given), attribute: Some(&given.name) };
            self.identifiers(simple, given.value, bindings, bearer);
        }
    }

    /// The type of the declaration is absent (5.3).
    #[cold]
    fn report_absent_attribute(&mut self, given: &Attribute<'_>) {
        let name = given.name.local();
        let words = Words {
            sentence: format!("the schema lacks the type of attribute `{name}`"),
            operand: name.to_owned(),
            step: Some(step_of(&given.name)),
            ..Words::default()
        };
        self.report(Clause::AttributeTypeAbsent, span_of(given), words);
    }

    /// An attribute without a use; the clause it breaks, if it may not stand here.
    fn wild_attribute(
        &mut self,
        given: &Attribute<'_>,
        plan: &AttributePlan,
        bindings: &Bindings,
        wild_id: &mut bool,
    ) -> Option<Clause> {
        let Some(wildcard) = &plan.wildcard else { return Some(Clause::AttributeUndeclared) };
        if !wildcard.namespaces.allows(given.name.namespace) {
            return Some(Clause::AttributeNotAdmitted);
        }
        if wildcard.process == ProcessContents::Skip {
            return None;
        }
        match given.name.id.and_then(|id| self.schema.global_attributes.get(&id)) {
            Some(declared) => {
                if declared.id_kind == IdKind::Id {
                    self.wild_id(given, plan, wild_id);
                }
                self.attribute_value(given, declared, bindings);
            }
            None if wildcard.process == ProcessContents::Strict => {
                return Some(Clause::AttributeWildUndeclared);
            }
            None => {}
        }
        None
    }

    /// Clause 5 of `cvc-complex-type`: one ID at most.
    fn wild_id(&mut self, given: &Attribute<'_>, plan: &AttributePlan, wild_id: &mut bool) {
        let declared = plan.uses.iter().any(|each| each.id_kind == IdKind::Id);
        let clause = match (*wild_id, declared) {
            (true, _) => Clause::AttributeTwoWildIds,
            (_, true) => Clause::AttributeWildIdBesideDeclared,
            _ => {
                *wild_id = true;
                return;
            }
        };
        let words = Words {
            sentence: format!(
                "`{}` has a second attribute of type ID: `{}`",
                self.element(),
                given.name.local()
            ),
            found: given.name.local().to_owned(),
            operand: given.name.local().to_owned(),
            step: Some(step_of(&given.name)),
            ..Words::default()
        };
        self.report(clause, span_of(given), words);
    }

    fn unexpected_attribute(&mut self, clause: Clause, given: &Attribute<'_>, plan: &AttributePlan) {
        let name = given.name.expanded().to_string();
        let mut allowed = self.allowed_attributes(given, plan);
        if let (Clause::AttributeNotAdmitted, Some(wildcard)) = (clause, &plan.wildcard) {
            allowed.push(wildcard.namespaces.words("attribute"));
        }
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let element = self.element();
        let sentence = match clause {
            Clause::AttributeWildUndeclared => {
                format!(
                    "the schema declares no attribute `{name}`, and one on `{element}` has to be declared"
                )
            }
            Clause::SimpleTypeAttributes => {
                format!("`{element}` holds a value of a simple type and takes no attributes; found `{name}`")
            }
            _ => format!("`{element}` has no attribute {}; allowed: {allowed}", self.called(given, plan)),
        };
        let words = Words {
            sentence,
            found: name,
            expected: allowed,
            operand: given.name.local().to_owned(),
            step: Some(step_of(&given.name)),
        };
        self.report(clause, span_of(given), words);
    }
}

impl Assessment<'_> {
    /// The attributes of a type, cut sensibly; one of the name that was found with its namespace.
    fn allowed_attributes(&self, given: &Attribute<'_>, plan: &AttributePlan) -> Vec<String> {
        let told = |each: &CompiledAttribute| {
            let name = self.schema.names().name(each.name);
            let called = format!("`{}`", attribute_name(name));
            let is_told_apart = name.local != given.name.local() || name.namespace == XML_NAMESPACE;
            if is_told_apart { called } else { format!("{called} {}", of(name.namespace)) }
        };
        let mut allowed: Vec<String> = plan.uses.iter().take(ATTRIBUTES_TOLD_MAX).map(told).collect();
        let more = plan.uses.len().saturating_sub(ATTRIBUTES_TOLD_MAX);
        allowed.extend((more > 0).then(|| others(more)));
        allowed
    }

    /// An attribute in a sentence; with its namespace where that may be what is wrong.
    fn called(&self, given: &Attribute<'_>, plan: &AttributePlan) -> String {
        let local = given.name.local();
        let namesake = || plan.uses.iter().any(|each| self.schema.names().name(each.name).local == local);
        if given.name.namespace.is_empty() && !namesake() {
            format!("`{local}`")
        } else {
            format!("`{local}` {}", of(given.name.namespace))
        }
    }
}

/// An attribute by its local name; those of the `xml` namespace have a prefix that everybody knows.
fn attribute_name(name: ExpandedName<'_>) -> String {
    if name.namespace == XML_NAMESPACE { format!("xml:{}", name.local) } else { name.local.to_owned() }
}

impl AttributePlan {
    /// The use an attribute of a tag belongs to.
    #[inline]
    fn position(&self, given: &Attribute<'_>) -> Option<usize> {
        let id = given.name.id?;
        self.names.iter().position(|name| *name == id)
    }
}
