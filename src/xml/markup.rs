//! What is wrong with markup that the reader passes, or stops at.

use super::character::is_ncname;
use super::error::{XmlErrorKind, quoted};

/// Where a comment has `--`, or a hyphen before its end.
pub(super) fn misplaced_hyphens(text: &str) -> Option<usize> {
    text.find("--").or_else(|| text.ends_with('-').then(|| text.len() - 1))
}

/// Why an instruction may not have this target.
pub(super) fn wrong_target(target: &str) -> Option<XmlErrorKind> {
    let wrong = !is_ncname(target) || target.eq_ignore_ascii_case("xml");
    wrong.then(|| XmlErrorKind::InstructionTarget { target: quoted(target) })
}

const COMMENT: &[u8] = b"<!--";
const CDATA: &[u8] = b"<![CDATA[";
const DOCTYPE: &[u8] = b"<!DOCTYPE";

/// Why `rest`, an incomplete piece of markup, will be refused however it goes on.
pub(super) fn refused_markup(rest: &[u8]) -> Option<XmlErrorKind> {
    if !rest.starts_with(b"<!") {
        return None;
    }
    let known = rest.len().min(DOCTYPE.len());
    if rest[..known].eq_ignore_ascii_case(&DOCTYPE[..known]) {
        return (known == DOCTYPE.len()).then_some(XmlErrorKind::Doctype);
    }
    let may_become = |markup: &[u8]| rest.starts_with(markup) || markup.starts_with(rest);
    (!may_become(COMMENT) && !may_become(CDATA)).then_some(XmlErrorKind::Markup)
}

/// Where a tag that has no end in sight has `<` behind a quote, which was probably not closed.
pub(super) fn open_quote(tag: &[u8]) -> Option<usize> {
    let is_markup = matches!(tag, [b'<', b'!' | b'?', ..]) || !tag.starts_with(b"<");
    let quote = tag.iter().position(|byte| matches!(byte, b'"' | b'\'')).filter(|_| !is_markup)?;
    memchr::memchr(b'<', &tag[quote..]).map(|at| quote + at)
}

/// What `rest`, which begins with `<`, lacks.
pub(super) fn unclosed(rest: &[u8]) -> XmlErrorKind {
    let (what, close) = match rest {
        [b'<', b'!', b'[', ..] => ("a CDATA section", "]]>"),
        [b'<', b'!', ..] => ("a comment", "-->"),
        [b'<', b'?', ..] => ("a processing instruction", "?>"),
        _ => ("a tag", ">"),
    };
    XmlErrorKind::Unclosed { what, close }
}
