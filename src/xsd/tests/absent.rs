//! Names that refer to nothing, counted where they are used (part 1, 5.3).

use super::{HEAD, refused, validate};
use crate::xsd::{Assembler, CompiledSchema, SchemaError, Unresolved};
use std::sync::Arc;

/// Documents that are asked for cannot be had.
fn lenient(declarations: &str) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.set_unresolved(Unresolved::OnUse);
    assembler.add("test.xsd", format!("{HEAD}{declarations}</xs:schema>").as_bytes());
    while let Some(request) = assembler.missing() {
        assembler.unavailable(&request, "there is none");
    }
    assembler.finish()
}

/// `absent`: how many names refer to nothing; `expected`: `code path` of each deviation.
#[track_caller]
fn used(declarations: &str, document: &str, absent: usize, expected: &str) {
    let schema = lenient(declarations).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(schema.not_checked().len(), absent, "{:?}", schema.not_checked());
    let xmlns = r#" xmlns="urn:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;
    let at = document.find([' ', '>', '/']).expect("the document has a start tag");
    let found = validate(&schema, &format!("{}{xmlns}{}", &document[..at], &document[at..]));
    let found: Vec<String> =
        found.iter().map(|each| format!("{} {}", each.clause.code(), each.path)).collect();
    assert_eq!(found.join("; "), expected, "{document}");
}

/// `expected`: code of the one fault.
#[track_caller]
fn still_refused(declarations: &str, expected: &str) {
    let faults = lenient(declarations).expect_err("the schema has a fault").faults;
    assert_eq!(faults.iter().map(|fault| fault.rule.code()).collect::<Vec<_>>(), [expected]);
}

const IMPORT: &str = r#"<xs:import namespace="urn:o" schemaLocation="o.xsd"/>"#;

fn typed(model: &str) -> String {
    format!(r#"{IMPORT}<xs:element name="r"><xs:complexType>{model}</xs:complexType></xs:element>"#)
}

#[test]
fn an_element_whose_type_is_absent_is_wrong_only_where_it_stands() {
    let schema = r#"<xs:element name="good" type="xs:int"/><xs:element name="bad" type="none" default="x"/>
        <xs:element name="both"><xs:complexType><xs:choice><xs:element ref="good"/>
          <xs:element ref="bad"/></xs:choice></xs:complexType></xs:element>"#;
    refused(schema, "src-resolve.1.1");
    used(schema, "<good>3</good>", 1, "");
    used(schema, "<bad>3</bad>", 1, "cvc-type.1 /bad");
    used(schema, "<both><good>3</good></both>", 1, "");
    // What stands in it is assessed laxly.
    used(
        schema,
        "<both><bad a='1'><x/><good>x</good></bad></both>",
        1,
        "cvc-type.1 /both/bad; cvc-datatype-valid.1.2.1 /both/bad/good",
    );
}

#[test]
fn an_instance_may_name_the_type_that_is_lacking() {
    let schema = r#"<xs:element name="bad" type="none"/>"#;
    let typed = r#"<bad xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:int">3</bad>"#;
    // 5.3 counts against the declaration, whatever the instance says.
    used(schema, typed, 1, "cvc-elt.4.3 /bad/@xsi:type; cvc-type.1 /bad");
}

#[test]
fn an_attribute_whose_type_is_absent_is_wrong_only_where_it_stands() {
    let schema = r#"<xs:element name="r"><xs:complexType><xs:attribute name="a" type="none"/></xs:complexType>
        <xs:key name="k"><xs:selector xpath="."/><xs:field xpath="@a"/></xs:key></xs:element>
        <xs:complexType name="d"><xs:attribute name="a" type="none" fixed="x"/></xs:complexType>"#;
    refused(schema, "src-resolve.1.1 src-resolve.1.1");
    let free = "<xs:element name='r'><xs:complexType><xs:attribute name='a' type='none'/></xs:complexType>\
        </xs:element>";
    used(free, "<r/>", 1, "");
    used(free, "<r a='1'/>", 1, "cvc-attribute.2 /r/@a");
    used(schema, "<r a='1'/>", 1, "cvc-attribute.2 /r/@a");
}

#[test]
fn what_a_document_that_was_not_had_would_declare_may_be_absent() {
    let o = r#"xmlns:o="urn:o""#;
    let kinds = [
        format!(r#"<xs:sequence {o}><xs:element ref="o:e"/></xs:sequence>"#),
        format!(r#"<xs:group {o} ref="o:g"/>"#),
        format!(r#"<xs:sequence/><xs:attribute {o} ref="o:a"/>"#),
        format!(r#"<xs:sequence/><xs:attributeGroup {o} ref="o:g"/>"#),
    ];
    for model in kinds {
        let schema = typed(&model) + r#"<xs:element name="s" type="xs:int"/>"#;
        used(&schema, "<s>1</s>", 1, "");
        used(&schema, "<r><x/></r>", 1, "cvc-type.1 /r");
    }
    let member = format!(r#"{IMPORT}<xs:element name="m" {o} substitutionGroup="o:h" type="xs:int"/>"#);
    used(&member, "<m>1</m>", 1, "");
    let group = "<xs:redefine schemaLocation='2.xsd'/><xs:group name='g'><xs:sequence>\
        <xs:element ref='none'/></xs:sequence></xs:group>";
    // Whether an include may bring nothing is another setting.
    still_refused(group, "document.unavailable");
}

#[test]
fn what_is_made_of_a_type_that_was_not_had_is_absent_itself() {
    let o = r#"xmlns:o="urn:o""#;
    let complex = |content: &str, step: &str| {
        format!("<xs:complexType name='t'><xs:{content}Content>{step}</xs:{content}Content></xs:complexType>")
    };
    let simple = |step: &str| format!("<xs:simpleType name='t'>{step}</xs:simpleType>");
    let types = [
        simple(&format!("<xs:restriction {o} base='o:t'><xs:maxLength value='1'/></xs:restriction>")),
        simple(&format!("<xs:list {o} itemType='o:t'/>")),
        simple(&format!("<xs:union {o} memberTypes='xs:int o:t'/>")),
        simple(&format!(
            "<xs:restriction><xs:simpleType><xs:list {o} itemType='o:t'/></xs:simpleType></xs:restriction>"
        )),
        complex("complex", &format!("<xs:extension {o} base='o:t'><xs:attribute name='a'/></xs:extension>")),
        complex("complex", &format!("<xs:restriction {o} base='o:t'/>")),
        complex("simple", &format!("<xs:extension {o} base='o:t'/>")),
        complex("simple", &format!("<xs:restriction {o} base='o:t'><xs:length value='1'/></xs:restriction>")),
    ];
    for made in types {
        let schema =
            format!("{IMPORT}{made}<xs:element name='r' type='t'/><xs:element name='s' type='xs:int'/>");
        used(&schema, "<s>1</s>", 1, "");
        used(&schema, "<r>1</r>", 1, "cvc-type.1 /r");
        // So is what is made of that.
        let content = if made.contains("simpleContent") { "simpleContent" } else { "complexContent" };
        let extended = "<xs:complexType name='u'><xs:C><xs:extension base='t'/></xs:C></xs:complexType>";
        let again = schema.replace("type='t'", "type='u'")
            + &if made.contains("complexType") {
                extended.replace("xs:C>", &format!("xs:{content}>"))
            } else {
                simple("<xs:restriction base='t'/>").replace("name='t'", "name='u'")
            };
        used(&again, "<r>1</r>", 1, "cvc-type.1 /r");
    }
    // An attribute of such a type, and a member of a group whose head was not had and gives it its type.
    let list = simple(&format!("<xs:list {o} itemType='o:t'/>"));
    let attribute = format!(
        "{IMPORT}{list}<xs:element name='r'><xs:complexType><xs:attribute name='a' type='t'/></xs:complexType>\
         </xs:element>"
    );
    used(&attribute, "<r/>", 1, "");
    used(&attribute, "<r a='1'/>", 1, "cvc-attribute.2 /r/@a");
    used(
        &format!("{IMPORT}<xs:element name='m' {o} substitutionGroup='o:h'/>"),
        "<m>1</m>",
        1,
        "cvc-type.1 /m",
    );
}

#[test]
fn what_a_schema_cannot_do_without_has_to_be_there() {
    let model = |inner: &str| {
        format!(r#"<xs:element name="r"><xs:complexType>{inner}</xs:complexType></xs:element>"#)
    };
    still_refused(&model(r#"<xs:sequence><xs:element ref="none"/></xs:sequence>"#), "src-resolve.1.3");
    still_refused(&model(r#"<xs:group ref="none"/>"#), "src-resolve.1.5");
    still_refused(&model(r#"<xs:attribute ref="none"/>"#), "src-resolve.1.2");
    still_refused(&model(r#"<xs:attributeGroup ref="none"/>"#), "src-resolve.1.4");
    // The schema namespace is known whole.
    still_refused(r#"<xs:element name="r" type="xs:none"/>"#, "src-resolve.1.1");
    still_refused(
        r#"<xs:simpleType name="s"><xs:restriction base="none"/></xs:simpleType>"#,
        "src-resolve.1.1",
    );
    still_refused(r#"<xs:simpleType name="s"><xs:list itemType="none"/></xs:simpleType>"#, "src-resolve.1.1");
    still_refused(
        r#"<xs:simpleType name="s"><xs:union memberTypes="none"/></xs:simpleType>"#,
        "src-resolve.1.1",
    );
    // A namespace that is not imported is another matter (src-resolve.4).
    still_refused(r#"<xs:element name="r" type="o:t" xmlns:o="urn:o"/>"#, "src-resolve.4.2");
}

#[test]
fn what_is_absent_is_said_in_words() {
    let schema = lenient(&format!(
        r#"{IMPORT}<xs:element name="r" xmlns:o="urn:o" type="o:t"/><xs:element name="s" xmlns:o="urn:o" type="o:t"/>"#
    ));
    let schema = schema.expect("a type may be absent");
    assert_eq!(schema.not_checked(), ["there is no type `{urn:o}t`; the document `o.xsd` could not be had"]);
}
