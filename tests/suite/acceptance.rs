//! One acceptance, whoever states it: every way a feed can end, in every form of report, in the database and in
//! metrics, on both databases.

use crate::cli::{Call, Desk, repository};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, Received, Tongue};
use crate::support::database::{TestDatabase, on_each};
use feedgate::judgement::Acceptance;
use flate2::Compression;
use flate2::write::GzEncoder;
use regex::Regex;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const NAMESPACE: &str = "urn:feedgate:catalogue:1.0";

/// A way for a feed to end.
struct Ending {
    name: &'static str,
    feed: Vec<u8>,
    file: &'static str,
    settings: &'static [&'static str],
    /// Imported before, so that there is something to be held against.
    before: Option<Vec<u8>>,
    expected: Acceptance,
}

fn ending(name: &'static str, file: &'static str, feed: impl Into<Vec<u8>>, expected: Acceptance) -> Ending {
    Ending { name, feed: feed.into(), file, settings: &[], before: None, expected }
}

/// 400 records, one of them wrong, or none.
fn records(wrong: Option<u32>) -> String {
    catalogue("Verlag A", 400, |number| if Some(number) == wrong { Fault::Price } else { Fault::None })
}

/// The same in another format of the test's own.
fn of(format: &str, text: &str) -> String {
    text.replace(NAMESPACE, &format!("urn:example:{format}"))
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).expect("writes to memory");
    packer.finish().expect("writes to memory")
}

fn endings() -> Vec<Ending> {
    let whole = records(None);
    let half = packed(&whole);
    let few = catalogue("Verlag A", 3, |_| Fault::None);
    vec![
        ending("whole", "a.xml", whole.clone(), Acceptance::Accepted),
        ending("with a deviation", "a.xml", records(Some(7)), Acceptance::Deviations),
        ending("cut off", "a.xml", &whole.as_bytes()[..whole.len() / 2], Acceptance::Failed),
        ending("cut off in its compression", "a.xml.gz", &half[..half.len() / 2], Acceptance::Failed),
        ending("unreadable", "a.xml.gz", [0x1F, 0x8B, 8, 0, 0], Acceptance::Failed),
        ending("of no known format", "a.xml", "<rss/>", Acceptance::Deviations),
        Ending {
            before: Some(of("guarded", &whole).into()),
            ..ending("held", "a.xml", of("guarded", &few), Acceptance::Held)
        },
        ending("not checked", "a.xml", of("asserted", &whole), Acceptance::NotFullyChecked),
        Ending {
            settings: &["limits.findings_max=0"],
            ..ending("with more than is told", "a.xml", records(Some(7)), Acceptance::Deviations)
        },
        Ending {
            settings: &["limits.depth_max=2"],
            ..ending("beyond a limit", "a.xml", whole.clone(), Acceptance::Deviations)
        },
    ]
}

/// Two formats beside the program's own: one with a guard, one with an assertion of XML Schema 1.1.
fn formats(desk: &Desk) {
    let own = |name: &str| {
        std::fs::read_to_string(repository("schemas/catalogue/1.0").join(name)).expect("a file of ours")
    };
    for format in ["guarded", "asserted"] {
        let profile = of(format, &own("profile.toml"))
            .replace("format = \"catalogue\"", &format!("format = \"{format}\""))
            .replace("assume_namespace = true", "assume_namespace = false");
        let profile = match format {
            "guarded" => format!("feeds = \"full\"\n{profile}"),
            _ => profile,
        };
        let schema = of(format, &own("catalogue.xsd"));
        let (before, after) = schema.split_once("<xs:complexType name=\"Header\">").expect("a type");
        let (header, rest) = after.split_once("</xs:complexType>").expect("its end");
        let assertion = if format == "asserted" { "<xs:assert test=\"true()\"/>" } else { "" };
        let schema =
            format!("{before}<xs:complexType name=\"Header\">{header}{assertion}</xs:complexType>{rest}");
        desk.file(&format!("formats/{format}/1.0/profile.toml"), profile);
        desk.file(&format!("formats/{format}/1.0/catalogue.xsd"), schema);
    }
}

const REPORTS: [&str; 6] = ["text", "json", "junit", "sarif", "gitlab", "html"];

fn command(desk: &Desk, database: &TestDatabase, collector: &Collector, settings: &[&str]) -> Command {
    let reports = REPORTS.map(|form| format!("--report-file={form}=report.{form}"));
    let mut command = desk.command(&["import", "--schemas", "formats", "--report", "lines"]);
    command.args(reports).args(["--database", database.url.secret()]);
    command.args(settings.iter().flat_map(|setting| ["--set", setting]));
    command.envs(collector.variables()).env("FEEDGATE_LOG_FORM", "plain");
    command
}

/// Everything that was stated of the feed and of the run.
struct Stated<'a> {
    call: Call,
    desk: &'a Desk,
    database: &'a TestDatabase,
    received: Received,
}

impl Stated<'_> {
    fn report(&self, form: &str) -> String {
        std::fs::read_to_string(self.desk.path(&format!("report.{form}"))).expect("the report was written")
    }

    async fn is(&self, expected: Acceptance) {
        let status = expected.exit_status();
        assert_eq!(self.call.status, i32::from(status), "{:#?}", self.call);
        self.of_reports(expected);
        self.of_metrics(expected);
        let database = self.database;
        let runs = "select cast(exit_status as text) from run order by id desc limit 1";
        assert_eq!(database.texts(runs).await, [status.to_string()]);
        let feeds = "select acceptance from feed_version where run_id = (select max(id) from run)";
        assert_eq!(database.texts(feeds).await, [expected.as_str()]);
    }

    fn of_reports(&self, expected: Acceptance) {
        let status = expected.exit_status();
        let said = format!("exit status {status}: ");
        assert!(self.call.stderr.contains(&said), "{}", self.call.stderr);
        for form in ["text", "html"] {
            assert!(self.report(form).contains(&said), "{form} does not say `{said}`");
        }
        let lines: Vec<Value> =
            self.report("json").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let of = |kind: &str| lines.iter().find(|line| line["type"] == kind);
        assert_eq!(of("summary").expect("a summary")["exit_status"], status);
        let junit = self.report("junit");
        let property = Regex::new(r#"name="exit_status" value="(\d)""#).expect("a pattern");
        let stated: Vec<_> = property.captures_iter(&junit).map(|each| each[1].to_owned()).collect();
        match of("feed_end") {
            Some(end) => {
                assert_eq!(end["exit_status"], status, "{end}");
                assert_eq!(stated, [status.to_string()], "{junit}");
            }
            None => assert!(expected == Acceptance::Failed && of("feed_failed").is_some(), "{lines:?}"),
        }
        let good = [Acceptance::Accepted, Acceptance::NotFullyChecked].contains(&expected);
        let wrong = junit.contains("<failure") || junit.contains("<error");
        assert_eq!(wrong, !good, "{junit}");
        let sarif: Value = serde_json::from_str(&self.report("sarif")).expect("JSON");
        assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], status);
        let gitlab: Value = serde_json::from_str(&self.report("gitlab")).expect("JSON");
        let told = gitlab.as_array().expect("a list").len();
        // With all findings left out of the report there is nothing to list.
        let untold =
            of("summary").expect("a summary")["findings_told"] == 0 && expected == Acceptance::Deviations;
        assert_eq!(told == 0, expected == Acceptance::Accepted || untold, "{gitlab}");
    }

    fn of_metrics(&self, expected: Acceptance) {
        let outcome = |name: &str, label: &str| -> Vec<String> {
            let set = self.received.points(name).into_iter().filter(|(_, value)| *value > 0.5);
            let of = |labels: String| {
                labels.split(' ').find_map(|each| each.strip_prefix(label).map(str::to_owned))
            };
            set.filter_map(|(labels, _)| of(labels)).collect()
        };
        let label = "feedgate.outcome=";
        assert_eq!(outcome("feedgate.feeds", label), [expected.as_str()]);
        assert_eq!(outcome("feedgate.last_run.feeds", label), [expected.as_str()]);
        assert_eq!(outcome("feedgate.last_run.outcome", label), [expected.as_str()]);
    }
}

#[test]
fn whoever_states_what_a_feed_came_to_states_the_same() {
    let collector = Collector::start(Tongue::Http, Manner::Good);
    on_each(async |database| {
        for ending in endings() {
            let desk = Desk::new();
            formats(&desk);
            // Another database for each would be dear: another sender does.
            let own = |bytes: Vec<u8>| match String::from_utf8(bytes) {
                Ok(text) => text.replace("Verlag A", ending.name).into_bytes(),
                Err(packed) => packed.into_bytes(),
            };
            if let Some(before) = ending.before {
                desk.file("before.xml", own(before));
                let mut command = command(&desk, database, &collector, &[]);
                Call::of(command.arg("before.xml").output().expect("the program starts")).ends(0);
            }
            desk.file(ending.file, own(ending.feed));
            collector.received();
            let mut command = command(&desk, database, &collector, ending.settings);
            let call = Call::of(command.arg(ending.file).output().expect("the program starts"));
            eprintln!("{}: {}", ending.name, call.status);
            Stated { call, desk: &desk, database, received: collector.received() }.is(ending.expected).await;
        }
    });
}

#[test]
fn whoever_states_that_a_feed_was_cancelled_states_the_same() {
    let collector = Collector::start(Tongue::Http, Manner::Good);
    on_each(async |database| {
        let desk = Desk::new();
        formats(&desk);
        let mut command = command(&desk, database, &collector, &[]);
        command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        // More than a pipe holds: whoever took it listens to signals by then.
        let start = catalogue("Verlag A", 4_000, |_| Fault::None);
        let start = start.strip_suffix("</catalogue>\n").expect("the end of a catalogue");
        input.write_all(start.as_bytes()).expect("read by the program");
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("there is kill").success());
        let writer = std::thread::spawn(move || while input.write_all(b"<!-- and so on -->\n").is_ok() {});
        let call = Call::of(child.wait_with_output().expect("the program ends"));
        writer.join().expect("no panic");
        let stated = Stated { call, desk: &desk, database, received: collector.received() };
        stated.is(Acceptance::Cancelled).await;
        assert_eq!(database.number("select count(*) from product").await, 0);
    });
}
