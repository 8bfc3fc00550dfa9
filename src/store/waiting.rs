//! Waiting for somebody else: told when it lasts, and known, so that a program that only waits can end at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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

/// One wait, until it is dropped.
struct Waiting;

impl Waiting {
    fn new() -> Self {
        WAITING.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Does what may have to wait for a lock.
pub(super) async fn patiently<T>(lock: &str, database: &str, work: impl Future<Output = T>) -> T {
    patiently_after(TOLD_AFTER, lock, database, work).await
}

async fn patiently_after<T>(after: Duration, lock: &str, database: &str, work: impl Future<Output = T>) -> T {
    let _waiting = Waiting::new();
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(after) => {}
    }
    if let Some(tell) = TELL.get() {
        tell(&format!("notice: waiting for {lock} of `{database}`: another program has it"));
    }
    work.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

    #[tokio::test]
    async fn a_wait_that_lasts_is_told_and_known() {
        tell_waits(|text| TOLD.lock().expect("no panic").push(text.to_owned()));
        assert!(patiently("a lock", "quick", async { is_waiting() }).await);
        let (end, ended) = tokio::sync::oneshot::channel();
        let slow = patiently_after(Duration::ZERO, "a lock", "slow", async { ended.await.expect("sent") });
        let other = async {
            while TOLD.lock().expect("no panic").is_empty() {
                tokio::task::yield_now().await;
            }
            end.send(7).expect("somebody waits");
        };
        assert_eq!(tokio::join!(slow, other).0, 7);
        assert_eq!(
            *TOLD.lock().expect("no panic"),
            ["notice: waiting for a lock of `slow`: another program has it"]
        );
    }
}
