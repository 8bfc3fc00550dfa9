//! Every folder of `tests/data/diff` is a case: two feeds, the arguments, what was printed and the exit status.

use crate::cli::{Desk, repository};
use std::fs;
use std::path::Path;

/// What a call printed, as it is kept.
fn told(folder: &Path) -> String {
    let desk = Desk::new();
    for name in ["old.xml", "new.xml"] {
        desk.file(name, fs::read(folder.join(name)).expect("each case has two feeds"));
    }
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap_or_default();
    let mut call = vec!["diff", "old.xml", "new.xml"];
    call.extend(arguments.split_ascii_whitespace());
    let call = desk.call(&call);
    format!("{}--- standard error\n{}--- exit status {}\n", call.stdout, call.stderr, call.status)
}

#[test]
fn every_case_is_told_as_it_is_kept() {
    let mut folders: Vec<_> = fs::read_dir(repository("tests/data/diff"))
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    folders.sort();
    assert!(folders.len() >= 20, "cases are missing");
    let mut differ = Vec::new();
    for folder in &folders {
        let (told, path) = (told(folder), folder.join("expected.txt"));
        if std::env::var_os("FEEDGATE_TEST_ACCEPT").is_some() {
            fs::write(&path, &told).expect("written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if told != expected {
            differ.push(format!("{}:\n{told}\nexpected:\n{expected}", folder.display()));
        }
    }
    assert!(differ.is_empty(), "{}\nFEEDGATE_TEST_ACCEPT=1 accepts", differ.join("\n"));
}

#[test]
fn what_cannot_be_compared_says_so() {
    let desk = Desk::new();
    desk.file("a.xml", fs::read(repository("samples/catalogue/good.xml")).expect("the sample is there"));
    let case = |arguments: &[&str], parts: &[&str]| {
        let call = [&["diff"], arguments].concat();
        let call = desk.call(&call).ends(2).tells(parts);
        assert_eq!(call.stdout, "");
    };
    case(&["a.xml", "b.xml"], &["cannot open `b.xml`"]);
    case(&["-", "-"], &["both feeds are `-`: only one can come from standard input"]);
    case(&["a.xml", "."], &["`.` is a folder: name the two files to compare"]);
    case(&["a.xml"], &["<NEW>"]);
    case(&["a.xml", "a.xml", "--only", "a[b]"], &["`a[b]` is no path of a change"]);
    case(&["a.xml", "a.xml", "--key", "a["], &["`--key` is no path to a value", "`a[` is no path"]);
    case(&["a.xml", "a.xml", "--format", "onix"], &["the format of `a.xml` is not known"]);
}
