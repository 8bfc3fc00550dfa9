//! A run: what became of it in one sentence, how far it is, what was and what was not checked.

mod checks;
mod facts;
mod feeds;
mod found;
mod steps;
mod undo;

use self::checks::{CheckView, checks};
use self::facts::{counted, details, in_shop, moments, people};
use self::feeds::{FeedLine, Folded, feeds};
use self::found::{Found, KindLine};
use self::steps::{Step, steps};
use self::undo::{may_roll_back, roll_back_until};
use super::again::{Again, JudgedAgain, judged_again};
use super::asked::address;
use super::filters;
use super::frame::{Frame, Section};
use super::headline::{Headline, headline, reads_feeds};
use super::held_words::deed;
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::visit::Viewer;
use super::words::RunWords;
use crate::access::Scope;
use crate::import::NO_SENDER;
use crate::judgement::{Acceptance, Severity};
use crate::report::filters::sign_of;
use crate::serve::events::follow_as;
use crate::serve::held::HeldWord;
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::Problem;
use crate::serve::report::fetch_as;
use crate::serve::requests::RequestNotes;
use crate::serve::run::{Run, is_final};
use crate::serve::runs;
use crate::serve::service::Service;
use crate::serve::upload::{check_again, run_of};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// After how many seconds a page without the script is asked for again while its run goes on.
const REFRESH_SECONDS: u32 = 3;
/// Reports for people, by the forms in which they are kept.
const ENGLISH_PAGE: &str = "html";
const GERMAN_PAGE: &str = "de.html";
const TEXT: &str = "txt";
pub(super) const MORE_FEEDS: [[&str; 2]; 2] =
    [["more feed", "more feeds"], ["weitere Lieferung", "weitere Lieferungen"]];

/// What a link to a run says beside its number.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The feed was sent before.
    #[serde(default)]
    known: String,
}

#[derive(Template)]
#[template(path = "web/run.html")]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
struct View {
    frame: Frame,
    words: &'static RunWords,
    run: Run,
    headline: Headline,
    about: String,
    reasons: Vec<String>,
    /// The one feed of it leaves nothing.
    is_broken: bool,
    /// Nothing said what is to be done yet.
    asks_again: bool,
    /// What there is to say besides of a run that was not fully checked.
    unchecked: Vec<String>,
    refused_at: Option<String>,
    /// That what it refused is kept nowhere.
    not_kept: Option<&'static str>,
    /// What the link to the held feed says.
    held_words: &'static str,
    /// The held feed that is to be looked at.
    held: Option<i64>,
    is_known: bool,
    /// The run that it waits for.
    waits_for: Option<i64>,
    /// A held feed that brings a message which seems to be missing: its number, and that of the message.
    held_before: Option<(i64, Option<String>)>,
    is_over: bool,
    may_cancel: bool,
    may_check: bool,
    roll_back: Option<String>,
    /// Until when it can be rolled back; none where it cannot any more.
    roll_back_until: Option<String>,
    /// Whether it reads any; what judges records again or takes a run back does not.
    has_feeds: bool,
    /// What its message says, if that does not stand above.
    why: Option<(&'static str, String)>,
    steps: Vec<Step>,
    kinds: Vec<KindLine>,
    findings: Option<String>,
    /// Its feeds, where there are several.
    feeds: Vec<FeedLine>,
    folded: Folded,
    counts: Vec<(&'static str, String)>,
    checks: Vec<CheckView>,
    details: Vec<(&'static str, String)>,
    moments: Vec<(&'static str, Moment)>,
    /// Who sent it, who ended it before its time.
    people: Vec<(&'static str, String)>,
    /// Records of the quarantine that it judged again, and how many more there were.
    judged: Vec<JudgedAgain>,
    unnamed: Option<String>,
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let run = runs::one(&service, &viewer.caller, id).await?;
    let found = Found::of(&service, &viewer, &run).await?;
    let (feeds, folded) = feeds(&service, &viewer, &run).await?;
    let kept_runs = u64::from(service.plan.import.kept_runs);
    let people = people(&service, &viewer, &run).await?;
    let judged = judged_again(&service, &viewer, &[&run]).await?.remove(&run.id).unwrap_or_default();
    let may_check = may_check(&service, &viewer, &run).await?;
    let view = View::of(&viewer, service.now(), run, &found, kept_runs, !asked.known.is_empty());
    Html::of(&View { may_check, feeds, folded, people, ..view.with(judged) })
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

/// Checks its feed again, by a new run, and goes there.
pub(super) async fn check(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Id(id): Id,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Submit)?;
    let run = runs::one(&service, &viewer.caller, id).await?;
    let queued = check_again(&service, &viewer.caller, &notes, &run).await?;
    Ok(Redirect::to(&format!("/runs/{}", run_of(queued).0)).into_response())
}

/// Whether its feed can be checked again: it was only checked, and its bytes are kept.
async fn may_check(service: &Service, viewer: &Viewer, run: &Run) -> Result<bool, Problem> {
    let read = run.read.first().filter(|_| run.feeds == 1 && run.command == "check" && is_final(&run.state));
    match read.filter(|_| viewer.may(Scope::Submit)) {
        Some(read) => Ok(service.store.is_kept(read.id).await?),
        None => Ok(false),
    }
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

impl View {
    fn of(viewer: &Viewer, now: Timestamp, run: Run, found: &Found, kept_runs: u64, is_known: bool) -> Self {
        let language = viewer.visit.language;
        let words = RunWords::of(language);
        let exceeded = found.held.as_ref().and_then(|held| held.exceeded.first());
        let mut headline = headline(language, &run, exceeded.map(|first| deed(language, first)))
            .settled(language, found.held.as_ref());
        let not_released = found.not_released();
        if not_released.is_some() {
            words.not_released.clone_into(&mut headline.words);
        }
        let is_broken = headline.sign == sign_of(Acceptance::Failed);
        let is_over = is_final(&run.state);
        let about = about(language, &run);
        let title = format!("{}: {about}", headline.words);
        let refresh = (!is_over).then_some(REFRESH_SECONDS);
        Self {
            frame: Frame::of(&viewer.visit, Section::Inbox, title).refreshed(refresh),
            words,
            about,
            reasons: found.reasons(language, is_broken),
            is_broken: is_broken && run.feeds == 1,
            asks_again: is_broken && run.feeds == 1 && !found.says_what_to_do(),
            unchecked: unchecked_told(language, &run),
            not_kept: (is_turned_down(&run) && run.command == "import" && run.progress.refused > 0)
                .then_some(words.not_kept),
            held_words: if found.held.as_ref().is_none_or(|held| held.state == HeldWord::Open) {
                words.held_feed
            } else {
                words.held_then
            },
            refused_at: refused_at(&run, is_broken),
            held: not_released.or(found.held.as_ref().map(|held| held.id)),
            findings: found.told(language),
            kinds: found
                .kinds
                .iter()
                .filter(|kind| !found.is_in_headline(kind))
                // It stands below the first sentence.
                .filter(|kind| !(is_broken && kind.group.severity == Severity::Fatal))
                .map(|kind| KindLine::of(language, run.id, kind.clone(), &found.samples))
                .collect(),
            feeds: Vec::new(),
            folded: None,
            is_known,
            waits_for: found.waits_for,
            held_before: found.held_before.as_ref().map(|item| (item.id, item.message_number.clone())),
            is_over,
            roll_back: may_roll_back(viewer, &run).then(|| format!("/runs/{}/rollback", run.id)),
            roll_back_until: roll_back_until(language, found.followers, kept_runs),
            may_cancel: !is_over && !run.cancel_asked && viewer.may(Scope::Submit) && run.mode.is_some(),
            may_check: false,
            has_feeds: reads_feeds(&run),
            why: why_told(language, &run),
            steps: steps(language, now, &run, is_broken),
            counts: run
                .counts
                .as_ref()
                .map(|counts| counted(language, &run, counts, found.held_for()))
                .unwrap_or_default(),
            checks: checks(language, &run, is_broken),
            details: details(language, &run),
            moments: moments(language, now, &run),
            people: Vec::new(),
            judged: Vec::new(),
            unnamed: None,
            headline,
            run,
        }
    }

    /// The same of a run that judged records of the quarantine again.
    fn with(self, judged: Vec<JudgedAgain>) -> Self {
        let language = self.frame.language;
        let Some(again) = Again::of(&self.run) else { return self };
        let headline = if self.run.rolled_back_by.is_none() {
            again.headline_of(language, &judged)
        } else {
            self.headline
        };
        Self { unnamed: again.unnamed(language, &judged), headline, judged, ..self }
    }

    /// The reports for people, with their names; the page in the language of whoever looks, where that is kept.
    fn reports(&self) -> Vec<(&str, &str)> {
        let has = |form: &str| self.run.reports.iter().any(|kept| kept == form);
        let page = match self.frame.language {
            Language::German if has(GERMAN_PAGE) => GERMAN_PAGE,
            _ => ENGLISH_PAGE,
        };
        let all = [(page, self.words.report_page), (TEXT, self.words.report_text)];
        all.into_iter().filter(|(form, _)| has(form)).collect()
    }

    /// Those for programs.
    fn data(&self) -> Vec<&str> {
        let people = [ENGLISH_PAGE, GERMAN_PAGE, TEXT];
        let all = self.run.reports.iter().map(String::as_str);
        all.filter(|form| !people.contains(form)).collect()
    }

    /// How many feeds are not told.
    fn more_feeds(&self) -> Option<String> {
        let told = self.feeds.len() + self.folded.as_ref().map_or(0, |(folded, _)| folded.len());
        let more = self.run.feeds.saturating_sub(told as u64);
        (more > 0).then(|| self.frame.language.counted(more, MORE_FEEDS))
    }
}

/// Of a run that was not fully checked: where it stands what was not, and what was imported.
fn unchecked_told(language: Language, run: &Run) -> Vec<String> {
    let words = RunWords::of(language);
    if run.exit_status != Some(Acceptance::NotFullyChecked.exit_status()) {
        return Vec::new();
    }
    let is_unknown = run.verdict.as_ref().is_none_or(|verdict| verdict.checks.is_empty());
    let imported =
        run.counts.as_ref().filter(|_| run.command != "check").map(|counts| in_shop(language, counts));
    let imported = imported.filter(|told| !told.is_empty());
    let unknown = is_unknown.then(|| words.unchecked_by_command.to_owned());
    unknown.into_iter().chain(imported.map(|told| format!("{}: {told}.", words.all_the_same))).collect()
}

/// Whether the one feed of a run was read, and nothing of it taken.
fn is_turned_down(run: &Run) -> bool {
    run.feeds == 1 && run.state == "deviations" && run.read.iter().any(|feed| feed.state == "refused")
}

/// How many findings a run has had, those that were only counted included.
pub(super) fn all_findings(run: &Run) -> u64 {
    let counts = run.counts.as_ref();
    counts.map_or(0, |counts| counts.notices + counts.warnings + counts.errors + counts.fatals)
}

/// Which run it is.
pub(super) fn about(language: Language, run: &Run) -> String {
    let words = RunWords::of(language);
    let first = run.read.first();
    let feed = run.feed.as_deref().or_else(|| first.map(|feed| feed.feed.as_str()));
    let only = first.filter(|_| run.feeds == 1);
    let source = run.source.as_deref().or_else(|| only.map(|feed| feed.source.as_str()));
    let more = (run.feeds > 1).then(|| format!("+ {}", language.counted(run.feeds - 1, MORE_FEEDS)));
    let number = format!("{} {}", words.run, run.id);
    let source = source.filter(|source| *source != NO_SENDER);
    let all = [Some(number.as_str()), feed, more.as_deref(), source];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What the message of a run says, and what that is, unless its first sentence says it.
fn why_told(language: Language, run: &Run) -> Option<(&'static str, String)> {
    let (words, message) = (RunWords::of(language), run.message.as_deref()?);
    match (Again::of(run), run.rolls_back) {
        (Some(_), _) => Some((words.why, Again::failure(language, run)?)),
        (_, Some(other)) => {
            let reason = message.strip_prefix(&format!("rolled back run {other}: "))?;
            Some((words.reason, reason.to_owned()))
        }
        _ if run.state == "cancelled" => None,
        _ => Some((words.why, language.sentence(message))),
    }
}

/// Where the records are that it refused.
fn refused_at(run: &Run, is_broken: bool) -> Option<String> {
    let is_done = matches!(run.state.as_str(), "succeeded" | "deviations");
    let is_taken = is_done && !is_broken && !is_turned_down(run);
    let has_kept = run.progress.refused > 0 && run.command == "import" && is_taken;
    has_kept.then(|| address("/quarantine", &[("state", "open"), ("run", &run.id.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::Counts;
    use crate::serve::run::testing::run;

    #[test]
    fn what_was_not_fully_checked_says_what_was_imported() {
        let mut partly = run("deviations", Some(Acceptance::NotFullyChecked.exit_status()), 5, 0);
        partly.counts = Some(Counts { inserted: 5, ..partly.counts.expect("counts") });
        let imported = "What is right was imported all the same: 5 new.";
        assert_eq!(unchecked_told(Language::English, &partly), [imported]);
        partly.verdict = None;
        assert_eq!(unchecked_told(Language::English, &partly).len(), 2);
        partly.exit_status = Some(0);
        assert!(unchecked_told(Language::English, &partly).is_empty());
    }
}
