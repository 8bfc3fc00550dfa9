//! Fields: values of attributes and texts that fill the slots of a selected element.

use super::Identity;
use crate::xml::{EndTag, NameId, Offset, Span, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{CompiledAttribute, ContentPlan};
use crate::xsd::component::identity::{IdentityKind, NameTest};
use crate::xsd::deviation::write_quoted;
use crate::xsd::simple::{Namespaces, SimpleType};
use crate::xsd::validate::Assessment;
use crate::xsd::validate::keys::Digester;
use crate::xsd::validate::open::{ContentState, Frame};
use crate::xsd::validate::report::{Words, span_of};

/// A field of a target, to be filled with the text of an open element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capture {
    pub(super) target: u32,
    pub(super) field: u16,
}

/// Why a node that a field selects is none for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selected {
    /// The field has its node already.
    Second,
    /// The node has no simple type.
    WithoutValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SlotState {
    Absent,
    Filled,
    /// A nilled element was selected: it has no value, and a second node may not be selected.
    Nil,
    /// The value is not valid itself; that was reported, the key is not judged.
    Invalid,
    /// The field selected what cannot be its one node; that was reported, the key is not judged.
    Spoilt,
}

/// An attribute that a field selects: where it begins, and the name of one that is left out.
type NodeKey = (Offset, Option<NameId>);

#[derive(Clone, Copy, Debug)]
struct Slot {
    state: SlotState,
    digest: u128,
    at: Span,
    /// The attribute that filled it: several paths of a union that lead to one node select one.
    node: Option<NodeKey>,
}

/// The slots of all open targets, one target's behind the other's.
#[derive(Debug, Default)]
pub(super) struct Slots {
    all: Vec<Slot>,
    /// Values of slots, cut, for messages; by the slot's number. Never shortened, so that the next
    /// target writes into strings that have their size already.
    shown: Vec<String>,
    key: Vec<u8>,
    /// What values are known by; the same for all who read one document.
    pub(super) digester: Digester,
}

/// What the fields of a target came to.
pub(super) enum Fields {
    /// All have values: their digest, and the place of the first.
    Complete(u128, Span),
    /// This field, from 0, has none.
    Lacking(usize),
    /// The value of one is not valid itself.
    Invalid,
}

impl Slots {
    /// Empty slots for so many fields; the number of the first.
    pub(super) fn open(&mut self, fields: usize) -> usize {
        let from = self.all.len();
        let empty = Slot { state: SlotState::Absent, digest: 0, at: Span::default(), node: None };
        self.all.resize(from + fields, empty);
        if self.shown.len() < self.all.len() {
            self.shown.resize(self.all.len(), String::new());
        }
        from
    }

    pub(super) fn truncate(&mut self, from: usize) {
        self.all.truncate(from);
    }

    /// Fills a slot; `false` when it was filled before: a field selects one node at most.
    fn fill(
        &mut self,
        number: usize,
        simple: &SimpleType,
        text: &str,
        at: Span,
        namespaces: &dyn Namespaces,
    ) -> bool {
        if self.all[number].state != SlotState::Absent {
            return false;
        }
        self.key.clear();
        let valid = simple.canonical_key(text, namespaces, &mut self.key).is_ok();
        let state = if valid { SlotState::Filled } else { SlotState::Invalid };
        self.all[number] = Slot { state, digest: self.digester.digest(&self.key), at, ..self.all[number] };
        let shown = &mut self.shown[number];
        shown.clear();
        write_quoted(text.trim(), shown);
        true
    }

    /// What the `fields` slots from `from` on came to.
    pub(super) fn fields(&mut self, from: usize, fields: usize) -> Fields {
        let slots = &self.all[from..from + fields];
        if slots.iter().any(|slot| matches!(slot.state, SlotState::Invalid | SlotState::Spoilt)) {
            return Fields::Invalid;
        }
        if let Some(lacking) = slots.iter().position(|slot| slot.state != SlotState::Filled) {
            return Fields::Lacking(lacking);
        }
        if let [only] = slots {
            return Fields::Complete(only.digest, only.at);
        }
        self.key.clear();
        for slot in slots {
            self.key.extend_from_slice(&slot.digest.to_le_bytes());
        }
        Fields::Complete(self.digester.digest(&self.key), slots[0].at)
    }

    /// Where what fills them stands.
    pub(super) fn positions(&self) -> impl Iterator<Item = Offset> {
        self.all.iter().filter(|slot| slot.state != SlotState::Absent).map(|slot| slot.at.start)
    }

    /// Their values in words.
    pub(super) fn shown(&self, from: usize, fields: usize) -> String {
        self.shown[from..from + fields].join(", ")
    }
}

impl Identity {
    fn slot_number(&self, capture: Capture) -> usize {
        self.targets[capture.target as usize].slots_from + usize::from(capture.field)
    }

    /// Whether an attribute is another one than the field has: one that it has already changes nothing, and a
    /// field that is spoilt takes no more.
    fn is_new(&mut self, capture: Capture, node: NodeKey) -> bool {
        let number = self.slot_number(capture);
        let slot = &mut self.slots.all[number];
        if slot.state == SlotState::Spoilt || slot.node == Some(node) {
            return false;
        }
        slot.node.get_or_insert(node);
        true
    }

    fn slot_state(&mut self, capture: Capture) -> &mut SlotState {
        let number = self.slot_number(capture);
        &mut self.slots.all[number].state
    }
}

impl Assessment<'_> {
    pub(super) fn attribute_field(&mut self, tag: &StartTag<'_>, capture: Capture, test: &NameTest) {
        let schema = self.schema;
        let plan = &schema.type_at(self.memory.open.innermost().type_index).attributes;
        for given in tag.attributes.iter().filter(|given| test.matches(given.name.id, given.name.namespace)) {
            if !self.memory.identity.is_new(capture, (given.at, None)) {
                continue;
            }
            if let Some(simple) = schema.xsi.type_of(given.name.id) {
                self.fill_attribute(capture, &simple, given.value, span_of(&given), tag.bindings);
                continue;
            }
            let declared = given.name.id.and_then(|id| {
                plan.uses.iter().find(|each| each.name == id).or_else(|| schema.global_attributes.get(&id))
            });
            let at = span_of(&given);
            match declared {
                // An attribute that a wildcard lets through without a declaration has no simple type.
                None => self.not_single(capture, Selected::WithoutValue, at),
                // That its type is absent is told at the attribute.
                Some(CompiledAttribute { simple: None, .. }) => {
                    *self.memory.identity.slot_state(capture) = SlotState::Invalid;
                }
                Some(CompiledAttribute { simple: Some(simple), .. }) => {
                    self.fill_attribute(capture, simple, given.value, at, tag.bindings);
                }
            }
        }
        // An attribute that is left out has its default value.
        let given = |name| tag.attributes.iter().any(|given| given.name.id == Some(name));
        for declared in &plan.uses {
            let (Some(simple), Some(value)) = (&declared.simple, &declared.value) else { continue };
            let namespace = schema.names().name(declared.name).namespace;
            let is_selected = test.matches(Some(declared.name), namespace) && !given(declared.name);
            if is_selected && self.memory.identity.is_new(capture, (tag.span.start, Some(declared.name))) {
                self.fill_attribute(capture, simple, &value.lexical, tag.span, &value.prefixes);
            }
        }
    }

    fn fill_attribute(
        &mut self,
        capture: Capture,
        simple: &SimpleType,
        text: &str,
        at: Span,
        namespaces: &dyn Namespaces,
    ) {
        let number = self.memory.identity.slot_number(capture);
        if !self.memory.identity.slots.fill(number, simple, text, at, namespaces) {
            self.not_single(capture, Selected::Second, at);
        }
    }

    /// An attribute that cannot be the one node of a field: the key is not judged.
    fn not_single(&mut self, capture: Capture, wrong: Selected, at: Span) {
        *self.memory.identity.slot_state(capture) = SlotState::Spoilt;
        self.report_not_single(capture, wrong, at);
    }

    /// The end tag of an element that fields have selected.
    pub(super) fn fill_captures(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        let at = if frame.has_text { frame.text_at } else { frame.start };
        let at = Span { start: at, end: Offset(tag.span.start.0.max(at.0 + 1)) };
        while self.memory.identity.captures.len() > frame.identity_from.captures {
            let capture = self.memory.identity.captures.pop().expect("the length was just compared");
            self.fill_capture(tag, frame, capture, at);
        }
    }

    fn fill_capture(&mut self, tag: &EndTag<'_>, frame: &Frame, capture: Capture, at: Span) {
        let ContentPlan::Simple(simple) = &self.schema.type_at(frame.type_index).content else {
            return self.not_single(capture, Selected::WithoutValue, at);
        };
        if frame.nilled {
            let state = self.memory.identity.slot_state(capture);
            match state {
                SlotState::Absent => *state = SlotState::Nil,
                _ => self.report_not_single(capture, Selected::Second, at),
            }
            return;
        }
        if frame.content != ContentState::Simple {
            return;
        }
        let element = frame.element.map(|id| self.schema.element(id));
        let text = &self.memory.text[frame.text_from..];
        let (text, namespaces): (&str, &dyn Namespaces) =
            match element.and_then(|element| element.value.as_deref()) {
                Some(value) if text.is_empty() => (&value.lexical, &value.prefixes),
                _ => (text, tag.bindings),
            };
        let number = self.memory.identity.slot_number(capture);
        if !self.memory.identity.slots.fill(number, simple, text, at, namespaces) {
            self.report_not_single(capture, Selected::Second, at);
        } else if element.is_some_and(|element| element.nillable) {
            self.report_nillable(capture, at);
        }
    }

    /// Clause 3 of `cvc-identity-constraint`.
    fn report_not_single(&mut self, capture: Capture, wrong: Selected, at: Span) {
        let identity = &self.memory.identity;
        let constraint = identity.constraint_of(self.schema, identity.targets[capture.target as usize]);
        let (name, field) = (&constraint.name, capture.field + 1);
        self.report(Clause::FieldNotSingle, at, Words {
            sentence: match wrong {
                Selected::Second => {
                    format!("field {field} of `{name}` has a value already, and may have one only")
                }
                Selected::WithoutValue => format!(
                    "field {field} of `{name}` needs the value of a simple type, which `{}` does not have here",
                    self.element()
                ),
            },
            expected: "one value of a simple type at most".to_owned(),
            operand: name.to_string(),
            ..Words::default()
        });
    }

    /// Clause 4.2.3 of `cvc-identity-constraint`.
    fn report_nillable(&mut self, capture: Capture, at: Span) {
        let identity = &self.memory.identity;
        let constraint = identity.constraint_of(self.schema, identity.targets[capture.target as usize]);
        if constraint.kind != IdentityKind::Key {
            return;
        }
        let words = Words {
            sentence: format!(
                "`{}` is nillable and may not be part of the key `{}`",
                self.element(),
                constraint.name
            ),
            operand: constraint.name.to_string(),
            ..Words::default()
        };
        self.report(Clause::KeyFieldNillable, at, words);
    }
}
