//! Seats: one element of a document validated apart from what stands around it.
//!
//! ```text
//!  <catalogue>              around.event        the content model of `catalogue`, its scopes, its children's numbers
//!    <header> … </header>   around.event
//!    <product> ──────────── around.seat ─▶ Seat ─▶ seated.sit
//!      …                                           seated.event, from the start tag to the end tag
//!    </product> ──────────────────────────────────┘
//!    <product> ──────────── around.seat ─▶ Seat ─▶ another, at the same time
//!      …
//!  </catalogue>             around.event
//!
//!  each of them gives ─▶ deviations of its own, and RecordKeys ─▶ Closer, in document order
//! ```
//!
//! The validator around the records takes the start tag of one: it steps the content model of the parent, and
//! says what is wrong with the place. The seat holds what the inside depends on: what the element is taken
//! as, the path to it, the selectors that have begun. Whoever sits there says what one validator would have
//! said between the two tags, but for what depends on the rest of the document, which the [`Closer`] says.
//!
//! Not here: the bindings in scope. They come with the events, from a cursor that begins inside.
//!
//! [`Closer`]: super::Closer

use super::content::Placed;
use super::identity::Begun;
use super::keys::RecordKeys;
use super::open::{Around, ContentState};
use super::{Assessment, Validator};
use crate::xml::{Bindings, Event, ExpandedName, Name, StartTag};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::deviation::{Deviation, DeviationBuffer};
use std::sync::Arc;

/// A place in a document where a validator can start.
#[derive(Clone, Debug)]
pub struct Seat {
    around: Around,
    begun: Begun,
}

impl Seat {
    /// How many siblings of the element's name come before it.
    #[must_use]
    pub fn before(&self) -> u32 {
        self.around.before
    }

    /// The same seat, for an element with so many siblings of its name before it.
    #[must_use]
    pub fn numbered(&self, before: u32) -> Self {
        Self { around: Around { before, ..self.around.clone() }, begun: self.begun.clone() }
    }

    /// Whether what is said of an element is the same in both, in one document, but for its number.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let Around { path, placed, before: _ } = &self.around;
        *path == other.around.path && *placed == other.around.placed && self.begun.is_like(&other.begun)
    }
}

impl Validator {
    /// A validator of what stands around records, which are seated elsewhere. It judges no keys, references and
    /// IDs; it gives them away by [`keys`](Self::keys).
    #[must_use]
    pub fn around_records(schema: Arc<CompiledSchema>) -> Self {
        let mut validator = Self::new(schema);
        validator.memory.keys.leave(usize::MAX);
        validator
    }

    /// A validator of the element that a seat is for.
    #[must_use]
    pub fn seated(schema: Arc<CompiledSchema>, seat: Seat) -> Self {
        let mut validator = Self::new(schema);
        validator.sit(seat);
        validator
    }

    /// A validator of an element that stands below elements of which only the names are known, outermost
    /// first. It is taken as it is declared there, and nothing is said about its position. Keys and IDs are
    /// judged within it.
    #[must_use]
    pub fn below(schema: Arc<CompiledSchema>, around: &[ExpandedName<'_>]) -> Self {
        let mut validator = Self::new(schema);
        let (bindings, mut unsaid) = (Bindings::default(), DeviationBuffer::with_limit(0));
        for &name in around {
            let id = validator.schema.names().get(name);
            let name = Name { id, qname: name.local, namespace: name.namespace };
            validator.event(&Event::Start(StartTag::of_name(name, &bindings)), &mut unsaid);
            validator.memory.open.innermost().content = ContentState::Unknown;
        }
        validator
    }

    /// Takes another seat, wherever the last document or element ended. The next event is its start tag.
    pub fn sit(&mut self, seat: Seat) {
        self.memory.clear();
        self.memory.open.around = seat.around;
        self.memory.keys.leave(seat.begun.scopes());
        self.memory.identity.resume(seat.begun);
    }

    /// Takes the start tag of an element that is validated elsewhere; the next event is the one behind its
    /// end tag. `None`: the element has to be validated here, because it holds a field of an element
    /// around it, and nothing has been done.
    pub fn seat(&mut self, tag: &StartTag<'_>, found: &mut DeviationBuffer) -> Option<Seat> {
        let mut assessment = Assessment { schema: &self.schema, memory: &mut self.memory, found };
        assessment.seat(tag)
    }

    /// Takes the seat it has just given away itself: the next event is the one behind the start tag.
    pub fn stay(&mut self, tag: &StartTag<'_>, seat: &Seat, found: &mut DeviationBuffer) {
        let mut assessment = Assessment { schema: &self.schema, memory: &mut self.memory, found };
        assessment.stay(tag, seat);
    }

    /// Takes what was said of keys and IDs by whoever sat in the middle of this document. What it breaks is handed to
    /// `tell`, with the number of the other's own deviations that come before it.
    pub fn absorb(&mut self, stretch: RecordKeys, tell: impl FnMut(u64, Deviation)) {
        self.memory.keys.absorb(&self.schema, stretch, tell);
    }

    /// Takes the names outside of the schema that an element had which has ended; the next one is read as if none had
    /// been met.
    pub fn take_unknown_names(&mut self) -> Vec<Box<str>> {
        self.memory.open.siblings.take_unknown()
    }

    /// Whether paths tell these names apart, which somebody else has met in this document.
    #[must_use]
    pub fn tells_apart(&self, unknown: &[Box<str>]) -> bool {
        self.memory.open.siblings.tells_apart(unknown)
    }

    /// Takes note of names outside of the schema that somebody else has met in this document.
    pub fn meet_unknown_names(&mut self, unknown: &[Box<str>]) {
        self.memory.open.siblings.meet(unknown);
    }

    /// What the events since the last call say of keys and IDs that are the document's; nothing from a
    /// validator that reads all of it.
    pub fn keys(&mut self) -> RecordKeys {
        self.memory.keys.take()
    }
}

impl Assessment<'_> {
    fn stay(&mut self, tag: &StartTag<'_>, seat: &Seat) {
        match seat.around.placed {
            None | Some(Placed::Skipped) => self.memory.open.skipped += 1,
            Some(placed) => {
                let name = self.memory.open.siblings.name_ref(&tag.name);
                self.open_as(tag, placed, (name, seat.around.before + 1));
            }
        }
    }

    fn seat(&mut self, tag: &StartTag<'_>) -> Option<Seat> {
        let from = self.memory.open.frames.last().map(|parent| parent.identity_from);
        if self.memory.identity.field_leads_into(self.schema, from, &tag.name) {
            return None;
        }
        let placed = if self.memory.open.skipped > 0 { Placed::Skipped } else { self.place(tag) };
        let open = &mut self.memory.open;
        let before = if placed == Placed::Skipped { 0 } else { open.count(&tag.name).1 - 1 };
        let path = open.path(self.schema.names(), None);
        let around = Around { path, placed: Some(placed), before };
        Some(Seat { around, begun: self.memory.identity.begun(from) })
    }
}
