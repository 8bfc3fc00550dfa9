//! Reading a stretch of a document apart from the rest, which somebody else reads.
//!
//! ```text
//!  cursor   <shop> … <item> … </item> <item> … </item> <item> … </item> …
//!             │      └────── Stretch, copied ────────┘
//!             └ Surroundings: what is open and bound around ─▶ Apart ─▶ Block ─▶ events, at the same offsets
//! ```
//!
//! Events are those that the document's own cursor gives from the same offset on, as long as it would be between two
//! events there, inside of the same elements. Nobody has to know where an element ends: a stretch that ends too early
//! has no further events, as a block has none whose last token is cut.
//!
//! Not here: places and excerpts. Whoever reads the document has them, by offset.

use super::block::Block;
use super::encoding::Encoding;
use super::limits::Limits;
use super::name::NameTable;
use super::namespace::Bindings;
use super::open::OpenElements;
use super::position::Offset;
use super::state::DocumentState;
use super::window::Window;
use std::sync::Arc;

/// Bytes of a document, decoded.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub(super) start: Offset,
    pub(super) bytes: Vec<u8>,
}

/// What a stretch stands in: open elements and bindings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    limits: Limits,
    encoding: Encoding,
    names: Arc<NameTable>,
    bindings: Bindings,
    open: OpenElements,
}

impl Surroundings {
    pub(super) fn of(state: &DocumentState, encoding: Encoding) -> Self {
        Self {
            limits: state.limits,
            encoding,
            names: Arc::clone(state.names.table()),
            bindings: state.bindings.clone(),
            open: state.open.clone(),
        }
    }

    /// How many elements are open around.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.depth()
    }

    /// Where the innermost of them begins.
    #[must_use]
    pub fn innermost_start(&self) -> Option<Offset> {
        self.open.last().map(|(element, _)| element.start)
    }
}

/// Reads stretches that stand in the same surroundings, one after the other.
#[derive(Debug)]
pub struct Apart {
    window: Window,
    state: DocumentState,
    encoding: Encoding,
    depth: usize,
    namespaces: usize,
}

impl Apart {
    /// Ready to read what stands in these surroundings.
    #[must_use]
    pub fn new(around: &Surroundings) -> Self {
        let Surroundings { limits, encoding, names, bindings, open } = around.clone();
        Self {
            window: Window::new(0),
            encoding,
            depth: open.depth(),
            namespaces: bindings.namespaces(),
            state: DocumentState::inside(limits, names, bindings, open),
        }
    }

    /// A block of a stretch, wherever the last one ended.
    pub fn block(&mut self, stretch: Stretch) -> Block<'_> {
        self.state.return_to(self.depth);
        self.window.hold(stretch.bytes, stretch.start, self.encoding);
        Block::new(&self.window, &mut self.state)
    }

    /// Whether another stretch can be read: nothing was wrong, and no namespace was met that is new to the document,
    /// which counts them all.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        !self.state.failed
            && self.state.open.depth() >= self.depth
            && self.state.bindings.namespaces() == self.namespaces
    }
}
