//! What an import does to the shop, on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Imported, Record, cut, feed, good, imported, outcome, tell};
use crate::support::products::{full, plain};
use feedgate::config::{GuardLimit, GuardLimits, GuardSettings};
use feedgate::import::{
    BatchLimits, FormatRules, Import, ImportError, ImportPlan, Mode, Replayed, Revalidate, replay,
};
use feedgate::judgement::{Acceptance, Coverage, Outcome};
use feedgate::product::Product;
use feedgate::store::{
    Counts, FeedState, QuarantineFilter, QuarantineState, QuarantinedRecord, RunId, RunState, Standing,
    Store, StoreError,
};
use feedgate::telemetry::RunTelemetry;
use std::error::Error;

fn plan(database: &TestDatabase) -> ImportPlan {
    ImportPlan::new(database.url.clone())
}

async fn import(database: &TestDatabase, feeds: &[Feed]) -> Imported {
    imported(&plan(database), feeds).await.expect("the import can be done")
}

/// Inserted, updated, unchanged, withdrawn, refused.
fn counted(imported: &Imported) -> [u64; 5] {
    let Counts { inserted, updated, unchanged, withdrawn, refused, .. } = imported.report.counts;
    [inserted, updated, unchanged, withdrawn, refused]
}

async fn titles(database: &TestDatabase) -> Vec<String> {
    let sql =
        "select record_reference || '=' || title || case when withdrawn_at is null then '' else ' (gone)' end
               from product order by record_reference";
    database.texts(sql).await
}

#[test]
fn a_feed_is_imported_and_its_second_import_changes_nothing() {
    on_each(async |database| {
        let feeds = [feed("a.xml", vec![good("a", "A"), good("b", "B"), Record::Bad(Some("c"), b"<c/>")])];
        let report = import(database, &feeds).await;
        assert_eq!(counted(&report), [2, 0, 0, 0, 1]);
        assert_eq!(
            (report.acceptance, report.report.feeds[0].state),
            (Acceptance::Deviations, FeedState::Applied)
        );
        let before = database.shop().await;

        let again = import(database, &feeds).await;
        assert_eq!(counted(&again), [0, 0, 2, 0, 1]);
        assert_eq!(again.report.feeds[0].state, FeedState::Repeated);
        assert_eq!(again.report.feeds[0].earlier, Some(RunId(1)));
        assert_eq!(again.acceptance, Acceptance::Deviations, "what was wrong still is");
        assert_eq!(database.shop().await, before);
        assert_eq!(database.number("select max(last_changed_run) from product").await, 1);
        assert_eq!(database.number("select count(*) from quarantine").await, 1);
    });
}

#[test]
fn what_changed_is_written_and_what_did_not_is_not() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A"), good("b", "B")])]).await;
        let report = import(database, &[feed("a.xml", vec![good("b", "B, revised"), good("a", "A")])]).await;
        assert_eq!(counted(&report), [0, 1, 1, 0, 0]);
        assert_eq!(titles(database).await, ["a=A", "b=B, revised"]);
        // The first version comes again: its bytes have said what they have to say.
        let back = import(database, &[feed("a.xml", vec![good("a", "A"), good("b", "B")])]).await;
        assert_eq!((counted(&back), back.report.feeds[0].state), ([0, 0, 2, 0, 0], FeedState::Repeated));
        assert_eq!(titles(database).await, ["a=A", "b=B, revised"]);
    });
}

#[test]
fn a_feed_that_is_cut_off_changes_nothing_and_its_neighbours_stand() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A")])]).await;
        let before = database.shop().await;
        let broken =
            cut("b.xml", vec![good("a", "A, changed"), good("b", "B"), Record::Bad(Some("c"), b"<c/>")]);
        let report = import(database, std::slice::from_ref(&broken)).await;
        assert_eq!(
            (report.acceptance, report.report.feeds[0].state),
            (Acceptance::Deviations, FeedState::Refused)
        );
        assert_eq!(database.shop().await, before);
        assert_eq!(database.number("select count(*) from quarantine").await, 0);

        // Between two good ones, in one transaction.
        let feeds = [
            feed("c.xml", vec![good("a", "A, second"), good("c", "C")]),
            broken,
            feed("d.xml", vec![good("d", "D"), good("a", "A, third"), good("b", "B, of another")]),
        ];
        let report = import(database, &feeds).await;
        assert_eq!(counted(&report), [3, 2, 0, 0, 1]);
        assert_eq!(titles(database).await, ["a=A, third", "b=B, of another", "c=C", "d=D"]);
        let store = Store::open(&database.url).await.expect("it opens");
        let run = store.run(report.report.run.expect("a run")).await.expect("it loads").expect("it is there");
        assert_eq!((run.feeds, run.counts), (3, report.report.counts));
        let groups = store.groups(run.id, 10).await.expect("they load");
        let named: Vec<_> =
            groups.iter().map(|each| (each.feed.as_str(), each.group.code.as_str())).collect();
        assert!(named.contains(&("b.xml", "cvc-datatype-valid.1.2.1")), "{named:?}");
        let samples = store.samples(run.id, 10).await.expect("they load");
        assert_eq!(samples.len(), 2);
    });
}

#[test]
fn a_withdrawn_product_keeps_its_row_and_comes_back() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A"), good("b", "B")])]).await;
        let report =
            import(database, &[feed("b.xml", vec![Record::Delete("a"), Record::Delete("unknown")])]).await;
        assert_eq!(counted(&report), [0, 0, 1, 1, 0]);
        assert_eq!(titles(database).await, ["a=A (gone)", "b=B"]);
        let again = import(database, &[feed("c.xml", vec![Record::Delete("a")])]).await;
        assert_eq!(counted(&again), [0, 0, 1, 0, 0]);
        let back = import(database, &[feed("d.xml", vec![good("a", "A")])]).await;
        assert_eq!(counted(&back), [0, 1, 0, 0, 0]);
        assert_eq!(titles(database).await, ["a=A", "b=B"]);
    });
}

#[test]
fn records_with_one_reference_follow_each_other_in_order() {
    on_each(async |database| {
        let feeds = [
            feed("1.xml", vec![good("a", "1"), good("b", "1"), good("c", "1"), good("d", "1")]),
            feed("2.xml", vec![good("a", "2"), Record::Delete("b"), Record::Delete("c"), good("d", "1")]),
            feed("3.xml", vec![good("a", "3"), good("c", "3"), Record::Delete("d"), good("d", "1")]),
        ];
        let report = import(database, &feeds).await;
        assert_eq!(titles(database).await, ["a=3", "b=1 (gone)", "c=3", "d=1"]);
        assert_eq!(counted(&report), [4, 4, 1, 3, 0]);
        // In transactions of their own the end is the same.
        let apart = ImportPlan { batch: BatchLimits { feeds_max: 1, products_max: 1 }, ..plan(database) };
        let renamed = feeds.map(|each| Feed { sender: "another.example", ..each });
        imported(&apart, &renamed).await.expect("the import can be done");
        let shop = database.shop().await;
        let of = |sender: &str| shop.lines().filter_map(|line| line.strip_prefix(sender)).collect::<Vec<_>>();
        assert_eq!(of("another.example|"), of("publisher.example|"));
    });
}

#[test]
fn a_partial_update_changes_what_it_says() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A"), good("b", "B")])]).await;
        let change = |key: &str| Product { stock: Some(7), ..plain(key, "") };
        let records = vec![
            Record::Change(change("a")),
            Record::Change(change("unknown")),
            good("c", "C"),
            Record::Change(change("c")),
            Record::Change(Product { pages: Some(1), ..plain("c", "C, amended") }),
        ];
        let report = import(database, &[feed("b.xml", records)]).await;
        assert_eq!(counted(&report), [1, 3, 0, 0, 1]);
        assert_eq!(report.found[0].code, "rule.amend-unknown");
        assert_eq!((report.acceptance, report.report.counts.errors), (Acceptance::Deviations, 1));
        assert_eq!(titles(database).await, ["a=A", "b=B", "c=C, amended"]);
        assert_eq!(database.number("select sum(stock) from product").await, 14);
        assert_eq!(database.number("select count(*) from product_identifier").await, 6);
        let store = Store::open(&database.url).await.expect("it opens");
        let record = store.quarantined(1).await.expect("it loads").expect("it is there");
        assert_eq!(record.bytes, b"<change/>");
        assert_eq!(record.entry.findings[0].code, "rule.amend-unknown");
    });
}

#[test]
fn products_missing_from_a_full_feed_follow_the_policy() {
    on_each(async |database| {
        let all = || vec![good("a", "A"), good("b", "B"), good("c", "C"), good("d", "D")];
        import(database, &[feed("a.xml", all())]).await;
        let kept = import(database, &[feed("b.xml", vec![good("a", "A")])]).await;
        assert_eq!(counted(&kept), [0, 0, 1, 0, 0]);

        let policy = |percent| {
            let withdraw = GuardLimit::Of { percent, floor: 0 };
            let guard = GuardSettings::of(GuardLimits { withdraw, ..GuardLimits::off() });
            let whole = FormatRules { feeds: Some(Coverage::Full), ..FormatRules::default() };
            ImportPlan { formats: [("catalogue/1.0".to_owned(), whole)].into(), guard, ..plan(database) }
        };
        let few = [feed("c.xml", vec![good("a", "A, changed"), Record::Bad(Some("b"), b"<b/>")])];
        let held = imported(&policy(49), &few).await.expect("the import can be done");
        assert_eq!((held.report.feeds[0].state, held.found[0].code), (FeedState::Held, "rule.guard"));
        assert_eq!(titles(database).await, ["a=A", "b=B", "c=C", "d=D"]);

        let held = imported(&policy(49), &[feed("e.xml", vec![good("a", "A"), good("b", "B")])]).await;
        assert_eq!(held.expect("the import can be done").acceptance, Acceptance::Held);

        // A refused record is not a missing one; a record that nobody can name might be any.
        let report = imported(&policy(50), &few).await.expect("the import can be done");
        assert_eq!(counted(&report), [0, 1, 0, 2, 1]);
        assert_eq!(titles(database).await, ["a=A, changed", "b=B", "c=C (gone)", "d=D (gone)"]);
        let unnamed = [feed("d.xml", vec![good("c", "C"), Record::Bad(None, b"<x/>")])];
        let report = imported(&policy(100), &unnamed).await.expect("the import can be done");
        assert_eq!(report.found[0].code, "rule.missing-kept");
        assert_eq!(titles(database).await, ["a=A, changed", "b=B", "c=C", "d=D (gone)"]);
    });
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    on_each(async |database| {
        let dry = ImportPlan { mode: Mode::DryRun, ..plan(database) };
        let first = [feed("a.xml", vec![good("a", "A"), good("b", "B"), Record::Bad(Some("c"), b"<c/>")])];
        let report = imported(&dry, &first).await.expect("the import can be done");
        assert_eq!((counted(&report), report.report.run), ([2, 0, 0, 0, 1], None));
        assert!(Store::open_existing(&database.url).await.expect("it can be looked at").is_none());

        import(database, &first).await;
        let before = (database.shop().await, database.number("select count(*) from run").await);
        let second =
            [feed("b.xml", vec![good("a", "A"), good("b", "B, new"), good("d", "D"), Record::Delete("a")])];
        let report = imported(&dry, &second).await.expect("the import can be done");
        assert_eq!(counted(&report), [1, 1, 1, 1, 0]);
        assert_eq!((database.shop().await, database.number("select count(*) from run").await), before);
    });
}

#[test]
fn what_was_not_checked_is_told_by_the_exit_status() {
    on_each(async |database| {
        let partial = Feed { unchecked: true, ..feed("a.xml", vec![good("a", "A")]) };
        assert_eq!(import(database, &[partial]).await.acceptance, Acceptance::NotFullyChecked);
        let formless = Feed { format: None, ..feed("b.xml", vec![good("b", "B")]) };
        let report = import(database, &[formless]).await;
        assert_eq!(
            (report.acceptance, report.report.feeds[0].state),
            (Acceptance::Deviations, FeedState::Refused)
        );
        assert_eq!(titles(database).await, ["a=A"]);
    });
}

#[test]
fn a_run_that_is_broken_off_leaves_what_was_told_whole_unapplied() {
    on_each(async |database| {
        let mut import = Import::open(plan(database), RunTelemetry::off()).await.expect("it opens");
        tell(&mut import, &[feed("a.xml", vec![good("a", "A")])]).await.expect("it is taken");
        import.close(Acceptance::Failed, Some("the schema is gone")).await.expect("it is closed");
        assert_eq!(database.number("select count(*) from product").await, 0);
        let store = Store::open(&database.url).await.expect("it opens");
        let run = store.run(RunId(1)).await.expect("it loads").expect("it is there");
        assert_eq!((run.state, run.acceptance), (RunState::Failed, Some(Acceptance::Failed)));
    });
}

#[test]
fn a_run_that_is_stopped_keeps_what_was_read_whole() {
    on_each(async |database| {
        let mut import = Import::open(plan(database), RunTelemetry::off()).await.expect("it opens");
        tell(&mut import, &[feed("a.xml", vec![good("a", "A")])]).await.expect("it is taken");
        // The feed at hand when the signal comes has no end.
        let mut events = feed("b.xml", vec![good("a", "B"), good("b", "B")]).events();
        events.pop_back();
        while let Some(mut event) = events.pop_front() {
            import.take(&mut event, &events).await.expect("it is taken");
        }
        let report = import.finish().await.expect("it is applied");
        import.close(Acceptance::Cancelled, Some("cancelled")).await.expect("it is closed");
        assert_eq!(report.feeds.len(), 1);
        assert_eq!(titles(database).await, ["a=A"]);
        let store = Store::open(&database.url).await.expect("it opens");
        let run = store.run(RunId(1)).await.expect("it loads").expect("it is there");
        assert_eq!((run.state, run.acceptance), (RunState::Cancelled, Some(Acceptance::Cancelled)));
    });
}

#[test]
fn what_is_watched_is_what_stands() {
    on_each(async |database| {
        let store = Store::open(&database.url).await.expect("it opens");
        assert_eq!(store.standing(5).await.expect("asked"), Standing::default());
        let first = feed("a.xml", vec![good("a", "A"), Record::Bad(Some("b"), b"<bad/>")]);
        import(database, &[first]).await;
        let standing = store.standing(5).await.expect("asked");
        assert_eq!((standing.quarantined, standing.last_good.len()), (1, 1));
        let since = standing.quarantined_since.expect("one is there");
        assert!(since.duration_until(jiff::Timestamp::now()).as_secs().abs() < 60, "{since}");
        assert_eq!(store.standing(0).await.expect("asked").last_good, []);
        database.execute("update quarantine set state = 'discarded', resolved_at = created_at").await;
        database.execute("update run set rolled_back_by = 99").await;
        assert_eq!(store.standing(5).await.expect("asked"), Standing::default());
    });
}

#[test]
fn a_source_that_is_being_imported_is_refused_by_name() {
    on_each(async |database| {
        let plan = plan(database);
        let mut outer = Import::open(plan.clone(), RunTelemetry::off()).await.expect("it opens");
        tell(&mut outer, &[feed("a.xml", vec![good("a", "A")])]).await.expect("it is taken");
        let inner = imported(&plan, &[feed("a.xml", vec![good("a", "B")])]).await;
        outer.finish().await.expect("it is applied");
        outer.close(Acceptance::Accepted, None).await.expect("it is closed");
        let error = inner.expect_err("the source is taken");
        assert!(matches!(error, ImportError::Store(StoreError::Locked { run: 1, .. })), "{error:?}");
        assert!(error.to_string().contains("`publisher.example`"), "{error}");
        assert_eq!(database.number("select count(*) from product where title = 'A'").await, 1);
    });
}

#[test]
fn a_feed_with_more_changes_than_are_remembered_is_forgotten_too() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("p1", "A")])]).await;
        let before = database.shop().await;
        let many = (0..20_500).map(|number| Record::Product(plain(&format!("p{number}"), "M"))).collect();
        let feeds = [cut("b.xml", many), feed("c.xml", vec![good("p1", "A"), good("p2", "P")])];
        let report = import(database, &feeds).await;
        assert_eq!(counted(&report), [1, 0, 1, 0, 0]);
        assert_eq!(titles(database).await, ["p1=A", "p2=P"]);
        assert!(database.shop().await.len() > before.len());
    });
}

/// Judges a record by what the test says.
struct Judge(Option<Record>);

impl Revalidate for Judge {
    fn revalidate(&mut self, _: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        match &self.0 {
            Some(record) => Ok(outcome(1, record)),
            None => Err("the format is gone".into()),
        }
    }
}

async fn replayed(database: &TestDatabase, id: i64, judge: Option<Record>) -> Replayed {
    let mut report = replay(plan(database), RunTelemetry::off(), &[id], &mut Judge(judge))
        .await
        .expect("the replay can be done");
    report.entries.pop().expect("one was asked for").1
}

#[test]
fn a_record_from_quarantine_is_imported_once_it_is_right() {
    on_each(async |database| {
        let bad = |key| Record::Bad(Some(key), b"<a/>");
        import(database, &[feed("a.xml", vec![good("b", "B"), bad("a"), bad("b"), bad("u")])]).await;
        assert!(matches!(replayed(database, 1, None).await, Replayed::Unjudged(_)));
        assert!(
            matches!(replayed(database, 1, Some(bad("a"))).await, Replayed::Refused(found) if found.len() == 1)
        );
        assert!(matches!(replayed(database, 99, None).await, Replayed::Unknown));
        let change = Record::Change(plain("u", "U"));
        assert!(
            matches!(replayed(database, 3, Some(change)).await, Replayed::Refused(found) if found.len() == 1)
        );
        assert_eq!(titles(database).await, ["b=B"]);

        assert!(matches!(replayed(database, 1, Some(good("a", "A"))).await, Replayed::Imported));
        assert_eq!(titles(database).await, ["a=A", "b=B"]);
        let again = replayed(database, 1, Some(good("a", "A"))).await;
        assert!(matches!(again, Replayed::Outdated(_)), "{again:?}");
        let store = Store::open(&database.url).await.expect("it opens");
        let filter =
            QuarantineFilter { state: Some(QuarantineState::Replayed), ..QuarantineFilter::default() };
        assert_eq!(store.quarantine(filter, 10).await.expect("it loads").len(), 1);
        let run = store.runs(1).await.expect("they load").remove(0);
        assert_eq!((run.state, run.acceptance), (RunState::Deviations, Some(Acceptance::Deviations)));
    });
}

#[test]
fn a_record_from_quarantine_never_replaces_a_newer_version() {
    on_each(async |database| {
        import(
            database,
            &[feed("a.xml", vec![Record::Bad(Some("a"), b"<a/>"), Record::Bad(Some("b"), b"<b/>")])],
        )
        .await;
        import(database, &[feed("b.xml", vec![good("a", "A of today")])]).await;
        let overtaken = replayed(database, 1, Some(good("a", "A of yesterday"))).await;
        assert!(matches!(overtaken, Replayed::Outdated(_)), "{overtaken:?}");
        assert_eq!(titles(database).await, ["a=A of today"]);
        assert!(matches!(replayed(database, 2, Some(good("b", "B"))).await, Replayed::Imported));
        // Older feeds do not undo it: the product is that of the feed which brought the record.
        assert_eq!(database.number("select count(distinct feed_version_id) from product").await, 2);
        assert_eq!(full("b", "B").title, "B");
    });
}
