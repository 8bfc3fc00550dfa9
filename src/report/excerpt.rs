//! A piece of a feed on a line, with a mark below what is meant.

use super::escape::{clean, cut};
use crate::judgement::Excerpt;

/// Characters of an excerpt that are shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// An excerpt that is safe to show, in its three parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MarkedExcerpt {
    /// What stands before the mark.
    pub(crate) before: String,
    /// What is meant.
    pub(crate) meant: String,
    /// What stands behind it.
    pub(crate) after: String,
    /// Length of the mark, at least 1: a mark at the end of the line stands below nothing.
    pub(crate) width: usize,
}

impl MarkedExcerpt {
    /// The excerpt, if there is one.
    pub(crate) fn of(excerpt: &Excerpt) -> Option<Self> {
        if excerpt.text.is_empty() {
            return None;
        }
        let text = clean(&excerpt.text);
        let text = cut(&text, EXCERPT_CHARS_MAX);
        let length = text.chars().count();
        let caret = excerpt.caret.min(length);
        let width = excerpt.width.clamp(1, (length - caret).max(1));
        let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect();
        let end = (caret + width).min(length);
        Some(Self { before: part(0, caret), meant: part(caret, end), after: part(end, length), width })
    }

    /// The same for a page, where the mark is a colour: of an element that is meant by where it begins, its value is
    /// marked, or all of it where it has none; of an attribute the value, where that is meant.
    pub(crate) fn on_page(excerpt: &Excerpt, is_value: bool) -> Option<Self> {
        let before: usize = excerpt.text.chars().take(excerpt.caret).map(char::len_utf8).sum();
        let Some((skipped, meant)) = meant(&excerpt.text[before..], excerpt.width, is_value) else {
            return Self::of(excerpt);
        };
        let rest = &excerpt.text[before..];
        let chars = |from: usize, to: usize| rest[from..to].chars().count();
        let caret = excerpt.caret + chars(0, skipped);
        Self::of(&Excerpt { text: excerpt.text.clone(), caret, width: chars(skipped, skipped + meant) })
    }

    /// The line.
    pub(crate) fn line(&self) -> String {
        [self.before.as_str(), &self.meant, &self.after].concat()
    }

    /// What stands below it: blanks up to the mark, and the mark.
    pub(crate) fn below(&self) -> (String, String) {
        (" ".repeat(self.before.chars().count()), "^".repeat(self.width))
    }
}

/// Where what is meant stands in a text that begins with a place of this width, and how long it is, in bytes; `None`
/// where the place says it exactly.
pub(crate) fn meant(text: &str, width: usize, is_value: bool) -> Option<(usize, usize)> {
    if is_value {
        return attribute_value(text);
    }
    let is_element = text.starts_with('<') && !text.starts_with("</") && width <= 1;
    let tag = is_element.then(|| text.find('>')).flatten()? + 1;
    if text[..tag].ends_with("/>") {
        return Some((0, tag));
    }
    // Only of an element without others inside.
    let Some(value) = text[tag..].find('<').filter(|at| text[tag + at..].starts_with("</")) else {
        return Some((0, tag));
    };
    if !text[tag..tag + value].trim().is_empty() {
        return Some((tag, value));
    }
    Some((0, text[tag + value..].find('>').map_or(tag, |end| tag + value + end + 1)))
}

/// Where the value stands of the attribute that a text begins with; an empty one has no place.
fn attribute_value(text: &str) -> Option<(usize, usize)> {
    let name = text.find(|c: char| c == '=' || c.is_whitespace())?;
    let behind = text[name..].trim_start().strip_prefix('=')?.trim_start();
    let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let from = text.len() - behind.len() + 1;
    let value = text[from..].find(quote).unwrap_or(text.len() - from);
    (value > 0).then_some((from, value))
}

/// Whether what is wrong at a path is the value of an attribute, and not that there is one.
pub(crate) fn is_attribute_value(path: &str, found: &str) -> bool {
    let attribute = path.rsplit('/').next().and_then(|step| step.strip_prefix('@'));
    attribute.is_some_and(|name| !found.is_empty() && found != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, caret: usize, width: usize, parts: [&str; 3]) {
        let marked = MarkedExcerpt::of(&Excerpt { text: text.to_owned(), caret, width }).expect("an excerpt");
        assert_eq!([marked.before.as_str(), &marked.meant, &marked.after], parts);
        assert_eq!(marked.line(), parts.concat());
        assert_eq!(marked.below().1.len(), marked.width);
    }

    #[test]
    fn of_an_element_its_value_is_marked_on_a_page() {
        let of = |text: &str, width: usize| {
            let caret = text.chars().position(|c| c == '<').expect("an element");
            let marked = MarkedExcerpt::on_page(&Excerpt { text: text.to_owned(), caret, width }, false);
            marked.expect("an excerpt").meant
        };
        assert_eq!(of("ä <gtin>978ä</gtin> x", 1), "978ä");
        assert_eq!(of(" <amount></amount> x", 1), "<amount></amount>");
        assert_eq!(of(" <amount/> x", 1), "<amount/>");
        assert_eq!(of(" <price kind=\"04\"><amount>", 1), "<price kind=\"04\">");
        assert_eq!(of(" <stock>64</stock>", 7), "<stock>");
        assert_eq!(of(" </price> x", 1), "<");
        assert_eq!(of(" <open", 1), "<");
    }

    #[test]
    fn of_an_attribute_its_value_is_marked_on_a_page() {
        let of = |text: &str| {
            let caret = text.chars().position(|c| c == 'k').expect("an attribute");
            let excerpt = Excerpt { text: text.to_owned(), caret, width: 4 };
            MarkedExcerpt::on_page(&excerpt, true).expect("an excerpt").meant
        };
        assert_eq!(of("ü <price kind=\"99ä\" b='1'>"), "99ä");
        assert_eq!(of("<price kind = '9\"9'>"), "9\"9");
        assert_eq!(
            (of("<price kind='cut off"), of("<price kind=''>"), of("<price kind>")),
            ("cut off".into(), "kind".into(), "kind".into())
        );
        assert!(is_attribute_value("/a/b[2]/@kind", "99"));
        assert!(!is_attribute_value("/a/b/@kind", "kind") && !is_attribute_value("/a/@b/c", "x"));
    }

    #[test]
    fn a_mark_stays_inside_its_line() {
        case("<a>äb</a>", 3, 2, ["<a>", "äb", "</a>"]);
        case("abc", 3, 1, ["abc", "", ""]);
        case("abc", 99, usize::MAX, ["abc", "", ""]);
        case("abc", 0, 0, ["", "a", "bc"]);
        assert_eq!(MarkedExcerpt::of(&Excerpt::default()), None);
    }
}
