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
use super::record::product;
use super::source::part;
use super::sources::name_of;
use super::visit::Viewer;
use super::words::QuarantineWords;
use crate::access::Scope;
use crate::import::{ReplayReport, Replayed};
use crate::judgement::Severity;
use crate::judgement::escape::cut;
use crate::product::Product;
use crate::run::draft_again;
use crate::serve::deeds::decision;
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::quarantine::{Entry, EntryState, QuarantineQuery, page_of};
use crate::serve::replay::replayed_as_kept;
use crate::serve::requests::RequestNotes;
use crate::serve::service::Service;
use crate::store::{CODED_ENTRIES_MAX, CodeCount, QuarantineFilter, QuarantinedRecord, SourceWaiting};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Entries on a page.
const ENTRIES: u32 = 50;
/// Entries whose records are read for what they are known by, where the shop does not say it.
const TITLES_MAX: usize = 30;
/// Sources, and kinds of faults, that entries are told apart by.
const SOURCES_MAX: u32 = 200;
const CODES_MAX: u32 = 20;
/// Those that are not folded away.
const GROUPS_OPEN: usize = 10;
/// Characters of a title.
const TITLE_CHARS_MAX: usize = 120;
/// Bytes of a record that is read for its title: a list has many.
const TITLED_BYTES_MAX: u64 = 64 << 10;
/// Entries that are judged again at a time.
const AGAIN_MAX: u32 = 100;

const MORE_SOURCES: [[&str; 2]; 2] =
    [["more source", "more sources"], ["weiterer Absender", "weitere Absender"]];
const MORE_KINDS: [[&str; 2]; 2] = [["more kind", "more kinds"], ["weitere Art", "weitere Arten"]];
const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];

/// Which entries; of those that wait unless a state is said. What was done with them stands behind.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    code: String,
    /// What breaks it.
    #[serde(default)]
    field: String,
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
    none: &'static str,
    since: &'static str,
    rows: Vec<Row>,
    groups: Vec<Group>,
    /// Groups that are folded away, and in words how many these are.
    more_groups: Option<(Vec<Group>, String)>,
    is_by_source: bool,
    part: Option<String>,
    again: Option<Again>,
    told: Option<Told>,
    first: String,
    more: Option<String>,
}

/// An entry in the table.
struct Row {
    id: i64,
    key: Option<String>,
    /// Edition number and title, where they can be read.
    title: Option<String>,
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

/// Entries that have something in common: of a source, or of a kind.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    /// What the form is to ask for.
    value: String,
    name: String,
    /// The element or attribute that is at fault.
    field: String,
    count: String,
    address: String,
}

/// What came of a group that was judged again.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    class: &'static str,
    sign: &'static str,
    words: String,
    why: &'static str,
}

/// A group that is to be judged again.
#[derive(Debug, Deserialize)]
pub(super) struct JudgedGroup {
    source: String,
    code: String,
    #[serde(default)]
    field: String,
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
    let query = by_part(&service, &viewer, query(&asked, state)?).await?;
    let page = page_of(&service, &viewer.caller, query.clone()).await?;
    let again = match state {
        Some(EntryState::Open) if viewer.may(Scope::Operate) => {
            left(&service, &viewer, &asked, query).await?
        }
        _ => None,
    };
    let (is_by_source, mut groups) = groups(&service, &viewer, &asked).await?;
    let folded = groups.split_off(groups.len().min(GROUPS_OPEN));
    let more_groups = (!folded.is_empty()).then(|| {
        let words =
            language.counted(folded.len() as u64, if is_by_source { MORE_SOURCES } else { MORE_KINDS });
        (folded, words)
    });
    let products = products(&service, &page.items).await?;
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Quarantine, words.title),
        words,
        summary: page.total.filter(|total| *total > 0).map(|total| summary(language, total)),
        states: states(words, state),
        has_states: state.is_none(),
        is_filtered: asked.state.is_some() || kept(&asked).iter().skip(1).any(|(_, value)| !value.is_empty()),
        none: none(words, state),
        since: if state == Some(EntryState::Open) { words.since } else { words.refused_at },
        rows: page
            .items
            .into_iter()
            .zip(products)
            .map(|(entry, product)| Row::of(language, now, entry, product.as_ref()))
            .collect(),
        groups,
        more_groups,
        is_by_source,
        part: page.total.filter(|total| *total > u64::from(CODED_ENTRIES_MAX)).map(|_| part(language)),
        again,
        told: told(language, &asked),
        first: if asked.cursor.is_some() { at(&asked, "") } else { String::new() },
        more: page.next.map(|next| at(&asked, &next)),
        asked,
    };
    Html::of(&view)
}

/// What entries that wait are told apart by: their sources, and those of a source by kinds of faults; the most first.
async fn groups(service: &Service, viewer: &Viewer, asked: &Asked) -> Result<(bool, Vec<Group>), Problem> {
    let language = viewer.visit.language;
    let asks = [&asked.key, &asked.run, &asked.code].into_iter().any(|said| filled(said).is_some());
    if asks || asked.cursor.is_some() || asked.state.as_deref().is_some_and(|state| state != "open") {
        return Ok((true, Vec::new()));
    }
    if let Some(source) = filled(&asked.source) {
        viewer.caller.sees(&source)?;
        let codes = service.store.source_codes(&source, CODES_MAX).await?;
        let group = |of: CodeCount| Group {
            name: language
                .advice(&of.code)
                .map_or_else(|| of.code.clone(), |advice| advice.gist().to_owned()),
            field: of.field.clone(),
            count: language.grouped(of.records),
            address: kind_address(&source, &of.code, &of.field),
            value: of.code,
        };
        return Ok((false, codes.into_iter().map(group).collect()));
    }
    let sources = service.store.sources_waiting(viewer.caller.0.source(), SOURCES_MAX).await?;
    let group = |of: SourceWaiting| Group {
        name: name_of(language, &of.source).to_owned(),
        field: String::new(),
        count: language.grouped(of.records),
        address: address("/quarantine", &[("source", &of.source)]),
        value: of.source,
    };
    Ok((true, sources.into_iter().map(group).collect()))
}

/// The element or attribute that a path leads to, by its name: as the store tells kinds of faults apart.
pub(super) fn field_of(path: &str) -> &str {
    let step = path.rsplit('/').next().unwrap_or_default();
    step.split('[').next().unwrap_or_default()
}

/// Where records of a source wait for one kind of fault.
pub(super) fn kind_address(source: &str, code: &str, field: &str) -> String {
    address("/quarantine", &[("source", source), ("code", code), ("field", field)])
}

/// The products that entries speak of, where they can be read.
async fn products(service: &Arc<Service>, entries: &[Entry]) -> Result<Vec<Option<Product>>, Problem> {
    let mut records = Vec::new();
    for entry in entries {
        let is_small = entry.size + entry.mended_size.unwrap_or_default() <= TITLED_BYTES_MAX;
        records.push(if is_small { service.store.quarantined(entry.id).await? } else { None });
    }
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let read =
        move |record: Option<QuarantinedRecord>| product(&draft_again(&record?, &formats, &limits)?, None);
    service.cpu.run(move || records.into_iter().map(read).collect()).await
}

/// What the products of these entries are known by, where they can be read; of so many of them at most.
pub(super) async fn titles(service: &Arc<Service>, entries: &[i64]) -> Result<HashMap<i64, String>, Problem> {
    let mut records = Vec::new();
    for id in entries.iter().take(TITLES_MAX) {
        let record = service.store.quarantined(*id).await?;
        let is_small = |record: &QuarantinedRecord| record.bytes.len() as u64 <= TITLED_BYTES_MAX;
        records.extend(record.filter(is_small).map(|record| (*id, record)));
    }
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let read = move |(id, record): (i64, QuarantinedRecord)| {
        let product = product(&draft_again(&record, &formats, &limits)?, None)?;
        Some((id, title(&product)?))
    };
    service.cpu.run(move || records.into_iter().filter_map(read).collect()).await
}

/// Edition number and title: what an editor knows a product by.
fn title(product: &Product) -> Option<String> {
    known_by(product.edition_number.as_deref(), Some(&product.title))
}

/// The same of a product of which only this is known.
pub(super) fn known_by(edition_number: Option<&str>, title: Option<&str>) -> Option<String> {
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    let parts: Vec<&str> = edition_number.into_iter().chain(title).collect();
    (!parts.is_empty()).then(|| cut(&parts.join(" · "), TITLE_CHARS_MAX).into_owned())
}

const fn none(words: &QuarantineWords, state: Option<EntryState>) -> &'static str {
    match state {
        Some(EntryState::Replayed) => words.none_replayed,
        Some(EntryState::Superseded) => words.none_superseded,
        Some(EntryState::Discarded) => words.none_discarded,
        Some(EntryState::Open) | None => words.none_fits,
    }
}

/// Judges some of a group again, and shows what came of it.
pub(super) async fn again(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Posted(group): Posted<JudgedGroup>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    viewer.caller.sees(&group.source)?;
    let decision = decision(&viewer.caller, filled(&group.reason).as_deref())?;
    let query = QuarantineQuery {
        state: Some(EntryState::Open),
        source: Some(group.source.clone()),
        code: Some(group.code.clone()),
        field: filled(&group.field),
        limit: Some(AGAIN_MAX),
        cursor: (group.after > 0).then(|| group.after.to_string()),
        ..QuarantineQuery::default()
    };
    let entries = page_of(&service, &viewer.caller, query).await?.items;
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let last = ids.last().copied().unwrap_or(group.after);
    let is_all = ids.len() < AGAIN_MAX as usize;
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
        ("field", &group.field),
        ("imported", &imported),
        ("refused", &refused),
        ("last", &last),
        // The list goes on behind those that were judged, or shows those that are left.
        ("cursor", if is_all { "" } else { &last }),
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
        // Of no code in particular, it says nothing.
        field: filled(&asked.code).and_then(|_| filled(&asked.field)),
        key: filled(&asked.key),
        limit: Some(ENTRIES),
        cursor: asked.cursor.clone(),
        part: None,
        key_part: None,
    })
}

/// The same where no source and no key is called so: by parts of names of sources and feeds, and of keys.
async fn by_part(
    service: &Service,
    viewer: &Viewer,
    mut query: QuarantineQuery,
) -> Result<QuarantineQuery, Problem> {
    let visible =
        QuarantineFilter { visible_source: viewer.caller.0.source(), ..QuarantineFilter::default() };
    let (source, reference) = (query.source.as_deref(), query.key.as_deref());
    if source.is_some()
        && service.store.quarantine(QuarantineFilter { source, ..visible }, 1).await?.is_empty()
    {
        query.part = query.source.take();
    }
    if reference.is_some()
        && service.store.quarantine(QuarantineFilter { reference, ..visible }, 1).await?.is_empty()
    {
        query.key_part = query.key.take();
    }
    Ok(query)
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
        field: query.field.as_deref(),
        visible_source: viewer.caller.0.source(),
        after: asked.last,
        ..QuarantineFilter::default()
    };
    let left = service.store.quarantine_count(filter).await?;
    let is_further = asked.last.is_some();
    let button = if is_further { words.go_on } else { words.again };
    let words = some(language, left, is_further);
    let again = Again { words, button, after: asked.last.unwrap_or_default() };
    Ok((left > 0).then_some(again))
}

/// How many are judged again at a time.
fn some(language: Language, left: u64, is_further: bool) -> String {
    let now = language.counted(left.min(AGAIN_MAX.into()), RECORDS);
    let left = if left > AGAIN_MAX.into() { language.grouped(left) } else { return now };
    match (language, is_further) {
        (Language::English, false) => format!("the first {now} of {left}"),
        (Language::German, false) => format!("die ersten {now} von {left}"),
        (Language::English, true) => format!("the next {now}, {left} are left"),
        (Language::German, true) => format!("die nächsten {now}, übrig sind {left}"),
    }
}

/// What came of a group that was judged again.
fn told(language: Language, asked: &Asked) -> Option<Told> {
    let (imported, refused) = (asked.imported?, asked.refused?);
    let words = QuarantineWords::of(language);
    let (class, sign, why) = match (imported, refused) {
        (0, 0) => ("quiet", "○", ""),
        (_, 0) => ("good", "✓", ""),
        (0, _) => ("error", "●", words.none_right),
        _ => ("warning", "▲", words.some_right),
    };
    let (all, imported) =
        (language.counted(imported.saturating_add(refused), RECORDS), language.grouped(imported));
    let refused = language.grouped(refused);
    let words = match language {
        Language::English => format!("Checked again: {all}. Imported: {imported}; not imported: {refused}."),
        Language::German => {
            format!("Erneut geprüft: {all}. Importiert: {imported}; nicht importiert: {refused}.")
        }
    };
    Some(Told { class, sign, words, why })
}

/// Faults of a record beside the first.
fn others(language: Language, number: u64) -> Option<String> {
    let words = [["more fault", "more faults"], ["weiterer Fehler", "weitere Fehler"]];
    let and = language.pick("and", "und");
    (number > 0).then(|| format!("{and} {}", language.counted(number, words)))
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
fn kept(asked: &Asked) -> [(&'static str, &str); 6] {
    [
        ("state", asked.state.as_deref().unwrap_or("open")),
        ("source", asked.source.trim()),
        ("code", asked.code.trim()),
        ("field", asked.field.trim()),
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
    fn of(language: Language, now: Timestamp, entry: Entry, product: Option<&Product>) -> Self {
        let words = QuarantineWords::of(language);
        let first = entry.findings.into_iter().next();
        let (sentence, tag) = match &first {
            Some(found) => sentence(language, &found.sentence, &[&found.found]),
            None => (String::new(), language.tag()),
        };
        Self {
            id: entry.id,
            key: entry.key,
            severity: severity(language, Severity::Error),
            sentence: language.for_people(&sentence),
            tag,
            others: others(language, entry.findings_count.saturating_sub(1)),
            title: product.and_then(title),
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
        let of = |left| some(Language::English, left, false);
        assert_eq!(of(1), "1 record");
        assert_eq!(of(AGAIN_MAX.into()), "100 records");
        assert_eq!(of(u64::from(AGAIN_MAX) + 1), "the first 100 records of 101");
        assert_eq!(some(Language::English, 101, true), "the next 100 records, 101 are left");
    }

    #[test]
    fn a_record_is_told_by_its_number_and_title() {
        let reference = crate::product::RecordReference::new("r").expect("a key");
        let of = |number: Option<&str>, title: &str| {
            let product = Product {
                edition_number: number.map(str::to_owned),
                title: title.to_owned(),
                ..Product::new(reference.clone())
            };
            super::title(&product)
        };
        assert_eq!(of(Some("BE 1"), "Sonate").as_deref(), Some("BE 1 · Sonate"));
        assert_eq!((of(None, " ").as_deref(), of(None, "Fuge").as_deref()), (None, Some("Fuge")));
        let longest = of(None, &"ü".repeat(TITLE_CHARS_MAX + 1)).expect("a title");
        assert!(longest.ends_with('…') && longest.chars().count() <= TITLE_CHARS_MAX + 1, "{longest}");
        assert_eq!(of(None, &"ü".repeat(TITLE_CHARS_MAX)), Some("ü".repeat(TITLE_CHARS_MAX)));
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
        let words = told(Language::German, &asked).map(|told| (told.sign, told.words));
        let expected = "Erneut geprüft: 1.201 Datensätze. Importiert: 1.200; nicht importiert: 1.";
        assert_eq!(words, Some(("▲", expected.to_owned())));
        let none = Asked { imported: Some(0), refused: Some(1), ..Asked::default() };
        let why = told(Language::English, &none).map(|told| (told.class, told.why));
        assert_eq!(why, Some(("error", QuarantineWords::of(Language::English).none_right)));
        assert_eq!(told(Language::German, &Asked::default()), None);
    }
}
