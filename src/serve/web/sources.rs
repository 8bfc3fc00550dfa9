//! Who sends, and how it stands with each.

use super::asked::{address, escaped};
use super::filters;
use super::frame::{Frame, Section};
use super::held_words::percent;
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::rhythm::{FEEDS_MAX, Rhythm};
use super::visit::Viewer;
use super::waiting::moments;
use super::words::SourceWords;
use crate::import::NO_SENDER;
use crate::serve::parameters::Query;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::serve::sources::{self, Source, SourcesQuery};
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Sources on a page.
const SOURCES: u32 = 50;
/// Sources whose rhythm is known.
const RHYTHMS_MAX: u32 = 200;

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
    state: Standing,
    good: Option<Moment>,
    products: String,
    records: String,
    refused: String,
    waiting: Option<(String, String)>,
    held: Option<(String, String)>,
}

/// How it stands with one; what somebody has to look at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// A feed of it waits for somebody.
    Held,
    /// Its next feed should have come.
    Late,
    /// Of its last feed, or ever, nothing was imported.
    Nothing,
    /// Its last feed was imported.
    Imported,
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
    let came = service.store.source_moments(viewer.caller.0.source(), FEEDS_MAX, RHYTHMS_MAX).await?;
    let came: HashMap<_, _> = came.into_iter().map(|of| (of.source, moments(&of.moments))).collect();
    let is_all = asked.cursor.is_none() && page.next.is_none();
    let shown = page.items.into_iter().filter(|source| !is_nobody(source));
    let row = |source: Source| {
        let came = came.get(&source.source).map_or(&[][..], Vec::as_slice);
        Row::of(language, now, &source, came)
    };
    let mut rows: Vec<Row> = shown.map(row).collect();
    if is_all {
        rows.sort_by_key(|row| row.state);
    }
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Sources, words.title),
        words,
        more: page.next.as_ref().map(|next| address("/sources", &[("cursor", next)])),
        rows,
        is_first: asked.cursor.is_none(),
    };
    Html::of(&view)
}

/// Where a source is shown.
pub(super) fn source_address(name: &str) -> String {
    format!("/sources/{}", escaped(name))
}

/// What a source is called: feeds whose sender cannot be read have none.
pub(super) fn name_of(language: Language, name: &str) -> &str {
    if name == NO_SENDER { language.pick("Without a source", "Ohne Absender") } else { name }
}

/// Feeds of nobody that can be read, of which nothing is there.
fn is_nobody(of: &Source) -> bool {
    of.source == NO_SENDER && of.products == 0 && of.quarantined == 0 && of.held == 0
}

impl Standing {
    /// Of a source whose last feeds came at these moments, newest first.
    fn of(now: Timestamp, of: &Source, came: &[Timestamp]) -> Self {
        let good: Option<Timestamp> = of.last_good.as_ref().and_then(|good| good.at.parse().ok());
        if of.held > 0 {
            Self::Held
        } else if Rhythm::of(came).is_some_and(|rhythm| rhythm.is_late(now)) {
            Self::Late
        } else if good.is_none_or(|good| came.first().is_some_and(|last| *last > good)) {
            Self::Nothing
        } else {
            Self::Imported
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Late => "warning",
            Self::Nothing => "error",
            Self::Imported => "quiet",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Held => "‖",
            Self::Late => "▲",
            Self::Nothing => "●",
            Self::Imported => "✓",
        }
    }

    const fn name(self, words: &SourceWords) -> &'static str {
        match self {
            Self::Held => words.is_held,
            Self::Late => words.is_late,
            Self::Nothing => words.brought_nothing,
            Self::Imported => words.imported,
        }
    }
}

impl Row {
    fn of(language: Language, now: Timestamp, of: &Source, came: &[Timestamp]) -> Self {
        let good = of.last_good.as_ref();
        let none = || "–".to_owned();
        let some = |count: u64, path: &str| {
            (count > 0).then(|| (language.grouped(count), address(path, &[("source", &of.source)])))
        };
        Self {
            address: source_address(&of.source),
            state: Standing::of(now, of, came),
            good: good.and_then(|good| Moment::told(language, now, &good.at)),
            products: language.grouped(of.products),
            records: good.map_or_else(none, |good| language.grouped(good.records)),
            refused: good.and_then(|good| percent(language, good.refused, good.records)).unwrap_or_else(none),
            waiting: some(of.quarantined, "/quarantine"),
            held: some(of.held, "/held"),
            name: name_of(language, &of.source).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::sources::LastGood;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).expect("in range")
    }

    #[test]
    fn what_somebody_has_to_look_at_comes_first() {
        let source = |held: u64, good: Option<i64>| Source {
            source: "A".to_owned(),
            products: 1,
            quarantined: 0,
            held,
            last_good: good.map(|hour| LastGood {
                id: 1,
                run: 1,
                at: at(hour).to_string(),
                records: 1,
                refused: 0,
            }),
            marks: Vec::new(),
            kept: 0,
        };
        let nightly: Vec<_> = (0..7).map(|night| at(-24 * night)).collect();
        let of = |now, source| Standing::of(at(now), &source, &nightly);
        assert_eq!(of(1, source(1, Some(0))), Standing::Held);
        assert_eq!(of(37, source(0, Some(0))), Standing::Late);
        assert_eq!(
            (of(36, source(0, Some(0))), of(1, source(0, Some(-24)))),
            (Standing::Imported, Standing::Nothing)
        );
        assert_eq!(of(1, source(0, None)), Standing::Nothing);
        assert!(
            Standing::Held < Standing::Late
                && Standing::Late < Standing::Nothing
                && Standing::Nothing < Standing::Imported
        );
    }

    #[test]
    fn nobody_is_no_source_unless_something_waits() {
        let nobody = |quarantined| Source {
            source: NO_SENDER.to_owned(),
            products: 0,
            quarantined,
            held: 0,
            last_good: None,
            marks: Vec::new(),
            kept: 0,
        };
        assert!(is_nobody(&nobody(0)) && !is_nobody(&nobody(1)));
        assert_eq!(
            (name_of(Language::German, NO_SENDER), name_of(Language::German, "A")),
            ("Ohne Absender", "A")
        );
    }
}
