//! Selectors and fields on their way: paths that have come some steps far and wait for children.

use super::field::Capture;
use super::{Target, narrow, short};
use crate::xml::{Name, StartTag};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::component::identity::Path;
use crate::xsd::validate::Assessment;

/// What a matcher is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Selector { scope: u32 },
    Field(Capture),
}

/// A path that has come some steps far and waits for the children of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Matcher {
    role: Role,
    constraint: u32,
    alternative: u16,
    step: u16,
}

impl Matcher {
    /// A path at its beginning, if it leads to children at all.
    pub(super) fn begin(role: Role, constraint: u32, alternative: usize, path: &Path) -> Option<Self> {
        let waits = !path.steps.is_empty() || path.descendant;
        waits.then(|| Self { role, constraint, alternative: narrow(alternative), step: 0 })
    }

    pub(super) fn is_field(&self) -> bool {
        matches!(self.role, Role::Field(_))
    }

    /// Whether a child of this name brings it further, or leaves it waiting.
    pub(super) fn leads_into(&self, schema: &CompiledSchema, child: &Name<'_>) -> bool {
        let path = self.path(schema);
        let next = path.steps.get(usize::from(self.step));
        (path.descendant && self.step == 0) || next.is_none_or(|test| test.matches(child.id, child.namespace))
    }

    fn path<'a>(&self, schema: &'a CompiledSchema) -> &'a Path {
        let constraint = &schema.constraints[self.constraint as usize];
        let alternatives = match self.role {
            Role::Selector { .. } => &constraint.selector,
            Role::Field(capture) => &constraint.fields[usize::from(capture.field)],
        };
        &alternatives[usize::from(self.alternative)]
    }
}

impl Assessment<'_> {
    pub(super) fn move_matcher(&mut self, tag: &StartTag<'_>, matcher: Matcher) {
        let path = matcher.path(self.schema);
        if path.descendant && matcher.step == 0 {
            self.memory.identity.matchers.push(matcher);
        }
        let reached = match path.steps.get(usize::from(matcher.step)) {
            None => true,
            Some(test) if !test.matches(tag.name.id, tag.name.namespace) => return,
            Some(_) => usize::from(matcher.step) + 1 == path.steps.len(),
        };
        if !reached {
            self.memory.identity.matchers.push(Matcher { step: matcher.step + 1, ..matcher });
            return;
        }
        match matcher.role {
            Role::Selector { scope } => self.select(tag, scope),
            Role::Field(capture) => self.field(tag, capture, path),
        }
    }

    /// The element is in the target node set of a scope: starts on its fields.
    pub(super) fn select(&mut self, tag: &StartTag<'_>, scope: u32) {
        let from = self.memory.open.innermost().identity_from.targets;
        let identity = &mut self.memory.identity;
        if identity.targets[from..].iter().any(|target| target.scope == scope) {
            return;
        }
        let number = identity.scopes[scope as usize];
        let constraint = &self.schema.constraints[number as usize];
        let target = short(identity.targets.len());
        identity.targets.push(Target { scope, slots_from: identity.slots.open(constraint.fields.len()) });
        for (field, paths) in constraint.fields.iter().enumerate() {
            let capture = Capture { target, field: narrow(field) };
            for (alternative, path) in paths.iter().enumerate() {
                if path.steps.is_empty() {
                    self.field(tag, capture, path);
                }
                let matcher = Matcher::begin(Role::Field(capture), number, alternative, path);
                self.memory.identity.matchers.extend(matcher);
            }
        }
    }

    /// A field's path has led to this element: its text, or an attribute of it.
    fn field(&mut self, tag: &StartTag<'_>, capture: Capture, path: &Path) {
        match &path.attribute {
            None => {
                // Several paths of a union that lead to one element select one node.
                let from = self.memory.open.innermost().identity_from.captures;
                let captures = &mut self.memory.identity.captures;
                if !captures[from..].contains(&capture) {
                    captures.push(capture);
                }
            }
            Some(test) => self.attribute_field(tag, capture, test),
        }
    }
}
