//! Partial updates: what a change says replaces, what it does not say stays.

use super::types::{Measurements, Product};

impl Product {
    /// The product after a partial update.
    ///
    /// Absent stays as it is; a value replaces; a list with entries replaces the whole list. A list
    /// is never emptied and a value never removed this way: that takes a complete record.
    #[must_use]
    pub fn amend(base: Self, change: Self) -> Self {
        Self {
            reference: base.reference,
            edition_number: change.edition_number.or(base.edition_number),
            title: if change.title.is_empty() { base.title } else { change.title },
            subtitle: change.subtitle.or(base.subtitle),
            identifiers: list(base.identifiers, change.identifiers),
            contributors: list(base.contributors, change.contributors),
            instrumentation: change.instrumentation.or(base.instrumentation),
            form: change.form.or(base.form),
            binding: change.binding.or(base.binding),
            languages: list(base.languages, change.languages),
            series: list(base.series, change.series),
            publisher: change.publisher.or(base.publisher),
            imprint: change.imprint.or(base.imprint),
            pages: change.pages.or(base.pages),
            measurements: Measurements::amend(&base.measurements, &change.measurements),
            publication_date: change.publication_date.or(base.publication_date),
            publishing_status: change.publishing_status.or(base.publishing_status),
            availability: change.availability.or(base.availability),
            stock: change.stock.or(base.stock),
            prices: list(base.prices, change.prices),
            texts: list(base.texts, change.texts),
            media: list(base.media, change.media),
            subjects: list(base.subjects, change.subjects),
            related: list(base.related, change.related),
        }
    }
}

impl Measurements {
    fn amend(base: &Self, change: &Self) -> Self {
        Self {
            weight_g: change.weight_g.or(base.weight_g),
            height_mm: change.height_mm.or(base.height_mm),
            width_mm: change.width_mm.or(base.width_mm),
            thickness_mm: change.thickness_mm.or(base.thickness_mm),
        }
    }
}

fn list<T>(base: Vec<T>, change: Vec<T>) -> Vec<T> {
    if change.is_empty() { base } else { change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::types::Language;
    use crate::product::types::tests::example;

    fn empty() -> Product {
        Product::new(example().reference)
    }

    #[test]
    fn a_change_that_says_nothing_changes_nothing() {
        assert_eq!(Product::amend(example(), empty()), example());
    }

    #[test]
    fn what_the_change_says_replaces() {
        let language = Language { role: "01".into(), code: "lat".into() };
        let change = Product {
            title: "Fuge".into(),
            stock: Some(0),
            languages: vec![language.clone()],
            measurements: Measurements { width_mm: Some(231.into()), ..Measurements::default() },
            ..empty()
        };
        let amended = Product::amend(example(), change);
        assert_eq!((amended.title.as_str(), amended.stock), ("Fuge", Some(0)));
        assert_eq!(amended.languages, [language]);
        assert_eq!(amended.measurements.width_mm, Some(231.into()));
        assert_eq!(amended.measurements.weight_g, example().measurements.weight_g);
        assert_eq!(amended.prices, example().prices);
    }
}
