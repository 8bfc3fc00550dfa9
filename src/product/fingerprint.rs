//! Canonical hash of a product: equal products, equal fingerprints.
//!
//! Every field goes in under the same rules, in the order of [`Product`]'s declaration, so that no two
//! products share a form: texts carry their length, options a mark, lists their count. What carries no
//! meaning does not count: the order of identifiers, languages, subjects, prices, and the trailing
//! zeros of a decimal.
//!
//! A stored fingerprint decides whether a product is written again. [`FORM`] is part of it: whoever
//! changes the form on purpose raises the number, and every product is written once more.

use super::identifier::{Identifier, IdentifierKind};
use super::types::{
    Contributor, Language, Measurements, MediaLink, Price, Product, RelatedProduct, Series, Subject, Text,
};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use std::fmt;

/// Version of the canonical form.
const FORM: u8 = 2;

/// SHA-256 over the canonical form, cut to 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fingerprint {
    /// The fingerprint of a product.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        let mut form = Form(Vec::with_capacity(4096));
        form.0.push(FORM);
        form.product(product);
        let digest = Sha256::digest(&form.0);
        Self(std::array::from_fn(|index| digest[index]))
    }
}

/// The canonical form as bytes.
struct Form(Vec<u8>);

impl Form {
    fn product(&mut self, product: &Product) {
        self.text(product.reference.as_str());
        self.optional(product.edition_number.as_deref());
        self.text(&product.title);
        self.optional(product.subtitle.as_deref());
        self.list(sorted(&product.identifiers), Self::identifier);
        self.list(by_sequence(&product.contributors), Self::contributor);
        self.optional(product.instrumentation.as_deref());
        self.optional(product.form.as_deref());
        self.optional(product.binding.as_deref());
        self.list(sorted(&product.languages), Self::language);
        self.list(product.series.iter(), Self::series);
        self.optional(product.publisher.as_deref());
        self.optional(product.imprint.as_deref());
        self.option(product.pages, |form, pages| form.bytes(&pages.to_le_bytes()));
        self.measurements(&product.measurements);
        self.optional(product.publication_date.as_deref());
        self.optional(product.publishing_status.as_deref());
        self.optional(product.availability.as_deref());
        self.option(product.stock, |form, stock| form.bytes(&stock.to_le_bytes()));
        self.list(by_validity(&product.prices), Self::price);
        self.optional(product.unpriced_reason.as_deref());
        self.list(by_kind(&product.texts), Self::description);
        self.list(product.media.iter(), Self::media);
        self.list(by_scheme(&product.subjects), Self::subject);
        self.list(by_relation(&product.related), Self::related);
    }

    fn identifier(&mut self, identifier: &Identifier) {
        self.0.push(number_of(identifier.kind));
        self.text(&identifier.value);
    }

    fn contributor(&mut self, contributor: &Contributor) {
        self.bytes(&contributor.sequence.to_le_bytes());
        self.text(&contributor.role);
        self.text(&contributor.name);
        self.optional(contributor.sort_name.as_deref());
        self.optional(contributor.born.as_deref());
        self.optional(contributor.died.as_deref());
    }

    fn language(&mut self, language: &Language) {
        self.text(&language.role);
        self.text(&language.code);
    }

    fn series(&mut self, series: &Series) {
        self.text(&series.title);
        self.optional(series.number.as_deref());
    }

    fn measurements(&mut self, measurements: &Measurements) {
        let Measurements { weight_g, height_mm, width_mm, thickness_mm } = measurements;
        for value in [weight_g, height_mm, width_mm, thickness_mm] {
            self.option(*value, Self::decimal);
        }
    }

    fn price(&mut self, price: &Price) {
        self.text(&price.kind);
        self.optional(price.qualifier.as_deref());
        self.option(price.minimum_quantity, |form, quantity| form.bytes(&quantity.to_le_bytes()));
        self.optional(price.conditions.as_deref());
        self.decimal(price.amount);
        self.text(&price.currency);
        self.optional(price.tax_code.as_deref());
        self.option(price.tax_percent, Self::decimal);
        self.optional(price.territory.as_deref());
        self.optional(price.valid_from.as_deref());
        self.optional(price.valid_until.as_deref());
    }

    fn description(&mut self, text: &Text) {
        self.text(&text.kind);
        self.optional(text.language.as_deref());
        self.0.push(text.format as u8);
        self.text(&text.text);
    }

    fn media(&mut self, media: &MediaLink) {
        self.text(&media.kind);
        self.text(&media.url);
    }

    fn subject(&mut self, subject: &Subject) {
        self.text(&subject.scheme);
        self.optional(subject.code.as_deref());
        self.optional(subject.heading.as_deref());
    }

    fn related(&mut self, related: &RelatedProduct) {
        self.text(&related.relation);
        self.identifier(&related.identifier);
    }

    fn decimal(&mut self, value: Decimal) {
        self.bytes(&value.normalize().serialize());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.option(text, Self::text);
    }

    fn option<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    fn list<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T, IntoIter: ExactSizeIterator>,
        put: impl Fn(&mut Self, &'a T),
    ) {
        let items = items.into_iter();
        self.count(items.len());
        items.for_each(|item| put(self, item));
    }

    fn count(&mut self, count: usize) {
        // Eight bytes on every machine.
        self.bytes(&(count as u64).to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// A number of its own, so that a new kind in the middle of the enumeration changes nothing.
const fn number_of(kind: IdentifierKind) -> u8 {
    match kind {
        IdentifierKind::Proprietary => 1,
        IdentifierKind::Gtin13 => 2,
        IdentifierKind::Isbn13 => 3,
        IdentifierKind::Isbn10 => 4,
        IdentifierKind::Ismn => 5,
        IdentifierKind::Doi => 6,
        IdentifierKind::Other => 7,
    }
}

fn sorted<T: Ord>(items: &[T]) -> Vec<&T> {
    by(items, |item| item)
}

fn by_sequence(items: &[Contributor]) -> Vec<&Contributor> {
    by(items, |item| (item.sequence, &item.role, &item.name))
}

fn by_validity(items: &[Price]) -> Vec<&Price> {
    by(items, |item| {
        let Price { kind, qualifier, minimum_quantity, conditions, currency, territory, .. } = item;
        let holds_for = (kind, qualifier, minimum_quantity, conditions, currency, territory);
        (holds_for, &item.valid_from, &item.valid_until, item.amount)
    })
}

fn by_kind(items: &[Text]) -> Vec<&Text> {
    by(items, |item| (&item.kind, &item.language))
}

fn by_scheme(items: &[Subject]) -> Vec<&Subject> {
    by(items, |item| (&item.scheme, &item.code, &item.heading))
}

fn by_relation(items: &[RelatedProduct]) -> Vec<&RelatedProduct> {
    by(items, |item| (&item.relation, &item.identifier))
}

/// The items in the order of a key; equal keys stay as they came.
fn by<'a, T, K: Ord>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut items: Vec<&T> = items.iter().collect();
    items.sort_by_key(|item| key(item));
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::TextFormat;
    use crate::product::types::tests::example;

    #[track_caller]
    fn case(change: impl FnOnce(&mut Product), same: bool) {
        let mut product = example();
        change(&mut product);
        assert_eq!(Fingerprint::of(&product) == Fingerprint::of(&example()), same, "{product:?}");
    }

    /// Stored fingerprints hold as long as this one does.
    #[test]
    fn the_form_does_not_change_by_accident() {
        assert_eq!(Fingerprint::of(&example()).to_string(), "bec1a23ff65341068896da577d953b2c");
    }

    #[test]
    fn order_without_meaning_does_not_count() {
        case(|p| p.identifiers.reverse(), true);
        case(|p| p.contributors.reverse(), true);
        case(|p| p.languages.reverse(), true);
        case(|p| p.prices.reverse(), true);
        case(|p| p.subjects.reverse(), true);
        case(|p| p.measurements.width_mm = Some(Decimal::new(22500, 2)), true);
    }

    #[test]
    fn every_change_of_meaning_counts() {
        case(|p| p.title.push('!'), false);
        case(|p| p.subtitle = None, false);
        case(|p| p.subtitle = Some(String::new()), false);
        case(|p| p.contributors.swap(0, 1), true);
        case(|p| p.contributors[0].sequence = 3, false);
        case(|p| p.prices[0].amount += Decimal::new(1, 2), false);
        case(|p| p.prices[0].qualifier = Some("06".into()), false);
        case(|p| p.prices[0].minimum_quantity = None, false);
        case(|p| p.prices[0].conditions = None, false);
        case(|p| p.unpriced_reason = None, false);
        case(|p| p.stock = Some(65), false);
        case(|p| p.pages = None, false);
        case(|p| std::mem::swap(&mut p.publisher, &mut p.imprint), false);
        case(|p| p.languages.truncate(1), false);
        case(|p| p.texts[0].text.push(' '), false);
        case(|p| p.texts[0].format = TextFormat::Html, false);
        case(|p| p.related[0].identifier.kind = IdentifierKind::Ismn, false);
    }
}
