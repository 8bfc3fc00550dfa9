//! A hand: judges the records of a stretch apart from their feed, as far as they can be judged there.
//!
//! What it says of a record is what one thread would say of it in its place, but for what depends on the rest of the
//! feed: keys and references of the document are noted down, duplicates and limits of the feed are for whoever reads
//! the feed. A record of which it cannot say that is left out, and read again there; so is all of a stretch that does
//! not read as records between tags. Nothing that a hand is told of a stretch has to be right: it reads on from where
//! it begins, and each record is told with the offset at which it begins.

use super::judge::{EVENT_DEVIATIONS_MAX, control_of};
use super::plan::{FeedLimits, FeedPlan};
use crate::feed::{CutStep, Cutter, FeedProfile, Header};
use crate::map::{Mapped, Mapper, MappingFault, Products};
use crate::xml::{Apart, Block, Control, Event, Offset, StartTag, Stretch, Surroundings};
use crate::xsd::{Deviation, DeviationBuffer, RecordKeys, Seat, Validator};
use std::sync::Arc;

/// What may be said of one record; one of which there is more to say is read again.
const TOLD_MAX: usize = 1_000;
/// What may be said of all records of a stretch; those behind are read again.
const STRETCH_TOLD_MAX: usize = 4_000;

/// What all records of a stretch have in common.
pub(super) struct Base {
    pub(super) plan: Arc<FeedPlan>,
    pub(super) profile: Arc<FeedProfile>,
    pub(super) limits: FeedLimits,
    pub(super) products: Products,
    /// The seat that they are thought to have.
    pub(super) seat: Seat,
    pub(super) around: Surroundings,
    /// Path of the elements around them.
    pub(super) path: String,
    pub(super) header: Header,
}

/// The numbers that a record is thought to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Among all records of the feed, from 1.
    pub(super) ordinal: u64,
    /// How many siblings of its name come before it.
    pub(super) before: u32,
}

impl Numbers {
    /// Those of the record behind so many others.
    pub(super) fn behind(self, records: u32) -> Self {
        Self { ordinal: self.ordinal + u64::from(records), before: self.before.saturating_add(records) }
    }
}

/// A record that was judged apart from its feed.
pub(super) struct ApartRecord {
    pub(super) start: Offset,
    pub(super) end: Offset,
    /// The numbers under which it was judged.
    pub(super) numbers: Numbers,
    /// What was found between its tags, in this order.
    pub(super) told: Vec<Told>,
    pub(super) keys: RecordKeys,
    /// Names outside of the schema that it has.
    pub(super) unknown_names: Vec<Box<str>>,
    pub(super) mapped: Mapped,
    /// The fault if another record has its reference.
    pub(super) duplicate: Option<MappingFault>,
}

/// Something found in a record.
pub(super) enum Told {
    Deviation(Deviation),
    /// A control character, where it stands, and the path of the element.
    Control(Control, Offset, String),
}

/// The parts that judge records apart, for one base.
pub(super) struct Hand {
    base: Arc<Base>,
    apart: Apart,
    rest: Parts,
}

struct Parts {
    validator: Validator,
    found: DeviationBuffer,
    cutter: Cutter,
    mapper: Mapper,
}

/// A record between its tags.
struct Open {
    start: Offset,
    numbers: Numbers,
    told: Vec<Told>,
    has_controls: bool,
    /// It cannot be judged apart.
    spoilt: bool,
}

impl Hand {
    pub(super) fn new(base: &Arc<Base>) -> Self {
        let Base { plan, profile, limits, products, .. } = &**base;
        let rest = Parts {
            validator: Validator::new(Arc::clone(&plan.schema)),
            found: DeviationBuffer::with_limit(EVENT_DEVIATIONS_MAX),
            cutter: Cutter::new(Arc::clone(profile), limits.record),
            mapper: Mapper::new(Arc::clone(profile)).with_products(*products),
        };
        Self { base: Arc::clone(base), apart: Apart::new(&base.around), rest }
    }

    /// Whether it is for this base, and can go on.
    pub(super) fn is_for(&self, base: &Arc<Base>) -> bool {
        Arc::ptr_eq(&self.base, base) && self.apart.is_fit()
    }

    /// Judges the records that begin and end in a stretch, which begins between two of them; the first is thought to
    /// have these numbers.
    pub(super) fn judge(&mut self, stretch: Stretch, first: Numbers) -> Vec<ApartRecord> {
        let Self { base, apart, rest } = self;
        let mut records = rest.judge(base, &mut apart.block(stretch), first);
        if !apart.is_fit() {
            // Which of them met a new namespace does not matter: it is rare.
            records.clear();
        }
        records
    }
}

impl Parts {
    fn judge(&mut self, base: &Base, block: &mut Block<'_>, mut next: Numbers) -> Vec<ApartRecord> {
        let mut records = Vec::new();
        let (depth, mut told) = (base.around.depth(), 0);
        let has_controls = block.has_controls();
        let mut open: Option<Open> = None;
        self.cutter.seat(&base.path, next.ordinal);
        while let Ok(Some(event)) = block.next() {
            let step = self.cutter.event(&event);
            match step {
                CutStep::RecordStart => {
                    let Event::Start(tag) = &event else { break };
                    open = Some(self.begin(base, tag, next));
                    next = next.behind(1);
                }
                CutStep::Outside => {
                    let is_end = matches!(event, Event::End(_));
                    if is_end && block.depth() <= depth {
                        break;
                    }
                    continue;
                }
                CutStep::Inside | CutStep::RecordEnd => {}
            }
            let Some(record) = &mut open else { break };
            self.validator.event(&event, &mut self.found);
            let control = control_of(&event, has_controls);
            let end = match &event {
                Event::End(tag) => tag.span.end,
                _ => Offset(0),
            };
            if control.is_some() || !self.found.is_empty() || !self.found.cut().is_empty() {
                self.tell(record, control);
            }
            match step {
                CutStep::RecordStart => {
                    let start = record.start;
                    block.mark(start);
                }
                CutStep::RecordEnd => {
                    let record = open.take().expect("a record ends that began");
                    let is_lost = block.is_mark_lost();
                    block.unmark();
                    told += record.told.len();
                    let judged = self.end(base, record, end);
                    records.extend(judged.filter(|_| !is_lost && told <= STRETCH_TOLD_MAX));
                }
                _ => {}
            }
        }
        records
    }

    fn begin(&mut self, base: &Base, tag: &StartTag<'_>, numbers: Numbers) -> Open {
        self.validator.sit(base.seat.numbered(numbers.before));
        Open { start: tag.span.start, numbers, told: Vec::new(), has_controls: false, spoilt: false }
    }

    fn tell(&mut self, record: &mut Open, control: Option<(Control, Offset)>) {
        record.told.extend(self.found.drain().map(Told::Deviation));
        if !self.found.cut().is_empty() {
            self.found = DeviationBuffer::with_limit(EVENT_DEVIATIONS_MAX);
            record.spoilt = true;
        }
        if let Some((control, at)) = control {
            record.has_controls = true;
            record.told.push(Told::Control(control, at, self.validator.path()));
        }
        if record.told.len() > TOLD_MAX {
            record.told.clear();
            record.spoilt = true;
        }
    }

    fn end(&mut self, base: &Base, record: Open, end: Offset) -> Option<ApartRecord> {
        let Open { start, numbers, told, has_controls, spoilt } = record;
        let keys = self.validator.keys();
        let unknown_names = self.validator.take_unknown_names();
        // Between a control character and a key that is wrong nobody could say which comes first.
        if spoilt || (has_controls && !keys.is_empty()) {
            return None;
        }
        let tree = self.cutter.record();
        let mapped = self.mapper.map(tree, &base.header);
        let duplicate = mapped.key.as_ref().and_then(|_| self.mapper.duplicate(tree));
        Some(ApartRecord { start, end, numbers, told, keys, unknown_names, mapped, duplicate })
    }
}
