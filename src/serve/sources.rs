//! `/v1/sources`: who sends, and what is known of them.

use super::auth::Caller;
use super::json::Json;
use super::page::{Page, PageAsked};
use super::parameters::Query;
use super::problem::Problem;
use super::service::Service;
use crate::access::Scope;
use crate::store::{self, CodeCount, EarlierRun, LastGoodFeed, SourceMark, SourceStanding, SourceView};
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Which sources.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SourcesQuery {
    /// Sources on a page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(super) limit: Option<u32>,
    /// What the page before gave as `next`.
    #[param(min_length = 1, max_length = 1000, pattern = r"^[^\x00]+$")]
    pub(super) cursor: Option<String>,
}

/// A sender with what is known of it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(example = json!(super::examples::source()))]
#[expect(clippy::struct_field_names, reason = "it is `source` everywhere else")]
pub(super) struct Source {
    /// Its name.
    pub(super) source: String,
    /// Products that stand.
    pub(super) products: u64,
    /// Records that wait in quarantine.
    pub(super) quarantined: u64,
    /// Feeds that are held.
    pub(super) held: u64,
    /// The last feed that was imported, and not rolled back.
    pub(super) last_good: Option<LastGood>,
    /// Its newest messages, by format.
    pub(super) marks: Vec<Mark>,
    /// Feeds whose bytes are kept: `/v1/sources/{source}/versions`.
    pub(super) kept: u64,
}

/// A feed that was imported.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LastGood {
    /// Its number.
    pub(super) id: i64,
    /// Its run.
    pub(super) run: i64,
    /// When.
    pub(super) at: String,
    /// Records in it.
    pub(super) records: u64,
    /// Refused records.
    pub(super) refused: u64,
}

/// The newest message of a format.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Mark {
    /// Format and version.
    pub(super) format: String,
    /// Message number.
    pub(super) number: Option<u64>,
    /// How often it was repeated under that number.
    pub(super) repeat: u64,
    /// When it was sent.
    pub(super) sent_at: Option<String>,
    /// The run that applied it.
    pub(super) run: i64,
}

impl From<SourceView> for Source {
    fn from(view: SourceView) -> Self {
        let SourceView { source, products, quarantined, held, last_good, marks, kept } = view;
        let last_good = last_good.map(LastGood::from);
        let marks = marks.into_iter().map(Mark::from).collect();
        Self { source, products, quarantined, held, last_good, marks, kept }
    }
}

impl From<LastGoodFeed> for LastGood {
    fn from(LastGoodFeed { id, run, at, records, refused }: LastGoodFeed) -> Self {
        Self { id, run: run.0, at, records, refused }
    }
}

impl From<SourceMark> for Mark {
    fn from(SourceMark { format, mark }: SourceMark) -> Self {
        let store::Mark { number, repeat, sent, run } = mark;
        let sent_at = sent.and_then(|sent| Timestamp::from_second(sent).ok());
        Self { format, number, repeat, sent_at: sent_at.map(|sent| format!("{sent:.3}")), run: run.0 }
    }
}

/// List sources
///
/// By name. A token that is bound to a source sees that one alone.
#[utoipa::path(get, path = "/v1/sources", operation_id = "list_sources", tag = "sources", params(SourcesQuery),
    responses((status = 200, description = "A page of sources", body = Page<Source>)))]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Query(query): Query<SourcesQuery>,
) -> Result<Json<Page<Source>>, Problem> {
    Ok(Json(page_of(&service, &caller, &query).await?))
}

/// The sources that a caller may see.
pub(super) async fn page_of(
    service: &Service,
    caller: &Caller,
    query: &SourcesQuery,
) -> Result<Page<Source>, Problem> {
    caller.may(Scope::Read)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let sources = service.store.sources(caller.0.source(), asked.after, asked.rows()).await?;
    let total = asked.total(service.store.source_count(caller.0.source())).await?;
    Ok(asked.page(sources, |view| view.source.clone(), Source::from).of(total))
}

/// How it stands with the sources that a caller asks for and may see, and behind which name the next ones begin; shown
/// on pages.
pub(super) async fn standings_of(
    service: &Service,
    caller: &Caller,
    query: &SourcesQuery,
) -> Result<(Vec<SourceStanding>, Option<String>), Problem> {
    caller.may(Scope::Read)?;
    let asked = PageAsked::read(query.limit, query.cursor.as_deref())?;
    let mut standings = service.store.source_standings(caller.0.source(), asked.after, asked.rows()).await?;
    let has_more = standings.len() == asked.rows() as usize;
    if has_more {
        standings.pop();
    }
    let next = standings.last().filter(|_| has_more).map(|last| last.source.clone());
    Ok((standings, next))
}

/// A source with what came of it.
pub(super) struct SourceDetail {
    pub(super) source: Source,
    /// What came last, newest first.
    pub(super) feeds: Vec<EarlierRun>,
    /// Why records wait.
    pub(super) codes: Vec<CodeCount>,
}

/// A source that a caller may see, with its last feeds.
pub(super) async fn detail(
    service: &Service,
    caller: &Caller,
    source: &str,
    feeds_max: u32,
    codes_max: u32,
) -> Result<SourceDetail, Problem> {
    caller.may(Scope::Read)?;
    caller.sees(source)?;
    let found = service.store.sources(Some(source), None, 1).await?.pop();
    let missing = || Problem::not_found("there is no such source: `/v1/sources` lists those there are");
    Ok(SourceDetail {
        source: found.map(Source::from).ok_or_else(missing)?,
        feeds: service.store.source_feeds(source, feeds_max).await?,
        codes: service.store.source_codes(source, codes_max).await?,
    })
}
