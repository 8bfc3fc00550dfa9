//! `POST /v1/records:check`: a record or a small feed is judged at once, and nothing is kept.

use super::auth::Caller;
use super::finding::Finding;
use super::form::{self, Form};
use super::json::Json;
use super::parameters::{Query, length};
use super::problem::{Kind, Problem};
use super::receive::{self, BodyLimits};
use super::service::Service;
use super::upload::{FeedBytes, is_form};
use super::verdict::Verdict;
use crate::access::Scope;
use crate::judgement::{self, Acceptance, EventSink, FeedEnd, FeedEvent, FeedStart, Flow};
use crate::pipeline::{FeedError, FeedLimits, FeedReader, FormatPlans, Progress, StopFlag};
use crate::source::{Input, InputLimits};
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Findings that are told; all are counted.
const FINDINGS_MAX: usize = 200;
/// Bytes that a body may have once it is unpacked.
const DECODED_BYTES_MAX: u64 = 64 << 20;
/// How long the answer may take.
const TIME_MAX: Duration = Duration::from_secs(10);
/// What the feed is called in findings.
const NAME: &str = "upload";

/// How it is judged.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CheckQuery {
    /// Format, such as `onix` or `onix/3.0`; without it, the outermost element decides.
    #[param(min_length = 1, max_length = 100, example = "catalogue/1.0")]
    format: Option<String>,
}

/// A record or a small feed as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says what the form looks like")]
pub(super) struct CheckForm {
    /// Its format; empty is as if it were left out.
    #[schema(nullable = false, max_length = 100)]
    format: Option<String>,
    /// The record or feed.
    #[schema(value_type = String, format = Binary, min_length = 1)]
    feed: Vec<u8>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(super::examples::check()))]
pub(super) struct Checked {
    /// What it came to, in a word.
    #[schema(example = "accepted")]
    acceptance: &'static str,
    /// The same, as the program would exit.
    exit_status: u8,
    /// The format it is of.
    format: Option<String>,
    /// Records read.
    records: u64,
    /// Records refused.
    refused: u64,
    /// How many findings there were.
    findings_count: u64,
    /// The first of them, at most 200.
    findings: Vec<Finding>,
    /// What was checked, and how far.
    verdict: Verdict,
    /// Why it could not be read to its end.
    failure: Option<String>,
}

/// Check a record or a small feed
///
/// It is judged at once, and nothing is kept: for corrections, and for programs that build feeds. A record alone is
/// judged without what it leaves to the header of its feed. It is sent as the body, as it is or packed by gzip, zstd or
/// zip; or as a form.
#[utoipa::path(post, path = "/v1/records:check", operation_id = "check_records", tag = "feeds", params(CheckQuery),
    request_body(content(
        (FeedBytes = "application/xml", example = json!(super::examples::RECORD)),
        (FeedBytes = "application/gzip"),
        (FeedBytes = "application/zstd"),
        (FeedBytes = "application/zip"),
        (FeedBytes = "application/octet-stream"),
        (CheckForm = "multipart/form-data"),
    )),
    responses((status = 200, description = "It was judged, whatever came of it", body = Checked)))]
pub(super) async fn check(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<CheckQuery>,
    request: Request,
) -> Result<Json<Checked>, Problem> {
    caller.may(Scope::Submit)?;
    let is_form = is_form(request.headers())?;
    let format = known(&service, query.format)?;
    let settings = &service.plan.settings;
    let limits = BodyLimits { bytes_max: settings.check_bytes_max, rate_min: settings.body_rate_min };
    limits.admit(length(request.headers()))?;
    let none = || Problem::new(Kind::TooManyUploads, "try again when some of them have ended");
    let _place = service.upload_place(caller.0.token()).ok_or_else(none)?;
    let sent = if is_form {
        Sent::of_form(&service, Sent { format, body: Vec::new() }, limits, request).await?
    } else {
        let body = receive::in_memory(request.into_body().into_data_stream(), limits).await?;
        Sent { format, body }
    };
    if sent.body.is_empty() {
        return Err(Problem::new(Kind::InvalidRequest, "the body is empty: the record is sent as the body"));
    }
    let plans = plans(&service, sent.format);
    let judged = judged(&service, plans, sent.body).await?;
    if let Some(source) = judged.start.as_ref().and_then(|start| service.plan.import.source_of(start)) {
        caller.sees(&source)?;
    }
    Ok(Json(judged.told()))
}

/// What is to be judged.
struct Sent {
    /// The format it is said to have.
    format: Option<String>,
    body: Vec<u8>,
}

impl Sent {
    /// Reads a form: a format, if it is said there, and the record or feed, in any order.
    async fn of_form(
        service: &Service,
        mut sent: Self,
        limits: BodyLimits,
        request: Request,
    ) -> Result<Self, Problem> {
        let (mut form, mut has_feed) = (Form::begin(request).await?, false);
        while let Some(part) = form.next().await? {
            match part.name() {
                "feed" if !has_feed => {
                    sent.body = receive::in_memory(part.bytes(), limits).await?;
                    has_feed = true;
                }
                "format" => {
                    let said = Some(part.text("format").await?).filter(|format| !format.is_empty());
                    sent.format = known(service, said)?.or(sent.format);
                }
                _ => {
                    return Err(Problem::new(Kind::InvalidRequest, "a form has `format` and one `feed`"));
                }
            }
        }
        if has_feed { Ok(sent) } else { Err(form::without_feed()) }
    }
}

fn plans(service: &Service, format: Option<String>) -> Arc<FormatPlans> {
    match format {
        None => Arc::clone(service.lone_plans()),
        Some(wanted) => Arc::new(service.lone_plans().select(|known| known.is_called(&wanted))),
    }
}

/// A format that there is, if one is said.
fn known(service: &Service, format: Option<String>) -> Result<Option<String>, Problem> {
    let Some(wanted) = format else { return Ok(None) };
    if service.knows(&wanted) {
        return Ok(Some(wanted));
    }
    let shown: String = wanted.chars().take(super::page::TEXT_CHARS_MAX).collect();
    let why = format!("there is no format `{shown}`: `/v1/formats` lists those there are");
    Err(Problem::parameter("format", why))
}

/// Judges it where there is time for it, within the time there is.
async fn judged(service: &Service, plans: Arc<FormatPlans>, body: Vec<u8>) -> Result<Judged, Problem> {
    let reading = &service.plan.reading;
    let decoded_bytes_max = reading.input.decoded_bytes_max.min(DECODED_BYTES_MAX);
    let input = InputLimits { decoded_bytes_max, ..reading.input };
    let (limits, stop) = (reading.limits, RaisedAtEnd::default());
    let flag = stop.0.clone();
    let work = service.cpu.run(move || Judged::of(body, &plans, &input, limits, flag));
    let late = |_| {
        let seconds = TIME_MAX.as_secs();
        Problem::new(
            Kind::Timeout,
            format!("it takes more than {seconds} s: submit it as a feed, `mode=check`"),
        )
    };
    tokio::time::timeout(TIME_MAX, work).await.map_err(late)?
}

/// Stops the work when nobody waits for it any more.
#[derive(Default)]
pub(super) struct RaisedAtEnd(pub(super) StopFlag);

impl Drop for RaisedAtEnd {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Keeps what a feed tells, as far as it is told on.
#[derive(Default)]
struct Judged {
    start: Option<FeedStart>,
    findings: Vec<judgement::Finding>,
    end: Option<FeedEnd>,
    failure: Option<String>,
}

impl Judged {
    fn of(
        body: Vec<u8>,
        plans: &FormatPlans,
        input: &InputLimits,
        limits: FeedLimits,
        stop: StopFlag,
    ) -> Self {
        let mut judged = Self::default();
        let read = Input::of_bytes(NAME, body, input).map_err(FeedError::Open).and_then(|input| {
            let name = Arc::clone(input.name());
            FeedReader::new(limits, stop).read(input, &name, plans, &Progress::default(), &mut judged)
        });
        judged.failure = read.err().map(|error| error.failure().one_line());
        judged
    }

    fn keep(&mut self, findings: impl IntoIterator<Item = judgement::Finding>) {
        let room = FINDINGS_MAX - self.findings.len();
        self.findings.extend(findings.into_iter().take(room));
    }

    fn told(self) -> Checked {
        let Self { start, findings, end, failure } = self;
        let acceptance = end.as_ref().map_or(Acceptance::Failed, |end| end.acceptance);
        let tally = end.as_ref().map(|end| end.tally.clone()).unwrap_or_default();
        let broken_off = end.as_ref().and_then(|end| end.failure.as_ref()).map(judgement::Failure::one_line);
        Checked {
            acceptance: acceptance.as_str(),
            exit_status: acceptance.exit_status(),
            format: start.and_then(|start| start.format).map(|format| format.to_string()),
            records: tally.records,
            refused: tally.refused,
            findings_count: tally.findings.values().sum(),
            findings: findings.iter().map(|finding| Finding::found(NAME, finding)).collect(),
            verdict: end.map(|end| Verdict::from(&end.verdict)).unwrap_or_default(),
            failure: failure.or(broken_off),
        }
    }
}

impl EventSink for Judged {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::Start(start) => self.start = Some(start),
            FeedEvent::Outcome(outcome) => self.keep(outcome.findings),
            FeedEvent::Finding(finding) => self.keep([finding]),
            FeedEvent::End(end) => self.end = Some(end),
            FeedEvent::Failed(_, failure) => self.failure = Some(failure.one_line()),
        }
        Flow::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Severity;
    use crate::xml::Place;

    #[test]
    fn findings_max() {
        let mut judged = Judged::default();
        let finding = || judgement::Finding::new(Severity::Error, "rule.x", "x".to_owned(), Place::default());
        judged.keep((0..FINDINGS_MAX).map(|_| finding()));
        assert_eq!(judged.findings.len(), FINDINGS_MAX);
        judged.keep([finding()]);
        assert_eq!(judged.findings.len(), FINDINGS_MAX);
    }
}
