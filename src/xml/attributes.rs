//! The attributes of one start tag, lent.

use super::character::{is_ncname, is_space};
use super::error::{Fault, XmlErrorKind, quoted};
use super::event::{Attribute, Name};
use super::limits::{Limit, Limits};
use super::name::NameId;
use super::name_cache::{NameResolver, Resolved};
use super::namespace::{Bindings, NamespaceIndex};
use super::position::Offset;
use super::reference;
use std::collections::HashSet;
use std::ops::Range;

/// Attributes in document order.
#[derive(Clone, Copy, Debug)]
pub struct AttributeList<'a> {
    pub(super) parsed: &'a ParsedAttributes,
    /// The tag between `<` and `>`.
    pub(super) tag: &'a str,
    /// Where `tag` begins.
    pub(super) at: Offset,
    pub(super) bindings: &'a Bindings,
}

impl<'a> AttributeList<'a> {
    /// No attributes.
    pub(super) fn none(bindings: &'a Bindings) -> Self {
        static NONE: ParsedAttributes = ParsedAttributes { items: Vec::new(), values: String::new() };
        Self { parsed: &NONE, tag: "", at: Offset(0), bindings }
    }

    /// Every attribute in document order.
    pub fn iter(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let list = *self;
        list.parsed.items.iter().map(move |item| list.attribute(item))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parsed.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parsed.items.is_empty()
    }

    /// The value of an attribute by expanded name; namespace empty for none.
    #[must_use]
    pub fn get(&self, namespace: &str, local: &str) -> Option<Attribute<'a>> {
        self.iter().find(|a| a.name.local() == local && a.name.namespace == namespace)
    }

    /// The value of an attribute by the number of its name.
    #[must_use]
    pub fn by_id(&self, id: NameId) -> Option<Attribute<'a>> {
        self.parsed.items.iter().find(|item| item.resolved.id == Some(id)).map(|item| self.attribute(item))
    }

    fn attribute(&self, item: &Item) -> Attribute<'a> {
        let name = Name {
            id: item.resolved.id,
            qname: &self.tag[item.name.clone()],
            namespace: self.bindings.namespace(item.resolved.namespace),
        };
        let value = match &item.value {
            ValuePlace::Plain(range) => &self.tag[range.clone()],
            ValuePlace::Normalised(range) => &self.parsed.values[range.clone()],
        };
        Attribute { name, value, at: Offset(self.at.0 + item.name.start as u64) }
    }
}

/// Attributes as parsed, by their places in the tag; reused from tag to tag.
#[derive(Debug, Default)]
pub(super) struct ParsedAttributes {
    items: Vec<Item>,
    /// Values that are not as written.
    values: String,
}

#[derive(Clone, Debug)]
struct Item {
    name: Range<usize>,
    value: ValuePlace,
    resolved: Resolved,
}

/// Where a value is found.
#[derive(Clone, Debug)]
enum ValuePlace {
    /// In the tag, as written.
    Plain(Range<usize>),
    /// In `values`.
    Normalised(Range<usize>),
}

/// Whether a tag declares namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declares {
    Nothing,
    Namespaces,
}

/// More attributes than this are searched for duplicates with a set.
const FEW: usize = 16;

impl ParsedAttributes {
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.values.clear();
    }

    /// Splits what follows the name in `tag` (from `at`) into attributes, names not yet resolved.
    pub(super) fn parse(&mut self, tag: &str, at: usize, limits: &Limits) -> Result<Declares, Fault> {
        self.clear();
        let mut declares = Declares::Nothing;
        let mut rest = at;
        while let Some((name, value)) = next_attribute(tag, rest)? {
            if self.items.len() == limits.attributes_max {
                let max = limits.attributes_max;
                return Err((name.start, XmlErrorKind::Limit { limit: Limit::Attributes, max }));
            }
            if declared_prefix(&tag[name.clone()]).is_some() {
                declares = Declares::Namespaces;
            }
            rest = value.end + 1;
            let value = self.value(tag, value)?;
            let resolved = Resolved { id: None, namespace: NamespaceIndex::NONE };
            self.items.push(Item { name, value, resolved });
        }
        self.check_distinct(tag)?;
        Ok(declares)
    }

    /// Moves the namespace declarations into `bindings`, whose scope must be open.
    pub(super) fn declare(
        &mut self,
        tag: &str,
        bindings: &mut Bindings,
        limits: &Limits,
    ) -> Result<(), Fault> {
        for item in &self.items {
            let name = &tag[item.name.clone()];
            let Some(prefix) = declared_prefix(name) else { continue };
            if name != "xmlns" && !is_ncname(prefix) {
                return Err((item.name.start, XmlErrorKind::Name { name: quoted(name) }));
            }
            let value = match &item.value {
                ValuePlace::Plain(range) => &tag[range.clone()],
                ValuePlace::Normalised(range) => &self.values[range.clone()],
            };
            bindings.declare(prefix, value, limits).map_err(|kind| (item.name.start, kind))?;
        }
        self.items.retain(|item| declared_prefix(&tag[item.name.clone()]).is_none());
        Ok(())
    }

    /// Whether the tag declares a default namespace, or takes it back.
    pub(super) fn declares_default(&self, tag: &str) -> bool {
        self.items.iter().any(|item| &tag[item.name.clone()] == "xmlns")
    }

    /// Resolves the names.
    pub(super) fn resolve(
        &mut self,
        tag: &str,
        names: &mut NameResolver,
        bindings: &Bindings,
        limits: &Limits,
    ) -> Result<(), Fault> {
        let mut prefixed = 0;
        for item in &mut self.items {
            let name = &tag[item.name.clone()];
            let resolved = names.attribute(name, bindings, limits);
            item.resolved = resolved.map_err(|kind| (item.name.start, kind))?;
            prefixed += usize::from(item.resolved.namespace != NamespaceIndex::NONE);
        }
        if prefixed > 1 { self.check_expanded(tag) } else { Ok(()) }
    }

    /// The value at `range`, normalised as an attribute of type CDATA (XML 1.0, 3.3.3).
    #[inline]
    fn value(&mut self, tag: &str, range: Range<usize>) -> Result<ValuePlace, Fault> {
        let special = |byte: u8| matches!(byte, b'<' | b'&' | b'\t' | b'\n' | b'\r');
        if !tag.as_bytes()[range.clone()].iter().fold(false, |any, &byte| any | special(byte)) {
            return Ok(ValuePlace::Plain(range));
        }
        let start = self.values.len();
        normalise(&tag[range.clone()], &mut self.values).map_err(|(at, kind)| (range.start + at, kind))?;
        Ok(ValuePlace::Normalised(start..self.values.len()))
    }

    /// No name twice, as written.
    fn check_distinct(&self, tag: &str) -> Result<(), Fault> {
        let name = |item: &Item| &tag[item.name.clone()];
        if self.items.len() > FEW {
            let mut seen = HashSet::with_capacity(self.items.len());
            if self.items.iter().all(|item| seen.insert(name(item))) {
                return Ok(());
            }
        }
        for (at, item) in self.items.iter().enumerate().skip(1) {
            if self.items[..at].iter().any(|earlier| name(earlier) == name(item)) {
                return Err(duplicate(tag, item));
            }
        }
        Ok(())
    }

    /// No name twice, prefixes resolved.
    fn check_expanded(&self, tag: &str) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for item in &self.items {
            let name = &tag[item.name.clone()];
            let local = name.split_once(':').map_or(name, |(_, local)| local);
            if !seen.insert((item.resolved.namespace, local)) {
                return Err(duplicate(tag, item));
            }
        }
        Ok(())
    }
}

fn duplicate(tag: &str, item: &Item) -> Fault {
    (item.name.start, XmlErrorKind::DuplicateAttribute { name: quoted(&tag[item.name.clone()]) })
}

/// The prefix that an attribute of this name declares, empty for the default namespace.
fn declared_prefix(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("xmlns")?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

/// The ranges of a name and its value, quotes excluded.
type NameAndValue = (Range<usize>, Range<usize>);

/// The next attribute at or after `at`.
#[inline]
fn next_attribute(tag: &str, at: usize) -> Result<Option<NameAndValue>, Fault> {
    let bytes = tag.as_bytes();
    let malformed = |at, why| Err((at, XmlErrorKind::Attribute { why }));
    let start = skip_space(bytes, at);
    if start == bytes.len() {
        return Ok(None);
    }
    if start == at {
        return malformed(at, "white space is missing before it");
    }
    let ends_name = |&byte: &u8| byte == b'=' || is_space(byte);
    let end = bytes[start..].iter().position(ends_name).map_or(bytes.len(), |found| start + found);
    let equals = skip_space(bytes, end);
    if bytes.get(equals) != Some(&b'=') {
        return malformed(start, "`=` and a value are missing after its name");
    }
    if start == end {
        return malformed(start, "its name is missing");
    }
    let open = skip_space(bytes, equals + 1);
    let Some(&quote @ (b'"' | b'\'')) = bytes.get(open) else {
        return malformed(open.min(bytes.len()), "its value is not quoted");
    };
    let Some(length) = bytes[open + 1..].iter().position(|&byte| byte == quote) else {
        return malformed(open, "its value has no closing quote");
    };
    Ok(Some((start..end, open + 1..open + 1 + length)))
}

#[inline]
fn skip_space(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&byte| !is_space(byte)).map_or(bytes.len(), |found| at + found)
}

/// Appends the normalised form of `value`.
fn normalise(value: &str, target: &mut String) -> Result<(), Fault> {
    let mut rest = value;
    let at = |rest: &str| value.len() - rest.len();
    while let Some(special) = rest.find(['<', '&', '\t', '\n', '\r']) {
        target.push_str(&rest[..special]);
        rest = &rest[special..];
        match rest.as_bytes()[0] {
            b'<' => return Err((at(rest), XmlErrorKind::LessThanInValue)),
            b'&' => {
                let end = rest.find(';').ok_or((at(rest), XmlErrorKind::Ampersand))?;
                let c = reference::resolve(&rest[1..end]).map_err(|kind| (at(rest), kind))?;
                target.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                target.push(' ');
                rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
            }
        }
    }
    target.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Parses ` a="1" …` and shows what came of it.
    fn parse(text: &str, limits: &Limits) -> Result<String, Fault> {
        let tag = format!("e{text}");
        let mut parsed = ParsedAttributes::default();
        let mut bindings = Bindings::default();
        let mut names = NameResolver::new(Arc::default());
        if parsed.parse(&tag, 1, limits)? == Declares::Namespaces {
            bindings.open();
            parsed.declare(&tag, &mut bindings, limits)?;
            bindings.seal();
        }
        parsed.resolve(&tag, &mut names, &bindings, limits)?;
        let list = AttributeList { parsed: &parsed, tag: &tag, at: Offset(100), bindings: &bindings };
        assert_eq!(list.len(), list.iter().count());
        let show = |a: Attribute<'_>| format!("{}={:?}@{}", a.name.expanded(), a.value, a.at.0);
        Ok(list.iter().map(show).collect::<Vec<_>>().join(" "))
    }

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let found = match parse(text, &Limits::default()) {
            Ok(list) => list,
            Err((at, kind)) => format!("{at} {}", kind.code()),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_values_and_places() {
        case("", "");
        case("  ", "");
        case(" a='1' b = \"2\"\n", "a=\"1\"@102 b=\"2\"@108");
        case(" a='\"' b=\"'>\"", "a=\"\\\"\"@102 b=\"'>\"@108");
        case(" xmlns:p='urn:p' p:a='1' xmlns='urn:d' a='2'", "{urn:p}a=\"1\"@118 a=\"2\"@140");
    }

    #[test]
    fn values_are_normalised() {
        case(" a='x&amp;y&#10;z'", "a=\"x&y\\nz\"@102");
        case(" a='1\t2\n3\r\n4\r5'", "a=\"1 2 3 4 5\"@102");
        case(" a='&lt;'", "a=\"<\"@102");
    }

    #[test]
    fn malformed_attributes_are_refused_where_they_are() {
        case(" a='1'b='2'", "7 xml.attribute");
        case(" a", "2 xml.attribute");
        case(" a b='1'", "2 xml.attribute");
        case(" a=1", "4 xml.attribute");
        case(" a=", "4 xml.attribute");
        case(" a='1", "4 xml.attribute");
        case(" ='1'", "2 xml.attribute");
        case(" a='<'", "5 xml.less-than-in-value");
        case(" a='x&y'", "6 xml.ampersand");
        case(" a='&nbsp;'", "5 xml.unknown-entity");
        case(" a='&#0;'", "5 xml.character-reference");
        case(" 1='x'", "2 xml.name");
        case(" a:b:c='x'", "2 xml.name");
        case(" p:a='x'", "2 xml.undeclared-prefix");
        case(" xmlns:p=''", "2 xml.namespace-declaration");
        case(" xmlns:='urn:a'", "2 xml.name");
    }

    #[test]
    fn no_attribute_stands_twice() {
        case(" a='1' b='2' a='3'", "14 xml.duplicate-attribute");
        case(" xmlns='a' xmlns='b'", "12 xml.duplicate-attribute");
        case(" xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'", "34 xml.duplicate-attribute");
        case(" xmlns:p='u' p:a='1' a='2'", "{u}a=\"1\"@114 a=\"2\"@122");
        let many = (0..40).fold(String::new(), |tag, number| format!("{tag} a{number}=''"));
        assert!(parse(&many, &Limits::default()).is_ok());
        let twice = format!("{many} a7=''");
        assert_eq!(parse(&twice, &Limits::default()).unwrap_err().1.code(), "xml.duplicate-attribute");
    }

    #[test]
    fn their_number_is_limited() {
        let limits = Limits { attributes_max: 3, ..Limits::default() };
        assert!(parse(" a='' b='' c=''", &limits).is_ok());
        let (at, kind) = parse(" a='' b='' c='' d=''", &limits).unwrap_err();
        assert_eq!((at, kind.code()), (17, "xml.limit.attributes"));
    }
}
