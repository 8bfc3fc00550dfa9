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
use crate::store::SourceStanding;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// Sources on a page.
const SOURCES: usize = 50;
/// Sources that are looked at together, to be sorted and sought through, and whose rhythm is known.
const SORTED_MAX: u32 = 500;

const NOUNS: [[&str; 2]; 2] = [["source", "sources"], ["Absender", "Absender"]];
const OF_NOUNS: [[&str; 2]; 2] = [["source", "sources"], ["Absender", "Absendern"]];

/// Which part of the list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// A part of the name.
    #[serde(default)]
    name: String,
    /// How many are passed over.
    #[serde(default)]
    from: usize,
    /// Behind which name those that are looked at begin.
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "web/sources.html")]
struct View {
    frame: Frame,
    words: &'static SourceWords,
    summary: String,
    name: String,
    rows: Vec<Row>,
    is_first: bool,
    more: Option<String>,
    /// Where those are that were not looked at.
    rest: Option<String>,
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
    let query = SourcesQuery { limit: Some(SORTED_MAX), cursor: asked.cursor.clone() };
    let (standings, behind) = sources::standings_of(&service, &viewer.caller, &query).await?;
    let now = service.now();
    let came = service.store.source_moments(viewer.caller.0.source(), FEEDS_MAX, SORTED_MAX).await?;
    let came: HashMap<_, _> = came.into_iter().map(|of| (of.source, moments(&of.moments))).collect();
    let shown = standings.into_iter().filter(|source| !is_nobody(source));
    let came = |source: &SourceStanding| came.get(&source.source).map_or(&[][..], Vec::as_slice);
    let all: Vec<(Standing, SourceStanding)> =
        shown.map(|source| (Standing::of(now, &source, came(&source)), source)).collect();
    let looked_at = all.len();
    let fit = sorted(language, all, &asked.name);
    let shown = fit.get(asked.from..).unwrap_or_default();
    let shown = &shown[..shown.len().min(SOURCES)];
    // All that is told of a source is looked up for those on the page alone.
    let names: Vec<&str> = shown.iter().map(|(_, source)| source.source.as_str()).collect();
    let told = service.store.sources_named(&names).await?;
    let told: HashMap<String, Source> =
        told.into_iter().map(|view| (view.source.clone(), Source::from(view))).collect();
    let cursor = asked.cursor.as_deref().unwrap_or_default();
    let next = asked.from.saturating_add(SOURCES);
    let part = |from: usize| [("name", asked.name.trim().to_owned()), ("from", from.to_string())];
    let view = View {
        frame: Frame::of(&viewer.visit, Section::Sources, words.title),
        words,
        summary: summary(language, fit.len(), looked_at, &asked.name),
        more: (fit.len() > next).then(|| {
            let [name, from] = &part(next);
            address("/sources", &[(name.0, &name.1), ("cursor", cursor), (from.0, &from.1)])
        }),
        rest: behind
            .as_ref()
            .map(|next| address("/sources", &[("cursor", next), ("name", asked.name.trim())])),
        rows: shown
            .iter()
            .filter_map(|(state, source)| Some(Row::of(language, now, *state, told.get(&source.source)?)))
            .collect(),
        is_first: asked.cursor.is_none() && asked.from == 0,
        name: asked.name,
    };
    Html::of(&view)
}

/// Those with a part in their name, those that somebody has to look at first, then by name.
fn sorted(
    language: Language,
    mut all: Vec<(Standing, SourceStanding)>,
    name: &str,
) -> Vec<(Standing, SourceStanding)> {
    let sought = name.trim().to_lowercase();
    all.retain(|(_, source)| name_of(language, &source.source).to_lowercase().contains(&sought));
    all.sort_by_key(|(state, source)| (*state, Reverse(source.quarantined)));
    all
}

/// How many there are, and how many of them fit.
fn summary(language: Language, fit: usize, all: usize, name: &str) -> String {
    if name.trim().is_empty() {
        return language.counted(all as u64, NOUNS);
    }
    let all = language.counted(all as u64, OF_NOUNS);
    format!("{} {} {all}", language.grouped(fit as u64), language.pick("of", "von"))
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
fn is_nobody(of: &SourceStanding) -> bool {
    of.source == NO_SENDER && !of.has_products && of.quarantined == 0 && of.held == 0
}

impl Standing {
    /// Of a source whose last feeds came at these moments, newest first.
    fn of(now: Timestamp, of: &SourceStanding, came: &[Timestamp]) -> Self {
        let good: Option<Timestamp> = of.last_good.as_ref().and_then(|good| good.parse().ok());
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
    fn of(language: Language, now: Timestamp, state: Standing, of: &Source) -> Self {
        let good = of.last_good.as_ref();
        let none = || "–".to_owned();
        let some = |count: u64, path: &str| {
            (count > 0).then(|| (language.grouped(count), address(path, &[("source", &of.source)])))
        };
        Self {
            address: source_address(&of.source),
            state,
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

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).expect("in range")
    }

    fn standing(source: &str, quarantined: u64) -> SourceStanding {
        let source = source.to_owned();
        SourceStanding { source, has_products: true, quarantined, held: 0, last_good: None }
    }

    #[test]
    fn what_somebody_has_to_look_at_comes_first() {
        let source = |held: u64, good: Option<i64>| SourceStanding {
            held,
            last_good: good.map(|hour| at(hour).to_string()),
            ..standing("A", 0)
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
    fn sources_are_sought_by_a_part_of_their_name() {
        let source = |name: &str, quarantined| {
            let state = if name == "Ähren" { Standing::Late } else { Standing::Imported };
            (state, standing(name, quarantined))
        };
        let all = || vec![source("A", 0), source("B-Verlag", 1), source("Verlag C", 7), source("Ähren", 0)];
        let of = |sought: &str| {
            let fit = sorted(Language::German, all(), sought);
            fit.into_iter().map(|(_, source)| source.source).collect::<Vec<_>>()
        };
        assert_eq!(of(""), ["Ähren", "Verlag C", "B-Verlag", "A"]);
        assert_eq!(
            (of(" VERLAG "), of("äh")),
            (vec!["Verlag C".into(), "B-Verlag".into()], vec!["Ähren".into()])
        );
        assert_eq!(summary(Language::German, 2, 1_234, " v"), "2 von 1.234 Absendern");
        assert_eq!(summary(Language::English, 1, 1, ""), "1 source");
    }

    #[test]
    fn nobody_is_no_source_unless_something_waits() {
        let nobody = |quarantined| SourceStanding { has_products: false, ..standing(NO_SENDER, quarantined) };
        assert!(is_nobody(&nobody(0)) && !is_nobody(&nobody(1)));
        assert_eq!(
            (name_of(Language::German, NO_SENDER), name_of(Language::German, "A")),
            ("Ohne Absender", "A")
        );
    }
}
