//! Definitions that lead back to themselves.

use super::made::{one, restricted, simple};
use super::{Case, schema};

pub(super) const CASES: &[Case] = &[
    schema(
        "circular groups",
        || {
            one("<xs:group name='a'><xs:sequence><xs:group ref='b'/></xs:sequence></xs:group>\
                <xs:group name='b'><xs:choice><xs:group ref='a'/></xs:choice></xs:group>")
        },
        "refused mg-props-correct.2",
    ),
    schema(
        "circular attribute groups",
        || {
            one("<xs:attributeGroup name='a'><xs:attributeGroup ref='b'/></xs:attributeGroup>\
                <xs:attributeGroup name='b'><xs:attributeGroup ref='a'/></xs:attributeGroup>")
        },
        "refused",
    ),
    schema(
        "circular complex types",
        || {
            one("<xs:complexType name='a'><xs:complexContent>\
                <xs:extension base='b'/></xs:complexContent></xs:complexType><xs:complexType name='b'>\
                <xs:complexContent><xs:restriction base='a'/></xs:complexContent></xs:complexType>")
        },
        "refused ct-props-correct",
    ),
    schema(
        "circular simple types",
        || one(&(restricted("a", "b", "") + &restricted("b", "a", ""))),
        "refused st-props-correct",
    ),
    schema(
        "circular union",
        || {
            one(&(simple("a", r#"<xs:union memberTypes="b xs:int"/>"#)
                + &simple("b", r#"<xs:union memberTypes="xs:int a"/>"#)))
        },
        "refused",
    ),
    schema("circular list", || one(&simple("a", r#"<xs:list itemType="a"/>"#)), "refused"),
    schema(
        "circular substitution groups",
        || one(r#"<xs:element name="a" substitutionGroup="b"/><xs:element name="b" substitutionGroup="a"/>"#),
        "refused",
    ),
    schema(
        "keyref to itself",
        || {
            one("<xs:element name='a'><xs:keyref name='k' refer='k'><xs:selector xpath='b'/>\
                <xs:field xpath='@c'/></xs:keyref></xs:element>")
        },
        "refused",
    ),
    schema(
        "element of the type it stands in",
        || {
            one("<xs:complexType name='t'><xs:sequence><xs:element name='a' type='t' minOccurs='0'/>\
                </xs:sequence></xs:complexType><xs:element name='r' type='t'/>")
        },
        "accepted",
    ),
];
