//! Settings reach the program from every layer, and wrong ones are refused with their origin.

use super::{Desk, repository};
use feedgate::config::{KEYS, Key};

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "databse = 'sqlite://a.db'\n");
    desk.call(&["runs"])
        .ends(2)
        .tells(&["unknown setting `databse` in the settings file `feedgate.toml`: did you mean `database`?"]);
}

#[test]
fn the_flag_covers_the_variable_and_that_the_file() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "database = 'sqlite://file.db'\n");
    let of = |arguments: &[&str], variable: Option<&str>| {
        let mut command = desk.command(arguments);
        command.envs(variable.map(|value| ("FEEDGATE_DATABASE", value)));
        let output = command.output().expect("the program starts");
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(of(&["runs"], None).contains("`sqlite://file.db`"));
    assert!(of(&["runs"], Some("sqlite://variable.db")).contains("`sqlite://variable.db`"));
    let flagged = of(&["runs", "--database", "sqlite://flag.db"], Some("sqlite://variable.db"));
    assert!(flagged.contains("`sqlite://flag.db`"));
}

#[test]
fn a_password_is_never_printed() {
    let desk = Desk::new();
    for url in [
        "postgres://shop:geheim@127.0.0.1:1/shop",
        "postgres://127.0.0.1:1/shop?password=geheim",
        "mysql://a:geheim@b",
    ] {
        let call = desk.call(&["runs", "--database", url]).ends(2);
        assert!(!call.stderr.contains("geheim"), "{call:#?}");
    }
}

#[test]
fn a_variable_that_means_nothing_is_told() {
    let desk = Desk::new();
    let mut command = desk.command(&["schema", "list"]);
    let output = command.env("FEEDGATE_DATABSE", "x").output().expect("the program starts");
    assert!(output.status.success());
    assert!(String::from_utf8(output.stderr).expect("text").contains("`FEEDGATE_DATABSE` means nothing"));
}

#[test]
fn the_readme_lists_every_setting() {
    let readme = std::fs::read_to_string(repository("README.md")).expect("there is a README");
    for Key { name, default, about } in KEYS {
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let row = format!("| `{name}` | {default} | {about} |");
        assert!(readme.contains(&row), "missing in README.md:\n{row}");
    }
}
