//! Simple content at the end tag, fixed and default values (3.3.4, 3.14.4).

use super::Assessment;
use super::ids::Bearer;
use super::open::Frame;
use super::report::Words;
use crate::xml::{EndTag, Offset, Span, Text};
use crate::xsd::clause::Clause;
use crate::xsd::compile::ContentPlan;
use crate::xsd::component::{ValueConstraint, ValueConstraintKind};
use crate::xsd::deviation::quoted;
use crate::xsd::simple::{IdKind, SimpleType};

impl Assessment<'_> {
    pub(super) fn end_of_text(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        let ContentPlan::Simple(simple) = &self.schema.type_at(frame.type_index).content else { return };
        let value = frame.element.and_then(|id| self.schema.element(id).value.as_deref());
        let text = &self.memory.text[frame.text_from..];
        if let (true, Some(value), false) = (text.is_empty(), value, frame.has_children) {
            return self.default_text(tag, frame, simple, value);
        }
        if let Err(fault) = simple.check(text, tag.bindings, &mut self.memory.scratch) {
            if !frame.quiet {
                let at = span_of_text(tag, frame);
                self.report_text(at, frame, simple, &fault);
            }
            return;
        }
        if let Some(value) = value {
            self.fixed_text(tag, frame, simple, value);
        }
        if simple.id_kind() != IdKind::None {
            let text = self.memory.text[frame.text_from..].to_owned();
            let bearer = Bearer { at: span_of_text(tag, frame), attribute: None };
            self.identifiers(simple, &text, tag.bindings, bearer);
        }
    }

    /// 5.1.1 of `cvc-elt`: the value that stands for an empty element fits the type `xsi:type` chose.
    fn default_text(
        &mut self,
        tag: &EndTag<'_>,
        frame: &Frame,
        simple: &SimpleType,
        value: &ValueConstraint,
    ) {
        if simple.id_kind() != IdKind::None {
            let bearer = Bearer { at: span_of_text(tag, frame), attribute: None };
            self.identifiers(simple, &value.lexical, &value.prefixes, bearer);
        }
        let declared = frame.element.map(|id| self.schema.element(id).type_index);
        if declared == Some(frame.type_index) || frame.quiet {
            return;
        }
        if let Err(fault) = simple.check(&value.lexical, &value.prefixes, &mut self.memory.scratch) {
            let expected = fault.expected(simple, &value.lexical);
            self.report_default(span_of_text(tag, frame), value, &expected);
        }
    }

    /// 5.1.1 of `cvc-elt` where `xsi:type` chose a type that holds no text at all.
    fn default_of_none(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        let Some(element) = frame.element.map(|id| self.schema.element(id)) else { return };
        let changed = element.type_index != frame.type_index;
        let holds_text = frame.has_text || frame.nilled;
        if let (true, false, Some(value)) = (changed, holds_text, &element.value) {
            self.report_default(span_of_text(tag, frame), value, "no text at all");
        }
    }

    fn report_default(&mut self, at: Span, value: &ValueConstraint, expected: &str) {
        let value = quoted(&value.lexical);
        self.report(Clause::DefaultInvalid, at, Words {
            sentence: format!(
                "`{}` is empty and stands for `{value}`, which its `xsi:type` does not accept; expected {expected}",
                self.element(),
            ),
            found: value.clone(),
            expected: expected.to_owned(),
            operand: "#default".to_owned(),
            step: None,
        });
    }

    /// 5.2.2 of `cvc-elt`, for simple content.
    fn fixed_text(&mut self, tag: &EndTag<'_>, frame: &Frame, simple: &SimpleType, value: &ValueConstraint) {
        let text = &self.memory.text[frame.text_from..];
        if value.kind == ValueConstraintKind::Fixed && !value.is_value_of(simple, text, tag.bindings) {
            self.report_fixed(Clause::FixedValueDiffers, span_of_text(tag, frame), frame, value);
        }
    }

    fn report_fixed(&mut self, clause: Clause, at: Span, frame: &Frame, value: &ValueConstraint) {
        let element = self.element();
        let (text, fixed) = (quoted(&self.memory.text[frame.text_from..]), quoted(&value.lexical));
        let words = Words {
            sentence: match clause {
                Clause::FixedHasChildren => {
                    format!("`{element}` has to be the text `{fixed}`, without elements")
                }
                _ => {
                    format!("`{element}` has the value `{text}`; its value is fixed, expected `{fixed}`")
                }
            },
            found: text,
            expected: format!("`{fixed}`"),
            operand: "#fixed".to_owned(),
            step: None,
        };
        self.report(clause, at, words);
    }

    /// Character data of mixed content is kept only where a fixed value asks for it.
    pub(super) fn mixed_text(&mut self, piece: &Text<'_>) {
        let frame = self.memory.open.innermost();
        frame.has_text = true;
        if frame.element.is_some_and(|id| self.schema.element(id).value.is_some()) {
            self.memory.text.push_str(piece.text);
        }
    }

    /// 5.2.2 of `cvc-elt`, for mixed content with a fixed value.
    pub(super) fn end_of_mixed(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        if !frame.mixed {
            if !frame.has_children {
                self.default_of_none(tag, frame);
            }
            return;
        }
        let Some(value) = frame.element.and_then(|id| self.schema.element(id).value.as_deref()) else {
            return;
        };
        if value.kind != ValueConstraintKind::Fixed || !(frame.has_text || frame.has_children) {
            return;
        }
        if frame.has_children {
            let at = Span { start: frame.start, end: Offset(frame.start.0 + 1) };
            self.report_fixed(Clause::FixedHasChildren, at, frame, value);
        } else if self.memory.text[frame.text_from..] != *value.lexical {
            self.report_fixed(Clause::FixedMixedDiffers, span_of_text(tag, frame), frame, value);
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
