//! The other end of seats: what was noted down by stretches, judged as if one validator had read them all.

use super::RecordKeys;
use super::document::DocumentKeys;
use crate::xsd::compile::CompiledSchema;
use crate::xsd::deviation::{Deviation, DeviationBuffer};
use std::sync::Arc;

/// Judges keys, references and IDs of a document whose stretches were validated each by itself.
#[derive(Debug)]
pub struct Closer {
    schema: Arc<CompiledSchema>,
    keys: DocumentKeys,
}

impl Closer {
    /// A closer for documents against `schema`.
    #[must_use]
    pub fn new(schema: Arc<CompiledSchema>) -> Self {
        Self { schema, keys: DocumentKeys::default() }
    }

    /// Takes what the next stretch of the document says, with places counted from the beginning of the document.
    /// What it breaks is handed to `tell`, with the number of the stretch's own deviations that come before it.
    pub fn take(&mut self, stretch: RecordKeys, mut tell: impl FnMut(u64, Deviation)) {
        for (before, note) in stretch.notes {
            for deviation in self.keys.take(&self.schema, note) {
                tell(before, deviation);
            }
        }
    }

    /// The document is complete: checks what only its end can tell, and makes ready for the next.
    pub fn finish(&mut self, found: &mut DeviationBuffer) {
        for deviation in self.keys.dangling_idrefs() {
            found.push(deviation);
        }
        self.keys.clear();
    }
}
