//! What the cursor hands out: start tags, end tags and character data, lent until the next pull.

use super::attributes::AttributeList;
use super::name::{ExpandedName, NameId};
use super::namespace::Bindings;
use super::position::{Offset, Span};

/// A name as it stands in the feed, resolved.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// Its number, when the schema knows the name.
    pub id: Option<NameId>,
    /// As written, with its prefix.
    pub qname: &'a str,
    /// The namespace it is in, empty for none.
    pub namespace: &'a str,
}

impl<'a> Name<'a> {
    /// The local part.
    #[must_use]
    pub fn local(&self) -> &'a str {
        self.qname.split_once(':').map_or(self.qname, |(_, local)| local)
    }

    /// Namespace and local part.
    #[must_use]
    pub fn expanded(&self) -> ExpandedName<'a> {
        ExpandedName { namespace: self.namespace, local: self.local() }
    }
}

/// One step through a feed.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A start tag, or the first half of an empty-element tag.
    Start(StartTag<'a>),
    /// An end tag, or the second half of an empty-element tag.
    End(EndTag<'a>),
    /// A piece of character data: text, a CDATA section or a resolved reference. Line ends are
    /// normalised. Adjacent pieces belong together; the split never depends on how input was read.
    Text(Text<'a>),
}

/// A start tag. Namespace declarations are not among its attributes; they are in `bindings`.
#[derive(Clone, Copy, Debug)]
pub struct StartTag<'a> {
    /// The element's name.
    pub name: Name<'a>,
    /// Its attributes in document order.
    pub attributes: AttributeList<'a>,
    /// From `<` to past `>`.
    pub span: Span,
    /// Prefixes in scope, for values of type `QName`.
    pub bindings: &'a Bindings,
}

impl<'a> StartTag<'a> {
    /// A start tag of which only the name is known, at no place.
    #[must_use]
    pub fn of_name(name: Name<'a>, bindings: &'a Bindings) -> Self {
        Self { name, attributes: AttributeList::none(bindings), span: Span::default(), bindings }
    }
}

/// An end tag.
#[derive(Clone, Copy, Debug)]
pub struct EndTag<'a> {
    /// The element's name.
    pub name: Name<'a>,
    /// From `<` to past `>`; empty, at the end of the start tag, for an empty-element tag.
    pub span: Span,
    /// Where the element's start tag begins.
    pub start: Offset,
    /// Prefixes in scope inside the element that ends here.
    pub bindings: &'a Bindings,
}

/// A piece of character data.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The characters.
    pub text: &'a str,
    /// Where the piece stands in the stream, markup of a CDATA section or reference included.
    pub span: Span,
}

/// An attribute of a start tag.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its name; an attribute without a prefix is in no namespace.
    pub name: Name<'a>,
    /// Its value: references resolved, line ends and tabs turned into spaces (XML 1.0, 3.3.3, CDATA).
    pub value: &'a str,
    /// Where its name begins.
    pub at: Offset,
}
