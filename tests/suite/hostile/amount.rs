//! Schema documents that bring in each other, and schemas of very many or very long parts.

use super::made::{HEAD, many, one};
use super::{Case, schema};
use std::fmt::Write;

pub(super) const CASES: &[Case] = &[
    schema(
        "chain of includes",
        || {
            let mut documents = Vec::new();
            for number in 1..=2_000 {
                documents.push(format!(r#"{HEAD}<xs:include schemaLocation="{number}.xsd"/></xs:schema>"#));
            }
            documents
        },
        "limit documents_max",
    ),
    schema(
        "circle of includes",
        || {
            let mut documents = Vec::new();
            for number in 0..100 {
                documents.push(format!(
                    "{HEAD}<xs:include schemaLocation='{}.xsd'/>\
                     <xs:include schemaLocation='{}.xsd'/></xs:schema>",
                    (number + 1) % 100,
                    (number + 50) % 100
                ));
            }
            documents
        },
        "accepted",
    ),
    schema(
        "chain of redefinitions",
        || {
            let mut documents = Vec::new();
            for number in 1..=300 {
                documents.push(format!(
                    "{HEAD}<xs:redefine schemaLocation='{number}.xsd'><xs:complexType name='t'>\
                     <xs:complexContent><xs:extension base='t'/></xs:complexContent></xs:complexType>\
                     </xs:redefine></xs:schema>"
                ));
            }
            documents.push(format!(r#"{HEAD}<xs:complexType name="t"/></xs:schema>"#));
            documents
        },
        "limit definition_depth_max",
    ),
    schema(
        "one document for many namespaces",
        || {
            let mut main = String::from(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#);
            let mut documents = vec![String::new()];
            for number in 1..=400 {
                write!(main, r#"<xs:import namespace="urn:{number}" schemaLocation="{number}.xsd"/>"#)
                    .unwrap();
                documents.push(format!(
                    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:{number}'>\
                     <xs:include schemaLocation='401.xsd'/></xs:schema>"
                ));
            }
            documents[0] = main + "</xs:schema>";
            documents.push(format!(
                "{HEAD}{}</xs:schema>",
                many(20_000, r#"<xs:element name="e#" type="xs:string"/>"#)
            ));
            documents
        },
        "limit",
    ),
    schema(
        "many imports and references",
        || {
            one(&(many(20_000, r#"<xs:import namespace="urn:#"/>"#)
                + &many(20_000, r#"<xs:element name="e#" type="xs:string"/>"#)))
        },
        "accepted",
    ),
    schema(
        "bindings on every element",
        || {
            let mut text = String::from(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema""#);
            for number in 0..250 {
                write!(text, r#" xmlns:p{number}="urn:namespace:{number}""#).unwrap();
            }
            vec![text + ">" + &many(30_000, r#"<xs:element name="e#" xmlns:q="u"/>"#) + "</xs:schema>"]
        },
        "",
    ),
    schema("very many faults", || one(&"<xs:group/>".repeat(200_000)), "refused s4s"),
    schema("very many elements", || one(&many(300_000, r#"<xs:element name="e#"/>"#)), "limit work_max"),
    schema(
        "a very long name",
        || {
            one(&"<xs:complexType name='NAME'><xs:sequence><xs:any minOccurs='0'/>\
                <xs:any/></xs:sequence></xs:complexType>"
                .replace("NAME", &"n".repeat(200_000)))
        },
        "refused",
    ),
];
