//! Amendments: parts that are sent replace what is stored, all others stay.
//!
//! What *sent* means is the format's: in ONIX, whole blocks of a record (List 1, code 04: a block that is sent replaces
//! the stored one, so what it no longer has is gone); in a format without blocks, each part that says something.

use super::field::{FieldSet, ProductField};
use super::types::{Measurements, Product};

/// What an amendment sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The parts, as far as the record has them.
    pub change: Product,
    /// The parts that are replaced, also by nothing.
    pub sent: FieldSet,
}

impl Amendment {
    /// The product after it.
    #[must_use]
    pub fn of(self, base: Product) -> Product {
        let Self { mut change, sent } = self;
        let mut product = base;
        for field in ProductField::ALL {
            if sent.contains(field) {
                product.swap(field, &mut change);
            }
        }
        product
    }
}

impl Product {
    fn swap(&mut self, field: ProductField, other: &mut Self) {
        use ProductField as F;
        match field {
            F::EditionNumber => std::mem::swap(&mut self.edition_number, &mut other.edition_number),
            F::Title => std::mem::swap(&mut self.title, &mut other.title),
            F::Subtitle => std::mem::swap(&mut self.subtitle, &mut other.subtitle),
            F::Identifiers => std::mem::swap(&mut self.identifiers, &mut other.identifiers),
            F::Contributors => std::mem::swap(&mut self.contributors, &mut other.contributors),
            F::Instrumentation => std::mem::swap(&mut self.instrumentation, &mut other.instrumentation),
            F::Form => std::mem::swap(&mut self.form, &mut other.form),
            F::Binding => std::mem::swap(&mut self.binding, &mut other.binding),
            F::Languages => std::mem::swap(&mut self.languages, &mut other.languages),
            F::Series => std::mem::swap(&mut self.series, &mut other.series),
            F::Publisher => std::mem::swap(&mut self.publisher, &mut other.publisher),
            F::Imprint => std::mem::swap(&mut self.imprint, &mut other.imprint),
            F::Pages => std::mem::swap(&mut self.pages, &mut other.pages),
            F::Measurements => std::mem::swap(&mut self.measurements, &mut other.measurements),
            F::PublicationDate => std::mem::swap(&mut self.publication_date, &mut other.publication_date),
            F::PublishingStatus => std::mem::swap(&mut self.publishing_status, &mut other.publishing_status),
            F::Availability => std::mem::swap(&mut self.availability, &mut other.availability),
            F::Stock => std::mem::swap(&mut self.stock, &mut other.stock),
            F::Prices => std::mem::swap(&mut self.prices, &mut other.prices),
            F::UnpricedReason => std::mem::swap(&mut self.unpriced_reason, &mut other.unpriced_reason),
            F::Texts => std::mem::swap(&mut self.texts, &mut other.texts),
            F::Media => std::mem::swap(&mut self.media, &mut other.media),
            F::Subjects => std::mem::swap(&mut self.subjects, &mut other.subjects),
            F::Related => std::mem::swap(&mut self.related, &mut other.related),
        }
    }

    /// Whether a part says something.
    fn says(&self, field: ProductField) -> bool {
        use ProductField as F;
        match field {
            F::EditionNumber => self.edition_number.is_some(),
            F::Title => !self.title.is_empty(),
            F::Subtitle => self.subtitle.is_some(),
            F::Identifiers => !self.identifiers.is_empty(),
            F::Contributors => !self.contributors.is_empty(),
            F::Instrumentation => self.instrumentation.is_some(),
            F::Form => self.form.is_some(),
            F::Binding => self.binding.is_some(),
            F::Languages => !self.languages.is_empty(),
            F::Series => !self.series.is_empty(),
            F::Publisher => self.publisher.is_some(),
            F::Imprint => self.imprint.is_some(),
            F::Pages => self.pages.is_some(),
            F::Measurements => self.measurements != Measurements::default(),
            F::PublicationDate => self.publication_date.is_some(),
            F::PublishingStatus => self.publishing_status.is_some(),
            F::Availability => self.availability.is_some(),
            F::Stock => self.stock.is_some(),
            F::Prices => !self.prices.is_empty(),
            F::UnpricedReason => self.unpriced_reason.is_some(),
            F::Texts => !self.texts.is_empty(),
            F::Media => !self.media.is_empty(),
            F::Subjects => !self.subjects.is_empty(),
            F::Related => !self.related.is_empty(),
        }
    }

    /// The parts that say something.
    #[must_use]
    pub fn said(&self) -> FieldSet {
        ProductField::ALL.into_iter().filter(|field| self.says(*field)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::types::tests::example;

    fn empty() -> Product {
        Product::new(example().reference)
    }

    fn amended(change: Product, sent: FieldSet) -> Product {
        Amendment { change, sent }.of(example())
    }

    #[test]
    fn the_example_says_something_of_every_part() {
        assert_eq!(example().said(), ProductField::ALL.into_iter().collect());
        assert_eq!(empty().said(), FieldSet::default());
    }

    #[test]
    fn a_part_is_replaced_when_it_is_sent_and_only_then() {
        for field in ProductField::ALL {
            let sent: FieldSet = [field].into_iter().collect();
            let taken_out = amended(empty(), sent);
            for each in ProductField::ALL {
                assert_eq!(taken_out.says(each), each != field, "{each:?} after {field:?} was taken out");
            }
            let put_back = Amendment { change: example(), sent }.of(taken_out);
            assert_eq!(put_back, example(), "{field:?}");
        }
        assert_eq!(amended(empty(), FieldSet::default()), example());
    }

    #[test]
    fn the_reference_stays() {
        let other =
            Product { reference: super::super::RecordReference::new("b").expect("not empty"), ..empty() };
        assert_eq!(amended(other, ProductField::ALL.into_iter().collect()).reference, example().reference);
    }
}
