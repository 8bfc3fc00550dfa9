//! What deviations say: each sentence is held to the letter.

use super::{MANY, OPTIONAL, case, compile, content, leaf, sequence, validate};

/// The sentences of all deviations of a document whose root is `r` of the schema's namespace.
fn said(declarations: &str, document: &str) -> Vec<String> {
    let schema = compile(declarations).unwrap_or_else(|error| panic!("{error}"));
    let document = document.replacen("<r", "<r xmlns=\"urn:t\"", 1);
    validate(&schema, &document).into_iter().map(|each| each.sentence).collect()
}

#[track_caller]
fn says(declarations: &str, document: &str, expected: &str) {
    assert_eq!(said(declarations, document).join("\n"), expected, "{document}");
}

#[test]
fn what_is_missing_is_called_missing() {
    let plain = sequence(&[("a", ""), ("b", ""), ("c", ""), ("d", OPTIONAL), ("e", MANY), ("f", "")]);
    says(&plain, "<r><b/><c/><f/></r>", "`a` is missing before `b`");
    says(&plain, "<r><c/><f/></r>", "`a` and `b` are missing before `c`");
    says(&plain, "<r><a/><b/><c/></r>", "`f` is missing at the end of `r`");
    says(&plain, "<r><a/><b/><c/><e/></r>", "`f` is missing at the end of `r`");
    let inner = format!("{}{}", leaf("a", ""), leaf("b", ""));
    let choice =
        content(&format!("<xs:sequence><xs:choice>{inner}</xs:choice>{}</xs:sequence>", leaf("c", "")));
    says(&choice, "<r><c/></r>", "one of `a` or `b` is missing before `c`");
    says(&choice, "<r></r>", "one of `a` or `b` is missing at the end of `r`");
    let two = format!("<xs:choice><xs:sequence>{inner}</xs:sequence>{}</xs:choice>", leaf("c", ""));
    says(&content(&two), "<r></r>", "one of `a` or `c` is missing at the end of `r`");
    says(&content(&two), "<r><a/></r>", "`b` is missing at the end of `r`");
}

#[test]
fn each_member_of_an_all_group_is_missed() {
    let all = content(&format!("<xs:all>{}{}{}</xs:all>", leaf("a", ""), leaf("b", ""), leaf("c", OPTIONAL)));
    says(&all, "<r><c/></r>", "`a` and `b` are missing at the end of `r`");
    says(&all, "<r><b/></r>", "`a` is missing at the end of `r`");
}

#[test]
fn what_is_missing_of_a_counted_model_is_said_and_the_rest_judged() {
    let counted =
        sequence(&[("a", r#"maxOccurs="9""#), ("b", OPTIONAL), ("c", r#"maxOccurs="9""#), ("d", "")]);
    says(&counted, "<r><c/><c/><d/></r>", "`a` is missing before `c`");
    says(&counted, "<r><c/><a/><d/></r>", "`a` is missing before `c`");
    says(
        &counted,
        "<r><a/><d/><x/></r>",
        "`c` is missing before `d`\n`x` may not stand here: `r` is complete",
    );
    says(&counted, "<r><a/></r>", "`c` is missing at the end of `r`");
    says(&counted, "<r><a/><c/></r>", "`d` is missing at the end of `r`");
    let some = sequence(&[("a", r#"minOccurs="2" maxOccurs="3""#), ("b", "")]);
    says(&some, "<r></r>", "`a` is missing at the end of `r`");
}

/// Abstract heads `block` and `none`, of which the second has no members; `p` is abstract between.
const GROUPS: &str = r#"<xs:element name="block" type="xs:string" abstract="true"/>
    <xs:element name="none" type="xs:string" abstract="true"/>
    <xs:element name="p" type="xs:string" substitutionGroup="block" abstract="true"/>
    <xs:element name="dl" type="xs:string" substitutionGroup="block"/>
    <xs:element name="quote" type="xs:string" substitutionGroup="p"/>"#;

#[test]
fn abstract_heads_are_never_offered() {
    let with = |model: &str| format!("{GROUPS}{}", content(model));
    let sequence = with(r#"<xs:sequence><xs:element ref="block"/></xs:sequence>"#);
    says(&sequence, "<r><x/></r>", "`x` may not stand here; expected `dl` or `quote`");
    says(&sequence, "<r></r>", "one of `dl` or `quote` is missing at the end of `r`");
    case(&sequence, "<r><quote/></r>", "");
    let all = with(r#"<xs:all><xs:element ref="block"/><xs:element name="a"/></xs:all>"#);
    says(&all, "<r></r>", "one of `dl` or `quote` and `a` are missing at the end of `r`");
    let counted = with(r#"<xs:sequence><xs:element ref="block" maxOccurs="5"/></xs:sequence>"#);
    says(&counted, "<r><x/></r>", "`x` may not stand here; expected `dl` or `quote`");
    let none = with(r#"<xs:sequence><xs:element ref="none"/></xs:sequence>"#);
    says(
        &none,
        "<r><x/></r>",
        "`x` may not stand here; expected an element for the abstract `none` (the schema has none)",
    );
    let before = with(r#"<xs:sequence><xs:element ref="none"/><xs:element name="z"/></xs:sequence>"#);
    says(
        &before,
        "<r><z/></r>",
        "an element for the abstract `none` (the schema has none) is missing before `z`",
    );
}

#[test]
fn an_abstract_head_in_a_document_is_told_with_its_members() {
    let schema = format!(
        "{GROUPS}{}",
        content(
            r#"<xs:sequence><xs:element ref="block" minOccurs="0"/>
               <xs:element ref="none" minOccurs="0"/></xs:sequence>"#
        )
    );
    says(&schema, "<r><block/></r>", "`block` is abstract: instead of it has to stand `dl` or `quote`");
    says(
        &schema,
        "<r><none/></r>",
        "`none` is abstract: an element of its substitution group has to stand here",
    );
}

#[test]
fn a_foreign_namespace_is_named() {
    let plain = sequence(&[("a", OPTIONAL), ("b", "")]);
    says(
        &plain,
        "<r><b xmlns='urn:x'/><b/></r>",
        "`b` of the namespace `urn:x` may not stand here; expected `b` or `a` of the namespace `urn:t`",
    );
    says(
        &plain,
        "<r><x xmlns=''/><b/></r>",
        "`x` in no namespace may not stand here; expected `a` or `b` of the namespace `urn:t`",
    );
    says(
        &plain,
        "<r><b/><b xmlns='urn:x'/></r>",
        "`b` of the namespace `urn:x` may not stand here: `r` is complete",
    );
    says(&plain, "<r><x/><b/></r>", "`x` may not stand here; expected `a` or `b`");
    let open = content(&format!(
        r#"<xs:sequence>{}<xs:any namespace="urn:y" processContents="lax"/></xs:sequence>"#,
        leaf("a", OPTIONAL)
    ));
    says(
        &open,
        "<r><a xmlns='urn:x'/><y xmlns='urn:y'/></r>",
        "`a` of the namespace `urn:x` may not stand here; expected `a` or any element of `urn:y`",
    );
    says(&open, "<r></r>", "an element of `urn:y` is missing at the end of `r`");
}

#[test]
fn a_root_of_another_namespace_is_named() {
    let schema = compile(&sequence(&[("a", "")])).expect("the schema is right");
    let sentence = |document: &str| validate(&schema, document).remove(0).sentence;
    assert_eq!(
        sentence("<r xmlns='urn:x'/>"),
        "the schema declares no root element `r` of the namespace `urn:x`; it declares one of the namespace `urn:t`"
    );
    assert_eq!(
        sentence("<r/>"),
        "the schema declares no root element `r` in no namespace; it declares one of the namespace `urn:t`"
    );
    assert_eq!(sentence("<x xmlns='urn:t'/>"), "the schema declares no root element `{urn:t}x`");
}

#[test]
fn attributes_are_told_with_the_namespace_that_is_wrong() {
    let schema = r#"<xs:attribute name="g" type="xs:string"/><xs:element name="r"><xs:complexType>
        <xs:attribute ref="g"/><xs:attribute name="h" type="xs:string"/></xs:complexType></xs:element>"#;
    says(
        schema,
        "<r g='1'/>",
        "`r` has no attribute `g` in no namespace; allowed: `g` of the namespace `urn:t`, `h`",
    );
    says(
        schema,
        "<r xmlns:x='urn:x' x:h='1'/>",
        "`r` has no attribute `h` of the namespace `urn:x`; allowed: `g`, `h` in no namespace",
    );
    says(schema, "<r i='1'/>", "`r` has no attribute `i`; allowed: `g`, `h`");
}

/// The sentence about the only child of `r`, whose type is `t`.
#[track_caller]
fn value(types: &str, text: &str, expected: &str) {
    let model = content(r#"<xs:sequence><xs:element name="a" type="t"/></xs:sequence>"#);
    let schema = format!("{types}{model}");
    says(&schema, &format!("<r><a>{text}</a></r>"), expected);
}

/// A simple type `t`: documentation, then facets on a base.
fn restricted(title: &str, base: &str, facets: &[(&str, &str)]) -> String {
    let one = |(name, value): &(&str, &str)| format!(r#"<xs:{name} value="{value}"/>"#);
    let facets = facets.iter().map(one).collect::<Vec<_>>().concat();
    let notes = format!("<xs:annotation><xs:documentation>{title}</xs:documentation></xs:annotation>");
    format!(
        r#"<xs:simpleType name="t">{notes}<xs:restriction base="xs:{base}">{facets}</xs:restriction></xs:simpleType>"#
    )
}

#[test]
fn white_space_that_a_pattern_does_not_allow_is_named() {
    let filled = restricted("", "string", &[("pattern", r".*\S.*")]);
    value(
        &filled,
        "\n  Etude\n",
        "`a` has the value `   Etude `; the value has a line break, which the pattern does not allow; \
         expected a match of the pattern `.*\\S.*`",
    );
    value(&filled, "  ", "`a` is empty; expected a match of the pattern `.*\\S.*`");
    let code = restricted("", "string", &[("pattern", "[A-Z]{2}")]);
    value(
        &code,
        "AB ",
        "`a` has the value `AB `; the value ends with a blank, which the pattern does not allow; \
         expected a match of the pattern `[A-Z]{2}`",
    );
    value(&code, "A1", "`a` has the value `A1`; expected a match of the pattern `[A-Z]{2}`");
    let listed = restricted("", "string", &[("enumeration", "x"), ("enumeration", "y")]);
    value(
        &listed,
        "\tx",
        "`a` has the value ` x`; the value begins with a tab, which the list of values does not allow; \
         expected one of `x`, `y`",
    );
}

#[test]
fn a_day_that_does_not_exist_is_named_whatever_the_type_is_made_of() {
    value(
        &restricted("", "date", &[]),
        "2026-02-30",
        "`a` has the value `2026-02-30`, which names a day that does not exist; \
         expected a date such as 2026-11-23",
    );
    let compact = restricted(
        "",
        "string",
        &[("pattern", "[0-9]{6}([01][0-9]|2[0-8])"), ("pattern", "[0-9]{4}(01|03)(29|30|31)")],
    );
    value(
        &compact,
        "20230229",
        "`a` has the value `20230229`, which names a day that does not exist; \
         expected a match of one of 2 patterns, such as `[0-9]{4}(01|03)(29|30|31)`",
    );
    let union = r#"<xs:simpleType name="t"><xs:union memberTypes="xs:date xs:gYear"/></xs:simpleType>"#;
    value(
        union,
        "2023-02-29",
        "`a` has the value `2023-02-29`, which names a day that does not exist; \
         expected a date such as 2026-11-23, or a year such as 2026",
    );
    value(
        &restricted("", "gYearMonth", &[]),
        "2026-13",
        "`a` has the value `2026-13`, which names a month that does not exist; \
         expected a year and month such as 2026-11",
    );
}

#[test]
fn a_union_of_patterns_shows_one_readable_reason() {
    let member = |pattern: &str| {
        let facet = format!(r#"<xs:pattern value="{pattern}"/>"#);
        format!(r#"<xs:simpleType><xs:restriction base="xs:string">{facet}</xs:restriction></xs:simpleType>"#)
    };
    let union = |title: &str| {
        format!(
            r#"<xs:simpleType name="t"><xs:annotation><xs:documentation>{title}</xs:documentation></xs:annotation>
            <xs:union>{}{}{}</xs:union></xs:simpleType>"#,
            member("[0-9]{13}"),
            member("[0-9]{9}[0-9X]"),
            member("M[0-9]{9}")
        )
    };
    value(
        &union(""),
        "12",
        "`a` has the value `12`; expected a match of one of 3 patterns, such as `[0-9]{13}`",
    );
    value(
        &union("A number of a work."),
        "12",
        "`a` has the value `12`; expected a value of `t` (A number of a work)",
    );
}

/// Eleven codes.
fn codes() -> Vec<(&'static str, &'static str)> {
    ["A101", "A201", "A301", "A401", "A501", "A601", "A701", "A801", "A901", "B102", "C303"]
        .map(|code| ("enumeration", code))
        .to_vec()
}

/// The same, in a schema document that says which edition it is.
fn said_of_list(head: &str, types: &str, text: &str) -> String {
    use crate::xsd::Assembler;
    let mut assembler = Assembler::new();
    let schema = format!(
        "{head}{types}{}</xs:schema>",
        content(r#"<xs:sequence><xs:element name="a" type="List7"/></xs:sequence>"#)
    );
    assembler.add("test.xsd", schema.as_bytes());
    let schema = assembler.finish().expect("the schema is right");
    validate(&schema, &format!("<r xmlns='urn:t'><a>{text}</a></r>")).remove(0).sentence
}

#[test]
fn a_code_outside_of_its_list_names_list_and_issue() {
    let list = restricted("Form detail.", "string", &codes()).replacen(r#""t""#, r#""List7""#, 1);
    let issue = format!("<!-- ISSUE: 75 -->{}", super::HEAD);
    assert_eq!(
        said_of_list(&issue, &list, "Z999"),
        "`a` has the value `Z999`, which is not in List 7 (Form detail), issue 75: \
         the code may be newer than the installed list"
    );
    for (text, near) in [("b102", "B102"), ("C304", "C303")] {
        assert_eq!(
            said_of_list(&issue, &list, text),
            format!(
                "`a` has the value `{text}`, which is not in List 7 (Form detail), issue 75: \
                 `{near}` may be meant, or the code is newer than the installed list"
            )
        );
    }
    let version = super::HEAD.replacen("<xs:schema", "<xs:schema version='2.1'", 1);
    let expected = said_of_list(&version, &list, "Z999");
    assert!(
        expected.contains("(Form detail), version 2.1; expected one of 11 values, such as `"),
        "{expected}"
    );
    assert!(expected.ends_with("`, or the code is newer than the installed list"), "{expected}");
    let plain = said_of_list(super::HEAD, &list, "Z999");
    assert!(
        plain.contains("is not in List 7 (Form detail); expected one of 11 values, such as `"),
        "{plain}"
    );
}
