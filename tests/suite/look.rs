//! What people and programs look up, on both databases: pages, filters, and what one source may see.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Record, feed, good, imported};
use feedgate::config::DatabaseKind;
use feedgate::import::ImportPlan;
use feedgate::judgement::Severity;
use feedgate::store::{
    Counts, Decision, FindingFilter, HeldFilter, HeldState, NumberedSample, QuarantineFilter,
    QuarantineState, RUN_FEEDS_MAX, RunFilter, RunId, RunProgress, RunRecord, Store,
};
use std::time::{Duration, Instant};

const A: &str = "A & Söhne";
const B: &str = "B";

/// Runs of the list that must be quick.
const MANY_RUNS: i64 = 100_000;
/// How long a page of them may take, the best of a few; an index makes it some milliseconds, a walk hundreds.
const PAGE_TIME_MAX: Duration = Duration::from_millis(200);

async fn import(database: &TestDatabase, feeds: &[Feed]) -> i64 {
    let plan = ImportPlan::new(database.url.clone());
    imported(&plan, feeds).await.expect("the import can be done").report.run.expect("a run").0
}

async fn open(database: &TestDatabase) -> Store {
    Store::open(&database.url).await.expect("it opens")
}

fn of(sender: &'static str, name: &'static str, records: Vec<Record>) -> Feed {
    Feed { sender, ..feed(name, records) }
}

/// A run that was submitted and waits, with all there may be.
async fn submit(database: &TestDatabase, run: i64, source: &str) {
    let digest = match database.kind() {
        DatabaseKind::Postgres => "'\\x00ff'",
        DatabaseKind::Sqlite => "x'00ff'",
    };
    database
        .execute(&format!(
            "insert into run (id, state, lease_owner, lease_until, attempt, lane)
                 values ({run}, 'queued', '', '2026-11-27T00:00:00.000Z', 0, 'source {source}');
             insert into submission (run_id, received_at, token, mode, format, source, feed, bytes, digest,
                 traceparent, lost, progress_bytes, progress_records, progress_refused, summary)
             values ({run}, '2026-11-26T23:00:00.123Z', 'partner', 'check', 'onix', '{source}', 'a \"b\".xml', 1234,
                 {digest}, '00-aa-bb-01', 1, 10, 2, 1, '{{\"verdict\": null}}')"
        ))
        .await;
}

fn all() -> RunFilter<'static> {
    RunFilter { state: None, source: None, visible_source: None, before: None, limit: 100 }
}

async fn ids(store: &Store, filter: RunFilter<'_>) -> Vec<i64> {
    let runs = store.run_records(filter).await.expect("they load");
    runs.iter().map(|run| run.id.0).collect()
}

/// One run each of A, of B, of both, and two that wait.
async fn five_runs(database: &TestDatabase) -> Store {
    let of_a = import(database, &[of(A, "a.xml", vec![good("a", "A")])]).await;
    let of_b =
        import(database, &[of(B, "b.xml", vec![good("a", "B"), Record::Bad(Some("x"), b"<x/>")])]).await;
    let both = [of(A, "c.xml", vec![good("c", "C")]), of(B, "d.xml", vec![good("d", "D")])];
    let of_both = import(database, &both).await;
    assert_eq!([of_a, of_b, of_both], [1, 2, 3]);
    submit(database, 10, A).await;
    submit(database, 11, B).await;
    open(database).await
}

#[test]
fn a_run_is_told_with_all_that_is_known_of_it() {
    on_each(async |database| {
        let store = five_runs(database).await;
        database
            .execute(
                "insert into run_report (run_id, form, position, bytes) values
            (10, 'json', 0, ''), (10, 'json', 1, ''), (10, 'html', 0, '')"
                    .replace("''", empty(database))
                    .as_str(),
            )
            .await;
        let waits = store.run_record(RunId(10), None).await.expect("it loads").expect("it is there");
        let expected = RunRecord {
            id: RunId(10),
            state: "queued".into(),
            mode: Some("check".into()),
            token: Some("partner".into()),
            received_at: Some("2026-11-26T23:00:00.123Z".into()),
            started_at: None,
            finished_at: None,
            attempt: 0,
            lost: 1,
            cancel_asked: false,
            lane: Some(format!("source {A}")),
            source: Some(A.into()),
            feed: Some("a \"b\".xml".into()),
            format: Some("onix".into()),
            bytes: Some(1234),
            digest: Some("00ff".into()),
            exit_status: None,
            message: None,
            trace_id: None,
            traceparent: Some("00-aa-bb-01".into()),
            rolls_back: None,
            rolled_back_by: None,
            feeds: 0,
            feeds_unread: 0,
            feeds_held: 0,
            sources: 0,
            read: Vec::new(),
            has_others: false,
            progress: RunProgress { bytes: 10, records: 2, refused: 1 },
            counts: Counts::default(),
            summary: Some("{\"verdict\": null}".into()),
            reports: vec!["html".into(), "json".into()],
        };
        assert_eq!(waits, expected);
        let known = store.run(RunId(3)).await.expect("it loads").expect("it is there");
        let ended = store.run_record(RunId(3), None).await.expect("it loads").expect("it is there");
        assert_eq!((ended.counts, ended.feeds), (known.counts, 2));
        assert_eq!((ended.started_at, ended.finished_at), (known.started_at, known.finished_at));
        assert_eq!((ended.exit_status, ended.mode, ended.digest.as_deref()), (Some(0), None, None));
        assert!(ended.reports.is_empty() && !ended.has_others);
        let read: Vec<_> = ended.read.iter().map(|feed| (feed.source.as_str(), feed.feed.as_str())).collect();
        assert_eq!(read, [(A, "c.xml"), (B, "d.xml")]);
        let first = store.run_record(RunId(1), None).await.expect("it loads").expect("it is there");
        let fed = &first.read[0];
        assert_eq!((fed.state.as_str(), fed.acceptance.as_deref()), ("applied", Some("accepted")));
        assert_eq!(fed.format, "catalogue/1.0");
        assert_eq!(store.run_record(RunId(4), None).await.expect("it loads"), None);
    });
}

fn empty(database: &TestDatabase) -> &'static str {
    if database.kind() == DatabaseKind::Sqlite { "x''" } else { "''" }
}

#[test]
fn a_run_tells_its_first_feeds_only() {
    on_each(async |database| {
        let names = ["1.xml", "2.xml", "3.xml", "4.xml", "5.xml", "6.xml"];
        let feeds: Vec<Feed> = names.iter().map(|&name| of(A, name, vec![good(name, name)])).collect();
        let five = import(database, &feeds[..5]).await;
        let six = import(database, &feeds).await;
        let store = open(database).await;
        for (run, feeds) in [(five, 5), (six, 6)] {
            let run = store.run_record(RunId(run), None).await.expect("it loads").expect("it is there");
            assert_eq!((run.feeds, run.read.len()), (feeds, usize::try_from(RUN_FEEDS_MAX).expect("a few")));
        }
    });
}

#[test]
fn runs_are_found_by_state_and_source_page_by_page() {
    on_each(async |database| {
        let store = five_runs(database).await;
        assert_eq!(ids(&store, all()).await, [11, 10, 3, 2, 1]);
        assert_eq!(ids(&store, RunFilter { state: Some("queued"), ..all() }).await, [11, 10]);
        assert_eq!(ids(&store, RunFilter { state: Some("succeeded"), ..all() }).await, [3, 1]);
        assert_eq!(ids(&store, RunFilter { source: Some(A), ..all() }).await, [10, 3, 1]);
        assert_eq!(ids(&store, RunFilter { source: Some(B), state: Some("queued"), ..all() }).await, [11]);
        assert_eq!(ids(&store, RunFilter { source: Some("C"), ..all() }).await, [0; 0]);
        for filter in
            [all(), RunFilter { source: Some(B), ..all() }, RunFilter { visible_source: Some(A), ..all() }]
        {
            let whole = ids(&store, filter).await;
            let (mut paged, mut before) = (Vec::new(), None);
            loop {
                let page = ids(&store, RunFilter { before, limit: 2, ..filter }).await;
                assert!(page.len() <= 2);
                before = page.last().copied().map(RunId);
                paged.extend(page);
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(paged, whole);
        }
    });
}

#[test]
fn who_is_bound_to_a_source_sees_its_runs_alone() {
    on_each(async |database| {
        let store = five_runs(database).await;
        let bound = RunFilter { visible_source: Some(A), ..all() };
        assert_eq!(ids(&store, bound).await, [10, 3, 1]);
        assert_eq!(ids(&store, RunFilter { source: Some(A), ..bound }).await, [10, 3, 1]);
        assert_eq!(ids(&store, RunFilter { source: Some(B), ..bound }).await, [3]);
        assert_eq!(ids(&store, RunFilter { state: Some("queued"), ..bound }).await, [10]);
        for (run, seen) in [(1, true), (2, false), (3, true), (10, true), (11, false)] {
            let found = store.run_record(RunId(run), Some(A)).await.expect("it loads");
            assert_eq!(found.is_some(), seen, "run {run}");
            assert_eq!(found.is_some_and(|run| run.has_others), run == 3, "run {run}");
        }
        let shared = store.run_record(RunId(3), Some(A)).await.expect("it loads").expect("it is there");
        assert_eq!((shared.feeds, shared.read.len(), shared.read[0].feed.as_str()), (2, 1, "c.xml"));
    });
}

#[test]
fn a_page_of_many_runs_is_quick() {
    on_each(async |database| {
        let store = open(database).await;
        many_runs(database).await;
        let filters = [
            all(),
            RunFilter { before: Some(RunId(MANY_RUNS / 2)), ..all() },
            RunFilter { state: Some("failed"), ..all() },
            RunFilter { state: Some("queued"), ..all() },
            RunFilter { source: Some("s-7"), ..all() },
            RunFilter { source: Some("rare"), ..all() },
            RunFilter { visible_source: Some("s-7"), before: Some(RunId(MANY_RUNS / 2)), ..all() },
            RunFilter { source: Some("rare"), state: Some("succeeded"), ..all() },
            RunFilter { source: Some("s-7"), state: Some("succeeded"), ..all() },
        ];
        for filter in filters {
            let filter = RunFilter { limit: 50, ..filter };
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let began = Instant::now();
                ids(&store, filter).await;
                best = best.min(began.elapsed());
            }
            assert!(best < PAGE_TIME_MAX, "{:?}: {filter:?} took {best:?}", database.kind());
        }
    });
}

/// Runs of twenty sources, one of them failed in a thousand, one of a source that nobody else has.
async fn many_runs(database: &TestDatabase) {
    let numbers = match database.kind() {
        DatabaseKind::Postgres => format!("select generate_series(1, {MANY_RUNS}) as n"),
        DatabaseKind::Sqlite => format!(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {MANY_RUNS})
             select n from numbers"
        ),
    };
    let source = "case n when 50 then 'rare' else 's-' || cast(n % 20 as text) end";
    let at = "'2026-11-27T00:00:00.000Z'";
    let digest = empty(database);
    for table in [
        format!(
            "insert into run (id, started_at, finished_at, state, lease_owner, lease_until)
             select n, {at}, {at}, case when n % 1000 = 0 then 'failed' else 'succeeded' end, '', {at}"
        ),
        format!(
            "insert into submission (run_id, received_at, mode, source, feed, bytes, digest)
             select n, {at}, 'import', {source}, 'a.xml', 1, {digest}"
        ),
        format!(
            "insert into feed_version (id, run_id, source, feed, format, profile_version, state, imported_at,
                 bytes, records, inserted, updated, unchanged, withdrawn, refused)
             select n, n, {source}, 'a.xml', 'onix/3.0', 1, 'applied', {at}, 1, 1, 1, 0, 0, 0, 0"
        ),
    ] {
        let table = match database.kind() {
            DatabaseKind::Postgres => {
                table.replace(at, &format!("timestamptz {at}")).replace("''", "''::bytea")
            }
            DatabaseKind::Sqlite => table,
        };
        let table = table.replace("'succeeded' end, ''::bytea", "'succeeded' end, ''");
        database.execute(&format!("{table} from ({numbers}) numbers")).await;
    }
    database.execute("analyze").await;
}

/// A run of two feeds of A and B with findings of two kinds, some keyed.
async fn findings(database: &TestDatabase) -> (Store, RunId) {
    let bad = || Record::Bad(Some("x"), b"<x/>");
    let feeds = [of(A, "a.xml", vec![bad(), bad()]), of(B, "b.xml", vec![bad()])];
    let run = import(database, &feeds).await;
    database
        .execute(
            "insert into deviation_group
                     (run_id, feed_version_id, fingerprint, code, severity, path, count, sentence)
                 select run_id, feed_version_id, 'ff02', 'rule.price', 'warning', '/catalogue/product/%/a_b', 7, 'Odd.'
                 from deviation_group where fingerprint = '00000000000000ff' order by feed_version_id limit 1;
             insert into deviation (run_id, feed_version_id, fingerprint, code, severity, sentence, path, line_number,
                 column_number, byte_offset, ordinal, record_reference, found, expected, excerpt, caret, caret_width)
             select run_id, feed_version_id, 'ff02', code, severity, sentence, '/catalogue/product[2]/%[1]/a_b', 9, 1,
                 99, 2, 'r-2', '', '', '', 0, 0
             from deviation_group where fingerprint = 'ff02'",
        )
        .await;
    (open(database).await, RunId(run))
}

#[test]
fn findings_are_filtered_and_paged() {
    on_each(async |database| {
        let (store, run) = findings(database).await;
        let all = FindingFilter { limit: 100, ..FindingFilter::default() };
        let whole = store.findings(run, all).await.expect("they load");
        assert!(whole.len() >= 4 && whole.is_sorted_by_key(|sample| sample.id), "{whole:?}");
        let (mut paged, mut after) = (Vec::<NumberedSample>::new(), None);
        loop {
            let page = FindingFilter { after, limit: 1, ..all };
            let page = store.findings(run, page).await.expect("they load");
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            paged.extend(page);
        }
        assert_eq!(paged, whole);
        assert_eq!(store.samples(run, 100).await.expect("they load").len(), whole.len());

        // Of each: samples and groups that fit.
        let warned = FindingFilter { severity: Some(Severity::Warning), ..all };
        let of_b = whole.iter().filter(|sample| sample.sample.feed == "b.xml").count();
        let error = whole.iter().filter(|each| each.sample.finding.severity == Severity::Error).count();
        let price = whole.iter().filter(|each| each.sample.finding.path.contains("/price[1]")).count();
        for (filter, samples, groups) in [
            (warned, 1, 1),
            (FindingFilter { severity: Some(Severity::Error), ..all }, error, 2),
            (FindingFilter { code: Some("rule.price"), ..all }, 1, 1),
            (FindingFilter { code: Some("rule"), ..all }, 0, 0),
            (FindingFilter { path: Some("product/price"), ..all }, price, 2),
            (FindingFilter { path: Some("%"), ..all }, 1, 1),
            (FindingFilter { path: Some("a_b"), ..warned }, 1, 1),
            (FindingFilter { path: Some("aXb"), ..all }, 0, 0),
            (FindingFilter { key: Some("r-2"), ..all }, 1, 1),
            (FindingFilter { key: Some("r"), ..all }, 0, 0),
            (FindingFilter { visible_source: Some(B), ..all }, of_b, 1),
            (FindingFilter { visible_source: Some(B), key: Some("r-2"), ..all }, 0, 0),
        ] {
            let found = store.findings(run, filter).await.expect("they load").len();
            let grouped = store.finding_groups(run, filter).await.expect("they load").len();
            assert_eq!((found, grouped), (samples, groups), "{filter:?}");
        }
        let groups = store.finding_groups(run, all).await.expect("they load");
        assert!(
            groups.is_sorted_by(|a, b| a.group.count >= b.group.count) && groups[0].group.count == 7,
            "{groups:?}"
        );
        let first = FindingFilter { limit: 1, ..all };
        assert_eq!(store.finding_groups(run, first).await.expect("they load"), groups[..1]);
        assert!(store.findings(RunId(99), all).await.expect("they load").is_empty());
    });
}

#[test]
fn the_quarantine_is_filtered_and_paged() {
    on_each(async |database| {
        let of_a = of(A, "a.xml", vec![Record::Bad(Some("x"), b"<x/>"), Record::Bad(Some("y"), b"<y/>")]);
        let first = import(database, &[of_a]).await;
        let second = import(database, &[of(B, "b.xml", vec![Record::Bad(Some("x"), b"<x/>")])]).await;
        let store = open(database).await;
        let decision = Decision::new("cli:test", None).expect("it fits");
        assert!(store.discard(2, jiff::Timestamp::now(), &decision).await.expect("it can be discarded"));
        let list = async |filter| {
            let entries = store.quarantine(filter, 100).await.expect("they load");
            entries.iter().map(|entry| entry.id).collect::<Vec<_>>()
        };
        let all = QuarantineFilter::default();
        for (filter, expected) in [
            (all, &[1, 2, 3][..]),
            (QuarantineFilter { after: Some(1), ..all }, &[2, 3]),
            (QuarantineFilter { after: Some(3), ..all }, &[]),
            (QuarantineFilter { state: Some(QuarantineState::Open), ..all }, &[1, 3]),
            (QuarantineFilter { run: Some(RunId(first)), ..all }, &[1, 2]),
            (QuarantineFilter { run: Some(RunId(second)), visible_source: Some(A), ..all }, &[]),
            (QuarantineFilter { reference: Some("x"), ..all }, &[1, 3]),
            (QuarantineFilter { reference: Some("x"), visible_source: Some(B), ..all }, &[3]),
            (QuarantineFilter { code: Some("cvc-datatype-valid.1.2.1"), source: Some(A), ..all }, &[1, 2]),
            (QuarantineFilter { code: Some("cvc-datatype-valid"), ..all }, &[]),
            (QuarantineFilter { source: Some(A), visible_source: Some(B), ..all }, &[]),
        ] {
            assert_eq!(list(filter).await, expected, "{filter:?}");
        }
        for (id, source, seen) in [(1, None, true), (1, Some(A), true), (1, Some(B), false), (0, None, false)]
        {
            let found = store.quarantined_of(id, source).await.expect("it loads");
            assert_eq!(found.is_some(), seen, "{id} {source:?}");
        }
    });
}

/// The feeds there are, oldest first.
async fn feeds(database: &TestDatabase) -> Vec<i64> {
    let ids = database.texts("select cast(id as text) from feed_version order by id").await;
    ids.iter().map(|id| id.parse().expect("a number")).collect()
}

/// Holds feeds, the oldest first, in these states.
async fn hold(database: &TestDatabase, states: &[&str]) {
    for (id, state) in feeds(database).await.iter().zip(states) {
        database
            .execute(&format!(
                "insert into held_feed (feed_version_id, state, held_at, keep_until, plan, plan_digest, packed_bytes)
                 values ({id}, '{state}', '2026-11-27T00:00:00.000Z', '2026-12-27T00:00:00.000Z', '{{}}', 'd', 0)"
            ))
            .await;
    }
}

#[test]
fn held_feeds_are_filtered_and_paged() {
    on_each(async |database| {
        let feeds = [
            of(A, "a.xml", vec![good("a", "A")]),
            of(B, "b.xml", vec![good("b", "B")]),
            of(A, "c.xml", vec![good("c", "C")]),
        ];
        import(database, &feeds).await;
        hold(database, &["open", "open", "refused"]).await;
        let store = open(database).await;
        let list = async |filter, limit| {
            let held = store.held(filter, limit).await.expect("they load");
            held.iter().map(|feed| feed.id).collect::<Vec<_>>()
        };
        let all = HeldFilter::default();
        assert_eq!(list(all, 100).await, [1, 2, 3]);
        assert_eq!(list(all, 2).await, [1, 2]);
        assert_eq!(list(HeldFilter { after: Some(2), ..all }, 2).await, [3]);
        assert_eq!(list(HeldFilter { state: Some(HeldState::Open), ..all }, 2).await, [1, 2]);
        assert_eq!(list(HeldFilter { source: Some(A), ..all }, 100).await, [1, 3]);
        assert_eq!(list(HeldFilter { visible_source: Some(B), ..all }, 100).await, [2]);
        assert_eq!(list(HeldFilter { source: Some(A), visible_source: Some(B), ..all }, 100).await, [0; 0]);
        for (id, source, seen) in [(2, None, true), (2, Some(B), true), (2, Some(A), false), (9, None, false)]
        {
            let found = store.held_feed_of(id, source).await.expect("it loads");
            assert_eq!(found.is_some(), seen, "{id} {source:?}");
        }
    });
}

#[test]
fn a_source_is_told_with_what_is_known_of_it() {
    on_each(async |database| {
        let message = Feed { message: Some(7), ..of(A, "a.xml", vec![good("a", "A"), good("b", "B")]) };
        let first = import(database, &[message]).await;
        let last = import(database, &[of(A, "b.xml", vec![Record::Delete("b")])]).await;
        let refused = vec![Record::Bad(Some("x"), b"<x/>"), Record::Bad(None, b"<y/>")];
        import(database, &[of(B, "c.xml", refused)]).await;
        import(database, &[of("C", "d.xml", vec![good("c", "C")])]).await;
        hold(database, &["open", "expired"]).await;
        let [first_feed, second_feed, ..] = feeds(database).await[..] else { panic!("four feeds") };
        let bytes = if database.kind() == DatabaseKind::Sqlite { "x'00'" } else { "'\\x00'" };
        database
            .execute(&format!(
                "insert into feed_copy (feed_version_id, position, bytes)
                 values ({first_feed}, 0, {bytes}), ({first_feed}, 1, {bytes}), ({second_feed}, 0, {bytes})"
            ))
            .await;
        let store = open(database).await;
        let sources = store.sources(None, None, 100).await.expect("they load");
        let counted: Vec<_> = sources
            .iter()
            .map(|each| (each.source.as_str(), each.products, each.quarantined, each.held, each.kept))
            .collect();
        assert_eq!(counted, [(A, 1, 0, 1, 2), (B, 0, 2, 0, 0), ("C", 1, 0, 0, 0)]);
        let good = |at: usize| sources[at].last_good.as_ref().map(|feed| feed.run.0);
        assert_eq!((good(0), good(1)), (Some(last), None), "of B everything was refused");
        let marks = &sources[0].marks;
        let mark = (marks.len(), marks[0].format.as_str(), marks[0].mark.number, marks[0].mark.run);
        assert_eq!(mark, (1, "catalogue/1.0", Some(7), RunId(first)));

        let names = async |visible, after, limit| {
            let page = store.sources(visible, after, limit).await.expect("they load");
            page.into_iter().map(|each| each.source).collect::<Vec<_>>()
        };
        assert_eq!(names(None, None, 2).await, [A, B]);
        assert_eq!(names(None, Some(B), 2).await, ["C"]);
        assert_eq!(names(None, Some("C"), 2).await, [""; 0]);
        assert_eq!(names(Some(B), None, 2).await, [B]);
        assert_eq!(names(Some(B), Some(B), 2).await, [""; 0]);
        assert_eq!(names(Some("nobody"), None, 2).await, [""; 0]);

        database.execute(&format!("update run set rolled_back_by = 99 where id = {last}")).await;
        let again = store.sources(Some(A), None, 1).await.expect("they load");
        assert_eq!(again[0].last_good.as_ref().map(|feed| feed.run.0), Some(first));
    });
}
