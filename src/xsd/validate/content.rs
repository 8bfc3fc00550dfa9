//! Steps the content model; recovers after a wrong child so that one mistake gives one deviation.

use super::Machine;
use super::frame::{Content, Frame};
use crate::xml::{EndTag, NameId, StartTag};
use crate::xsd::automaton::table::{State, Tables};
use crate::xsd::automaton::{ContentModel, Expected};
use crate::xsd::clause::Clause;
use crate::xsd::compile::{CompiledSchema, ContentPlan};
use crate::xsd::component::ElementId;
use crate::xsd::component::wildcard::{ProcessContents, Wildcard};
use crate::xsd::deviation::DeviationBuffer;
use std::collections::HashMap;

/// Most states looked at to find where a wrong child would be right.
const RECOVERY_STATES_MAX: usize = 512;

/// What a child is taken as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Declared(ElementId),
    /// Without declaration: of the ur-type, laxly.
    Undeclared,
    /// Not looked at, with all that is in it.
    Skipped,
}

/// A child reported as missing: when it comes late, it is not reported again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgiven {
    /// Number of frames while its parent is innermost.
    pub(super) depth: usize,
    name: NameId,
    element: ElementId,
}

impl Machine {
    /// Steps the parent's content and says what the child is taken as.
    #[inline]
    pub(super) fn child(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        found: &mut DeviationBuffer,
    ) -> Placed {
        let frame = self.frames.last_mut().expect("the root has no parent");
        frame.has_children = true;
        if let (Content::Table(state), Some(name)) = (frame.content, tag.name.id)
            && let Some((next, element)) = schema.tables.step(state, name)
        {
            frame.content = Content::Table(next);
            return Placed::Declared(element);
        }
        self.other_child(schema, tag, found)
    }

    fn other_child(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        found: &mut DeviationBuffer,
    ) -> Placed {
        let frame = *self.frames.last().expect("the root has no parent");
        match frame.content {
            Content::Table(state) => self.table_child(schema, tag, state, found),
            Content::All(from) => self.all_child(schema, tag, &frame, from, found),
            Content::Counted(index) => self.counted_child(schema, tag, &frame, index, found),
            Content::Empty | Content::Simple | Content::MixedText => {
                self.child_of_none(schema, tag, &frame, found)
            }
        }
    }

    fn table_child(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        state: State,
        found: &mut DeviationBuffer,
    ) -> Placed {
        if let Some((next, wildcard)) = schema.tables.wildcard_step(state, tag.name.namespace) {
            self.innermost().content = Content::Table(next);
            return self.through_wildcard(schema, tag, wildcard, found);
        }
        if let Some(late) = self.forgive(tag.name.id) {
            return Placed::Declared(late);
        }
        match tag.name.id.and_then(|name| Detour::find(&schema.tables, state, name)) {
            Some(detour) => self.jump(schema, tag, state, &detour, found),
            None => self.misplaced(schema, tag, state, found),
        }
    }

    /// The child is right further on: reports what is missing before it and goes on behind it.
    fn jump(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        state: State,
        detour: &Detour,
        found: &mut DeviationBuffer,
    ) -> Placed {
        let echo = detour.skipped.len() == 1 && self.innermost().credit.take() == Some(state);
        if !echo {
            self.report_jump(schema, tag, state, found);
        }
        let depth = self.frames.len();
        self.forgiven.extend(detour.skipped.iter().map(|&(name, element)| Forgiven { depth, name, element }));
        self.innermost().content = Content::Table(detour.next);
        Placed::Declared(detour.element)
    }

    /// Names what is missing where one child would do; else all that could stand there.
    fn report_jump(
        &self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        state: State,
        found: &mut DeviationBuffer,
    ) {
        let expected = schema.tables.expected(state);
        let missing: Vec<Expected> = schema
            .tables
            .transitions(state)
            .iter()
            .filter(|step| tag.name.id.is_some_and(|name| schema.tables.step(step.next, name).is_some()))
            .map(|step| Expected::Name(step.name))
            .collect();
        if missing.is_empty() {
            self.report_child(schema, tag, expected, found);
        } else {
            self.report_early_child(schema, tag, expected, &missing, found);
        }
    }

    /// The child is right nowhere from here on: reports it and stays.
    fn misplaced(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        state: State,
        found: &mut DeviationBuffer,
    ) -> Placed {
        self.report_child(schema, tag, schema.tables.expected(state), found);
        self.innermost().credit = Some(state);
        let frame = *self.innermost();
        let known = tag
            .name
            .id
            .and_then(|name| somewhere(schema, &frame, name).or_else(|| schema.global_element(name)));
        known.map_or(Placed::Skipped, Placed::Declared)
    }

    fn forgive(&mut self, name: Option<NameId>) -> Option<ElementId> {
        let depth = self.frames.len();
        let index = self.forgiven.iter().position(|each| each.depth == depth && Some(each.name) == name)?;
        Some(self.forgiven.swap_remove(index).element)
    }

    fn all_child(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        frame: &Frame,
        from: u32,
        found: &mut DeviationBuffer,
    ) -> Placed {
        let ContentPlan::Children { model: ContentModel::All(group), .. } =
            &schema.type_at(frame.type_index).content
        else {
            return Placed::Skipped;
        };
        let seen = &mut self.all_seen[from as usize..from as usize + group.words()];
        if let Some(element) = tag.name.id.and_then(|name| group.step(seen, name)) {
            return Placed::Declared(element);
        }
        let open: Vec<Expected> = group.open(seen).map(Expected::Name).collect();
        self.report_child(schema, tag, &open, found);
        let known = tag.name.id.and_then(|name| group.element(name).or_else(|| schema.global_element(name)));
        known.map_or(Placed::Skipped, Placed::Declared)
    }

    fn counted_child(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        frame: &Frame,
        index: u32,
        found: &mut DeviationBuffer,
    ) -> Placed {
        let ContentPlan::Children { model: ContentModel::Counted(model), .. } =
            &schema.type_at(frame.type_index).content
        else {
            return Placed::Skipped;
        };
        let progress = &mut self.counted[index as usize];
        if !frame.quiet {
            let element = tag.name.id.and_then(|name| model.step(progress, name));
            let wildcard =
                if element.is_none() { model.wildcard_step(progress, tag.name.namespace) } else { None };
            if progress.is_overflowed() {
                self.innermost().quiet = true;
                self.report_unjudged(schema, tag, found);
            } else if element.is_none() && wildcard.is_none() {
                let expected = model.expected(progress);
                self.report_child(schema, tag, &expected, found);
                self.innermost().quiet = true;
            }
            if let Some(element) = element {
                return Placed::Declared(element);
            }
            if let Some(wildcard) = wildcard {
                return self.through_wildcard(schema, tag, wildcard, found);
            }
        }
        let known = tag.name.id.and_then(|name| model.element(name).or_else(|| schema.global_element(name)));
        known.map_or(Placed::Skipped, Placed::Declared)
    }

    /// Children where none may stand: reported once, not looked at.
    fn child_of_none(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) -> Placed {
        if !frame.quiet {
            self.innermost().quiet = true;
            self.report_child_of_none(schema, tag, frame, found);
        }
        Placed::Skipped
    }

    /// `cvc-wildcard`: strict, lax or skip.
    fn through_wildcard(
        &mut self,
        schema: &CompiledSchema,
        tag: &StartTag<'_>,
        wildcard: &Wildcard,
        found: &mut DeviationBuffer,
    ) -> Placed {
        if wildcard.process == ProcessContents::Skip {
            return Placed::Skipped;
        }
        if let Some(element) = tag.name.id.and_then(|name| schema.global_element(name)) {
            return Placed::Declared(element);
        }
        if wildcard.process == ProcessContents::Lax || super::instance::names_its_type(schema, tag) {
            return Placed::Undeclared;
        }
        self.report_undeclared(schema, tag, found);
        Placed::Skipped
    }

    /// The end tag of an element whose content is not plain character data.
    pub(super) fn end_of_children(
        &mut self,
        schema: &CompiledSchema,
        tag: &EndTag<'_>,
        frame: &Frame,
        found: &mut DeviationBuffer,
    ) {
        let missing = self.missing(schema, frame);
        if let Some(missing) = missing {
            self.report(schema, Clause::ContentIncomplete, tag.span, found, |describe| {
                describe.incomplete(&missing)
            });
        } else {
            self.end_of_mixed(schema, tag, frame, found);
        }
    }

    /// What the content lacks at its end; `None` when nothing, or when that was reported already.
    fn missing(&self, schema: &CompiledSchema, frame: &Frame) -> Option<Vec<Expected>> {
        if frame.quiet {
            return None;
        }
        match (frame.content, &schema.type_at(frame.type_index).content) {
            (Content::Table(state), _) => {
                let echo = frame.credit == Some(state)
                    || self.forgiven.iter().any(|each| each.depth == self.frames.len());
                (!schema.tables.accepts(state) && !echo).then(|| schema.tables.expected(state).to_vec())
            }
            (Content::All(from), ContentPlan::Children { model: ContentModel::All(group), .. }) => {
                let seen = &self.all_seen[from as usize..from as usize + group.words()];
                (!group.accepts(seen)).then(|| group.missing(seen).map(Expected::Name).collect())
            }
            (Content::Counted(index), ContentPlan::Children { model: ContentModel::Counted(model), .. }) => {
                let progress = &self.counted[index as usize];
                (!model.accepts(progress)).then(|| model.expected(progress))
            }
            _ => None,
        }
    }

    pub(super) fn innermost(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("an element is open")
    }
}

/// The declaration of a name anywhere in the content model of a frame.
fn somewhere(schema: &CompiledSchema, frame: &Frame, name: NameId) -> Option<ElementId> {
    match &schema.type_at(frame.type_index).content {
        ContentPlan::Children { model: ContentModel::Table(start), .. } => {
            Detour::find(&schema.tables, *start, name).map(|detour| detour.element)
        }
        _ => None,
    }
}

/// The shortest way from a state to one where a name is allowed.
struct Detour {
    skipped: Vec<(NameId, ElementId)>,
    next: State,
    element: ElementId,
}

impl Detour {
    /// Breadth first, so the fewest children are taken as missing. From the state itself: no detour.
    fn find(tables: &Tables, from: State, name: NameId) -> Option<Self> {
        let mut reached: HashMap<State, Option<(State, NameId, ElementId)>> = HashMap::from([(from, None)]);
        let mut queue = vec![from];
        let mut at = 0;
        while at < queue.len() && queue.len() < RECOVERY_STATES_MAX {
            let state = queue[at];
            if let Some((next, element)) = tables.step(state, name) {
                return Some(Self { skipped: way(&reached, state), next, element });
            }
            for step in tables.transitions(state) {
                reached.entry(step.next).or_insert_with(|| {
                    queue.push(step.next);
                    Some((state, step.name, step.element))
                });
            }
            at += 1;
        }
        None
    }
}

fn way(
    reached: &HashMap<State, Option<(State, NameId, ElementId)>>,
    mut state: State,
) -> Vec<(NameId, ElementId)> {
    let mut way = Vec::new();
    while let Some(Some((before, name, element))) = reached.get(&state) {
        way.push((*name, *element));
        state = *before;
    }
    way.reverse();
    way
}
