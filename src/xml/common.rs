//! Common tokens, taken without the reader: text, references, and tags that are complete.
//!
//! Nearly every token of a feed is one of these. They are found in text that is known to be UTF-8, one
//! pass over a whole window instead of one over every token, and nothing is kept between two of them.
//!
//! Invariant: what is found here is what quick-xml would have found. Whatever is not certain is `None`
//! and left to it: comments, sections, instructions, end tags of another element or with white space,
//! and every token whose end is not in sight.

use super::character::is_space;
use super::open::OpenElements;
use quick_xml::parser::{ElementParser, Parser};

/// A token inside of the root element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common<'a> {
    /// Text up to markup or a reference.
    Text(&'a str),
    /// A reference by its name, between `&` and `;`.
    Reference(&'a str),
    /// A start tag.
    Start(Tag<'a>),
    /// An empty-element tag.
    Empty(Tag<'a>),
    /// The end tag of the innermost open element, with so many bytes.
    End(usize),
}

/// A start tag or empty-element tag: its name and attributes, without `<` and `>` or `/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) content: &'a str,
    /// How much of it is the name.
    pub(super) name_bytes: usize,
}

impl<'a> Tag<'a> {
    #[inline]
    pub(super) fn name(self) -> &'a str {
        &self.content[..self.name_bytes]
    }

    /// Whether it is nothing but a name.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.name_bytes == self.content.len()
    }
}

impl<'a> Common<'a> {
    /// The first token of `rest`, if it is a common one.
    #[inline]
    pub(super) fn first(rest: &'a str, open: &OpenElements) -> Option<Self> {
        match rest.as_bytes() {
            [b'<', b'/', ..] => end_tag(rest, open),
            [b'<', b'!' | b'?', ..] => None,
            [b'<', ..] => start_tag(rest),
            [b'&', ..] => reference(rest),
            bytes => memchr::memchr2(b'<', b'&', bytes).map(|end| Self::Text(&rest[..end])),
        }
    }
}

#[inline]
fn end_tag<'a>(rest: &'a str, open: &OpenElements) -> Option<Common<'a>> {
    let (_, name) = open.last()?;
    let closed = rest.as_bytes()[2..].strip_prefix(name.as_bytes())?;
    closed.starts_with(b">").then_some(Common::End(name.len() + 3))
}

#[inline]
fn start_tag(rest: &str) -> Option<Common<'_>> {
    let after = &rest[1..];
    let name_bytes = after.bytes().position(ends_name)?;
    if after.as_bytes()[name_bytes] == b'>' {
        return Some(Common::Start(Tag { content: &after[..name_bytes], name_bytes }));
    }
    let content = &after[..ElementParser::Outside.feed(after.as_bytes())?];
    Some(match content.strip_suffix('/') {
        Some(content) => Common::Empty(with_attributes(content)),
        None => Common::Start(with_attributes(content)),
    })
}

fn with_attributes(content: &str) -> Tag<'_> {
    let name_bytes = content.bytes().position(is_space).unwrap_or(content.len());
    Tag { content, name_bytes }
}

/// Whether a tag is not plain, or over, with this byte.
#[inline]
const fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'>' | b'/' | b'"' | b'\'')
}

#[inline]
fn reference(rest: &str) -> Option<Common<'_>> {
    let after = &rest[1..];
    let end = memchr::memchr3(b';', b'&', b'<', after.as_bytes())?;
    (after.as_bytes()[end] == b';').then(|| Common::Reference(&after[..end]))
}

/// The longest beginning of `bytes` that is UTF-8.
pub(super) fn valid_utf8(bytes: &[u8]) -> &str {
    let valid = |error: std::str::Utf8Error| &bytes[..error.valid_up_to()];
    std::str::from_utf8(bytes).or_else(|error| std::str::from_utf8(valid(error))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::limits::Limits;
    use super::super::name::NameTable;
    use super::super::name_cache::NameResolver;
    use super::super::namespace::Bindings;
    use super::super::position::Offset;
    use super::*;

    /// `expected` as `kind:what`, or `-`; the open element is `ab`.
    #[track_caller]
    fn case(rest: &str, expected: &str) {
        let mut open = OpenElements::default();
        let mut names = NameResolver::new(std::sync::Arc::new(NameTable::default()));
        let resolved = names.element("ab", &Bindings::default(), &Limits::default()).unwrap();
        open.push("ab", resolved, Offset(0), false);
        let found = match Common::first(rest, &open) {
            Some(Common::Text(text)) => format!("text:{text}"),
            Some(Common::Reference(name)) => format!("reference:{name}"),
            Some(Common::Start(tag)) => format!("start:{}:{}", tag.name(), tag.content),
            Some(Common::Empty(tag)) => format!("empty:{}:{}", tag.name(), tag.content),
            Some(Common::End(bytes)) => format!("end:{bytes}"),
            None => "-".to_owned(),
        };
        assert_eq!(found, expected, "{rest}");
    }

    #[test]
    fn common_tokens_are_taken() {
        case("ü ä<", "text:ü ä");
        case("x&", "text:x");
        case("&amp;x", "reference:amp");
        case("&;", "reference:");
        case("</ab></ab>", "end:5");
        case("<ü>x", "start:ü:ü");
        case("<>", "start::");
        case("<b c='>' d=\"'>\"\n>x", "start:b:b c='>' d=\"'>\"\n");
        case("<b/><c/>", "empty:b:b");
        case("<b c=''/>", "empty:b:b c=''");
        case("<b/c>", "start:b/c:b/c");
        case("<b'>'c>", "start:b'>'c:b'>'c");
    }

    #[test]
    fn what_is_uncertain_is_left() {
        let uncertain = ["", "x", "<", "&", "&amp", "&a&b;", "&a<b;", "</", "</a", "</ab", "</a>", "</abc>"];
        let marked = ["</ab >", "<b", "<b c='>", "<b c='/>", "<!-- x -->", "<![CDATA[]]>", "<?p?>", "<!"];
        uncertain.into_iter().chain(marked).for_each(|rest| case(rest, "-"));
    }

    #[test]
    fn text_is_valid_up_to_what_is_not() {
        assert_eq!(valid_utf8("aü".as_bytes()), "aü");
        assert_eq!(valid_utf8(b"a\xFFb"), "a");
        assert_eq!(valid_utf8(b"a\xC3"), "a");
        assert_eq!(valid_utf8(b"\xC3"), "");
    }
}
