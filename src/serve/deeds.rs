//! What somebody decides and is done at once: on threads of their own, a few at a time.
//!
//! A deed goes on when whoever asked for it goes away; the database knows what became of it.

use super::auth::Caller;
use super::parameters::Body;
use super::problem::{Kind, Problem};
use super::service::Service;
use super::worker::chain;
use crate::import::{ImportError, ImportPlan};
use crate::store::{Decision, REASON_CHARS_MAX, StoreError};
use crate::telemetry::Gravity;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use utoipa::ToSchema;

/// Deeds under way at a time.
const DEEDS_MAX: usize = 4;
/// Whole records in memory at a time.
const RECORDS_MAX: usize = 4;
/// How long a place is waited for.
const PLACE_TIME_MAX: Duration = Duration::from_secs(10);

/// Where they are done.
#[derive(Debug)]
pub(super) struct Deeds {
    places: Arc<Semaphore>,
    records: Arc<Semaphore>,
    runtime: Handle,
}

impl Deeds {
    /// Deeds that talk to the database by a runtime which answers no requests.
    pub(super) fn new(runtime: Handle) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { places: places(DEEDS_MAX), records: places(RECORDS_MAX), runtime }
    }

    /// Does one on a thread of its own, as soon as there is a place.
    pub(super) async fn run<T: Send + 'static, F: Future<Output = T>>(
        &self,
        work: impl FnOnce() -> F + Send + 'static,
    ) -> Result<T, Problem> {
        let place = place(&self.places).await?;
        let (tell, told) = oneshot::channel();
        let runtime = self.runtime.clone();
        let deed = move || {
            let done = runtime.block_on(work());
            drop(place);
            // Whoever asked may be gone.
            let _ = tell.send(done);
        };
        let thread = std::thread::Builder::new().name("deed".to_owned());
        thread.spawn(deed).map_err(|_| Problem::internal())?;
        told.await.map_err(|_| Problem::internal())
    }

    /// A place for a whole record, free again when it is dropped.
    pub(super) async fn record_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        place(&self.records).await
    }
}

async fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    let waited = tokio::time::timeout(PLACE_TIME_MAX, Arc::clone(places).acquire_owned()).await;
    match waited {
        Ok(place) => Ok(place.expect("the places are never closed")),
        Err(_) => Err(Problem::new(Kind::Busy, "nothing was changed: try again in a moment")),
    }
}

/// Whoever asks decides, for this reason.
pub(super) fn decided(caller: &Caller, reason: &str) -> Result<Decision, Problem> {
    let wrong = |why: String| Problem::parameter("reason", why);
    if reason.trim().is_empty() {
        return Err(wrong("it is empty: say why, it is written down".to_owned()));
    }
    let long = reason.chars().count();
    if long > REASON_CHARS_MAX {
        return Err(wrong(format!("it has {long} characters: at most {REASON_CHARS_MAX} are kept")));
    }
    Decision::new(&caller.0.who(), Some(reason)).map_err(|error| wrong(error.to_string()))
}

/// Whoever asks decides, for this reason if they say one.
pub(super) fn decision(caller: &Caller, reason: Option<&str>) -> Result<Decision, Problem> {
    match reason {
        Some(reason) => decided(caller, reason),
        None => Decision::new(&caller.0.who(), None).map_err(|_| Problem::internal()),
    }
}

/// Why something is not wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// Why; written down.
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "a test of the sender"
    )]
    reason: String,
}

/// Whoever asks decides, for the reason that the body says.
pub(super) async fn reasoned(
    service: &Arc<Service>,
    caller: &Caller,
    request: Request,
) -> Result<Decision, Problem> {
    let Body(ReasonBody { reason }) = Body::from_request(request, service).await?;
    decided(caller, &reason)
}

/// Lets a deed begin unless the service is about to stop.
pub(super) fn begin(service: &Service) -> Result<(), Problem> {
    if service.stopping.is_raised() {
        return Err(Problem::new(Kind::Stopping, "nothing was changed: try again in a moment"));
    }
    Ok(())
}

/// The plan of a deed that somebody decided.
pub(super) fn plan(service: &Service, decision: Decision) -> ImportPlan {
    ImportPlan { decision: Some(decision), ..service.plan.import.clone() }
}

/// Why a deed could not be done.
pub(super) fn failed(service: &Service, error: ImportError) -> Problem {
    match error {
        ImportError::Store(locked @ StoreError::Locked { run, .. }) => {
            Problem::new(Kind::Conflict, format!("{locked}, and nothing was changed")).about(run)
        }
        ImportError::Store(error) => {
            if !error.is_absence() {
                let _ = service.plan.telemetry.tell(Gravity::Error, &chain(&error));
            }
            error.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Grant;

    #[test]
    fn reason_chars_max() {
        let of = |reason: &str| decided(&Caller(Grant::anonymous()), reason);
        assert_eq!(of(" so ").expect("it fits").reason(), Some("so"));
        assert!(of(&"ü".repeat(REASON_CHARS_MAX)).is_ok());
        for wrong in ["", " \n", "a\0b", &"ü".repeat(REASON_CHARS_MAX + 1)] {
            assert_eq!(of(wrong).expect_err("it is wrong").kind(), Kind::InvalidParameter);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn deeds_max() {
        let deeds = Deeds::new(Handle::current());
        assert_eq!(deeds.run(|| async { 7 }).await.expect("there is a place"), 7);
        let mut taken = Vec::new();
        for _ in 0..DEEDS_MAX {
            taken.push(place(&deeds.places).await.expect("at the limit"));
        }
        assert_eq!(deeds.run(|| async {}).await.expect_err("one above").kind(), Kind::Busy);
        drop(taken);
        assert!(deeds.run(|| async {}).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn records_max() {
        let deeds = Deeds::new(Handle::current());
        let mut taken = Vec::new();
        for _ in 0..RECORDS_MAX {
            taken.push(deeds.record_place().await.expect("at the limit"));
        }
        assert_eq!(deeds.record_place().await.expect_err("one above").kind(), Kind::Busy);
    }
}
