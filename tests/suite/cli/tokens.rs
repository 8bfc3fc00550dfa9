//! `feedgate token`: shown once, listed, revoked; what it tells and what it never tells.

use super::Desk;
use serde_json::Value;
use std::process::Command;

#[test]
fn a_token_is_shown_once_listed_and_revoked() {
    let desk = Desk::new();
    desk.call(&["token", "list"]).ends(0).prints(&["no tokens\n"]);
    let call = desk.call(&["token", "create", "ci", "--scope", "submit", "--scope", "read"]).ends(0);
    let token = call.stdout.trim_end().to_owned();
    assert_eq!((token.len(), token.starts_with("fgt_")), (47, true), "{token}");
    assert!(!call.stderr.contains("fgt_"), "{}", call.stderr);
    let bound = ["token", "create", "a@b", "--scope", "read", "--source", "Verlag A", "--expires", "90d"];
    desk.call(&bound).ends(0).tells(&["token `a@b` is made"]);
    let list = desk.call(&["token", "list"]).ends(0);
    assert!(!list.stdout.contains("fgt_"), "{}", list.stdout);
    list.prints(&["ci     valid  read submit  all ", "a@b    valid  read         Verlag A "]);
    desk.call(&["token", "revoke", "ci", "--reason", "lost"]).ends(0).tells(&["`ci` is revoked: lost"]);
    desk.call(&["token", "list"]).ends(0).prints(&["ci     revoked  read submit"]);
    desk.call(&["token", "revoke", "ci", "--reason", "lost"]).ends(2).tells(&["was revoked before"]);
    desk.call(&["audit"]).ends(0).prints(&[
        "cli:desk  token.revoke  token ci",
        "lost\n",
        "token.create  token a@b",
    ]);
}

#[test]
fn programs_read_json() {
    let desk = Desk::new();
    let call =
        desk.call(&["token", "create", "ci", "--scope", "operate", "--expires", "1h", "--json"]).ends(0);
    let made: Value = serde_json::from_str(&call.stdout).expect("JSON");
    assert_eq!((&made["type"], &made["scopes"][0]), (&"new_token".into(), &"operate".into()));
    let list = desk.call(&["token", "list", "--json"]).ends(0);
    let listed: Value = serde_json::from_str(&list.stdout).expect("JSON");
    assert_eq!((&listed["type"], &listed["scopes"]), (&"token".into(), &made["scopes"]));
    assert_eq!(listed["expires_at"], made["expires_at"]);
    assert_eq!(listed["state"], "valid");
    let audit = desk.call(&["audit", "--json"]).ends(0);
    let row: Value = serde_json::from_str(&audit.stdout).expect("JSON");
    assert_eq!((&row["type"], &row["object"]), (&"decision".into(), &"token ci".into()));
}

#[test]
fn what_cannot_be_is_told() {
    let desk = Desk::new();
    desk.call(&["token", "revoke", "ci", "--reason", "lost"]).ends(2).tells(&["there is no token `ci`"]);
    assert!(!desk.path("feedgate.db").exists(), "revoking is no reason to make a database");
    desk.call(&["token", "create", "ci", "--scope", "read"]).ends(0);
    desk.call(&["token", "create", "ci", "--scope", "read"])
        .ends(2)
        .tells(&["there is, or was, a token `ci`"]);
    desk.call(&["token", "revoke", "cd", "--reason", "lost"]).ends(2).tells(&["there is no token `cd`"]);
    desk.call(&["token", "revoke", "ci"]).ends(2).tells(&["--reason"]);
    desk.call(&["token", "create", "x"]).ends(2).tells(&["--scope"]);
    desk.call(&["token", "create", "x", "--scope", "all"])
        .ends(2)
        .tells(&["[possible values: read, submit, operate]"]);
    desk.call(&["token", "create", "two words", "--scope", "read"]).ends(2).tells(&["` ` is not possible"]);
    let long = "a".repeat(101);
    desk.call(&["token", "create", &long, "--scope", "read"]).ends(2).tells(&["it has 101 characters"]);
    let never = ["token", "create", "x", "--scope", "read", "--expires", "0s"];
    desk.call(&never).ends(2).tells(&["for no time"]);
    let nobody = ["token", "create", "x", "--scope", "read", "--source", ""];
    desk.call(&nobody).ends(2).tells(&["it is empty"]);
    let reason = "a".repeat(1_001);
    desk.call(&["token", "revoke", "ci", "--reason", &reason]).ends(2).tells(&["1001 characters"]);
    desk.call(&["token", "list"]).ends(0).prints(&["ci     valid"]);
}

/// What a program of the system prints.
fn told_by(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output().expect("the system has it");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Who has decided, the last first.
fn deciders(desk: &Desk) -> Vec<String> {
    let audit = desk.call(&["audit", "--json"]).ends(0).stdout;
    let who = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        row["who"].as_str().expect("a name").to_owned()
    };
    audit.lines().map(who).collect()
}

#[test]
fn who_decides_is_who_says_so_or_else_the_user() {
    let desk = Desk::new();
    let make = |name: &str, by: &[&str], environment: &[(&str, &str)]| {
        let create = ["token", "create", name, "--scope", "read"];
        let mut command = desk.command(&[&create[..], by].concat());
        command.envs(environment.iter().copied());
        assert!(command.output().expect("the program starts").status.success());
    };
    make("a", &[], &[("USER", "anna"), ("LOGNAME", "other")]);
    make("b", &[], &[("LOGNAME", "bert"), ("USER", "")]);
    make("c", &[], &[("FEEDGATE_BY", "carla@example"), ("USER", "anna")]);
    make("d", &["--by", " token:d "], &[("FEEDGATE_BY", "carla@example")]);
    make("e", &[], &[("USER", ""), ("FEEDGATE_BY", "")]);
    let account = format!("cli:uid {}@{}", told_by("id", "-u"), told_by("uname", "-n"));
    assert_eq!(deciders(&desk), [&account, "cli:token:d", "cli:carla@example", "cli:bert", "cli:anna"]);
}

#[test]
fn who_decides_is_a_name() {
    let desk = Desk::new();
    let create = |by: &str| desk.call(&["token", "create", "a", "--scope", "read", "--by", by]);
    create("a\nb").ends(2).tells(&["the flag `--by`", "the name has a control character"]);
    create(" ").ends(2).tells(&["the name is empty"]);
    create(&"a".repeat(101)).ends(2).tells(&["the name has 101 characters: at most 100 are kept"]);
    desk.call(&["token", "list"]).ends(0).prints(&["no tokens"]);
    create(&"ü".repeat(100)).ends(0);
    assert_eq!(deciders(&desk), [format!("cli:{}", "ü".repeat(100))]);
}
