//! A held feed: which limit it exceeds and by how much, what it would do, what feeds before it did; and the decision.

use super::filters;
use super::frame::{Frame, Section};
use super::headline::headline as run_headline;
use super::held_words::{allowed, decimal, deed, held_for, percent, state_look, state_told, why};
use super::html::Html;
use super::language::Language;
use super::moment::Moment;
use super::posted::Posted;
use super::price_chart::PriceChart;
use super::product::{availability, price_codes, publishing_status};
use super::visit::Viewer;
use super::who::who;
use super::words::HeldWords;
use crate::access::Scope;
use crate::judgement::Coverage;
use crate::serve::deeds;
use crate::serve::held::decide::{ReleaseBody, refuse_by, release_by};
use crate::serve::held::plan::{
    EarlierAnswer, ExceededAnswer, FieldAnswer, PlanAnswer, PriceMoveAnswer, SampleAnswer,
};
use crate::serve::held::{self, HeldDetail, HeldItem, HeldWord};
use crate::serve::parameters::{Id, Query};
use crate::serve::problem::{Kind, Problem};
use crate::serve::requests::RequestNotes;
use crate::serve::runs;
use crate::serve::service::Service;
use crate::serve::upload::run_of;
use crate::store::{REASON_CHARS_MAX, RunId, TriedRelease};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "web/held_feed.html")]
struct View {
    frame: Frame,
    words: &'static HeldWords,
    held: HeldDetail,
    class: &'static str,
    sign: &'static str,
    headline: String,
    others: Vec<String>,
    is_open: bool,
    reason_chars_max: usize,
    may_decide: bool,
    limits: Vec<Limit>,
    stock: Vec<(&'static str, String)>,
    extent: &'static str,
    /// Records of it that would be refused.
    refused: Option<String>,
    changes: Vec<(&'static str, String, Option<String>)>,
    chart: Option<PriceChart>,
    moves: Vec<Moved>,
    samples: Vec<(&'static str, Vec<Sample>)>,
    tense: Tense,
    feeds: Vec<FeedRow>,
    held_at: Option<Moment>,
    keep_until: Option<Moment>,
    resolved_at: Option<Moment>,
    decider: Option<String>,
    /// A run that is to let it in, or was to and did not; what it is told by.
    tried: Option<(TriedRelease, String)>,
    /// What the run that let it in came to.
    outcome: Option<String>,
    since: Option<Since>,
    /// Somebody else has decided before.
    late: bool,
}

/// The last run that has changed the source since, and of when the numbers are.
struct Since {
    words: &'static str,
    run: i64,
    at: String,
}

/// What a link to one says beside its number.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Somebody else has decided before.
    #[serde(default)]
    late: String,
}

/// A limit that is exceeded.
struct Limit {
    deed: String,
    share: Option<String>,
    allowed: String,
    setting: Option<&'static str>,
}

/// A price that moves far.
struct Moved {
    price: PriceMoveAnswer,
    old: String,
    new: String,
    change: Option<String>,
    /// It moves by more than the factor allowed.
    is_jump: bool,
}

/// A change as it is told.
struct Sample {
    title: String,
    key: String,
    /// Its fields: what each is called, what stands, and what would stand.
    fields: Vec<[String; 3]>,
}

/// How it is spoken of: what it would do, or was to do.
struct Tense {
    would: &'static str,
    plan: &'static str,
    prices: &'static str,
    limits: &'static str,
    /// What stood, and what was to stand.
    old: &'static str,
    new: &'static str,
}

/// What a feed did, or would.
struct FeedRow {
    is_this: bool,
    run: i64,
    at: Option<Moment>,
    state: &'static str,
    numbers: [String; 5],
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Html, Problem> {
    let held = held::one(&service, &viewer.caller, id).await?;
    let is_open = held.item.state == HeldWord::Open;
    let tried =
        if is_open { service.store.last_release(&held.item.source, held.item.id).await? } else { None };
    let factor = service.plan.import.guard.limits(&held.item.source, &held.item.format).price_factor;
    let outcome = outcome(&service, &viewer, &held.item).await?;
    let since = if is_open { since(&service, &viewer, &held.item, tried.as_ref()).await? } else { None };
    let withdraws = service.plan.import.coverage_of(&held.item.source, &held.item.format);
    let mut view = View::of(&viewer, service.now(), held, factor, withdraws == Some(Coverage::Full));
    if since.is_some() && view.headline == view.words.moot {
        // It was so, and need not be so any more.
        state_told(viewer.visit.language, HeldWord::Open).clone_into(&mut view.headline);
    }
    let view = View { outcome, since, late: !asked.late.is_empty(), ..view };
    Html::of(&view.after(viewer.visit.language, service.now(), tried))
}

/// What came of the run that let it in.
async fn outcome(service: &Service, viewer: &Viewer, item: &HeldItem) -> Result<Option<String>, Problem> {
    let Some(run) = item.resolved_run.filter(|_| item.state == HeldWord::Released) else { return Ok(None) };
    let run = runs::one(service, &viewer.caller, run).await?;
    Ok(Some(run_headline(viewer.visit.language, &run, None).words))
}

/// The last run that has changed the source since the numbers were made, in words, and of when they are.
async fn since(
    service: &Service,
    viewer: &Viewer,
    item: &HeldItem,
    tried: Option<&TriedRelease>,
) -> Result<Option<Since>, Problem> {
    let words = HeldWords::of(viewer.visit.language);
    // A release that was not done has weighed it anew.
    let tried = tried.filter(|tried| !tried.is_going_on);
    let (run, at) = tried.map_or((RunId(item.run), &item.held_at), |tried| (tried.run, &tried.at));
    let changed = service.store.source_changed(&item.source, run).await?;
    Ok(changed.and_then(|changed| {
        Some(Since {
            words: if changed.rolls_back.is_some() { words.since_back } else { words.since },
            run: changed.run.0,
            at: Moment::told(viewer.visit.language, service.now(), at)?.exact,
        })
    }))
}

/// What the form for letting it in says.
#[derive(Debug, Deserialize)]
pub(super) struct ReleaseForm {
    plan: String,
    reason: String,
}

/// What the form for giving it up says.
#[derive(Debug, Deserialize)]
pub(super) struct RefuseForm {
    reason: String,
}

/// Lets it in, and goes to the run that does so.
pub(super) async fn release(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Extension(notes): Extension<RequestNotes>,
    Id(id): Id,
    Posted(ReleaseForm { plan, reason }): Posted<ReleaseForm>,
) -> Result<Response, Problem> {
    let body = ReleaseBody { plan, reason };
    let queued = match release_by(&service, &viewer.caller, &notes, id, body).await {
        Err(problem) => return too_late(&service, &viewer, id, problem).await,
        Ok(queued) => queued,
    };
    Ok(Redirect::to(&format!("/runs/{}", run_of(queued).0)).into_response())
}

/// Gives it up, and shows it.
pub(super) async fn refuse(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Id(id): Id,
    Posted(RefuseForm { reason }): Posted<RefuseForm>,
) -> Result<Response, Problem> {
    viewer.caller.may(Scope::Operate)?;
    let decision = deeds::decided(&viewer.caller, &reason)?;
    if let Err(problem) = refuse_by(&service, &viewer.caller, id, &decision).await {
        return too_late(&service, &viewer, id, problem).await;
    }
    Ok(Redirect::to(&format!("/held/{id}")).into_response())
}

/// Where somebody has decided before, that is shown; else the problem.
async fn too_late(
    service: &Service,
    viewer: &Viewer,
    id: i64,
    problem: Problem,
) -> Result<Response, Problem> {
    let is_conflict = problem.kind() == Kind::Conflict;
    match held::item(service, &viewer.caller, id).await? {
        Some(item) if is_conflict && item.state != HeldWord::Open => {
            Ok(Redirect::to(&format!("/held/{id}?late=1")).into_response())
        }
        _ => Err(problem),
    }
}

impl View {
    fn of(
        viewer: &Viewer,
        now: Timestamp,
        mut held: HeldDetail,
        factor: Decimal,
        withdraws_missing: bool,
    ) -> Self {
        let language = viewer.visit.language;
        let words = HeldWords::of(language);
        let is_open = held.item.state == HeldWord::Open;
        let (class, sign) = state_look(held.item.state);
        let mut reasons = why(language, &held.item);
        let is_moot = is_open && held.plan.as_ref().is_some_and(changes_nothing);
        let headline = if is_moot && reasons.is_empty() {
            words.moot.to_owned()
        } else {
            headline(language, held.item.state, &mut reasons)
        };
        if !is_open {
            reasons.clear();
        }
        let at = |said: &str| Moment::told(language, now, said);
        let plan = held.plan.as_mut();
        let (moves, samples) = plan
            .map(|plan| (std::mem::take(&mut plan.price_moves.largest), std::mem::take(&mut plan.samples)))
            .unwrap_or_default();
        let plan = held.plan.as_ref();
        Self {
            frame: Frame::of(&viewer.visit, Section::Held, format!("{headline}: {}", held.item.feed)),
            words,
            class,
            sign,
            headline,
            others: reasons,
            is_open,
            reason_chars_max: REASON_CHARS_MAX,
            may_decide: viewer.may(Scope::Operate),
            limits: held.item.exceeded.iter().map(|each| Limit::of(language, each)).collect(),
            stock: plan.map(|plan| stock(language, plan)).unwrap_or_default(),
            extent: plan.map_or("", |plan| match (plan.extent, is_open) {
                ("full", true) if withdraws_missing => words.full,
                ("full", true) => words.full_stays,
                ("full", false) => words.was_full,
                _ => words.delta,
            }),
            refused: plan.and_then(|plan| refused(language, plan, is_open)),
            changes: plan.map(|plan| changes(language, plan)).unwrap_or_default(),
            chart: plan.and_then(|plan| PriceChart::of(language, &plan.price_moves, &jumps(language, plan))),
            moves: moves.into_iter().map(|price| Moved::of(language, price, factor)).collect(),
            samples: by_kind(language, words, samples),
            tense: Tense::of(words, is_open),
            feeds: feeds(language, now, &held),
            held_at: at(&held.item.held_at),
            keep_until: at(&held.item.keep_until),
            resolved_at: held.item.resolved_at.as_deref().and_then(at),
            decider: held.decided_by.as_deref().map(|said| who(language, said)),
            tried: None,
            outcome: None,
            since: None,
            late: false,
            held,
        }
    }

    /// With what was tried already.
    fn after(self, language: Language, now: Timestamp, tried: Option<TriedRelease>) -> Self {
        Self {
            tried: tried.map(|tried| {
                let told = told(language, now, &tried);
                (tried, told)
            }),
            ..self
        }
    }

    fn can_release(&self) -> bool {
        self.held.item.packed_bytes > 0
    }
}

/// What came of a try to let it in.
fn told(language: Language, now: Timestamp, tried: &TriedRelease) -> String {
    let at = Moment::told(language, now, &tried.at).map(|at| at.short).unwrap_or_default();
    let run = tried.run.0;
    match (language, tried.is_going_on) {
        (Language::English, true) => format!("Run {run} is letting it in"),
        (Language::German, true) => format!("Lauf {run} gibt die Lieferung frei"),
        (Language::English, false) => {
            format!("It was to be released on {at} UTC, and was not: it would do something else by then")
        }
        (Language::German, false) => format!(
            "Die Freigabe am {at} UTC fand nicht statt: Die Lieferung würde inzwischen etwas anderes bewirken"
        ),
    }
}

/// Its sentence: what became of it, or the first reason why it is held, which is taken.
fn headline(language: Language, state: HeldWord, reasons: &mut Vec<String>) -> String {
    if state != HeldWord::Open || reasons.is_empty() {
        return state_told(language, state).to_owned();
    }
    held_for(language, &reasons.remove(0))
}

impl Limit {
    fn of(language: Language, of: &ExceededAnswer) -> Self {
        Self {
            deed: deed(language, of),
            share: percent(language, of.count, of.base),
            allowed: if of.setting.is_some() {
                allowed(language, of)
            } else {
                HeldWords::of(language).always.to_owned()
            },
            setting: of.setting,
        }
    }
}

/// What stands before and after.
fn stock(language: Language, plan: &PlanAnswer) -> Vec<(&'static str, String)> {
    let words = HeldWords::of(language);
    let of = &plan.changes;
    let after = (plan.live + of.created + of.revived).saturating_sub(of.withdrawn);
    let [now, then, records] = [plan.live, after, of.records].map(|number| language.grouped(number));
    let stock = if now == then { now } else { format!("{now} → {then}") };
    let all = [
        (words.on_hand, Some(stock)),
        (words.records, Some(records)),
        (words.usual, plan.usual_records.map(|number| language.grouped(number))),
    ];
    all.into_iter().filter_map(|(name, number)| Some((name, number?))).collect()
}

/// Whether nothing in the shop would change.
fn changes_nothing(plan: &PlanAnswer) -> bool {
    let of = &plan.changes;
    of.created + of.updated + of.withdrawn + of.revived == 0
}

/// The kinds of changes that there are, with their share of what stands.
fn changes(language: Language, plan: &PlanAnswer) -> Vec<(&'static str, String, Option<String>)> {
    let words = HeldWords::of(language);
    let of = &plan.changes;
    let always = [
        (words.created, of.created, plan.live),
        (words.updated, of.updated, plan.live),
        (words.withdrawn, of.withdrawn, plan.live),
        (words.revived, of.revived, plan.live),
    ];
    let others = [
        (words.unavailable, of.unavailable, plan.live),
        (words.repriced, of.prices, plan.live),
        (words.jumped, of.price_jumps, plan.live),
        (words.same_titles, of.same_titles, plan.live),
    ];
    let is_open = |name: &str| name == words.jumped && plan.has_unseen_prices;
    let some = others.into_iter().filter(|(name, number, _)| *number > 0 || is_open(name));
    let told = |(name, number, base): (&'static str, u64, u64)| {
        let share = percent(language, number, base);
        if name == words.jumped && plan.has_unseen_prices {
            return (name, format!("{} {}", words.at_least, language.grouped(number)), None);
        }
        (name, language.grouped(number), share)
    };
    always.into_iter().chain(some).map(told).collect()
}

/// Products whose price jumps, in words; nothing where none does.
fn jumps(language: Language, plan: &PlanAnswer) -> String {
    let told = language.counted(plan.changes.price_jumps, [["product", "products"], ["Produkt", "Produkte"]]);
    match (plan.has_unseen_prices, plan.changes.price_jumps) {
        (true, _) => format!("{} {told}", HeldWords::of(language).at_least),
        (false, 0) => String::new(),
        (false, _) => told,
    }
}

/// How many of its records would be refused, if any would.
fn refused(language: Language, plan: &PlanAnswer, is_open: bool) -> Option<String> {
    let of = &plan.changes;
    let share = percent(language, of.refused, of.records).filter(|_| of.refused > 0)?;
    let [refused, records] = [of.refused, of.records].map(|number| language.grouped(number));
    Some(match (language, is_open) {
        (Language::English, true) => {
            format!("Of {records} records in the feed, {refused} ({share}) would be refused.")
        }
        (Language::English, false) => {
            format!("Of {records} records in the feed, {refused} ({share}) were to be refused.")
        }
        (Language::German, true) => {
            format!("Von {records} Datensätzen der Lieferung würden {refused} ({share}) abgewiesen.")
        }
        (Language::German, false) => {
            format!("Von {records} Datensätzen der Lieferung sollten {refused} ({share}) abgewiesen werden.")
        }
    })
}

/// Samples of each kind, in the order of the plan.
fn by_kind(
    language: Language,
    words: &HeldWords,
    samples: Vec<SampleAnswer>,
) -> Vec<(&'static str, Vec<Sample>)> {
    let mut kinds: Vec<(&'static str, Vec<Sample>)> = Vec::new();
    for sample in samples {
        let name = kind(words, &sample.kind);
        let sample = Sample::of(language, sample);
        match kinds.last_mut().filter(|(last, _)| *last == name) {
            Some((_, others)) => others.push(sample),
            None => kinds.push((name, vec![sample])),
        }
    }
    kinds
}

fn kind(words: &HeldWords, said: &str) -> &'static str {
    match said {
        "withdrawn" => words.withdrawn,
        "unavailable" => words.unavailable,
        "price" => words.repriced,
        "title" => words.retitled,
        "created" => words.created,
        _ => words.updated,
    }
}

impl Tense {
    const fn of(words: &HeldWords, is_open: bool) -> Self {
        if is_open {
            Self {
                would: words.would,
                plan: words.plan,
                prices: words.prices,
                limits: words.limits,
                old: words.old,
                new: words.new,
            }
        } else {
            Self {
                would: words.was_to,
                plan: words.was_plan,
                prices: words.was_prices,
                limits: words.were_limits,
                old: words.before,
                new: words.after,
            }
        }
    }
}

impl Moved {
    fn of(language: Language, price: PriceMoveAnswer, factor: Decimal) -> Self {
        let change = change(&price.old, &price.new).map(|percent| signed(language, percent));
        let is_jump = is_jump(&price.old, &price.new, factor);
        let [old, new] = [&price.old, &price.new].map(|said| amount(language, said));
        Self { price, old, new, change, is_jump }
    }
}

/// Whether an amount becomes so many times higher or lower, and more.
fn is_jump(old: &str, new: &str, factor: Decimal) -> bool {
    let [Ok(old), Ok(new)] = [old, new].map(str::parse::<Decimal>) else { return true };
    let (low, high) = (old.abs().min(new.abs()), old.abs().max(new.abs()));
    low.checked_mul(factor).is_some_and(|far| high > far)
}

impl Sample {
    fn of(language: Language, sample: SampleAnswer) -> Self {
        let field = |field: FieldAnswer| {
            let [old, new] = match field.name.as_str() {
                "prices" => prices(language, &field.old, &field.new),
                "availability" => [field.old, field.new].map(|code| availability(language, &code)),
                "status" => [field.old, field.new].map(|code| publishing_status(language, &code)),
                _ => [field.old, field.new],
            };
            [field_name(language, &field.name), old, new]
        };
        let fields = sample.fields.into_iter().map(field).collect();
        Self { title: sample.title, key: sample.key, fields }
    }
}

/// What a field of a sample is called.
fn field_name(language: Language, said: &str) -> String {
    let (english, german) = match said {
        "title" => ("Title", "Titel"),
        "prices" => ("Prices", "Preise"),
        "availability" => ("Availability", "Lieferbarkeit"),
        "status" => ("Publishing status", "Erscheinungsstatus"),
        "stock" => ("Stock", "Bestand"),
        "published" => ("Publication date", "Erscheinungsdatum"),
        other => return other.to_owned(),
    };
    language.pick(english, german).to_owned()
}

/// Those of the prices of a sample that are not on both sides.
fn prices(language: Language, old: &str, new: &str) -> [String; 2] {
    let [before, after] = [old, new].map(|said| said.split(", ").collect::<Vec<_>>());
    let only = |these: &[&str], others: &[&str]| {
        let only = these.iter().filter(|price| !others.contains(price));
        only.map(|price| money(language, price)).collect::<Vec<_>>().join("; ")
    };
    [only(&before, &after), only(&after, &before)]
}

/// A price of a sample, `9.5 EUR (04/05)`, with its cents, and its codes in words.
fn money(language: Language, said: &str) -> String {
    let Some((number, rest)) = said.split_once(' ') else { return said.to_owned() };
    let number = amount(language, number);
    let parts = rest.split_once(" (").and_then(|(currency, rest)| {
        let (codes, end) = rest.split_once(')')?;
        Some((currency, price_codes(language, codes), end))
    });
    match parts {
        Some((currency, words, end)) => format!("{number} {currency} ({words}){end}"),
        None => format!("{number} {rest}"),
    }
}

/// An amount with two digits behind the point at least.
fn amount(language: Language, said: &str) -> String {
    let Ok(mut amount) = said.parse::<Decimal>() else { return said.to_owned() };
    amount.rescale(amount.normalize().scale().max(2));
    decimal(language, &amount.to_string())
}

/// By how many per cent something changes; none from nothing.
fn change(old: &str, new: &str) -> Option<Decimal> {
    let [old, new]: [Decimal; 2] = [old.parse().ok()?, new.parse().ok()?];
    new.checked_sub(old)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(old.abs())
}

fn signed(language: Language, percent: Decimal) -> String {
    let sign = if percent.is_sign_negative() { "−" } else { "+" };
    let mut number = percent.abs().round_dp(1);
    number.rescale(1);
    let number = number.to_string();
    format!("{sign}{} %", decimal(language, &number))
}

/// This feed, and those before it.
fn feeds(language: Language, now: Timestamp, held: &HeldDetail) -> Vec<FeedRow> {
    let earlier = held.earlier.iter().map(|each| FeedRow::of(language, now, each));
    let this = held.plan.as_ref().map(|plan| {
        let of = &plan.changes;
        FeedRow {
            is_this: true,
            run: held.item.run,
            at: Moment::told(language, now, &held.item.held_at),
            state: HeldWords::of(language).this,
            numbers: grouped(language, [held.item.records, of.created, of.updated, of.withdrawn, of.refused]),
        }
    });
    this.into_iter().chain(earlier).collect()
}

fn grouped(language: Language, numbers: [u64; 5]) -> [String; 5] {
    numbers.map(|number| language.grouped(number))
}

impl FeedRow {
    fn of(language: Language, now: Timestamp, of: &EarlierAnswer) -> Self {
        let numbers = [of.records, of.inserted, of.updated, of.withdrawn, of.refused];
        Self {
            is_this: false,
            run: of.run,
            at: Moment::told(language, now, &of.at),
            state: feed_state(language, &of.state),
            numbers: grouped(language, numbers),
        }
    }
}

/// What became of a feed, in a word.
pub(super) fn feed_state(language: Language, state: &str) -> &'static str {
    let (english, german) = match state {
        "applied" => ("imported", "importiert"),
        "repeated" => ("nothing new", "nichts Neues"),
        "held" => ("held", "angehalten"),
        "checked" => ("only checked", "nur geprüft"),
        _ => ("refused", "abgewiesen"),
    };
    language.pick(english, german)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_per_cent() {
        let of = |old, new| change(old, new).map(|percent| signed(Language::German, percent));
        assert_eq!(of("24.00", "2.40").as_deref(), Some("−90,0 %"));
        assert_eq!(of("3", "4").as_deref(), Some("+33,3 %"));
        assert_eq!((of("0", "4"), of("x", "4")), (None, None));
    }

    #[test]
    fn an_amount_has_its_cents() {
        let of = |said| amount(Language::German, said);
        assert_eq!([of("35.4"), of("35"), of("35.4050"), of("x")], ["35,40", "35,00", "35,405", "x"]);
    }

    #[test]
    fn of_the_prices_of_a_sample_those_that_change_are_told() {
        let of = |old, new| prices(Language::German, old, new);
        assert_eq!(
            of("10 EUR (04), 39.1 USD (01)", "9.5 EUR (04), 39.1 USD (01)"),
            ["10,00 EUR (gebundener Preis mit MwSt.)", "9,50 EUR (gebundener Preis mit MwSt.)"]
        );
        assert_eq!(of("", "2 EUR (04/05)"), ["", "2,00 EUR (gebundener Preis mit MwSt., Endkunden)"]);
        assert_eq!(of("3 EUR (99), 4 EUR (02)…", "…"), ["3,00 EUR (99); 4,00 EUR (UVP mit MwSt.)…", "…"]);
    }

    #[test]
    fn a_price_jumps_beyond_the_factor() {
        let of = |old, new| is_jump(old, new, Decimal::new(25, 1));
        assert!(!of("10", "25") && of("10", "25.01") && !of("25", "10") && of("25", "9.99") && of("0", "1"));
    }

    #[test]
    fn the_headline_takes_the_first_reason() {
        let mut reasons =
            vec!["It would withdraw 5 of 9 products".to_owned(), "It would add 9 products to 9".to_owned()];
        let told = headline(Language::English, HeldWord::Open, &mut reasons);
        assert_eq!((told.as_str(), reasons.len()), ("Held: it would withdraw 5 of 9 products", 1));
        assert_eq!(headline(Language::English, HeldWord::Released, &mut reasons), "Released");
    }
}
