//! Faults come all in one go, and none because of another.

use super::resolve_location;
use crate::xsd::{Assembler, SchemaError};

const HEAD: &str =
    r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t">"#;

/// Documents are named `1.xsd`, `2.xsd` and so on; one that is not among them cannot be had.
fn error_of(documents: &[String]) -> Option<SchemaError> {
    let mut assembler = Assembler::new();
    assembler.add("1.xsd", documents[0].as_bytes());
    while let Some(request) = assembler.missing() {
        let number: usize = request.location.trim_end_matches(".xsd").parse().expect("a number");
        match documents.get(number - 1) {
            Some(text) => assembler.add(&request.location, text.as_bytes()),
            None => assembler.unavailable(&request, "there is none"),
        }
    }
    assembler.finish().err()
}

/// `expected`: `line code` of each fault, the code down to where it matters.
#[track_caller]
fn case(lines: &[&str], expected: &[&str]) {
    documents_case(&[lines], expected);
}

#[track_caller]
fn documents_case(documents: &[&[&str]], expected: &[&str]) {
    let texts: Vec<String> =
        documents.iter().map(|lines| format!("{HEAD}{}\n</xs:schema>", lines.join("\n"))).collect();
    let faults = error_of(&texts).map_or_else(Vec::new, |error| error.faults);
    let found: Vec<String> =
        faults.iter().map(|fault| format!("{} {}", fault.place.line, fault.rule.code())).collect();
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
    assert!(same, "expected {expected:?}, found {found:?}: {faults:#?}");
}

#[test]
fn faults_of_every_stage_come_at_once_and_in_order() {
    case(
        &[
            r#"<xs:element name="a" type="xs:string" colour="red"/>"#,
            r#"<xs:element name="b" type="none"/>"#,
            "<xs:simpleType name='s'><xs:restriction base='xs:int'>\
             <xs:length value='1'/></xs:restriction></xs:simpleType>",
            "<xs:complexType name='c'><xs:choice><xs:element name='x'/>\
             <xs:element name='x'/></xs:choice></xs:complexType>",
            r#"<xs:element name="d" substitutionGroup="e" type="xs:string"/><xs:element name="e" type="xs:int"/>"#,
            "<xs:complexType name='f'><xs:sequence maxOccurs='unbounded'>\
             <xs:element name='g' maxOccurs='30000'/><xs:choice>",
            &"<xs:any/>".repeat(2),
            r"</xs:choice></xs:sequence></xs:complexType>",
            r#"<xs:element name="k" default="x" type="xs:int"/>"#,
        ],
        &[
            "1 s4s",
            "2 src-resolve",
            "3 cos-applicable-facets",
            "4 cos-nonambig",
            "5 e-props-correct.4",
            "6 cos-nonambig",
            "9 cos-valid-default",
        ],
    );
}

#[test]
fn a_model_beyond_a_limit_is_told_beside_other_faults() {
    let wide = r#"<xs:element name="e"/>"#.repeat(crate::xsd::POSITIONS_MAX + 1);
    case(
        &[
            &format!(r#"<xs:complexType name="w"><xs:sequence>{wide}</xs:sequence></xs:complexType>"#),
            r#"<xs:element name="b" type="none"/>"#,
        ],
        &["1 limit", "2 src-resolve"],
    );
}

#[test]
fn a_type_without_its_base_is_at_fault_once() {
    let derived = |how: &str, model: &str| {
        format!(
            "<xs:complexType name='d'><xs:complexContent>\
             <xs:{how} base='none'>{model}</xs:{how}></xs:complexContent></xs:complexType>"
        )
    };
    let again = "<xs:complexType name='e'><xs:complexContent><xs:restriction base='d'><xs:sequence>\
        <xs:element name='z'/></xs:sequence><xs:attribute name='p'/></xs:restriction></xs:complexContent>\
        </xs:complexType>";
    let users = "<xs:element name='h' type='d'/><xs:element name='m' type='e' substitutionGroup='h'/>\
        <xs:element name='v' type='d' default='x'/>";
    for how in ["extension", "restriction"] {
        case(&[&derived(how, ""), again, users], &["1 src-resolve"]);
        // Its own faults are told nevertheless.
        case(
            &[&derived(how, "<xs:sequence>\n<xs:element ref='lost'/></xs:sequence>"), again, users],
            &["1 src-resolve", "2 src-resolve"],
        );
    }
}

#[test]
fn a_simple_type_at_fault_is_no_fault_of_its_users() {
    case(
        &[
            "<xs:simpleType name='s'><xs:restriction base='none'>\
             <xs:maxLength value='3'/></xs:restriction></xs:simpleType>",
            r#"<xs:simpleType name="l"><xs:list itemType="s"/></xs:simpleType>"#,
            r#"<xs:simpleType name="u"><xs:union memberTypes="s xs:int l"/></xs:simpleType>"#,
            "<xs:simpleType name='r'><xs:restriction base='u'>\
             <xs:length value='3'/></xs:restriction></xs:simpleType>",
            r#"<xs:attribute name="a" type="s" default="x"/><xs:element name="e" type="u" fixed="y"/>"#,
            "<xs:complexType name='c'><xs:simpleContent><xs:extension base='s'>\
             <xs:attribute name='b' type='u'/></xs:extension></xs:simpleContent></xs:complexType>",
            "<xs:complexType name='d'><xs:simpleContent><xs:restriction base='c'><xs:maxLength value='9'/>\
             <xs:attribute name='b' type='xs:int'/></xs:restriction></xs:simpleContent></xs:complexType>",
        ],
        &["1 src-resolve"],
    );
}

#[test]
fn content_with_a_hole_is_compared_with_nothing() {
    let holed = [r#"<xs:element ref="none"/>"#, r#"<xs:group ref="none"/>"#, r#"<xs:any minOccurs="3"/>"#];
    for hole in holed {
        case(
            &[
                &format!(
                    "<xs:complexType name='b'><xs:sequence>{hole}<xs:element name='a'/></xs:sequence>\
                     <xs:attribute name='p'/></xs:complexType>"
                ),
                "<xs:complexType name='d'><xs:complexContent><xs:restriction base='b'><xs:sequence>\
                 <xs:element name='z'/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>",
                r#"<xs:element name="h" type="b" default="x"/>"#,
            ],
            &[if hole.contains("ref") { "1 src-resolve" } else { "1 p-props-correct.2.1" }],
        );
    }
}

#[test]
fn attributes_with_a_hole_are_compared_with_nothing() {
    case(
        &[
            r#"<xs:complexType name="b"><xs:attributeGroup ref="none"/></xs:complexType>"#,
            "<xs:complexType name='d'><xs:complexContent><xs:restriction base='b'>\
             <xs:attribute name='p'/></xs:restriction></xs:complexContent></xs:complexType>",
            // The content of these is judged all the same.
            "<xs:complexType name='c'><xs:choice><xs:element name='x'/><xs:element name='x'/></xs:choice>\
             <xs:attribute ref='none'/></xs:complexType>",
        ],
        &["1 src-resolve", "3 cos-nonambig", "3 src-resolve"],
    );
}

#[test]
fn what_was_left_out_of_a_document_is_not_missed() {
    case(
        &[
            r#"<xs:elemnt name="e"/>"#,
            r#"<xs:group name="g"><xs:sequence><xs:element ref="e"/></xs:sequence></xs:group>"#,
        ],
        &["1 s4s"],
    );
    case(
        &[
            r#"<xs:extension><xs:complexType name="t"/></xs:extension>"#,
            r#"<xs:element name="e" type="t"/><xs:element name="f" type="u"/>"#,
        ],
        &["1 s4s", "2 src-resolve"],
    );
    case(
        &[
            "<xs:element name='e'><xs:complexType><xs:sequence minOccurs='x'>\
             <xs:element name='a'/></xs:sequence></xs:complexType>",
            r#"<xs:key name="k"><xs:selector xpath="a"/><xs:field xpath="//"/></xs:key>"#,
            "<xs:keyref name='r' refer='k'><xs:selector xpath='a'/><xs:field xpath='b'/>\
             <xs:field xpath='c'/></xs:keyref></xs:element>",
        ],
        &["1 s4s", "2 c-fields-xpaths"],
    );
    // An import that is left out may have brought the namespace.
    case(
        &[
            r#"<xs:element name="e"/><xs:import namespace="urn:o"/>"#,
            r#"<xs:element name="f" xmlns:o="urn:o" type="o:t"/>"#,
        ],
        &["1 s4s"],
    );
}

#[test]
fn a_name_with_two_meanings_is_told_once() {
    case(
        &[
            r#"<xs:simpleType name="t"><xs:restriction base="xs:int"/></xs:simpleType>"#,
            r#"<xs:complexType name="t"><xs:sequence><xs:element ref="none"/></xs:sequence></xs:complexType>"#,
            r#"<xs:element name="e" type="t" default="x"/><xs:attribute name="a" type="t"/>"#,
        ],
        &["2 sch-props-correct.2", "2 src-resolve"],
    );
}

#[test]
fn what_a_lost_document_may_hold_is_not_missed() {
    let main = [r#"<xs:include schemaLocation="2.xsd"/>"#, r#"<xs:element name="e" type="t"/>"#];
    documents_case(&[&main], &["1 document.unavailable"]);
    documents_case(&[&main, &["<xs:element"]], &["1 src-include.1", "2 xml.not-well-formed"]);
    let redefine = [
        "<xs:redefine schemaLocation='2.xsd'><xs:simpleType name='t'>\
         <xs:restriction base='t'/></xs:simpleType></xs:redefine>",
        r#"<xs:element name="e" type="t"/>"#,
    ];
    documents_case(&[&redefine], &["1 src-redefine"]);
    documents_case(&[&redefine, &[r#"<xs:simpleTyp name="t"/>"#]], &["1 s4s"]);
    documents_case(&[&redefine, &[""]], &["1 src-expredef"]);
    let import = [
        r#"<xs:import namespace="urn:o" schemaLocation="2.xsd"/>"#,
        r#"<xs:element name="e" type="o:t" xmlns:o="urn:o"/>"#,
    ];
    // An import that cannot be had is a fault once something of it is needed; however much that is.
    documents_case(&[&import[..1]], &[]);
    documents_case(&[&import], &["1 document.unavailable"]);
    let more = r#"<xs:element name="f" type="o:u" xmlns:o="urn:o"/>"#;
    documents_case(&[&[import[0], import[1], more]], &["1 document.unavailable"]);
    documents_case(&[&import, &[""]], &["1 src-import"]);
}

#[test]
fn a_definition_that_goes_in_a_circle_is_told_once() {
    case(
        &[
            "<xs:complexType name='a'><xs:complexContent>\
             <xs:extension base='b'/></xs:complexContent></xs:complexType>",
            "<xs:complexType name='b'><xs:complexContent><xs:extension base='a'><xs:sequence>\
             <xs:element name='x'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
            r#"<xs:element name="e" type="a" default="x"/>"#,
        ],
        &["2 ct-props-correct"],
    );
    case(
        &[
            r#"<xs:group name="g"><xs:sequence><xs:group ref="h"/></xs:sequence></xs:group>"#,
            r#"<xs:group name="h"><xs:choice><xs:group ref="g"/><xs:any/><xs:any/></xs:choice></xs:group>"#,
            r#"<xs:complexType name="c"><xs:group ref="g"/></xs:complexType>"#,
        ],
        &["1 mg-props-correct.2"],
    );
}

#[test]
fn locations_are_relative_to_the_document_they_stand_in() {
    let case =
        |referrer, location, expected: &str| assert_eq!(resolve_location(referrer, location), expected);
    case("main.xsd", "lists.xsd", "lists.xsd");
    case("onix/3.0/main.xsd", "./lists.xsd", "onix/3.0/lists.xsd");
    case("onix/3.0/main.xsd", "../common/lists.xsd", "onix/common/lists.xsd");
    case("main.xsd", "../lists.xsd", "../lists.xsd");
    case("a/main.xsd", "http://example.org/x.xsd", "http://example.org/x.xsd");
    case("/a/main.xsd", "/b/x.xsd", "/b/x.xsd");
    case("/main.xsd", "../x.xsd", "/../x.xsd");
}
