//! Global names of all documents: what each name of each symbol space stands for.

use super::{At, Instance, Lost, Redefinition};
use crate::xsd::document::{Kind, Node, QualifiedName};
use crate::xsd::fault::{Rule, SchemaFault};
use crate::xsd::faults::Faults;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The symbol spaces of part 1, 2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Space {
    Type,
    Element,
    Attribute,
    Group,
    AttributeGroup,
    Notation,
}

impl Space {
    pub(super) fn of(kind: Kind) -> Option<Self> {
        Some(match kind {
            Kind::SimpleType | Kind::ComplexType => Self::Type,
            Kind::Element => Self::Element,
            Kind::Attribute => Self::Attribute,
            Kind::Group => Self::Group,
            Kind::AttributeGroup => Self::AttributeGroup,
            Kind::Notation => Self::Notation,
            _ => return None,
        })
    }

    /// The clause that a name breaks which refers to nothing of this kind.
    pub(super) const fn unresolved(self) -> Rule {
        match self {
            Self::Type => Rule::TypeUnresolved,
            Self::Element => Rule::ElementUnresolved,
            Self::Attribute => Rule::AttributeUnresolved,
            Self::Group => Rule::GroupUnresolved,
            Self::AttributeGroup => Rule::AttributeGroupUnresolved,
            Self::Notation => Rule::NotationUnresolved,
        }
    }

    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Element => "element",
            Self::Attribute => "attribute",
            Self::Group => "model group",
            Self::AttributeGroup => "attribute group",
            Self::Notation => "notation",
        }
    }
}

#[derive(Debug)]
struct Before {
    space: Space,
    name: QualifiedName,
    at: At,
}

/// All global names.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    by_name: HashMap<(Space, QualifiedName), At>,
    /// Names that stand for several things, or for nothing that could be found; which was told.
    unclear: HashSet<(Space, QualifiedName)>,
    /// What a redefined component was before, by where the redefinition stands.
    before: HashMap<At, Before>,
    /// In document order, so that faults come out in an order a reader expects.
    pub(super) all: Vec<(Space, QualifiedName, At)>,
}

impl Symbols {
    pub(super) fn collect(
        instances: &[Instance],
        redefinitions: &[Redefinition],
        lost: &Lost<'_>,
        faults: &mut Faults,
    ) -> Self {
        let mut symbols = Self::default();
        for (index, instance) in instances.iter().enumerate() {
            for (id, node) in instance.document.children(instance.document.root()) {
                symbols.declare(instance, At { instance: index, node: id }, node, faults);
            }
        }
        // A redefined document may redefine another: what was asked for last lies deepest.
        for redefinition in redefinitions.iter().rev() {
            symbols.redefine(instances, *redefinition, lost, faults);
        }
        symbols
    }

    /// What a name stands for. From inside a redefinition of that name: what it was before.
    pub(super) fn get(&self, space: Space, name: &QualifiedName, within: Option<At>) -> Option<At> {
        let before = within.and_then(|within| self.before.get(&within));
        match before {
            Some(before) if before.space == space && before.name == *name => Some(before.at),
            _ => self.by_name.get(&(space, name.clone())).copied(),
        }
    }

    fn declare(&mut self, instance: &Instance, at: At, node: &Node, faults: &mut Faults) {
        let Some(space) = Space::of(node.kind) else { return };
        // A missing name was reported when the document was read.
        let local = node.token("name").unwrap_or_default().into();
        let name = QualifiedName { namespace: Arc::clone(&instance.target), local };
        self.all.push((space, name.clone(), at));
        if name.local.is_empty() {
            return;
        }
        if self.by_name.contains_key(&(space, name.clone())) {
            let sentence = format!("the {} `{name}` is declared twice", space.noun());
            faults.push(fault(instance, node, Rule::NameTwice, sentence));
            self.unclear.insert((space, name));
            return;
        }
        self.by_name.insert((space, name), at);
    }

    /// Whether it was told already that a name stands for nothing certain.
    pub(super) fn is_unclear(&self, space: Space, name: &QualifiedName) -> bool {
        self.unclear.contains(&(space, name.clone()))
    }

    /// What a component was before it was redefined there.
    pub(super) fn before(&self, at: At) -> Option<At> {
        self.before.get(&at).map(|before| before.at)
    }

    fn redefine(
        &mut self,
        instances: &[Instance],
        redefinition: Redefinition,
        lost: &Lost<'_>,
        faults: &mut Faults,
    ) {
        let Redefinition { at, of } = redefinition;
        let instance = &instances[at.instance];
        let redefinable = included(instances, of, at.instance);
        let document = &instance.document;
        let is_circular = at.instance == of || included(instances, of, usize::MAX).contains(&at.instance);
        for (id, node) in document.children(document.node(at.node)) {
            let (Some(space), Some(local)) = (Space::of(node.kind), node.token("name")) else { continue };
            let name = QualifiedName { namespace: Arc::clone(&instance.target), local: local.into() };
            let new = At { instance: at.instance, node: id };
            let old = self.by_name.get(&(space, name.clone())).copied();
            self.all.push((space, name.clone(), new));
            if is_circular {
                let sentence = format!(
                    "`{}` redefines the {} `{name}` of a document that it is itself a part of: there would be two",
                    document.location,
                    space.noun()
                );
                faults.push(fault(instance, node, Rule::NameTwice, sentence));
                self.unclear.insert((space, name));
            } else if let Some(old) = old.filter(|old| redefinable.contains(&old.instance)) {
                self.by_name.insert((space, name.clone()), new);
                self.before.insert(new, Before { space, name, at: old });
            } else {
                let sentence = format!(
                    "the redefined document has no {} `{name}`, or another redefines it already",
                    space.noun()
                );
                let rule = match space {
                    Space::Group => Rule::RedefineGroupMissing,
                    Space::AttributeGroup => Rule::RedefineAttributesMissing,
                    _ => Rule::RedefineTypeMissing,
                };
                if !lost.may_hold(&name) {
                    faults.push(fault(instance, node, rule, sentence));
                }
                self.unclear.insert((space, name));
            }
        }
    }
}

/// The instances that one is made of, itself first, without those behind `but`.
fn included(instances: &[Instance], of: usize, but: usize) -> Vec<usize> {
    let mut reached = vec![of];
    let mut next = 0;
    while let Some(&instance) = reached.get(next) {
        for &each in &instances[instance].includes {
            if each != but && !reached.contains(&each) {
                reached.push(each);
            }
        }
        next += 1;
    }
    reached
}

fn fault(instance: &Instance, node: &Node, rule: Rule, sentence: String) -> SchemaFault {
    SchemaFault { document: Arc::clone(&instance.document.location), place: node.place, rule, sentence }
}
