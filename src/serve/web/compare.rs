//! Two versions of what a source sent, record by record: the page of `feedgate diff` within ours.

use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::sources::source_address;
use super::visit::Viewer;
use super::words::SourceWords;
use crate::serve::diff;
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::report::pieces;
use crate::serve::service::Service;
use crate::store::VersionView;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

/// Records that are told; all are counted.
const RECORDS: u64 = 200;
/// Where the comparison stands in the page: nothing else is written so, since what is shown is escaped.
const PLACE: &str = "<!--changes-->";

/// Which versions.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asked {
    old: i64,
    new: i64,
}

#[derive(Template)]
#[template(path = "web/compare.html")]
struct View {
    frame: Frame,
    words: &'static SourceWords,
    sides: [Side; 2],
    place: &'static str,
}

/// One of the two.
struct Side {
    name: &'static str,
    run: i64,
    source: String,
    address: String,
}

/// Shows what changed between them.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if asked.old == asked.new {
        let words = SourceWords::of(viewer.visit.language);
        return Err(Problem::parameter("new", words.same_version));
    }
    let both = diff::both(&service, &viewer.caller, asked.old, asked.new).await?;
    let page = Html::of(&View::of(&viewer, &both))?.into_text();
    let (before, after) = page.split_once(PLACE).ok_or_else(Problem::internal)?;
    let around = (before.to_owned(), after.to_owned());
    let page = diff::page(&service, &both, RECORDS, viewer.visit.language, around).await?;
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8")], Body::from_stream(pieces(page))).into_response())
}

impl View {
    fn of(viewer: &Viewer, (old, new): &(VersionView, VersionView)) -> Self {
        let language = viewer.visit.language;
        let words = SourceWords::of(language);
        Self {
            frame: Frame::of(&viewer.visit, Section::Sources, format!("{}: {}", words.compare, new.source)),
            words,
            sides: [Side::of(words.old, old), Side::of(words.new, new)],
            place: PLACE,
        }
    }
}

impl Side {
    fn of(name: &'static str, version: &VersionView) -> Self {
        Self {
            name,
            run: version.run.0,
            source: version.source.clone(),
            address: source_address(&version.source),
        }
    }
}
