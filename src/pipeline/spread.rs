//! One feed on all cores: records are judged ahead by whoever has time, and taken in their order by the one thread that
//! reads the feed.
//!
//! ```text
//!  reader   reads all around records; comes to a record ─▶ was it judged? ─ yes ─▶ takes it, passes over it
//!     │                                                         └ no, or in another place than was thought ─▶ reads it
//!     └ post: copies of stretches ahead ─▶ board ─▶ Hand: ApartRecord, ApartRecord, … by the offset of their start tag
//! ```
//!
//! Where stretches are cut is guessed: behind the first end tag of a record's name that is far enough, whatever it
//! stands in. A guess cannot do harm. What a record says depends on its bytes and on what stands around it; it is taken
//! only when the reader itself stands at its start tag, between two records, in the same element, and the numbers and
//! the seat that the hand was given turn out to be those of the record. All that is told of the feed, the order, the
//! counts and limits, the keys of the document and duplicates, is the reader's, in the same code that
//! reads without hands.
//!
//! When guesses fail more often than they help, the feed is read by one thread for a while.
//!
//! Records whose trees somebody wants to see ([`RecordObserver`](crate::feed::RecordObserver), and for
//! [`Structure::Gathered`](super::Structure) one in a few) are judged apart and cut once more by the reader.
//!
//! Not read by many: documents without a format, records without a feed, and records that hold a field of a constraint
//! whose target is around them. Packed feeds are unpacked by the reader, and digests are taken by it.

use super::board::{Board, Slot};
use super::hand::{ApartRecord, Base, Hand, Numbers};
use crate::xml::{Block, Offset, Span};
use crate::xsd::Seat;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a feed is spread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Bytes of a stretch at least.
    pub(super) stretch_bytes: usize,
    /// Bytes of a feed that are read before anything is spread: what is smaller is done sooner than shared.
    pub(super) first_bytes: u64,
    /// Whether it is spread also when nobody has time to help.
    pub(super) always: bool,
}

impl Default for Measure {
    fn default() -> Self {
        Self { stretch_bytes: 64 << 10, first_bytes: 1 << 20, always: false }
    }
}

/// So much a guess that fails costs, where one that helps brings 1.
const FAILURE: i32 = 8;
/// What can be saved up.
const CREDIT_MAX: i32 = 256;
/// Credit to begin with, also after a rest.
const CREDIT: i32 = 32;
/// Stretches that are read by one thread before the next try.
const REST: u64 = 64;

#[cfg(test)]
thread_local! {
    /// Records that this thread has passed over.
    pub(super) static PASSED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// A stretch that is judged ahead.
struct Pending {
    span: Span,
    slot: Arc<Slot<Vec<ApartRecord>>>,
    /// What came of it, once somebody asked.
    records: Option<VecDeque<ApartRecord>>,
}

/// Delivers nothing when the job does not come to its end.
struct Delivery {
    slot: Arc<Slot<Vec<ApartRecord>>>,
    records: Vec<ApartRecord>,
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.slot.fill(std::mem::take(&mut self.records));
    }
}

/// One feed that is read by many.
pub(super) struct Spread {
    board: Arc<Board>,
    measure: Measure,
    /// Whether stretches are posted.
    wanted: bool,
    /// Whether those of this block were.
    posted: bool,
    /// The seat of the last record, and its name as written.
    seat: Option<(Seat, Box<[u8]>)>,
    base: Option<Arc<Base>>,
    hands: Arc<Mutex<Vec<Hand>>>,
    pending: VecDeque<Pending>,
    /// How far stretches were posted, and the numbers of the next record there.
    posted_to: Offset,
    next: Numbers,
    credit: i32,
    /// Until here one thread reads.
    rests_to: Offset,
    /// Nobody wants what is posted any more.
    dropped: Arc<AtomicBool>,
}

impl Spread {
    pub(super) fn new(board: Arc<Board>, measure: Measure) -> Self {
        Self {
            board,
            measure,
            wanted: false,
            posted: false,
            seat: None,
            base: None,
            hands: Arc::default(),
            pending: VecDeque::new(),
            posted_to: Offset(0),
            next: Numbers { ordinal: 1, before: 0 },
            credit: CREDIT,
            rests_to: Offset(measure.first_bytes),
            dropped: Arc::default(),
        }
    }

    /// Looks whether there is help, where a block begins.
    pub(super) fn look(&mut self, at: Offset) {
        let helped = self.measure.always || self.board.helpers() > 0;
        self.wanted = helped && at >= self.rests_to;
        self.posted = false;
        if !self.wanted && self.pending.is_empty() {
            self.forget();
        }
    }

    /// Whether records are taken by their seats.
    pub(super) fn is_on(&self) -> bool {
        self.wanted || !self.pending.is_empty()
    }

    /// Bytes that are to be at hand ahead of the reader; nothing when nothing is posted.
    pub(super) fn ahead_bytes(&self) -> Option<usize> {
        let threads = self.board.helpers() + 1;
        self.wanted.then(|| 2 * self.measure.stretch_bytes * (threads + 1))
    }

    /// Whether a block is to be left early, so that the helpers do not run out of work.
    pub(super) fn is_low(&self, block: &Block<'_>) -> bool {
        let left = block.end().0 - block.position().0;
        self.ahead_bytes().is_some_and(|ahead| left < ahead as u64 / 2) && !block.is_last()
    }

    /// A record was read by the reader, from this seat on.
    pub(super) fn learn(&mut self, seat: Seat, name: &str) {
        let end_tag = [b"</", name.as_bytes(), b">"].concat().into();
        let is_news = self.base.as_ref().is_none_or(|base| !base.seat.is_like(&seat));
        if is_news {
            self.drop_pending();
            self.base = None;
        }
        self.seat = Some((seat, end_tag));
    }

    /// A record has this seat, and was passed over.
    pub(super) fn passed(&mut self, seat: Seat) {
        self.credit = (self.credit + 1).min(CREDIT_MAX);
        #[cfg(test)]
        PASSED.set(PASSED.get() + 1);
        if let Some((known, _)) = &mut self.seat {
            *known = seat;
        }
    }

    /// What was guessed of the record at `at` was wrong, or it could not be judged apart.
    pub(super) fn failed(&mut self, at: Offset) {
        self.credit -= FAILURE;
        if self.credit < 0 {
            self.credit = CREDIT;
            self.wanted = false;
            self.rests_to = Offset(at.0 + REST * self.measure.stretch_bytes as u64);
            self.forget();
        }
    }

    /// The numbers that were given to records are wrong from here on.
    pub(super) fn miscounted(&mut self) {
        self.drop_pending();
    }

    /// Whether the record at `at`, in the element that begins at `parent`, is among those that were judged ahead, and
    /// what came of it.
    pub(super) fn find(&mut self, at: Offset, parent: Option<Offset>) -> Found {
        while self.pending.front().is_some_and(|first| first.span.end <= at) {
            self.pending.pop_front();
        }
        let Some(base) = &self.base else { return Found::Unasked };
        let Some(first) = self.pending.front_mut().filter(|first| first.span.start <= at) else {
            return Found::Unasked;
        };
        if base.around.innermost_start() != parent {
            self.forget();
            return Found::Unasked;
        }
        let records = first.records.get_or_insert_with(|| first.slot.take(&self.board).into());
        while records.front().is_some_and(|record| record.start < at) {
            records.pop_front();
        }
        match records.pop_front_if(|record| record.start == at) {
            Some(record) => Found::Judged(Arc::clone(base), Box::new(record)),
            None => Found::Unjudged,
        }
    }

    /// Posts what is at hand, between two records of which the next is the one of this number.
    pub(super) fn post(
        &mut self,
        block: &mut Block<'_>,
        ordinal: u64,
        base: impl FnOnce(Seat, &mut Block<'_>) -> Base,
    ) {
        let Some((seat, end_tag)) = self.seat.as_ref().filter(|_| self.wanted && !self.posted) else {
            return;
        };
        let (before, end_tag) = (seat.before() + 1, end_tag.clone());
        self.posted = true;
        if self.base.as_ref().is_some_and(|base| base.around.innermost_start() != block.innermost_start()) {
            return self.forget();
        }
        if self.base.is_none() {
            self.base = Some(Arc::new(base(seat.clone(), block)));
        }
        if self.posted_to < block.position() {
            self.posted_to = block.position();
            self.next = Numbers { ordinal, before };
        }
        let ends: Vec<Offset> = block.find(&end_tag, self.posted_to).map(|span| span.end).collect();
        let last = ends.last().copied().filter(|_| block.is_last());
        let mut records = 0;
        for end in ends {
            records += 1;
            let is_enough = end.0 - self.posted_to.0 >= self.measure.stretch_bytes as u64;
            if is_enough || last == Some(end) {
                self.post_to(end, block);
                self.next = self.next.behind(records);
                records = 0;
            }
        }
    }

    fn post_to(&mut self, end: Offset, block: &Block<'_>) {
        let span = Span { start: std::mem::replace(&mut self.posted_to, end), end };
        let (Some(base), Some(stretch)) = (self.base.clone(), block.stretch(span)) else { return };
        let slot = Arc::<Slot<_>>::default();
        let delivery = Delivery { slot: Arc::clone(&slot), records: Vec::new() };
        let (hands, dropped, first) = (Arc::clone(&self.hands), Arc::clone(&self.dropped), self.next);
        self.board.post(Box::new(move || {
            let mut delivery = delivery;
            if dropped.load(Ordering::Relaxed) {
                return;
            }
            let hand = hands.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut hand = hand.filter(|hand| hand.is_for(&base)).unwrap_or_else(|| Hand::new(&base));
            delivery.records = hand.judge(stretch, first);
            hands.lock().unwrap_or_else(PoisonError::into_inner).push(hand);
        }));
        self.pending.push_back(Pending { span, slot, records: None });
    }

    /// Begins anew with the next record.
    fn forget(&mut self) {
        self.drop_pending();
        (self.seat, self.base) = (None, None);
    }

    fn drop_pending(&mut self) {
        if !self.pending.is_empty() {
            self.pending.clear();
            std::mem::take(&mut self.dropped).store(true, Ordering::Relaxed);
        }
        self.posted_to = Offset(0);
        self.posted = false;
    }
}

impl Drop for Spread {
    fn drop(&mut self) {
        self.drop_pending();
    }
}

/// What is known of a record.
pub(super) enum Found {
    /// It was in no stretch.
    Unasked,
    /// It could not be judged apart.
    Unjudged,
    Judged(Arc<Base>, Box<ApartRecord>),
}
