//! `/v1/quarantine`: refused records, to look at and to give up. Judging them again has a file of its own (`replay`).

mod told;

pub(super) use told::{Entry, EntryFinding, EntryState};

use super::auth::Caller;
use super::deeds::{self, ReasonBody};
use super::json::Json;
use super::page::{Page, PageAsked};
use super::parameters::{Id, Query, filter, from_1};
use super::problem::{Kind, Problem};
use super::service::Service;
use super::wire::Refused;
use crate::access::Scope;
use crate::store::{Decision, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord, RunId};
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Entries that are read from the database at a time: each may have hundreds of findings.
const ENTRIES_AT_ONCE: u32 = 50;
/// Findings of an entry that a list tells.
const FINDINGS_LISTED_MAX: usize = 5;

/// Which entries are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QuarantineQuery {
    /// Only entries in this state.
    #[param(inline)]
    pub(in crate::serve) state: Option<EntryState>,
    /// Only entries of this source.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", example = "GLN 4012345000009")]
    pub(in crate::serve) source: Option<String>,
    /// Only entries that this run refused, first or last.
    #[param(minimum = 1)]
    pub(in crate::serve) run: Option<i64>,
    /// Only entries refused for this clause or rule, among others.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$", example = "rule.gtin")]
    pub(in crate::serve) code: Option<String>,
    /// Only records with this key.
    #[param(max_length = 1000, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub(in crate::serve) key: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(in crate::serve) limit: Option<u32>,
    /// The `next` of the page before.
    #[param(pattern = "^[1-9][0-9]{0,17}$", max_length = 18)]
    pub(in crate::serve) cursor: Option<String>,
    /// Only of sources or from feeds with this in their name; asked for on the page.
    #[serde(skip)]
    #[param(ignore)]
    pub(in crate::serve) part: Option<String>,
    /// With `code`: only where an element or attribute of this name breaks it; asked for on the page.
    #[serde(skip)]
    #[param(ignore)]
    pub(in crate::serve) field: Option<String>,
    /// Only with this in their key; asked for on the page.
    #[serde(skip)]
    #[param(ignore)]
    pub(in crate::serve) key_part: Option<String>,
}

/// List refused records
///
/// Oldest first, in any state unless one is asked for.
#[utoipa::path(
    get,
    path = "/v1/quarantine",
    operation_id = "list_quarantine",
    tag = "quarantine",
    params(QuarantineQuery),
    responses(
        (status = 200, description = "Refused records, oldest first", body = Page<Entry>),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<QuarantineQuery>,
) -> Result<Json<Page<Entry>>, Problem> {
    Ok(Json(page_of(&service, &caller, query).await?))
}

/// The refused records that a caller asks for and may see.
pub(super) async fn page_of(
    service: &Service,
    caller: &Caller,
    query: QuarantineQuery,
) -> Result<Page<Entry>, Problem> {
    caller.may(Scope::Read)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let run = query.run.map(|run| from_1("run", run)).transpose()?;
    let (source, code, key) =
        (filter("source", query.source)?, filter("code", query.code)?, filter("key", query.key)?);
    let (part, key_part) = (filter("source", query.part)?, filter("key", query.key_part)?);
    let field = filter("field", query.field)?;
    caller.asks(source.as_deref())?;
    let filter = QuarantineFilter {
        state: query.state.map(QuarantineState::from),
        run: run.map(RunId),
        source: source.as_deref(),
        reference: key.as_deref(),
        code: code.as_deref(),
        field: field.as_deref(),
        part: part.as_deref(),
        reference_part: key_part.as_deref(),
        visible_source: caller.0.source(),
        after: asked.after,
        ..QuarantineFilter::default()
    };
    let total = asked.total(service.store.quarantine_count(filter)).await?;
    let found = found(service, filter, asked.rows()).await?;
    Ok(asked.page(found, |entry| entry.id, |entry| entry).of(total))
}

/// Entries that fit, a few at a time: what is not told of each is dropped before more is read.
async fn found(
    service: &Service,
    mut asked: QuarantineFilter<'_>,
    sought: u32,
) -> Result<Vec<Entry>, Problem> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let missing = sought - u32::try_from(entries.len()).unwrap_or(sought);
        let some = service.store.quarantine(asked, missing.min(ENTRIES_AT_ONCE)).await?;
        let is_last = some.len() < ENTRIES_AT_ONCE as usize;
        entries.extend(some.into_iter().map(|entry| Entry::of(entry, FINDINGS_LISTED_MAX)));
        asked.after = entries.last().map(|entry| entry.id);
        if is_last || entries.len() >= sought as usize {
            return Ok(entries);
        }
    }
}

/// Show a refused record
///
/// Why it was refused, where it stood, what became of it. `/bytes` has the record itself.
#[utoipa::path(
    get,
    path = "/v1/quarantine/{id}",
    operation_id = "show_quarantined",
    tag = "quarantine",
    params(("id" = i64, Path, minimum = 1, description = "Number of the entry")),
    responses(
        (status = 200, description = "The entry", body = Entry),
        (status = 404, response = Refused),
    )
)]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Entry>, Problem> {
    caller.may(Scope::Read)?;
    Ok(Json(Entry::of(entry(&service, &caller, id).await?, usize::MAX)))
}

/// An entry that the caller may see.
pub(super) async fn entry(service: &Service, caller: &Caller, id: i64) -> Result<QuarantineEntry, Problem> {
    service.store.quarantine_entry(id, caller.0.source()).await?.ok_or_else(|| missing(id))
}

/// An entry with its bytes, if the caller may see it.
pub(super) async fn record(
    service: &Service,
    caller: &Caller,
    id: i64,
) -> Result<QuarantinedRecord, Problem> {
    service.store.quarantined_of(id, caller.0.source()).await?.ok_or_else(|| missing(id))
}

/// There is no such entry, or it is not to be seen.
pub(super) fn missing(id: i64) -> Problem {
    Problem::not_found(format!(
        "there is no entry {id} in the quarantine: `/v1/quarantine` lists those there are"
    ))
}

/// Which bytes of an entry.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BytesQuery {
    /// Those of the corrected record that was imported in place of the refused one.
    #[serde(default)]
    #[param(default = false)]
    pub(in crate::serve) mended: bool,
}

/// Fetch a refused record
///
/// Byte for byte as it stood in its feed, which it alone may not be well-formed in: its prefixes are bound there.
#[utoipa::path(
    get,
    path = "/v1/quarantine/{id}/bytes",
    operation_id = "fetch_quarantined",
    tag = "quarantine",
    params(("id" = i64, Path, minimum = 1, description = "Number of the entry"), BytesQuery),
    responses(
        (status = 200, description = "The record", content(("application/octet-stream")),
            headers(("Content-Disposition" = String, description = "A file to keep"))),
        (status = 404, response = Refused),
    )
)]
pub(super) async fn bytes(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<BytesQuery>,
) -> Result<Response, Problem> {
    bytes_as(&service, &caller, id, query).await
}

/// The bytes, if the caller may have them.
pub(super) async fn bytes_as(
    service: &Service,
    caller: &Caller,
    id: i64,
    query: BytesQuery,
) -> Result<Response, Problem> {
    caller.may(Scope::Read)?;
    let place = service.deeds.record_place().await?;
    let record = record(service, caller, id).await?;
    drop(place);
    if !query.mended {
        return Ok(file(&format!("entry-{id}.xml"), record.bytes));
    }
    let none = || {
        let why = "without `mended` the refused one is fetched";
        Problem::not_found(format!("no corrected record was imported for entry {id}: {why}"))
    };
    Ok(file(&format!("entry-{id}-mended.xml"), record.mended.ok_or_else(none)?))
}

/// Bytes of somebody else, which nothing is to make anything of.
pub(super) fn file(name: &str, bytes: Vec<u8>) -> Response {
    let headers: [(HeaderName, String); 3] = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// Give up a refused record
///
/// It stays in the database, marked as discarded. 409 when it does not wait any more.
#[utoipa::path(
    post,
    path = "/v1/quarantine/{id}/discard",
    operation_id = "discard_quarantined",
    tag = "quarantine",
    params(("id" = i64, Path, minimum = 1, description = "Number of the entry")),
    request_body = ReasonBody,
    responses(
        (status = 200, description = "Given up", body = Entry),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(super) async fn discard(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    request: Request,
) -> Result<Json<Entry>, Problem> {
    caller.may(Scope::Operate)?;
    let found = entry(&service, &caller, id).await?;
    let decision = deeds::reasoned(&service, &caller, request).await?;
    given_up(&service, &found, &decision).await?;
    Ok(Json(Entry::of(entry(&service, &caller, id).await?, usize::MAX)))
}

/// Gives up an entry that somebody has seen.
pub(super) async fn given_up(
    service: &Service,
    found: &QuarantineEntry,
    decision: &Decision,
) -> Result<(), Problem> {
    if service.store.discard(found.id, service.now(), decision).await? {
        return Ok(());
    }
    Err(closed(found.id, found.state))
}

/// The entry waits for nobody.
pub(super) fn closed(id: i64, state: QuarantineState) -> Problem {
    let state = state.as_str();
    Problem::new(Kind::Conflict, format!("entry {id} is {state} and waits for nobody: nothing was changed"))
}
