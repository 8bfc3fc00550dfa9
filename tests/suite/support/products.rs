//! Products for tests: any that the types allow, and plain ones.

use feedgate::product::{
    Contributor, Identifier, IdentifierKind, Language, Measurements, MediaLink, Price, Product,
    RecordReference, RelatedProduct, Series, Subject, Text, TextFormat,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A product with nothing but a key and a title.
pub(crate) fn plain(reference: &str, title: &str) -> Product {
    let reference = RecordReference::new(reference).expect("a test gives a key");
    Product { title: title.to_owned(), ..Product::new(reference) }
}

/// A product with something in every table.
pub(crate) fn full(reference: &str, title: &str) -> Product {
    // No two products have one number.
    let number = reference.bytes().fold(7_u64, |sum, byte| (sum * 257 + u64::from(byte)) % 999_999_937);
    let identifier = |kind| Identifier { kind, value: format!("9790{number:09}") };
    Product {
        identifiers: vec![identifier(IdentifierKind::Ismn), identifier(IdentifierKind::Gtin13)],
        contributors: vec![Contributor {
            sequence: 1,
            role: "A06".into(),
            name: "Clara Schumann".into(),
            sort_name: Some("Schumann, Clara".into()),
            born: Some("1819".into()),
            died: Some("1896".into()),
        }],
        prices: vec![Price {
            kind: "04".into(),
            qualifier: Some("05".into()),
            minimum_quantity: Some(2),
            conditions: None,
            amount: "12.50".parse().expect("a price"),
            currency: "EUR".into(),
            tax_code: Some("R".into()),
            tax_percent: Some("7".parse().expect("a rate")),
            territory: None,
            valid_from: None,
            valid_until: None,
        }],
        texts: vec![Text {
            kind: "03".into(),
            language: Some("ger".into()),
            format: TextFormat::Xhtml,
            text: "<p>Für Klavier</p>".into(),
        }],
        pages: Some(32),
        ..plain(reference, title)
    }
}

/// Any text XML can carry, with what databases and JSON are sensitive to made likely.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,12}",
        1 => "[\\PC]{0,6}",
        1 => Just("\\N".to_owned()),
        1 => Just("\t\n\r\\.".to_owned()),
        1 => Just("\"'{}[],:\\u0041".to_owned()),
        1 => Just("Ü𝄞\u{85}\u{2028}".to_owned()),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn decimal() -> impl Strategy<Value = rust_decimal::Decimal> {
    (any::<i64>(), 0_u32..10).prop_map(|(number, scale)| rust_decimal::Decimal::new(number, scale))
}

fn identifier() -> impl Strategy<Value = Identifier> {
    use IdentifierKind::{Doi, Gtin13, Isbn10, Isbn13, Ismn, Other, Proprietary};
    let kind = proptest::sample::select(vec![Proprietary, Gtin13, Isbn13, Isbn10, Ismn, Doi, Other]);
    (kind, text()).prop_map(|(kind, value)| Identifier { kind, value })
}

fn contributor() -> impl Strategy<Value = Contributor> {
    let optional = || option::of(text());
    (any::<u32>(), text(), text(), optional(), optional(), optional()).prop_map(
        |(sequence, role, name, sort_name, born, died)| Contributor {
            sequence,
            role,
            name,
            sort_name,
            born,
            died,
        },
    )
}

fn price() -> impl Strategy<Value = Price> {
    let optional = || option::of(text());
    let holds_for = (text(), optional(), option::of(any::<u32>()), optional());
    let rest = (option::of(decimal()), optional(), optional(), optional());
    (holds_for, decimal(), text(), optional(), rest).prop_map(
        |(holds_for, amount, currency, tax_code, (tax_percent, territory, valid_from, valid_until))| Price {
            kind: holds_for.0,
            qualifier: holds_for.1,
            minimum_quantity: holds_for.2,
            conditions: holds_for.3,
            amount,
            currency,
            tax_code,
            tax_percent,
            territory,
            valid_from,
            valid_until,
        },
    )
}

fn measurements() -> impl Strategy<Value = Measurements> {
    let one = || option::of(decimal());
    (one(), one(), one(), one()).prop_map(|(weight_g, height_mm, width_mm, thickness_mm)| Measurements {
        weight_g,
        height_mm,
        width_mm,
        thickness_mm,
    })
}

/// Any product with this key.
pub(crate) fn any_product(reference: String) -> impl Strategy<Value = Product> {
    let optional = || option::of(text());
    let heads = (text(), vec(optional(), 11), option::of(any::<u32>()), option::of(any::<i64>()));
    let parts = (vec(identifier(), 0..4), vec(contributor(), 0..3), vec(price(), 0..3), measurements());
    let language = (text(), text()).prop_map(|(role, code)| Language { role, code });
    let series = (text(), optional()).prop_map(|(title, number)| Series { title, number });
    let format = proptest::sample::select(vec![TextFormat::Plain, TextFormat::Html, TextFormat::Xhtml]);
    let words = (text(), optional(), format, text()).prop_map(|(kind, language, format, text)| Text {
        kind,
        language,
        format,
        text,
    });
    let media = (text(), text()).prop_map(|(kind, url)| MediaLink { kind, url });
    let subject = (text(), optional(), optional()).prop_map(|(scheme, code, heading)| Subject {
        scheme,
        code,
        heading,
    });
    let related =
        (text(), identifier()).prop_map(|(relation, identifier)| RelatedProduct { relation, identifier });
    let lists = (
        vec(language, 0..3),
        vec(series, 0..3),
        vec(words, 0..3),
        vec(media, 0..3),
        vec(subject, 0..3),
        vec(related, 0..3),
    );
    (heads, parts, lists).prop_map(move |(heads, parts, lists)| {
        let (title, mut optional, pages, stock) = heads;
        let (identifiers, contributors, prices, measurements) = parts;
        let (languages, series, texts, media, subjects, related) = lists;
        let mut next = || optional.pop().expect("there is one for each");
        Product {
            edition_number: next(),
            subtitle: next(),
            instrumentation: next(),
            form: next(),
            binding: next(),
            publisher: next(),
            imprint: next(),
            publication_date: next(),
            publishing_status: next(),
            availability: next(),
            unpriced_reason: next(),
            pages,
            stock,
            identifiers,
            contributors,
            prices,
            measurements,
            languages,
            series,
            texts,
            media,
            subjects,
            related,
            ..plain(&reference, &title)
        }
    })
}
