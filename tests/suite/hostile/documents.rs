//! Documents of harmless schemas.

use super::made::{many, nested, one, recursive, restricted, root, simple};
use super::{Case, document};

pub(super) const CASES: &[Case] = &[
    document(
        "types named everywhere",
        || recursive(""),
        || {
            let child = r#"<r xsi:type="t"/>"#.repeat(100_000);
            format!(r#"<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{child}</r>"#)
        },
        "valid",
    ),
    document("nested deeply", || recursive(""), || nested(256, "<r>", "", "</r>"), "valid"),
    document("nested too deep", || recursive(""), || nested(257, "<r>", "", "</r>"), "limit depth_max"),
    document(
        "elements nobody declared",
        || {
            one(&root(
                r#"<xs:sequence><xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>"#,
            ))
        },
        || format!("<r>{}</r>", many(100_000, r#"<e#><f# a#="1"/></e#>"#)),
        "valid",
    ),
    document(
        "constraints in constraints",
        || {
            let constraints = many(
                20,
                r#"<xs:unique name="u#"><xs:selector xpath=".//r"/><xs:field xpath="attribute::a"/></xs:unique>"#,
            );
            recursive(&constraints)
        },
        || nested(250, "<r>", &many(200, r##"<r a="#"/>"##), "</r>"),
        "valid",
    ),
    document(
        "a long list of references",
        || {
            one("<xs:element name='r'><xs:complexType><xs:sequence>\
                <xs:element name='i' type='xs:ID' maxOccurs='unbounded'/></xs:sequence>\
                <xs:attribute name='refs' type='xs:IDREFS'/></xs:complexType></xs:element>")
        },
        || {
            let references = many(30_000, "i# ");
            format!(r#"<r refs="{references}">{}</r>"#, many(30_000, "<i>i#</i>"))
        },
        "valid",
    ),
    document(
        "wrong children of a wide choice",
        || {
            one(&root(&format!(
                r#"<xs:sequence maxOccurs="unbounded"><xs:choice>{}</xs:choice><xs:element name="z"/></xs:sequence>"#,
                many(500, r#"<xs:element name="e#"/>"#)
            )))
        },
        || format!("<r>{}</r>", "<e1/><x/>".repeat(20_000)),
        "invalid",
    ),
    document(
        "attributes nobody declared",
        || one(&root(&many(300, r#"<xs:attribute name="a#"/>"#))),
        || format!("<r {}/>", many(200, r#" b#="1""#)),
        "invalid",
    ),
    document(
        "a long number",
        || one(r#"<xs:element name="r" type="xs:integer"/>"#),
        || format!("<r>{}</r>", "9".repeat(1_000_000)),
        "",
    ),
    document(
        "a long text for a pattern",
        || {
            let pattern = format!(r#"<xs:pattern value="{}"/>"#, nested(20, "(", r"a?\w*", ")*"));
            one(&(restricted("t", "xs:string", &pattern) + r#"<xs:element name="r" type="t"/>"#))
        },
        || format!("<r>{}!</r>", "a".repeat(500_000)),
        "invalid",
    ),
    document(
        "many values of a union of many",
        || {
            let members = many(1_000, "t# ");
            let union = simple("u", &format!(r#"<xs:union memberTypes="{members}"/>"#));
            one(&(many(1_000, r#"<xs:simpleType name="t#"><xs:restriction base="xs:int"/></xs:simpleType>"#)
                + &union
                + &root(
                    r#"<xs:sequence><xs:element name="e" type="u" maxOccurs="unbounded"/></xs:sequence>"#,
                )))
        },
        || format!("<r>{}</r>", "<e>x</e>".repeat(2_000)),
        "invalid",
    ),
];
