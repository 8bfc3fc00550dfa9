//! What became of a run, in one sentence: the one that its report begins with.

use super::again::Again;
use super::held_words::{settled, state_look};
use super::language::Language;
use crate::import::NO_SENDER;
use crate::judgement::Acceptance;
use crate::report::headline::{Deed, Ended, Things};
use crate::serve::held::HeldItem;
use crate::serve::run::{Run, is_final};

pub(super) use crate::report::headline::Headline;

/// Of a run as it stands; of a held one, what it would do beyond a limit, if that is known.
pub(super) fn headline(language: Language, run: &Run, would: Option<String>) -> Headline {
    if let Some(again) = Again::of(run) {
        return again.headline(language);
    }
    match acceptance(run).filter(|_| is_final(&run.state)) {
        Some(status) if run.rolled_back_by.is_some() => taken_back(language, run, status),
        Some(status) => {
            let told = Headline::of(language, &Ended { would, ..ended(run, status) });
            Headline { words: format!("{}{}", told.words, withdrawn(language, run)), ..told }
        }
        None => Headline { words: unfinished(language, run).to_owned(), class: "notice", sign: "…" },
    }
}

/// What an import took out of the shop: what it leaves behind says more than what it has read.
fn withdrawn(language: Language, run: &Run) -> String {
    let count = run.counts.as_ref().map_or(0, |counts| counts.withdrawn);
    let nouns = [["product", "products"], ["Produkt", "Produkte"]];
    if count == 0 || run.command != "import" {
        return String::new();
    }
    format!(", {} {}", language.counted(count, nouns), language.pick("withdrawn", "zurückgezogen"))
}

/// Of a run that another one has rolled back: what it came to holds no more.
fn taken_back(language: Language, run: &Run, status: Acceptance) -> Headline {
    let was = Headline::of(language, &ended(run, status)).words;
    let by = run.rolled_back_by.unwrap_or_default();
    let words = match language {
        Language::English => format!("Rolled back by run {by}. Before that: {was}"),
        Language::German => format!("Durch Lauf {by} zurückgenommen. Davor: {was}"),
    };
    Headline { words, class: "plain", sign: "○" }
}

impl Headline {
    /// The same of a run whose held feed waits no more, if it does not.
    pub(super) fn settled(self, language: Language, held: Option<&HeldItem>) -> Self {
        let settled = held.and_then(|held| Some((settled(language, held)?, held.state)));
        match settled {
            Some((words, state)) => {
                let (class, sign) = state_look(state);
                Self { words, class, sign }
            }
            None => self,
        }
    }
}

/// Whether a run reads feeds; what judges records again or takes a run back does not.
pub(super) fn reads_feeds(run: &Run) -> bool {
    Again::of(run).is_none() && run.rolls_back.is_none()
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

/// Whether a run was to import one feed, and nobody knows whose it is.
pub(super) fn is_nobodys(run: &Run) -> bool {
    let is_one = run.feeds == 1 && run.command == "import";
    is_one && run.read.first().is_some_and(|feed| feed.source == NO_SENDER)
}

fn ended(run: &Run, status: Acceptance) -> Ended<'_> {
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    let mut unchecked: Vec<&str> = checks.flat_map(|check| &check.parts).map(String::as_str).collect();
    unchecked.dedup();
    Ended {
        status,
        things: Things::Feeds,
        deed: if run.command == "check" { Deed::Check } else { Deed::Import },
        feeds: run.feeds,
        unread: run.feeds_unread,
        held: run.feeds_held,
        known: 0,
        turned_down: run.read.iter().filter(|feed| feed.state == "refused").count() as u64,
        records: run.progress.records,
        refused: run.progress.refused,
        findings: super::run::all_findings(run),
        fatals: run.counts.as_ref().map_or(0, |counts| counts.fatals),
        is_nobodys: is_nobodys(run),
        unchecked,
        rolls_back: run.rolls_back,
        would: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::{feed, run};

    #[track_caller]
    fn case(run: &Run, english: &str, german: &str) {
        assert_eq!(headline(Language::English, run, None).words, english);
        assert_eq!(headline(Language::German, run, None).words, german);
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
            &ended("deviations", Acceptance::NotFullyChecked, 3, 0),
            "Not fully checked: xs:assert",
            "Nicht vollständig geprüft: xs:assert",
        );
        case(
            &run("failed", None, 0, 0),
            "The feed could not be read",
            "Die Lieferung konnte nicht gelesen werden",
        );
        case(&run("killed", None, 5, 0), "Broken off before the end", "Vor dem Ende abgerissen");
        assert_ne!(headline(Language::English, &run("running", None, 1, 0), None).class, "good");
    }

    #[test]
    fn what_was_rolled_back_is_not_told_as_accepted() {
        let mut back = run("succeeded", Some(0), 200, 0);
        back.rolled_back_by = Some(50);
        let told = headline(Language::English, &back, None);
        assert_eq!(told.words, "Rolled back by run 50. Before that: All 200 records accepted");
        assert_eq!(told.class, "plain");
    }

    #[test]
    fn what_an_import_has_withdrawn_stands_in_its_sentence() {
        let mut full = run("succeeded", Some(0), 188, 0);
        full.counts.as_mut().expect("counts").withdrawn = 812;
        case(
            &full,
            "All 188 records accepted, 812 products withdrawn",
            "Alle 188 Datensätze angenommen, 812 Produkte zurückgezogen",
        );
        "check".clone_into(&mut full.command);
        assert!(!headline(Language::English, &full, None).words.contains("withdrawn"));
    }

    #[test]
    fn a_feed_of_nobody_is_told_as_such() {
        let mut nobodys = run("deviations", Some(Acceptance::Deviations.exit_status()), 1, 0);
        nobodys.read = vec![feed(NO_SENDER)];
        case(
            &nobodys,
            "Nothing imported: the feed names no valid sender",
            "Nichts importiert: Die Lieferung nennt keinen gültigen Absender",
        );
        nobodys.read = vec![feed("Verlag")];
        assert!(!is_nobodys(&nobodys), "it is that of somebody");
    }

    #[test]
    fn a_held_run_says_what_it_would_do() {
        let told = headline(Language::English, &run("held", None, 5, 0), Some("withdraw 4 of 5".to_owned()));
        assert_eq!(told.words, "Held: it would withdraw 4 of 5");
    }
}
