//! Lists for programs: JSON lines and CSV; and entries that are chosen by what they have in common.

use super::{Desk, repository};
use serde_json::Value;
use std::fs;

/// A desk with an import that refused two records.
fn refused() -> Desk {
    let desk = Desk::new();
    for (name, feed) in [("a.xml", "bad-gtin.xml"), ("b.xml", "comma-in-price.xml")] {
        let text = fs::read_to_string(repository("samples/catalogue/faults").join(feed)).expect("the sample");
        desk.file(name, text.replace("be-1006", name));
        desk.call(&["import", "--source", name, name]).ends(1);
    }
    desk
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// The cells of a heading, and how many lines stand below it.
fn heading(csv: &str) -> (Vec<&str>, usize) {
    let mut lines = csv.lines();
    (lines.next().expect("a heading").split(',').collect(), lines.count())
}

#[test]
fn runs_and_entries_are_listed_for_programs() {
    let desk = refused();
    let runs = rows(&desk.call(&["runs", "--output", "json"]).ends(0).stdout);
    assert_eq!((runs.len(), &runs[0]["type"], &runs[0]["exit_status"]), (2, &"run".into(), &1.into()));
    assert_eq!((&runs[0]["acceptance"], &runs[0]["counts"]["refused"]), (&"deviations".into(), &1.into()));
    assert_eq!(rows(&desk.call(&["runs", "--json"]).ends(0).stdout), runs);
    let one = rows(&desk.call(&["runs", "1", "--json"]).ends(0).stdout);
    assert_eq!((one.len(), &one[0]["groups"][0]["group"]["code"]), (1, &"rule.gtin".into()));
    let csv = desk.call(&["runs", "--output", "csv"]).ends(0).stdout;
    let (names, lines) = heading(&csv);
    assert_eq!((names[0], names.contains(&"refused"), lines), ("id", true, 2), "{csv}");

    let entries = rows(&desk.call(&["quarantine", "list", "--json"]).ends(0).stdout);
    let keys: Vec<_> = entries.iter().filter_map(|entry| entry["key"].as_str()).collect();
    assert_eq!(keys.len(), 2, "{entries:?}");
    assert!(entries.iter().all(|entry| entry["findings_count"] == 1 && entry["reference"].is_null()));
    let csv = desk.call(&["quarantine", "list", "--output", "csv", "--limit", "1"]).ends(0);
    assert_eq!(heading(&csv.stdout).1, 1);
    csv.tells(&["1 of 2 entries are listed"]);
    desk.call(&["audit", "--output", "csv"]).ends(0).prints(&["id,at,who,action,object,source,reason\n"]);
    desk.call(&["token", "list", "--output", "csv"]).ends(0).prints(&["name,state,scopes,"]);
    desk.call(&["held", "list", "--output", "csv"]).ends(0).prints(&["id,state,run,source,"]);
    desk.call(&["held", "list", "--json", "--output", "csv"]).ends(2).tells(&["cannot be used with"]);
}

#[test]
fn entries_are_discarded_by_run_by_key_or_all() {
    let desk = refused();
    desk.call(&["quarantine", "discard"]).ends(2).tells(&["--all"]);
    desk.call(&["quarantine", "discard", "1", "--all"]).ends(2).tells(&["cannot be used with"]);
    desk.call(&["quarantine", "discard", "--run", "1"])
        .ends(2)
        .tells(&["1 entry would be discarded", "--yes"]);
    assert_eq!(rows(&desk.call(&["quarantine", "list", "--json"]).stdout).len(), 2, "nothing was discarded");
    desk.call(&["quarantine", "discard", "--run", "1", "--yes", "--reason", "a test"])
        .ends(0)
        .tells(&["1 entry discarded"]);
    let left = rows(&desk.call(&["quarantine", "list", "--json"]).stdout);
    let key = left[0]["key"].as_str().expect("a key");
    assert_eq!((left.len(), &left[0]["first_run"]), (1, &2.into()));
    desk.call(&["quarantine", "discard", "--key", "nobody", "--yes"])
        .ends(2)
        .tells(&["no open entry is of the record `nobody`"]);
    desk.call(&["quarantine", "discard", "--key", key, "--yes"]).ends(0).tells(&["1 entry discarded"]);
    desk.call(&["quarantine", "discard", "--all"]).ends(0).tells(&["0 entries discarded"]);
    let audit = rows(&desk.call(&["audit", "--json"]).ends(0).stdout);
    let deeds: Vec<_> = audit.iter().map(|deed| (deed["action"].as_str(), deed["object"].as_str())).collect();
    let discarded = |entry| (Some("quarantine.discard"), Some(entry));
    assert_eq!(deeds, [discarded("entry 2"), discarded("entry 1")]);
}

#[test]
fn a_diff_goes_to_files_in_every_form_at_once() {
    let desk = Desk::new();
    let old = fs::read_to_string(repository("samples/catalogue/good.xml")).expect("the sample");
    desk.file("old.xml", &old);
    desk.file("new.xml", old.replacen("34.00", "35.00", 1));
    let files = ["--report-file=text=d.txt", "--report-file=json=d.jsonl", "--report-file=html=d.html"];
    let arguments = [&["diff", "--summary", "old.xml", "new.xml"], files.as_slice()].concat();
    let told = desk.call(&arguments).ends(1).prints(&["1 changed"]);
    assert!(!told.stdout.contains("34.00 → 35.00\n\nchanged"), "a summary: {told:#?}");
    let read = |name: &str| fs::read_to_string(desk.path(name)).expect("a report");
    assert!(read("d.txt").contains("amount: 34.00 → 35.00"), "{}", read("d.txt"));
    let change = rows(&read("d.jsonl")).into_iter().find(|line| line["type"] == "change").expect("a change");
    assert!(change["source"].as_str().is_some_and(|source| source.contains("35.00")), "{change}");
    assert!(read("d.html").contains("35.00"));
    let json =
        rows(&desk.call(&["diff", "--summary", "--report", "json", "old.xml", "new.xml"]).ends(1).stdout);
    assert_eq!(json.len(), 2, "a summary has no changes: {json:?}");
    desk.call(&["diff", "old.xml", "new.xml", "--report-file", "text=old.xml"]).ends(2).tells(&["old.xml"]);
    assert_eq!(read("old.xml"), old, "what is read is not written over");
    let full = fs::File::options().write(true).open("/dev/full").expect("a full device");
    let told = desk
        .command(&["diff", "old.xml", "new.xml", "--report-file", "html=other.html"])
        .stdout(full)
        .output()
        .expect("the program runs");
    assert_eq!(told.status.code(), Some(2), "{told:?}");
    assert!(read("other.html").contains("35.00"), "a file is whole, whoever reads standard output");
    desk.call(&["diff", "old.xml", "new.xml", "--report-file", "pdf=x"]).ends(2).tells(&["--report-file"]);
}
