//! The parts of a product that have no table of their own: one JSON object in `product.attributes`.

use crate::product::{Language, MediaLink, Product, RelatedProduct, Series, Subject, Text};
use serde::Serialize;

/// Lists of a product under the names that its fields have; empty ones are left out.
#[derive(Serialize)]
pub(super) struct Attributes<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    languages: &'a [Language],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    series: &'a [Series],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    texts: &'a [Text],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    media: &'a [MediaLink],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    subjects: &'a [Subject],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    related: &'a [RelatedProduct],
}

impl<'a> Attributes<'a> {
    pub(super) fn of(product: &'a Product) -> Self {
        Self {
            languages: &product.languages,
            series: &product.series,
            texts: &product.texts,
            media: &product.media,
            subjects: &product.subjects,
            related: &product.related,
        }
    }
}
