//! Signals: the first asks a run to end in order, the second ends the program.
//!
//! In order means: no feed is begun or read on any more, the run is closed in the database as cancelled, reports and
//! telemetry tell what was done. A run that cannot hear, because it waits for input or for a database, is left
//! after [`GRACE`]: a scheduler would kill it anyway, and then telemetry would be lost.

use super::output::{self, Messages};
use crate::judgement::Acceptance;
use crate::pipeline::StopFlag;
use crate::store::is_waiting;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a run may take to end; with the time to send telemetry, less than the 30 s that Kubernetes waits.
const GRACE: Duration = Duration::from_secs(20);

/// Listens to signals from now on.
pub(super) fn listen(messages: Messages) -> StopFlag {
    let stop = StopFlag::default();
    let (ready, listening) = mpsc::channel();
    let raised = stop.clone();
    let thread = std::thread::Builder::new().name("signals".to_owned());
    if thread.spawn(move || watch(&raised, &ready, &messages)).is_ok() {
        // Says something once it listens, or goes: without it, a signal ends the program as it always did.
        let _ = listening.recv();
    }
    stop
}

fn watch(stop: &StopFlag, ready: &Sender<()>, messages: &Messages) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let kinds = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
        let (Ok(mut terminate), Ok(mut interrupt)) = kinds else { return };
        let _ = ready.send(());
        next(&mut terminate, &mut interrupt).await;
        stop.raise();
        let what = if messages.is_of_process() {
            "the service ends, its runs are given back"
        } else {
            "the run is ended in order"
        };
        if is_waiting() && !messages.is_of_process() {
            // Nothing is begun that would have to be ended in order.
            messages.notice(
                "notice: the run is ended while it waits for another program: nothing more of it is applied",
            );
            messages.end(Acceptance::Cancelled);
            std::process::exit(i32::from(Acceptance::Cancelled.exit_status()));
        }
        messages.notice(&format!("notice: {what}; another signal ends the program at once"));
        if let Ok(code) = tokio::time::timeout(GRACE, next(&mut terminate, &mut interrupt)).await {
            std::process::exit(code);
        }
        let seconds = GRACE.as_secs();
        let what = if messages.is_of_process() { "what runs" } else { "the run" };
        output::notice(&format!("error: {what} did not end within {seconds} s: the next one takes it over"));
        messages.end(Acceptance::Cancelled);
        std::process::exit(i32::from(Acceptance::Cancelled.exit_status()));
    });
}

/// Waits for a signal, where work may simply be left: nothing tells the program to end from now on but this.
pub(super) async fn signalled() {
    let kinds = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match kinds {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            next(&mut terminate, &mut interrupt).await;
        }
        // Then a signal ends the program as it always did.
        _ => std::future::pending().await,
    }
}

/// Waits for a signal; gives back the status that a shell gives to programs it ends.
async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> i32 {
    tokio::select! {
        _ = terminate.recv() => 143,
        _ = interrupt.recv() => 130,
    }
}
