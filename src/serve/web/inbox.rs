//! The first page: a feed comes in, what waits for somebody, and what became of the rest.

use super::asked::{address, choice, filled};
use super::filters;
use super::frame::{Frame, Section};
use super::headline::{Headline, acceptance};
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::visit::Viewer;
use super::words::InboxWords;
use crate::access::Scope;
use crate::judgement::Acceptance;
use crate::report::filters::class_of;
use crate::serve::held::{self, HeldItem, HeldQuery, HeldWord};
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::requests::RequestNotes;
use crate::serve::run::{Run, StateWord};
use crate::serve::runs::{self, RunsQuery};
use crate::serve::service::Service;
use crate::serve::sources::{self, Source, SourcesQuery};
use crate::serve::upload::{ModeWord, UploadQuery, run_of, submit_as};
use crate::store::Enqueued;
use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Runs on a page, and bars of the picture above them.
const RUNS: u32 = 30;
/// Held feeds that are told here.
const HELD_MAX: u32 = 5;
/// Sources that are looked at for refused records.
const SOURCES_MAX: u32 = 200;
/// Sources that are told here.
const SOURCES_SHOWN_MAX: usize = 10;
/// Where a bar begins after the one before, and how high one may be.
const BAR_STEP: usize = 8;
const BAR_HEIGHT: u64 = 28;
/// How high one is that has something: so that it is seen.
const BAR_HEIGHT_MIN: u64 = 2;

const REFUSED_RECORDS: [[&str; 2]; 2] = [
    ["record in quarantine", "records in quarantine"],
    ["Datensatz in Quarantäne", "Datensätze in Quarantäne"],
];

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    source: String,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "web/inbox.html")]
struct View {
    frame: Frame,
    words: &'static InboxWords,
    may_send: bool,
    formats: BTreeSet<String>,
    waiting: Vec<Waiting>,
    states: Vec<(&'static str, &'static str, bool)>,
    source: String,
    is_filtered: bool,
    is_first: bool,
    spark: Option<Spark>,
    rows: Vec<Row>,
    newest: String,
    older: Option<String>,
}

/// Something that waits for somebody.
struct Waiting {
    address: String,
    class: &'static str,
    sign: &'static str,
    words: String,
    about: String,
    at: Option<Moment>,
}

/// A run in the table.
struct Row {
    id: i64,
    headline: Headline,
    feed: String,
    is_check: bool,
    source: Option<(String, String)>,
    records: String,
    refused: String,
    at: Option<Moment>,
}

/// The refused share of the runs on the page, oldest first.
struct Spark {
    width: usize,
    words: String,
    bars: Vec<Bar>,
}

struct Bar {
    x: usize,
    y: u64,
    height: u64,
    class: &'static str,
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let (language, now) = (viewer.visit.language, service.now());
    let state: Option<StateWord> = choice("state", &asked.state)?;
    let source = filled(&asked.source);
    let query = RunsQuery { state, source: source.clone(), limit: Some(RUNS), cursor: asked.cursor.clone() };
    let page = runs::page_of(&service, &viewer.caller, &query).await?;
    let waiting = waiting(&service, &viewer, now).await?;
    let words = InboxWords::of(language);
    let kept = [("state", asked.state.as_str()), ("source", asked.source.trim())];
    let older = page.next.as_ref().map(|next| address("/", &[kept[0], kept[1], ("cursor", next)]));
    let formats = service.plan.formats.iter().map(|known| known.format.id.name().to_owned()).collect();
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Inbox, words.title),
        words,
        may_send: viewer.may(Scope::Submit),
        formats,
        waiting,
        states: states(language, words, state),
        is_filtered: state.is_some() || source.is_some(),
        source: source.unwrap_or_default(),
        is_first: asked.cursor.is_none(),
        spark: Spark::of(language, &page.items),
        newest: address("/", &kept),
        rows: page.items.iter().map(|run| Row::of(language, now, run)).collect(),
        older,
    };
    Html::of(&view)
}

/// Takes a feed, and goes to its run.
pub(super) async fn upload(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    request: Request,
) -> Result<Response, Problem> {
    // What the form does not say is not imported.
    let query = UploadQuery { mode: Some(ModeWord::Check), ..UploadQuery::default() };
    let queued = submit_as(&service, &viewer.caller, query, &notes, request).await?;
    let known = if matches!(queued, Enqueued::New(_)) { "" } else { "1" };
    Ok(Redirect::to(&address(&format!("/runs/{}", run_of(queued).0), &[("known", known)])).into_response())
}

fn states(
    language: Language,
    words: &InboxWords,
    chosen: Option<StateWord>,
) -> Vec<(&'static str, &'static str, bool)> {
    let any = ("", words.any, chosen.is_none());
    let state = |state: StateWord| (state.as_str(), state_name(language, state), chosen == Some(state));
    std::iter::once(any).chain(StateWord::ALL.map(state)).collect()
}

/// How a run stands, in words.
const fn state_name(language: Language, state: StateWord) -> &'static str {
    let (english, german) = match state {
        StateWord::Queued => ("waiting", "wartend"),
        StateWord::Running => ("running", "läuft"),
        StateWord::Succeeded => ("accepted", "angenommen"),
        StateWord::Deviations => ("with deviations", "mit Abweichungen"),
        StateWord::Held => ("held", "angehalten"),
        StateWord::Failed => ("failed", "gescheitert"),
        StateWord::Cancelled => ("cancelled", "abgebrochen"),
        StateWord::Killed => ("ended without a word", "ohne ein Wort beendet"),
    };
    language.pick(english, german)
}

/// What waits for somebody: held feeds, oldest first, and refused records by source.
async fn waiting(service: &Service, viewer: &Viewer, now: Timestamp) -> Result<Vec<Waiting>, Problem> {
    let (language, caller) = (viewer.visit.language, &viewer.caller);
    let open = HeldQuery { state: Some(HeldWord::Open), limit: Some(HELD_MAX), ..HeldQuery::default() };
    let held = held::page_of(service, caller, open).await?;
    let asked = SourcesQuery { limit: Some(SOURCES_MAX), cursor: None };
    let mut sources = sources::page_of(service, caller, &asked).await?.items;
    sources.retain(|source| source.quarantined > 0);
    sources.sort_by_key(|source| std::cmp::Reverse(source.quarantined));
    sources.truncate(SOURCES_SHOWN_MAX);
    let held = held.items.iter().map(|item| Waiting::held(language, now, item));
    Ok(held.chain(sources.iter().map(|source| Waiting::refused(language, source))).collect())
}

impl Waiting {
    fn held(language: Language, now: Timestamp, item: &HeldItem) -> Self {
        Self {
            address: format!("/held/{}", item.id),
            class: class_of(Acceptance::Held),
            sign: "‖",
            words: format!("{} {}", item.feed, InboxWords::of(language).held_feed),
            about: item.source.clone(),
            at: Moment::told(language, now, &item.held_at),
        }
    }

    fn refused(language: Language, source: &Source) -> Self {
        Self {
            address: address("/quarantine", &[("source", &source.source)]),
            class: class_of(Acceptance::Deviations),
            sign: "●",
            words: language.counted(source.quarantined, REFUSED_RECORDS),
            about: source.source.clone(),
            at: None,
        }
    }
}

impl Row {
    fn of(language: Language, now: Timestamp, run: &Run) -> Self {
        let headline = Headline::of(language, run);
        let first = run.read.first();
        let source = run.source.clone().or_else(|| first.map(|feed| feed.source.clone()));
        let feed = run.feed.clone().or_else(|| first.map(|feed| feed.feed.clone()));
        let at = run.received_at.as_deref().or(run.started_at.as_deref());
        Self {
            id: run.id,
            headline,
            feed: feed.unwrap_or_else(|| format!("{} {}", InboxWords::of(language).nameless, run.id)),
            is_check: run.command == "check",
            source: source.map(|source| (source.clone(), address("/", &[("source", &source)]))),
            records: language.grouped(run.progress.records),
            refused: language.grouped(run.progress.refused),
            at: at.and_then(|at| Moment::told(language, now, at)),
        }
    }
}

impl Spark {
    /// Of runs, newest first; none when nothing can be seen on it.
    fn of(language: Language, runs: &[Run]) -> Option<Self> {
        let ended = runs.iter().rev().filter(|run| acceptance(run).is_some() && run.progress.records > 0);
        let shares: Vec<(u64, u64, &'static str)> = ended
            .map(|run| {
                let class = acceptance(run).map_or("notice", class_of);
                (run.progress.refused, run.progress.records, class)
            })
            .collect();
        if shares.len() < 2 {
            return None;
        }
        let refused: u64 = shares.iter().map(|(refused, ..)| refused).sum();
        let records: u64 = shares.iter().map(|(_, records, _)| records).sum();
        let bars = shares.iter().enumerate().map(|(at, share)| Bar::of(at, *share)).collect();
        let share = percent(language, refused, records);
        let words = match language {
            Language::English => {
                format!("Refused share of the last {} runs: {share} on average", shares.len())
            }
            Language::German => {
                format!("Anteil abgewiesen in den letzten {} Läufen: {share} im Mittel", shares.len())
            }
        };
        Some(Self { width: shares.len() * BAR_STEP, words, bars })
    }
}

impl Bar {
    fn of(at: usize, (refused, records, class): (u64, u64, &'static str)) -> Self {
        let height = (refused.min(records) * BAR_HEIGHT).div_ceil(records.max(1)).max(BAR_HEIGHT_MIN);
        Self { x: at * BAR_STEP, y: BAR_HEIGHT - height, height, class }
    }
}

/// A share in per cent, with one digit behind the point.
fn percent(language: Language, part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1_000).div_ceil(u128::from(whole.max(1)));
    format!("{}{}{} %", tenths / 10, language.pick(".", ","), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::run;

    #[test]
    fn a_bar_is_as_high_as_the_share_and_never_unseen() {
        let of = |refused, records| Bar::of(1, (refused, records, "error")).height;
        assert_eq!((of(0, 100), of(1, 1_000), of(50, 100), of(100, 100)), (2, 2, 14, 28));
        assert_eq!(Bar::of(1, (100, 100, "error")).y, 0);
    }

    #[test]
    fn the_picture_goes_from_old_to_new() {
        let runs =
            [run("deviations", Some(1), 10, 10), run("succeeded", Some(0), 10, 0), run("queued", None, 0, 0)];
        let spark = Spark::of(Language::German, &runs).expect("two runs have ended");
        assert_eq!(spark.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(), [2, 28]);
        assert_eq!(spark.words, "Anteil abgewiesen in den letzten 2 Läufen: 50,0 % im Mittel");
        assert!(Spark::of(Language::English, &runs[1..]).is_none());
    }
}
