//! The types of attributes in schema documents (part 1, appendix A): does a literal belong to one?

use crate::xsd::value::{Grammar, NoNamespaces, uri};

/// A type of the schema for schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    /// Anything; judged elsewhere, if at all.
    Text,
    /// `anyURI`.
    Uri,
    /// `ID`; that it is the only one is judged by the reader.
    Id,
    /// `NCName`.
    Name,
    QName,
    /// A list of QNames.
    QNames,
    Boolean,
    NonNegative,
    /// `nonNegativeInteger` or `unbounded`.
    Occurs,
    ZeroOrOne,
    One,
    FormChoice,
    UseChoice,
    Process,
    /// `##any`, `##other`, or a list of namespaces.
    Namespaces,
    /// `block` of elements.
    Blocks,
    /// `final` of elements: `#all`, or extension and restriction.
    Derivations,
    /// `block` and `final` of complex types.
    TypeDerivations,
    /// `final` of simple types.
    SimpleDerivations,
    FinalDefault,
}

impl Literal {
    /// Whether the literal is one of the type.
    pub(crate) fn admits(self, text: &str) -> bool {
        let trimmed = trim(text);
        match self {
            Self::Text => true,
            Self::Uri => is_uri(trimmed),
            Self::Id | Self::Name => is_ncname(trimmed),
            Self::QName => is_qname(trimmed),
            Self::QNames => words(text).all(is_qname),
            Self::Boolean => matches!(trimmed, "true" | "false" | "1" | "0"),
            Self::NonNegative => is_non_negative(trimmed),
            Self::Occurs => trimmed == "unbounded" || is_non_negative(trimmed),
            Self::ZeroOrOne => is_non_negative(trimmed) && matches!(number(trimmed), "" | "1"),
            Self::One => is_non_negative(trimmed) && number(trimmed) == "1",
            Self::FormChoice => matches!(trimmed, "qualified" | "unqualified"),
            Self::UseChoice => matches!(trimmed, "optional" | "required" | "prohibited"),
            Self::Process => matches!(trimmed, "strict" | "lax" | "skip"),
            Self::Namespaces => is_namespace_list(trimmed),
            Self::Blocks => is_set(text, &["extension", "restriction", "substitution"]),
            Self::Derivations | Self::TypeDerivations => is_set(text, &["extension", "restriction"]),
            Self::SimpleDerivations => is_set(text, &["list", "union", "restriction"]),
            Self::FinalDefault => is_set(text, &["extension", "restriction", "list", "union"]),
        }
    }

    /// In words, for messages.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Uri => "a URI",
            Self::Id | Self::Name => "a name without colon",
            Self::QName => "a name, possibly with prefix",
            Self::QNames => "names, possibly with prefix",
            Self::Boolean => "`true` or `false`",
            Self::NonNegative => "a whole number from 0 up",
            Self::Occurs => "a whole number from 0 up, or `unbounded`",
            Self::ZeroOrOne => "`0` or `1`",
            Self::One => "`1`",
            Self::FormChoice => "`qualified` or `unqualified`",
            Self::UseChoice => "`optional`, `required` or `prohibited`",
            Self::Process => "`strict`, `lax` or `skip`",
            Self::Namespaces => {
                "`##any`, `##other`, or a list of namespaces, `##targetNamespace` and `##local`"
            }
            Self::Blocks => "`#all`, or a list of `extension`, `restriction` and `substitution`",
            Self::Derivations | Self::TypeDerivations => "`#all`, or a list of `extension` and `restriction`",
            Self::SimpleDerivations => "`#all`, or a list of `list`, `union` and `restriction`",
            Self::FinalDefault => "`#all`, or a list of `extension`, `restriction`, `list` and `union`",
        }
    }
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

fn trim(text: &str) -> &str {
    text.trim_matches(WHITE)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(WHITE).filter(|word| !word.is_empty())
}

fn is_ncname(text: &str) -> bool {
    Grammar::NcName.check(text, &NoNamespaces).is_ok()
}

fn is_uri(text: &str) -> bool {
    uri::check(text).is_ok()
}

/// `xml:lang`: a language, or nothing to say that it is not known.
pub(crate) fn is_language(text: &str) -> bool {
    text.is_empty() || Grammar::Language.check(trim(text), &NoNamespaces).is_ok()
}

fn is_qname(text: &str) -> bool {
    match text.split_once(':') {
        Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
        None => is_ncname(text),
    }
}

fn is_non_negative(text: &str) -> bool {
    if let Some(zeros) = text.strip_prefix('-') {
        return !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number without sign and leading zeros.
fn number(text: &str) -> &str {
    text.trim_start_matches(['+', '-', '0'])
}

fn is_set(text: &str, allowed: &[&str]) -> bool {
    trim(text) == "#all" || words(text).all(|word| allowed.contains(&word))
}

fn is_namespace_list(text: &str) -> bool {
    let is_namespace = |word: &str| match word {
        "##targetNamespace" | "##local" => true,
        uri => !uri.starts_with("##") && is_uri(uri),
    };
    matches!(text, "##any" | "##other") || words(text).all(is_namespace)
}

#[cfg(test)]
mod tests {
    use super::Literal;

    #[track_caller]
    fn case(literal: Literal, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(literal.admits(text), "{literal:?} {text:?}");
        }
        for text in wrong {
            assert!(!literal.admits(text), "{literal:?} {text:?}");
        }
    }

    #[test]
    fn literals_are_told_from_others() {
        case(Literal::Name, &["a", " a-1 "], &["", "1", "a:b", "a b"]);
        case(Literal::QName, &["a", "p:a"], &["", ":a", "p:", "p:a:b", "a b"]);
        case(Literal::QNames, &["", "a p:b"], &["a :b"]);
        case(Literal::Occurs, &["0", "+7", "-0", "unbounded"], &["", "-1", "1.0", "Unbounded"]);
        case(Literal::ZeroOrOne, &["0", "1", "00", "01"], &["2", "10", "unbounded"]);
        case(Literal::One, &["1", "+01"], &["0", "11"]);
        case(Literal::Blocks, &["", "#all", "extension substitution"], &["#all extension", "list"]);
        case(Literal::Derivations, &["restriction"], &["substitution"]);
        case(Literal::SimpleDerivations, &["list union"], &["extension"]);
        case(
            Literal::Namespaces,
            &["", "##any", "##other", "##local urn:a"],
            &["##any urn:a", "##other ##local", "##all"],
        );
    }
}
