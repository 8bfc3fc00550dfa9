//! Refused records: those that wait first. All of one kind may be judged again together, after a rule or a schema has
//! changed.

use super::asked::{address, choice, filled};
use super::faults::sentence;
use super::filters;
use super::findings::{SeverityName, severity};
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::posted::Posted;
use super::visit::Viewer;
use super::words::QuarantineWords;
use crate::access::Scope;
use crate::import::{ReplayReport, Replayed};
use crate::judgement::Severity;
use crate::serve::deeds::decision;
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::quarantine::{Entry, EntryState, QuarantineQuery, page_of};
use crate::serve::replay::replayed_as_kept;
use crate::serve::requests::RequestNotes;
use crate::serve::service::Service;
use crate::store::{QuarantineFilter, RunId};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// Entries on a page.
const ENTRIES: u32 = 50;
/// Entries that are judged again at a time.
const AGAIN_MAX: u32 = 100;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];

/// Which entries; of those that wait unless a state is said. What was done with them stands behind.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    run: String,
    cursor: Option<String>,
    /// Of those that were judged again: how many were imported, how many were not, and the last of them.
    imported: Option<u64>,
    refused: Option<u64>,
    last: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/quarantine.html")]
struct View {
    frame: Frame,
    words: &'static QuarantineWords,
    summary: Option<String>,
    states: Vec<(&'static str, &'static str, bool)>,
    asked: Asked,
    is_filtered: bool,
    has_states: bool,
    rows: Vec<Row>,
    again: Option<Again>,
    told: Option<String>,
    first: String,
    more: Option<String>,
}

/// An entry in the table.
struct Row {
    id: i64,
    key: Option<String>,
    severity: SeverityName,
    sentence: String,
    tag: &'static str,
    others: Option<String>,
    state: &'static str,
    source: String,
    feed: String,
    line: String,
    at: Option<Moment>,
}

/// Entries of a kind that may be judged again.
struct Again {
    words: String,
    button: &'static str,
    after: i64,
}

/// A group that is to be judged again.
#[derive(Debug, Deserialize)]
pub(super) struct Group {
    source: String,
    code: String,
    #[serde(default)]
    reason: String,
    /// Only those behind this one.
    #[serde(default)]
    after: i64,
}

/// Shows them.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let (language, now) = (viewer.visit.language, service.now());
    let words = QuarantineWords::of(language);
    let state: Option<EntryState> = match &asked.state {
        None => Some(EntryState::Open),
        Some(said) => choice("state", said)?,
    };
    let query = query(&asked, state)?;
    let page = page_of(&service, &viewer.caller, query.clone()).await?;
    let again = match state {
        Some(EntryState::Open) if viewer.may(Scope::Operate) => {
            left(&service, &viewer, &asked, query).await?
        }
        _ => None,
    };
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Quarantine, words.title),
        words,
        summary: page.total.filter(|total| *total > 0).map(|total| summary(language, total)),
        states: states(words, state),
        has_states: state.is_none(),
        is_filtered: asked.state.is_some() || kept(&asked).iter().skip(1).any(|(_, value)| !value.is_empty()),
        rows: page.items.into_iter().map(|entry| Row::of(language, now, entry)).collect(),
        again,
        told: told(language, &asked),
        first: if asked.cursor.is_some() { at(&asked, "") } else { String::new() },
        more: page.next.map(|next| at(&asked, &next)),
        asked,
    };
    Html::of(&view)
}

/// Goes to the entry of a record that a run refused.
pub(super) async fn of_run(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Path((run, ordinal)): Path<(String, String)>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Read)?;
    let words = QuarantineWords::of(viewer.visit.language);
    let none = || Problem::not_found(words.no_entry);
    let (Ok(run), Ok(ordinal)) = (run.parse::<i64>(), ordinal.parse::<u64>()) else { return Err(none()) };
    let visible_source = viewer.caller.0.source();
    let filter = QuarantineFilter {
        run: Some(RunId(run)),
        ordinal: Some(ordinal),
        visible_source,
        ..QuarantineFilter::default()
    };
    let found = service.store.quarantine(filter, 2).await?;
    // Several feeds may have one of that number.
    let to = match found.as_slice() {
        [] => return Err(none()),
        [entry] => format!("/quarantine/{}?run={run}", entry.id),
        _ => format!("/quarantine?state=&run={run}"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// Judges some of a group again, and shows what came of it.
pub(super) async fn again(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Posted(group): Posted<Group>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    viewer.caller.sees(&group.source)?;
    let decision = decision(&viewer.caller, filled(&group.reason).as_deref())?;
    let query = QuarantineQuery {
        state: Some(EntryState::Open),
        source: Some(group.source.clone()),
        code: Some(group.code.clone()),
        limit: Some(AGAIN_MAX),
        cursor: (group.after > 0).then(|| group.after.to_string()),
        ..QuarantineQuery::default()
    };
    let entries = page_of(&service, &viewer.caller, query).await?.items;
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let last = ids.last().copied().unwrap_or(group.after);
    let report = if ids.is_empty() {
        ReplayReport { entries: Vec::new() }
    } else {
        replayed_as_kept(&service, &notes, ids, decision).await?
    };
    let is_in = |replayed: &Replayed| matches!(replayed, Replayed::Imported);
    let imported = report.entries.iter().filter(|(_, replayed)| is_in(replayed)).count();
    let refused = report.entries.len() - imported;
    let (imported, refused, last) = (imported.to_string(), refused.to_string(), last.to_string());
    let said = [
        ("source", group.source.as_str()),
        ("code", &group.code),
        ("imported", &imported),
        ("refused", &refused),
        ("last", &last),
    ];
    Ok(Redirect::to(&address("/quarantine", &said)).into_response())
}

fn query(asked: &Asked, state: Option<EntryState>) -> Result<QuarantineQuery, Problem> {
    let number = |said: String| {
        said.parse().map_err(|_| Problem::parameter("run", format!("`{said}` is no number of a run")))
    };
    Ok(QuarantineQuery {
        state,
        source: filled(&asked.source),
        run: filled(&asked.run).map(number).transpose()?,
        code: filled(&asked.code),
        key: filled(&asked.key),
        limit: Some(ENTRIES),
        cursor: asked.cursor.clone(),
    })
}

/// How many of a group are left to be judged again, if it is one of a source and of a kind.
async fn left(
    service: &Service,
    viewer: &Viewer,
    asked: &Asked,
    query: QuarantineQuery,
) -> Result<Option<Again>, Problem> {
    let language = viewer.visit.language;
    let words = QuarantineWords::of(language);
    let (Some(source), Some(code)) = (&query.source, &query.code) else { return Ok(None) };
    if query.key.is_some() || query.run.is_some() {
        return Ok(None);
    }
    let filter = QuarantineFilter {
        state: Some(EntryState::Open.into()),
        source: Some(source),
        code: Some(code),
        visible_source: viewer.caller.0.source(),
        after: asked.last,
        ..QuarantineFilter::default()
    };
    let left = service.store.quarantine_count(filter).await?;
    let button = if asked.last.is_some() { words.go_on } else { words.again };
    let again = Again { words: some(language, left), button, after: asked.last.unwrap_or_default() };
    Ok((left > 0).then_some(again))
}

/// How many are judged again at a time.
fn some(language: Language, left: u64) -> String {
    let now = language.counted(left.min(AGAIN_MAX.into()), RECORDS);
    match (language, left > AGAIN_MAX.into()) {
        (_, false) => now,
        (Language::English, true) => format!("the first {now} of {}", language.grouped(left)),
        (Language::German, true) => format!("die ersten {now} von {}", language.grouped(left)),
    }
}

/// What came of a group that was judged again.
fn told(language: Language, asked: &Asked) -> Option<String> {
    let (imported, refused) = (asked.imported?, asked.refused?);
    let (all, imported) = (language.counted(imported + refused, RECORDS), language.grouped(imported));
    let refused = language.grouped(refused);
    Some(match language {
        Language::English => format!("Judged again: {all}. Imported: {imported}; not imported: {refused}."),
        Language::German => {
            format!("Neu geprüft: {all}. Importiert: {imported}; nicht importiert: {refused}.")
        }
    })
}

/// How many faults an entry has beside the one that is told.
fn others(language: Language, number: u64) -> Option<String> {
    let nouns = [["more fault", "more faults"], ["weiterer Fehler", "weitere Fehler"]];
    let and = language.pick("and", "und");
    (number > 0).then(|| format!("{and} {}", language.counted(number, nouns)))
}

fn summary(language: Language, total: u64) -> String {
    language.counted(total, RECORDS)
}

/// How an entry stands, in words.
pub(super) const fn state_name(words: &QuarantineWords, state: EntryState) -> &'static str {
    match state {
        EntryState::Open => words.open,
        EntryState::Replayed => words.replayed,
        EntryState::Superseded => words.superseded,
        EntryState::Discarded => words.discarded,
    }
}

fn states(words: &QuarantineWords, chosen: Option<EntryState>) -> Vec<(&'static str, &'static str, bool)> {
    let all = [
        ("open", EntryState::Open),
        ("replayed", EntryState::Replayed),
        ("superseded", EntryState::Superseded),
        ("discarded", EntryState::Discarded),
    ];
    let states = all.map(|(value, state)| (value, state_name(words, state), chosen == Some(state)));
    states.into_iter().chain([("", words.any, chosen.is_none())]).collect()
}

/// What stays from page to page.
fn kept(asked: &Asked) -> [(&'static str, &str); 5] {
    [
        ("state", asked.state.as_deref().unwrap_or("open")),
        ("source", asked.source.trim()),
        ("code", asked.code.trim()),
        ("key", asked.key.trim()),
        ("run", asked.run.trim()),
    ]
}

/// Another page of the same list.
fn at(asked: &Asked, cursor: &str) -> String {
    let address = address("/quarantine", &[&kept(asked)[..], &[("cursor", cursor)]].concat());
    // Any state is asked for by an empty word.
    if asked.state.as_deref() == Some("") {
        let sign = if address.contains('?') { '&' } else { '?' };
        return format!("{address}{sign}state=");
    }
    address
}

impl Row {
    fn of(language: Language, now: Timestamp, entry: Entry) -> Self {
        let words = QuarantineWords::of(language);
        let first = entry.findings.into_iter().next();
        let (sentence, tag) = match &first {
            Some(found) => sentence(language, &found.sentence, &[&found.found]),
            None => (String::new(), language.tag()),
        };
        let others = others(language, entry.findings_count.saturating_sub(1));
        Self {
            id: entry.id,
            key: entry.key,
            severity: severity(language, Severity::Error),
            sentence,
            tag,
            others,
            state: state_name(words, entry.state),
            source: entry.source,
            feed: entry.feed,
            line: language.grouped(entry.line),
            at: Moment::told(language, now, &entry.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn again_max() {
        let of = |left| some(Language::English, left);
        assert_eq!(of(1), "1 record");
        assert_eq!(of(AGAIN_MAX.into()), "100 records");
        assert_eq!(of(u64::from(AGAIN_MAX) + 1), "the first 100 records of 101");
    }

    #[test]
    fn a_page_keeps_what_was_asked_for() {
        let asked = |state: Option<&str>| Asked {
            state: state.map(str::to_owned),
            source: " A&B ".to_owned(),
            ..Asked::default()
        };
        assert_eq!(at(&asked(None), "7"), "/quarantine?state=open&source=A%26B&cursor=7");
        assert_eq!(at(&asked(Some("")), ""), "/quarantine?source=A%26B&state=");
    }

    #[test]
    fn what_came_of_a_group_is_told() {
        let asked = Asked { imported: Some(1_200), refused: Some(1), ..Asked::default() };
        assert_eq!(
            told(Language::German, &asked).as_deref(),
            Some("Neu geprüft: 1.201 Datensätze. Importiert: 1.200; nicht importiert: 1.")
        );
        assert_eq!(told(Language::German, &Asked::default()), None);
    }
}
