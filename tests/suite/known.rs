//! Bytes that were imported before are recognised and told again, on both databases: whatever lies between, the run
//! says and leaves the same as one that reads the feed, and what would not be the same is read.

#![expect(clippy::large_futures, reason = "an import is awaited where it is made, once in a test")]

use crate::cli::{Call, Desk};
use crate::meaning::format;
use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{self, Feed, Record, good, tell};
use feedgate::import::{Import, ImportPlan, KnownBytes, Originals};
use feedgate::judgement::Acceptance;
use feedgate::store::{PackedFeed, TOLD_ALONG_BYTES_MAX};
use feedgate::telemetry::RunTelemetry;
use serde_json::Value;
use std::error::Error;
use std::fmt::Write;
use std::sync::Mutex;

/// Two good records, one without its title, one that withdraws what nobody has, one with a wrong stock.
const RECORDS: &str = "new a 10; new b 10; nameless c; delete x; stock d";
/// Columns that tell when something was done, or how.
const VOLATILE: [&str; 8] = [
    "imported_at",
    "started_at",
    "finished_at",
    "lease_until",
    "created_at",
    "resolved_at",
    "lease_owner",
    "withdrawn_at",
];

/// What is done with the bytes when they come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Recognised,
    Read,
}

struct Shop<'a> {
    desk: Desk,
    database: &'a TestDatabase,
}

fn feed(number: u32, records: &str) -> String {
    let record = |text: &str| {
        let mut words = text.split_whitespace();
        let (kind, key) = (words.next().expect("a kind"), words.next().expect("a key"));
        let price = words.next().map(|price| {
            format!("<name>Title {key}</name><offer><prices><price>{price}</price></prices></offer>")
        });
        let (kind, inner) = match kind {
            "nameless" => ("new", String::new()),
            "stock" => ("new", "<name>Title</name><offer><stock>many</stock></offer>".to_owned()),
            kind => (kind, price.unwrap_or_default()),
        };
        format!("<item kind=\"{kind}\"><id>{key}</id>{inner}</item>\n")
    };
    let records: String = records.split(';').map(record).collect();
    let sent = 10 + number;
    format!(
        "<shop xmlns=\"urn:example:cells\" from=\"Verlag\" number=\"{number}\" sent=\"2026-10-{sent}\">\n\
         {records}</shop>\n"
    )
}

impl<'a> Shop<'a> {
    fn new(database: &'a TestDatabase) -> Self {
        let desk = Desk::new();
        format(&desk);
        desk.file("feed.xml", feed(1, RECORDS));
        Self { desk, database }
    }

    /// Calls the program with the shop's database.
    fn call(&self, arguments: &[&str]) -> Call {
        let database = format!("database={}", self.database.url.secret());
        self.desk.call(&[arguments, &["--set", "schemas=formats", "--set", &database]].concat())
    }

    fn import(&self, flags: &[&str]) -> Call {
        self.call(&[&["import", "feed.xml"], flags].concat())
    }

    /// Imports another feed of the same sender.
    fn other(&self, number: u32, records: &str) -> Call {
        self.desk.file("other.xml", feed(number, records));
        self.call(&["import", "other.xml"])
    }

    /// Changes a file of the format.
    fn change(&self, file: &str, from: &str, to: &str) {
        let path = format!("formats/cells/1.0/{file}");
        let text = std::fs::read_to_string(self.desk.path(&path)).expect("readable");
        assert!(text.contains(from));
        self.desk.file(&path, text.replace(from, to));
    }

    /// Everything there is in the database, but for moments.
    async fn dump(&self) -> String {
        let mut all = String::new();
        for table in [
            "run",
            "feed_version",
            "deviation",
            "deviation_group",
            "quarantine",
            "product",
            "message_mark",
            "held_feed",
        ] {
            for row in self.database.rows_of(table).await {
                let mut row: Value = serde_json::from_str(&row).expect("JSON");
                let fields = row.as_object_mut().expect("a row");
                fields.retain(|name, _| !VOLATILE.contains(&name.as_str()) && name != "recognised_as");
                writeln!(all, "{table} {row}").expect("writes to memory");
            }
        }
        all
    }
}

/// The lines of a report without what is of the moment, and whether the last feed was recognised.
fn lines(call: &Call) -> (Vec<Value>, Vec<bool>) {
    let mut recognised = Vec::new();
    let line = |text: &str| {
        let mut line: Value = serde_json::from_str(text).expect("JSON");
        let fields = line.as_object_mut().expect("a line");
        if let Some(known) = fields.remove("recognised") {
            recognised.push(!known.is_null());
        }
        for name in ["started", "elapsed_seconds", "trace"] {
            fields.remove(name);
        }
        line
    };
    let lines = call.stdout.lines().map(line).collect();
    (lines, recognised)
}

/// Prepares two equal shops, delivers the bytes again in one, and has them read again in the other: both say and leave
/// the same.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a scenario is written in place")]
fn same(expected: Expected, flags: &[&str], prepare: impl AsyncFn(&Shop<'_>)) {
    let all = Mutex::new(Vec::new());
    for revalidate in [false, true] {
        on_each(async |database| {
            let shop = Shop::new(database);
            shop.import(&[]);
            prepare(&shop).await;
            let again = if revalidate { &["--revalidate"][..] } else { &[] };
            let call = shop.import(&[flags, again, &["--report", "json"]].concat());
            let (lines, recognised) = lines(&call);
            // What cannot be begun has no end.
            assert!(!recognised.is_empty() || call.status == 2, "{call:#?}");
            let is_recognised = recognised.contains(&true);
            assert_eq!(is_recognised, !revalidate && expected == Expected::Recognised, "{call:#?}");
            let outcome = (call.status, lines, call.stderr.clone(), shop.dump().await);
            all.lock().expect("nobody panics").push(outcome);
        });
    }
    let all = all.into_inner().expect("nobody panics");
    let (told, read) = all.split_at(all.len() / 2);
    for (told, read) in told.iter().zip(read) {
        assert_eq!(told.0, read.0, "exit status");
        assert_eq!(told.2, read.2, "standard error");
        for (told, read) in told.1.iter().zip(&read.1) {
            assert_eq!(told, read);
        }
        assert_eq!(told.1.len(), read.1.len());
        assert_eq!(told.3, read.3, "the database");
    }
}

use Expected::{Read, Recognised};

#[test]
fn the_very_bytes_again_are_told_and_not_read() {
    same(Recognised, &[], async |_| {});
    same(Recognised, &["--dry-run"], async |_| {});
}

#[test]
fn the_report_says_that_nothing_was_read_and_since_when() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&[]).ends(1);
        let since = database.texts("select substr(cast(imported_at as text), 1, 10) from feed_version").await;
        let again = shop.import(&[]).ends(1).counts(&[("imported before, skipped", "1"), ("refused", "2")]);
        again.prints(&["1 feed was recognised by the bytes", &since[0], "[rule.required]"]);
        assert_eq!(database.number("select count(*) from feed_version where recognised_as = 1").await, 1);
        let page = shop.import(&["--report", "html"]).ends(1);
        page.prints(&["recognised by its bytes: judged in run 1 on", "not read again"]);
        let read = shop.import(&["--revalidate"]).ends(1);
        assert!(!read.stdout.contains("recognised"), "{read:#?}");
    });
}

#[test]
fn bytes_are_known_under_another_name_and_packed_as_they_were() {
    on_each(async |database| {
        let shop = Shop::new(database);
        let packed = zstd::encode_all(feed(1, RECORDS).as_bytes(), 0).expect("packs");
        shop.desk.file("a.xml.zst", &packed);
        shop.call(&["import", "a.xml.zst"]).ends(1);
        shop.desk.file("b.xml.zst", &packed);
        let again = shop.call(&["import", "b.xml.zst"]).ends(1);
        again.prints(&["recognised by the bytes", "b.xml.zst"]);
        // Unpacked, they are other bytes; on standard input they come only once.
        assert!(!shop.import(&[]).ends(1).stdout.contains("recognised"));
        shop.import(&[]).ends(1).prints(&["recognised"]);
        let flags = ["--schemas", "formats", "--database", database.url.secret()];
        let piped =
            shop.desk.call_with(&[&["import", "-"], &flags[..]].concat(), feed(1, RECORDS).as_bytes());
        assert!(!piped.ends(1).stdout.contains("recognised"));
    });
}

#[test]
fn another_profile_or_schema_judges_anew() {
    same(Read, &[], async |shop| shop.change("profile.toml", "required = [\"title\"]", "required = []"));
    same(Read, &[], async |shop| shop.change("profile.toml", "profile_version = 1", "profile_version = 2"));
    same(Read, &[], async |shop| {
        let stock =
            ("<xs:element name=\"stock\" type=\"xs:string\"", "<xs:element name=\"stock\" type=\"xs:int\"");
        shop.change("cells.xsd", stock.0, stock.1);
    });
    // Another format that may claim the root element.
    same(Read, &[], async |shop| {
        shop.desk
            .file("formats/cells/2.0/cells.xsd", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>");
        let profile =
            std::fs::read_to_string(shop.desk.path("formats/cells/1.0/profile.toml")).expect("readable");
        let profile =
            profile.replace("version = \"1.0\"", "version = \"2.0\"").replace("urn:example:cells", "urn:x");
        shop.desk.file("formats/cells/2.0/profile.toml", profile);
    });
}

#[test]
fn other_limits_judge_anew() {
    same(Read, &["--set", "limits.decoded_bytes_max=300"], async |_| {});
    same(Read, &["--set", "limits.record_findings_max=1"], async |_| {});
    same(Read, &["--set", "limits.work_max=10"], async |_| {});
    // What decides nothing about records changes nothing.
    same(Recognised, &["--threads", "1"], async |_| {});
}

#[test]
fn another_build_judges_anew_and_its_word_is_kept() {
    same(Read, &[], async |shop| {
        shop.database.execute("update feed_told set judged_with = 'another build'").await;
    });
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&[]).ends(1);
        database.execute("update feed_told set judged_with = 'another build', told = '{}'").await;
        assert!(!shop.import(&[]).ends(1).stdout.contains("recognised"));
        shop.import(&[]).ends(1).prints(&["recognised", "[rule.required]"]);
        // What cannot be read is no word.
        database.execute("update feed_told set told = '{}'").await;
        assert!(!shop.import(&[]).ends(1).stdout.contains("recognised"));
    });
}

#[test]
fn the_bytes_of_one_source_say_nothing_of_another() {
    same(Read, &["--source", "Another"], async |_| {});
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&[]).ends(1);
        shop.import(&["--source", "Another"]).ends(1).counts(&[("imported", "2")]);
        shop.import(&["--source", "Another"]).ends(1).prints(&["recognised"]);
        shop.import(&[]).ends(1).prints(&["recognised"]);
    });
}

#[test]
fn limits_of_the_guard_weigh_nothing_that_stands() {
    same(Recognised, &["--set", "guard.price=1%/1"], async |_| {});
}

#[test]
fn newer_messages_do_not_matter_but_what_they_brought_does() {
    same(Recognised, &[], async |shop| drop(shop.other(2, "new a 20; new e 20").ends(0)));
    same(Recognised, &["--accept-old"], async |shop| drop(shop.other(2, "delete a; new b 20").ends(0)));
    // The product that was not there to be withdrawn is there by now.
    same(Recognised, &[], async |shop| drop(shop.other(2, "new x 20").ends(0)));
    // What was refused is right by now, in another feed.
    same(Recognised, &[], async |shop| drop(shop.other(2, "new c 20").ends(0)));
}

#[test]
fn what_people_decided_about_a_record_stays_decided() {
    let reason = ["--reason", "it is known"];
    same(Recognised, &[], async |shop| {
        shop.call(&[&["quarantine", "discard", "1"], &reason[..]].concat()).ends(0);
    });
    same(Recognised, &[], async |shop| {
        shop.desk.file("record.xml", "<item kind=\"new\"><id>c</id><name>Mended</name></item>");
        shop.call(&[&["quarantine", "replay", "1", "--with", "record.xml"], &reason[..]].concat()).ends(0);
    });
}

#[test]
fn what_was_rolled_back_is_read_and_imported_again() {
    same(Read, &[], async |shop| drop(shop.call(&["rollback", "1", "--reason", "a test"]).ends(0)));
    // A later run that is rolled back leaves the feed standing.
    same(Recognised, &[], async |shop| {
        shop.other(2, "new e 20").ends(0);
        shop.call(&["rollback", "2", "--reason", "a test"]).ends(0);
    });
}

#[test]
fn a_feed_that_is_held_was_not_imported() {
    let strict = ["--set", "guard.price=1%/1"];
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.other(1, "new a 10; new b 10; new c 10; new d 10").ends(0);
        shop.desk.file("feed.xml", feed(2, "new a 99; new b 99; new c 99"));
        for _ in 0..2 {
            let held = shop.import(&strict).ends(3);
            assert!(!held.stdout.contains("recognised"), "{held:#?}");
        }
        assert_eq!(database.number("select count(*) from feed_told").await, 1);
        // Let in, it is one that was imported.
        let plan = database.texts("select plan_digest from held_feed where state = 'open'").await;
        let id =
            database.texts("select cast(feed_version_id as text) from held_feed where state = 'open'").await;
        let release = ["held", "release", &*id[0], "--plan", &*plan[0], "--reason", "a test"];
        let released = shop.call(&release).ends(0);
        assert!(!released.stdout.contains("recognised"), "{released:#?}");
        // It was found among fewer formats then, so it is read once more.
        shop.import(&[]).ends(0);
        shop.import(&[]).ends(0).prints(&["recognised"]);
    });
}

#[test]
fn what_depends_on_what_stands_is_read() {
    on_each(async |database| {
        let shop = Shop::new(database);
        // A change of a product is right while that is there.
        shop.desk.file("feed.xml", feed(2, "amend a 20"));
        shop.other(1, "new a 10").ends(0);
        for _ in 0..2 {
            assert!(!shop.import(&[]).ends(0).stdout.contains("recognised"));
        }
        // A feed that is not whole was not imported.
        shop.desk.file("feed.xml", &feed(3, "new g 10")[..150]);
        for _ in 0..2 {
            let cut = shop.import(&[]);
            assert!(cut.status != 0 && !cut.stdout.contains("recognised"), "{cut:#?}");
        }
        assert_eq!(database.number("select count(*) from feed_told").await, 1, "that of the other feed");
    });
}

#[test]
fn known_feeds_are_told_among_others_in_the_order_of_their_messages() {
    on_each(async |database| {
        let shop = Shop::new(database);
        for (number, name) in [(1, "feeds/z.xml"), (3, "feeds/m.xml")] {
            shop.desk
                .file(name, feed(number, &format!("new a {number}0; new n{number} 10; nameless r{number}")));
        }
        shop.call(&["import", "feeds"]).ends(1);
        shop.desk.file("feeds/a.xml", feed(4, "new a 40"));
        shop.desk.file("feeds/y.xml", feed(2, "new n2 10"));
        let (lines, recognised) = lines(&shop.call(&["import", "feeds", "--report", "json"]));
        let names: Vec<&str> = lines
            .iter()
            .filter(|line| line["type"] == "feed_end")
            .map(|line| line["feed"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, ["feeds/z.xml", "feeds/y.xml", "feeds/m.xml", "feeds/a.xml"]);
        assert_eq!(recognised, [true, false, true, false]);
        let states = database.texts("select state from feed_version where run_id = 2 order by id").await;
        assert_eq!(states, ["repeated", "held", "repeated", "applied"]);
    });
}

/// Knows how large each feed is.
#[derive(Debug)]
struct Sized;

impl Originals for Sized {
    fn packed(&mut self, _: &str, _: &[u8; 32]) -> Result<PackedFeed, Box<dyn Error + Send + Sync>> {
        Err("no feed is held here".into())
    }

    fn delivered_bytes(&self, _: &str) -> Option<u64> {
        Some(7)
    }
}

/// An import that keeps what feeds tell.
async fn open(database: &TestDatabase) -> Import {
    let plan = ImportPlan { judged_with: Some("this".to_owned()), ..ImportPlan::new(database.url.clone()) };
    Import::open(plan, RunTelemetry::off()).await.expect("opens").with_originals(Box::new(Sized))
}

async fn imported(database: &TestDatabase, feeds: &[Feed]) {
    let mut import = open(database).await;
    tell(&mut import, feeds).await.expect("told");
    import.finish().await.expect("applied");
    import.close(Acceptance::Accepted, None).await.expect("closed");
}

/// Whether the feed is known, and if so, whether it stands when its turn has come, after something was done.
async fn found(database: &TestDatabase, feed: &Feed, meanwhile: &str) -> Option<bool> {
    let mut import = open(database).await;
    let file = Some(KnownBytes { name: "again.xml".into(), digest: [feed.digest; 32] });
    let judged_by = |_: &str| Some(std::sync::Arc::from("the same"));
    let recalled = import.recall(&[file], &judged_by).await.expect("looked for").remove(0);
    database.execute(meanwhile).await;
    let stands = match recalled {
        Some(recalled) => Some(import.telling(recalled).await.expect("looked for").is_some()),
        None => None,
    };
    import.close(Acceptance::Accepted, None).await.expect("closed");
    stands
}

const NOTHING: &str = "select 1";

#[test]
fn a_feed_of_a_run_that_was_cancelled_half_way_is_not_known() {
    on_each(async |database| {
        let whole = feeds::feed("a.xml", vec![good("a", "A"), good("b", "B")]);
        let mut import = open(database).await;
        let mut events = whole.events();
        events.pop_back().expect("its end");
        while let Some(mut event) = events.pop_front() {
            import.take(&mut event, &events).await.expect("taken");
        }
        import.finish().await.expect("nothing to apply");
        import.close(Acceptance::Cancelled, None).await.expect("closed");
        assert_eq!(found(database, &whole, NOTHING).await, None);
        imported(database, std::slice::from_ref(&whole)).await;
        assert_eq!(found(database, &whole, NOTHING).await, Some(true));
    });
}

#[test]
fn what_is_rolled_back_between_looking_and_its_turn_is_read() {
    on_each(async |database| {
        let whole = feeds::feed("a.xml", vec![good("a", "A")]);
        imported(database, std::slice::from_ref(&whole)).await;
        let rolled_back = "update run set rolled_back_by = id where id = 1";
        assert_eq!(found(database, &whole, rolled_back).await, Some(false));
        assert_eq!(found(database, &whole, NOTHING).await, None);
    });
}

#[test]
fn a_feed_that_withdraws_what_it_brings_is_read() {
    on_each(async |database| {
        let whole = feeds::feed("a.xml", vec![good("a", "A"), Record::Delete("a")]);
        let other = feeds::feed("b.xml", vec![good("b", "B"), Record::Delete("a")]);
        let (whole, other) = (Feed { digest: 1, ..whole }, Feed { digest: 2, ..other });
        imported(database, &[whole.clone(), other.clone()]).await;
        assert_eq!(found(database, &whole, NOTHING).await, None);
        assert_eq!(found(database, &other, NOTHING).await, Some(true));
    });
}

#[test]
fn much_that_was_told_is_fetched_when_its_turn_comes() {
    on_each(async |database| {
        let bad = |key: usize| Record::Bad(Some(format!("k{key}").leak()), b"<record/>");
        // So many that the guard lets the others pass.
        let others = (0..2_000).map(|key: usize| good(format!("good {key}").leak(), "Good"));
        let few = feeds::feed("few.xml", (0..2).map(bad).collect());
        let many = feeds::feed("many.xml", (0..100).map(bad).chain(others).collect());
        let (few, many) = (Feed { digest: 1, ..few }, Feed { digest: 2, ..many });
        imported(database, &[few.clone(), many.clone()]).await;
        let longest = database.number("select max(length(told)) from feed_told").await;
        assert!(usize::try_from(longest).expect("a length") > TOLD_ALONG_BYTES_MAX);
        for feed in [few, many] {
            assert_eq!(found(database, &feed, NOTHING).await, Some(true));
        }
    });
}
