//! A record without its feed, as `quarantine export` writes it.

use super::{Call, Desk, repository};
use std::fs;
use std::path::PathBuf;

/// The second product of a sample.
fn product(sample: &str) -> String {
    let feed = fs::read_to_string(repository("samples/catalogue").join(sample)).expect("the sample is there");
    let record = feed.split("<product ").nth(2).expect("a second product");
    format!("<product {}</product>", record.split("</product>").next().expect("its end"))
}

#[test]
fn a_record_alone_is_judged_as_one_of_its_feed() {
    let desk = Desk::new();
    desk.file("right.xml", product("good.xml"));
    let right = desk.call(&["validate", "right.xml"]).ends(0);
    right.prints(&["[feed.record-alone]", "a record of catalogue/1.0 without its feed"]);
    let declared =
        product("good.xml").replacen("<product ", "<product xmlns='urn:feedgate:catalogue:1.0' ", 1);
    desk.file("declared.xml", format!("<?xml version='1.0'?>\n<!-- exported -->\n{declared}\n"));
    desk.call(&["validate", "declared.xml"]).ends(0);

    let wrong = product("faults/bad-gtin.xml");
    let line = 1 + wrong.lines().position(|line| line.contains("<gtin>")).expect("a number");
    desk.file("wrong.xml", &wrong);
    let told = desk.call(&["validate", "--report", "lines", "wrong.xml"]).ends(1);
    told.prints(&[&format!("wrong.xml:{line}:"), "[rule.gtin]"]);
    desk.file("invalid.xml", wrong.replace("title>", "titel>"));
    let told = desk.call(&["validate", "--report", "lines", "invalid.xml"]).ends(1);
    told.prints(&["[cvc-complex-type.2.4"]);
    // One thread reads them all with the same parts.
    desk.call(&["validate", "--threads", "1", "right.xml", "declared.xml", "right.xml"]).ends(0);
    let good = repository("samples/catalogue/good.xml");
    desk.call(&["validate", "--threads", "1", "right.xml", &good.to_string_lossy(), "right.xml"]).ends(0);
}

#[test]
fn an_import_takes_feeds_and_says_so() {
    let desk = Desk::new();
    desk.file("record.xml", product("good.xml"));
    let told = desk.call(&["import", "record.xml"]).ends(1);
    told.prints(&[
        "[feed.record-alone]",
        "its outermost element is `product`, a record of catalogue/1.0, onix/3.0 or onix/3.1",
        "`feedgate quarantine replay ENTRY --with FILE`",
    ]);
}

#[test]
fn a_record_that_needs_its_feed_says_so() {
    let desk = Desk::new();
    let prefixed = product("good.xml").replace("</", "</c:").replace('<', "<c:").replace("<c:/c:", "</c:");
    desk.file("prefixed.xml", &prefixed);
    for command in ["validate", "import"] {
        let told = desk.call(&[command, "prefixed.xml"]).ends(1);
        told.prints(&[
            "Prefix `c` is not declared",
            "`feedgate quarantine replay ENTRY --with FILE` reads it",
        ]);
    }
    let inside =
        product("good.xml").replacen("<title>", "<c:title>", 1).replacen("</title>", "</c:title>", 1);
    desk.file("inside.xml", inside);
    let told = desk.call(&["validate", "inside.xml"]).ends(1);
    told.prints(&["Prefix `c` is not declared", "`feedgate quarantine replay ENTRY --with FILE` reads it"]);
    desk.file("latin1.xml", product("good.xml").replacen("<title>", "<title>@", 1).replace('@', "\u{0}"));
    let bytes: Vec<u8> = product("good.xml").replacen("<title>", "<title>@", 1).bytes().collect();
    let bytes: Vec<u8> = bytes.into_iter().map(|byte| if byte == b'@' { 0xFC } else { byte }).collect();
    desk.file("latin1.xml", bytes);
    let told = desk.call(&["validate", "latin1.xml"]).ends(1);
    told.prints(&["[xml.undecodable]", "`feedgate quarantine replay ENTRY --with FILE` reads it"]);
    // A feed that forgot its prefix is none of these.
    desk.file("feed.xml", "<c:catalogue version='1.0'/>");
    let told = desk.call(&["validate", "feed.xml"]).ends(1);
    assert!(!told.stdout.contains("quarantine replay"), "{told:#?}");
}

/// A desk with the official schemas of ONIX, if they are at hand.
fn onix() -> Option<Desk> {
    let shared = repository("../shared/onix");
    if !shared.join("3.0").is_dir() || !shared.join("3.1").is_dir() {
        eprintln!("SKIPPED: ONIX records alone; needs ../shared/onix");
        return None;
    }
    let desk = Desk::new();
    for version in ["3.0", "3.1"] {
        let (format, package) = (format!("onix/{version}"), shared.join(version));
        let schemas = ["schema", "install", "--schemas", "schemas", &format, &package.to_string_lossy()];
        desk.call(&schemas).ends(0);
    }
    Some(desk)
}

/// The first record of a sample, from its start tag to its end tag.
fn record(sample: &str, name: &str) -> String {
    let path: PathBuf = repository("../shared/onix/samples").join(sample);
    let feed = fs::read_to_string(path).expect("the sample is there");
    let start = feed.find(&format!("<{name}>")).expect("a record");
    let end = format!("</{name}>");
    feed[start..feed.find(&end).expect("its end") + end.len()].to_owned()
}

#[test]
fn onix_records_alone_are_told_apart_by_format() {
    let Some(desk) = onix() else { return };
    let validate = |file: &str, more: &[&str]| -> Call {
        desk.call(&[&["validate", "--schemas", "schemas", "--report", "lines", file], more].concat())
    };
    desk.file("reference.xml", record("valid_onix3_ref.xml", "Product"));
    desk.file("short.xml", record("valid_onix3_short.xml", "product"));
    let told = validate("reference.xml", &[]).ends(2);
    told.tells(&["`Product` may be a record of onix/3.0 or onix/3.1: `--format` decides"]);
    let told = validate("short.xml", &[]).ends(2);
    told.tells(&["`product` may be a record of catalogue/1.0, onix/3.0 or onix/3.1: `--format` decides"]);
    for file in ["reference.xml", "short.xml"] {
        let told = validate(file, &["--format", "onix/3.0"]);
        let in_feed = file.replace(".xml", "-feed.xml");
        let sample = format!("valid_onix3_{}.xml", if file == "short.xml" { "short" } else { "ref" });
        let feed = fs::read(repository("../shared/onix/samples").join(sample)).expect("the sample is there");
        desk.file(&in_feed, feed);
        let expected = validate(&in_feed, &["--format", "onix/3.0"]);
        let codes = |call: &Call| {
            let code = |line: &str| line.rsplit_once('[').map(|(_, code)| code.to_owned());
            let ours = |code: &String| !code.starts_with("feed.");
            call.stdout.lines().filter_map(code).filter(ours).collect::<Vec<_>>()
        };
        assert_eq!(
            (told.status, codes(&told)),
            (expected.status, codes(&expected)),
            "{told:#?}{expected:#?}"
        );
    }
    let namespace = "http://ns.editeur.org/onix/3.0/short";
    let declared = record("valid_onix3_short.xml", "product").replacen(
        "<product>",
        &format!("<product xmlns='{namespace}'>"),
        1,
    );
    desk.file("declared.xml", declared);
    let told = validate("declared.xml", &[]);
    assert_ne!(told.status, 2, "{told:#?}");
    desk.file(
        "wrong.xml",
        record("valid_onix3_ref.xml", "Product").replace("NotificationType", "Notification"),
    );
    validate("wrong.xml", &["--format", "onix/3.0"]).ends(1).prints(&["wrong.xml:", "[cvc-complex-type.2.4"]);
}
