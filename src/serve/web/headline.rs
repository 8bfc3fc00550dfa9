//! What became of a run, in one sentence: in English the one that the report begins with.

use super::language::Language;
use crate::judgement::Acceptance;
use crate::report::filters::{class_of, sign_of};
use crate::serve::run::{Run, is_final};

/// Constructs that are named in the sentence; the rest stands with the checks.
const NAMED_MAX: usize = 3;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];
const OF_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];
const DEVIATIONS: [[&str; 2]; 2] = [["deviation", "deviations"], ["Abweichung", "Abweichungen"]];

/// The sentence, how it looks, and a sign that goes with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) words: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
}

impl Headline {
    /// Of a run as it stands.
    pub(super) fn of(language: Language, run: &Run) -> Self {
        let Some(acceptance) = acceptance(run).filter(|_| is_final(&run.state)) else {
            return Self { words: unfinished(language, run).to_owned(), class: "notice", sign: "…" };
        };
        Self {
            words: words(language, run, acceptance),
            class: class_of(acceptance),
            sign: sign_of(acceptance),
        }
    }
}

/// What a run came to; of one that tells no exit status, by how it stands.
pub(super) fn acceptance(run: &Run) -> Option<Acceptance> {
    match (run.exit_status, run.state.as_str()) {
        (_, "queued" | "running") => None,
        (Some(status), _) => Some(Acceptance::of_exit_status(status)),
        (None, "succeeded") => Some(Acceptance::Accepted),
        (None, "deviations") => Some(Acceptance::Deviations),
        (None, "held") => Some(Acceptance::Held),
        (None, "cancelled") => Some(Acceptance::Cancelled),
        (None, _) => Some(Acceptance::Failed),
    }
}

fn unfinished(language: Language, run: &Run) -> &'static str {
    match run.state.as_str() {
        _ if run.cancel_asked => language.pick("Being cancelled", "Wird abgebrochen"),
        "queued" => language.pick("Waiting for its turn", "Wartet, bis er an der Reihe ist"),
        _ => language.pick("Being checked", "Wird geprüft"),
    }
}

fn words(language: Language, run: &Run, acceptance: Acceptance) -> String {
    let said = |english, german| language.pick(english, german).to_owned();
    match acceptance {
        Acceptance::Accepted => accepted(language, run),
        Acceptance::NotFullyChecked => not_fully_checked(language, run),
        Acceptance::Deviations => deviations(language, run),
        Acceptance::Held if run.command == "check" => {
            said("It would be held for approval", "Sie würde zur Freigabe angehalten")
        }
        Acceptance::Held => said(
            "Held for approval: nothing of it was imported",
            "Zur Freigabe angehalten: Nichts davon wurde importiert",
        ),
        Acceptance::Failed if run.progress.records == 0 => {
            said("The feed could not be read", "Die Lieferung konnte nicht gelesen werden")
        }
        Acceptance::Failed => said("Broken off before the end", "Vor dem Ende abgerissen"),
        Acceptance::Cancelled => said("Cancelled before the end", "Vor dem Ende abgebrochen"),
    }
}

fn accepted(language: Language, run: &Run) -> String {
    let said = |english, german| language.pick(english, german).to_owned();
    if let Some(other) = run.rolls_back {
        return match language {
            Language::English => format!("Run {other} was rolled back"),
            Language::German => format!("Lauf {other} wurde zurückgenommen"),
        };
    }
    match (run.progress.records, run.feeds) {
        (0, 0) => said("No feed was read", "Keine Lieferung wurde gelesen"),
        (0, _) => said("Everything was checked and nothing is wrong", "Alles geprüft, nichts zu beanstanden"),
        (1, _) => said("1 record accepted", "1 Datensatz angenommen"),
        (records, _) => match language {
            Language::English => format!("All {} accepted", language.counted(records, RECORDS)),
            Language::German => format!("Alle {} angenommen", language.counted(records, RECORDS)),
        },
    }
}

fn not_fully_checked(language: Language, run: &Run) -> String {
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    let mut names: Vec<&str> = checks.flat_map(|check| &check.parts).map(String::as_str).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    if names.is_empty() {
        let nothing = "Nothing wrong was found, but not all of it was checked";
        return language.pick(nothing, "Nichts zu beanstanden, aber nicht alles wurde geprüft").to_owned();
    }
    let (said, names) = (language.pick("Not fully checked", "Nicht vollständig geprüft"), names.join(", "));
    match (more, language) {
        (0, _) => format!("{said}: {names}"),
        (more, Language::English) => format!("{said}: {names} and {more} more"),
        (more, Language::German) => format!("{said}: {names} und {more} weitere"),
    }
}

fn deviations(language: Language, run: &Run) -> String {
    if run.progress.refused > 0 {
        return refused(language, run.progress.refused, run.progress.records);
    }
    let counts = run.counts.as_ref();
    let number = counts.map_or(0, |counts| counts.notices + counts.warnings + counts.errors + counts.fatals);
    if number == 0 {
        return language.pick("Deviations were found", "Es wurden Abweichungen gefunden").to_owned();
    }
    let outside = match run.progress.records {
        0 => "",
        _ => language.pick(" outside of the records", " außerhalb der Datensätze"),
    };
    format!("{}{outside}", language.counted(number, DEVIATIONS))
}

fn refused(language: Language, refused: u64, records: u64) -> String {
    match (refused, records, language) {
        (1, 1, _) => {
            language.pick("The one record was refused", "Der einzige Datensatz wurde abgewiesen").to_owned()
        }
        (refused, records, Language::English) if refused == records => {
            format!("All {} refused", language.counted(records, RECORDS))
        }
        (refused, records, Language::German) if refused == records => {
            format!("Alle {} abgewiesen", language.counted(records, RECORDS))
        }
        (refused, records, Language::English) => {
            format!("{} of {} refused", language.grouped(refused), language.counted(records, OF_RECORDS))
        }
        (refused, records, Language::German) => {
            format!("{} von {} abgewiesen", language.grouped(refused), language.counted(records, OF_RECORDS))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;

    #[track_caller]
    fn case(run: &Run, english: &str, german: &str) {
        assert_eq!(Headline::of(Language::English, run).words, english);
        assert_eq!(Headline::of(Language::German, run).words, german);
    }

    #[test]
    fn a_run_is_told_in_one_sentence() {
        case(&run("queued", None, 0, 0), "Waiting for its turn", "Wartet, bis er an der Reihe ist");
        case(&run("running", None, 7, 0), "Being checked", "Wird geprüft");
        let ended = |state, acceptance: Acceptance, records, refused| {
            run(state, Some(acceptance.exit_status()), records, refused)
        };
        case(
            &ended("succeeded", Acceptance::Accepted, 20_000, 0),
            "All 20,000 records accepted",
            "Alle 20.000 Datensätze angenommen",
        );
        case(
            &ended("deviations", Acceptance::Deviations, 20_131, 12),
            "12 of 20,131 records refused",
            "12 von 20.131 Datensätzen abgewiesen",
        );
        case(
            &ended("deviations", Acceptance::Deviations, 1, 1),
            "The one record was refused",
            "Der einzige Datensatz wurde abgewiesen",
        );
        case(
            &ended("deviations", Acceptance::NotFullyChecked, 3, 0),
            "Not fully checked: xs:assert",
            "Nicht vollständig geprüft: xs:assert",
        );
        case(
            &ended("cancelled", Acceptance::Cancelled, 3, 0),
            "Cancelled before the end",
            "Vor dem Ende abgebrochen",
        );
        case(
            &run("failed", None, 0, 0),
            "The feed could not be read",
            "Die Lieferung konnte nicht gelesen werden",
        );
        case(&run("killed", None, 5, 0), "Broken off before the end", "Vor dem Ende abgerissen");
    }

    #[test]
    fn only_what_was_accepted_and_checked_is_green() {
        let class = |acceptance: Acceptance| {
            Headline::of(Language::English, &run("succeeded", Some(acceptance.exit_status()), 1, 0)).class
        };
        assert_eq!(class(Acceptance::Accepted), "good");
        for other in
            [Acceptance::NotFullyChecked, Acceptance::Deviations, Acceptance::Held, Acceptance::Failed]
        {
            assert_ne!(class(other), "good", "{other:?}");
        }
        assert_ne!(Headline::of(Language::English, &run("running", None, 1, 0)).class, "good");
    }
}
