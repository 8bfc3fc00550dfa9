//! What is wrong with markup that the reader passes, or stops at.

use super::character::is_ncname;
use super::error::{Piece, XmlErrorKind, quoted};

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
        return None;
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

/// What `rest`, which begins with `<` and has no end, is a piece of.
pub(super) fn piece(rest: &[u8]) -> Piece {
    match rest {
        [b'<', b'!', b'[', ..] => Piece::Cdata,
        [b'<', b'!', b'D' | b'd', ..] => Piece::Doctype,
        [b'<', b'!'] => Piece::Declaration,
        [b'<', b'!', ..] => Piece::Comment,
        [b'<', b'?', ..] => Piece::Instruction,
        _ => Piece::Tag,
    }
}

/// Whether `rest`, a piece without end, has swallowed what ends the document: then that is there, and it is the end of
/// the piece that is missing. Before the `root` is known any end tag at the very end will do.
pub(super) fn swallows_end(rest: &[u8], root: Option<&str>) -> bool {
    let ends = |tag: &[u8], name: &str| {
        tag.strip_prefix(name.as_bytes()).is_some_and(|tag| tag.trim_ascii_start().starts_with(b">"))
    };
    let mut tags = memchr::memmem::find_iter(rest, b"</").map(|at| &rest[at + 2..]);
    let is_last =
        |tag: &[u8]| memchr::memchr(b'>', tag).is_some_and(|at| tag[at + 1..].trim_ascii().is_empty());
    tags.any(|tag| root.map_or_else(|| is_last(tag), |root| ends(tag, root)))
}
