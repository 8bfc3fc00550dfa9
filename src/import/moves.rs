//! How prices move: how many products by how far, and the furthest moves one by one.

use super::watch::Amounts;
use crate::product::{Price, price_key};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Moves that are told one by one.
pub const MOVES_TOLD_MAX: usize = 10;
/// Percent that part small moves from larger ones; what is beyond the last is one step more.
pub const MOVE_STEPS: [u32; 4] = [5, 10, 20, 50];
/// Steps down, and as many up.
const STEPS: usize = MOVE_STEPS.len() + 1;

/// How the prices of products would move: those that have a price now, and another one then for the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceMoves {
    /// Products by the furthest move of their prices: from the furthest down to the furthest up, parted by
    /// [`MOVE_STEPS`]. Empty where nobody has looked.
    pub counts: Vec<u64>,
    /// The furthest moves, the furthest first.
    pub largest: Vec<PriceMove>,
    /// The factor that was allowed; `None` where an earlier version held the feed.
    #[serde(default)]
    pub factor: Option<Decimal>,
    /// Products whose prices move by more than that: down, and up.
    #[serde(default)]
    pub beyond: [u64; 2],
}

/// A price that would move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceMove {
    /// The record's key.
    pub key: String,
    /// The title as it stands.
    pub title: String,
    /// Currency of both amounts, ISO 4217.
    pub currency: String,
    /// The amount that stands.
    pub old: String,
    /// The amount that would stand.
    pub new: String,
}

/// Moves, while they are looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    pub(super) counts: [u64; 2 * STEPS],
    pub(super) beyond: [u64; 2],
    pub(super) furthest: Vec<Move>,
}

/// The furthest move of the prices of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// How many times higher or lower it becomes.
    factor: Decimal,
    pub(super) product: i64,
    pub(super) currency: String,
    pub(super) old: Decimal,
    pub(super) new: Decimal,
}

impl Moves {
    /// Looks at the prices of a product, as they stand and as they would.
    pub(super) fn note(&mut self, product: i64, old: &[Price], new: &Amounts, allowed: Decimal) {
        let moves = new.iter().filter_map(|(key, amount)| Move::of(product, old, *key, *amount));
        let Some(furthest) = moves.max_by_key(|each| each.factor) else { return };
        self.counts[furthest.step()] += 1;
        if furthest.factor > allowed {
            self.beyond[usize::from(furthest.new > furthest.old)] += 1;
        }
        let place = self.furthest.partition_point(|other| other.factor >= furthest.factor);
        self.furthest.insert(place, furthest);
        self.furthest.truncate(MOVES_TOLD_MAX);
    }
}

impl Move {
    /// From the nearest price that is for the same; none where there was none, or it stays.
    fn of(product: i64, old: &[Price], key: u64, new: Decimal) -> Option<Self> {
        let same = old.iter().filter(|price| price_key(price) == key);
        let nearest = same.min_by_key(|price| (price.amount - new).abs())?;
        let before = nearest.amount;
        (before != new).then(|| Self {
            factor: factor(before, new),
            product,
            currency: nearest.currency.clone(),
            old: before,
            new,
        })
    }

    /// Its place among the counts.
    fn step(&self) -> usize {
        let change = (self.new - self.old).abs().checked_mul(Decimal::ONE_HUNDRED);
        let percent = change.and_then(|change| change.checked_div(self.old.abs()));
        let is_beyond = |step: &&u32| percent.is_none_or(|percent| percent > Decimal::from(**step));
        let far = MOVE_STEPS.iter().filter(is_beyond).count();
        if self.new > self.old { STEPS + far } else { STEPS - 1 - far }
    }
}

fn factor(old: Decimal, new: Decimal) -> Decimal {
    let [old, new] = [old.abs(), new.abs()];
    let (low, high) = if old < new { (old, new) } else { (new, old) };
    high.checked_div(low).unwrap_or(Decimal::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::watch::testing::price;

    fn noted(old: &[(&str, &str)], new: &[(&str, &str)]) -> Moves {
        let [old, new] =
            [old, new].map(|all| all.iter().map(|(kind, amount)| price(kind, amount)).collect::<Vec<_>>());
        let mut moves = Moves::default();
        let new = new.iter().map(|price| (price_key(price), price.amount)).collect();
        moves.note(1, &old, &new, Decimal::new(25, 1));
        moves
    }

    #[track_caller]
    fn case(old: &str, new: &str, step: usize) {
        let counts = noted(&[("02", old)], &[("02", new)]).counts;
        assert_eq!(counts.iter().position(|count| *count == 1), Some(step), "{old} to {new}");
    }

    #[test]
    fn a_move_has_its_step() {
        case("10", "4.99", 0);
        case("10", "5", 1);
        case("10", "8", 2);
        case("10", "9.5", 4);
        case("10", "9.49", 3);
        case("10", "10.01", 5);
        case("10", "10.5", 5);
        case("10", "10.51", 6);
        case("10", "15", 8);
        case("10", "15.01", 9);
        case("0", "1", 9);
        case("1", "0", 0);
    }

    #[test]
    fn what_moves_by_more_than_the_factor_is_counted_by_side() {
        let of = |old, new| noted(&[("02", old)], &[("02", new)]).beyond;
        assert_eq!([of("10", "25"), of("10", "25.01")], [[0, 0], [0, 1]]);
        assert_eq!([of("10", "4"), of("10", "3.99")], [[0, 0], [1, 0]]);
    }

    #[test]
    fn a_product_counts_once_and_by_its_furthest_move() {
        let moves = noted(&[("02", "10"), ("04", "10")], &[("02", "11"), ("04", "40")]);
        assert_eq!(moves.counts.iter().sum::<u64>(), 1);
        assert_eq!(moves.furthest.iter().map(|one| one.new.to_string()).collect::<Vec<_>>(), ["40"]);
        for none in [
            noted(&[("02", "10")], &[("02", "10")]),
            noted(&[("02", "10")], &[("04", "99")]),
            noted(&[], &[("02", "1")]),
        ] {
            assert!(none.furthest.is_empty() && none.counts.iter().all(|count| *count == 0));
        }
    }

    #[test]
    fn moves_told_max() {
        let mut moves = Moves::default();
        for number in 0..=i64::try_from(MOVES_TOLD_MAX).expect("it is small") {
            let new = price("02", &format!("{}", 20 + number));
            moves.note(number, &[price("02", "10")], &vec![(price_key(&new), new.amount)], Decimal::TWO);
        }
        assert_eq!(moves.furthest.len(), MOVES_TOLD_MAX);
        assert_eq!((moves.furthest[0].product, moves.furthest[9].product), (10, 1), "the furthest first");
    }
}
