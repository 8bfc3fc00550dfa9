//! Substitution groups: which elements may stand for which (3.3.6).

use crate::xml::NameId;
use crate::xsd::component::{Derivation, Derivations, ElementDeclaration, ElementId, Schema, TypeDefinition};
use std::collections::HashMap;
use std::rc::Rc;

/// The members of every group, heads included.
pub(super) struct Substitutions {
    members: HashMap<ElementId, Rc<[(NameId, ElementId)]>>,
    alone: Vec<Rc<[(NameId, ElementId)]>>,
}

impl Substitutions {
    pub(super) fn of(schema: &Schema) -> Self {
        let mut lists: HashMap<ElementId, Vec<(NameId, ElementId)>> = HashMap::new();
        for (id, element) in schema.elements.iter() {
            for head in heads(schema, element) {
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
    pub(super) fn members(&self, head: ElementId) -> Rc<[(NameId, ElementId)]> {
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
    let mut blocked = head.block;
    if let TypeDefinition::Complex(id) = &head.type_definition {
        let own = schema.complex_types[*id].block;
        blocked.extension |= own.extension;
        blocked.restriction |= own.restriction;
    }
    !uses_blocked(schema, &member.type_definition, &head.type_definition, blocked)
}

fn uses_blocked(schema: &Schema, from: &TypeDefinition, to: &TypeDefinition, blocked: Derivations) -> bool {
    let mut current = from.clone();
    let mut steps = 0;
    while !same(&current, to) && steps <= schema.complex_types.len() {
        let TypeDefinition::Complex(id) = current else {
            return blocked.restriction
                && !matches!(to, TypeDefinition::Complex(any) if *any == schema.any_type);
        };
        let complex = &schema.complex_types[id];
        let stopped = match complex.derivation {
            Derivation::Extension => blocked.extension,
            Derivation::Restriction => blocked.restriction,
        };
        let Some(base) = complex.base.clone() else { return false };
        if stopped {
            return true;
        }
        current = base;
        steps += 1;
    }
    false
}

fn same(a: &TypeDefinition, b: &TypeDefinition) -> bool {
    match (a, b) {
        (TypeDefinition::Complex(a), TypeDefinition::Complex(b)) => a == b,
        (TypeDefinition::Simple(a), TypeDefinition::Simple(b)) => std::sync::Arc::ptr_eq(a, b),
        _ => false,
    }
}
