//! `xsi:type` and `xsi:nil` (3.3.4); `xsi:schemaLocation` is ignored on purpose: a feed does not choose its schema.

use super::Assessment;
use super::report::{Words, span_of, step_of, type_name};
use crate::xml::{Attribute, ExpandedName, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{CompiledSchema, CompiledType, TypeIndex};
use crate::xsd::component::{Derivations, ElementId, ValueConstraintKind};
use crate::xsd::deviation::quoted;
use crate::xsd::facet::white_space;
use crate::xsd::value::{Grammar, Lexical, Primitive};

/// The type an `xsi:type` attribute names, if the schema has it.
fn named_type(schema: &CompiledSchema, tag: &StartTag<'_>, text: &str) -> Option<TypeIndex> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let (prefix, local) = text.split_once(':').unwrap_or(("", text));
    let namespace = match tag.bindings.resolve(prefix) {
        Some(namespace) => namespace,
        None if prefix.is_empty() => "",
        None => return None,
    };
    schema.global_type(ExpandedName { namespace, local })
}

/// Whether the tag has an `xsi:type` that resolves: then it needs no declaration.
pub(super) fn names_its_type(schema: &CompiledSchema, tag: &StartTag<'_>) -> bool {
    let given = tag.attributes.iter().find(|each| each.name.id == Some(schema.xsi.type_name));
    given.is_some_and(|given| named_type(schema, tag, given.value).is_some())
}

impl Assessment<'_> {
    /// The type to validate with, and whether the element is nilled.
    pub(super) fn instance_attributes(
        &mut self,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        declared: TypeIndex,
    ) -> (TypeIndex, bool) {
        let (mut type_index, mut nilled) = (declared, false);
        for given in tag.attributes.iter().filter(|given| given.name.id.is_some()) {
            if given.name.id == Some(self.schema.xsi.type_name) {
                type_index = self.xsi_type(tag, &given, element, declared);
            } else if given.name.id == Some(self.schema.xsi.nil) {
                nilled = self.xsi_nil(&given, element);
            }
        }
        (type_index, nilled)
    }

    /// Clause 4 of `cvc-elt`.
    fn xsi_type(
        &mut self,
        tag: &StartTag<'_>,
        given: &Attribute<'_>,
        element: Option<ElementId>,
        declared: TypeIndex,
    ) -> TypeIndex {
        let Some(named) = named_type(self.schema, tag, given.value) else {
            let name = Grammar::Primitive(Primitive::QName);
            let (clause, why) = match name.check(white_space::trim(given.value), tag.bindings) {
                Ok(()) => (Clause::XsiTypeUnresolved, "names no type of the schema"),
                Err(Lexical::PrefixUndeclared) => {
                    (Clause::XsiTypeMalformed, "has a prefix that is not declared")
                }
                Err(_) => (Clause::XsiTypeMalformed, "is no name"),
            };
            self.report_type(given, clause, why);
            return declared;
        };
        let mut blocked = self.schema.type_at(declared).block;
        if let Some(element) = element {
            blocked = blocked.or(self.schema.element(element).block);
        }
        if self.schema.is_derived(named, declared, blocked) {
            return named;
        }
        let type_name = type_name(self.schema.type_at(declared));
        let why = if self.schema.is_derived(named, declared, Derivations::default()) {
            format!("names a type that is derived from {type_name} in a way that is blocked here")
        } else {
            format!("names a type that is not derived from {type_name}")
        };
        self.report_type(given, Clause::XsiTypeNotDerived, &why);
        declared
    }

    fn report_type(&mut self, given: &Attribute<'_>, clause: Clause, why: &str) {
        let words = Words {
            sentence: format!("`xsi:type` {why}: `{}`", quoted(given.value)),
            found: quoted(given.value),
            operand: quoted(given.value),
            step: Some(step_of(&given.name)),
            expected: String::new(),
        };
        self.report(clause, span_of(given), words);
    }

    /// Clause 3 of `cvc-elt`.
    fn xsi_nil(&mut self, given: &Attribute<'_>, element: Option<ElementId>) -> bool {
        let nil = match given.value.trim_matches([' ', '\t', '\n', '\r']) {
            "true" | "1" => true,
            "false" | "0" => false,
            other => {
                let sentence =
                    format!("`xsi:nil` has the value `{}`; expected `true` or `false`", quoted(other));
                self.report_nil(given, Clause::DatatypeAtomic, sentence);
                return false;
            }
        };
        // Without a declaration only the type counts, and a type knows no nil.
        let Some(declared) = element.map(|id| self.schema.element(id)) else { return false };
        if !declared.nillable {
            let name = self.schema.names().name(declared.name).local;
            let sentence = format!("`{name}` may not carry `xsi:nil`: it is not declared nillable");
            self.report_nil(given, Clause::NotNillable, sentence);
            return false;
        }
        let fixed = declared.value.as_ref().filter(|value| value.kind == ValueConstraintKind::Fixed);
        if let (true, Some(fixed)) = (nil, fixed) {
            let name = self.schema.names().name(declared.name).local;
            let fixed = quoted(&fixed.lexical);
            let sentence = format!("`{name}` is fixed to `{fixed}` and may not be nil");
            self.report_nil(given, Clause::NilledFixed, sentence);
        }
        nil
    }

    fn report_nil(&mut self, given: &Attribute<'_>, clause: Clause, sentence: String) {
        let words = Words {
            sentence,
            found: quoted(given.value),
            operand: "xsi:nil".to_owned(),
            step: Some(step_of(&given.name)),
            expected: String::new(),
        };
        self.report(clause, span_of(given), words);
    }

    /// Clause 2 of `cvc-elt`, clauses 1 and 2 of `cvc-type`: nothing abstract or absent may stand in a
    /// document.
    pub(super) fn check_abstract(
        &mut self,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        type_index: TypeIndex,
    ) {
        let type_definition = self.schema.type_at(type_index);
        let clause = if element.is_some_and(|id| self.schema.element(id).is_abstract) {
            Clause::ElementAbstract
        } else if type_definition.is_absent {
            Clause::TypeAbsent
        } else if type_definition.is_abstract {
            Clause::TypeAbstract
        } else {
            return;
        };
        self.report_abstract(tag, (clause, element), type_definition);
    }

    #[cold]
    fn report_abstract(
        &mut self,
        tag: &StartTag<'_>,
        (clause, declared): (Clause, Option<ElementId>),
        type_definition: &CompiledType,
    ) {
        let element = self.element();
        let members = declared.map_or_else(String::new, |id| self.describe().members(id));
        let sentence = match clause {
            Clause::ElementAbstract if !members.is_empty() => {
                format!("`{element}` is abstract: instead of it has to stand {members}")
            }
            Clause::ElementAbstract => {
                format!("`{element}` is abstract: an element of its substitution group has to stand here")
            }
            Clause::TypeAbsent => format!("the schema lacks the type of `{element}`, or a part of it"),
            _ => format!(
                "the type of `{element}` is abstract: `xsi:type` has to name one derived from {}",
                type_name(type_definition)
            ),
        };
        self.report(clause, tag.span, Words { sentence, operand: element, ..Words::default() });
    }
}
