//! Identity constraints while streaming: `unique`, `key`, `keyref` (3.11.4).
//!
//! An element whose declaration has constraints opens a *scope*. Selectors and fields are followed by
//! *matchers*: each open element has the matchers that wait for its children, and an element with
//! none costs one comparison. A selected element is a *target*; its fields fill *slots*; at its end
//! tag the slots become a key.
//!
//! ```text
//!  scope ──selector──▶ matcher ─ … ─▶ target ──fields──▶ matcher ─ … ─▶ capture ─▶ slot ─▶ key table
//!  └─── scope ────┘    └───────────── matcher ─────────────────┘        └───── field ────┘ └─ scope ─┘
//! ```
//!
//! Keys are kept as digests of 128 bits, seeded at random: the one part that grows with the feed grows
//! by 16 bytes a key, and nobody can prepare two values that collide.

mod field;
mod matcher;
mod scope;

use super::Assessment;
use super::open::Frame;
use crate::xml::{EndTag, StartTag};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::component::identity::IdentityConstraint;
use field::{Capture, Slots};
use matcher::Matcher;
use scope::Scope;

/// Everything in progress.
#[derive(Debug, Default)]
pub(super) struct Identity {
    scopes: Vec<Scope>,
    matchers: Vec<Matcher>,
    targets: Vec<Target>,
    captures: Vec<Capture>,
    slots: Slots,
}

/// Where an element's part of these stacks begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    matchers: usize,
    captures: usize,
    targets: usize,
    scopes: usize,
}

/// A selected element whose fields are being collected.
#[derive(Clone, Copy, Debug)]
struct Target {
    scope: u32,
    slots_from: usize,
}

impl Identity {
    pub(super) fn clear(&mut self) {
        self.scopes.clear();
        self.matchers.clear();
        self.targets.clear();
        self.captures.clear();
        self.slots.truncate(0);
    }

    #[inline]
    pub(super) fn marks(&self) -> Marks {
        Marks {
            matchers: self.matchers.len(),
            captures: self.captures.len(),
            targets: self.targets.len(),
            scopes: self.scopes.len(),
        }
    }

    #[inline]
    pub(super) fn is_active(&self) -> bool {
        !self.scopes.is_empty()
    }

    fn constraint_of<'a>(&self, schema: &'a CompiledSchema, target: Target) -> &'a IdentityConstraint {
        &schema.constraints[self.scopes[target.scope as usize].constraint as usize]
    }
}

impl Assessment<'_> {
    /// Moves the parent's matchers over this start tag and opens the scopes of its declaration.
    #[inline]
    pub(super) fn begin_identity(&mut self, tag: &StartTag<'_>) {
        if let [.., parent, frame] = self.memory.open.frames.as_slice() {
            for index in parent.identity_from.matchers..frame.identity_from.matchers {
                self.move_matcher(tag, self.memory.identity.matchers[index]);
            }
        }
        let Some(element) = self.memory.open.innermost().element else { return };
        for &constraint in &self.schema.element(element).constraints {
            self.open_scope(tag, constraint);
        }
    }

    /// The end tag: fields of this element's text, keys of this element as a target, its scopes.
    #[inline]
    pub(super) fn end_identity(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        let from = frame.identity_from;
        let identity = &self.memory.identity;
        if identity.captures.len() > from.captures {
            self.fill_captures(tag, frame);
        }
        if self.memory.identity.targets.len() > from.targets {
            self.close_targets(tag, frame);
        }
        if self.memory.identity.scopes.len() > from.scopes {
            self.close_scopes(from.scopes);
        }
        self.memory.identity.matchers.truncate(from.matchers);
    }
}

fn short(index: usize) -> u32 {
    u32::try_from(index).expect("depth and schema size are limited")
}

fn narrow(index: usize) -> u16 {
    u16::try_from(index).expect("a constraint has fewer than 65,536 fields or alternatives")
}
