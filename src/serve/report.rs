//! `/v1/runs/{id}/report.FORM`: the reports that are kept of a run, unpacked while they are sent.

use super::auth::Caller;
use super::cpu::blocking;
use super::problem::Problem;
use super::run::is_final;
use super::runs::{of_others, seen};
use super::service::Service;
use super::wire::Missing;
use crate::access::Scope;
use crate::report::kept_policy;
use crate::source::unpacking;
use crate::store::RunRecord;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Seek};
use std::sync::Arc;
use tempfile::SpooledTempFile;
use utoipa::ToSchema;

/// Bytes of a packed report that are held in memory before it is sent.
const PACKED_BYTES_IN_MEMORY_MAX: usize = 256 << 10;
/// Bytes that are sent at a time.
const PIECE_BYTES: usize = 64 << 10;
/// A report, by the end of its address.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub(super) enum ReportName {
    /// For people.
    #[serde(rename = "report.txt")]
    Text,
    /// One line for each finding.
    #[serde(rename = "report.lines")]
    Lines,
    /// JSON lines, for programs.
    #[serde(rename = "report.json")]
    Json,
    /// A suite for each feed.
    #[serde(rename = "report.junit.xml")]
    Junit,
    /// SARIF 2.1.0.
    #[serde(rename = "report.sarif")]
    Sarif,
    /// GitLab Code Quality.
    #[serde(rename = "report.gitlab.json")]
    Gitlab,
    /// One page.
    #[serde(rename = "report.html")]
    Html,
    /// The same in German.
    #[serde(rename = "report.de.html")]
    GermanHtml,
}

impl ReportName {
    const ALL: [Self; 8] = [
        Self::Text,
        Self::Lines,
        Self::Json,
        Self::Junit,
        Self::Sarif,
        Self::Gitlab,
        Self::Html,
        Self::GermanHtml,
    ];

    /// As reports are kept, and as the address ends.
    const fn form(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Lines => "lines",
            Self::Json => "json",
            Self::Junit => "junit.xml",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab.json",
            Self::Html => "html",
            Self::GermanHtml => "de.html",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Text | Self::Lines => "text/plain; charset=utf-8",
            Self::Json => "application/x-ndjson",
            Self::Junit => "application/xml",
            Self::Sarif => "application/sarif+json",
            Self::Gitlab => "application/json",
            Self::Html | Self::GermanHtml => "text/html; charset=utf-8",
        }
    }

    fn read(name: &str) -> Option<Self> {
        let form = name.strip_prefix("report.")?;
        Self::ALL.into_iter().find(|each| each.form() == form)
    }
}

/// Fetch a report of a run
///
/// Reports are written at the end of a run, and kept for some time.
#[utoipa::path(get, path = "/v1/runs/{id}/{report}", operation_id = "fetch_report", tag = "runs",
    params(("id" = i64, Path, minimum = 1, description = "Number of the run", example = 1),
        ("report" = inline(ReportName), Path, description = "Which report")),
    responses((status = 200, description = "The report", content((String = "text/plain"),
        (String = "application/x-ndjson"), (String = "application/xml"), (Object = "application/sarif+json"),
        (Vec<Object> = "application/json"), (String = "text/html"))),
        (status = 404, response = Missing)))]
pub(super) async fn fetch(
    State(service): State<Arc<Service>>,
    caller: Caller,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    fetch_as(&service, &caller, path).await
}

/// A report, for whoever asks.
pub(super) async fn fetch_as(
    service: &Service,
    caller: &Caller,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    caller.may(Scope::Read)?;
    let (id, report) = asked(path)?;
    let record = seen(service, caller, id).await?;
    if record.has_others {
        return Err(of_others(id, "its reports are not for this token"));
    }
    let mut packed = SpooledTempFile::new(PACKED_BYTES_IN_MEMORY_MAX);
    if service.store.report(record.id, report.form(), &mut packed).await? == 0 {
        return Err(none(&record, report));
    }
    packed.rewind()?;
    let body = Body::from_stream(pieces(unpacking(packed)));
    Ok((headers(id, report), policy(report), body).into_response())
}

/// Run and report of the address.
fn asked(
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<(i64, ReportName), Problem> {
    let none = || Problem::not_found("nothing is at this address: `/openapi.json` lists what there is");
    let Path((id, name)) = path.map_err(|_| none())?;
    let report = ReportName::read(&name).ok_or_else(none)?;
    Ok((super::parameters::number(&id)?, report))
}

/// Why there is none.
fn none(record: &RunRecord, report: ReportName) -> Problem {
    let (id, state, form) = (record.id.0, &record.state, report.form());
    let why = if !is_final(state) {
        format!("run {id} is {state}: its reports are written at its end")
    } else if record.reports.is_empty() {
        format!("no reports of run {id} are kept, or not any more")
    } else {
        format!("no report `{form}` of run {id} is kept: there are {}", record.reports.join(", "))
    };
    Problem::not_found(why).about(id)
}

fn headers(id: i64, report: ReportName) -> [(HeaderName, String); 3] {
    let name = format!("inline; filename=\"run-{id}.{}\"", report.form());
    [
        (CONTENT_TYPE, report.media_type().to_owned()),
        (CONTENT_DISPOSITION, name),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ]
}

fn policy(report: ReportName) -> Option<[(HeaderName, String); 1]> {
    matches!(report, ReportName::Html | ReportName::GermanHtml)
        .then_some([(CONTENT_SECURITY_POLICY, kept_policy())])
}

/// What a reader gives, piece by piece, each read by a thread that may wait for the disk: a client that takes its time
/// keeps none of them.
pub(super) fn pieces(reader: impl Read + Send + 'static) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(reader, async |mut reader| {
        let read = blocking(move || {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            let read = reader.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece);
            read.map(|count| (count > 0).then_some((Bytes::from(piece), reader)))
        });
        read.await.map_err(|_| io::Error::other("the thread that reads is gone"))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;

    #[test]
    fn a_report_is_read_as_it_is_written() {
        for report in ReportName::ALL {
            let written = serde_json::to_value(report).expect("a word");
            assert_eq!(ReportName::read(written.as_str().expect("a word")), Some(report));
        }
        assert_eq!(ReportName::read("report.pdf"), None);
    }

    #[tokio::test]
    async fn pieces_are_small_and_complete() {
        let text = vec![7_u8; PIECE_BYTES * 2 + 1];
        let pieces: Vec<Bytes> =
            pieces(io::Cursor::new(text.clone())).try_collect().await.expect("memory reads");
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE_BYTES, PIECE_BYTES, 1]);
        assert_eq!(pieces.concat(), text);
    }
}
