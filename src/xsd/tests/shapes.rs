//! Schemas of the shape that large trades have, made here, and bounds that they may need to have raised.

use super::{HEAD, validate};
use crate::xsd::{
    Assembler, CompiledSchema, DocumentLimits, NESTING_RAISED_MAX, PATTERN_NESTING_RAISED_MAX, PatternLimits,
    SchemaError, SchemaLimits,
};
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

/// Groups, each holding the one before.
fn groups(count: u32) -> String {
    let mut text = String::from("<xs:group name='g0'><xs:sequence><xs:any/></xs:sequence></xs:group>");
    for number in 1..count {
        let inner = number - 1;
        let _ = write!(
            text,
            "<xs:group name='g{number}'><xs:sequence><xs:group ref='g{inner}'/></xs:sequence></xs:group>"
        );
    }
    text
}

/// Simple types, each restricting the one before.
fn restrictions(count: u32) -> String {
    let mut text = String::from(
        "<xs:simpleType name='s0'><xs:restriction base='xs:anyURI'><xs:minLength value='1'/></xs:restriction>\
         </xs:simpleType>",
    );
    for number in 1..count {
        let base = number - 1;
        let _ =
            write!(text, "<xs:simpleType name='s{number}'><xs:restriction base='s{base}'/></xs:simpleType>");
    }
    text
}

/// Types that extend each other, those that build on others first, so that each waits for the next.
fn extensions(count: u32) -> String {
    let mut text = String::new();
    for number in (1..=count).rev() {
        let base = number - 1;
        let _ = write!(
            text,
            "<xs:complexType name='t{number}'><xs:complexContent><xs:extension base='t{base}'/>\
             </xs:complexContent></xs:complexType>"
        );
    }
    text + "<xs:complexType name='t0'/>"
}

#[test]
fn nesting_may_be_raised_as_far_as_the_stack_bears() {
    let most = NESTING_RAISED_MAX;
    let raised = SchemaLimits {
        definition_depth_max: most,
        model_depth_max: most,
        restriction_chain_max: most as usize,
        pattern: PatternLimits { nesting_max: PATTERN_NESTING_RAISED_MAX, ..PatternLimits::default() },
        ..SchemaLimits::default()
    };
    let nested = |depth: u32, before: &str, within: &str, behind: &str| {
        format!("{}{within}{}", before.repeat(depth as usize), behind.repeat(depth as usize))
    };
    // A document is nested less deep.
    let sequences = nested(250, "<xs:sequence>", "<xs:any/>", "</xs:sequence>");
    for declarations in [
        groups(most),
        restrictions(most - 3),
        extensions(most),
        format!("<xs:element name='r'><xs:complexType>{sequences}</xs:complexType></xs:element>"),
        pattern(&nested(PATTERN_NESTING_RAISED_MAX, "(", "a", ")?")),
        pattern(&nested(PATTERN_NESTING_RAISED_MAX, "(a|", "b", ")?")),
    ] {
        if let Err(error) = within(raised, &declarations) {
            panic!("{}: {error}", &declarations[..100]);
        }
    }
}

#[test]
fn what_is_kept_of_a_document_may_be_lowered() {
    let lowered = |document: DocumentLimits| SchemaLimits { document, ..SchemaLimits::default() };
    let ids = "<xs:element name='r'><xs:complexType><xs:sequence maxOccurs='unbounded'>\
               <xs:element name='a'><xs:complexType><xs:attribute name='id' type='xs:ID'/>\
               <xs:attribute name='of' type='xs:IDREF'/></xs:complexType></xs:element></xs:sequence>\
               </xs:complexType></xs:element>";
    let turns = "<xs:element name='r'><xs:complexType><xs:sequence minOccurs='2' maxOccurs='3'>\
                 <xs:element name='a' minOccurs='2' maxOccurs='3'/></xs:sequence></xs:complexType></xs:element>";
    let default = DocumentLimits::default;
    for (limits, declarations, content, code) in [
        (DocumentLimits { keys_max: 1, ..default() }, ids, "<a id='x'/><a id='y'/>", "limit.keys_max"),
        (
            DocumentLimits { references_max: 1, ..default() },
            ids,
            "<a of='x'/><a of='y'/><a id='x'/><a id='y'/>",
            "limit.references_max",
        ),
        (
            DocumentLimits { configurations_max: 1, ..default() },
            turns,
            "<a/><a/><a/><a/><a/>",
            "limit.configurations_max",
        ),
    ] {
        let document = format!("<r xmlns='urn:t'>{content}</r>");
        let found = |limits| validate(&within(limits, declarations).expect("it compiles"), &document);
        assert!(found(SchemaLimits::default()).is_empty(), "{code}");
        let codes: Vec<_> = found(lowered(limits)).iter().map(|each| each.clause.code()).collect();
        assert_eq!(codes, [code]);
    }
}

/// A schema compiles by default, and under lower limits is refused by the name of the limit.
#[track_caller]
fn lowering(name: &str, lowered: SchemaLimits, declarations: &str) {
    within(SchemaLimits::default(), declarations).unwrap_or_else(|error| panic!("{name}: {error}"));
    let error = within(lowered, declarations).expect_err(name).to_string();
    assert!(error.contains(&format!("(limit `{name}`)")), "{name}: {error}");
}

fn pattern(pattern: &str) -> String {
    format!(
        "<xs:simpleType name='p'><xs:restriction base='xs:string'><xs:pattern value='{pattern}'/></xs:restriction>\
         </xs:simpleType>"
    )
}

#[test]
fn each_bound_on_patterns_may_be_lowered_and_raised() {
    let default = PatternLimits::default;
    let within_patterns = |pattern: PatternLimits| SchemaLimits { pattern, ..SchemaLimits::default() };
    for (name, limits, text) in [
        (
            "pattern_compiled_bytes_max",
            PatternLimits { compiled_bytes_max: 1_000, ..default() },
            "([a-z][0-9]){1,50}",
        ),
        ("pattern_bytes_max", PatternLimits { bytes_max: 2, ..default() }, "abc"),
        ("pattern_nesting_max", PatternLimits { nesting_max: 1, ..default() }, "((a))"),
        ("pattern_repeat_max", PatternLimits { repeat_max: 2, ..default() }, "a{3}"),
    ] {
        lowering(name, within_patterns(limits), &pattern(text));
    }
    let greedy = pattern(r"(\p{L}\p{N}?){1,100000}(\p{N}\p{L}?){1,100000}");
    let raised = SchemaLimits {
        pattern: PatternLimits { compiled_bytes_max: 1 << 30, ..default() },
        work_max: u64::MAX,
        ..SchemaLimits::default()
    };
    assert!(within(SchemaLimits::default(), &greedy).is_err() && within(raised, &greedy).is_ok());
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
        ("path_steps_max", SchemaLimits { path_steps_max: 1, ..limits() }, key("a/b", field)),
        (
            "definition_depth_max",
            SchemaLimits { definition_depth_max: 2, ..limits() },
            model("<xs:sequence><xs:sequence><xs:sequence/></xs:sequence></xs:sequence>"),
        ),
        ("model_depth_max", SchemaLimits { model_depth_max: 1, ..limits() }, groups(2)),
        ("restriction_chain_max", SchemaLimits { restriction_chain_max: 3, ..limits() }, restrictions(2)),
        ("work_max", SchemaLimits { work_max: 100, ..limits() }, model("")),
    ];
    for (name, lowered, declarations) in cases {
        lowering(name, lowered, &declarations);
    }
    let many = vec!["a"; crate::xsd::PATHS_MAX + 1].join("|");
    let raised = SchemaLimits { paths_max: 10_000, ..limits() };
    assert!(within(limits(), &key(&many, field)).is_err() && within(raised, &key(&many, field)).is_ok());
}
