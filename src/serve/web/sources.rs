//! Who sends, and how it stands with each.

use super::asked::{address, escaped};
use super::filters;
use super::frame::{Frame, Section};
use super::held_words::percent;
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::visit::Viewer;
use super::words::SourceWords;
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::serve::sources::{self, Source, SourcesQuery};
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// Sources on a page.
const SOURCES: u32 = 50;

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "web/sources.html")]
struct View {
    frame: Frame,
    words: &'static SourceWords,
    rows: Vec<Row>,
    is_first: bool,
    more: Option<String>,
}

struct Row {
    name: String,
    address: String,
    good: Option<Moment>,
    products: String,
    records: String,
    refused: String,
    waiting: Option<(String, String)>,
    held: Option<(String, String)>,
}

/// Lists them.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let (language, words) = (viewer.visit.language, SourceWords::of(viewer.visit.language));
    let query = SourcesQuery { limit: Some(SOURCES), cursor: asked.cursor.clone() };
    let page = sources::page_of(&service, &viewer.caller, &query).await?;
    let now = service.now();
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Sources, words.title),
        words,
        more: page.next.as_ref().map(|next| address("/sources", &[("cursor", next)])),
        rows: page.items.into_iter().map(|source| Row::of(language, now, source)).collect(),
        is_first: asked.cursor.is_none(),
    };
    Html::of(&view)
}

/// Where a source is shown.
pub(super) fn source_address(name: &str) -> String {
    format!("/sources/{}", escaped(name))
}

impl Row {
    fn of(language: Language, now: Timestamp, of: Source) -> Self {
        let good = of.last_good.as_ref();
        let some = |count: u64, path: &str| {
            (count > 0).then(|| (language.grouped(count), address(path, &[("source", &of.source)])))
        };
        Self {
            address: source_address(&of.source),
            good: good.and_then(|good| Moment::told(language, now, &good.at)),
            products: language.grouped(of.products),
            records: good.map(|good| language.grouped(good.records)).unwrap_or_default(),
            refused: good.and_then(|good| percent(language, good.refused, good.records)).unwrap_or_default(),
            waiting: some(of.quarantined, "/quarantine"),
            held: some(of.held, "/held"),
            name: of.source,
        }
    }
}
