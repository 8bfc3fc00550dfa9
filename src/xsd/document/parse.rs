//! Bytes of a schema document to its tree.

use super::edition;
use super::grammar::{Children, Form};
use super::literal::{Literal, is_language};
use super::node::{Node, NodeId, SchemaDocument, Scope};
use super::vocabulary::{ATTRIBUTES_1_1, DRAFTS, Kind, VERSION_1_1, VERSIONING_NAMESPACE};
use crate::xml::{Bindings, Block, Cursor, Event, Limits, Place, StartTag, XML_NAMESPACE, XmlError};
use crate::xsd::fault::{Rule, SchemaFault};
use crate::xsd::faults::Faults;
use crate::xsd::namespaces::SCHEMA_NAMESPACE;
use crate::xsd::work::Work;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Reads a schema document. What is wrong with its shape is added to `faults`; `None` when there is
/// nothing to go on with (not well-formed, or no schema at all).
pub(crate) fn parse(
    location: &Arc<str>,
    bytes: &[u8],
    limits: &Limits,
    work: &Work,
    faults: &mut Faults,
) -> Option<SchemaDocument> {
    let mut reader = Reader::new(location, work, faults);
    reader.document.edition = edition::of_comments(bytes);
    match reader.read(bytes, limits) {
        Ok(()) => reader.finish(),
        Err(error) => {
            let sentence = format!("the schema document is not well-formed: {error}");
            reader.fault(error.place, Rule::NotWellFormed, sentence);
            None
        }
    }
}

/// What a node takes, with the component that may be made of it.
pub(crate) const NODE_BYTES: u64 = 900;
/// What a title takes beside its text.
const TITLE_BYTES: u64 = 64;
/// What a binding takes.
const BINDING_BYTES: u64 = 100;

/// Attributes in document order.
type Attributes = Vec<(Box<str>, Box<str>)>;

/// What is to be said of a namespace that schemas had before there was a Recommendation.
fn draft(namespace: &str) -> String {
    let draft = DRAFTS.iter().find(|(draft, _)| *draft == namespace.trim_end_matches('/'));
    let told = |(_, when): &(&str, &str)| {
        format!("; that is a working draft of {when}: have the document converted to XML Schema 1.0")
    };
    draft.map(told).unwrap_or_default()
}

struct Reader<'a> {
    document: SchemaDocument,
    work: &'a Work,
    faults: &'a mut Faults,
    /// Open schema elements.
    open: Vec<Open>,
    /// Values of `id` seen.
    ids: HashSet<Box<str>>,
    /// Depth inside a subtree that is not read: an annotation, a construct we do not know.
    ignored: u32,
    /// Whether that subtree is left out because it was reported.
    dropping: bool,
    /// The documentation being read, and whose it is.
    noting: Option<(NodeId, String)>,
    scope: Scope,
    /// Those met before, by their number.
    scopes: HashMap<u32, Scope>,
}

/// An open element: what it is, where its node stands (an annotation has none), which children it has had.
struct Open {
    kind: Kind,
    node: Option<NodeId>,
    children: Children,
}

impl<'a> Reader<'a> {
    fn new(location: &Arc<str>, work: &'a Work, faults: &'a mut Faults) -> Self {
        let document = SchemaDocument {
            location: Arc::clone(location),
            target_namespace: None,
            nodes: Vec::new(),
            not_checked: Vec::new(),
            titles: HashMap::new(),
            edition: None,
            dropped: HashSet::new(),
            unsure: false,
        };
        Self {
            document,
            work,
            faults,
            open: Vec::new(),
            ids: HashSet::new(),
            ignored: 0,
            dropping: false,
            noting: None,
            scope: Arc::new([]),
            scopes: HashMap::new(),
        }
    }

    fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), XmlError> {
        let mut cursor = Cursor::new(bytes, *limits);
        while let Some(mut block) = cursor.block()? {
            self.read_block(&mut block)?;
            if self.work.is_spent() {
                break;
            }
        }
        Ok(())
    }

    fn read_block(&mut self, block: &mut Block<'_>) -> Result<(), XmlError> {
        loop {
            // The place is asked for after the tag is done with: it needs the block again.
            let Some(event) = block.next()? else { return Ok(()) };
            let before = (self.document.nodes.len(), self.faults.count());
            let at = match event {
                Event::Start(tag) => {
                    let at = tag.span.start;
                    self.start(&tag);
                    at
                }
                Event::End(tag) => {
                    self.end();
                    tag.span.start
                }
                Event::Text(piece) => {
                    self.text(piece.text);
                    piece.span.start
                }
            };
            if before != (self.document.nodes.len(), self.faults.count()) {
                let place = block.locate(at);
                self.document.nodes[before.0..].iter_mut().for_each(|node| node.place = place);
                let new = self.faults.since(before.1).iter_mut();
                new.filter(|fault| fault.place == Place::default()).for_each(|fault| fault.place = place);
            }
        }
    }

    fn finish(self) -> Option<SchemaDocument> {
        (!self.document.nodes.is_empty()).then_some(self.document)
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        if self.ignored > 0 {
            self.ignored += 1;
            return self.note_dropped(tag);
        }
        let before = self.faults.count();
        let Some(kind) = self.classify(tag) else {
            self.ignored = 1;
            self.dropping = self.faults.count() > before;
            return self.drop_child(tag);
        };
        self.push(kind, tag);
    }

    /// An element that was reported is left out: its parent is not known whole.
    fn drop_child(&mut self, tag: &StartTag<'_>) {
        if !self.dropping {
            return;
        }
        self.note_dropped(tag);
        let brings = matches!(tag.name.local(), "include" | "import" | "redefine");
        match self.open.last().and_then(|parent| parent.node) {
            Some(root) if root.0 == 0 => self.document.unsure |= brings,
            Some(parent) => self.document.nodes[parent.0 as usize].sound = false,
            None => {}
        }
    }

    fn note_dropped(&mut self, tag: &StartTag<'_>) {
        if let (true, Some(name)) = (self.dropping, tag.attributes.get("", "name")) {
            self.document.dropped.insert(name.value.trim().into());
        }
    }

    /// The kind of an element to keep; `None` for one whose subtree is passed over.
    fn classify(&mut self, tag: &StartTag<'_>) -> Option<Kind> {
        let local = tag.name.local();
        if tag.name.namespace != SCHEMA_NAMESPACE {
            self.foreign(tag);
            return None;
        }
        match (Kind::from_name(local), self.open.is_empty()) {
            (Some(Kind::Schema), true) => Some(Kind::Schema),
            (_, true) => {
                self.shape(Rule::Root, format!("the root element is `{}`, not `xs:schema`", tag.name.qname));
                None
            }
            (Some(kind), false) => self.child(kind),
            (None, false) if VERSION_1_1.contains(&local) => {
                self.not_checked(format!("`xs:{local}` of XML Schema 1.1"));
                None
            }
            (None, false) => {
                self.shape(Rule::ElementNotAllowed, format!("`xs:{local}` is no element of XML Schema 1.0"));
                None
            }
        }
    }

    fn child(&mut self, kind: Kind) -> Option<Kind> {
        let parent = self.open.last_mut().expect("the root has no parent");
        if parent.children.step(kind) {
            return Some(kind);
        }
        let sentence = format!("`xs:{}` may not stand here in `xs:{}`", kind.name(), parent.kind.name());
        self.shape(Rule::ElementNotAllowed, sentence);
        None
    }

    fn foreign(&mut self, tag: &StartTag<'_>) {
        let name = tag.name.expanded();
        if self.open.is_empty() {
            let sentence = format!(
                "this is no XML Schema document: its root element is `{name}`, expected \
                 `{{{SCHEMA_NAMESPACE}}}schema`{}",
                draft(tag.name.namespace)
            );
            self.shape(Rule::Root, sentence);
        } else {
            let sentence = format!("`{name}` may not stand in a schema document outside of an annotation");
            self.shape(Rule::ElementNotAllowed, sentence);
        }
    }

    fn push(&mut self, kind: Kind, tag: &StartTag<'_>) {
        let form = Form::of(kind, self.open.last().map(|parent| parent.kind));
        let (attributes, sound) = self.attributes(kind, form, tag);
        if matches!(kind, Kind::Appinfo | Kind::Documentation) {
            self.ignored = 1;
            self.dropping = false;
            self.noting = self.noted(kind).map(|node| (node, String::new()));
            return;
        }
        let node = (kind != Kind::Annotation).then(|| self.node(kind, attributes, tag));
        if let (Some(node), false) = (node, sound) {
            self.document.nodes[node.0 as usize].sound = false;
            let brings = matches!(kind, Kind::Include | Kind::Import | Kind::Redefine);
            self.document.unsure |= brings || node.0 == 0;
        }
        self.open.push(Open { kind, node, children: Children::new(form) });
    }

    fn node(&mut self, kind: Kind, attributes: Attributes, tag: &StartTag<'_>) -> NodeId {
        self.rescope(tag.bindings);
        let text: usize = attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.work.bytes(NODE_BYTES + 2 * text as u64);
        let id = NodeId(
            u32::try_from(self.document.nodes.len()).expect("a document has fewer than 2^32 elements"),
        );
        let node = Node {
            kind,
            attributes,
            children: Vec::new(),
            scope: Arc::clone(&self.scope),
            place: Place::default(),
            sound: true,
        };
        self.document.nodes.push(node);
        match self.open.last().and_then(|parent| parent.node) {
            Some(parent) => self.document.nodes[parent.0 as usize].children.push(id),
            None => {
                self.document.target_namespace =
                    tag.attributes.get("", "targetNamespace").map(|a| a.value.into());
            }
        }
        id
    }

    /// Keeps one shared copy of the bindings for all nodes between two that change them.
    fn rescope(&mut self, bindings: &Bindings) {
        let scope = self.scopes.entry(bindings.scope_number()).or_insert_with(|| {
            let scope: Scope = bindings.in_scope().map(|(prefix, uri)| (prefix.into(), uri.into())).collect();
            // Each binding is held against those behind it.
            let count = scope.len() as u64;
            self.work.bytes(BINDING_BYTES * count);
            self.work.steps(count * count);
            scope
        });
        self.scope = Arc::clone(scope);
    }

    /// The attributes to keep, and whether none that means something had to be reported.
    fn attributes(&mut self, kind: Kind, form: &Form, tag: &StartTag<'_>) -> (Attributes, bool) {
        let mut kept = Vec::with_capacity(tag.attributes.len());
        let mut sound = true;
        for attribute in tag.attributes.iter() {
            let local = attribute.name.local();
            match (attribute.name.namespace, form.attribute(local)) {
                ("", Some(literal)) if self.literal(local, literal, attribute.value) => {
                    kept.push((local.into(), attribute.value.into()));
                }
                ("", Some(literal)) => sound &= literal == Literal::Id,
                ("", None) if ATTRIBUTES_1_1.contains(&local) => {
                    self.not_checked(format!(
                        "attribute `{local}` of XML Schema 1.1 on `xs:{}`",
                        kind.name()
                    ));
                    kept.push((local.into(), attribute.value.into()));
                }
                ("", None) => {
                    sound = false;
                    let sentence = format!("`xs:{}` has no attribute `{local}` here", kind.name());
                    self.shape(Rule::AttributeNotAllowed, sentence);
                }
                (SCHEMA_NAMESPACE, _) => {
                    sound = false;
                    let name = attribute.name.qname;
                    let sentence = format!("attribute `{name}` may not be in the schema namespace");
                    self.shape(Rule::AttributeNotAllowed, sentence);
                }
                (XML_NAMESPACE, _) if local == "lang" && !is_language(attribute.value) => {
                    let sentence = format!("`xml:lang=\"{}\"` names no language", attribute.value);
                    self.shape(Rule::AttributeValue, sentence);
                }
                (VERSIONING_NAMESPACE, _) => self.not_checked(format!(
                    "attribute `{}` of XML Schema 1.1 on `xs:{}`",
                    attribute.name.qname,
                    kind.name()
                )),
                // Any other namespace may add attributes of its own (xml:lang, documentation marks).
                _ => {}
            }
        }
        for name in form.required().filter(|name| tag.attributes.get("", name).is_none()) {
            sound = false;
            self.shape(Rule::AttributeMissing, format!("`xs:{}` needs a `{name}`", kind.name()));
        }
        (kept, sound)
    }

    /// Whether an attribute's value is of its type.
    fn literal(&mut self, name: &str, literal: Literal, value: &str) -> bool {
        if !literal.admits(value) {
            let sentence = format!("`{name}=\"{value}\"` is not right; expected {}", literal.description());
            self.shape(Rule::AttributeValue, sentence);
            return false;
        }
        if literal == Literal::Id && !self.ids.insert(value.trim().into()) {
            self.shape(Rule::IdRepeated, format!("another element has the id `{}` already", value.trim()));
            return false;
        }
        true
    }

    fn end(&mut self) {
        if self.ignored > 0 {
            self.ignored -= 1;
            if let (0, Some((node, text))) = (self.ignored, self.noting.take_if(|_| self.ignored == 0)) {
                self.note(node, &text);
            }
            return;
        }
        let Some(open) = self.open.pop() else { return };
        if let Some(missing) = open.children.missing() {
            let names: Vec<String> = missing.iter().map(|kind| format!("`xs:{}`", kind.name())).collect();
            let place = open.node.map_or_else(Place::default, |node| self.document.node(node).place);
            if let Some(node) = open.node {
                self.document.nodes[node.0 as usize].sound = false;
            }
            let sentence = format!("`xs:{}` needs {}", open.kind.name(), names.join(" or "));
            self.fault(place, Rule::ElementMissing, sentence);
        }
    }

    /// Whose documentation begins, where it is of use: the schema's or a simple type's.
    fn noted(&self, kind: Kind) -> Option<NodeId> {
        let owner = self.open.iter().rev().nth(1).filter(|_| kind == Kind::Documentation)?;
        owner.node.filter(|_| matches!(owner.kind, Kind::Schema | Kind::SimpleType))
    }

    /// The first documentation of a type is its title if it is short; that of the schema may tell an edition.
    fn note(&mut self, node: NodeId, text: &str) {
        if node.0 == 0 {
            let told = || edition::of_text(text);
            self.document.edition = self.document.edition.take().or_else(told);
        } else if let Some(title) = edition::title(text) {
            self.work.bytes(TITLE_BYTES + title.len() as u64);
            self.document.titles.entry(node).or_insert(title);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, noted)) =
            self.noting.as_mut().filter(|(_, noted)| noted.len() < edition::NOTED_BYTES_MAX)
        {
            noted.push_str(text);
        }
        if self.ignored == 0 && !text.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
            let sentence = "character data may not stand in a schema document outside of an annotation";
            self.shape(Rule::TextNotAllowed, sentence.to_owned());
        }
    }

    fn not_checked(&mut self, what: String) {
        if !self.document.not_checked.contains(&what) {
            self.document.not_checked.push(what);
        }
    }

    /// A fault of the element being read; its place is filled in behind its tag.
    fn shape(&mut self, rule: Rule, sentence: String) {
        self.fault(Place::default(), rule, sentence);
    }

    fn fault(&mut self, place: Place, rule: Rule, sentence: String) {
        self.faults.push(SchemaFault {
            document: Arc::clone(&self.document.location),
            place,
            rule,
            sentence,
        });
    }
}
