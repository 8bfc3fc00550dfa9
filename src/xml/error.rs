//! Why a document could not be read on: the place, the reason, what to do.
//!
//! Every reason ends the reading of its document; a document is well-formed to the last byte or not.

use super::alien::Alien;
use super::doctype::DoctypeFault;
use super::limits::Limit;
use super::position::Place;
use std::fmt::{self, Write as _};
use std::io;

/// The document cannot be read past this place.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct XmlError {
    /// Where.
    pub place: Place,
    /// Why.
    #[source]
    pub kind: XmlErrorKind,
}

impl XmlError {
    /// The stable code of the reason, such as `xml.mismatched-tag`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The family of the reason.
    #[must_use]
    pub fn category(&self) -> XmlErrorCategory {
        self.kind.category()
    }

    /// Whether the document ends before its time: one without a byte has not begun.
    #[must_use]
    pub const fn is_cut_off(&self) -> bool {
        matches!(self.kind, XmlErrorKind::CutOff { .. } | XmlErrorKind::Empty)
    }

    /// Whether what the document comes packed in keeps the rest of it from being read.
    #[must_use]
    pub const fn is_of_packing(&self) -> bool {
        matches!(self.kind, XmlErrorKind::Packing(_))
    }
}

/// Families of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum XmlErrorCategory {
    /// The document breaks XML 1.0 or Namespaces in XML 1.0.
    NotWellFormed,
    /// Legal XML that we do not accept.
    Refused,
    /// A bound of [`Limits`](super::Limits) was exceeded.
    Limit,
    /// The bytes are not in the encoding they should be in.
    Encoding,
    /// The source could not be read.
    Io,
}

/// An element that was still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Name as written.
    pub name: String,
    /// Where its start tag begins.
    pub place: Place,
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (opened at {})", self.name, self.place)
    }
}

/// What a document can be cut off in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// From `<` to `>`.
    Tag,
    /// From `<!--` to `-->`.
    Comment,
    /// From `<?` to `?>`; the XML declaration, too.
    Instruction,
    /// From `<![CDATA[` to `]]>`.
    Cdata,
    /// From `<!DOCTYPE` to its `>`.
    Doctype,
    /// From `<!` to what would tell what it is.
    Declaration,
    /// From `&` to `;`.
    Reference,
    /// The bytes of one character.
    Character,
    /// What the document comes packed in.
    Packing,
}

impl Piece {
    /// Its name in a sentence.
    const fn named(self) -> &'static str {
        match self {
            Self::Tag => "a tag",
            Self::Comment => "a comment",
            Self::Instruction => "a processing instruction",
            Self::Cdata => "a CDATA section",
            Self::Doctype => "a document type declaration",
            Self::Declaration => "a comment, a CDATA section or a declaration",
            Self::Reference => "a reference",
            Self::Character => "a character",
            Self::Packing => "the packed data that it comes in",
        }
    }

    /// What ends it, for one that ends with something to write.
    const fn close(self) -> &'static str {
        match self {
            Self::Comment => "-->",
            Self::Instruction => "?>",
            Self::Cdata => "]]>",
            Self::Tag | Self::Doctype | Self::Declaration => ">",
            Self::Reference => ";",
            Self::Character | Self::Packing => "its last byte",
        }
    }

    /// The complaint that it has no end, although the document has one.
    pub(super) const fn unclosed(self) -> XmlErrorKind {
        XmlErrorKind::Unclosed { what: self.named(), close: self.close() }
    }
}

/// What a file holds behind the place where its document is cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: the file ends there.
    #[default]
    Absent,
    /// Zero bytes to its end: room that was made for it and never filled.
    Zeros,
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "it was probably cut off, get the file again",
            Self::Zeros => {
                "and the rest of the file is filled with zero bytes: its transfer stopped, get the file again"
            }
        })
    }
}

/// Why a reader gives no more: what its document comes packed in ends before its time. Travels inside of the
/// `io::Error` of the read; no other error says that a document is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {packing} data ends early: the delivery was cut off; have it sent again")]
pub struct PackingCutOff {
    /// Name of the packing.
    pub packing: &'static str,
    /// What stands behind its last good byte.
    pub rest: Rest,
}

impl PackingCutOff {
    /// What an error of reading says of this, if it does.
    #[must_use]
    pub fn told_by(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|cause| cause.downcast_ref()).copied()
    }
}

impl From<PackingCutOff> for io::Error {
    fn from(cut: PackingCutOff) -> Self {
        Self::new(io::ErrorKind::UnexpectedEof, cut)
    }
}

/// Why a reader gives no more: what its document comes packed in is damaged, or holds something else as well. Travels
/// as [`PackingCutOff`] does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PackingFault(pub String);

impl PackingFault {
    /// What an error of reading says of this, if it does.
    #[must_use]
    pub fn told_by(error: &io::Error) -> Option<&Self> {
        error.get_ref().and_then(|cause| cause.downcast_ref())
    }
}

impl From<PackingFault> for io::Error {
    fn from(fault: PackingFault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

/// The reason.
#[derive(Debug, thiserror::Error)]
pub enum XmlErrorKind {
    /// Not a single byte.
    #[error("the document is empty: check that the file was written and transferred completely")]
    Empty,
    /// Only white space, comments and the like.
    #[error("the document has no element: an XML document needs one root element")]
    NoRoot,
    /// The end came before the document was complete.
    #[error("the document ends too early, {}{} {rest}", inside(*.within, .open), joint(*.rest))]
    CutOff {
        /// The piece that is not complete.
        within: Option<Piece>,
        /// The open elements, outermost first.
        open: Vec<Opened>,
        /// What the file holds behind that.
        rest: Rest,
    },
    /// What the document comes packed in is damaged.
    #[error(transparent)]
    Packing(PackingFault),
    /// Zero bytes behind a document that is complete.
    #[error(
        "the document is complete, but zero bytes fill the file behind it: have it written without them, or cut \
         them off"
    )]
    ZerosBehind,
    /// A piece of markup that goes on to the end of the document, which is there.
    #[error("{what} that begins here has no end: close it with `{close}`")]
    Unclosed {
        /// What began.
        what: &'static str,
        /// How it would end.
        close: &'static str,
    },
    /// An end tag of another name.
    #[error("`</{found}>` does not match the open element {expected}: close that one first")]
    MismatchedTag {
        /// Name in the end tag.
        found: String,
        /// The element that is open.
        expected: Opened,
    },
    /// An end tag and nothing open.
    #[error("`</{found}>` closes nothing: no element is open here")]
    StrayEndTag {
        /// Name in the end tag.
        found: String,
    },
    /// A second root element.
    #[error("{}", second_root(.name))]
    SecondRoot {
        /// Its name.
        name: String,
    },
    /// Characters before or after the root.
    #[error(
        "text outside of the root element: only white space, comments and processing instructions may stand here"
    )]
    TextOutsideRoot,
    /// Something that is no XML behind a document that is complete.
    #[error(
        "the document is complete, but behind it stands {what}: have the file written without it, or remove it"
    )]
    Behind {
        /// What it seems to be, with its article.
        what: &'static str,
    },
    /// A character that XML 1.0 does not allow.
    #[error("character U+{code:04X} is not allowed in XML 1.0: remove or replace it")]
    Character {
        /// Its code point.
        code: u32,
    },
    /// A character reference to nothing, or to a character that is not allowed.
    #[error("`&{reference};` is no character of XML 1.0: remove or replace it")]
    CharacterReference {
        /// Between `&` and `;`.
        reference: String,
    },
    /// An entity that is not predefined.
    #[error(
        "entity `&{name};` is unknown: only amp, lt, gt, apos and quot are, entities of a DTD are not read"
    )]
    UnknownEntity {
        /// Its name.
        name: String,
    },
    /// `&` without a reference.
    #[error("`&` begins no reference: write `&amp;` for the character itself")]
    Ampersand,
    /// `]]>` in text.
    #[error("`]]>` must not stand in text: write `]]&gt;`")]
    CdataEnd,
    /// `--` in a comment.
    #[error("`--` must not stand inside a comment")]
    CommentHyphens,
    /// A processing instruction without a good target.
    #[error("`{target}` cannot be the target of a processing instruction")]
    InstructionTarget {
        /// What stands there.
        target: String,
    },
    /// A malformed XML declaration.
    #[error("the XML declaration is malformed, {why}: write `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`")]
    Declaration {
        /// What is wrong.
        why: &'static str,
    },
    /// An XML declaration that is not the first thing.
    #[error(
        "an XML declaration may only stand at the very beginning: remove what stands before it, even blanks"
    )]
    DeclarationMisplaced,
    /// Not a name.
    #[error("`{name}` is no XML name")]
    Name {
        /// What stands there.
        name: String,
    },
    /// `<` that begins nothing.
    #[error("`<` begins no markup here: write `&lt;` for the character itself")]
    Markup,
    /// An attribute that is not `name="value"`.
    #[error("malformed attribute, {why}")]
    Attribute {
        /// What is wrong.
        why: &'static str,
    },
    /// `<` in an attribute value.
    #[error("`<` must not stand in an attribute value: write `&lt;`, or close the quote before it")]
    LessThanInValue,
    /// The same attribute twice.
    #[error("attribute `{name}` appears twice in one tag")]
    DuplicateAttribute {
        /// Its name.
        name: String,
    },
    /// A prefix without a declaration.
    #[error("prefix `{prefix}` is not declared: add `xmlns:{prefix}=\"...\"`")]
    UndeclaredPrefix {
        /// The prefix.
        prefix: String,
    },
    /// A namespace declaration that Namespaces in XML forbids.
    #[error("`{name}` cannot be declared like this: {why}")]
    NamespaceDeclaration {
        /// Name of the attribute.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A document type declaration that is not accepted.
    #[error("{why}")]
    Doctype {
        /// What about it.
        why: DoctypeFault,
    },
    /// An XML declaration or DOCTYPE behind, or inside, the root element.
    #[error("{}", second_document(.inside))]
    SecondDocument {
        /// Name of the element that is open; empty behind the root.
        inside: String,
    },
    /// Something else altogether.
    #[error("the file is no XML but {what}")]
    NotXml {
        /// What it seems to be.
        what: Alien,
    },
    /// A bound was exceeded.
    #[error("{limit} the limit `{}` of {max}", .limit.name())]
    Limit {
        /// Which.
        limit: Limit,
        /// The bound as set.
        max: usize,
    },
    /// Bytes that are not of the encoding.
    #[error("the bytes here are not {encoding}: declare the encoding the file is really in")]
    Undecodable {
        /// The encoding in use.
        encoding: &'static str,
    },
    /// An encoding we cannot read.
    #[error(
        "encoding `{name}` is not accepted: use UTF-8, UTF-16, US-ASCII, ISO-8859-1, ISO-8859-15 or Windows-1252"
    )]
    UnknownEncoding {
        /// As declared or recognised.
        name: String,
    },
    /// Declaration and bytes contradict each other.
    #[error("the declaration says `{declared}` but the bytes are {found}: correct one of them")]
    EncodingContradiction {
        /// As declared.
        declared: String,
        /// What the first bytes show.
        found: &'static str,
    },
    /// Part of a document, which can be in the encoding of the whole and in another one.
    #[error(
        "the bytes can be UTF-8 and {around}, and do not say which: begin with \
         `<?xml version=\"1.0\" encoding=\"UTF-8\"?>` or `<?xml version=\"1.0\" encoding=\"{around}\"?>`"
    )]
    EncodingUnclear {
        /// The encoding of the whole.
        around: &'static str,
    },
    /// The source failed.
    #[error("the input could not be read")]
    Io(#[source] io::Error),
    /// The caller asked for what cannot be had any more.
    #[error("{what}, which is a mistake in the program")]
    OutOfOrder {
        /// What it did.
        what: &'static str,
    },
}

impl XmlErrorKind {
    /// The stable code of the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "xml.empty",
            Self::NoRoot => "xml.no-root",
            Self::CutOff { .. } => "xml.cut-off",
            Self::Packing(_) => "xml.packing",
            Self::Unclosed { .. } => "xml.unclosed",
            Self::MismatchedTag { .. } => "xml.mismatched-tag",
            Self::StrayEndTag { .. } => "xml.stray-end-tag",
            Self::SecondRoot { .. } => "xml.second-root",
            Self::TextOutsideRoot | Self::ZerosBehind | Self::Behind { .. } => "xml.text-outside-root",
            Self::Character { .. } => "xml.character",
            Self::CharacterReference { .. } => "xml.character-reference",
            Self::UnknownEntity { .. } => "xml.unknown-entity",
            Self::Ampersand => "xml.ampersand",
            Self::CdataEnd => "xml.cdata-end",
            Self::CommentHyphens => "xml.comment-hyphens",
            Self::InstructionTarget { .. } => "xml.instruction-target",
            Self::Declaration { .. } => "xml.declaration",
            Self::DeclarationMisplaced => "xml.declaration-misplaced",
            Self::Name { .. } => "xml.name",
            Self::Markup => "xml.markup",
            Self::Attribute { .. } => "xml.attribute",
            Self::LessThanInValue => "xml.less-than-in-value",
            Self::DuplicateAttribute { .. } => "xml.duplicate-attribute",
            Self::UndeclaredPrefix { .. } => "xml.undeclared-prefix",
            Self::NamespaceDeclaration { .. } => "xml.namespace-declaration",
            Self::Doctype { .. } => "xml.doctype",
            Self::SecondDocument { .. } => "xml.second-document",
            Self::NotXml { .. } => "xml.not-xml",
            Self::Limit { limit, .. } => limit.code(),
            Self::Undecodable { .. } => "xml.undecodable",
            Self::UnknownEncoding { .. } => "xml.unknown-encoding",
            Self::EncodingContradiction { .. } => "xml.encoding-contradiction",
            Self::EncodingUnclear { .. } => "xml.encoding-unclear",
            Self::Io(_) => "xml.io",
            Self::OutOfOrder { .. } => "xml.out-of-order",
        }
    }

    /// The bytes of a character are not all there.
    pub(super) const fn cut_in_character() -> Self {
        Self::CutOff { within: Some(Piece::Character), open: Vec::new(), rest: Rest::Absent }
    }

    /// The same, of the first bytes of a file.
    pub(super) fn followed_by(self, head: &[u8]) -> Self {
        match self {
            Self::CutOff { within, open, .. } if head.ends_with(&[0]) => {
                Self::CutOff { within, open, rest: Rest::Zeros }
            }
            kind => kind,
        }
    }

    /// The family of the reason.
    #[must_use]
    pub const fn category(&self) -> XmlErrorCategory {
        match self {
            Self::Doctype { .. } => XmlErrorCategory::Refused,
            Self::Limit { .. } => XmlErrorCategory::Limit,
            Self::Undecodable { .. }
            | Self::UnknownEncoding { .. }
            | Self::EncodingContradiction { .. }
            | Self::EncodingUnclear { .. } => XmlErrorCategory::Encoding,
            Self::Io(_) | Self::OutOfOrder { .. } => XmlErrorCategory::Io,
            _ => XmlErrorCategory::NotWellFormed,
        }
    }
}

/// Characters of a document that a message repeats at most.
pub(super) const QUOTED_CHARS_MAX: usize = 80;

/// What is wrong in a piece of markup, and how many bytes of it stand before that.
pub(super) type Fault = (usize, XmlErrorKind);

/// A piece of a document, short enough for a message and without control characters.
pub(super) fn quoted(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let cut = text.chars().nth(QUOTED_CHARS_MAX).map(|_| '…');
    text.chars().take(QUOTED_CHARS_MAX).map(visible).chain(cut).collect()
}

/// What stands behind the root element.
fn second_root(name: &str) -> String {
    if ["html", "head", "body", "br", "b"].iter().any(|tag| name.eq_ignore_ascii_case(tag)) {
        return format!(
            "`<{name}>` begins an HTML page behind the document: a server probably broke off with an error; read it, \
             and get the file again"
        );
    }
    format!("`<{name}>` is a second root element: a document has exactly one, split the file")
}

/// What a declaration of another document says.
fn second_document(inside: &str) -> String {
    if inside.is_empty() {
        "a second document begins here: a file holds one, split the file".to_owned()
    } else {
        format!(
            "a second document begins here, inside `{inside}` of the first, which was probably cut off: get the file \
             again"
        )
    }
}

/// Where a document ends too early.
fn inside(within: Option<Piece>, open: &[Opened]) -> String {
    match (within, open) {
        (None, []) => "before its root element".to_owned(),
        (None, open) => format!("inside {}", chain(open)),
        (Some(piece), []) => format!("inside {}", piece.named()),
        (Some(piece), open) => format!("inside {}, in {}", piece.named(), chain(open)),
    }
}

/// What joins that with what the file holds behind it.
const fn joint(rest: Rest) -> &'static str {
    match rest {
        Rest::Absent => ":",
        Rest::Zeros => ",",
    }
}

/// At most so many open elements are spelled out.
const CHAIN_MAX: usize = 6;

/// `a` > … > `b` (opened at 3:5): all names, the place of the innermost.
fn chain(open: &[Opened]) -> String {
    let Some((last, outer)) = open.split_last() else { return "nothing".to_owned() };
    let mut text = String::new();
    for (index, element) in outer.iter().enumerate() {
        if index < CHAIN_MAX {
            let _ = write!(text, "`{}` > ", element.name);
        } else if index == CHAIN_MAX {
            text.push_str("… > ");
        }
    }
    text + &last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_repeat_little_of_a_document() {
        assert_eq!(quoted(&"x".repeat(QUOTED_CHARS_MAX)), "x".repeat(QUOTED_CHARS_MAX));
        assert_eq!(quoted(&"x".repeat(QUOTED_CHARS_MAX + 1)), "x".repeat(QUOTED_CHARS_MAX) + "…");
        assert_eq!(quoted("a\n\u{1B}[0m"), "a  [0m");
    }

    #[test]
    fn a_long_chain_of_elements_is_cut_in_the_middle() {
        let open = |name: &str| Opened {
            name: name.to_owned(),
            place: Place { line: 3, column: 5, ..Place::default() },
        };
        assert_eq!(chain(&[open("a")]), "`a` (opened at 3:5)");
        let many: Vec<Opened> = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(open).into();
        assert_eq!(chain(&many), "`a` > `b` > `c` > `d` > `e` > `f` > … > `i` (opened at 3:5)");
    }
}
