//! `POST /v1/quarantine/{id}/replay`: a refused record is judged again, as it is or corrected.
//!
//! ```text
//!  check ─▶ judged, and nothing else
//!  else  ─▶ a run of its own: judged and, when it is right, imported in one transaction with who decided so
//! ```

use super::auth::Caller;
use super::deeds;
use super::json::Json;
use super::parameters::{Id, Query, media_type, whole};
use super::problem::{Kind, Problem};
use super::quarantine::{EntryFinding, closed, entry, missing, record};
use super::receive::BodyLimits;
use super::requests::RequestNotes;
use super::service::Service;
use super::wire::Refused;
use super::worker::chain;
use crate::access::Scope;
use crate::import::{Exceeded, ImportError, ImportPlan, ReplayReport, Replayed};
use crate::judgement::{Acceptance, Finding, Outcome};
use crate::run::{self, judge_again, replay_one_entry};
use crate::store::{
    Decision, FindingView, NoDigest, Outdated, QuarantineState, QuarantinedRecord, ReplayedEntry, SeenDigest,
};
use crate::telemetry::RunTelemetry;
use axum::Extension;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Media types of a corrected record.
const MEDIA_TYPES: [&str; 3] = ["application/xml", "text/xml", "application/octet-stream"];

/// How a record is judged again.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReplayQuery {
    /// Judge it only: nothing is imported or written down.
    #[serde(default)]
    #[param(default = false)]
    check: bool,
    /// Why; written down.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\x00]*[^\s\x00][^\x00]*$")]
    reason: Option<String>,
    /// Only if the refused record still is the one with this digest, or one that begins so: 409 when a later feed has
    /// brought it anew.
    #[param(min_length = 12, max_length = 32, pattern = "^[0-9a-f]{12,32}$", example = "3f9a0c27d1b5")]
    seen: Option<String>,
}

/// What a record came to.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReplayWord {
    /// It is right, and was imported.
    Imported,
    /// It is right; nothing was imported, since it was only checked.
    Right,
    /// It is still refused.
    Refused,
    /// It is right, and would change too much to be imported alone.
    Held,
}

/// What became of a record that was judged again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReplayAnswer {
    /// Number of the entry.
    #[schema(example = 7)]
    entry: i64,
    /// What the record came to.
    outcome: ReplayWord,
    /// Why it is refused; what else was found when it was only checked.
    findings: Vec<EntryFinding>,
    /// Why it is held, a sentence for each limit.
    reasons: Vec<String>,
}

impl ReplayAnswer {
    fn new(entry: i64, outcome: ReplayWord, findings: &[Finding]) -> Self {
        let findings = findings.iter().map(|finding| FindingView::from(finding).into()).collect();
        Self { entry, outcome, findings, reasons: Vec::new() }
    }
}

/// Judge a refused record again
///
/// Without a body as it is, by the schema and the rules as they are now; with one, the corrected record in its place.
/// What is right is imported, unless it is only checked. Both records are kept. 409 when the entry does not wait any
/// more, a newer version of the record was imported, what was sent is no record of the entry's format or has another
/// key, or products of the source are being imported.
#[utoipa::path(
    post,
    path = "/v1/quarantine/{id}/replay",
    operation_id = "replay_quarantined",
    tag = "quarantine",
    params(("id" = i64, Path, minimum = 1, description = "Number of the entry"), ReplayQuery),
    request_body(
        content(("application/xml"), ("text/xml"), ("application/octet-stream")),
        description = "The corrected record alone, in the encoding of its feed or one that it declares; nothing: the \
            record as it is kept"
    ),
    responses(
        (status = 200, description = "Judged", body = ReplayAnswer),
        (status = 404, response = Refused),
        (status = 409, response = Refused),
    )
)]
pub(super) async fn replay(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Id(id): Id,
    Extension(notes): Extension<RequestNotes>,
    Query(query): Query<ReplayQuery>,
    request: Request,
) -> Result<Json<ReplayAnswer>, Problem> {
    caller.may(Scope::Operate)?;
    let decision = deeds::decision(&caller, query.reason.as_deref())?;
    let seen = query.seen.as_deref().map(seen).transpose()?;
    let state = entry(&service, &caller, id).await?.state;
    if !query.check && state != QuarantineState::Open {
        return Err(closed(id, state));
    }
    // Until all is done: what is sent is in memory.
    let place = service.deeds.record_place().await?;
    let mended = mended(&service, request).await?;
    let answer = if query.check {
        let kept = record(&service, &caller, id).await?;
        checked(id, judged(&service, QuarantinedRecord { mended, ..kept }).await?)
    } else {
        let entry = ReplayedEntry { id, mended, seen };
        answer((id, replayed(&service, &notes, entry, decision).await?))
    };
    drop(place);
    answer.map(Json)
}

/// The record that was looked at.
pub(super) fn seen(said: &str) -> Result<SeenDigest, Problem> {
    said.parse().map_err(|why: NoDigest| Problem::parameter("seen", why.to_string()))
}

/// The corrected record, if one is sent.
async fn mended(service: &Service, request: Request) -> Result<Option<Vec<u8>>, Problem> {
    let kind = media_type(request.headers());
    if !kind.is_empty() && !MEDIA_TYPES.contains(&kind.as_str()) {
        let told = format!("a corrected record is sent as one of {}", MEDIA_TYPES.join(", "));
        return Err(Problem::new(Kind::UnsupportedMediaType, told));
    }
    let bytes_max = service.plan.reading.limits.xml.record_bytes_max as u64;
    let limits = BodyLimits { bytes_max, rate_min: service.plan.settings.body_rate_min };
    let bytes = whole(request, limits).await?;
    if !bytes.is_empty() && kind.is_empty() {
        let told = format!("the body has no `Content-Type`: say one of {}", MEDIA_TYPES.join(", "));
        return Err(Problem::new(Kind::UnsupportedMediaType, told));
    }
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

/// Judges a record, and nothing else: the judgement, or why there is none.
pub(super) async fn judged(
    service: &Service,
    record: QuarantinedRecord,
) -> Result<Result<Outcome, Replayed>, Problem> {
    let expected = record.entry.reference.clone();
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let judged = service.cpu.run(move || judge_again(&record, &formats, &limits)).await?;
    Ok(match (judged, expected) {
        (Err(error), _) => Err(Replayed::Unjudged(error)),
        (Ok(Outcome { key: Some(found), .. }), Some(expected)) if expected != found.as_str() => {
            Err(Replayed::OtherKey { expected, found })
        }
        (Ok(outcome), _) => Ok(outcome),
    })
}

fn checked(id: i64, judged: Result<Outcome, Replayed>) -> Result<ReplayAnswer, Problem> {
    match judged {
        Ok(outcome) => {
            let word = if outcome.is_refused() { ReplayWord::Refused } else { ReplayWord::Right };
            Ok(ReplayAnswer::new(id, word, &outcome.findings))
        }
        Err(why) => answer((id, why)),
    }
}

/// Judges a record and imports it when it is right.
pub(super) async fn replayed(
    service: &Arc<Service>,
    notes: &RequestNotes,
    entry: ReplayedEntry,
    decision: Decision,
) -> Result<Replayed, Problem> {
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let report =
        done(service, notes, decision, move |plan, run| replay_one_entry(plan, run, entry, formats, limits));
    let (_, replayed) = report.await?.entries.into_iter().next().ok_or_else(Problem::internal)?;
    Ok(replayed)
}

/// Judges several as they are kept, and imports those that are right, each by itself.
pub(super) async fn replayed_as_kept(
    service: &Arc<Service>,
    notes: &RequestNotes,
    entries: Vec<i64>,
    decision: Decision,
) -> Result<ReplayReport, Problem> {
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    done(service, notes, decision, move |plan, telemetry| async move {
        run::replay(plan, telemetry, &entries, formats, limits).await
    })
    .await
}

/// Does it as a run of its own.
async fn done<F: Future<Output = Result<ReplayReport, ImportError>>>(
    service: &Arc<Service>,
    notes: &RequestNotes,
    decision: Decision,
    work: impl FnOnce(ImportPlan, RunTelemetry) -> F + Send + 'static,
) -> Result<ReplayReport, Problem> {
    deeds::begin(service)?;
    let plan = deeds::plan(service, decision);
    let telemetry = service.plan.telemetry.run_for("replay", notes.traceparent().as_deref());
    let done = service.deeds.run(move || async move {
        let report = work(plan, telemetry.clone()).await;
        telemetry.end(report.as_ref().map_or(Acceptance::Failed, ReplayReport::acceptance));
        report
    });
    done.await?.map_err(|error| deeds::failed(service, error))
}

fn answer((id, replayed): (i64, Replayed)) -> Result<ReplayAnswer, Problem> {
    match replayed {
        Replayed::Imported => Ok(ReplayAnswer::new(id, ReplayWord::Imported, &[])),
        Replayed::Refused(findings) => Ok(ReplayAnswer::new(id, ReplayWord::Refused, &findings)),
        Replayed::Held(exceeded) => {
            let reasons = exceeded.iter().map(Exceeded::sentence).collect();
            Ok(ReplayAnswer { reasons, ..ReplayAnswer::new(id, ReplayWord::Held, &[]) })
        }
        Replayed::Outdated(Outdated::Closed(state)) => Err(closed(id, state)),
        Replayed::Outdated(Outdated::Newer) => {
            Err(conflict("a newer version of the record was imported: nothing was changed"))
        }
        Replayed::Outdated(Outdated::Changed) => Err(changed()),
        Replayed::Outdated(Outdated::Taken) => {
            Err(conflict("another record of its feed with the same key was imported: nothing was changed"))
        }
        Replayed::OtherKey { expected, found } => Err(other_key(&expected, found.as_str())),
        Replayed::Unknown => Err(missing(id)),
        Replayed::Unjudged(error) => Err(unjudged(&*error)),
    }
}

fn conflict(why: impl Into<String>) -> Problem {
    Problem::new(Kind::Conflict, why)
}

fn changed() -> Problem {
    conflict("a later feed brought the record again, with other bytes: look at it again; nothing was changed")
}

fn other_key(expected: &str, found: &str) -> Problem {
    conflict(format!("the record has the key `{found}` and the entry `{expected}`: nothing was changed"))
}

/// It cannot be judged: what was sent is no record, or the format is not what it was.
fn unjudged(error: &(dyn Error + Send + Sync + 'static)) -> Problem {
    conflict(chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::RecordAloneError;

    #[test]
    fn what_cannot_be_judged_does_not_fit_the_entry() {
        let of = |error: Box<dyn Error + Send + Sync>| unjudged(&*error).kind();
        assert_eq!(of(Box::new(RecordAloneError::NoRecord("empty".into()))), Kind::Conflict);
        assert_eq!(of(Box::new(RecordAloneError::Encoding("x".into()))), Kind::Conflict);
        assert_eq!(of("gone".into()), Kind::Conflict);
    }

    #[test]
    fn what_is_not_done_is_a_conflict() {
        let of = |outdated: Outdated| answer((7, Replayed::Outdated(outdated))).map_err(|why| why.kind());
        for outdated in [
            Outdated::Newer,
            Outdated::Taken,
            Outdated::Changed,
            Outdated::Closed(QuarantineState::Discarded),
        ] {
            assert_eq!(of(outdated).map(|answer| answer.outcome), Err(Kind::Conflict));
        }
        assert_eq!(answer((7, Replayed::Unknown)).map_err(|why| why.kind()).err(), Some(Kind::NotFound));
        let imported = answer((7, Replayed::Imported)).expect("it was done");
        assert_eq!((imported.entry, imported.outcome), (7, ReplayWord::Imported));
    }
}
