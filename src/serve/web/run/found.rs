//! What stands with a run: its held feed, what was found most, and what is said of that.

use super::super::asked::address;
use super::super::findings::{Samples, extent, heading, samples, severity};
use super::super::held_words::why;
use super::super::language::Language;
use super::super::visit::Viewer;
use super::undo::may_roll_back;
use super::{all_findings, is_turned_down};
use crate::judgement::Severity;
use crate::serve::held::{self, HeldItem, HeldQuery, HeldWord};
use crate::serve::problem::{Kind, Problem};
use crate::serve::run::{Run, StateWord};
use crate::serve::service::Service;
use crate::store::{FindingFilter, GroupView, KindFilter, RunFilter, RunId};

/// Sentences that are told below the first one.
const REASONS_MAX: usize = 3;
/// Kinds of findings that are told with a run.
const KINDS: u32 = 5;
/// Findings that are told with the first sentence: what a feed is held for, why it was not released, and that it counts
/// for another source than its header names.
const IN_HEADLINE: [&str; 3] = ["rule.guard", PLAN_CHANGED, DOUBTED];
/// A source was said by hand that the header does not name.
const DOUBTED: &str = "rule.source-doubted";
/// A held feed was let in as it was seen, and would do something else by then.
const PLAN_CHANGED: &str = "rule.plan-changed";
/// Messages seem to be missing.
const GAP: &str = "rule.message-gap";
/// Held feeds that are looked at for them.
const HELD_MAX: u32 = 50;
/// Faults of whole feeds whose sentences say what is to be done.
const SAY_WHAT_TO_DO: [&str; 10] = [
    "xml.cut-off",
    "xml.empty",
    "xml.packing",
    "xml.not-xml",
    "xml.second-root",
    "xml.second-document",
    "feed.html-page",
    "feed.other-document",
    "feed.not-read",
    "feed.server-error",
];
const FINDINGS: [[&str; 2]; 2] = [["finding", "findings"], ["Befund", "Befunde"]];

/// A kind of findings, in a line.
pub(super) struct KindLine {
    pub(super) sentence: String,
    pub(super) severity: &'static str,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) count: String,
    pub(super) address: String,
}

/// What stands with a run.
#[derive(Default)]
pub(super) struct Found {
    /// Its held feed, if it held one.
    pub(super) held: Option<HeldItem>,
    /// The kinds of findings that stand in most records.
    pub(super) kinds: Vec<GroupView>,
    /// A few of each of them.
    pub(super) samples: Samples,
    /// How many kinds there are, and how many findings: with those that were only counted, where all may be seen.
    pub(super) all: (u64, u64),
    /// The one feed of it was read, and nothing of it taken.
    pub(super) is_turned_down: bool,
    /// The run of the same source whose turn is before.
    pub(super) waits_for: Option<i64>,
    /// A held feed of the source whose message came before: it is not missing.
    pub(super) held_before: Option<HeldItem>,
    /// Runs that have changed something since; none where it cannot be rolled back.
    pub(super) followers: Option<u64>,
}

impl Found {
    pub(super) async fn of(service: &Service, viewer: &Viewer, run: &Run) -> Result<Self, Problem> {
        let (id, visible_source) = (RunId(run.id), viewer.caller.0.source());
        let kinds = KindFilter { visible_source, limit: KINDS, ..KindFilter::default() };
        let all = FindingFilter { visible_source, ..FindingFilter::default() };
        let held = match run.read.iter().find(|feed| feed.state == "held") {
            Some(feed) => match held::one(service, &viewer.caller, feed.id).await {
                Ok(held) => Some(held.item),
                // It was to be let in, and is held as it was before.
                Err(problem) if problem.kind() == Kind::NotFound => None,
                Err(problem) => return Err(problem),
            },
            None => None,
        };
        let mut kinds = service.store.kinds(id, kinds).await?;
        if kinds.len() >= KINDS as usize && !kinds.iter().any(|kind| kind.group.code == DOUBTED) {
            // It stands in no record, and so behind all that does.
            let doubted =
                KindFilter { visible_source, code: Some(DOUBTED), limit: 1, ..KindFilter::default() };
            kinds.extend(service.store.kinds(id, doubted).await?);
        }
        let held_before = held_before(service, viewer, run, &kinds).await?;
        let (all_kinds, found) = service.store.group_count(id, all).await?;
        let findings = all_findings(run);
        Ok(Self {
            held,
            samples: samples(service, viewer, run.id, &kinds).await?,
            kinds,
            all: (all_kinds, findings.max(found)),
            is_turned_down: is_turned_down(run),
            waits_for: waits_for(service, viewer, run).await?,
            held_before,
            followers: if may_roll_back(viewer, run) { service.store.followers(id).await? } else { None },
        })
    }

    /// Warnings that only say that a feed is held, and for what.
    pub(super) fn held_for(&self) -> u64 {
        let told = self.kinds.iter().filter(|kind| IN_HEADLINE.contains(&kind.group.code.as_str()));
        told.filter(|kind| kind.group.severity == Severity::Warning).map(|kind| kind.group.count).sum()
    }

    /// Whether the sentence of what is wrong says what is to be done.
    pub(super) fn says_what_to_do(&self) -> bool {
        let fatal = self.kinds.iter().filter(|kind| kind.group.severity == Severity::Fatal);
        fatal.map(|kind| kind.group.code.as_str()).any(|code| SAY_WHAT_TO_DO.contains(&code))
    }

    /// The held feed that was not released, as its finding says.
    pub(super) fn not_released(&self) -> Option<i64> {
        let kind = self.kinds.iter().find(|kind| kind.group.code == PLAN_CHANGED)?;
        kind.group.sentence.strip_prefix("Held feed ")?.split(' ').next()?.parse().ok()
    }

    /// What is said below the sentence: what a held feed would do besides, why one could not be read.
    pub(super) fn reasons(&self, language: Language, is_broken: bool) -> Vec<String> {
        if let Some(held) = &self.held {
            if held.state != HeldWord::Open {
                return Vec::new();
            }
            return why(language, held).into_iter().skip(usize::from(!held.exceeded.is_empty())).collect();
        }
        let says = |kind: &&GroupView| {
            let is_fatal = is_broken && kind.group.severity == Severity::Fatal;
            is_fatal || self.is_in_headline(kind)
        };
        let told = self.kinds.iter().filter(says).take(REASONS_MAX);
        told.map(|kind| language.sentence(&kind.group.sentence)).collect()
    }

    /// Whether it is told with the first sentence: it says why nothing of the feed was taken.
    pub(super) fn is_in_headline(&self, kind: &GroupView) -> bool {
        let refuses_all = self.is_turned_down
            && kind.group.severity == Severity::Error
            && kind.group.records == Some(0)
            && kind.group.code.starts_with("rule.");
        refuses_all || IN_HEADLINE.contains(&kind.group.code.as_str())
    }

    /// How many findings there are, when there are any that do not stand above.
    pub(super) fn told(&self, language: Language) -> Option<String> {
        let findings = |number| language.counted(number, FINDINGS);
        match (self.all, language) {
            ((0, _), _) => None,
            ((1, _), _) if self.kinds.iter().any(|kind| self.is_in_headline(kind)) => None,
            ((1, 1), _) => Some(language.pick("See the finding", "Befund ansehen").to_owned()),
            ((1, number), Language::English) => Some(format!("See all {}", findings(number))),
            ((1, number), Language::German) => Some(format!("Alle {} ansehen", findings(number))),
            ((kinds, number), Language::English) => {
                Some(format!("See all {} kinds, {}", language.grouped(kinds), findings(number)))
            }
            ((kinds, number), Language::German) => {
                Some(format!("Alle {} Arten ansehen, {}", language.grouped(kinds), findings(number)))
            }
        }
    }
}

/// Of a run before whose message others are missing: a held feed of the source that is one of these.
async fn held_before(
    service: &Service,
    viewer: &Viewer,
    run: &Run,
    kinds: &[GroupView],
) -> Result<Option<HeldItem>, Problem> {
    let gap = |kinds: &[GroupView]| {
        let gap = kinds.iter().find(|kind| kind.group.code == GAP);
        gap.and_then(|kind| message_behind(&kind.group.sentence))
    };
    let mut number = gap(kinds);
    if number.is_none() && kinds.len() >= KINDS as usize {
        // It stands in no record, and so behind all that does.
        let visible_source = viewer.caller.0.source();
        let of_code = KindFilter { visible_source, code: Some(GAP), limit: 1, ..KindFilter::default() };
        number = gap(&service.store.kinds(RunId(run.id), of_code).await?);
    }
    let (Some(number), Some(read)) = (number, run.read.first()) else { return Ok(None) };
    let open = HeldQuery {
        state: Some(HeldWord::Open),
        source: Some(read.source.clone()),
        limit: Some(HELD_MAX),
        ..HeldQuery::default()
    };
    let held = held::page_of(service, &viewer.caller, open).await?.items;
    let is_before = |item: &HeldItem| item_number(item).is_some_and(|before| before < number);
    Ok(held.into_iter().find(is_before))
}

fn item_number(item: &HeldItem) -> Option<u64> {
    item.message_number.as_deref()?.trim().parse().ok()
}

/// The message that others are missing before, as the sentence of the finding says.
fn message_behind(sentence: &str) -> Option<u64> {
    sentence.split_once(" before message ")?.1.split(':').next()?.parse().ok()
}

/// The run that one waits for: imports of a source are done one after another.
pub(super) async fn waits_for(service: &Service, viewer: &Viewer, run: &Run) -> Result<Option<i64>, Problem> {
    let Some(source) = run.source.as_deref().filter(|_| run.state == "queued" && run.command == "import")
    else {
        return Ok(None);
    };
    for state in [StateWord::Running, StateWord::Queued] {
        let filter = RunFilter {
            state: Some(state.as_str()),
            source: Some(source),
            visible_source: viewer.caller.0.source(),
            before: Some(RunId(run.id)),
            limit: 1,
        };
        if let Some(before) = service.store.run_records(filter).await?.first() {
            return Ok(Some(before.id.0));
        }
    }
    Ok(None)
}

impl KindLine {
    pub(super) fn of(
        language: Language,
        run: i64,
        GroupView { feed, group }: GroupView,
        samples: &Samples,
    ) -> Self {
        let words = severity(language, group.severity);
        let key = (feed, group.fingerprint.clone());
        let some = samples.get(&key).map(Vec::as_slice).unwrap_or_default();
        Self {
            severity: words.name,
            class: words.class,
            sign: words.sign,
            count: extent(language, group.count, group.records),
            address: address(&format!("/runs/{run}/findings"), &[("code", &group.code)]),
            sentence: heading(language, &group, some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_that_others_are_missing_before_is_known_by_its_sentence() {
        let of = |missing| message_behind(&crate::import::gap_sentence(missing, "12"));
        assert_eq!((of(1), of(3)), (Some(12), Some(12)));
    }
}
