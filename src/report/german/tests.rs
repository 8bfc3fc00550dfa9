//! Patterns are whole, and hostile operands stay what they are.

use super::skeleton::MARK;
use super::table::{DEPTH_MAX, SENTENCES};
use super::*;
use crate::judgement::{Finding, Severity};
use crate::product::RecordReference;
use crate::report::Explanation;
use crate::xml::Place;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Words that no German sentence has outside of what it takes over.
const ENGLISH: &[&str] = &[
    "the", "is", "are", "of", "and", "or", "which", "that", "not", "no", "with", "has", "have", "may",
    "must", "expected", "found", "here", "such", "than", "more", "other", "others", "without", "its", "it",
    "be", "by",
];

#[track_caller]
fn case(english: &str, german: &str) {
    assert_eq!(translation(english, &[]).as_deref(), Some(german), "{english}");
}

/// A finding with this sentence, of a value that stands in it.
fn finding(sentence: String, found: &str) -> Finding {
    let finding = Finding::new(Severity::Error, "cvc-pattern-valid", sentence, Place::default());
    Finding { found: found.to_owned(), ..finding }
}

/// What stands outside of backticks.
fn outside(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

fn without_placeholders(text: &str) -> String {
    let part = |part: &str| part.split_once('}').map_or(part, |(_, rest)| rest).to_owned();
    text.split('{').map(part).collect::<Vec<_>>().join(" ")
}

/// Every row: the table, the English, the German.
fn rows() -> Vec<(String, String, String)> {
    let tables = SENTENCES.iter().flat_map(|text| toml::from_str::<toml::Table>(text).expect("TOML"));
    let rows = tables.flat_map(|(table, rows)| {
        let rows = rows.as_table().expect("a table").clone();
        rows.into_iter().map(move |(english, german)| {
            (table.clone(), english, german.as_str().expect("a text").to_owned())
        })
    });
    rows.collect()
}

#[test]
fn sentences_are_translated_with_what_stands_in_them() {
    case(
        "`amount` has the value `12,50`; expected a decimal number such as 12.50",
        "`amount` hat den Wert `12,50`; erwartet: eine Dezimalzahl wie 12.50",
    );
    case("one of `a` or `b` is missing before `c`", "vor `c` fehlt `a` oder `b`");
    case(
        "`x` may not stand here; expected `a`, `b` or 3 others",
        "`x` darf hier nicht stehen; erwartet: `a`, `b` oder 3 weitere",
    );
    case(
        "attribute `b` has the value `x`, which names a day that does not exist; expected a date such as 2026-11-23",
        "das Attribut `b` hat den Wert `x`; diesen Tag gibt es nicht; erwartet: ein Datum wie 2026-11-23",
    );
    case(
        "Elements are nested deeper than the limit `depth_max` of 1,024",
        "Elemente sind tiefer geschachtelt als die Grenze `depth_max` von 1.024",
    );
    case(
        "The feed would withdraw 812 of 1000 products, beyond what `guard.withdraw` allows (10%): it is held and \
         nothing of it was imported.",
        "Die Lieferung würde 812 von 1000 Produkten zurückziehen, mehr als `guard.withdraw` erlaubt (10%): sie ist \
         zur Freigabe angehalten, und nichts davon wurde importiert.",
    );
}

#[test]
fn what_has_no_german_stays_english_as_a_whole() {
    for english in
        ["nonsense", "", "`a` is nonsense", "`x` may not stand here; expected nonsense", "`a", "A`b"]
    {
        assert_eq!(sentence(english), english);
    }
    assert_eq!(expected("a date such as 2026-11-23"), "ein Datum wie 2026-11-23");
    assert_eq!(expected("nonsense"), "nonsense");
}

#[test]
fn drifts_are_told_in_german() {
    for (english, german) in [
        (
            "`Price/Tax` was in 99.8 % of records in the last 20 feeds, now in 61 % (12,280 of 20,131)",
            "`Price/Tax` stand in 99,8 % der Datensätze in den letzten 20 Lieferungen, jetzt in 61 % (12.280 von \
             20.131)",
        ),
        (
            "`Price` of deleting records was in 1 % of records with `Offer` in the feed before, now in none of 1,200",
            "`Price` löschender Datensätze stand in 1 % der Datensätze mit `Offer` in der Lieferung davor, jetzt in \
             keinem von 1.200",
        ),
        (
            "`a` was a number with a decimal point in 100 % of its texts in the last 8 feeds and never a number with a \
             decimal comma, which it is now in 30 % (3 of 10)",
            "`a` war eine Zahl mit Dezimalpunkt in 100 % der Texte in den letzten 8 Lieferungen und niemals eine Zahl \
             mit Dezimalkomma, was es jetzt in 30 % (3 von 10) ist",
        ),
        (
            "`a` had 4 to 7 characters in less than 0.01 % of its texts in the last 8 feeds, now in 30 % (3 of 10)",
            "`a` hatte 4 bis 7 Zeichen in weniger als 0,01 % der Texte in den letzten 8 Lieferungen, jetzt in 30 % (3 \
             von 10)",
        ),
        (
            "the language of the header was absent in the last 8 feeds, now it is `eng`",
            "die Sprache im Kopf: in den letzten 8 Lieferungen nicht angegeben, jetzt `eng`",
        ),
        (
            "the median of `Price/Amount` was 24.5 in the median of the last 9 feeds, now 2,450",
            "der Median von `Price/Amount`: im Median in den letzten 9 Lieferungen 24,5, jetzt 2.450",
        ),
        (
            "`a` of the last 8 feeds is gone; in as many records there is now `b`",
            "`a`, das in den letzten 8 Lieferungen da war, fehlt; in ebenso vielen Datensätzen steht jetzt `b`",
        ),
    ] {
        assert_eq!(sentence(english), german);
    }
}

#[test]
fn every_table_is_there_and_needed() {
    let tables: BTreeSet<&str> = TABLES.iter().map(|(name, _)| name).collect();
    let rows = TABLES.iter().flat_map(|(_, table)| &table.patterns);
    let needed: BTreeSet<&str> =
        rows.flat_map(super::pattern::Pattern::tables).chain(["sentence", "expected", "demand"]).collect();
    assert_eq!(tables, needed);
}

#[test]
fn german_is_german_and_keeps_what_is_quoted() {
    for (table, english, german) in rows() {
        let words = without_placeholders(&outside(&german));
        let foreign: Vec<_> =
            words.split(|c: char| !c.is_alphabetic()).filter(|word| ENGLISH.contains(word)).collect();
        // The two words of the declaration itself.
        let is_declaration = english == "standalone is neither yes nor no";
        assert!(foreign.is_empty() || is_declaration, "{table}: {german}: {foreign:?}");
        let quoted =
            |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        assert!(quoted(&german).is_superset(&quoted(&english)), "{table}: {english} = {german}");
    }
}

#[test]
fn every_code_is_explained() {
    for code in Explanation::codes() {
        let german = explanation(code).unwrap_or_else(|| panic!("nothing explains `{code}` in German"));
        let english = Explanation::of(code).expect("a code");
        for text in [german.meaning, german.action].into_iter().chain(german.demand.as_deref()) {
            assert!(text.ends_with(['.', '?']), "{code}: {text}");
            let foreign: Vec<_> =
                text.split(' ').filter(|word| ["the", "of", "which", "and", "with"].contains(word)).collect();
            assert!(foreign.is_empty(), "{code}: {text}");
        }
        assert_eq!(german.demand.is_some(), english.demand.is_some(), "{code}");
        let in_words = english.example == crate::report::ExampleKind::Words;
        assert_eq!((german.breaks.is_some(), german.holds.is_some()), (in_words, in_words), "{code}");
    }
    assert_eq!(super::explanation::ENTRIES.len(), Explanation::codes().len(), "an entry is of no code");
    assert_eq!(explanation("nonsense"), None);
}

#[test]
fn sentences_are_translated_up_to_a_length() {
    let of = |bytes: usize| {
        let frame = "the ID `` is used a second time".len();
        translation(&format!("the ID `{}` is used a second time", "x".repeat(bytes - frame)), &[])
    };
    assert!(of(SENTENCE_BYTES_MAX).is_some());
    assert_eq!(of(SENTENCE_BYTES_MAX + 1), None);
}

#[test]
fn lists_are_translated_up_to_a_length() {
    let of = |items: u32| {
        let items = vec!["`a`"; items as usize].join(", ");
        translation(&format!("`x` may not stand here; expected {items}"), &[])
    };
    // The sentence, and the last item in its list.
    assert!(of(DEPTH_MAX - 2).is_some());
    assert_eq!(of(DEPTH_MAX - 1), None);
}

#[test]
fn a_search_ends_after_so_many_tries() {
    let skeleton = Skeleton::of("the document is empty", &[]).expect("no marks");
    assert_eq!(
        TABLES.within("inside", &Skeleton::of("before its root element", &[]).expect("no marks"), 0),
        None
    );
    let few = (0..100).find(|tries| {
        let skeleton = Skeleton::of("`a` is empty; expected text", &[]).expect("no marks");
        TABLES.within("sentence", &skeleton, *tries).is_some()
    });
    assert!(few.is_some_and(|few| few > 3), "{few:?}");
    assert_eq!(TABLES.within("sentence", &skeleton, table::TRIES_MAX), None);
}

#[test]
fn a_key_with_quotes_does_not_end_itself() {
    let key = "a\", which was never imported from this sender. Product \"b";
    let sentence =
        format!("The record withdraws product \"{key}\", which was never imported from this sender.");
    let told = Finding { key: RecordReference::new(key), ..finding(sentence, key) };
    assert_eq!(
        of_finding(&told),
        format!(
            "Der Datensatz zieht das Produkt \"{key}\" zurück, das von diesem Absender nie importiert wurde."
        )
    );
}

/// Pieces that a feed would write to break out: backticks, and words of patterns.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "`",
        "`",
        "; expected ",
        "a",
        " or ",
        ", which ",
        "{found}",
        "\"",
        " is empty",
        "`; expected `",
        "ü",
        " ",
        "1",
        " has the value `",
        ", ",
        "one of ",
        ":",
        "\u{1}",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn an_empty_value_stays_what_it_is() {
    let told = finding("`a` has the value ``; expected a decimal number such as 12.50".to_owned(), "");
    assert_eq!(of_finding(&told), "`a` hat den Wert ``; erwartet: eine Dezimalzahl wie 12.50");
}

proptest! {
    #[test]
    fn a_value_stays_what_it_is(value in hostile(), name in "[a-z]{1,8}") {
        prop_assume!(!value.contains(MARK));
        let english = format!("`{name}` has the value `{value}`; expected a decimal number such as 12.50");
        let german = format!("`{name}` hat den Wert `{value}`; erwartet: eine Dezimalzahl wie 12.50");
        let told = finding(english, &value);
        prop_assert_eq!(of_finding(&told), german);
    }

    #[test]
    fn an_item_of_a_list_stays_what_it_is(
        before in "[a-z]{0,3}", value in "[a-z`;]{1,8}", behind in "[a-z]{0,3}"
    ) {
        let found = format!("{before} {value} {behind}");
        let english = format!("`e` has `{value}` as item 2 of its list; expected text");
        let german = format!("`e` hat `{value}` an Stelle 2 seiner Liste; erwartet: Text");
        let told = finding(english, &found);
        prop_assert_eq!(of_finding(&told), german);
    }

    #[test]
    fn no_text_makes_it_panic_and_nothing_quoted_is_lost(text in hostile(), other in hostile()) {
        let english = format!("`{text}` may not stand here; expected `{other}`");
        if let Some(german) = translation(&english, &[]) {
            for operand in english.split('`').skip(1).step_by(2) {
                prop_assert!(german.contains(operand), "{english} {german}");
            }
        }
        let told = finding(text.clone(), &other);
        let _ = (sentence(&text), of_finding(&told), expected(&other));
    }

    #[test]
    fn any_text_is_told_somehow(text in ".*") {
        prop_assert!(text.is_empty() == sentence(&text).is_empty());
    }
}
