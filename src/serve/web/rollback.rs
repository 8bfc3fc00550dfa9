//! A run that is taken back: what would go back is looked at first.

use super::asked::choice;
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::Language;
use super::posted::Posted;
use super::visit::Viewer;
use super::words::RollbackWords;
use crate::report::german;
use crate::serve::deeds;
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::{Kind, Problem};
use crate::serve::requests::RequestNotes;
use crate::serve::rollback::{LaterWord, RollbackBody, RolledSource, WAYS, roll_back_by};
use crate::serve::runs;
use crate::serve::service::Service;
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// What happens to products that later runs have changed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    later: String,
}

/// What the form says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    later: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "web/rollback.html")]
struct View {
    frame: Frame,
    words: &'static RollbackWords,
    run: i64,
    feed: String,
    laters: [(&'static str, &'static str, bool); 3],
    later: &'static str,
    title: String,
    /// Whether it matters what happens to products that later runs have changed.
    has_ways: bool,
    refusal: Option<(String, &'static str)>,
    sources: Vec<Row>,
}

struct Row {
    source: String,
    numbers: Vec<(&'static str, String)>,
}

/// Shows what would go back.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Id(run): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let later: LaterWord = choice("later", &asked.later)?.unwrap_or_default();
    let found = runs::one(&service, &viewer.caller, run).await?;
    let body = RollbackBody { run, later, reason: String::new(), dry_run: true };
    // Nothing is changed, so that nothing is written down.
    let decision = deeds::decision(&viewer.caller, None)?;
    let would = roll_back_by(&service, &viewer.caller, &notes, &body, decision).await;
    let mut has_ways = later != LaterWord::Refuse;
    let (refusal, sources) = match would {
        Ok(would) => (None, would.sources),
        Err(problem) if problem.kind() == Kind::Conflict => {
            has_ways |= is_later(problem.detail());
            (Some(told(viewer.visit.language, problem.detail())), Vec::new())
        }
        Err(problem) => return Err(problem),
    };
    let words = RollbackWords::of(viewer.visit.language);
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Inbox, title(viewer.visit.language, run)),
        words,
        run,
        feed: found.feed.or_else(|| found.read.first().map(|feed| feed.feed.clone())).unwrap_or_default(),
        laters: laters(words, later),
        later: word(later),
        title: title(viewer.visit.language, run),
        has_ways,
        refusal,
        sources: sources.into_iter().map(|source| Row::of(viewer.visit.language, source)).collect(),
    };
    Html::of(&view)
}

/// Takes it back, and goes to the run that did so.
pub(super) async fn roll_back(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Id(run): Id,
    Posted(said): Posted<Said>,
) -> Result<Response, Problem> {
    let later = choice("later", &said.later)?.unwrap_or_default();
    let decision = deeds::decided(&viewer.caller, &said.reason)?;
    let body = RollbackBody { run, later, reason: said.reason, dry_run: false };
    let done = roll_back_by(&service, &viewer.caller, &notes, &body, decision).await?;
    Ok(Redirect::to(&format!("/runs/{}", done.rollback.unwrap_or(run))).into_response())
}

fn title(language: Language, run: i64) -> String {
    match language {
        Language::English => format!("Roll back run {run}"),
        Language::German => format!("Lauf {run} zurücknehmen"),
    }
}

/// Whether what later runs did is the reason, about which something may be done.
fn is_later(detail: &str) -> bool {
    detail.starts_with("later runs") || detail.contains(" is a rollback and changed the same products ")
}

/// Why nothing would go back, and in which language. What may be done about it stands on the page.
fn told(language: Language, detail: &str) -> (String, &'static str) {
    let why = detail.strip_suffix(WAYS).unwrap_or(detail);
    let translated = if language == Language::German { german::translation(why, &[]) } else { None };
    let tag = if translated.is_some() { language.tag() } else { Language::English.tag() };
    (translated.unwrap_or_else(|| why.to_owned()), tag)
}

const fn word(later: LaterWord) -> &'static str {
    match later {
        LaterWord::Refuse => "refuse",
        LaterWord::Keep => "keep",
        LaterWord::Undo => "undo",
    }
}

fn laters(words: &RollbackWords, chosen: LaterWord) -> [(&'static str, &'static str, bool); 3] {
    let all =
        [(LaterWord::Refuse, words.refuse), (LaterWord::Keep, words.keep), (LaterWord::Undo, words.undo)];
    all.map(|(later, told)| (word(later), told, later == chosen))
}

impl Row {
    fn of(language: Language, of: RolledSource) -> Self {
        let words = RollbackWords::of(language);
        let all = [
            (words.restored, of.restored),
            (words.removed, of.removed),
            (words.returned, of.returned),
            (words.kept, of.kept),
        ];
        let some = all.into_iter().filter(|(_, number)| *number > 0);
        Self {
            source: of.source,
            numbers: some.map(|(name, number)| (name, language.grouped(number))).collect(),
        }
    }
}
