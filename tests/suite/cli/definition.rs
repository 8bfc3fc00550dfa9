//! What is made from the definition of the arguments: completions and the manual; and how much is told.

use super::{Desk, repository};
use std::process::Command;

#[test]
fn completions_of_bash_are_a_script_that_knows_every_command() {
    let desk = Desk::new();
    let script = desk.call(&["completions", "bash"]).ends(0).stdout;
    desk.file("feedgate.bash", &script);
    let mut bash = Command::new("bash");
    let parsed =
        bash.args(["-n", "feedgate.bash"]).current_dir(desk.folder.path()).output().expect("bash starts");
    assert!(parsed.status.success(), "{}", String::from_utf8_lossy(&parsed.stderr));
    for word in ["quarantine", "explain", "--report-file", "--quiet", "junit"] {
        assert!(script.contains(word), "`{word}` is not completed");
    }
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        desk.call(&["completions", shell]).ends(0).prints(&["quarantine"]);
    }
    desk.call(&["completions", "tcsh"]).ends(2).tells(&["possible values"]);
}

#[test]
fn the_manual_has_a_page_for_each_command_with_its_examples() {
    let desk = Desk::new();
    desk.call(&["man", "--dir", "man1"]).ends(0).tells(&["pages written to `man1`"]);
    let page = |name: &str| std::fs::read_to_string(desk.path("man1").join(name)).expect("a page");
    assert!(page("feedgate.1").contains("feedgate\\-import(1)"), "{}", page("feedgate.1"));
    let import = page("feedgate-import.1");
    assert!(import.starts_with(".ie") || import.contains(".TH"), "{import}");
    for part in ["Examples:", "feedgate import", "Exit status:", "dry\\-run"] {
        assert!(import.contains(part), "`{part}` is not in\n{import}");
    }
    assert!(page("feedgate-quarantine-discard.1").contains("feedgate quarantine discard"));
    assert!(!desk.path("man1/feedgate-conformance.1").exists(), "what is hidden has no page");
}

#[test]
fn quiet_tells_errors_alone_and_verbose_what_is_done() {
    let desk = Desk::new();
    let good = repository("samples/catalogue/no-namespace.xml").display().to_string();
    let faulty = repository("samples/catalogue/faults/bad-gtin.xml").display().to_string();
    let told = desk.call(&["import", "-q", "--progress", "plain", "--report", "lines", &good]).ends(0);
    assert_eq!(told.stderr, "", "{told:#?}");
    let told = desk.call(&["validate", "-q", &faulty]).ends(1).prints(&["[rule.gtin]"]);
    assert!(told.stderr.is_empty() && !told.stdout.contains("verdict"), "{told:#?}");
    desk.call(&["validate", "-q", "nowhere.xml"]).ends(2).tells(&["error: ", "nowhere.xml"]);
    desk.call(&["runs", "-v", "--set", "samples=5"]).ends(0).tells(&[
        "verbose: there is no settings file",
        "verbose: samples is `5`, set by ",
        "verbose: the database is `sqlite:",
    ]);
    desk.call(&["validate", "--verbose", &good]).ends(0).tells(&[
        "verbose: format catalogue/1.0: profile `",
        "verbose: format catalogue/1.0: schema `catalogue.xsd` compiled in ",
    ]);
    desk.call(&["runs", "-q", "-v"]).ends(2).tells(&["cannot be used with"]);
}
