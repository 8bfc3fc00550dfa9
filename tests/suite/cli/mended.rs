//! A refused record is corrected by hand and imported in place of the refused one.

use super::{Call, Desk, repository};
use std::fs;

/// A desk with a refused record, and that record.
struct Refused {
    desk: Desk,
    record: String,
}

impl Refused {
    fn new() -> Self {
        Self::of(|feed| feed.as_bytes().to_vec())
    }

    /// A feed in another encoding.
    fn of(encode: impl Fn(&str) -> Vec<u8>) -> Self {
        let desk = Desk::new();
        let feed = fs::read_to_string(repository("samples/catalogue/faults/bad-gtin.xml")).expect("there");
        desk.file("feed.xml", encode(&feed));
        desk.call(&["import", "feed.xml"]).ends(1).counts(&[("imported", "2"), ("refused", "1")]);
        desk.call(&["quarantine", "export", "--to", "out"]).ends(0);
        let record = feed.split("<product ").nth(2).expect("a second product");
        let record = record.split("</product>").next().expect("its end");
        Self { desk, record: format!("<product {record}</product>") }
    }

    /// The record with a right number.
    fn right(&self) -> String {
        let number = self.record.split("<gtin>").nth(1).and_then(|rest| rest.split("</gtin>").next());
        let number = number.expect("a number");
        let twelve = &number[..12];
        let sum: u32 = (1..).zip(twelve.chars()).fold(0, |sum, (place, digit)| {
            sum + digit.to_digit(10).expect("a digit") * if place % 2 == 0 { 3 } else { 1 }
        });
        self.record.replace(number, &format!("{twelve}{}", (10 - sum % 10) % 10))
    }

    fn replay(&self, bytes: impl AsRef<[u8]>) -> Call {
        self.desk.file("mended.xml", bytes);
        self.desk.call(&["quarantine", "replay", "1", "--with", "mended.xml"])
    }

    fn is_open(&self) {
        self.desk.call(&["quarantine", "list"]).ends(0).prints(&["open"]);
        let told = self.desk.call(&["quarantine", "export", "1", "--mended"]).ends(2);
        told.tells(&["no corrected record was imported for entry 1"]);
    }
}

#[test]
fn a_corrected_record_is_imported_and_both_are_kept() {
    let refused = Refused::new();
    let file = format!(
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- by hand -->\n{}\n\n<!-- end -->\n",
        refused.right()
    );
    refused.replay(&file).ends(0).prints(&["1: imported"]);
    let desk = &refused.desk;
    let shown = desk.call(&["quarantine", "show", "1"]).ends(0);
    shown.prints(&[
        "replayed",
        "a record of",
        "--- original\n+++ mended\n@@",
        "\n-      <gtin>",
        "\n+      <gtin>",
    ]);
    assert_eq!(desk.call(&["quarantine", "export", "1"]).ends(0).stdout, refused.record);
    assert_eq!(desk.call(&["quarantine", "export", "1", "--mended"]).ends(0).stdout, file);
    desk.call(&["quarantine", "export", "--mended", "--to", "m", "--state", "all"]).ends(0);
    assert_eq!(fs::read_to_string(desk.path("m/1.xml")).expect("written"), file);
    // The sender's own correction says the same.
    let feed = fs::read_to_string(desk.path("feed.xml")).expect("there");
    desk.file("fixed.xml", feed.replace(&refused.record, &refused.right()));
    desk.call(&["import", "fixed.xml"]).ends(0).counts(&[("imported", "0"), ("unchanged", "3")]);
}

#[test]
fn a_corrected_record_comes_by_standard_input() {
    let refused = Refused::new();
    let call = ["quarantine", "replay", "1", "--with", "-"];
    refused.desk.call_with(&call, refused.right().as_bytes()).ends(0).prints(&["1: imported"]);
}

#[test]
fn a_record_that_is_still_wrong_is_told_with_its_line_in_the_file() {
    let refused = Refused::new();
    let told = refused.replay(format!("\n\n{}", refused.record)).ends(1);
    told.prints(&["1: still refused", "line 6 of mended.xml: error: ", "[rule.gtin] /catalogue/product"]);
    let told = refused.replay(refused.right().replace("</title>", "")).ends(1);
    told.prints(&["1: still refused", " of mended.xml: ", "[xml.mismatched-tag]"]);
    let two = format!("{}\n{}", refused.right(), refused.right());
    refused.replay(two).ends(1).prints(&["1: still refused", "[xml.second-root]"]);
    refused.replay("").ends(1).prints(&["1: still refused", "[xml.empty]"]);
    refused.is_open();
}

#[test]
fn a_record_of_a_feed_with_a_misspelt_namespace_is_read_as_the_feed_was() {
    let (right, wrong) = ("urn:feedgate:catalogue:1.0", "URN:feedgate:catalogue:1.0/");
    let refused = Refused::of(|feed| feed.replace(right, wrong).into_bytes());
    refused.desk.call(&["validate", "feed.xml"]).ends(1).prints(&["feed.namespace-misspelt"]);
    // Its own declaration may be right, or as wrong as that of the feed.
    let of = |namespace: &str| {
        refused.right().replacen("<product ", &format!("<product xmlns=\"{namespace}\" "), 1)
    };
    refused.replay(of("urn:other")).ends(1);
    for record in [refused.right(), of(right), of(wrong)] {
        let refused = Refused::of(|feed| feed.replace(right, wrong).into_bytes());
        refused.replay(record).ends(0).prints(&["1: imported"]);
    }
}

#[test]
fn only_the_record_of_the_entry_takes_its_place() {
    let refused = Refused::new();
    let key = refused.record.split('"').nth(1).expect("a key").to_owned();
    let other = refused.replay(refused.right().replacen(&key, "another", 1)).ends(1);
    other.prints(&["1: not imported, the record in mended.xml has the key `another` and the entry `", &key]);
    let feed = fs::read(refused.desk.path("feed.xml")).expect("there");
    let told = refused.replay(feed).ends(2);
    told.prints(&[
        "1: could not be judged: the bytes are no record of the format: the outermost element is `catalogue`",
    ]);
    refused.desk.file("mended.xml", refused.right());
    let two = ["quarantine", "replay", "1", "2", "--with", "mended.xml"];
    refused.desk.call(&two).ends(2).tells(&["name one"]);
    let gone = ["quarantine", "replay", "1", "--with", "gone.xml"];
    refused.desk.call(&gone).ends(2).tells(&["cannot read `gone.xml`"]);
    refused.is_open();
}

#[test]
fn the_file_is_in_the_encoding_of_its_feed_or_says_its_own() {
    let latin1 = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let in_latin1 = |feed: &str| latin1(&feed.replacen("UTF-8", "ISO-8859-1", 1));
    let umlaut = |refused: &Refused| refused.right().replacen("<title>", "<title>Grüße: ", 1);
    let title = |refused: &Refused| {
        refused.desk.call(&["import", "--dry-run", "check.xml"]).ends(0).counts(&[("unchanged", "3")]);
    };
    let check = |refused: &Refused| {
        let feed = fs::read(refused.desk.path("feed.xml")).expect("there");
        let feed: String = feed.iter().map(|byte| char::from(*byte)).collect();
        refused.desk.file("check.xml", latin1(&feed.replace(&refused.record, &umlaut(refused))));
    };
    let files: [fn(&str) -> Vec<u8>; 3] = [
        |text| text.chars().map(|c| c as u8).collect(),
        |text| format!("<?xml version='1.0' encoding='UTF-8'?>{text}").into_bytes(),
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for file in files {
        let refused = Refused::of(in_latin1);
        check(&refused);
        refused.replay(file(&umlaut(&refused))).ends(0).prints(&["1: imported"]);
        title(&refused);
        refused.desk.call(&["quarantine", "show", "1"]).ends(0).prints(&["+    <title>Grüße: "]);
    }
    let refused = Refused::of(in_latin1);
    let told = refused.replay(umlaut(&refused)).ends(2);
    told.prints(&["the bytes can be UTF-8 and ISO-8859-1, and do not say which"]);
    refused.is_open();
}

#[test]
fn record_bytes_max() {
    let refused = Refused::new();
    let record = refused.right();
    let max = record.len() + 1_000;
    let config = format!("[limits]\nrecord_bytes_max = {max}\n");
    refused.desk.file("feedgate.toml", config);
    let padded = |bytes: usize| format!("{record}{}", " ".repeat(bytes - record.len()));
    let told = refused.replay(padded(max + 1)).ends(2);
    told.tells(&["`mended.xml` is larger than a record may be", &format!("{max} bytes")]);
    refused.is_open();
    refused.replay(padded(max)).ends(0).prints(&["1: imported"]);
}
