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
use super::keys::Digester;
use super::open::Frame;
use crate::xml::{EndTag, Name, Offset, StartTag};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::component::identity::IdentityConstraint;
use field::{Capture, Slots};
use matcher::Matcher;

/// Everything in progress.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Constraints in force, by scope: the outermost first.
    scopes: Vec<u32>,
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

/// What has begun around an element and goes on in it.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    scopes: Vec<u32>,
    selectors: Vec<Matcher>,
    digester: Digester,
}

impl Begun {
    /// How many scopes are open.
    pub(super) fn scopes(&self) -> usize {
        self.scopes.len()
    }

    /// Whether the same has begun there, in the same document.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.scopes == other.scopes && self.selectors == other.selectors
    }
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

    /// What has begun and waits for a child of the innermost element, whose part begins at `from`.
    pub(super) fn begun(&self, from: Option<Marks>) -> Begun {
        let selectors = self.waiting(from).iter().filter(|matcher| !matcher.is_field()).copied();
        let digester = self.slots.digester.clone();
        Begun { scopes: self.scopes.clone(), selectors: selectors.collect(), digester }
    }

    /// Goes on with what has begun elsewhere.
    pub(super) fn resume(&mut self, begun: Begun) {
        (self.scopes, self.matchers, self.slots.digester) = (begun.scopes, begun.selectors, begun.digester);
    }

    /// Whether a field of an open element may lie in a child of the innermost one.
    pub(super) fn field_leads_into(
        &self,
        schema: &CompiledSchema,
        from: Option<Marks>,
        child: &Name<'_>,
    ) -> bool {
        self.waiting(from).iter().any(|matcher| matcher.is_field() && matcher.leads_into(schema, child))
    }

    fn waiting(&self, from: Option<Marks>) -> &[Matcher] {
        from.map_or(&[], |from| &self.matchers[from.matchers..])
    }

    /// What values are known by, and IDs.
    pub(super) fn digester(&self) -> &Digester {
        &self.slots.digester
    }

    /// Where fields of elements stand that are open.
    pub(super) fn positions(&self) -> impl Iterator<Item = Offset> {
        self.slots.positions()
    }

    fn constraint_of<'a>(&self, schema: &'a CompiledSchema, target: Target) -> &'a IdentityConstraint {
        &schema.constraints[self.scopes[target.scope as usize] as usize]
    }
}

impl Assessment<'_> {
    /// Moves the parent's matchers over this start tag and opens the scopes of its declaration.
    #[inline]
    pub(super) fn begin_identity(&mut self, tag: &StartTag<'_>) {
        let waiting = match self.memory.open.frames.as_slice() {
            [.., parent, frame] => parent.identity_from.matchers..frame.identity_from.matchers,
            [root] => 0..root.identity_from.matchers,
            [] => 0..0,
        };
        for index in waiting {
            self.move_matcher(tag, self.memory.identity.matchers[index]);
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
