//! What elements and their types hold: model groups, attributes, identity constraints.

use super::made::{doubling, many, nested, one, root};
use super::{Case, schema};

pub(super) const CASES: &[Case] = &[
    // Model groups.
    schema("doubling groups", || one(&doubling(40, "", r#"<xs:element name="a"/>"#)), "limit"),
    schema("doubling empty groups", || one(&doubling(100, "", "")), "limit"),
    schema(
        "doubling counted groups",
        || one(&doubling(60, r#"minOccurs="1000000" maxOccurs="1000000""#, r#"<xs:element name="a"/>"#)),
        "limit",
    ),
    schema(
        "huge bounds",
        || {
            one(&root(
                "<xs:sequence minOccurs='4294967295' maxOccurs='99999999999999999999999'>\
                 <xs:element name='a' minOccurs='1000000' maxOccurs='4294967296'/>\
                 <xs:element name='b' minOccurs='0' maxOccurs='18446744073709551616'/></xs:sequence>",
            ))
        },
        "accepted",
    ),
    schema(
        "nested huge bounds",
        || {
            let open = r#"<xs:sequence minOccurs="1000000" maxOccurs="1000000">"#;
            one(&root(&nested(100, open, r#"<xs:element name="a"/>"#, "</xs:sequence>")))
        },
        "accepted",
    ),
    schema(
        "wide sequence of optional elements",
        || {
            one(&root(&format!(
                "<xs:sequence>{}</xs:sequence>",
                many(20_000, r#"<xs:element name="e#" minOccurs="0"/>"#)
            )))
        },
        "limit",
    ),
    schema(
        "wide choice without end",
        || {
            one(&root(&format!(
                r#"<xs:choice maxOccurs="unbounded">{}</xs:choice>"#,
                many(1_900, r#"<xs:element name="e#"/>"#)
            )))
        },
        "accepted",
    ),
    schema(
        "many wide choices without end",
        || {
            let choice = format!(
                r#"<xs:group name="g"><xs:choice>{}</xs:choice></xs:group>"#,
                many(1_900, r#"<xs:element name="e#" type="xs:string"/>"#)
            );
            one(&(choice
                + &many(
                    5_000,
                    r#"<xs:complexType name="t#"><xs:group ref="g" maxOccurs="unbounded"/></xs:complexType>"#,
                )))
        },
        "limit",
    ),
    schema(
        "wide choice counted",
        || {
            one(&root(&format!(
                r#"<xs:choice maxOccurs="unbounded">{}</xs:choice>"#,
                many(1_900, r#"<xs:element name="e#" maxOccurs="7"/>"#)
            )))
        },
        "",
    ),
    schema(
        "many elements of one name",
        || {
            one(&root(&format!(
                "<xs:choice>{}</xs:choice>",
                r#"<xs:element name="e" type="xs:string"/>"#.repeat(19_000)
            )))
        },
        "refused cos-nonambig",
    ),
    schema(
        "many elements of one name in order",
        || {
            one(&root(&format!(
                "<xs:sequence>{}</xs:sequence>",
                r#"<xs:element name="e" type="xs:string" maxOccurs="2" minOccurs="2"/>"#.repeat(19_000)
            )))
        },
        "",
    ),
    schema(
        "states that double",
        || {
            one(&root(&format!(
                "<xs:sequence><xs:choice minOccurs='0' maxOccurs='unbounded'>\
                 <xs:any processContents='skip'/></xs:choice>{}</xs:sequence>",
                r#"<xs:any processContents="skip"/>"#.repeat(60)
            )))
        },
        "refused cos-nonambig",
    ),
    schema(
        "wide all group",
        || {
            one(&root(&format!(
                "<xs:all>{}</xs:all>",
                many(20_000, r#"<xs:element name="e#" minOccurs="0"/>"#)
            )))
        },
        "",
    ),
    schema(
        "wide substitution group in many models",
        || {
            let group = r#"<xs:element name="h" type="xs:string"/>"#.to_owned()
                + &many(10_000, r#"<xs:element name="m#" substitutionGroup="h"/>"#);
            one(&(group
                + &many(
                    2_000,
                    "<xs:complexType name='t#'><xs:sequence><xs:element ref='h'/>\
                     <xs:element ref='h' minOccurs='0'/></xs:sequence></xs:complexType>",
                )))
        },
        "limit",
    ),
    schema(
        "restriction of wide choices",
        || {
            let names = many(1_000, r#"<xs:element name="e#" type="xs:string"/>"#);
            let reversed = many(1_000, r#"<xs:element name="f#" type="xs:string"/>"#);
            one(&format!(
                r#"<xs:complexType name="b"><xs:choice minOccurs="0" maxOccurs="unbounded">{names}</xs:choice>
                  </xs:complexType>
            <xs:complexType name="d"><xs:complexContent><xs:restriction base="b">
              <xs:sequence>{reversed}</xs:sequence></xs:restriction></xs:complexContent>
                </xs:complexType>"#
            ))
        },
        "refused",
    ),
    schema(
        "many restrictions of wide choices",
        || {
            let names = many(1_000, r#"<xs:element name="e#" type="xs:string"/>"#);
            let base = format!(
                "<xs:group name='g'><xs:sequence>{names}</xs:sequence></xs:group><xs:complexType name='b'>\
                 <xs:choice minOccurs='0' maxOccurs='unbounded'>{names}</xs:choice></xs:complexType>"
            );
            one(&(base
                + &many(
                    3_000,
                    "<xs:complexType name='t#'><xs:complexContent><xs:restriction base='b'>\
                     <xs:group ref='g'/></xs:restriction></xs:complexContent></xs:complexType>",
                )))
        },
        "limit",
    ),
    // Attributes.
    schema(
        "wide attribute group in many types",
        || {
            let group = format!(
                r#"<xs:attributeGroup name="g">{}</xs:attributeGroup>"#,
                many(2_000, r#"<xs:attribute name="a#"/>"#)
            );
            one(&(group
                + &many(
                    20_000,
                    r#"<xs:complexType name="t#"><xs:attributeGroup ref="g"/></xs:complexType>"#,
                )))
        },
        "limit",
    ),
    schema(
        "one attribute group many times",
        || {
            let group = format!(
                r#"<xs:attributeGroup name="g">{}</xs:attributeGroup>"#,
                many(2_000, r#"<xs:attribute name="a#"/>"#)
            );
            one(&(group + &root(&r#"<xs:attributeGroup ref="g"/>"#.repeat(20_000))))
        },
        "limit work_max",
    ),
    schema(
        "a type of many attributes",
        || one(&root(&many(50_000, r#"<xs:attribute name="a#"/>"#))),
        "limit",
    ),
    // Identity constraints.
    schema(
        "a selector of many paths",
        || {
            one(&format!(
                "<xs:element name='r'><xs:key name='k'><xs:selector xpath='a{}'/>\
                 <xs:field xpath='@b'/></xs:key></xs:element>",
                "|a".repeat(100_000)
            ))
        },
        "limit",
    ),
    schema(
        "a path of many steps",
        || {
            one(&format!(
                "<xs:element name='r'><xs:key name='k'><xs:selector xpath='a{}'/>\
                 <xs:field xpath='@b'/></xs:key></xs:element>",
                "/a".repeat(100_000)
            ))
        },
        "limit",
    ),
    schema(
        "a key of many fields",
        || {
            one(&format!(
                r#"<xs:element name="r"><xs:key name="k"><xs:selector xpath="a"/>{}</xs:key></xs:element>"#,
                r#"<xs:field xpath="@b"/>"#.repeat(100_000)
            ))
        },
        "limit",
    ),
];
