//! Settings reach the program from every layer, and wrong ones are refused with their origin.

use super::{Call, Desk, repository};
use feedgate::config::{SETTINGS, Setting};

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "databse = 'sqlite://a.db'\n");
    desk.call(&["runs"]).ends(2).tells(&[
        "unknown setting `databse` in the settings file `feedgate.toml:1`: did you mean `database`?",
    ]);
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

/// What `feedgate config` tells of each setting: its value and who set it.
#[track_caller]
fn holds(call: &Call, rows: &[(&str, &str, &str)]) {
    for (key, value, set_by) in rows {
        let row = call.stdout.lines().find(|line| line.starts_with(&format!("{key} ")));
        let cells = row.map(|row| row.split_whitespace().collect::<Vec<_>>());
        let expected: Vec<_> = [*key, value, set_by].into_iter().filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells, Some(expected), "{call:#?}");
    }
}

#[test]
fn config_tells_each_value_and_who_set_it() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "samples = 4\nthreads = 4\nreport = 'json'\n\n[limits]\nratio_max = 4\n");
    let flags = ["config", "--set", "samples=1", "--set", "report_file.html=a.html", "--color", "never"];
    let mut command = desk.command(&flags);
    command.env("FEEDGATE_THREADS", "2").env("FEEDGATE_SAMPLES", "2");
    let call = Call::of(command.output().expect("the program starts")).ends(0);
    holds(
        &call,
        &[
            ("samples", "1", "--set"),
            ("color", "never", "--color"),
            ("report_file.html", "a.html", "--set"),
            ("report_file.junit", "", "default"),
            ("threads", "2", "FEEDGATE_THREADS"),
            ("report", "json", "feedgate.toml:3"),
            ("limits.ratio_max", "4", "feedgate.toml:6"),
            ("limits.tag_bytes_max", "256KiB", "default"),
        ],
    );
    assert_eq!(call.stdout.lines().count(), SETTINGS.len() + 1, "a heading and all settings");
    call.tells(&["the settings file is `feedgate.toml`"]);
}

#[test]
fn config_tells_which_file_it_read() {
    let desk = Desk::new();
    let usual = desk.path(".local/share/feedgate/schemas").display().to_string();
    let call = desk.call(&["config"]).ends(0).tells(&["there is no settings file"]);
    holds(&call, &[("schemas", &usual, "default"), ("database", "sqlite://feedgate.db", "default")]);
    desk.file("shop.toml", "samples = 4");
    let call = desk.call(&["config", "--config", "shop.toml"]).ends(0).tells(&["file is `shop.toml`"]);
    holds(&call, &[("samples", "4", "shop.toml:1")]);
}

#[test]
fn config_with_a_key_prints_its_value_alone() {
    let desk = Desk::new();
    let value = |key| desk.call(&["config", key, "--set", "limits.ratio_max=9"]).ends(0).stdout;
    assert_eq!(value("limits.ratio_max"), "9\n");
    assert_eq!(value("trace_url"), "\n");
    desk.call(&["config", "databse"]).ends(2).tells(&["unknown setting `databse`: did you mean `database`?"]);
}

#[test]
fn config_speaks_json() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "\nsamples = 4");
    let call = desk.call(&["config", "--json"]).ends(0);
    let lines: Vec<serde_json::Value> =
        call.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), SETTINGS.len());
    let of = |key: &str| lines.iter().find(|line| line["key"] == key).expect("a line").clone();
    let (samples, trace_url) = (of("samples"), of("trace_url"));
    let file = serde_json::json!({"version": 1, "type": "setting", "key": "samples", "value": "4", "set_by": "file",
        "place": "feedgate.toml:2"});
    assert_eq!(samples, file);
    assert!(trace_url["value"].is_null() && trace_url["place"].is_null(), "{trace_url}");
    assert_eq!(trace_url["set_by"], "default");
    let one = desk.call(&["config", "--json", "samples"]).ends(0).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&one).expect("one line"), file);
}

/// A file with values for formats and senders; a sender's name has a dot, another quotes.
const SCOPED: &str = r#"guard.withdraw = "1%/1"
[sender."Verlag No. 1"]
feeds = "full"
guard.price = "off"
[sender.'The "Other"'.guard]
withdraw = "off"
[format.onix]
guard.withdraw = "2%/2"
"#;

#[test]
fn config_lists_what_is_set_for_one_format_or_sender_last() {
    let desk = Desk::new();
    desk.file("feedgate.toml", SCOPED);
    let call = desk.call(&["config", "--set", "sender.\"Verlag No. 1\".guard.price=3%/3"]).ends(0);
    let rows: Vec<_> = call.stdout.lines().skip(SETTINGS.len() + 1).collect();
    let cells = |row: &&str| {
        row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")
    };
    let expected = [
        r#"format."onix".guard.withdraw | 2%/2 | feedgate.toml:8"#,
        r#"sender."The \"Other\"".guard.withdraw | off | feedgate.toml:6"#,
        r#"sender."Verlag No. 1".feeds | full | feedgate.toml:3"#,
        r#"sender."Verlag No. 1".guard.price | 3%/3 | --set"#,
    ];
    assert_eq!(rows.iter().map(cells).collect::<Vec<_>>(), expected);
    holds(&call, &[("guard.withdraw", "1%/1", "feedgate.toml:1"), ("feeds", "", "default")]);
    let json = desk.call(&["config", "--json"]).ends(0).stdout;
    let last: serde_json::Value = serde_json::from_str(json.lines().last().expect("lines")).expect("JSON");
    let expected = serde_json::json!({"version": 1, "type": "setting", "key": "sender.\"Verlag No. 1\".guard.price",
        "value": "off", "set_by": "file", "place": "feedgate.toml:4"});
    assert_eq!(last, expected);
}

#[test]
fn config_tells_what_holds_for_one_format_or_sender() {
    let desk = Desk::new();
    desk.file("feedgate.toml", SCOPED);
    let value = |key| desk.call(&["config", key]).ends(0).stdout;
    assert_eq!(value("sender.\"Verlag No. 1\".guard.price"), "off\n");
    assert_eq!(value("sender.\"Verlag No. 1\".guard.withdraw"), "1%/1\n");
    assert_eq!(value("sender.Nobody.guard.create"), "50%/200\n");
    assert_eq!(value("format.\"onix/3.0\".guard.withdraw"), "2%/2\n");
    assert_eq!(value("format.\"catalogue/1.0\".guard.withdraw"), "1%/1\n");
    desk.call(&["config", "sender.X.database"])
        .ends(2)
        .tells(&["setting `database` cannot be set for one sender"]);
}

#[test]
fn what_is_wrong_for_one_sender_is_told_with_its_line() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "[sender.\"GLN 40\"]\nguard.withdraw = '5 of 20'\n");
    let key =
        "setting `sender.\"GLN 40\".guard.withdraw` from the settings file `feedgate.toml:2` cannot be used";
    let call = desk.call(&["config"]).ends(2).tells(&[key, "`5 of 20` is no limit: write `PERCENT%/NUMBER`"]);
    let words = call.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("sender.\"GLN 40\".guard.withdraw 5 of 20"), "{call:#?}");
    desk.file("feedgate.toml", "[sender.\"GLN 40\"]\ndatabase = 'sqlite://a.db'\n");
    let error = "setting `database` in the settings file `feedgate.toml:2` cannot be set for one sender";
    desk.call(&["runs"]).ends(2).tells(&[error]);
}

#[test]
fn config_hides_secrets() {
    let desk = Desk::new();
    for (key, value, shown) in [
        ("database", "postgres://user:geheim@host/db", "postgres://user:***@host/db"),
        ("database", "postgres://user:ge%3Aheim%40geheim@host/db", "postgres://user:***@host/db"),
        ("database", "postgres://host/db?password=geheim&user=me", "postgres://host/db?password=***&user=me"),
        ("trace_url", "https://me:geheim@host/{trace_id}", "https://***@host/{trace_id}"),
    ] {
        let mut command = desk.command(&["config", key]);
        let command = command.env(format!("FEEDGATE_{}", key.to_uppercase()), value);
        let call = Call::of(command.output().expect("the program starts")).ends(0);
        assert_eq!(call.stdout, format!("{shown}\n"));
        let assignment = format!("{key}={value}");
        for form in [&["config"][..], &["config", "--json"]] {
            let call = desk.call(&[form, &["--set", &assignment]].concat()).ends(0).prints(&[shown]);
            assert!(!call.stdout.contains("geheim"), "{call:#?}");
        }
    }
}

#[test]
fn config_shows_also_what_cannot_be_used() {
    let desk = Desk::new();
    desk.file("feedgate.toml", "samples = 'many'\ndatabase = 'mysql://me:geheim@host'");
    let call = desk
        .call(&["config"])
        .ends(2)
        .tells(&["setting `database` from the settings file `feedgate.toml:2`"]);
    holds(&call, &[("samples", "many", "feedgate.toml:1"), ("database", "***", "feedgate.toml:2")]);
    assert!(!call.stderr.contains("geheim"), "{call:#?}");
}

#[test]
fn a_wrong_value_is_refused_alike_whoever_sets_it() {
    let desk = Desk::new();
    let reason = "`many` is no whole number";
    desk.call(&["validate", "--samples", "many", "a.xml"])
        .ends(2)
        .tells(&["setting `samples` from the flag `--samples` cannot be used", reason]);
    desk.call(&["runs", "--set", "samples=many"]).ends(2).tells(&["the flag `--set` cannot be used", reason]);
    desk.file("feedgate.toml", "samples = 'many'");
    desk.call(&["runs"]).ends(2).tells(&["settings file `feedgate.toml:1` cannot be used", reason]);
}

/// The README's list of settings.
fn documented() -> String {
    let row = |setting: &Setting| {
        let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
        format!(
            "| `{}` | {} | {} | {} | {} |\n",
            setting.key,
            code(setting.flag.unwrap_or_default()),
            code(setting.default()),
            setting.accepted(),
            setting.about
        )
    };
    let heading = "| key | flag | default | value | what it decides |\n| --- | --- | --- | --- | --- |\n";
    heading.to_owned() + &SETTINGS.iter().map(row).collect::<String>()
}

#[test]
fn the_readme_lists_every_setting() {
    let path = repository("README.md");
    let readme = std::fs::read_to_string(&path).expect("there is a README");
    let start = readme.find("| key | ").expect("it has a list of settings");
    let end = start + readme[start..].find("\n\n").expect("something follows the list") + 1;
    let expected = documented();
    if std::env::var_os("FEEDGATE_TEST_ACCEPT").is_some() {
        let accepted = format!("{}{expected}{}", &readme[..start], &readme[end..]);
        return std::fs::write(&path, accepted).expect("written");
    }
    assert_eq!(&readme[start..end], expected, "README.md differs; FEEDGATE_TEST_ACCEPT=1 accepts");
}

#[test]
fn what_a_schema_may_cost_is_a_setting() {
    let desk = Desk::new();
    desk.file(
        "s.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='r'>\
         <xs:unique name='k'><xs:selector xpath='a|b'/><xs:field xpath='@i'/></xs:unique></xs:element></xs:schema>",
    );
    desk.file("feed.xml", "<r/>");
    let validate = ["validate", "--schema", "s.xsd", "feed.xml"];
    desk.call(&validate).ends(0);
    let one = ["--set", "limits.paths_max=1"];
    let told = "an `xpath` has more than 1 paths (limit `paths_max`)";
    desk.call(&[&validate[..], &one].concat()).ends(2).tells(&[told]);
    desk.call(&[&["schema", "check", "s.xsd"], &one[..]].concat()).ends(1).prints(&[told]);
}
