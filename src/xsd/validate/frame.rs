//! What one open element remembers.

use crate::xml::{NameId, Offset};
use crate::xsd::automaton::table::State;
use crate::xsd::compile::TypeIndex;
use crate::xsd::component::ElementId;

/// The name of an open element: a number of the schema's table, or of the few names it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameRef {
    Known(NameId),
    Unknown(u32),
}

/// How far the content has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing may stand here: empty content, or `xsi:nil`.
    Empty,
    /// Character data is collected and checked at the end tag.
    Simple,
    /// Character data of no type.
    MixedText,
    /// Children by the shared table.
    Table(State),
    /// Children by an `all` group; its bits begin here.
    All(u32),
    /// Children by a counted model; its progress stands here.
    Counted(u32),
}

/// One open element. Small, reused; everything that grows is kept in stacks beside it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one element, packed")]
pub(super) struct Frame {
    pub(super) element: Option<ElementId>,
    pub(super) type_index: TypeIndex,
    pub(super) content: Content,
    pub(super) mixed: bool,
    pub(super) nilled: bool,
    /// Character data or children were seen.
    pub(super) has_text: bool,
    pub(super) has_children: bool,
    /// A derailment without a counterpart was reported here; the next one is its echo.
    pub(super) credit: Option<State>,
    /// Derailed for good: the order of children is no longer judged.
    pub(super) quiet: bool,
    pub(super) name: NameRef,
    /// Position among siblings of the same name, from 1.
    pub(super) position: u32,
    pub(super) start: Offset,
    /// Beginning of the character data in the text stack, and in the feed.
    pub(super) text_from: usize,
    pub(super) text_at: Offset,
    /// Beginning of this element's part in the stacks of the validator.
    pub(super) siblings_from: usize,
    pub(super) matchers_from: usize,
    pub(super) captures_from: usize,
    pub(super) targets_from: usize,
    pub(super) scopes_from: usize,
}
