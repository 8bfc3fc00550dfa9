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
    /// How far, in per cent: `−10…−5`.
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
        Language::English => {
            format!("Products by change of price in per cent. Cheaper: {down}. Dearer: {up}.")
        }
        Language::German => {
            format!("Produkte nach Preisänderung in Prozent. Billiger: {down}. Teurer: {up}.")
        }
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
            name: name(at),
            count: language.grouped(count),
            has_some: count > 0,
        }
    }
}

/// How far the prices of a step move, in per cent.
fn name(at: usize) -> String {
    let bound = |place: usize| match place {
        0 => "0".to_owned(),
        place => format!("{}{}", if at < STEPS { "−" } else { "+" }, MOVE_STEPS[place - 1]),
    };
    match at {
        0 => format!("<{}", bound(STEPS - 1)),
        _ if at < STEPS => format!("{}…{}", bound(STEPS - at), bound(STEPS - 1 - at)),
        _ if at < 2 * STEPS - 1 => format!("{}…{}", bound(at - STEPS), bound(at - STEPS + 1)),
        _ => format!(">{}", bound(STEPS - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_names_from_down_to_up() {
        let names: Vec<_> = (0..2 * STEPS).map(name).collect();
        assert_eq!(names[..5], ["<−50", "−50…−20", "−20…−10", "−10…−5", "−5…0"]);
        assert_eq!(names[5..], ["0…+5", "+5…+10", "+10…+20", "+20…+50", ">+50"]);
    }

    #[test]
    fn a_bar_is_seen_where_there_is_something() {
        let chart =
            PriceChart::of(Language::English, &[1_000, 1, 0, 0, 0, 0, 0, 0, 0, 5]).expect("prices move");
        assert_eq!(
            chart.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(),
            [96, 2, 0, 0, 0, 0, 0, 0, 0, 2]
        );
        assert_eq!(
            chart.words,
            "Products by change of price in per cent. Cheaper: 1,001 products. Dearer: 5 products."
        );
        assert!(
            PriceChart::of(Language::English, &[0; 10]).is_none()
                && PriceChart::of(Language::English, &[]).is_none()
        );
    }
}
