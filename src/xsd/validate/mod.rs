//! Stage 4: the streaming validator.
//!
//! Events in, deviations out. One [`Frame`] per open element; all that grows (character data, sibling
//! counts, identity-constraint matchers) lives in stacks that grow and shrink with the frames, so a
//! validator that has seen one record allocates nothing for the next.
//!
//! ```text
//!  Validator ─ event ─▶ Assessment { schema, memory, found }      one step: borrowed, gone with the event
//!                                            │
//!            Memory { open, models, text, identity, keys }        what stays, each concern for itself
//! ```
//!
//! One mistake gives one deviation. After a wrong child the validator looks for the nearest point of
//! the content model where that child is allowed, goes on from there and forgives the ones it
//! skipped; a child that fits nowhere is reported and, when its declaration is known, still validated.
//!
//! Not here: line numbers, records, severities. Positions are offsets; the caller turns them into
//! places while the bytes are at hand.

mod attributes;
mod content;
mod describe;
mod detour;
mod identity;
mod ids;
mod instance;
mod keys;
mod models;
mod open;
mod path;
mod report;
mod seat;
mod text;

use crate::xml::{EndTag, Event, Offset, StartTag, Text};
use crate::xsd::compile::{CompiledSchema, ContentPlan, TypeIndex};
use crate::xsd::component::ElementId;
use crate::xsd::deviation::DeviationBuffer;
use crate::xsd::simple::Scratch;
use content::Placed;
use identity::Identity;
use keys::Keys;
use models::Models;
use open::{ContentState, Frame, NameRef, OpenElements};
use std::sync::Arc;

pub use keys::{Closer, RecordKeys};
pub use path::UNKNOWN_NAMES_MAX;
pub use seat::Seat;

/// Validates one document after the other; owned by one thread.
#[derive(Debug)]
pub struct Validator {
    schema: Arc<CompiledSchema>,
    memory: Memory,
}

impl Validator {
    /// A validator of documents against `schema`.
    #[must_use]
    pub fn new(schema: Arc<CompiledSchema>) -> Self {
        Self { schema, memory: Memory::default() }
    }

    /// Takes the next event of the document; what it breaks is added to `found`.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>, found: &mut DeviationBuffer) {
        let mut assessment = Assessment { schema: &self.schema, memory: &mut self.memory, found };
        match event {
            Event::Start(tag) => assessment.start(tag),
            Event::End(tag) => assessment.end(tag),
            Event::Text(piece) => assessment.character_data(piece),
        }
    }

    /// The document is complete: checks what only its end can tell (IDREF), and makes ready for the next.
    pub fn finish(&mut self, found: &mut DeviationBuffer) {
        for deviation in self.memory.keys.dangling_idrefs() {
            found.push(deviation);
        }
        self.memory.clear();
    }

    /// Positions that a deviation may be about which is found later, beside those of open elements: texts and fields of
    /// elements that are open.
    pub fn unsettled(&self) -> impl Iterator<Item = Offset> {
        let texts = self.memory.open.frames.iter().map(|frame| frame.text_at);
        texts.chain(self.memory.identity.positions())
    }

    /// References that have begun to wait for their key or ID since this was asked last; of so many as
    /// may wait at least.
    pub fn fresh_references(&mut self) -> Vec<Offset> {
        self.memory.keys.take_fresh()
    }

    /// All references that wait.
    pub fn waiting_references(&self) -> impl Iterator<Item = Offset> {
        self.memory.keys.waiting()
    }

    /// The path of the innermost open element.
    #[must_use]
    pub fn path(&self) -> String {
        self.memory.open.path(self.schema.names(), None)
    }
}

/// What is remembered of a document from event to event.
#[derive(Debug, Default)]
struct Memory {
    open: OpenElements,
    models: Models,
    /// Character data of the open elements, one after the other.
    text: String,
    /// For values while they are checked; empty between two.
    scratch: Scratch,
    identity: Identity,
    keys: Keys,
}

impl Memory {
    fn clear(&mut self) {
        self.open.clear();
        self.models.clear();
        self.text.clear();
        self.identity.clear();
        self.keys.clear();
    }
}

/// One step of assessing a document (2.1): the schema it is held against, what is remembered, and where to
/// say what is wrong.
struct Assessment<'a> {
    schema: &'a CompiledSchema,
    memory: &'a mut Memory,
    found: &'a mut DeviationBuffer,
}

impl Assessment<'_> {
    fn start(&mut self, tag: &StartTag<'_>) {
        let open = &mut self.memory.open;
        if open.skipped > 0 {
            open.skipped += 1;
            return;
        }
        match self.place(tag) {
            Placed::Skipped => self.memory.open.skipped = 1,
            placed => {
                let counted = self.memory.open.count(&tag.name);
                self.open_as(tag, placed, counted);
            }
        }
    }

    /// Opens an element that is looked at and was counted.
    #[inline]
    fn open_as(&mut self, tag: &StartTag<'_>, placed: Placed, counted: (NameRef, u32)) {
        match placed {
            Placed::Declared(element) => {
                self.open(tag, Some(element), self.schema.element(element).type_index, counted);
            }
            _ => self.open(tag, None, self.schema.any_type, counted),
        }
    }

    /// What an element is taken as, where it stands.
    #[inline]
    fn place(&mut self, tag: &StartTag<'_>) -> Placed {
        if self.memory.open.frames.is_empty() { self.root(tag) } else { self.child(tag) }
    }

    /// The validation root needs a declaration (`cvc-elt.1`), unless `xsi:type` names its type.
    fn root(&mut self, tag: &StartTag<'_>) -> Placed {
        if let Some(seated) = self.memory.open.around.placed.take() {
            return seated;
        }
        if let Some(element) = tag.name.id.and_then(|id| self.schema.global_element(id)) {
            return Placed::Declared(element);
        }
        if !instance::names_its_type(self.schema, tag) {
            self.report_root(tag);
        }
        Placed::Undeclared
    }

    fn open(
        &mut self,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        declared: TypeIndex,
        counted: (NameRef, u32),
    ) {
        self.push(tag, element, declared, counted);
        let (type_index, nilled) = if tag.attributes.is_empty() {
            (declared, false)
        } else {
            self.instance_attributes(tag, element, declared)
        };
        if type_index != declared || nilled {
            self.enter(type_index, nilled);
        }
        self.check_abstract(tag, element, type_index);
        let plan = &self.schema.type_at(type_index).attributes;
        if !(tag.attributes.is_empty() && plan.none_required) {
            self.attributes(tag, type_index);
        }
        self.begin_identity(tag);
    }

    fn push(
        &mut self,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        declared: TypeIndex,
        (name, position): (NameRef, u32),
    ) {
        let open = &mut self.memory.open;
        open.frames.push(Frame {
            element,
            type_index: declared,
            content: ContentState::Empty,
            mixed: false,
            nilled: false,
            has_text: false,
            has_children: false,
            credit: None,
            quiet: false,
            name,
            position,
            start: tag.span.start,
            text_from: self.memory.text.len(),
            text_at: tag.span.end,
            siblings_from: open.siblings.len(),
            identity_from: self.memory.identity.marks(),
        });
        self.enter(declared, false);
    }

    /// Puts the innermost frame to the beginning of a type's content.
    fn enter(&mut self, type_index: TypeIndex, nilled: bool) {
        let content = match &self.schema.type_at(type_index).content {
            _ if nilled => (ContentState::Empty, false),
            ContentPlan::Empty => (ContentState::Empty, false),
            ContentPlan::Simple(_) => (ContentState::Simple, false),
            ContentPlan::MixedText => (ContentState::MixedText, true),
            ContentPlan::Children { model, mixed } => (self.memory.models.begin(model), *mixed),
        };
        let frame = self.memory.open.innermost();
        frame.type_index = type_index;
        frame.nilled = nilled;
        (frame.content, frame.mixed) = content;
    }

    fn end(&mut self, tag: &EndTag<'_>) {
        if self.memory.open.skipped > 0 {
            self.memory.open.skipped -= 1;
            return;
        }
        let Some(frame) = self.memory.open.frames.last().copied() else { return };
        match frame.content {
            ContentState::Simple => self.end_of_text(tag, &frame),
            ContentState::Table(state) if self.schema.tables.accepts(state) => self.end_of_mixed(tag, &frame),
            _ => self.end_of_children(tag, &frame),
        }
        if self.memory.identity.is_active() {
            self.end_identity(tag, &frame);
        }
        self.pop(&frame);
    }

    fn pop(&mut self, frame: &Frame) {
        let Memory { open, models, text, .. } = &mut *self.memory;
        text.truncate(frame.text_from);
        open.siblings.truncate(frame.siblings_from);
        open.frames.pop();
        models.end(frame.content, open.frames.len());
    }

    fn character_data(&mut self, piece: &Text<'_>) {
        let Memory { open, text, .. } = &mut *self.memory;
        if open.skipped > 0 {
            return;
        }
        let Some(frame) = open.frames.last_mut() else { return };
        match frame.content {
            ContentState::Simple => {
                if !frame.has_text {
                    frame.has_text = true;
                    frame.text_at = piece.span.start;
                }
                text.push_str(piece.text);
            }
            ContentState::Table(_)
            | ContentState::All(_)
            | ContentState::Counted(_)
            | ContentState::MixedText
                if frame.mixed =>
            {
                self.mixed_text(piece);
            }
            ContentState::Empty if frame.has_text => {}
            _ => self.stray_text(piece),
        }
    }

    /// In element-only content only white space may stand; in empty content nothing.
    #[inline]
    fn stray_text(&mut self, piece: &Text<'_>) {
        let frame = self.memory.open.innermost();
        let strict = frame.content == ContentState::Empty;
        if piece.text.is_empty() || (!strict && piece.text.bytes().all(is_white)) || frame.has_text {
            return;
        }
        frame.has_text = true;
        self.report_stray_text(piece);
    }
}

#[inline]
fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
