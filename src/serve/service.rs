//! What handlers and workers of one instance share.

use super::cpu::Cpu;
use super::deeds::Deeds;
use super::expiry::Expiring;
use super::plan::ServePlan;
use super::problem::{Kind, Problem};
use crate::access::Authenticator;
use crate::pipeline::{FormatPlans, KnownFormat, Plans, Progress, StopFlag};
use crate::source::Spool;
use crate::store::{QueueStanding, RunId, Store};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// One instance.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) plan: ServePlan,
    pub(super) store: Store,
    pub(super) spool: Arc<Spool>,
    pub(super) auth: Authenticator,
    /// Of all formats, and of those with one name or one identifier.
    formats: Formats,
    pub(super) cpu: Cpu,
    /// Where what somebody decides is done.
    pub(super) deeds: Deeds,
    /// Wakes a worker.
    pub(super) bell: Notify,
    /// Raised when it is about to stop.
    pub(super) stopping: StopFlag,
    /// What expires, as it was seen last.
    pub(super) expiring: Expiring,
    queued: AtomicU64,
    /// A run has ended since somebody looked.
    changed: AtomicBool,
    uploads: Arc<Semaphore>,
    event_places: EventPlaces,
    by_token: Mutex<HashMap<String, Arc<Semaphore>>>,
    runs: Mutex<HashMap<RunId, Arc<RunControl>>>,
}

/// What feeds are judged by.
#[derive(Debug)]
struct Formats {
    all: Arc<FormatPlans>,
    /// The same, for what may be a record alone.
    lone: Arc<FormatPlans>,
    /// By name (`onix`) and identifier (`onix/3.0`).
    chosen: HashMap<String, Arc<FormatPlans>>,
}

impl Formats {
    fn new(known: &[KnownFormat]) -> Self {
        let all = FormatPlans::new(known.to_vec());
        let names =
            known.iter().flat_map(|each| [each.format.id.name().to_owned(), each.format.id.to_string()]);
        let of = |wanted: &str| Arc::new(all.select(|each| each.is_called(wanted)));
        let chosen = names.map(|name| (name.clone(), of(&name))).collect();
        let lone = Arc::new(all.select(|_| true).with_lone_records());
        Self { all: Arc::new(all), lone, chosen }
    }
}

/// A run that a worker of this instance is at.
#[derive(Debug, Default)]
pub(super) struct RunControl {
    /// Stops it.
    pub(super) stop: StopFlag,
    /// Somebody wants it cancelled.
    pub(super) cancel: StopFlag,
    /// It is another worker's by now.
    pub(super) lost: StopFlag,
    /// How far it is.
    pub(super) progress: Arc<Progress>,
}

impl RunControl {
    /// Somebody wants it cancelled.
    pub(super) fn cancel(&self) {
        self.cancel.raise();
        self.stop.raise();
    }

    /// It is not ours any more.
    pub(super) fn lose(&self) {
        self.lost.raise();
        self.stop.raise();
    }
}

/// A place for an upload, free again when it is dropped.
#[derive(Debug)]
pub(super) struct UploadPlace {
    _of_all: OwnedSemaphorePermit,
    _of_token: OwnedSemaphorePermit,
}

/// Clients that may follow runs at a time.
const EVENT_STREAMS_MAX: usize = 256;

/// Places for clients that follow runs.
#[derive(Debug)]
struct EventPlaces(Arc<Semaphore>);

/// A place of one of them, free again when it is dropped.
#[derive(Debug)]
pub(super) struct EventPlace(
    #[expect(dead_code, reason = "is there until it is dropped")] OwnedSemaphorePermit,
);

impl Default for EventPlaces {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(EVENT_STREAMS_MAX)))
    }
}

impl EventPlaces {
    fn take(&self) -> Option<EventPlace> {
        Arc::clone(&self.0).try_acquire_owned().ok().map(EventPlace)
    }
}

impl Service {
    pub(super) fn new(plan: ServePlan, store: Store, spool: Spool, database: Handle) -> Self {
        let formats = Formats::new(&plan.formats);
        let auth = Authenticator::new(store.clone(), plan.import.clock);
        let uploads = Arc::new(Semaphore::new(plan.settings.uploads_max));
        Self {
            plan,
            store,
            spool: Arc::new(spool),
            auth,
            formats,
            cpu: Cpu::new(),
            deeds: Deeds::new(database),
            bell: Notify::new(),
            stopping: StopFlag::default(),
            expiring: Expiring::default(),
            queued: AtomicU64::new(0),
            changed: AtomicBool::new(false),
            uploads,
            event_places: EventPlaces::default(),
            by_token: Mutex::default(),
            runs: Mutex::default(),
        }
    }

    /// Whether there is a format of this name or identifier.
    pub(super) fn knows(&self, format: &str) -> bool {
        self.formats.chosen.contains_key(format)
    }

    /// What feeds are judged by that are said to be of a format, or are not said to be of any.
    pub(super) fn plans(&self, format: Option<&str>) -> Arc<dyn Plans> {
        let chosen = format.and_then(|format| self.formats.chosen.get(format));
        Arc::clone(chosen.unwrap_or(&self.formats.all)) as Arc<dyn Plans>
    }

    /// The formats.
    pub(super) fn formats(&self) -> &Arc<FormatPlans> {
        &self.formats.all
    }

    /// What a document is judged by that may be a record alone.
    pub(super) fn lone_plans(&self) -> &Arc<FormatPlans> {
        &self.formats.lone
    }

    /// Where a trace is shown.
    pub(super) fn trace_url(&self, trace_id: &str) -> Option<String> {
        // What belongs to the whole run has no span of its own.
        self.plan.trace_url.as_ref().map(|url| url.of(trace_id, ""))
    }

    /// A place for a client that follows a run, if there is one.
    pub(super) fn event_place(&self) -> Option<EventPlace> {
        self.event_places.take()
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        (self.plan.import.clock)()
    }

    /// Until when a run that shows a sign of life now is ours.
    pub(super) fn lease_until(&self) -> Timestamp {
        self.plan.import.lease_until()
    }

    /// Takes note of how much waits.
    pub(super) fn observe(&self, standing: QueueStanding) {
        self.queued.store(standing.queued, Ordering::Relaxed);
    }

    /// One more waits.
    pub(super) fn queued_one(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.bell.notify_one();
    }

    /// Lets pass unless as much waits as may wait.
    pub(super) fn room_in_queue(&self) -> Result<(), Problem> {
        let most = self.plan.settings.queue_max;
        if self.queued.load(Ordering::Relaxed) >= most {
            return Err(Problem::new(Kind::QueueFull, format!("{most} feeds wait already: try again later")));
        }
        Ok(())
    }

    /// A place for an upload of this token, if there is one.
    pub(super) fn upload_place(&self, token: &str) -> Option<UploadPlace> {
        let of_token = {
            let mut by_token = lock(&self.by_token);
            by_token.retain(|name, places| name == token || Arc::strong_count(places) > 1);
            let places = self.plan.settings.uploads_per_token_max;
            Arc::clone(by_token.entry(token.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(places))))
        };
        Some(UploadPlace {
            _of_all: Arc::clone(&self.uploads).try_acquire_owned().ok()?,
            _of_token: of_token.try_acquire_owned().ok()?,
        })
    }

    /// A worker of this instance begins a run.
    pub(super) fn enter(&self, run: RunId) -> Arc<RunControl> {
        let control = Arc::new(RunControl::default());
        lock(&self.runs).insert(run, Arc::clone(&control));
        if self.stopping.is_raised() {
            control.stop.raise();
        }
        control
    }

    /// It is done with it.
    pub(super) fn leave(&self, run: RunId) {
        lock(&self.runs).remove(&run);
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Whether a run has ended here since this was asked last.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.swap(false, Ordering::Relaxed)
    }

    /// The run, if a worker of this instance is at it.
    pub(super) fn at(&self, run: RunId) -> Option<Arc<RunControl>> {
        lock(&self.runs).get(&run).cloned()
    }

    /// Stops all runs of this instance, to be given back.
    pub(super) fn stop(&self) {
        self.stopping.raise();
        lock(&self.runs).values().for_each(|control| control.stop.raise());
        self.bell.notify_waiters();
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_streams_max() {
        let places = EventPlaces::default();
        let mut taken: Vec<_> = (0..EVENT_STREAMS_MAX).map_while(|_| places.take()).collect();
        assert_eq!(taken.len(), EVENT_STREAMS_MAX);
        assert!(places.take().is_none(), "one above");
        taken.pop();
        assert!(places.take().is_some(), "one has gone");
    }
}
