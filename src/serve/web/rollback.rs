//! A run that is taken back: what would go back is looked at first.

use super::again::{Again, judged_again};
use super::asked::choice;
use super::error_page::capital;
use super::filters;
use super::frame::{Frame, Section};
use super::html::Html;
use super::language::Language;
use super::posted::Posted;
use super::quarantine::known_by;
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
use crate::store::{ProductFate, RolledProduct};
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

const RESTORED: [[&str; 2]; 2] = [
    ["product goes back to what it was before", "products go back to what they were before"],
    ["Produkt wird wieder, wie es vorher war", "Produkte werden wieder, wie sie vorher waren"],
];
const REMOVED: [[&str; 2]; 2] = [
    ["product that it added goes away again", "products that it added go away again"],
    ["Produkt, das er anlegte, verschwindet wieder", "Produkte, die er anlegte, verschwinden wieder"],
];
const RETURNED: [[&str; 2]; 2] = [
    ["product that it withdrew comes back", "products that it withdrew come back"],
    ["Produkt, das er zurückzog, kommt wieder", "Produkte, die er zurückzog, kommen wieder"],
];
const KEPT: [[&str; 2]; 2] = [
    ["product stays as later runs made it", "products stay as later runs made them"],
    ["Produkt bleibt, wie spätere Läufe es machten", "Produkte bleiben, wie spätere Läufe sie machten"],
];

const MORE: [[&str; 2]; 2] = [["more product", "more products"], ["weiteres Produkt", "weitere Produkte"]];

#[derive(Template)]
#[template(path = "web/rollback.html")]
struct View {
    frame: Frame,
    words: &'static RollbackWords,
    run: i64,
    feed: String,
    /// It judged records of the quarantine again, and read no feed.
    is_again: bool,
    laters: [(&'static str, &'static str, bool); 3],
    later: &'static str,
    is_asked: bool,
    title: String,
    refusal: Option<(String, &'static str)>,
    sources: Vec<Row>,
    products: Vec<Product>,
    /// How many are not told one by one.
    more: Option<String>,
}

/// A product that it is about.
struct Product {
    key: String,
    known_by: Option<String>,
    fate: &'static str,
}

struct Row {
    source: String,
    deeds: Vec<String>,
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
    let mut is_choice = later != LaterWord::Refuse;
    let would = roll_back_by(&service, &viewer.caller, &notes, &body, decision).await;
    let language = viewer.visit.language;
    let (refusal, sources, products) = match would {
        Ok(would) => (None, would.sources, would.products),
        Err(problem) if problem.kind() == Kind::Conflict => {
            // Only what later runs have changed is a matter of choice.
            is_choice |= problem.detail().ends_with(WAYS);
            (Some(told(language, problem.detail())), Vec::new(), Vec::new())
        }
        Err(problem) => return Err(problem),
    };
    let judged = judged_again(&service, &viewer, &[&found]).await?.remove(&run).unwrap_or_default();
    let judged = judged.into_iter().next().filter(|_| Again::of(&found).is_some_and(|again| again.is_one()));
    let words = RollbackWords::of(viewer.visit.language);
    let title = title(viewer.visit.language, run);
    let all: u64 = sources.iter().map(|of| of.restored + of.removed + of.returned + of.kept).sum();
    let more = all.saturating_sub(products.len() as u64);
    let view = View {
        more: (more > 0).then(|| format!("+ {}", language.counted(more, MORE))),
        products: products.into_iter().map(|product| Product::of(language, product)).collect(),
        frame: Frame::of(&viewer.visit, Section::Inbox, title.clone()),
        words,
        title,
        run,
        is_again: Again::of(&found).is_some(),
        feed: found
            .feed
            .or_else(|| found.read.first().map(|feed| feed.feed.clone()))
            .or_else(|| judged.map(|judged| judged.name))
            .unwrap_or_default(),
        laters: laters(words, later),
        later: word(later),
        is_asked: is_choice,
        refusal,
        sources: sources.into_iter().map(|source| Row::of(viewer.visit.language, source)).collect(),
    };
    Html::of(&view)
}

fn title(language: Language, run: i64) -> String {
    match language {
        Language::English => format!("Roll back run {run}"),
        Language::German => format!("Lauf {run} zurücknehmen"),
    }
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

/// Why nothing would go back, and in which language. What may be done about it stands on the page.
fn told(language: Language, detail: &str) -> (String, &'static str) {
    let why = detail.strip_suffix(WAYS).unwrap_or(detail);
    let translated = if language == Language::German { german::translation(why, &[]) } else { None };
    let tag = if translated.is_some() { language.tag() } else { Language::English.tag() };
    (capital(&translated.unwrap_or_else(|| why.to_owned())), tag)
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

impl Product {
    fn of(language: Language, of: RolledProduct) -> Self {
        let (english, german) = match of.fate {
            ProductFate::Restored => ("goes back to what it was", "wird wieder, wie es war"),
            ProductFate::Removed => ("goes away again", "verschwindet wieder"),
            ProductFate::Returned => ("comes back", "kommt wieder"),
            ProductFate::Kept => ("stays as later runs made it", "bleibt, wie spätere Läufe es machten"),
        };
        Self {
            known_by: known_by(of.edition_number.as_deref(), of.title.as_deref()),
            key: of.reference,
            fate: language.pick(english, german),
        }
    }
}

impl Row {
    fn of(language: Language, of: RolledSource) -> Self {
        let all = [(of.restored, RESTORED), (of.removed, REMOVED), (of.returned, RETURNED), (of.kept, KEPT)];
        let some = all.into_iter().filter(|(number, _)| *number > 0);
        Self {
            source: of.source,
            deeds: some.map(|(number, words)| language.counted(number, words)).collect(),
        }
    }
}
