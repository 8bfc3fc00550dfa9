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
mod particles;
mod redefine;
mod simple;
mod symbols;
#[cfg(test)]
mod tests;

use crate::xml::{Limits, Place};
use crate::xsd::compile::CompiledSchema;
use crate::xsd::document::{Kind, NodeId, QualifiedName, SCHEMA_NAMESPACE, SchemaDocument, parse};
use crate::xsd::fault::{Rule, SchemaError, SchemaFault};
use crate::xsd::faults::Faults;
use builder::Builder;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use symbols::Symbols;

pub use builder::{DEFINITION_DEPTH_MAX, MODEL_DEPTH_MAX, RESTRICTION_CHAIN_MAX};

/// Most schema documents one schema may consist of.
pub const DOCUMENTS_MAX: usize = 1_000;

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

/// A document standing for one target namespace.
#[derive(Debug)]
struct Instance {
    document: Rc<SchemaDocument>,
    target: Arc<str>,
    /// Namespaces it imports, empty for none: those its names may refer to beside its own.
    imports: Vec<Arc<str>>,
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
    unavailable: &'a [(Arc<str>, RequestKind)],
    /// Names of what was reported and left out.
    dropped: HashSet<&'a str>,
    unsure: bool,
}

impl<'a> Lost<'a> {
    fn of(
        instances: &'a [Instance],
        namespaces: &'a HashSet<Arc<str>>,
        unavailable: &'a [(Arc<str>, RequestKind)],
    ) -> Self {
        let documents = || instances.iter().map(|each| &each.document);
        Self {
            namespaces,
            unavailable,
            dropped: documents().flat_map(|each| each.dropped.iter().map(|name| &**name)).collect(),
            unsure: documents().any(|each| each.unsure),
        }
    }

    /// Whether a name may have been declared by something that could not be read, which was told: then
    /// it is no fault of its own that it is not there.
    fn may_hold(&self, name: &QualifiedName) -> bool {
        self.unsure || self.namespaces.contains(&name.namespace) || self.dropped.contains(&*name.local)
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
    unavailable: Vec<(Arc<str>, RequestKind)>,
    missing_include: MissingInclude,
    not_checked: Vec<String>,
    /// Documents that are not there or no use, which was told.
    refused: HashSet<Arc<str>>,
    /// Namespaces of which such a document may hold a part.
    lost: HashSet<Arc<str>>,
    faults: Faults,
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
        let document = parse(&location, bytes, &self.limits, &mut self.faults).map(Rc::new);
        if document.is_none() {
            self.refused.insert(Arc::clone(&location));
        }
        self.documents.insert(Arc::clone(&location), document.clone());
        if let (Some(document), true) = (document, self.pending.is_empty()) {
            let target = document.target_namespace.clone().unwrap_or_default();
            self.instantiate(&document, &target);
        }
    }

    /// Says what an included document that cannot be had means.
    pub fn set_missing_include(&mut self, policy: MissingInclude) {
        self.missing_include = policy;
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
            self.fault(request, rule, what);
            self.refused.insert(Arc::clone(&request.location));
        }
        self.unavailable.push((Arc::clone(&request.location), request.kind));
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
        if self.unavailable.iter().any(|(location, _)| *location == request.location) {
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
        let lost = Lost::of(&self.instances, &self.lost, &self.unavailable);
        let symbols = Symbols::collect(&self.instances, &self.redefinitions, &lost, &mut self.faults);
        let builder = Builder::new(&self.instances, &symbols, &lost, self.faults);
        let (mut schema, faults) = builder.build();
        schema.not_checked.append(&mut self.not_checked);
        CompiledSchema::compile(schema, faults).map(Arc::new)
    }

    /// What a document that is not there may have declared is not known.
    fn lose(&mut self, request: &Request) {
        let namespace = match request.kind {
            RequestKind::Import => request.namespace.clone().unwrap_or_default(),
            RequestKind::Include | RequestKind::Redefine => Arc::clone(&request.target),
        };
        self.lost.insert(namespace);
    }

    fn answer(&mut self, request: &Request, document: &Rc<SchemaDocument>) {
        let own = document.target_namespace.clone();
        let target = match (request.kind, own) {
            (RequestKind::Import, own) => {
                let own = own.unwrap_or_default();
                if request.namespace.clone().unwrap_or_default() != own {
                    let sentence = format!(
                        "`{}` has the target namespace `{own}`, the import says `{}`",
                        request.location,
                        request.namespace.as_deref().unwrap_or_default()
                    );
                    self.lose(request);
                    let rule = match request.namespace {
                        Some(_) => Rule::ImportOtherNamespace,
                        None => Rule::ImportUnexpectedNamespace,
                    };
                    return self.fault(request, rule, sentence);
                }
                own
            }
            (_, Some(own)) if own != request.target => {
                let sentence = format!(
                    "`{}` has the target namespace `{own}`, the including document has `{}`",
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
        if self.documents.len() + requests.len() > DOCUMENTS_MAX {
            let sentence =
                format!("the schema consists of more than {DOCUMENTS_MAX} documents (limit `documents_max`)");
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
    if location.contains("://") || location.starts_with('/') {
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
