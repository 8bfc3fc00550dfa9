//! How prices would move, as a picture and as text: a bar for each step, each in a line of its own.

use super::held_words::decimal;
use super::language::Language;
use crate::import::MOVE_STEPS;
use crate::serve::held::plan::PriceMovesAnswer;
use rust_decimal::Decimal;

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
    pub(super) fn of(language: Language, moves: &PriceMovesAnswer, jumps: &str) -> Option<Self> {
        let counts = &moves.counts;
        if counts.len() != 2 * STEPS || counts.iter().all(|count| *count == 0) {
            return None;
        }
        let [down, up] = [&counts[..STEPS], &counts[STEPS..]].map(|half| half.iter().sum::<u64>());
        let sides = [Side::Down, Side::Up].map(|side| steps(side, moves));
        let most = sides.iter().flatten().map(|step| step.count).max().unwrap_or(1).max(1);
        let [downs, ups] = &sides;
        let bars = downs.iter().rev().map(|step| PriceBar::of(language, Side::Down, step, most));
        let bars = bars.chain(ups.iter().map(|step| PriceBar::of(language, Side::Up, step, most)));
        Some(Self { length: LENGTH, words: told(language, [down, up], jumps), bars: bars.collect() })
    }
}

/// Which way prices move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Down,
    Up,
}

/// Products whose prices move by more than so many per cent, and at most so many.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    from: Decimal,
    to: Option<Decimal>,
    count: u64,
}

/// The steps of a side from the nearest to the furthest; that in which the factor allowed lies is parted there.
fn steps(side: Side, moves: &PriceMovesAnswer) -> Vec<Step> {
    let (counts, beyond): (Vec<u64>, u64) = match side {
        Side::Down => (moves.counts[..STEPS].iter().rev().copied().collect(), moves.beyond[0]),
        Side::Up => (moves.counts[STEPS..].to_vec(), moves.beyond[1]),
    };
    let limit = moves.factor.and_then(|factor| percent_of(side, factor));
    let mut steps = Vec::with_capacity(STEPS + 1);
    for (at, count) in counts.iter().copied().enumerate() {
        let from = at.checked_sub(1).map_or(Decimal::ZERO, |before| MOVE_STEPS[before].into());
        let to = MOVE_STEPS.get(at).map(|to| Decimal::from(*to));
        match limit.filter(|limit| *limit > from && to.is_none_or(|to| *limit < to)) {
            Some(limit) => {
                let far = beyond.saturating_sub(counts[at + 1..].iter().sum()).min(count);
                steps.push(Step { from, to: Some(limit), count: count - far });
                steps.push(Step { from: limit, to, count: far });
            }
            None => steps.push(Step { from, to, count }),
        }
    }
    steps
}

/// By how many per cent a price moves that becomes so many times higher or lower.
fn percent_of(side: Side, factor: Decimal) -> Option<Decimal> {
    let part = match side {
        Side::Up => factor.checked_sub(Decimal::ONE)?,
        Side::Down => Decimal::ONE.checked_sub(Decimal::ONE.checked_div(factor)?)?,
    };
    Some(part.checked_mul(Decimal::ONE_HUNDRED)?.round_dp(1).normalize())
}

fn told(language: Language, [down, up]: [u64; 2], jumps: &str) -> String {
    let products = [["product", "products"], ["Produkt", "Produkte"]];
    let counted = |count| language.counted(count, products);
    let all = match language {
        Language::English => format!("Cheaper: {}. Dearer: {}.", counted(down), counted(up)),
        Language::German => format!("Billiger: {}. Teurer: {}.", counted(down), counted(up)),
    };
    let beyond = language.pick("Beyond the factor allowed", "Über den erlaubten Faktor hinaus");
    if jumps.is_empty() { all } else { format!("{all} {beyond}: {jumps}.") }
}

impl PriceBar {
    fn of(language: Language, side: Side, step: &Step, most: u64) -> Self {
        let count = step.count;
        Self {
            name: name(language, side, step),
            length: (count * LENGTH).div_ceil(most).max(if count > 0 { LENGTH_MIN } else { 0 }),
            count: language.grouped(count),
            has_some: count > 0,
        }
    }
}

/// How far the prices of a step move.
fn name(language: Language, side: Side, step: &Step) -> String {
    let moved = match side {
        Side::Down => language.pick("cheaper", "billiger"),
        Side::Up => language.pick("dearer", "teurer"),
    };
    let [from, to] = [Some(step.from), step.to]
        .map(|bound| bound.map(|bound| decimal(language, &bound.to_string())).unwrap_or_default());
    let word = language.pick("to", "bis");
    if step.to.is_none() {
        format!("{} {from} % {moved}", language.pick("more than", "über"))
    } else if step.from.is_zero() {
        format!("{} {to} % {moved}", language.pick("up to", "bis"))
    } else {
        format!("{from} {word} {to} % {moved}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(counts: &[u64], factor: Option<Decimal>, beyond: [u64; 2]) -> PriceMovesAnswer {
        PriceMovesAnswer { counts: counts.to_vec(), largest: Vec::new(), factor, beyond }
    }

    fn names(language: Language, moves: &PriceMovesAnswer) -> Vec<String> {
        let chart = PriceChart::of(language, moves, "").expect("prices move");
        chart.bars.into_iter().map(|bar| format!("{}: {}", bar.name, bar.count)).collect()
    }

    #[test]
    fn steps_have_names_from_down_to_up() {
        let names = names(Language::English, &moves(&[1, 0, 0, 0, 2, 3, 0, 0, 0, 4], None, [0, 0]));
        assert_eq!(names.len(), 2 * STEPS);
        assert_eq!(names[..2], ["more than 50 % cheaper: 1", "20 to 50 % cheaper: 0"]);
        assert_eq!(names[4..6], ["up to 5 % cheaper: 2", "up to 5 % dearer: 3"]);
        assert_eq!(names[9], "more than 50 % dearer: 4");
    }

    #[test]
    fn there_is_a_step_at_the_factor_in_force() {
        let far = moves(&[9, 0, 0, 0, 0, 0, 0, 0, 0, 7], Some(Decimal::new(25, 1)), [2, 3]);
        let told = names(Language::German, &far);
        assert_eq!(told[..2], ["über 60 % billiger: 2", "50 bis 60 % billiger: 7"]);
        assert_eq!(told[10..], ["50 bis 150 % teurer: 4", "über 150 % teurer: 3"]);
        let near = moves(&[1, 1, 1, 1, 1, 1, 1, 8, 1, 1], Some(Decimal::new(115, 2)), [2, 6]);
        let told = names(Language::English, &near);
        assert_eq!(told[8..11], ["10 to 15 % dearer: 4", "15 to 20 % dearer: 4", "20 to 50 % dearer: 1"]);
        assert_eq!(told[2], "13 to 20 % cheaper: 0", "two are beyond, and they stand further out");
    }

    #[test]
    fn a_bar_is_seen_where_there_is_something() {
        let of =
            |counts: &[u64]| PriceChart::of(Language::English, &moves(counts, None, [0, 0]), "7 products");
        let chart = of(&[1_000, 1, 0, 0, 0, 0, 0, 0, 0, 5]).expect("prices move");
        let lengths: Vec<_> = chart.bars.iter().map(|bar| bar.length).collect();
        assert_eq!(lengths, [LENGTH, LENGTH_MIN, 0, 0, 0, 0, 0, 0, 0, LENGTH_MIN]);
        let words = "Cheaper: 1,001 products. Dearer: 5 products. Beyond the factor allowed: 7 products.";
        assert_eq!(chart.words, words);
        assert!(of(&[0; 10]).is_none() && of(&[]).is_none());
    }
}
