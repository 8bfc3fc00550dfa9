//! The XML declaration: its grammar, and what it says about the encoding.

use super::character::is_space;
use super::encoding::Encoding;
use super::error::{Fault, XmlErrorKind, quoted};

/// The label in the declaration at the start of undecoded bytes, if there is one to be found.
///
/// Lenient: it only has to find what a right declaration says; [`check`] judges.
pub(super) fn sniffed_encoding(head: &[u8]) -> Option<&str> {
    let rest = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(rest, b"?>")?;
    let text = std::str::from_utf8(&rest[..end]).ok()?;
    parts(text).find_map(|part| match part {
        Ok(Part { name: "encoding", value, .. }) => Some(value),
        _ => None,
    })
}

/// One `name="value"` of a declaration.
#[derive(Clone, Copy)]
struct Part<'a> {
    name: &'a str,
    value: &'a str,
    /// Index of the value in the text.
    at: usize,
}

/// The parts in order; after the first fault nothing.
fn parts(text: &str) -> impl Iterator<Item = Result<Part<'_>, Fault>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let here = rest.take()?;
        match next_part(text, here) {
            Ok(Some((part, after))) => {
                rest = Some(after);
                Some(Ok(part))
            }
            Ok(None) => None,
            Err(fault) => Some(Err(fault)),
        }
    })
}

fn fault(at: usize, why: &'static str) -> Fault {
    (at, XmlErrorKind::Declaration { why })
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

fn next_part<'a>(text: &'a str, here: &'a str) -> Result<Option<(Part<'a>, &'a str)>, Fault> {
    let rest = trim_start(here);
    let at = |rest: &str| text.len() - rest.len();
    if rest.is_empty() {
        return Ok(None);
    }
    if rest.len() == here.len() {
        return Err(fault(at(rest), "white space is missing"));
    }
    let length = rest.bytes().position(|byte| byte == b'=' || is_space(byte));
    let (name, after) = rest.split_at(length.ok_or_else(|| fault(at(rest), "`=` is missing"))?);
    let value = trim_start(after)
        .strip_prefix('=')
        .map(trim_start)
        .ok_or_else(|| fault(at(after), "`=` is missing"))?;
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let quote = quote.ok_or_else(|| fault(at(value), "a value is not quoted"))?;
    let (value, after) =
        value[1..].split_once(quote).ok_or_else(|| fault(at(value), "a quote is not closed"))?;
    Ok(Some((Part { name, value, at: at(after) - 1 - value.len() }, after)))
}

/// Judges the text between `<?xml` and `?>` of a document that is decoded from `encoding`.
pub(super) fn check(text: &str, encoding: Encoding) -> Result<(), Fault> {
    let mut expected: &[&str] = &["version", "encoding", "standalone"];
    for part in parts(text) {
        let part = part?;
        let Some(order) = expected.iter().position(|&name| name == part.name) else {
            return Err(fault(
                part.at,
                "only version, encoding and standalone may stand in it, in this order",
            ));
        };
        if expected.len() == 3 && order != 0 {
            break;
        }
        expected = &expected[order + 1..];
        check_part(part, encoding).map_err(|kind| (part.at, kind))?;
    }
    if expected.len() == 3 { Err(fault(0, "the version is missing")) } else { Ok(()) }
}

fn check_part(part: Part<'_>, encoding: Encoding) -> Result<(), XmlErrorKind> {
    match part.name {
        "version" => check_version(part.value),
        "encoding" => check_encoding(part.value, encoding),
        _ if matches!(part.value, "yes" | "no") => Ok(()),
        _ => Err(XmlErrorKind::Declaration { why: "standalone is neither yes nor no" }),
    }
}

/// A document that calls itself 1.1 is read as one of 1.0, and is refused where it is none (XML 1.0,
/// fifth edition, 2.8).
fn check_version(version: &str) -> Result<(), XmlErrorKind> {
    let minor = version.strip_prefix("1.").filter(|minor| !minor.is_empty());
    if minor.is_some_and(|minor| minor.bytes().all(|byte| byte.is_ascii_digit())) {
        Ok(())
    } else {
        Err(XmlErrorKind::Declaration { why: "the version is not like `1.0`" })
    }
}

fn check_encoding(declared: &str, encoding: Encoding) -> Result<(), XmlErrorKind> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !declared.starts_with(|first: char| first.is_ascii_alphabetic()) || !declared.bytes().all(letter) {
        return Err(XmlErrorKind::Declaration { why: "the encoding is no encoding name" });
    }
    let known = Encoding::from_label(declared)
        .ok_or_else(|| XmlErrorKind::UnknownEncoding { name: quoted(declared) })?;
    let either_order = declared.eq_ignore_ascii_case("utf-16") && encoding.is_wide();
    if known == encoding || either_order {
        return Ok(());
    }
    let found = match encoding {
        _ if encoding.is_wide() => encoding.label(),
        _ if known.is_wide() => "in a one-byte encoding",
        _ => "UTF-8, by their byte order mark",
    };
    Err(XmlErrorKind::EncodingContradiction { declared: quoted(declared), found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, encoding: Encoding, expected: &str) {
        let found = match check(text, encoding) {
            Ok(()) => "accepted".to_owned(),
            Err((at, kind)) => format!("{at} {}: {kind}", kind.code()),
        };
        assert!(found.starts_with(expected), "{text}: {found}");
    }

    #[test]
    fn the_grammar_is_held() {
        case(" version='1.0'", Encoding::Utf8, "accepted");
        case(" version = \"1.0\" encoding='UTF-8' standalone='yes' ", Encoding::Utf8, "accepted");
        case(" version='1.0' standalone='no'", Encoding::Utf8, "accepted");
        case(
            "",
            Encoding::Utf8,
            "0 xml.declaration: the XML declaration is malformed, the version is missing",
        );
        case(" encoding='UTF-8'", Encoding::Utf8, "0 xml.declaration");
        case(" encoding='UTF-8' version='1.0'", Encoding::Utf8, "0 xml.declaration");
        case(" version='1.0' version='1.0'", Encoding::Utf8, "24 xml.declaration");
        case(" version='1.0' standalone='yes' encoding='UTF-8'", Encoding::Utf8, "42 xml.declaration");
        case(" version='1.0' standalone='maybe'", Encoding::Utf8, "27 xml.declaration");
        case(" version='1.0'encoding='UTF-8'", Encoding::Utf8, "14 xml.declaration");
        case(" version=1.0", Encoding::Utf8, "9 xml.declaration");
        case(" version='1.0", Encoding::Utf8, "9 xml.declaration");
        case(" version", Encoding::Utf8, "1 xml.declaration");
        case(" version='1.0' lang='de'", Encoding::Utf8, "21 xml.declaration");
        case(" version='2.0'", Encoding::Utf8, "10 xml.declaration");
        case(" version='1.0' encoding='8bit'", Encoding::Utf8, "25 xml.declaration");
    }

    #[test]
    fn later_versions_are_read_as_the_first() {
        case(" version='1.1'", Encoding::Utf8, "accepted");
        case(" version='1.'", Encoding::Utf8, "10 xml.declaration");
        case(" version='1.0a'", Encoding::Utf8, "10 xml.declaration");
    }

    #[test]
    fn the_encoding_must_agree_with_the_bytes() {
        case(" version='1.0' encoding='UTF-16'", Encoding::Utf16Be, "accepted");
        case(" version='1.0' encoding='utf-16le'", Encoding::Utf16Le, "accepted");
        case(" version='1.0' encoding='UTF-16'", Encoding::Utf8, "25 xml.encoding-contradiction");
        case(" version='1.0' encoding='UTF-8'", Encoding::Utf16Le, "25 xml.encoding-contradiction");
        case(" version='1.0' encoding='UTF-16BE'", Encoding::Utf16Le, "25 xml.encoding-contradiction");
        case(" version='1.0' encoding='ISO-8859-1'", Encoding::Utf8, "25 xml.encoding-contradiction");
        case(" version='1.0' encoding='EBCDIC-CP-DE'", Encoding::Utf8, "25 xml.unknown-encoding");
    }
}
