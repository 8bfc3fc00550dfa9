//! The tree of one schema document.

use super::vocabulary::Kind;
use crate::xml::Place;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Index of a node in its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(super) u32);

/// A name of a schema document, resolved against the bindings where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct QualifiedName {
    /// Namespace, empty for none.
    pub(crate) namespace: Arc<str>,
    /// Local part.
    pub(crate) local: Arc<str>,
}

impl std::fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(&self.local)
        } else {
            write!(f, "{{{}}}{}", self.namespace, self.local)
        }
    }
}

/// Prefix bindings in scope at a node; shared, since few nodes declare any.
pub(crate) type Scope = Arc<[(Box<str>, Arc<str>)]>;

/// One element of the schema namespace.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Unqualified attributes in document order.
    pub(super) attributes: Vec<(Box<str>, Box<str>)>,
    pub(super) children: Vec<NodeId>,
    pub(super) scope: Scope,
    pub(crate) place: Place,
    /// Nothing of the element itself had to be reported or left out; what stands below may be at fault.
    pub(crate) sound: bool,
}

impl Node {
    /// The value of an attribute, as written.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(each, _)| **each == *name).map(|(_, value)| &**value)
    }

    /// The value of an attribute whose type collapses white space.
    pub(crate) fn token(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|value| value.trim_matches([' ', '\t', '\n', '\r']))
    }

    /// The namespace a prefix is bound to here; the empty prefix asks for the default namespace.
    pub(crate) fn namespace_of(&self, prefix: &str) -> Option<&Arc<str>> {
        self.scope.iter().find(|(each, _)| **each == *prefix).map(|(_, uri)| uri)
    }
}

/// A schema document as written.
#[derive(Debug)]
pub(crate) struct SchemaDocument {
    /// Where it came from, as the caller named it.
    pub(crate) location: Arc<str>,
    /// Target namespace as written, `None` when the attribute is absent.
    pub(crate) target_namespace: Option<Arc<str>>,
    pub(super) nodes: Vec<Node>,
    /// Constructs that were recognised and cannot be checked.
    pub(crate) not_checked: Vec<String>,
    /// Short documentation of simple types.
    pub(super) titles: HashMap<NodeId, Box<str>>,
    /// Which edition it says it is, such as `issue 75`.
    pub(crate) edition: Option<Box<str>>,
    /// Names of elements that were reported and left out: a reference to one of them is no fault of
    /// its own.
    pub(crate) dropped: HashSet<Box<str>>,
    /// What the document declares, or in which namespace, is not known: its `schema` element is at
    /// fault, or an `include`, `import` or `redefine` was left out.
    pub(crate) unsure: bool,
}

impl SchemaDocument {
    /// How many nodes it has.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len()
    }

    /// What the documentation of a simple type says, where it is short.
    pub(crate) fn title(&self, id: NodeId) -> Option<&str> {
        self.titles.get(&id).map(AsRef::as_ref)
    }

    /// The `schema` element.
    pub(crate) fn root(&self) -> &Node {
        &self.nodes[0]
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Children of a node, in document order.
    pub(crate) fn children<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = (NodeId, &'a Node)> {
        node.children.iter().map(|&id| (id, self.node(id)))
    }
}
