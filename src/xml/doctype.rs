//! The document type declaration: never read for what it declares, passed over or refused.
//!
//! A declaration that only names an external subset changes nothing for a reader that does not validate by it (XML 1.0,
//! 5.1), but for entities, which are refused where they stand, and for defaults of attributes, which a schema gives.

use super::character::{is_qname, is_space};
use super::error::{XmlErrorKind, quoted};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which document type declarations are passed over, unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DoctypePolicy {
    /// None.
    Refused,
    /// Those without internal subset.
    #[default]
    External,
    /// All.
    Any,
}

/// Why a document type declaration is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoctypeFault {
    /// None is wanted.
    Refused,
    /// It has an internal subset.
    Internal,
    /// It has no name.
    Nameless,
    /// Behind the name stands no external identifier as XML 1.0 writes it.
    Malformed,
    /// The public identifier holds a character that it may not.
    Public,
    /// Its keyword is not in capitals.
    Small,
    /// It is not the only one before the root element.
    Misplaced,
}

impl fmt::Display for DoctypeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => {
                "the document has a DOCTYPE, which is refused: remove it, or set `doctype` to `external`; entities and \
                 defaults of a DTD are not read"
            }
            Self::Internal => {
                "the DOCTYPE has an internal subset, which is refused: remove what stands from `[` to `]`; entities \
                 and defaults of a DTD are not read"
            }
            Self::Nameless => {
                "the DOCTYPE has no name: write `<!DOCTYPE` and the name of the root element, or remove it"
            }
            Self::Malformed => {
                "the DOCTYPE is malformed: behind the name may stand `SYSTEM \"address\"` or `PUBLIC \"name\" \
                 \"address\"`"
            }
            Self::Public => {
                "the public identifier of the DOCTYPE holds a character that may not stand there: it is made of \
                 letters and digits of ASCII, blanks and `-'()+,./:=?;!*#@$_%`"
            }
            Self::Small => "`<!DOCTYPE` is written in capitals: write it so, or remove it",
            Self::Misplaced => "a DOCTYPE may stand once, before the root element: remove it",
        })
    }
}

/// What a declaration begins with.
const KEYWORD: &[u8] = b"<!DOCTYPE";

/// What a declaration says, as far as it is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Doctype {
    pub(super) name: String,
    pub(super) external: Option<String>,
    pub(super) internal: bool,
}

/// Judges a whole declaration, `markup`, of which `text` is what stands behind the keyword.
pub(super) fn judge(
    markup: &[u8],
    text: &str,
    is_first: bool,
    policy: DoctypePolicy,
) -> Result<Doctype, XmlErrorKind> {
    if !markup.starts_with(KEYWORD) {
        return Err(if text.trim_start().to_ascii_lowercase().starts_with("html") {
            XmlErrorKind::NotXml { what: super::Alien::Html }
        } else {
            XmlErrorKind::Doctype { why: DoctypeFault::Small }
        });
    }
    let fault = |why| XmlErrorKind::Doctype { why };
    if !markup.get(KEYWORD.len()).copied().is_some_and(is_space) {
        return Err(fault(DoctypeFault::Nameless));
    }
    if !is_first {
        return Err(fault(DoctypeFault::Misplaced));
    }
    if policy == DoctypePolicy::Refused {
        return Err(fault(DoctypeFault::Refused));
    }
    let is_html = text.trim_start().get(..4).is_some_and(|name| name.eq_ignore_ascii_case("html"));
    let doctype = parse(text).map_err(|why| match why {
        DoctypeFault::Malformed if is_html => XmlErrorKind::NotXml { what: super::Alien::Html },
        why => fault(why),
    })?;
    if doctype.internal && policy != DoctypePolicy::Any {
        return Err(fault(DoctypeFault::Internal));
    }
    Ok(doctype)
}

/// `S Name (S ExternalID)? S? ('[' intSubset ']' S?)?` (XML 1.0, production 28).
fn parse(text: &str) -> Result<Doctype, DoctypeFault> {
    let text = trim(text);
    let length = text.find(|c: char| c == '[' || is_blank(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    if !is_qname(name) {
        return Err(DoctypeFault::Nameless);
    }
    let (external, rest) = external(trim(rest))?;
    let rest = trim(rest);
    let internal = rest.starts_with('[');
    let is_closed = rest.is_empty() || (internal && rest.trim_end_matches(is_blank).ends_with(']'));
    if !is_closed {
        return Err(DoctypeFault::Malformed);
    }
    Ok(Doctype { name: quoted(name), external: external.map(quoted), internal })
}

/// The address of an external identifier, if there is one, and what stands behind it.
fn external(text: &str) -> Result<(Option<&str>, &str), DoctypeFault> {
    let literal = |text| literal(text).ok_or(DoctypeFault::Malformed);
    if let Some(rest) = text.strip_prefix("SYSTEM") {
        let (address, rest) = literal(rest)?;
        return Ok((Some(address), rest));
    }
    let Some(rest) = text.strip_prefix("PUBLIC") else { return Ok((None, text)) };
    let (name, rest) = literal(rest)?;
    let (address, rest) = literal(rest)?;
    if name.chars().all(is_public) { Ok((Some(address), rest)) } else { Err(DoctypeFault::Public) }
}

/// `PubidChar` (XML 1.0, production 13).
fn is_public(c: char) -> bool {
    matches!(c, ' ' | '\r' | '\n') || c.is_ascii_alphanumeric() || "-'()+,./:=?;!*#@$_%".contains(c)
}

/// White space and a value in quotes.
fn literal(text: &str) -> Option<(&str, &str)> {
    let quoted = trim(text);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    (quoted.len() < text.len()).then(|| quoted[1..].split_once(quote))?
}

fn trim(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

fn is_blank(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Result<(&str, Option<&str>, bool), DoctypeFault>) {
        let found = parse(text).map(|found| (found.name, found.external, found.internal));
        assert_eq!(
            found,
            expected.map(|(name, external, internal)| (
                name.to_owned(),
                external.map(str::to_owned),
                internal
            ))
        );
    }

    #[test]
    fn it_is_read_as_far_as_its_own_grammar() {
        case(" html", Ok(("html", None, false)));
        case(" a SYSTEM 'a.dtd'", Ok(("a", Some("a.dtd"), false)));
        case("\na PUBLIC \"-//x//y\"\n\"http://x/a.dtd\" ", Ok(("a", Some("http://x/a.dtd"), false)));
        case(" a SYSTEM 'a.dtd' [ <!ENTITY b ''> ] ", Ok(("a", Some("a.dtd"), true)));
        case(" a[]", Ok(("a", None, true)));
        case(" a PUBLIC \"-//'()+,./:=?;!*#@$_% \n\" ''", Ok(("a", Some(""), false)));
        for name in ["\"a\tb\"", "\"a&b\"", "'<a>'", "'\u{FC}'", "'[a]'", "\"a{b}\""] {
            case(&format!(" a PUBLIC {name} 'a.dtd'"), Err(DoctypeFault::Public));
        }
        case("", Err(DoctypeFault::Nameless));
        case(" 1", Err(DoctypeFault::Nameless));
        for text in [
            " a b",
            " a SYSTEM",
            " a SYSTEM'x'",
            " a PUBLIC 'x'",
            " a SYSTEM 'x",
            " a [ ] b",
            " a SYSTEM 'x' 'y'",
        ] {
            case(text, Err(DoctypeFault::Malformed));
        }
    }
}
