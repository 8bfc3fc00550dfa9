//! A link to one refused record, for whoever sent it: made and revoked by whoever decides, followed without signing in.
//!
//! The address has a secret that is kept nowhere: once, whoever made the link sees it; until then their browser has it
//! in a cookie for that page alone. The page of the link has no way further, and
//! tells no other site where it was ([`no_trace`]).

use super::asked::filled;
use super::assets;
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::Language;
use super::look::Look;
use super::moment::Moment;
use super::posted::Posted;
use super::record::{drafted, product};
use super::sources::source_address;
use super::visit::{Viewer, Visit, cookie};
use super::words::{RecordWords, SharedWords};
use crate::access::{Scope, ShareText};
use crate::product::Product;
use crate::serve::deeds;
use crate::serve::parameters::Id;
use crate::serve::problem::{Kind, Problem};
use crate::serve::quarantine::{self, Entry};
use crate::serve::requests::{SHARED, means_this_machine};
use crate::serve::service::Service;
use crate::store::{NewShare, QuarantineState, QuarantinedRecord, SharedEntry};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{HOST, HeaderName, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::Arc;

/// Days that a link counts, unless it is said otherwise.
pub(super) const DAYS: u32 = 14;
/// Days that one may count.
const DAYS_MAX: u32 = 90;
/// What the form for a link says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    days: String,
}

/// The cookie that has the secret of a link from where it is made to where it is shown.
const COOKIE: &str = "feedgate-link";
/// How long that may take.
const SHOWN_SECONDS: u32 = 60;

/// A link that was just made.
struct Made {
    path: String,
    /// As far as it is known here under which name the service is asked; the script knows it.
    address: String,
    until: Option<Moment>,
}

#[derive(Template)]
#[template(path = "web/shared.html")]
struct View {
    language: Language,
    words: &'static SharedWords,
    headline: &'static str,
    is_open: bool,
    look: Look,
    record_words: &'static RecordWords,
    facts: Vec<(&'static str, String)>,
    /// Where the record itself is given out.
    download: String,
    until: Option<Moment>,
}

#[derive(Template)]
#[template(path = "web/share.html")]
struct AskView {
    frame: Frame,
    words: &'static SharedWords,
    entry: i64,
    name: String,
    made: Option<Made>,
}

/// Asks how long a link is to count, or shows the one that was just made.
pub(super) async fn ask(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    let entry = quarantine::entry(&service, &viewer.caller, id).await?;
    let words = SharedWords::of(viewer.visit.language);
    let name = entry.reference.unwrap_or_else(|| format!("{} {id}", words.entry));
    let made = made(&service, &viewer, id, &headers).await?;
    let title = if made.is_some() { words.made } else { words.make };
    let frame = Frame::of(&viewer.visit, Section::Quarantine, title);
    let page = Html::of(&AskView { frame, words, entry: id, name, made })?;
    Ok(([(SET_COOKIE, handed_on(id, "", 0))], page).into_response())
}

/// The link to an entry that was just made by this browser.
async fn made(
    service: &Service,
    viewer: &Viewer,
    entry: i64,
    headers: &HeaderMap,
) -> Result<Option<Made>, Problem> {
    let Some(text) = cookie(headers, COOKIE).and_then(|secret| secret.parse::<ShareText>().ok()) else {
        return Ok(None);
    };
    let now = service.now();
    let found = service.store.shared(&text.hash(), now).await?.filter(|shared| shared.entry == entry);
    let path = format!("{SHARED}{}", text.secret());
    Ok(found.map(|shared| Made {
        address: format!("{}{path}", origin(headers)),
        path,
        until: Moment::told(viewer.visit.language, now, &shared.expires_at),
    }))
}

/// The service as whoever asks names it: over TLS, unless it is this machine.
fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if means_this_machine(headers) { "http" } else { "https" };
    if host.is_empty() { String::new() } else { format!("{scheme}://{host}") }
}

/// The cookie that hands a secret on to the page that shows it.
fn handed_on(entry: i64, secret: &str, seconds: u32) -> String {
    let path = format!("/quarantine/{entry}/share");
    format!("{COOKIE}={secret}; Path={path}; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

/// Makes a link to a record, and goes where it is shown.
pub(super) async fn create(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Posted(said): Posted<Said>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    let entry = quarantine::entry(&service, &viewer.caller, id).await?.id;
    let text = ShareText::random().map_err(|_| Problem::internal())?;
    let now = service.now();
    let expires_at = until(now, days(&said.days)?);
    let decision = deeds::decision(&viewer.caller, None)?;
    let share = NewShare { hash: &text.hash(), entry, expires_at };
    service.store.create_share(share, now, &decision).await?.ok_or_else(|| quarantine::missing(id))?;
    let cookie = handed_on(id, text.secret(), SHOWN_SECONDS);
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&format!("/quarantine/{id}/share"))).into_response())
}

fn days(said: &str) -> Result<u32, Problem> {
    let Some(said) = filled(said) else { return Ok(DAYS) };
    let wrong = || Problem::parameter("days", format!("`{said}` is no number of days from 1 to {DAYS_MAX}"));
    said.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days)).ok_or_else(wrong)
}

fn until(now: Timestamp, days: u32) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(Timestamp::MAX)
}

/// Revokes a link, and goes to the source whose record it shows.
pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    let missing = || Problem::not_found(format!("there is no link {id}"));
    let source = service.store.share_source(id).await?.ok_or_else(missing)?;
    // Of another source, there is none either.
    viewer.caller.sees(&source).map_err(|_| missing())?;
    let decision = deeds::decision(&viewer.caller, None)?;
    if !service.store.revoke_share(id, service.now(), &decision).await? {
        return Err(Problem::new(Kind::Conflict, format!("link {id} is revoked already")));
    }
    Ok(Redirect::to(&source_address(&source)).into_response())
}

/// Shows the record of a link to whoever follows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let shared = shared(&service, &secret).await?;
    let place = service.deeds.record_place().await?;
    let record = service.store.quarantined(shared.entry).await?.ok_or_else(gone)?;
    // What the shop has is nobody else's business.
    let (record, draft) = drafted(&service, QuarantinedRecord { mended: None, ..record }).await?;
    let product = draft.and_then(|draft| product(&draft, None));
    let view = View::of(&visit, service.now(), &shared, record, product.as_ref());
    let page = Html::of(&View { download: format!("{SHARED}{secret}/bytes"), ..view })?;
    drop(place);
    Ok((no_trace(), page).into_response())
}

/// Gives out the refused record of a link, as its feed had it.
pub(super) async fn bytes(
    State(service): State<Arc<Service>>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let shared = shared(&service, &secret).await?;
    let place = service.deeds.record_place().await?;
    let record = service.store.quarantined(shared.entry).await?.ok_or_else(gone)?;
    drop(place);
    if record.bytes.is_empty() {
        return Err(gone());
    }
    Ok((no_trace(), quarantine::file(&format!("record-{}.xml", shared.entry), record.bytes)).into_response())
}

/// What a link with this secret shows.
async fn shared(service: &Service, secret: &str) -> Result<SharedEntry, Problem> {
    let text: ShareText = secret.parse().map_err(|_| gone())?;
    service.store.shared(&text.hash(), service.now()).await?.ok_or_else(gone)
}

fn gone() -> Problem {
    Problem::not_found("the link is not valid, or not any more: ask whoever sent it for a new one")
}

/// The address tells what nobody else is to see.
fn no_trace() -> [(HeaderName, HeaderValue); 2] {
    let robots = HeaderName::from_static("x-robots-tag");
    [
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (robots, HeaderValue::from_static("noindex, nofollow")),
    ]
}

impl View {
    fn of(
        visit: &Visit,
        now: Timestamp,
        shared: &SharedEntry,
        record: QuarantinedRecord,
        product: Option<&Product>,
    ) -> Self {
        let language = visit.language;
        let words = SharedWords::of(language);
        let is_open = record.entry.state == QuarantineState::Open;
        let mut entry = Entry::of(record.entry, usize::MAX);
        let mut look = Look::of(language, &mut entry, &record.bytes, &record.context.encoding, product);
        for fault in &mut look.faults {
            // It is whoever reads this.
            fault.mender = "";
        }
        Self {
            language,
            words,
            record_words: RecordWords::of(language),
            headline: if is_open { words.headline_one } else { words.headline_done },
            is_open,
            look,
            facts: vec![
                (words.source, entry.source),
                (words.feed, entry.feed),
                (words.place, language.grouped(entry.line)),
                (words.format, entry.format),
            ],
            download: String::new(),
            until: Moment::told(language, now, &shared.expires_at),
        }
    }

    #[expect(clippy::unused_self, reason = "a template calls it so")]
    fn style(&self) -> &'static str {
        assets::style()
    }

    #[expect(clippy::unused_self, reason = "a template calls it so")]
    fn icon(&self) -> &'static str {
        assets::icon()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_by_the_name_the_service_is_asked_under() {
        let of = |host: &'static str| origin(&HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]));
        assert_eq!(of("feeds.example"), "https://feeds.example");
        assert_eq!(of("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(origin(&HeaderMap::new()), "");
    }

    #[test]
    fn days_max() {
        let of = |said| days(said).ok();
        assert_eq!(
            [of(""), of("1"), of("90"), of("91"), of("0"), of("x")],
            [Some(14), Some(1), Some(90), None, None, None]
        );
    }
}
