//! Between the end of a feed and its being applied: what it would do is weighed, and held where it is too much.
//!
//! ```text
//!  end of feed ─▶ weigh ─▶ old, or beyond a limit?  ─▶ hold: nothing applied, bytes and plan kept
//!                      └─▶ neither, or let in as it was seen ─▶ applied; held feeds that it makes pointless go
//! ```

use super::feed::OpenFeed;
use super::guard::{self, Before, Exceeded};
use super::held::{HeldPlan, Weighed, cut, shown};
use super::moves::{Move, PriceMove, PriceMoves};
use super::order::Age;
use super::rules;
use super::watch::{ChangeKind, SAMPLES_MAX, Sample};
use super::writer::Writer;
use crate::judgement::{Coverage, FeedEnd, Finding};
use crate::product::RecordReference;
use crate::store::{HeldChange, HeldFeed, OpenHeld, Origin, StoreError, Usual};
use std::collections::HashMap;
use std::fmt::Write;

/// Products whose prices are asked for at once.
const PRICES_AT_ONCE: usize = 5_000;
/// Products that are loaded whole at once.
const PRODUCTS_AT_ONCE: usize = 500;

/// Percent of the standing products that a feed has to have to count as one that has all.
const MOST_PERCENT: usize = 70;

/// What happens to products that a feed does not mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// They stay: nobody says that the feed is full.
    Keep,
    /// They would be withdrawn, but a refused record has no key.
    KeepUnkeyed,
    /// They would be withdrawn, but something outside of records is wrong.
    KeepOutside,
    /// They are withdrawn.
    Withdraw,
}

impl Missing {
    /// What there is to tell of it.
    pub(super) fn finding(self) -> Option<Finding> {
        match self {
            Self::Keep | Self::Withdraw => None,
            Self::KeepUnkeyed => Some(rules::missing_unknown()),
            Self::KeepOutside => Some(rules::missing_outside()),
        }
    }
}

impl Writer {
    /// What happens to products that the feed does not mention.
    pub(super) fn missing(&self, feed: &OpenFeed) -> Missing {
        match self.plan.coverage_of(&feed.source, feed.format()) {
            Some(Coverage::Full) if feed.unkeyed => Missing::KeepUnkeyed,
            Some(Coverage::Full) if feed.wrong_outside => Missing::KeepOutside,
            Some(Coverage::Full) => Missing::Withdraw,
            Some(Coverage::Delta) | None => Missing::Keep,
        }
    }

    /// Finds out what the feed would do, and which limits that exceeds.
    pub(super) async fn weigh(
        &mut self,
        feed: &mut OpenFeed,
        end: &FeedEnd,
        withdraws_missing: bool,
    ) -> Result<(), StoreError> {
        feed.watch.changes.records = end.tally.records;
        feed.watch.changes.refused = end.tally.refused + feed.refused_own;
        self.look_up_unknown(feed).await?;
        if self.has_many_prices(feed) {
            self.look_up_prices(feed).await?;
        }
        feed.watch.count_titles();
        if withdraws_missing {
            let (watch, number) = (&mut feed.watch, feed.number);
            for (digest, entry) in &self.sources.of(&feed.source).products {
                if entry.seen_in != number && !entry.withdrawn {
                    watch.withdraws(None, entry, *digest);
                }
            }
        }
        let said = self.plan.coverage_of(&feed.source, feed.format());
        self.judge(feed, said, end.digest.as_ref());
        Ok(())
    }

    /// The same for a record from quarantine, together with those that were imported before it: the limits that this
    /// exceeds.
    pub(super) async fn weigh_replay(&mut self, feed: &mut OpenFeed) -> Result<Vec<Exceeded>, StoreError> {
        feed.watch.changes.records = 1;
        self.look_up_unknown(feed).await?;
        self.look_up_prices(feed).await?;
        self.judge(feed, Some(Coverage::Delta), None);
        Ok(feed.weighed.as_ref().map(|weighed| weighed.exceeded.clone()).unwrap_or_default())
    }

    /// Holds what was counted against the limits.
    fn judge(&mut self, feed: &mut OpenFeed, said: Option<Coverage>, digest: Option<&[u8; 32]>) {
        let limits = self.plan.guard.limits(&feed.source, feed.format());
        let delivery = *self.sources.delivery(&feed.source);
        let usual = self.sources.of(&feed.source).usual.get(feed.format());
        let own = feed.watch.changes;
        let same = feed.counts.unchanged + feed.counts.stale;
        let extent = guard::extent(said, &own, same, feed.watch.complete, usual, &limits);
        let live = delivery.live.unwrap_or(0);
        let is_part = own.records * 2 < live;
        let (judged, base) = if is_part { (delivery.part.and(&own), delivery.base) } else { (own, live) };
        let before = Before { base, live, is_first: delivery.is_first, usual };
        let standing = own.standing_after(live);
        feed.weighed = Some(Weighed {
            digest: feed.watch.plan_digest(digest),
            exceeded: guard::exceeded(&limits, &judged, own.records, extent, &before, standing),
            extent,
            live: base,
            usual_records: usual.and_then(Usual::records),
            own,
            judged,
            is_part,
            has_unseen_prices: is_part && delivery.part.prices > 0,
            drifts: Vec::new(),
        });
    }

    /// Compares products whose facts nobody had stored with what they become.
    async fn look_up_unknown(&mut self, feed: &mut OpenFeed) -> Result<(), StoreError> {
        let factor = self.plan.guard.limits(&feed.source, feed.format()).price_factor;
        loop {
            let some = feed.watch.take_unknown(PRODUCTS_AT_ONCE);
            if some.is_empty() {
                return Ok(());
            }
            let references: Vec<&RecordReference> = some.iter().map(|(reference, ..)| reference).collect();
            let standing = self.target.load(Origin::Live, &feed.source, &references).await?;
            for (reference, is, new) in &some {
                if let Some(product) = standing.get(reference) {
                    feed.watch.compare_unknown(product, *is, new, factor);
                }
            }
        }
    }

    /// Whether there are enough new prices to be looked up: fewer cannot be too many. Of feeds that are judged
    /// together, those before there were enough are never looked at: thousands of small feeds need no query each.
    fn has_many_prices(&mut self, feed: &OpenFeed) -> bool {
        let limits = self.plan.guard.limits(&feed.source, feed.format());
        let before = self.sources.delivery(&feed.source).part.prices;
        limits.price_jump.exceeds(feed.watch.changes.prices + before, 0)
    }

    /// Compares new prices with those that stand.
    async fn look_up_prices(&mut self, feed: &mut OpenFeed) -> Result<(), StoreError> {
        let limits = self.plan.guard.limits(&feed.source, feed.format());
        loop {
            let some = feed.watch.take_priced(PRICES_AT_ONCE);
            if some.is_empty() {
                return Ok(());
            }
            let ids: Vec<i64> = some.iter().map(|(id, _)| *id).collect();
            let standing = self.target.prices(&ids).await?;
            for (id, new) in &some {
                let Some(old) = standing.get(id) else { continue };
                feed.watch.moves.note(*id, old, new, limits.price_factor);
                let jumps = super::watch::jumps(old, new, limits.price_factor);
                feed.watch.changes.price_jumps += u64::from(jumps);
            }
        }
    }

    /// Why the feed is not applied, if it is not.
    pub(super) fn holds_back(&self, feed: &OpenFeed) -> Option<Vec<Finding>> {
        let weighed = feed.weighed.as_ref().expect("weighed before");
        if let Some(release) = &self.plan.release {
            let as_seen = release.plan == weighed.digest;
            return (!as_seen).then(|| vec![rules::plan_changed(release, &weighed.digest)]);
        }
        let id = self.plan.mode.writes().then_some(feed.id);
        let stale = feed.is_stale.then(|| rules::stale(&feed.start, feed.newest, id));
        let found: Vec<_> =
            stale.into_iter().chain(weighed.exceeded.iter().map(|each| rules::held(each, id))).collect();
        (!found.is_empty()).then_some(found)
    }

    /// Keeps plan and bytes of a feed that is held; what there is to tell beyond that it is.
    pub(super) async fn hold(
        &mut self,
        feed: &mut OpenFeed,
        end: &FeedEnd,
    ) -> Result<Option<Finding>, StoreError> {
        if !self.plan.mode.writes() {
            return Ok(None);
        }
        let mut plan = self.written_plan(feed).await?;
        if let Some(release) = &self.plan.release {
            let change = HeldChange::Replanned(json(&plan), plan.digest);
            self.batch.held_changes.push((release.held, change));
            return Ok(None);
        }
        let digest = end.digest.expect("a feed that is held was read to its end");
        let packed = match &mut self.originals {
            Some(originals) => originals.packed(&feed.start.name, &digest).map_err(|error| causes(&*error)),
            None => Err("nobody has its bytes any more".to_owned()),
        };
        plan.not_kept = packed.as_ref().err().cloned();
        self.replace_held(feed, &digest, packed.is_ok());
        let found = plan.not_kept.as_deref().map(rules::not_kept);
        let keep_until =
            (self.plan.clock)().saturating_add(self.plan.held_keep).unwrap_or(jiff::Timestamp::MAX);
        self.batch.held.push(HeldFeed {
            feed_version_id: feed.id,
            keep_until,
            plan: json(&plan),
            plan_digest: plan.digest,
            packed: packed.ok(),
        });
        Ok(found)
    }

    /// A feed that is delivered once more while it is held is held once, unless only the earlier one has its bytes.
    fn replace_held(&mut self, feed: &OpenFeed, digest: &[u8; 32], is_kept: bool) {
        let digest = hexadecimal(digest);
        let open = OpenHeld {
            feed_version_id: feed.id,
            run: self.target.run().unwrap_or_default(),
            format: feed.format().to_owned(),
            number: feed.place.number,
            sent: feed.place.sent,
            digest: Some(digest.clone()),
            is_stale: feed.is_stale,
        };
        let known = self.sources.of(&feed.source);
        let is_same = |held: &OpenHeld| {
            is_kept && held.format == open.format && held.digest.as_deref() == Some(&digest)
        };
        let (same, others) = std::mem::take(&mut known.held).into_iter().partition(is_same);
        let same: Vec<_> = same;
        known.held = others;
        // What comes later in this run may make it pointless.
        known.held.push(open);
        self.batch
            .held_changes
            .extend(same.into_iter().map(|held| (held.feed_version_id, HeldChange::Superseded)));
    }

    /// The plan with samples, as they stand beside what the shop has.
    async fn written_plan(&mut self, feed: &mut OpenFeed) -> Result<HeldPlan, StoreError> {
        let mut samples = feed.watch.take_samples();
        let withdrawn = samples.iter().filter(|sample| sample.kind == ChangeKind::Withdrawn).count();
        let known = self.sources.of(&feed.source);
        let missing =
            known.products.values().filter(|entry| entry.seen_in != feed.number && !entry.withdrawn);
        let is_full = self.plan.coverage_of(&feed.source, feed.format()) == Some(Coverage::Full);
        let room = if is_full { SAMPLES_MAX - withdrawn } else { 0 };
        let ids: Vec<i64> = missing.map(|entry| entry.product_id).take(room).collect();
        for reference in self.target.references(&ids).await? {
            samples.insert(0, Sample { kind: ChangeKind::Withdrawn, reference, product: None });
        }
        let references: Vec<&RecordReference> = samples.iter().map(|sample| &sample.reference).collect();
        let standing = if references.is_empty() {
            HashMap::new()
        } else {
            self.target.load(Origin::Live, &feed.source, &references).await?
        };
        let samples = shown(samples, &standing);
        let stale = feed.is_stale.then(|| rules::stale(&feed.start, feed.newest, None).sentence);
        let moves = self.price_moves(feed).await?;
        let jumps = feed.watch.changes.price_jumps;
        Ok(feed.weighed.as_ref().expect("weighed before").written(stale, samples, moves, jumps))
    }

    /// How prices would move, also where too few do for a limit.
    async fn price_moves(&mut self, feed: &mut OpenFeed) -> Result<PriceMoves, StoreError> {
        self.look_up_prices(feed).await?;
        let moves = std::mem::take(&mut feed.watch.moves);
        let mut largest = Vec::with_capacity(moves.furthest.len());
        for each in moves.furthest {
            largest.extend(self.price_move(&feed.source, each).await?);
        }
        let factor = Some(self.plan.guard.limits(&feed.source, feed.format()).price_factor);
        Ok(PriceMoves { counts: moves.counts.into(), largest, factor, beyond: moves.beyond })
    }

    /// A move with the product as it stands.
    async fn price_move(&mut self, source: &str, of: Move) -> Result<Option<PriceMove>, StoreError> {
        let Some(reference) = self.target.references(&[of.product]).await?.pop() else { return Ok(None) };
        let standing = self.target.load(Origin::Live, source, &[&reference]).await?;
        let title = standing.get(&reference).map_or("", |product| product.title.as_str());
        Ok(Some(PriceMove {
            key: reference.to_string(),
            title: cut(title),
            currency: of.currency,
            old: of.old.to_string(),
            new: of.new.to_string(),
        }))
    }

    /// A feed that is let in is no held one any more.
    pub(super) fn releases(&mut self, feed: &OpenFeed) -> Option<Finding> {
        let release = self.plan.release.as_ref()?;
        self.batch.held_changes.push((release.held, HeldChange::Released(release.reason.clone())));
        self.sources.of(&feed.source).held.retain(|held| held.feed_version_id != release.held);
        Some(rules::released(release))
    }

    /// A held feed whose bytes were applied meanwhile waits for nobody.
    pub(super) fn drop_release(&mut self, feed: &OpenFeed) {
        if let Some(held) = feed.released_from {
            self.batch.held_changes.push((held, HeldChange::Superseded));
        }
    }

    /// A full feed that passes says all that older ones say which were held for what they would do. What is held as
    /// older than what was applied waits on: other feeds have been applied since, and made it no less.
    pub(super) fn supersede(&mut self, feed: &OpenFeed) -> Vec<Finding> {
        let known = self.sources.of(&feed.source);
        let is_older =
            |held: &OpenHeld| held.format == feed.format() && !held.is_stale && held.is_before(&feed.place);
        let is_new = feed.age != Age::Old && feed.released_from.is_none();
        if !is_new || !known.held.iter().any(is_older) || !self.speaks_of_all(feed) {
            return Vec::new();
        }
        let known = self.sources.of(&feed.source);
        let (older, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut known.held).into_iter().partition(is_older);
        known.held = others;
        let changes = older.iter().map(|held| (held.feed_version_id, HeldChange::Superseded));
        self.batch.held_changes.extend(changes);
        older.iter().map(rules::superseded).collect()
    }

    /// Whether a feed is full: said so, or it has most of the products that stand.
    fn speaks_of_all(&mut self, feed: &OpenFeed) -> bool {
        if let Some(said) = self.plan.coverage_of(&feed.source, feed.format()) {
            return said == Coverage::Full;
        }
        let standing = self.sources.of(&feed.source).products.values().filter(|entry| !entry.withdrawn);
        let (all, seen) = standing.fold((0_usize, 0_usize), |(all, seen), entry| {
            (all + 1, seen + usize::from(entry.seen_in == feed.number))
        });
        seen * 100 >= all * MOST_PERCENT
    }

    /// Withdraws what a full feed does not mention.
    pub(super) fn withdraw_missing(&mut self, feed: &mut OpenFeed) {
        let known = self.sources.of(&feed.source);
        for (digest, entry) in &mut known.products {
            if entry.seen_in == feed.number || entry.withdrawn {
                continue;
            }
            feed.undo.product(*digest, Some(*entry));
            entry.fresh &= entry.staged_in == self.batch_number;
            entry.withdrawn = true;
            entry.staged_in = self.batch_number;
            feed.counts.withdrawn += 1;
            self.seq += 1;
            self.rows.withdrawal(feed.at(self.seq), entry.product_id);
        }
    }

    /// A feed is applied: what it did counts for those that come after it.
    pub(super) fn count_delivery(&mut self, feed: &mut OpenFeed) {
        let Some(weighed) = &feed.weighed else { return };
        let delivery = self.sources.delivery(&feed.source);
        let live = weighed.own.standing_after(delivery.live.unwrap_or(0));
        delivery.live = Some(live);
        if feed.counts.changed() > 0 {
            delivery.staged_in = self.batch_number;
        }
        if weighed.is_part {
            delivery.part = weighed.judged;
        } else {
            (delivery.part, delivery.base) = (guard::Changes::default(), live);
        }
        feed.standing = Some(live);
        if weighed.extent == Coverage::Full {
            let (records, was_released) = (weighed.own.records, feed.released_from.is_some());
            let known = self.sources.of(&feed.source);
            known.usual.entry(feed.format().to_owned()).or_default().add(records, live, was_released);
        }
    }
}

fn json(plan: &HeldPlan) -> String {
    serde_json::to_string(plan).expect("texts and numbers are JSON")
}

fn hexadecimal(digest: &[u8; 32]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writes to memory");
        text
    })
}

/// An error with its causes, in one line.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
