//! Products of one source that have one number: EAN, ISBN and ISMN mean one product everywhere.
//!
//! ```text
//!  staged product ─▶ its numbers ─▶ nobody else has them, as far as is known ─▶ nothing to do
//!                                └▶ somebody may  ─▶ the database is asked who has them with this feed
//! ```
//!
//! What is known of numbers grows with what is staged. What the database holds beside is asked for by the numbers of a
//! feed; once that has cost as much, all of the source is read. It only ever says too much: a product may have
//! changed its number since, so the last word is the database's.
//!
//! Not looked at on a dry run, which stages nothing, and in a replay.

use super::feed::OpenFeed;
use super::rules;
use super::writer::Writer;
use crate::judgement::Finding;
use crate::product::Product;
use crate::store::{Digest, Known, NumbersOf, StoreError};
use std::collections::HashMap;

/// Numbers that are told one by one of one feed; the others are counted.
pub(super) const SHARED_TOLD_MAX: usize = 20;
/// Numbers that are asked for in one statement.
const ASKED_MAX: usize = 1_000;
/// One look for a few numbers costs as much as reading those of so many products.
const PRODUCTS_PER_LOOK: usize = 150;
/// So many numbers more cost as much as one look.
const NUMBERS_PER_LOOK: usize = 8;

/// The numbers of what a feed has staged, each with its product.
#[derive(Debug, Default)]
pub(super) struct Claims(Vec<(u64, Digest)>);

impl Claims {
    /// A product is staged.
    pub(super) fn add(&mut self, digest: Digest, product: &Product) {
        self.0.extend(product.identifiers.iter().filter_map(|each| Some((each.number()?, digest))));
    }
}

/// What is known of the numbers of a source.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// The product that has a number; `None` when several have or had it.
    holders: HashMap<u64, Option<Digest>, foldhash::fast::RandomState>,
    /// Products in the database whose numbers were not read.
    unread: usize,
    /// Looks that were taken for some of them.
    looks: usize,
}

impl Numbers {
    /// Nothing is known of the numbers of so many products.
    pub(super) fn unread(products: usize) -> Self {
        Self { unread: products, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.holders.len()
    }

    fn add(&mut self, (number, digest): (u64, Digest)) {
        let holder = self.holders.entry(number).or_insert(Some(digest));
        if *holder != Some(digest) {
            *holder = None;
        }
    }

    /// Whether to read the numbers of all products, once this look for some is paid for.
    fn is_worth_all(&mut self, numbers: usize) -> bool {
        self.looks += 1 + numbers / NUMBERS_PER_LOOK;
        self.looks * PRODUCTS_PER_LOOK >= self.unread
    }
}

impl Writer {
    /// What there is to tell of the numbers of products that a feed has staged, before it is applied.
    pub(super) async fn shared_numbers(&mut self, feed: &mut OpenFeed) -> Result<Vec<Finding>, StoreError> {
        let Claims(claims) = std::mem::take(&mut feed.claims);
        if claims.is_empty() || !self.plan.mode.writes() {
            return Ok(Vec::new());
        }
        self.read_numbers(&feed.source, &claims).await?;
        let numbers = self.sources.numbers(&feed.source);
        for claim in &claims {
            numbers.add(*claim);
        }
        let is_shared = |number: &u64| numbers.holders.get(number) == Some(&None);
        let mut suspects: Vec<u64> = claims.iter().map(|(number, _)| *number).filter(is_shared).collect();
        if suspects.is_empty() {
            return Ok(Vec::new());
        }
        suspects.sort_unstable();
        suspects.dedup();
        self.target.stage(&mut self.rows).await?;
        let mut found = Found::default();
        for some in suspects.chunks(ASKED_MAX) {
            let holders = self.target.holders(&feed.source, some).await?;
            let known = self.sources.of(&feed.source);
            for of_one in holders.chunk_by(|one, other| one.0 == other.0) {
                found.add(Standing::of(of_one, known, self.batch_number));
            }
        }
        Ok(found.told())
    }

    /// Learns who has the numbers of a feed, as far as the database knows and it is not known here.
    async fn read_numbers(&mut self, source: &str, claims: &[(u64, Digest)]) -> Result<(), StoreError> {
        let numbers = self.sources.numbers(source);
        if numbers.unread == 0 {
            return Ok(());
        }
        let live = if numbers.is_worth_all(claims.len()) {
            numbers.unread = 0;
            self.target.numbers(source, NumbersOf::All).await?
        } else {
            let mut wanted: Vec<u64> = claims.iter().map(|(number, _)| *number).collect();
            wanted.dedup();
            self.target.numbers(source, NumbersOf::These(&wanted)).await?
        };
        let numbers = self.sources.numbers(source);
        for holder in live {
            numbers.add(holder);
        }
        Ok(())
    }
}

/// The products that have one number, with this feed.
#[derive(Debug, Default)]
struct Standing<'a> {
    number: u64,
    /// Those that are sold, the first two.
    sold: Vec<&'a str>,
    sold_count: usize,
    /// One that this feed withdraws.
    gone: Option<&'a str>,
}

impl<'a> Standing<'a> {
    fn of(holders: &'a [(u64, String)], known: &Known, batch: u32) -> Self {
        let mut standing = Self { number: holders[0].0, ..Self::default() };
        for (_, reference) in holders {
            match known.products.get(&Digest::of(reference.as_bytes())) {
                Some(entry) if !entry.withdrawn => {
                    standing.sold_count += 1;
                    if standing.sold.len() < 2 {
                        standing.sold.push(reference);
                    }
                }
                Some(entry) if entry.staged_in == batch => standing.gone = Some(reference),
                _ => {}
            }
        }
        standing
    }
}

/// What is told of a feed's numbers.
#[derive(Debug, Default)]
struct Found {
    told: Vec<Finding>,
    shared_more: usize,
    changed_more: usize,
}

impl Found {
    fn add(&mut self, standing: Standing<'_>) {
        let Standing { number, sold, sold_count, gone } = standing;
        let is_full = self.told.len() >= SHARED_TOLD_MAX;
        match (sold.as_slice(), gone) {
            ([_, _], _) if is_full => self.shared_more += 1,
            ([one, other], _) => self.told.push(rules::identifier_shared(number, [one, other], sold_count)),
            ([_], Some(_)) if is_full => self.changed_more += 1,
            ([now], Some(before)) => self.told.push(rules::reference_changed(number, before, now)),
            _ => {}
        }
    }

    fn told(mut self) -> Vec<Finding> {
        self.told.extend((self.shared_more > 0).then(|| rules::more_identifiers_shared(self.shared_more)));
        self.told.extend((self.changed_more > 0).then(|| rules::more_references_changed(self.changed_more)));
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_two_holders_stays_suspect() {
        let mut numbers = Numbers::default();
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        for digest in [one, one] {
            numbers.add((7, digest));
        }
        assert_eq!(numbers.holders[&7], Some(one));
        for digest in [other, one, one] {
            numbers.add((7, digest));
            assert_eq!(numbers.holders[&7], None);
        }
    }

    #[test]
    fn all_numbers_are_read_when_looking_has_cost_as_much() {
        let looks = |products: usize, numbers: usize| {
            let mut known = Numbers::unread(products);
            (1..=10_000).find(|_| known.is_worth_all(numbers)).expect("it pays some time")
        };
        assert_eq!(looks(150, 2), 1);
        assert_eq!(looks(150_000, 2), 1_000);
        assert_eq!(looks(150_000, 8_000), 1);
        assert_eq!(looks(1_500_000, 792), 100);
    }
}
