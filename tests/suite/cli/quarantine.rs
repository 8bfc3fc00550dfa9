//! A refused record from its feed to the shop: kept byte for byte, shown, written out, replayed.

use super::{Desk, repository};
use std::fs;

/// A folder with a format folder in which a wrong check digit is a warning.
fn lenient(desk: &Desk) {
    let profile = fs::read_to_string(repository("schemas/catalogue/1.0/profile.toml")).expect("the profile");
    let (before, after) = profile.split_once("[severity]\n").unwrap_or((&profile, ""));
    desk.file(
        "formats/catalogue/1.0/profile.toml",
        format!("{before}[severity]\n\"rule.gtin\" = \"warning\"\n{after}"),
    );
}

fn refused() -> (Desk, String) {
    let desk = Desk::new();
    let feed = fs::read_to_string(repository("samples/catalogue/faults/bad-gtin.xml")).expect("the sample");
    desk.file("feed.xml", &feed);
    desk.call(&["import", "feed.xml"]).ends(1).counts(&[("imported", "2"), ("refused", "1")]);
    let record = feed.split("<product ").nth(2).expect("a second product");
    let record = record.split("</product>").next().expect("its end");
    (desk, format!("<product {record}</product>"))
}

#[test]
fn a_refused_record_is_kept_byte_for_byte() {
    let (desk, record) = refused();
    desk.call(&["quarantine", "list"]).ends(0).prints(&["open", "feed.xml:48:3", "he check digit of"]);
    let shown = desk.call(&["quarantine", "show", "1"]).ends(0);
    shown.prints(&["rule.gtin", "feed.xml:51:7", "<gtin>", "^"]);
    assert_eq!(desk.call(&["quarantine", "export", "1"]).ends(0).stdout, record);
    desk.call(&["quarantine", "export", "--to", "out"]).ends(0);
    assert_eq!(fs::read_to_string(desk.path("out/1.xml")).expect("written"), record);
    desk.call(&["quarantine", "show", "2"]).ends(2).tells(&["there is no entry 2"]);
    desk.call(&["quarantine", "export"]).ends(2).tells(&["--to FOLDER"]);
}

#[test]
fn a_record_that_is_right_now_is_replayed_once() {
    let (desk, _) = refused();
    desk.call(&["quarantine", "replay", "1"]).ends(1).prints(&["1: still refused", "rule.gtin"]);
    lenient(&desk);
    desk.call(&["quarantine", "replay", "--schemas", "formats", "--all"]).ends(0).prints(&["1: imported"]);
    desk.call(&["quarantine", "list"]).ends(0).prints(&["no such entries"]);
    desk.call(&["quarantine", "list", "--state", "all"]).ends(0).prints(&["replayed"]);
    desk.call(&["quarantine", "replay", "1"]).ends(1).prints(&["1: not imported, it was replayed before"]);
    desk.call(&["quarantine", "replay", "7"]).ends(1).prints(&["7: there is no such entry"]);
    // The product stands as if the feed had brought it: the same feed, judged leniently, changes nothing.
    desk.call(&["import", "--schemas", "formats", "feed.xml"])
        .ends(0)
        .counts(&[("imported", "0"), ("unchanged", "3")]);
}

#[test]
fn a_later_feed_closes_the_entry() {
    let (desk, record) = refused();
    let feed = fs::read_to_string(desk.path("feed.xml")).expect("written");
    let digit = record.split("</gtin>").next().expect("a number").chars().next_back().expect("a digit");
    let right = (0..10).map(|digit| digit.to_string()).find(|other| {
        let fixed = feed
            .replace(&record, &record.replacen(&format!("{digit}</gtin>"), &format!("{other}</gtin>"), 1));
        desk.file("fixed.xml", fixed);
        desk.call(&["validate", "fixed.xml"]).status == 0
    });
    assert!(right.is_some(), "one of ten check digits is right");
    desk.call(&["import", "fixed.xml"]).ends(0);
    lenient(&desk);
    let replayed = desk.call(&["quarantine", "replay", "--schemas", "formats", "1"]).ends(1);
    replayed.prints(&["1: not imported, a later feed brought the record again"]);
}

#[test]
fn an_entry_can_be_given_up() {
    let (desk, _) = refused();
    desk.call(&["quarantine", "discard", "1"]).ends(0);
    desk.call(&["quarantine", "discard", "1"]).ends(2).tells(&["entry 1 is not open"]);
    desk.call(&["quarantine", "replay", "1"]).ends(1).prints(&["it was discarded before"]);
}

#[test]
fn runs_are_listed_and_shown() {
    let (desk, _) = refused();
    desk.call(&["runs"]).ends(0).prints(&["deviations", "refused"]);
    desk.call(&["runs", "1"]).ends(0).prints(&["exit status 1", "rule.gtin", "feed.xml:51:7"]);
    desk.call(&["runs", "2"]).ends(2).tells(&["there is no run 2"]);
}

#[test]
fn the_second_record_of_a_reference_never_replaces_the_first() {
    let desk = Desk::new();
    let feed = fs::read_to_string(repository("samples/catalogue/faults/duplicate-reference.xml"));
    desk.file("feed.xml", feed.expect("the sample"));
    desk.call(&["import", "feed.xml"]).ends(1).counts(&[("imported", "2"), ("refused", "1")]);
    let replayed = desk.call(&["quarantine", "replay", "--all"]).ends(1);
    replayed.prints(&["1: not imported, another record of its feed with the same reference was"]);
    // Nothing was written: the feed says again what is there.
    let again = fs::read_to_string(desk.path("feed.xml")).expect("it is there") + "<!-- other bytes -->";
    desk.file("again.xml", again);
    desk.call(&["import", "again.xml"]).ends(1).counts(&[("imported", "0"), ("unchanged", "2")]);
    desk.call(&["quarantine", "list"]).ends(0).prints(&["open"]);
}
