//! How much one schema may cost: counted while it is put together and checked, never timed.
//!
//! A small document can ask for a great deal: groups that hold each other twice, wide substitution
//! groups in many content models, attributes inherited along a chain of types. Whatever grows faster
//! than its source is counted here first, time and memory in one sum, so that every schema ends within
//! seconds and some 200 MiB, the same on every machine.

use super::limits::SchemaLimits;
use std::cell::Cell;

/// What was spent on a schema so far.
#[derive(Debug, Default)]
pub(crate) struct Work {
    limits: SchemaLimits,
    spent: Cell<u64>,
    told: Cell<bool>,
}

impl Work {
    /// Nothing spent yet, under these limits.
    pub(crate) fn within(limits: SchemaLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// What the schema may cost.
    pub(crate) fn limits(&self) -> &SchemaLimits {
        &self.limits
    }

    /// Counts steps; `false` when it is too much, and from then on.
    pub(crate) fn steps(&self, count: u64) -> bool {
        self.spent.set(self.spent.get().saturating_add(count));
        !self.is_spent()
    }

    /// Counts bytes that are kept.
    pub(crate) fn bytes(&self, count: u64) -> bool {
        self.steps(count)
    }

    /// Whether more was spent than may be.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent.get() > self.limits.work_max
    }

    /// The sentence to tell when it is spent; once.
    pub(crate) fn tell(&self) -> Option<String> {
        let first = self.is_spent() && !self.told.replace(true);
        first.then(|| too_much(self.limits.work_max))
    }
}

/// What is told when it is spent.
pub(crate) fn too_much(work_max: u64) -> String {
    format!(
        "the schema takes more than {work_max} units of work, and is not looked at further (limit \
         `work_max`); look here for what multiplies: groups, attributes or types that stand in many others"
    )
}

#[cfg(test)]
mod tests {
    use super::super::limits::WORK_MAX;
    use super::*;

    #[test]
    fn work_is_spent_above_the_limit_and_told_once() {
        let work = Work::default();
        assert!(work.steps(WORK_MAX - 1) && work.bytes(1));
        assert_eq!(work.tell(), None);
        assert!(!work.steps(1) && work.is_spent());
        assert!(work.tell().is_some_and(|sentence| sentence.contains("`work_max`")));
        assert_eq!(work.tell(), None);
    }

    #[test]
    fn no_count_is_too_large_to_be_counted() {
        let work = Work::default();
        assert!(!work.bytes(u64::MAX) && !work.steps(u64::MAX));
    }
}
