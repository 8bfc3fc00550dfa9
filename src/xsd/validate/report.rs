//! Deviations in words: one English sentence each, that a catalogue editor understands.

use super::Assessment;
use super::open::{ContentState, Frame};
use super::path::local;
use crate::xml::{Attribute, EndTag, Name, NameTable, Span, StartTag, Text};
use crate::xsd::automaton::{CONFIGURATIONS_MAX, Expected};
use crate::xsd::clause::Clause;
use crate::xsd::compile::CompiledType;
use crate::xsd::deviation::{Deviation, quoted};
use crate::xsd::simple::{SimpleType, TextFault};
use std::collections::HashSet;
use std::fmt::Write;

/// Most names listed as expected; the rest is counted.
const EXPECTED_NAMES_MAX: usize = 8;

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

/// What sentences about children are made from.
struct Describe<'a> {
    names: &'a NameTable,
    /// Local name of the innermost element.
    element: String,
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
        let words = Words {
            sentence: format!("the schema declares no root element `{name}`"),
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

    /// The element ends, and one of `missing` has not come.
    pub(super) fn report_incomplete(&mut self, tag: &EndTag<'_>, missing: &[Expected]) {
        let words = self.describe().incomplete(missing);
        self.report(Clause::ContentIncomplete, tag.span, words);
    }

    fn describe(&self) -> Describe<'_> {
        Describe { names: self.schema.names(), element: self.element() }
    }

    /// A child that stands too early: one of `missing` would make it right.
    pub(super) fn report_early_child(
        &mut self,
        tag: &StartTag<'_>,
        expected: &[Expected],
        missing: &[Expected],
    ) {
        let step = self.memory.open.step_to(&tag.name);
        let words = self.describe().early(&tag.name, expected, missing, step);
        self.report(Clause::ChildUnexpected, tag.span, words);
    }

    /// The content model leaves more open than is carried: said once, so that nothing passes unjudged.
    pub(super) fn report_unjudged(&mut self, tag: &StartTag<'_>) {
        let words = Words {
            sentence: format!(
                "the order of children in `{}` is not judged further: its content model leaves more than \
             {CONFIGURATIONS_MAX} ways open (limit `configurations_max`)",
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
    let sentence = match fault.item {
        _ if text.trim().is_empty() => format!("{subject} is empty; expected {expected}"),
        0 => format!("{subject} has the value `{found}`; expected {expected}{more}"),
        item => {
            let part = quoted(fault.part_text(simple, text));
            format!("{subject} has `{part}` as item {item} of its list; expected {expected}{more}")
        }
    };
    let operand = simple.name().unwrap_or_default().to_owned();
    Words { sentence, found, expected, operand, step }
}

impl Describe<'_> {
    fn child(&self, name: &Name<'_>, expected: &[Expected], step: String) -> Words {
        let found = self.distinct(name, expected);
        let list = self.list(expected);
        let sentence = match expected {
            [] => format!("`{found}` may not stand here: `{}` is complete", self.element),
            _ => format!("`{found}` may not stand here; expected {list}"),
        };
        Words { sentence, operand: found.clone(), found, expected: list, step: Some(step) }
    }

    /// A child that would be right behind one of those that are missing.
    fn early(&self, name: &Name<'_>, expected: &[Expected], missing: &[Expected], step: String) -> Words {
        let sentence = format!("{} has to come before `{}`", self.list(missing), name.local());
        Words { sentence, ..self.child(name, expected, step) }
    }

    fn incomplete(&self, missing: &[Expected]) -> Words {
        let list = self.list(missing);
        let sentence = format!("`{}` ends too early; expected {list}", self.element);
        Words { sentence, found: String::new(), operand: "#end".to_owned(), expected: list, step: None }
    }

    /// The local name; with its namespace when only that tells it from what was expected.
    fn distinct(&self, name: &Name<'_>, expected: &[Expected]) -> String {
        let same =
            |each: &Expected| matches!(each, Expected::Name(id) if local(self.names, *id) == name.local());
        if !expected.iter().any(same) {
            return name.local().to_owned();
        }
        match name.namespace {
            "" => format!("{} (in no namespace)", name.local()),
            _ => name.expanded().to_string(),
        }
    }

    /// Names in schema order, cut sensibly.
    fn list(&self, expected: &[Expected]) -> String {
        let mut shown: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        for each in expected {
            let text = match each {
                Expected::Name(id) => format!("`{}`", local(self.names, *id)),
                Expected::Wildcard(wildcard) => wildcard.namespaces.words("element"),
            };
            if seen.insert(text.clone()) {
                shown.push(text);
            }
        }
        let more = shown.len().saturating_sub(EXPECTED_NAMES_MAX);
        shown.truncate(EXPECTED_NAMES_MAX);
        let mut list = match shown.as_slice() {
            [] => "nothing".to_owned(),
            [only] => only.clone(),
            [first @ .., last] if more == 0 => format!("{} or {last}", first.join(", ")),
            all => all.join(", "),
        };
        if more > 0 {
            write!(list, " or {more} others").expect("a string takes everything");
        }
        list
    }
}

/// How a type is called in messages.
pub(super) fn type_name(each: &CompiledType) -> String {
    each.name.as_deref().map_or_else(|| "an anonymous type".to_owned(), |name| format!("`{name}`"))
}
