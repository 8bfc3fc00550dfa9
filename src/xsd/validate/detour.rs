//! Where a wrong child would be right: the way through a content model that misses the fewest.

use crate::xml::NameId;
use crate::xsd::automaton::ContentModel;
use crate::xsd::automaton::table::{ModelState, Tables};
use crate::xsd::compile::{CompiledSchema, ContentPlan, TypeIndex};
use crate::xsd::component::ElementId;
use std::collections::HashMap;

/// Most states looked at to find where a wrong child would be right.
const RECOVERY_STATES_MAX: usize = 512;

/// The declaration of a name anywhere in the content model of a type, or outside of all.
pub(super) fn somewhere(schema: &CompiledSchema, type_index: TypeIndex, name: NameId) -> Option<ElementId> {
    let ContentPlan::Children { model, .. } = &schema.type_at(type_index).content else {
        return schema.global_element(name);
    };
    let there = match model {
        ContentModel::Table(start) => Detour::find(&schema.tables, *start, name).map(|detour| detour.element),
        ContentModel::All(group) => group.element(name),
        ContentModel::Counted(model) => model.element(name),
    };
    there.or_else(|| schema.global_element(name))
}

/// The shortest way from a state to one where a name is allowed.
pub(super) struct Detour {
    /// The children that are missing on the way.
    pub(super) skipped: Vec<(NameId, ElementId)>,
    pub(super) next: ModelState,
    pub(super) element: ElementId,
}

impl Detour {
    /// Breadth first, so the fewest children are taken as missing. From the state itself: no detour.
    pub(super) fn find(tables: &Tables, from: ModelState, name: NameId) -> Option<Self> {
        let mut reached: HashMap<ModelState, Option<(ModelState, NameId, ElementId)>> =
            HashMap::from([(from, None)]);
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
    reached: &HashMap<ModelState, Option<(ModelState, NameId, ElementId)>>,
    mut state: ModelState,
) -> Vec<(NameId, ElementId)> {
    let mut way = Vec::new();
    while let Some(Some((before, name, element))) = reached.get(&state) {
        way.push((*name, *element));
        state = *before;
    }
    way.reverse();
    way
}
