//! How prices would move, as a picture and as text.

use super::language::Language;
use crate::import::MOVE_STEPS;

/// Where a bar begins after the one before, how wide and how high one may be.
const STEP: usize = 40;
const HEIGHT: u64 = 96;
/// How high one is that has something: so that it is seen.
const HEIGHT_MIN: u64 = 2;
/// Steps down, and as many up.
const STEPS: usize = MOVE_STEPS.len() + 1;

/// Products by the furthest move of their prices.
pub(super) struct PriceChart {
    pub(super) width: usize,
    pub(super) height: u64,
    /// What the picture shows, for those who do not see it.
    pub(super) words: String,
    pub(super) bars: Vec<PriceBar>,
}

/// A step of it.
pub(super) struct PriceBar {
    pub(super) x: usize,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) class: &'static str,
    /// How far: `−10 … −5 %`.
    pub(super) name: String,
    pub(super) count: String,
    pub(super) has_some: bool,
}

impl PriceChart {
    /// Of counts as a plan has them; none where no price would move.
    pub(super) fn of(language: Language, counts: &[u64]) -> Option<Self> {
        let most = counts.iter().max().copied().filter(|most| *most > 0 && counts.len() == 2 * STEPS)?;
        let [down, up] = [&counts[..STEPS], &counts[STEPS..]].map(|half| half.iter().sum::<u64>());
        let bars = counts.iter().enumerate().map(|(at, count)| PriceBar::of(language, at, *count, most));
        Some(Self {
            width: counts.len() * STEP,
            height: HEIGHT,
            words: told(language, down, up),
            bars: bars.collect(),
        })
    }
}

fn told(language: Language, down: u64, up: u64) -> String {
    let products = [["product", "products"], ["Produkt", "Produkte"]];
    let [down, up] = [down, up].map(|count| language.counted(count, products));
    match language {
        Language::English => format!("Cheaper: {down}. Dearer: {up}."),
        Language::German => format!("Billiger: {down}. Teurer: {up}."),
    }
}

impl PriceBar {
    fn of(language: Language, at: usize, count: u64, most: u64) -> Self {
        let height = (count * HEIGHT).div_ceil(most).max(if count > 0 { HEIGHT_MIN } else { 0 });
        let is_far = at == 0 || at == 2 * STEPS - 1;
        Self {
            x: at * STEP,
            y: HEIGHT - height,
            height,
            class: if is_far { "error" } else { "bar" },
            name: name(language, at),
            count: language.grouped(count),
            has_some: count > 0,
        }
    }
}

/// How far the prices of a step move.
fn name(language: Language, at: usize) -> String {
    let (sign, far) = if at < STEPS { ("−", STEPS - 1 - at) } else { ("+", at - STEPS) };
    let beyond = far.checked_sub(1).map(|before| MOVE_STEPS[before]);
    match (beyond, MOVE_STEPS.get(far)) {
        (None, Some(to)) => format!("{sign}{} {to} %", language.pick("up to", "bis")),
        (Some(from), Some(to)) => format!("{sign}{from}–{to} %"),
        (from, None) => format!("{sign}{} {} %", language.pick("over", "über"), from.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_names_from_down_to_up() {
        let names: Vec<_> = (0..2 * STEPS).map(|at| name(Language::English, at)).collect();
        assert_eq!(
            names,
            [
                "−over 50 %",
                "−20–50 %",
                "−10–20 %",
                "−5–10 %",
                "−up to 5 %",
                "+up to 5 %",
                "+5–10 %",
                "+10–20 %",
                "+20–50 %",
                "+over 50 %"
            ]
        );
    }

    #[test]
    fn a_bar_is_seen_where_there_is_something() {
        let chart =
            PriceChart::of(Language::English, &[1_000, 1, 0, 0, 0, 0, 0, 0, 0, 5]).expect("prices move");
        assert_eq!(
            chart.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(),
            [96, 2, 0, 0, 0, 0, 0, 0, 0, 2]
        );
        assert_eq!(chart.words, "Cheaper: 1,001 products. Dearer: 5 products.");
        assert!(
            PriceChart::of(Language::English, &[0; 10]).is_none()
                && PriceChart::of(Language::English, &[]).is_none()
        );
    }
}
