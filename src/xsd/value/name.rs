//! `QName` and `NOTATION`: prefixes against the bindings in scope.

use super::{Lexical, string};
use crate::xml::{Bindings, XML_NAMESPACE};

/// What prefixes mean at a place.
pub trait Namespaces {
    /// The namespace a prefix is bound to; the empty prefix asks for the default namespace.
    /// `Some("")` means no namespace, `None` that the prefix is not declared.
    fn resolve(&self, prefix: &str) -> Option<&str>;
}

impl Namespaces for Bindings {
    fn resolve(&self, prefix: &str) -> Option<&str> {
        Self::resolve(self, prefix)
    }
}

/// Where no prefix is declared.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNamespaces;

impl Namespaces for NoNamespaces {
    fn resolve(&self, _prefix: &str) -> Option<&str> {
        None
    }
}

/// What the prefixes in a literal mean where it was written, for a literal that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes(Box<[(Box<str>, Box<str>)]>);

impl Prefixes {
    /// The prefixes that names in `literal` may have, the empty one among them.
    #[must_use]
    pub fn of(literal: &str, namespaces: &dyn Namespaces) -> Self {
        let mut kept: Vec<(Box<str>, Box<str>)> = Vec::new();
        let prefixes =
            literal.split_ascii_whitespace().map(|token| token.split_once(':').unwrap_or_default().0);
        for prefix in prefixes {
            if let (false, Some(namespace)) =
                (kept.iter().any(|(known, _)| &**known == prefix), namespaces.resolve(prefix))
            {
                kept.push((prefix.into(), namespace.into()));
            }
        }
        Self(kept.into())
    }
}

impl Namespaces for Prefixes {
    fn resolve(&self, prefix: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| &**known == prefix).map(|(_, namespace)| &**namespace)
    }
}

/// A name with its namespace; the prefix is no part of the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QualifiedName {
    /// Namespace name, empty for none.
    pub namespace: Box<str>,
    /// Local part.
    pub local: Box<str>,
}

impl QualifiedName {
    pub(super) fn parse(text: &str, namespaces: &dyn Namespaces) -> Result<Self, Lexical> {
        let (namespace, local) = resolve(text, namespaces)?;
        Ok(Self { namespace: namespace.into(), local: local.into() })
    }
}

/// Namespace and local part of a literal.
pub(super) fn resolve<'a>(
    text: &'a str,
    namespaces: &'a dyn Namespaces,
) -> Result<(&'a str, &'a str), Lexical> {
    let Some((prefix, local)) = text.split_once(':') else {
        string::nc_name(text)?;
        return Ok((namespaces.resolve("").unwrap_or_default(), text));
    };
    string::nc_name(prefix)?;
    string::nc_name(local)?;
    let namespace = if prefix == "xml" { Some(XML_NAMESPACE) } else { namespaces.resolve(prefix) };
    // A prefix cannot be bound to no namespace (Namespaces in XML 1.0, section 2).
    match namespace {
        Some(namespace) if !namespace.is_empty() => Ok((namespace, local)),
        _ => Err(Lexical::PrefixUndeclared),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Declared;

    impl Namespaces for Declared {
        fn resolve(&self, prefix: &str) -> Option<&str> {
            match prefix {
                "" => Some("urn:default"),
                "p" => Some("urn:p"),
                _ => None,
            }
        }
    }

    #[track_caller]
    fn case(text: &str, expected: Result<(&str, &str), Lexical>) {
        assert_eq!(resolve(text, &Declared), expected, "{text:?}");
    }

    #[test]
    fn prefixes_are_resolved() {
        case("p:a", Ok(("urn:p", "a")));
        case("a", Ok(("urn:default", "a")));
        case("xml:lang", Ok((XML_NAMESPACE, "lang")));
        case("q:a", Err(Lexical::PrefixUndeclared));
        assert_eq!(resolve("a", &NoNamespaces), Ok(("", "a")));
    }

    #[test]
    fn a_kept_literal_keeps_its_prefixes() {
        let kept = Prefixes::of(" p:a b q:c p:d", &Declared);
        assert_eq!(kept.resolve("p"), Some("urn:p"));
        assert_eq!(kept.resolve(""), Some("urn:default"));
        assert_eq!(kept.resolve("q"), None);
        assert_eq!(Prefixes::of("p:a", &Declared).resolve(""), None);
    }

    #[test]
    fn both_parts_are_names_without_colon() {
        for text in ["", ":", "p:", ":a", "p:a:b", "p:1", "1:p", "a b"] {
            case(text, Err(Lexical::Form));
        }
    }
}
