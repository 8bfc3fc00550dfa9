//! The feed that is being written, and how to forget it.

use super::held::Weighed;
use super::identity::Claims;
use super::notes::Notes;
use super::order::{self, Age};
use super::rules;
use super::watch::Watch;
use crate::drift::Profile;
use crate::feed::{Rule, Unavailable};
use crate::judgement::{Acceptance, FeedEnd, FeedStart, Finding, Outcome, Severity, TellingWriter};
use crate::product::RecordReference;
use crate::store::{
    Counts, Digest, EarlierFeed, FeedState, FeedVersion, Known, KnownProduct, Mark, RunId, StagedAt,
    Tombstone,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// Changes to what is known that are remembered one by one; a feed with more is forgotten by reading
/// all of its source again.
pub(super) const UNDO_MAX: usize = 20_000;
/// Withdrawals of unknown products that one feed leaves a note of.
pub(super) const TOMBSTONES_MAX: usize = 100_000;
/// The source of feeds that do not say who sent them.
pub const NO_SENDER: &str = "unknown";
/// The format of feeds that have none.
pub const NO_FORMAT: &str = "none";

/// A feed between its start and its end.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
pub(super) struct OpenFeed {
    pub(super) start: FeedStart,
    pub(super) source: String,
    /// Nobody says whose products it brings.
    pub(super) is_anonymous: bool,
    /// The name under which its source was known until now.
    pub(super) renamed: Option<String>,
    /// Whom its header names, when it counts for somebody else.
    pub(super) doubt: Option<String>,
    /// Whether nothing was known of its source.
    pub(super) is_first: bool,
    /// Something is wrong outside of its records: what it does not mention may stand there.
    pub(super) wrong_outside: bool,
    /// Its row in `feed_version`.
    pub(super) id: i64,
    /// Its number in this run, from 1.
    pub(super) number: u32,
    /// Number of the first row it stages.
    pub(super) first_seq: i64,
    pub(super) counts: Counts,
    pub(super) notes: Notes,
    /// Numbers of the products it has staged.
    pub(super) claims: Claims,
    /// Findings of the import's own, by code and severity: the reader's come with the end of the feed.
    own: BTreeMap<(&'static str, Severity), u64>,
    /// Records that the reader had accepted and the import refused.
    pub(super) refused_own: u64,
    /// A record without a readable key was refused: which product it speaks of is not known.
    pub(super) unkeyed: bool,
    pub(super) undo: Undo,
    /// Its place among the messages of its source.
    pub(super) place: Mark,
    /// How it stands to the newest that was applied, and the run that did.
    pub(super) age: Age,
    pub(super) newest: RunId,
    /// It is older than what was applied, and held for that; what it would do is looked at all the same.
    pub(super) is_stale: bool,
    /// What it would do, for the guard.
    pub(super) watch: Watch,
    /// What the guard made of that, when it was asked.
    pub(super) weighed: Option<Weighed>,
    /// The held feed that it is, when it is let in.
    pub(super) released_from: Option<i64>,
    /// Products of its source that stand once it is applied.
    pub(super) standing: Option<u64>,
    /// Products that a newer message has changed: an older one leaves them alone.
    pub(super) newer: HashSet<Digest>,
    passed_over: u64,
    /// Refused records that lie in quarantine for it, when it has ended.
    pub(super) quarantined: u64,
    /// Records that are older, by their own dates, than what is known of their products.
    pub(super) older: u64,
    /// Products that it withdraws and that are not there, the first [`TOMBSTONES_MAX`].
    pub(super) tombstones: Vec<Tombstone>,
    /// The feed of the same bytes that was applied before.
    pub(super) repeats: Option<EarlierFeed>,
    /// Keeps what it tells, should its bytes come again.
    pub(super) telling: Option<TellingWriter>,
    /// What its records look like, when it was read to its end.
    pub(super) profile: Option<Profile>,
    fatal: bool,
}

impl OpenFeed {
    pub(super) fn new(
        start: FeedStart,
        source: Option<String>,
        unavailable: Unavailable,
        id: i64,
        number: u32,
        first_seq: i64,
    ) -> Self {
        Self {
            is_anonymous: source.is_none(),
            source: source.unwrap_or_else(|| NO_SENDER.to_owned()),
            place: order::place(&start),
            start,
            id,
            number,
            first_seq,
            counts: Counts::default(),
            notes: Notes::default(),
            claims: Claims::default(),
            own: BTreeMap::new(),
            refused_own: 0,
            unkeyed: false,
            undo: Undo::default(),
            age: Age::Unordered,
            newest: RunId::default(),
            is_stale: false,
            watch: Watch::new(unavailable),
            weighed: None,
            released_from: None,
            standing: None,
            renamed: None,
            doubt: None,
            is_first: false,
            wrong_outside: false,
            newer: HashSet::new(),
            passed_over: 0,
            quarantined: 0,
            older: 0,
            tombstones: Vec::new(),
            repeats: None,
            telling: None,
            profile: None,
            fatal: false,
        }
    }

    pub(super) fn format(&self) -> &str {
        self.start.format.as_deref().unwrap_or(NO_FORMAT)
    }

    pub(super) fn at(&self, seq: i64) -> StagedAt<'_> {
        StagedAt { seq, feed_version_id: self.id, source: &self.source }
    }

    /// Takes note of a finding of the pipeline; its counts come with the end of the feed.
    pub(super) fn note(&mut self, finding: &Finding) {
        self.fatal |= finding.severity == Severity::Fatal;
        self.notes.add(finding);
    }

    /// Takes note of a finding of the import's own.
    pub(super) fn note_own(&mut self, finding: &Finding) {
        self.note(finding);
        *self.own.entry((finding.code, finding.severity)).or_default() += 1;
    }

    /// Whether the feed may be applied: read to its end, nothing that spoils the whole of it.
    pub(super) fn is_whole(&self, end: &FeedEnd) -> bool {
        let fatal = self.fatal || end.tally.at(Severity::Fatal) > 0;
        self.start.format.is_some() && !fatal && end.digest.is_some() && end.verdict.is_whole()
    }

    /// Leaves a note that a product is withdrawn, for older messages that bring it.
    pub(super) fn bury(&mut self, key: &RecordReference) {
        if self.tombstones.len() < TOMBSTONES_MAX {
            let (source, record_reference) = (self.source.clone(), key.as_str().to_owned());
            self.tombstones.push(Tombstone { source, record_reference, feed_version_id: self.id });
        }
    }

    /// Whether an accepted record puts right what lies in quarantine under its key. One of an older message does not:
    /// what lies there may be newer.
    pub(super) fn releases(&mut self, known: &mut Known, digest: Digest) -> bool {
        let released = self.age != Age::Old && known.quarantined.remove(&digest);
        if released {
            self.undo.released(digest);
        }
        released
    }

    /// Whether a record of it does nothing: nobody sent it, or a newer message has changed the product.
    pub(super) fn passes_over(&mut self, outcome: &Outcome) -> bool {
        let is_newer = |key| self.newer.contains(&Digest::of_reference(key));
        let passed = !self.newer.is_empty() && outcome.key.as_ref().is_some_and(is_newer);
        // One that is refused is counted as that, whatever became of its product since.
        let is_outdone = passed && !outcome.is_refused();
        self.passed_over += u64::from(is_outdone);
        self.counts.stale += u64::from(is_outdone);
        self.is_anonymous || passed
    }

    /// What there is to tell of its place among the messages of its source.
    pub(super) fn order_notes(&self, now: Timestamp) -> Vec<Finding> {
        let number = self.start.message_number.as_deref().unwrap_or_default();
        let order = match self.age {
            Age::Gap(missing) => Some(rules::gap(missing, number)),
            Age::Reset => Some(rules::reset(number)),
            Age::Unordered | Age::Same | Age::Newer | Age::Old => None,
        };
        let sent = self.start.sent.as_deref().unwrap_or_default();
        let ahead = order::is_ahead(&self.place, now).then(|| rules::ahead(sent));
        let passed = (self.counts.stale > 0).then(|| rules::stale_records(self.passed_over, self.older));
        let renamed = self.renamed.as_ref().map(|name| rules::renamed(name, &self.source));
        let doubt = self.doubt.as_ref().map(|said| rules::source_doubted(said, &self.source, self.is_first));
        order.into_iter().chain(ahead).chain(passed).chain(renamed).chain(doubt).collect()
    }

    /// By what it was judged, when its very bytes need not be judged again by that. A record that a limit has refused
    /// is right by another limit.
    fn judged_by(&self, end: &FeedEnd) -> Option<&str> {
        let is_of_limit = |(code, _): &(&str, Severity)| *code == Rule::RecordSize.code();
        self.start.judged_by.as_deref().filter(|_| !end.tally.findings.keys().any(is_of_limit))
    }

    /// What it is known by when its very bytes come again, judged by the same.
    pub(super) fn digest(&self, end: &FeedEnd) -> Option<Digest> {
        let judged_by = self.judged_by(end)?;
        Some(Digest::of_feed(&end.digest?, self.format(), judged_by))
    }

    /// The feed becomes this, with what was found about the whole of it: the end says so, and all counts are known.
    pub(super) fn conclude(&mut self, state: FeedState, found: &[Finding], end: &mut FeedEnd) {
        for found in found {
            self.note_own(found);
        }
        for (kind, count) in std::mem::take(&mut self.own) {
            *end.tally.findings.entry(kind).or_default() += count;
        }
        end.tally.accepted = end.tally.accepted.saturating_sub(self.refused_own);
        end.tally.refused += self.refused_own;
        let of_state = match state {
            FeedState::Applied | FeedState::Repeated | FeedState::Checked => Acceptance::Accepted,
            FeedState::Held => Acceptance::Held,
            FeedState::Refused => Acceptance::Deviations,
        };
        end.acceptance = end.acceptance.and(of_state).and(end.tally.acceptance());
        self.quarantined = match state {
            FeedState::Applied | FeedState::Checked => self.counts.refused,
            FeedState::Repeated | FeedState::Held | FeedState::Refused => 0,
        };
        self.count(end);
        if state != FeedState::Applied {
            let unchanged = if state == FeedState::Repeated { end.tally.accepted } else { 0 };
            self.counts =
                Counts { inserted: 0, updated: 0, unchanged, withdrawn: 0, stale: 0, ..self.counts };
        }
        end.tally.stale = self.counts.stale;
    }

    /// The exact counts that come with the end of the feed.
    fn count(&mut self, end: &FeedEnd) {
        self.counts.bytes = end.tally.bytes;
        self.counts.records = end.tally.records;
        self.counts.refused = end.tally.refused;
        self.counts.notices = end.tally.at(Severity::Notice);
        self.counts.warnings = end.tally.at(Severity::Warning);
        self.counts.errors = end.tally.at(Severity::Error);
        self.counts.fatals = end.tally.at(Severity::Fatal);
    }

    /// Its row.
    pub(super) fn version(&self, state: FeedState, end: &FeedEnd) -> FeedVersion {
        FeedVersion {
            id: self.id,
            source: self.source.clone(),
            feed: self.start.name.to_string(),
            format: self.format().to_owned(),
            profile_version: self.start.profile_version.unwrap_or(0),
            message_number: self.start.message_number.clone(),
            place: self.place,
            judged_by: self.judged_by(end).map(str::to_owned),
            digest: end.digest,
            state,
            acceptance: end.acceptance,
            extent: self.weighed.as_ref().filter(|_| state == FeedState::Applied).map(|plan| plan.extent),
            standing: self.standing,
            released_from: self.released_from,
            recognised_as: self.start.recognised.as_ref().map(|recognised| recognised.feed_version_id),
            counts: self.counts,
        }
    }
}

/// What a feed has changed in what is known of its source.
#[derive(Debug, Default)]
pub(super) struct Undo {
    products: Vec<(Digest, Option<KnownProduct>)>,
    released: Vec<Digest>,
    quarantined: Vec<Digest>,
    /// There was more than is remembered.
    lost: bool,
}

impl Undo {
    /// Remembers how a product was before; called before each change.
    pub(super) fn product(&mut self, digest: Digest, before: Option<KnownProduct>) {
        if self.has_room() {
            self.products.push((digest, before));
        }
    }

    /// Remembers that a key was in quarantine.
    pub(super) fn released(&mut self, digest: Digest) {
        if self.has_room() {
            self.released.push(digest);
        }
    }

    /// Remembers that a key was not in quarantine.
    pub(super) fn quarantined(&mut self, digest: Digest) {
        if self.has_room() {
            self.quarantined.push(digest);
        }
    }

    fn has_room(&mut self) -> bool {
        let room = self.products.len() + self.released.len() + self.quarantined.len() < UNDO_MAX;
        self.lost |= !room;
        room
    }

    /// Makes `known` what it was before the feed; `false` when too much was changed for that.
    #[must_use]
    pub(super) fn restore(&mut self, known: &mut Known) -> bool {
        if self.lost {
            return false;
        }
        for (digest, before) in self.products.drain(..).rev() {
            match before {
                Some(before) => known.products.insert(digest, before),
                None => known.products.remove(&digest),
            };
        }
        // A key that was released and refused again in one feed stands in both lists, and was there.
        for digest in self.quarantined.drain(..) {
            known.quarantined.remove(&digest);
        }
        known.quarantined.extend(self.released.drain(..));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Facts, Fingerprint};
    use crate::store::RecordDate;

    fn entry(product_id: i64) -> KnownProduct {
        KnownProduct {
            product_id,
            fingerprint: Fingerprint([0; 16]),
            facts: Facts::default(),
            changed: RecordDate::NONE,
            withdrawn: false,
            fresh: false,
            staged_in: 0,
            seen_in: 0,
        }
    }

    #[test]
    fn what_a_feed_changed_can_be_taken_back() {
        let (old, new) = (Digest::of(b"old"), Digest::of(b"new"));
        let mut known = Known::default();
        known.products.insert(old, entry(1));
        known.quarantined.insert(old);
        let mut undo = Undo::default();
        for (digest, id) in [(old, 2), (new, 3), (old, 4)] {
            undo.product(digest, known.products.insert(digest, entry(id)));
        }
        known.quarantined.remove(&old);
        undo.released(old);
        known.quarantined.insert(new);
        undo.quarantined(new);
        assert!(undo.restore(&mut known));
        assert_eq!(known.products.get(&old), Some(&entry(1)));
        assert_eq!(known.products.len(), 1);
        assert!(known.quarantined.contains(&old) && known.quarantined.len() == 1);
    }

    #[track_caller]
    fn case(changes: usize, restored: bool) {
        let mut known = Known::default();
        let mut undo = Undo::default();
        for number in 0..changes {
            let digest = Digest::of(&number.to_le_bytes());
            undo.product(digest, known.products.insert(digest, entry(1)));
        }
        assert_eq!(undo.restore(&mut known), restored);
    }

    #[test]
    fn more_changes_than_are_remembered_cannot_be_taken_back() {
        case(UNDO_MAX, true);
        case(UNDO_MAX + 1, false);
    }
}
