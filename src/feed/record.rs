//! One product's subtree in a reusable arena.
//!
//! Nodes stand in document order; each knows where its subtree ends, so children are reached by
//! jumping, descendants by walking. All character data lies in one string, in document order too,
//! so that the text of any element is a slice of it, and the gaps between the slices of its children
//! are the text of mixed content:
//!
//! ```text
//!  <Text><p>Very <em>fine</em> music</p></Text>        nodes  Text p em      text  "Very fine music"
//!                                                      em = text[5..9]   p = Text = text[0..15]
//! ```
//!
//! Clearing keeps the memory: after the largest record nothing is allocated any more.

use super::markup;
use super::vocabulary::{Key, NameBook, NameNumber, Vocabulary};
use crate::xml::{Attribute, Name, Offset};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// An element of a [`Record`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// Number of the element in its record, from 0 in document order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What one record may take. Both sizes are caps on memory, far above any honest product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// Elements and attributes together.
    pub nodes_max: usize,
    /// Bytes of character data and attribute values.
    pub text_bytes_max: usize,
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self { nodes_max: 100_000, text_bytes_max: 8 << 20 }
    }
}

/// The limit that a record went over; what came after it is not in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordOverflow {
    /// Too many elements and attributes.
    #[error("the record has more than {0} elements and attributes")]
    Nodes(usize),
    /// Too much text.
    #[error("the record has more than {0} bytes of text")]
    TextBytes(usize),
}

#[derive(Clone, Copy, Debug)]
struct Node {
    name: NameNumber,
    key: Option<Key>,
    parent: u32,
    /// One past the last node of the subtree.
    end: u32,
    /// First attribute; they end where the next node's begin.
    attributes: u32,
    text: (u32, u32),
    at: Offset,
}

/// An element as it stands among others, for those who look at all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// Number of its name as written, within one [`Record::names_epoch`].
    pub(crate) name: u32,
    /// Index of its parent; its own for the record.
    pub(crate) parent: usize,
    /// One past the index of the last element inside.
    pub(crate) end: usize,
    /// Where its text begins and ends in the text of the record.
    pub(crate) text: (usize, usize),
}

#[derive(Clone, Debug)]
struct StoredAttribute {
    name: Range<u32>,
    value: Range<u32>,
    at: Offset,
}

/// One product's subtree.
#[derive(Clone, Debug)]
pub struct Record {
    names: NameBook,
    nodes: Vec<Node>,
    attributes: Vec<StoredAttribute>,
    attribute_text: String,
    text: String,
    open: Vec<u32>,
    /// Open elements that are not kept because the record is too large.
    unkept: usize,
    limits: RecordLimits,
    overflow: Option<RecordOverflow>,
    prefix: String,
    position: u64,
}

impl Record {
    /// An empty record for feeds of this vocabulary.
    #[must_use]
    pub fn new(vocabulary: Arc<Vocabulary>, limits: RecordLimits) -> Self {
        let addressable = u32::MAX as usize / 2;
        let limits = RecordLimits {
            nodes_max: limits.nodes_max.min(addressable),
            text_bytes_max: limits.text_bytes_max.min(addressable),
        };
        Self {
            names: NameBook::new(vocabulary),
            nodes: Vec::new(),
            attributes: Vec::new(),
            attribute_text: String::new(),
            text: String::new(),
            open: Vec::new(),
            unkept: 0,
            limits,
            overflow: None,
            prefix: String::new(),
            position: 1,
        }
    }

    /// Empties it for the next record and keeps the memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.attributes.clear();
        self.attribute_text.clear();
        self.text.clear();
        self.open.clear();
        self.unkept = 0;
        self.overflow = None;
        self.names.trim();
    }

    /// Empties it for the next feed, whose schema may number names differently.
    pub(super) fn restart(&mut self) {
        self.clear();
        self.names.forget();
    }

    /// Says where the record stands: path of the elements around it, and its number among its siblings.
    pub fn place(&mut self, prefix: &str, position: u64) {
        self.prefix.clear();
        self.prefix.push_str(prefix);
        self.position = position;
    }

    /// A start tag.
    pub fn start<'a>(&mut self, name: Name<'_>, attributes: impl Iterator<Item = Attribute<'a>>, at: Offset) {
        if !self.admits_node() {
            self.unkept += 1;
            return;
        }
        let name = self.names.number(name);
        let (index, text) = (length(self.nodes.len()), length(self.text.len()));
        self.nodes.push(Node {
            name,
            key: self.names.key(name),
            parent: self.open.last().copied().unwrap_or(0),
            end: index + 1,
            attributes: length(self.attributes.len()),
            text: (text, text),
            at,
        });
        self.open.push(index);
        attributes.for_each(|attribute| self.attribute(&attribute));
    }

    /// A piece of character data.
    pub fn text(&mut self, text: &str) {
        if self.overflow.is_some() || !self.admits_text(text.len()) {
            return;
        }
        self.text.push_str(text);
    }

    /// An end tag.
    pub fn end(&mut self) {
        if self.unkept > 0 {
            self.unkept -= 1;
            return;
        }
        let Some(open) = self.open.pop() else { return };
        let (end, text) = (length(self.nodes.len()), length(self.text.len()));
        let node = &mut self.nodes[open as usize];
        node.end = end;
        node.text.1 = text;
    }

    /// Ends what is still open: the rest is not coming, or not wanted.
    pub(super) fn close(&mut self) {
        self.unkept = 0;
        while !self.open.is_empty() {
            self.end();
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'_>) {
        if !self.admits_node() || !self.admits_text(attribute.name.qname.len() + attribute.value.len()) {
            return;
        }
        let name = self.store(attribute.name.qname);
        let value = self.store(attribute.value);
        self.attributes.push(StoredAttribute { name, value, at: attribute.at });
    }

    fn store(&mut self, text: &str) -> Range<u32> {
        let start = length(self.attribute_text.len());
        self.attribute_text.push_str(text);
        start..length(self.attribute_text.len())
    }

    fn admits_node(&mut self) -> bool {
        if self.nodes.len() + self.attributes.len() >= self.limits.nodes_max {
            self.overflow.get_or_insert(RecordOverflow::Nodes(self.limits.nodes_max));
        }
        self.overflow.is_none()
    }

    fn admits_text(&mut self, bytes: usize) -> bool {
        if self.text.len() + self.attribute_text.len() + bytes > self.limits.text_bytes_max {
            self.overflow.get_or_insert(RecordOverflow::TextBytes(self.limits.text_bytes_max));
        }
        self.overflow.is_none()
    }
}

/// Reading.
impl Record {
    /// The record's own element, unless nothing was read yet.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// The limit this record went over, if it did.
    #[must_use]
    pub fn overflow(&self) -> Option<RecordOverflow> {
        self.overflow
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it has no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Local name as written in the feed.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &str {
        self.names.written(self.node(node).name)
    }

    /// Key of the name, when the profile speaks of it.
    #[must_use]
    pub fn key(&self, node: NodeId) -> Option<Key> {
        self.node(node).key
    }

    /// The element around this one.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node.0 != 0).then(|| NodeId(self.node(node).parent))
    }

    /// The child elements in document order.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(node).end;
        let mut next = node.0 + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(NodeId(next))?;
            next = self.nodes[next as usize].end.max(next + 1);
            Some(child)
        })
    }

    /// All elements inside, in document order.
    pub fn descendants(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (node.0 + 1..self.node(node).end).map(NodeId)
    }

    /// All elements, in document order.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..length(self.nodes.len())).map(NodeId)
    }

    /// Whether the element has character data between its child elements other than white space.
    #[must_use]
    pub fn is_mixed(&self, node: NodeId) -> bool {
        let blank = |text: &str| text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        let (mut from, end) = self.text_range(node);
        let gap = |child| {
            let (child_start, child_end) = self.text_range(child);
            !blank(self.text_between(std::mem::replace(&mut from, child_end), child_start))
        };
        self.children(node).any(gap) || !blank(self.text_between(from, end))
    }

    /// All character data inside the element, as it stands there.
    #[must_use]
    pub fn string(&self, node: NodeId) -> &str {
        let (start, end) = self.node(node).text;
        &self.text[start as usize..end as usize]
    }

    /// The content of the element as XHTML source when it has child elements, else its plain text.
    #[must_use]
    pub fn markup(&self, node: NodeId) -> Cow<'_, str> {
        if self.children(node).next().is_none() {
            return Cow::Borrowed(self.string(node));
        }
        let mut source = String::with_capacity(self.string(node).len() + 64);
        markup::write_content(self, node, &mut source);
        Cow::Owned(source)
    }

    /// Value of an attribute by its local name.
    #[must_use]
    pub fn attribute_value(&self, node: NodeId, local: &str) -> Option<&str> {
        let named = |(name, _): &(&str, &str)| name.rsplit(':').next() == Some(local);
        self.attributes_of(node).find(named).map(|(_, value)| value)
    }

    /// Where an attribute stands, by its local name.
    #[must_use]
    pub fn attribute_at(&self, node: NodeId, local: &str) -> Option<Offset> {
        let stored = &self.attributes[self.attribute_range(node)];
        let named = |each: &&StoredAttribute| self.stored(&each.name).rsplit(':').next() == Some(local);
        stored.iter().find(named).map(|each| each.at)
    }

    /// The attributes, qualified name and value, in document order.
    pub fn attributes_of(&self, node: NodeId) -> impl Iterator<Item = (&str, &str)> {
        let stored = &self.attributes[self.attribute_range(node)];
        stored.iter().map(|each| (self.stored(&each.name), self.stored(&each.value)))
    }

    /// Where the start tag begins.
    #[must_use]
    pub fn at(&self, node: NodeId) -> Offset {
        self.node(node).at
    }

    /// Element path with positions, such as `/ONIXMessage/Product[3]/ProductIdentifier[2]/IDValue`;
    /// a first position is not written.
    #[must_use]
    pub fn path(&self, node: NodeId) -> String {
        let mut steps = vec![node];
        while let Some(parent) = steps.last().and_then(|step| self.parent(*step)) {
            steps.push(parent);
        }
        let mut path = self.prefix.clone();
        for step in steps.into_iter().rev() {
            path.push('/');
            path.push_str(self.name(step));
            match self.position_of(step) {
                0 | 1 => {}
                position => write!(path, "[{position}]").expect("a string takes all"),
            }
        }
        path
    }

    /// How the element with this index stands among the others; there are [`len`](Self::len) of them.
    pub(crate) fn standing(&self, index: usize) -> Standing {
        let Node { name, parent, end, text: (start, stop), .. } = self.nodes[index];
        Standing {
            name: name.0,
            parent: parent as usize,
            end: end as usize,
            text: (start as usize, stop as usize),
        }
    }

    /// The element with this index.
    pub(crate) fn node_at(&self, index: usize) -> NodeId {
        debug_assert!(index < self.nodes.len());
        NodeId(length(index))
    }

    /// All character data of the record, in document order.
    pub(crate) fn characters(&self) -> &str {
        &self.text
    }

    /// Numbers of names hold as long as this stays the same.
    pub(crate) fn names_epoch(&self) -> u64 {
        self.names.epoch()
    }

    /// The first child from `next` on that ends before `end`, and where to look for the one after it.
    ///
    /// For the walk of paths, which is what the mapper spends its time with.
    pub(super) fn step(&self, next: u32, end: u32) -> Option<(NodeId, Option<Key>, u32)> {
        if next >= end {
            return None;
        }
        let node = &self.nodes[next as usize];
        Some((NodeId(next), node.key, node.end.max(next + 1)))
    }

    /// Where the children of an element begin and end, for [`step`](Self::step).
    pub(super) fn inside(&self, node: NodeId) -> (u32, u32) {
        (node.0 + 1, self.node(node).end)
    }

    /// Byte range of the element's text within the record's character data.
    pub(super) fn text_range(&self, node: NodeId) -> (usize, usize) {
        let (start, end) = self.node(node).text;
        (start as usize, end as usize)
    }

    /// A stretch of the record's character data.
    pub(super) fn text_between(&self, start: usize, end: usize) -> &str {
        &self.text[start..end]
    }

    fn position_of(&self, node: NodeId) -> u64 {
        let Some(parent) = self.parent(node) else { return self.position };
        let name = self.node(node).name;
        let same = self.children(parent).take_while(|each| *each <= node);
        same.filter(|each| self.node(*each).name == name).count() as u64
    }

    fn attribute_range(&self, node: NodeId) -> Range<usize> {
        let next = self.nodes.get(node.0 as usize + 1);
        let end = next.map_or(self.attributes.len(), |next| next.attributes as usize);
        self.node(node).attributes as usize..end
    }

    fn stored(&self, range: &Range<u32>) -> &str {
        &self.attribute_text[range.start as usize..range.end as usize]
    }

    fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.0 as usize]
    }
}

fn length(count: usize) -> u32 {
    u32::try_from(count).expect("limits keep a record below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::testing;

    const FEED: &str =
        "<P><Id>1</Id><Id a='x&amp;\"y' b=''>2</Id><T>Very <em>fine &amp; <b/>rare</em> music</T></P>";

    #[track_caller]
    fn record(feed: &str, limits: RecordLimits) -> Record {
        let mut record = Record::new(Arc::default(), limits);
        testing::fill(&mut record, feed);
        record
    }

    fn node(record: &Record, name: &str, nth: usize) -> NodeId {
        record.nodes().filter(|node| record.name(*node) == name).nth(nth).unwrap()
    }

    #[test]
    fn elements_know_their_text_their_place_and_each_other() {
        let record = record(FEED, RecordLimits::default());
        let root = record.root().unwrap();
        let children: Vec<_> = record.children(root).map(|node| record.name(node)).collect();
        assert_eq!(children, ["Id", "Id", "T"]);
        let em = node(&record, "em", 0);
        assert_eq!((record.string(em), record.path(em).as_str()), ("fine & rare", "/P/T/em"));
        assert_eq!(record.parent(em), Some(node(&record, "T", 0)));
        let second = node(&record, "Id", 1);
        assert_eq!(record.path(second), "/P/Id[2]");
        assert_eq!(record.at(second), Offset(13));
        assert_eq!(record.attribute_value(second, "a"), Some("x&\"y"));
        assert_eq!(record.attribute_value(second, "c"), None);
        assert_eq!(record.attribute_value(node(&record, "Id", 0), "a"), None);
        assert_eq!(record.attribute_at(second, "b"), Some(Offset(FEED.find("b=").unwrap() as u64)));
    }

    #[test]
    fn mixed_content_is_written_back() {
        let record = record(FEED, RecordLimits::default());
        assert_eq!(record.markup(node(&record, "T", 0)), "Very <em>fine &amp; <b/>rare</em> music");
        assert_eq!(record.markup(node(&record, "em", 0)), "fine &amp; <b/>rare");
        assert_eq!(record.markup(node(&record, "Id", 1)), "2");
        let root = record.markup(record.root().unwrap());
        assert!(root.starts_with("<Id>1</Id><Id a=\"x&amp;&quot;y\" b=\"\">2</Id><T>"), "{root}");
    }

    #[test]
    fn clearing_leaves_nothing_of_the_last_record() {
        let mut record = record(FEED, RecordLimits { nodes_max: 3, ..RecordLimits::default() });
        assert!(record.overflow().is_some());
        record.clear();
        assert_eq!((record.len(), record.root(), record.overflow()), (0, None, None));
        testing::fill(&mut record, "<Q>1</Q>");
        assert_eq!(record.path(record.root().unwrap()), "/Q");
    }

    #[test]
    fn a_record_is_cut_above_its_limits() {
        let case = |feed: &str, nodes_max, text_bytes_max, expected| {
            let record = record(feed, RecordLimits { nodes_max, text_bytes_max });
            assert_eq!(record.overflow(), expected, "{feed}");
        };
        case("<a><b c='d'/></a>", 3, 100, None);
        case("<a><b c='d'/><e/></a>", 3, 100, Some(RecordOverflow::Nodes(3)));
        case("<a><b/><e c='d'/></a>", 3, 100, Some(RecordOverflow::Nodes(3)));
        case("<a b='cd'>1234</a>", 9, 7, None);
        case("<a b='cd'>12345</a>", 9, 7, Some(RecordOverflow::TextBytes(7)));
        case("<a>1234<b cd='efg'/></a>", 9, 8, Some(RecordOverflow::TextBytes(8)));
    }

    #[test]
    fn what_is_cut_off_does_not_unbalance_the_rest() {
        let record = record(
            "<a><b/><c><d>x</d></c><e/></a>",
            RecordLimits { nodes_max: 2, ..RecordLimits::default() },
        );
        let root = record.root().unwrap();
        assert_eq!(record.children(root).map(|node| record.name(node)).collect::<Vec<_>>(), ["b"]);
    }
}
