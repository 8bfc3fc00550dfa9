//! Drift from the first import on, on both databases: nights that are as ever, and one that is not.

use crate::cli::{Call, Desk};
use crate::support::database::{TestDatabase, on_each};
use feedgate::drift::{LEARNING_RUNS, Profile};
use feedgate::store::{Decision, ExpectedDrifts, RunId, Store};
use jiff::Timestamp;
use serde_json::Value;
use std::fmt::Write;
use std::process::Stdio;
use std::time::Duration;

/// Records of a night.
const RECORDS: u32 = 400;
const SOURCE: &str = "Musikverlag Beispiel";
const FORMAT: &str = "catalogue/1.0";
const LOST: &str = "drift.path-lost";

struct Shop<'a> {
    desk: Desk,
    database: &'a TestDatabase,
    flags: Vec<String>,
}

/// How prices are written in a night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taxes {
    /// Each with its tax.
    All,
    /// Every third without.
    Fewer,
    /// All without.
    None,
}

/// A whole catalogue, of which a few stocks are others than in the night before.
pub(crate) fn night(number: u32, taxes: Taxes, records: u32) -> String {
    part(number, taxes, 0..records)
}

fn part(number: u32, taxes: Taxes, records: std::ops::Range<u32>) -> String {
    let mut feed = format!(
        "<catalogue xmlns=\"urn:feedgate:catalogue:1.0\" version=\"1.0\">\n<header><sender>{SOURCE}</sender>\
         <messageNumber>{number}</messageNumber><sent>2026-10-{:02}T06:{:02}:00Z</sent>\
         <defaultCurrency>EUR</defaultCurrency></header>\n",
        1 + number / 60,
        number % 60,
    );
    for index in records {
        let stock = if index % 40 == number % 40 { 500 + number } else { index % 90 };
        let is_taxed = match taxes {
            Taxes::All => true,
            Taxes::Fewer => !index.is_multiple_of(3),
            Taxes::None => false,
        };
        let tax = if is_taxed { "<tax code=\"R\" percent=\"7.00\"/>" } else { "" };
        writeln!(
            feed,
            "<product reference=\"r-{index}\" notification=\"new\"><editionNumber>BE {index}</editionNumber>\
             <title>Sonate {index}</title><editionKind>solo</editionKind>\
             <availability>21</availability><stock>{stock}</stock><prices><price kind=\"04\" territory=\"DE AT\">\
             <amount>{}.50</amount>{tax}</price></prices></product>",
            10 + index % 40,
        )
        .expect("writes to memory");
    }
    feed.push_str("</catalogue>\n");
    feed
}

impl<'a> Shop<'a> {
    fn new(database: &'a TestDatabase) -> Self {
        Self { desk: Desk::new(), database, flags: Vec::new() }
    }

    fn set(mut self, setting: &str) -> Self {
        self.flags.extend(["--set".to_owned(), setting.to_owned()]);
        self
    }

    fn call(&self, arguments: &[&str]) -> Call {
        let database = format!("database={}", self.database.url.secret());
        let flags = self.flags.iter().map(String::as_str);
        let all: Vec<&str> = arguments.iter().copied().chain(flags).chain(["--set", &database]).collect();
        self.desk.call(&all)
    }

    fn import(&self, feed: &str) -> Call {
        self.desk.file("feed.xml", feed);
        self.call(&["import", "feed.xml"])
    }

    /// So many nights that are as ever.
    fn nights(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            let told = self.import(&night(number, Taxes::All, RECORDS)).ends(0);
            assert!(!told.stdout.contains("drift."), "night {number}: {}", told.stdout);
        }
    }

    async fn store(&self) -> Store {
        Store::open(&self.database.url).await.expect("the database opens")
    }

    /// Feeds and records of the runs that count, the newest first.
    async fn usual(&self) -> Vec<(u64, u64)> {
        let store = self.store().await;
        let structures = store.structures(SOURCE, FORMAT, None).await.expect("they load");
        let usual = structures.iter().map(|each| {
            let profile = Profile::unpack(&each.packed).expect("it was packed by us");
            assert_eq!(profile.records, each.records);
            (each.feeds, each.records)
        });
        let usual = usual.collect();
        store.close().await;
        usual
    }

    async fn accept(&self, kind: &str, path: &str, since: i64) {
        let store = self.store().await;
        let decision = Decision::new("cli:tester", Some("so it is from now on")).expect("it fits");
        let expected =
            ExpectedDrifts { source: SOURCE, format: FORMAT, paths: &[(kind, path)], since: RunId(since) };
        assert!(store.accept_drifts(expected, Timestamp::now(), &decision).await.expect("it is written"));
        store.close().await;
    }
}

#[test]
fn what_is_not_as_ever_is_told_and_changes_no_exit_status() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=5);
        assert_eq!(shop.usual().await, [(1, u64::from(RECORDS)); 5]);
        shop.desk.file("feed.xml", night(6, Taxes::None, RECORDS));
        let dry = shop.call(&["import", "--dry-run", "--report", "lines", "feed.xml"]).ends(0);
        assert!(dry.stdout.contains(LOST), "{}", dry.stdout);
        assert_eq!(shop.usual().await.len(), 5, "a dry run keeps nothing");
        let told = shop.call(&["import", "--report", "json", "feed.xml"]).ends(0).stdout;
        let lines: Vec<Value> =
            told.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
        let drift = lines.iter().find(|line| line["code"] == LOST).expect("it is told");
        assert_eq!((&drift["severity"], &drift["path"]), (&"notice".into(), &"prices/price/tax".into()));
        let sentence = drift["message"].as_str().or(drift["sentence"].as_str()).expect("a sentence");
        assert!(
            sentence.contains("of the last 5 feeds") || sentence.contains("in the last 5 feeds"),
            "{sentence}"
        );
        assert!(sentence.ends_with("now in none of 400"), "{sentence}");
        assert_eq!(shop.usual().await.len(), 6);
        assert_eq!(database.number("select count(*) from deviation where code like 'drift.%'").await, 1);
    });
}

#[test]
fn a_share_that_moved_is_told_when_it_is_known_how_feeds_differ() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=9);
        let told = shop.import(&night(10, Taxes::Fewer, RECORDS)).ends(0);
        told.prints(&[
            "notice: `prices/price/tax` was in 100 % of ",
            "266 of 400",
            "[drift.presence]",
            "record r-0",
        ]);
    });
}

#[test]
fn four_nights_are_too_few() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=u32::try_from(LEARNING_RUNS).expect("a few") - 1);
        let told = shop.import(&night(9, Taxes::None, RECORDS)).ends(0);
        assert!(!told.stdout.contains("drift."), "{}", told.stdout);
    });
}

#[test]
fn a_drift_at_a_path_holds_where_the_settings_say_so() {
    on_each(async |database| {
        let shop = Shop::new(database).set(&format!("sender.\"{SOURCE}\".drift.paths=prices/price=hold"));
        shop.nights(1..=5);
        let told = shop.import(&night(6, Taxes::None, RECORDS)).ends(3);
        told.prints(&[LOST, "shows a drift, and `drift.policy` is `hold`"]);
        assert_eq!(shop.usual().await.len(), 5, "what is held is not usual");
        shop.call(&["held", "list"]).ends(0).prints(&["drift.policy: 1 (hold)"]);
        let id = database.number("select max(feed_version_id) from held_feed").await.to_string();
        let shown = shop.call(&["held", "show", &id]).ends(0);
        let digest = shown.stdout.lines().find_map(|line| line.strip_prefix("plan")).map(str::trim);
        let plan = digest.unwrap_or_else(|| panic!("{}", shown.stdout)).to_owned();
        let shown = Call { ..shown };
        shown.prints(&["it shows a drift; `drift.policy` is hold", "`prices/price/tax` was in 100 %"]);
        let release = ["held", "release", &id, "--plan", &plan, "--reason", "they told us so"];
        shop.call(&release).ends(0);
        assert_eq!(shop.usual().await.len(), 6, "let in, it is");
    });
}

#[test]
fn a_warning_is_one_and_no_more() {
    on_each(async |database| {
        let shop = Shop::new(database).set("drift.policy=warn").set("drift.alarms_max=0");
        shop.nights(1..=5);
        let told = shop.import(&night(6, Taxes::None, RECORDS)).ends(0);
        told.prints(&["warning", "drift.more", "1 drift more"]);
    });
}

#[test]
fn what_was_rolled_back_or_comes_again_does_not_count() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=3);
        // The same bytes.
        shop.call(&["import", "feed.xml"]).ends(0);
        shop.call(&["import", "--revalidate", "feed.xml"]).ends(0);
        assert_eq!(shop.usual().await.len(), 3);
        let last = database.number("select max(run_id) from structure_profile").await.to_string();
        shop.call(&["rollback", &last, "--reason", "a test"]).ends(0);
        assert_eq!(shop.usual().await.len(), 2);
    });
}

#[test]
fn what_is_called_expected_is_learned_anew() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=5);
        let fewer = |number| {
            let told = shop.import(&night(number, Taxes::None, RECORDS)).ends(0);
            told.stdout.contains(LOST)
        };
        assert!(fewer(6));
        let run = database.number("select max(run_id) from structure_profile").await;
        shop.accept("new", "prices/price/tax", run).await;
        assert!(!fewer(7), "it was called expected");
        let told = shop.import(&night(8, Taxes::None, RECORDS).replace("<title>", "<title>\n")).ends(0);
        assert!(told.stdout.contains("drift."), "all else is judged as before: {}", told.stdout);
    });
}

#[test]
fn feeds_of_one_run_are_one_night() {
    on_each(async |database| {
        let shop = Shop::new(database).set("guard.create=off");
        let half = |number, taxes, at: u32| part(number, taxes, at * RECORDS / 2..(at + 1) * RECORDS / 2);
        for number in 1..=6 {
            shop.desk.file("feeds/a.xml", half(2 * number, Taxes::All, 0));
            shop.desk.file("feeds/b.xml", half(2 * number + 1, Taxes::All, 1));
            let told = shop.call(&["import", "feeds"]).ends(0);
            assert!(!told.stdout.contains("drift."), "{}", told.stdout);
        }
        assert_eq!(shop.usual().await, [(2, u64::from(RECORDS)); 6]);
        // Something new in one half is told, and something that is less there is not: it may be in the other.
        let new = half(20, Taxes::None, 0).replace(
            "<tax code=\"R\" percent=\"7.00\"/>",
            "<tax code=\"R\" percent=\"7.00\" amount=\"1.00\"/>",
        );
        shop.desk.file(
            "feeds/a.xml",
            new.replace(" amount=\"1.00\"", "")
                .replace("</title>", "</title><subtitle>für Klavier</subtitle>"),
        );
        shop.desk.file("feeds/b.xml", half(21, Taxes::All, 1));
        let told = shop.call(&["import", "feeds"]).ends(0).stdout;
        assert!(told.contains("drift.path-new") && !told.contains(LOST), "{told}");
    });
}

#[test]
fn what_is_killed_leaves_all_of_it_or_nothing() {
    const KILLS: u32 = 8;
    on_each(async |database| {
        let shop = Shop::new(database).set("guard.update=off");
        shop.import(&night(1, Taxes::All, RECORDS)).ends(0);
        for kill in 0..KILLS {
            shop.desk.file("feed.xml", night(2 + kill, Taxes::All, RECORDS));
            let database_flag = format!("database={}", database.url.secret());
            let mut command = shop.desk.command(&["import", "feed.xml", "--set", &database_flag]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it begins");
            // From before it has begun to after its end.
            std::thread::sleep(Duration::from_millis(u64::from(kill) * 60));
            child.kill().expect("it is ours");
            child.wait().expect("it is ours");
            let applied = "select count(distinct run_id) from feed_version where state = 'applied'";
            let applied = database.number(applied).await;
            let kept = database.number("select count(*) from structure_profile").await;
            assert_eq!(kept, applied, "kill {kill}");
        }
        shop.nights(20..=20);
    });
}

#[test]
fn a_file_is_held_against_what_runs_applied() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.nights(1..=2);
        shop.desk.file("new.xml", night(3, Taxes::None, RECORDS));
        let told = shop.call(&["drift", "--against", "1", "--against", "2", "new.xml"]).ends(1);
        told.prints(&["against 2 feeds: 1 drift", LOST, "in the last 2 feeds"]);
        shop.call(&["drift", "--against", "1", "--source", SOURCE, "new.xml"]).ends(1);
        let none = shop.call(&["drift", "--against", "1", "--source", "nobody", "new.xml"]).ends(2);
        none.tells(&["of run 1 it is not kept what feeds of catalogue/1.0 look like that it has applied"]);
        shop.call(&["drift", "--against", "99", "new.xml"]).ends(2).tells(&["of run 99 it is not kept"]);
    });
}

/// From the first alarm to what is usual from then on, on the command line alone.
#[test]
fn a_baseline_is_shown_accepted_and_begun_anew() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.call(&["baseline", "show"]).ends(2).tells(&["nothing was ever imported"]);
        shop.nights(1..=4);
        let few = shop.call(&["baseline", "show"]).ends(0).stdout;
        assert!(few.contains(SOURCE) && few.contains("learning, 4 of 5"), "{few}");
        shop.nights(5..=5);
        let told = shop.import(&night(6, Taxes::None, RECORDS)).ends(0).stdout;
        assert!(told.contains(LOST), "{told}");
        let reason = ["--reason", "taxes are told elsewhere", "--by", "jane"];
        let accept = |more: &[&str]| shop.call(&[&["baseline", "accept", SOURCE], more, &reason].concat());
        accept(&["--path", "prices/price/tux"]).ends(2).tells(&["`prices/price/tax`?"]);
        shop.call(&[&["baseline", "accept", "Nobody", "--path", "title"], &reason[..]].concat())
            .ends(2)
            .tells(&["nothing is known yet of what feeds of `Nobody` look like"]);
        let patch = accept(&["--path", "prices/price/tax", "--path", "encoding", "--policy", "hold"]);
        let patch = patch.ends(0).tells(&["`prices/price/tax`, `encoding` is learned anew from run 6 on"]);
        shop.desk.file("feedgate.toml", &patch.stdout);
        let settings = shop.call(&["config"]).ends(0).stdout;
        assert!(settings.contains("encoding=hold, prices/price/tax=hold"), "{settings}");
        // What the settings say already stays.
        let again = accept(&["--path", "title"]).ends(0).stdout;
        assert!(again.contains("\"encoding=hold, prices/price/tax=hold, title=warn\""), "{again}");
        std::fs::remove_file(shop.desk.path("feedgate.toml")).expect("removed");
        let told = shop.import(&night(7, Taxes::None, RECORDS)).ends(0).stdout;
        assert!(!told.contains(LOST), "{told}");
        let shown = shop.call(&["baseline", "show", SOURCE]).ends(0).stdout;
        for part in [
            "called expected\n",
            "`prices/price/tax`, learned from run 6 on: cli:jane",
            "prices/price/amount",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        let json = shop.call(&["baseline", "show", SOURCE, "--json"]).ends(0).stdout;
        assert_eq!(json.lines().filter(|line| line.contains("\"type\":\"baseline_run\"")).count(), 7);
        assert_eq!(json.lines().filter(|line| line.contains("\"type\":\"expected\"")).count(), 3);
        let reset = shop.call(&[&["baseline", "reset", SOURCE, "--format", FORMAT], &reason[..]].concat());
        reset.ends(0).tells(&["learned anew from run 8 on"]);
        let told = shop.import(&night(8, Taxes::All, RECORDS)).ends(0).stdout;
        assert!(!told.contains("drift."), "all is new, and nothing to hold it against: {told}");
        let decided = shop.call(&["audit"]).ends(0).stdout;
        for part in ["baseline.accept", "baseline.reset", "jane", "taxes are told elsewhere"] {
            assert!(decided.contains(part), "`{part}`: {decided}");
        }
    });
}
