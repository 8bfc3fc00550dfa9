//! How much memory products take: what waits for a reader is bounded by that.

use super::types::{Contributor, Language, MediaLink, Price, Product, RelatedProduct, Series, Subject, Text};
use super::{Identifier, RecordReference};

/// Bytes of memory beside the value itself, near enough.
trait Heap {
    fn heap(&self) -> usize;
}

impl Heap for String {
    fn heap(&self) -> usize {
        self.capacity()
    }
}

impl Heap for RecordReference {
    fn heap(&self) -> usize {
        self.as_str().len()
    }
}

impl<T: Heap> Heap for Option<T> {
    fn heap(&self) -> usize {
        self.as_ref().map_or(0, Heap::heap)
    }
}

impl<T: Heap> Heap for Vec<T> {
    fn heap(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Heap::heap).sum::<usize>()
    }
}

/// The fields that take some.
macro_rules! heap {
    ($($type:ty: $($field:ident),+;)+) => {
        $(impl Heap for $type {
            fn heap(&self) -> usize {
                [$(self.$field.heap()),+].iter().sum()
            }
        })+
    };
}

heap! {
    Identifier: value;
    Contributor: role, name, sort_name, born, died;
    Language: role, code;
    Series: title, number;
    Price: kind, qualifier, conditions, currency, tax_code, territory, valid_from, valid_until;
    Text: kind, language, text;
    MediaLink: kind, url;
    Subject: scheme, code, heading;
    RelatedProduct: relation, identifier;
    Product: reference, edition_number, title, subtitle, identifiers, contributors, instrumentation, form, binding,
        languages, series, publisher, imprint, publication_date, publishing_status, availability, prices,
        unpriced_reason, texts, media, subjects, related;
}

impl Product {
    /// Bytes of memory it takes beside itself, near enough.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.heap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_product_holds_counts_wherever_it_stands() {
        let mut product = Product::new(RecordReference::new("a").expect("a reference"));
        let bare = product.heap_bytes();
        assert_eq!(bare, 1);
        product.subtitle = Some("x".repeat(1_000));
        let subject = Subject { scheme: "y".repeat(500), code: None, heading: None };
        product.subjects = vec![subject];
        let expected = bare + 1_500 + size_of::<Subject>();
        assert_eq!(product.heap_bytes(), expected);
    }
}
