//! Schemas and documents that are made to do harm: each ends in a limit that is named, or in a verdict,
//! within bounded time and memory.
//!
//! Each case runs in a process of its own (this program again, asked for one case), so that a stack that
//! overflows or memory that runs out fails that case and is told by its name.

use feedgate::xml::{Cursor, Limits, XmlError};
use feedgate::xsd::{Assembler, CompiledSchema, DeviationBuffer, SchemaError, SchemaFault, Validator};
use rayon::prelude::*;
use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// The one who asks names the case here.
const ASKED: &str = "FEEDGATE_TEST_HOSTILE";
/// Most memory of a case.
const MEMORY_MIB_MAX: u64 = 256;
/// Runs the program with bounds that the system enforces: 20 s of processor time, however busy the
/// machine is, without optimisation; and 1 GiB of addresses, so that nothing else suffers.
const BOUNDED: &str = r#"ulimit -t 20; ulimit -v 1048576; exec "$0" "$@""#;

/// A case: what it is called, its documents (the main schema document first), what becomes of it.
struct Case {
    name: &'static str,
    documents: fn() -> Vec<String>,
    instance: Option<fn() -> String>,
    expected: &'static str,
}

const fn schema(name: &'static str, documents: fn() -> Vec<String>, expected: &'static str) -> Case {
    Case { name, documents, instance: None, expected }
}

const fn document(
    name: &'static str,
    documents: fn() -> Vec<String>,
    instance: fn() -> String,
    expected: &'static str,
) -> Case {
    Case { name, documents, instance: Some(instance), expected }
}

#[test]
fn whatever_is_made_to_do_harm_ends_in_a_verdict() {
    let this = std::env::current_exe().expect("the test program has a path");
    let wrong: Vec<String> = CASES.par_iter().filter_map(|case| run(&this, case)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Why a case went wrong, if it did.
fn run(this: &std::path::Path, case: &Case) -> Option<String> {
    let begin = Instant::now();
    let output = Command::new("sh")
        .args(["-c", BOUNDED])
        .arg(this)
        .args(["--exact", "hostile::one_case", "--ignored", "--nocapture"])
        .env(ASKED, case.name)
        .output()
        .expect("the test program runs");
    let elapsed = begin.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    let value = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
    let Some(verdict) = value("verdict: ") else {
        let why = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{}: no verdict ({}): {}", case.name, output.status, why.trim()));
    };
    let memory: u64 = value("memory: ").and_then(|text| text.parse().ok()).unwrap_or(0);
    eprintln!("{:40} {:6.2} s {memory:5} MiB  {verdict}", case.name, elapsed.as_secs_f64());
    if !verdict.starts_with(case.expected) {
        return Some(format!("{}: expected `{}`, got `{verdict}`", case.name, case.expected));
    }
    (memory > MEMORY_MIB_MAX).then(|| format!("{}: {memory} MiB", case.name))
}

/// Runs the case that is asked for, in the process that was started for it.
#[test]
#[ignore = "started by the other test, with a case to run"]
fn one_case() {
    let Ok(name) = std::env::var(ASKED) else { return };
    let case = CASES.iter().find(|case| case.name == name).expect("only known cases are asked for");
    let verdict = verdict(case);
    println!("\nverdict: {verdict}\nmemory: {}", memory_mib());
}

/// Most memory the process has had; 0 where the system does not tell.
fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|text| text.trim().strip_suffix(" kB")).and_then(|text| text.trim().parse().ok());
    kib.unwrap_or(0_u64) / 1024
}

fn verdict(case: &Case) -> String {
    match compile(&(case.documents)()) {
        Err(error) => {
            let named = |fault: &SchemaFault| {
                let by_code = fault.rule.code().strip_prefix("limit.");
                by_code.or_else(|| limit_in(&fault.sentence)).map(str::to_owned)
            };
            let limit = error.faults.iter().find_map(named);
            let code = error.faults[0].rule.code();
            let kind = limit.map_or_else(|| format!("refused {code}"), |name| format!("limit {name}"));
            let first: String = error.faults[0].to_string().chars().take(200).collect();
            format!("{kind}: {} faults, {first}", error.faults.len())
        }
        Ok(schema) => case.instance.map_or_else(
            || format!("accepted {:?}", schema.size()),
            |instance| validate(&schema, &instance()),
        ),
    }
}

/// The limit that a sentence names.
fn limit_in(sentence: &str) -> Option<&str> {
    let (_, rest) = sentence.split_once("limit `")?;
    rest.split_once('`').map(|(name, _)| name)
}

fn compile(documents: &[String]) -> Result<Arc<CompiledSchema>, SchemaError> {
    let mut assembler = Assembler::new();
    assembler.add("0.xsd", documents[0].as_bytes());
    while let Some(request) = assembler.missing() {
        let number = request.location.trim_end_matches(".xsd").parse::<usize>();
        match number.ok().and_then(|number| documents.get(number)) {
            Some(document) => assembler.add(&request.location, document.as_bytes()),
            None => assembler.unavailable(&request, "there is no such document"),
        }
    }
    assembler.finish()
}

fn validate(schema: &Arc<CompiledSchema>, instance: &str) -> String {
    let mut cursor = Cursor::new(instance.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    let mut found = DeviationBuffer::with_limit(1_000);
    let (mut count, mut first, mut limit) = (0_u64, String::new(), None);
    let mut take = |found: &mut DeviationBuffer| {
        for each in found.drain() {
            count += 1;
            limit = limit.take().or_else(|| limit_in(&each.sentence).map(str::to_owned));
            if first.is_empty() {
                first = each.to_string().chars().take(200).collect();
            }
        }
    };
    let end = cursor.for_each_event(|event| {
        validator.event(&event, &mut found);
        take(&mut found);
        Ok::<(), XmlError>(())
    });
    validator.finish(&mut found);
    take(&mut found);
    match (end, limit) {
        (Err(error), _) => match limit_in(&error.to_string()) {
            Some(name) => format!("limit {name}"),
            None => format!("not well-formed: {error}"),
        },
        (Ok(()), Some(name)) => format!("limit {name}: {count} deviations, {first}"),
        (Ok(()), None) if count == 0 => "valid".to_owned(),
        (Ok(()), None) => format!("invalid: {count} deviations, {first}"),
    }
}

const HEAD: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#;

fn one(declarations: &str) -> Vec<String> {
    vec![format!("{HEAD}{declarations}</xs:schema>")]
}

/// `piece` for each number from 0 up; `#` stands for the number, `@` for the one before it.
fn many(count: usize, piece: &str) -> String {
    let mut text = String::new();
    for number in 0..count {
        let before = number.saturating_sub(1);
        let piece = piece.replace('#', &number.to_string()).replace('@', &before.to_string());
        text.push_str(&piece);
    }
    text
}

/// `inner` in `count` nested pairs of `open` and `close`.
fn nested(count: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(count), close.repeat(count))
}

/// A root element with the content model or other content of its type.
fn root(content: &str) -> String {
    format!(r#"<xs:element name="r"><xs:complexType>{content}</xs:complexType></xs:element>"#)
}

fn simple(name: &str, content: &str) -> String {
    format!(r#"<xs:simpleType name="{name}">{content}</xs:simpleType>"#)
}

fn restricted(name: &str, base: &str, facets: &str) -> String {
    simple(name, &format!(r#"<xs:restriction base="{base}">{facets}</xs:restriction>"#))
}

fn pattern(value: &str) -> String {
    one(&restricted("t", "xs:string", &format!(r#"<xs:pattern value="{value}"/>"#))).remove(0)
}

/// Groups each of which holds the next one twice; `last` is what the innermost holds.
fn doubling(levels: usize, occurs: &str, last: &str) -> String {
    let mut text = String::new();
    for number in 0..levels {
        let next = number + 1;
        let pair = format!(r#"<xs:group ref="g{next}" {occurs}/>"#).repeat(2);
        write!(text, r#"<xs:group name="g{number}"><xs:sequence>{pair}</xs:sequence></xs:group>"#).unwrap();
    }
    write!(text, r#"<xs:group name="g{levels}"><xs:sequence>{last}</xs:sequence></xs:group>"#).unwrap();
    text + &root(r#"<xs:group ref="g0"/>"#)
}

const CASES: &[Case] = &[
    // Nesting and chains.
    schema(
        "nested sequences",
        || one(&root(&nested(240, "<xs:sequence>", r#"<xs:element name="a"/>"#, "</xs:sequence>"))),
        "",
    ),
    schema(
        "nested too deep for a document",
        || one(&root(&nested(300, "<xs:sequence>", "", "</xs:sequence>"))),
        "limit depth_max",
    ),
    schema(
        "nested anonymous types",
        || {
            let open = r#"<xs:element name="a"><xs:complexType><xs:sequence>"#;
            one(&nested(80, open, "", "</xs:sequence></xs:complexType></xs:element>"))
        },
        "accepted",
    ),
    schema(
        "nested simple types",
        || {
            let open = "<xs:simpleType><xs:union memberTypes=\"xs:int\">";
            one(&simple(
                "t",
                &format!("<xs:union>{}</xs:union>", nested(120, open, "", "</xs:union></xs:simpleType>")),
            ))
        },
        "accepted",
    ),
    schema(
        "chain of groups",
        || {
            one(&(many(
                10_000,
                r#"<xs:group name="g#"><xs:sequence><xs:group ref="g@"/></xs:sequence></xs:group>"#,
            )
            .replacen("<xs:group ref=\"g0\"/>", "", 1)))
        },
        "",
    ),
    schema(
        "chain of groups, last first",
        || {
            let mut text = String::new();
            for number in 0..10_000 {
                write!(
                    text,
                    "<xs:group name='g{number}'><xs:sequence><xs:group ref='g{}'/></xs:sequence></xs:group>",
                    number + 1
                )
                .unwrap();
            }
            one(&(text + r#"<xs:group name="g10000"><xs:sequence/></xs:group>"#))
        },
        "limit definition_depth_max",
    ),
    schema(
        "chain of attribute groups",
        || {
            one(&many(
                10_000,
                "<xs:attributeGroup name='g#'><xs:attribute name='a#'/>\
                 <xs:attributeGroup ref='g@'/></xs:attributeGroup>",
            )
            .replacen("<xs:attributeGroup ref='g0'/>", "", 1))
        },
        "limit",
    ),
    schema(
        "chain of extensions",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:extension base='t@'>\
                 <xs:attribute name='a#'/></xs:extension></xs:complexContent></xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of extensions, last first",
        || {
            let mut text = String::new();
            for number in 0..20_000 {
                write!(
                    text,
                    "<xs:complexType name='t{number}'><xs:complexContent>\
                     <xs:extension base='t{}'/></xs:complexContent></xs:complexType>",
                    number + 1
                )
                .unwrap();
            }
            one(&(text + r#"<xs:complexType name="t20000"/>"#))
        },
        "limit",
    ),
    schema(
        "chain of extensions with content",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:extension base='t@'><xs:sequence>\
                 <xs:element name='a#'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of restrictions",
        || {
            one(&many(
                20_000,
                "<xs:complexType name='t#'><xs:complexContent><xs:restriction base='t@'><xs:sequence>\
                 <xs:element name='a' minOccurs='0'/></xs:sequence></xs:restriction></xs:complexContent>\
                 </xs:complexType>",
            )
            .replacen("base='t0'", "base='xs:anyType'", 1))
        },
        "limit",
    ),
    schema(
        "chain of simple restrictions",
        || {
            one(&many(
                20_000,
                "<xs:simpleType name='t#'><xs:restriction base='t@'>\
                 <xs:pattern value='a*'/></xs:restriction></xs:simpleType>",
            )
            .replacen("base='t0'", "base='xs:string'", 1))
        },
        "limit",
    ),
    schema(
        "many types of many patterns",
        || {
            let chain = many(
                60,
                "<xs:simpleType name='t#'><xs:restriction base='t@'>\
                 <xs:pattern value='a*'/></xs:restriction></xs:simpleType>",
            )
            .replacen("base='t0'", "base='xs:string'", 1);
            one(&(chain
                + &many(20_000, r#"<xs:simpleType name="u#"><xs:restriction base="t59"/></xs:simpleType>"#)))
        },
        "accepted",
    ),
    schema(
        "chain of substitution groups",
        || {
            one(&many(100_000, r#"<xs:element name="e#" substitutionGroup="e@"/>"#).replacen(
                "substitutionGroup=\"e0\"",
                "",
                1,
            ))
        },
        "limit",
    ),
    schema(
        "chain of substitution groups, last first",
        || {
            let mut text = String::new();
            for number in 0..100_000 {
                write!(text, r#"<xs:element name="e{number}" substitutionGroup="e{}"/>"#, number + 1)
                    .unwrap();
            }
            one(&(text + r#"<xs:element name="e100000"/>"#))
        },
        "limit",
    ),
    schema(
        "chain of includes",
        || {
            let mut documents = Vec::new();
            for number in 1..=2_000 {
                documents.push(format!(r#"{HEAD}<xs:include schemaLocation="{number}.xsd"/></xs:schema>"#));
            }
            documents
        },
        "limit documents_max",
    ),
    schema(
        "circle of includes",
        || {
            let mut documents = Vec::new();
            for number in 0..100 {
                documents.push(format!(
                    "{HEAD}<xs:include schemaLocation='{}.xsd'/>\
                     <xs:include schemaLocation='{}.xsd'/></xs:schema>",
                    (number + 1) % 100,
                    (number + 50) % 100
                ));
            }
            documents
        },
        "accepted",
    ),
    schema(
        "chain of redefinitions",
        || {
            let mut documents = Vec::new();
            for number in 1..=300 {
                documents.push(format!(
                    "{HEAD}<xs:redefine schemaLocation='{number}.xsd'><xs:complexType name='t'>\
                     <xs:complexContent><xs:extension base='t'/></xs:complexContent></xs:complexType>\
                     </xs:redefine></xs:schema>"
                ));
            }
            documents.push(format!(r#"{HEAD}<xs:complexType name="t"/></xs:schema>"#));
            documents
        },
        "limit definition_depth_max",
    ),
    schema(
        "one document for many namespaces",
        || {
            let mut main = String::from(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#);
            let mut documents = vec![String::new()];
            for number in 1..=400 {
                write!(main, r#"<xs:import namespace="urn:{number}" schemaLocation="{number}.xsd"/>"#)
                    .unwrap();
                documents.push(format!(
                    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:{number}'>\
                     <xs:include schemaLocation='401.xsd'/></xs:schema>"
                ));
            }
            documents[0] = main + "</xs:schema>";
            documents.push(format!(
                "{HEAD}{}</xs:schema>",
                many(20_000, r#"<xs:element name="e#" type="xs:string"/>"#)
            ));
            documents
        },
        "limit",
    ),
    schema(
        "many imports and references",
        || {
            one(&(many(20_000, r#"<xs:import namespace="urn:#"/>"#)
                + &many(20_000, r#"<xs:element name="e#" type="xs:string"/>"#)))
        },
        "accepted",
    ),
    schema(
        "bindings on every element",
        || {
            let mut text = String::from(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema""#);
            for number in 0..250 {
                write!(text, r#" xmlns:p{number}="urn:namespace:{number}""#).unwrap();
            }
            vec![text + ">" + &many(30_000, r#"<xs:element name="e#" xmlns:q="u"/>"#) + "</xs:schema>"]
        },
        "",
    ),
    schema("very many faults", || one(&"<xs:group/>".repeat(200_000)), "refused s4s"),
    schema("very many elements", || one(&many(300_000, r#"<xs:element name="e#"/>"#)), "limit work_max"),
    schema(
        "a very long name",
        || {
            one(&"<xs:complexType name='NAME'><xs:sequence><xs:any minOccurs='0'/>\
                <xs:any/></xs:sequence></xs:complexType>"
                .replace("NAME", &"n".repeat(200_000)))
        },
        "refused",
    ),
    // Circles.
    schema(
        "circular groups",
        || {
            one("<xs:group name='a'><xs:sequence><xs:group ref='b'/></xs:sequence></xs:group>\
                <xs:group name='b'><xs:choice><xs:group ref='a'/></xs:choice></xs:group>")
        },
        "refused mg-props-correct.2",
    ),
    schema(
        "circular attribute groups",
        || {
            one("<xs:attributeGroup name='a'><xs:attributeGroup ref='b'/></xs:attributeGroup>\
                <xs:attributeGroup name='b'><xs:attributeGroup ref='a'/></xs:attributeGroup>")
        },
        "refused",
    ),
    schema(
        "circular complex types",
        || {
            one("<xs:complexType name='a'><xs:complexContent>\
                <xs:extension base='b'/></xs:complexContent></xs:complexType><xs:complexType name='b'>\
                <xs:complexContent><xs:restriction base='a'/></xs:complexContent></xs:complexType>")
        },
        "refused ct-props-correct",
    ),
    schema(
        "circular simple types",
        || one(&(restricted("a", "b", "") + &restricted("b", "a", ""))),
        "refused st-props-correct",
    ),
    schema(
        "circular union",
        || {
            one(&(simple("a", r#"<xs:union memberTypes="b xs:int"/>"#)
                + &simple("b", r#"<xs:union memberTypes="xs:int a"/>"#)))
        },
        "refused",
    ),
    schema("circular list", || one(&simple("a", r#"<xs:list itemType="a"/>"#)), "refused"),
    schema(
        "circular substitution groups",
        || one(r#"<xs:element name="a" substitutionGroup="b"/><xs:element name="b" substitutionGroup="a"/>"#),
        "refused",
    ),
    schema(
        "keyref to itself",
        || {
            one("<xs:element name='a'><xs:keyref name='k' refer='k'><xs:selector xpath='b'/>\
                <xs:field xpath='@c'/></xs:keyref></xs:element>")
        },
        "refused",
    ),
    schema(
        "element of the type it stands in",
        || {
            one("<xs:complexType name='t'><xs:sequence><xs:element name='a' type='t' minOccurs='0'/>\
                </xs:sequence></xs:complexType><xs:element name='r' type='t'/>")
        },
        "accepted",
    ),
    // Model groups.
    schema("doubling groups", || one(&doubling(40, "", r#"<xs:element name="a"/>"#)), "limit"),
    schema("doubling empty groups", || one(&doubling(100, "", "")), "limit"),
    schema(
        "doubling counted groups",
        || one(&doubling(60, r#"minOccurs="1000000" maxOccurs="1000000""#, r#"<xs:element name="a"/>"#)),
        "limit",
    ),
    schema(
        "huge bounds",
        || {
            one(&root(
                "<xs:sequence minOccurs='4294967295' maxOccurs='99999999999999999999999'>\
                 <xs:element name='a' minOccurs='1000000' maxOccurs='4294967296'/>\
                 <xs:element name='b' minOccurs='0' maxOccurs='18446744073709551616'/></xs:sequence>",
            ))
        },
        "accepted",
    ),
    schema(
        "nested huge bounds",
        || {
            let open = r#"<xs:sequence minOccurs="1000000" maxOccurs="1000000">"#;
            one(&root(&nested(100, open, r#"<xs:element name="a"/>"#, "</xs:sequence>")))
        },
        "accepted",
    ),
    schema(
        "wide sequence of optional elements",
        || {
            one(&root(&format!(
                "<xs:sequence>{}</xs:sequence>",
                many(20_000, r#"<xs:element name="e#" minOccurs="0"/>"#)
            )))
        },
        "limit",
    ),
    schema(
        "wide choice without end",
        || {
            one(&root(&format!(
                r#"<xs:choice maxOccurs="unbounded">{}</xs:choice>"#,
                many(1_900, r#"<xs:element name="e#"/>"#)
            )))
        },
        "accepted",
    ),
    schema(
        "many wide choices without end",
        || {
            let choice = format!(
                r#"<xs:group name="g"><xs:choice>{}</xs:choice></xs:group>"#,
                many(1_900, r#"<xs:element name="e#" type="xs:string"/>"#)
            );
            one(&(choice
                + &many(
                    5_000,
                    r#"<xs:complexType name="t#"><xs:group ref="g" maxOccurs="unbounded"/></xs:complexType>"#,
                )))
        },
        "limit",
    ),
    schema(
        "wide choice counted",
        || {
            one(&root(&format!(
                r#"<xs:choice maxOccurs="unbounded">{}</xs:choice>"#,
                many(1_900, r#"<xs:element name="e#" maxOccurs="7"/>"#)
            )))
        },
        "",
    ),
    schema(
        "many elements of one name",
        || {
            one(&root(&format!(
                "<xs:choice>{}</xs:choice>",
                r#"<xs:element name="e" type="xs:string"/>"#.repeat(19_000)
            )))
        },
        "refused cos-nonambig",
    ),
    schema(
        "many elements of one name in order",
        || {
            one(&root(&format!(
                "<xs:sequence>{}</xs:sequence>",
                r#"<xs:element name="e" type="xs:string" maxOccurs="2" minOccurs="2"/>"#.repeat(19_000)
            )))
        },
        "",
    ),
    schema(
        "states that double",
        || {
            one(&root(&format!(
                "<xs:sequence><xs:choice minOccurs='0' maxOccurs='unbounded'>\
                 <xs:any processContents='skip'/></xs:choice>{}</xs:sequence>",
                r#"<xs:any processContents="skip"/>"#.repeat(60)
            )))
        },
        "refused cos-nonambig",
    ),
    schema(
        "wide all group",
        || {
            one(&root(&format!(
                "<xs:all>{}</xs:all>",
                many(20_000, r#"<xs:element name="e#" minOccurs="0"/>"#)
            )))
        },
        "",
    ),
    schema(
        "wide substitution group in many models",
        || {
            let group = r#"<xs:element name="h" type="xs:string"/>"#.to_owned()
                + &many(10_000, r#"<xs:element name="m#" substitutionGroup="h"/>"#);
            one(&(group
                + &many(
                    2_000,
                    "<xs:complexType name='t#'><xs:sequence><xs:element ref='h'/>\
                     <xs:element ref='h' minOccurs='0'/></xs:sequence></xs:complexType>",
                )))
        },
        "limit",
    ),
    schema(
        "restriction of wide choices",
        || {
            let names = many(1_000, r#"<xs:element name="e#" type="xs:string"/>"#);
            let reversed = many(1_000, r#"<xs:element name="f#" type="xs:string"/>"#);
            one(&format!(
                r#"<xs:complexType name="b"><xs:choice minOccurs="0" maxOccurs="unbounded">{names}</xs:choice>
                  </xs:complexType>
            <xs:complexType name="d"><xs:complexContent><xs:restriction base="b">
              <xs:sequence>{reversed}</xs:sequence></xs:restriction></xs:complexContent>
                </xs:complexType>"#
            ))
        },
        "refused",
    ),
    schema(
        "many restrictions of wide choices",
        || {
            let names = many(1_000, r#"<xs:element name="e#" type="xs:string"/>"#);
            let base = format!(
                "<xs:group name='g'><xs:sequence>{names}</xs:sequence></xs:group><xs:complexType name='b'>\
                 <xs:choice minOccurs='0' maxOccurs='unbounded'>{names}</xs:choice></xs:complexType>"
            );
            one(&(base
                + &many(
                    3_000,
                    "<xs:complexType name='t#'><xs:complexContent><xs:restriction base='b'>\
                     <xs:group ref='g'/></xs:restriction></xs:complexContent></xs:complexType>",
                )))
        },
        "limit",
    ),
    // Attributes.
    schema(
        "wide attribute group in many types",
        || {
            let group = format!(
                r#"<xs:attributeGroup name="g">{}</xs:attributeGroup>"#,
                many(2_000, r#"<xs:attribute name="a#"/>"#)
            );
            one(&(group
                + &many(
                    20_000,
                    r#"<xs:complexType name="t#"><xs:attributeGroup ref="g"/></xs:complexType>"#,
                )))
        },
        "limit",
    ),
    schema(
        "one attribute group many times",
        || {
            let group = format!(
                r#"<xs:attributeGroup name="g">{}</xs:attributeGroup>"#,
                many(2_000, r#"<xs:attribute name="a#"/>"#)
            );
            one(&(group + &root(&r#"<xs:attributeGroup ref="g"/>"#.repeat(20_000))))
        },
        "limit work_max",
    ),
    schema(
        "a type of many attributes",
        || one(&root(&many(50_000, r#"<xs:attribute name="a#"/>"#))),
        "limit",
    ),
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
    schema("pattern with many classes", || vec![pattern(&r"[\i\c\w\p{L}]".repeat(4_000))], "limit"),
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
    // Identity constraints.
    schema(
        "a selector of many paths",
        || {
            one(&format!(
                "<xs:element name='r'><xs:key name='k'><xs:selector xpath='a{}'/>\
                 <xs:field xpath='@b'/></xs:key></xs:element>",
                "|a".repeat(100_000)
            ))
        },
        "limit",
    ),
    schema(
        "a path of many steps",
        || {
            one(&format!(
                "<xs:element name='r'><xs:key name='k'><xs:selector xpath='a{}'/>\
                 <xs:field xpath='@b'/></xs:key></xs:element>",
                "/a".repeat(100_000)
            ))
        },
        "limit",
    ),
    schema(
        "a key of many fields",
        || {
            one(&format!(
                r#"<xs:element name="r"><xs:key name="k"><xs:selector xpath="a"/>{}</xs:key></xs:element>"#,
                r#"<xs:field xpath="@b"/>"#.repeat(100_000)
            ))
        },
        "limit",
    ),
    // Documents.
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

/// An element that holds itself, of the type `t`, with constraints.
fn recursive(constraints: &str) -> Vec<String> {
    one(&format!(
        "<xs:complexType name='t'><xs:sequence><xs:element ref='r' minOccurs='0' maxOccurs='unbounded'/>\
         </xs:sequence><xs:attribute name='a'/></xs:complexType>\
         <xs:element name='r' type='t'>{constraints}</xs:element>"
    ))
}
