//! Scopes: constraints in force below an open element, and the keys that targets in them become.

use super::field::Fields;
use super::matcher::{Matcher, Role};
use super::{Target, short};
use crate::xml::{EndTag, Offset, Span, StartTag};
use crate::xsd::clause::Clause;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind};
use crate::xsd::validate::keys::Occurrence;
use crate::xsd::validate::open::Frame;
use crate::xsd::validate::report::Words;
use crate::xsd::validate::{Assessment, Memory};

impl Assessment<'_> {
    /// Opens a scope and sends its selectors to the children, or selects the element itself.
    pub(super) fn open_scope(&mut self, tag: &StartTag<'_>, constraint: u32) {
        let Memory { identity, keys, .. } = &mut *self.memory;
        keys.open(identity.scopes.len(), constraint);
        let scope = short(identity.scopes.len());
        identity.scopes.push(constraint);
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
                Fields::Complete(key, at) => self.key(constraint, target, key, at),
                Fields::Lacking(field) if constraint.kind == IdentityKind::Key => {
                    self.report_incomplete_key(constraint, field, tag, frame);
                }
                Fields::Lacking(_) | Fields::Invalid => {}
            }
            self.memory.identity.targets.pop();
            self.memory.identity.slots.truncate(target.slots_from);
        }
    }

    fn key(&mut self, constraint: &IdentityConstraint, target: Target, key: u128, at: Span) {
        let Memory { open, identity, keys, .. } = &mut *self.memory;
        let broken = keys.key(self.schema, target.scope as usize, key, || Occurrence {
            at,
            path: open.path(self.schema.names(), None),
            shown: identity.slots.shown(target.slots_from, constraint.fields.len()),
        });
        self.tell(broken);
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
        let words = Words {
            sentence: format!(
                "`{}` lacks the value of field {} of the key `{}`",
                self.element(),
                field + 1,
                constraint.name
            ),
            operand: constraint.name.to_string(),
            expected: "a value in every field of the key".to_owned(),
            ..Words::default()
        };
        self.report(Clause::KeyFieldMissing, at, words);
    }

    /// The end tag of an element that has constraints.
    pub(super) fn close_scopes(&mut self, from: usize) {
        let Memory { identity, keys, .. } = &mut *self.memory;
        let broken = keys.close(self.schema, &identity.scopes[..from], from);
        identity.scopes.truncate(from);
        self.tell(broken);
    }
}
