//! Entries of the quarantine keep their numbers from night to night, and go back as they were; on both databases.

use crate::cli::{Call, Desk};
use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Record, feed, good, imported};
use feedgate::config::{DatabaseKind, GuardSettings};
use feedgate::import::ImportPlan;
use feedgate::store::FeedState;
use serde_json::Value;

/// A sender, night after night.
struct Nights<'a> {
    desk: Desk,
    database: &'a TestDatabase,
}

impl Nights<'_> {
    fn call(&self, arguments: &[&str]) -> Call {
        self.desk.call(&[arguments, &["--database", self.database.url.secret()]].concat())
    }

    /// Imports a feed of these records.
    fn night(&self, records: &str) {
        let catalogue =
            format!("<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'>{records}</catalogue>");
        self.desk.file("nightly.xml", catalogue);
        self.call(&["import", "--source", "a", "--set", "guard.refused=off", "nightly.xml"]).ends(1);
    }

    /// All rows of the quarantine, in the order of their numbers.
    async fn rows(&self) -> Vec<String> {
        let mut rows = self.database.rows_of("quarantine").await;
        rows.sort();
        rows
    }

    /// Number, state, key, first and last run of each entry.
    async fn entries(&self) -> Vec<String> {
        let sql = "select cast(id as text) || ' ' || state || ' ' || coalesce(record_reference, '-') || ' '
                       || cast(first_run as text) || ' ' || cast(last_run as text)
                   from quarantine order by id";
        self.database.texts(sql).await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a scenario is written in place")]
fn on_nights(scenario: impl AsyncFn(&Nights<'_>)) {
    on_each(async |database| scenario(&Nights { desk: Desk::new(), database }).await);
}

const REPLAYED: &str = "select count(*) from quarantine where state = 'replayed'";
const CORRECTED: &str = "<product reference='a' notification='delete'/>";
const ONE: &str = "<product reference='a' notification='oops'/><product reference='b' notification='oops'/>
    <product reference='c' notification='oops'/><product notification='oops'/>";
/// `a` with other bytes, `b` with another reason, `c` as it was, and other bytes without a key.
const TWO: &str = "<product reference='b' notification='new' pages='9'/><product notification='hm'/>
    <product reference='a' notification='oops' />
    <product reference='c' notification='oops'/>";

#[test]
fn an_entry_keeps_its_number_while_its_record_is_refused() {
    on_nights(async |nights| {
        nights.night(ONE);
        let first = ["1 open a 1 1", "2 open b 1 1", "3 open c 1 1", "4 open - 1 1"];
        assert_eq!(nights.entries().await, first);
        nights.night(TWO);
        // Without a key, other bytes are another record.
        let second = ["1 open a 1 2", "2 open b 1 2", "3 open c 1 2", "4 open - 1 1", "5 open - 2 2"];
        assert_eq!(nights.entries().await, second);
        let export = |number: &str| nights.call(&["quarantine", "export", number]).ends(0).stdout;
        assert!(export("1").contains("notification='oops' />"), "{}", export("1"));
        assert!(export("2").contains("pages='9'"), "{}", export("2"));
        let shown = nights.call(&["quarantine", "show", "2"]).ends(0).stdout;
        assert!(shown.contains("no attribute `pages`") && !shown.contains("oops"), "{shown}");
        assert!(shown.contains("record number 1") && shown.contains("by run 1, last by run 2"), "{shown}");
        // The very same feed would be passed over.
        nights.night(&format!("{ONE} "));
        assert_eq!(
            nights.entries().await[..4],
            ["1 open a 1 3", "2 open b 1 3", "3 open c 1 3", "4 open - 1 3"]
        );
        assert!(export("1").contains("notification='oops'/>"), "{}", export("1"));
    });
}

#[test]
fn a_correction_of_what_was_seen_is_no_correction_of_what_came_since() {
    on_nights(async |nights| {
        nights.night(ONE);
        let digest = || {
            let listed = nights.call(&["quarantine", "list", "--output", "json"]).ends(0).stdout;
            let first: Value = serde_json::from_str(listed.lines().next().expect("a line")).expect("JSON");
            first["digest"].as_str().expect("a digest")[..12].to_owned()
        };
        let seen = digest();
        nights.call(&["quarantine", "show", "1"]).ends(0).prints(&[&format!("digest {seen}")]);
        nights.night(TWO);
        nights.desk.file("corrected.xml", CORRECTED);
        let replay = |seen: &str| {
            let arguments = ["quarantine", "replay", "1", "--with", "corrected.xml", "--seen", seen];
            nights.call(&arguments)
        };
        replay(&seen).ends(1).prints(&["1: not imported, a later feed brought the record again"]);
        assert_eq!(nights.database.number(REPLAYED).await, 0);
        replay("3f9a").ends(2).tells(&["12 to 32 hexadecimal digits"]);
        replay(&digest().to_uppercase()).ends(0).prints(&["1: imported"]);
        assert_eq!(nights.database.number(REPLAYED).await, 1);
    });
}

#[test]
fn what_was_written_over_goes_back_and_forward_again() {
    on_nights(async |nights| {
        // A run that changes nothing in the shop leaves nothing to roll back but its entries.
        nights.night(ONE);
        let before = nights.rows().await;
        nights.night(TWO);
        let after = nights.rows().await;
        assert_ne!(before[..3], after[..3]);
        nights.call(&["rollback", "2"]).ends(0);
        let back = nights.rows().await;
        assert_eq!(back[..4], before[..4]);
        assert!(back[4].contains("superseded"), "{back:?}");
        nights.call(&["rollback", "3"]).ends(0);
        assert_eq!(nights.rows().await, after);
        nights.call(&["rollback", "4"]).ends(0);
        assert_eq!(nights.rows().await[..4], before[..4]);
    });
}

#[test]
fn what_one_run_writes_over_twice_goes_back_to_what_was_before_it() {
    on_each(async |database| {
        let nights = Nights { desk: Desk::new(), database };
        let import = async |name: [&'static str; 2], bytes: [&'static [u8]; 2]| {
            let of = |at: usize| feed(name[at], vec![Record::Bad(Some("a"), bytes[at]), good("b", name[at])]);
            let mut plan =
                ImportPlan { guard: GuardSettings::off(), ..ImportPlan::new(database.url.clone()) };
            plan.batch.feeds_max = 1;
            imported(&plan, &[of(0), of(1)]).await.expect("the import can be done");
        };
        import(["1.xml", "2.xml"], [b"<a>1</a>", b"<a>2</a>"]).await;
        let before = nights.rows().await;
        assert_eq!(nights.entries().await, ["1 open a 1 1"]);
        // First the same bytes, which nobody keeps twice, then others.
        import(["3.xml", "4.xml"], [b"<a>2</a>", b"<a>3</a>"]).await;
        assert_eq!(nights.entries().await, ["1 open a 1 2"]);
        nights.call(&["rollback", "2"]).ends(0);
        assert_eq!(nights.rows().await, before);
    });
}

#[test]
fn records_with_one_key_keep_their_entries_apart() {
    on_each(async |database| {
        let nights = Nights { desk: Desk::new(), database };
        let import = async |number: u8, feeds: Vec<Vec<Record>>| {
            let of = |(digest, records)| Feed { digest, ..feed("a.xml", records) };
            let feeds: Vec<_> = (number * 10..).zip(feeds).map(of).collect();
            let plan = ImportPlan { guard: GuardSettings::off(), ..ImportPlan::new(database.url.clone()) };
            let done = imported(&plan, &feeds).await.expect("the import can be done");
            assert!(done.report.feeds.iter().all(|feed| feed.state == FeedState::Applied), "{done:?}");
        };
        let bad = |bytes: &'static [u8]| Record::Bad(Some("a"), bytes);
        import(1, vec![vec![bad(b"<a>1</a>"), bad(b"<a>2</a>")]]).await;
        assert_eq!(nights.entries().await, ["1 open a 1 1", "2 open a 1 1"]);
        // One of them as it was, whatever its place; the other one with other bytes.
        import(2, vec![vec![bad(b"<a>2</a>"), bad(b"<a>3</a>")]]).await;
        assert_eq!(nights.entries().await, ["1 open a 1 2", "2 open a 1 2"]);
        let bytes = async |number: u32| {
            let hex = format!("select lower(hex(bytes)) from quarantine where id = {number}");
            let encoded = format!("select encode(bytes, 'hex') from quarantine where id = {number}");
            let is_sqlite = database.kind() == DatabaseKind::Sqlite;
            database.texts(if is_sqlite { &hex } else { &encoded }).await.remove(0)
        };
        assert_eq!((&*bytes(1).await, &*bytes(2).await), ("3c613e333c2f613e", "3c613e323c2f613e"));
        // The first of them is right: the second one waits on, under its number.
        import(3, vec![vec![good("a", "A"), bad(b"<a>2</a>")]]).await;
        assert_eq!(nights.entries().await, ["1 superseded a 1 2", "2 open a 1 3"]);
        import(4, vec![vec![good("a", "B"), bad(b"<a>4</a>")]]).await;
        assert_eq!(nights.entries().await, ["1 superseded a 1 2", "2 open a 1 4"]);
        // Of two feeds in one transaction, the last one tells.
        import(5, vec![vec![bad(b"<a>5</a>")], vec![bad(b"<a>6</a>"), good("b", "B")]]).await;
        assert_eq!(nights.entries().await, ["1 superseded a 1 2", "2 open a 1 5"]);
        assert_eq!(bytes(2).await, "3c613e363c2f613e");
        import(6, vec![vec![bad(b"<a>7</a>"), good("a", "C")]]).await;
        assert_eq!(
            nights.entries().await,
            ["1 superseded a 1 2", "2 superseded a 1 5", "3 superseded a 6 6"]
        );
    });
}
