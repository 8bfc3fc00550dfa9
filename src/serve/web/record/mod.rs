//! A refused record: the product, what is wrong with it, its XML, and a text field to mend it in.
//!
//! ```text
//!  GET ─▶ as it is kept ──────────────────────────▶ product, shop, faults, XML, text
//!  POST check ─▶ judged, nothing stored ──────────▶ the same page, with the text as it was sent
//!  POST import ─▶ a run of its own ─▶ imported? ──▶ 303, the entry as it is then
//!                                  └▶ not ────────▶ why, with the text as it was sent
//! ```

mod beside;
mod note;
mod shop;
mod text;

use self::beside::{Decided, Onward, decisions, edits, onward, trace};
use self::note::Note;
use self::shop::{Shop, in_shop};
use self::text::{MEND_BYTES_MAX, Mend, mended, missing_indentation};
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::kept_text::{self, SentText};
use super::language::Language;
use super::look::Look;
use super::moment::Moment;
use super::posted::Posted;
use super::product::{Changed, is_of};
use super::quarantine::{field_of, kind_address};
use super::visit::{Viewer, Visit};
use super::words::{QuarantineWords, RecordWords};
use crate::access::Scope;
use crate::import::Replayed;
use crate::report::mended_diff;
use crate::report::record::text as record_text;
use crate::serve::deeds::{decided, decision};
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::{Kind, Problem};
use crate::serve::quarantine::{BytesQuery, Entry, EntryState, bytes_as, entry, given_up, record};
use crate::serve::replay::{judged, replayed, seen};
use crate::serve::requests::RequestNotes;
use crate::serve::service::Service;
use crate::store::{Outdated, QuarantineState, QuarantinedRecord, ReplayedEntry};
use askama::Template;
use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

pub(super) use self::shop::{drafted, product};

/// Bytes of the form: each of the record's is three at most, and a line end has two.
const FORM_BYTES_MAX: u64 = 6 * (MEND_BYTES_MAX as u64) + (64 << 10);
/// Characters of a title in large letters.
const TITLE_CHARS_MAX: usize = 120;
/// Faulty values of a field that are told.
const FAULTY_MAX: usize = 4;
/// What may be kept of what was answered to a form: the browser keeps it for whoever goes back to it.
const FOR_GOING_BACK: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "private, no-cache")];
/// Texts at one time that are given back to those whose session has ended; others are sent to sign in without.
const UNSAVED_MAX: usize = 2;
/// Places for them.
static UNSAVED: Semaphore = Semaphore::const_new(UNSAVED_MAX);

/// What a link to a record says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// What was just done.
    #[serde(default)]
    done: String,
    /// The run whose findings led here.
    run: Option<u64>,
}

/// What somebody wants with a record.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Deed {
    Check,
    Import,
    Discard,
}

/// The form.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    #[serde(rename = "do")]
    deed: Deed,
    /// None when the record is meant as it is kept.
    text: Option<String>,
    #[serde(default)]
    reason: String,
    /// Digest of the record that was seen.
    #[serde(default)]
    seen: String,
}

impl Said {
    /// The text, if there is one, with what belongs to it.
    fn sent(self) -> Option<SentText> {
        Some(SentText { text: self.text?, reason: self.reason, seen: self.seen })
    }
}

#[derive(Template)]
#[template(path = "web/record.html")]
struct View {
    frame: Frame,
    words: &'static RecordWords,
    entry: Entry,
    look: Look,
    is_refused_draft: bool,
    status: Told,
    note: Option<Note>,
    shop: Shop,
    mend: Option<Mend>,
    /// The text of somebody who was not quick enough.
    lost: Option<Mend>,
    is_open: bool,
    may_mend: bool,
    /// What was changed: lines before, lines after.
    edits: Vec<[Vec<String>; 2]>,
    decisions: Vec<Decided>,
    facts: Vec<(&'static str, String)>,
    refused_at: Option<Moment>,
    resolved_at: Option<Moment>,
    /// The run that brought it anew.
    right_since: Option<i64>,
    trace: Option<(String, Option<String>)>,
    /// What else there is of the source.
    onward: Onward,
    /// The run whose findings led here.
    run: Option<u64>,
}

/// How it stands, in words.
struct Told {
    class: &'static str,
    sign: &'static str,
    words: String,
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    viewer.caller.may(Scope::Read)?;
    let words = RecordWords::of(viewer.visit.language);
    let note = match asked.done.as_str() {
        "import" => Some(Note::good(words.imported)),
        "discard" => Some(Note::plain(words.was_discarded)),
        _ => None,
    };
    let place = service.deeds.record_place().await?;
    let kept = record(&service, &viewer.caller, id).await?;
    // What was just said holds only as long as it does.
    let note = note.filter(|_| kept.entry.state.as_str() != "open");
    let view = View { run: asked.run, ..view(&service, &viewer, kept, None, note).await? };
    drop(place);
    Html::of(&view)
}

/// Gives out the record, or the corrected one.
pub(super) async fn bytes(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(query): Query<BytesQuery>,
) -> Result<Response, Problem> {
    bytes_as(&service, &viewer.caller, id, query).await
}

/// Checks it, imports it or gives it up.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visit: Visit,
    Id(id): Id,
    Extension(notes): Extension<RequestNotes>,
    request: Request,
) -> Result<Response, Problem> {
    let viewer = match visit.clone().viewer() {
        Ok(viewer) => viewer,
        Err(why) if visit.had_session && why.kind() == Kind::Unauthorized => {
            return unsaved(&service, &visit, request, why).await;
        }
        Err(why) => return Err(why),
    };
    viewer.caller.may(Scope::Operate)?;
    let Posted(said) = Posted::<Said, FORM_BYTES_MAX>::from_request(request, &service).await?;
    if said.deed == Deed::Discard {
        return discard(&service, &viewer, id, &said.reason).await;
    }
    match done(&service, &viewer, &notes, id, &said).await {
        // What somebody has typed is not lost with what went wrong.
        Err(problem) => given_back(&service, &viewer, id, said, problem).await,
        done => done,
    }
}

/// Checks what was said, or imports it.
async fn done(
    service: &Arc<Service>,
    viewer: &Viewer,
    notes: &RequestNotes,
    id: i64,
    said: &Said,
) -> Result<Response, Problem> {
    let language = viewer.visit.language;
    let place = service.deeds.record_place().await?;
    let kept = record(service, &viewer.caller, id).await?;
    let is_empty = said.text.as_ref().is_some_and(|text| text.trim().is_empty());
    let mended = said.text.as_ref().map_or(Ok(None), |text| mended(&kept, text))?;
    let note = if kept.entry.state != QuarantineState::Open {
        Note::not_imported(language, Replayed::Outdated(Outdated::Closed(kept.entry.state)))
    } else if is_empty {
        let words = RecordWords::of(language);
        Note { status: StatusCode::UNPROCESSABLE_ENTITY, ..Note::bad(words.empty) }
    } else if said.deed == Deed::Check {
        let record = QuarantinedRecord { mended: mended.clone(), ..kept };
        let at = Moment::of(language, service.now(), service.now()).exact;
        Note::checked(language, judged(service, record).await?, at).moved(said.text.as_deref())
    } else {
        let reason = Some(said.reason.as_str()).filter(|reason| !reason.trim().is_empty());
        let decision = decision(&viewer.caller, reason)?;
        let seen = Some(&*said.seen).filter(|said| !said.is_empty()).map(seen).transpose()?;
        let entry = ReplayedEntry { id, mended: mended.clone(), seen };
        match replayed(service, notes, entry, decision).await? {
            Replayed::Imported => {
                return Ok(Redirect::to(&format!("/quarantine/{id}?done=import")).into_response());
            }
            why => Note::not_imported(language, why).moved(said.text.as_deref()),
        }
    };
    let page = told(service, viewer, id, mended, said, note).await;
    drop(place);
    page
}

/// The record as it is by now, with what was said of it and what came of that.
async fn told(
    service: &Arc<Service>,
    viewer: &Viewer,
    id: i64,
    mended: Option<Vec<u8>>,
    said: &Said,
    note: Note,
) -> Result<Response, Problem> {
    // Somebody may have done something meanwhile.
    let kept = record(service, &viewer.caller, id).await?;
    let is_open = kept.entry.state == QuarantineState::Open;
    let mended = if is_open { mended.filter(|_| !note.is_unreadable()) } else { kept.mended.clone() };
    let note = if is_imported(&kept, said) { note.done_before(viewer.visit.language) } else { note };
    let (status, kept) = (note.status, QuarantinedRecord { mended, ..kept });
    let view = view(service, viewer, kept, Some(said), Some(note)).await?;
    Ok((status, FOR_GOING_BACK, Html::of(&view)?).into_response())
}

/// Whether what was sent is what was imported: by whoever sent it, who went back, or sent it twice.
fn is_imported(kept: &QuarantinedRecord, said: &Said) -> bool {
    let sent = said.text.as_deref().and_then(|text| mended(kept, text).ok().flatten());
    kept.entry.state == QuarantineState::Replayed && sent.is_some() && kept.mended == sent
}

/// What could not be done, with the text that was sent for it: on the page of the record, or where that cannot be
/// shown either, alone.
async fn given_back(
    service: &Arc<Service>,
    viewer: &Viewer,
    id: i64,
    said: Said,
    problem: Problem,
) -> Result<Response, Problem> {
    let note = Note::of(viewer.visit.language, &problem, &viewer.visit.here);
    // Longer than the field may be, it would not stand there.
    if said.text.is_some()
        && problem.kind() != Kind::TooLarge
        && let Ok(page) = told(service, viewer, id, None, &said, note).await
    {
        return Ok(page);
    }
    match said.sent() {
        Some(sent) => kept_text::not_done(&viewer.visit, &problem, sent),
        None => Err(problem),
    }
}

/// Whoever sent a text when their session had ended gets it back.
async fn unsaved(
    service: &Arc<Service>,
    visit: &Visit,
    request: Request,
    why: Problem,
) -> Result<Response, Problem> {
    // Nobody vouches for who sends it: it takes no place of those who are signed in, and none is waited for.
    let Some(place) = place_for_unsaved() else { return Err(why) };
    let Posted(said) = Posted::<Said, FORM_BYTES_MAX>::from_request(request, service).await?;
    let Some(sent) = said.sent() else { return Err(why) };
    let page = kept_text::session_ended(visit, sent);
    drop(place);
    page
}

/// A place to give a text back in, if there is one.
fn place_for_unsaved() -> Option<SemaphorePermit<'static>> {
    UNSAVED.try_acquire().ok()
}

async fn discard(
    service: &Arc<Service>,
    viewer: &Viewer,
    id: i64,
    reason: &str,
) -> Result<Response, Problem> {
    let found = entry(service, &viewer.caller, id).await?;
    let language = viewer.visit.language;
    let note = if reason.trim().is_empty() {
        Note { status: StatusCode::UNPROCESSABLE_ENTITY, ..Note::bad(RecordWords::of(language).no_reason) }
    } else {
        let decision = decided(&viewer.caller, reason)?;
        match given_up(service, &found, &decision).await {
            Ok(()) => return Ok(Redirect::to(&format!("/quarantine/{id}?done=discard")).into_response()),
            Err(why) if why.kind() == Kind::Conflict => {
                Note::not_imported(language, Replayed::Outdated(Outdated::Closed(found.state)))
            }
            Err(why) => return Err(why),
        }
    };
    let status = note.status;
    let kept = record(service, &viewer.caller, id).await?;
    let view = view(service, viewer, kept, None, Some(note)).await?;
    Ok((status, FOR_GOING_BACK, Html::of(&view)?).into_response())
}

/// The page about a record; `said` is what was sent, with `kept.mended` what came of it.
async fn view(
    service: &Arc<Service>,
    viewer: &Viewer,
    kept: QuarantinedRecord,
    said: Option<&Said>,
    note: Option<Note>,
) -> Result<View, Problem> {
    let (language, now) = (viewer.visit.language, service.now());
    let words = RecordWords::of(language);
    let (kept, draft) = drafted(service, kept).await?;
    let shop = in_shop(service, &kept, draft.as_ref()).await?;
    let mut decisions = decisions(service, viewer, now, kept.entry.id).await?;
    let trace = trace(service, viewer, kept.entry.last_run.0).await;
    let is_unreadable = note.as_ref().is_some_and(Note::is_unreadable);
    let is_right = note.as_ref().is_some_and(|note| note.class == "good");
    let onward = onward(service, viewer, &kept.entry).await?;
    let right_since = service.store.superseding_run(kept.entry.id).await?.map(|run| run.0);
    let product = draft.as_ref().and_then(|draft| product(draft, shop.as_ref()));
    let lost = said.filter(|_| kept.entry.state != QuarantineState::Open).and_then(|said| lost(&kept, said));
    let mut entry = Entry::of(kept.entry, usize::MAX);
    let is_open = entry.state == EntryState::Open;
    let encoding = kept.context.encoding.as_str();
    let mut look = Look::of(language, &mut entry, &kept.bytes, encoding, product.as_ref());
    for fault in &mut look.faults {
        fault.alike = Some(kind_address(&entry.source, &fault.code, field_of(&fault.path)));
    }
    let may_mend = viewer.may(Scope::Operate);
    let findings_max = service.plan.reading.limits.record_findings_max as u64;
    let before = record_text(&kept.bytes, encoding);
    let sent = said.and_then(|said| said.text.as_deref());
    let mend = (is_open && may_mend).then(|| match (sent, said) {
        (Some(text), Some(said)) => Mend::of(language, text, said.reason.clone()),
        _ => Mend::of(language, &(missing_indentation(&before).to_owned() + &before), String::new()),
    });
    let mended = kept.mended.as_ref().filter(|_| !is_open);
    let edits = mended.map(|mended| edits(&mended_diff(&kept.bytes, mended, encoding)));
    for decided in decisions.iter_mut().filter(|decided| decided.is_import && mended.is_some()) {
        decided.what = words.was_mended;
    }
    Ok(View {
        frame: Frame::of(&viewer.visit, Section::Quarantine, look.title().unwrap_or(words.untitled)),
        words,
        look,
        is_refused_draft: is_open && !is_right,
        status: Told::of(language, &entry, may_mend, findings_max),
        note,
        shop: if is_unreadable {
            Shop::Words(words.draft_unreadable)
        } else {
            Shop::of(language, draft, shop, &entry)
        },
        mend,
        lost: lost.map(|text| Mend::of(language, &text, String::new())),
        is_open,
        may_mend,
        edits: edits.unwrap_or_default(),
        decisions,
        facts: facts(language, &entry),
        trace,
        onward,
        run: None,
        right_since,
        refused_at: Moment::told(language, now, &entry.created_at),
        resolved_at: entry.resolved_at.as_ref().and_then(|at| Moment::told(language, now, at)),
        entry,
    })
}

/// The text that was sent for a record which waits no more, if that was not what was imported.
fn lost(kept: &QuarantinedRecord, said: &Said) -> Option<String> {
    let text = said.text.as_deref()?;
    let sent = mended(kept, text).ok().flatten()?;
    (kept.mended.as_deref() != Some(&*sent)).then(|| text.to_owned())
}

/// Where it stood, and what it is.
fn facts(language: Language, entry: &Entry) -> Vec<(&'static str, String)> {
    let words = RecordWords::of(language);
    vec![
        (words.source, entry.source.clone()),
        (words.feed, entry.feed.clone()),
        (words.line, format!("{}, {} {}", language.grouped(entry.line), words.column, entry.column)),
        (words.ordinal, language.grouped(entry.ordinal)),
        (words.format, entry.format.clone()),
        (words.size, format!("{} B", language.grouped(entry.size))),
        (words.digest, entry.digest.clone()),
    ]
}

impl View {
    /// Whether the title is too long for large letters.
    fn is_long(&self) -> bool {
        self.frame.title.chars().count() > TITLE_CHARS_MAX
    }

    /// Whether it is said how the record stands: where what was just done says it, that is enough.
    fn is_status_told(&self) -> bool {
        self.note.as_ref().is_none_or(|note| note.status == StatusCode::CONFLICT && !self.is_open)
    }

    /// Whether the text that was checked may be imported.
    fn is_right(&self) -> bool {
        self.is_open && self.note.as_ref().is_some_and(|note| note.class == "good")
    }

    /// The values that faults complain of where a field is not read for them.
    fn faulty(&self, changed: &Changed) -> Vec<&str> {
        let said = self.note.iter().flat_map(|note| &note.faults);
        let all = self.look.faults.iter().chain(said);
        let mut found: Vec<&str> = all
            .filter(|fault| !fault.found.is_empty() && is_of(changed.field, &fault.path))
            .map(|fault| fault.found.as_str())
            .collect();
        found.dedup();
        found.truncate(FAULTY_MAX);
        found
    }

    /// Whether a value is what a fault complains of.
    fn is_wrong(&self, value: &str) -> bool {
        let said = self.note.iter().flat_map(|note| &note.faults);
        self.is_refused_draft && self.look.faults.iter().chain(said).any(|fault| fault.found == value)
    }
}

impl Told {
    /// Of an entry; of a record so many findings are kept at most, and more are not known.
    fn of(language: Language, entry: &Entry, may_mend: bool, findings_max: u64) -> Self {
        let words = QuarantineWords::of(language);
        let faults = [["fault", "faults"], ["Fehler", "Fehler"]];
        let number = language.counted(entry.findings_count, faults);
        let is_cut = entry.findings_count >= findings_max;
        let least = language.pick("at least", "mindestens");
        let number = if is_cut { format!("{least} {number}") } else { number };
        let waits = RecordWords::of(language);
        let waits = if may_mend { waits.waits } else { waits.waits_only };
        let (class, sign) = match entry.state {
            EntryState::Open => ("error", "●"),
            EntryState::Replayed | EntryState::Superseded => ("good", "✓"),
            EntryState::Discarded => ("quiet", "–"),
        };
        let told = match (entry.state, language) {
            (EntryState::Open, Language::English) => format!("Refused for {number}, {waits}"),
            (EntryState::Open, Language::German) => format!("Abgewiesen wegen {number}, {waits}"),
            (state, Language::English) => {
                format!("Refused, then {}", super::quarantine::state_name(words, state))
            }
            (state, Language::German) => {
                format!("Abgewiesen, dann {}", super::quarantine::state_name(words, state))
            }
        };
        Self { class, sign, words: told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsaved_max() {
        let mut places: Vec<_> = (0..UNSAVED_MAX).map(|_| place_for_unsaved()).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(place_for_unsaved().is_none(), "one more is sent to sign in without");
        places.pop();
        assert!(place_for_unsaved().is_some(), "a place that was left is free again");
    }
}
