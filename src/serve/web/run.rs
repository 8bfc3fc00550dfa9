//! A run: what became of it in one sentence, how far it is, what was and what was not checked.

use super::asked::address;
use super::filters;
use super::findings::{extent, severity};
use super::frame::{Frame, Section};
use super::headline::Headline;
use super::html::Html;
use super::language::Language;
use super::moment::{Moment, lasted};
use super::visit::Viewer;
use super::words::RunWords;
use crate::access::Scope;
use crate::serve::events::follow_as;
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::Problem;
use crate::serve::report::fetch_as;
use crate::serve::run::{Counts, Run, RunFeed, is_final};
use crate::serve::runs;
use crate::serve::service::Service;
use crate::serve::verdict::{Check, CheckWord};
use crate::store::{GroupView, KindFilter, RunId};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// After how many seconds a page without the script is asked for again while its run goes on.
const REFRESH_SECONDS: u32 = 3;
/// Sentences of the guard that are told with a held run.
const REASONS_MAX: u32 = 3;
/// Kinds of findings that are told with a run.
const KINDS: u32 = 5;
/// What a feed is held for.
const GUARD: &str = "rule.guard";

/// What a link to a run says beside its number.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The feed was sent before.
    #[serde(default)]
    known: String,
}

#[derive(Template)]
#[template(path = "web/run.html")]
struct View {
    frame: Frame,
    words: &'static RunWords,
    run: Run,
    headline: Headline,
    about: String,
    reasons: Vec<String>,
    is_known: bool,
    is_over: bool,
    may_cancel: bool,
    roll_back: Option<String>,
    steps: Vec<Step>,
    kinds: Vec<KindLine>,
    findings: Option<String>,
    counts: Vec<(&'static str, String)>,
    checks: Vec<CheckView>,
    details: Vec<(&'static str, String)>,
    moments: Vec<(&'static str, Moment)>,
}

/// A part of the way of a feed, and how far it is.
struct Step {
    name: &'static str,
    words: String,
    class: &'static str,
}

/// A kind of findings, in a line.
struct KindLine {
    sentence: String,
    severity: &'static str,
    class: &'static str,
    sign: &'static str,
    count: String,
    address: String,
}

/// A part of the judgement.
struct CheckView {
    name: String,
    words: &'static str,
    class: &'static str,
    sign: &'static str,
    parts: Vec<String>,
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let run = runs::one(&service, &viewer.caller, id).await?;
    let reasons = reasons(&service, &viewer, &run).await?;
    let kinds = kinds(&service, &viewer, &run).await?;
    let view = View { reasons, kinds, ..View::of(&viewer, service.now(), run, !asked.known.is_empty()) };
    Html::of(&view)
}

/// Cancels it, and shows it.
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Response, Problem> {
    runs::cancel_by(&service, &viewer.caller, id).await?;
    Ok(Redirect::to(&format!("/runs/{id}")).into_response())
}

/// Tells how it goes, for the script of the page.
pub(super) async fn follow(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    follow_as(service, viewer.caller, id, &headers).await
}

/// Gives out one of its reports.
pub(super) async fn report(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    fetch_as(&service, &viewer.caller, path).await
}

/// Why a feed of it is held: what the guard says.
async fn reasons(service: &Service, viewer: &Viewer, run: &Run) -> Result<Vec<String>, Problem> {
    if run.state != "held" {
        return Ok(Vec::new());
    }
    let visible_source = viewer.caller.0.source();
    let asked = KindFilter { code: Some(GUARD), visible_source, limit: REASONS_MAX, ..KindFilter::default() };
    let found = service.store.kinds(RunId(run.id), asked).await?;
    let language = viewer.visit.language;
    Ok(found.into_iter().map(|kind| language.sentence(kind.group.sentence)).collect())
}

/// The kinds of findings that most of them are of.
async fn kinds(service: &Service, viewer: &Viewer, run: &Run) -> Result<Vec<KindLine>, Problem> {
    let visible_source = viewer.caller.0.source();
    let asked = KindFilter { visible_source, limit: KINDS, ..KindFilter::default() };
    let mut found = service.store.kinds(RunId(run.id), asked).await?;
    // It stands above.
    found.retain(|kind| kind.group.code != GUARD);
    let told = |kind| KindLine::of(viewer.visit.language, run.id, kind);
    Ok(found.into_iter().map(told).collect())
}

impl KindLine {
    fn of(language: Language, run: i64, GroupView { group, .. }: GroupView) -> Self {
        let words = severity(language, group.severity);
        Self {
            severity: words.name,
            class: words.class,
            sign: words.sign,
            count: extent(language, group.count, group.records),
            address: address(&format!("/runs/{run}/findings"), &[("code", &group.code)]),
            sentence: language.sentence(group.sentence),
        }
    }
}

impl View {
    fn of(viewer: &Viewer, now: Timestamp, run: Run, is_known: bool) -> Self {
        let language = viewer.visit.language;
        let words = RunWords::of(language);
        let headline = Headline::of(language, &run);
        let is_over = is_final(&run.state);
        let about = about(language, &run);
        let title = format!("{}: {about}", headline.words);
        let refresh = (!is_over).then_some(REFRESH_SECONDS);
        Self {
            frame: Frame::of(&viewer.visit, Section::Inbox, title).refreshed(refresh),
            words,
            about,
            reasons: Vec::new(),
            kinds: Vec::new(),
            is_known,
            is_over,
            roll_back: may_roll_back(viewer, &run).then(|| format!("/runs/{}/rollback", run.id)),
            may_cancel: !is_over && !run.cancel_asked && viewer.may(Scope::Submit) && run.mode.is_some(),
            steps: steps(language, &run),
            findings: findings_told(language, &run),
            counts: run.counts.as_ref().map(|counts| counted(language, counts)).unwrap_or_default(),
            checks: checks(words, &run),
            details: details(words, &run),
            moments: moments(language, now, &run),
            headline,
            run,
        }
    }

    /// The feeds, where there are several.
    fn feeds(&self) -> &[RunFeed] {
        if self.run.read.len() > 1 { &self.run.read } else { &[] }
    }
}

/// Whether there is something to take back, and whoever looks may.
fn may_roll_back(viewer: &Viewer, run: &Run) -> bool {
    let changed = run.counts.as_ref().map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let is_done = is_final(&run.state) && run.command != "check" && run.rolled_back_by.is_none();
    is_done && changed > 0 && viewer.may(Scope::Operate) && viewer.caller.sees_all().is_ok()
}

/// Which run it is.
pub(super) fn about(language: Language, run: &Run) -> String {
    let words = RunWords::of(language);
    let first = run.read.first();
    let feed = run.feed.as_deref().or_else(|| first.map(|feed| feed.feed.as_str()));
    let source = run.source.as_deref().or_else(|| first.map(|feed| feed.source.as_str()));
    let number = format!("{} {}", words.run, run.id);
    let all = [Some(number.as_str()), feed, source];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What is done with a feed one after another, and how far that is.
fn steps(language: Language, run: &Run) -> Vec<Step> {
    let words = RunWords::of(language);
    let is_over = is_final(&run.state);
    let has_begun = run.started_at.is_some();
    let records = format!("{} {}", language.grouped(run.progress.records), words.records);
    let step = |name, words: String, class| Step { name, words, class };
    let waits = || words.to_come.to_owned();
    let reads = if is_over { "done" } else { "now" };
    let received = run.bytes.map_or_else(String::new, |all| bytes(language, all));
    let read = match run.progress.bytes_all {
        Some(all) if !is_over => {
            format!("{} {} {}", bytes(language, run.progress.bytes), words.of, bytes(language, all))
        }
        _ => bytes(language, run.progress.bytes),
    };
    vec![
        step(words.received, received, "done"),
        if has_begun { step(words.read, read, reads) } else { step(words.read, waits(), "later") },
        if has_begun { step(words.checked, records, reads) } else { step(words.checked, waits(), "later") },
        applied(language, run, is_over),
    ]
}

fn applied(language: Language, run: &Run, is_over: bool) -> Step {
    let words = RunWords::of(language);
    let changed = run.counts.as_ref().map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let (told, class) = match (run.command.as_str(), is_over) {
        ("check", _) => (words.not_applied.to_owned(), "left"),
        (_, false) => (words.to_come.to_owned(), "later"),
        (_, true) if changed == 0 => (words.nothing_applied.to_owned(), "left"),
        (_, true) => {
            let products = [["product", "products"], ["Produkt", "Produkte"]];
            (language.counted(changed, products), "done")
        }
    };
    Step { name: words.applied, words: told, class }
}

/// So many bytes, for people: three digits at most.
fn bytes(language: Language, bytes: u64) -> String {
    const KB: u64 = 1_000;
    const MB: u64 = KB * KB;
    let tenths =
        |unit: u64| format!("{}{}{}", bytes / unit, language.pick(".", ","), bytes % unit * 10 / unit);
    match bytes {
        ..KB => format!("{bytes} B"),
        KB..MB => format!("{} kB", bytes / KB),
        _ => format!("{} MB", tenths(MB)),
    }
}

/// How many findings there are, when there are any.
fn findings_told(language: Language, run: &Run) -> Option<String> {
    let counts = run.counts.as_ref()?;
    let number = counts.notices + counts.warnings + counts.errors + counts.fatals;
    (number > 0).then(|| language.counted(number, [["finding", "findings"], ["Befund", "Befunde"]]))
}

/// The numbers that are not nought.
fn counted(language: Language, counts: &Counts) -> Vec<(&'static str, String)> {
    let words = RunWords::of(language);
    let all = [
        (words.records, counts.records),
        (words.refused, counts.refused),
        (words.inserted, counts.inserted),
        (words.updated, counts.updated),
        (words.unchanged, counts.unchanged),
        (words.withdrawn, counts.withdrawn),
        (words.stale, counts.stale),
        (words.fatals, counts.fatals),
        (words.errors, counts.errors),
        (words.warnings, counts.warnings),
        (words.notices, counts.notices),
    ];
    let some = all.into_iter().filter(|(_, number)| *number > 0);
    some.map(|(name, number)| (name, language.grouped(number))).collect()
}

fn checks(words: &RunWords, run: &Run) -> Vec<CheckView> {
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    checks.map(|check| CheckView::of(words, check)).collect()
}

impl CheckView {
    fn of(words: &RunWords, check: &Check) -> Self {
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
            CheckWord::NotDone => (words.not_done, "error", "■"),
        };
        Self { name: name.to_owned(), words: told, class, sign, parts: check.parts.clone() }
    }
}

/// What else is known of it.
fn details(words: &'static RunWords, run: &Run) -> Vec<(&'static str, String)> {
    let mode = match run.command.as_str() {
        "check" => words.mode_check,
        "rollback" => words.mode_rollback,
        _ => words.mode_import,
    };
    let format = run.read.first().map(|feed| feed.format.clone()).or_else(|| run.format.clone());
    let source = run.source.clone().or_else(|| Some(run.read.first()?.source.clone()));
    let took = run.started_at.as_deref().zip(run.finished_at.as_deref());
    let all = [
        (words.mode, Some(mode.to_owned())),
        (words.source, source),
        (words.format, format),
        (words.lasted, took.and_then(|(from, to)| lasted(from, to))),
        (words.attempt, (run.attempt > 1).then(|| run.attempt.to_string())),
        (words.digest, run.digest.clone()),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn moments(language: Language, now: Timestamp, run: &Run) -> Vec<(&'static str, Moment)> {
    let words = RunWords::of(language);
    let all =
        [(words.sent, &run.received_at), (words.began, &run.started_at), (words.ended, &run.finished_at)];
    let told = |at: &Option<String>| at.as_deref().and_then(|at| Moment::told(language, now, at));
    all.into_iter().filter_map(|(name, at)| Some((name, told(at)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;

    #[test]
    fn bytes_are_told_in_few_digits() {
        let of = |count| bytes(Language::German, count);
        assert_eq!([of(999), of(1_000), of(999_999), of(1_000_000)], ["999 B", "1 kB", "999 kB", "1,0 MB"]);
        assert_eq!(bytes(Language::English, 157_300_000), "157.3 MB");
    }

    #[test]
    fn steps_say_how_far_it_is() {
        let classes =
            |run: &Run| steps(Language::English, run).iter().map(|step| step.class).collect::<Vec<_>>();
        assert_eq!(classes(&run("queued", None, 0, 0)), ["done", "later", "later", "later"]);
        assert_eq!(classes(&run("running", None, 5, 0)), ["done", "now", "now", "later"]);
        let mut checked = run("succeeded", Some(0), 5, 0);
        assert_eq!(classes(&checked), ["done", "done", "done", "left"]);
        checked.counts = Some(Counts { inserted: 5, ..checked.counts.expect("counts") });
        assert_eq!(classes(&checked), ["done", "done", "done", "done"]);
    }
}
