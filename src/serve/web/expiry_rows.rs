//! What expires of a source, as rows of its page.

use super::language::Language;
use super::moment::Moment;
use crate::expiry::{Standing, State, Term};
use crate::serve::expiry::{Seen, of_source};
use jiff::Timestamp;

/// Things that are shown of one source; those that need a hand come first.
const ROWS_MAX: usize = 100;

/// One thing.
pub(super) struct ExpiryRow {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) state: &'static str,
    pub(super) until: Option<Moment>,
    pub(super) owner: String,
    pub(super) runbook: String,
}

/// The rows of a source; `None` when nothing is known.
pub(super) fn expiring(
    language: Language,
    now: Timestamp,
    seen: &Seen,
    source: &str,
) -> Option<Vec<ExpiryRow>> {
    let rows =
        |scan| of_source(scan, source).take(ROWS_MAX).map(|standing| row(language, now, standing)).collect();
    match seen {
        Seen::Nothing => Some(Vec::new()),
        Seen::Scan(scan) => Some(rows(scan)),
        Seen::Failed => None,
    }
}

fn row(language: Language, now: Timestamp, standing: &Standing) -> ExpiryRow {
    let (class, sign) = match standing.state {
        State::Ok => ("notice", "✓"),
        State::Warning | State::NotYetValid => ("warning", "▲"),
        _ => ("error", "●"),
    };
    ExpiryRow {
        name: standing.thing.name.to_string(),
        class,
        sign,
        state: language.pick(standing.state.words(), german(standing.state)),
        until: standing.until.and_then(Term::moment).map(|until| Moment::of(language, now, until)),
        owner: standing.thing.owner.clone(),
        runbook: standing.thing.runbook.clone(),
    }
}

/// A state in German.
const fn german(state: State) -> &'static str {
    match state {
        State::Ok => "in Ordnung",
        State::Warning => "läuft bald ab",
        State::Critical => "läuft sehr bald ab",
        State::NotYetValid => "noch nicht gültig",
        State::NothingFound => "nichts gefunden",
        State::Unreachable => "nicht erreichbar",
        State::Unreadable => "nicht lesbar",
        State::WrongPassword => "falsches Passwort",
        State::Mismatch => "stimmt nicht überein",
        State::Expired => "abgelaufen",
    }
}
