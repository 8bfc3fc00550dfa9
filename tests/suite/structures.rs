//! What is usual of a source, kept run by run, on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::products::plain;
use feedgate::judgement::Acceptance;
use feedgate::product::{Facts, Fingerprint};
use feedgate::store::{
    ACCEPTANCES_MAX, Batch, Counts, Decision, DriftAcceptance, ExpectedDrifts, FeedState, FeedVersion,
    IdKind, LaterChanges, Mark, RecordDate, RollbackOrder, RunEnd, RunId, STRUCTURES_KEPT_MAX, Session,
    StagedAt, Store, Structure,
};
use jiff::{SignedDuration, Timestamp};

const SOURCE: &str = "publisher.example";
const FORMAT: &str = "catalogue/1.0";

fn now() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().expect("a moment")
}

fn later() -> Timestamp {
    now() + SignedDuration::from_secs(60)
}

fn structure(source: &str, records: u64) -> Structure {
    let packed = records.to_be_bytes().to_vec();
    Structure { source: source.into(), format: FORMAT.into(), feeds: 1, records, packed }
}

async fn begin(store: &Store) -> (RunId, Session) {
    let run = store.begin_run(now(), later(), None).await.expect("a run begins");
    let mut session = store.session(run).await.expect("a session begins");
    session.lock(SOURCE).await.expect("the source is free");
    (run, session)
}

async fn apply(session: &mut Session, structures: Vec<Structure>) {
    let id = session.allocate(IdKind::FeedVersion, 1).await.expect("an id")[0];
    let feed = FeedVersion {
        id,
        source: SOURCE.into(),
        feed: "feed.xml".into(),
        format: FORMAT.into(),
        profile_version: 1,
        message_number: None,
        place: Mark::default(),
        judged_by: None,
        digest: Some([7; 32]),
        state: FeedState::Applied,
        acceptance: Acceptance::Accepted,
        extent: None,
        standing: None,
        released_from: None,
        recognised_as: None,
        counts: Counts { records: 1, ..Counts::default() },
    };
    let batch = Batch { feeds: vec![feed], structures, ..Batch::default() };
    session.apply(&batch, now(), later()).await.expect("the batch applies");
}

/// Stages one: a run that changes nothing cannot be rolled back.
async fn add_product(session: &mut Session) {
    let id = session.allocate(IdKind::Product, 1).await.expect("an id")[0];
    let mut rows = session.rows();
    let at = StagedAt { seq: 1, feed_version_id: 1, source: SOURCE };
    rows.product(
        at,
        id,
        true,
        &plain("p-1", "Fuge"),
        (Fingerprint([1; 16]), Facts::default(), RecordDate::NONE),
    );
    session.stage(&mut rows).await.expect("the rows are taken");
}

async fn end(store: &Store, run: RunId, session: Session) {
    session.close().await;
    let end = RunEnd { acceptance: Acceptance::Accepted, message: None, summary: None };
    store.finish_run(run, now(), end).await.expect("the run ends");
}

/// A run that applies records of this number.
async fn night(store: &Store, records: u64) -> RunId {
    let (run, mut session) = begin(store).await;
    apply(&mut session, vec![structure(SOURCE, records)]).await;
    end(store, run, session).await;
    run
}

async fn opened(database: &TestDatabase) -> Store {
    Store::open(&database.url).await.expect("the database opens")
}

/// The records of the profiles there are, the newest first.
async fn records(store: &Store) -> Vec<u64> {
    let structures = store.structures(SOURCE, FORMAT, None).await.expect("they load");
    for each in &structures {
        assert_eq!(each.packed, each.records.to_be_bytes());
    }
    structures.iter().map(|each| each.records).collect()
}

fn decision() -> Decision {
    Decision::new("cli:tester", Some("they moved house")).expect("it fits")
}

async fn accept(store: &Store, paths: &[(&str, &str)], since: i64) -> bool {
    let expected = ExpectedDrifts { source: SOURCE, format: FORMAT, paths, since: RunId(since) };
    store.accept_drifts(expected, now(), &decision()).await.expect("the database does its part")
}

async fn accepted(store: &Store) -> Vec<(String, String, i64)> {
    let accepted = store.accepted_drifts(SOURCE, FORMAT).await.expect("they load");
    let plain = |each: DriftAcceptance| {
        assert_eq!(
            (each.who.as_str(), each.accepted_at.as_str()),
            ("cli:tester", "2026-11-23T04:00:00.000Z")
        );
        (each.kind, each.path, each.since.0)
    };
    accepted.into_iter().map(plain).collect()
}

fn owned(kind: &str, path: &str, since: i64) -> (String, String, i64) {
    (kind.to_owned(), path.to_owned(), since)
}

#[test]
fn a_run_sees_what_earlier_ones_applied_and_not_its_own() {
    on_each(async |database| {
        let store = opened(database).await;
        for number in [1, 2] {
            night(&store, number).await;
        }
        let (run, mut session) = begin(&store).await;
        let foreign = structure("other.example", 9);
        apply(&mut session, vec![structure(SOURCE, 3), foreign]).await;
        // What the run has applied so far, once more: it takes the place of what was there.
        apply(&mut session, vec![structure(SOURCE, 30)]).await;
        let seen = session.structures(SOURCE, FORMAT).await.expect("they load");
        assert_eq!(seen.iter().map(|each| each.records).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(seen[0].started_at, "2026-11-23T04:00:00.000Z");
        end(&store, run, session).await;
        assert_eq!(records(&store).await, [30, 2, 1]);
        let of = store.structures_of(None, 10).await.expect("they load");
        let of: Vec<_> = of.iter().map(|each| (each.source.as_str(), each.runs, each.last)).collect();
        assert_eq!(of, [("other.example", 1, run), (SOURCE, 3, run)]);
        assert_eq!(store.structures_of(Some(SOURCE), 10).await.expect("they load").len(), 1);
    });
}

#[test]
fn the_last_runs_stay() {
    on_each(async |database| {
        let store = opened(database).await;
        let max = u64::from(STRUCTURES_KEPT_MAX);
        for number in 1..=max {
            night(&store, number).await;
        }
        assert_eq!(records(&store).await.last(), Some(&1), "so many are kept");
        night(&store, max + 1).await;
        assert_eq!(records(&store).await, (2..=max + 1).rev().collect::<Vec<_>>());
    });
}

#[test]
fn what_a_run_brought_that_was_rolled_back_is_not_usual() {
    on_each(async |database| {
        let store = opened(database).await;
        night(&store, 1).await;
        let (wrong, mut session) = begin(&store).await;
        add_product(&mut session).await;
        apply(&mut session, vec![structure(SOURCE, 2)]).await;
        end(&store, wrong, session).await;
        assert_eq!(records(&store).await, [2, 1]);
        let (run, mut session) = begin(&store).await;
        let order = RollbackOrder { run: wrong, later: LaterChanges::Refuse };
        let rolled = session.roll_back(order, Some(&decision()), now(), later()).await;
        rolled.expect("the database does its part").expect("it can go back");
        end(&store, run, session).await;
        assert_eq!(records(&store).await, [1]);
        assert_eq!(store.structures_of(None, 10).await.expect("they load")[0].runs, 1);
    });
}

#[test]
fn what_was_called_expected_is_written_down_until_learning_begins_anew() {
    on_each(async |database| {
        let store = opened(database).await;
        assert!(accept(&store, &[("new", "Price/Tax"), ("update", "Price/Tax")], 4).await);
        assert!(accept(&store, &[("update", "Price/Tax")], 6).await);
        assert_eq!(accepted(&store).await, [owned("new", "Price/Tax", 4), owned("update", "Price/Tax", 6)]);
        assert!(accept(&store, &[("new", "")], 7).await, "of one kind");
        assert_eq!(accepted(&store).await, [owned("new", "", 7), owned("update", "Price/Tax", 6)]);
        assert!(accept(&store, &[("", "")], 8).await, "of all");
        assert_eq!(accepted(&store).await, [owned("", "", 8), owned("new", "", 7)]);
        let audit = store.audit(None, 10).await.expect("it loads");
        let said: Vec<_> = audit.iter().map(|each| (each.action.as_str(), each.object.as_str())).collect();
        assert_eq!(said.len(), 5);
        assert_eq!(said[0], ("baseline.reset", "baseline catalogue/1.0"));
        assert_eq!(said[2], ("baseline.accept", "baseline catalogue/1.0 update Price/Tax"));
        assert_eq!(audit[0].source.as_deref(), Some(SOURCE));
    });
}

#[test]
fn acceptances_max() {
    on_each(async |database| {
        let store = opened(database).await;
        let paths: Vec<String> = (0..ACCEPTANCES_MAX).map(|number| format!("Path{number}")).collect();
        let of_new: Vec<_> = paths.iter().map(|path| ("new", path.as_str())).collect();
        assert!(accept(&store, &of_new, 1).await);
        assert!(!accept(&store, &[("new", "OneMore")], 1).await);
        assert_eq!(accepted(&store).await.len() as u64, ACCEPTANCES_MAX);
        assert!(accept(&store, &[("", "")], 2).await, "there is always a way out");
        assert_eq!(accepted(&store).await, [owned("", "", 2)]);
    });
}

#[test]
fn what_is_usual_moves_with_its_source() {
    on_each(async |database| {
        let store = opened(database).await;
        night(&store, 1).await;
        assert!(accept(&store, &[("new", "Price")], 1).await);
        let (run, mut session) = begin(&store).await;
        session.lock("house.example").await.expect("the source is free");
        assert!(session.rename(SOURCE, "house.example").await.expect("the database does its part"));
        end(&store, run, session).await;
        assert!(records(&store).await.is_empty());
        assert_eq!(store.structures("house.example", FORMAT, None).await.expect("they load").len(), 1);
        assert_eq!(store.accepted_drifts("house.example", FORMAT).await.expect("they load").len(), 1);
    });
}
