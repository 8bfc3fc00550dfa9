//! `/v1/diff`: two applied feeds, record by record.

use super::auth::Caller;
use super::check::RaisedAtEnd;
use super::parameters::Query;
use super::problem::{Kind, Problem};
use super::report::pieces;
use super::service::Service;
use super::wire::{Conflicting, Missing, Refused};
use crate::access::Scope;
use crate::diff::{DiffError, DiffOptions};
use crate::judgement::Language;
use crate::pipeline::{KnownFormat, StopFlag};
use crate::run::{KeptFeedError, StoredVersions, TOLD_CHANGES_MAX, VersionsError};
use crate::store::VersionView;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::io::{Seek, Write};
use std::sync::Arc;
use std::time::Duration;
use tempfile::SpooledTempFile;
use utoipa::IntoParams;

/// Changes that are told, unless it is said otherwise.
const CHANGES: u64 = 100;
/// Bytes of the answer that are held in memory.
const BYTES_IN_MEMORY_MAX: usize = 256 << 10;
/// How long the answer may take.
const TIME_MAX: Duration = Duration::from_mins(2);

/// Which feeds.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// Number of the earlier feed.
    #[param(minimum = 1)]
    old: i64,
    /// Number of the later feed.
    #[param(minimum = 1)]
    new: i64,
    /// Changes that are told; all are counted.
    #[param(minimum = 0, maximum = 1000, default = 100)]
    limit: Option<u64>,
}

/// Compare two applied feeds
///
/// JSON lines, as `feedgate diff --report json` writes them. `/v1/sources/{source}/versions` lists the feeds whose
/// bytes are kept.
#[utoipa::path(get, path = "/v1/diff", operation_id = "compare_versions", tag = "sources", params(DiffQuery),
    responses((status = 200, description = "What changed", body = String, content_type = "application/x-ndjson"),
        (status = 404, response = Missing), (status = 408, response = Refused),
        (status = 409, response = Conflicting)))]
pub(super) async fn compare(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<DiffQuery>,
) -> Result<Response, Problem> {
    let told_max = told_max(&query)?;
    let (old, new) = both(&service, &caller, query.old, query.new).await?;
    let versions = StoredVersions::fetch(&service.store, &old, &new).await.map_err(problem)?;
    let write = move |work: Work| {
        let Work { formats, options, stop, mut out } = work;
        versions.write_diff(&formats, &options, &stop, &mut out).map(|_| out)
    };
    let lines = written(&service, told_max, true, write).await?;
    let headers = [(CONTENT_TYPE, "application/x-ndjson"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, Body::from_stream(pieces(lines))).into_response())
}

/// Two versions that a caller may see.
pub(super) async fn both(
    service: &Service,
    caller: &Caller,
    old: i64,
    new: i64,
) -> Result<(VersionView, VersionView), Problem> {
    caller.may(Scope::Read)?;
    Ok((version(service, caller, "old", old).await?, version(service, caller, "new", new).await?))
}

/// What changed between two versions, between what stands before and after it on a page.
pub(super) async fn page(
    service: &Service,
    (old, new): &(VersionView, VersionView),
    told_max: u64,
    language: Language,
    (before, after): (String, String),
) -> Result<SpooledTempFile, Problem> {
    let versions = StoredVersions::fetch(&service.store, old, new).await.map_err(problem)?;
    let write = move |work: Work| {
        let Work { formats, options, stop, mut out } = work;
        out.write_all(before.as_bytes())?;
        versions.write_part(&formats, &options, &stop, language, &mut out)?;
        out.write_all(after.as_bytes())?;
        Ok(out)
    };
    written(service, told_max, false, write).await
}

fn told_max(query: &DiffQuery) -> Result<u64, Problem> {
    match query.limit.unwrap_or(CHANGES) {
        limit @ 0..=TOLD_CHANGES_MAX => Ok(limit),
        other => {
            let why = format!("`{other}` changes are too many: at most {TOLD_CHANGES_MAX} are told");
            Err(Problem::parameter("limit", why))
        }
    }
}

async fn version(
    service: &Service,
    caller: &Caller,
    name: &'static str,
    id: i64,
) -> Result<VersionView, Problem> {
    if id < 1 {
        return Err(Problem::parameter(name, "it is no number of a feed: whole, from 1"));
    }
    let none = || {
        let why =
            format!("no feed {id} was applied: `/v1/sources/{{source}}/versions` lists those that were");
        Problem::not_found(why)
    };
    service.store.version(id, caller.0.source()).await?.ok_or_else(none)
}

/// What a comparison needs.
struct Work {
    formats: Vec<KnownFormat>,
    options: DiffOptions,
    stop: StopFlag,
    /// Where it is written.
    out: SpooledTempFile,
}

/// What was written, in a file that nobody else sees where it is large.
async fn written(
    service: &Service,
    told_max: u64,
    with_source: bool,
    write: impl FnOnce(Work) -> Result<SpooledTempFile, VersionsError> + Send + 'static,
) -> Result<SpooledTempFile, Problem> {
    let reading = &service.plan.reading;
    let options = DiffOptions {
        xml: reading.limits.xml,
        input: reading.input,
        told_max,
        with_source,
        threads: 1,
        ..DiffOptions::default()
    };
    let stop = RaisedAtEnd::default();
    let out = SpooledTempFile::new(BYTES_IN_MEMORY_MAX);
    let work = Work { formats: service.plan.formats.clone(), options, stop: stop.0.clone(), out };
    let work = service.cpu.run(move || {
        let mut out = write(work)?;
        out.rewind()?;
        Ok(out)
    });
    tokio::time::timeout(TIME_MAX, work).await.map_err(|_| late())??.map_err(problem)
}

fn late() -> Problem {
    let seconds = TIME_MAX.as_secs();
    Problem::new(
        Kind::Timeout,
        format!("it takes more than {seconds} s: compare the files by `feedgate diff`"),
    )
}

fn problem(error: VersionsError) -> Problem {
    match error {
        VersionsError::Gone(_) => Problem::not_found(error.to_string()),
        VersionsError::Kept(KeptFeedError::Store(error)) => error.into(),
        VersionsError::Diff(error @ DiffError::Formats { .. }) => {
            Problem::new(Kind::Conflict, error.to_string())
        }
        VersionsError::Diff(DiffError::Stopped) => late(),
        VersionsError::Kept(_) | VersionsError::Diff(_) | VersionsError::Write(_) => Problem::internal(),
    }
}
