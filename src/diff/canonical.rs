//! What a record says, as a number: equal for records that differ in white space, order of attributes
//! and children, prefixes, comments and CDATA alone.
//!
//! ```text
//!  element  = hash(name, Σ attributes, content)      sums do not depend on order
//!  content  = Σ children            elements only
//!           = text, white space collapsed
//!           = markup, white space collapsed          mixed content, where order matters
//! ```
//!
//! Names count without their namespace, as profiles write them. The hash has 128 bits and a seed that
//! nobody outside the process knows, so that no feed can be written to look unchanged.

use crate::feed::{NodeId, Record};
use foldhash::quality::RandomState;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// Two hashes of 64 bits with seeds of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    one: RandomState,
    other: RandomState,
}

impl Hashes {
    pub(super) fn text(&self, text: &str) -> u128 {
        self.of(text)
    }

    fn of(&self, value: impl std::hash::Hash) -> u128 {
        u128::from(self.one.hash_one(&value)) << 64 | u128::from(self.other.hash_one(&value))
    }
}

/// Makes fingerprints; keeps its memory from record to record.
#[derive(Debug)]
pub(super) struct Fingerprinter {
    hashes: Hashes,
    /// Sum of the children of each element.
    sums: Vec<u128>,
}

impl Fingerprinter {
    pub(super) fn new(hashes: Hashes) -> Self {
        Self { hashes, sums: Vec::new() }
    }

    /// What a whole record says.
    pub(super) fn record(&mut self, record: &Record) -> u128 {
        self.sums.clear();
        self.sums.resize(record.len(), 0);
        let mut last = 0;
        // Children stand behind their parents: from the end, every sum is complete when it is needed.
        for node in record.nodes().rev() {
            last = self.element(record, node);
            if let Some(parent) = record.parent(node) {
                let sum = &mut self.sums[parent.index()];
                *sum = sum.wrapping_add(last);
            }
        }
        last
    }

    /// What one element says, after [`record`](Self::record).
    pub(super) fn element(&self, record: &Record, node: NodeId) -> u128 {
        let attributes = record
            .attributes_of(node)
            .map(|(name, value)| self.hashes.of((local(name), &*collapsed(value))))
            .fold(0, u128::wrapping_add);
        let content = match Content::of(record, node) {
            Content::Children => self.sums[node.index()],
            Content::Text(text) => self.hashes.of(('t', &*text)),
        };
        self.hashes.of((record.name(node), attributes, content))
    }
}

/// What stands between the tags, in the form in which it is compared.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// Elements, with white space between them at most.
    Children,
    /// Text, or the markup of mixed content.
    Text(Cow<'a, str>),
}

impl<'a> Content<'a> {
    pub(super) fn of(record: &'a Record, node: NodeId) -> Self {
        if record.children(node).next().is_none() {
            return Self::Text(collapsed(record.string(node)));
        }
        if record.is_mixed(node) { Self::Text(markup(record, node)) } else { Self::Children }
    }
}

/// The content of an element as text, markup included, white space collapsed.
pub(super) fn markup(record: &Record, node: NodeId) -> Cow<'_, str> {
    match record.markup(node) {
        Cow::Borrowed(text) => collapsed(text),
        Cow::Owned(text) => Cow::Owned(collapsed(&text).into_owned()),
    }
}

/// The part of a name behind its prefix.
pub(super) fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// Runs of white space as one space, none at the ends.
pub(super) fn collapsed(text: &str) -> Cow<'_, str> {
    if is_collapsed(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

fn is_collapsed(text: &[u8]) -> bool {
    let mut before = b' ';
    for &byte in text {
        if matches!(byte, b'\t' | b'\n' | b'\r') || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    text.is_empty() || before != b' '
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    #[track_caller]
    fn case(one: &str, other: &str, same: bool) {
        let mut fingerprinter = Fingerprinter::new(Hashes::default());
        let [a, b] = [one, other].map(|xml| fingerprinter.record(&record(xml)));
        assert_eq!(a == b, same, "{one} and {other}");
    }

    #[test]
    fn what_makes_no_difference() {
        case("<item><a>x</a><b/></item>", "<item>\n  <a> x\t</a>\n  <b></b>\n</item>", true);
        case("<item a='1' b='2'/>", "<item b=\"2\" a=\"1\"/>", true);
        case("<item><a>x &amp; y</a></item>", "<item><!-- c --><a><![CDATA[x & y]]></a></item>", true);
        case("<item><a>1</a><b>2</b></item>", "<item><b>2</b><a>1</a></item>", true);
        case("<item><a>1</a><a>2</a></item>", "<item><a>2</a><a>1</a></item>", true);
        case("<item><p>a <em>b</em>  c</p></item>", "<item><p>a <em>b</em>\nc</p></item>", true);
    }

    #[test]
    fn what_makes_a_difference() {
        case("<item><a>x</a></item>", "<item><a>y</a></item>", false);
        case("<item><a>x</a></item>", "<item><b>x</b></item>", false);
        case("<item><a>x</a></item>", "<item><a>x</a><a>x</a></item>", false);
        case("<item a='1'/>", "<item a='2'/>", false);
        case("<item a='1'/>", "<item b='1'/>", false);
        case("<item a='1'/>", "<item><a>1</a></item>", false);
        case("<item><a/></item>", "<item/>", false);
        case(
            "<item><a><b>1</b></a><a><b>2</b></a></item>",
            "<item><a><b>1</b><b>2</b></a><a/></item>",
            false,
        );
        case("<item><p>a <em>b</em> c</p></item>", "<item><p>a c <em>b</em></p></item>", false);
        case("<item><p>ab</p></item>", "<item><p>a b</p></item>", false);
    }

    #[test]
    fn white_space_is_collapsed_and_plain_text_only_borrowed() {
        let case = |text: &str, expected: &str| assert_eq!(collapsed(text), expected);
        case("", "");
        case(" \n ", "");
        case("a", "a");
        case(" a\u{a0} b\t\nc ", "a\u{a0} b c");
        assert!(matches!(collapsed("a b c"), Cow::Borrowed(_)));
    }
}
