//! Stage 4: the streaming validator.
//!
//! Events in, deviations out. One [`Frame`] per open element; all that grows (character data, sibling
//! counts, identity-constraint matchers) lives in stacks that grow and shrink with the frames, so a
//! validator that has seen one record allocates nothing for the next.
//!
//! One mistake gives one deviation. After a wrong child the validator looks for the nearest point of
//! the content model where that child is allowed, goes on from there and forgives the ones it
//! skipped; a child that fits nowhere is reported and, when its declaration is known, still validated.
//!
//! Not here: line numbers, records, severities. Positions are offsets; the caller turns them into
//! places while the bytes are at hand.

mod attributes;
mod content;
mod frame;
mod identity;
mod ids;
mod instance;
mod keys;
mod path;
mod report;
mod text;

use crate::xml::{EndTag, Event, StartTag, Text};
use crate::xsd::automaton::ContentModel;
use crate::xsd::automaton::counted::Progress;
use crate::xsd::compile::{CompiledSchema, ContentPlan, TypeIndex};
use crate::xsd::component::ElementId;
use crate::xsd::deviation::DeviationBuffer;
use crate::xsd::simple::Scratch;
use content::{Forgiven, Placed};
use frame::{Content, Frame, NameRef};
use identity::Identity;
use ids::Ids;
use path::Siblings;
use std::sync::Arc;

pub use keys::{KEYS_MAX, REFERENCES_MAX};
pub use path::UNKNOWN_NAMES_MAX;

/// Validates one document after the other; owned by one thread.
#[derive(Debug)]
pub struct Validator {
    schema: Arc<CompiledSchema>,
    machine: Machine,
}

impl Validator {
    /// A validator of documents against `schema`.
    #[must_use]
    pub fn new(schema: Arc<CompiledSchema>) -> Self {
        Self { schema, machine: Machine::default() }
    }

    /// Takes the next event of the document; what it breaks is added to `found`.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>, found: &mut DeviationBuffer) {
        match event {
            Event::Start(tag) => self.machine.start(&self.schema, tag, found),
            Event::End(tag) => self.machine.end(&self.schema, tag, found),
            Event::Text(piece) => self.machine.character_data(&self.schema, piece, found),
        }
    }

    /// The document is complete: checks what only its end can tell (IDREF), and makes ready for the next.
    pub fn finish(&mut self, found: &mut DeviationBuffer) {
        self.machine.ids.dangling(found);
        self.machine.reset();
    }

    /// The path of the innermost open element.
    #[must_use]
    pub fn path(&self) -> String {
        self.machine.path(&self.schema, None)
    }
}

/// What moves while a document is validated; the schema is lent to each step.
#[derive(Debug, Default)]
struct Machine {
    frames: Vec<Frame>,
    /// Depth inside a subtree that is not looked at.
    skipped: u32,
    text: String,
    scratch: Scratch,
    siblings: Siblings,
    all_seen: Vec<u64>,
    counted: Vec<Progress>,
    counted_used: usize,
    forgiven: Vec<Forgiven>,
    identity: Identity,
    ids: Ids,
}

impl Machine {
    fn reset(&mut self) {
        self.frames.clear();
        self.skipped = 0;
        self.text.clear();
        self.siblings.truncate(0);
        self.all_seen.clear();
        self.counted_used = 0;
        self.forgiven.clear();
        self.identity.clear();
        self.ids.clear();
    }

    fn start(&mut self, schema: &CompiledSchema, tag: &StartTag<'_>, found: &mut DeviationBuffer) {
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        let placed = if self.frames.is_empty() {
            self.root(schema, tag, found)
        } else {
            self.child(schema, tag, found)
        };
        match placed {
            Placed::Declared(element) => {
                let type_index = schema.element(element).type_index;
                self.open(schema, tag, Some(element), type_index, found);
            }
            Placed::Undeclared => self.open(schema, tag, None, schema.any_type, found),
            Placed::Skipped => self.skipped = 1,
        }
    }

    /// The validation root needs a declaration (`cvc-elt.1`), unless `xsi:type` names its type.
    fn root(&mut self, schema: &CompiledSchema, tag: &StartTag<'_>, found: &mut DeviationBuffer) -> Placed {
        if let Some(element) = tag.name.id.and_then(|id| schema.global_element(id)) {
            return Placed::Declared(element);
        }
        if !instance::names_its_type(schema, tag) {
            self.report_root(schema, tag, found);
        }
        Placed::Undeclared
    }

    fn open(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        element: Option<ElementId>,
        declared: TypeIndex,
        found: &mut DeviationBuffer,
    ) {
        let name = self.siblings.name_ref(&tag.name);
        let position = match self.frames.last() {
            Some(parent) => self.siblings.count(parent.siblings_from, name),
            None => 1,
        };
        self.push(schema, tag, name, position, element, declared);
        let (type_index, nilled) = if tag.attributes.is_empty() {
            (declared, false)
        } else {
            self.instance_attributes(schema, tag, element, declared, found)
        };
        if type_index != declared || nilled {
            self.enter(schema, type_index, nilled);
        }
        self.check_abstract(schema, tag, element, type_index, found);
        let plan = &schema.type_at(type_index).attributes;
        if !(tag.attributes.is_empty() && plan.none_required) {
            self.attributes(schema, tag, type_index, found);
        }
        self.begin_identity(schema, tag, element, type_index, found);
    }

    fn push(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        name: NameRef,
        position: u32,
        element: Option<ElementId>,
        declared: TypeIndex,
    ) {
        let frame = Frame {
            element,
            type_index: declared,
            content: Content::Empty,
            mixed: false,
            nilled: false,
            has_text: false,
            has_children: false,
            credit: None,
            quiet: false,
            name,
            position,
            start: tag.span.start,
            text_from: self.text.len(),
            text_at: tag.span.end,
            siblings_from: self.siblings.len(),
            matchers_from: self.identity.matchers.len(),
            captures_from: self.identity.captures.len(),
            targets_from: self.identity.targets.len(),
            scopes_from: self.identity.scopes.len(),
        };
        self.frames.push(frame);
        self.enter(schema, declared, false);
    }

    /// Puts the innermost frame to the beginning of a type's content.
    fn enter(&mut self, schema: &CompiledSchema, type_index: TypeIndex, nilled: bool) {
        let content = match &schema.type_at(type_index).content {
            _ if nilled => (Content::Empty, false),
            ContentPlan::Empty => (Content::Empty, false),
            ContentPlan::Simple(_) => (Content::Simple, false),
            ContentPlan::MixedText => (Content::MixedText, true),
            ContentPlan::Children { model, mixed } => (self.begin_model(model), *mixed),
        };
        let frame = self.frames.last_mut().expect("a frame was just pushed");
        frame.type_index = type_index;
        frame.nilled = nilled;
        (frame.content, frame.mixed) = content;
    }

    fn begin_model(&mut self, model: &ContentModel) -> Content {
        match model {
            ContentModel::Table(start) => Content::Table(*start),
            ContentModel::All(group) => {
                let from = self.all_seen.len();
                self.all_seen.resize(from + group.words(), 0);
                Content::All(u32::try_from(from).expect("depth and group size are limited"))
            }
            ContentModel::Counted(model) => {
                if self.counted_used == self.counted.len() {
                    self.counted.push(Progress::default());
                }
                model.start(&mut self.counted[self.counted_used]);
                self.counted_used += 1;
                Content::Counted(u32::try_from(self.counted_used - 1).expect("depth is limited"))
            }
        }
    }

    fn end(&mut self, schema: &CompiledSchema, tag: &EndTag<'_>, found: &mut DeviationBuffer) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some(frame) = self.frames.last().copied() else { return };
        match frame.content {
            Content::Simple => self.end_of_text(schema, tag, &frame, found),
            Content::Table(state) if schema.tables.accepts(state) => {
                self.end_of_mixed(schema, tag, &frame, found);
            }
            _ => self.end_of_children(schema, tag, &frame, found),
        }
        if self.identity.is_active() {
            self.end_identity(schema, tag, &frame, found);
        }
        self.pop(&frame);
    }

    fn pop(&mut self, frame: &Frame) {
        match frame.content {
            Content::All(from) => self.all_seen.truncate(from as usize),
            Content::Counted(index) => self.counted_used = index as usize,
            _ => {}
        }
        self.text.truncate(frame.text_from);
        self.siblings.truncate(frame.siblings_from);
        self.frames.pop();
        if !self.forgiven.is_empty() {
            let depth = self.frames.len();
            self.forgiven.retain(|each| each.depth <= depth);
        }
    }

    fn character_data(&mut self, schema: &CompiledSchema, piece: &Text<'_>, found: &mut DeviationBuffer) {
        if self.skipped > 0 {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        match frame.content {
            Content::Simple => {
                if !frame.has_text {
                    frame.has_text = true;
                    frame.text_at = piece.span.start;
                }
                self.text.push_str(piece.text);
            }
            Content::Table(_) | Content::All(_) | Content::Counted(_) | Content::MixedText if frame.mixed => {
                self.mixed_text(schema, piece);
            }
            Content::Empty if frame.has_text => {}
            _ => self.stray_text(schema, piece, found),
        }
    }

    /// In element-only content only white space may stand; in empty content nothing.
    #[inline]
    fn stray_text(&mut self, schema: &CompiledSchema, piece: &Text<'_>, found: &mut DeviationBuffer) {
        let frame = self.frames.last_mut().expect("character data stands in an element");
        let strict = frame.content == Content::Empty;
        if piece.text.is_empty() || (!strict && piece.text.bytes().all(is_white)) || frame.has_text {
            return;
        }
        frame.has_text = true;
        self.report_stray_text(schema, piece, found);
    }
}

#[inline]
fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
