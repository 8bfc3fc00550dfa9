//! Lists say how many there are, numbers are checked, what is decided is done whole, and no error repeats a password.

use super::{Desk, repository};
use std::fs;

fn good() -> Vec<u8> {
    fs::read(repository("samples/catalogue/products/be-1000.xml")).expect("the sample is there")
}

/// A database with three refused records.
fn refused() -> Desk {
    let desk = Desk::new();
    for fault in ["bad-gtin.xml", "comma-in-price.xml", "unknown-element.xml"] {
        let feed = repository("samples/catalogue/faults").join(fault);
        desk.call(&["import", "--source", fault, &feed.to_string_lossy()]).ends(1);
    }
    desk
}

#[test]
fn a_list_that_stops_says_how_many_there_are() {
    let desk = refused();
    desk.call(&["quarantine", "list", "--limit", "1"])
        .ends(0)
        .tells(&["notice: 1 of 3 entries are listed: `--limit 3` lists them all"]);
    let run = ["quarantine", "list", "--run", "1", "--limit", "1"];
    assert_eq!(desk.call(&run).ends(0).stderr, "");
    assert_eq!(desk.call(&["quarantine", "list"]).ends(0).stderr, "");
    desk.call(&["runs", "--limit", "2"]).ends(0).tells(&["notice: 2 of 3 runs are listed"]);
    for entry in ["1", "2"] {
        desk.call(&["quarantine", "discard", entry]).ends(0);
    }
    desk.call(&["audit", "--limit", "1", "--json"]).ends(0).tells(&["notice: 1 of 2 decisions are listed"]);
    assert_eq!(desk.call(&["audit", "--before", "2", "--limit", "1"]).ends(0).stderr, "");
    for name in ["a", "b"] {
        desk.call(&["token", "create", name, "--scope", "read"]).ends(0);
    }
    desk.call(&["token", "list", "--limit", "1"]).ends(0).tells(&["notice: 1 of 2 tokens are listed"]);
    assert_eq!(desk.call(&["held", "list", "--limit", "1"]).ends(0).stderr, "");
}

#[test]
fn a_list_of_nothing_and_a_run_of_no_number_are_errors() {
    let desk = refused();
    for list in [&["runs"][..], &["audit"], &["quarantine", "list"], &["held", "list"], &["token", "list"]] {
        desk.call(&[list, &["--limit", "0"]].concat()).ends(2).tells(&["a list of nothing says nothing"]);
    }
    for wrong in
        [&["runs", "0"][..], &["rollback", "0"], &["held", "show", "0"], &["quarantine", "show", "0"]]
    {
        desk.call(wrong).ends(2).tells(&["numbers are counted from 1"]);
    }
}

#[test]
fn entries_are_discarded_all_or_none() {
    let desk = refused();
    desk.call(&["quarantine", "discard", "1", "9999", "2"])
        .ends(2)
        .tells(&["entry 9999 is not open", "nothing is discarded"]);
    assert_eq!(desk.call(&["quarantine", "list"]).ends(0).stdout.matches(" open ").count(), 3);
    desk.call(&["audit"]).ends(0).prints(&["no such decisions"]);
    desk.call(&["quarantine", "export", "--to", "out", "1", "9999"]).ends(2).tells(&["no entry 9999"]);
    assert!(!desk.path("out/1.xml").exists(), "nothing is written");
    desk.call(&["quarantine", "discard", "1", "2", "1"]).ends(0).tells(&["2 entries discarded"]);
}

#[test]
fn a_replay_is_told_as_one() {
    let desk = refused();
    desk.call(&["quarantine", "replay", "1", "2"]).ends(1);
    desk.call(&["runs"])
        .ends(0)
        .prints(&["replay of entries 1, 2 of the quarantine: 0 imported, 2 still refused"]);
    desk.call(&["runs", "4"])
        .ends(0)
        .prints(&["message     replay of entries 1, 2 of the quarantine: 0 imported, 2 still refused"]);
}

#[test]
fn a_password_in_the_wrong_place_is_never_repeated() {
    let desk = Desk::new();
    desk.file("a.xml", good());
    let address = "postgres://u:geheim@h/d";
    let set = format!("--set=databse={address}");
    let report = format!("json={address}");
    for wrong in [
        &["runs", address][..],
        &[address],
        &["validate", address],
        &["import", address],
        &["diff", address, address],
        &["validate", &set, "a.xml"],
        &["validate", "--set", address, "a.xml"],
        &["validate", "--config", address, "a.xml"],
        &["validate", "--report-file", address, "a.xml"],
        &["validate", "--report-file", &report, "a.xml"],
        &["validate", "--schemas", address, "a.xml"],
        &["validate", "--schema", address, "a.xml"],
        &["validate", "--format", address, "a.xml"],
        &["validate", "--color", address, "a.xml"],
        &["quarantine", "show", address],
        &["quarantine", "replay", "1", "--with", address],
        &["quarantine", "list", "--state", address],
        &["schema", "install", "onix/3.0", address],
        &["schema", "check", address],
        &["config", address],
        &["token", "create", address, "--scope", "read"],
        &["submit", address, "a.xml"],
        &["submit", "http://u:geheim@127.0.0.1:9/", "--timeout", "1s", "a.xml"],
    ] {
        let call = desk.call(wrong);
        assert_ne!(call.status, 0, "{wrong:?}: {call:#?}");
        assert!(!call.stderr.contains("geheim"), "{wrong:?}: {call:#?}");
    }
}

#[test]
fn a_slip_compares_nothing_and_is_no_same() {
    let desk = Desk::new();
    desk.file("a.xml", fs::read(repository("samples/catalogue/good.xml")).expect("the sample"));
    let diff = |more: &[&str]| desk.call(&[&["diff", "a.xml", "a.xml"], more].concat());
    let key = "de.musikverlag-beispiel.be-1000";
    diff(&["--records", key]).ends(0);
    diff(&["--records", "de.musikverlag-beispiel.be-100O"])
        .ends(2)
        .tells(&["no record of either feed", "did you mean `"]);
    diff(&["--records", "TYPO"]).ends(2).tells(&["no record of either feed has the key `TYPO`"]);
    diff(&["--only", "prices"]).ends(0);
    diff(&["--only", "prices/price/@currency"]).ends(0);
    diff(&["--only", "*/price"]).ends(0);
    diff(&["--only", "pricess"])
        .ends(2)
        .tells(&["has the path `pricess` (`--only`): did you mean `prices`?"]);
    diff(&["--only", "price"]).ends(2).tells(&["did you mean `//price`?"]);
    diff(&["--only", "//pricce"]).ends(2).tells(&["did you mean `//price`?"]);
    diff(&["--ignore", "prices", "--ignore", "//@changed"]).ends(0);
    diff(&["--ignore", "//@chnaged"])
        .ends(2)
        .tells(&["has the path `//@chnaged` (`--ignore`): did you mean `//@changed`?"]);
    diff(&["--ignore", "price"]).ends(2).tells(&["did you mean `//price`?"]);
    diff(&["--only", "prices", "--ignore", "nowhere"])
        .ends(2)
        .tells(&["(`--ignore`): check how it is written"]);
}

#[test]
fn feeds_are_counted_once_in_every_form() {
    let desk = Desk::new();
    desk.file("feeds/a.xml", good());
    std::os::unix::fs::symlink("gone.xml", desk.path("feeds/b.xml")).expect("linked");
    std::os::unix::fs::symlink("/proc/self/mem", desk.path("feeds/c.xml")).expect("linked");
    let report = |form: &str| desk.call(&["validate", "--report", form, "feeds"]).ends(2);
    report("text").counts(&[("feeds", "3"), ("not readable", "2")]);
    report("lines").tells(&["3 feeds, 1 record read"]);
    report("json").prints(&["\"feeds\":3,\"feeds_failed\":2"]);
    report("sarif").prints(&["\"feeds\":3,\"feeds_failed\":2"]);
    assert_eq!(report("gitlab").stdout.matches("feed.unreadable").count(), 2);
    assert_eq!(report("junit").stdout.matches("type=\"feed.unreadable\"").count(), 2);
    let page = report("html").stdout.split_whitespace().collect::<String>();
    assert!(page.contains("3</dd>") || page.contains(">3<"), "{page}");
    desk.call(&["import", "feeds"]).ends(2);
    desk.call(&["runs", "1"]).ends(0).prints(&["feeds       3"]);
}

#[test]
fn nothing_turns_the_direction_of_writing_in_any_form() {
    let desk = Desk::new();
    let marks = ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200e}', '\u{200f}', '\u{61c}'];
    let evil: String = marks.iter().collect();
    let feed = |price: &str| {
        format!(
            "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'><header><sender>S{evil}</sender></header>\
             <product reference='r{evil}' notification='{price}{evil}'><t>{price}{evil}</t></product></catalogue>"
        )
    };
    desk.file(&format!("feeds/a{evil}.xml"), feed("1"));
    desk.file(&format!("b{evil}.xml"), feed("2"));
    let (old, new) = (format!("feeds/a{evil}.xml"), format!("b{evil}.xml"));
    let harmless = |call: super::Call| {
        for text in [&call.stdout, &call.stderr] {
            assert!(!text.contains(marks), "{text}");
        }
    };
    for form in ["text", "lines", "json", "junit", "sarif", "gitlab", "html"] {
        harmless(desk.call(&["validate", "--report", form, "feeds"]));
        harmless(desk.call(&["validate", "--report", form, &old, "nowhere\u{202e}"]));
    }
    for form in ["text", "json", "html"] {
        harmless(desk.call(&["diff", "--report", form, &old, &new]));
    }
    for form in ["text", "json", "plain"] {
        let log = format!("log.form={form}");
        harmless(desk.call(&["import", "--set", &log, "--source", "S\u{202e}", "feeds"]));
        harmless(desk.call(&["import", "--set", &log, "nowhere\u{202e}"]));
    }
    desk.file("feeds/again.xml", feed("3"));
    let held = ["import", "--source", "S\u{202e}", "--set", "guard.refused=1", "feeds"];
    harmless(desk.call(&held));
    for list in ["quarantine", "held", "runs", "audit", "token"] {
        let list = if ["runs", "audit"].contains(&list) { vec![list] } else { vec![list, "list"] };
        for form in ["text", "json", "csv"] {
            harmless(desk.call(&[&list[..], &["--output", form]].concat()).ends(0));
        }
    }
    for look in
        [&["quarantine", "show", "1"][..], &["held", "show", "1"], &["runs", "1"], &["explain", &evil]]
    {
        harmless(desk.call(look));
    }
    harmless(desk.call_with(&["conformance"], format!("{{\"schema\":\"{evil}\"}}\n").as_bytes()));
    let discard = ["quarantine", "discard", "1", "--reason", "\u{202e}", "--by", "a\u{202e}"];
    harmless(desk.call(&discard).ends(0));
    harmless(desk.call(&["audit", "--json"]).ends(0));
    harmless(desk.call(&["config", "--set", "schemas=\u{202e}", "--json"]));
}
