//! A record of a run in which something was found. One that was refused lies in the quarantine; of a feed that was only
//! checked, held or refused as a whole none does, and the record is read out of what is kept of the feed.

use super::asked::{address, filled};
use super::filters;
use super::frame::{Frame, Section};
use super::held_words::settled;
use super::html::Html;
use super::language::Language;
use super::look::Look;
use super::record::{drafted, product};
use super::visit::Viewer;
use super::words::{RecordWords, RunRecordWords};
use crate::access::Scope;
use crate::import::NO_SENDER;
use crate::judgement::{RecordContext, RecordOrdinal, Severity};
use crate::pipeline::{NthRecord, nth_record};
use crate::run::read_feed;
use crate::serve::held::{self, HeldItem};
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::quarantine::Entry;
use crate::serve::run::Run;
use crate::serve::runs;
use crate::serve::service::Service;
use crate::store::{
    FindingFilter, FindingView, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord,
    RunFeed, RunId, SampleView,
};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Findings of a record that are looked for.
const FINDINGS_MAX: u32 = 500;
/// Characters of a title in large letters.
const TITLE_CHARS_MAX: usize = 120;
/// Feeds of a run among which that of the record is looked for.
const FEEDS_MAX: u32 = 1_000;

/// Which of them.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    feed: String,
}

#[derive(Template)]
#[template(path = "web/run_record.html")]
struct View {
    frame: Frame,
    words: &'static RunRecordWords,
    record_words: &'static RecordWords,
    run: i64,
    verdict: Verdict,
    hint: Option<&'static str>,
    /// The held feed that it stands in.
    held: Option<i64>,
    look: Look,
    facts: Vec<(&'static str, String)>,
}

/// Asks which record is meant.
#[derive(Template)]
#[template(path = "web/run_record_choice.html")]
struct ChoiceView {
    frame: Frame,
    words: &'static RunRecordWords,
    run: i64,
    feeds: Vec<(String, String)>,
}

/// What became of the record, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Verdict {
    class: &'static str,
    sign: &'static str,
    words: String,
}

/// Goes to the entry of a record that a run refused, or shows one that it did not put into quarantine.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Path((run, ordinal)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Read)?;
    let run = run.parse().map_err(|_| Problem::not_found(format!("`{run}` is no number of a run")))?;
    if let Ok(ordinal) = ordinal.parse() {
        if let Some(to) = quarantined(&service, &viewer, run, ordinal).await? {
            return Ok(Redirect::to(&to).into_response());
        }
        let run = runs::one(&service, &viewer.caller, run).await?;
        let found = findings(&service, &viewer, run.id, ordinal).await?;
        if !found.is_empty() {
            return shown(&service, &viewer, &run, ordinal, found, filled(&asked.feed)).await;
        }
    }
    let run = runs::one(&service, &viewer.caller, run).await?.id;
    Err(Problem::not_found(format!("run {run} has found nothing in a record `{ordinal}`")).about(run))
}

/// Where a record is that a run put into quarantine.
async fn quarantined(
    service: &Service,
    viewer: &Viewer,
    run: i64,
    ordinal: u64,
) -> Result<Option<String>, Problem> {
    let visible_source = viewer.caller.0.source();
    let filter = QuarantineFilter {
        run: Some(RunId(run)),
        ordinal: Some(ordinal),
        visible_source,
        ..QuarantineFilter::default()
    };
    // Several feeds may have one of that number.
    Ok(match service.store.quarantine(filter, 2).await?.as_slice() {
        [] => None,
        [entry] => Some(format!("/quarantine/{}?run={run}", entry.id)),
        _ => Some(format!("/quarantine?state=&run={run}")),
    })
}

/// What was found in the records of this number.
async fn findings(
    service: &Service,
    viewer: &Viewer,
    run: i64,
    ordinal: u64,
) -> Result<Vec<SampleView>, Problem> {
    let filter = FindingFilter {
        ordinal: Some(ordinal),
        visible_source: viewer.caller.0.source(),
        limit: FINDINGS_MAX,
        ..FindingFilter::default()
    };
    let found = service.store.findings(RunId(run), filter).await?;
    Ok(found.into_iter().map(|numbered| numbered.sample).collect())
}

/// Shows a record, or asks which.
async fn shown(
    service: &Arc<Service>,
    viewer: &Viewer,
    run: &Run,
    ordinal: u64,
    mut found: Vec<SampleView>,
    feed: Option<String>,
) -> Result<Response, Problem> {
    let feeds: BTreeSet<&str> = found.iter().map(|sample| sample.feed.as_str()).collect();
    let feed = match (feed, feeds.len()) {
        (Some(feed), _) => feed,
        (None, 1) => found[0].feed.clone(),
        (None, _) => return Ok(asks(viewer, run.id, ordinal, &feeds)?.into_response()),
    };
    found.retain(|sample| sample.feed == feed);
    let visible_source = viewer.caller.0.source();
    let read = service.store.run_feeds(RunId(run.id), visible_source, 0, FEEDS_MAX).await?;
    let read = read.into_iter().find(|read| read.feed == feed);
    let (Some(read), false) = (read, found.is_empty()) else {
        let why = format!("run {} has found nothing in a record {ordinal} of `{feed}`", run.id);
        return Err(Problem::not_found(why).about(run.id));
    };
    let place = service.deeds.record_place().await?;
    let nth = read_again(service, run, &read, ordinal).await?;
    let findings = found.into_iter().map(|sample| sample.finding).collect();
    let (record, draft) = drafted(service, record_of(run, &read, ordinal, nth, findings)).await?;
    let product = draft.and_then(|draft| product(&draft, None));
    let mut entry = Entry::of(record.entry, usize::MAX);
    let encoding = record.context.encoding.as_str();
    let look = Look::of(viewer.visit.language, &mut entry, &record.bytes, encoding, product.as_ref());
    let held = match read.state.as_str() {
        "held" => held::item(service, &viewer.caller, read.id).await?,
        _ => None,
    };
    let page = Html::of(&View::of(viewer, run, &read, &entry, look).settled(viewer, held.as_ref()))?;
    drop(place);
    Ok(page.into_response())
}

fn asks(viewer: &Viewer, run: i64, ordinal: u64, feeds: &BTreeSet<&str>) -> Result<Html, Problem> {
    let words = RunRecordWords::of(viewer.visit.language);
    let title = format!("{} {}", words.record, viewer.visit.language.grouped(ordinal));
    let path = format!("/runs/{run}/records/{ordinal}");
    let choice = |feed: &&str| ((*feed).to_owned(), address(&path, &[("feed", feed)]));
    Html::of(&ChoiceView {
        frame: Frame::of(&viewer.visit, Section::Inbox, title),
        words,
        run,
        feeds: feeds.iter().map(choice).collect(),
    })
}

/// The record, out of what is kept of its feed; none where nothing is, or it cannot be read any more.
async fn read_again(
    service: &Arc<Service>,
    run: &Run,
    read: &RunFeed,
    ordinal: u64,
) -> Result<Option<NthRecord>, Problem> {
    let Ok(Some((source, file))) = read_feed(&service.store, read.id, &read.feed).await else {
        return Ok(None);
    };
    let (plans, options) = (service.plans(run.format.as_deref()), service.plan.reading.clone());
    let work = move || {
        let nth = nth_record(&source, plans.as_ref(), &options, RecordOrdinal(ordinal));
        drop(file);
        nth
    };
    service.cpu.run(work).await
}

/// The record as one in quarantine is: with what is found in it now, and what only an import finds.
fn record_of(
    run: &Run,
    read: &RunFeed,
    ordinal: u64,
    nth: Option<NthRecord>,
    told: Vec<FindingView>,
) -> QuarantinedRecord {
    let first = &told[0];
    let reference = first.reference.clone();
    let at = nth.as_ref().map_or((first.line, first.column, first.byte), |nth| {
        let place = nth.outcome.place;
        (place.line, place.column, place.byte.0)
    });
    let (context, bytes, found) = nth.map_or_else(Default::default, |NthRecord { context, outcome }| {
        (context, outcome.bytes, outcome.findings.iter().map(FindingView::from).collect())
    });
    let context: RecordContext = context;
    QuarantinedRecord {
        entry: QuarantineEntry {
            id: 0,
            state: QuarantineState::Open,
            created_at: String::new(),
            first_run: RunId(run.id),
            last_run: RunId(run.id),
            resolved_at: None,
            source: read.source.clone(),
            feed: read.feed.clone(),
            feed_version_id: read.id,
            reference,
            ordinal,
            line: at.0,
            column: at.1,
            byte: at.2,
            format: read.format.clone(),
            profile_version: 0,
            size: bytes.len() as u64,
            digest: String::new(),
            mended_size: None,
            findings: together(found, told),
        },
        context,
        bytes,
        mended: None,
    }
}

/// All that is found in the record, and what was told besides.
fn together(mut found: Vec<FindingView>, told: Vec<FindingView>) -> Vec<FindingView> {
    let is_found = |view: &FindingView, found: &[FindingView]| {
        found.iter().any(|one| one.code == view.code && one.byte == view.byte)
    };
    let (_, besides): (Vec<_>, Vec<_>) = told.into_iter().partition(|view| is_found(view, &found));
    found.extend(besides);
    found
}

impl Verdict {
    fn of(language: Language, run: &Run, read: &RunFeed, is_refused: bool) -> Self {
        let words = RunRecordWords::of(language);
        let (class, sign) = if is_refused { ("error", "●") } else { ("quiet", "○") };
        let words = match (run.command.as_str(), read.state.as_str(), is_refused) {
            ("check", _, true) => words.checked,
            ("check", _, false) => words.checked_right,
            (_, "held", true) => words.held,
            (_, "held", false) => words.held_right,
            (_, "refused", _) => words.refused_feed,
            (_, _, true) => words.refused,
            (_, _, false) => words.taken,
        };
        Self { class, sign, words: words.to_owned() }
    }
}

impl View {
    /// Whether the title is too long for large letters.
    fn is_long(&self) -> bool {
        self.frame.title.chars().count() > TITLE_CHARS_MAX
    }

    /// The same of a held feed: one that waits no more has its end.
    fn settled(self, viewer: &Viewer, held: Option<&HeldItem>) -> Self {
        match held.and_then(|held| settled(viewer.visit.language, held)) {
            Some(words) => Self { verdict: Verdict { class: "quiet", sign: "○", words }, ..self },
            None => self,
        }
    }

    fn of(viewer: &Viewer, run: &Run, read: &RunFeed, entry: &Entry, look: Look) -> Self {
        let language = viewer.visit.language;
        let (words, record_words) = (RunRecordWords::of(language), RecordWords::of(language));
        let number = || format!("{} {}", words.record, language.grouped(entry.ordinal));
        let refuses = [Severity::Error, Severity::Fatal].map(Severity::as_str);
        let is_refused = look.faults.iter().any(|fault| refuses.contains(&fault.severity.class));
        let title = look.title().map(str::to_owned).or_else(|| entry.key.clone()).unwrap_or_else(number);
        let at = format!("{}, {} {}", language.grouped(entry.line), record_words.column, entry.column);
        let all = [
            (record_words.source, entry.source.clone()),
            (record_words.feed, entry.feed.clone()),
            (record_words.line, at),
            (record_words.ordinal, language.grouped(entry.ordinal)),
            (record_words.format, entry.format.clone()),
        ];
        Self {
            frame: Frame::of(&viewer.visit, Section::Inbox, title),
            words,
            record_words,
            run: run.id,
            verdict: Verdict::of(language, run, read, is_refused),
            hint: (run.command == "check").then_some(words.checked_hint),
            held: (read.state == "held").then_some(read.id),
            facts: all.into_iter().filter(|(_, value)| value != NO_SENDER).collect(),
            look,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;

    #[test]
    fn what_became_of_a_record_is_told_by_what_was_done_with_its_feed() {
        let of = |command: &str, state: &str, is_refused| {
            let mut run = run("deviations", Some(1), 3, 1);
            command.clone_into(&mut run.command);
            let read = RunFeed {
                id: 1,
                source: String::new(),
                feed: String::new(),
                format: String::new(),
                state: state.to_owned(),
                acceptance: None,
            };
            Verdict::of(Language::English, &run, &read, is_refused).words
        };
        assert_eq!(of("check", "checked", true), "Only checked: an import would refuse this record");
        assert_eq!(of("check", "refused", false), "Only checked: an import would take this record");
        assert!(of("import", "held", true).starts_with("Held with its feed"));
        assert_eq!(of("import", "refused", true), "Nothing of its feed was imported");
        assert_eq!(of("import", "applied", true), "This record was refused");
    }
}
