//! `feedgate schema check`: a refused schema is explained, and what is no schema is told as what it is.

use super::{Call, Desk};
use serde_json::Value;

const SCHEMA: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>";

/// Checks one document, written behind the start tag of a schema.
fn check(content: &str) -> Call {
    check_whole(&format!("{SCHEMA}\n{content}\n</xs:schema>"))
}

fn check_whole(document: &str) -> Call {
    let desk = Desk::new();
    desk.file("a.xsd", document);
    desk.call(&["schema", "check", "a.xsd"])
}

#[test]
fn every_fault_has_document_place_clause_component_and_source() {
    let desk = Desk::new();
    desk.file(
        "types.xsd",
        format!("{SCHEMA}\n<xs:simpleType name='S'><xs:list itemType='xs:itn'/></xs:simpleType></xs:schema>"),
    );
    desk.file(
        "a.xsd",
        format!(
            "{SCHEMA}\n<xs:include schemaLocation='types.xsd'/>\n<xs:complexType name='ProductType'>\n <xs:sequence>\n\
             \x20 <xs:element name='price' type='Prize'/>\n </xs:sequence>\n</xs:complexType></xs:schema>"
        ),
    );
    let call = desk.call(&["schema", "check", "a.xsd"]).ends(1).prints(&[
        "a.xsd:5:3: error: there is no type `Prize` [src-resolve.1.1]\n",
        "    in element `price` of complex type `ProductType`\n",
        "    | <xs:element name='price' type='Prize'/>\n",
        "types.xsd:2:25: error: there is no type `{http://www.w3.org/2001/XMLSchema}itn`; it is none of XML \
         Schema 1.0 [",
        "    in simple type `S`\n",
        "a.xsd: refused: 2 faults\n",
    ]);
    assert_eq!(call.stderr, "");
    desk.call(&["schema", "check", "--report", "lines", "a.xsd"]).ends(1).prints(&[
        "a.xsd:5:3: error: there is no type `Prize` [src-resolve.1.1] [element `price` of complex type \
         `ProductType`]\n",
    ]);
}

#[test]
fn several_schemas_are_told_one_by_one_in_json() {
    let desk = Desk::new();
    desk.file("good.xsd", format!("{SCHEMA}<xs:element name='n'/></xs:schema>"));
    desk.file("bad.xsd", format!("{SCHEMA}<xs:element/></xs:schema>"));
    desk.file("new.xsd", format!("{SCHEMA}<xs:defaultOpenContent/></xs:schema>"));
    let files = ["schema", "check", "--report", "json", "good.xsd", "bad.xsd", "new.xsd", "none.xsd"];
    let call = desk.call(&files).ends(2).tells(&["the schema document `none.xsd` cannot be read"]);
    let lines: Vec<Value> =
        call.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().expect("text")).collect();
    let expected = [
        "check_started",
        "schema_end",
        "schema_fault",
        "schema_end",
        "schema_end",
        "schema_failed",
        "check_summary",
    ];
    assert_eq!(types, expected);
    assert!(lines.iter().all(|line| line["version"] == 1));
    assert_eq!((&lines[1]["schema"], &lines[1]["elements"]), (&"good.xsd".into(), &1.into()));
    assert_eq!((&lines[2]["document"], &lines[2]["line"]), (&"bad.xsd".into(), &1.into()));
    assert!(lines[4]["not_checked"][0].as_str().is_some_and(|what| what.contains("defaultOpenContent")));
    assert_eq!((&lines[6]["schemas"], &lines[6]["failed"]), (&4.into(), &1.into()));
    assert_eq!(lines[6]["exit_status"], 2);
}

#[test]
fn the_statuses_weigh_against_each_other() {
    let desk = Desk::new();
    desk.file("good.xsd", format!("{SCHEMA}</xs:schema>"));
    desk.file("bad.xsd", "<no/>");
    desk.file("new.xsd", format!("{SCHEMA}<xs:override schemaLocation='good.xsd'/></xs:schema>"));
    desk.call(&["schema", "check", "good.xsd"]).ends(0).prints(&["good.xsd: compiles: 0 elements"]);
    desk.call(&["schema", "check", "good.xsd", "new.xsd"])
        .ends(4)
        .prints(&["new.xsd: not checked: `xs:override`"]);
    desk.call(&["schema", "check", "new.xsd", "bad.xsd", "good.xsd"]).ends(1);
    desk.call(&["schema", "check", "none.xsd", "bad.xsd"]).ends(2).prints(&["bad.xsd:1:1: error:"]);
}

#[test]
fn what_is_no_schema_is_told() {
    check_whole("").ends(1).prints(&["a.xsd:1:1: error: ", "is empty"]);
    check_whole("<xs:schema").ends(1).prints(&["a.xsd:1:11: error: ", "cut off", "[xml.not-well-formed]"]);
    check_whole("name;price\n1;2\n").ends(1).prints(&["a.xsd:1:1: error: ", "[xml.not-well-formed]"]);
    check_whole(&SCHEMA.replace("'http", "http")).ends(1).prints(&["[xml.not-well-formed]"]);
    check_whole("<catalogue/>").ends(1).prints(&["root element is `catalogue`, expected", "[s4s-root]"]);
    check_whole("<schema/>")
        .ends(1)
        .prints(&["root element is `schema`, expected `{http://www.w3.org/2001/XMLSchema}schema`"]);
    check_whole("<xs:element xmlns:xs='http://www.w3.org/2001/XMLSchema' name='a'/>")
        .ends(1)
        .prints(&["the root element is `xs:element`, not `xs:schema`"]);
}

#[test]
fn schemas_of_drafts_are_told_by_their_date() {
    for (namespace, when) in [("1999", "1999"), ("2000/10", "October 2000"), ("2000/08", "August 2000")] {
        check_whole(&format!("<schema xmlns='http://www.w3.org/{namespace}/XMLSchema'/>"))
            .ends(1)
            .prints(&[&format!("; that is a working draft of {when}: "), "[s4s-root]"]);
    }
}

#[test]
fn a_missing_include_is_a_fault_and_the_network_is_not_asked() {
    check("<xs:include schemaLocation='gone.xsd'/>").ends(1).prints(&[
        "a.xsd:2:1: error: the schema document `gone.xsd` cannot be had",
        "[document.unavailable]",
    ]);
    check("<xs:include schemaLocation='http://127.0.0.1:9/gone.xsd'/>")
        .ends(1)
        .prints(&["the network is never asked"]);
    check("<xs:include schemaLocation='../../etc/passwd'/>").ends(1).prints(&["cannot be had"]);
}

#[test]
fn a_schema_that_includes_itself_is_one() {
    check("<xs:include schemaLocation='a.xsd'/><xs:element name='n'/>").ends(0).prints(&["1 element,"]);
    check("<xs:include schemaLocation='./../nowhere/../a.xsd'/>").ends(1);
}

#[test]
fn version_1_1_is_never_passed_over_in_silence() {
    let not_checked = |content: &str, what: &str| {
        check(content).ends(4).prints(&[&format!("a.xsd: not checked: {what}")]);
    };
    let of_type = |content: &str| format!("<xs:complexType name='T'>{content}</xs:complexType>");
    not_checked(&of_type("<xs:assert test='true()'/>"), "`xs:assert`");
    not_checked(
        "<xs:element name='e'><xs:alternative test='@a' type='xs:int'/></xs:element>",
        "`xs:alternative`",
    );
    not_checked("<xs:override schemaLocation='b.xsd'/>", "`xs:override`");
    not_checked(&of_type("<xs:openContent><xs:any/></xs:openContent>"), "`xs:openContent`");
    not_checked("<xs:defaultOpenContent><xs:any/></xs:defaultOpenContent>", "`xs:defaultOpenContent`");
    let restricted = |facet: &str| {
        format!(
            "<xs:simpleType name='S'><xs:restriction base='xs:date'>{facet}</xs:restriction></xs:simpleType>"
        )
    };
    not_checked(&restricted("<xs:assertion test='true()'/>"), "`xs:assertion`");
    not_checked(&restricted("<xs:explicitTimezone value='required'/>"), "`xs:explicitTimezone`");
    let any = |attribute: &str| of_type(&format!("<xs:sequence><xs:any {attribute}/></xs:sequence>"));
    not_checked(&any("notQName='a'"), "attribute `notQName`");
    not_checked(&any("notNamespace='a'"), "attribute `notNamespace`");
    not_checked("<xs:attribute name='a' inheritable='true'/>", "attribute `inheritable`");
    let versioning = "xmlns:vc='http://www.w3.org/2007/XMLSchema-versioning'";
    not_checked(
        &format!("<xs:element {versioning} name='e' vc:minVersion='1.1'/>"),
        "attribute `vc:minVersion`",
    );
    check("<xs:element name='e' type='xs:dateTimeStamp'/>").ends(1).prints(&[
        "there is no type `{http://www.w3.org/2001/XMLSchema}dateTimeStamp`; it is a type of XML Schema 1.1",
    ]);
    check(&of_type("<xs:all><xs:element name='e' maxOccurs='2'/></xs:all>")).ends(1);
    check(&of_type("<xs:all><xs:any/></xs:all>"))
        .ends(1)
        .prints(&["`xs:any` may not stand here in `xs:all`"]);
    check(&of_type("<xs:sequence><xs:element name='e' targetNamespace='b'/></xs:sequence>"))
        .ends(1)
        .prints(&["`xs:element` has no attribute `targetNamespace` here"]);
}

#[test]
fn standard_input_is_a_schema_of_the_working_folder() {
    let desk = Desk::new();
    desk.file(
        "types.xsd",
        format!(
            "{SCHEMA}<xs:simpleType name='S'><xs:restriction base='xs:int'/></xs:simpleType></xs:schema>"
        ),
    );
    let schema = |name: &str| {
        format!(
            "{SCHEMA}<xs:include schemaLocation='types.xsd'/>\n<xs:element name='e' type='{name}'/></xs:schema>"
        )
    };
    desk.call_with(&["schema", "check", "-"], schema("S").as_bytes())
        .ends(0)
        .prints(&["-: compiles: 1 element"]);
    desk.call_with(&["schema", "check", "-"], schema("N").as_bytes())
        .ends(1)
        .prints(&["-:2:1: error: there is no type `N`", "    in element `e`\n    | <xs:element name='e'"]);
    desk.call_with(&["schema", "check", "-", "-"], b"").ends(2).tells(&["`-` may be named once"]);
}

#[test]
fn what_cannot_be_read_is_told() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("folder.xsd")).expect("made");
    desk.call(&["schema", "check", "folder.xsd"]).ends(2).tells(&["folder.xsd` names a folder"]);
    desk.call(&["schema", "check", "none.xsd"])
        .ends(2)
        .tells(&["`none.xsd` cannot be read", "there is no `none.xsd`"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("loop.xsd", desk.path("loop.xsd")).expect("linked");
        desk.call(&["schema", "check", "loop.xsd"]).ends(2).tells(&["`loop.xsd` cannot be read"]);
    }
}

#[test]
fn a_schema_document_that_is_too_long_is_not_read() {
    let desk = Desk::new();
    let long = std::fs::File::create(desk.path("long.xsd")).expect("made");
    long.set_len(64 * 1024 * 1024 + 1).expect("a file with a hole");
    desk.call(&["schema", "check", "long.xsd"])
        .ends(2)
        .tells(&["is longer than 67108864 bytes", "`SCHEMA_DOCUMENT_BYTES_MAX`"]);
}
