//! Attributes of a start tag: uses, wildcards, defaults, required ones (3.4.4, 3.5.4).

use super::Machine;
use super::report::{Words, span_of, step_of};
use crate::xml::{Attribute as Given, Bindings, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{Attribute, AttributePlan, CompiledSchema, TypeIndex};
use crate::xsd::component::wildcard::{ProcessContents, Wildcard};
use crate::xsd::deviation::{DeviationBuffer, quoted};
use crate::xsd::simple::IdKind;

/// Uses whose presence is kept as a bit; a type with more is searched.
const BITS: usize = 128;

impl Machine {
    pub(super) fn attributes(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let type_definition = schema.type_at(type_index);
        let plan = &type_definition.attributes;
        let mut seen = 0_u128;
        let mut wild_id = false;
        for given in tag.attributes.iter() {
            if given.name.id.is_some_and(|id| schema.xsi.contains(id)) {
                continue;
            }
            match plan.position(&given) {
                Some(index) => {
                    seen |= if index < BITS { 1 << index } else { 0 };
                    self.attribute_value(schema, &given, &plan.uses[index], tag.bindings, found);
                }
                None => self.wild_attribute(schema, &given, plan, tag.bindings, &mut wild_id, found),
            }
        }
        if !plan.none_required {
            self.left_out(schema, tag, plan, seen, found);
        }
    }

    /// Attributes that are left out: required ones are missing, an implied reference refers.
    fn left_out(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        plan: &AttributePlan,
        seen: u128,
        found: &mut DeviationBuffer,
    ) {
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
                self.identifiers(schema, &each.simple, &value.lexical, tag.bindings, tag.span, found);
            } else {
                let name = schema.names().name(each.name).local;
                self.report(schema, Clause::AttributeMissing, tag.span, found, |describe| Words {
                    sentence: format!("`{}` lacks the attribute `{name}`", describe.element()),
                    expected: format!("`{name}`"),
                    operand: name.to_owned(),
                    ..Words::default()
                });
            }
        }
    }

    fn attribute_value(
        &mut self,
        schema: &CompiledSchema,
        given: &Given<'_>,
        declared: &Attribute,
        bindings: &Bindings,
        found: &mut DeviationBuffer,
    ) {
        if let Err(fault) = declared.simple.check(given.value, bindings, &mut self.scratch) {
            return self.report_attribute_value(schema, given, &declared.simple, &fault, found);
        }
        if let Some(fixed) = declared.fixed()
            && !super::text::same_value(&declared.simple, given.value, fixed, bindings)
        {
            self.report(schema, Clause::AttributeFixedDiffers, span_of(given), found, |_| Words {
                sentence: format!("attribute `{}` has to be `{fixed}`", given.name.local()),
                found: quoted(given.value),
                expected: format!("`{fixed}`"),
                operand: given.name.local().to_owned(),
                step: Some(step_of(&given.name)),
            });
        }
        if declared.id_kind != IdKind::None {
            self.identifiers(schema, &declared.simple, given.value, bindings, span_of(given), found);
        }
    }

    fn wild_attribute(
        &mut self,
        schema: &CompiledSchema,
        given: &Given<'_>,
        plan: &AttributePlan,
        bindings: &Bindings,
        wild_id: &mut bool,
        found: &mut DeviationBuffer,
    ) {
        let allowed = |wildcard: &&Wildcard| wildcard.namespaces.allows(given.name.namespace);
        let Some(wildcard) = plan.wildcard.as_ref().filter(allowed) else {
            return self.undeclared(schema, given, plan, found);
        };
        if wildcard.process == ProcessContents::Skip {
            return;
        }
        match given.name.id.and_then(|id| schema.global_attributes.get(&id)) {
            Some(declared) => {
                if declared.id_kind == IdKind::Id {
                    self.wild_id(schema, given, plan, wild_id, found);
                }
                self.attribute_value(schema, given, declared, bindings, found);
            }
            None if wildcard.process == ProcessContents::Strict => {
                self.undeclared(schema, given, plan, found);
            }
            None => {}
        }
    }

    /// Clause 5 of `cvc-complex-type`: one ID at most.
    fn wild_id(
        &self,
        schema: &CompiledSchema,
        given: &Given<'_>,
        plan: &AttributePlan,
        wild_id: &mut bool,
        found: &mut DeviationBuffer,
    ) {
        let declared = plan.uses.iter().any(|each| each.id_kind == IdKind::Id);
        let clause = match (*wild_id, declared) {
            (true, _) => Clause::AttributeTwoWildIds,
            (_, true) => Clause::AttributeWildIdBesideDeclared,
            _ => {
                *wild_id = true;
                return;
            }
        };
        self.report(schema, clause, span_of(given), found, |describe| Words {
            sentence: format!(
                "`{}` has a second attribute of type ID: `{}`",
                describe.element(),
                given.name.local()
            ),
            found: given.name.local().to_owned(),
            operand: given.name.local().to_owned(),
            step: Some(step_of(&given.name)),
            ..Words::default()
        });
    }

    fn undeclared(
        &self,
        schema: &CompiledSchema,
        given: &Given<'_>,
        plan: &AttributePlan,
        found: &mut DeviationBuffer,
    ) {
        let known: Vec<String> =
            plan.uses.iter().map(|each| format!("`{}`", schema.names().name(each.name).local)).collect();
        let expected = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.report(schema, Clause::AttributeUndeclared, span_of(given), found, |describe| Words {
            sentence: format!(
                "`{}` has no attribute `{}`; allowed: {expected}",
                describe.element(),
                given.name.expanded()
            ),
            found: given.name.expanded().to_string(),
            expected: expected.clone(),
            operand: given.name.local().to_owned(),
            step: Some(step_of(&given.name)),
        });
    }
}

impl AttributePlan {
    /// The use an attribute of a tag belongs to.
    #[inline]
    fn position(&self, given: &Given<'_>) -> Option<usize> {
        let id = given.name.id?;
        self.names.iter().position(|name| *name == id)
    }
}
