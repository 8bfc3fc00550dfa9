//! What else goes wrong with the identity of records: keys that look alike, keys that are none, records that come
//! twice; on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Imported, Record, feed, good, imported};
use crate::support::products::plain;
use feedgate::import::{BatchLimits, ImportPlan};
use feedgate::judgement::Acceptance;
use feedgate::product::{Product, SOURCE_CHARS_MAX};
use feedgate::store::{Counts, FeedState};
use std::process::Command;

async fn import(database: &TestDatabase, feeds: &[Feed]) -> Imported {
    imported(&ImportPlan::new(database.url.clone()), feeds).await.expect("the import can be done")
}

/// Inserted, updated, unchanged, withdrawn, refused.
fn counted(imported: &Imported) -> [u64; 5] {
    let Counts { inserted, updated, unchanged, withdrawn, refused, .. } = imported.report.counts;
    [inserted, updated, unchanged, withdrawn, refused]
}

#[test]
fn keys_are_the_same_byte_for_byte_but_for_white_space_around_them() {
    on_each(async |database| {
        let keys = [
            "Nr. 7",
            "nr. 7",
            "Nr.  7",
            "Nr. 07",
            "Nr. \u{FF17}",
            "M\u{FC}ller",
            "Mu\u{308}ller",
            "7",
            "007",
            "%",
            "_",
            "a\\b",
            "a'b",
            "a\"b",
            "a\u{200B}",
            "a",
        ];
        let records = || keys.iter().map(|key| Record::Product(plain(key, key))).collect::<Vec<_>>();
        assert_eq!(counted(&import(database, &[feed("a.xml", records())]).await), [16, 0, 0, 0, 0]);
        // Known again, each as itself.
        let again = [records(), vec![good("z", "Z")]].concat();
        assert_eq!(counted(&import(database, &[feed("b.xml", again)]).await), [1, 0, 16, 0, 0]);
        let spaced = keys.iter().map(|key| Record::Product(plain(&format!(" \u{A0}{key}\n"), key))).collect();
        assert_eq!(counted(&import(database, &[feed("c.xml", spaced)]).await), [0, 0, 16, 0, 0]);
        let gone = keys.iter().map(|key| Record::Delete(key)).collect();
        assert_eq!(counted(&import(database, &[feed("d.xml", gone)]).await), [0, 0, 0, 16, 0]);
        assert_eq!(database.number("select count(*) from product where withdrawn_at is null").await, 1);
    });
}

#[test]
fn what_comes_twice_in_one_feed_is_taken_in_its_order() {
    on_each(async |database| {
        let amended = || Record::Change(Product { stock: Some(7), ..plain("a", "") });
        let case = async |name, records: Vec<Record>, expected: [u64; 5], stands: &str| {
            let report = import(database, &[Feed { sender: name, ..feed("a.xml", records) }]).await;
            assert_eq!(counted(&report), expected, "{name}");
            let sql = format!(
                "select title || coalesce(' ' || cast(stock as text), '')
                     || case when withdrawn_at is null then '' else ' gone' end from product where source = '{name}'"
            );
            assert_eq!(database.texts(&sql).await.join(","), stands, "{name}");
        };
        case("same", vec![good("a", "A"), good("a", "A")], [1, 0, 1, 0, 0], "A").await;
        case("deleted and new", vec![Record::Delete("a"), good("a", "A")], [1, 0, 1, 0, 0], "A").await;
        case("new and deleted", vec![good("a", "A"), Record::Delete("a")], [1, 0, 0, 1, 0], "A gone").await;
        let back = vec![good("a", "A"), Record::Delete("a"), good("a", "B")];
        case("and new again", back, [1, 1, 0, 1, 0], "B").await;
        case("new and amended", vec![good("a", "A"), amended()], [1, 1, 0, 0, 0], "A 7").await;
        case("amended before", vec![amended(), good("a", "A")], [1, 0, 0, 0, 1], "A").await;
        // The record that came behind it is newer than what was refused.
        assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, 0);
        let deleted = vec![good("a", "A"), Record::Delete("a"), amended()];
        case("amended behind", deleted, [1, 0, 0, 1, 1], "A gone").await;
    });
}

#[test]
fn the_same_bytes_are_one_entry_of_the_quarantine() {
    on_each(async |database| {
        let bad = || Record::Bad(Some("a"), b"<a/>");
        let open = async || database.number("select count(*) from quarantine where state = 'open'").await;
        let twice = Feed { sender: "one feed", ..feed("a.xml", vec![bad(), good("b", "B"), bad()]) };
        assert_eq!(counted(&import(database, &[twice]).await), [1, 0, 0, 0, 2]);
        assert_eq!(open().await, 1);
        // The first of them says what is wrong with it.
        assert_eq!(database.number("select max(ordinal) from quarantine").await, 1);

        let feeds = || {
            let of = |name, title| Feed { sender: "two feeds", ..feed(name, vec![bad(), good("b", title)]) };
            [of("b.xml", "B"), of("c.xml", "C")]
        };
        import(database, &feeds()).await;
        assert_eq!(open().await, 2);
        // The same in transactions of their own.
        let apart = ImportPlan {
            batch: BatchLimits { feeds_max: 1, products_max: 1 },
            ..ImportPlan::new(database.url.clone())
        };
        let of_other = feeds().map(|feed| Feed { sender: "apart", ..feed });
        imported(&apart, &of_other).await.expect("the import can be done");
        assert_eq!(open().await, 3);
        let last = "select feed from quarantine where state = 'open' order by id";
        assert_eq!(database.texts(last).await, ["a.xml", "c.xml", "c.xml"]);
    });
}

#[test]
fn a_sender_with_an_endless_name_is_nobody() {
    on_each(async |database| {
        let named = |length: usize| Feed {
            sender: noise(length).leak(),
            ..feed("a.xml", vec![good("a", "A"), Record::Bad(Some("b"), b"<b/>")])
        };
        let report = import(database, &[named(SOURCE_CHARS_MAX), named(SOURCE_CHARS_MAX + 1)]).await;
        let states: Vec<_> = report.report.feeds.iter().map(|feed| feed.state).collect();
        assert_eq!(states, [FeedState::Applied, FeedState::Refused]);
        assert_eq!(report.acceptance, Acceptance::Deviations);
        assert_eq!(report.found.last().map(|found| found.code), Some("rule.no-sender"));
    });
}

/// Letters that nothing can pack: what is packed fits into an index whatever its length.
fn noise(length: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
        char::from(letters[usize::try_from(state >> 58).expect("six bits")])
    };
    (0..length).map(|_| letter()).collect()
}

/// The samples' record under another key, in a feed with a good one.
fn keyed(key: &str) -> String {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/catalogue/good.xml");
    let feed = std::fs::read_to_string(sample).expect("the sample is there");
    let first = feed.split("reference=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a key");
    feed.replacen(&format!("reference=\"{first}\""), &format!("reference=\"{key}\""), 1)
}

#[test]
fn a_key_that_is_none_is_refused_and_its_neighbours_are_imported() {
    on_each(async |database| {
        // One of them withdraws what is not there.
        let records = keyed("x").matches("<product ").count() - 1;
        for (key, code) in [
            ("", "[rule.required]"),
            (" &#9;", "[rule.required]"),
            (&noise(1_001), "1001 bytes"),
            (&noise(10_000), "10000 bytes"),
        ] {
            let path = database.folder.path().join("feed.xml");
            std::fs::write(&path, keyed(key)).expect("it is written");
            let output = Command::new(env!("CARGO_BIN_EXE_feedgate"))
                .args(["import", "--database", database.url.secret(), "--report", "text"])
                .arg(&path)
                .output()
                .expect("the program starts");
            let text = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(text.contains(code) || text.contains("[cvc-"), "{code}: {text}");
            let there = database.number("select count(*) from product").await;
            assert_eq!(there, i64::try_from(records - 1).expect("few"), "{text}");
        }
        assert_eq!(
            database.number("select count(*) from quarantine where record_reference is null").await,
            4
        );
        // As long as a key may be, and wrong by its schema.
        let path = database.folder.path().join("feed.xml");
        std::fs::write(&path, keyed(&noise(1_000))).expect("it is written");
        let output = Command::new(env!("CARGO_BIN_EXE_feedgate"))
            .args(["import", "--database", database.url.secret()])
            .arg(&path)
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    });
}
