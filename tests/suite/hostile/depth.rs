//! Nesting and chains: one thing within another, or leading to another, very often.

use super::made::{many, nested, one, root, simple};
use super::{Case, schema};
use std::fmt::Write;

pub(super) const CASES: &[Case] = &[
    schema(
        "nested sequences",
        || one(&root(&nested(240, "<xs:sequence>", r#"<xs:element name="a"/>"#, "</xs:sequence>"))),
        "",
    ),
    schema(
        "nested too deep for a document",
        || one(&root(&nested(300, "<xs:sequence>", "", "</xs:sequence>"))),
        "limit depth_max",
    ),
    schema(
        "nested anonymous types",
        || {
            let open = r#"<xs:element name="a"><xs:complexType><xs:sequence>"#;
            one(&nested(80, open, "", "</xs:sequence></xs:complexType></xs:element>"))
        },
        "accepted",
    ),
    schema(
        "nested simple types",
        || {
            let open = "<xs:simpleType><xs:union memberTypes=\"xs:int\">";
            one(&simple(
                "t",
                &format!("<xs:union>{}</xs:union>", nested(120, open, "", "</xs:union></xs:simpleType>")),
            ))
        },
        "accepted",
    ),
    schema(
        "chain of groups",
        || {
            one(&(many(
                10_000,
                r#"<xs:group name="g#"><xs:sequence><xs:group ref="g@"/></xs:sequence></xs:group>"#,
            )
            .replacen("<xs:group ref=\"g0\"/>", "", 1)))
        },
        "",
    ),
    schema(
        "chain of groups, last first",
        || {
            let mut text = String::new();
            for number in 0..10_000 {
                write!(
                    text,
                    "<xs:group name='g{number}'><xs:sequence><xs:group ref='g{}'/></xs:sequence></xs:group>",
                    number + 1
                )
                .unwrap();
            }
            one(&(text + r#"<xs:group name="g10000"><xs:sequence/></xs:group>"#))
        },
        "limit definition_depth_max",
    ),
    schema(
        "chain of attribute groups",
        || {
            one(&many(
                10_000,
                "<xs:attributeGroup name='g#'><xs:attribute name='a#'/>\
                 <xs:attributeGroup ref='g@'/></xs:attributeGroup>",
            )
            .replacen("<xs:attributeGroup ref='g0'/>", "", 1))
        },
        "limit",
    ),
    schema(
        "chain of extensions",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:extension base='t@'>\
                 <xs:attribute name='a#'/></xs:extension></xs:complexContent></xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of extensions, last first",
        || {
            let mut text = String::new();
            for number in 0..20_000 {
                write!(
                    text,
                    "<xs:complexType name='t{number}'><xs:complexContent>\
                     <xs:extension base='t{}'/></xs:complexContent></xs:complexType>",
                    number + 1
                )
                .unwrap();
            }
            one(&(text + r#"<xs:complexType name="t20000"/>"#))
        },
        "limit",
    ),
    schema(
        "chain of extensions with content",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:extension base='t@'><xs:sequence>\
                 <xs:element name='a#'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of restrictions",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:restriction base='t@'><xs:sequence>\
                 <xs:element name='a' minOccurs='0'/></xs:sequence></xs:restriction></xs:complexContent>\
                 </xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of simple restrictions",
        || {
            one(&many(
                20_000,
                "<xs:simpleType name='t#'><xs:restriction base='t@'>\
                 <xs:pattern value='a*'/></xs:restriction></xs:simpleType>",
            )
            .replacen("base='t0'", "base='xs:string'", 1))
        },
        "limit",
    ),
    schema(
        "many types of many patterns",
        || {
            let chain = many(
                60,
                "<xs:simpleType name='t#'><xs:restriction base='t@'>\
                 <xs:pattern value='a*'/></xs:restriction></xs:simpleType>",
            )
            .replacen("base='t0'", "base='xs:string'", 1);
            one(&(chain
                + &many(20_000, r#"<xs:simpleType name="u#"><xs:restriction base="t59"/></xs:simpleType>"#)))
        },
        "accepted",
    ),
    schema(
        "chain of substitution groups",
        || {
            one(&many(100_000, r#"<xs:element name="e#" substitutionGroup="e@"/>"#).replacen(
                "substitutionGroup=\"e0\"",
                "",
                1,
            ))
        },
        "limit",
    ),
    schema(
        "chain of substitution groups, last first",
        || {
            let mut text = String::new();
            for number in 0..100_000 {
                write!(text, r#"<xs:element name="e{number}" substitutionGroup="e{}"/>"#, number + 1)
                    .unwrap();
            }
            one(&(text + r#"<xs:element name="e100000"/>"#))
        },
        "limit",
    ),
];
