//! Records that say when they were changed: an older one never replaces a newer one; on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Imported, Record, cut, feed, good, imported, outcome};
use crate::support::products::plain;
use feedgate::import::{ImportPlan, Replayed, Revalidate, replay};
use feedgate::judgement::Outcome;
use feedgate::product::{Product, moment};
use feedgate::store::{Counts, Outdated, QuarantinedRecord, Store};
use feedgate::telemetry::RunTelemetry;
use std::error::Error;

/// A record of this day of January 2024.
fn on(day: i64, record: Record) -> Record {
    let first = moment("20240101").expect("a day");
    Record::Dated(first + (day - 1) * 86_400, Box::new(record))
}

fn plan(database: &TestDatabase) -> ImportPlan {
    ImportPlan {
        clock: || "2024-01-31T12:00:00Z".parse().expect("a moment"),
        ..ImportPlan::new(database.url.clone())
    }
}

async fn import(database: &TestDatabase, records: Vec<Record>) -> Imported {
    import_all(database, &[feed("a.xml", records)]).await
}

async fn import_all(database: &TestDatabase, feeds: &[Feed]) -> Imported {
    imported(&plan(database), feeds).await.expect("the import can be done")
}

/// Inserted, updated, unchanged, withdrawn, refused, stale.
fn counted(imported: &Imported) -> [u64; 6] {
    let Counts { inserted, updated, unchanged, withdrawn, refused, stale, .. } = imported.report.counts;
    [inserted, updated, unchanged, withdrawn, refused, stale]
}

/// Each product with the day of its record.
async fn shop(database: &TestDatabase) -> Vec<String> {
    let first = moment("20240101").expect("a day");
    let sql = format!(
        "select record_reference || '=' || title || case when withdrawn_at is null then '' else ' (gone)' end || ' of '
             || coalesce(cast((changed_at - {first}) / 86400 + 1 as text), 'no day')
         from product order by record_reference"
    );
    database.texts(&sql).await
}

#[test]
fn an_older_record_is_passed_over_and_told_once() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A5")), on(5, good("b", "B5")), good("c", "C")]).await;
        let change = |key: &str| Record::Change(Product { stock: Some(7), ..plain(key, "") });
        let records = vec![on(4, good("a", "A4")), on(4, change("b")), on(3, Record::Delete("b"))];
        let report = import(database, records).await;
        assert_eq!(counted(&report), [0, 0, 0, 0, 0, 3]);
        let told: Vec<_> = report.found.iter().map(|found| (found.code, found.sentence.as_str())).collect();
        let sentence =
            "3 records were passed over, because a version with a later date of its own was imported before.";
        assert_eq!(told, [("rule.stale-records", sentence)]);
        assert_eq!(shop(database).await, ["a=A5 of 5", "b=B5 of 5", "c=C of no day"]);
        assert_eq!(database.number("select count(*) from quarantine").await, 0);
        assert_eq!(database.number("select stale from run where id = 2").await, 3);
        assert_eq!(database.number("select stale from feed_version where run_id = 2").await, 3);
        let store = Store::open(&database.url).await.expect("it opens");
        assert_eq!(store.runs(1).await.expect("they load")[0].counts, report.report.counts);
    });
}

#[test]
fn the_same_date_a_newer_one_and_none_are_as_before() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A")), on(5, good("b", "B")), on(5, good("c", "C"))]).await;
        let next = vec![on(5, good("a", "A again")), on(6, good("b", "B6")), good("c", "C undated")];
        assert_eq!(counted(&import(database, next).await), [0, 3, 0, 0, 0, 0]);
        // A record without a date does not make the product younger.
        assert_eq!(shop(database).await, ["a=A again of 5", "b=B6 of 6", "c=C undated of 5"]);
        assert_eq!(counted(&import(database, vec![on(4, good("c", "C4"))]).await), [0, 0, 0, 0, 0, 1]);
        // Records in one feed, and feeds in one transaction.
        let twice =
            feed("b.xml", vec![on(9, good("d", "D9")), on(8, good("d", "D8")), on(9, good("a", "A9"))]);
        let later = feed("c.xml", vec![on(8, good("a", "A8")), on(10, good("d", "D10"))]);
        assert_eq!(counted(&import_all(database, &[twice, later]).await), [1, 2, 0, 0, 0, 2]);
        assert_eq!(shop(database).await, ["a=A9 of 9", "b=B6 of 6", "c=C undated of 5", "d=D10 of 10"]);
    });
}

#[test]
fn a_newer_date_alone_moves_and_writes_nothing_else() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A")), good("b", "B")]).await;
        let same = vec![on(7, good("a", "A")), on(3, good("b", "B")), on(8, good("a", "A"))];
        assert_eq!(counted(&import(database, same).await), [0, 0, 3, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A of 8", "b=B of 3"]);
        assert_eq!(database.number("select max(last_changed_run) from product").await, 1);
        assert_eq!(counted(&import(database, vec![on(7, good("a", "A7"))]).await), [0, 0, 0, 0, 0, 1]);
        // Written and dated in one transaction, whichever comes last.
        let feeds = [
            feed("b.xml", vec![on(9, good("a", "A9"))]),
            feed("c.xml", vec![on(10, good("a", "A9"))]),
            feed("d.xml", vec![on(11, good("a", "A11")), on(12, good("c", "C"))]),
            feed("e.xml", vec![on(13, good("c", "C"))]),
        ];
        import_all(database, &feeds).await;
        assert_eq!(shop(database).await, ["a=A11 of 11", "b=B of 3", "c=C of 13"]);
    });
}

#[test]
fn an_older_record_brings_no_withdrawn_product_back() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A")), on(5, good("b", "B"))]).await;
        let gone = vec![on(7, Record::Delete("a")), Record::Delete("b")];
        assert_eq!(counted(&import(database, gone).await), [0, 0, 0, 2, 0, 0]);
        assert_eq!(shop(database).await, ["a=A (gone) of 7", "b=B (gone) of 5"]);
        let older = vec![on(6, good("a", "A6")), on(4, good("b", "B4"))];
        assert_eq!(counted(&import(database, older).await), [0, 0, 0, 0, 0, 2]);
        // A second withdrawal with a later date moves it on.
        assert_eq!(counted(&import(database, vec![on(9, Record::Delete("a"))]).await), [0, 0, 1, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A (gone) of 9", "b=B (gone) of 5"]);
        let newer = vec![on(9, good("a", "A9")), on(6, good("b", "B6"))];
        assert_eq!(counted(&import(database, newer).await), [0, 2, 0, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A9 of 9", "b=B6 of 6"]);
    });
}

#[test]
fn a_date_that_is_to_come_moves_nothing() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A")), on(5, good("b", "B"))]).await;
        // The clock stands at noon of the 31st.
        let ahead = vec![on(34, good("a", "A34")), on(32, good("b", "B32")), on(40, good("c", "C40"))];
        assert_eq!(counted(&import(database, ahead).await), [1, 2, 0, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A34 of 5", "b=B32 of 32", "c=C40 of no day"]);
        let same = vec![on(35, good("a", "A34")), on(6, good("c", "C6"))];
        assert_eq!(counted(&import(database, same).await), [0, 1, 1, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A34 of 5", "b=B32 of 32", "c=C6 of 6"]);
    });
}

#[test]
fn a_feed_that_is_dropped_moves_no_date() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A"))]).await;
        let feeds = [
            cut("b.xml", vec![on(9, good("a", "A")), on(9, good("b", "B"))]),
            feed("c.xml", vec![on(6, good("a", "A6"))]),
        ];
        assert_eq!(counted(&import_all(database, &feeds).await), [0, 1, 0, 0, 0, 0]);
        assert_eq!(shop(database).await, ["a=A6 of 6"]);
        let dropped = cut("d.xml", vec![on(1, good("a", "A1"))]);
        assert_eq!(counted(&import_all(database, &[dropped]).await), [0, 0, 0, 0, 0, 0]);
    });
}

#[test]
fn dates_are_those_of_one_source() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A"))]).await;
        let other = Feed { sender: "another", ..feed("a.xml", vec![on(4, good("a", "A4"))]) };
        assert_eq!(counted(&import_all(database, &[other]).await), [1, 0, 0, 0, 0, 0]);
    });
}

/// Judges a record as the test says.
struct Judge(Record);

impl Revalidate for Judge {
    fn revalidate(&mut self, _: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        Ok(outcome(1, &self.0))
    }
}

async fn replayed(database: &TestDatabase, record: Record) -> Replayed {
    let report = replay(plan(database), RunTelemetry::off(), &[1], &mut Judge(record)).await;
    report.expect("the replay can be done").entries.pop().expect("one was asked for").1
}

#[test]
fn a_replay_obeys_dates() {
    on_each(async |database| {
        import(database, vec![on(5, good("a", "A"))]).await;
        import(database, vec![on(6, Record::Bad(Some("a"), b"<a/>"))]).await;
        let older = replayed(database, on(4, good("a", "A4"))).await;
        assert!(matches!(older, Replayed::Outdated(Outdated::Newer)), "{older:?}");
        assert_eq!(shop(database).await, ["a=A of 5"]);
        let newer = replayed(database, on(6, good("a", "A6"))).await;
        assert!(matches!(newer, Replayed::Imported), "{newer:?}");
        assert_eq!(shop(database).await, ["a=A6 of 6"]);
    });
}
