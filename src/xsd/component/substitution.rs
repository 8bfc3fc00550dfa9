//! Substitution groups: which elements may stand for which (3.3.6).

use super::{ElementDeclaration, ElementId, Schema, TypeDefinition};
use crate::xml::NameId;
use std::collections::HashMap;
use std::rc::Rc;

/// What a member takes in the list of a head, and to find out whether it may stand there.
const MEMBER_BYTES: u64 = 100;

/// The members of every group, heads included.
pub(crate) struct Substitutions {
    members: HashMap<ElementId, Rc<[(NameId, ElementId)]>>,
    alone: Vec<Rc<[(NameId, ElementId)]>>,
}

impl Substitutions {
    pub(crate) fn of(schema: &Schema) -> Self {
        let mut lists: HashMap<ElementId, Vec<(NameId, ElementId)>> = HashMap::new();
        for (id, element) in schema.elements.iter() {
            for head in heads(schema, element) {
                if !schema.work.bytes(MEMBER_BYTES) {
                    break;
                }
                if head != id && may_stand_for(schema, element, &schema.elements[head]) {
                    lists.entry(head).or_default().push((element.name, id));
                }
            }
        }
        let members = lists
            .into_iter()
            .map(|(head, others)| {
                let own = (schema.elements[head].name, head);
                (head, std::iter::once(own).chain(others).collect())
            })
            .collect();
        let alone = schema.elements.iter().map(|(id, element)| Rc::from([(element.name, id)])).collect();
        Self { members, alone }
    }

    /// The head first, then its members in the order of the schema.
    pub(crate) fn members(&self, head: ElementId) -> Rc<[(NameId, ElementId)]> {
        Rc::clone(self.members.get(&head).unwrap_or_else(|| &self.alone[head.index()]))
    }
}

/// All heads above an element; a circular group ends where it closes.
fn heads(schema: &Schema, element: &ElementDeclaration) -> Vec<ElementId> {
    let mut heads = Vec::new();
    let mut next = element.substitution_head;
    while let Some(head) = next {
        if heads.contains(&head) {
            break;
        }
        heads.push(head);
        next = schema.elements[head].substitution_head;
    }
    heads
}

/// `cos-equiv-derived-ok-rec`: nothing on the way from the head's type to the member's is blocked.
fn may_stand_for(schema: &Schema, member: &ElementDeclaration, head: &ElementDeclaration) -> bool {
    if head.block.substitution {
        return false;
    }
    // What is not known may be; whoever uses it is told.
    let known = schema.has_known_bases(&member.type_definition)
        && !matches!(head.type_definition, TypeDefinition::Absent);
    !known || schema.derives_unblocked(&member.type_definition, &head.type_definition, head.block)
}
