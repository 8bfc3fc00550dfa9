//! Limits: what goes beyond them is too large to keep as a file, so it is made here.

use super::{Told, compile, is_told_alone, told_of_fault, validate};
use feedgate::xsd::{
    Clause, DEFINITION_DEPTH_MAX, DOCUMENTS_MAX, EDGES_MAX, FIELDS_MAX, MODEL_DEPTH_MAX, PATH_STEPS_MAX,
    PATHS_MAX, PATTERN_BYTES_MAX, PATTERN_NESTING_MAX, PATTERN_REPEAT_MAX, POSITIONS_MAX, REFERENCES_MAX,
    RESTRICTION_CHAIN_MAX, Rule, Unresolved, simple::MEMBERS_MAX,
};

/// Limits whose excess takes too long for a test that runs with all others, and where they are tested.
const ELSEWHERE: &[(Clause, &str)] = &[(Clause::KeysLimit, "`src/xsd/validate/keys.rs`")];

/// What goes beyond a limit.
struct Excess {
    code: &'static str,
    schema: String,
    instance: Option<String>,
}

/// The limits that have a case, here or elsewhere.
pub(super) fn codes() -> impl Iterator<Item = String> {
    let elsewhere = ELSEWHERE.iter().map(|(clause, _)| clause.code());
    all().into_iter().map(|each| each.code).chain(elsewhere).map(str::to_owned)
}

/// Where the case of a limit stands.
pub(super) fn place(code: &str) -> Option<&'static str> {
    let elsewhere = ELSEWHERE.iter().find(|(clause, _)| clause.code() == code);
    let here = code.starts_with("limit.").then_some("`tests/suite/clauses/limits.rs`");
    elsewhere.map(|(_, place)| *place).or(here)
}

fn all() -> Vec<Excess> {
    let rule = |rule: Rule, schema: String| Excess { code: rule.code(), schema, instance: None };
    let mut all = vec![
        rule(
            Rule::DocumentsLimit,
            many(DOCUMENTS_MAX, |n| format!(r#"<xs:include schemaLocation="d{n}.xsd"/>"#)),
        ),
        rule(Rule::DefinitionDepthLimit, content(&nested(DEFINITION_DEPTH_MAX as usize + 1, "sequence"))),
        rule(
            Rule::ModelDepthLimit,
            chain(MODEL_DEPTH_MAX as usize + 1, "group", |last| {
                let inner =
                    last.map_or("<xs:any/>".to_owned(), |last| format!(r#"<xs:group ref="n{last}"/>"#));
                format!("<xs:sequence>{inner}</xs:sequence>")
            }),
        ),
        rule(
            Rule::RestrictionChainLimit,
            chain(RESTRICTION_CHAIN_MAX - 1, "simpleType", |last| {
                let base = last.map_or("xs:anyURI".to_owned(), |last| format!("n{last}"));
                format!(r#"<xs:restriction base="{base}"/>"#)
            }),
        ),
        rule(Rule::RestrictionStepsLimit, steps(1_500)),
        rule(
            Rule::PositionsLimit,
            content(&format!("<xs:sequence>{}</xs:sequence>", elements(POSITIONS_MAX + 1))),
        ),
        rule(
            Rule::EdgesLimit,
            content(&format!(
                r#"<xs:choice maxOccurs="unbounded">{}</xs:choice>"#,
                elements(EDGES_MAX.isqrt() + 1)
            )),
        ),
    ];
    all.push(rule(
        Rule::WorkLimit,
        chain(60, "group", |last| {
            let inner = last.map_or(String::new(), |last| format!(r#"<xs:group ref="n{last}"/>"#).repeat(2));
            format!("<xs:sequence>{inner}</xs:sequence>")
        }) + &content(r#"<xs:group ref="n59"/>"#),
    ));
    let members = "xs:date ".repeat(MEMBERS_MAX + 1);
    let union = format!(r#"<xs:simpleType name="t"><xs:union memberTypes="{members}"/></xs:simpleType>"#);
    all.push(rule(Rule::MembersLimit, union));
    for (limit, selector, fields) in [
        (Rule::PathsLimit, vec!["a"; PATHS_MAX + 1].join("|"), 1),
        (Rule::PathStepsLimit, vec!["a"; PATH_STEPS_MAX + 1].join("/"), 1),
        (Rule::FieldsLimit, "a".to_owned(), FIELDS_MAX + 1),
    ] {
        let fields = r#"<xs:field xpath="@a"/>"#.repeat(fields);
        let key = format!(r#"<xs:key name="k"><xs:selector xpath="{selector}"/>{fields}</xs:key>"#);
        all.push(rule(limit, format!(r#"<xs:element name="r">{key}</xs:element>"#)));
    }
    let nesting = PATTERN_NESTING_MAX as usize + 1;
    for (limit, pattern) in [
        (Rule::PatternBytesLimit, "a".repeat(PATTERN_BYTES_MAX + 1)),
        (Rule::PatternNestingLimit, format!("{}a{}", "(".repeat(nesting), ")".repeat(nesting))),
        (Rule::PatternRepeatLimit, format!("a{{{}}}", PATTERN_REPEAT_MAX + 1)),
        (Rule::PatternCompiledLimit, "((a{1000}){1000}){1000}".to_owned()),
    ] {
        let facet = format!(r#"<xs:pattern value="{pattern}"/>"#);
        let restriction = format!(r#"<xs:restriction base="xs:string">{facet}</xs:restriction>"#);
        all.push(rule(limit, format!(r#"<xs:simpleType name="t">{restriction}</xs:simpleType>"#)));
    }
    let turns = r#"minOccurs="200" maxOccurs="300""#;
    all.push(Excess {
        code: Clause::ConfigurationsLimit.code(),
        schema: content(&format!(r#"<xs:sequence {turns}><xs:element name="a" {turns}/></xs:sequence>"#)),
        instance: Some("<a/>".repeat(3_000)),
    });
    all.push(Excess {
        code: Clause::ReferencesLimit.code(),
        schema: r#"<xs:element name="r" type="xs:IDREFS"/>"#.to_owned(),
        instance: Some(many(REFERENCES_MAX + 1, |n| format!("i{n} "))),
    });
    all
}

fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

fn content(model: &str) -> String {
    format!(r#"<xs:element name="r"><xs:complexType>{model}</xs:complexType></xs:element>"#)
}

fn elements(count: usize) -> String {
    many(count, |n| format!(r#"<xs:element name="e{n}"/>"#))
}

fn nested(depth: usize, group: &str) -> String {
    let (open, close) = (format!("<xs:{group}>"), format!("</xs:{group}>"));
    format!("{}<xs:any/>{}", open.repeat(depth), close.repeat(depth))
}

/// Components of a kind, each made of the one before.
fn chain(length: usize, kind: &str, inside: impl Fn(Option<usize>) -> String) -> String {
    many(length, |n| format!(r#"<xs:{kind} name="n{n}">{}</xs:{kind}>"#, inside(n.checked_sub(1))))
}

/// A choice restricted to a sequence of its alternatives from the last to the first: each is looked for
/// from the first on.
fn steps(count: usize) -> String {
    let reversed = many(count, |n| format!(r#"<xs:element name="e{}"/>"#, count - 1 - n));
    let (base, own) = (elements(count), format!("<xs:sequence>{reversed}</xs:sequence>"));
    let base = format!(r#"<xs:choice maxOccurs="unbounded">{base}</xs:choice>"#);
    let derived =
        format!(r#"<xs:complexContent><xs:restriction base="b">{own}</xs:restriction></xs:complexContent>"#);
    format!(
        r#"<xs:complexType name="b">{base}</xs:complexType><xs:complexType name="d">{derived}</xs:complexType>"#
    )
}

fn told(excess: &Excess) -> Vec<Told> {
    let head = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#;
    let schema = format!("{head}{}</xs:schema>", excess.schema);
    let other = |_: &str| Some(format!("{head}</xs:schema>").into_bytes());
    match (compile(Unresolved::Refused, "limit.xsd", schema.as_bytes(), other), &excess.instance) {
        (Err(error), _) => error.faults.iter().map(told_of_fault).collect(),
        (Ok(_), None) => Vec::new(),
        (Ok(schema), Some(inside)) => validate(&schema, "limit.xml", format!("<r>{inside}</r>").as_bytes()),
    }
}

#[test]
fn each_limit_is_told_by_its_name() {
    for excess in all() {
        let told = told(&excess);
        let name = format!("`{}`", excess.code.trim_start_matches("limit."));
        let named = |each: &Told| each.code != excess.code || each.sentence.contains(&name);
        let first: Vec<_> = told.iter().take(3).map(|each| (each.code, &each.sentence)).collect();
        assert!(
            is_told_alone(excess.code, &told) && told.iter().all(named),
            "{}: told {first:?}",
            excess.code
        );
    }
}
