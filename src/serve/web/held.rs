//! Feeds that are or were held.

use super::asked::{address, choice, filled};
use super::filters;
use super::frame::{Frame, Section};
use super::held_words::{STATES, state_look, state_name, state_value, why};
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::visit::Viewer;
use super::words::HeldWords;
use crate::serve::held::{self, HeldItem, HeldQuery, HeldWord};
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// Feeds on a page.
const FEEDS: u32 = 30;
/// What stands in an address for feeds in whatever state.
const ANY: &str = "any";

/// Which feeds; those that wait, unless it is said otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    #[serde(default)]
    source: String,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "web/held.html")]
struct View {
    frame: Frame,
    words: &'static HeldWords,
    states: Vec<(&'static str, &'static str, bool)>,
    source: String,
    is_filtered: bool,
    is_open: bool,
    has_states: bool,
    rows: Vec<Row>,
    from_first: Option<String>,
    more: Option<String>,
}

struct Row {
    id: i64,
    class: &'static str,
    sign: &'static str,
    state: &'static str,
    feed: String,
    source: String,
    source_address: String,
    why: Vec<String>,
    records: String,
    at: Option<Moment>,
}

/// Lists them.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let (language, words) = (viewer.visit.language, HeldWords::of(viewer.visit.language));
    let state = state(asked.state.as_deref())?;
    let source = filled(&asked.source);
    let query = HeldQuery { state, source: source.clone(), limit: Some(FEEDS), cursor: asked.cursor.clone() };
    let page = held::page_of(&service, &viewer.caller, query).await?;
    let now = service.now();
    let said = state.map_or(ANY, state_value);
    let kept = [("state", said), ("source", asked.source.trim())];
    let more = page.next.as_ref().map(|next| address("/held", &[kept[0], kept[1], ("cursor", next)]));
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Held, words.title),
        words,
        states: states(language, words, state),
        is_open: state == Some(HeldWord::Open),
        has_states: state.is_none(),
        is_filtered: state != Some(HeldWord::Open) || source.is_some(),
        source: source.unwrap_or_default(),
        rows: page.items.into_iter().map(|item| Row::of(language, now, item)).collect(),
        from_first: asked.cursor.is_some().then(|| address("/held", &kept)),
        more,
    };
    Html::of(&view)
}

fn state(said: Option<&str>) -> Result<Option<HeldWord>, Problem> {
    match said {
        None | Some("") => Ok(Some(HeldWord::Open)),
        Some(ANY) => Ok(None),
        Some(said) => choice("state", said),
    }
}

fn states(
    language: Language,
    words: &HeldWords,
    chosen: Option<HeldWord>,
) -> Vec<(&'static str, &'static str, bool)> {
    let state = |state| (state_value(state), state_name(language, state), chosen == Some(state));
    STATES.into_iter().map(state).chain([(ANY, words.any, chosen.is_none())]).collect()
}

impl Row {
    fn of(language: Language, now: Timestamp, item: HeldItem) -> Self {
        let (class, sign) = state_look(item.state);
        Self {
            id: item.id,
            class,
            sign,
            state: state_name(language, item.state),
            source_address: address("/held", &[("state", ANY), ("source", &item.source)]),
            why: why(language, &item),
            records: language.grouped(item.records),
            at: Moment::told(language, now, &item.held_at),
            feed: item.feed,
            source: item.source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_shown_unless_another_state_is_asked_for() {
        let of = |said| state(said).ok().flatten();
        assert_eq!(
            (of(None), of(Some("")), of(Some("any"))),
            (Some(HeldWord::Open), Some(HeldWord::Open), None)
        );
        assert_eq!(of(Some("refused")), Some(HeldWord::Refused));
        assert!(state(Some("later")).is_err());
    }
}
