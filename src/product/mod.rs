//! The target model: a product as the shop knows it. Depends on nothing of ours.

pub mod fingerprint;
pub mod identifier;
pub mod types;

pub use fingerprint::Fingerprint;
pub use identifier::{Identifier, IdentifierKind, RecordReference};
pub use types::{
    Contributor, Language, Measurements, MediaLink, Price, Product, RelatedProduct, Series, Subject, Text,
};
