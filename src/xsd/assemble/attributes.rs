//! Attribute declarations, uses, groups and the complete wildcard (part 1, 3.2.2, 3.4.2, 3.6.2).

use super::At;
use super::builder::{Builder, Made};
use super::symbols::Space;
use crate::xml::{NameId, XML_NAMESPACE};
use crate::xsd::component::wildcard::{NamespaceConstraint, ProcessContents, Wildcard};
use crate::xsd::component::{
    AttributeDeclaration, AttributeSet, AttributeUse, ValueConstraint, ValueConstraintKind,
};
use crate::xsd::document::{Kind, QualifiedName};
use crate::xsd::fault::Rule;
use crate::xsd::namespaces::INSTANCE_NAMESPACE;
use crate::xsd::simple::{FacetDeclaration, FacetKind, IdKind, NoNamespaces, SimpleType};
use crate::xsd::value::Prefixes;
use std::rc::Rc;
use std::sync::Arc;

/// The clauses that a set of attributes is held to, by what it belongs to.
#[derive(Clone, Copy)]
struct SetRules {
    twice: Rule,
    intersection: Rule,
}

impl SetRules {
    fn of(holder: Kind) -> Self {
        match holder {
            Kind::AttributeGroup => {
                Self { twice: Rule::GroupAttributeTwice, intersection: Rule::GroupWildcardIntersection }
            }
            _ => Self { twice: Rule::TypeAttributeTwice, intersection: Rule::TypeWildcardIntersection },
        }
    }
}

impl Builder<'_> {
    /// The declaration of a global `attribute` element; made once.
    pub(super) fn global_attribute(&mut self, at: At) -> AttributeDeclaration {
        if let Some(made) = self.attributes.get(&at) {
            return made.clone();
        }
        let local = self.node(at).token("name").unwrap_or_default().into();
        let name = QualifiedName { namespace: Arc::clone(self.target(at)), local };
        let declaration = self.declare_attribute(at, &name);
        self.attributes.insert(at, declaration.clone());
        declaration
    }

    fn declare_attribute(&mut self, at: At, name: &QualifiedName) -> AttributeDeclaration {
        if &*name.local == "xmlns" {
            self.fault(at, Rule::AttributeCalledXmlns, "no attribute may be called `xmlns`".to_owned());
        }
        if &*name.namespace == INSTANCE_NAMESPACE {
            self.fault(
                at,
                Rule::AttributeInXsi,
                format!("no attribute may be declared in `{INSTANCE_NAMESPACE}`"),
            );
        }
        let type_definition = self.attribute_type(at).filter(|_| self.node(at).sound);
        let value = self.value_constraint(at);
        if let Some(simple) = &type_definition {
            self.check_notation(at, simple);
            self.check_value(at, value.as_ref(), simple, Rule::AttributeValueInvalid);
            if value.is_some() {
                self.check_id_value(at, simple, Rule::AttributeValueOfId);
            }
        }
        AttributeDeclaration { name: self.intern(name), type_definition, value }
    }

    fn attribute_type(&mut self, at: At) -> Option<Arc<SimpleType>> {
        let inline = self.children(at).find(|(_, child)| child.kind == Kind::SimpleType).map(|(id, _)| id);
        match (self.node(at).token("type"), inline) {
            (Some(_), Some(_)) => {
                self.fault(
                    at,
                    Rule::AttributeTypeTwice,
                    "an attribute has a `type` or an inline type, not both".to_owned(),
                );
                None
            }
            (Some(name), None) => self.simple_named(at, name),
            (None, Some(inline)) => self.simple_at(inline),
            (None, None) => Some(Arc::clone(&self.any_simple_type)),
        }
    }

    /// `default` or `fixed`, not both.
    pub(super) fn value_constraint(&mut self, at: At) -> Option<ValueConstraint> {
        let node = self.node(at);
        let (kind, lexical) = match (node.attribute("default"), node.attribute("fixed")) {
            (Some(_), Some(_)) => {
                let rule = match node.kind {
                    Kind::Element => Rule::ElementDefaultAndFixed,
                    _ => Rule::AttributeDefaultAndFixed,
                };
                self.fault(at, rule, "`default` and `fixed` exclude each other".to_owned());
                return None;
            }
            (Some(text), None) => (ValueConstraintKind::Default, text),
            (None, Some(text)) => (ValueConstraintKind::Fixed, text),
            (None, None) => return None,
        };
        let prefixes = Prefixes::of(lexical, &super::elements::NodeScope(node));
        Some(ValueConstraint { kind, lexical: lexical.into(), prefixes })
    }

    /// A default or fixed value has to be valid itself.
    pub(super) fn check_value(
        &mut self,
        at: At,
        value: Option<&ValueConstraint>,
        simple: &Arc<SimpleType>,
        rule: Rule,
    ) {
        let Some(value) = value else { return };
        let scope = super::elements::NodeScope(self.node(at));
        if let Err(fault) = simple.value(&value.lexical, &scope) {
            let sentence = format!(
                "the value `{}` is not valid: expected {}",
                value.lexical,
                fault.expected(simple, &value.lexical)
            );
            self.fault(at, rule, sentence);
        }
    }

    /// `a-props-correct.3` and `e-props-correct.5`: an ID is never given by the schema.
    pub(super) fn check_id_value(&mut self, at: At, simple: &SimpleType, rule: Rule) {
        if simple.id_kind() == IdKind::Id {
            let sentence = "a value of type ID may have no default and not be fixed".to_owned();
            self.fault(at, rule, sentence);
        }
    }

    /// A declaration may use NOTATION through a type that enumerates its values only.
    pub(super) fn check_notation(&mut self, at: At, simple: &SimpleType) {
        if simple.lacks_notation_enumeration() {
            let sentence = "`NOTATION` may not be used as it is: derive a type that enumerates notations";
            self.fault(at, Rule::NotationNotEnumerated, sentence.to_owned());
        }
    }

    /// Uses, groups and wildcard below a type or attribute group.
    pub(super) fn attribute_set(&mut self, at: At) -> AttributeSet {
        let mut set = AttributeSet::default();
        let rules = SetRules::of(self.node(at).kind);
        let mut own = None;
        for (child, node) in self.children(at) {
            match node.kind {
                Kind::Attribute => self.attribute_use(child, &mut set, rules),
                Kind::AttributeGroup => self.join_group(child, &mut set, rules),
                Kind::AnyAttribute => own = Some(self.wildcard(child)),
                _ => continue,
            }
            set.lacks |= !node.sound;
        }
        if let Some(own) = own {
            let before = set.wildcard.take();
            set.wildcard = self.intersect(at, own, before, rules);
            set.lacks |= set.wildcard.is_none();
        }
        set
    }

    fn attribute_use(&mut self, at: At, set: &mut AttributeSet, rules: SetRules) {
        let node = self.node(at);
        let Some(mut declaration) = self.used_declaration(at) else {
            set.lacks = true;
            return;
        };
        // The value of a local declaration belongs to its use (3.2.2).
        let value = match node.token("ref") {
            Some(_) => self.used_value(at, &declaration),
            None => declaration.value.take(),
        };
        if node.attribute("default").is_some() && node.token("use").is_some_and(|text| text != "optional") {
            self.fault(
                at,
                Rule::AttributeDefaultRequired,
                "an attribute with a `default` has to be optional".to_owned(),
            );
        }
        let required = match node.token("use") {
            Some("prohibited") => return set.prohibited.push(declaration.name),
            Some("required") => true,
            _ => false,
        };
        let origin = self.origin(at);
        self.add_use(at, AttributeUse { declaration, required, value, origin }, set, rules);
    }

    /// The value of a use that refers to a declaration (`au-props-correct.2`).
    fn used_value(&mut self, at: At, declaration: &AttributeDeclaration) -> Option<ValueConstraint> {
        let value = self.value_constraint(at)?;
        let Some(simple) = &declaration.type_definition else { return Some(value) };
        self.check_value(at, Some(&value), simple, Rule::UseValueInvalid);
        self.check_id_value(at, simple, Rule::AttributeValueOfId);
        let fixed = declaration.value.as_ref().filter(|fixed| fixed.kind == ValueConstraintKind::Fixed);
        if let Some(fixed) = fixed.filter(|fixed| !value.is_fixed_to(fixed, simple)) {
            let sentence = format!("the attribute is declared with the fixed value `{}`", fixed.lexical);
            self.fault(at, Rule::UseValueNotFixed, sentence);
        }
        Some(value)
    }

    /// `ct-props-correct.4` or `ag-props-correct.2`; uses are a set, so that one group may be met twice.
    fn add_use(&mut self, at: At, each: AttributeUse, set: &mut AttributeSet, rules: SetRules) {
        if !self.steps(at, set.uses.len() as u64) {
            set.lacks = true;
            return;
        }
        let namesake = set.uses.iter().find(|other| other.declaration.name == each.declaration.name);
        if let Some(namesake) = namesake {
            if namesake.origin == each.origin {
                return;
            }
            let sentence =
                format!("the attribute `{}` appears twice", self.schema.names.name(each.declaration.name));
            set.lacks = true;
            return self.fault(at, rules.twice, sentence);
        }
        set.uses.push(each);
    }

    fn used_declaration(&mut self, at: At) -> Option<AttributeDeclaration> {
        let node = self.node(at);
        match (node.token("ref"), node.token("name")) {
            (Some(_), Some(_)) | (None, None) => {
                self.fault(
                    at,
                    Rule::AttributeNameOrRef,
                    "an attribute has either a `name` or a `ref`".to_owned(),
                );
                None
            }
            (Some(reference), None) => {
                let extra = ["type", "form"].iter().any(|name| node.attribute(name).is_some());
                if extra || self.children(at).next().is_some() {
                    let sentence = "an attribute with `ref` has no type or form of its own".to_owned();
                    self.fault(at, Rule::AttributeRefExtra, sentence);
                }
                self.referenced_attribute(at, reference)
            }
            (None, Some(name)) => {
                let namespace = if self.is_qualified(at, "attributeFormDefault") {
                    Arc::clone(self.target(at))
                } else {
                    "".into()
                };
                Some(self.declare_attribute(at, &QualifiedName { namespace, local: name.into() }))
            }
        }
    }

    fn referenced_attribute(&mut self, at: At, reference: &str) -> Option<AttributeDeclaration> {
        let name = self.qualified(at, reference)?;
        if let Some(found) = self.symbols.get(Space::Attribute, &name, None) {
            let unclear = self.symbols.is_unclear(Space::Attribute, &name);
            return (!unclear).then(|| self.global_attribute(found));
        }
        let built_in = self.xml_attribute(&name);
        if built_in.is_none() {
            self.unresolved(Space::Attribute, at, &name);
        }
        built_in
    }

    /// `xml:lang`, `xml:space`, `xml:base`, `xml:id`: known without their schema document, which
    /// usually stands on a web site.
    fn xml_attribute(&mut self, name: &QualifiedName) -> Option<AttributeDeclaration> {
        if &*name.namespace != XML_NAMESPACE {
            return None;
        }
        let type_definition = Some(xml_attribute_type(&name.local)?);
        Some(AttributeDeclaration { name: self.intern(name), type_definition, value: None })
    }

    /// Whether a local declaration is in the target namespace: its own `form` or the document's default.
    pub(super) fn is_qualified(&self, at: At, default: &str) -> bool {
        let root = self.instances[at.instance].document.root();
        self.node(at).token("form").or_else(|| root.token(default)) == Some("qualified")
    }

    fn join_group(&mut self, at: At, set: &mut AttributeSet, rules: SetRules) {
        // A missing `ref` was reported when the document was read.
        let reference = self.node(at).token("ref");
        let found = reference.and_then(|reference| self.lookup(Space::AttributeGroup, at, reference));
        let Some(group) = found.and_then(|found| self.attribute_group_at(found)) else {
            set.lacks = true;
            return;
        };
        set.lacks |= group.lacks;
        if !self.keep(at, group.bytes()) {
            set.lacks = true;
            return;
        }
        for each in &group.uses {
            self.add_use(at, each.clone(), set, rules);
        }
        if let Some(wildcard) = &group.wildcard {
            set.wildcard = match set.wildcard.take() {
                Some(before) => self.intersect(at, before, Some(wildcard.clone()), rules),
                None => Some(wildcard.clone()),
            };
            set.lacks |= set.wildcard.is_none();
        }
    }

    /// The attributes of a global `attributeGroup` element; made once.
    pub(super) fn attribute_group_at(&mut self, at: At) -> Option<Rc<AttributeSet>> {
        match self.attribute_groups.get(&at) {
            Some(Made::Done(made)) => return Some(Rc::clone(made)),
            Some(Made::Building) => {
                let name = self.node(at).token("name").unwrap_or_default();
                self.fault(
                    at,
                    Rule::AttributeGroupCircular,
                    format!("the attribute group `{name}` contains itself"),
                );
                return None;
            }
            None => {}
        }
        self.attribute_groups.insert(at, Made::Building);
        self.within.push(at);
        let made = self.deeper(at, |builder| Some(builder.attribute_set(at)));
        let lacks = made.is_none() || !self.node(at).sound;
        let mut made = made.unwrap_or_default();
        made.lacks |= lacks;
        let made = Rc::new(made);
        self.within.pop();
        let is_id = |each: &&AttributeUse| each.declaration.id_kind() == IdKind::Id;
        if made.uses.iter().filter(is_id).count() > 1 {
            let sentence = "an attribute group may have one attribute of type ID".to_owned();
            self.fault(at, Rule::GroupIdTwice, sentence);
        }
        self.attribute_groups.insert(at, Made::Done(Rc::clone(&made)));
        Some(made)
    }

    /// `None`, which is told, when it cannot be expressed.
    fn intersect(
        &mut self,
        at: At,
        first: Wildcard,
        second: Option<Wildcard>,
        rules: SetRules,
    ) -> Option<Wildcard> {
        let Some(second) = second else { return Some(first) };
        if let Some(namespaces) = first.namespaces.intersection(&second.namespaces) {
            let narrowed = first.narrowed || second.narrowed;
            return Some(Wildcard { namespaces, process: first.process, narrowed });
        }
        self.fault(
            at,
            rules.intersection,
            "the intersection of these attribute wildcards cannot be expressed".to_owned(),
        );
        None
    }

    /// `any` or `anyAttribute` (3.10.2).
    pub(super) fn wildcard(&mut self, at: At) -> Wildcard {
        let node = self.node(at);
        let process = match node.token("processContents") {
            Some("lax") => ProcessContents::Lax,
            Some("skip") => ProcessContents::Skip,
            _ => ProcessContents::Strict,
        };
        let namespaces = match node.token("namespace") {
            None | Some("##any") => NamespaceConstraint::Any,
            Some("##other") => NamespaceConstraint::Not(Arc::clone(self.target(at))),
            Some(list) => NamespaceConstraint::OneOf(self.namespaces(at, list).into_iter().collect()),
        };
        self.check_narrowing(at, &namespaces);
        let narrowed = node.attribute("notNamespace").or(node.attribute("notQName")).is_some();
        Wildcard { namespaces, process, narrowed }
    }

    /// What a restriction inherits: the base's uses it neither redefines nor prohibits (3.4.2).
    pub(super) fn inherit_uses(own: &mut AttributeSet, base: &AttributeSet) {
        own.lacks |= base.lacks;
        let taken: Vec<NameId> =
            own.uses.iter().map(|each| each.declaration.name).chain(own.prohibited.iter().copied()).collect();
        own.uses.extend(base.uses.iter().filter(|each| !taken.contains(&each.declaration.name)).cloned());
    }

    /// What an extension adds up to: the base's uses and its own, wildcards united (3.4.2).
    pub(super) fn extend_uses(&mut self, at: At, own: AttributeSet, base: &AttributeSet) -> AttributeSet {
        let mut set = AttributeSet { uses: base.uses.clone(), ..AttributeSet::default() };
        set.lacks = own.lacks || base.lacks;
        for each in own.uses {
            self.add_use(at, each, &mut set, SetRules::of(Kind::ComplexType));
        }
        set.wildcard = match (own.wildcard, &base.wildcard) {
            (Some(own), Some(base)) => {
                let united = self.unite(at, &own, base);
                set.lacks |= united.is_none();
                united
            }
            (own, base) => own.or_else(|| base.clone()),
        };
        set
    }

    /// `None`, which is told, when it cannot be expressed.
    fn unite(&mut self, at: At, own: &Wildcard, base: &Wildcard) -> Option<Wildcard> {
        let Some(namespaces) = own.namespaces.union(&base.namespaces) else {
            self.fault(
                at,
                Rule::TypeWildcardUnion,
                "the union of these attribute wildcards cannot be expressed".to_owned(),
            );
            return None;
        };
        Some(Wildcard { namespaces, process: own.process, narrowed: own.narrowed || base.narrowed })
    }
}

/// The types that the schema of the XML namespace gives its attributes: `xml:lang` may be empty,
/// `xml:space` is one of two words.
fn xml_attribute_type(local: &str) -> Option<Arc<SimpleType>> {
    let built_in = |name: &str| SimpleType::builtin(name).expect("the type is built in");
    let one_of = |base: &str, words: &[&str]| {
        let facet = |value| FacetDeclaration {
            kind: FacetKind::Enumeration,
            value,
            fixed: false,
            namespaces: &NoNamespaces,
        };
        let facets: Vec<FacetDeclaration<'_>> = words.iter().copied().map(facet).collect();
        SimpleType::restriction(&built_in(base), None, &facets).expect("the words are values of the base")
    };
    Some(match local {
        "lang" => SimpleType::union(&[built_in("language"), one_of("string", &[""])], None)
            .expect("a union of atomic types can be made"),
        "space" => one_of("NCName", &["default", "preserve"]),
        "base" => built_in("anyURI"),
        "id" => built_in("ID"),
        _ => return None,
    })
}
