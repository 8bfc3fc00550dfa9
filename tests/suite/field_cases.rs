//! What people who import feeds reported: small inputs, each with what is right. They stand beside the repository, and
//! are left out, aloud, where they are not there.

use crate::cli::{Call, Desk};
use crate::support::onix::{shared, with_onix};

/// What a file comes to: exit status, every code that is told, and parts of what is said.
struct Case {
    file: &'static str,
    settings: &'static [&'static str],
    status: i32,
    codes: &'static [&'static str],
    says: &'static [&'static str],
}

const fn accepted(file: &'static str) -> Case {
    Case { file, settings: &[], status: 0, codes: &[], says: &[] }
}

const fn told(
    file: &'static str,
    status: i32,
    codes: &'static [&'static str],
    says: &'static [&'static str],
) -> Case {
    Case { file, settings: &[], status, codes, says }
}

const CASES: &[Case] = &[
    accepted("01a-full.xml"),
    accepted("01b-block6-unpriced.xml"),
    accepted("03a-day1.xml"),
    accepted("03b-day2-delete.xml"),
    accepted("03c-day3-price.xml"),
    accepted("05a-name.xml"),
    accepted("05b-name-changed-delete.xml"),
    told(
        "08-latin1-declared-cp1252.xml",
        0,
        &["xml.c1-control"],
        &[":11:114: warning", "written in Windows-1252"],
    ),
    told("10-cut-in-tag.xml", 2, &["xml.cut-off"], &["inside a tag", "get the file again"]),
    told("12a-html-page.xml", 1, &["feed.html-page", "xml.doctype-unread"], &["an HTML page"]),
    told("12b-json.xml", 1, &["xml.not-xml"], &["no XML but JSON"]),
    told("13-two-messages.xml", 1, &["xml.second-document"], &[":26:1: fatal", "split the file"]),
    told("14a-onix21-doctype.xml", 1, &["feed.not-read", "xml.doctype-unread"], &["ONIX 2.1"]),
    told("14b-onix30-doctype.xml", 0, &["xml.doctype-unread"], &["is not fetched"]),
    told(
        "15-xhtml-namespace.xml",
        1,
        &["cvc-complex-type.2.4.a", "rule.markup"],
        &["http://www.w3.org/1999/xhtml", "`div`"],
    ),
    accepted("16-price-qualifiers.xml"),
    told("18-wrapped-text.xml", 1, &["cvc-pattern-valid"], &["line break"]),
    told("19-ismn-forms.xml", 1, &["rule.identifier-form", "rule.isbn"], &[]),
    Case {
        settings: &["limits.record_bytes_max=16KiB"],
        ..told("20-one-huge-record.xml", 1, &["rule.record-size"], &["3 records read, 1 refused"])
    },
    told(
        "21-namespace-www.xml",
        0,
        &["feed.namespace-misspelt"],
        &["`http://www.editeur.org/onix/3.0/reference`"],
    ),
    accepted("22a-mac.zip"),
    accepted("22b-with-cover.zip"),
    told(
        "23-price-forms.xml",
        1,
        &["cvc-datatype-valid.1.2.1", "cvc-minExclusive-valid"],
        &["5 records read, 4 refused"],
    ),
    accepted("24-xmlns-on-each-product.xml"),
    told("25-utf16-declared.xml", 1, &["xml.encoding-contradiction"], &["`utf-16`"]),
    told("26-control-character.xml", 1, &["xml.character"], &["U+000B"]),
    told("28-newer-code.xml", 1, &["cvc-enumeration-valid"], &["`B999`", "List", "newer"]),
];

/// The codes of a report in lines, each once.
fn codes(call: &Call) -> Vec<&str> {
    let mut found: Vec<&str> = call
        .stdout
        .lines()
        .filter_map(|line| line.split_once(" [")?.1.split_once(']').map(|(code, _)| code))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn each_comes_to_what_is_right() {
    let (Some(desk), Some(cases)) = (with_onix(Desk::new(), "schemas"), shared("field-cases")) else {
        return;
    };
    for case in CASES {
        let path = cases.join(case.file);
        let path = path.to_string_lossy();
        let settings = case.settings.iter().flat_map(|setting| ["--set", setting]);
        let arguments: Vec<&str> =
            ["validate", "--report", "lines", &path].into_iter().chain(settings).collect();
        let call = validate(&desk, &arguments).ends(case.status);
        assert_eq!(codes(&call), case.codes, "{}: {call:#?}", case.file);
        for part in case.says {
            assert!(call.stdout.contains(part) || call.stderr.contains(part), "{part}: {call:#?}");
        }
    }
    let known: Vec<String> = std::fs::read_dir(&cases)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md" && CASES.iter().all(|case| case.file != name))
        .collect();
    assert_eq!(known, <[String; 0]>::default(), "each file has its row");
}

fn validate(desk: &Desk, arguments: &[&str]) -> Call {
    desk.call(&[arguments, &["--schemas", "schemas"]].concat())
}
