//! How prices would move, as a picture and as text: a bar for each step, each in a line of its own.

use super::language::Language;
use crate::import::MOVE_STEPS;

/// How long a bar may be.
const LENGTH: u64 = 240;
/// How long one is that has something: so that it is seen.
const LENGTH_MIN: u64 = 2;
/// Steps down, and as many up.
const STEPS: usize = MOVE_STEPS.len() + 1;

/// Products by the furthest move of their prices.
pub(super) struct PriceChart {
    pub(super) length: u64,
    /// What all of them come to.
    pub(super) words: String,
    pub(super) bars: Vec<PriceBar>,
}

/// A step of it.
pub(super) struct PriceBar {
    /// How far: `10 to 20 % cheaper`.
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) count: String,
    pub(super) has_some: bool,
}

impl PriceChart {
    /// Of counts as a plan has them, and products whose price jumps; none where no price would move.
    pub(super) fn of(language: Language, counts: &[u64], jumps: u64) -> Option<Self> {
        let most = counts.iter().max().copied().filter(|most| *most > 0 && counts.len() == 2 * STEPS)?;
        let [down, up] = [&counts[..STEPS], &counts[STEPS..]].map(|half| half.iter().sum::<u64>());
        let bars = counts.iter().enumerate().map(|(at, count)| PriceBar::of(language, at, *count, most));
        Some(Self { length: LENGTH, words: told(language, [down, up], jumps), bars: bars.collect() })
    }
}

fn told(language: Language, [down, up]: [u64; 2], jumps: u64) -> String {
    let products = [["product", "products"], ["Produkt", "Produkte"]];
    let counted = |count| language.counted(count, products);
    let all = match language {
        Language::English => format!("Cheaper: {}. Dearer: {}.", counted(down), counted(up)),
        Language::German => format!("Billiger: {}. Teurer: {}.", counted(down), counted(up)),
    };
    let beyond = language.pick("Beyond the factor allowed", "Über den erlaubten Faktor hinaus");
    if jumps > 0 { format!("{all} {beyond}: {}.", counted(jumps)) } else { all }
}

impl PriceBar {
    fn of(language: Language, at: usize, count: u64, most: u64) -> Self {
        Self {
            name: name(language, at),
            length: (count * LENGTH).div_ceil(most).max(if count > 0 { LENGTH_MIN } else { 0 }),
            count: language.grouped(count),
            has_some: count > 0,
        }
    }
}

/// How far the prices of a step move.
fn name(language: Language, at: usize) -> String {
    let (far, moved) = if at < STEPS {
        (STEPS - 1 - at, language.pick("cheaper", "billiger"))
    } else {
        (at - STEPS, language.pick("dearer", "teurer"))
    };
    match (far.checked_sub(1).map(|before| MOVE_STEPS[before]), MOVE_STEPS.get(far)) {
        (None, Some(to)) => format!("{} {to} % {moved}", language.pick("up to", "bis")),
        (Some(from), Some(to)) => format!("{from} {} {to} % {moved}", language.pick("to", "bis")),
        (from, None) => {
            format!("{} {} % {moved}", language.pick("more than", "über"), from.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_names_from_down_to_up() {
        let names: Vec<_> = (0..2 * STEPS).map(|at| name(Language::English, at)).collect();
        let down = ["more than 50 % cheaper", "20 to 50 % cheaper", "10 to 20 % cheaper"];
        assert_eq!((&names[..3], names[4].as_str()), (&down.map(str::to_owned)[..], "up to 5 % cheaper"));
        assert_eq!((names[5].as_str(), names[9].as_str()), ("up to 5 % dearer", "more than 50 % dearer"));
        assert_eq!(name(Language::German, 8), "20 bis 50 % teurer");
    }

    #[test]
    fn a_bar_is_seen_where_there_is_something() {
        let of = |counts: &[u64]| PriceChart::of(Language::English, counts, 7);
        let chart = of(&[1_000, 1, 0, 0, 0, 0, 0, 0, 0, 5]).expect("prices move");
        let lengths: Vec<_> = chart.bars.iter().map(|bar| bar.length).collect();
        assert_eq!(lengths, [LENGTH, LENGTH_MIN, 0, 0, 0, 0, 0, 0, 0, LENGTH_MIN]);
        let words = "Cheaper: 1,001 products. Dearer: 5 products. Beyond the factor allowed: 7 products.";
        assert_eq!(chart.words, words);
        assert!(of(&[0; 10]).is_none() && of(&[]).is_none());
    }
}
