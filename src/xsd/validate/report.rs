//! Deviations in words: one English sentence each, that a catalogue editor understands.

use super::Assessment;
use super::content::Lacking;
use super::describe::{Describe, of};
use super::open::{ContentState, Frame, NameRef};
use crate::xml::{Attribute, EndTag, Name, Span, StartTag, Text};
use crate::xsd::automaton::Expected;
use crate::xsd::clause::Clause;
use crate::xsd::compile::CompiledType;
use crate::xsd::deviation::{Deviation, quoted};
use crate::xsd::simple::{Reason, SimpleType, TextFault};

/// The words of a deviation.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) sentence: String,
    pub(super) found: String,
    pub(super) expected: String,
    /// What it is about, for grouping.
    pub(super) operand: String,
    /// A last step of the path below the innermost element: a child, or `@attribute`.
    pub(super) step: Option<String>,
}

impl Assessment<'_> {
    /// The local name of the innermost element.
    pub(super) fn element(&self) -> String {
        self.memory.open.name(self.schema.names())
    }

    /// Reports a deviation about the innermost element, or a step below it.
    pub(super) fn report(&mut self, clause: Clause, at: Span, words: Words) {
        let path = self.memory.open.path(self.schema.names(), words.step.as_deref());
        let Words { sentence, found, expected, operand, step: _ } = words;
        self.tell([Deviation { clause, at, path, operand, sentence, found, expected }]);
    }

    pub(super) fn tell(&mut self, deviations: impl IntoIterator<Item = Deviation>) {
        for deviation in deviations {
            self.memory.keys.told += 1;
            self.found.push(deviation);
        }
    }

    pub(super) fn report_root(&mut self, tag: &StartTag<'_>) {
        let name = tag.name.expanded().to_string();
        let local = tag.name.local();
        let elsewhere: Vec<String> = self
            .schema
            .namesakes(local)
            .map(|id| of(self.schema.names().name(self.schema.element(id).name).namespace))
            .collect();
        let sentence = match elsewhere.as_slice() {
            [] => format!("the schema declares no root element `{name}`"),
            _ => format!(
                "the schema declares no root element `{local}` {}; it declares one {}",
                of(tag.name.namespace),
                elsewhere.join(" and one ")
            ),
        };
        let words = Words {
            sentence,
            operand: name.clone(),
            step: Some(self.memory.open.step_to(&tag.name)),
            found: name,
            expected: String::new(),
        };
        self.report(Clause::ElementUndeclared, tag.span, words);
    }

    pub(super) fn report_child(&mut self, tag: &StartTag<'_>, expected: &[Expected]) {
        let clause = if expected.is_empty() { Clause::ChildAfterEnd } else { Clause::ChildUnexpected };
        let step = self.memory.open.step_to(&tag.name);
        let words = self.describe().child(&tag.name, expected, step);
        self.report(clause, tag.span, words);
    }

    /// The element ends, and what is missing has not come.
    pub(super) fn report_incomplete(&mut self, tag: &EndTag<'_>, lacking: &Lacking) {
        let Lacking { expected, missing, joined } = lacking;
        let words = self.describe().incomplete(expected, missing, *joined);
        self.report(Clause::ContentIncomplete, tag.span, words);
    }

    pub(super) fn describe(&self) -> Describe<'_> {
        let namespace = self.memory.open.frames.last().and_then(|frame| match frame.name {
            NameRef::Known(id) => Some(self.schema.names().name(id).namespace),
            NameRef::Unknown(_) => None,
        });
        Describe { schema: self.schema, element: self.element(), namespace }
    }

    /// A child that stands too early: what is missing would make it right.
    pub(super) fn report_early_child(&mut self, tag: &StartTag<'_>, lacking: &Lacking) {
        let Lacking { expected, missing, joined } = lacking;
        let step = self.memory.open.step_to(&tag.name);
        let words = self.describe().early(&tag.name, expected, missing, *joined, step);
        self.report(Clause::ChildUnexpected, tag.span, words);
    }

    /// The content model leaves more open than is carried: said once, so that nothing passes unjudged.
    pub(super) fn report_unjudged(&mut self, tag: &StartTag<'_>) {
        let most = self.schema.limits.configurations_max;
        let words = Words {
            sentence: format!(
                "the order of children in `{}` is not judged further: its content model leaves more than {most} \
                 ways open (limit `configurations_max`)",
                self.element()
            ),
            operand: self.element(),
            ..Words::default()
        };
        self.report(Clause::ConfigurationsLimit, tag.span, words);
    }

    pub(super) fn report_child_of_none(&mut self, tag: &StartTag<'_>, frame: &Frame) {
        let is_complex = self.schema.type_at(frame.type_index).is_complex;
        let clause = match frame.content {
            ContentState::Empty if frame.nilled => Clause::NilledHasContent,
            ContentState::Empty => Clause::ContentNotEmpty,
            ContentState::Simple if is_complex => Clause::SimpleContentChildren,
            ContentState::Simple => Clause::SimpleTypeChildren,
            _ => Clause::ChildAfterEnd,
        };
        let words = Words {
            sentence: format!(
                "`{}` may not stand in `{}`, which holds {}",
                tag.name.local(),
                self.element(),
                match frame.content {
                    ContentState::Empty if frame.nilled => "nothing: it is nil (`xsi:nil`)",
                    ContentState::Empty => "nothing",
                    _ => "text only",
                }
            ),
            found: tag.name.local().to_owned(),
            expected: String::new(),
            operand: tag.name.local().to_owned(),
            step: Some(self.memory.open.step_to(&tag.name)),
        };
        self.report(clause, tag.span, words);
    }

    pub(super) fn report_undeclared(&mut self, tag: &StartTag<'_>) {
        let name = tag.name.expanded().to_string();
        let words = Words {
            sentence: format!(
                "the schema declares no element `{name}`, and what stands here has to be declared"
            ),
            operand: name.clone(),
            step: Some(self.memory.open.step_to(&tag.name)),
            found: name,
            expected: String::new(),
        };
        self.report(Clause::WildcardChildUndeclared, tag.span, words);
    }

    pub(super) fn report_stray_text(&mut self, piece: &Text<'_>) {
        let frame = self.memory.open.frames.last().expect("character data stands in an element");
        let clause = match frame.content {
            ContentState::Empty if frame.nilled => Clause::NilledHasContent,
            ContentState::Empty => Clause::ContentNotEmpty,
            _ => Clause::ElementOnlyText,
        };
        let words = Words {
            sentence: format!(
                "text may not stand in `{}`, which holds {}",
                self.element(),
                match clause {
                    Clause::ElementOnlyText => "elements only",
                    Clause::NilledHasContent => "nothing: it is nil (`xsi:nil`)",
                    _ => "nothing, not even white space",
                }
            ),
            found: quoted(piece.text.trim()),
            expected: String::new(),
            operand: "#text".to_owned(),
            step: None,
        };
        self.report(clause, piece.span, words);
    }

    /// A text that its simple type refuses.
    pub(super) fn report_text(&mut self, at: Span, frame: &Frame, simple: &SimpleType, fault: &TextFault) {
        let text = &self.memory.text[frame.text_from..];
        let words = value_words(&format!("`{}`", self.element()), text, simple, fault, None);
        self.report(fault.clause, at, words);
    }

    /// An attribute value that its simple type refuses.
    pub(super) fn report_attribute_value(
        &mut self,
        attribute: &Attribute<'_>,
        simple: &SimpleType,
        fault: &TextFault,
    ) {
        let subject = format!("attribute `{}`", attribute.name.local());
        let words = value_words(&subject, attribute.value, simple, fault, Some(step_of(&attribute.name)));
        self.report(fault.clause, span_of(attribute), words);
    }
}

/// The stretch an attribute's name takes.
pub(super) fn span_of(attribute: &Attribute<'_>) -> Span {
    let length = attribute.name.qname.len() as u64;
    Span { start: attribute.at, end: crate::xml::Offset(attribute.at.0 + length) }
}

pub(super) fn step_of(name: &Name<'_>) -> String {
    format!("@{}", name.qname)
}

/// A sentence about a value: why it is refused, where a few words say it, or else what was expected.
fn explained(lead: &str, reason: Option<Reason>, expected: &str, more: &str) -> String {
    match reason {
        None => format!("{lead}; expected {expected}{more}"),
        Some(Reason::Which(why)) => format!("{lead}, which {why}; expected {expected}"),
        Some(Reason::Whole(why)) => format!("{lead}, which {why}"),
        Some(Reason::Sentence(why)) => format!("{lead}; {why}; expected {expected}"),
    }
}

fn value_words(
    subject: &str,
    text: &str,
    simple: &SimpleType,
    fault: &TextFault,
    step: Option<String>,
) -> Words {
    let found = quoted(text);
    let expected = fault.expected(simple, text);
    let more = fault.found_in_words(simple, text).map_or_else(String::new, |words| format!(", {words}"));
    let reason = fault.reason(simple, text);
    let sentence = match fault.item {
        _ if text.trim().is_empty() => format!("{subject} is empty; expected {expected}"),
        0 => explained(&format!("{subject} has the value `{found}`"), reason, &expected, &more),
        item => {
            let part = quoted(fault.part_text(simple, text));
            let lead = format!("{subject} has `{part}` as item {item} of its list");
            explained(&lead, reason, &expected, &more)
        }
    };
    let name = simple.name().unwrap_or_default();
    // An empty value is another mistake than a wrong one.
    let operand = if text.trim().is_empty() { format!("{name}#empty") } else { name.to_owned() };
    Words { sentence, found, expected, operand, step }
}

/// How a type is called in messages.
pub(super) fn type_name(each: &CompiledType) -> String {
    each.name.as_deref().map_or_else(|| "an anonymous type".to_owned(), |name| format!("`{name}`"))
}
