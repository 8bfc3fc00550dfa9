//! Element declarations and identity constraints (part 1, 3.3.2, 3.11.2).

use super::At;
use super::builder::Builder;
use super::symbols::Space;
use crate::xml::XML_NAMESPACE;
use crate::xsd::component::identity::{
    IdentityConstraint, IdentityKind, Path, PathFault, PathRole, parse_paths,
};
use crate::xsd::component::{
    ConstraintId, Content, Derivations, ElementDeclaration, ElementId, TypeDefinition,
};
use crate::xsd::document::{Kind, Node, QualifiedName};
use crate::xsd::fault::Rule;
use crate::xsd::simple::Namespaces;
use std::sync::Arc;

/// The bindings of a schema document's node, for values that are QNames.
pub(super) struct NodeScope<'a>(pub(super) &'a Node);

impl Namespaces for NodeScope<'_> {
    fn resolve(&self, prefix: &str) -> Option<&str> {
        self.0.namespace_of(prefix).map(|uri| &**uri)
    }
}

impl Builder<'_> {
    /// The declaration of a global `element`; made once, its id known before its parts.
    pub(super) fn global_element(&mut self, at: At) -> ElementId {
        if let Some(&made) = self.elements.get(&at) {
            return made;
        }
        let local = self.node(at).token("name").unwrap_or_default().into();
        let name = QualifiedName { namespace: Arc::clone(self.target(at)), local };
        let id = self.placeholder(at, &name);
        self.elements.insert(at, id);
        let head = self.node(at).token("substitutionGroup");
        let head =
            head.and_then(|head| self.lookup(Space::Element, at, head)).and_then(|head| self.head(at, head));
        if let Some(head) = head {
            let depth = self.head_depths.get(&head).copied().unwrap_or_default();
            self.head_depths.insert(id, depth + 1);
        }
        self.schema.elements[id].substitution_head = head;
        self.fill_element(at, id);
        id
    }

    /// The head of a substitution group, unless it is at the end of too long a chain of heads.
    fn head(&mut self, at: At, head: At) -> Option<ElementId> {
        let head = self.deeper(at, |builder| Some(builder.global_element(head)))?;
        let depth = self.head_depths.get(&head).copied().unwrap_or_default();
        self.allows_depth(at, depth).then_some(head)
    }

    /// The element a particle refers to or declares.
    pub(super) fn element_particle(&mut self, at: At) -> Option<ElementId> {
        let node = self.node(at);
        match (node.token("ref"), node.token("name")) {
            (Some(reference), None) => {
                self.check_reference(at, node);
                let found = self.lookup(Space::Element, at, reference)?;
                Some(self.global_element(found))
            }
            (None, Some(local)) => {
                let namespace = if self.is_qualified(at, "elementFormDefault") {
                    Arc::clone(self.target(at))
                } else {
                    "".into()
                };
                let name = QualifiedName { namespace, local: local.into() };
                let id = self.placeholder(at, &name);
                self.fill_element(at, id);
                Some(id)
            }
            _ => {
                self.fault(
                    at,
                    Rule::ElementNameOrRef,
                    "an element has either a `name` or a `ref`".to_owned(),
                );
                None
            }
        }
    }

    fn check_reference(&mut self, at: At, node: &Node) {
        let extra = ["type", "nillable", "default", "fixed", "form", "block"];
        if let Some(name) = extra.iter().find(|name| node.attribute(name).is_some()) {
            self.fault(
                at,
                Rule::ElementRefExtra,
                format!("an element with `ref` has no `{name}`; it stands at the declaration"),
            );
        }
        if self.children(at).next().is_some() {
            self.fault(
                at,
                Rule::ElementRefExtra,
                "an element with `ref` has no type or constraints of its own".to_owned(),
            );
        }
    }

    fn placeholder(&mut self, at: At, name: &QualifiedName) -> ElementId {
        let declaration = ElementDeclaration {
            name: self.intern(name),
            type_definition: TypeDefinition::Complex(self.schema.any_type),
            nillable: false,
            is_abstract: false,
            value: None,
            constraints: Vec::new(),
            substitution_head: None,
            block: Derivations::default(),
            exclusions: Derivations::default(),
            origin: self.origin(at),
        };
        self.schema.elements.push(declaration)
    }

    fn fill_element(&mut self, at: At, id: ElementId) {
        let own = self.element_type(at, id);
        if let TypeDefinition::Simple(simple) = &own {
            self.check_notation(at, simple);
        }
        let node = self.node(at);
        let sound = node.sound && !(node.attribute("default").is_some() && node.attribute("fixed").is_some());
        let type_definition = if sound { own } else { TypeDefinition::Absent };
        let value = self.value_constraint(at);
        let nillable = self.flag(at, "nillable");
        let is_abstract = self.flag(at, "abstract");
        let block = self.derivations(at, "block", "blockDefault");
        let exclusions = self.derivations(at, "final", "finalDefault");
        let constraints = self.identity_constraints(at);
        if value.is_some() {
            self.values.push((at, id));
        }
        let element = &mut self.schema.elements[id];
        element.type_definition = type_definition;
        element.value = value;
        element.nillable = nillable;
        element.is_abstract = is_abstract;
        element.block = block;
        element.exclusions = exclusions;
        element.constraints = constraints;
    }

    /// Its own type, else that of its substitution group's head, else the ur-type.
    fn element_type(&mut self, at: At, id: ElementId) -> TypeDefinition {
        let inline =
            self.children(at).find(|(_, child)| matches!(child.kind, Kind::SimpleType | Kind::ComplexType));
        let named = self.node(at).token("type");
        let found = match (named, inline) {
            (Some(_), Some(_)) => {
                self.fault(
                    at,
                    Rule::ElementTypeTwice,
                    "an element has a `type` or an inline type, not both".to_owned(),
                );
                None
            }
            (Some(name), None) => self.type_named(at, name),
            (None, Some((inline, _))) => self.type_at(inline),
            (None, None) => return self.inherited_type(at, id),
        };
        found.unwrap_or(TypeDefinition::Absent)
    }

    fn inherited_type(&self, at: At, id: ElementId) -> TypeDefinition {
        match self.schema.elements[id].substitution_head {
            Some(head) => self.schema.elements[head].type_definition.clone(),
            None if self.node(at).token("substitutionGroup").is_some() => TypeDefinition::Absent,
            None => TypeDefinition::Complex(self.schema.any_type),
        }
    }

    /// `cos-valid-default` and `e-props-correct.5`, when every type is made.
    pub(super) fn check_values(&mut self) {
        for (at, id) in std::mem::take(&mut self.values) {
            let element = &self.schema.elements[id];
            let Some(value) = element.value.clone() else { continue };
            if let Some(simple) = self.schema.simple_content(&element.type_definition).cloned() {
                let rule = match element.type_definition {
                    TypeDefinition::Complex(_) => Rule::ValueOfSimpleContent,
                    TypeDefinition::Simple(_) | TypeDefinition::Absent => Rule::ValueOfSimpleType,
                };
                self.check_value(at, Some(&value), &simple, rule);
                self.check_id_value(at, &simple, Rule::ElementValueOfId);
                continue;
            }
            let TypeDefinition::Complex(id) = element.type_definition else { continue };
            let rule = match &self.schema.complex_types[id].content {
                Content::Mixed(None) | Content::Absent => continue,
                Content::Mixed(Some(particle)) if particle.is_emptiable() => continue,
                Content::Mixed(Some(_)) => Rule::ValueNotEmptiable,
                _ => Rule::ValueWithoutText,
            };
            let sentence = "an element with a default or fixed value needs simple content, or mixed content \
                that may be empty";
            self.fault(at, rule, sentence.to_owned());
        }
    }

    fn identity_constraints(&mut self, at: At) -> Vec<ConstraintId> {
        self.children(at)
            .filter_map(|(child, node)| {
                let kind = match node.kind {
                    Kind::Unique => IdentityKind::Unique,
                    Kind::Key => IdentityKind::Key,
                    Kind::Keyref => IdentityKind::Keyref,
                    _ => return None,
                };
                self.identity_constraint(child, kind)
            })
            .collect()
    }

    fn identity_constraint(&mut self, at: At, kind: IdentityKind) -> Option<ConstraintId> {
        let node = self.node(at);
        let local = node.token("name")?;
        let name = QualifiedName { namespace: Arc::clone(self.target(at)), local: local.into() };
        let id = self.paths_of(at).filter(|_| node.sound).map(|(selector, fields)| {
            let constraint = IdentityConstraint { name: local.into(), kind, selector, fields, refer: None };
            self.schema.constraints.push(constraint)
        });
        if self.constraints.contains_key(&name) {
            self.fault(at, Rule::NameTwice, format!("the identity constraint `{name}` is declared twice"));
            self.constraints.insert(name, None);
        } else {
            self.constraints.insert(name, id);
        }
        if let (IdentityKind::Keyref, Some(refer)) = (kind, node.token("refer")) {
            let refer = self.qualified(at, refer)?;
            self.keyrefs.push((id, refer, at));
        }
        id
    }

    /// Selector and fields; all are looked at before one that is wrong counts.
    fn paths_of(&mut self, at: At) -> Option<(Vec<Path>, Vec<Vec<Path>>)> {
        let (selector, fields) = (self.selector(at), self.fields(at));
        Some((selector?, fields?))
    }

    fn selector(&mut self, at: At) -> Option<Vec<Path>> {
        let (selector, _) = self.children(at).find(|(_, child)| child.kind == Kind::Selector)?;
        self.paths(selector, PathRole::Selector)
    }

    fn fields(&mut self, at: At) -> Option<Vec<Vec<Path>>> {
        let most = self.schema.work.limits().fields_max;
        if self.children(at).filter(|(_, child)| child.kind == Kind::Field).count() > most {
            let sentence = format!("an identity constraint has more than {most} fields (limit `fields_max`)");
            self.fault(at, Rule::FieldsLimit, sentence);
            return None;
        }
        let fields = self.children(at).filter(|(_, child)| child.kind == Kind::Field);
        let fields: Vec<_> = fields.map(|(field, _)| self.paths(field, PathRole::Field)).collect();
        fields.into_iter().collect()
    }

    fn paths(&mut self, at: At, role: PathRole) -> Option<Vec<Path>> {
        let node = self.node(at);
        let text = node.attribute("xpath").filter(|_| node.sound)?;
        let resolve = |prefix: &str| match prefix {
            "xml" => Some(XML_NAMESPACE.into()),
            _ => node.namespace_of(prefix).cloned(),
        };
        let limits = *self.schema.work.limits();
        let names = &mut self.schema.names;
        let mut intern =
            |namespace: &str, local: &str| names.intern(crate::xml::ExpandedName { namespace, local });
        let parsed = parse_paths(&limits, text, role, &resolve, &mut intern);
        parsed.map_err(|PathFault { rule, sentence }| self.fault(at, rule, sentence)).ok()
    }

    /// `c-props-correct`: a keyref refers to a key or unique with as many fields.
    pub(super) fn resolve_keyrefs(&mut self) {
        for (id, name, at) in std::mem::take(&mut self.keyrefs) {
            let Some(&key) = self.constraints.get(&name) else {
                self.missing_key(at, &name);
                continue;
            };
            let (Some(key), Some(id)) = (key, id) else { continue };
            let (referred, own) = (&self.schema.constraints[key], &self.schema.constraints[id]);
            if referred.kind == IdentityKind::Keyref {
                self.fault(at, Rule::KeyMissing, format!("`{name}` is itself a keyref"));
            } else if referred.fields.len() != own.fields.len() {
                let sentence = format!(
                    "the number of fields differs: {} in the key `{name}`, {} in this keyref",
                    referred.fields.len(),
                    own.fields.len()
                );
                self.fault(at, Rule::KeyFields, sentence);
            }
            self.schema.constraints[id].refer = Some(key);
        }
    }

    fn missing_key(&mut self, at: At, name: &QualifiedName) {
        if !self.lost.may_hold(name) {
            self.fault(at, Rule::KeyMissing, format!("there is no key `{name}`"));
        }
    }
}
