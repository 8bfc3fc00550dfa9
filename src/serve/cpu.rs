//! Work that takes processor time, apart from the threads that answer requests: at most one for each core at a time.

use super::problem::Problem;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Where it is done.
#[derive(Debug)]
pub(super) struct Cpu {
    places: Arc<Semaphore>,
}

impl Cpu {
    /// As many places as there are cores.
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { places: Arc::new(Semaphore::new(cores)) }
    }

    /// Does something as soon as there is a place.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("the places are never closed");
        // The work keeps its place, also when nobody waits for it any more.
        let done = blocking(move || {
            let done = work();
            drop(place);
            done
        });
        done.await
    }
}

/// Does something that waits for a disk on a thread that may wait.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal())
}
