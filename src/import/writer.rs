//! Takes what feeds tell, and applies whole feeds; what each record does is decided in `records`.
//!
//! ```text
//!  end of feed ─▶ whole?  keep what is staged : drop it from the feed's first row on
//!  end of batch ─▶ one transaction
//! ```

use super::approval::Missing;
use super::baselines::Baselines;
use super::feed::OpenFeed;
use super::held::Originals;
use super::order::{self, Age};
use super::plan::{ImportPlan, Mode, OldNews};
use super::replay::Replayed;
use super::report::{FeedReport, ImportReport};
use super::rules;
use super::sources::{ENTRIES_MAX, Sources};
use super::structures::Structures;
use super::target::Target;
use crate::feed::Unavailable;
use crate::judgement::{
    Failure, FeedEnd, FeedEvent, FeedStart, Finding, KeptTelling, Severity, TellingWriter,
};
use crate::product::{Product, RecordReference};
use crate::store::{
    Batch, Counts, EarlierFeed, FeedState, IdKind, Known, Mark, MovedMark, Outdated, QuarantinedRecord,
    ReplayedEntry, Rows, RunId, StoreError, ToldFeed,
};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Bytes of rows that are sent to the database at once.
pub(super) const STAGE_BYTES_MAX: usize = 4 << 20;
/// Findings kept that come before it is known which feed they belong to.
pub(super) const EARLY_FINDINGS_MAX: usize = 1_000;
/// Findings stored with their place in one run; their groups are counted whatever their number.
pub(super) const SAMPLES_PER_RUN_MAX: usize = 10_000;
/// Groups of findings in one transaction; a feed is never split.
pub(super) const GROUPS_PER_BATCH_MAX: usize = 20_000;

/// Bytes of what feeds told in one transaction; a feed is never split.
pub(super) const TOLD_BYTES_PER_BATCH_MAX: usize = 8 << 20;
/// Held feeds in one transaction: the bytes of each wait in an open file.
pub(super) const HELD_PER_BATCH_MAX: usize = 32;

/// Writes what feeds tell.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) plan: ImportPlan,
    pub(super) target: Target,
    pub(super) rows: Rows,
    /// What the database holds, by source.
    pub(super) sources: Sources,
    pub(super) feed: Option<OpenFeed>,
    pub(super) feeds: u32,
    pub(super) early: Vec<Finding>,
    /// Stored products that amendments to come will need.
    pub(super) bases: HashMap<RecordReference, Product>,
    pub(super) seq: i64,
    /// How many more findings are stored with their place.
    pub(super) samples_left: usize,
    pub(super) batch: Batch,
    /// Number of the batch, from 1.
    pub(super) batch_number: u32,
    /// Rows of `product` it changes.
    pub(super) batch_changed: u64,
    /// Bytes of what its feeds told.
    pub(super) told_bytes: usize,
    /// What the records look like that it has applied.
    structures: Structures,
    /// What is usual of sources.
    pub(super) baselines: Baselines,
    /// Where the bytes of a feed are, should it be held.
    pub(super) originals: Option<Box<dyn Originals>>,
    pub(super) waiting: Vec<FeedReport>,
    pub(super) report: ImportReport,
}

impl Writer {
    pub(super) fn new(plan: ImportPlan, target: Target) -> Self {
        let report = ImportReport { run: target.run(), ..ImportReport::default() };
        Self {
            plan,
            rows: target.rows(),
            target,
            sources: Sources::new(ENTRIES_MAX),
            feed: None,
            feeds: 0,
            early: Vec::new(),
            bases: HashMap::new(),
            seq: 0,
            samples_left: SAMPLES_PER_RUN_MAX,
            batch: Batch::default(),
            batch_number: 1,
            batch_changed: 0,
            told_bytes: 0,
            structures: Structures::default(),
            baselines: Baselines::default(),
            originals: None,
            waiting: Vec::new(),
            report,
        }
    }

    /// Applies what is left. A feed without an end is not part of it.
    pub(super) async fn finish(&mut self) -> Result<ImportReport, StoreError> {
        if let Some(feed) = self.feed.take() {
            self.forget(feed).await?;
        }
        self.apply().await?;
        Ok(std::mem::take(&mut self.report))
    }

    /// Whether no feed waits to be applied.
    pub(super) fn is_applied(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The run; `None` when nothing is written.
    pub(super) fn run(&self) -> Option<RunId> {
        self.target.run()
    }

    /// Where it wrote to, to close it.
    pub(super) fn into_target(self) -> Target {
        self.target
    }

    pub(super) fn target(&mut self) -> &mut Target {
        &mut self.target
    }

    /// Takes what a feed tells, and makes of it what the import found; `upcoming` is told next. Gives back what is
    /// to be told before it.
    pub(super) async fn take(
        &mut self,
        event: &mut FeedEvent,
        upcoming: &VecDeque<FeedEvent>,
    ) -> Result<Vec<Finding>, StoreError> {
        let mut found = Vec::new();
        match event {
            FeedEvent::Start(start) => self.begin(start.clone()).await?,
            FeedEvent::Finding(finding) => self.finding(finding),
            FeedEvent::Outcome(outcome) => {
                if let Some(telling) = self.feed.as_mut().and_then(|feed| feed.telling.as_mut()) {
                    telling.outcome(outcome);
                }
                self.fetch_bases(outcome, upcoming).await?;
                self.outcome(outcome).await?;
            }
            FeedEvent::End(end) => found = self.end(end).await?,
            FeedEvent::Failed(feed, failure) => self.unread(feed, failure).await?,
        }
        if self.rows.len() >= STAGE_BYTES_MAX {
            self.target.stage(&mut self.rows).await?;
        }
        Ok(found)
    }

    /// Begins a feed: locks its source and learns what the database holds of it.
    pub(super) async fn begin(&mut self, start: FeedStart) -> Result<(), StoreError> {
        self.feeds += 1;
        let id = self.target.id(IdKind::FeedVersion).await?;
        let source = self.plan.source_of(&start);
        let format = start.format.as_deref().unwrap_or_default();
        let unavailable = self.plan.unavailable_of(format);
        let mut feed = OpenFeed::new(start, source, unavailable, id, self.feeds, self.seq + 1);
        feed.doubt = self.plan.doubt(&feed.start);
        feed.released_from = self.plan.release.as_ref().map(|release| release.held);
        feed.telling = self.listener(&feed.start);
        if !self.sources.has(&feed.source, feed.number) {
            self.learn(&mut feed).await?;
        }
        self.place(&mut feed).await?;
        for finding in self.early.drain(..) {
            feed.note(&finding);
            feed.wrong_outside |= finding.severity >= Severity::Error;
        }
        self.feed = Some(feed);
        Ok(())
    }

    /// Keeps what a feed tells, where that is to be known again.
    fn listener(&self, start: &FeedStart) -> Option<TellingWriter> {
        let is_new = self.plan.judged_with.is_some() && self.plan.mode.writes() && start.recognised.is_none();
        is_new.then(|| TellingWriter::new(start))
    }

    /// Finds the place of a feed among the messages of its source.
    async fn place(&mut self, feed: &mut OpenFeed) -> Result<(), StoreError> {
        let mark = self.sources.of(&feed.source).marks.get(feed.format()).copied();
        feed.age = order::age(&feed.place, mark.as_ref());
        feed.newest = mark.unwrap_or_default().run;
        let is_old = feed.age == Age::Old;
        feed.is_stale = is_old && self.plan.old_news == OldNews::Hold && feed.released_from.is_none();
        if is_old {
            if self.sources.delivery(&feed.source).staged_in == self.batch_number {
                // What this run has changed has to be there to be looked at.
                self.apply().await?;
            }
            feed.newer = self.target.changed_after(&feed.source, &feed.place).await?;
        } else if let Some(held) = feed.released_from
            && matches!(feed.age, Age::Unordered | Age::Same)
        {
            feed.newer = self.target.changed_since(&feed.source, held).await?;
        }
        Ok(())
    }

    /// Locks the source of a feed and learns what the database holds of it.
    async fn learn(&mut self, feed: &mut OpenFeed) -> Result<(), StoreError> {
        let mut known = self.fetch(&feed.source).await?;
        let name = feed.start.sender.as_deref().unwrap_or_default();
        let by_identifier = feed.start.sender_ids.contains(&feed.source) && !name.is_empty();
        if by_identifier && known.is_empty() && self.target.rename(name, &feed.source).await? {
            feed.renamed = Some(name.to_owned());
            known = self.target.known(&feed.source).await?;
        }
        feed.is_first = known.is_empty();
        self.sources.insert(feed.source.clone(), known, feed.number);
        Ok(())
    }

    /// Locks a source, for which there is room then, and asks what the database holds of it.
    pub(super) async fn fetch(&mut self, source: &str) -> Result<Known, StoreError> {
        if self.sources.is_full() {
            self.apply().await?;
            self.sources.forget_oldest();
        }
        if self.sources.locks(source) {
            self.target.lock(source).await?;
        }
        self.target.known(source).await
    }

    fn finding(&mut self, finding: &Finding) {
        match &mut self.feed {
            Some(feed) => {
                feed.telling.iter_mut().for_each(|telling| telling.finding(finding));
                feed.note(finding);
                feed.wrong_outside |= finding.severity >= Severity::Error;
            }
            None if self.early.len() < EARLY_FINDINGS_MAX => self.early.push(finding.clone()),
            None => {}
        }
    }

    /// The feed has ended: keeps what it staged, or drops it. Gives back what the import found wrong with the
    /// whole of it; counts and acceptance of the end are those with everything the import found.
    async fn end(&mut self, end: &mut FeedEnd) -> Result<Vec<Finding>, StoreError> {
        if self.feed.is_none() {
            self.begin(end.start.clone()).await?;
        }
        self.bases.clear();
        let mut feed = self.feed.take().expect("begun above if not before");
        // The end knows best: a sender or message number may stand behind the first record.
        feed.start.message_number.clone_from(&end.start.message_number);
        let telling = feed.telling.take().and_then(|telling| telling.end(end));
        let (state, mut found) = self.settle(&mut feed, end).await?;
        if state == FeedState::Held {
            found.extend(self.hold(&mut feed, end).await?);
        }
        feed.conclude(state, &found, end);
        let state = self.made_of(state);
        if state == FeedState::Applied {
            self.remember(&mut feed, end);
            self.gather(&mut feed).await?;
        }
        self.keep(telling, &feed, (state, end));
        self.close(&mut feed, state, end);
        if state != FeedState::Applied {
            self.forget(feed).await?;
        }
        if self.is_full() {
            self.apply().await?;
        }
        Ok(found)
    }

    /// What becomes of a feed of which this would become: where nothing is done, it was checked.
    fn made_of(&mut self, state: FeedState) -> FeedState {
        if self.plan.mode != Mode::Check || state == FeedState::Refused {
            return state;
        }
        self.batch.held_changes.clear();
        FeedState::Checked
    }

    /// What becomes of a feed that has ended, with what there is to tell of it.
    async fn settle(
        &mut self,
        feed: &mut OpenFeed,
        end: &mut FeedEnd,
    ) -> Result<(FeedState, Vec<Finding>), StoreError> {
        if !feed.is_whole(end) {
            return Ok((FeedState::Refused, Vec::new()));
        }
        if feed.is_anonymous {
            return Ok((FeedState::Refused, vec![rules::no_sender()]));
        }
        let earlier =
            feed.digest(end).and_then(|digest| self.sources.of(&feed.source).feeds.get(&digest).copied());
        if let Some(earlier) = earlier {
            // Whatever came later: these bytes have said what they have to say.
            feed.repeats = Some(earlier);
            end.acceptance = end.acceptance.and(earlier.acceptance);
            self.drop_release(feed);
            return Ok((FeedState::Repeated, Vec::new()));
        }
        if let Some(full) = self.overfills(feed).await? {
            return Ok((FeedState::Refused, vec![full]));
        }
        let drifts = self.drifts(feed, end).await?;
        let missing = self.missing(feed);
        self.weigh(feed, end, missing == Missing::Withdraw).await?;
        drifts.weigh(feed);
        if let Some(why) = self.holds_back(feed) {
            return Ok((FeedState::Held, why.into_iter().chain(drifts.findings).collect()));
        }
        if missing == Missing::Withdraw {
            self.withdraw_missing(feed);
        }
        let released = self.releases(feed);
        let superseded = self.supersede(feed);
        let order = feed.order_notes((self.plan.clock)());
        let shared = self.shared_numbers(feed).await?;
        let found =
            missing.finding().into_iter().chain(released).chain(superseded).chain(order).chain(shared);
        Ok((FeedState::Applied, found.chain(drifts.findings).collect()))
    }

    /// Whether more of the feed is refused than may be kept.
    async fn overfills(&mut self, feed: &OpenFeed) -> Result<Option<Finding>, StoreError> {
        let (refused, limits) = (feed.counts.refused, self.plan.quarantine);
        if refused > limits.feed_max {
            return Ok(Some(rules::quarantine_feed_full(refused, limits.feed_max)));
        }
        // Nothing waits of what is only looked at.
        if refused == 0 || !self.plan.mode.writes() {
            return Ok(None);
        }
        self.target.stage(&mut self.rows).await?;
        let waiting = self.target.quarantine_growth(&feed.source).await?;
        let is_full = |(waiting, more): &(u64, u64)| *more > 0 && *waiting > limits.source_max;
        let full = waiting.filter(is_full);
        Ok(full.map(|(waiting, _)| rules::quarantine_source_full(&feed.source, waiting, limits.source_max)))
    }

    /// A feed that is applied is known by its bytes from now on, and may move the mark of its source.
    fn remember(&mut self, feed: &mut OpenFeed, end: &FeedEnd) {
        let run = self.target.run().unwrap_or_default();
        self.batch.tombstones.append(&mut feed.tombstones);
        self.count_delivery(feed);
        let known = self.sources.of(&feed.source);
        if let Some(digest) = feed.digest(end) {
            let earlier = EarlierFeed { feed_version_id: feed.id, run, acceptance: end.acceptance };
            known.feeds.insert(digest, earlier);
        }
        let says = feed.place.number.is_some() || feed.place.sent.is_some();
        if !says || feed.age == Age::Old || order::is_ahead(&feed.place, (self.plan.clock)()) {
            return;
        }
        let mark = Mark { run, ..feed.place };
        known.marks.insert(feed.format().to_owned(), mark);
        let (source, format) = (feed.source.clone(), feed.format().to_owned());
        self.batch.marks.retain(|moved| moved.source != source || moved.format != format);
        self.batch.marks.push(MovedMark { source, format, mark });
    }

    /// What the records of a feed look like that is applied counts for what is usual.
    async fn gather(&mut self, feed: &mut OpenFeed) -> Result<(), StoreError> {
        let Some(profile) = feed.profile.take().filter(|_| self.plan.mode.writes()) else { return Ok(()) };
        let (source, format) = (&feed.source, feed.format());
        if self.structures.lacks(source, format)
            && let Some(structure) = self.target.applied_structure(source, format).await?
        {
            self.structures.take_up(&structure);
        }
        self.structures.add(source, format, profile);
        Ok(())
    }

    /// Keeps what a feed told that stands, once for each batch, so that its bytes need not be read again.
    fn keep(&mut self, telling: Option<KeptTelling>, feed: &OpenFeed, (state, end): (FeedState, &FeedEnd)) {
        let feed_version_id = match (state, feed.repeats) {
            (FeedState::Applied, _) => feed.id,
            (FeedState::Repeated, Some(earlier)) => earlier.feed_version_id,
            _ => return,
        };
        let Some(kept) = telling.filter(|_| feed.digest(end).is_some()) else { return };
        let bytes = self.originals.as_ref().and_then(|originals| originals.delivered_bytes(&feed.start.name));
        // Only one that is repeated may be there: it may have been applied a moment ago, or come twice.
        let of_it = |told: &ToldFeed| told.feed_version_id == feed_version_id;
        let is_there = state == FeedState::Repeated && self.batch.told.iter().any(of_it);
        if let (Some(delivered_bytes), Some(judged_with), false) =
            (bytes, self.plan.judged_with.clone(), is_there)
        {
            self.told_bytes += kept.head.len() + kept.told.len();
            self.batch.told.push(ToldFeed { feed_version_id, judged_with, delivered_bytes, kept });
        }
    }

    /// A feed that could not be begun leaves a row that says so.
    async fn unread(&mut self, name: &Arc<str>, failure: &Failure) -> Result<(), StoreError> {
        self.feeds += 1;
        let id = self.target.id(IdKind::FeedVersion).await?;
        let start = FeedStart { name: Arc::clone(name), ..FeedStart::default() };
        let end = FeedEnd::failed(start.clone(), failure.clone());
        let mut feed = OpenFeed::new(start, None, Unavailable::default(), id, self.feeds, self.seq + 1);
        self.close(&mut feed, FeedState::Refused, &end);
        if self.is_full() { self.apply().await } else { Ok(()) }
    }

    /// Whether the transaction is to be closed.
    fn is_full(&self) -> bool {
        self.batch.feeds.len() >= self.plan.batch.feeds_max
            || self.batch_changed >= self.plan.batch.products_max
            || self.batch.groups.len() >= GROUPS_PER_BATCH_MAX
            || self.batch.held.len() >= HELD_PER_BATCH_MAX
            || self.told_bytes >= TOLD_BYTES_PER_BATCH_MAX
            || self.structures.is_full()
    }

    /// Puts the feed's row, findings and report into the batch.
    fn close(&mut self, feed: &mut OpenFeed, state: FeedState, end: &FeedEnd) {
        self.batch_changed += feed.counts.changed();
        let (groups, samples) = feed.notes.take();
        self.batch.feeds.push(feed.version(state, end));
        self.batch.groups.extend(groups.into_iter().map(|group| (feed.id, group)));
        let samples = samples.into_iter().take(self.samples_left);
        let before = self.batch.samples.len();
        self.batch.samples.extend(samples.map(|sample| (feed.id, sample)));
        self.samples_left -= self.batch.samples.len() - before;
        self.waiting.push(FeedReport {
            id: feed.id,
            feed: feed.start.name.to_string(),
            state,
            earlier: feed.repeats.map(|earlier| earlier.run),
            recognised: feed.start.recognised.is_some(),
            counts: feed.counts,
            quarantined: feed.quarantined,
            acceptance: end.acceptance,
        });
    }

    /// Drops what a feed has staged, and what it made known.
    async fn forget(&mut self, mut feed: OpenFeed) -> Result<(), StoreError> {
        if self.seq < feed.first_seq {
            return Ok(());
        }
        self.target.stage(&mut self.rows).await?;
        self.target.unstage(feed.first_seq).await?;
        let known = self.sources.of(&feed.source);
        if !feed.undo.restore(known) {
            // Too much to take back one by one: what stands is applied, and read again.
            self.apply().await?;
            let known = self.target.known(&feed.source).await?;
            self.sources.insert(feed.source, known, feed.number);
        }
        Ok(())
    }

    /// Applies the batch and begins the next.
    async fn apply(&mut self) -> Result<(), StoreError> {
        self.target.stage(&mut self.rows).await?;
        if !self.batch.is_empty() {
            self.batch.decision.clone_from(&self.plan.decision);
            self.batch.structures = self.structures.to_keep();
            self.target.apply(&self.batch, &self.plan).await?;
            self.structures.are_kept();
        }
        self.batch = Batch::default();
        self.batch_number += 1;
        (self.batch_changed, self.told_bytes) = (0, 0);
        self.waiting.drain(..).for_each(|feed| self.report.add(feed));
        Ok(())
    }

    /// Begins a replay: as a feed, under the number of the feed that brought the record.
    pub(super) async fn begin_replay(
        &mut self,
        start: FeedStart,
        feed_version_id: i64,
    ) -> Result<(), StoreError> {
        self.begin(start).await?;
        let feed = self.feed.as_mut().expect("just begun");
        feed.id = feed_version_id;
        Ok(())
    }

    /// Whether the shop has a product of this record's reference.
    pub(super) fn holds(&mut self, record: &QuarantinedRecord) -> bool {
        let reference = record.entry.reference.as_deref().and_then(RecordReference::new);
        reference.is_some_and(|reference| self.standing(&reference).is_some())
    }

    /// Ends a replay of which nothing was staged.
    pub(super) fn drop_replay(&mut self) {
        self.feed = None;
    }

    /// Ends a replay: applied alone when the record was accepted, dropped when not.
    pub(super) async fn end_replay(
        &mut self,
        entry: ReplayedEntry,
        findings: Vec<Finding>,
    ) -> Result<Replayed, StoreError> {
        let mut feed = self.feed.take().expect("begun before");
        if feed.counts.refused > 0 {
            self.forget(feed).await?;
            return Ok(Replayed::Refused(findings));
        }
        if feed.counts.stale > 0 {
            self.forget(feed).await?;
            return Ok(Replayed::Outdated(Outdated::Newer));
        }
        let exceeded = self.weigh_replay(&mut feed).await?;
        if !exceeded.is_empty() {
            self.forget(feed).await?;
            return Ok(Replayed::Held(exceeded));
        }
        self.count_delivery(&mut feed);
        let counts = Counts { records: 1, ..feed.counts };
        self.batch.beside.merge(&counts);
        self.report.counts.merge(&counts);
        self.batch.replayed.push(entry);
        self.apply().await?;
        Ok(Replayed::Imported)
    }
}

/// The feed that is being written and what is known of its source.
pub(super) fn current<'a>(
    feed: &'a mut Option<OpenFeed>,
    sources: &'a mut Sources,
) -> (&'a mut OpenFeed, &'a mut Known) {
    let feed = feed.as_mut().expect("records come between the start and the end of a feed");
    let known = sources.of(&feed.source);
    (feed, known)
}
