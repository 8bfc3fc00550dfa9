//! Scopes: the keys of an open element's constraints, and the references that wait for them.

use super::matcher::{Matcher, Role};
use super::{Target, field::Fields, short};
use crate::xml::{EndTag, Offset, Span, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind};
use crate::xsd::deviation::{Deviation, quoted};
use crate::xsd::validate::Assessment;
use crate::xsd::validate::keys::{Inserted, KEYS_MAX, KeyTable, Reference, References};
use crate::xsd::validate::open::Frame;
use crate::xsd::validate::report::Words;

/// A constraint that is in force below an open element.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) constraint: u32,
    table: KeyTable,
    /// For a keyref: what was referred to and not seen yet.
    waiting: References,
}

impl Assessment<'_> {
    /// Opens a scope and sends its selectors to the children, or selects the element itself.
    pub(super) fn open_scope(&mut self, tag: &StartTag<'_>, constraint: u32) {
        let identity = &mut self.memory.identity;
        let scope = short(identity.scopes.len());
        identity.scopes.push(Scope {
            constraint,
            table: KeyTable::default(),
            waiting: References::default(),
        });
        let selector = &self.schema.constraints[constraint as usize].selector;
        let matcher = |(index, path)| Matcher::begin(Role::Selector { scope }, constraint, index, path);
        identity.matchers.extend(selector.iter().enumerate().filter_map(matcher));
        if selector.iter().any(|path| path.steps.is_empty()) {
            self.select(tag, scope);
        }
    }

    /// The end tag of a selected element: its fields become a key.
    pub(super) fn close_targets(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        while self.memory.identity.targets.len() > frame.identity_from.targets {
            let identity = &mut self.memory.identity;
            let target = *identity.targets.last().expect("the length was just compared");
            let constraint = identity.constraint_of(self.schema, target);
            match identity.slots.fields(target.slots_from, constraint.fields.len()) {
                Fields::Complete(key, at) if constraint.kind == IdentityKind::Keyref => {
                    self.refer(constraint, target, key, at);
                }
                Fields::Complete(key, at) => self.add_key(constraint, target, key, at),
                Fields::Lacking(field) if constraint.kind == IdentityKind::Key => {
                    self.report_incomplete_key(constraint, field, tag, frame);
                }
                Fields::Lacking(_) | Fields::Invalid => {}
            }
            self.memory.identity.targets.pop();
            self.memory.identity.slots.truncate(target.slots_from);
        }
    }

    fn add_key(&mut self, constraint: &IdentityConstraint, target: Target, key: u128, at: Span) {
        let clause = match self.memory.identity.scopes[target.scope as usize].table.insert(key) {
            Inserted::New => return,
            Inserted::Full => Clause::KeysLimit,
            Inserted::Known if constraint.kind == IdentityKind::Unique => Clause::UniqueDuplicate,
            Inserted::Known => Clause::KeyDuplicate,
        };
        let shown = self.memory.identity.slots.shown(target.slots_from, constraint.fields.len());
        let name = &constraint.name;
        self.report(clause, at, Words {
            sentence: match clause {
                Clause::KeysLimit => format!(
                    "uniqueness is not checked further: `{name}` has more than {KEYS_MAX} keys (limit `keys_max`)"
                ),
                _ => format!(
                    "the value `{shown}` appears a second time; in every `{}` it has to be another one (`{name}`)",
                    self.element()
                ),
            },
            found: shown,
            expected: "a value that was not used before".to_owned(),
            operand: name.to_string(),
            step: None,
        });
    }

    /// Keeps a reference unless its key is known already.
    fn refer(&mut self, constraint: &IdentityConstraint, target: Target, key: u128, at: Span) {
        let identity = &mut self.memory.identity;
        let scope = &mut identity.scopes[target.scope as usize];
        if scope.table.contains(key) || scope.waiting.contains(key) {
            return;
        }
        let shown = identity.slots.shown(target.slots_from, constraint.fields.len());
        let path = self.memory.open.path(self.schema.names(), None);
        if let Err(Reference { shown, .. }) = scope.waiting.add(key, Reference { at, path, shown }) {
            self.report_unheld_reference(quoted(&shown), at);
        }
    }

    /// Clause 4.2.1 of `cvc-identity-constraint`.
    fn report_incomplete_key(
        &mut self,
        constraint: &IdentityConstraint,
        field: usize,
        tag: &EndTag<'_>,
        frame: &Frame,
    ) {
        let at = Span { start: frame.start, end: tag.span.end.min(Offset(frame.start.0 + 1)) };
        self.report(
            Clause::KeyFieldMissing,
            at,
            Words {
                sentence: format!(
                    "`{}` lacks the value of field {} of the key `{}`",
                    self.element(),
                    field + 1,
                    constraint.name
                ),
                operand: constraint.name.to_string(),
                expected: "a value in every field of the key".to_owned(),
                ..Words::default()
            },
        );
    }

    /// Keys first, so that the references of the same element find them.
    pub(super) fn close_scopes(&mut self, from: usize) {
        let (schema, scopes) = (self.schema, &mut self.memory.identity.scopes);
        if !schema.has_keyrefs {
            return scopes.truncate(from);
        }
        let closing: Vec<Scope> = scopes.drain(from..).collect();
        let (mut references, keys): (Vec<Scope>, Vec<Scope>) = closing
            .into_iter()
            .partition(|scope| schema.constraints[scope.constraint as usize].kind == IdentityKind::Keyref);
        for key in &keys {
            let refers = |scope: &&mut Scope| {
                let refer = schema.constraints[scope.constraint as usize].refer;
                refer.is_some_and(|refer| short(refer.index()) == key.constraint)
            };
            for reference in references.iter_mut().chain(&mut *scopes).filter(refers) {
                for digest in key.table.keys() {
                    reference.table.insert(digest);
                    reference.waiting.settle(digest);
                }
            }
        }
        for reference in references {
            self.report_dangling(reference);
        }
    }

    /// Clause 4.3 of `cvc-identity-constraint`: every reference has its key.
    fn report_dangling(&mut self, mut scope: Scope) {
        let constraint = &self.schema.constraints[scope.constraint as usize];
        for Reference { at, path, shown } in scope.waiting.dangling() {
            self.found.push(Deviation {
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
}
