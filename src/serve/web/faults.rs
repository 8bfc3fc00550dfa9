//! Faults of a record, as the screens tell them: what is wrong, what it means, who can mend it.

use super::findings::{SeverityName, severity};
use super::language::Language;
use crate::judgement::{Excerpt, Finding, Severity, without_positions};
use crate::report::excerpt::{MarkedExcerpt, is_attribute_value};
use crate::report::german;
use crate::serve::quarantine::EntryFinding;
use crate::store::FindingView;
use std::collections::HashMap;

/// Faults that are told at length.
pub(super) const FAULTS_MAX: usize = 100;

/// Faults of one kind that are told at length.
const ALIKE_MAX: usize = 3;

/// A fault.
pub(super) struct Fault {
    /// Its number, from 1.
    pub(super) number: usize,
    pub(super) severity: SeverityName,
    /// In the language of the page where that has words for it.
    pub(super) sentence: String,
    /// The language it is in.
    pub(super) tag: &'static str,
    pub(super) path: String,
    pub(super) code: String,
    pub(super) found: String,
    /// Where all like it of the source are listed.
    pub(super) alike: Option<String>,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) line_told: String,
    pub(super) column_told: String,
    /// It is like several before it: only where it is is told.
    pub(super) is_again: bool,
    /// Feed, line and column, as editors take them.
    pub(super) place: String,
    /// What it means, and what to do.
    pub(super) told: Option<[&'static str; 2]>,
    pub(super) mender: &'static str,
    /// The line it stands in.
    pub(super) marked: Option<MarkedExcerpt>,
}

impl Fault {
    /// The faults of an entry, those that refuse it first.
    pub(super) fn all(language: Language, found: Vec<EntryFinding>) -> Vec<Self> {
        let faults = found.into_iter().take(FAULTS_MAX).enumerate();
        let mut told: HashMap<(String, String), usize> = HashMap::new();
        let mut fault = |(at, found): (usize, EntryFinding)| {
            let like_it = told.entry((found.code.clone(), without_positions(&found.path))).or_default();
            *like_it += 1;
            Self { is_again: *like_it > ALIKE_MAX, ..Self::of(language, at + 1, found) }
        };
        faults.map(&mut fault).collect()
    }

    /// Those that were just found.
    pub(super) fn found(language: Language, found: &[Finding]) -> Vec<Self> {
        Self::all(language, found.iter().map(|finding| FindingView::from(finding).into()).collect())
    }

    fn of(language: Language, number: usize, found: EntryFinding) -> Self {
        let (sentence, tag) = sentence(language, &found.sentence, &[&found.found]);
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (caret, width) = (whole(found.caret), whole(found.caret_width));
        let is_value = is_attribute_value(&found.path, &found.found);
        Self {
            number,
            severity: severity(language, weight(found.severity)),
            sentence,
            tag,
            path: found.path,
            line: found.line,
            column: found.column,
            line_told: language.grouped(found.line),
            column_told: language.grouped(found.column),
            is_again: false,
            told: explained(language, &found.code),
            mender: mender(language, &found.code),
            place: String::new(),
            code: found.code,
            found: found.found,
            alike: None,
            marked: MarkedExcerpt::on_page(&Excerpt { text: found.excerpt, caret, width }, is_value),
        }
    }
}

/// A sentence in a language, and the language it is in: English where there are no other words for it.
pub(super) fn sentence(language: Language, english: &str, operands: &[&str]) -> (String, &'static str) {
    let german = || german::translation(english, operands);
    match (language == Language::German).then(german).flatten() {
        Some(german) => (german, Language::German.tag()),
        None => (english.to_owned(), Language::English.tag()),
    }
}

/// What a code means, and what to do.
fn explained(language: Language, code: &str) -> Option<[&'static str; 2]> {
    language.advice(code).map(|advice| [advice.meaning, advice.action])
}

fn weight(word: &str) -> Severity {
    let all = [Severity::Notice, Severity::Warning, Severity::Fatal];
    all.into_iter().find(|severity| severity.as_str() == word).unwrap_or(Severity::Error)
}

/// Who can do something about a fault.
fn mender(language: Language, code: &str) -> &'static str {
    let (english, german) = if code.starts_with("limit.") || code == "rule.record-size" {
        (
            "Whoever runs this service, by a higher limit; or the sender, by less.",
            "Wer diesen Dienst betreibt, durch eine höhere Grenze; oder der Absender, durch weniger.",
        )
    } else if code.starts_with("rule.") {
        (
            "The sender. If it is right after all, the rule of the format has to change.",
            "Der Absender. Ist es doch richtig, muss sich die Regel des Formats ändern.",
        )
    } else if code == "cvc-enumeration-valid" {
        (
            "The sender. If the code is a new one, the schema here has to be brought up to date.",
            "Der Absender. Ist der Code neu, muss hier das Schema aktualisiert werden.",
        )
    } else {
        (
            "The sender: it breaks the format that was agreed on. Here it can be mended for once.",
            "Der Absender: Es verletzt das vereinbarte Format. Hier lässt es sich einmalig berichtigen.",
        )
    };
    language.pick(english, german)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_told_in_the_language_of_the_page_where_that_has_words() {
        let english = "`amount` has the value `12,50`; expected a decimal number such as 12.50";
        assert_eq!(sentence(Language::English, english, &["12,50"]), (english.to_owned(), "en"));
        let (german, tag) = sentence(Language::German, english, &["12,50"]);
        assert!(german.contains("hat den Wert `12,50`") && tag == "de", "{german}");
        assert_eq!(sentence(Language::German, "no such thing", &[]), ("no such thing".to_owned(), "en"));
    }

    #[test]
    fn each_weight_is_known_by_its_word() {
        for severity in [Severity::Notice, Severity::Warning, Severity::Error, Severity::Fatal] {
            assert_eq!(weight(severity.as_str()), severity);
        }
    }

    #[test]
    fn who_can_mend_it_depends_on_what_it_breaks() {
        let of = |code| mender(Language::English, code);
        assert!(of("limit.record-bytes").contains("limit") && of("rule.gtin").contains("rule of the format"));
        assert!(
            of("cvc-enumeration-valid").contains("schema here") && of("xml.entity").contains("The sender")
        );
    }

    #[test]
    fn alike_max() {
        let of = |element: usize| Finding {
            path: format!("/a/b[{element}]"),
            ..Finding::new(Severity::Error, "rule.gtin", "x".to_owned(), crate::xml::Place::default())
        };
        let mut all: Vec<Finding> = (0..=ALIKE_MAX).map(of).collect();
        all.push(Finding { path: "/a/c".to_owned(), ..of(0) });
        let told = Fault::found(Language::English, &all);
        let again: Vec<bool> = told.iter().map(|fault| fault.is_again).collect();
        assert_eq!(again, [false, false, false, true, false]);
    }

    #[test]
    fn faults_max() {
        let of = |count: usize| {
            let finding =
                || Finding::new(Severity::Error, "rule.gtin", "x".to_owned(), crate::xml::Place::default());
            let all: Vec<Finding> = (0..count).map(|_| finding()).collect();
            Fault::found(Language::English, &all).len()
        };
        assert_eq!((of(FAULTS_MAX), of(FAULTS_MAX + 1)), (FAULTS_MAX, FAULTS_MAX));
    }
}
