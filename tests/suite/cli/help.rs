//! Help is part of the interface: every text is a snapshot, and names its exit statuses.

use super::{Desk, snapshot};

/// Every command with help of its own.
const COMMANDS: &[&str] = &[
    "",
    "validate",
    "import",
    "diff",
    "drift",
    "baseline",
    "baseline show",
    "baseline accept",
    "baseline reset",
    "runs",
    "serve",
    "submit",
    "rollback",
    "held",
    "held list",
    "held show",
    "held release",
    "held refuse",
    "quarantine",
    "quarantine list",
    "quarantine show",
    "quarantine export",
    "quarantine replay",
    "quarantine discard",
    "expiry",
    "expiry check",
    "expiry watch",
    "expiry list",
    "expiry init",
    "token",
    "token create",
    "token list",
    "token revoke",
    "audit",
    "migrate",
    "schema",
    "schema list",
    "schema install",
    "schema check",
    "schema report",
    "config",
    "explain",
    "completions",
    "man",
    "conformance",
];

#[test]
fn every_command_explains_itself() {
    let desk = Desk::new();
    for command in COMMANDS {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let call = desk.call(&arguments).ends(0);
        let name = if command.is_empty() { "feedgate".to_owned() } else { command.replace(' ', "-") };
        snapshot(&format!("help/{name}.txt"), &call.stdout);
        let group = matches!(*command, "baseline" | "expiry" | "held" | "quarantine" | "schema" | "token");
        assert!(group || call.stdout.contains("Exit status:"), "{command} does not name its exit statuses");
    }
}

#[test]
fn no_command_is_forgotten_here() {
    let desk = Desk::new();
    for parent in ["", "baseline", "expiry", "held", "quarantine", "schema", "token"] {
        let mut arguments: Vec<&str> = parent.split_whitespace().collect();
        arguments.push("-h");
        let help = desk.call(&arguments).stdout;
        let list = help.split("Commands:\n").nth(1).expect("a list of commands");
        let names = list.lines().take_while(|line| line.starts_with("  "));
        for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
            let full = format!("{parent} {name}");
            assert!(COMMANDS.contains(&full.trim()), "`{full}` has no snapshot");
        }
    }
}

#[test]
fn a_wrong_call_is_status_2() {
    let desk = Desk::new();
    desk.call(&[]).ends(2);
    desk.call(&["vaildate"]).ends(2).tells(&["a similar subcommand exists: 'validate'"]);
    desk.call(&["validate"]).ends(2).tells(&["<FEED>..."]);
    desk.call(&["validate", "--report", "xml", "a.xml"])
        .ends(2)
        .tells(&["[possible values: text, lines, json, junit, sarif, gitlab, html]"]);
    desk.call(&["--version"]).ends(0).prints(&[env!("CARGO_PKG_VERSION")]);
}
