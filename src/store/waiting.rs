//! Waiting for somebody else: told when it lasts, and known, so that a program that only waits can end at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Waits that are shorter are nobody's concern.
const TOLD_AFTER: Duration = Duration::from_secs(3);

/// How many wait now.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Who hears of it.
static TELL: OnceLock<fn(&str)> = OnceLock::new();

/// From now on, waits that last are told by this; the first that asks for it.
pub fn tell_waits(tell: fn(&str)) {
    let _ = TELL.set(tell);
}

/// Whether something waits for a lock that another program has, and has nothing begun that would be lost.
#[must_use]
pub fn is_waiting() -> bool {
    WAITING.load(Ordering::Relaxed) > 0
}

/// One wait, until it is dropped. It stands beside the work and not around it, whose type would grow with each.
#[derive(Debug)]
pub(super) struct Waiting(JoinHandle<()>);

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
        self.0.abort();
    }
}

/// What follows may have to wait for a lock.
pub(super) fn begin(lock: &str, database: &str) -> Waiting {
    begin_told_after(TOLD_AFTER, lock, database)
}

fn begin_told_after(after: Duration, lock: &str, database: &str) -> Waiting {
    WAITING.fetch_add(1, Ordering::Relaxed);
    let text = format!("notice: waiting for {lock} of `{database}`: another program has it");
    Waiting(tokio::spawn(async move {
        tokio::time::sleep(after).await;
        if let Some(tell) = TELL.get() {
            tell(&text);
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

    #[tokio::test]
    async fn a_wait_that_lasts_is_told_and_known() {
        tell_waits(|text| TOLD.lock().expect("no panic").push(text.to_owned()));
        let quick = begin("a lock", "quick");
        assert!(is_waiting());
        drop(quick);
        let slow = begin_told_after(Duration::ZERO, "a lock", "slow");
        while TOLD.lock().expect("no panic").is_empty() {
            tokio::task::yield_now().await;
        }
        drop(slow);
        assert_eq!(
            *TOLD.lock().expect("no panic"),
            ["notice: waiting for a lock of `slow`: another program has it"]
        );
    }
}
