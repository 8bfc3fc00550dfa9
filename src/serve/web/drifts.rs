//! What of a source's feeds is not as in the feeds before, and what can be done about it.

use super::faults::sentence;
use super::language::Language;
use super::moment::Moment;
use super::posted::Posted;
use super::sources::source_address;
use super::visit::Viewer;
use crate::access::Scope;
use crate::config::{DriftPolicy, DriftSettings};
use crate::drift::{LEARNING_RUNS, WINDOW_RUNS};
use crate::judgement::Severity;
use crate::serve::expected::{ExpectedBody, expect_by};
use crate::serve::parameters::Name;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::{DriftAcceptance, DriftView, StructureView};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

/// Drifts that are told.
const ROWS_MAX: usize = 20;
/// Drifts that are looked through for them: the same one may be told of every feed.
const LOOKED_MAX: u32 = 400;
/// Baselines of a source that are told.
const FORMATS_MAX: u32 = 10;

/// What is usual of a source, and what is not.
#[derive(Default)]
pub(super) struct Drifts {
    /// How much is known, format by format.
    pub(super) known: Vec<String>,
    /// Of no format enough is known to tell what is unusual.
    pub(super) is_learning: bool,
    pub(super) rows: Vec<Row>,
    /// Where drifts are called expected; nowhere for whoever may not.
    pub(super) expected: Option<String>,
}

/// A drift.
pub(super) struct Row {
    pub(super) sentence: String,
    /// The language it is in.
    pub(super) tag: &'static str,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) run: i64,
    pub(super) feed: String,
    pub(super) path: String,
    pub(super) format: String,
    /// The first record that shows it: its number, key and line.
    pub(super) first: Option<First>,
    /// Who called it expected, and when.
    pub(super) expected_by: Option<(String, Option<Moment>)>,
    /// A text for the sender.
    pub(super) letter: String,
    /// What makes it a rule: a piece of the settings.
    pub(super) rule: String,
}

/// A record.
pub(super) struct First {
    pub(super) ordinal: String,
    pub(super) key: String,
    pub(super) line: String,
}

impl Drifts {
    /// What there is to say of a source.
    pub(super) async fn of(service: &Service, viewer: &Viewer, source: &str) -> Result<Self, Problem> {
        let store = &service.store;
        let views = store.structures_of(Some(source), FORMATS_MAX).await?;
        let mut accepted = Vec::new();
        for view in &views {
            accepted.extend(store.accepted_drifts(source, &view.format).await?);
        }
        let told = store.drifts(source, LOOKED_MAX).await?;
        let language = viewer.visit.language;
        let mut met = HashSet::new();
        let is_first = |drift: &DriftView| {
            met.insert((drift.finding.code.clone(), drift.finding.path.clone(), drift.format.clone()))
        };
        let with = With { language, settings: &service.plan.import.drift, source, accepted: &accepted };
        let rows = told.into_iter().filter(is_first).take(ROWS_MAX);
        let rows = rows.map(|drift| with.row(drift, |said| Moment::told(language, service.now(), said)));
        Ok(Self {
            known: views.iter().map(|view| known(language, view)).collect(),
            is_learning: views.iter().all(|view| view.runs < LEARNING_RUNS as u64),
            rows: rows.collect(),
            expected: viewer.may(Scope::Operate).then(|| format!("{}/expected", source_address(source))),
        })
    }

    /// Whether there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.rows.is_empty()
    }
}

/// What rows are made with.
struct With<'a> {
    language: Language,
    settings: &'a DriftSettings,
    source: &'a str,
    accepted: &'a [DriftAcceptance],
}

impl With<'_> {
    fn row(&self, drift: DriftView, moment: impl Fn(&str) -> Option<Moment>) -> Row {
        let language = self.language;
        let finding = &drift.finding;
        let (told, tag) = sentence(language, &finding.sentence, &[&finding.found]);
        let (class, sign) =
            if finding.severity == Severity::Notice { ("notice", "○") } else { ("warning", "▲") };
        let covers = |accepted: &&DriftAcceptance| {
            accepted.since >= drift.run && is_at_or_above(&accepted.path, &finding.path)
        };
        let by = self.accepted.iter().find(covers);
        Row {
            letter: self.letter(&drift, &told),
            rule: self.settings.patch(self.source, &[&finding.path], DriftPolicy::Hold),
            first: finding.ordinal.map(|ordinal| First {
                ordinal: language.grouped(ordinal),
                key: finding.reference.clone().unwrap_or_default(),
                line: if finding.line > 0 { language.grouped(finding.line) } else { String::new() },
            }),
            expected_by: by.map(|by| (by.who.clone(), moment(&by.accepted_at))),
            sentence: told,
            tag,
            class,
            sign,
            run: drift.run.0,
            path: finding.path.clone(),
            feed: drift.feed,
            format: drift.format,
        }
    }

    /// What can be sent to whoever makes the feeds.
    fn letter(&self, drift: &DriftView, told: &str) -> String {
        let (feed, finding) = (&drift.feed, &drift.finding);
        let (begins, first, line, ends) = match self.language {
            Language::English => (
                format!("In your feed {feed} something is not as in the feeds before it:"),
                "The first record that shows it: ",
                "line",
                "Is that meant? Then we take it for usual. Otherwise please send the feed again.",
            ),
            Language::German => (
                format!("In Ihrer Lieferung {feed} ist etwas anders als in den Lieferungen davor:"),
                "Der erste Datensatz, an dem es zu sehen ist: ",
                "Zeile",
                "Ist das beabsichtigt? Dann gilt es künftig als üblich. Sonst bitten wir um eine neue Lieferung.",
            ),
        };
        let mut text = format!("{begins}\n\n{told}\n");
        if let Some(key) = finding.reference.as_ref().filter(|_| finding.line > 0) {
            writeln!(text, "{first}{key} ({line} {}).", self.language.grouped(finding.line))
                .expect("writes to memory");
        }
        write!(text, "\n{ends}").expect("writes to memory");
        text
    }
}

fn is_at_or_above(above: &str, path: &str) -> bool {
    above.is_empty() || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How much is known of the feeds of a format.
fn known(language: Language, view: &StructureView) -> String {
    let runs = usize::try_from(view.runs).unwrap_or(usize::MAX);
    let format = &view.format;
    let told = language.grouped(runs.min(WINDOW_RUNS) as u64);
    match (language, runs < LEARNING_RUNS) {
        (Language::English, true) => format!("{format}: learning, {runs} of {LEARNING_RUNS} imports"),
        (Language::German, true) => format!("{format}: lernt noch, {runs} von {LEARNING_RUNS} Importen"),
        (Language::English, false) => format!("{format}: held against the last {told} imports"),
        (Language::German, false) => format!("{format}: verglichen mit den letzten {told} Importen"),
    }
}

/// What the form says.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    path: String,
    format: String,
    reason: String,
}

/// Calls a drift expected.
pub(super) async fn expect(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Name(name): Name,
    Posted(Said { path, format, reason }): Posted<Said>,
) -> Result<Response, Problem> {
    let body = ExpectedBody { paths: vec![path], format: Some(format), since: None, reason };
    expect_by(&service, &viewer.caller, &name, &body).await?;
    Ok(Redirect::to(&format!("{}#drift", source_address(&name))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_counts_for_what_is_below() {
        for above in ["", "prices", "prices/price", "prices/price/tax"] {
            assert!(is_at_or_above(above, "prices/price/tax"), "{above}");
        }
        for other in ["price", "prices/pr", "prices/price/tax/@code"] {
            assert!(!is_at_or_above(other, "prices/price/tax"), "{other}");
        }
    }
}
