//! Sentences and explanations in German, for people; programs are told the English ones.
//!
//! The engine writes English, and one sentence has one maker. German is a table of patterns beside it, kept as data in
//! `sentences.toml`: the English sentence with placeholders, and the German one with the same placeholders.
//!
//! ```text
//!  `amount` has the value `12,50`; expected a decimal number such as 12.50
//!     │  what stands in backticks is taken out: no word of a feed takes part in what follows
//!     ▼
//!  `·` has the value `·`; expected a decimal number such as 12.50
//!     │  {lead:lead}; expected {expected:expected}       the whole of it matches, or nothing does
//!     ▼
//!  `amount` hat den Wert `12,50`; erwartet: eine Dezimalzahl wie 12.50
//! ```
//!
//! What always holds:
//!
//! * A sentence is translated as a whole or stays English; nothing is guessed.
//! * What a sentence says of a feed is in its translation as it stood: names, values, numbers.
//! * What a feed holds does not choose the pattern, where the finding says what the sentence repeats
//!   ([`of_finding`]), be there backticks in it.
//!
//! # Placeholders
//!
//! | in a pattern | stands for |
//! | --- | --- |
//! | `` `{a}` `` | what stands in backticks, whatever it is |
//! | `{a#}` | a number, whose thousands German parts by points |
//! | `{a.}` | text without blanks |
//! | `{a~}` | any text, taken over as it is |
//! | `{_a~}` | any text, which German leaves out: a note that a schema has in English |
//! | `{a:kind}` | words that the table `kind` translates |
//!
//! # Glossary
//!
//! | English | German |
//! | --- | --- |
//! | feed | Lieferung; Datei where the file is meant |
//! | record | Datensatz |
//! | sender, source | Absender, Quelle |
//! | run | Lauf |
//! | deviation, fault | Abweichung, Fehler |
//! | refused | abgewiesen |
//! | quarantine | Quarantäne |
//! | held (for approval), let in | (zur Freigabe) angehalten, freigegeben |
//! | withdraw | zurückziehen |
//! | edition, edition number | Ausgabe, Bestellnummer |
//! | code list, issue | Codeliste, Ausgabe |
//! | required | vorgeschrieben |
//! | schema document | Schemadokument |
//! | namespace, prefix | Namensraum, Präfix |
//! | content model | Inhaltsmodell |
//! | wildcard | Platzhalter |
//! | substitution group | Ersetzungsgruppe |
//! | constraint | Bedingung |
//! | base type | Basistyp |

mod explanation;
mod pattern;
mod skeleton;
mod table;
#[cfg(test)]
mod tests;
mod told;

pub use explanation::{GermanExplanation, explanation};

use crate::judgement::Finding;
use skeleton::Skeleton;
use std::borrow::Cow;
use table::TABLES;

/// Longest sentence that is translated, in bytes; longer ones stay English.
pub const SENTENCE_BYTES_MAX: usize = 16 * 1024;

/// The sentence of a finding in German, or as it is where German has none for it.
#[must_use]
pub fn of_finding(finding: &Finding) -> Cow<'_, str> {
    let key = finding.key.as_ref().map_or("", |key| key.as_str());
    told(&finding.sentence, &[&finding.found, key])
}

/// A sentence in German, or as it is where German has none for it.
#[must_use]
pub fn sentence(english: &str) -> Cow<'_, str> {
    told(english, &[])
}

/// What was expected ([`Finding::expected`]) in German, or as it is where German has no words for it.
#[must_use]
pub fn expected(english: &str) -> Cow<'_, str> {
    let german = Skeleton::of(english, &[]).and_then(|skeleton| TABLES.words("expected", &skeleton));
    german.map_or(Cow::Borrowed(english), Cow::Owned)
}

/// A sentence in German, if there is one for it. `operands` are texts that it may repeat from a feed.
#[must_use]
pub fn translation(english: &str, operands: &[&str]) -> Option<String> {
    let exact = |english: &str| TABLES.words("sentence", &Skeleton::of(english, operands)?);
    // Reports begin the messages of errors with a capital.
    exact(english).or_else(|| {
        let small = small(english)?;
        exact(&small).map(|german| capital(&german))
    })
}

fn told<'a>(english: &'a str, operands: &[&str]) -> Cow<'a, str> {
    translation(english, operands).map_or(Cow::Borrowed(english), Cow::Owned)
}

/// The text with a small first letter, if it has a capital one.
fn small(text: &str) -> Option<String> {
    let first = text.chars().next().filter(char::is_ascii_uppercase)?;
    Some(format!("{}{}", first.to_ascii_lowercase(), &text[1..]))
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
