//! Wildcards that XML Schema 1.1 narrows (`notNamespace`, `notQName`).
//!
//! XML Schema 1.0 knows neither attribute. They are not checked, which the verdict says; but a wildcard
//! that 1.1 refuses as well is wrong whatever its author meant.

use super::At;
use super::builder::Builder;
use crate::xsd::component::wildcard::NamespaceConstraint;
use crate::xsd::document::{Node, QualifiedName};
use crate::xsd::fault::Rule;
use std::sync::Arc;

impl Builder<'_> {
    /// Holds a wildcard to what 1.1 demands of it: `src-wildcard.1` and `w-props-correct.4` there.
    pub(super) fn check_narrowing(&mut self, at: At, allowed: &NamespaceConstraint) {
        let node = self.node(at);
        let excluded = node.token("notNamespace");
        if node.attribute("namespace").is_some() && excluded.is_some() {
            let sentence = "a wildcard has no `notNamespace` beside its `namespace`: XML Schema 1.0 does not \
                know it, 1.1 allows one of them";
            self.fault(at, Rule::AttributeNotAllowed, sentence.to_owned());
        }
        let excluded = excluded.map(|list| self.namespaces(at, list)).unwrap_or_default();
        for name in self.disallowed(at, node) {
            if excluded.contains(&name.namespace) || !allowed.allows(&name.namespace) {
                let sentence = format!(
                    "`notQName` takes out `{name}`, whose namespace the wildcard does not let through at \
                     all: XML Schema 1.0 does not know `notQName`, 1.1 does not allow that"
                );
                self.fault(at, Rule::AttributeNotAllowed, sentence);
            }
        }
    }

    /// The names in `notQName`; words such as `##defined` are none.
    fn disallowed(&self, at: At, node: &Node) -> Vec<QualifiedName> {
        let words = node.token("notQName").unwrap_or_default().split_ascii_whitespace();
        words.filter(|word| !word.starts_with("##")).filter_map(|word| self.peek(at, word)).collect()
    }

    /// The namespaces of a list with `##targetNamespace` and `##local`.
    pub(super) fn namespaces(&self, at: At, list: &str) -> Vec<Arc<str>> {
        list.split_ascii_whitespace()
            .map(|word| match word {
                "##targetNamespace" => Arc::clone(self.target(at)),
                "##local" => "".into(),
                uri => uri.into(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::xsd::Assembler;

    /// `expected`: how many faults a wildcard with these attributes has.
    #[track_caller]
    fn case(attributes: &str, expected: usize) {
        let schema = format!(
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:a='a' xmlns:b='b' \
             targetNamespace='a'><xs:complexType name='c'><xs:sequence><xs:any {attributes}/></xs:sequence>\
             <xs:anyAttribute {attributes}/></xs:complexType></xs:schema>"
        );
        let mut assembler = Assembler::new();
        assembler.add("test.xsd", schema.as_bytes());
        assert!(assembler.missing().is_none());
        let found = assembler.finish().map_or_else(|error| error.faults.len(), |_| 0);
        assert_eq!(found, 2 * expected, "{attributes}");
    }

    #[test]
    fn a_wildcard_that_no_version_allows_is_a_fault() {
        case(r#"notNamespace="b""#, 0);
        case(r#"notQName="b:x ##defined""#, 0);
        case(r#"notNamespace="b" notQName="a:x""#, 0);
        case(r#"notNamespace="b" notQName="b:x""#, 1);
        case(r###"notNamespace="##targetNamespace ##local" notQName="a:x b:x x""###, 2);
        case(r###"namespace="##other" notQName="b:x a:x""###, 1);
        case(r#"namespace="a" notNamespace="b""#, 1);
    }
}
