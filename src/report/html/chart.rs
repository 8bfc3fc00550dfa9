//! Where the deviations under one code stand, as bars over the records of the run.

use super::code_spread::{CodeRow, CodeSpread};
use crate::judgement::Language;

/// Height of a chart, in its own units.
const HEIGHT: f64 = 20.0;

/// Bars over buckets of records.
pub(super) struct Chart {
    /// One for each bucket.
    pub(super) width: usize,
    pub(super) height: f64,
    /// Where most of them stand.
    pub(super) label: String,
    pub(super) bars: Vec<Bar>,
}

/// A bucket that is not empty.
pub(super) struct Bar {
    pub(super) x: usize,
    pub(super) y: String,
    pub(super) height: String,
    pub(super) title: String,
}

impl Chart {
    pub(super) fn of(language: Language, spread: &CodeSpread, row: &CodeRow) -> Self {
        let most = row.buckets.iter().copied().max().unwrap_or(0).max(1);
        let fullest = row.buckets.iter().position(|count| *count == most).unwrap_or(0);
        let bar = |(x, count): (usize, &u64)| {
            // One among thousands is still to be seen.
            let height = (*count as f64 / most as f64 * HEIGHT).max(2.0);
            let [y, height] = [HEIGHT - height, height].map(|length| format!("{length:.1}"));
            Bar {
                x,
                y,
                height,
                title: format!("{}: {}", records(language, spread, x), language.grouped(*count)),
            }
        };
        let bars = row.buckets.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect();
        let (most, place) = (language.grouped(most), records(language, spread, fullest));
        let label = match language {
            Language::English => format!("most of them, {most}, in {place}"),
            Language::German => format!("die meisten, {most}, in {place}"),
        };
        Self { width: spread.used(), height: HEIGHT, label, bars }
    }
}

fn records(language: Language, spread: &CodeSpread, bucket: usize) -> String {
    let (from, to) = spread.records(bucket);
    let [first, last] = [from, to].map(|number| language.grouped(number));
    match (from == to, language) {
        (true, Language::English) => format!("record {first}"),
        (true, Language::German) => format!("Datensatz {first}"),
        (false, Language::English) => format!("records {first} to {last}"),
        (false, Language::German) => format!("Datensätze {first} bis {last}"),
    }
}
