//! What was found out a moment ago, so that not every request asks the database.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Bounded in age and in number; what is too old is not there.
#[derive(Debug)]
pub(super) struct Recent<T> {
    age_max: SignedDuration,
    entries_max: usize,
    entries: HashMap<[u8; 32], (Timestamp, T)>,
}

impl<T> Recent<T> {
    pub(super) fn new(seconds_max: i64, entries_max: usize) -> Self {
        let age_max = SignedDuration::from_secs(seconds_max);
        Self { age_max, entries_max, entries: HashMap::new() }
    }

    /// What was found out about a key, and is not too old.
    pub(super) fn get(&self, key: &[u8; 32], now: Timestamp) -> Option<(&[u8; 32], &T)> {
        let (key, (at, found)) = self.entries.get_key_value(key)?;
        is_recent(*at, now, self.age_max).then_some((key, found))
    }

    /// Remembers what was asked at a moment. When there is no room, the oldest goes.
    pub(super) fn insert(&mut self, key: [u8; 32], at: Timestamp, found: T) {
        if self.entries.len() >= self.entries_max && !self.entries.contains_key(&key) {
            self.make_room(at);
        }
        self.entries.insert(key, (at, found));
    }

    fn make_room(&mut self, now: Timestamp) {
        let age_max = self.age_max;
        self.entries.retain(|_, (at, _)| is_recent(*at, now, age_max));
        if self.entries.len() >= self.entries_max {
            let oldest = self.entries.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| *key);
            oldest.and_then(|key| self.entries.remove(&key));
        }
    }

    /// Forgets what was found out about a key.
    pub(super) fn remove(&mut self, key: &[u8; 32]) {
        self.entries.remove(key);
    }
}

/// Whether a moment is not too long ago. One to come is not recent: the clock was set back, and nobody knows by how
/// much.
pub(super) fn is_recent(at: Timestamp, now: Timestamp, age_max: SignedDuration) -> bool {
    let age = now.duration_since(at);
    !age.is_negative() && age < age_max
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).expect("in range")
    }

    #[track_caller]
    fn has(recent: &Recent<u8>, key: u8, now: i64, expected: Option<u8>) {
        assert_eq!(recent.get(&[key; 32], at(now)).map(|(_, found)| *found), expected, "{key} at {now}");
    }

    #[test]
    fn what_is_old_is_not_there() {
        let mut recent = Recent::new(10, 5);
        recent.insert([1; 32], at(1_000), 7);
        has(&recent, 1, 1_000, Some(7));
        has(&recent, 1, 10_999, Some(7));
        has(&recent, 1, 11_000, None);
        // The clock was set back.
        has(&recent, 1, 999, None);
        has(&recent, 2, 1_000, None);
        recent.remove(&[1; 32]);
        has(&recent, 1, 1_000, None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut recent = Recent::new(10, 2);
        recent.insert([1; 32], at(1_000), 1);
        recent.insert([2; 32], at(2_000), 2);
        // The same once more needs no room.
        recent.insert([1; 32], at(3_000), 1);
        has(&recent, 2, 3_000, Some(2));
        recent.insert([3; 32], at(4_000), 3);
        has(&recent, 2, 4_000, None);
        has(&recent, 1, 4_000, Some(1));
        has(&recent, 3, 4_000, Some(3));
        // What is too old goes first, all of it.
        recent.insert([4; 32], at(60_000), 4);
        assert_eq!(recent.entries.len(), 1);
    }
}
