//! `/v1/runs/{id}/events`: how a run goes, as it goes.
//!
//! The number of an event is made of what it tells (attempt, state, progress), so that any instance knows what a client
//! has heard already: one that comes back hears nothing twice, and hears how the run stands by then. A run that was
//! waiting when a client last heard of it, and has ended since, is told as running first.
//!
//! Invariant: the database is asked at most once in [`LOOK`] for each client.

use super::auth::Caller;
use super::parameters::Id;
use super::problem::{Kind, Problem};
use super::run::{Run, StateWord, is_final};
use super::runs::seen;
use super::service::{EventPlace, Service};
use super::wire::Missing;
use crate::access::Scope;
use crate::store::{Counts, RunProgress, RunRecord};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;

/// How often the run is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often a sign of life is given when there is nothing to tell.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Characters of the number of an event.
const NUMBER_CHARS_MAX: usize = 200;
/// How long one answer may last: whoever comes back is asked for the token again.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(15);

/// Follow a run
///
/// Server-sent events: `state` and `progress`, each with the run as it stands. Ends behind the final state. A client
/// that comes back with `Last-Event-ID`, to any instance, hears what it has not heard; 204 says that it has heard all.
#[utoipa::path(get, path = "/v1/runs/{id}/events", operation_id = "follow_run", tag = "runs",
    params(("id" = i64, Path, minimum = 1, description = "Number of the run", example = 1),
        ("Last-Event-ID" = Option<String>, Header, description = "The last `id` that was heard", max_length = 200,
            pattern = "^[ -~]*$")),
    responses((status = 200, description = "Events, as they happen", body = RunEvent,
            content_type = "text/event-stream"),
        (status = 204, description = "The final state was heard before"), (status = 404, response = Missing)))]
pub(super) async fn follow(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    follow_as(service, caller, id, &headers).await
}

/// How a run goes, for whoever asks.
pub(super) async fn follow_as(
    service: Arc<Service>,
    caller: Caller,
    id: i64,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    caller.may(Scope::Read)?;
    let heard = heard(headers)?;
    let none = || Problem::new(Kind::TooManyStreams, "as many clients follow runs as may: try again later");
    let place = service.event_place().ok_or_else(none)?;
    let record = seen(&service, &caller, id).await?;
    if is_final(&record.state) && heard.as_ref() == Some(&Told::of(&record)) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut follower = Follower::new(service, caller, id, heard, place);
    follower.take(record);
    let events = stream::unfold(follower, Follower::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// An event: the fields of its lines.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says what an event looks like")]
pub(super) struct RunEvent {
    /// What was told; to be sent as `Last-Event-ID` by whoever comes back.
    #[schema(example = "1-running-4096-12-0")]
    id: String,
    /// What is new.
    event: EventWord,
    /// The run as it stands, JSON.
    data: String,
}

/// What is new of a run.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "says what an event looks like")]
enum EventWord {
    /// How it stands.
    State,
    /// How far it is.
    Progress,
}

/// What a client says that it has heard; `None` when it says nothing, or nothing that makes sense.
fn heard(headers: &HeaderMap) -> Result<Option<Told>, Problem> {
    let Some(said) = headers.get("last-event-id") else { return Ok(None) };
    let said = said.as_bytes();
    if said.len() > NUMBER_CHARS_MAX || !said.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return Err(Problem::parameter("Last-Event-ID", "it is no `id` of an event of this run"));
    }
    Ok(str::from_utf8(said).ok().and_then(Told::read))
}

/// What an event tells; the same for equal ones.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    attempt: i64,
    state: String,
    progress: RunProgress,
}

impl Told {
    fn of(record: &RunRecord) -> Self {
        Self { attempt: record.attempt, state: record.state.clone(), progress: record.progress }
    }

    /// What was heard, by its number.
    fn read(said: &str) -> Option<Self> {
        let mut parts = said.split('-');
        let attempt = parts.next()?.parse().ok()?;
        let state = parts.next()?.to_owned();
        let mut count = || parts.next()?.parse().ok();
        let progress = RunProgress { bytes: count()?, records: count()?, refused: count()? };
        Some(Self { attempt, state, progress })
    }

    /// Whether it is the same state of the same attempt.
    fn stands(&self, other: &Self) -> bool {
        (self.attempt, &self.state) == (other.attempt, &other.state)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempt, state, progress: RunProgress { bytes, records, refused } } = self;
        write!(f, "{attempt}-{state}-{bytes}-{records}-{refused}")
    }
}

/// What has to be told to whoever has heard that, in order.
fn news(heard: Option<&Told>, record: RunRecord) -> Vec<RunRecord> {
    let now = Told::of(&record);
    if heard == Some(&now) {
        return Vec::new();
    }
    let waited = heard.is_some_and(|heard| heard.state == StateWord::Queued.as_str());
    if waited && is_final(&record.state) && record.started_at.is_some() {
        return vec![begun(&record), record];
    }
    vec![record]
}

/// A run as it was when it was begun.
fn begun(record: &RunRecord) -> RunRecord {
    RunRecord {
        state: StateWord::Running.as_str().to_owned(),
        finished_at: None,
        exit_status: None,
        message: None,
        feeds: 0,
        read: Vec::new(),
        progress: RunProgress::default(),
        counts: Counts::default(),
        summary: None,
        reports: Vec::new(),
        ..record.clone()
    }
}

/// One client that follows a run.
struct Follower {
    service: Arc<Service>,
    caller: Caller,
    id: i64,
    heard: Option<Told>,
    waiting: VecDeque<Event>,
    is_over: bool,
    began: Instant,
    looked: Instant,
    _place: EventPlace,
}

impl Follower {
    fn new(service: Arc<Service>, caller: Caller, id: i64, heard: Option<Told>, place: EventPlace) -> Self {
        let now = Instant::now();
        Self {
            service,
            caller,
            id,
            heard,
            waiting: VecDeque::new(),
            is_over: false,
            began: now,
            looked: now,
            _place: place,
        }
    }

    /// The next event, when there is one.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some((Ok(event), self));
            }
            if self.is_over || self.service.stopping.is_raised() || self.began.elapsed() > ANSWER_TIME_MAX {
                return None;
            }
            self.look().await;
        }
    }

    async fn look(&mut self) {
        tokio::time::sleep_until(self.looked + LOOK).await;
        self.looked = Instant::now();
        match seen(&self.service, &self.caller, self.id).await {
            Ok(record) => self.take(record),
            // It is gone; what the database does not say now, it may say at the next look.
            Err(problem) => self.is_over = problem.kind() == Kind::NotFound,
        }
    }

    fn take(&mut self, record: RunRecord) {
        self.is_over = is_final(&record.state);
        for record in news(self.heard.as_ref(), record) {
            let told = Told::of(&record);
            let stands = self.heard.as_ref().is_some_and(|heard| heard.stands(&told));
            let event =
                Event::default().id(told.to_string()).event(if stands { "progress" } else { "state" });
            let run = Run::told(&self.service, &self.caller, record);
            self.waiting.extend(super::json::text(&run).map(|run| event.data(run)));
            self.heard = Some(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(attempt: i64, state: &str, records: u64) -> RunRecord {
        let value = serde_json::json!({
            "id": 1, "state": state, "attempt": attempt, "lost": 0, "cancel_asked": false,
            "started_at": (attempt > 0).then_some("2026-11-27T02:10:00.123Z"), "feeds": 0,
            "feeds_unread": 0, "feeds_held": 0, "sources": 0, "read": [],
            "has_others": false, "progress": {"bytes": 0, "records": records, "refused": 0},
            "counts": Counts::default(), "reports": [],
        });
        serde_json::from_value(value).expect("a run")
    }

    #[track_caller]
    fn case(heard: Option<&str>, now: &RunRecord, expected: &[&str]) {
        let heard = heard.and_then(Told::read);
        let told: Vec<_> =
            news(heard.as_ref(), now.clone()).iter().map(|run| Told::of(run).to_string()).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn whoever_comes_back_hears_what_is_new() {
        let running = record(1, "running", 7);
        case(None, &running, &["1-running-0-7-0"]);
        case(Some("1-running-0-7-0"), &running, &[]);
        case(Some("1-running-0-5-0"), &running, &["1-running-0-7-0"]);
        case(Some("0-queued-0-0-0"), &running, &["1-running-0-7-0"]);
        case(Some("nonsense"), &running, &["1-running-0-7-0"]);
        case(Some("1-running-0-5-0"), &record(2, "running", 5), &["2-running-0-5-0"]);
    }

    #[test]
    fn number_chars_max() {
        let of = |said: &str| {
            let headers = HeaderMap::from_iter([(
                "last-event-id".parse().expect("a name"),
                said.parse().expect("a value"),
            )]);
            heard(&headers)
        };
        assert!(of(&"1".repeat(NUMBER_CHARS_MAX)).is_ok_and(|told| told.is_none()));
        assert!(of(&"1".repeat(NUMBER_CHARS_MAX + 1)).is_err());
        assert!(of("1-running-0-5-0").is_ok_and(|told| told.is_some_and(|told| told.progress.records == 5)));
    }

    #[test]
    fn no_state_is_missed() {
        let ended = record(1, "succeeded", 7);
        case(Some("0-queued-0-0-0"), &ended, &["1-running-0-0-0", "1-succeeded-0-7-0"]);
        case(Some("1-running-0-0-0"), &ended, &["1-succeeded-0-7-0"]);
        case(Some("1-succeeded-0-7-0"), &ended, &[]);
        // It was cancelled while it waited.
        case(Some("0-queued-0-0-0"), &record(0, "cancelled", 0), &["0-cancelled-0-0-0"]);
    }
}
