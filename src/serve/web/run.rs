//! A run: what became of it in one sentence, how far it is, what was and what was not checked.

use super::asked::address;
use super::filters;
use super::findings::{Samples, extent, heading, samples, severity};
use super::frame::{Frame, Section};
use super::headline::{Again, Headline, headline, reads_feeds};
use super::held_words::{deed, percent, why};
use super::html::Html;
use super::language::Language;
use super::moment::{Moment, between, lasted};
use super::sources::name_of;
use super::visit::Viewer;
use super::words::RunWords;
use crate::access::Scope;
use crate::import::{NO_FORMAT, NO_SENDER};
use crate::judgement::{Acceptance, Severity};
use crate::report::filters::{class_of, sign_of};
use crate::serve::events::follow_as;
use crate::serve::held::{self, HeldItem, HeldWord};
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::{Kind, Problem};
use crate::serve::report::fetch_as;
use crate::serve::run::{Counts, Run, StateWord, is_final};
use crate::serve::runs;
use crate::serve::service::Service;
use crate::serve::verdict::{Check, CheckWord};
use crate::store::{FindingFilter, GroupView, KindFilter, RunFeed, RunFilter, RunId};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// After how many seconds a page without the script is asked for again while its run goes on.
const REFRESH_SECONDS: u32 = 3;
/// Sentences that are told below the first one.
const REASONS_MAX: usize = 3;
/// Kinds of findings that are told with a run.
const KINDS: u32 = 5;
/// Findings that are told with the first sentence: what a feed is held for, why it was not released, and that it counts
/// for another source than its header names.
const IN_HEADLINE: [&str; 3] = ["rule.guard", PLAN_CHANGED, DOUBTED];
/// A source was said by hand that the header does not name.
const DOUBTED: &str = "rule.source-doubted";
/// A held feed was let in as it was seen, and would do something else by then.
const PLAN_CHANGED: &str = "rule.plan-changed";
/// Reports for people, by the forms in which they are kept.
const ENGLISH_PAGE: &str = "html";
const GERMAN_PAGE: &str = "de.html";
const TEXT: &str = "txt";
/// How sentences say what is to be done with a feed that cannot be read.
const TO_DO: [&str; 6] = ["get the file", "ask the sender", "ask for", "unpack", "have it", "save the"];
/// Feeds of a run that are told, and those of them that are not folded away.
const FEEDS_MAX: u32 = 500;
const FEEDS_OPEN: usize = 10;
/// What took shorter has no rate.
const RATE_MS_MIN: u64 = 100;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];
pub(super) const MORE_FEEDS: [[&str; 2]; 2] =
    [["more feed", "more feeds"], ["weitere Lieferung", "weitere Lieferungen"]];
const AFTER_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];
const FINDINGS: [[&str; 2]; 2] = [["finding", "findings"], ["Befund", "Befunde"]];

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
    is_over: bool,
    may_cancel: bool,
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

/// Feeds that are folded away, and how many these are.
type Folded = Option<(Vec<FeedLine>, String)>;

/// A feed among several.
struct FeedLine {
    feed: String,
    source: String,
    format: String,
    words: &'static str,
    class: &'static str,
    sign: &'static str,
    is_accepted: bool,
}

impl FeedLine {
    fn of(language: Language, feed: RunFeed) -> Self {
        let came_to = feed.acceptance.as_deref().and_then(Acceptance::of_word);
        let (class, sign) = came_to.map_or(("quiet", "○"), |came_to| (class_of(came_to), sign_of(came_to)));
        let (english, german) = match came_to {
            Some(Acceptance::Accepted) => ("accepted", "angenommen"),
            Some(Acceptance::Deviations) => ("with deviations", "mit Abweichungen"),
            Some(Acceptance::Held) => ("held", "angehalten"),
            Some(Acceptance::Failed) => ("could not be read", "nicht lesbar"),
            Some(Acceptance::NotFullyChecked) => ("not fully checked", "nicht vollständig geprüft"),
            Some(Acceptance::Cancelled) | None => ("broken off", "abgebrochen"),
        };
        Self {
            source: name_of(language, &feed.source).to_owned(),
            feed: feed.feed,
            format: feed.format,
            words: language.pick(english, german),
            class,
            sign,
            is_accepted: came_to == Some(Acceptance::Accepted),
        }
    }
}

/// A part of the judgement.
struct CheckView {
    name: String,
    words: String,
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
    let found = Found::of(&service, &viewer, &run).await?;
    let (feeds, folded) = feeds(&service, &viewer, &run).await?;
    let kept_runs = u64::from(service.plan.import.kept_runs);
    let view = View::of(&viewer, service.now(), run, &found, kept_runs, !asked.known.is_empty());
    Html::of(&View { feeds, folded, ..view })
}

/// Its feeds, where there are several: the first of them, and those that are folded away; those of which something is
/// to be said come first.
async fn feeds(service: &Service, viewer: &Viewer, run: &Run) -> Result<(Vec<FeedLine>, Folded), Problem> {
    let language = viewer.visit.language;
    if run.feeds < 2 {
        return Ok((Vec::new(), None));
    }
    let all = service.store.run_feeds(RunId(run.id), viewer.caller.0.source(), 0, FEEDS_MAX).await?;
    let mut lines: Vec<FeedLine> = all.into_iter().map(|feed| FeedLine::of(language, feed)).collect();
    lines.sort_by_key(|line| line.is_accepted);
    let folded = lines.split_off(lines.len().min(FEEDS_OPEN));
    let told = language.counted(folded.len() as u64, MORE_FEEDS);
    Ok((lines, (!folded.is_empty()).then_some((folded, told))))
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

/// What stands with a run.
#[derive(Default)]
struct Found {
    /// Its held feed, if it held one.
    held: Option<HeldItem>,
    /// The kinds of findings that stand in most records.
    kinds: Vec<GroupView>,
    /// A few of each of them.
    samples: Samples,
    /// How many kinds there are, and how many findings: with those that were only counted, where all may be seen.
    all: (u64, u64),
    /// The one feed of it was read, and nothing of it taken.
    is_turned_down: bool,
    /// The run of the same source whose turn is before.
    waits_for: Option<i64>,
    /// Runs that have changed something since; none where it cannot be rolled back.
    followers: Option<u64>,
}

impl Found {
    async fn of(service: &Service, viewer: &Viewer, run: &Run) -> Result<Self, Problem> {
        let (id, visible_source) = (RunId(run.id), viewer.caller.0.source());
        let kinds = KindFilter { visible_source, limit: KINDS, ..KindFilter::default() };
        let all = FindingFilter { visible_source, ..FindingFilter::default() };
        let held = match run.read.iter().find(|feed| feed.state == "held") {
            Some(feed) => match held::one(service, &viewer.caller, feed.id).await {
                Ok(held) => Some(held.item),
                // It was to be let in, and is held as it was before.
                Err(problem) if problem.kind() == Kind::NotFound => None,
                Err(problem) => return Err(problem),
            },
            None => None,
        };
        let mut kinds = service.store.kinds(id, kinds).await?;
        if kinds.len() >= KINDS as usize && !kinds.iter().any(|kind| kind.group.code == DOUBTED) {
            // It stands in no record, and so behind all that does.
            let doubted =
                KindFilter { visible_source, code: Some(DOUBTED), limit: 1, ..KindFilter::default() };
            kinds.extend(service.store.kinds(id, doubted).await?);
        }
        let (all_kinds, found) = service.store.group_count(id, all).await?;
        let findings = all_findings(run);
        Ok(Self {
            held,
            samples: samples(service, viewer, run.id, &kinds).await?,
            kinds,
            all: (all_kinds, findings.max(found)),
            is_turned_down: is_turned_down(run),
            waits_for: waits_for(service, viewer, run).await?,
            followers: if may_roll_back(viewer, run) { service.store.followers(id).await? } else { None },
        })
    }

    /// Warnings that only say that a feed is held, and for what.
    fn held_for(&self) -> u64 {
        let told = self.kinds.iter().filter(|kind| IN_HEADLINE.contains(&kind.group.code.as_str()));
        told.filter(|kind| kind.group.severity == Severity::Warning).map(|kind| kind.group.count).sum()
    }

    /// What is to be done, unless the sentence of what is wrong says it.
    fn says_what_to_do(&self) -> bool {
        let fatal = self.kinds.iter().filter(|kind| kind.group.severity == Severity::Fatal);
        let mut sentences = fatal.map(|kind| kind.group.sentence.as_str());
        sentences.any(|sentence| TO_DO.iter().any(|todo| sentence.contains(todo)))
    }

    /// The held feed that was not released, as its finding says.
    fn not_released(&self) -> Option<i64> {
        let kind = self.kinds.iter().find(|kind| kind.group.code == PLAN_CHANGED)?;
        kind.group.sentence.strip_prefix("Held feed ")?.split(' ').next()?.parse().ok()
    }

    /// What is said below the sentence: what a held feed would do besides, why one could not be read.
    fn reasons(&self, language: Language, is_broken: bool) -> Vec<String> {
        if let Some(held) = &self.held {
            if held.state != HeldWord::Open {
                return Vec::new();
            }
            return why(language, held).into_iter().skip(usize::from(!held.exceeded.is_empty())).collect();
        }
        let says = |kind: &&GroupView| {
            let is_fatal = is_broken && kind.group.severity == Severity::Fatal;
            is_fatal || self.is_in_headline(kind)
        };
        let told = self.kinds.iter().filter(says).take(REASONS_MAX);
        told.map(|kind| language.sentence(&kind.group.sentence)).collect()
    }

    /// Whether it is told with the first sentence: it says why nothing of the feed was taken.
    fn is_in_headline(&self, kind: &GroupView) -> bool {
        let refuses_all = self.is_turned_down
            && kind.group.severity == Severity::Error
            && kind.group.records == Some(0)
            && kind.group.code.starts_with("rule.");
        refuses_all || IN_HEADLINE.contains(&kind.group.code.as_str())
    }

    /// How many findings there are, when there are any that do not stand above.
    fn told(&self, language: Language) -> Option<String> {
        let findings = |number| language.counted(number, FINDINGS);
        match (self.all, language) {
            ((0, _), _) => None,
            ((1, _), _) if self.kinds.iter().any(|kind| self.is_in_headline(kind)) => None,
            ((1, 1), _) => Some(language.pick("See the finding", "Befund ansehen").to_owned()),
            ((1, number), Language::English) => Some(format!("See all {}", findings(number))),
            ((1, number), Language::German) => Some(format!("Alle {} ansehen", findings(number))),
            ((kinds, number), Language::English) => {
                Some(format!("See all {} kinds, {}", language.grouped(kinds), findings(number)))
            }
            ((kinds, number), Language::German) => {
                Some(format!("Alle {} Arten ansehen, {}", language.grouped(kinds), findings(number)))
            }
        }
    }
}

/// The run that one waits for: imports of a source are done one after another.
async fn waits_for(service: &Service, viewer: &Viewer, run: &Run) -> Result<Option<i64>, Problem> {
    let Some(source) = run.source.as_deref().filter(|_| run.state == "queued" && run.command == "import")
    else {
        return Ok(None);
    };
    for state in [StateWord::Running, StateWord::Queued] {
        let filter = RunFilter {
            state: Some(state.as_str()),
            source: Some(source),
            visible_source: viewer.caller.0.source(),
            before: Some(RunId(run.id)),
            limit: 1,
        };
        if let Some(before) = service.store.run_records(filter).await?.first() {
            return Ok(Some(before.id.0));
        }
    }
    Ok(None)
}

impl KindLine {
    fn of(language: Language, run: i64, GroupView { feed, group }: GroupView, samples: &Samples) -> Self {
        let words = severity(language, group.severity);
        let key = (feed, group.fingerprint.clone());
        let some = samples.get(&key).map(Vec::as_slice).unwrap_or_default();
        Self {
            severity: words.name,
            class: words.class,
            sign: words.sign,
            count: extent(language, group.count, group.records),
            address: address(&format!("/runs/{run}/findings"), &[("code", &group.code)]),
            sentence: heading(language, &group, some),
        }
    }
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
            is_over,
            roll_back: may_roll_back(viewer, &run).then(|| format!("/runs/{}/rollback", run.id)),
            roll_back_until: roll_back_until(language, found.followers, kept_runs),
            may_cancel: !is_over && !run.cancel_asked && viewer.may(Scope::Submit) && run.mode.is_some(),
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
            headline,
            run,
        }
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

/// Whether there is something to take back, and whoever looks may.
fn may_roll_back(viewer: &Viewer, run: &Run) -> bool {
    let changed = run.counts.as_ref().map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let is_done = is_final(&run.state) && run.command != "check" && run.rolled_back_by.is_none();
    is_done && changed > 0 && viewer.may(Scope::Operate) && viewer.caller.sees_all().is_ok()
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

/// Until when a run can be rolled back: for so many runs is kept what was before them.
fn roll_back_until(language: Language, followers: Option<u64>, kept_runs: u64) -> Option<String> {
    let more = kept_runs.saturating_sub(followers?).max(1);
    let runs = [["more run has", "more runs have"], ["weiterer Lauf", "weitere Läufe"]];
    let (told, kept) = (language.counted(more, runs), language.grouped(kept_runs));
    Some(match (language, more) {
        (Language::English, _) => {
            format!("It can be until {told} changed something: this is kept for the last {kept} runs.")
        }
        (Language::German, 1) => format!(
            "Das geht, bis {told} etwas geändert hat: Aufbewahrt wird der Stand davor für die letzten {kept} Läufe."
        ),
        (Language::German, _) => format!(
            "Das geht, bis {told} etwas geändert haben: Aufbewahrt wird der Stand davor für die letzten {kept} Läufe."
        ),
    })
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

/// What is done with a feed one after another, and how far that is.
fn steps(language: Language, now: Timestamp, run: &Run, is_broken: bool) -> Vec<Step> {
    let words = RunWords::of(language);
    let received =
        run.bytes.map(|all| Step { name: words.received, words: bytes(language, all), class: "done" });
    let (read, checked) = match (&run.started_at, is_final(&run.state)) {
        (None, _) => (words.to_come.to_owned(), words.to_come.to_owned()),
        (Some(_), is_over) => {
            let ms = elapsed(now, run);
            (read(language, run, is_over, ms), checked(language, run, ms))
        }
    };
    let class = match (&run.started_at, is_final(&run.state)) {
        (None, _) => "later",
        (_, false) => "now",
        (_, true) if is_broken => "broken",
        (_, true) if run.state == "cancelled" => "left",
        (_, true) => "done",
    };
    let steps = [
        Step { name: words.read, words: read, class },
        Step { name: words.checked, words: checked, class },
        applied(language, run),
    ];
    received.into_iter().chain(steps).collect()
}

/// How long it has taken so far, in milliseconds.
fn elapsed(now: Timestamp, run: &Run) -> Option<u64> {
    let until = run.finished_at.clone().unwrap_or_else(|| now.to_string());
    between(run.started_at.as_deref()?, &until)
}

fn read(language: Language, run: &Run, is_over: bool, ms: Option<u64>) -> String {
    let so_far = match (run.progress.bytes, &run.counts) {
        // A command does not say how far it is.
        (0, Some(counts)) => counts.bytes,
        (bytes, _) => bytes,
    };
    let all = run.progress.bytes_all.filter(|all| !is_over && *all > 0);
    let share = all.and_then(|all| percent(language, so_far, all));
    let told = (so_far > 0).then(|| bytes(language, so_far));
    let rate = rate(so_far, ms).map(|rate| format!("{}/s", bytes(language, rate)));
    [share, told, rate].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn checked(language: Language, run: &Run, ms: Option<u64>) -> String {
    let (records, refused) = (run.progress.records, run.progress.refused);
    let word = refused_word(language, run, refused);
    let refused = (refused > 0).then(|| format!("{} {word}", language.grouped(refused)));
    let rate = rate(records, ms).map(|rate| {
        let unit = language.pick("records/s", "Datensätze/s");
        format!("{} {unit}", language.grouped(rate))
    });
    let all = [Some(language.counted(records, RECORDS)), refused, rate];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What refused records are called: a check refuses nothing.
fn refused_word(language: Language, run: &Run, refused: u64) -> &'static str {
    let words = RunWords::of(language);
    match (run.command.as_str(), refused) {
        ("check", 1) => words.one_would_be_refused,
        ("check", _) => words.would_be_refused,
        _ => words.refused,
    }
}

/// So many a second; none of what took too short to say.
fn rate(number: u64, ms: Option<u64>) -> Option<u64> {
    let ms = ms.filter(|ms| *ms >= RATE_MS_MIN)?;
    let rate = u128::from(number) * 1_000 / u128::from(ms);
    u64::try_from(rate).ok().filter(|rate| *rate > 0)
}

fn applied(language: Language, run: &Run) -> Step {
    let words = RunWords::of(language);
    let counts = run.counts.as_ref();
    let changed = counts.map_or(0, |counts| counts.inserted + counts.updated + counts.withdrawn);
    let (told, class) = match (run.command.as_str(), is_final(&run.state)) {
        ("check", _) => (words.not_applied.to_owned(), "left"),
        (_, false) => (words.to_come.to_owned(), "later"),
        (_, true) if changed == 0 => (words.nothing_applied.to_owned(), "left"),
        (_, true) => (counts.map(|counts| in_shop(language, counts)).unwrap_or_default(), "done"),
    };
    Step { name: words.applied, words: told, class }
}

/// What was done to products: `3 new, 18 changed, 179 as before`.
fn in_shop(language: Language, counts: &Counts) -> String {
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

/// The numbers that are not nought.
fn counted(language: Language, run: &Run, counts: &Counts, held: u64) -> Vec<(&'static str, String)> {
    let words = RunWords::of(language);
    let named = |number: u64, [one, many]: [&'static str; 2]| (if number == 1 { one } else { many }, number);
    let plain = |number: u64, name: &'static str| (name, number);
    let all = [
        named(counts.records, [words.record, words.records]),
        plain(counts.refused, refused_word(language, run, counts.refused)),
        plain(counts.inserted, words.inserted),
        plain(counts.updated, words.updated),
        plain(counts.unchanged, words.unchanged),
        plain(counts.withdrawn, words.withdrawn),
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

fn checks(language: Language, run: &Run, is_broken: bool) -> Vec<CheckView> {
    let words = RunWords::of(language);
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    let mut checks: Vec<CheckView> = checks.map(|check| CheckView::of(words, check)).collect();
    let records = run.progress.records;
    if is_broken && run.feeds == 1 && records > 0 {
        checks.iter_mut().for_each(|check| check.broken_off(language, records));
    }
    checks
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
            CheckWord::NotDone => (words.not_done, "warning", "○"),
        };
        Self { name: name.to_owned(), words: told.to_owned(), class, sign, parts: check.parts.clone() }
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

/// What else is known of it.
fn details(language: Language, run: &Run) -> Vec<(&'static str, String)> {
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
    use crate::serve::run::RunProgress;
    use crate::serve::run::testing::run;

    #[test]
    fn bytes_are_told_in_few_digits() {
        let of = |count| bytes(Language::German, count);
        assert_eq!([of(999), of(1_000), of(999_999), of(1_000_000)], ["999 B", "1 kB", "999 kB", "1,0 MB"]);
        assert_eq!(bytes(Language::English, 157_300_000), "157.3 MB");
    }

    fn told(run: &Run) -> Vec<(&'static str, String)> {
        let now = "2026-11-27T02:10:02.000Z".parse().expect("a moment");
        steps(Language::English, now, run, run.state == "failed")
            .into_iter()
            .map(|step| (step.class, step.words))
            .collect()
    }

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

    #[test]
    fn it_is_said_until_when_a_run_can_be_rolled_back() {
        let of = |followers| roll_back_until(Language::English, followers, 10);
        let told = "It can be until 3 more runs have changed something: this is kept for the last 10 runs.";
        assert_eq!(of(Some(7)).as_deref(), Some(told));
        assert!(of(Some(9)).is_some_and(|told| told.contains("1 more run has changed")));
        assert_eq!(of(None), None);
    }

    #[test]
    fn steps_say_how_far_it_is() {
        let classes = |run: &Run| told(run).iter().map(|(class, _)| *class).collect::<Vec<_>>();
        assert_eq!(classes(&run("queued", None, 0, 0)), ["done", "later", "later", "later"]);
        assert_eq!(classes(&run("running", None, 5, 0)), ["done", "now", "now", "later"]);
        assert_eq!(classes(&run("failed", None, 5, 0)), ["done", "broken", "broken", "left"]);
        let mut checked = run("succeeded", Some(0), 5, 0);
        assert_eq!(classes(&checked), ["done", "done", "done", "left"]);
        checked.counts = Some(Counts { inserted: 1, unchanged: 4, ..checked.counts.expect("counts") });
        checked.bytes = None;
        assert_eq!(classes(&checked), ["done", "done", "done"]);
        assert_eq!(told(&checked)[2].1, "1 new, 4 as before");
    }

    #[test]
    fn steps_say_how_fast_it_is_where_that_is_known() {
        let mut running = run("running", None, 5_000, 12);
        running.started_at = Some("2026-11-27T02:10:00.000Z".to_owned());
        running.progress = RunProgress { bytes: 250_000, bytes_all: Some(1_000_000), ..running.progress };
        assert_eq!(told(&running)[1].1, "25.0 % · 250 kB · 125 kB/s");
        assert_eq!(told(&running)[2].1, "5,000 records · 12 refused · 2,500 records/s");
        let mut by_command = run("succeeded", Some(0), 1, 0);
        by_command.progress = RunProgress { bytes: 0, bytes_all: None, ..by_command.progress };
        by_command.finished_at.clone_from(&by_command.started_at);
        assert_eq!((told(&by_command)[1].1.as_str(), told(&by_command)[2].1.as_str()), ("", "1 record"));
    }
}
