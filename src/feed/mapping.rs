//! Which part of a record becomes which part of a product: data, read from the profile.
//!
//! A single field is a [`Value`]; a list is `each`, the elements it is made from, and values seen from
//! each of them. The type parameter is that of [`Value`]: names while loading, keys once bound. What
//! the texts are turned into is code and stands in `crate::map`.

use super::path::{Path, Value, Word};
use super::vocabulary::{Key, Vocabulary};
use crate::product::{FieldSet, IdentifierKind, ProductField, TextFormat};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Sources of the fields of a product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct Mapping<N = Key> {
    /// Fields without which a record is not complete.
    #[serde(default)]
    pub required: Vec<ProductField>,
    /// The publisher's edition number.
    pub edition_number: Option<Value<N>>,
    /// Title.
    pub title: Option<Value<N>>,
    /// Subtitle.
    pub subtitle: Option<Value<N>>,
    /// Instrumentation in words.
    pub instrumentation: Option<Value<N>>,
    /// Kind of edition or product form.
    pub form: Option<Value<N>>,
    /// Form or binding in words.
    pub binding: Option<Value<N>>,
    /// Publisher.
    pub publisher: Option<Value<N>>,
    /// Imprint.
    pub imprint: Option<Value<N>>,
    /// Number of pages.
    pub pages: Option<Value<N>>,
    /// Publication date.
    pub publication_date: Option<Value<N>>,
    /// Publishing status.
    pub publishing_status: Option<Value<N>>,
    /// Availability.
    pub availability: Option<Value<N>>,
    /// Pieces on hand.
    pub stock: Option<Value<N>>,
    /// Why there is no price; counts for nothing where there is one.
    pub unpriced_reason: Option<Value<N>>,
    /// Identifiers, one rule per kind of place they stand in.
    #[serde(default = "Vec::new")]
    pub identifiers: Vec<IdentifierRule<N>>,
    /// Contributors.
    #[serde(default = "Vec::new")]
    pub contributors: Vec<ContributorRule<N>>,
    /// Languages.
    #[serde(default = "Vec::new")]
    pub languages: Vec<LanguageRule<N>>,
    /// Series.
    #[serde(default = "Vec::new")]
    pub series: Vec<SeriesRule<N>>,
    /// Weight and dimensions.
    #[serde(default = "Vec::new")]
    pub measurements: Vec<MeasurementRule<N>>,
    /// Prices.
    #[serde(default = "Vec::new")]
    pub prices: Vec<PriceRule<N>>,
    /// Texts.
    #[serde(default = "Vec::new")]
    pub texts: Vec<TextRule<N>>,
    /// Media links.
    #[serde(default = "Vec::new")]
    pub media: Vec<MediaRule<N>>,
    /// Subjects.
    #[serde(default = "Vec::new")]
    pub subjects: Vec<SubjectRule<N>>,
    /// Related products.
    #[serde(default = "Vec::new")]
    pub related: Vec<RelatedRule<N>>,
}

/// Sources of product numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct IdentifierRule<N = Key> {
    /// The elements that hold one number each.
    pub each: Path<N>,
    /// The scheme's code.
    pub scheme: Value<N>,
    /// The number.
    pub value: Value<N>,
    /// What the codes mean; a code that is not listed is some other scheme.
    pub kinds: BTreeMap<String, IdentifierKind>,
    /// What numbers of a scheme begin with, by its code: for schemes that are two forms of one number.
    #[serde(default)]
    pub begins: BTreeMap<String, String>,
}

/// Sources of contributors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct ContributorRule<N = Key> {
    /// The elements that describe one contributor each.
    pub each: Path<N>,
    /// Position in the list; the order of the feed where it says nothing.
    pub sequence: Option<Value<N>>,
    /// Roles; a contributor with two becomes two entries.
    pub role: Value<N>,
    /// Name for display.
    pub name: Value<N>,
    /// Name for sorting.
    pub sort_name: Option<Value<N>>,
    /// Year of birth.
    pub born: Option<Value<N>>,
    /// Year of death.
    pub died: Option<Value<N>>,
}

/// Sources of languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct LanguageRule<N = Key> {
    /// The elements that name one language each.
    pub each: Path<N>,
    /// What it is the language of.
    pub role: Value<N>,
    /// The language.
    pub code: Value<N>,
}

/// Sources of series.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct SeriesRule<N = Key> {
    /// The elements that name one series each.
    pub each: Path<N>,
    /// Title of the series.
    pub title: Value<N>,
    /// Number within it.
    pub number: Option<Value<N>>,
}

/// Sources of weight and dimensions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct MeasurementRule<N = Key> {
    /// The elements that hold one measurement each.
    pub each: Path<N>,
    /// What is measured.
    pub kind: Value<N>,
    /// The number.
    pub value: Value<N>,
    /// Its unit.
    pub unit: Value<N>,
    /// What the codes of `kind` mean; others are left alone.
    pub kinds: BTreeMap<String, Measured>,
    /// What the codes of `unit` mean.
    pub units: BTreeMap<String, Unit>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Weight.
    Weight,
    /// Height.
    Height,
    /// Width.
    Width,
    /// Thickness.
    Thickness,
}

/// A unit of weight or length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Gram.
    #[serde(rename = "g")]
    Gram,
    /// Kilogram.
    #[serde(rename = "kg")]
    Kilogram,
    /// Avoirdupois ounce.
    #[serde(rename = "oz")]
    Ounce,
    /// Avoirdupois pound.
    #[serde(rename = "lb")]
    Pound,
    /// Millimetre.
    #[serde(rename = "mm")]
    Millimetre,
    /// Centimetre.
    #[serde(rename = "cm")]
    Centimetre,
    /// Inch.
    #[serde(rename = "in")]
    Inch,
}

/// Sources of prices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct PriceRule<N = Key> {
    /// The elements that hold one price each.
    pub each: Path<N>,
    /// Kind of price; the header's where it says nothing.
    pub kind: Value<N>,
    /// Whom it is for.
    pub qualifier: Option<Value<N>>,
    /// Copies of one order from which on it holds.
    pub minimum_quantity: Option<Value<N>>,
    /// The elements that hold one condition each.
    pub conditions: Option<Path<N>>,
    /// Amount.
    pub amount: Value<N>,
    /// Currency; the header's where it says nothing.
    pub currency: Value<N>,
    /// Tax rate code.
    pub tax_code: Option<Value<N>>,
    /// Tax rate in percent.
    pub tax_percent: Option<Value<N>>,
    /// Countries or regions.
    pub territory: Option<Value<N>>,
    /// First day of validity.
    pub valid_from: Option<Value<N>>,
    /// Last day of validity.
    pub valid_until: Option<Value<N>>,
}

/// Sources of texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct TextRule<N = Key> {
    /// The elements whose content is one text each; markup is kept.
    pub each: Path<N>,
    /// Kind of text.
    pub kind: Value<N>,
    /// Its language.
    pub language: Option<Value<N>>,
    /// The code of its format; without one it is plain, or XHTML where it has elements in it.
    pub format: Option<Value<N>>,
    /// What the codes mean; one that is not listed means plain.
    #[serde(default)]
    pub formats: BTreeMap<String, TextFormat>,
}

/// Sources of media links.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct MediaRule<N = Key> {
    /// The elements that hold one link each.
    pub each: Path<N>,
    /// Kind of media.
    pub kind: Value<N>,
    /// The URL.
    pub url: Value<N>,
}

/// Sources of subjects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct SubjectRule<N = Key> {
    /// The elements that hold one subject each.
    pub each: Path<N>,
    /// The scheme.
    pub scheme: Value<N>,
    /// Code within it.
    pub code: Option<Value<N>>,
    /// Heading in words.
    pub heading: Option<Value<N>>,
}

/// Sources of related products.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "Value<N>: Deserialize<'de>, Path<N>: Deserialize<'de>"))]
pub struct RelatedRule<N = Key> {
    /// The elements that hold one number of another product each.
    pub each: Path<N>,
    /// Relations; a product in two becomes two entries.
    pub relation: Value<N>,
    /// The scheme's code.
    pub scheme: Value<N>,
    /// The number; its check digit is the other record's business.
    pub value: Value<N>,
    /// What the scheme codes mean.
    pub kinds: BTreeMap<String, IdentifierKind>,
}

impl Mapping {
    /// The parts of a product that records can fill.
    #[must_use]
    pub fn mapped(&self) -> FieldSet {
        use ProductField as F;
        let parts = [
            (F::EditionNumber, self.edition_number.is_some()),
            (F::Title, self.title.is_some()),
            (F::Subtitle, self.subtitle.is_some()),
            (F::Identifiers, !self.identifiers.is_empty()),
            (F::Contributors, !self.contributors.is_empty()),
            (F::Instrumentation, self.instrumentation.is_some()),
            (F::Form, self.form.is_some()),
            (F::Binding, self.binding.is_some()),
            (F::Languages, !self.languages.is_empty()),
            (F::Series, !self.series.is_empty()),
            (F::Publisher, self.publisher.is_some()),
            (F::Imprint, self.imprint.is_some()),
            (F::Pages, self.pages.is_some()),
            (F::Measurements, !self.measurements.is_empty()),
            (F::PublicationDate, self.publication_date.is_some()),
            (F::PublishingStatus, self.publishing_status.is_some()),
            (F::Availability, self.availability.is_some()),
            (F::Stock, self.stock.is_some()),
            (F::Prices, !self.prices.is_empty()),
            (F::UnpricedReason, self.unpriced_reason.is_some()),
            (F::Texts, !self.texts.is_empty()),
            (F::Media, !self.media.is_empty()),
            (F::Subjects, !self.subjects.is_empty()),
            (F::Related, !self.related.is_empty()),
        ];
        parts.into_iter().filter(|(_, mapped)| *mapped).map(|(field, _)| field).collect()
    }
}

impl Mapping<Word> {
    /// The mapping over the keys of a vocabulary.
    #[must_use]
    pub fn bind(self, words: &mut Vocabulary) -> Mapping {
        Mapping {
            required: self.required,
            edition_number: optional(self.edition_number, words),
            title: optional(self.title, words),
            subtitle: optional(self.subtitle, words),
            instrumentation: optional(self.instrumentation, words),
            form: optional(self.form, words),
            binding: optional(self.binding, words),
            publisher: optional(self.publisher, words),
            imprint: optional(self.imprint, words),
            pages: optional(self.pages, words),
            publication_date: optional(self.publication_date, words),
            publishing_status: optional(self.publishing_status, words),
            availability: optional(self.availability, words),
            stock: optional(self.stock, words),
            unpriced_reason: optional(self.unpriced_reason, words),
            identifiers: list(self.identifiers, words, IdentifierRule::bind),
            contributors: list(self.contributors, words, ContributorRule::bind),
            languages: list(self.languages, words, LanguageRule::bind),
            series: list(self.series, words, SeriesRule::bind),
            measurements: list(self.measurements, words, MeasurementRule::bind),
            prices: list(self.prices, words, PriceRule::bind),
            texts: list(self.texts, words, TextRule::bind),
            media: list(self.media, words, MediaRule::bind),
            subjects: list(self.subjects, words, SubjectRule::bind),
            related: list(self.related, words, RelatedRule::bind),
        }
    }
}

fn optional(value: Option<Value<Word>>, words: &mut Vocabulary) -> Option<Value> {
    value.map(|value| value.bind(words))
}

fn list<A, B>(rules: Vec<A>, words: &mut Vocabulary, bind: fn(A, &mut Vocabulary) -> B) -> Vec<B> {
    rules.into_iter().map(|rule| bind(rule, words)).collect()
}

impl IdentifierRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> IdentifierRule {
        IdentifierRule {
            each: self.each.bind(words),
            scheme: self.scheme.bind(words),
            value: self.value.bind(words),
            kinds: self.kinds,
            begins: self.begins,
        }
    }
}

impl ContributorRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> ContributorRule {
        ContributorRule {
            each: self.each.bind(words),
            sequence: optional(self.sequence, words),
            role: self.role.bind(words),
            name: self.name.bind(words),
            sort_name: optional(self.sort_name, words),
            born: optional(self.born, words),
            died: optional(self.died, words),
        }
    }
}

impl LanguageRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> LanguageRule {
        LanguageRule { each: self.each.bind(words), role: self.role.bind(words), code: self.code.bind(words) }
    }
}

impl SeriesRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> SeriesRule {
        SeriesRule {
            each: self.each.bind(words),
            title: self.title.bind(words),
            number: optional(self.number, words),
        }
    }
}

impl MeasurementRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> MeasurementRule {
        MeasurementRule {
            each: self.each.bind(words),
            kind: self.kind.bind(words),
            value: self.value.bind(words),
            unit: self.unit.bind(words),
            kinds: self.kinds,
            units: self.units,
        }
    }
}

impl PriceRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> PriceRule {
        PriceRule {
            each: self.each.bind(words),
            kind: self.kind.bind(words),
            qualifier: optional(self.qualifier, words),
            minimum_quantity: optional(self.minimum_quantity, words),
            conditions: self.conditions.map(|path| path.bind(words)),
            amount: self.amount.bind(words),
            currency: self.currency.bind(words),
            tax_code: optional(self.tax_code, words),
            tax_percent: optional(self.tax_percent, words),
            territory: optional(self.territory, words),
            valid_from: optional(self.valid_from, words),
            valid_until: optional(self.valid_until, words),
        }
    }
}

impl TextRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> TextRule {
        TextRule {
            each: self.each.bind(words),
            kind: self.kind.bind(words),
            language: optional(self.language, words),
            format: optional(self.format, words),
            formats: self.formats,
        }
    }
}

impl MediaRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> MediaRule {
        MediaRule { each: self.each.bind(words), kind: self.kind.bind(words), url: self.url.bind(words) }
    }
}

impl SubjectRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> SubjectRule {
        SubjectRule {
            each: self.each.bind(words),
            scheme: self.scheme.bind(words),
            code: optional(self.code, words),
            heading: optional(self.heading, words),
        }
    }
}

impl RelatedRule<Word> {
    fn bind(self, words: &mut Vocabulary) -> RelatedRule {
        RelatedRule {
            each: self.each.bind(words),
            relation: self.relation.bind(words),
            scheme: self.scheme.bind(words),
            value: self.value.bind(words),
            kinds: self.kinds,
        }
    }
}
