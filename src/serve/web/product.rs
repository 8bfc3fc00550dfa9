//! A product in words: what it is, and what would become other in the shop.

use super::language::Language;
use crate::judgement::escape::cut;
use crate::product::{Contributor, IdentifierKind, Price, Product, ProductField};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Values of a field that are told.
const VALUES_MAX: usize = 12;
/// Characters of a value.
const VALUE_CHARS_MAX: usize = 300;
/// Prices and contributors in the head of a page.
const HEAD_VALUES_MAX: usize = 4;

const MORE: [[&str; 2]; 2] = [["more", "more"], ["weitere", "weitere"]];

/// What is to be seen of a product first.
pub(super) struct Head {
    pub(super) title: Option<String>,
    pub(super) subtitle: Option<String>,
    pub(super) contributors: Vec<String>,
    pub(super) edition_number: Option<String>,
    /// ISMN, or another number where it has none: what it is called, and the number.
    pub(super) number: Option<(&'static str, String)>,
    pub(super) prices: Vec<String>,
    pub(super) publisher: Option<String>,
    /// Contributors and prices that are not told.
    pub(super) left_out: [Option<String>; 2],
}

/// A field that would become other.
pub(super) struct Changed {
    pub(super) field: ProductField,
    pub(super) name: &'static str,
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
    /// Values that are not told.
    pub(super) more: usize,
}

impl Head {
    /// Of a product.
    pub(super) fn of(language: Language, product: &Product) -> Self {
        let numbers = [IdentifierKind::Ismn, IdentifierKind::Isbn13, IdentifierKind::Gtin13];
        let of_kind = |kind| product.identifiers.iter().find(move |number| number.kind == kind);
        let number = numbers.into_iter().find_map(of_kind);
        Self {
            title: Some(product.title.clone()).filter(|title| !title.is_empty()),
            subtitle: product.subtitle.clone(),
            contributors: product
                .contributors
                .iter()
                .take(HEAD_VALUES_MAX)
                .map(|who| person(language, who))
                .collect(),
            edition_number: product.edition_number.clone(),
            number: number.map(|number| (kind(language, number.kind), number.value.clone())),
            prices: product.prices.iter().take(HEAD_VALUES_MAX).map(|price| money(language, price)).collect(),
            publisher: product.publisher.clone(),
            left_out: [product.contributors.len(), product.prices.len()].map(|all| {
                let more = all.saturating_sub(HEAD_VALUES_MAX) as u64;
                let and = language.pick("and", "und");
                (more > 0).then(|| format!("{and} {}", language.counted(more, MORE)))
            }),
        }
    }
}

/// What would become other, field by field.
pub(super) fn changes(language: Language, old: &Product, new: &Product) -> Vec<Changed> {
    let changed = |field: ProductField| {
        let (old, new) = (values(language, old, field), values(language, new, field));
        let lost: Vec<String> = old.iter().filter(|value| !new.contains(value)).cloned().collect();
        let come: Vec<String> = new.iter().filter(|value| !old.contains(value)).cloned().collect();
        let more = lost.len().saturating_sub(VALUES_MAX) + come.len().saturating_sub(VALUES_MAX);
        let some = |values: Vec<String>| {
            let shown = |value: String| cut(&value, VALUE_CHARS_MAX).into_owned();
            values.into_iter().take(VALUES_MAX).map(shown).collect()
        };
        let is_changed = !lost.is_empty() || !come.is_empty();
        is_changed.then(|| Changed {
            field,
            name: name(language, field),
            old: some(lost),
            new: some(come),
            more,
        })
    };
    ProductField::ALL.into_iter().filter_map(changed).collect()
}

/// Whether a path is one of an element that a field is read from, in the formats that are known here.
pub(super) fn is_of(field: ProductField, path: &str) -> bool {
    let local = |step: &str| {
        let step = step.split('[').next().unwrap_or(step);
        step.rsplit(':').next().unwrap_or(step).to_ascii_lowercase()
    };
    path.split('/').map(local).any(|step| elements(field).contains(&step.as_str()))
}

/// Elements that fields are read from: of catalogues, and of ONIX in long and short tags, all in small letters.
const fn elements(field: ProductField) -> &'static [&'static str] {
    use ProductField as F;
    match field {
        F::EditionNumber => &["editionnumber", "productidentifier"],
        F::Title => &["title", "titledetail"],
        F::Subtitle => &["subtitle", "b029"],
        F::Identifiers => &["identifiers", "productidentifier"],
        F::Contributors => &["contributors", "contributor"],
        F::Instrumentation => &["instrumentation"],
        F::Form => &["editionkind", "productform", "b012"],
        F::Binding => &["binding", "productformdescription", "b014"],
        F::Languages => &["languages", "language"],
        F::Series => &["series", "collection"],
        F::Publisher => &["publisher"],
        F::Imprint => &["imprint"],
        F::Pages => &["pages", "extent"],
        F::Measurements => &["weight", "dimensions", "measure"],
        F::PublicationDate => &["published", "publishingdate", "marketdate"],
        F::PublishingStatus => &["status", "publishingstatus", "b394"],
        F::Availability => &["availability", "productavailability", "j396"],
        F::Stock => &["stock"],
        F::Prices => &["prices", "price"],
        F::UnpricedReason => &["unpriceditemtype", "j192"],
        F::Texts => &["texts", "textcontent"],
        F::Media => &["media", "supportingresource"],
        F::Subjects => &["subjects", "subject"],
        F::Related => &["related", "relatedproduct"],
    }
}

/// What a field says, in words.
fn values(language: Language, product: &Product, field: ProductField) -> Vec<String> {
    use ProductField as F;
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    match field {
        F::EditionNumber => one(&product.edition_number),
        F::Title => Some(product.title.clone()).filter(|title| !title.is_empty()).into_iter().collect(),
        F::Subtitle => one(&product.subtitle),
        F::Identifiers => product
            .identifiers
            .iter()
            .map(|number| format!("{} {}", kind(language, number.kind), number.value))
            .collect(),
        F::Contributors => product.contributors.iter().map(|who| person(language, who)).collect(),
        F::Instrumentation => one(&product.instrumentation),
        F::Form => one(&product.form),
        F::Binding => one(&product.binding),
        F::Languages => {
            product.languages.iter().map(|each| format!("{} ({})", each.code, each.role)).collect()
        }
        F::Series => {
            product.series.iter().map(|each| joined(&[Some(&each.title), each.number.as_ref()])).collect()
        }
        F::Publisher => one(&product.publisher),
        F::Imprint => one(&product.imprint),
        F::Pages => product.pages.iter().map(ToString::to_string).collect(),
        F::Measurements => measured(language, product),
        F::PublicationDate => product.publication_date.iter().map(|said| day(language, said)).collect(),
        F::PublishingStatus => {
            product.publishing_status.iter().map(|code| publishing_status(language, code)).collect()
        }
        F::Availability => product.availability.iter().map(|code| availability(language, code)).collect(),
        F::Stock => product.stock.iter().map(ToString::to_string).collect(),
        F::Prices => product.prices.iter().map(|price| money(language, price)).collect(),
        F::UnpricedReason => one(&product.unpriced_reason),
        F::Texts => product.texts.iter().map(|text| format!("{}: {}", text.kind, text.text)).collect(),
        F::Media => product.media.iter().map(|link| format!("{}: {}", link.kind, link.url)).collect(),
        F::Subjects => {
            let subjects = product.subjects.iter();
            subjects
                .map(|each| joined(&[Some(&each.scheme), each.code.as_ref(), each.heading.as_ref()]))
                .collect()
        }
        F::Related => {
            let number =
                |each: &crate::product::RelatedProduct| (each.relation.clone(), each.identifier.clone());
            let all = product.related.iter().map(number);
            all.map(|(relation, other)| format!("{relation}: {} {}", kind(language, other.kind), other.value))
                .collect()
        }
    }
}

fn joined(parts: &[Option<&String>]) -> String {
    parts.iter().flatten().map(|part| part.as_str()).collect::<Vec<_>>().join(" ")
}

fn number(language: Language, number: Decimal) -> String {
    number.to_string().replace('.', language.pick(".", ","))
}

fn measured(language: Language, product: &Product) -> Vec<String> {
    let of = &product.measurements;
    let words = [
        (of.weight_g, "g", language.pick("weight", "Gewicht")),
        (of.height_mm, "mm", language.pick("height", "Höhe")),
        (of.width_mm, "mm", language.pick("width", "Breite")),
        (of.thickness_mm, "mm", language.pick("thickness", "Dicke")),
    ];
    let told = |(value, unit, name): (Option<Decimal>, &str, &str)| {
        value.map(|value| format!("{name} {} {unit}", number(language, value.normalize())))
    };
    words.into_iter().filter_map(told).collect()
}

/// A person with what they did.
fn person(language: Language, who: &Contributor) -> String {
    let (english, german) = match who.role.as_str() {
        "A01" => ("author", "Text"),
        "A04" => ("libretto", "Libretto"),
        "A05" => ("lyrics", "Liedtext"),
        "A06" => ("composer", "Komposition"),
        "B01" => ("editor", "Herausgabe"),
        "B25" => ("arranger", "Bearbeitung"),
        role => return format!("{} ({role})", who.name),
    };
    format!("{} ({})", who.name, language.pick(english, german))
}

/// A price with what it holds for.
fn money(language: Language, price: &Price) -> String {
    let amount = format!("{:.2}", price.amount).replace('.', language.pick(".", ","));
    let from = price.valid_from.as_ref();
    let from = from.map(|said| format!("{} {}", language.pick("from", "ab"), day(language, said)));
    let until = price.valid_until.as_ref();
    let until = until.map(|said| format!("{} {}", language.pick("until", "bis"), day(language, said)));
    let copies =
        price.minimum_quantity.map(|copies| format!("{} {copies}", language.pick("copies:", "Stück ab:")));
    let whom = price.qualifier.as_ref().map(|code| whom(language, code).unwrap_or(code).to_owned());
    let parts = [
        Some(price_kind(language, &price.kind).unwrap_or(&price.kind).to_owned()),
        whom,
        copies,
        price.territory.clone(),
        from,
        until,
    ];
    let held = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    format!("{amount} {} ({held})", price.currency)
}

/// The codes of a price, `04/05`, in words.
pub(super) fn price_codes(language: Language, codes: &str) -> String {
    let (kind, qualifier) = codes.split_once('/').map_or((codes, None), |(kind, whom)| (kind, Some(whom)));
    let kind = price_kind(language, kind).unwrap_or(kind);
    let whom = qualifier.map(|code| whom(language, code).unwrap_or(code));
    std::iter::once(kind).chain(whom).collect::<Vec<_>>().join(", ")
}

/// What a kind of price (ONIX list 58) is called; none of those that are rare.
fn price_kind(language: Language, code: &str) -> Option<&'static str> {
    let (english, german) = match code {
        "01" => ("recommended retail price without tax", "UVP ohne MwSt."),
        "02" => ("recommended retail price with tax", "UVP mit MwSt."),
        "03" => ("fixed retail price without tax", "gebundener Preis ohne MwSt."),
        "04" => ("fixed retail price with tax", "gebundener Preis mit MwSt."),
        "05" => ("trade price without tax", "Händlernettopreis ohne MwSt."),
        "07" => ("trade price with tax", "Händlernettopreis mit MwSt."),
        "11" => ("special offer, recommended, without tax", "Sonderpreis, UVP ohne MwSt."),
        "12" => ("special offer, recommended, with tax", "Sonderpreis, UVP mit MwSt."),
        "13" => ("special offer, fixed, without tax", "Sonderpreis, gebunden, ohne MwSt."),
        "14" => ("special offer, fixed, with tax", "Sonderpreis, gebunden, mit MwSt."),
        "21" => ("before publication, recommended, without tax", "Subskription, UVP ohne MwSt."),
        "22" => ("before publication, recommended, with tax", "Subskription, UVP mit MwSt."),
        "23" => ("before publication, fixed, without tax", "Subskription, gebunden, ohne MwSt."),
        "24" => ("before publication, fixed, with tax", "Subskription, gebunden, mit MwSt."),
        _ => return None,
    };
    Some(language.pick(english, german))
}

/// Whom a price is for (ONIX list 59); none of those that are rare.
fn whom(language: Language, code: &str) -> Option<&'static str> {
    let (english, german) = match code {
        "05" => ("consumers", "Endkunden"),
        "06" => ("institutions", "Institutionen"),
        _ => return None,
    };
    Some(language.pick(english, german))
}

/// How a product can be had (ONIX list 65), in words with the code; the code alone of those that are rare.
pub(super) fn availability(language: Language, code: &str) -> String {
    let (english, german) = match code {
        "10" => ("not yet available", "noch nicht lieferbar"),
        "11" => ("awaiting stock", "Lagereingang erwartet"),
        "20" => ("available", "lieferbar"),
        "21" => ("in stock", "auf Lager"),
        "22" => ("to order", "wird besorgt"),
        "23" => ("made to order", "wird auf Bestellung hergestellt"),
        "30" => ("temporarily unavailable", "zurzeit nicht lieferbar"),
        "31" => ("out of stock", "nicht am Lager"),
        "32" => ("being reprinted", "wird nachgedruckt"),
        "33" => ("awaiting reissue", "Neuausgabe erwartet"),
        "40" => ("not available", "nicht lieferbar"),
        "41" => ("replaced by another product", "durch ein anderes Produkt ersetzt"),
        "43" => ("no longer supplied", "nicht mehr lieferbar"),
        "45" => ("not sold separately", "nicht einzeln erhältlich"),
        "46" => ("withdrawn from sale", "aus dem Verkauf genommen"),
        "51" => ("out of print", "vergriffen"),
        _ => return code.to_owned(),
    };
    format!("{} ({code})", language.pick(english, german))
}

/// Where a product stands in its life (ONIX list 64), in words with the code; the code alone of those that are rare.
pub(super) fn publishing_status(language: Language, code: &str) -> String {
    let (english, german) = match code {
        "01" => ("cancelled", "Erscheinen abgesagt"),
        "02" => ("forthcoming", "in Vorbereitung"),
        "03" => ("postponed", "auf unbestimmte Zeit verschoben"),
        "04" => ("active", "lieferbares Programm"),
        "05" => ("no longer of this publisher", "nicht mehr bei diesem Verlag"),
        "06" => ("out of stock for good", "endgültig nicht am Lager"),
        "07" => ("out of print", "vergriffen"),
        "08" => ("inactive", "inaktiv"),
        "11" => ("withdrawn from sale", "aus dem Verkauf genommen"),
        _ => return code.to_owned(),
    };
    format!("{} ({code})", language.pick(english, german))
}

/// A day as people write it; a month or a year stays as it is.
fn day(language: Language, said: &str) -> String {
    let form = language.pick("%-d %b %Y", "%-d.%-m.%Y");
    said.parse::<Date>().map_or_else(|_| said.to_owned(), |day| day.strftime(form).to_string())
}

const fn kind(language: Language, kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Proprietary => language.pick("number", "Nummer"),
        IdentifierKind::Gtin13 => "GTIN",
        IdentifierKind::Isbn13 | IdentifierKind::Isbn10 => "ISBN",
        IdentifierKind::Ismn => "ISMN",
        IdentifierKind::Doi => "DOI",
        IdentifierKind::Other => language.pick("other number", "andere Nummer"),
    }
}

/// What a field is called.
const fn name(language: Language, field: ProductField) -> &'static str {
    use ProductField as F;
    let (english, german) = match field {
        F::EditionNumber => ("Edition number", "Bestellnummer"),
        F::Title => ("Title", "Titel"),
        F::Subtitle => ("Subtitle", "Untertitel"),
        F::Identifiers => ("Numbers", "Nummern"),
        F::Contributors => ("Contributors", "Mitwirkende"),
        F::Instrumentation => ("Instrumentation", "Besetzung"),
        F::Form => ("Product form", "Ausgabeart"),
        F::Binding => ("Binding", "Einband"),
        F::Languages => ("Languages", "Sprachen"),
        F::Series => ("Series", "Reihe"),
        F::Publisher => ("Publisher", "Verlag"),
        F::Imprint => ("Imprint", "Imprint"),
        F::Pages => ("Pages", "Seiten"),
        F::Measurements => ("Measurements", "Maße"),
        F::PublicationDate => ("Publication date", "Erscheinungsdatum"),
        F::PublishingStatus => ("Publishing status", "Erscheinungsstatus"),
        F::Availability => ("Availability", "Lieferbarkeit"),
        F::Stock => ("Stock", "Bestand"),
        F::Prices => ("Prices", "Preise"),
        F::UnpricedReason => ("Why it has no price", "Warum ohne Preis"),
        F::Texts => ("Texts", "Texte"),
        F::Media => ("Media", "Medien"),
        F::Subjects => ("Subjects", "Themen"),
        F::Related => ("Related products", "Verwandte Produkte"),
    };
    language.pick(english, german)
}

#[cfg(test)]
mod tests {
    use super::*;
    /// Something in every field.
    const EXAMPLE: &str = r#"{"reference": "a", "edition_number": "BE 1", "title": "Präludium und Fuge",
        "subtitle": "op. 86",
        "identifiers": [{"kind": "gtin13", "value": "9790110000007"}, {"kind": "ismn", "value": "9790110000007"}],
        "contributors": [{"sequence": 1, "role": "A06", "name": "Clara Schumann", "sort_name": null, "born": null,
            "died": null}],
        "instrumentation": "Quartett", "form": "PI", "binding": "Heft", "languages": [{"role": "01", "code": "ger"}],
        "series": [{"title": "Hausmusik", "number": "7"}], "publisher": "Verlag", "imprint": "Studio", "pages": 229,
        "measurements": {"weight_g": "98", "height_mm": "303", "width_mm": "225", "thickness_mm": "3.5"},
        "publication_date": "1986", "publishing_status": "04", "availability": "21", "stock": 64,
        "prices": [{"kind": "04", "qualifier": "05", "minimum_quantity": null, "conditions": null, "amount": "62.89",
            "currency": "EUR", "tax_code": "R", "tax_percent": "7", "territory": "DE", "valid_from": "2026-10-01",
            "valid_until": null}],
        "unpriced_reason": "02", "texts": [{"kind": "03", "language": "ger", "format": "plain", "text": "Gut."}],
        "media": [{"kind": "01", "url": "https://example.org/1.jpg"}],
        "subjects": [{"scheme": "93", "code": "AVQS", "heading": null}],
        "related": [{"relation": "06", "identifier": {"kind": "gtin13", "value": "9790110020197"}}]}"#;

    fn example() -> Product {
        serde_json::from_str(EXAMPLE).expect("a product")
    }

    fn told(changes: &[Changed]) -> Vec<String> {
        let line =
            |each: &Changed| format!("{}: {} → {}", each.name, each.old.join("; "), each.new.join("; "));
        changes.iter().map(line).collect()
    }

    #[test]
    fn what_would_become_other_is_told_field_by_field() {
        let (old, mut new) = (example(), example());
        assert!(changes(Language::English, &old, &new).is_empty());
        new.title = "Fuge".to_owned();
        new.prices[0].amount = Decimal::new(129, 1);
        new.pages = None;
        new.measurements.thickness_mm = Some(Decimal::new(350, 2));
        let german = told(&changes(Language::German, &old, &new));
        assert_eq!(german[0], "Titel: Präludium und Fuge → Fuge");
        assert_eq!(german[1], "Seiten: 229 → ");
        assert!(german[2].contains("62,89 EUR (") && german[2].contains("→ 12,90 EUR ("), "{german:?}");
        assert_eq!(german.len(), 3, "3.5 and 3.50 mm are the same");
    }

    #[test]
    fn every_field_says_something() {
        let empty = Product::new(example().reference);
        let all = changes(Language::English, &empty, &example());
        assert_eq!(all.len(), ProductField::ALL.len(), "{:?}", told(&all));
    }

    #[test]
    fn values_max() {
        let of = |count: usize| {
            let mut new = example();
            new.series = (0..count)
                .map(|at| crate::product::Series { title: format!("s{at}"), number: None })
                .collect();
            let all = changes(Language::English, &Product { series: Vec::new(), ..example() }, &new);
            (all[0].new.len(), all[0].more)
        };
        assert_eq!((of(VALUES_MAX), of(VALUES_MAX + 1)), ((VALUES_MAX, 0), (VALUES_MAX, 1)));
    }

    #[test]
    fn the_head_has_what_editors_know_a_product_by() {
        let head = Head::of(Language::English, &example());
        assert_eq!(head.title.as_deref(), Some("Präludium und Fuge"));
        assert_eq!(head.number, Some(("ISMN", "9790110000007".to_owned())));
        assert_eq!(head.contributors[0], "Clara Schumann (composer)");
        let of = |language| Head::of(language, &example()).prices.remove(0);
        assert_eq!(
            of(Language::English),
            "62.89 EUR (fixed retail price with tax, consumers, DE, from 1 Oct 2026)"
        );
        assert_eq!(
            of(Language::German),
            "62,89 EUR (gebundener Preis mit MwSt., Endkunden, DE, ab 1.10.2026)"
        );
        assert_eq!(Head::of(Language::German, &example()).contributors, ["Clara Schumann (Komposition)"]);
    }

    #[test]
    fn a_field_is_found_by_the_path_of_its_fault() {
        assert!(is_of(ProductField::Prices, "/catalogue/product[2]/prices/price/amount"));
        assert!(is_of(
            ProductField::Prices,
            "/ONIXMessage/Product/ProductSupply/SupplyDetail/Price[2]/PriceAmount"
        ));
        assert!(is_of(ProductField::Prices, "/ONIXmessage/product/productsupply/supplydetail/price/j151"));
        assert!(is_of(
            ProductField::PublicationDate,
            "/o:ONIXMessage/o:Product/o:PublishingDetail/o:PublishingDate/Date"
        ));
        assert!(!is_of(ProductField::Pages, "/catalogue/product[2]/prices/price/amount"));
    }

    #[test]
    fn head_values_max() {
        let of = |count: usize| {
            let mut product = example();
            product.prices = vec![product.prices[0].clone(); count];
            let head = Head::of(Language::German, &product);
            (head.prices.len(), head.left_out[1].clone())
        };
        assert_eq!(of(HEAD_VALUES_MAX), (HEAD_VALUES_MAX, None));
        assert_eq!(of(HEAD_VALUES_MAX + 1), (HEAD_VALUES_MAX, Some("und 1 weitere".to_owned())));
    }

    #[test]
    fn what_has_no_words_stays_as_it_was_said() {
        let mut product = example();
        let price = &mut product.prices[0];
        price.kind = "99".to_owned();
        price.qualifier = Some("98".to_owned());
        price.valid_from = Some("soon".to_owned());
        let told = &Head::of(Language::English, &product).prices;
        assert_eq!(told, &["62.89 EUR (99, 98, DE, from soon)"]);
        assert_eq!(day(Language::German, "1986-07"), "1986-07");
    }
}
