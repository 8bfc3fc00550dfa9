//! Keys, references and IDs: what one part of a document can say that makes another part wrong.
//!
//! Everything else a validator finds depends on the element it is in; these depend on the document. So they
//! are kept apart, and whoever reads only a stretch of a document notes them down instead:
//!
//! ```text
//!  whole document   Validator ───────────────────────▶ DocumentKeys ─▶ deviations
//!
//!  around records   Validator ─┐
//!  a record         Validator ─┼─ RecordKeys ─▶ Closer: DocumentKeys ─▶ deviations
//!  a record         Validator ─┘                in document order
//! ```
//!
//! A scope opened within a record is judged there; only scopes around it and IDs are the document's.

mod closer;
mod document;
mod table;

use crate::xml::Offset;
use crate::xsd::compile::CompiledSchema;
use crate::xsd::deviation::Deviation;
use document::DocumentKeys;

pub use closer::Closer;
pub(super) use table::{Digester, Occurrence};

/// What a stretch of a document says of keys and IDs, in its order: for [`Closer::take`].
#[derive(Debug, Default)]
pub struct RecordKeys {
    /// Each with the number of deviations of the stretch that come before it.
    notes: Vec<(u64, Note)>,
}

impl RecordKeys {
    /// Whether the stretch says nothing of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Counts places from the beginning of the document: the stretch was read by itself, and begins at `start`.
    #[must_use]
    pub fn moved(mut self, start: Offset) -> Self {
        for (_, note) in &mut self.notes {
            if let Note::Key { occurrence, .. } | Note::Id(_, occurrence) | Note::Idref(_, occurrence) = note
            {
                occurrence.at.start.0 += start.0;
                occurrence.at.end.0 += start.0;
            }
        }
        self
    }
}

/// One thing said.
#[derive(Debug)]
enum Note {
    /// A scope of this constraint opens.
    Open(u32),
    /// The scopes from this one on close.
    Close(usize),
    /// A selected element has values in all fields.
    Key {
        scope: usize,
        key: u128,
        occurrence: Occurrence,
    },
    /// A scope of this constraint with these keys has closed, and a scope that is open may refer to them.
    HandOver(u32, Vec<u128>),
    Id(u128, Occurrence),
    Idref(u128, Occurrence),
}

/// Where a validator leaves keys and IDs.
#[derive(Debug, Default)]
pub(super) struct Keys {
    own: DocumentKeys,
    /// So many of the outermost scopes are the document's, and with them the IDs; `None` when this is the
    /// document.
    foreign: Option<usize>,
    notes: RecordKeys,
    /// Deviations since the notes were taken.
    pub(super) told: u64,
}

impl Keys {
    /// Notes down what belongs to the document: these many scopes, and IDs.
    pub(super) fn leave(&mut self, scopes: usize) {
        self.foreign = Some(scopes);
        self.take();
    }

    pub(super) fn clear(&mut self) {
        self.own.clear();
    }

    /// Takes what a stretch says that was read apart, in this document.
    pub(super) fn absorb(
        &mut self,
        schema: &CompiledSchema,
        stretch: RecordKeys,
        mut tell: impl FnMut(u64, Deviation),
    ) {
        for (before, note) in stretch.notes {
            for deviation in self.own.take(schema, note) {
                tell(before, deviation);
            }
        }
    }

    /// What was noted down so far.
    pub(super) fn take(&mut self) -> RecordKeys {
        self.told = 0;
        std::mem::take(&mut self.notes)
    }

    fn note(&mut self, note: Note) -> Vec<Deviation> {
        self.notes.notes.push((self.told, note));
        Vec::new()
    }

    fn is_foreign(&self, scope: usize) -> bool {
        self.foreign.is_some_and(|count| scope < count)
    }

    fn own_number(&self, scope: usize) -> usize {
        scope - self.foreign.unwrap_or(0)
    }

    /// Opens a scope, the one of this number.
    pub(super) fn open(&mut self, scope: usize, constraint: u32) {
        if self.is_foreign(scope) {
            self.note(Note::Open(constraint));
        } else {
            self.own.open(constraint);
        }
    }

    /// Closes the scopes from `from` on; `around` are the constraints of all that are open around them.
    pub(super) fn close(&mut self, schema: &CompiledSchema, around: &[u32], from: usize) -> Vec<Deviation> {
        if self.is_foreign(from) {
            return self.note(Note::Close(from));
        }
        let own = self.own_number(from);
        if let (true, Some(count)) = (schema.has_keyrefs, self.foreign) {
            let foreign = &around[..count];
            let referred = |key: u32| foreign.iter().any(|&keyref| schema.refers(keyref, key));
            let keys = self.own.keys(own).filter(|(constraint, _)| referred(*constraint));
            for (constraint, keys) in
                keys.map(|(constraint, keys)| (constraint, keys.collect())).collect::<Vec<_>>()
            {
                self.note(Note::HandOver(constraint, keys));
            }
        }
        self.own.close(schema, own)
    }

    pub(super) fn key(
        &mut self,
        schema: &CompiledSchema,
        scope: usize,
        key: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        if self.is_foreign(scope) {
            self.note(Note::Key { scope, key, occurrence: occurrence() });
            return None;
        }
        self.own.key(schema, self.own_number(scope), key, occurrence)
    }

    pub(super) fn id(
        &mut self,
        schema: &CompiledSchema,
        id: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        if self.foreign.is_some() {
            self.note(Note::Id(id, occurrence()));
            return None;
        }
        self.own.id(schema, id, occurrence)
    }

    pub(super) fn idref(
        &mut self,
        schema: &CompiledSchema,
        id: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        if self.foreign.is_some() {
            self.note(Note::Idref(id, occurrence()));
            return None;
        }
        self.own.idref(schema, id, occurrence)
    }

    /// Where references stand that have begun to wait since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<Offset> {
        self.own.take_fresh()
    }

    /// Where all references stand that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Offset> {
        self.own.waiting()
    }

    /// At the end of the document: references to IDs it does not have.
    pub(super) fn dangling_idrefs(&mut self) -> impl Iterator<Item = Deviation> {
        self.own.dangling_idrefs()
    }
}
