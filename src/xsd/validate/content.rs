//! Steps the content model; recovers after a wrong child so that one mistake gives one deviation.

use super::Assessment;
use super::describe::Joined;
use super::detour::{self, Detour};
use super::models::Forgiven;
use super::open::{ContentState, Frame};
use crate::xml::{EndTag, StartTag};
use crate::xsd::automaton::counted::Counted;
use crate::xsd::automaton::table::{ModelState, Transition};
use crate::xsd::automaton::{ContentModel, Expected};
use crate::xsd::compile::ContentPlan;
use crate::xsd::component::ElementId;
use crate::xsd::component::wildcard::{ProcessContents, Wildcard};

/// What a child is taken as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Declared(ElementId),
    /// Without declaration: of the ur-type, laxly.
    Undeclared,
    /// Not looked at, with all that is in it.
    Skipped,
}

/// What a content lacks.
#[derive(Debug)]
pub(super) struct Lacking {
    /// All that could stand there.
    pub(super) expected: Vec<Expected>,
    /// What has to.
    pub(super) missing: Vec<Expected>,
    pub(super) joined: Joined,
}

impl Lacking {
    fn of(missing: Vec<Expected>, joined: Joined) -> Self {
        Self { expected: missing.clone(), missing, joined }
    }
}

impl Assessment<'_> {
    /// Steps the parent's content and says what the child is taken as.
    #[inline]
    pub(super) fn child(&mut self, tag: &StartTag<'_>) -> Placed {
        let frame = self.memory.open.frames.last_mut().expect("the root has no parent");
        frame.has_children = true;
        if let (ContentState::Table(state), Some(name)) = (frame.content, tag.name.id)
            && let Some((next, element)) = self.schema.tables.step(state, name)
        {
            frame.content = ContentState::Table(next);
            return Placed::Declared(element);
        }
        self.other_child(tag)
    }

    fn other_child(&mut self, tag: &StartTag<'_>) -> Placed {
        let frame = *self.memory.open.frames.last().expect("the root has no parent");
        match frame.content {
            ContentState::Table(state) => self.table_child(tag, state),
            ContentState::All(from) => self.all_child(tag, &frame, from),
            ContentState::Counted(index) => self.counted_child(tag, &frame, index),
            ContentState::Unknown => self.child_somewhere(tag),
            ContentState::Empty | ContentState::Simple | ContentState::MixedText => {
                self.child_of_none(tag, &frame)
            }
        }
    }

    fn table_child(&mut self, tag: &StartTag<'_>, state: ModelState) -> Placed {
        if let Some((next, wildcard)) = self.schema.tables.wildcard_step(state, tag.name.namespace) {
            self.memory.open.innermost().content = ContentState::Table(next);
            return self.through_wildcard(tag, wildcard);
        }
        if let Some(late) = self.memory.models.forgive(self.memory.open.depth(), tag.name.id) {
            return Placed::Declared(late);
        }
        match tag.name.id.and_then(|name| Detour::find(&self.schema.tables, state, name)) {
            Some(detour) => self.jump(tag, state, &detour),
            None => self.misplaced(tag, state),
        }
    }

    /// The child is right further on: reports what is missing before it and goes on behind it.
    fn jump(&mut self, tag: &StartTag<'_>, state: ModelState, detour: &Detour) -> Placed {
        let echo = detour.skipped.len() == 1 && self.memory.open.innermost().credit.take() == Some(state);
        if !echo {
            self.report_jump(tag, state, detour);
        }
        let depth = self.memory.open.depth();
        self.memory.models.forgiven.extend(detour.skipped.iter().map(|&(name, element)| Forgiven {
            depth,
            name,
            element,
        }));
        self.memory.open.innermost().content = ContentState::Table(detour.next);
        Placed::Declared(detour.element)
    }

    /// Names what is missing where that is clear; else all that could stand there.
    fn report_jump(&mut self, tag: &StartTag<'_>, state: ModelState, detour: &Detour) {
        let tables = &self.schema.tables;
        let expected = tables.expected(state);
        let would_do =
            |step: &&Transition| tag.name.id.is_some_and(|name| tables.step(step.next, name).is_some());
        let missing: Vec<Expected> = tables
            .transitions(state)
            .iter()
            .filter(would_do)
            .map(|step| Expected::Element(step.element))
            .collect();
        let (missing, joined) = match missing.as_slice() {
            [] => (self.only_way(state, detour), Joined::All),
            _ => (missing, Joined::Any),
        };
        if missing.is_empty() {
            return self.report_child(tag, expected);
        }
        self.report_early_child(tag, &Lacking { expected: expected.to_vec(), missing, joined });
    }

    /// The children of a detour, if each is the only one that is needed where it is missing.
    fn only_way(&self, mut state: ModelState, detour: &Detour) -> Vec<Expected> {
        let tables = &self.schema.tables;
        let mut missing = Vec::with_capacity(detour.skipped.len());
        for &(name, element) in &detour.skipped {
            let needed = tables.needed(state);
            let only = matches!(needed.as_slice(), [Expected::Element(id)] if *id == element);
            let Some((next, _)) = tables.step(state, name).filter(|_| only) else { return Vec::new() };
            missing.push(Expected::Element(element));
            state = next;
        }
        missing
    }

    /// The child is right nowhere from here on: reports it and stays.
    fn misplaced(&mut self, tag: &StartTag<'_>, state: ModelState) -> Placed {
        self.report_child(tag, self.schema.tables.expected(state));
        self.memory.open.innermost().credit = Some(state);
        self.known_or_skipped(tag)
    }

    /// A child whose place is wrong, or not known: taken as declared, if it is, and not looked at otherwise.
    fn known_or_skipped(&mut self, tag: &StartTag<'_>) -> Placed {
        let parent = self.memory.open.innermost().type_index;
        let known = tag.name.id.and_then(|name| detour::somewhere(self.schema, parent, name));
        known.map_or(Placed::Skipped, Placed::Declared)
    }

    fn all_child(&mut self, tag: &StartTag<'_>, frame: &Frame, from: u32) -> Placed {
        let ContentPlan::Children { model: ContentModel::All(group), .. } =
            &self.schema.type_at(frame.type_index).content
        else {
            return Placed::Skipped;
        };
        let seen = &mut self.memory.models.all_seen[from as usize..from as usize + group.words()];
        if let Some(element) = tag.name.id.and_then(|name| group.step(seen, name)) {
            return Placed::Declared(element);
        }
        let open: Vec<Expected> = group.open(seen).map(Expected::Element).collect();
        self.report_child(tag, &open);
        self.known_or_skipped(tag)
    }

    fn counted_child(&mut self, tag: &StartTag<'_>, frame: &Frame, index: u32) -> Placed {
        let ContentPlan::Children { model: ContentModel::Counted(model), .. } =
            &self.schema.type_at(frame.type_index).content
        else {
            return Placed::Skipped;
        };
        let progress = &mut self.memory.models.counted[index as usize];
        if !frame.quiet {
            let element = tag.name.id.and_then(|name| model.step(progress, name));
            let wildcard =
                if element.is_none() { model.wildcard_step(progress, tag.name.namespace) } else { None };
            if progress.is_overflowed() {
                self.memory.open.innermost().quiet = true;
                self.report_unjudged(tag);
            } else if element.is_none() && wildcard.is_none() {
                if let Some(late) = self.memory.models.forgive(self.memory.open.depth(), tag.name.id) {
                    return Placed::Declared(late);
                }
                let progress = &self.memory.models.counted[index as usize];
                let expected = model.expected(progress);
                let missing = tag.name.id.map_or_else(Vec::new, |name| model.missing_before(progress, name));
                return self.counted_misplaced(tag, index, model, expected, missing);
            }
            if let Some(element) = element {
                return Placed::Declared(element);
            }
            if let Some(wildcard) = wildcard {
                return self.through_wildcard(tag, wildcard);
            }
        }
        self.known_or_skipped(tag)
    }

    /// A child that is not right here: right behind what is missing, or nowhere near.
    fn counted_misplaced(
        &mut self,
        tag: &StartTag<'_>,
        index: u32,
        model: &Counted,
        expected: Vec<Expected>,
        missing: Vec<Expected>,
    ) -> Placed {
        if missing.is_empty() {
            self.report_child(tag, &expected);
            self.memory.open.innermost().quiet = true;
            return self.known_or_skipped(tag);
        }
        self.report_early_child(tag, &Lacking { expected, missing, joined: Joined::Any });
        let progress = &mut self.memory.models.counted[index as usize];
        let Some((skipped, element)) = tag.name.id.and_then(|name| model.jump(progress, name)) else {
            return self.known_or_skipped(tag);
        };
        let (depth, name) = (self.memory.open.depth(), self.schema.element(skipped).name);
        self.memory.models.forgiven.push(Forgiven { depth, name, element: skipped });
        Placed::Declared(element)
    }

    /// Children where none may stand: reported once, not looked at.
    fn child_of_none(&mut self, tag: &StartTag<'_>, frame: &Frame) -> Placed {
        if !frame.quiet {
            self.memory.open.innermost().quiet = true;
            self.report_child_of_none(tag, frame);
        }
        Placed::Skipped
    }

    /// Nothing is said about the order, but something has to be declared.
    fn child_somewhere(&mut self, tag: &StartTag<'_>) -> Placed {
        let placed = self.known_or_skipped(tag);
        if placed != Placed::Skipped {
            return placed;
        }
        self.report_undeclared(tag);
        Placed::Undeclared
    }

    /// `cvc-wildcard`: strict, lax or skip.
    fn through_wildcard(&mut self, tag: &StartTag<'_>, wildcard: &Wildcard) -> Placed {
        if wildcard.process == ProcessContents::Skip {
            return Placed::Skipped;
        }
        if let Some(element) = tag.name.id.and_then(|name| self.schema.global_element(name)) {
            return Placed::Declared(element);
        }
        if wildcard.process == ProcessContents::Lax || super::instance::names_its_type(self.schema, tag) {
            return Placed::Undeclared;
        }
        self.report_undeclared(tag);
        Placed::Skipped
    }

    /// The end tag of an element whose content is not plain character data.
    pub(super) fn end_of_children(&mut self, tag: &EndTag<'_>, frame: &Frame) {
        if let Some(lacking) = self.lacking(frame) {
            self.report_incomplete(tag, &lacking);
        } else {
            self.end_of_mixed(tag, frame);
        }
    }

    /// What the content lacks at its end; `None` when nothing, or when that was reported already.
    fn lacking(&self, frame: &Frame) -> Option<Lacking> {
        if frame.quiet {
            return None;
        }
        match (frame.content, &self.schema.type_at(frame.type_index).content) {
            (ContentState::Table(state), _) => {
                let echo =
                    frame.credit == Some(state) || self.memory.models.is_waiting(self.memory.open.depth());
                (!self.schema.tables.accepts(state) && !echo).then(|| Lacking {
                    expected: self.schema.tables.expected(state).to_vec(),
                    missing: self.schema.tables.needed(state),
                    joined: Joined::Any,
                })
            }
            (ContentState::All(from), ContentPlan::Children { model: ContentModel::All(group), .. }) => {
                let seen = &self.memory.models.all_seen[from as usize..from as usize + group.words()];
                let missing = || group.missing(seen).map(Expected::Element).collect();
                (!group.accepts(seen)).then(|| Lacking::of(missing(), Joined::All))
            }
            (
                ContentState::Counted(index),
                ContentPlan::Children { model: ContentModel::Counted(model), .. },
            ) => {
                let progress = &self.memory.models.counted[index as usize];
                (!model.accepts(progress)).then(|| Lacking {
                    expected: model.expected(progress),
                    missing: model.needed(progress),
                    joined: Joined::Any,
                })
            }
            _ => None,
        }
    }
}
