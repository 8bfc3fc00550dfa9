//! What a guard compares of a product before and after, in 64 bits: cheap enough to remember of every product.

use super::types::{Price, Product};
use sha2::{Digest, Sha256};

/// Version of what is hashed; another one makes all that is stored unknown.
const FORM: u8 = 1;
/// Bits of each hash.
const HASH_BITS: u32 = 30;
const HASH_MASK: u64 = (1 << HASH_BITS) - 1;

/// Whether a product can be had, and hashes of its title and its prices.
///
/// Two facts are compared, never shown: that two titles share a hash by accident (once in a thousand million) makes a
/// count of a guard one too small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u64);

impl Facts {
    /// The facts of a product; whether it can be had is for its format to say.
    #[must_use]
    pub fn of(product: &Product, is_available: bool) -> Self {
        let known = 1 << 63;
        let form = u64::from(FORM) << 61;
        let available = u64::from(is_available) << 60;
        let title = hash(product.title.trim().as_bytes());
        Self(known | form | available | title << HASH_BITS | prices_hash(&product.prices))
    }

    /// As a column of the database holds it: the same 64 bits, signed.
    #[must_use]
    pub fn to_stored(self) -> i64 {
        self.0.cast_signed()
    }

    /// From a column of the database; `None` where there is nothing, or something that another version wrote.
    #[must_use]
    pub fn of_stored(stored: Option<i64>) -> Self {
        let bits = stored.unwrap_or(0).cast_unsigned();
        if bits >> 61 == 4 | u64::from(FORM) { Self(bits) } else { Self::default() }
    }

    /// Whether there are any.
    #[must_use]
    pub fn are_known(self) -> bool {
        self.0 != 0
    }

    /// Whether the product can be had.
    #[must_use]
    pub fn is_available(self) -> bool {
        self.0 >> 60 & 1 == 1
    }

    /// Equal titles have equal numbers.
    #[must_use]
    pub fn title(self) -> u32 {
        u32::try_from(self.0 >> HASH_BITS & HASH_MASK).unwrap_or_default()
    }

    /// Equal prices, in whatever order, have equal numbers.
    #[must_use]
    pub fn prices(self) -> u32 {
        u32::try_from(self.0 & HASH_MASK).unwrap_or_default()
    }
}

/// What a price is for: prices that share it can be compared by their amounts.
#[must_use]
pub fn price_key(price: &Price) -> u64 {
    hash(purpose(price).as_bytes())
}

/// Kind, qualifier, quantity, conditions, currency, territory.
fn purpose(price: &Price) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let quantity = price.minimum_quantity.unwrap_or(0);
    let Price { kind, qualifier, conditions, currency, territory, .. } = price;
    format!("{kind}\0{}\0{quantity}\0{}\0{currency}\0{}", text(qualifier), text(conditions), text(territory))
}

/// All prices with their amounts and validity, whatever their order.
fn prices_hash(prices: &[Price]) -> u64 {
    let one = |price: &Price| {
        let [from, until] =
            [&price.valid_from, &price.valid_until].map(|day| day.as_deref().unwrap_or_default());
        format!("{}\0{}\0{from}\0{until}", purpose(price), price.amount.normalize())
    };
    let mut each: Vec<String> = prices.iter().map(one).collect();
    each.sort_unstable();
    hash(each.join("\0\0").as_bytes())
}

/// The first bits of SHA-256.
fn hash(bytes: &[u8]) -> u64 {
    let digest = Sha256::digest(bytes);
    let (head, _) = digest.split_first_chunk::<8>().expect("a digest has 32 bytes");
    u64::from_le_bytes(*head) & HASH_MASK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::RecordReference;

    fn price(amount: &str, currency: &str) -> Price {
        Price {
            kind: "02".to_owned(),
            qualifier: None,
            minimum_quantity: None,
            conditions: None,
            amount: amount.parse().expect("a number"),
            currency: currency.to_owned(),
            tax_code: None,
            tax_percent: None,
            territory: None,
            valid_from: None,
            valid_until: None,
        }
    }

    fn facts(title: &str, prices: &[Price], is_available: bool) -> Facts {
        let reference = RecordReference::new("a").expect("a reference");
        let product = Product { title: title.to_owned(), prices: prices.to_vec(), ..Product::new(reference) };
        Facts::of(&product, is_available)
    }

    #[test]
    fn what_differs_is_told_apart() {
        let [euro, dollar] = [price("12.50", "EUR"), price("12.50", "USD")];
        let base = facts("Sonate", &[euro.clone(), dollar.clone()], true);
        let turned = facts(" Sonate ", &[dollar.clone(), price("12.5", "EUR")], true);
        assert_eq!(base, turned);
        assert_ne!(base.title(), facts("Trio", &[], true).title());
        assert_ne!(base.prices(), facts("Sonate", std::slice::from_ref(&euro), true).prices());
        assert_ne!(facts("", &[euro], true).prices(), facts("", &[dollar], true).prices());
        assert!(base.is_available() && !facts("Sonate", &[], false).is_available());
    }

    #[test]
    fn facts_survive_the_database() {
        let base = facts("Sonate", &[price("1", "EUR")], true);
        assert_eq!(Facts::of_stored(Some(base.to_stored())), base);
        assert!(base.are_known() && !Facts::of_stored(None).are_known());
        let of_another_form = base.to_stored() ^ 1 << 62;
        assert!(!Facts::of_stored(Some(of_another_form)).are_known());
    }
}
