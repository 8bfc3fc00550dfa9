//! Simple content at the end tag, fixed and default values (3.3.4, 3.14.4).

use super::Machine;
use super::frame::Frame;
use super::ids::Bearer;
use super::report::Words;
use crate::xml::{EndTag, Offset, Span, Text};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{CompiledSchema, ContentPlan};
use crate::xsd::component::{ValueConstraint, ValueConstraintKind};
use crate::xsd::deviation::{DeviationBuffer, quoted};
use crate::xsd::simple::{IdKind, SimpleType};

impl Machine {
    pub(super) fn end_of_text(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        let ContentPlan::Simple(simple) = &schema.type_at(frame.type_index).content else { return };
        let value = frame.element.and_then(|id| schema.element(id).value.as_deref());
        let text = &self.text[frame.text_from..];
        if let (true, Some(value), false) = (text.is_empty(), value, frame.has_children) {
            return self.default_text(schema, tag, frame, simple, value, found);
        }
        if let Err(fault) = simple.check(text, tag.bindings, &mut self.scratch) {
            if !frame.quiet {
                let at = span_of_text(tag, frame);
                self.report_text(schema, at, &self.text[frame.text_from..], simple, &fault, found);
            }
            return;
        }
        if let Some(value) = value {
            self.fixed_text(schema, tag, frame, simple, value, found);
        }
        if simple.id_kind() != IdKind::None {
            let text = self.text[frame.text_from..].to_owned();
            let bearer = Bearer { at: span_of_text(tag, frame), attribute: None };
            self.identifiers(schema, simple, &text, tag.bindings, bearer, found);
        }
    }

    /// 5.1.1 of `cvc-elt`: the value that stands for an empty element fits the type `xsi:type` chose.
    fn default_text(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        simple: &SimpleType,
        value: &ValueConstraint,
        found: &mut DeviationBuffer,
    ) {
        if simple.id_kind() != IdKind::None {
            let bearer = Bearer { at: span_of_text(tag, frame), attribute: None };
            self.identifiers(schema, simple, &value.lexical, &value.prefixes, bearer, found);
        }
        let declared = frame.element.map(|id| schema.element(id).type_index);
        if declared == Some(frame.type_index) || frame.quiet {
            return;
        }
        if let Err(fault) = simple.check(&value.lexical, &value.prefixes, &mut self.scratch) {
            let expected = fault.expected(simple, &value.lexical);
            self.report_default(schema, span_of_text(tag, frame), value, &expected, found);
        }
    }

    /// 5.1.1 of `cvc-elt` where `xsi:type` chose a type that holds no text at all.
    fn default_of_none(
        &self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        let Some(element) = frame.element.map(|id| schema.element(id)) else { return };
        let changed = element.type_index != frame.type_index;
        let holds_text = frame.has_text || frame.nilled;
        if let (true, false, Some(value)) = (changed, holds_text, &element.value) {
            self.report_default(schema, span_of_text(tag, frame), value, "no text at all", found);
        }
    }

    fn report_default(
        &self,
        schema: &CompiledSchema,
        at: Span,
        value: &ValueConstraint,
        expected: &str,
        found: &mut DeviationBuffer,
    ) {
        let value = quoted(&value.lexical);
        self.report(schema, Clause::DefaultInvalid, at, found, |describe| Words {
            sentence: format!(
                "`{}` is empty and stands for `{value}`, which its `xsi:type` does not accept; expected {expected}",
                describe.element(),
            ),
            found: value.clone(),
            expected: expected.to_owned(),
            operand: "#default".to_owned(),
            step: None,
        });
    }

    /// 5.2.2 of `cvc-elt`, for simple content.
    fn fixed_text(
        &self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        simple: &SimpleType,
        value: &ValueConstraint,
        found: &mut DeviationBuffer,
    ) {
        let text = &self.text[frame.text_from..];
        if value.kind == ValueConstraintKind::Fixed && !value.is_value_of(simple, text, tag.bindings) {
            let at = span_of_text(tag, frame);
            self.report_fixed(schema, Clause::FixedValueDiffers, at, text, &value.lexical, found);
        }
    }

    fn report_fixed(
        &self,
        schema: &CompiledSchema,
        clause: Clause,
        at: Span,
        text: &str,
        fixed: &str,
        found: &mut DeviationBuffer,
    ) {
        self.report(schema, clause, at, found, |describe| Words {
            sentence: match clause {
                Clause::FixedHasChildren => {
                    format!(
                        "`{}` has to be the text `{}`, without elements",
                        describe.element(),
                        quoted(fixed)
                    )
                }
                _ => format!(
                    "`{}` has the value `{}`; its value is fixed, expected `{}`",
                    describe.element(),
                    quoted(text),
                    quoted(fixed)
                ),
            },
            found: quoted(text),
            expected: format!("`{}`", quoted(fixed)),
            operand: "#fixed".to_owned(),
            step: None,
        });
    }

    /// Character data of mixed content is kept only where a fixed value asks for it.
    pub(super) fn mixed_text(&mut self, schema: &CompiledSchema, piece: &Text<'_>) {
        let frame = self.frames.last_mut().expect("character data stands in an element");
        frame.has_text = true;
        if frame.element.is_some_and(|id| schema.element(id).value.is_some()) {
            self.text.push_str(piece.text);
        }
    }

    /// 5.2.2 of `cvc-elt`, for mixed content with a fixed value.
    pub(super) fn end_of_mixed(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        if !frame.mixed {
            if !frame.has_children {
                self.default_of_none(schema, tag, frame, found);
            }
            return;
        }
        let Some(value) = frame.element.and_then(|id| schema.element(id).value.as_deref()) else { return };
        if value.kind != ValueConstraintKind::Fixed || !(frame.has_text || frame.has_children) {
            return;
        }
        let text = &self.text[frame.text_from..];
        if frame.has_children {
            let at = Span { start: frame.start, end: Offset(frame.start.0 + 1) };
            self.report_fixed(schema, Clause::FixedHasChildren, at, text, &value.lexical, found);
        } else if *text != *value.lexical {
            let at = span_of_text(tag, frame);
            self.report_fixed(schema, Clause::FixedMixedDiffers, at, text, &value.lexical, found);
        }
    }
}

/// Where a text stands; an empty one is pointed at by its element's start tag.
fn span_of_text(tag: &EndTag<'_>, frame: &Frame) -> Span {
    if frame.has_text {
        Span { start: frame.text_at, end: tag.span.start }
    } else {
        Span { start: frame.start, end: Offset(frame.start.0 + 1) }
    }
}
