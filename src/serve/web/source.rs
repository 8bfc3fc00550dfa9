//! A source: its rhythm, how much it sends, what its feeds may change, what waits, and its versions to compare.

use super::asked::address;
use super::drifts::Drifts;
use super::expiry_rows::{ExpiryRow, expiring};
use super::filters;
use super::frame::{Frame, Section};
use super::held_feed::feed_state;
use super::held_words::{decimal, limit, limit_of_size, why};
use super::html::Html;
use super::language::{Advice, Language};
use super::moment::Moment;
use super::quarantine::kind_address;
use super::rhythm::{FEEDS_MAX, INTERVALS_MIN, Rhythm, TOGETHER, long};
use super::sources::name_of;
use super::visit::Viewer;
use super::who::who;
use super::words::{SharedWords, SourceWords};
use crate::access::Scope;
use crate::config::GuardLimits;
use crate::import::NO_SENDER;
use crate::serve::held::{self, HeldItem, HeldQuery, HeldWord};
use crate::serve::parameters::Name;
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::serve::sources::{self, SourceDetail};
use crate::serve::versions::{self, Version, VersionsQuery};
use crate::store::{CODED_ENTRIES_MAX, EarlierRun, ShareView};
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use std::sync::Arc;

/// Feeds that the volume is made of, and that are told one by one.
const FEEDS: usize = 31;
/// Codes of the quarantine that are told.
const CODES: u32 = 20;
/// Held feeds that are told.
const HELD: u32 = 10;
/// Versions that are told.
const VERSIONS: u32 = 30;
/// Links that are told.
const SHARES: u32 = 50;
/// Size of the picture, and its points.
const WIDTH: u64 = 600;
const HEIGHT: u64 = 96;
const DOT: u64 = 3;

#[derive(Template)]
#[template(path = "web/source.html")]
struct View {
    frame: Frame,
    words: &'static SourceWords,
    name: String,
    is_nobody: bool,
    verdict: Verdict,
    facts: Vec<(&'static str, String)>,
    usual: String,
    late_from: Option<Moment>,
    has_silent_days: bool,
    good: Option<(i64, Moment)>,
    runs: String,
    volume: Option<Volume>,
    feeds: Vec<FeedRow>,
    format: Option<String>,
    limits: Vec<(&'static str, &'static str, String)>,
    codes: Vec<Code>,
    is_code_part: Option<String>,
    quarantine: String,
    held: Vec<Held>,
    versions: Vec<VersionRow>,
    can_compare: bool,
    not_kept: Option<String>,
    share_words: &'static SharedWords,
    shares: Vec<Shared>,
    /// `None` when nothing is known.
    expiring: Option<Vec<ExpiryRow>>,
    drifts: Drifts,
}

/// A link to one of its records.
struct Shared {
    share: ShareView,
    by: String,
    made: Option<Moment>,
    until: Option<Moment>,
}

/// Why records wait.
struct Code {
    word: String,
    field: String,
    gist: Option<&'static str>,
    count: String,
    address: String,
}

/// How it stands with it, in a sentence.
struct Verdict {
    class: &'static str,
    sign: &'static str,
    words: String,
}

/// Records of the last feeds, oldest first.
struct Volume {
    width: u64,
    height: u64,
    line: String,
    dots: Vec<Dot>,
    words: String,
    /// When the first and the last of them came.
    ends: Option<[Moment; 2]>,
    has_held: bool,
    has_refused: bool,
}

struct Dot {
    x: u64,
    y: u64,
    class: &'static str,
}

struct FeedRow {
    run: i64,
    at: Option<Moment>,
    state: &'static str,
    class: &'static str,
    records: String,
    refused: String,
}

struct Held {
    id: i64,
    feed: String,
    why: Vec<String>,
    at: Option<Moment>,
}

struct VersionRow {
    version: Version,
    at: Option<Moment>,
    records: String,
    is_old: bool,
    is_new: bool,
}

/// Shows it.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    viewer: Viewer,
    Name(name): Name,
) -> Result<Html, Problem> {
    let caller = &viewer.caller;
    let detail = sources::detail(&service, caller, &name, FEEDS_MAX, CODES).await?;
    let open = HeldQuery {
        state: Some(HeldWord::Open),
        source: Some(name.clone()),
        limit: Some(HELD),
        ..HeldQuery::default()
    };
    let held = held::page_of(&service, caller, open).await?.items;
    let query = VersionsQuery { limit: Some(VERSIONS), cursor: None };
    let versions = versions::page_of(&service, caller, &name, &query).await?.items;
    let shares = if viewer.may(Scope::Operate) {
        service.store.shares(&name, service.now(), SHARES).await?
    } else {
        Vec::new()
    };
    let drifts = Drifts::of(&service, &viewer, &name).await?;
    Html::of(&View { drifts, ..View::of(&service, &viewer, &name, &detail, held, versions, shares) })
}

impl View {
    fn of(
        service: &Service,
        viewer: &Viewer,
        name: &str,
        detail: &SourceDetail,
        held: Vec<HeldItem>,
        versions: Vec<Version>,
        shares: Vec<ShareView>,
    ) -> Self {
        let (language, now) = (viewer.visit.language, service.now());
        let words = SourceWords::of(language);
        let moments: Vec<Timestamp> = detail.feeds.iter().filter_map(|feed| feed.at.parse().ok()).collect();
        let rhythm = Rhythm::of(&moments);
        let feeds = &detail.feeds[..detail.feeds.len().min(FEEDS)];
        let format = versions.first().map(|version| version.format.clone());
        let guard = service.plan.import.guard.limits(name, format.as_deref().unwrap_or_default());
        let source = &detail.source;
        let code = |of: &crate::store::CodeCount| Code {
            word: of.code.clone(),
            gist: language.advice(&of.code).map(Advice::gist),
            count: language.grouped(of.records),
            field: of.field.clone(),
            address: kind_address(name, &of.code, &of.field),
        };
        let (kept, not_kept): (Vec<_>, Vec<_>) =
            versions.into_iter().partition(|version| version.packed_bytes.is_some());
        let title = name_of(language, name).to_owned();
        let is_nobody = name == NO_SENDER;
        let seen = service.expiring.seen();
        let verdict = if is_nobody {
            Verdict { class: "plain", sign: "○", words: words.nobody.to_owned() }
        } else {
            Verdict::bad(language, now, &detail.feeds, source)
                .or_else(|| Verdict::of(language, now, rhythm?, moments.first().copied()))
                .unwrap_or_else(|| Verdict::unknown(language, now, source))
        };
        Self {
            frame: Frame::of(&viewer.visit, Section::Sources, title.clone()),
            is_nobody,
            words,
            verdict,
            has_silent_days: rhythm.is_some_and(|rhythm| rhythm.has_silent_days),
            facts: facts(language, source),
            usual: rhythm.map_or_else(|| unknown(language, &moments), |rhythm| long(language, rhythm.usual)),
            late_from: rhythm.map(|rhythm| Moment::of(language, now, rhythm.late_from)),
            good: source
                .last_good
                .as_ref()
                .and_then(|good| Some((good.run, Moment::told(language, now, &good.at)?))),
            runs: address("/", &[("source", name)]),
            volume: Volume::of(language, now, feeds),
            feeds: feeds.iter().map(|feed| FeedRow::of(language, now, feed)).collect(),
            format,
            limits: limits(language, &guard),
            codes: detail.codes.iter().map(code).collect(),
            is_code_part: (source.quarantined > u64::from(CODED_ENTRIES_MAX)).then(|| part(language)),
            quarantine: address("/quarantine", &[("source", name)]),
            held: held.into_iter().map(|item| Held::of(language, now, item)).collect(),
            can_compare: kept.len() > 1,
            not_kept: not_kept_told(language, not_kept.len() as u64),
            versions: version_rows(language, now, kept),
            expiring: expiring(language, now, &seen, name),
            drifts: Drifts::default(),
            share_words: SharedWords::of(language),
            shares: shares.into_iter().map(|share| Shared::of(language, now, share)).collect(),
            name: title,
        }
    }
}

/// Over how many entries kinds of faults are counted.
pub(super) fn part(language: Language) -> String {
    let number = language.grouped(CODED_ENTRIES_MAX.into());
    match language {
        Language::English => format!("Counted over {number} of them."),
        Language::German => format!("Gezählt über {number} davon."),
    }
}

/// How many feeds were imported whose bytes are not there any more.
fn not_kept_told(language: Language, number: u64) -> Option<String> {
    let words = [["other feed is", "other feeds are"], ["andere Lieferung ist", "andere Lieferungen sind"]];
    let told = language.counted(number, words);
    (number > 0).then(|| format!("{told} {}.", language.pick("not kept", "nicht aufbewahrt")))
}

impl Verdict {
    /// Of a source whose last feeds brought nothing: when something was imported last, and what came since.
    fn bad(
        language: Language,
        now: Timestamp,
        came: &[EarlierRun],
        source: &sources::Source,
    ) -> Option<Self> {
        let bad: Vec<_> = came.iter().take_while(|feed| !is_good(feed)).collect();
        let first = bad.last()?;
        let held = source.held.min(bad.iter().filter(|feed| feed.state == "held").count() as u64);
        let other = bad.len() as u64 - held;
        let told = |number: u64, words: [[&str; 2]; 2]| (number > 0).then(|| language.counted(number, words));
        let all = [
            told(held, [["feed held", "feeds held"], ["Lieferung angehalten", "Lieferungen angehalten"]]),
            told(
                other,
                [["feed refused", "feeds refused"], ["Lieferung abgewiesen", "Lieferungen abgewiesen"]],
            ),
        ];
        let why = all.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let at = |said: &str| Moment::told(language, now, said).map(|at| at.short);
        let last = match (came.get(bad.len()), &source.last_good, language) {
            (Some(good), _, Language::English) => format!("Last import {} UTC, since then", at(&good.at)?),
            (Some(good), _, Language::German) => format!("Letzter Import {} UTC, seitdem", at(&good.at)?),
            (None, None, _) => {
                language.pick("Nothing was imported yet", "Noch wurde nichts importiert").to_owned()
            }
            (None, Some(_), Language::English) => {
                format!("Nothing was imported since {} UTC", at(&first.at)?)
            }
            (None, Some(_), Language::German) => {
                format!("Seit {} UTC wurde nichts importiert", at(&first.at)?)
            }
        };
        let (class, sign) = if held > 0 { ("held", "‖") } else { ("error", "●") };
        Some(Self { class, sign, words: format!("{last}: {why}") })
    }

    fn of(language: Language, now: Timestamp, rhythm: Rhythm, last: Option<Timestamp>) -> Option<Self> {
        let since = long(language, now.duration_since(last?));
        let usual = long(language, rhythm.usual);
        let (class, sign, words) = match (rhythm.is_late(now), language) {
            (true, Language::English) => {
                ("warning", "▲", format!("Late: the last feed came {since} ago, {usual} are usual"))
            }
            (true, Language::German) => (
                "warning",
                "▲",
                format!("Verspätet: Die letzte Lieferung kam vor {since}, üblich sind {usual}"),
            ),
            (false, _) => ("notice", "✓", language.pick("On time", "Pünktlich").to_owned()),
        };
        Some(Self { class, sign, words })
    }

    /// Of a source of which it is not known when it sends: when something of it was imported last, and what waits.
    fn unknown(language: Language, now: Timestamp, source: &sources::Source) -> Self {
        let good = source.last_good.as_ref().and_then(|good| Moment::told(language, now, &good.at));
        let last = match (good, language) {
            (None, _) => language.pick("Nothing was imported yet", "Noch wurde nichts importiert").to_owned(),
            (Some(at), Language::English) => format!("Last import {}", at.ago),
            (Some(at), Language::German) => format!("Letzter Import {}", at.ago),
        };
        let records = [["record waits", "records wait"], ["Datensatz wartet", "Datensätze warten"]];
        let held = [["feed is held", "feeds are held"], ["Lieferung angehalten", "Lieferungen angehalten"]];
        let some = |number: u64, nouns| (number > 0).then(|| language.counted(number, nouns));
        let waits = [some(source.held, held), some(source.quarantined, records)];
        let words = std::iter::once(last).chain(waits.into_iter().flatten()).collect::<Vec<_>>().join(", ");
        Self { class: "plain", sign: "○", words }
    }
}

/// Whether something of a feed was imported, or was there before.
fn is_good(feed: &EarlierRun) -> bool {
    matches!(feed.state.as_str(), "applied" | "repeated")
        && (feed.records == 0 || feed.refused < feed.records)
}

/// Why it is not known when a source sends: it has sent too little yet, or all of it together.
fn unknown(language: Language, moments: &[Timestamp]) -> String {
    let (feeds, apart) = (INTERVALS_MIN + 1, TOGETHER.as_mins());
    match (language, moments.len() < feeds) {
        (Language::English, true) => format!("not known yet: {feeds} feeds are needed"),
        (Language::German, true) => format!("noch nicht bekannt: {feeds} Lieferungen sind nötig"),
        (Language::English, false) => {
            format!("not known yet: {feeds} feeds are needed that came more than {apart} min apart")
        }
        (Language::German, false) => {
            format!("noch nicht bekannt: {feeds} Lieferungen mit mehr als {apart} Min. Abstand sind nötig")
        }
    }
}

fn facts(language: Language, source: &sources::Source) -> Vec<(&'static str, String)> {
    let words = SourceWords::of(language);
    let numbers =
        [(words.products, source.products), (words.waiting, source.quarantined), (words.held, source.held)];
    numbers.into_iter().map(|(name, number)| (name, language.grouped(number))).collect()
}

/// The limits in force, with what they are about.
fn limits(language: Language, of: &GuardLimits) -> Vec<(&'static str, &'static str, String)> {
    let words = SourceWords::of(language);
    let told = |name, setting, said: &crate::config::GuardLimit| {
        (name, setting, limit(language, &said.to_string(), language.pick("products", "Produkte")))
    };
    let refused = limit(language, &of.refused.to_string(), language.pick("records", "Datensätze"));
    let size = |name, setting, said: &crate::config::GuardLimit| {
        (name, setting, limit_of_size(language, &said.to_string()))
    };
    vec![
        told(words.may_withdraw, "guard.withdraw", &of.withdraw),
        told(words.may_unavailable, "guard.unavailable", &of.unavailable),
        told(words.may_price, "guard.price", &of.price),
        told(words.may_jump, "guard.price_jump", &of.price_jump),
        (words.factor, "guard.price_factor", decimal(language, &of.price_factor.to_string())),
        (words.may_refused, "guard.refused", refused),
        told(words.may_update, "guard.update", &of.update),
        told(words.may_create, "guard.create", &of.create),
        told(words.may_title, "guard.same_title", &of.same_title),
        size(words.may_shrink, "guard.size_min", &of.size_min),
        size(words.may_grow, "guard.size_max", &of.size_max),
    ]
}

impl Volume {
    /// Of feeds, newest first; none where there is no line to see.
    fn of(language: Language, now: Timestamp, feeds: &[EarlierRun]) -> Option<Self> {
        let of_whole = || feeds.iter().filter(|feed| class(&feed.state) != "error").map(|feed| feed.records);
        let most = of_whole().max().filter(|most| *most > 0 && feeds.len() > 1)?;
        let last = feeds.len() as u64 - 1;
        let dots: Vec<Dot> =
            feeds.iter().rev().zip(0_u64..).map(|(feed, at)| Dot::of(feed, at, last, most)).collect();
        // What was refused as a whole may have broken off anywhere.
        let whole = dots.iter().filter(|dot| dot.class != "error");
        let line: Vec<String> = whole.map(|dot| format!("{},{}", dot.x, dot.y)).collect();
        let fewest = of_whole().min().unwrap_or_default();
        let [fewest, most] = [fewest, most].map(|number| language.grouped(number));
        let number = of_whole().count();
        let words = match language {
            Language::English if fewest == most => format!("{number} feeds of {most} records each"),
            Language::German if fewest == most => format!("{number} Lieferungen mit je {most} Datensätzen"),
            Language::English => format!("{number} feeds, from {fewest} to {most} records"),
            Language::German => format!("{number} Lieferungen, von {fewest} bis {most} Datensätzen"),
        };
        let end = |feed: Option<&EarlierRun>| Moment::told(language, now, &feed?.at);
        let has = |sought: &str| dots.iter().any(|dot| dot.class == sought);
        Some(Self {
            width: WIDTH,
            height: HEIGHT,
            line: line.join(" "),
            words,
            ends: end(feeds.last()).zip(end(feeds.first())).map(|(first, last)| [first, last]),
            has_held: has("held"),
            has_refused: has("error"),
            dots,
        })
    }
}

impl Dot {
    fn of(feed: &EarlierRun, at: u64, last: u64, most: u64) -> Self {
        let height = u128::from(feed.records) * u128::from(HEIGHT - 2 * DOT) / u128::from(most);
        Self {
            x: DOT + at * (WIDTH - 2 * DOT) / last.max(1),
            y: HEIGHT - DOT - u64::try_from(height).unwrap_or_default().min(HEIGHT - 2 * DOT),
            class: class(&feed.state),
        }
    }
}

/// The colour of what became of a feed.
fn class(state: &str) -> &'static str {
    match state {
        "applied" | "repeated" | "checked" => "plain",
        "held" => "held",
        _ => "error",
    }
}

impl FeedRow {
    fn of(language: Language, now: Timestamp, of: &EarlierRun) -> Self {
        Self {
            run: of.run.0,
            at: Moment::told(language, now, &of.at),
            state: feed_state(language, &of.state),
            class: class(&of.state),
            records: language.grouped(of.records),
            refused: language.grouped(of.refused),
        }
    }
}

impl Shared {
    fn of(language: Language, now: Timestamp, share: ShareView) -> Self {
        Self {
            until: Moment::told(language, now, &share.expires_at),
            made: Moment::told(language, now, &share.created_at),
            by: who(language, &share.who),
            share,
        }
    }
}

impl Held {
    fn of(language: Language, now: Timestamp, item: HeldItem) -> Self {
        let why = why(language, &item);
        Self { id: item.id, why, at: Moment::told(language, now, &item.held_at), feed: item.feed }
    }
}

/// Versions that are kept, newest first; the two newest are chosen.
fn version_rows(language: Language, now: Timestamp, versions: Vec<Version>) -> Vec<VersionRow> {
    let mut kept = 0;
    let row = |version: Version| {
        kept += 1;
        VersionRow {
            at: Moment::told(language, now, &version.imported_at),
            records: language.grouped(version.records),
            is_new: kept == 1,
            is_old: kept == 2,
            version,
        }
    };
    versions.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RunId;

    fn feed(records: u64, state: &str) -> EarlierRun {
        EarlierRun {
            run: RunId(1),
            at: "2026-11-23T04:03:51.123Z".to_owned(),
            state: state.to_owned(),
            records,
            inserted: 0,
            updated: 0,
            withdrawn: 0,
            refused: 0,
        }
    }

    #[test]
    fn the_line_goes_from_old_to_new_and_stays_in_its_picture() {
        let now = "2026-11-25T04:00:00Z".parse().expect("a moment");
        let of = |feeds: &[EarlierRun]| Volume::of(Language::English, now, feeds);
        let volume = of(&[feed(0, "held"), feed(50, "applied"), feed(100, "applied")]);
        let volume = volume.expect("three feeds");
        assert_eq!(volume.line, "3,3 300,48 597,93");
        assert_eq!(volume.dots[2].class, "held");
        assert_eq!(volume.words, "3 feeds, from 0 to 100 records");
        assert!(volume.has_held && !volume.has_refused);
        assert_eq!(volume.ends.map(|[first, _]| first.short), Some("23 Nov, 04:03".to_owned()));
        assert!(of(&[feed(5, "applied")]).is_none());
        assert!(of(&[feed(0, "applied"), feed(0, "applied")]).is_none());
        let same = of(&[feed(5, "repeated"), feed(5, "applied")]).expect("two feeds");
        assert_eq!((same.words.as_str(), same.dots[1].class), ("2 feeds of 5 records each", "plain"));
        let broken = of(&[feed(5, "applied"), feed(2, "refused"), feed(5, "applied")]).expect("three feeds");
        assert_eq!((broken.line.as_str(), broken.has_refused), ("3,3 597,3", true));
        assert_eq!(broken.words, "2 feeds of 5 records each");
        assert!(of(&[feed(9, "refused"), feed(0, "applied")]).is_none());
    }

    #[test]
    fn a_source_of_which_nothing_comes_through_is_said_to_be_so() {
        let now = "2026-11-25T04:00:00Z".parse().expect("a moment");
        let source = sources::Source { held: 1, ..sources::Source::default() };
        let told = |feeds: &[EarlierRun]| {
            let bad = Verdict::bad(Language::English, now, feeds, &source);
            bad.map(|verdict| (verdict.class, verdict.words))
        };
        assert_eq!(told(&[feed(5, "applied"), feed(5, "held")]), None);
        assert_eq!(told(&[]), None);
        let words = "Last import 23 Nov, 04:03 UTC, since then: 1 feed held, 3 feeds refused";
        let all_refused = EarlierRun { refused: 5, ..feed(5, "applied") };
        let refused_since = feed(5, "held");
        let feeds = [all_refused, feed(5, "held"), refused_since, feed(0, "refused"), feed(5, "applied")];
        assert_eq!(told(&feeds), Some(("held", words.to_owned())));
        let words = "Nothing was imported yet: 1 feed refused";
        assert_eq!(told(&[feed(0, "refused")]), Some(("error", words.to_owned())));
    }

    #[test]
    fn why_no_rhythm_is_known_is_told() {
        let at = |minutes: i64| Timestamp::from_second(1_800_000_000 + minutes * 60).expect("in range");
        let of = |number: i64| unknown(Language::English, &(0..number).map(at).collect::<Vec<_>>());
        assert_eq!(of(5), "not known yet: 6 feeds are needed");
        assert_eq!(of(6), "not known yet: 6 feeds are needed that came more than 15 min apart");
    }

    #[test]
    fn a_late_source_is_said_to_be_late() {
        let at = |hours: i64| Timestamp::from_second(1_800_000_000 + hours * 3_600).expect("in range");
        let moments: Vec<_> = (0..6).rev().map(|day| at(day * 24)).collect();
        let rhythm = Rhythm::of(&moments).expect("six feeds");
        let told = |now| {
            let verdict = Verdict::of(Language::English, now, rhythm, moments.first().copied());
            verdict.expect("there is a last one").words
        };
        assert_eq!(told(at(5 * 24 + 1)), "On time");
        assert_eq!(told(at(7 * 24)), "Late: the last feed came 2 days ago, 24 h are usual");
    }
}
