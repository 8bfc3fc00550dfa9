//! What a redefinition must hold to (`src-redefine`, 4.2.2): it builds on what it redefines.
//!
//! A type is derived from its old self. A group either holds its old self once, or is a restriction of
//! it; whether it is one can only be told when all components are made, so that is left to `check`.

use super::At;
use super::builder::Builder;
use super::symbols::Space;
use crate::xsd::component::RedefinedGroup;
use crate::xsd::document::{Kind, Node, QualifiedName};
use crate::xsd::fault::Rule;

impl Builder<'_> {
    pub(super) fn check_redefinition(&mut self, space: Space, name: &QualifiedName, at: At) {
        let Some(old) = self.symbols.before(at) else { return };
        match space {
            Space::Type => self.redefined_type(name, at),
            Space::Group => {
                let references = self.own_references(at, Kind::Group, name);
                if self.is_single(at, &references, name) {
                    return;
                }
                if let (Some(own), Some(base)) = (self.group_at(at), self.group_at(old))
                    && !own.lacks()
                    && !base.lacks()
                {
                    let origin = self.origin(at);
                    self.schema.redefined_groups.push(RedefinedGroup { own, base, origin });
                }
            }
            Space::AttributeGroup => {
                let references = self.own_references(at, Kind::AttributeGroup, name);
                if self.is_single(at, &references, name) {
                    return;
                }
                if let (Some(own), Some(base)) = (self.attribute_group_at(at), self.attribute_group_at(old))
                    && !own.lacks
                    && !base.lacks
                {
                    let origin = self.origin(at);
                    self.schema.redefined_attributes.push(RedefinedGroup { own, base, origin });
                }
            }
            Space::Element | Space::Attribute | Space::Notation => {}
        }
    }

    /// Clause 5: the base of a redefined type is the type itself.
    fn redefined_type(&mut self, name: &QualifiedName, at: At) {
        let content = self.children(at).next();
        let step = content.and_then(|(first, node)| match node.kind {
            Kind::Restriction => Some((first, node)),
            Kind::SimpleContent | Kind::ComplexContent => self.children(first).next(),
            _ => None,
        });
        let base = step.and_then(|(at, step)| step.token("base").map(|base| self.peek(at, base)));
        let sound = [content, step].into_iter().flatten().all(|(_, node)| node.sound);
        // A prefix that is not declared is told where the base is looked up.
        let told = !sound || !self.node(at).sound || matches!(base, Some(None));
        if !told && base.flatten().as_ref() != Some(name) {
            let sentence = format!("a redefinition of the type `{name}` has to be derived from `{name}`");
            self.fault(at, Rule::RedefineBase, sentence);
        }
    }

    /// Clauses 6.1 and 7.1: `true` when the group holds its old self, which it may do once.
    fn is_single(&mut self, at: At, references: &[At], name: &QualifiedName) -> bool {
        let once = |node: &Node| {
            ["minOccurs", "maxOccurs"].iter().all(|each| node.token(each).is_none_or(|n| n == "1"))
        };
        if references.len() > 1 {
            let rule = match self.node(at).kind {
                Kind::Group => Rule::RedefineGroupTwice,
                _ => Rule::RedefineAttributesTwice,
            };
            self.fault(at, rule, format!("a redefinition of `{name}` may refer to `{name}` once"));
        }
        for each in references {
            if !once(self.node(*each)) {
                let sentence = format!("in a redefinition of `{name}`, `{name}` occurs exactly once");
                self.fault(*each, Rule::RedefineGroupOccurs, sentence);
            }
        }
        !references.is_empty()
    }

    /// Where a group refers to its own name.
    fn own_references(&mut self, at: At, kind: Kind, name: &QualifiedName) -> Vec<At> {
        let mut found = Vec::new();
        let mut left: Vec<At> = self.children(at).map(|(child, _)| child).collect();
        while let Some(each) = left.pop() {
            let node = self.node(each);
            left.extend(self.children(each).map(|(child, _)| child));
            let refers =
                node.kind == kind && node.token("ref").is_some_and(|text| self.resolves_to(each, text, name));
            if refers {
                found.push(each);
            }
        }
        found
    }
}
