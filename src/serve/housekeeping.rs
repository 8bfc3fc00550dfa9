//! What has to be done now and then: runs of lost workers, the length of the queue, what nobody needs any more.

use super::service::Service;
use super::worker::chain;
use crate::run::told_standing;
use crate::store::{Store, StoreError};
use crate::telemetry::Gravity;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked what the database holds, when a run has ended since.
const STAND: Duration = Duration::from_secs(5);
/// After how many such looks it is done all the same: other instances and the command line change it, too.
const STAND_AT_LEAST: u32 = 12;
/// How often it is cleared away what nobody needs.
const CLEAR: Duration = Duration::from_mins(10);
/// Runs of which something is removed in one go: whoever else writes comes in between.
const RUNS_AT_A_TIME: u32 = 100;
/// How old it is then at least: what is being received belongs to no run yet.
const ORPHAN_AGE: Duration = Duration::from_hours(1);

/// Takes over the runs of lost workers, looks at the queue and tells what the collector does not get, until the service
/// stops.
pub(super) async fn look(service: Arc<Service>, store: Store) {
    while !service.stopping.is_raised() {
        service.plan.telemetry.tell_losses();
        let _ = look_once(&service, &store).await;
        tokio::time::sleep(LOOK).await;
    }
}

/// Does it once.
pub(super) async fn look_once(service: &Service, store: &Store) -> Result<(), StoreError> {
    store.take_over(service.now()).await?;
    let standing = store.queue(service.now()).await?;
    service.observe(standing);
    service.plan.telemetry.queue(&crate::telemetry::QueueStanding {
        queued: standing.queued,
        running: standing.running,
        oldest_age: (standing.queued > 0)
            .then(|| Duration::from_millis(u64::try_from(standing.oldest_ms).unwrap_or_default())),
    });
    if standing.queued > 0 {
        service.bell.notify_one();
    }
    Ok(())
}

/// Tells what the database holds: quarantine, held feeds, when a sender's feed was good last.
pub(super) async fn stand(service: Arc<Service>, store: Store) {
    let mut idle = STAND_AT_LEAST;
    while !service.stopping.is_raised() {
        idle += 1;
        if service.has_changed() || idle >= STAND_AT_LEAST {
            idle = 0;
            if let Some(standing) = told_standing(&store).await {
                service.plan.telemetry.standing(&standing);
            }
        }
        tokio::time::sleep(STAND).await;
    }
}

/// Hears what other programs put into the queue.
pub(super) async fn listen(service: Arc<Service>, store: Store) {
    while !service.stopping.is_raised() {
        if let Ok(Some(mut bell)) = store.bell().await {
            while bell.rung().await.is_ok() {
                service.bell.notify_one();
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Clears away now and then what nobody needs.
pub(super) async fn clear(service: Arc<Service>, store: Store) {
    while !service.stopping.is_raised() {
        if let Err(error) = clear_once(&service, &store).await {
            let _ = service
                .plan
                .telemetry
                .tell(Gravity::Notice, &format!("nothing is cleared away: {}", chain(&error)));
        }
        tokio::time::sleep(CLEAR).await;
    }
}

async fn clear_once(service: &Service, store: &Store) -> Result<(), StoreError> {
    let keep = SignedDuration::try_from(service.plan.keep).unwrap_or(SignedDuration::MAX);
    let before = service.now().saturating_sub(keep).unwrap_or(Timestamp::MIN);
    while store.forget_reports(before, RUNS_AT_A_TIME).await? > 0 {}
    while store.forget_submissions(before, RUNS_AT_A_TIME).await? > 0 {}
    store.forget_sign_ins(service.now()).await?;
    store.forget_shares(service.now()).await?;
    // Files first, rows then: a feed that is queued in between is young.
    let needed: HashSet<String> = store.spooled().await?.into_iter().collect();
    let spool = Arc::clone(&service.spool);
    let _ = super::cpu::blocking(move || spool.sweep(&needed, ORPHAN_AGE, SystemTime::now())).await;
    Ok(())
}
