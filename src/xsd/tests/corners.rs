//! Corners of the Recommendation that other validators answer differently from each other.

use super::{case, compile, content, refused};

/// A base type `b`, then a type `d` derived from it.
fn derived(base: &str, step: &str) -> String {
    format!(
        "<xs:complexType name='b' {base}</xs:complexType><xs:complexType name='d'>\
         <xs:complexContent mixed='true'>{step}</xs:complexContent></xs:complexType>"
    )
}

#[test]
fn what_may_not_occur_is_looked_at_all_the_same() {
    let never = |particle: &str| content(&format!("<xs:sequence>{particle}</xs:sequence>"));
    refused(&never(r#"<xs:element ref="nope" minOccurs="0" maxOccurs="0"/>"#), "src-resolve.1.3");
    refused(
        &never(
            r#"<xs:sequence minOccurs="0" maxOccurs="0"><xs:element name="a" minOccurs="3"/></xs:sequence>"#,
        ),
        "p-props-correct.2.1",
    );
}

#[test]
fn content_is_empty_by_what_is_written_not_by_what_is_left() {
    let never = r#"<xs:element name="a" minOccurs="0" maxOccurs="0"/>"#;
    case(&content(&format!("<xs:sequence>{never}</xs:sequence>")), "<r> </r>", "");
    case(&content("<xs:sequence/>"), "<r> </r>", "cvc-complex-type.2.1 /r");
    let group = r#"<xs:group name="g"><xs:sequence/></xs:group>"#;
    case(&(group.to_owned() + &content(r#"<xs:group ref="g"/>"#)), "<r> </r>", "");
}

#[test]
fn mixed_content_without_a_group_is_an_empty_sequence() {
    let all = r#"<xs:extension base="b"><xs:all><xs:element name="a"/></xs:all></xs:extension>"#;
    refused(&derived(r#"mixed="true">"#, all), "cos-all-limited.1.2");
    let never = "<xs:restriction base='b'><xs:sequence><xs:element name='a' minOccurs='0' maxOccurs='0'/>\
        </xs:sequence></xs:restriction>";
    assert!(compile(&derived(r#"mixed="true">"#, never)).is_ok());
    refused(&derived(">", never), "derivation-ok-restriction.5.4.1.2");
}

#[test]
fn notation_is_used_through_an_enumeration_only() {
    refused(r#"<xs:element name="r" type="xs:NOTATION"/>"#, "enumeration-required-notation");
    refused(r#"<xs:attribute name="r" type="xs:NOTATION"/>"#, "enumeration-required-notation");
    let enumerated = "<xs:notation name='n' public='n'/><xs:attribute name='r'><xs:simpleType>\
        <xs:restriction base='xs:NOTATION'><xs:enumeration value='n'/></xs:restriction></xs:simpleType>\
        </xs:attribute>";
    assert!(compile(enumerated).is_ok());
}

#[test]
fn one_attribute_group_may_be_met_twice() {
    let group = r#"<xs:attributeGroup name="g"><xs:attribute name="a"/></xs:attributeGroup>"#;
    let twice = r#"<xs:attributeGroup ref="g"/><xs:attributeGroup ref="g"/>"#;
    case(&(group.to_owned() + &content(twice)), r#"<r a="1"/>"#, "");
    let own = r#"<xs:attributeGroup ref="g"/><xs:attribute name="a"/>"#;
    refused(&(group.to_owned() + &content(own)), "ct-props-correct.4");
}

#[test]
fn nil_is_a_matter_of_the_declaration() {
    let any = content(r#"<xs:sequence><xs:any processContents="lax"/></xs:sequence>"#);
    case(&any, r#"<r><undeclared xsi:nil="true">text</undeclared></r>"#, "");
}

#[test]
fn attributes_of_the_xml_namespace_have_the_types_of_its_schema() {
    let import = r#"<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>"#;
    let uses = r#"<xs:attribute ref="xml:lang"/><xs:attribute ref="xml:space"/>"#;
    let schema = import.to_owned() + &content(uses);
    case(&schema, r#"<r xml:lang="" xml:space="preserve"/>"#, "");
    case(&schema, r#"<r xml:space="kept"/>"#, "cvc-enumeration-valid /r/@xml:space");
}

#[test]
fn paths_know_the_prefix_xml_and_end_with_a_name() {
    let unique = |field: &str| {
        format!(
            "<xs:element name='r'><xs:unique name='u'><xs:selector xpath='*'/>\
             <xs:field xpath='{field}'/></xs:unique></xs:element>"
        )
    };
    assert!(compile(&unique("@xml:lang")).is_ok());
    refused(&unique("@."), "c-fields-xpaths.2");
}

/// Rows `k`, each with attributes `v` (1 by default) and children `v`, unique by `field`.
#[track_caller]
fn rows(field: &str, rows: &str, expected: &str) {
    let schema = format!(
        "<xs:element name='r'><xs:complexType><xs:sequence>\
         <xs:element name='k' maxOccurs='9' nillable='true'><xs:complexType><xs:sequence>\
         <xs:element name='v' type='xs:int' nillable='true' minOccurs='0' maxOccurs='2'/></xs:sequence>\
         <xs:attribute name='v' type='xs:int' default='1'/></xs:complexType></xs:element></xs:sequence>\
         </xs:complexType><xs:unique name='u'><xs:selector xpath='*'/>\
         <xs:field xpath='{field}'/></xs:unique></xs:element>"
    );
    case(&schema, &format!("<r>{rows}</r>"), expected);
}

#[test]
fn fields_see_every_node_they_select() {
    rows("@*", r#"<k v="2"/><k/>"#, "");
    rows("@*", r#"<k v="1"/><k/>"#, "cvc-identity-constraint.4.1 /r/k[2]");
    rows("@*", r#"<k v="2" xsi:nil="true"/>"#, "cvc-identity-constraint.3 /r/k");
    rows("@*|@*", r#"<k v="2" xsi:nil="true"/>"#, "cvc-identity-constraint.3 /r/k");
    rows("*", r#"<k><v xsi:nil="true"/></k>"#, "");
    rows("*", r#"<k><v xsi:nil="true"/><v>1</v></k>"#, "cvc-identity-constraint.3 /r/k/v[2]");
    rows("*", r#"<k><v>1</v><v xsi:nil="true"/></k>"#, "cvc-identity-constraint.3 /r/k/v[2]");
}

#[test]
fn a_node_that_several_paths_reach_is_one_node() {
    for field in ["@v|@v", "@v|@*", "@*|./@v"] {
        rows(field, r#"<k v="2"/><k/>"#, "");
        rows(field, r#"<k v="1"/><k/>"#, "cvc-identity-constraint.4.1 /r/k[2]");
    }
    for field in ["*|*", "*|./*", ".//*|*"] {
        rows(field, "<k><v>1</v></k><k><v>2</v></k>", "");
        rows(field, "<k><v>1</v></k><k><v>1</v></k>", "cvc-identity-constraint.4.1 /r/k[2]");
        rows(field, r#"<k><v xsi:nil="true"/></k>"#, "");
        rows(field, "<k><v>1</v><v>2</v></k>", "cvc-identity-constraint.3 /r/k/v[2]");
    }
    rows("@v|*", "<k v='1'><v>2</v></k>", "cvc-identity-constraint.3 /r/k/v");
}

/// `a.xsd` redefines the type `t` of `first`; `b.xsd` brings `a.xsd` in by `back`.
fn circular(first: &str, back: &str) -> Vec<&'static str> {
    use super::HEAD;
    use crate::xsd::Assembler;
    let own = "<xs:simpleType name='t'><xs:restriction base='t'/></xs:simpleType>";
    let a = format!(
        "{HEAD}<xs:redefine schemaLocation='{first}'>{own}</xs:redefine><xs:element name='r' type='t'/></xs:schema>"
    );
    let b = format!(
        "{HEAD}{back}<xs:simpleType name='t'><xs:restriction base='xs:string'/></xs:simpleType></xs:schema>"
    );
    let mut assembler = Assembler::new();
    assembler.add("a.xsd", a.as_bytes());
    while let Some(request) = assembler.missing() {
        let text = if &*request.location == "a.xsd" { &a } else { &b };
        assembler.add(&request.location, text.as_bytes());
    }
    let faults = assembler.finish().map_or_else(|error| error.faults, |_| Vec::new());
    faults.iter().map(|fault| fault.rule.code()).collect()
}

#[test]
fn a_circular_redefinition_is_refused() {
    assert_eq!(circular("b.xsd", ""), [""; 0]);
    assert_eq!(circular("b.xsd", "<xs:include schemaLocation='a.xsd'/>"), ["sch-props-correct.2"]);
    assert_eq!(circular("b.xsd", "<xs:redefine schemaLocation='a.xsd'/>"), ["sch-props-correct.2"]);
    assert_eq!(circular("a.xsd", ""), ["sch-props-correct.2"]);
}
