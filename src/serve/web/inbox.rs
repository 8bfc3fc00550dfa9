//! The first page: a feed comes in, what waits for somebody, and what became of the rest.

use super::again::{Again, JudgedAgain, judged_again};
use super::asked::{address, choice, filled};
use super::filters;
use super::frame::{Frame, Section};
use super::headline::{Headline, acceptance, headline, reads_feeds};
use super::held_words::{deed, percent, waits};
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::run::MORE_FEEDS;
use super::visit::Viewer;
use super::waiting::{Waiting, waiting};
use super::words::{InboxWords, RunWords};
use crate::access::Scope;
use crate::import::NO_SENDER;
use crate::report::filters::class_of;
use crate::serve::held::{self, HeldItem, HeldQuery, HeldWord};
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::requests::RequestNotes;
use crate::serve::run::{Run, RunProgress, StateWord, is_final};
use crate::serve::runs::{self, RunsQuery};
use crate::serve::service::Service;
use crate::serve::upload::{ModeWord, UploadQuery, run_of, submit_as};
use crate::store::{Enqueued, RunId};
use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Runs on a page, and bars of the picture above them.
const RUNS: u32 = 30;
/// Held feeds that are looked at: what a run on the page would do stands with it.
const HELD: u32 = RUNS;
/// Sources that are suggested.
const SOURCES: u32 = 100;
/// Where a bar begins after the one before, and how high one may be.
const BAR_STEP: usize = 8;
const BAR_HEIGHT: u64 = 28;
/// How high one is that has something: so that it is seen.
const BAR_HEIGHT_MIN: u64 = 2;

const RUN_NOUNS: [[&str; 2]; 2] = [["run", "runs"], ["Lauf", "Läufe"]];
const MORE_SOURCES: [[&str; 2]; 2] = [["more", "more"], ["weiterer", "weitere"]];

/// Which runs.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    source: String,
    cursor: Option<String>,
    /// The run of what was just sent by somebody who may not look at it.
    #[serde(default)]
    sent: String,
}

#[derive(Template)]
#[template(path = "web/inbox.html")]
struct View {
    frame: Frame,
    words: &'static InboxWords,
    may_send: bool,
    /// Whether there is more than the form.
    may_look: bool,
    /// The run of what somebody has sent who may not look at it.
    sent: Option<String>,
    formats: BTreeSet<String>,
    /// Names of sources that are known, to choose from.
    sources: Vec<String>,
    waiting: Vec<Waiting>,
    states: Vec<(&'static str, &'static str, bool)>,
    source: String,
    is_filtered: bool,
    /// How many runs there are that fit; told on the first page.
    total: Option<String>,
    spark: Option<Spark>,
    rows: Vec<Row>,
    /// Where the list begins, when this is another part of it.
    newest: Option<String>,
    older: Option<String>,
}

/// A run in the table.
struct Row {
    id: i64,
    headline: Headline,
    feed: String,
    /// Where the one record is that it judged again.
    record: Option<String>,
    /// Who imported that.
    by: Option<String>,
    /// Whether it read anything.
    has_counts: bool,
    more_feeds: Option<String>,
    is_check: bool,
    source: Option<(String, String)>,
    more_sources: Option<String>,
    records: String,
    refused: String,
    share: Option<String>,
    new_kinds: Option<String>,
    has_new_kinds: bool,
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
    if !viewer.may(Scope::Read) && viewer.may(Scope::Submit) {
        return Html::of(&View::for_senders(&service, &viewer, &asked));
    }
    let (language, now) = (viewer.visit.language, service.now());
    let state: Option<StateWord> = choice("state", &asked.state)?;
    let source = filled(&asked.source);
    let query = RunsQuery { state, source: source.clone(), limit: Some(RUNS), cursor: asked.cursor.clone() };
    let page = runs::page_of(&service, &viewer.caller, &query).await?;
    let beside = Beside::of(&service, &viewer, &page.items).await?;
    let waiting = waiting(&service, &viewer, now, &beside.held).await?;
    let words = InboxWords::of(language);
    let kept = [("state", asked.state.as_str()), ("source", asked.source.trim())];
    let older = page.next.as_ref().map(|next| address("/", &[kept[0], kept[1], ("cursor", next)]));
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Inbox, words.title),
        words,
        may_send: viewer.may(Scope::Submit),
        may_look: true,
        sent: None,
        formats: formats(&service),
        sources: sources(&service, &viewer).await?,
        waiting,
        states: states(language, words, state),
        is_filtered: state.is_some() || source.is_some(),
        total: page.total.filter(|total| *total > 0).map(|total| language.counted(total, RUN_NOUNS)),
        spark: Spark::of(language, now, &page.items, source.as_deref()),
        source: source.unwrap_or_default(),
        newest: asked.cursor.is_some().then(|| address("/", &kept)),
        rows: page.items.iter().map(|run| Row::of(language, now, run, &beside)).collect(),
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
    let query = UploadQuery { mode: Some(ModeWord::Check), checks_again: true, ..UploadQuery::default() };
    let queued = submit_as(&service, &viewer.caller, query, &notes, request).await?;
    let known = if matches!(queued, Enqueued::New(_)) { "" } else { "1" };
    if !viewer.may(Scope::Read) {
        return Ok(Redirect::to(&address("/", &[("sent", &run_of(queued).0.to_string())])).into_response());
    }
    Ok(Redirect::to(&address(&format!("/runs/{}", run_of(queued).0), &[("known", known)])).into_response())
}

fn formats(service: &Service) -> BTreeSet<String> {
    service.plan.formats.iter().map(|known| known.format.id.name().to_owned()).collect()
}

/// Sources that a feed may be said to be of.
async fn sources(service: &Service, viewer: &Viewer) -> Result<Vec<String>, Problem> {
    let visible_source = viewer.caller.0.source();
    if !viewer.may(Scope::Submit) || visible_source.is_some() {
        return Ok(Vec::new());
    }
    let found = service.store.source_names(SOURCES).await?;
    Ok(found.into_iter().filter(|name| name != NO_SENDER).collect())
}

impl View {
    /// The form alone, for whoever may send and not look.
    fn for_senders(service: &Service, viewer: &Viewer, asked: &Asked) -> Self {
        let words = InboxWords::of(viewer.visit.language);
        Self {
            frame: Frame::of(&viewer.visit, Section::Inbox, words.title),
            words,
            may_send: true,
            may_look: false,
            sent: filled(&asked.sent),
            formats: formats(service),
            sources: Vec::new(),
            waiting: Vec::new(),
            states: Vec::new(),
            source: String::new(),
            is_filtered: false,
            total: None,
            spark: None,
            rows: Vec::new(),
            newest: None,
            older: None,
        }
    }
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

/// What stands beside runs: held feeds that wait, and how many kinds of findings are new.
struct Beside {
    held: Vec<HeldItem>,
    /// Held feeds that wait no more, by the run that held them.
    settled: HashMap<i64, HeldItem>,
    /// Runs that were to let one in, and did not.
    not_released: BTreeSet<i64>,
    new_kinds: HashMap<i64, u64>,
    /// Records that runs judged again, by run.
    judged: HashMap<i64, Vec<JudgedAgain>>,
}

impl Beside {
    async fn of(service: &Service, viewer: &Viewer, runs: &[Run]) -> Result<Self, Problem> {
        let open = HeldQuery { state: Some(HeldWord::Open), limit: Some(HELD), ..HeldQuery::default() };
        let held = held::page_of(service, &viewer.caller, open).await?.items;
        let (mut settled, mut not_released) = (HashMap::new(), BTreeSet::new());
        for run in runs.iter().filter(|run| run.state == "held" && run.feeds == 1) {
            let feed = run.read.iter().find(|feed| feed.state == "held");
            let is_open = held.iter().any(|item| item.run == run.id);
            let Some(feed) = feed.filter(|_| !is_open) else { continue };
            match held::item(service, &viewer.caller, feed.id).await? {
                Some(item) => drop(settled.insert(run.id, item)),
                // It is held as it was before.
                None => drop(not_released.insert(run.id)),
            }
        }
        let ended: Vec<RunId> =
            runs.iter().filter(|run| is_final(&run.state)).map(|run| RunId(run.id)).collect();
        let new = service.store.new_kinds(&ended).await?;
        let new_kinds = new.into_iter().filter_map(|of| Some((of.run.0, of.kinds?))).collect();
        let judged = judged_again(service, viewer, &runs.iter().collect::<Vec<_>>()).await?;
        Ok(Self { held, settled, not_released, new_kinds, judged })
    }

    /// What became of a run.
    fn headline(&self, language: Language, run: &Run) -> Headline {
        if let (Some(again), Some(judged)) = (Again::of(run), self.judged.get(&run.id)) {
            return again.headline_of(language, judged);
        }
        let told = headline(language, run, self.would(language, run));
        if self.not_released.contains(&run.id) {
            return Headline { words: RunWords::of(language).not_released.to_owned(), ..told };
        }
        let held = self.held.iter().find(|item| item.run == run.id && item.exceeded.is_empty());
        match held.and_then(|item| waits(language, item)) {
            Some(words) => Headline { words, ..told },
            None => told.settled(language, self.settled.get(&run.id)),
        }
    }

    /// What a held run would do beyond a limit.
    fn would(&self, language: Language, run: &Run) -> Option<String> {
        let held = self.held.iter().find(|item| item.run == run.id)?;
        held.exceeded.first().map(|first| deed(language, first))
    }
}

impl Row {
    fn of(language: Language, now: Timestamp, run: &Run, beside: &Beside) -> Self {
        let first = run.read.first();
        let judged = beside.judged.get(&run.id).map_or(&[][..], Vec::as_slice);
        let one = judged
            .first()
            .filter(|_| judged.len() == 1 && Again::of(run).is_some_and(|again| again.is_one()));
        // Of several, whose they are where that is one.
        let of_all = judged.first().filter(|first| judged.iter().all(|other| other.source == first.source));
        let source = run.source.clone().or_else(|| first.map(|feed| feed.source.clone()));
        let source = source.or_else(|| of_all.map(|judged| judged.source.clone()));
        let feed = run.feed.clone().or_else(|| first.map(|feed| feed.feed.clone()));
        let at = run.received_at.as_deref().or(run.started_at.as_deref());
        let RunProgress { records, refused, .. } = run.progress;
        let is_known = first.is_none_or(|feed| feed.source != NO_SENDER);
        let new_kinds = beside.new_kinds.get(&run.id).copied().filter(|_| is_known);
        Self {
            id: run.id,
            headline: beside.headline(language, run),
            feed: feed
                .or_else(|| one.map(|judged| judged.name.clone()))
                .unwrap_or_else(|| nameless(language, run)),
            record: one.map(|judged| judged.address.clone()),
            by: judged.first().and_then(|judged| judged.by.as_ref()).map(|(who, _)| who.clone()),
            has_counts: reads_feeds(run),
            more_feeds: (run.feeds > 1).then(|| language.counted(run.feeds - 1, MORE_FEEDS)),
            is_check: run.command == "check",
            source: source
                .filter(|source| source != NO_SENDER)
                .map(|source| (source.clone(), address("/", &[("source", &source)]))),
            more_sources: (run.sources > 1).then(|| language.counted(run.sources - 1, MORE_SOURCES)),
            records: language.grouped(records),
            refused: language.grouped(refused),
            share: percent(language, refused, records).filter(|_| refused > 0),
            new_kinds: new_kinds.map(|number| language.grouped(number)),
            has_new_kinds: new_kinds.is_some_and(|number| number > 0),
            at: at.and_then(|at| Moment::told(language, now, at)),
        }
    }
}

/// What a run was about that read no feed.
fn nameless(language: Language, run: &Run) -> String {
    let words = InboxWords::of(language);
    match (Again::of(run), run.rolls_back) {
        (Some(_), _) => words.quarantine.to_owned(),
        (_, Some(other)) => format!("{} {other}", words.nameless),
        _ => format!("{} {}", words.nameless, run.id),
    }
}

impl Spark {
    /// Of runs, newest first; none when nothing can be seen on it.
    fn of(language: Language, now: Timestamp, runs: &[Run], source: Option<&str>) -> Option<Self> {
        let is_shown = |run: &&Run| run.progress.records > 0 && run.feeds > 0 && run.state != "cancelled";
        let first = runs.iter().rfind(is_shown).and_then(|run| run.started_at.as_deref());
        let first =
            first.and_then(|at| Moment::told(language, now, at)).map_or_else(String::new, |at| at.day);
        let shares: Vec<(u64, u64, &'static str)> = runs
            .iter()
            .filter(is_shown)
            .filter_map(|run| Some((run.progress.refused, run.progress.records, class_of(acceptance(run)?))))
            .collect();
        let (newest, number) = (shares.first()?, shares.len());
        let highest = shares
            .iter()
            .max_by_key(|(part, whole, _)| u128::from(*part) * 1_000_000 / u128::from(*whole))?;
        let told = |(part, whole, _): &(u64, u64, _)| percent(language, *part, *whole).unwrap_or_default();
        let (newest, highest) = (told(newest), told(highest));
        let of = source.unwrap_or(language.pick("all sources", "alle Absender"));
        let words = match language {
            Language::English => {
                format!(
                    "Refused share of the last {number} runs, since {first}, {of}: newest {newest}, highest {highest}"
                )
            }
            Language::German => format!(
                "Anteil abgewiesen in den letzten {number} Läufen, seit {first}, {of}: zuletzt {newest}, höchstens {highest}"
            ),
        };
        let bars = shares.iter().rev().enumerate().map(|(at, share)| Bar::of(at, *share)).collect();
        (number > 1).then_some(Self { width: number * BAR_STEP, words, bars })
    }
}

impl Bar {
    fn of(at: usize, (refused, records, class): (u64, u64, &'static str)) -> Self {
        let height = (refused.min(records) * BAR_HEIGHT).div_ceil(records.max(1)).max(BAR_HEIGHT_MIN);
        Self { x: at * BAR_STEP, y: BAR_HEIGHT - height, height, class }
    }
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
        let now = "2026-11-27T12:00:00Z".parse().expect("a moment");
        let spark = Spark::of(Language::German, now, &runs, None).expect("two runs have ended");
        assert_eq!(spark.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(), [2, 28]);
        let words = "Anteil abgewiesen in den letzten 2 Läufen, seit 27.11.2026, alle Absender: zuletzt 100 %, \
                     höchstens 100 %";
        assert_eq!(spark.words, words);
        assert!(Spark::of(Language::English, now, &runs[1..], Some("A")).is_none());
    }
}
