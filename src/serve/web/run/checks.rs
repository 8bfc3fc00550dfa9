//! What was checked of the feeds of a run, and how far.

use super::super::language::Language;
use super::super::words::RunWords;
use crate::serve::run::Run;
use crate::serve::verdict::{Check, CheckWord};

const AFTER_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];

/// A part of the judgement.
pub(super) struct CheckView {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) parts: Vec<String>,
}

pub(super) fn checks(language: Language, run: &Run, is_broken: bool) -> Vec<CheckView> {
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    let mut checks: Vec<CheckView> = checks.map(|check| CheckView::of(language, check)).collect();
    let records = run.progress.records;
    if is_broken && run.feeds == 1 && records > 0 {
        for check in &mut checks {
            check.broken_off(language, records);
        }
    }
    checks
}

impl CheckView {
    fn of(language: Language, check: &Check) -> Self {
        let words = RunWords::of(language);
        let name = match check.check.as_str() {
            "well-formed" => words.well_formed,
            "schema" => words.schema,
            "rules" => words.rules,
            other => other,
        };
        let (told, class, sign) = match check.state {
            CheckWord::Passed => (words.passed, "good", "✓"),
            CheckWord::Failed => (words.failed, "error", "●"),
            CheckWord::Partial => (words.partial, "warning", "○"),
            CheckWord::Skipped => (words.skipped, "quiet", "–"),
            CheckWord::NotDone => (words.not_done, "warning", "○"),
        };
        let parts = check.parts.iter().map(|said| language.sentence(&without_folders(said))).collect();
        Self { name: name.to_owned(), words: told.to_owned(), class, sign, parts }
    }

    /// The feed was broken off behind so many records: until then it was checked.
    fn broken_off(&mut self, language: Language, records: u64) {
        let words = RunWords::of(language);
        let records = language.counted(records, AFTER_RECORDS);
        let off = match language {
            Language::English => format!("broken off after {records}"),
            Language::German => format!("abgerissen nach {records}"),
        };
        self.words = if self.words == words.not_done { off } else { format!("{}, {off}", self.words) };
    }
}

/// A sentence with files by their names alone: where they lie on the server is nobody's business.
fn without_folders(said: &str) -> String {
    let name = |(at, part): (usize, &str)| {
        let is_quoted = at % 2 == 1;
        let path = part.rsplit_once(['/', '\\']).filter(|_| is_quoted && !part.starts_with(['<', '"']));
        path.map_or_else(|| part.to_owned(), |(_, file)| file.to_owned())
    };
    said.split('`').enumerate().map(name).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_checked_is_told_in_the_language_of_the_page_and_by_files_without_folders() {
        let parts =
            ["`xs:assert` of XML Schema 1.1 in `/srv/schemas/1.0/catalogue.xsd`"].map(str::to_owned).to_vec();
        let check = Check { check: "schema".to_owned(), state: CheckWord::Partial, parts };
        let of = |language| CheckView::of(language, &check).parts;
        assert_eq!(of(Language::English), ["`xs:assert` of XML Schema 1.1 in `catalogue.xsd`"]);
        assert_eq!(of(Language::German), ["`xs:assert` aus XML Schema 1.1 in `catalogue.xsd`"]);
        assert_eq!(without_folders("a/b `c:\\d.xsd` e/f"), "a/b `d.xsd` e/f");
        let told = without_folders("attribute `x` of XML Schema 1.1 on `xs:element` in `/a/b.xsd`");
        let german = "Attribut `x` aus XML Schema 1.1 an `xs:element` in `b.xsd`";
        assert_eq!(Language::German.sentence(&told), german);
    }
}
