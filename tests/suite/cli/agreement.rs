//! One run, told by everybody: all reports, the exit status, the lists, the database and the service agree.

use super::Desk;
use super::forms::{attribute, call, elements, read};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, sent};
use serde_json::Value;
use std::os::unix::fs::symlink;

/// What a run came to, whoever tells it; none where it is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Totals {
    feeds: Option<u64>,
    unreadable: Option<u64>,
    held: Option<u64>,
    known: Option<u64>,
    records: Option<u64>,
    refused: Option<u64>,
    imported: Option<u64>,
    unchanged: Option<u64>,
    quarantined: Option<u64>,
    deviations: Option<u64>,
    status: Option<u64>,
}

impl Totals {
    /// Where both tell something, it is the same.
    #[track_caller]
    fn agrees(&self, other: &Self, form: &str) {
        let of = |totals: &Self| {
            let Self { feeds, unreadable, held, known, records, refused, imported, unchanged, .. } =
                totals.clone();
            let Self { quarantined, deviations, status, .. } = totals.clone();
            [
                ("feeds", feeds),
                ("unreadable", unreadable),
                ("held", held),
                ("known", known),
                ("records", records),
                ("refused", refused),
                ("imported", imported),
                ("unchanged", unchanged),
                ("quarantined", quarantined),
                ("deviations", deviations),
                ("status", status),
            ]
        };
        let mut told = 0;
        for ((name, ours), (_, theirs)) in of(self).into_iter().zip(of(other)) {
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                assert_eq!(ours, theirs, "{name} of {form}: {self:?} and {other:?}");
                told += 1;
            }
        }
        assert!(told >= 2, "{form} tells something: {self:?}");
    }

    /// The last line of the JSON lines, the properties of SARIF.
    fn of_summary(summary: &Value) -> Self {
        let import = &summary["import"];
        let findings = summary["findings"].as_array().expect("a list");
        Self {
            feeds: summary["feeds"].as_u64(),
            unreadable: summary["feeds_failed"].as_u64(),
            known: import["feeds_known"].as_u64(),
            records: summary["records"].as_u64(),
            refused: summary["refused"].as_u64(),
            imported: import["imported"].as_u64(),
            unchanged: import["unchanged"].as_u64(),
            quarantined: import["quarantined"].as_u64(),
            deviations: Some(findings.iter().filter_map(|finding| finding["count"].as_u64()).sum()),
            status: summary["exit_status"].as_u64(),
            ..Self::default()
        }
    }

    /// The table of the text report; what has no row is none.
    fn of_text(text: &str) -> Self {
        let row = |label: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(&format!("{label}  ")))?;
            line.rsplit(' ').next()?.replace(',', "").parse().ok()
        };
        let verdict = text.lines().find_map(|line| line.trim().strip_prefix("verdict  exit status "));
        let or_none = |label: &str| row(label).or(Some(0));
        Self {
            feeds: row("feeds"),
            unreadable: or_none("not readable"),
            held: or_none("held for approval"),
            known: or_none("imported before, skipped"),
            records: row("records read"),
            refused: row("refused"),
            imported: row("imported"),
            unchanged: row("unchanged"),
            deviations: row("deviations"),
            status: verdict.and_then(|said| said.split(':').next()?.parse().ok()),
            ..Self::default()
        }
    }

    /// The totals of the page.
    fn of_page(page: &str) -> Self {
        let page: String = page.lines().map(str::trim).collect();
        let total = |label: &str| -> Option<u64> {
            let rest = page.split(&format!("<dt>{label}</dt><dd>")).nth(1)?;
            rest.split('<').next()?.replace(',', "").parse().ok()
        };
        Self {
            feeds: total("feeds"),
            unreadable: total("feeds not readable").or_else(|| total("not readable")),
            known: total("feeds imported before"),
            records: total("records"),
            refused: total("refused"),
            imported: total("imported"),
            unchanged: total("unchanged"),
            quarantined: total("in quarantine"),
            deviations: total("deviations"),
            ..Self::default()
        }
    }

    /// The suites of `JUnit`, one for each feed.
    fn of_suites(report: &str) -> Self {
        let suites = elements(report, "testsuite").len() as u64;
        let properties = elements(report, "property");
        let numbers = |name: &str| {
            properties
                .iter()
                .filter(move |property| attribute(property, "name") == name)
                .filter_map(|property| attribute(property, "value").parse::<u64>().ok())
                .collect::<Vec<_>>()
        };
        let sum = |name: &str| Some(numbers(name).iter().sum());
        let of_status =
            |status: u64| Some(numbers("exit_status").iter().filter(|each| **each == status).count() as u64);
        Self {
            feeds: Some(suites),
            unreadable: of_status(2),
            held: of_status(3),
            records: sum("records"),
            refused: sum("refused"),
            deviations: sum("deviations"),
            ..Self::default()
        }
    }

    /// A run as `runs` and the service list it.
    fn of_run(run: &Value) -> Self {
        let count = |name: &str| run["counts"][name].as_u64();
        let all = ["notices", "warnings", "errors", "fatals"].map(count);
        Self {
            feeds: run["feeds"].as_u64(),
            records: count("records"),
            refused: count("refused"),
            imported: count("inserted").zip(count("updated")).map(|(inserted, updated)| inserted + updated),
            unchanged: count("unchanged"),
            deviations: all.into_iter().sum(),
            status: run["exit_status"].as_u64(),
            ..Self::default()
        }
    }

    /// What stands in the database.
    async fn of_tables(database: &TestDatabase, run: u64) -> Self {
        let feeds = async |and: &str| {
            let sql = format!("select count(*) from feed_version where run_id = {run} and {and}");
            u64::try_from(database.number(&sql).await).ok()
        };
        let entries = format!("select count(*) from quarantine where first_run = {run}");
        Self {
            feeds: feeds("true").await,
            unreadable: feeds("acceptance = 'failed'").await,
            held: feeds("state = 'held'").await,
            known: feeds("state = 'repeated'").await,
            quarantined: u64::try_from(database.number(&entries).await).ok(),
            ..Self::default()
        }
    }
}

/// Imports the folder, and has everybody tell the same.
async fn told_alike(desk: &Desk, database: &TestDatabase, run: u64, settings: &[&str]) -> Totals {
    let usual = ["import", "--database", database.url.secret()];
    let printed = call(desk, &[&usual[..], settings, &["feeds"]].concat());
    let text = read(desk, "json");
    let summary = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let totals = Totals { held: Totals::of_text(&read(desk, "text")).held, ..Totals::of_summary(&summary) };
    assert_eq!(totals.status, u64::try_from(printed.status).ok(), "{printed:#?}");
    Totals::of_text(&printed.stdout).agrees(&totals, "standard output");
    Totals::of_text(&read(desk, "text")).agrees(&totals, "text");
    let sarif: Value = serde_json::from_str(&read(desk, "sarif")).expect("JSON");
    Totals::of_summary(&sarif["runs"][0]["properties"]).agrees(&totals, "sarif");
    assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], summary["exit_status"]);
    Totals::of_page(&read(desk, "html")).agrees(&totals, "html");
    Totals::of_suites(&read(desk, "junit")).agrees(&totals, "junit");
    // What is told one by one.
    let told = summary["findings_told"].as_u64().expect("a number");
    let listed = text.lines().filter(|line| line.contains("\"type\":\"finding\"")).count() as u64;
    let lines = read(desk, "lines").lines().count() as u64;
    let results = sarif["runs"][0]["results"].as_array().expect("results").len() as u64;
    let gitlab: Value = serde_json::from_str(&read(desk, "gitlab")).expect("JSON");
    let of_feeds =
        |entry: &&Value| !matches!(entry["check_name"].as_str(), Some("feed.unreadable" | "feed.held"));
    let entries = gitlab.as_array().expect("a list").iter().filter(of_feeds).count() as u64;
    assert_eq!([listed, lines, results, entries], [told; 4]);
    // What is looked up afterwards.
    let number = run.to_string();
    let look = |more: &[&str]| {
        desk.call(&[&["runs"][..], more, &["--database", database.url.secret()]].concat()).ends(0).stdout
    };
    let row: Value = serde_json::from_str(&look(&[&number, "--json"])).expect("JSON");
    Totals::of_run(&row).agrees(&totals, "runs N");
    assert_eq!(row["findings_total"].as_u64(), totals.deviations);
    let shown = look(&[&number]);
    let shown = |label: &str| shown.lines().find_map(|line| line.strip_prefix(label)?.trim().parse().ok());
    assert_eq!((shown("feeds "), shown("deviations ")), (totals.feeds, totals.deviations));
    let first = look(&["--json"]).lines().next().map(serde_json::from_str::<Value>);
    Totals::of_run(&first.expect("a row").expect("JSON")).agrees(&totals, "runs");
    Totals::of_tables(database, run).await.agrees(&totals, "the tables");
    let (service, client) = (Service::start(database, &[]), client());
    let get = async |path: &str| sent(client.get(service.url(path))).await.1;
    Totals::of_run(&get(&format!("/v1/runs/{run}")).await).agrees(&totals, "the service");
    let findings = get(&format!("/v1/runs/{run}/findings?limit=500")).await;
    assert_eq!(findings["total"], findings["items"].as_array().expect("a list").len());
    assert!(findings["findings_total"].as_u64() <= totals.deviations, "{findings}");
    totals
}

/// A feed with a record of several deviations, one that is refused, and a right one.
fn faulty(sender: &str, title: &str) -> String {
    let fault = |number| match number {
        0 => Fault::Prices(2),
        1 => Fault::Price,
        _ => Fault::None,
    };
    let feed = catalogue(sender, 3, fault)
        .replace("<amount>12.50</amount></price><price", "<amount>12,50</amount></price><price");
    feed.replace("Sonate", title)
}

#[test]
fn a_mixed_folder_is_told_alike_by_everybody() {
    on_each(async |database| {
        let desk = Desk::new();
        desk.file("feeds/f-known.xml", faulty("F", "Trio"));
        let settings = ["--set", "guard.refused=67%/1", "--set", "limits.record_findings_max=2"];
        let first = told_alike(&desk, database, 1, &settings).await;
        assert_eq!((first.feeds, first.refused, first.deviations), (Some(1), Some(2), Some(4)));
        desk.file("feeds/a-good.xml", catalogue("A", 2, |_| Fault::None));
        desk.file("feeds/b-three.xml", faulty("B", "Sonate"));
        let cut = catalogue("C", 3, |number| if number == 0 { Fault::Price } else { Fault::None });
        desk.file("feeds/c-cut.xml", &cut[..cut.len() - 200]);
        symlink("/proc/self/mem", desk.path("feeds/d-unread.xml")).expect("linked");
        symlink("gone.xml", desk.path("feeds/d-gone.xml")).expect("linked");
        desk.file("feeds/e-held.xml", catalogue("E", 3, |_| Fault::Price));
        desk.file("feeds/g-empty.xml", "");
        let all = told_alike(&desk, database, 2, &settings).await;
        let expected = Totals {
            feeds: Some(8),
            unreadable: Some(4),
            held: Some(1),
            known: Some(1),
            records: Some(13),
            refused: Some(8),
            imported: Some(3),
            unchanged: Some(1),
            quarantined: Some(2),
            deviations: Some(15),
            status: Some(2),
        };
        assert_eq!(all, expected);
    });
}

#[test]
fn a_folder_of_which_nothing_is_read_is_told_alike_by_everybody() {
    on_each(async |database| {
        let desk = Desk::new();
        symlink("gone.xml", desk.path("").join("gone")).expect("linked");
        desk.file("feeds/empty.xml", "");
        let nothing = told_alike(&desk, database, 1, &[]).await;
        assert_eq!((nothing.feeds, nothing.unreadable, nothing.records), (Some(1), Some(1), Some(0)));
        std::fs::remove_file(desk.path("feeds/empty.xml")).expect("it was there");
        symlink("/proc/self/mem", desk.path("feeds/unread.xml")).expect("linked");
        let nothing = told_alike(&desk, database, 2, &[]).await;
        assert_eq!((nothing.feeds, nothing.deviations, nothing.status), (Some(1), Some(0), Some(2)));
    });
}

#[test]
fn a_refused_record_of_an_older_feed_is_refused_in_every_count() {
    on_each(async |database| {
        let desk = Desk::new();
        let newer =
            catalogue("S", 3, |_| Fault::None).replace("2026-10-01", "2026-10-02").replace("Sonate", "Trio");
        desk.file("feeds/a.xml", newer);
        told_alike(&desk, database, 1, &[]).await;
        let older = catalogue("S", 4, |number| if number % 2 == 0 { Fault::Price } else { Fault::None });
        desk.file("feeds/a.xml", older);
        let second = told_alike(&desk, database, 2, &["--accept-old", "--set", "guard.refused=100%/9"]).await;
        // Of four records two are refused; of one of them a newer message has spoken, and of one that is right, too.
        assert_eq!((second.records, second.refused, second.imported), (Some(4), Some(2), Some(1)));
        assert_eq!((second.quarantined, second.unchanged), (Some(0), Some(0)));
        let again = told_alike(&desk, database, 3, &["--accept-old"]).await;
        assert_eq!((again.refused, again.unchanged, again.known), (Some(2), Some(2), Some(1)));
    });
}
