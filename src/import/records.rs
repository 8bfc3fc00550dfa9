//! What each record of a feed does: decided by what is known of its source, and staged.
//!
//! ```text
//!  outcome ─▶ same fingerprint as known?  ─▶ nothing to send
//!          ├▶ new or changed              ─▶ staged
//!          ├▶ withdrawn                   ─▶ staged
//!          └▶ refused                     ─▶ staged for the quarantine
//! ```

use super::order;
use super::rules::{self, Refusal};
use super::writer::{Writer, current};
use crate::judgement::{Action, FeedEvent, Outcome, RecordResult, TellingWriter};
use crate::product::{Amendment, Fingerprint, Product, RecordReference};
use crate::store::{Digest, FindingView, IdKind, KnownProduct, Origin, RecordDate, Refused, StoreError};
use jiff::Timestamp;
use std::collections::VecDeque;

/// Products whose stored form is read at once, to be amended.
pub(super) const BASES_MAX: usize = 500;

impl Writer {
    /// Decides what a record does; an amendment without its product is refused.
    pub(super) async fn outcome(&mut self, outcome: &mut Outcome) -> Result<(), StoreError> {
        let Some(feed) = &mut self.feed else { return Ok(()) };
        for finding in &outcome.findings {
            feed.note(finding);
        }
        let is_complete = matches!(outcome.result, RecordResult::Accepted(Action::Upsert(..)));
        feed.watch.complete += u64::from(is_complete);
        let is_told_again = feed.start.recognised.is_some();
        if feed.passes_over(outcome) {
            return Ok(());
        }
        if is_told_again {
            self.told_again(outcome);
            return Ok(());
        }
        if self.is_older(outcome) {
            return Ok(());
        }
        let changed = outcome.changed;
        match &mut outcome.result {
            RecordResult::Refused => self.refuse(outcome),
            RecordResult::Accepted(Action::Upsert(product, fingerprint)) => {
                self.upsert(product, *fingerprint, changed).await?;
            }
            RecordResult::Accepted(Action::Amend(amendment)) => {
                let amendment = (**amendment).clone();
                if let Some(refusal) = self.amend(amendment, changed).await? {
                    self.refuse_amendment(outcome, refusal);
                }
            }
            RecordResult::Accepted(Action::Withdraw) => self.withdraw(outcome),
            RecordResult::Accepted(Action::Ignore) => {
                let (feed, _) = current(&mut self.feed, &mut self.sources);
                feed.counts.unchanged += 1;
            }
        }
        Ok(())
    }

    /// A record that was told before, and done with: only whether there is something to withdraw is looked at again.
    fn told_again(&mut self, record: &mut Outcome) {
        let withdraws = record.result == RecordResult::Accepted(Action::Withdraw);
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        let Some(key) = record.key.as_ref().filter(|_| withdraws) else { return };
        if !known.products.contains_key(&Digest::of_reference(key)) {
            let finding = rules::withdraws_nothing(record);
            feed.note_own(&finding);
            record.findings.push(finding);
        }
    }

    /// Whether a record is older, by its own date, than what is known of its product: then nothing comes of it.
    fn is_older(&mut self, record: &Outcome) -> bool {
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        let (Some(key), Some(changed)) = (&record.key, record.changed) else { return false };
        if matches!(record.result, RecordResult::Refused | RecordResult::Accepted(Action::Ignore)) {
            return false;
        }
        let Some(entry) = known.products.get_mut(&Digest::of_reference(key)) else { return false };
        let is_older = RecordDate::from(Some(changed)) < entry.changed;
        if is_older {
            entry.seen_in = feed.number;
            feed.older += 1;
            feed.counts.stale += 1;
        }
        is_older
    }

    /// A complete record: nothing to do when it says what is known.
    async fn upsert(
        &mut self,
        product: &Product,
        fingerprint: Fingerprint,
        changed: Option<i64>,
    ) -> Result<(), StoreError> {
        let now = (self.plan.clock)();
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        let digest = Digest::of_reference(&product.reference);
        if feed.releases(known, digest) {
            self.seq += 1;
            self.rows.release(feed.at(self.seq), &product.reference);
        }
        let before = known.products.get(&digest).copied();
        let changed = newest(before.map_or(RecordDate::NONE, |entry| entry.changed), changed, now);
        if let Some(entry) = known.products.get_mut(&digest) {
            entry.seen_in = feed.number;
            if entry.fingerprint == fingerprint && !entry.withdrawn {
                feed.counts.unchanged += 1;
                if entry.changed != changed {
                    feed.undo.product(digest, before);
                    entry.changed = changed;
                    self.seq += 1;
                    self.rows.date(feed.at(self.seq), entry.product_id, changed);
                }
                return Ok(());
            }
        }
        let product_id = match before {
            Some(before) => before.product_id,
            None => self.target.id(IdKind::Product).await?,
        };
        let again = before.is_some_and(|entry| entry.staged_in == self.batch_number);
        let fresh = before.is_none_or(|entry| entry.fresh && again);
        self.batch.overlaps |= again;
        match before {
            Some(_) => feed.counts.updated += 1,
            None => feed.counts.inserted += 1,
        }
        let facts = feed.watch.facts(product);
        feed.watch.stages(product, before.as_ref(), (fingerprint, facts), digest);
        feed.undo.product(digest, before);
        let entry = KnownProduct {
            product_id,
            fingerprint,
            facts,
            changed,
            withdrawn: false,
            fresh,
            staged_in: self.batch_number,
            seen_in: feed.number,
        };
        known.products.insert(digest, entry);
        feed.claims.add(digest, product);
        self.seq += 1;
        self.rows.product(feed.at(self.seq), product_id, fresh, product, (fingerprint, facts, changed));
        Ok(())
    }

    /// A record that withdraws its product.
    fn withdraw(&mut self, record: &mut Outcome) {
        let now = (self.plan.clock)();
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        let Some(key) = &record.key else {
            feed.counts.unchanged += 1;
            return;
        };
        let digest = Digest::of_reference(key);
        if feed.releases(known, digest) {
            self.seq += 1;
            self.rows.release(feed.at(self.seq), key);
        }
        let entry = known.products.get_mut(&digest);
        if entry.is_none() {
            let finding = rules::withdraws_nothing(record);
            feed.note_own(&finding);
            feed.bury(key);
            record.findings.push(finding);
        }
        let Some(entry) = entry else {
            feed.counts.unchanged += 1;
            return;
        };
        if entry.seen_in == feed.number {
            // Whether there is something to withdraw was decided by this very feed.
            feed.telling.iter_mut().for_each(TellingWriter::lose);
        }
        let changed = newest(entry.changed, record.changed, now);
        if entry.withdrawn && entry.changed == changed {
            feed.counts.unchanged += 1;
            return;
        }
        feed.undo.product(digest, Some(*entry));
        if entry.changed != changed {
            entry.changed = changed;
            self.seq += 1;
            self.rows.date(feed.at(self.seq), entry.product_id, changed);
        }
        if entry.withdrawn {
            feed.counts.unchanged += 1;
            return;
        }
        feed.watch.withdraws(Some(key), entry, digest);
        entry.fresh &= entry.staged_in == self.batch_number;
        entry.withdrawn = true;
        entry.staged_in = self.batch_number;
        entry.seen_in = feed.number;
        feed.counts.withdrawn += 1;
        self.seq += 1;
        self.rows.withdrawal(feed.at(self.seq), entry.product_id);
    }

    /// A record that says what changed: completed from what is stored, then as a complete one; or why it cannot be.
    async fn amend(
        &mut self,
        amendment: Amendment,
        changed: Option<i64>,
    ) -> Result<Option<Refusal>, StoreError> {
        let reference = amendment.change.reference.clone();
        match self.standing(&reference) {
            None => return Ok(Some(Refusal::Unknown)),
            Some(KnownProduct { withdrawn: true, .. }) => return Ok(Some(Refusal::Withdrawn)),
            Some(_) => {}
        }
        match self.base(&reference).await? {
            Some(base) => {
                let product = amendment.of(base);
                let fingerprint = Fingerprint::of(&product);
                self.upsert(&product, fingerprint, changed).await?;
            }
            None if !self.plan.mode.writes() => {
                // Its base is new in this very run and was never written: it would change it.
                let (feed, _) = current(&mut self.feed, &mut self.sources);
                feed.counts.updated += 1;
            }
            None => return Ok(Some(Refusal::Unknown)),
        }
        Ok(None)
    }

    fn refuse_amendment(&mut self, record: &mut Outcome, refusal: Refusal) {
        let finding = rules::amends_nothing(record, refusal);
        let (feed, _) = current(&mut self.feed, &mut self.sources);
        feed.note_own(&finding);
        feed.refused_own += 1;
        record.findings.push(finding);
        record.result = RecordResult::Refused;
        self.refuse(record);
    }

    /// What is known of a product now.
    pub(super) fn standing(&mut self, reference: &RecordReference) -> Option<KnownProduct> {
        let (_, known) = current(&mut self.feed, &mut self.sources);
        known.products.get(&Digest::of_reference(reference)).copied()
    }

    /// The product as it stands, with what this batch has staged.
    async fn base(&mut self, reference: &RecordReference) -> Result<Option<Product>, StoreError> {
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        let Some(entry) = known.products.get(&Digest::of_reference(reference)) else { return Ok(None) };
        if entry.staged_in == self.batch_number {
            self.target.stage(&mut self.rows).await?;
            let found = self.target.load(Origin::Staged, &feed.source, &[reference]).await?;
            if let Some(product) = found.into_values().next() {
                return Ok(Some(product));
            }
        }
        if let Some(product) = self.bases.remove(reference) {
            return Ok(Some(product));
        }
        Ok(self.target.load(Origin::Live, &feed.source, &[reference]).await?.into_values().next())
    }

    /// Reads the stored products that this amendment and those that wait behind it will need, at once.
    pub(super) async fn fetch_bases(
        &mut self,
        next: &Outcome,
        waiting: &VecDeque<FeedEvent>,
    ) -> Result<(), StoreError> {
        let Some(first) = amended(next) else { return Ok(()) };
        let Some(feed) = &self.feed else { return Ok(()) };
        if self.bases.contains_key(first) {
            return Ok(());
        }
        let same_feed = waiting.iter().map_while(|event| match event {
            FeedEvent::Outcome(outcome) => Some(amended(outcome)),
            FeedEvent::Finding(_) => Some(None),
            FeedEvent::Start(_) | FeedEvent::End(_) | FeedEvent::Failed(..) => None,
        });
        let mut wanted = vec![first];
        wanted.extend(same_feed.flatten().take(BASES_MAX - 1));
        self.bases = self.target.load(Origin::Live, &feed.source, &wanted).await?;
        Ok(())
    }

    /// A refused record: byte for byte into quarantine.
    fn refuse(&mut self, record: &Outcome) {
        let (feed, known) = current(&mut self.feed, &mut self.sources);
        feed.counts.refused += 1;
        match &record.key {
            Some(key) => {
                let digest = Digest::of_reference(key);
                if known.quarantined.insert(digest) {
                    feed.undo.quarantined(digest);
                }
                if let Some(entry) = known.products.get_mut(&digest) {
                    entry.seen_in = feed.number;
                }
            }
            None => feed.unkeyed = true,
        }
        if feed.counts.refused > self.plan.quarantine.feed_max {
            // All of the feed is refused for it, when it ends.
            return;
        }
        self.seq += 1;
        let findings: Vec<FindingView> = record.findings.iter().map(FindingView::from).collect();
        let refused = Refused {
            feed: &feed.start.name,
            format: feed.format(),
            profile_version: feed.start.profile_version.unwrap_or(0),
            context: &feed.start.context,
            reference: record.key.as_ref(),
            ordinal: record.ordinal.0,
            place: record.place,
            bytes: &record.bytes,
            findings: &findings,
        };
        self.rows.refused(feed.at(self.seq), refused);
    }
}

/// The newest date known of a product with this record; one that is to come says nothing.
fn newest(known: RecordDate, changed: Option<i64>, now: Timestamp) -> RecordDate {
    let said = changed.filter(|changed| !order::is_to_come(*changed, now));
    known.max(RecordDate::from(said))
}

/// The key of a record that amends.
fn amended(outcome: &Outcome) -> Option<&RecordReference> {
    match &outcome.result {
        RecordResult::Accepted(Action::Amend(amendment)) => Some(&amendment.change.reference),
        _ => None,
    }
}
