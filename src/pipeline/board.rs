//! Where threads that read feeds leave work for those that have nothing to do.
//!
//! ```text
//!  feed-0  reads a large feed ── post ─▶ board ─▶ feed-1, whose feeds are all read
//!    └ waits for what it posted? then it does work of the board itself
//! ```
//!
//! As many threads as were asked for, and no more: who has a feed to read reads it, and helps when no more are left.
//! Work never waits for anything, so nobody waits for ever.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A piece of work.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// Work that waits for somebody.
#[derive(Default)]
pub(super) struct Board {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Threads that may still post something.
    readers: usize,
    /// Threads that do nothing else but help.
    helpers: usize,
}

impl Board {
    /// A board for so many threads, all of which read feeds at first.
    pub(super) fn new(readers: usize) -> Self {
        Self { state: Mutex::new(State { readers, ..State::default() }), news: Condvar::new() }
    }

    /// How many threads do nothing but help.
    pub(super) fn helpers(&self) -> usize {
        self.lock().helpers
    }

    /// Leaves work for whoever has time.
    pub(super) fn post(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.news.notify_one();
    }

    /// Does the work that waits longest; `false` when there is none.
    pub(super) fn work(&self) -> bool {
        let job = self.lock().jobs.pop_front();
        job.map(|job| job()).is_some()
    }

    /// One thread has no more feeds to read.
    pub(super) fn retire(&self) {
        self.lock().readers -= 1;
        self.news.notify_all();
    }

    /// Does what is posted, until nobody is left to post anything.
    pub(super) fn help(&self) {
        self.lock().helpers += 1;
        let _leave = Leave(self);
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.readers == 0 {
                return None;
            }
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A helper that is one no more, also when its work has panicked.
struct Leave<'a>(&'a Board);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.lock().helpers -= 1;
    }
}

/// What comes of a job, for the one thread that posted it.
pub(super) struct Slot<T> {
    result: Mutex<Option<T>>,
    filled: Condvar,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { result: Mutex::new(None), filled: Condvar::new() }
    }
}

impl<T> Slot<T> {
    /// Delivers the result.
    pub(super) fn fill(&self, result: T) {
        *self.lock() = Some(result);
        self.filled.notify_all();
    }

    /// Takes the result out; as long as it is not there, work of the board is done.
    pub(super) fn take(&self, board: &Board) -> T {
        loop {
            if let Some(result) = self.lock().take() {
                return result;
            }
            if !board.work() {
                // Somebody is at it.
                return self.wait();
            }
        }
    }

    fn wait(&self) -> T {
        let mut result = self.lock();
        loop {
            if let Some(result) = result.take() {
                return result;
            }
            result = self.filled.wait(result).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn who_waits_works_and_helpers_end_with_the_readers() {
        let board = Arc::new(Board::new(2));
        let helper = std::thread::spawn({
            let board = Arc::clone(&board);
            move || {
                board.retire();
                board.help();
            }
        });
        let slots: Vec<Arc<Slot<usize>>> = (0..100).map(|_| Arc::default()).collect();
        for (number, slot) in slots.iter().enumerate() {
            let slot = Arc::clone(slot);
            board.post(Box::new(move || slot.fill(number)));
        }
        let taken: Vec<usize> = slots.iter().map(|slot| slot.take(&board)).collect();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        board.retire();
        helper.join().unwrap();
        assert_eq!(board.helpers(), 0);
    }

    #[test]
    fn without_helpers_who_waits_does_all() {
        let board = Board::new(1);
        let slot = Arc::new(Slot::default());
        let filled = Arc::clone(&slot);
        board.post(Box::new(move || filled.fill(7)));
        assert_eq!(slot.take(&board), 7);
        assert!(!board.work());
    }
}
