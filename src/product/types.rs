//! [`Product`] and its parts, in canonical order.

use super::identifier::{Identifier, RecordReference};
use super::markup;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One product of the catalogue, as the shop database holds it.
///
/// Codes (roles, product form, availability) are those of the format, kept as they came: the shop
/// knows ONIX code lists, and our own catalogue schema uses the same codes where ONIX has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The sender's permanent key of the record.
    pub reference: RecordReference,
    /// The publisher's edition (order) number.
    pub edition_number: Option<String>,
    /// Title, in the language of the record.
    pub title: String,
    /// Subtitle.
    pub subtitle: Option<String>,
    /// ISMN, ISBN, GTIN and other numbers.
    pub identifiers: Vec<Identifier>,
    /// Composer, arranger, editor, …, in sequence.
    pub contributors: Vec<Contributor>,
    /// Instrumentation in words, such as `Violine und Klavier`.
    pub instrumentation: Option<String>,
    /// Kind of edition or product form: score, parts, vocal score (ONIX list 150 or our own list).
    pub form: Option<String>,
    /// Form or binding in words.
    pub binding: Option<String>,
    /// Languages of the text, ISO 639-2/B.
    pub languages: Vec<Language>,
    /// Series or collections the product belongs to.
    pub series: Vec<Series>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Imprint.
    pub imprint: Option<String>,
    /// Number of pages.
    pub pages: Option<u32>,
    /// Weight and dimensions.
    pub measurements: Measurements,
    /// Publication date as precisely as the feed says: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub publication_date: Option<String>,
    /// Publishing status (ONIX list 64).
    pub publishing_status: Option<String>,
    /// Availability (ONIX list 65).
    pub availability: Option<String>,
    /// Pieces on hand.
    pub stock: Option<i64>,
    /// Prices.
    pub prices: Vec<Price>,
    /// Why it is offered without a price (ONIX list 57): free of charge, to be announced, …; never beside a price.
    pub unpriced_reason: Option<String>,
    /// Descriptions and other texts.
    pub texts: Vec<Text>,
    /// Cover images, sound samples, links.
    pub media: Vec<MediaLink>,
    /// Subject codes and keywords.
    pub subjects: Vec<Subject>,
    /// Products this one refers to.
    pub related: Vec<RelatedProduct>,
}

impl Product {
    /// A product of which nothing is known but its key.
    #[must_use]
    pub fn new(reference: RecordReference) -> Self {
        Self {
            reference,
            edition_number: None,
            title: String::new(),
            subtitle: None,
            identifiers: Vec::new(),
            contributors: Vec::new(),
            instrumentation: None,
            form: None,
            binding: None,
            languages: Vec::new(),
            series: Vec::new(),
            publisher: None,
            imprint: None,
            pages: None,
            measurements: Measurements::default(),
            publication_date: None,
            publishing_status: None,
            availability: None,
            stock: None,
            prices: Vec::new(),
            unpriced_reason: None,
            texts: Vec::new(),
            media: Vec::new(),
            subjects: Vec::new(),
            related: Vec::new(),
        }
    }
}

/// A person or body with a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    /// Position in the list, from 1.
    pub sequence: u32,
    /// Role (ONIX list 17): `A06` composer, `B25` arranger, …
    pub role: String,
    /// Name for display.
    pub name: String,
    /// Name for sorting, such as `Bach, Johann Sebastian`.
    pub sort_name: Option<String>,
    /// Year of birth.
    pub born: Option<String>,
    /// Year of death.
    pub died: Option<String>,
}

/// A language and what it is the language of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Role (ONIX list 22): `01` language of text.
    pub role: String,
    /// ISO 639-2/B code.
    pub code: String,
}

/// A series or collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Title of the series.
    pub title: String,
    /// Number within it, as printed.
    pub number: Option<String>,
}

/// Physical measurements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurements {
    /// Weight in grams.
    pub weight_g: Option<Decimal>,
    /// Height in millimetres.
    pub height_mm: Option<Decimal>,
    /// Width in millimetres.
    pub width_mm: Option<Decimal>,
    /// Thickness in millimetres.
    pub thickness_mm: Option<Decimal>,
}

/// A price with what it holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Kind (ONIX list 58): `02` retail including tax, `04` fixed retail including tax, …
    pub kind: String,
    /// Whom it is for (ONIX list 59): `05` consumers, `06` institutions, …; everyone when absent.
    pub qualifier: Option<String>,
    /// Copies of one order from which on it holds.
    pub minimum_quantity: Option<u32>,
    /// What else it asks for: each condition by its codes and numbers (ONIX list 167), parted by `; `.
    pub conditions: Option<String>,
    /// Amount, exact.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
    /// Tax rate code (ONIX list 62).
    pub tax_code: Option<String>,
    /// Tax rate in percent.
    pub tax_percent: Option<Decimal>,
    /// Countries or regions, space-separated as in the feed.
    pub territory: Option<String>,
    /// First day of validity, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
}

/// How the feed wrote a text. The numbers are part of fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextFormat {
    /// Without markup.
    Plain = 0,
    /// As HTML source.
    Html = 1,
    /// With elements of XHTML.
    Xhtml = 2,
}

/// A text such as a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredText")]
pub struct Text {
    /// Kind (ONIX list 153): `03` description, `02` short description, `04` contents, …
    pub kind: String,
    /// ISO 639-2/B code.
    pub language: Option<String>,
    /// How the feed wrote it.
    pub format: TextFormat,
    /// The text as source that a page can hold as it is, whatever its format: see [`markup`].
    pub text: String,
}

/// A text as it was stored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredText {
    kind: String,
    language: Option<String>,
    /// `None`: stored before texts had a format.
    format: Option<TextFormat>,
    text: String,
}

impl From<StoredText> for Text {
    fn from(stored: StoredText) -> Self {
        let StoredText { kind, language, format, text } = stored;
        let (format, text) = format.map_or_else(|| settled(&text), |format| (format, text.clone()));
        Self { kind, language, format, text }
    }
}

/// A text of which nobody knows whether it was plain: it has markup if it has a `<`.
fn settled(text: &str) -> (TextFormat, String) {
    let marked_up = text.contains('<').then(|| markup::clean(text, TextFormat::Xhtml).ok()).flatten();
    marked_up
        .map_or_else(|| (TextFormat::Plain, markup::escape(text)), |clean| (TextFormat::Xhtml, clean.text))
}

/// A link to an image, sound or page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaLink {
    /// Kind (ONIX list 158): `01` front cover, …
    pub kind: String,
    /// The URL as it came.
    pub url: String,
}

/// A subject code or keyword list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Scheme (ONIX list 27): `93` Thema, `20` keywords, …
    pub scheme: String,
    /// Code within the scheme.
    pub code: Option<String>,
    /// Heading in words.
    pub heading: Option<String>,
}

/// A reference to another product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelatedProduct {
    /// Relation (ONIX list 51): `06` alternative format, …
    pub relation: String,
    /// The other product's number.
    pub identifier: Identifier,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::product::IdentifierKind;

    /// A product with something in every field.
    pub(crate) fn example() -> Product {
        let reference = RecordReference::new("de.example.4711").expect("not empty");
        let number = |kind, value: &str| Identifier { kind, value: value.to_owned() };
        Product {
            edition_number: Some("BE-4711".into()),
            title: "Präludium und Fuge".into(),
            subtitle: Some("op. 86 Nr. 1".into()),
            identifiers: vec![
                number(IdentifierKind::Ismn, "9790110000007"),
                number(IdentifierKind::Gtin13, "9790110000007"),
            ],
            contributors: vec![
                Contributor {
                    sort_name: Some("Schumann, Clara".into()),
                    born: Some("1819".into()),
                    died: Some("1896".into()),
                    ..contributor(1, "A06", "Clara Schumann")
                },
                contributor(2, "B25", "Jörg Mühlbauer"),
            ],
            instrumentation: Some("Streichquartett".into()),
            form: Some("PI".into()),
            binding: Some("Rückstichheftung".into()),
            languages: ["ger", "eng"].map(|code| Language { role: "01".into(), code: code.into() }).into(),
            series: vec![Series { title: "Hausmusik".into(), number: Some("7".into()) }],
            publisher: Some("Musikverlag Beispiel".into()),
            imprint: Some("Studio".into()),
            pages: Some(229),
            measurements: Measurements {
                weight_g: Some(98.into()),
                height_mm: Some(303.into()),
                width_mm: Some(225.into()),
                thickness_mm: Some(Decimal::new(35, 1)),
            },
            publication_date: Some("1986-03-07".into()),
            publishing_status: Some("04".into()),
            availability: Some("21".into()),
            stock: Some(64),
            prices: vec![price("EUR", 6289), price("GBP", 5409)],
            unpriced_reason: Some("02".into()),
            texts: vec![Text {
                kind: "03".into(),
                language: Some("ger".into()),
                format: TextFormat::Xhtml,
                text: "<p>Gut.</p>".into(),
            }],
            media: vec![MediaLink { kind: "01".into(), url: "https://example.org/1.jpg".into() }],
            subjects: ["AVQS", "AVN"].map(|code| subject("93", code)).into(),
            related: vec![RelatedProduct {
                relation: "06".into(),
                identifier: number(IdentifierKind::Gtin13, "9790110020197"),
            }],
            ..Product::new(reference)
        }
    }

    #[test]
    fn a_text_that_was_stored_without_format_is_settled_when_it_is_read() {
        let case = |text: &str, format, expected: &str| {
            let stored = serde_json::json!({ "kind": "03", "language": null, "text": text });
            let read: Text = serde_json::from_value(stored).expect("a text");
            assert_eq!((read.format, read.text.as_str()), (format, expected), "{text}");
            let again = serde_json::to_value(&read).expect("JSON");
            assert_eq!(serde_json::from_value::<Text>(again).expect("a text"), read);
        };
        case("Rock & Roll", TextFormat::Plain, "Rock &amp; Roll");
        case("<p>a &amp; b<br/></p>", TextFormat::Xhtml, "<p>a &amp; b<br/></p>");
        case("3 < 4", TextFormat::Xhtml, "3 &lt; 4");
        case("a<script>b</script>", TextFormat::Xhtml, "a");
    }

    fn contributor(sequence: u32, role: &str, name: &str) -> Contributor {
        let (role, name) = (role.to_owned(), name.to_owned());
        Contributor { sequence, role, name, sort_name: None, born: None, died: None }
    }

    fn price(currency: &str, cents: i64) -> Price {
        Price {
            kind: "04".into(),
            qualifier: Some("05".into()),
            minimum_quantity: Some(10),
            conditions: Some("06 04 2 00".into()),
            amount: Decimal::new(cents, 2),
            currency: currency.into(),
            tax_code: Some("R".into()),
            tax_percent: Some(Decimal::new(700, 2)),
            territory: Some("DE".into()),
            valid_from: Some("2026-10-01".into()),
            valid_until: None,
        }
    }

    fn subject(scheme: &str, code: &str) -> Subject {
        Subject { scheme: scheme.into(), code: Some(code.into()), heading: None }
    }
}
