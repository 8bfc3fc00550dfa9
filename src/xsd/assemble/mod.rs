//! Stage 2: schema documents to components, without I/O.
//!
//! The [`Assembler`] is given documents and says which are missing; the caller fetches them from
//! wherever it allows schema documents to come from. When nothing is missing, `finish` resolves
//! every name and builds the components, collecting all faults on the way.
//!
//! ```text
//!  add(bytes) ─▶ document ─▶ instance (document, target namespace) ─▶ symbols ─▶ builder ─▶ Schema
//!                   └─▶ include, import, redefine ─▶ missing() ─▶ the caller ─▶ add(bytes)
//! ```
//!
//! A document without target namespace that is included by one with a namespace takes it over
//! (*chameleon*); it then stands as an instance of its own for each namespace that includes it.

mod attributes;
mod builder;
mod complex;
mod elements;
mod narrowed;
mod particles;
mod redefine;
mod simple;
mod symbols;
#[cfg(test)]
mod tests;

use crate::xml::{Limits, Place};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::document::{Kind, NODE_BYTES, NodeId, QualifiedName, SchemaDocument, parse};
use crate::xsd::fault::{Rule, SchemaError, SchemaFault};
use crate::xsd::faults::Faults;
use crate::xsd::limits::SchemaLimits;
use crate::xsd::namespaces::SCHEMA_NAMESPACE;
use crate::xsd::work::Work;
use builder::Builder;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use symbols::{Space, Symbols};

/// How a document was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// By `xs:include`.
    Include,
    /// By `xs:import`.
    Import,
    /// By `xs:redefine`.
    Redefine,
}

/// What an `include` means whose document cannot be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingInclude {
    /// The schema is refused: whoever wrote the `include` counts on it.
    #[default]
    Refused,
    /// The schema is made of what is there, as `src-include` has it, and is not fully checked.
    NotChecked,
}

/// What a name means that refers to nothing.
///
/// Resolution may fail, and what is then *absent* counts only against the instance that needs it (part 1,
/// 5.3); yet what a schema says of its components has to hold without it. So, with [`OnUse`](Self::OnUse):
///
/// * The type of an element or attribute declaration may be absent: `e-props-correct.1` and
///   `a-props-correct.1` allow it by name, and no other constraint needs it. What is validated against
///   such a declaration breaks `cvc-type.1` or `cvc-attribute.2`.
/// * Whatever else a name may refer to may be absent as well if documents that would have it were not to be
///   had: that an `import` or `include` brings nothing is no error (`src-import.2`, `src-include.2`). A type
///   that is made of an absent one, as its base, its items or one of its members, is absent itself; an element
///   whose type is so, or holds a reference to what is absent, breaks `cvc-type.1`.
/// * A name of the schema namespace is never absent: that namespace is known whole.
/// * Everything else has to be there: in documents that were loaded, the base of a type, the items of a list
///   and the members of a union, because a type has to come from the ur-type by steps that are there
///   (`st-props-correct.2`, `ct-props-correct.3`, `cos-st-restricts`); a key a keyref refers to, because of the
///   number of its fields (`c-props-correct.2`); a notation, because it is the value of a facet; and whatever a
///   document that was loaded should declare, because content and attributes cannot be held to their
///   constraints without it (`cos-nonambig`, `cos-element-consistent`, `ct-props-correct.4`).
///
/// What is absent is listed in [`CompiledSchema::not_checked`], so that no verdict hides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unresolved {
    /// A fault of the schema: whoever wrote the name counts on it.
    #[default]
    Refused,
    /// A fault of the instance that needs what is absent, as far as the rules above go.
    OnUse,
}

/// A document the schema needs.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it should be: the `schemaLocation`, resolved against the referring document.
    pub location: Arc<str>,
    /// The namespace it should have, for an import that names one.
    pub namespace: Option<Arc<str>>,
    /// The document that asks for it.
    pub referrer: Arc<str>,
    /// How it asks.
    pub kind: RequestKind,
    place: Place,
    /// Target namespace of the referring instance.
    target: Arc<str>,
    from: (usize, NodeId),
}

impl Request {
    /// The namespace of which the document would bring a part.
    fn brings(&self) -> Arc<str> {
        match self.kind {
            RequestKind::Import => self.namespace.clone().unwrap_or_default(),
            RequestKind::Include | RequestKind::Redefine => Arc::clone(&self.target),
        }
    }
}

/// A document that cannot be had.
#[derive(Debug)]
struct Unavailable {
    location: Arc<str>,
    /// Of which it would have brought a part.
    namespace: Arc<str>,
    /// The document that asks for it, and where.
    referrer: Arc<str>,
    place: Place,
    /// Why it cannot be had, in words.
    what: String,
}

/// A document standing for one target namespace.
#[derive(Debug)]
struct Instance {
    document: Rc<SchemaDocument>,
    target: Arc<str>,
    /// Namespaces it imports, empty for none: those its names may refer to beside its own.
    imports: HashSet<Arc<str>>,
    /// Instances it includes or redefines.
    includes: Vec<usize>,
}

/// A `redefine` element with the instance it brought in.
#[derive(Clone, Copy, Debug)]
struct Redefinition {
    at: At,
    of: usize,
}

/// What could not be had or read, and what went with it.
struct Lost<'a> {
    /// Namespaces of which a part is lost, which was told.
    namespaces: &'a HashSet<Arc<str>>,
    unavailable: &'a [Unavailable],
    /// Namespaces of which a document was loaded.
    loaded: HashSet<&'a str>,
    unresolved: Unresolved,
    /// Names of what was reported and left out.
    dropped: HashSet<&'a str>,
    unsure: bool,
}

impl<'a> Lost<'a> {
    fn of(
        instances: &'a [Instance],
        namespaces: &'a HashSet<Arc<str>>,
        unavailable: &'a [Unavailable],
        unresolved: Unresolved,
    ) -> Self {
        let documents = || instances.iter().map(|each| &each.document);
        Self {
            namespaces,
            unavailable,
            loaded: instances.iter().map(|each| &*each.target).collect(),
            unresolved,
            dropped: documents().flat_map(|each| each.dropped.iter().map(|name| &**name)).collect(),
            unsure: documents().any(|each| each.unsure),
        }
    }

    /// Whether a name may have been declared by something that could not be read, which was told: then
    /// it is no fault of its own that it is not there.
    fn may_hold(&self, name: &QualifiedName) -> bool {
        self.unsure || self.namespaces.contains(&name.namespace) || self.dropped.contains(&*name.local)
    }

    /// The document that could not be had and may have declared names of a namespace.
    fn unavailable(&self, namespace: &str) -> Option<&'a Unavailable> {
        self.unavailable.iter().find(|each| *each.namespace == *namespace)
    }

    /// Why a name of a namespace may be lacking, for people; `None` when the namespace was had whole.
    fn reason(&self, namespace: &str) -> Option<String> {
        if let Some(lacking) = self.unavailable(namespace) {
            return Some(format!("the document `{}` could not be had", lacking.location));
        }
        (!self.loaded.contains(namespace)).then(|| "no document of that namespace was loaded".to_owned())
    }

    /// Whether the name that a node of this kind refers to may be absent ([`Unresolved`]).
    fn may_be_absent(&self, space: Space, node: Kind, name: &QualifiedName) -> bool {
        if self.unresolved == Unresolved::Refused || &*name.namespace == SCHEMA_NAMESPACE {
            return false;
        }
        match space {
            Space::Type if matches!(node, Kind::Element | Kind::Attribute) => true,
            Space::Notation => false,
            Space::Type | Space::Element | Space::Attribute | Space::Group | Space::AttributeGroup => {
                self.reason(&name.namespace).is_some()
            }
        }
    }
}

/// Where a declaration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct At {
    instance: usize,
    node: NodeId,
}

/// Collects schema documents until none is missing.
#[derive(Debug, Default)]
pub struct Assembler {
    limits: Limits,
    documents: HashMap<Arc<str>, Option<Rc<SchemaDocument>>>,
    instances: Vec<Instance>,
    seen: HashMap<(Arc<str>, Arc<str>), usize>,
    pending: VecDeque<Request>,
    redefinitions: Vec<Redefinition>,
    unavailable: Vec<Unavailable>,
    missing_include: MissingInclude,
    unresolved: Unresolved,
    not_checked: Vec<String>,
    /// Documents that are not there or no use, which was told.
    refused: HashSet<Arc<str>>,
    /// Namespaces of which such a document may hold a part.
    lost: HashSet<Arc<str>>,
    faults: Faults,
    work: Work,
}

impl Assembler {
    /// An assembler without documents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a document: the first is the one to load, each later one answers a request. Faults of
    /// the document are kept for [`finish`](Self::finish).
    pub fn add(&mut self, location: &str, bytes: &[u8]) {
        let location: Arc<str> = location.into();
        let document = parse(&location, bytes, &self.limits, &self.work, &mut self.faults).map(Rc::new);
        if document.is_none() {
            self.refused.insert(Arc::clone(&location));
        }
        self.documents.insert(Arc::clone(&location), document.clone());
        if let (Some(document), true) = (document, self.pending.is_empty()) {
            let target = document.target_namespace.clone().unwrap_or_default();
            self.instantiate(&document, &target);
        }
    }

    /// Sets what the schema may cost; to be called before the first document.
    pub fn set_limits(&mut self, limits: SchemaLimits) {
        self.work = Work::within(limits);
    }

    /// Says what an included document that cannot be had means.
    pub fn set_missing_include(&mut self, policy: MissingInclude) {
        self.missing_include = policy;
    }

    /// Says what a name that refers to nothing means.
    pub fn set_unresolved(&mut self, policy: Unresolved) {
        self.unresolved = policy;
    }

    /// Answers a request: the document cannot be had. After an `import` that is a fault only if
    /// something of it is used; a `redefine` that changes something always needs it
    /// (`src-redefine.1`); after an `include` the policy decides.
    pub fn unavailable(&mut self, request: &Request, why: &str) {
        let document = &self.instances[request.from.0].document;
        let redefines = document.children(document.node(request.from.1)).next().is_some();
        let what = format!("the schema document `{}` cannot be had: {why}", request.location);
        let rule = match (request.kind, self.missing_include) {
            _ if redefines => Some(Rule::RedefineUnavailable),
            (RequestKind::Import, _) => None,
            (_, MissingInclude::Refused) => Some(Rule::DocumentUnavailable),
            (_, MissingInclude::NotChecked) => {
                self.not_checked.push(what.clone());
                None
            }
        };
        if let Some(rule) = rule {
            self.fault(request, rule, what.clone());
            self.refused.insert(Arc::clone(&request.location));
        }
        let location = Arc::clone(&request.location);
        let (referrer, place) = (Arc::clone(&request.referrer), request.place);
        self.unavailable.push(Unavailable { location, namespace: request.brings(), referrer, place, what });
        self.documents.insert(Arc::clone(&request.location), None);
    }

    /// The next document to supply; `None` when all are there.
    pub fn missing(&mut self) -> Option<Request> {
        while let Some(request) = self.pending.pop_front() {
            match self.documents.get(&request.location).cloned() {
                Some(Some(document)) => self.answer(&request, &document),
                Some(None) => self.useless(&request),
                None => {
                    self.pending.push_front(request.clone());
                    return Some(request);
                }
            }
        }
        None
    }

    /// The document is known not to be there, or to be no use: so is, then, what it may have declared.
    fn useless(&mut self, request: &Request) {
        if self.refused.contains(&request.location) {
            self.lose(request);
        }
        self.not_a_schema(request);
    }

    /// What was there is no schema document; why not stands among its own faults.
    fn not_a_schema(&mut self, request: &Request) {
        if self.unavailable.iter().any(|each| each.location == request.location) {
            return;
        }
        let rule = match request.kind {
            RequestKind::Include => Rule::IncludeNotSchema,
            RequestKind::Import => Rule::ImportNotSchema,
            RequestKind::Redefine => Rule::RedefineNotSchema,
        };
        self.fault(request, rule, format!("`{}` cannot be read as a schema document", request.location));
    }

    /// Resolves all names and builds the schema, compiled; or says everything that is wrong.
    pub fn finish(mut self) -> Result<Arc<CompiledSchema>, SchemaError> {
        if self.work.is_spent()
            && let Some(error) = std::mem::take(&mut self.faults).into_error()
        {
            return Err(error);
        }
        let lost = Lost::of(&self.instances, &self.lost, &self.unavailable, self.unresolved);
        let symbols = Symbols::collect(&self.instances, &self.redefinitions, &lost, &mut self.faults);
        let builder = Builder::new(&self.instances, &symbols, &lost, self.faults, self.work);
        let (mut schema, faults) = builder.build();
        schema.not_checked.append(&mut self.not_checked);
        CompiledSchema::compile(schema, faults).map(Arc::new)
    }

    /// What a document that is not there may have declared is not known.
    fn lose(&mut self, request: &Request) {
        self.lost.insert(request.brings());
    }

    fn answer(&mut self, request: &Request, document: &Rc<SchemaDocument>) {
        let own = document.target_namespace.clone();
        let target = match (request.kind, own) {
            (RequestKind::Import, own) => {
                let own = own.unwrap_or_default();
                if request.namespace.clone().unwrap_or_default() != own {
                    self.lose(request);
                    let found = match &*own {
                        "" => format!("`{}` has no target namespace", request.location),
                        own => format!("`{}` has the target namespace `{own}`", request.location),
                    };
                    let (rule, said) = match &request.namespace {
                        Some(said) => (Rule::ImportOtherNamespace, format!("the import says `{said}`")),
                        None => (Rule::ImportUnexpectedNamespace, "the import names none".to_owned()),
                    };
                    return self.fault(request, rule, format!("{found}, {said}"));
                }
                own
            }
            (_, Some(own)) if own != request.target => {
                let sentence = format!(
                    "`{}` has the target namespace `{own}`, the document that asks for it has `{}`",
                    request.location, request.target
                );
                self.lose(request);
                let rule = match request.kind {
                    RequestKind::Redefine => Rule::RedefineNamespace,
                    _ => Rule::IncludeNamespace,
                };
                return self.fault(request, rule, sentence);
            }
            _ => Arc::clone(&request.target),
        };
        let of = self.instantiate(document, &target);
        let (instance, node) = request.from;
        if request.kind == RequestKind::Redefine {
            self.redefinitions.push(Redefinition { at: At { instance, node }, of });
        }
        if request.kind != RequestKind::Import {
            self.instances[instance].includes.push(of);
        }
    }

    fn instantiate(&mut self, document: &Rc<SchemaDocument>, target: &Arc<str>) -> usize {
        let instance = self.instances.len();
        let key = (Arc::clone(&document.location), Arc::clone(target));
        if let Some(&known) = self.seen.get(&key) {
            return known;
        }
        self.seen.insert(key, instance);
        // The first time its nodes were counted when it was read.
        let again = self.instances.iter().any(|each| Rc::ptr_eq(&each.document, document));
        if again {
            self.work.bytes(document.size() as u64 * NODE_BYTES);
        }
        if let Some(sentence) = self.work.tell() {
            self.faults.push(fault(&document.location, Place::default(), Rule::WorkLimit, sentence));
        }
        let imports = document.children(document.root()).filter(|(_, child)| child.kind == Kind::Import);
        self.instances.push(Instance {
            document: Rc::clone(document),
            target: Arc::clone(target),
            imports: imports.map(|(_, child)| child.token("namespace").unwrap_or_default().into()).collect(),
            includes: Vec::new(),
        });
        let requests: Vec<Request> = document
            .children(document.root())
            .filter_map(|(node, child)| {
                let kind = match child.kind {
                    Kind::Include => RequestKind::Include,
                    Kind::Import => RequestKind::Import,
                    Kind::Redefine => RequestKind::Redefine,
                    _ => return None,
                };
                let location = child.token("schemaLocation")?;
                Some(Request {
                    location: resolve_location(&document.location, location).into(),
                    namespace: child.token("namespace").map(Into::into),
                    referrer: Arc::clone(&document.location),
                    kind,
                    place: child.place,
                    target: Arc::clone(target),
                    from: (instance, node),
                })
            })
            .filter(|request| request.namespace.as_deref() != Some(SCHEMA_NAMESPACE))
            .collect();
        self.check_headers(document, target);
        if self.work.is_spent() {
            return instance;
        }
        let most = self.work.limits().documents_max;
        if self.documents.len() + requests.len() > most {
            let sentence =
                format!("the schema consists of more than {most} documents (limit `documents_max`)");
            self.faults.push(fault(&document.location, Place::default(), Rule::DocumentsLimit, sentence));
            return instance;
        }
        self.pending.extend(requests);
        instance
    }

    fn check_headers(&mut self, document: &Rc<SchemaDocument>, target: &Arc<str>) {
        for (_, child) in document.children(document.root()) {
            if child.kind == Kind::Import && child.token("namespace").unwrap_or_default() == &**target {
                let (rule, sentence) = if child.attribute("namespace").is_some() {
                    let what = format!("an import may not name the document's own namespace `{target}`");
                    (Rule::ImportOwnNamespace, what)
                } else {
                    let what = "an import without a `namespace` needs a document with a `targetNamespace`";
                    (Rule::ImportNoNamespace, what.to_owned())
                };
                self.faults.push(fault(&document.location, child.place, rule, sentence));
            }
        }
        if document.root().token("targetNamespace") == Some("") {
            let sentence = "the `targetNamespace` may not be empty; leave the attribute out".to_owned();
            self.faults.push(fault(
                &document.location,
                document.root().place,
                Rule::AttributeValue,
                sentence,
            ));
        }
    }

    fn fault(&mut self, request: &Request, rule: Rule, sentence: String) {
        self.faults.push(fault(&request.referrer, request.place, rule, sentence));
    }
}

fn fault(document: &Arc<str>, place: Place, rule: Rule, sentence: String) -> SchemaFault {
    SchemaFault { document: Arc::clone(document), place, rule, sentence }
}

/// A relative location is meant from the folder of the document it stands in.
fn resolve_location(referrer: &str, location: &str) -> String {
    // Some programs write paths as Windows does; no address has a backslash.
    let location = &*location.replace('\\', "/");
    if location.contains("://") || location.starts_with("file:") || location.starts_with('/') {
        return location.to_owned();
    }
    let folder = referrer.rfind('/').map_or("", |at| &referrer[..=at]);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split_inclusive('/').chain(location.split_inclusive('/')) {
        match part {
            "./" => {}
            "../" if parts.last().is_some_and(|last| !matches!(*last, "../" | "/")) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.concat()
}
