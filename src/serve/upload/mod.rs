//! `POST /v1/feeds`: a feed comes in, and is queued.
//!
//! ```text
//!  who, how much, what kind, is there room ─▶ body into the spool ─▶ whose is it (header) ─▶ row ─▶ 202
//!        nothing is read before that              digest on the way       403 when not theirs
//! ```
//!
//! What is asked for is read in `order`; what became of it is counted in `outcome`. What is kept of a feed can be
//! checked once more (`again`).

mod again;
mod order;
mod outcome;

pub(super) use again::check_again;
pub(super) use order::is_form;

use super::auth::Caller;
use super::form::{self, Form, Part};
use super::json::Json;
use super::parameters::{Query, length};
use super::problem::{Kind, Problem, ProblemDetails};
use super::receive::{self, BodyLimits};
use super::requests::RequestNotes;
use super::service::{Service, UploadPlace};
use super::wire::Submitted;
use crate::judgement::FeedStart;
use crate::pipeline::{FeedsOptions, heads};
use crate::source::Spooled;
use crate::store::{Enqueued, RunId, Submission, SubmissionMode};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use order::{Order, cut_name};
use outcome::{Unfinished, outcome};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Decoded bytes that are read to see whose feed it is.
const HEAD_BYTES_MAX: u64 = 4 << 20;
/// The lane of feeds that do not say whose they are: one after another.
const UNKNOWN_LANE: &str = "?";

/// What is done with a feed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ModeWord {
    /// What is right in it is imported.
    #[default]
    Import,
    /// It is judged, and the shop stays as it is.
    Check,
}

impl From<ModeWord> for SubmissionMode {
    fn from(word: ModeWord) -> Self {
        match word {
            ModeWord::Import => Self::Import,
            ModeWord::Check => Self::Check,
        }
    }
}

/// What may be asked for with a feed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// Whether what is right is imported, or the feed only checked.
    #[serde(default)]
    #[param(inline)]
    pub(in crate::serve) mode: Option<ModeWord>,
    /// Format of the feed, such as `onix` or `onix/3.0`; without it, its root element decides.
    #[param(max_length = 100, example = "onix/3.0")]
    pub(in crate::serve) format: Option<String>,
    /// Whose products the feed brings, whatever its header says.
    #[param(min_length = 1, max_length = 250, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    pub(in crate::serve) source: Option<String>,
    /// Name of the feed, for people.
    #[param(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub(in crate::serve) name: Option<String>,
    /// Begin a new run, also when the same was submitted before.
    #[serde(default)]
    pub(in crate::serve) again: bool,
    /// What is only checked is checked again, whatever was submitted before: the shop may have changed.
    #[serde(skip)]
    pub(in crate::serve) checks_again: bool,
}

/// A feed, as it is or packed.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, min_length = 1)]
#[expect(dead_code, reason = "says what the body looks like")]
pub(super) struct FeedBytes(Vec<u8>);

/// A feed as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says what the form looks like")]
pub(super) struct FeedForm {
    /// `import` or `check`.
    #[schema(inline, nullable = false)]
    mode: Option<ModeWord>,
    /// Format of the feed.
    #[schema(nullable = false, max_length = 100)]
    format: Option<String>,
    /// Whose products the feed brings; empty is as if it were left out.
    #[schema(nullable = false, max_length = 250, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    source: Option<String>,
    /// The feed.
    #[schema(value_type = String, format = Binary, min_length = 1)]
    feed: Vec<u8>,
}

/// Submit a feed
///
/// The body is the feed, as it is or packed by gzip, zstd or zip; or a form. 202 says
/// that it is stored and will be done. The same submission again (by `Idempotency-Key`, or without one by its bytes,
/// within one token, mode and source, and unless it failed or was cancelled) is the same run: 200.
#[utoipa::path(
    post,
    path = "/v1/feeds",
    tag = "feeds",
    params(
        UploadQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "Known again as long as `serve.keep` says",
            min_length = 1, max_length = 200, pattern = "^[!-~]+$"),
    ),
    request_body(content(
        (FeedBytes = "application/xml"),
        (FeedBytes = "application/gzip"),
        (FeedBytes = "application/zstd"),
        (FeedBytes = "application/zip"),
        (FeedBytes = "application/octet-stream"),
        (FeedForm = "multipart/form-data"),
    )),
    responses(
        (status = 202, description = "Stored, and queued", body = Submitted,
            headers(("Location" = String, description = "Where the run is"))),
        (status = 200, description = "The same was submitted before", body = Submitted,
            headers(("Location" = String, description = "Where the run is"))),
        (status = 409, description = "The key was used for other bytes", body = ProblemDetails,
            content_type = "application/problem+json"),
        (status = 507, response = super::wire::Unavailable),
    )
)]
pub(super) async fn submit(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<UploadQuery>,
    Extension(notes): Extension<RequestNotes>,
    request: Request,
) -> Result<Response, Problem> {
    let queued = submit_as(&service, &caller, query, &notes, request).await?;
    answer(&service, queued).await
}

/// Takes a feed of whoever asks, and counts what became of it.
pub(super) async fn submit_as(
    service: &Arc<Service>,
    caller: &Caller,
    query: UploadQuery,
    notes: &RequestNotes,
    request: Request,
) -> Result<Enqueued, Problem> {
    let telemetry = service.plan.telemetry.clone();
    let unfinished = Unfinished::begin(&telemetry);
    let taken = take(service, caller, query, notes, request).await;
    unfinished.over(outcome(taken.as_ref()));
    let queued = taken?;
    notes.run(run_of(queued).0);
    if matches!(queued, Enqueued::New(_)) {
        service.queued_one();
    }
    Ok(queued)
}

/// Takes a feed; what is refused leaves nothing.
async fn take(
    service: &Arc<Service>,
    caller: &Caller,
    query: UploadQuery,
    notes: &RequestNotes,
    request: Request,
) -> Result<Enqueued, Problem> {
    let order = Order::read(service, caller, query, request.headers())?;
    let order = Order { traceparent: notes.traceparent(), ..order };
    let place = admit(service, caller, request.headers())?;
    let (order, spooled) = if order.is_form {
        from_form(service, caller, order, request).await?
    } else {
        let body = request.into_body().into_data_stream();
        (order, receive::to_spool(body, limits(service), &service.spool).await?)
    };
    let queued = queue(service, caller, &order, &spooled).await;
    drop(place);
    if !matches!(queued, Ok(Enqueued::New(_))) {
        forget(service, spooled).await;
    }
    queued
}

pub(super) const fn run_of(queued: Enqueued) -> RunId {
    match queued {
        Enqueued::New(run) | Enqueued::Same(run) | Enqueued::OtherBytes(run) => run,
    }
}

/// Refuses before anything of the body is read.
fn admit(service: &Service, caller: &Caller, headers: &HeaderMap) -> Result<UploadPlace, Problem> {
    limits(service).admit(length(headers))?;
    if service.stopping.is_raised() {
        return Err(Problem::new(Kind::Stopping, "another instance will take it: try again in a moment"));
    }
    service.room_in_queue()?;
    let none = || Problem::new(Kind::TooManyUploads, "try again when some of them have ended");
    service.upload_place(caller.0.token()).ok_or_else(none)
}

fn limits(service: &Service) -> BodyLimits {
    let settings = &service.plan.settings;
    BodyLimits { bytes_max: settings.body_bytes_max, rate_min: settings.body_rate_min }
}

/// Reads a form: what is asked for, and the feed, in any order.
async fn from_form(
    service: &Arc<Service>,
    caller: &Caller,
    order: Order,
    request: Request,
) -> Result<(Order, Spooled), Problem> {
    let form = Form::begin(request).await?;
    let mut feed = None;
    match (from_parts(service, caller, order, form, &mut feed).await, feed) {
        (Ok(order), Some(spooled)) => Ok((order, spooled)),
        (Ok(_), None) => Err(form::without_feed()),
        (Err(problem), spooled) => {
            if let Some(spooled) = spooled {
                forget(service, spooled).await;
            }
            Err(problem)
        }
    }
}

async fn from_parts(
    service: &Service,
    caller: &Caller,
    mut order: Order,
    mut form: Form,
    feed: &mut Option<Spooled>,
) -> Result<Order, Problem> {
    while let Some(part) = form.next().await? {
        match part.name() {
            // So a browser sends a field for a file in which none was chosen.
            "feed" if part.file_name() == Some("") => return Err(form::without_feed()),
            "feed" if feed.is_none() => {
                let (named, spooled) = from_part(service, order, part).await?;
                (order, *feed) = (named, Some(spooled));
            }
            "feed" => {
                let why = "one feed may be sent at a time, and these are several: send each by itself";
                return Err(Problem::new(Kind::InvalidRequest, why));
            }
            "mode" => order = order.with_mode(&part.text("mode").await?)?,
            "format" => order = order.with_format(service, Some(part.text("format").await?))?,
            "source" => order = order.with_source(caller, Some(part.text("source").await?))?,
            _ => {
                let why = "a form has `mode`, `format`, `source` and one `feed`";
                return Err(Problem::new(Kind::InvalidRequest, why));
            }
        }
    }
    Ok(order)
}

async fn from_part(service: &Service, order: Order, part: Part<'_>) -> Result<(Order, Spooled), Problem> {
    let name = part.file_name().map(str::to_owned);
    let order = match name.filter(|_| order.name.is_none()) {
        Some(name) if !name.trim().is_empty() => Order { name: Some(cut_name(&name)?), ..order },
        _ => order,
    };
    let spooled = receive::to_spool(part.bytes(), limits(service), &service.spool).await?;
    Ok((order, spooled))
}

/// Finds out whose feed it is, and puts it into the queue.
async fn queue(
    service: &Arc<Service>,
    caller: &Caller,
    order: &Order,
    spooled: &Spooled,
) -> Result<Enqueued, Problem> {
    let said = head(service, order, spooled).await?;
    let in_header = said.as_ref().and_then(|head| service.plan.import.source_of(head));
    if let (Some(_), Some(source)) = (caller.0.source(), &in_header) {
        caller.sees(source)?;
    }
    let source = order.source.as_ref().or(in_header.as_ref()).map(String::as_str);
    let lane = (order.mode == SubmissionMode::Import).then(|| source.unwrap_or(UNKNOWN_LANE));
    let identity = order.identity(caller.0.token(), &spooled.digest);
    let submission = Submission {
        token: caller.0.token(),
        mode: order.mode,
        format: order.format.as_deref(),
        source,
        source_asked: order.source.is_some(),
        lane,
        feed: order.name.as_deref().unwrap_or("upload"),
        bytes: spooled.bytes,
        digest: spooled.digest.0,
        identity: identity.as_deref(),
        spool: &spooled.name,
        traceparent: order.traceparent.as_deref(),
    };
    Ok(service.store.enqueue(&submission, service.now()).await?)
}

/// The header of the feed, as far as it can be read in short.
async fn head(
    service: &Arc<Service>,
    order: &Order,
    spooled: &Spooled,
) -> Result<Option<FeedStart>, Problem> {
    let plans = service.plans(order.format.as_deref());
    let feed = service.spool.feed(&spooled.name, "upload");
    let mut reading: FeedsOptions = service.plan.reading.clone();
    reading.input.decoded_bytes_max = reading.input.decoded_bytes_max.min(HEAD_BYTES_MAX);
    service.cpu.run(move || heads(&[feed], plans.as_ref(), &reading).pop().flatten()).await
}

/// Removes what will not be done.
async fn forget(service: &Arc<Service>, spooled: Spooled) {
    let spool = Arc::clone(&service.spool);
    // What cannot be removed now is swept later.
    let _ = super::cpu::blocking(move || spool.remove(&spooled.name)).await;
}

async fn answer(service: &Service, queued: Enqueued) -> Result<Response, Problem> {
    let status = match queued {
        Enqueued::New(_) => StatusCode::ACCEPTED,
        Enqueued::Same(_) => StatusCode::OK,
        Enqueued::OtherBytes(run) => return Err(reused(run)),
    };
    let body = Submitted::told(service, queued).await?;
    Ok((status, [(LOCATION, body.location.clone())], Json(body)).into_response())
}

fn reused(run: RunId) -> Problem {
    let detail =
        format!("run {run} was submitted under this key, and its feed was another one: use another key");
    Problem::new(Kind::KeyReused, detail).about(run.0)
}
