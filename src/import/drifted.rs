//! A feed that is valid, held against those before it: what is told of it, and whether it is let in.

use super::baselines::{Judged, Usual};
use super::feed::OpenFeed;
use super::guard::{Exceeded, GuardKind};
use super::writer::Writer;
use crate::config::DriftPolicy;
use crate::drift::{Drift, FirstRecord, Profile, RecordKind};
use crate::judgement::{FeedEnd, Finding, RecordOrdinal, Severity, fingerprint};
use crate::product::RecordReference;
use crate::store::StoreError;
use crate::xml::{ByteOffset, Place};

/// More drifts than are told one by one.
const MORE: &str = "drift.more";

/// What there is to say of a feed.
#[derive(Debug, Default)]
pub(super) struct Drifts {
    pub(super) findings: Vec<Finding>,
    /// Sentences of those for which it is held.
    pub(super) holding: Vec<String>,
}

impl Writer {
    /// Holds a feed against what is usual of its source.
    pub(super) async fn drifts(
        &mut self,
        feed: &mut OpenFeed,
        end: &mut FeedEnd,
    ) -> Result<Drifts, StoreError> {
        // What cannot be read was never gathered by us; then there is nothing to say.
        let Some(profile) = end.structure.take().and_then(|packed| Profile::unpack(&packed).ok()) else {
            return Ok(Drifts::default());
        };
        let (source, format) = (&feed.source, feed.format());
        if self.baselines.lacks(source, format) {
            let (earlier, accepted) = self.target.usual(source, format).await?;
            self.baselines.insert(source, format, Usual::read(earlier, &accepted));
        }
        let settings = &self.plan.drift;
        let policy = |drift: &Drift| settings.policy(source, format, &drift.subject.path);
        let usual = self.baselines.of(source, format).expect("inserted above if it was not there");
        let judged = usual.judge(&profile, |drift| policy(drift) == DriftPolicy::Hold);
        end.baseline_runs = Some(judged.runs);
        let drifts = told(judged, policy, settings.alarms_max);
        feed.profile = Some(profile);
        Ok(drifts)
    }
}

impl Drifts {
    /// Those that hold the feed count with what exceeds limits.
    pub(super) fn weigh(&self, feed: &mut OpenFeed) {
        let (count, base) = (self.holding.len() as u64, feed.watch.changes.records);
        if let Some(weighed) = feed.weighed.as_mut().filter(|_| count > 0) {
            let limit = "hold".to_owned();
            weighed.exceeded.push(Exceeded { kind: GuardKind::Drift, count, base, limit });
            weighed.drifts.clone_from(&self.holding);
        }
    }
}

/// The findings of drifts: those for which the feed is held are told first, then those that concern most records.
fn told(judged: Judged, policy: impl Fn(&Drift) -> DriftPolicy, alarms_max: usize) -> Drifts {
    let with_policy = judged.drifts.into_iter().map(|drift| (policy(&drift), drift));
    let (holding, others): (Vec<_>, Vec<_>) =
        with_policy.partition(|(policy, _)| *policy == DriftPolicy::Hold);
    let held = holding.iter().map(|(_, drift)| drift.sentence.clone()).collect();
    let mut all = holding;
    all.extend(others);
    let more = all.split_off(alarms_max.min(all.len()));
    let findings = all.iter().map(|(policy, drift)| finding(drift, severity(*policy)));
    let more = more.iter().map(|(policy, _)| severity(*policy)).max().map(|most| beyond(more.len(), most));
    Drifts { findings: findings.chain(more).collect(), holding: held }
}

/// What a drift weighs: never so much that a record is refused for it.
const fn severity(policy: DriftPolicy) -> Severity {
    match policy {
        DriftPolicy::Observe => Severity::Notice,
        DriftPolicy::Warn | DriftPolicy::Hold => Severity::Warning,
    }
}

/// The finding of a drift, at the first record that shows it.
fn finding(drift: &Drift, severity: Severity) -> Finding {
    let Drift { kind, subject, sentence, expected, observed, first, .. } = drift;
    let place = first.as_ref().and_then(|first| first.place.as_ref());
    let key = place.and_then(|place| RecordReference::new(&place.key));
    let line = place.map_or(0, |place| place.line);
    let column = u64::from(line > 0);
    let of = subject.kind.map_or("", RecordKind::as_str);
    Finding {
        path: subject.path.to_string(),
        found: observed.clone(),
        expected: expected.clone(),
        record: first.as_ref().map(|FirstRecord { ordinal, .. }| RecordOrdinal(*ordinal)),
        key,
        fingerprint: fingerprint(kind.code(), &subject.path, of),
        ..Finding::new(severity, kind.code(), sentence.clone(), Place { byte: ByteOffset(0), line, column })
    }
}

fn beyond(count: usize, severity: Severity) -> Finding {
    let sentence = match count {
        1 => "1 drift more is not told alone (`drift.alarms_max`)".to_owned(),
        _ => format!("{count} drifts more are not told one by one (`drift.alarms_max`)"),
    };
    Finding { found: count.to_string(), ..Finding::new(severity, MORE, sentence, Place::default()) }
}
