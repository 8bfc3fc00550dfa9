//! The queue of submitted feeds, on both databases: what is known again, what is forgotten, what is written down.

use crate::support::database::{TestDatabase, on_each};
use feedgate::judgement::Acceptance;
use feedgate::store::{
    Cancelling, ClaimedRun, Decision, Enqueued, RunEnd, RunId, Store, Submission, SubmissionMode,
};
use jiff::{SignedDuration, Timestamp};

async fn open(database: &TestDatabase) -> Store {
    Store::open(&database.url).await.expect("it opens")
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A check, which waits for nobody.
fn submission(identity: &str) -> Submission<'_> {
    Submission {
        token: "ci",
        mode: SubmissionMode::Check,
        format: None,
        source: Some("A"),
        source_asked: false,
        lane: None,
        feed: "a.xml",
        bytes: 1,
        digest: [7; 32],
        identity: Some(identity),
        spool: "a",
        traceparent: None,
    }
}

async fn enqueue(store: &Store, identity: &str, at: Timestamp) -> Enqueued {
    store.enqueue(&submission(identity), at).await.expect("it can be queued")
}

/// Submits a feed and claims its run.
async fn claimed(store: &Store, identity: &str, at: Timestamp) -> ClaimedRun {
    let queued = enqueue(store, identity, at).await;
    let claimed = store.claim(at, at + SignedDuration::from_secs(60)).await;
    let claimed = claimed.expect("it can be claimed").expect("its turn has come");
    assert_eq!(queued, Enqueued::New(claimed.run));
    claimed
}

/// Submits a feed that ends at once, so.
async fn ended(store: &Store, identity: &str, at: Timestamp, acceptance: Acceptance) -> RunId {
    let claimed = claimed(store, identity, at).await;
    let end = RunEnd { acceptance, message: None, summary: Some("{}") };
    store.finish_run(claimed.attempt(), at, end).await.expect("it ends");
    claimed.run
}

#[test]
fn who_asks_again_to_cancel_a_run_changes_nothing_and_is_not_written_down() {
    on_each(async |database| {
        let store = open(database).await;
        let now = moment("2026-11-23T04:00:00Z");
        let run = claimed(&store, "a", now).await.run;
        let cancel = async |who: &str| {
            let decision = Decision::new(who, None).expect("it fits");
            store.cancel(run, now, &decision).await.expect("it can be asked")
        };
        assert_eq!(cancel("token:first").await, Cancelling::Asked);
        assert_eq!(cancel("token:second").await, Cancelling::AskedBefore);
        assert_eq!(database.texts("select who from audit order by id").await, ["token:first"]);
    });
}

#[test]
fn what_was_submitted_is_known_again_until_it_is_forgotten() {
    on_each(async |database| {
        let store = open(database).await;
        let first = moment("2026-10-01T04:00:00Z");
        let later = moment("2026-10-02T04:00:00Z");
        claimed(&store, "running", first).await;
        ended(&store, "failed", first, Acceptance::Failed).await;
        let old = ended(&store, "old", first, Acceptance::Accepted).await;
        let young = ended(&store, "young", later, Acceptance::Deviations).await;
        enqueue(&store, "waiting", first).await;
        assert_eq!(enqueue(&store, "old", later).await, Enqueued::Same(old), "as long as its row stands");

        let forget = async |before| store.forget_submissions(before, 1).await.expect("it can be done");
        assert_eq!(forget(first).await, 0, "ended just then");
        assert_eq!([forget(later).await, forget(later).await, forget(later).await], [1, 1, 0]);
        let left = "select identity from submission order by run_id";
        assert_eq!(database.texts(left).await, ["running", "young", "waiting"]);
        assert_eq!(enqueue(&store, "young", later).await, Enqueued::Same(young));
        assert!(matches!(enqueue(&store, "old", later).await, Enqueued::New(run) if run != old));
        assert_eq!(database.number("select count(*) from run").await, 6, "runs stay");
    });
}
