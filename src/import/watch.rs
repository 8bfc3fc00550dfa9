//! What one feed would do, watched record by record for the guard.
//!
//! Counts are exact; what has to be looked up in the shop afterwards (old prices, products whose facts nobody has
//! stored yet) is remembered up to named limits, and beyond counts as unsuspicious.

use super::guard::Changes;
use super::moves::Moves;
use crate::feed::Unavailable;
use crate::product::{Facts, Fingerprint, Price, Product, RecordReference, price_key};
use crate::store::{Digest, KnownProduct};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Products with other prices than before whose prices are compared one by one.
pub(super) const PRICED_MAX: usize = 100_000;
/// Different new titles that are counted.
pub(super) const TITLES_MAX: usize = 200_000;
/// Products without stored facts that are looked up.
pub(super) const UNKNOWN_MAX: usize = 100_000;
/// Samples of each kind of change.
pub(super) const SAMPLES_MAX: usize = 5;

/// What a record does, for samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ChangeKind {
    Withdrawn,
    Unavailable,
    Price,
    Title,
    Updated,
    Created,
}

impl ChangeKind {
    pub(super) const ALL: [Self; 6] =
        [Self::Withdrawn, Self::Unavailable, Self::Price, Self::Title, Self::Updated, Self::Created];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Unavailable => "unavailable",
            Self::Price => "price",
            Self::Title => "title",
            Self::Updated => "updated",
            Self::Created => "created",
        }
    }
}

/// A change of which the shop is asked when it is shown: the product as it would be; `None` when it would be gone.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) kind: ChangeKind,
    pub(super) reference: RecordReference,
    pub(super) product: Option<Product>,
}

/// New prices of a product, by what each is for.
pub(super) type Amounts = Vec<(u64, Decimal)>;

/// What a feed would do, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pub(super) changes: Changes,
    /// Records that say all about a product.
    pub(super) complete: u64,
    /// Sum over everything that it changes, whatever the order.
    plan: u128,
    /// New titles of products that had another one, by how many get it.
    titles: HashMap<u32, u32>,
    /// Products whose prices change, with the new ones.
    priced: Vec<(i64, Amounts)>,
    /// Products of which nobody knows what they were, with what they become.
    unknown: Vec<(RecordReference, Facts, Amounts)>,
    /// How prices move, of those that were looked up.
    pub(super) moves: Moves,
    samples: Vec<Sample>,
    /// Which codes say that a product cannot be had.
    unavailable: Unavailable,
}

impl Watch {
    pub(super) fn new(unavailable: Unavailable) -> Self {
        Self { unavailable, ..Self::default() }
    }

    /// What the guard compares of a product.
    pub(super) fn facts(&self, product: &Product) -> Facts {
        let (availability, status) = (&product.availability, &product.publishing_status);
        let says_no = self.unavailable.has(availability.as_deref(), status.as_deref());
        Facts::of(product, !says_no && product.stock != Some(0))
    }

    /// A product becomes this; `before` is what was known of it.
    pub(super) fn stages(
        &mut self,
        product: &Product,
        before: Option<&KnownProduct>,
        after: (Fingerprint, Facts),
        digest: Digest,
    ) {
        self.add_to_plan(digest, before, Some(after.0));
        let Some(before) = before else {
            self.changes.created += 1;
            self.sample(ChangeKind::Created, product);
            return;
        };
        self.changes.updated += 1;
        self.changes.revived += u64::from(before.withdrawn);
        let (was, is) = (before.facts, after.1);
        if before.withdrawn {
            self.sample(ChangeKind::Updated, product);
        } else if !was.are_known() {
            if self.unknown.len() < UNKNOWN_MAX {
                self.unknown.push((product.reference.clone(), is, amounts(&product.prices)));
            }
            self.sample(ChangeKind::Updated, product);
        } else {
            let kind = self.compare(was, is);
            if was.prices() != is.prices() && self.priced.len() < PRICED_MAX {
                self.priced.push((before.product_id, amounts(&product.prices)));
            }
            self.sample(kind, product);
        }
    }

    /// A product goes.
    pub(super) fn withdraws(
        &mut self,
        reference: Option<&RecordReference>,
        before: &KnownProduct,
        digest: Digest,
    ) {
        self.add_to_plan(digest, Some(before), None);
        self.changes.withdrawn += 1;
        if let Some(reference) = reference.filter(|_| self.has_room(ChangeKind::Withdrawn)) {
            let (kind, reference) = (ChangeKind::Withdrawn, reference.clone());
            self.samples.push(Sample { kind, reference, product: None });
        }
    }

    /// Counts what facts say; gives back what the change is shown as.
    fn compare(&mut self, was: Facts, is: Facts) -> ChangeKind {
        let becomes_unavailable = was.is_available() && !is.is_available();
        let (price, title) = (was.prices() != is.prices(), was.title() != is.title());
        self.changes.unavailable += u64::from(becomes_unavailable);
        self.changes.prices += u64::from(price);
        if title && (self.titles.len() < TITLES_MAX || self.titles.contains_key(&is.title())) {
            *self.titles.entry(is.title()).or_default() += 1;
        }
        match (becomes_unavailable, price, title) {
            (true, ..) => ChangeKind::Unavailable,
            (_, true, _) => ChangeKind::Price,
            (.., true) => ChangeKind::Title,
            _ => ChangeKind::Updated,
        }
    }

    fn sample(&mut self, kind: ChangeKind, product: &Product) {
        if self.has_room(kind) {
            let (reference, product) = (product.reference.clone(), Some(product.clone()));
            self.samples.push(Sample { kind, reference, product });
        }
    }

    fn has_room(&self, kind: ChangeKind) -> bool {
        self.samples.len() < SAMPLES_MAX * ChangeKind::ALL.len()
            && self.samples.iter().filter(|sample| sample.kind == kind).count() < SAMPLES_MAX
    }

    /// Adds a change to the sum that tells one plan from another: which product, from what, to what.
    fn add_to_plan(&mut self, digest: Digest, before: Option<&KnownProduct>, after: Option<Fingerprint>) {
        const ODD: [u128; 2] =
            [0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835, 0xc2b2_ae3d_27d4_eb4f_1656_67b1_9e37_79f9];
        let before = before.filter(|before| !before.withdrawn).map(|before| before.fingerprint);
        let [before, after] =
            [before, after].map(|print| print.map_or(0, |print| u128::from_le_bytes(print.0)));
        let mixed = before.wrapping_mul(ODD[0]).rotate_left(41) ^ after.wrapping_mul(ODD[1]).rotate_left(67);
        self.plan = self.plan.wrapping_add((digest.to_u128() ^ mixed).wrapping_mul(ODD[0]));
    }

    /// What it becomes of products whose facts nobody has stored, a few at a time: references, and what to call with
    /// the products as they stand.
    pub(super) fn take_unknown(&mut self, at_most: usize) -> Vec<(RecordReference, Facts, Amounts)> {
        let from = self.unknown.len().saturating_sub(at_most);
        self.unknown.split_off(from)
    }

    /// Compares a product whose facts nobody had stored.
    pub(super) fn compare_unknown(&mut self, stands: &Product, is: Facts, new: &Amounts, factor: Decimal) {
        let was = self.facts(stands);
        self.compare(was, is);
        if was.prices() != is.prices() && jumps(&stands.prices, new, factor) {
            self.changes.price_jumps += 1;
        }
    }

    /// Some of the products that have other prices than before, with the new ones.
    pub(super) fn take_priced(&mut self, at_most: usize) -> Vec<(i64, Amounts)> {
        let from = self.priced.len().saturating_sub(at_most);
        self.priced.split_off(from)
    }

    /// The samples, the gravest kind first.
    pub(super) fn take_samples(&mut self) -> Vec<Sample> {
        let mut samples = std::mem::take(&mut self.samples);
        samples.sort_by_key(|sample| sample.kind);
        samples
    }

    /// All is counted: how many products get the same title as others.
    pub(super) fn count_titles(&mut self) {
        let shared = self.titles.values().filter(|count| **count > 1);
        self.changes.same_titles = shared.map(|count| u64::from(*count)).sum();
    }

    /// Tells this plan from any other one: the bytes of the feed, and all that it changes, from what to what.
    pub(super) fn plan_digest(&self, feed: Option<&[u8; 32]>) -> String {
        let feed = feed.map_or(&[][..], |digest| digest);
        let counts = [self.changes.refused, self.changes.withdrawn].map(u64::to_le_bytes).concat();
        let whole = Digest::of(&[feed, &self.plan.to_le_bytes(), &counts].concat());
        format!("{:032x}", whole.to_u128())[..PLAN_DIGITS].to_owned()
    }
}

/// Digits of a plan's digest: short enough to be typed, long enough not to be met by accident.
const PLAN_DIGITS: usize = 12;

fn amounts(prices: &[Price]) -> Amounts {
    prices.iter().map(|price| (price_key(price), price.amount)).collect()
}

/// Whether a price goes up or down by more than a factor: one that is for the same as before, with no earlier amount
/// near.
pub(super) fn jumps(old: &[Price], new: &[(u64, Decimal)], factor: Decimal) -> bool {
    let old = amounts(old);
    new.iter().any(|(key, amount)| {
        let mut before = old.iter().filter(|(old, _)| old == key).map(|(_, before)| *before).peekable();
        before.peek().is_some() && before.all(|before| is_far(before, *amount, factor))
    })
}

fn is_far(before: Decimal, after: Decimal, factor: Decimal) -> bool {
    let [before, after] = [before.abs(), after.abs()];
    let (low, high) = if before < after { (before, after) } else { (after, before) };
    low.checked_mul(factor).is_some_and(|reach| high > reach)
}

/// What tests watch.
#[cfg(test)]
pub(super) mod testing {
    use super::Price;

    pub(in crate::import) fn price(kind: &str, amount: &str) -> Price {
        Price {
            kind: kind.to_owned(),
            qualifier: None,
            minimum_quantity: None,
            conditions: None,
            amount: amount.parse().expect("a number"),
            currency: "EUR".to_owned(),
            tax_code: None,
            tax_percent: None,
            territory: None,
            valid_from: None,
            valid_until: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::price;
    use super::*;
    use crate::store::RecordDate;

    #[track_caller]
    fn case(old: &[(&str, &str)], new: &[(&str, &str)], expected: bool) {
        let [old, new] =
            [old, new].map(|all| all.iter().map(|(kind, amount)| price(kind, amount)).collect::<Vec<_>>());
        assert_eq!(jumps(&old, &amounts(&new), Decimal::new(25, 1)), expected, "{old:?} {new:?}");
    }

    #[test]
    fn a_price_jumps_beyond_the_factor() {
        case(&[("02", "10")], &[("02", "25")], false);
        case(&[("02", "10")], &[("02", "25.01")], true);
        case(&[("02", "10")], &[("02", "4")], false);
        case(&[("02", "10")], &[("02", "3.99")], true);
        case(&[("02", "10")], &[("02", "0")], true);
        case(&[("02", "0")], &[("02", "0")], false);
        case(&[("02", "10")], &[("04", "100")], false);
        case(&[("02", "10"), ("02", "100")], &[("02", "100")], false);
        case(&[("02", "10"), ("04", "10")], &[("02", "10"), ("04", "99")], true);
        case(&[], &[("02", "100")], false);
    }

    fn product(key: &str, title: &str, amount: &str) -> Product {
        let reference = RecordReference::new(key).expect("a reference");
        let prices = vec![price("02", amount)];
        Product { title: title.to_owned(), prices, ..Product::new(reference) }
    }

    fn known(watch: &Watch, product: &Product) -> KnownProduct {
        KnownProduct {
            product_id: 1,
            fingerprint: Fingerprint::of(product),
            facts: watch.facts(product),
            changed: RecordDate::NONE,
            withdrawn: false,
            fresh: false,
            staged_in: 0,
            seen_in: 0,
        }
    }

    fn stage(watch: &mut Watch, old: &Product, new: &Product) {
        let before = known(watch, old);
        let after = (Fingerprint::of(new), watch.facts(new));
        watch.stages(new, Some(&before), after, Digest::of_reference(&new.reference));
    }

    #[test]
    fn what_changes_is_counted() {
        let codes = Unavailable { availability: vec!["40".to_owned()], ..Unavailable::default() };
        let mut watch = Watch::new(codes);
        let old = product("a", "Sonate", "10");
        stage(&mut watch, &old, &product("a", "Sonate", "11"));
        stage(&mut watch, &old, &Product { availability: Some("40".to_owned()), ..old.clone() });
        stage(&mut watch, &old, &Product { stock: Some(0), ..old.clone() });
        stage(&mut watch, &old, &product("a", "Trio", "10"));
        watch.count_titles();
        assert_eq!(watch.changes.same_titles, 0, "one product may get a title of its own");
        stage(&mut watch, &old, &product("b", "Trio", "10"));
        watch.count_titles();
        let Changes { updated, prices, unavailable, same_titles, .. } = watch.changes;
        assert_eq!((updated, prices, unavailable, same_titles), (5, 1, 2, 2));
    }

    #[test]
    fn a_plan_is_what_changes_in_whatever_order() {
        let [a, b] = ["a", "b"].map(|key| product(key, "Sonate", "10"));
        let [c, d] = ["a", "b"].map(|key| product(key, "Trio", "10"));
        let digest = |pairs: &[(&Product, &Product)]| {
            let mut watch = Watch::default();
            for (old, new) in pairs {
                stage(&mut watch, old, new);
            }
            watch.plan_digest(Some(&[7; 32]))
        };
        assert_eq!(digest(&[(&a, &c), (&b, &d)]), digest(&[(&b, &d), (&a, &c)]));
        let others = [digest(&[(&a, &c)]), digest(&[(&c, &a)]), digest(&[]), digest(&[(&b, &d)])];
        for (at, one) in others.iter().enumerate() {
            assert!(others[at + 1..].iter().all(|other| other != one), "{others:?}");
        }
    }

    #[test]
    fn watched_limits() {
        let mut watch = Watch::default();
        let old = product("a", "Sonate", "10");
        for number in 0..=SAMPLES_MAX {
            stage(&mut watch, &old, &product(&format!("p{number}"), "Sonate", "11"));
        }
        assert_eq!(watch.take_samples().len(), SAMPLES_MAX);
        watch.priced = vec![(1, Vec::new()); PRICED_MAX];
        stage(&mut watch, &old, &product("a", "Sonate", "12"));
        assert_eq!(watch.priced.len(), PRICED_MAX);
        watch.unknown = vec![(old.reference.clone(), Facts::default(), Vec::new()); UNKNOWN_MAX];
        let before = KnownProduct { facts: Facts::default(), ..known(&watch, &old) };
        let after = (Fingerprint([1; 16]), Facts::default());
        watch.stages(&old, Some(&before), after, Digest::of(b"a"));
        assert_eq!(watch.unknown.len(), UNKNOWN_MAX);
        watch.titles = (0..u32::try_from(TITLES_MAX).expect("fits")).map(|title| (title, 1)).collect();
        stage(&mut watch, &old, &product("a", "Quartett", "10"));
        assert_eq!(watch.titles.len(), TITLES_MAX);
    }
}
