//! A run from begin to end: threads, heartbeat, and how it is closed whatever happens.

use super::desk::Desk;
use super::error::ImportError;
use super::feeder::{Feeder, PARCELS_WAITING_MAX};
use super::plan::ImportPlan;
use super::report::{ImportReport, Unread};
use super::writer::Writer;
use crate::pipeline::OutcomeSink;
use crate::store::{RunId, Store, StoreError};
use std::error::Error;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// Threads for database work; the reading of feeds has its own.
const THREADS: usize = 2;
/// The longest pause between two signs of life.
const HEARTBEAT_SECONDS_MAX: u64 = 5;

/// Runs an import. `read` is called on this thread; it reads the feeds in the order given and
/// tells the sink all about one before it begins the next.
///
/// It gives back how many feeds could not be read while others were. An error means that the feeds could not be read on:
/// nothing that is not applied by then will be.
pub fn run_import(
    plan: &ImportPlan,
    read: impl FnOnce(&mut dyn OutcomeSink) -> Result<Unread, Box<dyn Error + Send + Sync>>,
) -> Result<ImportReport, ImportError> {
    let runtime = runtime()?;
    let desk = runtime.block_on(Desk::open(plan))?;
    let heart = desk.alive().map(|(store, run)| runtime.spawn(beat(store, run, plan.clone())));
    let (sender, receiver) = mpsc::channel(PARCELS_WAITING_MAX);
    let writer = runtime.spawn(Writer::new(plan.clone(), desk).drain(receiver));

    let mut feeder = Feeder::new(sender);
    let read = read(&mut feeder);
    feeder.send();
    drop(feeder);

    runtime.block_on(async {
        let (mut writer, written) = match writer.await {
            Ok(ended) => ended,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        };
        let result = match (written, read) {
            (Err(error), _) => Err(ImportError::Store(error)),
            (Ok(()), Err(error)) => Err(ImportError::Read(error)),
            (Ok(()), Ok(unread)) if plan.stop.is_raised() => {
                Ok(ImportReport { unread, stopped: true, ..writer.abandon() })
            }
            (Ok(()), Ok(unread)) => {
                let finished = writer.finish().await.map_err(ImportError::Store);
                finished.map(|report| ImportReport { unread, ..report })
            }
        };
        if let Some(heart) = heart {
            heart.abort();
        }
        let ending = |report: &ImportReport| (report.exit_status(), report.failure());
        close(writer.into_desk(), plan, result, ending).await
    })
}

/// Ends the run as what it became. An error of its own counts for more than one of closing.
pub(super) async fn close<T>(
    desk: Desk,
    plan: &ImportPlan,
    result: Result<T, ImportError>,
    ending: impl FnOnce(&T) -> (u8, Option<String>),
) -> Result<T, ImportError> {
    match result {
        Ok(report) => {
            let (exit_status, failure) = ending(&report);
            desk.close(plan, exit_status, failure.as_deref()).await?;
            Ok(report)
        }
        Err(error) => {
            let _ = desk.close(plan, 2, Some(&error.to_string())).await;
            Err(error)
        }
    }
}

/// Threads for database work.
pub(super) fn runtime() -> Result<Runtime, ImportError> {
    Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("feedgate-database")
        .enable_all()
        .build()
        .map_err(ImportError::Threads)
}

/// Extends the lease of a run until it is lost or the task is stopped.
pub(super) async fn beat(store: Store, run: RunId, plan: ImportPlan) {
    let pause = (plan.lease / 4).min(Duration::from_secs(HEARTBEAT_SECONDS_MAX));
    loop {
        tokio::time::sleep(pause).await;
        // A database that does not answer now may do so at the next beat, and before the lease ends.
        if let Err(StoreError::LeaseLost { .. }) = store.heartbeat(run, plan.lease_until()).await {
            return;
        }
    }
}

/// Runs database work for a caller without threads of its own, such as a command that lists runs.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, ImportError> {
    Ok(runtime()?.block_on(work))
}
