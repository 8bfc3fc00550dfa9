//! Reports and applied feeds whose bytes are kept, on both databases.

use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, feed, good, imported};
use feedgate::diff::DiffOptions;
use feedgate::import::ImportPlan;
use feedgate::pipeline::{KnownFormat, StopFlag};
use feedgate::run::{StoredVersions, TOLD_CHANGES_MAX, VersionsError};
use feedgate::source::{Digest, FeedSource, SchemaFolder, formats, packed};
use feedgate::store::{
    Attempt, CHUNK_BYTES, PackedBytes, PackedFeed, PackedReport, RunId, Store, StoreError, VersionFilter,
    VersionView,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Seek, Write};

const A: &str = "A";

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("written");
    file
}

fn packed_feed(bytes: &[u8]) -> PackedFeed {
    PackedFeed { file: file(bytes), bytes: bytes.len() as u64 }
}

async fn open(database: &TestDatabase) -> Store {
    Store::open(&database.url).await.expect("it opens")
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

async fn begun(store: &Store) -> RunId {
    let now = moment("2026-11-23T04:00:00Z");
    store.begin_run(now, now + SignedDuration::from_secs(60), None).await.expect("a run begins")
}

fn report(form: &str, bytes: &[u8]) -> PackedReport {
    PackedReport { form: form.into(), bytes: PackedBytes::File(file(bytes)) }
}

async fn read(store: &Store, run: RunId, form: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let count = store.report(run, form, &mut bytes).await.expect("it loads");
    assert_eq!(count, bytes.len() as u64);
    bytes
}

#[test]
fn reports_are_read_as_they_were_written() {
    on_each(async |database| {
        let store = open(database).await;
        let run = begun(&store).await;
        let large: Vec<u8> = (0..=CHUNK_BYTES).map(|at| u8::try_from(at % 251).expect("small")).collect();
        let (exact, above) = (&large[..CHUNK_BYTES], &large[..]);
        let reports = [
            report("html", exact),
            report("junit.xml", above),
            report("txt", b"\0\xff"),
            report("none", b""),
        ];
        store.write_reports(Attempt { run, number: 1 }, &reports).await.expect("they are kept");
        assert_eq!(store.report_forms(run).await.expect("they load"), ["html", "junit.xml", "txt"]);
        let rows = "select count(*) from run_report where form = ";
        assert_eq!(database.number(&format!("{rows}'html'")).await, 1);
        assert_eq!(database.number(&format!("{rows}'junit.xml'")).await, 2);
        for (form, bytes) in
            [("html", exact), ("junit.xml", above), ("txt", b"\0\xff"), ("none", b""), ("json", b"")]
        {
            assert!(read(&store, run, form).await == bytes, "{form}");
        }

        // A later attempt puts its own in their place.
        database.execute("update run set attempt = 2").await;
        store
            .write_reports(Attempt { run, number: 2 }, &[report("txt", b"second")])
            .await
            .expect("they are kept");
        assert_eq!(store.report_forms(run).await.expect("they load"), ["txt"]);
        assert_eq!(read(&store, run, "txt").await, b"second");
    });
}

#[test]
fn only_the_attempt_that_runs_writes() {
    on_each(async |database| {
        let feed_id = import(database, &of(A, 1)).await;
        let store = open(database).await;
        let run = begun(&store).await;
        database
            .execute(&format!("update feed_version set run_id = {run}; update run set attempt = 2"))
            .await;
        store
            .write_reports(Attempt { run, number: 2 }, &[report("txt", b"ours")])
            .await
            .expect("they are kept");
        let writes = async |attempt| {
            let reports =
                store.write_reports(Attempt { run, number: attempt }, &[report("txt", b"theirs")]).await;
            let copy = store
                .keep_version(Attempt { run, number: attempt }, feed_id, &packed_feed(b"theirs"), 5)
                .await;
            (reports.err(), copy.err())
        };
        for attempt in [1, 3] {
            let refused = writes(attempt).await;
            assert!(
                matches!(refused, (Some(StoreError::LeaseLost { .. }), Some(StoreError::LeaseLost { .. }))),
                "{refused:?}"
            );
        }
        for state in ["queued", "failed", "killed"] {
            database.execute(&format!("update run set state = '{state}' where id = {run}")).await;
            let refused = writes(2).await;
            assert!(matches!(refused, (Some(_), Some(_))), "{state}: {refused:?}");
        }
        assert_eq!(read(&store, run, "txt").await, b"ours");
        assert_eq!(database.number("select count(*) from feed_copy").await, 0);
    });
}

#[test]
fn old_reports_go_a_few_runs_at_a_time() {
    on_each(async |database| {
        let store = open(database).await;
        let mut runs = Vec::new();
        for day in [1, 1, 1, 20] {
            let run = begun(&store).await;
            store
                .write_reports(Attempt { run, number: 1 }, &[report("txt", b"a"), report("json", b"b")])
                .await
                .expect("they are kept");
            let ended = format!("state = 'succeeded', finished_at = '2026-10-{day:02}T00:00:00.000Z'");
            database.execute(&format!("update run set {ended} where id = {run}")).await;
            runs.push(run);
        }
        let running = begun(&store).await;
        store
            .write_reports(Attempt { run: running, number: 1 }, &[report("txt", b"a")])
            .await
            .expect("they are kept");
        let forget = async |before: &str| store.forget_reports(moment(before), 2).await.expect("they go");
        assert_eq!(forget("2026-10-01T00:00:00Z").await, 0);
        assert_eq!(forget("2026-10-10T00:00:00Z").await, 2);
        assert_eq!(store.report_forms(runs[2]).await.expect("they load").len(), 2);
        assert_eq!(forget("2026-10-10T00:00:00Z").await, 1);
        assert_eq!(forget("2026-10-10T00:00:00Z").await, 0);
        assert_eq!(forget("2026-12-01T00:00:00Z").await, 1);
        assert_eq!(store.report_forms(running).await.expect("they load"), ["txt"]);
        assert_eq!(database.number("select count(*) from run_report").await, 1);
    });
}

/// A feed of that sender with one product.
fn of(sender: &'static str, number: u32) -> Feed {
    let key: &'static str = format!("r-{number}").leak();
    Feed { sender, ..feed("feed.xml", vec![good(key, key)]) }
}

/// Imports a feed; gives back its number, its run being at work still.
async fn import(database: &TestDatabase, feed: &Feed) -> i64 {
    let plan = ImportPlan::new(database.url.clone());
    let done = imported(&plan, std::slice::from_ref(feed)).await.expect("the import can be done");
    let run = done.report.run.expect("a run");
    database.execute(&format!("update run set state = 'running' where id = {run}")).await;
    database.number(&format!("select max(id) from feed_version where run_id = {run}")).await
}

async fn run_of(database: &TestDatabase, feed: i64) -> RunId {
    RunId(database.number(&format!("select run_id from feed_version where id = {feed}")).await)
}

async fn keep(database: &TestDatabase, store: &Store, feed: i64, bytes: &[u8], keep: u32) -> bool {
    let run = run_of(database, feed).await;
    store
        .keep_version(Attempt { run, number: 1 }, feed, &packed_feed(bytes), keep)
        .await
        .expect("it can be kept")
}

async fn versions(store: &Store, source: &str) -> Vec<VersionView> {
    let filter = VersionFilter { source, before: None, limit: 100 };
    store.versions(filter).await.expect("they load")
}

#[test]
fn the_last_feeds_of_each_source_keep_their_bytes() {
    on_each(async |database| {
        let store = open(database).await;
        let other = import(database, &of("B", 1)).await;
        assert!(keep(database, &store, other, b"of B", 1).await);
        let mut feeds = Vec::new();
        for number in 0..4 {
            let feed = import(database, &of(A, number)).await;
            assert!(keep(database, &store, feed, format!("feed {number}").as_bytes(), 2).await);
            feeds.push(feed);
        }
        let list = versions(&store, A).await;
        let found: Vec<_> = list.iter().map(|each| (each.id, each.packed_bytes)).collect();
        assert_eq!(found, [(feeds[3], Some(6)), (feeds[2], Some(6)), (feeds[1], None), (feeds[0], None)]);
        assert_eq!(
            (list[0].run, list[0].records, list[0].inserted),
            (run_of(database, feeds[3]).await, 1, 1)
        );
        assert_eq!(list[0].digest.as_ref().map(String::len), Some(64));
        let older = VersionFilter { source: A, before: Some(feeds[2]), limit: 1 };
        assert_eq!(store.versions(older).await.expect("they load"), list[2..3]);

        let mut copy = tempfile::tempfile().expect("a temporary file");
        assert_eq!(store.version_bytes(feeds[2], &mut copy).await.expect("it loads"), 6);
        let mut text = String::new();
        copy.rewind().and_then(|()| copy.read_to_string(&mut text)).expect("text");
        assert_eq!(text, "feed 2");
        assert_eq!(store.version_bytes(feeds[0], &mut copy).await.expect("it loads"), 0);

        // Again by the same attempt: in its place.
        assert!(keep(database, &store, feeds[3], b"again", 2).await);
        assert_eq!(versions(&store, A).await[0].packed_bytes, Some(5));
        assert!(!keep(database, &store, feeds[3], b"none", 0).await);
        assert!(versions(&store, A).await.iter().all(|each| each.packed_bytes.is_none()));
        assert_eq!(versions(&store, "B").await[0].packed_bytes, Some(4));
        for (source, seen) in [(None, true), (Some("B"), true), (Some(A), false)] {
            let found = store.version(other, source).await.expect("it loads");
            assert_eq!(found.is_some(), seen, "{source:?}");
        }
    });
}

#[test]
fn only_bytes_of_what_the_run_has_read_are_kept() {
    on_each(async |database| {
        let store = open(database).await;
        let feed = import(database, &of(A, 1)).await;
        let refused = import(database, &Feed { cut: true, ..of(A, 2) }).await;
        let other = begun(&store).await;
        let foreign =
            store.keep_version(Attempt { run: other, number: 1 }, feed, &packed_feed(b"foreign"), 5).await;
        assert!(!foreign.expect("nothing to do"));
        assert_eq!(database.number("select count(*) from feed_copy").await, 0);
        // One that was refused is kept to be looked at, and takes no place of those that were applied.
        assert!(keep(database, &store, feed, b"applied", 1).await);
        assert!(keep(database, &store, refused, b"refused", 1).await);
        assert_eq!(database.number("select count(*) from feed_copy").await, 2);
        assert_eq!(versions(&store, A).await.len(), 1);
        assert_eq!(store.version(refused, None).await.expect("it loads"), None);
    });
}

/// Keeps a catalogue as the bytes of a new feed.
async fn keep_catalogue(database: &TestDatabase, store: &Store, number: u32, text: &str) -> VersionView {
    let feed = import(database, &of(A, number)).await;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    let digest = Digest::of(text.as_bytes());
    let (file, bytes) = packed(&FeedSource::file(file.path().to_owned()), &digest.0).expect("packs");
    let run = run_of(database, feed).await;
    let kept = store.keep_version(Attempt { run, number: 1 }, feed, &PackedFeed { file, bytes }, 5).await;
    assert!(kept.expect("it can be kept"));
    store.version(feed, Some(A)).await.expect("it loads").expect("it is there")
}

fn known() -> Vec<KnownFormat> {
    let formats = formats(&SchemaFolder::None).expect("those of the program").into_iter();
    formats.map(KnownFormat::read).collect::<Result<_, _>>().expect("their profiles are right")
}

fn lines(versions: &StoredVersions, options: &DiffOptions) -> Vec<Value> {
    let mut out = Vec::new();
    let summary =
        versions.write_diff(&known(), options, &StopFlag::default(), &mut out).expect("they can be compared");
    let text = String::from_utf8(out).expect("text");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.last().expect("a summary")["untold"], summary.untold);
    lines
}

#[test]
fn two_applied_feeds_are_compared() {
    on_each(async |database| {
        let store = open(database).await;
        let old = keep_catalogue(database, &store, 1, &catalogue(A, 3, |_| Fault::None)).await;
        let changed = |number| if number == 1 { Fault::Price } else { Fault::None };
        let new = keep_catalogue(database, &store, 2, &catalogue(A, 4, changed)).await;
        let both = StoredVersions::fetch(&store, &old, &new).await.expect("they are there");
        let all = lines(&both, &DiffOptions::default());
        let kinds: Vec<_> = all.iter().map(|line| line["type"].as_str().expect("a type")).collect();
        assert_eq!(kinds, ["diff_started", "change", "change", "diff_summary"]);
        let last = &all[3];
        assert_eq!(
            (&last["added"], &last["changed"], &last["exit_status"]),
            (&1.into(), &1.into(), &1.into())
        );
        assert_eq!(all[0]["old"]["feed"], "feed.xml");
        let one = lines(&both, &DiffOptions { told_max: 1, ..DiffOptions::default() });
        assert_eq!((one.len(), &one[2]["untold"]), (3, &1.into()));
        let same = StoredVersions::fetch(&store, &new, &new).await.expect("it is there");
        assert_eq!(lines(&same, &DiffOptions::default())[1]["exit_status"], 0);

        keep(database, &store, new.id, b"", 1).await;
        let gone = StoredVersions::fetch(&store, &old, &new).await;
        assert!(matches!(gone, Err(VersionsError::Gone(id)) if id == old.id), "{gone:?}");
        let unkept = store.version(old.id, None).await.expect("it loads").expect("it is there");
        let gone = StoredVersions::fetch(&store, &unkept, &unkept).await;
        assert!(matches!(gone, Err(VersionsError::Gone(_))), "{gone:?}");
    });
}

#[test]
fn told_changes_max() {
    on_each(async |database| {
        let store = open(database).await;
        let records = u32::try_from(TOLD_CHANGES_MAX).expect("a thousand");
        let none = keep_catalogue(database, &store, 1, &catalogue(A, 0, |_| Fault::None)).await;
        for (number, records, untold) in [(2, records, 0), (3, records + 1, 1)] {
            let some =
                keep_catalogue(database, &store, number, &catalogue(A, records, |_| Fault::None)).await;
            let both = StoredVersions::fetch(&store, &none, &some).await.expect("they are there");
            let all = lines(&both, &DiffOptions::default());
            assert_eq!(all.last().expect("a summary")["untold"], untold);
            assert_eq!(all.len() as u64, TOLD_CHANGES_MAX + 2);
        }
    });
}
