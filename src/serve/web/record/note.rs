//! What came of what somebody just did with a record.

use super::super::error_page;
use super::super::faults::{Fault, sentence};
use super::super::language::Language;
use super::super::words::RecordWords;
use super::text::indentation;
use crate::import::{Exceeded, Replayed};
use crate::judgement::escape::shown;
use crate::judgement::{Outcome, RecordResult, Severity};
use crate::serve::problem::{Kind, Problem};
use crate::serve::worker::chain;
use crate::store::Outdated;
use axum::http::StatusCode;
use std::borrow::Cow;

/// What came of what somebody just did.
pub(super) struct Note {
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) words: Cow<'static, str>,
    /// More, in English or the page's language.
    pub(super) details: Vec<(String, &'static str)>,
    pub(super) faults: Vec<Fault>,
    /// When it was checked, and nothing else.
    pub(super) checked_at: Option<String>,
    /// The run that is in the way.
    pub(super) run: Option<i64>,
    pub(super) status: StatusCode,
}

impl Note {
    /// Whether a text that was sent is no XML at all.
    pub(super) fn is_unreadable(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity.class == Severity::Fatal.as_str())
    }

    pub(super) fn good(words: &'static str) -> Self {
        Self { class: "good", sign: "✓", ..Self::bad(words) }
    }

    pub(super) fn plain(words: &'static str) -> Self {
        Self { class: "quiet", sign: "–", ..Self::bad(words) }
    }

    pub(super) fn bad(words: &'static str) -> Self {
        let (class, sign, status) = ("error", "●", StatusCode::OK);
        Self {
            class,
            sign,
            words: words.into(),
            details: Vec::new(),
            faults: Vec::new(),
            checked_at: None,
            run: None,
            status,
        }
    }

    /// With the places in the text as it was sent: it was judged without what it is indented by.
    pub(super) fn moved(mut self, text: Option<&str>) -> Self {
        let by = text.map_or(0, indentation) as u64;
        for fault in self.faults.iter_mut().filter(|fault| fault.line == 1) {
            fault.column += by;
        }
        self
    }

    /// What a check came to.
    ///
    /// The page stays where somebody goes back to it: it says when it was so, and that a check stores nothing, which holds
    /// whatever was done since.
    pub(super) fn checked(language: Language, judged: Result<Outcome, Replayed>, at: String) -> Self {
        let words = RecordWords::of(language);
        match judged {
            Ok(outcome) => {
                let note = match outcome.result {
                    RecordResult::Accepted(_) => Self::good(words.is_right),
                    RecordResult::Refused => Self::bad(words.still_wrong),
                };
                Self { faults: Fault::found(language, &outcome.findings), checked_at: Some(at), ..note }
            }
            Err(why) => Self { status: StatusCode::OK, ..Self::not_imported(language, why) },
        }
    }

    /// The same of a text that was imported before, just as it was sent.
    pub(super) fn done_before(self, language: Language) -> Self {
        let words = RecordWords::of(language).done_before;
        if self.status == StatusCode::CONFLICT {
            Self { status: self.status, ..Self::plain(words) }
        } else {
            self
        }
    }

    /// What was not even begun, and why: the text that was sent stands below.
    pub(super) fn of(language: Language, problem: &Problem, here: &str) -> Self {
        let words = RecordWords::of(language);
        let (status, tag) = (problem.kind().status(), language.tag());
        let stays = (words.text_stays.to_owned(), tag);
        let again = (words.import_again.to_owned(), tag);
        if let (Kind::Conflict, Some(run)) = (problem.kind(), problem.run()) {
            return Self { status, run: Some(run), details: vec![stays, again], ..Self::bad(words.locked) };
        }
        let title = error_page::title(language, problem, here);
        let is_said = matches!(problem.kind(), Kind::InvalidParameter | Kind::InvalidRequest);
        let told = [error_page::told(language, problem.detail()), stays].into_iter();
        let details = told.chain((!is_said).then_some(again)).collect();
        Self { words: title.into(), status, details, ..Self::bad("") }
    }

    /// Why nothing was imported.
    pub(super) fn not_imported(language: Language, why: Replayed) -> Self {
        let words = RecordWords::of(language);
        let conflict = |words| Self { status: StatusCode::CONFLICT, ..Self::bad(words) };
        match why {
            Replayed::Imported => Self::good(words.imported),
            Replayed::Refused(findings) => {
                Self { faults: Fault::found(language, &findings), ..Self::bad(words.not_imported) }
            }
            Replayed::Held(exceeded) => {
                let reason = |exceeded: &Exceeded| sentence(language, &exceeded.sentence(), &[]);
                let details = exceeded.iter().map(reason).collect();
                Self { class: "held", sign: "‖", details, ..Self::bad(words.held) }
            }
            Replayed::Outdated(Outdated::Closed(_)) | Replayed::Unknown => conflict(words.closed),
            Replayed::Outdated(Outdated::Newer) => conflict(words.overtaken),
            Replayed::Outdated(Outdated::Taken) => conflict(words.taken),
            Replayed::Outdated(Outdated::Changed) => conflict(words.came_anew),
            Replayed::OtherKey { expected, found } => {
                let told = other_key(language, &expected, found.as_str());
                Self { words: told.into(), ..conflict("") }
            }
            Replayed::Unjudged(error) => {
                let details = vec![(chain(&*error), Language::English.tag())];
                Self { details, ..conflict(words.unjudged) }
            }
        }
    }
}

fn other_key(language: Language, expected: &str, found: &str) -> String {
    let [expected, found] = [expected, found].map(shown);
    match language {
        Language::English => {
            format!("The record reference has to stay {expected}; the text has {found}. Nothing was stored.")
        }
        Language::German => {
            format!(
                "Die Satzreferenz muss {expected} bleiben; im Text steht {found}. Gespeichert wurde nichts."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_imported_is_told_with_the_status_of_a_conflict() {
        for outdated in [Outdated::Newer, Outdated::Taken, Outdated::Changed] {
            let note = Note::not_imported(Language::English, Replayed::Outdated(outdated));
            assert_eq!(note.status, StatusCode::CONFLICT);
            assert!(note.words.contains("changed"), "{}", note.words);
        }
        let held = Note::not_imported(Language::German, Replayed::Held(Vec::new()));
        assert_eq!((held.class, held.status), ("held", StatusCode::OK));
    }
}
