//! The builder: shared state while components are made, and name resolution.
//!
//! Components refer to each other in any order, so each is made when first asked for and remembered.
//! Complex types get their id at once and their content later, from a work list: an element may be of
//! the type it stands in. A base type is needed complete, so it is built first; a base that is being
//! built already is a circular derivation.

use super::symbols::{Space, Symbols};
use super::{At, Instance, Lost, Unavailable};
use crate::xml::{ExpandedName, NameId, NameTableBuilder, Place, XML_NAMESPACE};
use crate::xsd::component::arena::Arena;
use crate::xsd::component::wildcard::{NamespaceConstraint, ProcessContents, Wildcard};
use crate::xsd::component::{
    AttributeDeclaration, AttributeSet, ComplexType, ComplexTypeId, Compositor, ConstraintId, Content,
    Derivation, Derivations, ElementId, ModelGroup, Occurrence, Origin, Particle, Schema, Term,
    TypeDefinition,
};
use crate::xsd::document::vocabulary::TYPES_1_1;
use crate::xsd::document::{Node, QualifiedName};
use crate::xsd::fault::{Rule, SchemaFault};
use crate::xsd::faults::Faults;
use crate::xsd::namespaces::SCHEMA_NAMESPACE;
use crate::xsd::simple::SimpleType;
use crate::xsd::work::Work;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Progress of something that must not need itself.
#[derive(Clone, Debug)]
pub(super) enum Made<T> {
    Building,
    Done(T),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Pending(At),
    Building,
    Done,
}

pub(super) struct Builder<'a> {
    pub(super) instances: &'a [Instance],
    pub(super) symbols: &'a Symbols,
    pub(super) lost: &'a Lost<'a>,
    pub(super) faults: Faults,
    pub(super) schema: Schema,
    pub(super) simple_types: HashMap<At, Made<Option<Arc<SimpleType>>>>,
    pub(super) complex_ids: HashMap<At, ComplexTypeId>,
    pub(super) stages: Vec<Stage>,
    pub(super) elements: HashMap<At, ElementId>,
    pub(super) attributes: HashMap<At, AttributeDeclaration>,
    pub(super) groups: HashMap<At, Made<Rc<ModelGroup>>>,
    pub(super) attribute_groups: HashMap<At, Made<Rc<AttributeSet>>>,
    /// By name; `None` for one at fault.
    pub(super) constraints: HashMap<QualifiedName, Option<ConstraintId>>,
    /// `keyref`s whose key is looked up at the end.
    pub(super) keyrefs: Vec<(Option<ConstraintId>, QualifiedName, At)>,
    /// The global component being made, so that a redefinition finds what it redefines.
    pub(super) within: Vec<At>,
    pub(super) any_simple_type: Arc<SimpleType>,
    /// Finals of named simple types, by the address of the type.
    pub(super) simple_finals: HashMap<*const SimpleType, Derivations>,
    /// Elements whose complex type may not have been made yet when their value was read.
    pub(super) values: Vec<(At, ElementId)>,
    /// Documents that are needed and could not be had, which was told.
    needed: HashSet<Arc<str>>,
    /// Names that refer to nothing and may.
    absent: HashSet<(Space, QualifiedName)>,
    /// How many definitions a complex type, or the head of a substitution group, is built on.
    pub(super) type_depths: HashMap<ComplexTypeId, u32>,
    pub(super) head_depths: HashMap<ElementId, u32>,
    /// Complex types before this one are made.
    pub(super) made: usize,
    depth: u32,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        instances: &'a [Instance],
        symbols: &'a Symbols,
        lost: &'a Lost<'a>,
        faults: Faults,
        work: Work,
    ) -> Self {
        let mut complex_types = Arena::default();
        let any_type = complex_types.push(any_type());
        let schema = Schema {
            names: NameTableBuilder::default(),
            elements: Arena::default(),
            complex_types,
            constraints: Arena::default(),
            global_elements: HashMap::new(),
            global_attributes: HashMap::new(),
            global_types: HashMap::new(),
            any_type,
            redefined_groups: Vec::new(),
            redefined_attributes: Vec::new(),
            not_checked: Vec::new(),
            work,
        };
        Self {
            instances,
            symbols,
            lost,
            faults,
            schema,
            simple_types: HashMap::new(),
            complex_ids: HashMap::new(),
            stages: vec![Stage::Done],
            elements: HashMap::new(),
            attributes: HashMap::new(),
            groups: HashMap::new(),
            attribute_groups: HashMap::new(),
            constraints: HashMap::new(),
            keyrefs: Vec::new(),
            within: Vec::new(),
            any_simple_type: SimpleType::builtin("anySimpleType").expect("anySimpleType is built in"),
            simple_finals: HashMap::new(),
            values: Vec::new(),
            needed: HashSet::new(),
            absent: HashSet::new(),
            type_depths: HashMap::new(),
            head_depths: HashMap::new(),
            made: 0,
            depth: 0,
        }
    }

    /// Makes every global component and all they need.
    pub(super) fn build(mut self) -> (Schema, Faults) {
        let symbols = self.symbols;
        for (space, name, at) in &symbols.all {
            self.global(*space, name, *at);
            self.work_off();
            if self.schema.work.is_spent() {
                self.spent(*at);
                break;
            }
        }
        self.built_in_types();
        self.resolve_keyrefs();
        self.check_values();
        for instance in self.instances {
            for each in &instance.document.not_checked {
                let entry = format!("{} in `{}`", each, instance.document.location);
                if !self.schema.not_checked.contains(&entry) {
                    self.schema.not_checked.push(entry);
                }
            }
        }
        (self.schema, self.faults)
    }

    fn global(&mut self, space: Space, name: &QualifiedName, at: At) {
        let current = self.symbols.get(space, name, None) == Some(at);
        match space {
            Space::Type => {
                let made = self.type_at(at);
                if let (Some(made), true) = (made, current) {
                    let id = self.intern(name);
                    self.schema.global_types.insert(id, made);
                }
            }
            Space::Element => {
                let element = self.global_element(at);
                if current {
                    let id = self.intern(name);
                    self.schema.global_elements.insert(id, element);
                }
            }
            Space::Attribute => {
                let declaration = self.global_attribute(at);
                if current {
                    self.schema.global_attributes.insert(declaration.name, declaration);
                }
            }
            Space::Group => drop(self.group_at(at)),
            Space::AttributeGroup => drop(self.attribute_group_at(at)),
            Space::Notation => self.notation(at),
        }
        self.check_redefinition(space, name, at);
    }

    /// `n-props-correct`: at least one of the two identifiers.
    fn notation(&mut self, at: At) {
        let node = self.node(at);
        if node.sound && node.attribute("public").is_none() && node.attribute("system").is_none() {
            let sentence = "a notation needs a `public` or a `system` identifier".to_owned();
            self.fault(at, Rule::NotationUnidentified, sentence);
        }
    }

    /// The built-in types are known to every schema; `xsi:type` may name them.
    fn built_in_types(&mut self) {
        for local in BUILT_IN {
            if let Some(simple) = SimpleType::builtin(local) {
                let id = self.schema.names.intern(ExpandedName { namespace: SCHEMA_NAMESPACE, local });
                self.schema.global_types.insert(id, TypeDefinition::Simple(simple));
            }
        }
        let id = self.schema.names.intern(ExpandedName { namespace: SCHEMA_NAMESPACE, local: "anyType" });
        self.schema.global_types.insert(id, TypeDefinition::Complex(self.schema.any_type));
    }

    pub(super) fn node(&self, at: At) -> &'a Node {
        self.instances[at.instance].document.node(at.node)
    }

    pub(super) fn children(&self, at: At) -> impl Iterator<Item = (At, &'a Node)> + use<'a> {
        let document = &self.instances[at.instance].document;
        document.children(document.node(at.node)).map(move |(node, child)| (At { node, ..at }, child))
    }

    pub(super) fn target(&self, at: At) -> &'a Arc<str> {
        &self.instances[at.instance].target
    }

    pub(super) fn intern(&mut self, name: &QualifiedName) -> NameId {
        self.schema.names.intern(ExpandedName { namespace: &name.namespace, local: &name.local })
    }

    pub(super) fn fault(&mut self, at: At, rule: Rule, sentence: String) {
        let document = Arc::clone(&self.instances[at.instance].document.location);
        self.faults.push(SchemaFault { document, place: self.node(at).place, rule, sentence });
    }

    /// Counts bytes that are kept; `false`, and a fault, when it is too much.
    pub(super) fn keep(&mut self, at: At, bytes: u64) -> bool {
        self.schema.work.bytes(bytes) || self.spent(at)
    }

    /// Counts steps; `false`, and a fault, when it is too much.
    pub(super) fn steps(&mut self, at: At, steps: u64) -> bool {
        self.schema.work.steps(steps) || self.spent(at)
    }

    fn spent(&mut self, at: At) -> bool {
        if let Some(sentence) = self.schema.work.tell() {
            self.fault(at, Rule::WorkLimit, sentence);
        }
        false
    }

    pub(super) fn origin(&self, at: At) -> Origin {
        let document = Arc::clone(&self.instances[at.instance].document.location);
        Origin { document, place: self.node(at).place }
    }

    /// Runs `work` one level deeper, or refuses beyond the limit.
    pub(super) fn deeper<T>(&mut self, at: At, work: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if !self.allows_depth(at, self.depth) {
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Whether a definition may build on one that is itself built on `depth` others; a fault if not.
    pub(super) fn allows_depth(&mut self, at: At, depth: u32) -> bool {
        let most = self.schema.work.limits().definition_depth_max;
        let allowed = depth < most;
        if !allowed {
            let sentence = format!(
                "definitions build on each other more than {most} deep (limit `definition_depth_max`)"
            );
            self.fault(at, Rule::DefinitionDepthLimit, sentence);
        }
        allowed
    }

    /// A model group, unless it is nested too deep.
    pub(super) fn group(&mut self, at: At, compositor: Compositor, particles: Vec<Particle>) -> Term {
        let group = ModelGroup::new(compositor, particles);
        let most = self.schema.work.limits().model_depth_max;
        if group.depth() <= most {
            return Term::Group(Rc::new(group));
        }
        let sentence = format!("model groups are nested more than {most} deep (limit `model_depth_max`)");
        self.fault(at, Rule::ModelDepthLimit, sentence);
        Term::Absent
    }

    /// A QName of an attribute value, resolved where it stands (part 1, 3.15.3, with chameleon namespaces).
    pub(super) fn qualified(&mut self, at: At, text: &str) -> Option<QualifiedName> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let Some(namespace) = self.namespace(at, prefix) else {
            self.fault(
                at,
                Rule::PrefixUndeclared,
                format!("the prefix `{prefix}` of `{text}` is not declared"),
            );
            return None;
        };
        let instance = &self.instances[at.instance];
        let known = instance.document.unsure
            || *namespace == *instance.target
            || &*namespace == SCHEMA_NAMESPACE
            || instance.imports.contains(&namespace);
        if !known {
            let (rule, sentence) = if namespace.is_empty() {
                let what = format!("`{text}` is in no namespace, which this document does not import");
                (Rule::NoNamespaceNotImported, what)
            } else {
                let what = format!(
                    "`{text}` is in the namespace `{namespace}`, which this document does not import"
                );
                (Rule::NamespaceNotImported, what)
            };
            self.fault(at, rule, sentence);
            return None;
        }
        Some(QualifiedName { namespace, local: local.into() })
    }

    /// Whether a QName that stands somewhere is this name.
    pub(super) fn resolves_to(&self, at: At, text: &str, name: &QualifiedName) -> bool {
        self.peek(at, text).as_ref() == Some(name)
    }

    /// What a QName stands for, if its prefix is declared.
    pub(super) fn peek(&self, at: At, text: &str) -> Option<QualifiedName> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let namespace = self.namespace(at, prefix)?;
        Some(QualifiedName { namespace, local: local.into() })
    }

    fn namespace(&self, at: At, prefix: &str) -> Option<Arc<str>> {
        let node = self.node(at);
        let instance = &self.instances[at.instance];
        Some(match node.namespace_of(prefix) {
            Some(uri) if !uri.is_empty() => Arc::clone(uri),
            _ if prefix == "xml" => XML_NAMESPACE.into(),
            _ if prefix.is_empty() && instance.document.target_namespace.is_none() => {
                Arc::clone(&instance.target)
            }
            _ if prefix.is_empty() => "".into(),
            _ => return None,
        })
    }

    /// Where a name is declared, or a fault that says why it is not.
    pub(super) fn lookup(&mut self, space: Space, at: At, text: &str) -> Option<At> {
        let name = self.qualified(at, text)?;
        self.declared(space, at, &name)
    }

    /// Where a name is declared, or a fault; nothing when it is unclear by another fault.
    pub(super) fn declared(&mut self, space: Space, at: At, name: &QualifiedName) -> Option<At> {
        if self.symbols.is_unclear(space, name) {
            return None;
        }
        let found = self.symbols.get(space, name, self.within.last().copied());
        if found.is_none() {
            self.unresolved(space, at, name);
        }
        found
    }

    pub(super) fn unresolved(&mut self, space: Space, at: At, name: &QualifiedName) {
        if self.lost.may_hold(name) {
            return;
        }
        let reason = match self.lost.reason(&name.namespace) {
            _ if space == Space::Type && is_of_version_1_1(name) => {
                "; it is a type of XML Schema 1.1".to_owned()
            }
            _ if space == Space::Type && *name.namespace == *SCHEMA_NAMESPACE => {
                "; it is none of XML Schema 1.0".to_owned()
            }
            Some(reason) => format!("; {reason}"),
            None => String::new(),
        };
        let sentence = format!("there is no {} `{name}`{reason}", space.noun());
        if !self.lost.may_be_absent(space, self.node(at).kind, name) {
            match self.lost.unavailable(&name.namespace) {
                Some(lacking) => self.needs(lacking, space, name),
                None => self.fault(at, space.unresolved(), sentence),
            }
        } else if self.absent.insert((space, name.clone())) {
            self.schema.not_checked.push(sentence);
        }
    }

    /// A document is needed that could not be had: told once, where it is asked for, whatever is needed of it.
    fn needs(&mut self, lacking: &Unavailable, space: Space, name: &QualifiedName) {
        if self.needed.insert(Arc::clone(&lacking.location)) {
            let noun = space.noun();
            self.faults.push(SchemaFault {
                document: Arc::clone(&lacking.referrer),
                place: lacking.place,
                rule: Rule::DocumentUnavailable,
                sentence: format!("{}; the {noun} `{name}` and perhaps more is needed of it", lacking.what),
            });
        }
    }

    /// A boolean attribute.
    pub(super) fn flag(&self, at: At, name: &str) -> bool {
        matches!(self.node(at).token(name), Some("true" | "1"))
    }

    /// `block` or `final`, with the default of the document's root.
    pub(super) fn derivations(&self, at: At, name: &str, default: &str) -> Derivations {
        let root = self.instances[at.instance].document.root();
        let Some(text) = self.node(at).token(name).or_else(|| root.token(default)) else {
            return Derivations::default();
        };
        let mut set = Derivations::default();
        for word in text.split_ascii_whitespace() {
            match word {
                "#all" => set = Derivations::ALL,
                "extension" => set.extension = true,
                "restriction" => set.restriction = true,
                "substitution" => set.substitution = true,
                "list" => set.list = true,
                "union" => set.union = true,
                // Anything else was reported when the document was read.
                _ => {}
            }
        }
        set
    }
}

/// The ur-type: any content, any attribute, laxly (3.4.7).
fn any_type() -> ComplexType {
    let wildcard =
        Wildcard { namespaces: NamespaceConstraint::Any, process: ProcessContents::Lax, narrowed: false };
    let any = Particle {
        occurs: Occurrence { min: 0, max: None },
        term: Term::Wildcard(Rc::new(wildcard.clone())),
    };
    let group = ModelGroup::new(Compositor::Sequence, vec![any]);
    ComplexType {
        name: Some("anyType".into()),
        base: None,
        derivation: Derivation::Restriction,
        is_abstract: false,
        block: Derivations::default(),
        finals: Derivations::default(),
        origin: Origin { document: "XML Schema".into(), place: Place::default() },
        attributes: AttributeSet { wildcard: Some(wildcard), ..AttributeSet::default() },
        content: Content::Mixed(Some(Particle {
            occurs: Occurrence::ONCE,
            term: Term::Group(Rc::new(group)),
        })),
    }
}

/// Names of the built-in simple types (part 2, chapter 3).
const BUILT_IN: &[&str] = &[
    "anySimpleType",
    "string",
    "boolean",
    "decimal",
    "float",
    "double",
    "duration",
    "dateTime",
    "time",
    "date",
    "gYearMonth",
    "gYear",
    "gMonthDay",
    "gDay",
    "gMonth",
    "hexBinary",
    "base64Binary",
    "anyURI",
    "QName",
    "NOTATION",
    "normalizedString",
    "token",
    "language",
    "NMTOKEN",
    "NMTOKENS",
    "Name",
    "NCName",
    "ID",
    "IDREF",
    "IDREFS",
    "ENTITY",
    "ENTITIES",
    "integer",
    "nonPositiveInteger",
    "negativeInteger",
    "long",
    "int",
    "short",
    "byte",
    "nonNegativeInteger",
    "unsignedLong",
    "unsignedInt",
    "unsignedShort",
    "unsignedByte",
    "positiveInteger",
];

/// Whether a name is that of a type which only XML Schema 1.1 has built in.
fn is_of_version_1_1(name: &QualifiedName) -> bool {
    *name.namespace == *SCHEMA_NAMESPACE && TYPES_1_1.contains(&&*name.local)
}
