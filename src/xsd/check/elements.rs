//! Element declarations (`e-props-correct`, 3.3.6): substitution groups.

use super::Check;
use crate::xsd::component::{ElementId, TypeDefinition};
use crate::xsd::fault::Rule;

impl Check<'_> {
    pub(super) fn element(&mut self, id: ElementId) {
        let element = &self.schema.elements[id];
        let Some(head_id) = element.substitution_head else { return };
        let head = &self.schema.elements[head_id];
        if self.is_circular(id) {
            let sentence = format!("`{}` stands in its own substitution group", self.local(element.name));
            return self.fault(&element.origin, Rule::SubstitutionCircular, sentence);
        }
        let known = self.schema.has_known_bases(&element.type_definition)
            && !matches!(head.type_definition, TypeDefinition::Absent);
        if known && !self.schema.is_derived(&element.type_definition, &head.type_definition, head.exclusions)
        {
            let sentence = format!(
                "the type of `{}` may not stand for that of its substitution group's head `{}`",
                self.local(element.name),
                self.local(head.name)
            );
            self.fault(&element.origin, Rule::SubstitutionType, sentence);
        }
    }

    fn is_circular(&self, id: ElementId) -> bool {
        let mut seen = vec![id];
        let mut next = self.schema.elements[id].substitution_head;
        while let Some(head) = next {
            if head == id {
                return true;
            }
            if seen.contains(&head) {
                return false;
            }
            seen.push(head);
            next = self.schema.elements[head].substitution_head;
        }
        false
    }
}
