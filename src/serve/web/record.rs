//! A refused record: the product, what is wrong with it, its XML, and a text field to mend it in.
//!
//! ```text
//!  GET ─▶ as it is kept ──────────────────────────▶ product, shop, faults, XML, text
//!  POST check ─▶ judged, nothing stored ──────────▶ the same page, with the text as it was sent
//!  POST import ─▶ a run of its own ─▶ imported? ──▶ 303, the entry as it is then
//!                                  └▶ not ────────▶ why, with the text as it was sent
//! ```

use super::asked::address;
use super::faults::{Fault, sentence};
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::Language;
use super::look::Look;
use super::moment::Moment;
use super::posted::Posted;
use super::product::{Changed, changes, is_of};
use super::sign_in;
use super::visit::{Viewer, Visit};
use super::who::who;
use super::words::{QuarantineWords, RecordWords};
use crate::access::Scope;
use crate::import::{Exceeded, Replayed};
use crate::judgement::escape::shown;
use crate::judgement::{Action, Outcome, RecordResult, Severity};
use crate::product::{Product, RecordReference};
use crate::report::mended_diff;
use crate::report::record::text;
use crate::run::draft_again;
use crate::serve::deeds::{decided, decision};
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::{Kind, Problem};
use crate::serve::quarantine::{BytesQuery, Entry, EntryState, bytes_as, entry, given_up, record};
use crate::serve::replay::{judged, replayed, seen};
use crate::serve::requests::RequestNotes;
use crate::serve::runs;
use crate::serve::service::Service;
use crate::serve::worker::chain;
use crate::store::{
    AuditView, Outdated, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord,
    ReplayedEntry, ShopProduct,
};
use askama::Template;
use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of a record that can be mended on a page.
const MEND_BYTES_MAX: usize = 256 << 10;
/// Bytes of the form: each of the record's is three at most, and a line end has two.
const FORM_BYTES_MAX: u64 = 6 * (MEND_BYTES_MAX as u64) + (64 << 10);
/// Lines of the field that are seen at once.
const ROWS_MAX: usize = 40;
/// A text with a longer line is shown on several.
const LINE_BYTES_MAX: usize = 500;
/// Characters of a title in large letters.
const TITLE_CHARS_MAX: usize = 120;
/// Entries of the same record that are looked at.
const LATER_MAX: u32 = 100;
const ALIKE: [[&str; 2]; 2] = [
    ["record like it waits", "records like it wait"],
    ["weiterer Datensatz dieser Art wartet", "weitere Datensätze dieser Art warten"],
];
/// Decisions about an entry that are told.
const DECISIONS_MAX: u32 = 10;
/// Faulty values of a field that are told.
const FAULTY_MAX: usize = 4;
/// Unseen characters whose places are told.
const UNSEEN_MAX: usize = 10;
/// What may be kept of what was answered to a form: the browser keeps it for whoever goes back to it.
const FOR_GOING_BACK: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "private, no-cache")];
/// Texts at one time that are given back to those whose session has ended; others are sent to sign in without.
const UNSAVED_MAX: usize = 2;
/// Places for them.
static UNSAVED: Semaphore = Semaphore::const_new(UNSAVED_MAX);
/// A byte order mark, by which a corrected record says that it is UTF-8 whatever its feed was.
const MARK: &str = "\u{FEFF}";

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

/// Where to go from a record.
#[derive(Default)]
struct Onward {
    /// The next refused record of the source.
    next: Option<i64>,
    /// Where those with the same fault are, and how many.
    alike: Option<(String, String)>,
    /// The record was refused again later: the entry.
    later: Option<i64>,
}

/// How it stands, in words.
struct Told {
    class: &'static str,
    sign: &'static str,
    words: String,
}

/// What came of what somebody just did.
struct Note {
    class: &'static str,
    sign: &'static str,
    words: Cow<'static, str>,
    /// More, in English or the page's language.
    details: Vec<(String, &'static str)>,
    faults: Vec<Fault>,
    status: StatusCode,
}

/// What the shop has, and would have.
enum Shop {
    /// A sentence says it all.
    Words(&'static str),
    /// These fields would become other.
    Changes(&'static str, Vec<Changed>),
}

/// The text field.
struct Mend {
    text: String,
    reason: String,
    rows: usize,
    is_lossy: bool,
    /// Characters that cannot be seen stand there as references.
    unseen: Vec<String>,
    is_too_large: bool,
    /// Its lines are too long for a field.
    is_wrapped: bool,
}

/// Who decided something, and why.
struct Decided {
    who: String,
    what: &'static str,
    is_import: bool,
    at: Option<Moment>,
    reason: Option<String>,
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
    let place = service.deeds.record_place().await?;
    let kept = record(&service, &viewer.caller, id).await?;
    let is_empty = said.text.as_ref().is_some_and(|text| text.trim().is_empty());
    let mended = said.text.as_ref().map_or(Ok(None), |text| mended(&kept, text))?;
    let note = if is_empty {
        let words = RecordWords::of(viewer.visit.language);
        Note { status: StatusCode::UNPROCESSABLE_ENTITY, ..Note::bad(words.empty) }
    } else if said.deed == Deed::Check {
        let record = QuarantinedRecord { mended: mended.clone(), ..kept.clone() };
        Note::checked(viewer.visit.language, judged(&service, record).await?).moved(said.text.as_deref())
    } else {
        let reason = Some(said.reason.as_str()).filter(|reason| !reason.trim().is_empty());
        let decision = decision(&viewer.caller, reason)?;
        let seen = Some(&*said.seen).filter(|said| !said.is_empty()).map(seen).transpose()?;
        let entry = ReplayedEntry { id, mended: mended.clone(), seen };
        match replayed(&service, &notes, entry, decision).await? {
            Replayed::Imported => {
                return Ok(Redirect::to(&format!("/quarantine/{id}?done=import")).into_response());
            }
            why => Note::not_imported(viewer.visit.language, why).moved(said.text.as_deref()),
        }
    };
    // Somebody may have done something meanwhile.
    let mended = mended.filter(|_| !note.is_unreadable());
    let kept = QuarantinedRecord { mended, ..record(&service, &viewer.caller, id).await? };
    let status = note.status;
    let view = view(&service, &viewer, kept, Some(said), Some(note)).await?;
    drop(place);
    Ok((status, FOR_GOING_BACK, Html::of(&view)?).into_response())
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
    let Some(text) = said.text else { return Err(why) };
    let page = sign_in::unsaved(visit, text, said.reason, said.seen);
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

/// The corrected record that a text is; none when it is the refused one, unchanged.
fn mended(kept: &QuarantinedRecord, said: &str) -> Result<Option<Vec<u8>>, Problem> {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let said = lines(&said[indentation(said)..]);
    let before = lines(&text(&kept.bytes, &kept.context.encoding));
    if said.len() > MEND_BYTES_MAX {
        let told = format!("{MEND_BYTES_MAX} bytes may be sent by the page, and nothing of it was kept");
        return Err(Problem::new(Kind::TooLarge, told));
    }
    let is_same = said == before || said == seen_whole(&before) || said.trim().is_empty();
    let says_it = !said.is_ascii();
    Ok((!is_same).then(|| if says_it { format!("{MARK}{said}") } else { said }.into_bytes()))
}

/// Bytes that a text is indented by.
fn indentation(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// What the last line of a text is indented by: the first one of a record is cut off from what stands before it.
fn missing_indentation(text: &str) -> &str {
    let last = text.rsplit_once('\n').map_or("", |(_, last)| last);
    let indentation = &last[..indentation(last)];
    if last[indentation.len()..].starts_with("</") { indentation } else { "" }
}

/// Whether a character cannot be seen, or turns others around.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Where there are such characters: the line and the character.
fn unseen(language: Language, text: &str) -> Vec<String> {
    let line = RecordWords::of(language).line;
    let of = |(at, text): (usize, &str)| {
        let found: Vec<String> = text.chars().filter(|c| is_unseen(*c)).map(code_point).collect();
        (!found.is_empty()).then(|| format!("{line} {}: {}", at + 1, found.join(", ")))
    };
    text.split('\n').enumerate().filter_map(of).take(UNSEEN_MAX).collect()
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// A text in which every character can be seen: those that cannot, and those that turn others around, stand as
/// references, which say the same in XML.
fn seen_whole(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut seen, c| {
        if is_unseen(c) {
            write!(seen, "&#x{:X};", u32::from(c)).expect("writes to memory");
        } else {
            seen.push(c);
        }
        seen
    })
}

/// The page about a record; `said` is what was sent, with `kept.mended` what came of it.
async fn view(
    service: &Arc<Service>,
    viewer: &Viewer,
    kept: QuarantinedRecord,
    said: Option<Said>,
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
    let mut entry = Entry::of(kept.entry, usize::MAX);
    let is_open = entry.state == EntryState::Open;
    let encoding = kept.context.encoding.as_str();
    let mut look = Look::of(language, &mut entry, &kept.bytes, encoding, product.as_ref());
    for fault in &mut look.faults {
        fault.alike = Some(address("/quarantine", &[("source", &entry.source), ("code", &fault.code)]));
    }
    let may_mend = viewer.may(Scope::Operate);
    let findings_max = service.plan.reading.limits.record_findings_max as u64;
    let before = text(&kept.bytes, encoding);
    let mend = (is_open && may_mend).then(|| match said {
        Some(Said { text: Some(text), reason, .. }) => Mend::of(language, &text, reason),
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

/// What the record wants, or the corrected one where there is one.
pub(super) async fn drafted(
    service: &Arc<Service>,
    kept: QuarantinedRecord,
) -> Result<(QuarantinedRecord, Option<Action>), Problem> {
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let work = move || {
        let draft = draft_again(&kept, &formats, &limits);
        (kept, draft)
    };
    service.cpu.run(work).await
}

/// The product of the same key.
async fn in_shop(
    service: &Service,
    kept: &QuarantinedRecord,
    draft: Option<&Action>,
) -> Result<Option<ShopProduct>, Problem> {
    let of_entry = kept.entry.reference.as_deref().and_then(RecordReference::new);
    let of_draft = || match draft? {
        Action::Upsert(product, _) => Some(product.reference.clone()),
        Action::Amend(amendment) => Some(amendment.change.reference.clone()),
        Action::Withdraw | Action::Ignore => None,
    };
    let Some(key) = of_entry.or_else(of_draft) else { return Ok(None) };
    Ok(service.store.shop_product(&kept.entry.source, &key).await?)
}

/// The product as it would be; of a withdrawal, as the shop has it.
pub(super) fn product(draft: &Action, shop: Option<&ShopProduct>) -> Option<Product> {
    match draft {
        Action::Upsert(product, _) => Some((**product).clone()),
        Action::Amend(amendment) => {
            let change = (**amendment).clone();
            Some(shop.map_or_else(|| change.change.clone(), |shop| change.clone().of(shop.product.clone())))
        }
        Action::Withdraw | Action::Ignore => shop.map(|shop| shop.product.clone()),
    }
}

async fn decisions(
    service: &Service,
    viewer: &Viewer,
    now: Timestamp,
    id: i64,
) -> Result<Vec<Decided>, Problem> {
    // As `/v1/audit` tells them.
    if !viewer.may(Scope::Operate) || viewer.caller.sees_all().is_err() {
        return Ok(Vec::new());
    }
    let found = service.store.audit_of_entry(id, DECISIONS_MAX).await?;
    Ok(found.into_iter().map(|row| Decided::of(viewer.visit.language, now, row)).collect())
}

/// Where to go from an entry: while it waits to the next one, then to those like it as well.
async fn onward(service: &Service, viewer: &Viewer, entry: &QuarantineEntry) -> Result<Onward, Problem> {
    if !viewer.may(Scope::Read) {
        return Ok(Onward::default());
    }
    let (language, visible_source) = (viewer.visit.language, viewer.caller.0.source());
    let of_source =
        QuarantineFilter { source: Some(&entry.source), visible_source, ..QuarantineFilter::default() };
    let open = QuarantineFilter { state: Some(QuarantineState::Open), ..of_source };
    let (behind, all) = (QuarantineFilter { after: Some(entry.id), ..open }, open);
    let mut next = service.store.quarantine(behind, 1).await?;
    if next.is_empty() {
        next = service.store.quarantine(all, 1).await?;
    }
    let next = next.first().map(|next| next.id).filter(|next| *next != entry.id);
    if entry.state == QuarantineState::Open {
        return Ok(Onward { next, ..Onward::default() });
    }
    let code = entry.findings.first().map(|finding| finding.code.as_str());
    let count = match code {
        Some(_) => service.store.quarantine_count(QuarantineFilter { code, ..open }).await?,
        None => 0,
    };
    let group = || address("/quarantine", &[("source", &entry.source), ("code", code.unwrap_or_default())]);
    let later = match entry.reference.as_deref() {
        Some(key) => {
            let again = QuarantineFilter { reference: Some(key), after: Some(entry.id), ..of_source };
            service.store.quarantine(again, LATER_MAX).await?
        }
        None => Vec::new(),
    };
    let alike = (count > 0).then(|| (group(), language.counted(count, ALIKE)));
    Ok(Onward { next, alike, later: later.last().map(|later| later.id) })
}

/// What was changed, from a unified diff: the lines that went and those that came in their place.
fn edits(diff: &str) -> Vec<[Vec<String>; 2]> {
    let mut edits: Vec<[Vec<String>; 2]> = Vec::new();
    let mut is_new = true;
    for line in diff.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++")) {
        let side = match line.as_bytes().first() {
            Some(b'-') => 0,
            Some(b'+') => 1,
            _ => {
                is_new = true;
                continue;
            }
        };
        if is_new {
            edits.push(Default::default());
        }
        is_new = false;
        edits.last_mut().expect("one was pushed")[side].push(line[1..].trim().to_owned());
    }
    edits
}

/// The trace of the run that refused it, if that is to be seen.
async fn trace(service: &Service, viewer: &Viewer, run: i64) -> Option<(String, Option<String>)> {
    let run = runs::one(service, &viewer.caller, run).await.ok()?;
    Some((run.trace_id?, run.trace_url))
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

impl Note {
    /// Whether a text that was sent is no XML at all.
    fn is_unreadable(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity.class == Severity::Fatal.as_str())
    }

    fn good(words: &'static str) -> Self {
        Self { class: "good", sign: "✓", ..Self::bad(words) }
    }

    fn plain(words: &'static str) -> Self {
        Self { class: "quiet", sign: "–", ..Self::bad(words) }
    }

    fn bad(words: &'static str) -> Self {
        let (class, sign, status) = ("error", "●", StatusCode::OK);
        Self { class, sign, words: words.into(), details: Vec::new(), faults: Vec::new(), status }
    }

    /// With the places in the text as it was sent: it was judged without what it is indented by.
    fn moved(mut self, text: Option<&str>) -> Self {
        let by = text.map_or(0, indentation) as u64;
        for fault in self.faults.iter_mut().filter(|fault| fault.line == 1) {
            fault.column += by;
        }
        self
    }

    /// What a check came to.
    fn checked(language: Language, judged: Result<Outcome, Replayed>) -> Self {
        let words = RecordWords::of(language);
        match judged {
            Ok(outcome) => {
                let note = match outcome.result {
                    RecordResult::Accepted(_) => Self::good(words.is_right),
                    RecordResult::Refused => Self::bad(words.still_wrong),
                };
                Self { faults: Fault::found(language, &outcome.findings), ..note }
            }
            Err(why) => Self { status: StatusCode::OK, ..Self::not_imported(language, why) },
        }
    }

    /// Why nothing was imported.
    fn not_imported(language: Language, why: Replayed) -> Self {
        let words = RecordWords::of(language);
        let conflict = |words| Self { status: StatusCode::CONFLICT, ..Self::bad(words) };
        match why {
            Replayed::Imported => Self::good(words.imported),
            Replayed::Refused(findings) => {
                Self { faults: Fault::found(language, &findings), ..Self::bad(words.not_imported) }
            }
            Replayed::Held(exceeded) => {
                let reason = |exceeded: &Exceeded| sentence(language, &exceeded.sentence(), &[]);
                let details = exceeded.iter().map(reason).collect();
                Self { class: "held", sign: "‖", details, ..Self::bad(words.held) }
            }
            Replayed::Outdated(Outdated::Closed(_)) | Replayed::Unknown => conflict(words.closed),
            Replayed::Outdated(Outdated::Newer) => conflict(words.overtaken),
            Replayed::Outdated(Outdated::Taken) => conflict(words.taken),
            Replayed::Outdated(Outdated::Changed) => conflict(words.came_anew),
            Replayed::OtherKey { expected, found } => {
                let told = other_key(language, &expected, found.as_str());
                Self { words: told.into(), ..conflict("") }
            }
            Replayed::Unjudged(error) => {
                let details = vec![(chain(&*error), Language::English.tag())];
                Self { details, ..conflict(words.unjudged) }
            }
        }
    }
}

fn other_key(language: Language, expected: &str, found: &str) -> String {
    let [expected, found] = [expected, found].map(shown);
    match language {
        Language::English => {
            format!("The record reference has to stay {expected}; the text has {found}. Nothing was stored.")
        }
        Language::German => {
            format!(
                "Die Satzreferenz muss {expected} bleiben; im Text steht {found}. Gespeichert wurde nichts."
            )
        }
    }
}

impl Shop {
    fn of(language: Language, draft: Option<Action>, shop: Option<ShopProduct>, entry: &Entry) -> Self {
        let words = RecordWords::of(language);
        let draft = match draft {
            _ if entry.state != EntryState::Open => return Self::Words(words.gone),
            None => return Self::Words(words.unreadable),
            Some(Action::Ignore) => return Self::Words(words.shop_ignored),
            Some(Action::Withdraw) => {
                return Self::Words(if shop.is_some() { words.shop_withdraw } else { words.shop_same });
            }
            Some(draft) => draft,
        };
        let Some(shop) = shop else {
            return Self::Words(if entry.key.is_some() { words.shop_none } else { words.shop_keyless });
        };
        let Some(new) = product(&draft, Some(&shop)) else { return Self::Words(words.shop_ignored) };
        let changed = changes(language, &shop.product, &new);
        let told = if shop.is_withdrawn { words.shop_withdrawn } else { words.shop_stays };
        match changed.is_empty() {
            true if shop.is_withdrawn => Self::Words(words.shop_withdrawn),
            true => Self::Words(words.shop_same),
            false => Self::Changes(told, changed),
        }
    }
}

impl Mend {
    fn of(language: Language, said: &str, reason: String) -> Self {
        let (unseen, text) = (unseen(language, said), seen_whole(said));
        let is_wrapped = text.lines().any(|line| line.len() > LINE_BYTES_MAX);
        Self {
            reason,
            unseen,
            rows: (text.lines().count() + 1 + if is_wrapped { text.len() / 120 } else { 0 })
                .clamp(8, ROWS_MAX),
            is_lossy: text.contains(char::REPLACEMENT_CHARACTER),
            is_too_large: text.len() > MEND_BYTES_MAX,
            is_wrapped,
            text: if text.len() > MEND_BYTES_MAX { String::new() } else { text },
        }
    }
}

impl Decided {
    fn of(language: Language, now: Timestamp, row: AuditView) -> Self {
        let words = RecordWords::of(language);
        let what = match row.action.as_str() {
            "quarantine.discard" => words.did_discard,
            _ => words.did_import,
        };
        Self {
            who: who(language, &row.who),
            what,
            is_import: row.action == "quarantine.replay",
            at: Moment::told(language, now, &row.at),
            reason: row.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::RecordContext;

    fn kept(bytes: &[u8], encoding: &str) -> QuarantinedRecord {
        let entry = r#"{"id": 7, "state": "open", "created_at": "", "first_run": 1, "last_run": 1, "resolved_at": null,
            "source": "A", "feed": "f", "feed_version_id": 1, "reference": "r", "ordinal": 1, "line": 1, "column": 1,
            "byte": 0, "format": "catalogue/1.0", "profile_version": 1, "size": 1, "digest": "", "mended_size": null,
            "findings": []}"#;
        QuarantinedRecord {
            entry: serde_json::from_str(entry).expect("an entry"),
            context: RecordContext { encoding: encoding.to_owned(), ..RecordContext::default() },
            bytes: bytes.to_vec(),
            mended: None,
        }
    }

    #[test]
    fn a_text_that_was_not_changed_is_no_corrected_record() {
        let kept = kept(b"<a>\n\xFC</a>", "ISO-8859-1");
        let of = |text: &str| mended(&kept, text).expect("it is small");
        assert_eq!((of("<a>\r\nü</a>"), of(" \r\n")), (None, None));
        assert_eq!(of("<a>\r\nu</a>").as_deref(), Some(b"<a>\nu</a>".as_slice()));
        assert_eq!(of("<a>ö</a>"), Some("\u{FEFF}<a>ö</a>".into()), "it says that it is UTF-8");
    }

    #[test]
    fn what_cannot_be_seen_stands_as_a_reference_and_changes_nothing() {
        let kept = kept("<a b=\"\u{202E}c\"/>".as_bytes(), "UTF-8");
        let of = |text: &str| Mend::of(Language::English, text, String::new());
        let field = of("<a b=\"\u{202E}c\"/>");
        assert_eq!(field.text, "<a b=\"&#x202E;c\"/>");
        assert_eq!(field.unseen, ["Line 1: U+202E"]);
        assert_eq!(mended(&kept, &field.text).expect("it is small"), None);
        assert!(of("<a>ä\n</a>").unseen.is_empty());
    }

    #[test]
    fn unseen_max() {
        let of = |lines: usize| unseen(Language::English, &"\u{202E}\n".repeat(lines)).len();
        assert_eq!((of(UNSEEN_MAX), of(UNSEEN_MAX + 1)), (UNSEEN_MAX, UNSEEN_MAX));
    }

    #[test]
    fn the_first_line_is_indented_as_the_last_and_that_changes_nothing() {
        let record = "<a>\n    <b/>\n  </a>";
        let field = missing_indentation(record).to_owned() + record;
        assert_eq!(field, "  <a>\n    <b/>\n  </a>");
        let kept = kept(record.as_bytes(), "UTF-8");
        assert_eq!(mended(&kept, &field).expect("it is small"), None);
        assert_eq!(mended(&kept, "\t <c/>").expect("it is small").as_deref(), Some(b"<c/>".as_slice()));
        assert_eq!(missing_indentation("<a>x</a>"), "");
        assert_eq!(missing_indentation("<a>\n   x</a>"), "");
        let note = Note::good("x");
        assert_eq!(note.moved(Some("  <a>")).words, "x");
    }

    #[test]
    fn what_was_changed_stands_side_by_side() {
        let diff =
            "--- original\n+++ mended\n@@ -1 +1 @@\n <a>\n-  <b>1,5</b>\n+  <b>1.5</b>\n </a>\n+<c/>\n";
        let of = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(edits(diff), [[of(&["<b>1,5</b>"]), of(&["<b>1.5</b>"])], [of(&[]), of(&["<c/>"])]]);
    }

    #[test]
    fn unsaved_max() {
        let mut places: Vec<_> = (0..UNSAVED_MAX).map(|_| place_for_unsaved()).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(place_for_unsaved().is_none(), "one more is sent to sign in without");
        places.pop();
        assert!(place_for_unsaved().is_some(), "a place that was left is free again");
    }

    #[test]
    fn mend_bytes_max() {
        let kept = kept(b"<a/>", "UTF-8");
        let of = |length: usize| mended(&kept, &"x".repeat(length));
        assert!(of(MEND_BYTES_MAX).is_ok());
        assert_eq!(of(MEND_BYTES_MAX + 1).map_err(|why| why.kind()), Err(Kind::TooLarge));
        let field =
            |length: usize| Mend::of(Language::English, &"x".repeat(length), String::new()).is_too_large;
        assert!(!field(MEND_BYTES_MAX) && field(MEND_BYTES_MAX + 1));
    }

    #[test]
    fn what_was_not_imported_is_told_with_the_status_of_a_conflict() {
        for outdated in [Outdated::Newer, Outdated::Taken, Outdated::Changed] {
            let note = Note::not_imported(Language::English, Replayed::Outdated(outdated));
            assert_eq!(note.status, StatusCode::CONFLICT);
            assert!(note.words.contains("changed"), "{}", note.words);
        }
        let held = Note::not_imported(Language::German, Replayed::Held(Vec::new()));
        assert_eq!((held.class, held.status), ("held", StatusCode::OK));
    }
}
