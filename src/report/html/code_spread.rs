//! Where in a run the deviations stand: for each code, counts over the records in the order they came.
//!
//! How many records there will be is known at the end only, so the buckets widen as they go: when the
//! last one is passed, each two become one. Memory is that of [`CODES_MAX`] rows of [`BUCKETS`] counts.

use crate::judgement::Severity;
use std::collections::HashMap;

/// Buckets of a row.
pub(super) const BUCKETS: usize = 60;
/// Codes with a row of their own; what comes after shares one.
pub(super) const CODES_MAX: usize = 40;

/// One code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CodeRow {
    /// The code; none for those that share the last row.
    pub(super) code: Option<&'static str>,
    /// The gravest that was found under it.
    pub(super) severity: Severity,
    /// All that were told.
    pub(super) total: u64,
    /// Those that stand in no record.
    pub(super) outside: u64,
    /// Those in the records of each bucket.
    pub(super) buckets: [u64; BUCKETS],
}

/// All codes of a run.
#[derive(Debug)]
pub(super) struct CodeSpread {
    index: HashMap<&'static str, usize>,
    rows: Vec<CodeRow>,
    /// Records of a bucket.
    width: u64,
    /// Records before the feed that is read.
    before: u64,
    /// The last record that anything is known of, from 1.
    last: u64,
}

impl CodeSpread {
    pub(super) fn new() -> Self {
        Self { index: HashMap::new(), rows: Vec::new(), width: 1, before: 0, last: 0 }
    }

    /// A finding in a record of the feed that is read, from 1, or outside of records.
    pub(super) fn add(&mut self, code: &'static str, severity: Severity, record: Option<u64>) {
        let bucket = record.map(|record| self.bucket(self.before + record.max(1)));
        let row = self.row(code, severity);
        row.severity = row.severity.max(severity);
        row.total += 1;
        match bucket {
            Some(bucket) => row.buckets[bucket] += 1,
            None => row.outside += 1,
        }
    }

    /// A feed with so many records is at its end.
    pub(super) fn feed_end(&mut self, records: u64) {
        if records > 0 {
            self.bucket(self.before + records);
        }
        self.before = self.last;
    }

    fn row(&mut self, code: &'static str, severity: Severity) -> &mut CodeRow {
        let next = self.rows.len();
        let at = *self.index.entry(code).or_insert(next.min(CODES_MAX));
        if at == next {
            let code = (at < CODES_MAX).then_some(code);
            self.rows.push(CodeRow { code, severity, total: 0, outside: 0, buckets: [0; BUCKETS] });
        }
        &mut self.rows[at]
    }

    /// The bucket of a record, made room for.
    fn bucket(&mut self, record: u64) -> usize {
        self.last = self.last.max(record);
        while (record - 1) / self.width >= BUCKETS as u64 {
            self.width *= 2;
            for row in &mut self.rows {
                let old = row.buckets;
                row.buckets = std::array::from_fn(|at| {
                    let pair = old.get(2 * at..2 * at + 2);
                    pair.map_or(0, |pair| pair.iter().sum())
                });
            }
        }
        usize::try_from((record - 1) / self.width).expect("less than the number of buckets")
    }

    /// The rows, the gravest first, then the largest.
    pub(super) fn rows(&self) -> Vec<&CodeRow> {
        let mut rows: Vec<&CodeRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| (row.code.is_none(), std::cmp::Reverse((row.severity, row.total))));
        rows
    }

    /// Buckets that stand for records.
    pub(super) fn used(&self) -> usize {
        usize::try_from(self.last.div_ceil(self.width)).expect("no more than there are buckets")
    }

    /// The first and the last record of a bucket.
    pub(super) fn records(&self, bucket: usize) -> (u64, u64) {
        let first = bucket as u64 * self.width + 1;
        (first, (first + self.width - 1).min(self.last))
    }

    /// All records.
    pub(super) fn last(&self) -> u64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(records: impl IntoIterator<Item = u64>) -> CodeSpread {
        let mut spread = CodeSpread::new();
        for record in records {
            spread.add("a", Severity::Error, Some(record));
        }
        spread
    }

    #[test]
    fn few_records_have_a_bucket_each() {
        let mut few = spread([1, 3, 3]);
        few.feed_end(5);
        assert_eq!((few.used(), &few.rows()[0].buckets[..5]), (5, &[1, 0, 2, 0, 0][..]));
        assert_eq!(few.records(2), (3, 3));
    }

    #[test]
    fn buckets_widen_and_lose_nothing() {
        let mut many = spread(1..=20_000);
        many.feed_end(20_000);
        let row = many.rows()[0].clone();
        assert_eq!((row.total, row.buckets.iter().sum::<u64>()), (20_000, 20_000));
        assert!((BUCKETS / 2..=BUCKETS).contains(&many.used()), "{}", many.used());
        let full = &row.buckets[..many.used() - 1];
        assert!(full.iter().all(|count| *count == full[0]), "{full:?}");
        assert_eq!(many.records(many.used() - 1).1, 20_000);
    }

    #[test]
    fn a_feed_stands_behind_the_one_before() {
        let mut two = spread([2]);
        two.feed_end(3);
        two.add("a", Severity::Error, Some(1));
        // Breaks off inside of its second record, which is not counted as read.
        two.add("a", Severity::Fatal, Some(2));
        two.add("a", Severity::Error, None);
        two.feed_end(1);
        let row = two.rows()[0];
        assert_eq!(
            (&row.buckets[..5], row.outside, row.severity),
            (&[0, 1, 0, 1, 1][..], 1, Severity::Fatal)
        );
        assert_eq!(two.last(), 5);
    }

    #[test]
    fn codes_max() {
        const CODES: [&str; CODES_MAX + 2] = {
            const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
            let mut codes = [""; CODES_MAX + 2];
            let mut at = 0;
            while at < codes.len() {
                // Different by where they begin and how long they are.
                let (_, from) = LETTERS.split_at(at % 26);
                codes[at] = from.split_at(1 + at / 26).0;
                at += 1;
            }
            codes
        };
        let mut spread = CodeSpread::new();
        for code in &CODES[..CODES_MAX] {
            spread.add(code, Severity::Error, Some(1));
        }
        assert!(spread.rows().iter().all(|row| row.code.is_some()));
        for code in [CODES[CODES_MAX], CODES[CODES_MAX + 1], CODES[CODES_MAX]] {
            spread.add(code, Severity::Error, Some(1));
        }
        let rows = spread.rows();
        assert_eq!((rows.len(), rows[CODES_MAX].code, rows[CODES_MAX].total), (CODES_MAX + 1, None, 3));
    }
}
