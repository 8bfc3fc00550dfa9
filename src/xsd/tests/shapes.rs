//! Schemas of the shape that large trades have, made here, and bounds that they may need to have raised.

use super::{HEAD, validate};
use crate::xsd::{Assembler, CompiledSchema, SchemaError, SchemaLimits};
use std::fmt::Write as _;
use std::sync::Arc;

fn within(limits: SchemaLimits, declarations: &str) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.set_limits(limits);
    assembler.add("test.xsd", format!("{HEAD}{declarations}</xs:schema>").as_bytes());
    assert!(assembler.missing().is_none(), "the test's schema asks for another document");
    assembler.finish()
}

/// Many elements of one substitution group, and keys over all of them: the shape of `NeTEx`.
fn frames(elements: usize, keys: usize) -> String {
    let mut text = String::from(
        "<xs:complexType name='T'><xs:sequence/><xs:attribute name='id'/><xs:attribute name='version'/>\
         </xs:complexType><xs:element name='H' type='T' abstract='true'/>",
    );
    for number in 0..elements {
        let _ = write!(text, "<xs:element name='E{number}' type='T' substitutionGroup='H'/>");
    }
    text.push_str(
        "<xs:element name='r'><xs:complexType><xs:sequence>\
         <xs:element ref='H' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType>",
    );
    let paths: Vec<_> = (0..elements).map(|number| format!(".//n:E{number} | n:g/n:E{number}")).collect();
    for number in 0..keys {
        let _ = write!(
            text,
            "<xs:unique name='k{number}' xmlns:n='urn:t'><xs:selector xpath='{}'/><xs:field xpath='@id | @name'/>\
             <xs:field xpath='@version'/></xs:unique>",
            paths.join(" | ")
        );
    }
    text + "</xs:element>"
}

#[test]
fn many_keys_over_many_elements_compile_and_are_checked() {
    // What is left to the default, a fifth of it is enough.
    let limits = SchemaLimits { work_max: 40_000_000, ..SchemaLimits::default() };
    let schema = within(limits, &frames(400, 50)).expect("it compiles");
    let found = validate(
        &schema,
        "<r xmlns='urn:t'><E7 id='a' version='1'/><E399 id='b' version='1'/><E8 id='a' version='1'/><E9 id='a'/></r>",
    );
    assert_eq!(found.len(), 50, "one of each key");
    assert!(found.iter().all(|each| each.path.ends_with("E8")), "{found:?}");
}

/// Texts of bounded length with blanks around, in many types: the shape of `BMEcat`.
fn texts(types: usize) -> String {
    let mut text = String::new();
    for number in 0..types {
        let length = 10 + 97 * number % 5_000;
        let pattern = [
            format!(r"\w{{1,{length}}}"),
            format!(r"\s*\w{{1,{length}}}"),
            format!(r"[\w\-]{{1,{length}}}\s*"),
            format!(r"\S{{1,{length}}}(\s\S{{1,{length}}})?"),
        ];
        let _ = write!(
            text,
            "<xs:simpleType name='t{number}'><xs:restriction base='xs:string'><xs:pattern value='{}'/>\
             </xs:restriction></xs:simpleType>",
            pattern[number % 4]
        );
    }
    text + "<xs:element name='r' type='t1'/>"
}

#[test]
fn texts_of_bounded_length_cost_little() {
    // Steps and bytes together: some 0.2 s and 30 MB.
    let limits = SchemaLimits { work_max: 30_000_000, ..SchemaLimits::default() };
    let schema = within(limits, &texts(200)).expect("it compiles");
    assert!(validate(&schema, "<r xmlns='urn:t'>  abc</r>").is_empty());
    assert_eq!(validate(&schema, "<r xmlns='urn:t'>a b</r>").len(), 1);
}

#[test]
fn each_bound_may_be_lowered_and_raised() {
    let model =
        |inner: &str| format!("<xs:element name='r'><xs:complexType>{inner}</xs:complexType></xs:element>");
    let key = |selector: &str, field: &str| {
        format!(
            "<xs:element name='r'><xs:key name='k'><xs:selector xpath='{selector}'/>{field}</xs:key></xs:element>"
        )
    };
    let field = "<xs:field xpath='@a'/>";
    let elements: String = ["a", "b", "c"].map(|name| format!("<xs:element name='{name}'/>")).concat();
    let restricted = "<xs:complexType name='b'><xs:sequence><xs:element name='a' minOccurs='0'/><xs:element name='c'/>\
         </xs:sequence></xs:complexType><xs:complexType name='d'><xs:complexContent><xs:restriction base='b'>\
         <xs:sequence><xs:element name='c'/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>";
    let limits = SchemaLimits::default;
    let pattern = |pattern: &str| {
        format!(
            "<xs:simpleType name='p'><xs:restriction base='xs:string'><xs:pattern value='{pattern}'/></xs:restriction>\
             </xs:simpleType>"
        )
    };
    let cases = [
        (
            "positions_max",
            SchemaLimits { positions_max: 2, ..limits() },
            model(&format!("<xs:sequence>{elements}</xs:sequence>")),
        ),
        (
            "edges_max",
            SchemaLimits { edges_max: 1, ..limits() },
            model(&format!("<xs:sequence>{elements}</xs:sequence>")),
        ),
        (
            "members_max",
            SchemaLimits { members_max: 1, ..limits() },
            "<xs:simpleType name='u'><xs:union memberTypes='xs:int xs:date'/></xs:simpleType>".to_owned(),
        ),
        ("paths_max", SchemaLimits { paths_max: 1, ..limits() }, key("a|b", field)),
        ("fields_max", SchemaLimits { fields_max: 1, ..limits() }, key("a", &field.repeat(2))),
        (
            "restriction_steps_max",
            SchemaLimits { restriction_steps_max: 1, ..limits() },
            restricted.to_owned(),
        ),
        (
            "pattern_compiled_bytes_max",
            SchemaLimits { pattern_compiled_bytes_max: 1_000, ..limits() },
            pattern("([a-z][0-9]){1,50}"),
        ),
        ("work_max", SchemaLimits { work_max: 100, ..limits() }, model("")),
    ];
    for (name, lowered, declarations) in cases {
        within(limits(), &declarations).unwrap_or_else(|error| panic!("{name}: {error}"));
        let error = within(lowered, &declarations).expect_err(name).to_string();
        assert!(error.contains(&format!("(limit `{name}`)")), "{name}: {error}");
    }
    let greedy = pattern(r"(\p{L}\p{N}?){1,1500}");
    let raised = SchemaLimits { pattern_compiled_bytes_max: 1 << 30, work_max: u64::MAX, ..limits() };
    assert!(within(limits(), &greedy).is_err() && within(raised, &greedy).is_ok());
    let many = vec!["a"; crate::xsd::PATHS_MAX + 1].join("|");
    let raised = SchemaLimits { paths_max: 10_000, ..limits() };
    assert!(within(limits(), &key(&many, field)).is_err() && within(raised, &key(&many, field)).is_ok());
}
