//! A corrected record in place of a refused one, on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Record, feed, good, imported, outcome};
use feedgate::import::{ImportPlan, Replayed, Revalidate, replay_one_entry};
use feedgate::judgement::Outcome;
use feedgate::store::{Outdated, QuarantineState, QuarantinedRecord, ReplayedEntry, Store};
use feedgate::telemetry::RunTelemetry;
use std::error::Error;

const MENDED: &[u8] = b"<?xml version='1.0'?>\n<a>corrected \\ \0 \xFF</a>";

/// Sees that the corrected bytes are judged, and judges them as the test says.
struct Judge(Record);

impl Revalidate for Judge {
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        assert_eq!(record.mended.as_deref(), Some(MENDED));
        assert_eq!(record.bytes, b"<a/>");
        Ok(outcome(1, &self.0))
    }
}

async fn import(database: &TestDatabase, name: &'static str, records: Vec<Record>) {
    let plan = ImportPlan::new(database.url.clone());
    imported(&plan, &[feed(name, records)]).await.expect("the import can be done");
}

async fn mended(database: &TestDatabase, id: i64, record: Record) -> Replayed {
    let plan = ImportPlan::new(database.url.clone());
    let entry = ReplayedEntry { id, mended: Some(MENDED.to_vec()), seen: None };
    let mut report = replay_one_entry(plan, RunTelemetry::off(), entry, &mut Judge(record))
        .await
        .expect("the replay can be done");
    report.entries.pop().expect("one was asked for").1
}

async fn kept(database: &TestDatabase, id: i64) -> QuarantinedRecord {
    let store = Store::open(&database.url).await.expect("it opens");
    store.quarantined(id).await.expect("it loads").expect("it is there")
}

async fn titles(database: &TestDatabase) -> Vec<String> {
    database.texts("select record_reference || '=' || title from product order by record_reference").await
}

fn bad(key: Option<&'static str>) -> Record {
    Record::Bad(key, b"<a/>")
}

#[test]
fn original_and_mended_bytes_are_kept() {
    on_each(async |database| {
        import(database, "a.xml", vec![good("b", "B"), bad(Some("a"))]).await;
        let refused = mended(database, 1, bad(Some("a"))).await;
        assert!(matches!(refused, Replayed::Refused(_)), "{refused:?}");
        let record = kept(database, 1).await;
        assert_eq!((record.entry.state, record.mended), (QuarantineState::Open, None));

        let replayed = mended(database, 1, good("a", "A")).await;
        assert!(matches!(replayed, Replayed::Imported), "{replayed:?}");
        let record = kept(database, 1).await;
        assert_eq!(record.entry.state, QuarantineState::Replayed);
        assert_eq!((record.bytes.as_slice(), record.mended.as_deref()), (b"<a/>".as_slice(), Some(MENDED)));
        assert_eq!(titles(database).await, ["a=A", "b=B"]);
        let again = mended(database, 1, good("a", "A")).await;
        assert!(
            matches!(again, Replayed::Outdated(Outdated::Closed(QuarantineState::Replayed))),
            "{again:?}"
        );
    });
}

#[test]
fn a_mended_record_keeps_the_key_of_its_entry() {
    on_each(async |database| {
        import(database, "a.xml", vec![bad(Some("a"))]).await;
        for other in [good("b", "B"), bad(Some("b")), Record::Delete("b")] {
            let refused = mended(database, 1, other).await;
            let Replayed::OtherKey { expected, found } = refused else { panic!("{refused:?}") };
            assert_eq!((expected.as_str(), found.as_str()), ("a", "b"));
        }
        assert_eq!(kept(database, 1).await.entry.state, QuarantineState::Open);
        assert_eq!(titles(database).await, [""; 0]);
    });
}

#[test]
fn an_entry_without_a_key_may_get_one_that_nobody_has_changed_since() {
    on_each(async |database| {
        import(database, "a.xml", vec![good("first", "F"), bad(None)]).await;
        import(database, "b.xml", vec![good("newer", "N")]).await;
        let overtaken = mended(database, 1, good("newer", "old")).await;
        assert!(matches!(overtaken, Replayed::Outdated(Outdated::Newer)), "{overtaken:?}");
        let taken = mended(database, 1, good("first", "other")).await;
        assert!(matches!(taken, Replayed::Outdated(Outdated::Taken)), "{taken:?}");
        assert!(matches!(mended(database, 1, good("a", "A")).await, Replayed::Imported));
        assert_eq!(titles(database).await, ["a=A", "first=F", "newer=N"]);
    });
}
