//! What is known of a run: its numbers, where it comes from and when it was.

use super::super::again::Again;
use super::super::language::Language;
use super::super::moment::{Moment, between, lasted};
use super::super::visit::Viewer;
use super::super::who::who;
use super::super::words::RunWords;
use crate::access::Scope;
use crate::import::{NO_FORMAT, NO_SENDER};
use crate::serve::problem::Problem;
use crate::serve::run::{Counts, Run};
use crate::serve::service::Service;
use crate::store::{AuditAction, RunId};
use jiff::Timestamp;

/// Decisions about a run that are looked at.
const DECISIONS_MAX: u32 = 10;

/// What refused records are called: a check refuses nothing.
pub(super) fn refused_word(language: Language, run: &Run, refused: u64) -> &'static str {
    let words = RunWords::of(language);
    match (run.command.as_str(), refused) {
        ("check", 1) => words.one_would_be_refused,
        ("check", _) => words.would_be_refused,
        _ => words.refused,
    }
}

/// What was done to products: `3 new, 18 changed, 179 as before`.
pub(super) fn in_shop(language: Language, counts: &Counts) -> String {
    let words = RunWords::of(language);
    let all = [
        (counts.inserted, words.inserted),
        (counts.updated, words.updated),
        (counts.withdrawn, words.withdrawn),
        (counts.unchanged, words.unchanged),
    ];
    let some = all.into_iter().filter(|(number, _)| *number > 0);
    some.map(|(number, name)| format!("{} {name}", language.grouped(number))).collect::<Vec<_>>().join(", ")
}

/// The numbers that are not nought.
pub(super) fn counted(
    language: Language,
    run: &Run,
    counts: &Counts,
    held: u64,
) -> Vec<(&'static str, String)> {
    let words = RunWords::of(language);
    let named = |number: u64, [one, many]: [&'static str; 2]| (if number == 1 { one } else { many }, number);
    let plain = |number: u64, name: &'static str| (name, number);
    // A check changes nothing.
    let [inserted, updated, withdrawn] = if run.command == "check" {
        [words.would_be_inserted, words.would_be_updated, words.would_be_withdrawn]
    } else {
        [words.inserted, words.updated, words.withdrawn]
    };
    let all = [
        named(counts.records, [words.record, words.records]),
        plain(counts.refused, refused_word(language, run, counts.refused)),
        plain(counts.inserted, inserted),
        plain(counts.updated, updated),
        plain(counts.unchanged, words.unchanged),
        plain(counts.withdrawn, withdrawn),
        plain(counts.stale, words.stale),
        named(counts.fatals, [words.fatal, words.fatals]),
        named(counts.errors, [words.error, words.errors]),
        // That it is held says the first sentence.
        named(counts.warnings.saturating_sub(held), [words.warning, words.warnings]),
        named(counts.notices, [words.notice, words.notices]),
    ];
    let some = all.into_iter().filter(|(_, number)| *number > 0);
    some.map(|(name, number)| (name, language.grouped(number))).collect()
}

/// What else is known of it.
pub(super) fn details(language: Language, run: &Run) -> Vec<(&'static str, String)> {
    let words = RunWords::of(language);
    let mode = match run.command.as_str() {
        _ if Again::of(run).is_some() => words.mode_again,
        "check" => words.mode_check,
        "rollback" => words.mode_rollback,
        _ => words.mode_import,
    };
    let format = run
        .read
        .first()
        .filter(|_| run.feeds == 1)
        .map(|feed| feed.format.clone())
        .or_else(|| run.format.clone());
    let read = || run.read.first().filter(|_| run.feeds == 1);
    let source = run.source.clone().or_else(|| Some(read()?.source.clone()));
    let (from, to) = (run.started_at.as_deref(), run.finished_at.as_deref());
    let took = from.zip(to).and_then(|(from, to)| between(from, to));
    let all = [
        (words.mode, Some(mode.to_owned())),
        (words.source, source.filter(|source| source != NO_SENDER)),
        (words.format, format.filter(|format| format != NO_FORMAT)),
        (words.lasted, took.map(|ms| lasted(language, ms))),
        (words.attempt, (run.attempt > 1).then(|| run.attempt.to_string())),
        (words.digest, run.digest.clone()),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

pub(super) fn moments(language: Language, now: Timestamp, run: &Run) -> Vec<(&'static str, Moment)> {
    let words = RunWords::of(language);
    let all =
        [(words.sent, &run.received_at), (words.began, &run.started_at), (words.ended, &run.finished_at)];
    let told = |at: &Option<String>| at.as_deref().and_then(|at| Moment::told(language, now, at));
    all.into_iter().filter_map(|(name, at)| Some((name, told(at)?))).collect()
}

/// Who sent it, and who has cancelled or rolled it back, for those who may know.
pub(super) async fn people(
    service: &Service,
    viewer: &Viewer,
    run: &Run,
) -> Result<Vec<(&'static str, String)>, Problem> {
    let (language, words) = (viewer.visit.language, RunWords::of(viewer.visit.language));
    if viewer.caller.sees_all().is_err() {
        return Ok(Vec::new());
    }
    let sent = run.sent_by.as_deref().filter(|name| !name.is_empty());
    let mut people: Vec<(&'static str, String)> =
        sent.map(|name| (words.sent_by, name.to_owned())).into_iter().collect();
    // Decisions are told as `/v1/audit` tells them.
    if viewer.may(Scope::Operate)
        && (run.cancel_asked || run.state == "cancelled" || run.rolled_back_by.is_some())
    {
        for row in service.store.audit_of_run(RunId(run.id), DECISIONS_MAX).await? {
            let name = if row.action == AuditAction::RunCancel.as_str() {
                words.cancelled_by
            } else if row.action == AuditAction::RunRollback.as_str() {
                words.rolled_back_by
            } else {
                continue;
            };
            let reason = row.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            people.push((name, format!("{}{reason}", who(language, &row.who))));
        }
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;

    #[test]
    fn of_a_check_it_is_told_what_would_be() {
        let mut check = run("succeeded", Some(0), 3, 0);
        check.counts = Some(Counts { inserted: 1, updated: 2, ..check.counts.expect("counts") });
        let told = |run: &Run| counted(Language::German, run, run.counts.as_ref().expect("counts"), 0);
        let of = |name, number: &str| (name, number.to_owned());
        assert_eq!(told(&check), [of("Datensätze", "3"), of("neu", "1"), of("geändert", "2")]);
        "check".clone_into(&mut check.command);
        let would = [of("Datensätze", "3"), of("kämen neu hinzu", "1"), of("würden geändert", "2")];
        assert_eq!(told(&check), would);
    }
}
