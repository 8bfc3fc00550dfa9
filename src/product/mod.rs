//! The target model: a product as the shop knows it. Depends on nothing of ours.
//!
//! `types` holds the product and its parts, `number` the check digits, `date` the calendar, [`markup`] what a page
//! can hold of a text;
//! [`Fingerprint`] tells whether two products are the same, [`Amendment`] replaces parts of one,
//! [`Facts`] are what a guard compares.

mod amend;
mod date;
mod facts;
mod field;
mod fingerprint;
mod identifier;
pub mod markup;
mod memory;
mod moment;
pub(crate) mod number;
mod types;

pub use amend::Amendment;
pub use date::{DateForm, DateValue, PartialDate};
pub use facts::{Facts, price_key};
pub use field::{FieldSet, ProductField};
pub use fingerprint::Fingerprint;
pub use identifier::{Identifier, IdentifierKind, RecordReference, SOURCE_CHARS_MAX};
pub use moment::moment;
pub use number::NumberError;
pub use types::{
    Contributor, Language, Measurements, MediaLink, Price, Product, RelatedProduct, Series, Subject, Text,
    TextFormat,
};
