//! The parts of a product, by name, and sets of them.

use serde::Deserialize;
use std::fmt;

/// A part of a [`Product`](super::Product), as profiles name it: all but the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented at the product's field of that name")]
pub enum ProductField {
    EditionNumber,
    Title,
    Subtitle,
    Identifiers,
    Contributors,
    Instrumentation,
    Form,
    Binding,
    Languages,
    Series,
    Publisher,
    Imprint,
    Pages,
    Measurements,
    PublicationDate,
    PublishingStatus,
    Availability,
    Stock,
    Prices,
    UnpricedReason,
    Texts,
    Media,
    Subjects,
    Related,
}

impl ProductField {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::EditionNumber,
        Self::Title,
        Self::Subtitle,
        Self::Identifiers,
        Self::Contributors,
        Self::Instrumentation,
        Self::Form,
        Self::Binding,
        Self::Languages,
        Self::Series,
        Self::Publisher,
        Self::Imprint,
        Self::Pages,
        Self::Measurements,
        Self::PublicationDate,
        Self::PublishingStatus,
        Self::Availability,
        Self::Stock,
        Self::Prices,
        Self::UnpricedReason,
        Self::Texts,
        Self::Media,
        Self::Subjects,
        Self::Related,
    ];

    /// One of it, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EditionNumber => "edition number",
            Self::Title => "title",
            Self::Subtitle => "subtitle",
            Self::Identifiers => "identifier",
            Self::Contributors => "contributor",
            Self::Instrumentation => "instrumentation",
            Self::Form => "product form",
            Self::Binding => "binding",
            Self::Languages => "language",
            Self::Series => "series",
            Self::Publisher => "publisher",
            Self::Imprint => "imprint",
            Self::Pages => "number of pages",
            Self::Measurements => "measurement",
            Self::PublicationDate => "publication date",
            Self::PublishingStatus => "publishing status",
            Self::Availability => "availability",
            Self::Stock => "stock",
            Self::Prices => "price",
            Self::UnpricedReason => "reason for having no price",
            Self::Texts => "text",
            Self::Media => "media link",
            Self::Subjects => "subject",
            Self::Related => "related product",
        }
    }
}

/// A set of parts.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u32);

impl FieldSet {
    /// Puts a part in.
    pub fn insert(&mut self, field: ProductField) {
        self.0 |= 1 << field as u32;
    }

    /// Whether a part is in it.
    #[must_use]
    pub const fn contains(self, field: ProductField) -> bool {
        self.0 & (1 << field as u32) != 0
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<ProductField> for FieldSet {
    fn from_iter<I: IntoIterator<Item = ProductField>>(fields: I) -> Self {
        let mut set = Self::default();
        fields.into_iter().for_each(|field| set.insert(field));
        set
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(ProductField::ALL.iter().filter(|field| self.contains(**field))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_a_place_of_its_own() {
        let mut set = FieldSet::default();
        for field in ProductField::ALL {
            assert!(!set.contains(field), "{field:?}");
            set.insert(field);
            assert!(set.contains(field), "{field:?}");
        }
        assert_eq!(ProductField::ALL.into_iter().collect::<FieldSet>(), set);
    }
}
