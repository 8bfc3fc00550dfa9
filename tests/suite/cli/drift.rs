//! `drift`: a feed held against feeds before it, without a database.

use super::{Desk, repository};
use serde_json::Value;
use std::fs;

/// A desk with a feed as it was and one in which prices have a factor and a status is another.
fn two_feeds() -> Desk {
    let feed = fs::read_to_string(repository("samples/catalogue/good.xml")).expect("the sample");
    let desk = Desk::new();
    desk.file("old.xml", &feed);
    desk.file(
        "new.xml",
        feed.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "").replace('\n', "\r\n"),
    );
    desk
}

#[test]
fn two_feeds_are_enough() {
    let desk = two_feeds();
    let told = desk.call(&["drift", "--against", "old.xml", "new.xml"]).ends(1);
    told.prints(&[
        "against 1 feed: 1 drift",
        "learning, 1 of 5",
        "drift.line-ends",
        "was `LF`",
        "now it is `CRLF`",
    ]);
    desk.call(&["drift", "--against", "old.xml", "old.xml"]).ends(0).prints(&["against 1 feed: no drift"]);
    let told = desk.call(&["drift", "--limit", "0", "--against", "old.xml", "new.xml"]).ends(1);
    told.prints(&["and 1 more"]);
}

#[test]
fn programs_read_lines() {
    let desk = two_feeds();
    let text = desk.call(&["drift", "--report", "json", "--against", "old.xml", "new.xml"]).ends(1).stdout;
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let types: Vec<_> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert_eq!((types[0], types[1], types.last()), ("drift_started", "drift", Some(&"drift_summary")));
    assert_eq!((&lines[1]["code"], &lines[1]["certainty"]), (&"drift.line-ends".into(), &"certain".into()));
    let alone = desk.call(&["drift", "--report", "json", "old.xml"]).ends(0).stdout;
    assert!(alone.contains("\"path\":\"prices/price/amount\""), "{alone}");
}

#[test]
fn a_feed_alone_is_shown_as_it_looks() {
    let desk = two_feeds();
    desk.call(&["drift", "old.xml"])
        .ends(0)
        .prints(&["paths)", "100.0 %  prices/price/amount  a number with a decimal"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let desk = two_feeds();
    let feed = fs::read(repository("samples/catalogue/good.xml")).expect("the sample");
    desk.file("cut.xml", &feed[..feed.len() / 2]);
    desk.call(&["drift", "--against", "old.xml", "cut.xml"]).ends(2).tells(&["cannot be read to its end"]);
    desk.call(&["drift", "--against", "-", "-"]).ends(2).tells(&["only one can come from standard input"]);
    desk.call(&["drift", "--against", ".", "old.xml"]).ends(2).tells(&["is a folder"]);
}
