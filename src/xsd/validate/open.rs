//! The open elements: what each remembers, in one stack.

use super::content::Placed;
use super::identity::Marks;
use super::path::Siblings;
use crate::xml::{Name, NameId, NameTable, Offset};
use crate::xsd::automaton::table::ModelState;
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
pub(super) enum ContentState {
    /// Nothing may stand here: empty content, or `xsi:nil`.
    Empty,
    /// Character data is collected and checked at the end tag.
    Simple,
    /// Character data of no type.
    MixedText,
    /// Children by the shared table.
    Table(ModelState),
    /// Children by an `all` group; its bits begin here.
    All(u32),
    /// Children by a counted model; its progress stands here.
    Counted(u32),
    /// Nobody knows how far it is: children are taken as they are declared, wherever they stand.
    Unknown,
}

/// One open element. Small, reused; everything that grows is kept in stacks beside it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one element, packed")]
pub(super) struct Frame {
    pub(super) element: Option<ElementId>,
    pub(super) type_index: TypeIndex,
    pub(super) content: ContentState,
    pub(super) mixed: bool,
    pub(super) nilled: bool,
    /// Character data or children were seen.
    pub(super) has_text: bool,
    pub(super) has_children: bool,
    /// A derailment without a counterpart was reported here; the next one is its echo.
    pub(super) credit: Option<ModelState>,
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
    pub(super) identity_from: Marks,
}

/// What stands around the outermost open element; nothing around the root of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    /// Path of the elements around it.
    pub(super) path: String,
    /// What it is taken as, unless that is for its declaration to say.
    pub(super) placed: Option<Placed>,
    /// How many siblings of its name come before it.
    pub(super) before: u32,
}

/// The stack of open elements, with their names and positions.
#[derive(Debug, Default)]
pub(super) struct OpenElements {
    pub(super) frames: Vec<Frame>,
    /// Depth inside a subtree that is not looked at.
    pub(super) skipped: u32,
    pub(super) siblings: Siblings,
    pub(super) around: Around,
}

impl OpenElements {
    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.skipped = 0;
        self.siblings.truncate(0);
        self.around = Around::default();
    }

    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    #[inline]
    pub(super) fn innermost(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("an element is open")
    }

    /// Counts a child of the innermost element: its name, and its position among those of that name.
    #[inline]
    pub(super) fn count(&mut self, child: &Name<'_>) -> (NameRef, u32) {
        let name = self.siblings.name_ref(child);
        let position = match self.frames.last() {
            Some(parent) => self.siblings.count(parent.siblings_from, name),
            None => self.around.before + 1,
        };
        (name, position)
    }

    /// The path of the innermost element, with an optional last step.
    pub(super) fn path(&self, names: &NameTable, step: Option<&str>) -> String {
        self.siblings.render(&self.around.path, names, &self.frames, step)
    }

    /// The local name of the innermost element; empty when none is open.
    pub(super) fn name(&self, names: &NameTable) -> String {
        self.frames.last().map_or_else(String::new, |frame| self.siblings.local(names, frame.name).to_owned())
    }

    /// The last step of a path to a child that has not been opened.
    pub(super) fn step_to(&self, child: &Name<'_>) -> String {
        let from = self.frames.last().map_or(0, |parent| parent.siblings_from);
        self.siblings.next_step(from, child)
    }
}
