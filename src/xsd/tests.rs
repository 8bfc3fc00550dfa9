//! The whole engine on small schemas: a schema, a document, what must be found.

use crate::xml::{Cursor, Limits};
use crate::xsd::deviation::{Deviation, DeviationBuffer};
use crate::xsd::{
    Assembler, CompiledSchema, DEFINITION_DEPTH_MAX, FIELDS_MAX, MissingInclude, SchemaError, Validator,
};
use std::sync::Arc;

mod absent;
mod corners;
mod seats;
mod shapes;
mod words;

const HEAD: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:t' \
    targetNamespace='urn:t' elementFormDefault='qualified'>";

fn compile(declarations: &str) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.add("test.xsd", format!("{HEAD}{declarations}</xs:schema>").as_bytes());
    assert!(assembler.missing().is_none(), "the test's schema asks for another document");
    assembler.finish()
}

fn validate(schema: &Arc<CompiledSchema>, document: &str) -> Vec<Deviation> {
    let mut cursor = Cursor::new(document.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    let mut buffer = DeviationBuffer::with_limit(1_000);
    while let Some(mut block) = cursor.block().expect("the test's document is well-formed") {
        while let Some(event) = block.next().expect("the test's document is well-formed") {
            validator.event(&event, &mut buffer);
        }
    }
    validator.finish(&mut buffer);
    buffer.drain().collect()
}

/// `expected`: `code path` of each deviation, in order, separated by `; `.
#[track_caller]
fn case(declarations: &str, document: &str, expected: &str) {
    let schema = compile(declarations).unwrap_or_else(|error| panic!("{error}"));
    let document = document.replacen(
        "<r",
        "<r xmlns=\"urn:t\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
        1,
    );
    let found: Vec<String> = validate(&schema, &document)
        .iter()
        .map(|each| format!("{} {}", each.clause.code(), each.path))
        .collect();
    assert_eq!(found.join("; "), expected, "{document}");
}

/// `expected`: codes of the faults, in order.
#[track_caller]
fn refused(declarations: &str, expected: &str) {
    let error = compile(declarations).expect_err("the schema has a fault");
    let codes: Vec<&str> = error.faults.iter().map(|fault| fault.rule.code()).collect();
    assert_eq!(codes.join(" "), expected, "{error}");
}

fn content(model: &str) -> String {
    format!(r#"<xs:element name="r"><xs:complexType>{model}</xs:complexType></xs:element>"#)
}

fn leaf(name: &str, occurs: &str) -> String {
    format!(r#"<xs:element name="{name}" type="xs:string" {occurs}/>"#)
}

fn sequence(parts: &[(&str, &str)]) -> String {
    let parts: String = parts.iter().map(|(name, occurs)| leaf(name, occurs)).collect();
    content(&format!("<xs:sequence>{parts}</xs:sequence>"))
}

const OPTIONAL: &str = r#"minOccurs="0""#;
const MANY: &str = r#"minOccurs="0" maxOccurs="unbounded""#;

#[test]
fn a_sequence_is_held_to_its_order() {
    let schema = sequence(&[("a", ""), ("b", OPTIONAL), ("c", "")]);
    case(&schema, "<r><a/><b/><c/></r>", "");
    case(&schema, "<r><a/><c/></r>", "");
    case(&schema, "<r><a/></r>", "cvc-complex-type.2.4.b /r");
    case(&schema, "<r></r>", "cvc-complex-type.2.4.b /r");
    case(&schema, "<r><a/><c/><c/></r>", "cvc-complex-type.2.4.d /r/c[2]");
}

#[test]
fn one_mistake_gives_one_deviation() {
    let schema = sequence(&[("a", ""), ("b", ""), ("c", ""), ("d", OPTIONAL)]);
    // Missing: the next child says so, and what follows is in order.
    case(&schema, "<r><a/><c/><d/></r>", "cvc-complex-type.2.4.a /r/c");
    // Swapped: reported at the first of the two.
    case(&schema, "<r><b/><a/><c/></r>", "cvc-complex-type.2.4.a /r/b");
    case(&schema, "<r><a/><c/><b/></r>", "cvc-complex-type.2.4.a /r/c");
    // Unknown, between known ones; misspelt in place of a required one.
    case(&schema, "<r><a/><x/><b/><c/></r>", "cvc-complex-type.2.4.a /r/x");
    case(&schema, "<r><a/><x><y/></x><c/></r>", "cvc-complex-type.2.4.a /r/x");
    case(&schema, "<r><a/><b/><x/></r>", "cvc-complex-type.2.4.a /r/x");
    // Two mistakes are two.
    case(&schema, "<r><x/><a/><b/><c/><y/></r>", "cvc-complex-type.2.4.a /r/x; cvc-complex-type.2.4.a /r/y");
}

#[test]
fn choices_and_repetition() {
    let schema = content(&format!(
        r#"<xs:choice maxOccurs="unbounded"><xs:sequence>{}{}</xs:sequence>{}</xs:choice>"#,
        leaf("a", ""),
        leaf("b", OPTIONAL),
        leaf("c", "")
    ));
    case(&schema, "<r><a/><b/><c/><a/></r>", "");
    case(&schema, "<r><b/></r>", "cvc-complex-type.2.4.a /r/b");
    case(&schema, "<r/>", "cvc-complex-type.2.4.b /r");
}

#[test]
fn occurrence_bounds_are_counted() {
    let schema = sequence(&[("a", r#"minOccurs="2" maxOccurs="3""#), ("b", r#"maxOccurs="50000""#)]);
    case(&schema, "<r><a/><a/><b/></r>", "");
    case(&schema, "<r><a/><a/><a/><b/><b/></r>", "");
    case(&schema, "<r><a/><b/></r>", "cvc-complex-type.2.4.a /r/b");
    case(&schema, "<r><a/><a/><a/><a/><b/></r>", "cvc-complex-type.2.4.a /r/a[4]");
    case(&schema, "<r><a/><a/></r>", "cvc-complex-type.2.4.b /r");
}

#[test]
fn counters_nest() {
    let inner = leaf("a", r#"maxOccurs="2""#);
    let schema = content(&format!(r#"<xs:sequence minOccurs="3" maxOccurs="3">{inner}</xs:sequence>"#));
    for (count, expected) in
        [(2, "cvc-complex-type.2.4.b /r"), (3, ""), (5, ""), (6, ""), (7, "cvc-complex-type.2.4.d /r/a[7]")]
    {
        case(&schema, &format!("<r>{}</r>", "<a/>".repeat(count)), expected);
    }
    // A hundred million turns of a part that repeats by itself: one configuration covers the others.
    let inner = leaf("a", r#"maxOccurs="unbounded""#);
    let inner = format!(r#"<xs:sequence maxOccurs="100000000">{inner}</xs:sequence>"#);
    let schema = content(&format!(r#"<xs:choice maxOccurs="100000">{inner}{}</xs:choice>"#, leaf("b", "")));
    case(&schema, &format!("<r>{}<b/></r>", "<a/>".repeat(2_000)), "");
    let pair = format!("{}{}", leaf("a", ""), leaf("b", ""));
    let schema = content(&format!(r#"<xs:sequence minOccurs="2" maxOccurs="3">{pair}</xs:sequence>"#));
    case(&schema, "<r><a/><b/><a/><b/></r>", "");
    case(&schema, "<r><a/><b/></r>", "cvc-complex-type.2.4.b /r");
    case(&schema, "<r><a/><b/><a/><b/><a/><b/><a/></r>", "cvc-complex-type.2.4.d /r/a[4]");
}

#[test]
fn an_all_group_is_a_set() {
    let schema =
        content(&format!("<xs:all>{}{}{}</xs:all>", leaf("a", ""), leaf("b", OPTIONAL), leaf("c", "")));
    case(&schema, "<r><c/><a/></r>", "");
    case(&schema, "<r><b/><c/><a/></r>", "");
    case(&schema, "<r><c/><b/></r>", "cvc-complex-type.2.4.b /r");
    case(&schema, "<r><c/><a/><c/></r>", "cvc-complex-type.2.4.a /r/c[2]");
}

#[test]
fn content_types_keep_text_and_elements_apart() {
    case(&sequence(&[("a", MANY)]), "<r> x <a/></r>", "cvc-complex-type.2.3 /r");
    case(&sequence(&[("a", MANY)]), "<r>\n<a/>\n</r>", "");
    case(&content(""), "<r> </r>", "cvc-complex-type.2.1 /r");
    case(&content(""), "<r><!-- nothing --></r>", "");
    case(&content(""), "<r><a/></r>", "cvc-complex-type.2.1 /r/a");
    case(r#"<xs:element name="r" type="xs:string"/>"#, "<r><a/>x</r>", "cvc-type.3.1.2 /r/a");
    let mixed = "<xs:element name='r'><xs:complexType mixed='true'><xs:sequence>\
        <xs:element name='a' type='xs:string'/></xs:sequence></xs:complexType></xs:element>";
    case(mixed, "<r>x<a/>y</r>", "");
    case(mixed, "<r>x</r>", "cvc-complex-type.2.4.b /r");
}

#[test]
fn attributes_are_declared_required_and_wild() {
    let schema = content(
        r#"<xs:attribute name="p" type="xs:string" use="required"/><xs:attribute name="q" type="xs:string"/>"#,
    );
    case(&schema, r#"<r p="1" q="2"/>"#, "");
    case(&schema, "<r/>", "cvc-complex-type.4 /r");
    case(&schema, r#"<r p="1" z="2"/>"#, "cvc-complex-type.3.2.1 /r/@z");
    case(&schema, r#"<r p="1" xsi:schemaLocation="urn:t x.xsd"/>"#, "");
    let wild = content(r###"<xs:anyAttribute namespace="##other" processContents="lax"/>"###);
    case(&wild, r#"<r xml:lang="de"/>"#, "");
    case(&wild, r#"<r z="2"/>"#, "cvc-complex-type.3.2.2 /r/@z");
}

#[test]
fn fixed_names_mean_what_they_mean_in_the_schema() {
    let schema = content(r#"<xs:attribute name="q" type="xs:QName" fixed="xs:int"/>"#);
    case(&schema, r#"<r xmlns:s="http://www.w3.org/2001/XMLSchema" q="s:int"/>"#, "");
    case(&schema, r#"<r xmlns:xs="urn:t" q="xs:int"/>"#, "cvc-au /r/@q");
    let element = r#"<xs:element name="r" type="xs:QName" default="xs:int"/>"#;
    case(element, "<r/>", "");
    case(element, r#"<r xsi:type="s:QName" xmlns:s="http://www.w3.org/2001/XMLSchema"/>"#, "");
}

/// The sentence of the only deviation.
#[track_caller]
fn told(declarations: &str, document: &str, expected: &str) {
    let schema = compile(declarations).unwrap_or_else(|error| panic!("{error}"));
    let document = document.replacen("<r", "<r xmlns=\"urn:t\"", 1);
    let found: Vec<String> = validate(&schema, &document).into_iter().map(|each| each.sentence).collect();
    assert_eq!(found, [expected], "{document}");
}

#[test]
fn sentences_say_what_was_found() {
    let plain = |name: &str| format!(r#"<xs:element name="r" type="xs:{name}"/>"#);
    told(
        &plain("date"),
        "<r>2026-02-30</r>",
        "`r` has the value `2026-02-30`, which names a day that does not exist; expected a date such as \
         2026-11-23",
    );
    let patterned = "<xs:element name=\"r\"><xs:simpleType><xs:restriction base=\"xs:date\">\
                     <xs:pattern value=\"[0-9]{4}-[0-9]{2}-[0-9]{2}\"/></xs:restriction></xs:simpleType></xs:element>";
    told(
        patterned,
        "<r>2026-02-30</r>",
        "`r` has the value `2026-02-30`, which names a day that does not exist; expected a date such as \
         2026-11-23",
    );
    told(
        patterned,
        "<r>soon</r>",
        "`r` has the value `soon`; expected a match of the pattern `[0-9]{4}-[0-9]{2}-[0-9]{2}`",
    );
    told(
        &plain("NMTOKENS"),
        "<r>a b/c</r>",
        "`r` has `b/c` as item 2 of its list; expected one word of letters, digits and `.` `-` `_` `:`",
    );
    told(&plain("IDREFS"), "<r> </r>", "`r` is empty; expected at least 1 item");
    let bound = r#"<xs:element name="r"><xs:simpleType><xs:restriction base="xs:gYear">
        <xs:minInclusive value="2000Z"/></xs:restriction></xs:simpleType></xs:element>"#;
    told(
        bound,
        "<r>2000</r>",
        "`r` has the value `2000`; expected 2000Z or more, and the two cannot be compared",
    );
}

#[test]
fn a_default_needs_a_type_that_holds_text() {
    let schema = r#"
        <xs:complexType name="text" mixed="true"/>
        <xs:complexType name="none"><xs:complexContent>
          <xs:restriction base="text"/></xs:complexContent></xs:complexType>
        <xs:element name="r" type="text" default="x"/>"#;
    case(schema, "<r/>", "");
    case(schema, r#"<r xsi:type="none"/>"#, "cvc-elt.5.1.1 /r");
}

#[test]
fn wildcards_are_strict_lax_or_skip() {
    let any = |process: &str| {
        format!(
            r#"<xs:element name="g" type="xs:int"/>{}"#,
            content(&format!(
                "<xs:sequence><xs:any namespace='##any' processContents='{process}' maxOccurs='unbounded'/>\
                 </xs:sequence>"
            ))
        )
    };
    case(&any("strict"), "<r><g>1</g></r>", "");
    case(&any("strict"), "<r><h/></r>", "cvc-complex-type.2.4.c /r/h");
    case(&any("lax"), "<r><h><g><x/></g></h></r>", "cvc-type.3.1.2 /r/h/g/x");
    case(&any("skip"), "<r><g><x/></g></r>", "");
}

#[test]
fn substitution_groups_stand_for_their_head() {
    let schema = format!(
        r#"<xs:element name="h" type="xs:string" abstract="true"/>
           <xs:element name="m" substitutionGroup="h"/>
           <xs:element name="n" substitutionGroup="m" type="xs:string"/>{}"#,
        content(r#"<xs:sequence><xs:element ref="h" maxOccurs="unbounded"/></xs:sequence>"#)
    );
    case(&schema, "<r><m/><n/></r>", "");
    case(&schema, "<r><h/></r>", "cvc-elt.2 /r/h");
}

const DERIVED: &str = r#"
    <xs:complexType name="base"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence>
      </xs:complexType>
    <xs:complexType name="more"><xs:complexContent><xs:extension base="base">
      <xs:sequence><xs:element name="b" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent>
        </xs:complexType>
    <xs:complexType name="other"><xs:sequence/></xs:complexType>
    <xs:element name="r" type="base" nillable="true"/>"#;

#[test]
fn xsi_type_chooses_a_derived_type() {
    case(DERIVED, "<r><a/></r>", "");
    case(DERIVED, r#"<r xsi:type="more"><a/><b/></r>"#, "");
    case(DERIVED, r#"<r xsi:type="more"><a/></r>"#, "cvc-complex-type.2.4.b /r");
    case(DERIVED, r#"<r xsi:type="other"><a/></r>"#, "cvc-elt.4.3 /r/@xsi:type");
    case(DERIVED, r#"<r xsi:type="none"><a/></r>"#, "cvc-elt.4.2 /r/@xsi:type");
}

#[test]
fn nil_means_no_content() {
    case(DERIVED, r#"<r xsi:nil="true"/>"#, "");
    case(DERIVED, r#"<r xsi:nil="true"><a/></r>"#, "cvc-elt.3.2.1 /r/a");
    case(DERIVED, r#"<r xsi:nil="false"><a/></r>"#, "");
    case(r#"<xs:element name="r" type="xs:string"/>"#, r#"<r xsi:nil="true"/>"#, "cvc-elt.3.1 /r/@xsi:nil");
}

fn keyed(constraints: &str) -> String {
    format!(
        r#"<xs:element name="r"><xs:complexType><xs:sequence>
             <xs:element name="i" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
               <xs:element name="k" type="xs:string" minOccurs="0" maxOccurs="2"/></xs:sequence>
               <xs:attribute name="id" type="xs:string"/>
                 <xs:attribute name="to" type="xs:string"/></xs:complexType></xs:element>
           </xs:sequence></xs:complexType>{constraints}</xs:element>"#
    )
    .replace("xpath=\"i", "xmlns:t=\"urn:t\" xpath=\"t:i")
    .replace("xpath=\"k", "xmlns:t=\"urn:t\" xpath=\"t:k")
}

#[test]
fn keys_are_unique_present_and_referred_to() {
    let unique = keyed(r#"<xs:unique name="u"><xs:selector xpath="i"/><xs:field xpath="k"/></xs:unique>"#);
    case(&unique, "<r><i><k>1</k></i><i><k>2</k></i><i/><i/></r>", "");
    case(&unique, "<r><i><k>1</k></i><i><k>1</k></i></r>", "cvc-identity-constraint.4.1 /r/i[2]");
    case(&unique, "<r><i><k>1</k><k>2</k></i></r>", "cvc-identity-constraint.3 /r/i/k[2]");
    let key = keyed(
        r#"<xs:key name="k"><xs:selector xpath="i"/><xs:field xpath="@id"/></xs:key>
           <xs:keyref name="f" refer="k"><xs:selector xpath="i"/><xs:field xpath="@to"/></xs:keyref>"#,
    );
    case(&key, r#"<r><i id="1" to="2"/><i id="2"/></r>"#, "");
    case(&key, r#"<r><i id="1"/><i/></r>"#, "cvc-identity-constraint.4.2.1 /r/i[2]");
    case(&key, r#"<r><i id="1"/><i id="1"/></r>"#, "cvc-identity-constraint.4.2.2 /r/i[2]");
    case(&key, r#"<r><i id="1" to="3"/></r>"#, "cvc-identity-constraint.4.3 /r/i");
}

#[test]
fn many_keys_are_told_apart_beyond_the_small_table() {
    let unique =
        keyed(r#"<xs:unique name="u"><xs:selector xpath=".//*"/><xs:field xpath="@id"/></xs:unique>"#);
    let items = |last: &str| {
        let list: Vec<String> = (0..50).map(|n| format!(r#"<i id="{n}"/>"#)).collect();
        format!("<r>{}{last}</r>", list.concat())
    };
    case(&unique, &items(r#"<i id="50"/>"#), "");
    case(&unique, &items(r#"<i id="3"/>"#), "cvc-identity-constraint.4.1 /r/i[51]");
}

#[test]
fn unknown_roots_are_named() {
    case(r#"<xs:element name="r" type="xs:string"/>"#, "<x><r/></x>", "cvc-elt.1 /x");
}

#[test]
fn a_validator_is_ready_for_the_next_document() {
    let schema = compile(&sequence(&[("a", "")])).expect("the schema is right");
    let document = r#"<r xmlns="urn:t"><b/></r>"#;
    assert_eq!(validate(&schema, document), validate(&schema, document));
}

#[test]
fn faulty_schemas_are_refused_with_their_clause() {
    refused(r#"<xs:element name="r" type="missing"/>"#, "src-resolve.1.1");
    refused(r#"<xs:element name="r"/><xs:element name="r"/>"#, "sch-props-correct.2");
    refused(r#"<xs:element name="r" nmae="x"/>"#, "s4s-att-not-allowed");
    refused(
        r#"<xs:group name="g"><xs:sequence><xs:group ref="g"/></xs:sequence></xs:group>"#,
        "mg-props-correct.2",
    );
    refused(
        r#"<xs:complexType name="t"><xs:complexContent><xs:extension base="t"/></xs:complexContent></xs:complexType>"#,
        "ct-props-correct.3",
    );
    refused(r#"<xs:simpleType name="s"><xs:restriction base="s"/></xs:simpleType>"#, "st-props-correct.2");
    refused(&sequence(&[("a", r#"minOccurs="2" maxOccurs="1""#)]), "p-props-correct.2.1");
    refused("<xs:import namespace=\"urn:t\"/>", "src-import.1.1");
    refused("<xs:thing/>", "s4s-elt-not-allowed");
}

#[test]
fn schema_documents_are_held_to_the_schema_for_schemas() {
    refused(&content("<xs:attribute name=\"p\"/><xs:sequence/>"), "s4s-elt-not-allowed");
    refused(r#"<xs:element name="r" minOccurs="0"/>"#, "s4s-att-not-allowed");
    refused(r#"<xs:element name="1"/>"#, "s4s-att-value");
    refused(r#"<xs:element name="r"><xs:annotation/><xs:annotation/></xs:element>"#, "s4s-elt-not-allowed");
    refused(r#"<xs:annotation><xs:element name="r"/></xs:annotation>"#, "s4s-elt-not-allowed");
    refused(r#"<xs:element name="r" id="i"/><xs:element name="s" id="i"/>"#, "s4s-id");
    refused(r#"<xs:attribute name="p" form="qualified"/>"#, "s4s-att-not-allowed");
    refused(r#"<xs:simpleType name="s"/>"#, "s4s-elt-missing");
    refused("<xs:notation/>", "s4s-att-missing");
}

/// A base and what claims to restrict it.
fn restriction(base: &str, derived: &str) -> String {
    format!(
        "<xs:complexType name='b'>{base}</xs:complexType><xs:complexType name='d'><xs:complexContent>\
         <xs:restriction base='b'>{derived}</xs:restriction></xs:complexContent></xs:complexType>"
    )
}

#[track_caller]
fn restricts(base: &str, derived: &str) {
    if let Err(error) = compile(&restriction(base, derived)) {
        panic!("{error}");
    }
}

fn model(compositor: &str, occurs: &str, parts: &[(&str, &str)]) -> String {
    let parts: String = parts.iter().map(|(name, occurs)| leaf(name, occurs)).collect();
    format!("<xs:{compositor} {occurs}>{parts}</xs:{compositor}>")
}

#[test]
fn one_child_belongs_to_one_particle() {
    refused(&sequence(&[("a", OPTIONAL), ("a", "")]), "cos-nonambig");
    refused(&sequence(&[("a", r#"maxOccurs="2""#), ("a", "")]), "cos-nonambig");
    assert!(compile(&sequence(&[("a", r#"minOccurs="2" maxOccurs="2""#), ("a", "")])).is_ok());
    assert!(compile(&sequence(&[("a", ""), ("a", "")])).is_ok());
    let any = |namespace: &str| {
        content(&format!(
            r#"<xs:sequence><xs:any namespace="{namespace}" minOccurs="0"/>{}</xs:sequence>"#,
            leaf("a", "")
        ))
    };
    refused(&any("##any"), "cos-nonambig");
    assert!(compile(&any("##other")).is_ok());
    let heads = r#"<xs:element name="h"/><xs:element name="m" substitutionGroup="h"/>"#;
    let both = content(r#"<xs:choice><xs:element ref="h"/><xs:element ref="m"/></xs:choice>"#);
    refused(&format!("{heads}{both}"), "cos-nonambig");
}

#[test]
fn an_all_group_is_the_whole_content() {
    let group = r#"<xs:group name="g"><xs:all><xs:element name="a"/></xs:all></xs:group>"#;
    let used = |model: &str| format!("{group}{}", content(model));
    assert!(compile(&used(r#"<xs:group ref="g" minOccurs="0"/>"#)).is_ok());
    refused(&used(r#"<xs:group ref="g" maxOccurs="2"/>"#), "cos-all-limited.1.2");
    refused(&used(r#"<xs:choice><xs:group ref="g"/></xs:choice>"#), "cos-all-limited.1.2");
    let extended = format!(
        r#"{group}<xs:complexType name="b"><xs:group ref="g"/></xs:complexType>
           <xs:complexType name="d"><xs:complexContent><xs:extension base="b">
             <xs:sequence>{}</xs:sequence></xs:extension></xs:complexContent></xs:complexType>"#,
        leaf("c", "")
    );
    refused(&extended, "cos-all-limited.1.2");
}

#[test]
fn references_that_the_schema_gives_refer_too() {
    let schema = content(
        r#"<xs:attribute name="id" type="xs:ID"/><xs:attribute name="to" type="xs:IDREF" default="i"/>"#,
    );
    case(&schema, r#"<r id="i"/>"#, "");
    case(&schema, "<r/>", "cvc-id.1 /r");
    case(&schema, r#"<r id="j" to="j"/>"#, "");
}

#[test]
fn one_name_has_one_type_in_a_content_model() {
    let two = |second: &str| {
        let second = format!(r#"<xs:element name="a" type="{second}"/>"#);
        content(&format!("<xs:sequence>{}{second}</xs:sequence>", leaf("a", "")))
    };
    refused(&two("xs:int"), "cos-element-consistent");
    assert!(compile(&two("xs:string")).is_ok());
}

#[test]
fn content_models_are_restricted_case_by_case() {
    let two = [("a", ""), ("b", OPTIONAL)];
    restricts(&model("sequence", "", &two), &model("sequence", "", &[("a", "")]));
    let code = |base: &str, derived: &str, code: &str| refused(&restriction(base, derived), code);
    code(&model("sequence", "", &two), &model("sequence", "", &[("b", "")]), "rcase-NameAndTypeOK.1");
    code(&model("sequence", "", &two), &model("sequence", "", &[("a", MANY)]), "rcase-NameAndTypeOK.3");
    code(
        &model("sequence", "", &[("a", ""), ("b", ""), ("c", "")]),
        &model("sequence", "", &[("a", ""), ("b", "")]),
        "rcase-Recurse.2.2",
    );
    restricts(&model("choice", "", &two), &model("choice", "", &[("b", "")]));
    code(&model("choice", "", &two), &model("choice", "", &[("b", ""), ("a", "")]), "rcase-RecurseLax.2");
    restricts(&model("choice", r#"maxOccurs="2""#, &two), &model("sequence", "", &two));
    code(&model("choice", "", &two), &model("sequence", "", &two), "rcase-MapAndSum.2");
    restricts(&model("all", "", &two), &model("sequence", "", &[("b", ""), ("a", "")]));
    let three = [("a", ""), ("b", OPTIONAL), ("c", OPTIONAL)];
    code(
        &model("all", "", &three),
        &model("sequence", "", &[("c", ""), ("b", "")]),
        "rcase-RecurseUnordered.2.3",
    );
    code(&model("sequence", "", &two), &model("choice", "", &two), "cos-particle-restrict.2");
    let any = |attributes: &str| format!("<xs:sequence><xs:any {attributes}/></xs:sequence>");
    restricts(&any(r#"maxOccurs="2""#), &model("sequence", "", &two));
    code(&any(""), &model("sequence", "", &two), "rcase-NSRecurseCheckCardinality.2");
    code(&any(r###"namespace="##other""###), &model("sequence", "", &[("a", "")]), "rcase-NSCompat.1");
    code(&any(""), &any(r#"processContents="lax""#), "rcase-NSSubset.3");
    code(&model("sequence", "", &two), "", "derivation-ok-restriction.5.3.2");
}

#[test]
fn attributes_are_restricted_use_by_use() {
    let required = r#"<xs:attribute name="p" type="xs:int" use="required"/>"#;
    restricts(required, r#"<xs:attribute name="p" type="xs:byte" use="required"/>"#);
    let code = |base: &str, derived: &str, code: &str| refused(&restriction(base, derived), code);
    code(required, r#"<xs:attribute name="p" type="xs:int"/>"#, "derivation-ok-restriction.2.1.1");
    code(
        required,
        r#"<xs:attribute name="p" type="xs:string" use="required"/>"#,
        "derivation-ok-restriction.2.1.2",
    );
    code(required, r#"<xs:attribute name="p" use="prohibited"/>"#, "derivation-ok-restriction.3");
    code(required, r#"<xs:attribute name="q"/>"#, "derivation-ok-restriction.2.2");
    code(required, "<xs:anyAttribute/>", "derivation-ok-restriction.4.1");
    code(
        r#"<xs:attribute name="p" fixed="1"/>"#,
        r#"<xs:attribute name="p" default="1"/>"#,
        "derivation-ok-restriction.2.1.3",
    );
}

#[test]
fn what_is_final_stays_as_it_is() {
    let base = r#"<xs:complexType name="b" final="extension"><xs:sequence/></xs:complexType>"#;
    let derived = "<xs:complexType name='d'><xs:complexContent>\
        <xs:extension base='b'/></xs:complexContent></xs:complexType>";
    refused(&format!("{base}{derived}"), "cos-ct-extends.1.1");
    let simple = |finals: &str| {
        format!(
            r#"<xs:simpleType name="s" final="{finals}"><xs:restriction base="xs:string"/></xs:simpleType>
               <xs:simpleType name="r"><xs:restriction base="s"/></xs:simpleType>
               <xs:simpleType name="l"><xs:list itemType="s"/></xs:simpleType>
               <xs:simpleType name="u"><xs:union memberTypes="s"/></xs:simpleType>"#
        )
    };
    refused(&simple("#all"), "st-props-correct.3 cos-st-restricts.2.3.1.1 cos-st-restricts.3.3.1.1");
    refused(&simple("list"), "cos-st-restricts.2.3.1.1");
}

#[test]
fn substitution_groups_are_of_one_kind_and_not_circular() {
    let group = |head: &str, member: &str| {
        format!(r#"<xs:element name="h" {head}/><xs:element name="m" substitutionGroup="h" {member}/>"#)
    };
    refused(&group(r#"type="xs:int""#, r#"type="xs:string""#), "e-props-correct.4");
    refused(&group(r#"type="xs:int" final="restriction""#, r#"type="xs:byte""#), "e-props-correct.4");
    assert!(compile(&group(r#"type="xs:int""#, r#"type="xs:byte""#)).is_ok());
    refused(&group(r#"substitutionGroup="m""#, ""), "e-props-correct.6 e-props-correct.6");
}

#[test]
fn values_given_by_the_schema_are_values() {
    let complex = |content: &str| {
        format!(r#"<xs:element name="r" default="x"><xs:complexType {content}</xs:complexType></xs:element>"#)
    };
    let part = |occurs: &str| format!("<xs:sequence>{}</xs:sequence>", leaf("a", occurs));
    refused(&complex(&format!(">{}", part(""))), "cos-valid-default.2.1");
    refused(&complex(&format!(r#"mixed="true">{}"#, part(""))), "cos-valid-default.2.2.2");
    assert!(compile(&complex(&format!(r#"mixed="true">{}"#, part(OPTIONAL)))).is_ok());
    refused(r#"<xs:element name="r" type="xs:ID" fixed="i"/>"#, "e-props-correct.5");
    refused(r#"<xs:attribute name="p" type="xs:ID" default="i"/>"#, "a-props-correct.3");
    refused(
        &format!(r#"<xs:attribute name="p" fixed="1"/>{}"#, content(r#"<xs:attribute ref="p" fixed="2"/>"#)),
        "au-props-correct.2",
    );
}

#[test]
fn names_of_other_namespaces_have_to_be_imported() {
    refused(r#"<xs:element name="r" type="o:t" xmlns:o="urn:o"/>"#, "src-resolve.4.2");
    refused(r#"<xs:element name="r" type="t" xmlns=""/>"#, "src-resolve.4.1");
}

#[test]
fn notations_are_declared_and_identified() {
    refused(r#"<xs:notation name="n"/>"#, "n-props-correct");
    let typed = |name: &str| {
        format!(
            "<xs:notation name='n' public='p'/><xs:simpleType name='s'><xs:restriction base='xs:NOTATION'>\
             <xs:enumeration value='{name}'/></xs:restriction></xs:simpleType>"
        )
    };
    assert!(compile(&typed("n")).is_ok());
    refused(&typed("m"), "src-resolve.1.6");
}

/// `redefined`: what stands in the other document; `inside`: what the redefinition holds.
#[track_caller]
fn redefinition(redefined: &str, inside: &str, expected: &str) {
    let mut assembler = Assembler::new();
    let text = format!(r#"{HEAD}<xs:redefine schemaLocation="2.xsd">{inside}</xs:redefine></xs:schema>"#);
    assembler.add("1.xsd", text.as_bytes());
    let request = assembler.missing().expect("the redefined document is missing");
    assembler.add(&request.location, format!("{HEAD}{redefined}</xs:schema>").as_bytes());
    assert!(assembler.missing().is_none());
    let faults = assembler.finish().err().map_or_else(Vec::new, |error| error.faults);
    let codes: Vec<&str> = faults.iter().map(|fault| fault.rule.code()).collect();
    assert_eq!(codes.join(" "), expected, "{faults:?}");
}

#[test]
fn redefinitions_build_on_what_they_redefine() {
    let group = |inner: &str| format!(r#"<xs:group name="g"><xs:sequence>{inner}</xs:sequence></xs:group>"#);
    let old = group(&leaf("a", OPTIONAL));
    let own = r#"<xs:group ref="g"/>"#;
    redefinition(&old, &group(&format!("{own}{}", leaf("b", ""))), "");
    redefinition(&old, &group(&leaf("a", "")), "");
    redefinition(&old, &group(&leaf("b", "")), "src-redefine.6.2.2");
    redefinition(&old, &group(&format!("{own}{}{own}", leaf("b", ""))), "src-redefine.6.1.1");
    redefinition(&old, r#"<xs:group name="h"><xs:sequence/></xs:group>"#, "src-redefine.6.2.1");
    let set = |inner: &str| format!(r#"<xs:attributeGroup name="g">{inner}</xs:attributeGroup>"#);
    let (p, q) = (r#"<xs:attribute name="p"/>"#, r#"<xs:attribute name="q"/>"#);
    redefinition(&set(p), &set(&format!(r#"<xs:attributeGroup ref="g"/>{q}"#)), "");
    redefinition(&set(p), &set(q), "src-redefine.7.2.2");
    let t =
        |base: &str| format!(r#"<xs:simpleType name="t"><xs:restriction base="{base}"/></xs:simpleType>"#);
    redefinition(&t("xs:int"), &t("t"), "");
    redefinition(&t("xs:int"), &t("xs:int"), "src-redefine.5");
    let bare = r#"<xs:complexType name="t"/>"#;
    redefinition(bare, bare, "src-redefine.5");
}

#[test]
fn redefinitions_reach_through_one_another() {
    let redefine = |from: &str, value: &str| {
        format!(
            "{HEAD}<xs:redefine schemaLocation='{from}'><xs:simpleType name='t'><xs:restriction base='t'>\
             <xs:enumeration value='{value}'/></xs:restriction></xs:simpleType></xs:redefine></xs:schema>"
        )
    };
    let base = format!(
        "{HEAD}<xs:simpleType name='t'><xs:restriction base='xs:string'/></xs:simpleType>\
         <xs:element name='r' type='t'/></xs:schema>"
    );
    let compiled = |outer: &str| {
        let mut assembler = Assembler::new();
        assembler.add("1.xsd", redefine("2.xsd", outer).as_bytes());
        while let Some(request) = assembler.missing() {
            let text = if &*request.location == "2.xsd" { redefine("3.xsd", "a") } else { base.clone() };
            assembler.add(&request.location, text.as_bytes());
        }
        assembler.finish()
    };
    assert!(compiled("a").is_ok());
    let error = compiled("b").expect_err("`b` is no value of what is redefined");
    assert_eq!(error.faults[0].rule.code(), "enumeration-valid-restriction");
}

#[test]
fn prohibited_attributes_of_a_group_take_nothing_away() {
    let schema = r#"<xs:attributeGroup name="g"><xs:attribute name="p" use="prohibited"/></xs:attributeGroup>
        <xs:complexType name="b"><xs:attribute name="p"/></xs:complexType>
        <xs:complexType name="d"><xs:complexContent><xs:restriction base="b">
          <xs:attributeGroup ref="g"/></xs:restriction></xs:complexContent></xs:complexType>
        <xs:element name="r" type="d"/>"#;
    case(schema, r#"<r p="1"/>"#, "");
}

#[test]
fn a_default_has_to_fit_the_type_an_instance_chooses() {
    let schema = r#"<xs:simpleType name="t"><xs:restriction base="xs:int">
      <xs:minInclusive value="5"/></xs:restriction></xs:simpleType>
        <xs:element name="r" type="xs:int" default="1"/>"#;
    case(schema, "<r/>", "");
    case(schema, r#"<r xsi:type="t"/>"#, "cvc-elt.5.1.1 /r");
    case(schema, r#"<r xsi:type="t">7</r>"#, "");
}

#[test]
fn key_and_keyref_may_share_their_elements() {
    let both = keyed(
        r#"<xs:keyref name="f" refer="k"><xs:selector xpath="i"/><xs:field xpath="k"/>
          <xs:field xpath="@id"/></xs:keyref>
           <xs:key name="k"><xs:selector xpath="i"/><xs:field xpath="k"/><xs:field xpath="@id"/></xs:key>"#,
    );
    case(&both, r#"<r><i id="1"><k>1</k></i><i id="1"><k>2</k></i></r>"#, "");
    case(
        &both,
        r#"<r><i id="1"><k>1</k></i><i id="1"><k>1</k></i></r>"#,
        "cvc-identity-constraint.4.2.2 /r/i[2]",
    );
}

#[test]
fn an_included_document_that_is_not_there_is_a_fault_or_listed() {
    let compiled = |policy| {
        let mut assembler = Assembler::new();
        assembler.set_missing_include(policy);
        let text =
            format!(r#"{HEAD}<xs:include schemaLocation="none.xsd"/><xs:element name="r"/></xs:schema>"#);
        assembler.add("test.xsd", text.as_bytes());
        let request = assembler.missing().expect("a document is missing");
        assembler.unavailable(&request, "there is none");
        assembler.finish()
    };
    let error = compiled(MissingInclude::Refused).expect_err("the include counts");
    assert_eq!(error.faults[0].rule.code(), "document.unavailable");
    let schema = compiled(MissingInclude::NotChecked).expect("the rest of the schema is right");
    assert_eq!(schema.not_checked().len(), 1);
}

#[test]
fn a_wildcard_that_version_1_1_narrows_is_not_held_to_be_ambiguous() {
    let any = r###"<xs:any notQName="##definedSibling" minOccurs="0"/>"###;
    let schema = compile(&content(&format!("<xs:sequence>{any}{}</xs:sequence>", leaf("a", ""))))
        .expect("what is not checked is no fault");
    assert_eq!(schema.not_checked().len(), 1);
}

#[test]
fn constructs_of_version_1_1_are_listed_not_ignored() {
    let schema = compile(&content(r#"<xs:sequence/><xs:assert test="true()"/>"#))
        .expect("the rest of the schema is right");
    assert_eq!(schema.not_checked(), ["`xs:assert` of XML Schema 1.1 in `test.xsd`"]);
}

/// `count` groups, each holding the one before: one level deeper each time.
fn nested_groups(count: u32) -> String {
    use std::fmt::Write;
    let mut text = String::from(r#"<xs:group name="g0"><xs:sequence><xs:any/></xs:sequence></xs:group>"#);
    for number in 1..count {
        let inner = number - 1;
        write!(
            text,
            r#"<xs:group name="g{number}"><xs:sequence><xs:group ref="g{inner}"/></xs:sequence></xs:group>"#
        )
        .expect("a string takes everything");
    }
    text
}

#[test]
fn groups_nest_up_to_the_limit() {
    assert!(compile(&nested_groups(crate::xsd::MODEL_DEPTH_MAX)).is_ok());
    refused(&nested_groups(crate::xsd::MODEL_DEPTH_MAX + 1), "limit.model_depth_max");
}

#[test]
fn restrictions_are_followed_up_to_the_limit() {
    // Four levels of groups, each holding the one below `width` times: width to the fourth steps.
    let group = |level: usize, parts: &str| {
        format!(r#"<xs:group name="g{level}"><xs:sequence>{parts}</xs:sequence></xs:group>"#)
    };
    let base = |width: usize| {
        let below = |level: usize| format!(r#"<xs:group ref="g{}"/>"#, level - 1).repeat(width);
        let groups: String = (1..4).map(|level| group(level, &below(level))).collect();
        let derived = restriction(r#"<xs:group ref="g3"/>"#, &model("sequence", "", &[("b", "")]));
        format!("{}{groups}{derived}", group(0, &leaf("a", "").repeat(width)))
    };
    let codes = |width: usize| {
        let faults = compile(&base(width)).expect_err("`b` is not `a`").faults;
        // That the models have too many places is told as well.
        let told = faults.iter().filter(|fault| !fault.sentence.contains("positions_max"));
        told.map(|fault| fault.rule.code()).collect::<Vec<_>>()
    };
    assert_eq!(codes(31), ["rcase-NameAndTypeOK.1"]);
    assert_eq!(codes(32), ["limit.restriction_steps_max"]);
}

#[test]
fn restrictions_chain_up_to_the_limit() {
    use std::fmt::Write;
    let chain = |length: usize| {
        let mut text =
            String::from(r#"<xs:simpleType name="s0"><xs:restriction base="xs:anyURI"/></xs:simpleType>"#);
        for number in 1..length {
            let base = number - 1;
            write!(
                text,
                r#"<xs:simpleType name="s{number}"><xs:restriction base="s{base}"/></xs:simpleType>"#
            )
            .expect("a string takes everything");
        }
        text
    };
    // anyURI itself and the ur-type below it stand at the beginning of the chain.
    assert!(compile(&chain(crate::xsd::RESTRICTION_CHAIN_MAX - 2)).is_ok());
    let error = compile(&chain(crate::xsd::RESTRICTION_CHAIN_MAX - 1)).expect_err("one too many");
    assert_eq!(error.faults[0].rule.code(), "limit.restriction_chain_max");
}

#[test]
fn sentences_say_what_to_do() {
    let schema = compile(&sequence(&[("a", ""), ("b", OPTIONAL), ("c", "")])).expect("the schema is right");
    let sentence = |document: &str| {
        validate(&schema, &document.replacen("<r", "<r xmlns=\"urn:t\"", 1))[0].sentence.clone()
    };
    assert_eq!(sentence("<r><c/></r>"), "`a` is missing before `c`");
    assert_eq!(sentence("<r><x/></r>"), "`x` may not stand here; expected `a`");
    assert_eq!(sentence("<r><a/></r>"), "`c` is missing at the end of `r`");
    assert_eq!(sentence("<r><a/><c/><c/></r>"), "`c` may not stand here: `r` is complete");
    assert_eq!(
        sentence("<r><a xmlns=''/></r>"),
        "`a` in no namespace may not stand here; expected `a` of the namespace `urn:t`"
    );
}

#[test]
fn configurations_beyond_the_limit_are_said_not_dropped() {
    let turns = |child: &str, min: u32, max: u32| {
        let bounds = format!(r#"minOccurs="{min}" maxOccurs="{max}""#);
        content(&format!("<xs:sequence {bounds}>{}</xs:sequence>", child.replace("BOUNDS", &bounds)))
    };
    // A few turns leave a few ways open; where 3,000 may be 10 to 15 turns of 200 to 300, there are too many.
    let document = format!("<r xmlns='urn:t'>{}</r>", "<a/>".repeat(3_000));
    for child in [leaf("a", "BOUNDS"), r#"<xs:any processContents="skip" BOUNDS/>"#.to_owned()] {
        case(&turns(&child, 5, 6), &format!("<r>{}</r>", "<a/>".repeat(30)), "");
        let schema = compile(&turns(&child, 200, 300)).expect("the schema is right");
        let found = validate(&schema, &document);
        let codes: Vec<_> = found.iter().map(|each| each.clause.code()).collect();
        assert_eq!(codes, ["limit.configurations_max"], "{child}");
    }
}

#[test]
fn content_models_have_places_up_to_the_limit() {
    use std::fmt::Write;
    let sequence = |count: usize| {
        let mut parts = String::new();
        for number in 0..count {
            write!(parts, r#"<xs:element name="e{number}" type="xs:string"/>"#)
                .expect("a string takes everything");
        }
        content(&format!("<xs:sequence>{parts}</xs:sequence>"))
    };
    assert!(compile(&sequence(crate::xsd::POSITIONS_MAX)).is_ok());
    refused(&sequence(crate::xsd::POSITIONS_MAX + 1), "limit.positions_max");
}

#[test]
fn content_models_have_transitions_up_to_the_limit() {
    use std::fmt::Write;
    let choice = |count: usize| {
        let mut parts = String::new();
        for number in 0..count {
            write!(parts, r#"<xs:element name="e{number}" type="xs:string"/>"#)
                .expect("a string takes everything");
        }
        content(&format!(r#"<xs:choice maxOccurs="unbounded">{parts}</xs:choice>"#))
    };
    let root = crate::xsd::EDGES_MAX.isqrt();
    assert!(compile(&choice(root)).is_ok());
    refused(&choice(root + 1), "limit.edges_max");
}

#[test]
fn groups_stand_in_each_other_up_to_the_limit() {
    let nested = |depth: u32| {
        let depth = depth as usize;
        content(&format!("{}<xs:any/>{}", "<xs:sequence>".repeat(depth), "</xs:sequence>".repeat(depth)))
    };
    assert!(compile(&nested(crate::xsd::DEFINITION_DEPTH_MAX)).is_ok());
    refused(&nested(crate::xsd::DEFINITION_DEPTH_MAX + 1), "limit.definition_depth_max");
}

#[test]
fn a_schema_has_documents_up_to_the_limit() {
    use std::fmt::Write;
    let compiles = |count: usize| {
        let mut assembler = Assembler::new();
        let mut includes = String::new();
        for number in 1..count {
            write!(includes, r#"<xs:include schemaLocation="d{number}.xsd"/>"#)
                .expect("a string takes everything");
        }
        assembler.add("main.xsd", format!("{HEAD}{includes}</xs:schema>").as_bytes());
        while let Some(request) = assembler.missing() {
            assembler.add(&request.location, format!("{HEAD}</xs:schema>").as_bytes());
        }
        assembler.finish().map(|_| ()).map_err(|error| error.faults[0].rule.code())
    };
    assert_eq!(compiles(crate::xsd::DOCUMENTS_MAX), Ok(()));
    assert_eq!(compiles(crate::xsd::DOCUMENTS_MAX + 1), Err("limit.documents_max"));
}

#[test]
fn references_wait_up_to_the_limit_and_are_told_beyond() {
    let schema = compile(r#"<xs:element name="r" type="xs:IDREFS"/>"#).expect("the schema is right");
    let refused = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("i{number}")).collect();
        let found = validate(&schema, &format!("<r xmlns='urn:t'>{}</r>", names.join(" ")));
        found.iter().filter(|each| each.clause.code() == "limit.references_max").count()
    };
    assert_eq!(refused(crate::xsd::REFERENCES_MAX), 0);
    assert_eq!(refused(crate::xsd::REFERENCES_MAX + 1), 1);
}

#[test]
fn definitions_build_on_each_other_up_to_a_depth_in_whatever_order_they_stand() {
    let chain = |depth: u32, reversed: bool| {
        let derived = |number: u32| {
            let extension = format!(r#"<xs:extension base="t{}"/>"#, number - 1);
            format!(
                "<xs:complexType name='t{number}'><xs:complexContent>{extension}</xs:complexContent>\
                 </xs:complexType>"
            )
        };
        let mut types: Vec<String> = (1..=depth).map(derived).collect();
        types.insert(0, r#"<xs:complexType name="t0"/>"#.to_owned());
        if reversed {
            types.reverse();
        }
        types.concat()
    };
    for reversed in [false, true] {
        assert!(compile(&chain(DEFINITION_DEPTH_MAX, reversed)).is_ok());
        refused(&chain(DEFINITION_DEPTH_MAX + 1, reversed), "limit.definition_depth_max");
    }
}

#[test]
fn a_chain_of_substitution_groups_has_a_greatest_length_in_whatever_order_it_stands() {
    let chain = |length: u32, reversed: bool| {
        let member =
            |number: u32| format!(r#"<xs:element name="e{number}" substitutionGroup="e{}"/>"#, number - 1);
        let mut elements: Vec<String> = (1..=length).map(member).collect();
        elements.insert(0, r#"<xs:element name="e0"/>"#.to_owned());
        if reversed {
            elements.reverse();
        }
        elements.concat()
    };
    for reversed in [false, true] {
        assert!(compile(&chain(DEFINITION_DEPTH_MAX, reversed)).is_ok());
        refused(&chain(DEFINITION_DEPTH_MAX + 1, reversed), "limit.definition_depth_max");
    }
}

#[test]
fn an_identity_constraint_has_a_limit_of_fields() {
    let key = |fields: usize| {
        let fields = r#"<xs:field xpath="@a"/>"#.repeat(fields);
        format!(
            r#"<xs:element name="r"><xs:key name="k"><xs:selector xpath="a"/>{fields}</xs:key></xs:element>"#
        )
    };
    assert!(compile(&key(FIELDS_MAX)).is_ok());
    refused(&key(FIELDS_MAX + 1), "limit.fields_max");
}
