//! Records with dates of their own, from the feed to the report.

use super::{Desk, repository};
use std::fs;

#[test]
fn an_older_record_is_counted_stale_and_no_fault() {
    let desk = Desk::new();
    let newer = fs::read_to_string(repository("samples/catalogue/good.xml")).expect("the sample is there");
    let dates = newer.matches(" changed=\"2026-").count();
    assert!(dates > 10, "the sample has dates");
    // A later message that brings older records with other stocks.
    let older = newer
        .replace(" changed=\"2026-", " changed=\"2025-")
        .replace("<stock>", "<stock>1")
        .replace("<messageNumber>17", "<messageNumber>18");
    desk.file("newer.xml", &newer);
    desk.file("older.xml", older);
    desk.call(&["import", "newer.xml"]).ends(0);
    let report = desk.call(&["import", "older.xml", "--report-file", "json=report.jsonl"]).ends(0);
    let stale = dates.to_string();
    report.counts(&[("imported", "0"), ("older, passed over", &stale), ("refused", "0")]);
    let report = fs::read_to_string(desk.path("report.jsonl")).expect("it was written");
    let summary = report.lines().last().expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(summary).expect("JSON");
    assert_eq!(summary["import"]["stale"], dates);
    assert!(report.contains("rule.stale-records"), "{report}");
    desk.call(&["runs", "2"]).ends(0).prints(&[&format!("older     {stale}, passed over")]);
    desk.call(&["quarantine", "list"]).ends(0).prints(&["no such entries"]);
}
