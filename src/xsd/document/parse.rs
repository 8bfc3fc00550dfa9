//! Bytes of a schema document to its tree.

use super::SCHEMA_NAMESPACE;
use super::node::{Node, NodeId, SchemaDocument, Scope};
use super::vocabulary::{ATTRIBUTES_1_1, Kind, VERSION_1_1};
use crate::xml::{Bindings, Block, Cursor, Event, Limits, Place, StartTag, XmlError};
use crate::xsd::fault::{Rule, SchemaFault};
use std::sync::Arc;

/// Reads a schema document. What is wrong with its shape is added to `faults`; `None` when there is
/// nothing to go on with (not well-formed, or no schema at all).
pub(crate) fn parse(
    location: &Arc<str>,
    bytes: &[u8],
    limits: &Limits,
    faults: &mut Vec<SchemaFault>,
) -> Option<SchemaDocument> {
    let mut reader = Reader::new(location, faults);
    match reader.read(bytes, limits) {
        Ok(()) => reader.finish(),
        Err(error) => {
            let sentence = format!("the schema document is not well-formed: {error}");
            reader.fault(error.place, Rule::NotWellFormed, sentence);
            None
        }
    }
}

struct Reader<'a> {
    document: SchemaDocument,
    faults: &'a mut Vec<SchemaFault>,
    /// Open schema elements.
    open: Vec<NodeId>,
    /// Depth inside a subtree that is not read: an annotation, a construct we do not know.
    ignored: u32,
    scope: Scope,
}

impl<'a> Reader<'a> {
    fn new(location: &Arc<str>, faults: &'a mut Vec<SchemaFault>) -> Self {
        let document = SchemaDocument {
            location: Arc::clone(location),
            target_namespace: None,
            nodes: Vec::new(),
            not_checked: Vec::new(),
        };
        Self { document, faults, open: Vec::new(), ignored: 0, scope: Arc::new([]) }
    }

    fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), XmlError> {
        let mut cursor = Cursor::new(bytes, *limits);
        while let Some(mut block) = cursor.block()? {
            self.read_block(&mut block)?;
        }
        Ok(())
    }

    fn read_block(&mut self, block: &mut Block<'_>) -> Result<(), XmlError> {
        loop {
            // The place is asked for after the tag is done with: it needs the block again.
            let Some(event) = block.next()? else { return Ok(()) };
            let before = (self.document.nodes.len(), self.faults.len());
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
            if before != (self.document.nodes.len(), self.faults.len()) {
                let place = block.locate(at);
                self.document.nodes[before.0..].iter_mut().for_each(|node| node.place = place);
                self.faults[before.1..].iter_mut().for_each(|fault| fault.place = place);
            }
        }
    }

    fn finish(self) -> Option<SchemaDocument> {
        (!self.document.nodes.is_empty()).then_some(self.document)
    }

    fn start(&mut self, tag: &StartTag<'_>) {
        if self.ignored > 0 {
            self.ignored += 1;
            return;
        }
        match self.classify(tag) {
            Some(kind) => self.push(kind, tag),
            None => self.ignored = 1,
        }
    }

    /// The kind of an element to keep; `None` for one whose subtree is passed over.
    fn classify(&mut self, tag: &StartTag<'_>) -> Option<Kind> {
        let local = tag.name.local();
        if tag.name.namespace != SCHEMA_NAMESPACE {
            self.foreign(tag);
            return None;
        }
        match (Kind::from_name(local), self.open.last().copied()) {
            (Some(Kind::Schema), None) => Some(Kind::Schema),
            (_, None) => {
                self.shape(format!("the root element is `{}`, not `xs:schema`", tag.name.qname));
                None
            }
            (Some(kind), Some(parent)) => self.child_of(parent, kind),
            (None, Some(_)) if local == "annotation" => None,
            (None, Some(_)) if VERSION_1_1.contains(&local) => {
                self.not_checked(format!("`xs:{local}` of XML Schema 1.1"));
                None
            }
            (None, Some(_)) => {
                self.shape(format!("`xs:{local}` is no element of XML Schema 1.0"));
                None
            }
        }
    }

    fn child_of(&mut self, parent: NodeId, kind: Kind) -> Option<Kind> {
        let parent = self.document.node(parent).kind;
        if parent.allows_child(kind) {
            return Some(kind);
        }
        self.shape(format!("`xs:{}` may not stand in `xs:{}`", kind.name(), parent.name()));
        None
    }

    fn foreign(&mut self, tag: &StartTag<'_>) {
        let name = tag.name.expanded();
        if self.open.is_empty() {
            self.shape(format!(
                "this is no XML Schema document: its root element is `{name}`, expected `{{{SCHEMA_NAMESPACE}}}schema`"
            ));
        } else {
            self.shape(format!("`{name}` may not stand in a schema document outside of an annotation"));
        }
    }

    fn push(&mut self, kind: Kind, tag: &StartTag<'_>) {
        self.rescope(tag.bindings);
        let attributes = self.attributes(kind, tag);
        let id = NodeId(
            u32::try_from(self.document.nodes.len()).expect("a document has fewer than 2^32 elements"),
        );
        let node = Node {
            kind,
            attributes,
            children: Vec::new(),
            scope: Arc::clone(&self.scope),
            place: Place::default(),
        };
        self.document.nodes.push(node);
        match self.open.last() {
            Some(parent) => self.document.nodes[parent.0 as usize].children.push(id),
            None => {
                self.document.target_namespace =
                    tag.attributes.get("", "targetNamespace").map(|a| a.value.into());
            }
        }
        self.open.push(id);
    }

    /// Keeps one shared copy of the bindings for all nodes between two that change them.
    fn rescope(&mut self, bindings: &Bindings) {
        let same = bindings.in_scope().count() == self.scope.len()
            && bindings.in_scope().zip(self.scope.iter()).all(|((p, u), (q, v))| p == &**q && u == &**v);
        if !same {
            self.scope = bindings.in_scope().map(|(prefix, uri)| (prefix.into(), uri.into())).collect();
        }
    }

    fn attributes(&mut self, kind: Kind, tag: &StartTag<'_>) -> Vec<(Box<str>, Box<str>)> {
        let mut kept = Vec::with_capacity(tag.attributes.len());
        for attribute in tag.attributes.iter() {
            let local = attribute.name.local();
            match attribute.name.namespace {
                "" if kind.allows_attribute(local) => kept.push((local.into(), attribute.value.into())),
                "" if ATTRIBUTES_1_1.contains(&local) => {
                    self.not_checked(format!(
                        "attribute `{local}` of XML Schema 1.1 on `xs:{}`",
                        kind.name()
                    ));
                }
                "" => self.shape(format!("`xs:{}` has no attribute `{local}`", kind.name())),
                SCHEMA_NAMESPACE => {
                    self.shape(format!(
                        "attribute `{}` may not be in the schema namespace",
                        attribute.name.qname
                    ));
                }
                // Any other namespace may add attributes of its own (xml:lang, documentation marks).
                _ => {}
            }
        }
        kept
    }

    fn end(&mut self) {
        if self.ignored > 0 {
            self.ignored -= 1;
        } else {
            self.open.pop();
        }
    }

    fn text(&mut self, text: &str) {
        if self.ignored == 0 && !text.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
            self.shape(
                "character data may not stand in a schema document outside of an annotation".to_owned(),
            );
        }
    }

    fn not_checked(&mut self, what: String) {
        if !self.document.not_checked.contains(&what) {
            self.document.not_checked.push(what);
        }
    }

    fn shape(&mut self, sentence: String) {
        self.fault(Place::default(), Rule::SchemaForSchemas, sentence);
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
