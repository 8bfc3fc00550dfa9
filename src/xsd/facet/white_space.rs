//! `whiteSpace`: preserve, replace, collapse (4.3.6).

use super::{Facet, FacetDeclaration, FacetKind, Step};
use crate::xsd::fault::Rule;

/// How white space is normalised before a literal is looked at; later is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhiteSpace {
    /// As it stands.
    Preserve,
    /// Tab, line feed and carriage return become spaces.
    Replace,
    /// As `Replace`; then runs of spaces become one, and none is left at either end.
    Collapse,
}

impl WhiteSpace {
    /// The normalised literal: the text itself where nothing has to change, else made in `buffer`.
    #[inline]
    pub fn normalise<'a>(self, text: &'a str, buffer: &'a mut String) -> &'a str {
        match self {
            Self::Preserve => text,
            Self::Replace => replace(text, buffer),
            Self::Collapse => collapse(text, buffer),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "preserve" => Some(Self::Preserve),
            "replace" => Some(Self::Replace),
            "collapse" => Some(Self::Collapse),
            _ => None,
        }
    }

    /// The facet of a derived type: `whiteSpace-valid-restriction` allows stricter only.
    pub(crate) fn restrict(base: Facet<Self>, step: &mut Step<'_>) -> Facet<Self> {
        let declared = step.single(FacetKind::WhiteSpace).and_then(|(index, facet)| {
            let value = Self::declared(step, index, facet)?;
            if value < base.value {
                let message = "`whiteSpace` keeps more white space than the base type".to_owned();
                let rule = match base.value {
                    Self::Collapse => Rule::WhiteSpaceCollapsed,
                    _ => Rule::WhiteSpaceReplaced,
                };
                step.fault(index, rule, message);
                return None;
            }
            Some((index, Facet { value, fixed: facet.fixed }))
        });
        step.merge(Some(&base), declared).unwrap_or(base)
    }

    fn declared(step: &mut Step<'_>, index: usize, facet: FacetDeclaration<'_>) -> Option<Self> {
        let value = Self::parse(trim(facet.value));
        if value.is_none() {
            let message = format!("`{}` is none of preserve, replace, collapse", facet.value);
            step.fault(index, Rule::AttributeValue, message);
        }
        value
    }
}

/// White space of XML: space, tab, line feed, carriage return.
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Without white space at either end.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let Some(start) = bytes.iter().position(|&byte| !is_space(byte)) else { return "" };
    let end = bytes.iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
    &text[start..end]
}

/// The items of a list: what stands between white space.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.bytes().position(|byte| !is_space(byte))?;
        let token = &rest[start..];
        let length = token.bytes().position(is_space).unwrap_or(token.len());
        rest = &token[length..];
        Some(&token[..length])
    })
}

fn replace<'a>(text: &'a str, buffer: &'a mut String) -> &'a str {
    let changes = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r');
    if !text.bytes().any(changes) {
        return text;
    }
    buffer.clear();
    buffer.extend(text.chars().map(|character| match character {
        '\t' | '\n' | '\r' => ' ',
        _ => character,
    }));
    buffer
}

fn collapse<'a>(text: &'a str, buffer: &'a mut String) -> &'a str {
    let text = trim(text);
    if is_collapsed(text.as_bytes()) {
        return text;
    }
    buffer.clear();
    for token in tokens(text) {
        if !buffer.is_empty() {
            buffer.push(' ');
        }
        buffer.push_str(token);
    }
    buffer
}

/// Whether a trimmed text has single spaces only. No early exit, so that many bytes are tested at once.
fn is_collapsed(bytes: &[u8]) -> bool {
    let is_break = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r');
    let breaks = bytes.iter().fold(false, |found, &byte| found | is_break(byte));
    let following = bytes.get(1..).unwrap_or_default();
    let doubled = bytes
        .iter()
        .zip(following)
        .fold(false, |found, (&one, &next)| found | matches!((one, next), (b' ', b' ')));
    !(breaks | doubled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, replaced: &str, collapsed: &str) {
        let mut buffer = String::from("left over");
        assert_eq!(WhiteSpace::Preserve.normalise(text, &mut buffer), text);
        assert_eq!(WhiteSpace::Replace.normalise(text, &mut buffer), replaced);
        assert_eq!(WhiteSpace::Collapse.normalise(text, &mut buffer), collapsed);
    }

    #[test]
    fn normalisation() {
        case("", "", "");
        case("a b", "a b", "a b");
        case(" a\tb\r\nc ", " a b  c ", "a b c");
        case("  ", "  ", "");
        case("a  b", "a  b", "a b");
        case("ä\u{A0} ö", "ä\u{A0} ö", "ä\u{A0} ö");
    }

    #[test]
    fn untouched_text_is_lent() {
        let mut buffer = String::new();
        let text = "  one two  ";
        assert_eq!(WhiteSpace::Collapse.normalise(text, &mut buffer).as_ptr(), text[2..].as_ptr());
    }
}
