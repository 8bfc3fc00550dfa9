//! Identity constraints while streaming: `unique`, `key`, `keyref` (3.11.4).
//!
//! An element whose declaration has constraints opens a *scope*. Selectors and fields are followed by
//! *matchers*: each open element has the matchers that wait for its children, and an element with
//! none costs one comparison. A selected element is a *target*; its fields fill *slots*; at its end
//! tag the slots become a key.
//!
//! ```text
//!  scope ──selector──▶ matcher ─ … ─▶ target ──fields──▶ matcher ─ … ─▶ capture ─▶ slot ─▶ key table
//! ```
//!
//! Keys are kept as digests of 128 bits, seeded at random: the one part that grows with the feed grows
//! by 16 bytes a key, and nobody can prepare two values that collide.

use super::Machine;
use super::frame::{Content, Frame};
use super::keys::{Digester, Inserted, KEYS_MAX, KeyTable, Reference, References};
use super::report::{Words, span_of};
use crate::xml::{Attribute as Given, EndTag, Offset, Span, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{Attribute, CompiledSchema, ContentPlan, TypeIndex};
use crate::xsd::component::ElementId;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind, NameTest, Path};
use crate::xsd::deviation::{Deviation, DeviationBuffer, write_quoted};
use crate::xsd::document::INSTANCE_NAMESPACE;
use crate::xsd::simple::{Namespaces, SimpleType};
use smallvec::SmallVec;

/// Everything in progress.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) scopes: Vec<Scope>,
    pub(super) matchers: Vec<Matcher>,
    pub(super) targets: Vec<Target>,
    pub(super) captures: Vec<Capture>,
    slots: Vec<Slot>,
    /// Values of slots, cut, for messages; by the slot's number. Never shortened, so that the next
    /// target writes into strings that have their size already.
    shown: Vec<String>,
    digester: Digester,
    key: Vec<u8>,
}

/// A constraint that is in force below an open element.
#[derive(Debug)]
pub(super) struct Scope {
    constraint: u32,
    table: KeyTable,
    /// For a keyref: what was referred to and not seen yet.
    waiting: References,
}

/// What a matcher is part of.
#[derive(Clone, Copy, Debug)]
enum Role {
    Selector { scope: u32 },
    Field { target: u32, field: u16 },
}

/// A path that has come some steps far and waits for the children of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matcher {
    role: Role,
    constraint: u32,
    alternative: u16,
    step: u16,
}

impl Matcher {
    fn path<'a>(&self, schema: &'a CompiledSchema) -> &'a Path {
        let constraint = &schema.constraints[self.constraint as usize];
        let alternatives = match self.role {
            Role::Selector { .. } => &constraint.selector,
            Role::Field { field, .. } => &constraint.fields[usize::from(field)],
        };
        &alternatives[usize::from(self.alternative)]
    }
}

/// A selected element whose fields are being collected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    scope: u32,
    slots_from: usize,
}

/// A field that is the text of an open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capture {
    target: u32,
    field: u16,
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
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    state: SlotState,
    digest: u128,
    at: Span,
}

impl Identity {
    pub(super) fn clear(&mut self) {
        self.scopes.clear();
        self.matchers.clear();
        self.targets.clear();
        self.captures.clear();
        self.slots.clear();
    }

    #[inline]
    pub(super) fn is_active(&self) -> bool {
        !self.scopes.is_empty()
    }

    /// Opens a scope and sends its selectors to the children, or selects the element itself.
    fn open_scope(&mut self, schema: &CompiledSchema, constraint: u32) -> SmallVec<[u32; 2]> {
        let scope = short(self.scopes.len());
        self.scopes.push(Scope { constraint, table: KeyTable::default(), waiting: References::default() });
        let mut itself = SmallVec::new();
        for (index, path) in schema.constraints[constraint as usize].selector.iter().enumerate() {
            if path.steps.is_empty() && !itself.contains(&scope) {
                itself.push(scope);
            }
            if !path.steps.is_empty() || path.descendant {
                self.matchers.push(Matcher {
                    role: Role::Selector { scope },
                    constraint,
                    alternative: narrow(index),
                    step: 0,
                });
            }
        }
        itself
    }

    fn open_target(&mut self, scope: u32, fields: usize) -> u32 {
        let target = short(self.targets.len());
        self.targets.push(Target { scope, slots_from: self.slots.len() });
        let empty = Slot { state: SlotState::Absent, digest: 0, at: Span::default() };
        self.slots.resize(self.slots.len() + fields, empty);
        if self.shown.len() < self.slots.len() {
            self.shown.resize(self.slots.len(), String::new());
        }
        target
    }

    fn slot_number(&self, capture: Capture) -> usize {
        self.targets[capture.target as usize].slots_from + usize::from(capture.field)
    }

    fn slot(&mut self, capture: Capture) -> &mut Slot {
        let number = self.slot_number(capture);
        &mut self.slots[number]
    }

    /// Fills a slot; `false` when it was filled before: a field selects one node at most.
    fn fill(
        &mut self,
        capture: Capture,
        simple: &SimpleType,
        text: &str,
        at: Span,
        namespaces: &dyn Namespaces,
    ) -> bool {
        if self.slot(capture).state != SlotState::Absent {
            return false;
        }
        self.key.clear();
        let valid = simple.canonical_key(text, namespaces, &mut self.key).is_ok();
        let state = if valid { SlotState::Filled } else { SlotState::Invalid };
        let digest = self.digester.digest(&self.key);
        *self.slot(capture) = Slot { state, digest, at };
        let number = self.slot_number(capture);
        let shown = &mut self.shown[number];
        shown.clear();
        write_quoted(text.trim(), shown);
        true
    }

    /// The key of a complete target: digest, place and text; `None` when a field is absent or invalid.
    fn key_of(&mut self, target: Target, fields: usize) -> Option<(u128, Span)> {
        let slots = &self.slots[target.slots_from..target.slots_from + fields];
        if slots.iter().any(|slot| slot.state != SlotState::Filled) {
            return None;
        }
        if let [only] = slots {
            return Some((only.digest, only.at));
        }
        self.key.clear();
        for slot in slots {
            self.key.extend_from_slice(&slot.digest.to_le_bytes());
        }
        Some((self.digester.digest(&self.key), slots[0].at))
    }

    fn shown_key(&self, target: Target, fields: usize) -> String {
        self.shown[target.slots_from..target.slots_from + fields].join(", ")
    }
}

impl Machine {
    /// Moves the parent's matchers over this start tag and opens the scopes of its declaration.
    #[inline]
    pub(super) fn begin_identity(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let [.., parent, frame] = self.frames.as_slice() else {
            return self.open_scopes(schema, tag, element, type_index, found);
        };
        let waiting = parent.matchers_from..frame.matchers_from;
        if !waiting.is_empty() {
            for index in waiting {
                self.move_matcher(schema, tag, self.identity.matchers[index], type_index, found);
            }
        }
        self.open_scopes(schema, tag, element, type_index, found);
    }

    fn open_scopes(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let Some(element) = element else { return };
        for &constraint in &schema.element(element).constraints {
            for scope in self.identity.open_scope(schema, constraint) {
                self.select(schema, tag, scope, type_index, found);
            }
        }
    }

    fn move_matcher(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        matcher: Matcher,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let path = matcher.path(schema);
        if path.descendant && matcher.step == 0 {
            self.identity.matchers.push(matcher);
        }
        let reached = match path.steps.get(usize::from(matcher.step)) {
            None => true,
            Some(test) if !test.matches(tag.name.id, tag.name.namespace) => return,
            Some(_) => usize::from(matcher.step) + 1 == path.steps.len(),
        };
        if !reached {
            self.identity.matchers.push(Matcher { step: matcher.step + 1, ..matcher });
            return;
        }
        match matcher.role {
            Role::Selector { scope } => self.select(schema, tag, scope, type_index, found),
            Role::Field { target, field } => {
                self.field(schema, tag, Capture { target, field }, path, type_index, found);
            }
        }
    }

    /// The element is in the target node set of a scope: starts on its fields.
    fn select(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        scope: u32,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let from = self.innermost().targets_from;
        if self.identity.targets[from..].iter().any(|target| target.scope == scope) {
            return;
        }
        let number = self.identity.scopes[scope as usize].constraint;
        let constraint = &schema.constraints[number as usize];
        let target = self.identity.open_target(scope, constraint.fields.len());
        for (field, paths) in constraint.fields.iter().enumerate() {
            let field = narrow(field);
            for (alternative, path) in paths.iter().enumerate() {
                if path.steps.is_empty() {
                    self.field(schema, tag, Capture { target, field }, path, type_index, found);
                }
                if !path.steps.is_empty() || path.descendant {
                    let role = Role::Field { target, field };
                    let alternative = narrow(alternative);
                    self.identity.matchers.push(Matcher { role, constraint: number, alternative, step: 0 });
                }
            }
        }
    }

    /// A field's path has led to this element: its text, or an attribute of it.
    fn field(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        capture: Capture,
        path: &Path,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        match &path.attribute {
            None => self.identity.captures.push(capture),
            Some(test) => self.attribute_field(schema, tag, capture, test, type_index, found),
        }
    }

    fn attribute_field(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        capture: Capture,
        test: &NameTest,
        type_index: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let plan = &schema.type_at(type_index).attributes;
        // `xsi:…` belongs to no type: only its own name selects it.
        let is_named = matches!(test, NameTest::Name(_));
        let matches = |given: &Given<'_>| {
            test.matches(given.name.id, given.name.namespace)
                && (is_named || given.name.namespace != INSTANCE_NAMESPACE)
        };
        for given in tag.attributes.iter().filter(matches) {
            let declared = given.name.id.and_then(|id| {
                plan.uses.iter().find(|each| each.name == id).or_else(|| schema.global_attributes.get(&id))
            });
            // An attribute that a wildcard lets through without a declaration has no simple type.
            let at = span_of(&given);
            let wrong = match declared {
                None => Some(Selected::WithoutValue),
                // That its type is absent is told at the attribute.
                Some(Attribute { simple: None, .. }) => {
                    self.identity.slot(capture).state = SlotState::Invalid;
                    None
                }
                Some(Attribute { simple: Some(simple), .. }) => {
                    let filled = self.identity.fill(capture, simple, given.value, at, tag.bindings);
                    (!filled).then_some(Selected::Second)
                }
            };
            if let Some(wrong) = wrong {
                self.identity.slot(capture).state = SlotState::Invalid;
                self.report_not_single(schema, capture, wrong, at, found);
            }
        }
        // An attribute that is left out has its default value.
        let given = |name| tag.attributes.iter().any(|given| given.name.id == Some(name));
        for declared in &plan.uses {
            let (Some(simple), Some(value)) = (&declared.simple, &declared.value) else { continue };
            let namespace = schema.names().name(declared.name).namespace;
            if !test.matches(Some(declared.name), namespace) || given(declared.name) {
                continue;
            }
            if !self.identity.fill(capture, simple, &value.lexical, tag.span, &value.prefixes) {
                self.identity.slot(capture).state = SlotState::Invalid;
                self.report_not_single(schema, capture, Selected::Second, tag.span, found);
            }
        }
    }

    /// The end tag: fields of this element's text, keys of this element as a target, its scopes.
    #[inline]
    pub(super) fn end_identity(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        if self.identity.captures.len() > frame.captures_from {
            self.fill_captures(schema, tag, frame, found);
        }
        if self.identity.targets.len() > frame.targets_from {
            self.close_targets(schema, tag, frame, found);
        }
        if self.identity.scopes.len() > frame.scopes_from {
            self.close_scopes(schema, frame, found);
        }
        self.identity.matchers.truncate(frame.matchers_from);
    }

    fn fill_captures(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        while self.identity.captures.len() > frame.captures_from {
            let capture = self.identity.captures.pop().expect("the length was just compared");
            let at = if frame.has_text { frame.text_at } else { frame.start };
            let at = Span { start: at, end: Offset(tag.span.start.0.max(at.0 + 1)) };
            let ContentPlan::Simple(simple) = &schema.type_at(frame.type_index).content else {
                self.identity.slot(capture).state = SlotState::Invalid;
                self.report_not_single(schema, capture, Selected::WithoutValue, at, found);
                continue;
            };
            if frame.nilled {
                let slot = self.identity.slot(capture);
                match slot.state {
                    SlotState::Absent => slot.state = SlotState::Nil,
                    _ => self.report_not_single(schema, capture, Selected::Second, at, found),
                }
                continue;
            }
            if frame.content != Content::Simple {
                continue;
            }
            let value = frame.element.and_then(|id| schema.element(id).value.as_deref());
            let text = &self.text[frame.text_from..];
            let (text, namespaces): (&str, &dyn Namespaces) = match value {
                Some(value) if text.is_empty() => (&value.lexical, &value.prefixes),
                _ => (text, tag.bindings),
            };
            if !self.identity.fill(capture, simple, text, at, namespaces) {
                self.report_not_single(schema, capture, Selected::Second, at, found);
            } else if frame.element.is_some_and(|id| schema.element(id).nillable) {
                self.report_nillable(schema, capture, at, found);
            }
        }
    }

    fn constraint_of<'a>(&self, schema: &'a CompiledSchema, target: Target) -> &'a IdentityConstraint {
        &schema.constraints[self.identity.scopes[target.scope as usize].constraint as usize]
    }

    fn close_targets(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        while self.identity.targets.len() > frame.targets_from {
            let target = *self.identity.targets.last().expect("the length was just compared");
            let constraint = self.constraint_of(schema, target);
            match self.identity.key_of(target, constraint.fields.len()) {
                Some((key, at)) => self.add_key(schema, constraint, target, key, at, found),
                None => self.incomplete_key(schema, constraint, target, tag, frame, found),
            }
            self.identity.targets.pop();
            self.identity.slots.truncate(target.slots_from);
        }
    }

    fn add_key(
        &mut self,
        schema: &CompiledSchema,
        constraint: &IdentityConstraint,
        target: Target,
        key: u128,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        if constraint.kind == IdentityKind::Keyref {
            return self.refer(schema, constraint, target, key, at, found);
        }
        let clause = match self.identity.scopes[target.scope as usize].table.insert(key) {
            Inserted::New => return,
            Inserted::Full => Clause::KeysLimit,
            Inserted::Known if constraint.kind == IdentityKind::Unique => Clause::UniqueDuplicate,
            Inserted::Known => Clause::KeyDuplicate,
        };
        let shown = self.identity.shown_key(target, constraint.fields.len());
        self.report(schema, clause, at, found, |describe| Words {
            sentence: match clause {
                Clause::KeysLimit => format!(
                    "uniqueness is not checked further: `{}` has more than {KEYS_MAX} keys (limit `keys_max`)",
                    constraint.name
                ),
                _ => format!(
                    "the value `{shown}` appears a second time; in every `{}` it has to be another one (`{}`)",
                    describe.element(),
                    constraint.name
                ),
            },
            found: shown.clone(),
            expected: "a value that was not used before".to_owned(),
            operand: constraint.name.to_string(),
            step: None,
        });
    }

    /// Keeps a reference unless its key is known already.
    fn refer(
        &mut self,
        schema: &CompiledSchema,
        constraint: &IdentityConstraint,
        target: Target,
        key: u128,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        let scope = &self.identity.scopes[target.scope as usize];
        if scope.table.contains(key) || scope.waiting.contains(key) {
            return;
        }
        let shown = self.identity.shown_key(target, constraint.fields.len());
        let reference = Reference { at, path: self.path(schema, None), shown };
        if !self.identity.scopes[target.scope as usize].waiting.add(key, reference) {
            let shown = self.identity.shown_key(target, constraint.fields.len());
            self.report_unheld_reference(schema, &shown, at, found);
        }
    }

    fn incomplete_key(
        &self,
        schema: &CompiledSchema,
        constraint: &IdentityConstraint,
        target: Target,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        let slots = &self.identity.slots[target.slots_from..target.slots_from + constraint.fields.len()];
        let absent = slots.iter().position(|slot| matches!(slot.state, SlotState::Absent | SlotState::Nil));
        let judged = slots.iter().all(|slot| slot.state != SlotState::Invalid);
        let (IdentityKind::Key, Some(absent), true) = (constraint.kind, absent, judged) else { return };
        let at = Span { start: frame.start, end: tag.span.end.min(Offset(frame.start.0 + 1)) };
        self.report(schema, Clause::KeyFieldMissing, at, found, |describe| Words {
            sentence: format!(
                "`{}` lacks the value of field {} of the key `{}`",
                describe.element(),
                absent + 1,
                constraint.name
            ),
            operand: constraint.name.to_string(),
            expected: "a value in every field of the key".to_owned(),
            ..Words::default()
        });
    }

    /// Keys first, so that the references of the same element find them.
    fn close_scopes(&mut self, schema: &CompiledSchema, frame: &Frame, found: &mut DeviationBuffer) {
        if !schema.has_keyrefs {
            return self.identity.scopes.truncate(frame.scopes_from);
        }
        let closing: Vec<Scope> = self.identity.scopes.drain(frame.scopes_from..).collect();
        let (mut references, keys): (Vec<Scope>, Vec<Scope>) = closing
            .into_iter()
            .partition(|scope| schema.constraints[scope.constraint as usize].kind == IdentityKind::Keyref);
        for key in &keys {
            let refers = |scope: &&mut Scope| {
                let refer = schema.constraints[scope.constraint as usize].refer;
                refer.is_some_and(|refer| short(refer.index()) == key.constraint)
            };
            for reference in references.iter_mut().chain(&mut self.identity.scopes).filter(refers) {
                for digest in key.table.keys() {
                    reference.table.insert(digest);
                    reference.waiting.settle(digest);
                }
            }
        }
        for reference in references {
            dangling(schema, reference, found);
        }
    }

    /// Clause 3 of `cvc-identity-constraint`.
    fn report_not_single(
        &self,
        schema: &CompiledSchema,
        capture: Capture,
        wrong: Selected,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        let constraint = self.constraint_of(schema, self.identity.targets[capture.target as usize]);
        let (name, field) = (&constraint.name, capture.field + 1);
        self.report(schema, Clause::FieldNotSingle, at, found, |describe| Words {
            sentence: match wrong {
                Selected::Second => {
                    format!("field {field} of `{name}` has a value already, and may have one only")
                }
                Selected::WithoutValue => format!(
                    "field {field} of `{name}` needs the value of a simple type, which `{}` does not have here",
                    describe.element()
                ),
            },
            expected: "one value of a simple type at most".to_owned(),
            operand: name.to_string(),
            ..Words::default()
        });
    }

    /// Clause 4.2.3 of `cvc-identity-constraint`.
    fn report_nillable(
        &self,
        schema: &CompiledSchema,
        capture: Capture,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        let constraint = self.constraint_of(schema, self.identity.targets[capture.target as usize]);
        if constraint.kind != IdentityKind::Key {
            return;
        }
        self.report(schema, Clause::KeyFieldNillable, at, found, |describe| Words {
            sentence: format!(
                "`{}` is nillable and may not be part of the key `{}`",
                describe.element(),
                constraint.name
            ),
            operand: constraint.name.to_string(),
            ..Words::default()
        });
    }
}

/// Clause 4.3 of `cvc-identity-constraint`: every reference has its key.
fn dangling(schema: &CompiledSchema, mut scope: Scope, found: &mut DeviationBuffer) {
    let constraint = &schema.constraints[scope.constraint as usize];
    for Reference { at, path, shown } in scope.waiting.dangling() {
        found.push(Deviation {
            clause: Clause::KeyrefDangling,
            at,
            path,
            sentence: format!("the value `{shown}` refers to nothing (`{}`)", constraint.name),
            operand: constraint.name.to_string(),
            found: shown,
            expected: "the key of something in this document".to_owned(),
        });
    }
}

fn short(index: usize) -> u32 {
    u32::try_from(index).expect("depth and schema size are limited")
}

fn narrow(index: usize) -> u16 {
    u16::try_from(index).expect("a constraint has fewer than 65,536 fields or alternatives")
}
