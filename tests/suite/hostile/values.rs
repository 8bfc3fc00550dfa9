//! Simple types and their regular expressions.

use super::made::{many, nested, one, pattern, restricted, simple};
use super::{Case, schema};

pub(super) const CASES: &[Case] = &[
    // Simple types.
    schema(
        "doubling unions",
        || {
            one(&(many(60, r#"<xs:simpleType name="t#"><xs:union memberTypes="t@ t@"/></xs:simpleType>"#)
                .replacen("t0 t0", "xs:int xs:date", 1)))
        },
        "",
    ),
    schema(
        "doubling unions with facets",
        || {
            one(&(many(
                60,
                "<xs:simpleType name='t#'><xs:restriction><xs:simpleType>\
                 <xs:union memberTypes='t@ t@'/></xs:simpleType>\
                 <xs:pattern value='a*'/></xs:restriction></xs:simpleType>",
            )
            .replacen("t0 t0", "xs:int xs:date", 1)))
        },
        "",
    ),
    schema(
        "a union of many members",
        || {
            let members = many(20_000, "t# ");
            one(&(many(
                20_000,
                r#"<xs:simpleType name="t#"><xs:restriction base="xs:int"/></xs:simpleType>"#,
            ) + &simple("u", &format!(r#"<xs:union memberTypes="{members}"/>"#))))
        },
        "limit",
    ),
    schema(
        "many values of a wide union",
        || {
            let members = many(1_000, "t# ");
            let union = simple("u", &format!(r#"<xs:union memberTypes="{members}"/>"#));
            one(&(many(1_000, r#"<xs:simpleType name="t#"><xs:restriction base="xs:int"/></xs:simpleType>"#)
                + &union
                + &restricted("v", "u", &many(100_000, r#"<xs:enumeration value="x#"/>"#))))
        },
        "limit",
    ),
    schema(
        "huge enumeration",
        || one(&restricted("t", "xs:string", &many(200_000, r#"<xs:enumeration value="value-#"/>"#))),
        "accepted",
    ),
    schema(
        "enumerations, then patterns",
        || {
            one(&restricted(
                "t",
                "xs:string",
                &(many(30_000, r##"<xs:enumeration value="#"/>"##)
                    + &many(30_000, r##"<xs:pattern value="#"/>"##)),
            ))
        },
        "",
    ),
    schema(
        "a facet many times",
        || one(&restricted("t", "xs:string", &r#"<xs:length value="1"/>"#.repeat(50_000))),
        "",
    ),
    // Regular expressions.
    schema(
        "pattern with nested quantifiers",
        || vec![pattern("((((a{1000}){1000}){1000}){1000}){1000}")],
        "limit",
    ),
    schema(
        "pattern with nested quantifiers of nothing",
        || vec![pattern("((((){1000}){1000}){1000}){1000}")],
        "",
    ),
    schema(
        "pattern with nested quantifiers of classes",
        || vec![pattern(r"((\p{L}{1000}){1000}){1000}")],
        "limit",
    ),
    schema("pattern of a large class, often", || vec![pattern(r"(\p{L}\i\c){1,300}")], ""),
    schema("pattern of many branches", || vec![pattern(&many(100_000, "#|"))], "limit"),
    schema("pattern with one class, often", || vec![pattern(&r"[\i\c\w\p{L}]".repeat(4_000))], ""),
    schema("pattern with many classes", || vec![pattern(&classes(4_000))], "limit"),
    schema("pattern with a long class", || vec![pattern(&format!("[{}]", r"\i\c\w\P{L}".repeat(5_000)))], ""),
    schema("pattern with deep subtraction", || vec![pattern(&nested(99, r"[\w-", r"[a]", "]"))], ""),
    schema(
        "pattern with subtraction too deep",
        || vec![pattern(&nested(2_000, r"[\w-", r"[a]", "]"))],
        "limit",
    ),
    schema("pattern nested too deep", || vec![pattern(&nested(10_000, "(", "a", ")"))], "limit"),
    schema("pattern with stars of stars", || vec![pattern(&nested(90, "(", "a*", ")*"))], "accepted"),
    schema(
        "many patterns in many types",
        || {
            one(&many(
                3_000,
                "<xs:simpleType name='t#'><xs:restriction base='xs:string'>\
                 <xs:pattern value='(\\w#){200}'/></xs:restriction></xs:simpleType>",
            ))
        },
        "limit",
    ),
    schema(
        "many patterns in one type",
        || one(&restricted("t", "xs:string", &many(20_000, r#"<xs:pattern value="[a-z]{3}#\d*"/>"#))),
        "",
    ),
];

/// Classes of which three hundred differ, one after another.
fn classes(count: u32) -> String {
    let other = |number: u32| char::from_u32(0x4E00 + number % 300).expect("a character");
    let class = |number: u32| [r"[\i\c\w", &other(number).to_string(), "]"].concat();
    (0..count).map(class).collect()
}
