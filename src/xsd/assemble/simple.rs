//! Simple type definitions (part 1, 3.14.2).

use super::At;
use super::builder::{Builder, Made};
use super::elements::NodeScope;
use super::symbols::Space;
use crate::xsd::component::{Derivations, TypeDefinition};
use crate::xsd::document::{Kind, Node};
use crate::xsd::fault::Rule;
use crate::xsd::namespaces::SCHEMA_NAMESPACE;
use crate::xsd::simple::{FacetDeclaration, FacetKind, Notes, SimpleType, SimpleTypeFault};
use crate::xsd::value::Primitive;
use std::sync::Arc;

/// What it takes to hold a value against a type.
const VALUE_STEPS: u64 = 10;

/// Longest version of a schema document that is told.
const VERSION_BYTES_MAX: usize = 32;

impl Builder<'_> {
    /// The type a `type`, `base`, `itemType` or member name refers to.
    pub(super) fn type_named(&mut self, at: At, text: &str) -> Option<TypeDefinition> {
        let name = self.qualified(at, text)?;
        if &*name.namespace == SCHEMA_NAMESPACE {
            if &*name.local == "anyType" {
                return Some(TypeDefinition::Complex(self.schema.any_type));
            }
            if let Some(simple) = SimpleType::builtin(&name.local) {
                return Some(TypeDefinition::Simple(simple));
            }
        }
        let found = self.declared(Space::Type, at, &name)?;
        self.type_at(found)
    }

    /// The type a `simpleType` or `complexType` element declares.
    pub(super) fn type_at(&mut self, at: At) -> Option<TypeDefinition> {
        if self.node(at).kind == Kind::ComplexType {
            return Some(TypeDefinition::Complex(self.complex_id(at)));
        }
        self.simple_at(at).map(TypeDefinition::Simple)
    }

    /// A name that has to refer to a simple type.
    pub(super) fn simple_named(&mut self, at: At, text: &str) -> Option<Arc<SimpleType>> {
        match self.type_named(at, text)? {
            TypeDefinition::Simple(simple) => Some(simple),
            TypeDefinition::Absent => None,
            TypeDefinition::Complex(_) => {
                self.fault(
                    at,
                    Rule::TypeUnresolved,
                    format!("`{}` is a complex type; a simple type is needed here", text.trim()),
                );
                None
            }
        }
    }

    /// The simple type a `simpleType` element declares; made once. `None` for one at fault, so that its
    /// users are not.
    pub(super) fn simple_at(&mut self, at: At) -> Option<Arc<SimpleType>> {
        match self.simple_types.get(&at) {
            Some(Made::Done(made)) => return made.clone(),
            Some(Made::Building) => {
                let name = self.node(at).token("name").unwrap_or("(anonymous)");
                let is_union = self.children(at).any(|(_, child)| child.kind == Kind::Union);
                let rule = if is_union { Rule::UnionCircular } else { Rule::SimpleCircular };
                self.fault(at, rule, format!("the simple type `{name}` is defined by itself"));
                return None;
            }
            None => {}
        }
        self.simple_types.insert(at, Made::Building);
        self.within.push(at);
        let made = self.deeper(at, |builder| builder.make_simple(at));
        let made = made.filter(|_| self.is_sound_simple(at)).map(|made| made.noted(self.notes(at)));
        self.within.pop();
        if let Some(made) = &made {
            let finals = self.derivations(at, "final", "finalDefault");
            self.simple_finals.insert(Arc::as_ptr(made), finals);
        }
        self.simple_types.insert(at, Made::Done(made.clone()));
        made
    }

    /// What the document says of a type.
    fn notes(&self, at: At) -> Notes {
        let document = &self.instances[at.instance].document;
        let version =
            || document.root().token("version").filter(|text| (1..=VERSION_BYTES_MAX).contains(&text.len()));
        let edition =
            document.edition.clone().or_else(|| version().map(|text| format!("version {text}").into()));
        Notes { title: document.title(at.node).map(Into::into), edition }
    }

    /// Whether nothing was wrong with the elements that make up a simple type.
    fn is_sound_simple(&self, at: At) -> bool {
        self.node(at).sound && self.children(at).all(|(_, step)| step.sound)
    }

    fn make_simple(&mut self, at: At) -> Option<Arc<SimpleType>> {
        let name = self.node(at).token("name");
        let (child, node) = self.children(at).next()?;
        match node.kind {
            Kind::Restriction => {
                let base = self.part(child, "base")?;
                self.check_final(child, &base, |finals| finals.restriction, Rule::SimpleFinal);
                self.restrict(child, &base, name)
            }
            Kind::List => {
                let item = self.part(child, "itemType")?;
                self.check_final(child, &item, |finals| finals.list, Rule::ItemFinal);
                self.derived(child, SimpleType::list(&item, name))
            }
            _ => {
                let members = self.members(child)?;
                let flat: usize = members.iter().map(|member| member.tries()).sum();
                let most = self.schema.work.limits().members_max;
                if flat <= most && !self.keep(child, 8 * flat as u64) {
                    return None;
                }
                for member in &members {
                    self.check_final(child, member, |finals| finals.union, Rule::MemberFinal);
                }
                self.derived(child, SimpleType::union_within(most, &members, name))
            }
        }
    }

    fn derived(&mut self, at: At, made: Result<Arc<SimpleType>, SimpleTypeFault>) -> Option<Arc<SimpleType>> {
        made.map_err(|fault| self.fault(at, fault.rule(), fault.to_string())).ok()
    }

    /// Whether a simple type lets another be made of it in this way.
    pub(super) fn check_final(
        &mut self,
        at: At,
        simple: &Arc<SimpleType>,
        forbids: impl Fn(Derivations) -> bool,
        rule: Rule,
    ) {
        if self.simple_finals.get(&Arc::as_ptr(simple)).copied().is_some_and(forbids) {
            let name = simple.name().unwrap_or("(anonymous)");
            self.fault(at, rule, format!("the simple type `{name}` is final for this"));
        }
    }

    /// Values of NOTATION are names of notations (part 2, 3.2.19).
    fn check_notations(&mut self, base: &SimpleType, facets: &[(At, &Node)]) {
        if base.primitive() != Some(Primitive::Notation) {
            return;
        }
        for (at, node) in facets.iter().filter(|(_, node)| node.kind == Kind::Enumeration) {
            if let Some(value) = node.token("value") {
                self.lookup(Space::Notation, *at, value);
            }
        }
    }

    /// A simple type given by an attribute or by a `simpleType` child; exactly one of them.
    fn part(&mut self, at: At, attribute: &str) -> Option<Arc<SimpleType>> {
        let inline = self.children(at).find(|(_, child)| child.kind == Kind::SimpleType).map(|(id, _)| id);
        match (self.node(at).token(attribute), inline) {
            (Some(name), None) => self.simple_named(at, name),
            (None, Some(inline)) => self.simple_at(inline),
            // What was left out of it was reported when the document was read.
            (None, None) if !self.node(at).sound => None,
            (given, _) => {
                let what =
                    if given.is_some() { "the two exclude each other" } else { "one of them is needed" };
                let sentence =
                    format!("a type is named by `{attribute}` or stands inside as `xs:simpleType`: {what}");
                let rule = match self.node(at).kind {
                    Kind::List => Rule::ItemNamedOrInside,
                    _ => Rule::SimpleBaseOrInside,
                };
                self.fault(at, rule, sentence);
                None
            }
        }
    }

    fn members(&mut self, at: At) -> Option<Vec<Arc<SimpleType>>> {
        let mut members = Vec::new();
        for name in self.node(at).token("memberTypes").unwrap_or_default().split_ascii_whitespace() {
            members.push(self.simple_named(at, name));
        }
        for (child, _) in self.children(at).filter(|(_, child)| child.kind == Kind::SimpleType) {
            members.push(self.simple_at(child));
        }
        if members.is_empty() && self.node(at).sound {
            self.fault(at, Rule::UnionWithoutMembers, "a union needs at least one member type".to_owned());
            return None;
        }
        members.into_iter().collect()
    }

    /// Applies the facets below `at` to `base`.
    pub(super) fn restrict(
        &mut self,
        at: At,
        base: &Arc<SimpleType>,
        name: Option<&str>,
    ) -> Option<Arc<SimpleType>> {
        let most = self.schema.work.limits().restriction_chain_max;
        if std::iter::successors(Some(base), |each| each.base()).count() >= most {
            let sentence =
                format!("more than {most} simple types restrict each other (limit `restriction_chain_max`)");
            self.fault(at, Rule::RestrictionChainLimit, sentence);
            return None;
        }
        let facets: Vec<(At, &Node)> = self.children(at).filter(|(_, child)| child.kind.is_facet()).collect();
        self.check_notations(base, &facets);
        let scopes: Vec<NodeScope<'_>> = facets.iter().map(|(_, node)| NodeScope(node)).collect();
        let mut declarations = Vec::with_capacity(facets.len());
        if facets.iter().any(|(_, node)| !node.sound) {
            return None;
        }
        for (&(facet, node), scope) in facets.iter().zip(&scopes) {
            declarations.push(self.facet(facet, node, scope)?);
        }
        // Each value is held against the base, with all its members and patterns.
        let values = declarations.iter().map(|facet| 1 + facet.value.len() as u64 / 64).sum::<u64>();
        let checks = base.tries() as u64 * (1 + base.pattern_steps() as u64);
        if !self.steps(at, VALUE_STEPS.saturating_mul(values).saturating_mul(checks)) {
            return None;
        }
        let limits = self.schema.work.limits().pattern;
        match SimpleType::restriction_within(limits, base, name, &declarations) {
            Ok(made) => {
                // A pattern takes as long to compile as it takes bytes.
                let bytes = 2 * made.pattern_bytes() + 8 * made.pattern_steps() as u64;
                self.keep(at, bytes).then_some(made)
            }
            Err(faults) => {
                for fault in faults {
                    let place =
                        fault.facet.and_then(|index| facets.get(index)).map_or(at, |(facet, _)| *facet);
                    self.fault(place, fault.rule, fault.message);
                }
                None
            }
        }
    }

    fn facet<'n>(
        &mut self,
        at: At,
        node: &'n Node,
        namespaces: &'n NodeScope<'n>,
    ) -> Option<FacetDeclaration<'n>> {
        let value = node.attribute("value")?;
        let kind = FacetKind::from_name(node.kind.name()).expect("every facet element names a facet");
        let fixed = self.flag(at, "fixed");
        Some(FacetDeclaration { kind, value, fixed, namespaces })
    }
}
