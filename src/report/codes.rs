//! What stands behind a code: one sentence, and where the Recommendation says it.

use crate::xsd::{Clause, Rule};

/// What the rules beyond the schema ask for, and what a feed is asked for as a whole.
const OURS: &[(&str, &str)] = &[
    ("rule.gtin", "A GTIN has its number of digits and a right check digit."),
    ("rule.isbn", "An ISBN has its number of digits and a right check digit."),
    ("rule.ismn", "An ISMN has its number of digits and a right check digit."),
    ("rule.identifier", "A product number is not empty."),
    ("rule.identifier-form", "A product number is written in the form of its scheme."),
    ("rule.date", "A date is a day of the calendar, written as the format says."),
    ("rule.price-amount", "A price is a decimal number that is not negative."),
    ("rule.currency", "A price has a currency, its own or that of the header."),
    ("rule.price-type", "A price has a kind, its own or that of the header."),
    ("rule.number", "A number stands where a number belongs."),
    ("rule.unit", "A unit is one that the profile of the format knows."),
    ("rule.markup", "A text is written in its format, with no markup but what a page may show."),
    ("rule.required", "A record has what no product can be without."),
    ("rule.notification", "A notification type is one that the profile of the format knows."),
    ("rule.duplicate-reference", "A feed has one record for each reference."),
    ("rule.identifier-shared", "An EAN, ISBN or ISMN stands on one product of a sender."),
    ("rule.reference-changed", "A product keeps its record reference."),
    ("rule.record-size", "A record is no larger than `record_bytes_max`."),
    ("xml.cut-off", "A feed is well-formed XML to its last byte, and all of it has arrived."),
    ("xml.packing", "What a feed comes packed in is whole, and holds the feed alone."),
    ("xml.not-xml", "A feed is XML."),
    ("xml.doctype", "A document type declaration names an external subset at most."),
    (
        "xml.doctype-unread",
        "A document type declaration is passed over: nothing is fetched, nothing of it used.",
    ),
    ("xml.second-document", "A file holds one document."),
    ("feed.unknown-root", "The root element belongs to a format that is known."),
    ("feed.not-read", "A feed is of a release that is read."),
    ("feed.other-document", "A feed is no document of another trade."),
    ("feed.server-error", "A feed is no message and no list of a server."),
    ("feed.html-page", "A feed is no page for a browser."),
    ("feed.unknown-version", "The version of a feed is one whose format is known."),
    ("feed.unknown-namespace", "The namespace of a feed is that of its format."),
    ("feed.record-alone", "A record stands in a feed; one that stands alone is judged without it."),
    ("feed.no-namespace", "A feed is in the namespace of its format."),
    ("drift.generator", "A feed is written as the feeds before it, by the same program."),
    ("drift.path-lost", "What every feed had is there."),
    ("drift.path-new", "What no feed had is not there."),
    ("drift.path-renamed", "Elements and attributes keep their names."),
    ("drift.path-moved", "Elements and attributes stay where they are."),
    ("drift.class", "Texts are written in the form that they always had."),
    ("drift.occurrence", "What was there once at most is there once at most."),
    ("drift.order", "Siblings stand in the order that they always had."),
    ("drift.number", "Numbers are of the size that they always had."),
    ("drift.cut", "Texts do not end all at one length."),
    ("drift.presence", "What is in a part of the records is in about as many as ever."),
    ("drift.value", "A value is in about as many texts as ever."),
    ("drift.length", "Texts are about as long as ever."),
    ("drift.encoding", "A feed is in the encoding of the feeds before it."),
    ("drift.line-ends", "Lines end as in the feeds before."),
    ("drift.namespace", "A feed binds the namespaces of the feeds before it, to the same prefixes."),
    ("drift.header", "The header says what it always said."),
    ("drift.volume", "A feed has about as many records as the feeds before it."),
    ("drift.size", "Records are about as large as ever."),
    ("drift.notification", "Notification types are mixed about as ever."),
    ("drift.refused", "About as many records are refused as ever."),
    ("drift.more", "Few things of a feed are not as in the feeds before it."),
    (
        "feed.namespace-misspelt",
        "A feed is in the namespace of its format; one in a misspelling of it is read as if it were.",
    ),
    (
        "feed.namespace-assumed",
        "A feed is in the namespace of its format; one without is read as if it were.",
    ),
];

/// Sentences for whole families, by what their codes begin with.
const FAMILIES: &[(&str, &str)] = &[
    ("xml.", "A feed is well-formed XML 1.0 in one of the accepted encodings, to its last byte."),
    ("rule.", "A record keeps the rules of its format beyond the schema."),
    ("feed.", "A feed is what its format says."),
    ("drift.", "A feed looks like the feeds before it."),
    ("import.", "A record can be applied to what the shop has."),
    ("limit.", "Nothing in a feed is larger than the limit that the code names."),
    ("cvc-", "A document is valid against its schema."),
];

/// What clauses of the first part of the Recommendation begin with.
const STRUCTURES: &[&str] = &[
    "cvc-",
    "src-",
    "cos-",
    "rcase-",
    "derivation-ok-",
    "sch-props",
    "e-props",
    "a-props",
    "ag-props",
    "au-props",
    "ct-props",
    "st-props",
    "mg-props",
    "n-props",
    "p-props",
    "c-props",
    "c-fields",
    "c-selector",
    "no-xmlns",
    "no-xsi",
];
/// Clauses of the second part, by how they end and by name.
const DATATYPES_END: &[&str] = &["-valid", "-valid-restriction"];
const DATATYPES: &[&str] = &[
    "src-single-facet-value",
    "src-pattern-value",
    "src-union-memberTypes-or-simpleTypes",
    "cos-applicable-facets",
    "enumeration-required-notation",
];
/// Facets. What is asked of two of them together is called by both, in the second part.
const FACETS: &[&str] = &[
    "length",
    "minLength",
    "maxLength",
    "whiteSpace",
    "minInclusive",
    "maxInclusive",
    "minExclusive",
    "maxExclusive",
    "totalDigits",
    "fractionDigits",
];
/// The schema for schemas, a part of the first.
const SCHEMA_FOR_SCHEMAS: &str = "https://www.w3.org/TR/xmlschema-1/#normative-schemaSchema";

/// What is asked for under this code, in one sentence; nothing for a code of no known family.
pub(super) fn demand(code: &str) -> Option<&'static str> {
    let family = || FAMILIES.iter().find(|(family, _)| code.starts_with(family)).map(|(_, demand)| *demand);
    own_demand(code).or_else(family)
}

/// The same, without sentences for whole families.
pub(super) fn own_demand(code: &str) -> Option<&'static str> {
    let clause = Clause::ALL.iter().find(|clause| clause.code() == code).map(|clause| clause.demands());
    let ours = || OURS.iter().find(|(known, _)| *known == code).map(|(_, demand)| *demand);
    let rule = || Rule::ALL.iter().find(|rule| rule.code() == code).map(|rule| rule.demands());
    clause.or_else(rule).or_else(ours)
}

/// Where the Recommendation says so.
pub(super) fn reference(code: &str) -> Option<String> {
    // `cvc-complex-type.2.4.a` is a part of `cvc-complex-type`.
    let anchor = code.split('.').next().unwrap_or(code);
    if anchor.starts_with("s4s-") {
        return Some(SCHEMA_FOR_SCHEMAS.to_owned());
    }
    let facet = facet_anchor(anchor);
    let datatypes = DATATYPES.contains(&anchor) || DATATYPES_END.iter().any(|end| anchor.ends_with(end));
    if facet.is_some() || datatypes {
        return Some(format!("https://www.w3.org/TR/xmlschema-2/#{}", facet.as_deref().unwrap_or(anchor)));
    }
    let structures = STRUCTURES.iter().any(|family| anchor.starts_with(family));
    structures.then(|| format!("https://www.w3.org/TR/xmlschema-1/#{anchor}"))
}

/// Where a constraint on facets stands; what has no name of its own stands in the section of its facet.
fn facet_anchor(anchor: &str) -> Option<String> {
    let (facet, asked) = anchor.split_once('-').filter(|(facet, _)| FACETS.contains(facet))?;
    match asked {
        "fixed" | "value" => Some(format!("rf-{facet}")),
        _ => Some(anchor.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_sentence_or_that_of_its_family() {
        let of = |code| demand(code).expect("a sentence");
        assert_eq!(of("cvc-elt.2"), Clause::ElementAbstract.demands());
        assert!(Rule::ALL.iter().all(|rule| demand(rule.code()) == Some(rule.demands())));
        assert!(of("rule.gtin").contains("check digit"));
        assert!(of("xml.cut-off").contains("well-formed"));
        assert_eq!(demand("nonsense"), None);
    }

    #[test]
    fn a_clause_is_found_in_its_part() {
        let of = |code| reference(code).expect("an address");
        assert_eq!(of("cvc-complex-type.2.4.a"), "https://www.w3.org/TR/xmlschema-1/#cvc-complex-type");
        assert_eq!(of("cvc-maxLength-valid"), "https://www.w3.org/TR/xmlschema-2/#cvc-maxLength-valid");
        assert_eq!(of("cvc-datatype-valid.1.2.1"), "https://www.w3.org/TR/xmlschema-2/#cvc-datatype-valid");
        assert_eq!(of("cos-nonambig"), "https://www.w3.org/TR/xmlschema-1/#cos-nonambig");
        assert_eq!(of("src-pattern-value"), "https://www.w3.org/TR/xmlschema-2/#src-pattern-value");
        assert_eq!(of("maxLength-fixed"), "https://www.w3.org/TR/xmlschema-2/#rf-maxLength");
        assert_eq!(
            of("minInclusive-less-than-maxExclusive"),
            "https://www.w3.org/TR/xmlschema-2/#minInclusive-less-than-maxExclusive"
        );
        assert_eq!(
            of("length-minLength-maxLength.1"),
            "https://www.w3.org/TR/xmlschema-2/#length-minLength-maxLength"
        );
        assert_eq!(of("s4s-root"), "https://www.w3.org/TR/xmlschema-1/#normative-schemaSchema");
        let clauses = Clause::ALL.iter().map(|clause| clause.code());
        let rules = Rule::ALL.iter().map(|rule| rule.code());
        let without: Vec<_> = clauses.chain(rules).filter(|code| reference(code).is_none()).collect();
        let ours = ["xml.", "document.", "limit."];
        assert!(without.iter().all(|code| ours.iter().any(|of| code.starts_with(of))), "{without:?}");
        for code in ["rule.gtin", "xml.cut-off", "limit.keys_max"] {
            assert_eq!(reference(code), None);
        }
    }
}
