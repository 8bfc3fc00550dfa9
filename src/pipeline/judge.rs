//! Judges feeds of one plan: validator, cutter and mapper, stepped together through the events.
//!
//! ```text
//!  event ─▶ Validator ─▶ deviations ─┐
//!      └──▶ Cutter ─▶ record ─▶ Mapper ─▶ faults ─┤─▶ findings ─▶ refused, or accepted with an action
//! ```
//!
//! Everything is reused from record to record and from feed to feed. Records may be judged [apart](super::spread), by
//! others: then they are taken where they stand, as if they had been judged there.

use super::findings;
use super::hand::{ApartRecord, Base, Told};
use super::ledger::Kind;
use super::pins::{self, Pins};
use super::plan::{Alone, FeedLimits, FeedPlan, Structure};
use super::progress::{Advance, Progress};
use super::reading::Reading;
use super::spread::{Found, Spread};
use crate::drift::{FeedFacts, Gathered, Gatherer};
use crate::feed::{
    CutStep, Cutter, DuplicateCheck, FeedProfile, Header, Judged, RecordObserver, Rule, presumed_header,
};
use crate::judgement::{
    Action, Check, CheckState, Excerpt, FeedStart, Finding, RecordContext, RecordOrdinal, Severity, Undone,
    Verdict,
};
use crate::map::{Admission, Mapped, Mapper, MappingFault, Products, References};
use crate::product::RecordReference;
use crate::xml::{Block, Control, Cursor, Event, ExpandedName, Offset, Span, XmlError, control_in};
use crate::xsd::{Clause, Deviation, DeviationBuffer, Validator};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

/// Clauses by which the schema says that a value stands twice.
const UNIQUENESS: &str = "cvc-identity-constraint.4";
/// Deviations of one event that are kept; the others are counted.
pub(super) const EVENT_DEVIATIONS_MAX: usize = 1_000;

/// The parts that judge feeds of one plan.
pub(super) struct Judge {
    pub(super) plan: Arc<FeedPlan>,
    validator: Validator,
    found: DeviationBuffer,
    /// How many of the deviations that the buffer did not keep are counted already.
    cut: BTreeMap<Clause, u64>,
    pins: Pins,
    format: Option<FormatParts>,
    /// Bytes of a record that are kept at most.
    record_bytes_max: usize,
    /// The feed at hand is read by many.
    pub(super) spread: Option<Spread>,
    /// Shown each header and record that was cut and judged.
    pub(super) observers: Observers,
}

pub(super) type Observers = Vec<Box<dyn RecordObserver>>;

/// What only feeds of a format need.
struct FormatParts {
    profile: Arc<FeedProfile>,
    cutter: Cutter,
    mapper: Mapper,
    references: References,
    /// There were more references than are remembered.
    references_lost: bool,
    /// What the header said of a feed that is not at hand.
    header: Option<Header>,
    /// Gathers what records look like, when somebody asks.
    gatherer: Option<Gatherer>,
    line_ends: &'static str,
    limits: FeedLimits,
    products: Products,
}

impl FormatParts {
    fn new(profile: &Arc<FeedProfile>, limits: &FeedLimits, products: Products) -> Self {
        Self {
            profile: Arc::clone(profile),
            cutter: Cutter::new(Arc::clone(profile), limits.record),
            mapper: Mapper::new(Arc::clone(profile)).with_products(products),
            references: References::default(),
            references_lost: false,
            header: None,
            gatherer: None,
            line_ends: "",
            limits: *limits,
            products,
        }
    }
}

/// How the reading of a feed ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// Read to its last byte.
    Complete,
    /// The sink or the stop flag wanted no more.
    Stopped,
    /// It cannot be read on.
    Broken(XmlError),
}

impl Judge {
    pub(super) fn new(plan: Arc<FeedPlan>, limits: &FeedLimits, products: Products) -> Self {
        Self {
            validator: Validator::new(Arc::clone(&plan.schema)),
            found: DeviationBuffer::with_limit(EVENT_DEVIATIONS_MAX),
            cut: BTreeMap::new(),
            pins: Pins::default(),
            format: plan.profile.as_ref().map(|profile| FormatParts::new(profile, limits, products)),
            record_bytes_max: limits.xml.record_bytes_max,
            spread: None,
            observers: Vec::new(),
            plan,
        }
    }

    /// Takes a seat where a record stood, below a root of this name in a feed with this header. What is
    /// read next is the record.
    pub(super) fn sit(&mut self, root: ExpandedName<'_>, header: Header) {
        self.validator = Validator::below(Arc::clone(&self.plan.schema), &[root]);
        if let Some(parts) = &mut self.format {
            parts.cutter.seat(&format!("/{}", root.local), 1);
            parts.header = Some(header);
        }
    }

    /// Takes such a seat when the plan is for a record without its feed.
    pub(super) fn sit_alone(&mut self) {
        let plan = Arc::clone(&self.plan);
        if let Some(Alone { root: (namespace, local), .. }) = &plan.alone {
            let header = plan.profile.as_deref().map(presumed_header).unwrap_or_default();
            self.sit(ExpandedName { namespace, local }, header);
        }
    }

    /// What the record that was cut last wants, as far as it can be read, whatever is wrong with it.
    pub(super) fn draft(&self) -> Option<Action> {
        let parts = self.format.as_ref()?;
        let header = parts.header.as_ref().unwrap_or(parts.cutter.header());
        parts.mapper.draft(parts.cutter.record(), header)
    }

    /// Ready for another feed, wherever the last one ended.
    pub(super) fn restart(&mut self) {
        self.found = DeviationBuffer::with_limit(EVENT_DEVIATIONS_MAX);
        self.validator.finish(&mut self.found);
        self.found = DeviationBuffer::with_limit(EVENT_DEVIATIONS_MAX);
        self.cut.clear();
        self.pins.clear();
        self.spread = None;
        if let Some(parts) = &mut self.format {
            parts.cutter.restart();
            parts.references.clear();
            parts.references_lost = false;
            parts.gatherer = None;
        }
    }

    /// Whether records of its feeds can be judged apart.
    pub(super) fn may_spread(&self) -> bool {
        self.format.is_some() && self.plan.alone.is_none()
    }

    /// Whether it is gathered what the records of the next feed look like.
    pub(super) fn gather(&mut self, structure: Structure) {
        if let Some(parts) = &mut self.format {
            let gathered = structure == Structure::Gathered;
            parts.gatherer = gathered.then(|| Gatherer::new(Arc::clone(&parts.profile)));
        }
    }

    /// What the records of the feed looked like that was just read.
    pub(super) fn structure(&mut self, reading: &Reading<'_>, bytes: u64) -> Option<Arc<[u8]>> {
        let parts = self.format.as_mut()?;
        let mut gatherer = parts.gatherer.take()?;
        let facts = facts(&reading.start, parts.line_ends);
        Some(gatherer.finish(facts, bytes).pack().into())
    }

    /// Reads a feed to its end.
    pub(super) fn read<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
        reading: &mut Reading<'_>,
        watch: &mut Watch<'_>,
    ) -> Ending {
        if let Some(parts) = &self.format {
            reading.is_of(&parts.profile);
        }
        let ending = match self.read_blocks(cursor, reading, watch) {
            Ok(ending) => ending,
            Err(error) => Ending::Broken(error),
        };
        self.close_header(reading);
        match &ending {
            Ending::Complete => self.finish(reading),
            Ending::Stopped => {}
            Ending::Broken(error) => self.break_off(error, cursor, reading),
        }
        ending
    }

    fn read_blocks<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
        reading: &mut Reading<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Ending, XmlError> {
        loop {
            if let Some(bytes) = self.spread.as_ref().and_then(Spread::ahead_bytes) {
                cursor.look_ahead(bytes);
            }
            let Some(mut block) = cursor.block()? else { break };
            reading.tick(block.position());
            self.read_block(&mut block, reading)?;
            self.pins.note(&block, &mut self.validator);
            watch.advance(block.position().0, reading);
            if reading.is_stopped() || watch.is_stopped() {
                return Ok(Ending::Stopped);
            }
        }
        Ok(Ending::Complete)
    }

    fn read_block(&mut self, block: &mut Block<'_>, reading: &mut Reading<'_>) -> Result<(), XmlError> {
        if let Some(spread) = &mut self.spread {
            spread.look(block.position());
            self.post(block);
        }
        // One look at the block, not one at each of its texts, unless others look at most of them.
        let has_controls = self.is_spread() || block.has_controls();
        while let Some(event) = block.next()? {
            let may_be_record = matches!(event, Event::Start(_)) && self.takes_seats();
            let (step, event) = if may_be_record {
                let Some(step) = self.start_record(block, reading) else {
                    let is_low = self.spread.as_ref().is_some_and(|spread| spread.is_low(block));
                    if is_low || reading.is_stopped() {
                        break;
                    }
                    continue;
                };
                (step, Event::Start(block.last_start_tag()))
            } else {
                self.validator.event(&event, &mut self.found);
                let step = match &mut self.format {
                    Some(parts) => parts.cutter.event(&event),
                    None => CutStep::Outside,
                };
                (step, event)
            };
            let control = control_of(&event, has_controls);
            let quiet = self.found.is_empty() && self.found.cut().is_empty() && control.is_none();
            if quiet && matches!(step, CutStep::Inside | CutStep::Outside) {
                continue;
            }
            let span = span(&event);
            self.step(step, span, block, reading);
            if let Some((control, at)) = control {
                self.tell_control((control, at, self.validator.path()), block, reading);
            }
            if step == CutStep::RecordEnd {
                self.post(block);
            }
            if reading.is_stopped() {
                break;
            }
        }
        Ok(())
    }

    /// A control character that no text has on purpose.
    fn tell_control(
        &self,
        (control, at, path): (Control, Offset, String),
        block: &Block<'_>,
        reading: &mut Reading<'_>,
    ) {
        let level = self.format.as_ref().and_then(|parts| parts.profile.level(findings::CONTROL));
        let severity = level.map_or(Severity::Warning, Severity::from);
        reading.take(findings::of_control(control, at, (severity, path), block));
    }

    fn is_spread(&self) -> bool {
        self.spread.as_ref().is_some_and(Spread::is_on)
    }

    /// Whether the next element may be a record that is taken by its seat.
    fn takes_seats(&self) -> bool {
        self.is_spread() && self.format.as_ref().is_some_and(|parts| parts.cutter.is_before_record())
    }

    /// Leaves what is at hand to others, if the next element may be a record.
    fn post(&mut self, block: &mut Block<'_>) {
        let (true, Some(spread), Some(parts)) = (self.takes_seats(), &mut self.spread, &self.format) else {
            return;
        };
        let FormatParts { profile, cutter, limits, products, .. } = parts;
        let plan = &self.plan;
        spread.post(block, cutter.records() + 1, |seat, block| Base {
            plan: Arc::clone(plan),
            profile: Arc::clone(profile),
            limits: *limits,
            products: *products,
            seat,
            around: block.surroundings(),
            path: cutter.around().to_owned(),
            header: cutter.header().clone(),
        });
    }

    /// The start tag of what may be a record; `None` when it is one that was judged apart, and was passed over.
    fn start_record(&mut self, block: &mut Block<'_>, reading: &mut Reading<'_>) -> Option<CutStep> {
        let Self { validator, found, format, spread, .. } = self;
        let (Some(parts), Some(spread)) = (format, spread) else { return Some(CutStep::Outside) };
        let (tag, parent) = (block.last_start_tag(), block.parent_start());
        let step = parts.cutter.event(&Event::Start(tag));
        if step != CutStep::RecordStart {
            validator.event(&Event::Start(tag), found);
            return Some(step);
        }
        let at = tag.span.start;
        let judged = match spread.find(at, parent) {
            Found::Judged(base, record) if validator.tells_apart(&record.unknown_names) => {
                Some((base, record))
            }
            Found::Judged(..) | Found::Unjudged => {
                spread.failed(at);
                None
            }
            Found::Unasked => None,
        };
        let Some(seat) = validator.seat(&tag, found) else {
            validator.event(&Event::Start(tag), found);
            spread.failed(at);
            return Some(step);
        };
        if let Some((base, record)) = judged {
            let is_counted =
                record.numbers.ordinal == parts.cutter.records() && record.numbers.before == seat.before();
            if is_counted && base.seat.is_like(&seat) {
                spread.passed(seat);
                let span = tag.span;
                self.take_record(*record, span, block, reading);
                return None;
            }
            spread.failed(at);
            if !is_counted {
                spread.miscounted();
            }
        }
        validator.stay(&tag, &seat, found);
        spread.learn(seat, tag.name.qname);
        Some(step)
    }

    /// Takes a record that was judged apart, at its start tag.
    fn take_record(
        &mut self,
        record: ApartRecord,
        tag: Span,
        block: &mut Block<'_>,
        reading: &mut Reading<'_>,
    ) {
        let ApartRecord { start: _, end, numbers: _, told, keys, unknown_names, mapped, duplicate } = record;
        self.step(CutStep::RecordStart, tag, block, reading);
        self.validator.meet_unknown_names(&unknown_names);
        let mut late = Vec::new();
        self.validator.absorb(keys, |before, deviation| late.push((before, deviation)));
        let mut late = late.into_iter().peekable();
        let mut number = 0;
        for told in told {
            match told {
                Told::Deviation(deviation) => {
                    while let Some((_, deviation)) = late.next_if(|(before, _)| *before <= number) {
                        self.take_deviation(deviation, Some(block), reading);
                    }
                    number += 1;
                    self.take_deviation(deviation, Some(block), reading);
                }
                Told::Control(control, at, path) => self.tell_control((control, at, path), block, reading),
            }
        }
        for (_, deviation) in late {
            self.take_deviation(deviation, Some(block), reading);
        }
        if self.wants_tree(mapped.key.as_ref(), reading.record_line()) {
            self.cut_again(block);
        } else {
            if let Some(parts) = &mut self.format {
                parts.cutter.pass();
            }
            block.pass_to(end);
        }
        self.settle_record(mapped, duplicate, end, block, reading);
    }

    fn step(&mut self, step: CutStep, span: Span, block: &mut Block<'_>, reading: &mut Reading<'_>) {
        if step == CutStep::RecordStart {
            self.begin(block, reading);
            let number = self.format.as_ref().map_or(0, |parts| parts.cutter.records());
            reading.begin_record(RecordOrdinal(number), span.start, block);
        }
        self.take_deviations(Some(block), reading);
        if step == CutStep::RecordEnd {
            self.end_record(span, block, reading);
        }
    }

    /// The header is complete: the feed begins.
    fn begin(&mut self, block: &Block<'_>, reading: &mut Reading<'_>) {
        if reading.is_started() {
            return;
        }
        let context = &mut reading.start.context;
        block.encoding().label().clone_into(&mut context.encoding);
        context.bindings = block.bindings_outside();
        if let Some(parts) = &mut self.format {
            parts.line_ends = block.line_ends();
        }
        block.open_names().next().unwrap_or_default().clone_into(&mut context.root);
        context.misspelt_namespace = self.plan.misspelt.is_some();
        context.assumed_namespace = self.plan.assumed.as_ref().map(|assumed| assumed.namespace.clone());
        self.close_header(reading);
    }

    fn close_header(&mut self, reading: &mut Reading<'_>) {
        if reading.is_started() {
            return;
        }
        if let Some(parts) = &mut self.format {
            parts.cutter.close_header();
            reading.reads(parts.cutter.header());
            for observer in &mut self.observers {
                observer.header(parts.cutter.header());
            }
        }
        reading.begin();
    }

    /// Whether somebody looks into the tree of the record at hand, which was judged apart.
    fn wants_tree(&self, key: Option<&RecordReference>, line: u64) -> bool {
        let gathers = |parts: &FormatParts| {
            let (ordinal, key) = (parts.cutter.records(), key.map(RecordReference::as_str));
            parts.gatherer.is_some() && Gathered { ordinal, line, key }.is_looked_at()
        };
        !self.observers.is_empty() || self.format.as_ref().is_some_and(gathers)
    }

    /// Reads a record to its end for its tree alone: the tree that it was judged by is somebody else's.
    fn cut_again(&mut self, block: &mut Block<'_>) {
        let Some(parts) = &mut self.format else { return };
        while let Ok(Some(event)) = block.next() {
            if parts.cutter.event(&event) == CutStep::RecordEnd {
                break;
            }
        }
    }

    /// Hands over what the validator found; without a block nothing of it can be located any more.
    fn take_deviations(&mut self, block: Option<&Block<'_>>, reading: &mut Reading<'_>) {
        let format = self.format.as_ref();
        for deviation in self.found.drain() {
            let severity = severity_of(deviation.clause, format);
            take_deviation(deviation, severity, (block, &self.pins), reading);
        }
        for (&clause, &count) in self.found.cut() {
            let counted = self.cut.entry(clause).or_default();
            if count > *counted {
                let kind: Kind = (clause.code(), severity_of(clause, format));
                reading.take_count(kind, count - *counted);
                *counted = count;
            }
        }
    }

    /// Hands over a deviation that was found apart.
    fn take_deviation(&self, deviation: Deviation, block: Option<&Block<'_>>, reading: &mut Reading<'_>) {
        let severity = severity_of(deviation.clause, self.format.as_ref());
        take_deviation(deviation, severity, (block, &self.pins), reading);
    }

    fn end_record(&mut self, span: Span, block: &mut Block<'_>, reading: &mut Reading<'_>) {
        let Some(parts) = &mut self.format else { return };
        let header = parts.header.as_ref().unwrap_or(parts.cutter.header());
        let mapped = parts.mapper.map(parts.cutter.record(), header);
        self.settle_record(mapped, None, span.end, block, reading);
    }

    /// A record ends here that was mapped to this; where it was mapped elsewhere, with what is wrong if another record
    /// has its reference.
    fn settle_record(
        &mut self,
        mapped: Mapped,
        duplicate: Option<MappingFault>,
        end: Offset,
        block: &mut Block<'_>,
        reading: &mut Reading<'_>,
    ) {
        let Some(parts) = &mut self.format else { return };
        let Mapped { key, changed, action, faults, unkept } = mapped;
        reading.dates(changed);
        for fault in faults {
            // What the schema has said already is not said again by a rule.
            if !reading.knows(&fault) {
                reading.take(findings::of_fault(fault, block));
            }
        }
        for ((rule, level), count) in unkept {
            reading.take_count((rule.code(), level.into()), count);
        }
        // As they are stored: two keys of the schema may be one of the shop.
        match key.as_ref().map(|key| parts.references.admit(key)) {
            Some(Admission::Duplicate) if !reading.has_code(UNIQUENESS) => {
                if let Some(fault) = duplicate.or_else(|| parts.mapper.duplicate(parts.cutter.record())) {
                    reading.take(findings::of_fault(fault, block));
                }
            }
            Some(Admission::Unchecked) => {
                parts.references_lost |= parts.profile.duplicates == DuplicateCheck::Rule;
            }
            Some(Admission::New | Admission::Duplicate) | None => {}
        }
        if block.is_mark_lost() && !reading.has_code(Rule::RecordSize.code()) {
            let record = parts.cutter.record();
            let path = record.root().map(|root| record.path(root)).unwrap_or_default();
            reading.refuse_size(path, self.record_bytes_max, end);
        }
        let gathered = parts.gatherer.is_some().then(|| (key.clone(), reading.record_line()));
        let judged = reading.end_record(key, action, end, block);
        if let (Some(gatherer), Some((key, line))) = (&mut parts.gatherer, gathered) {
            let key = key.as_ref().map(RecordReference::as_str);
            let at = Gathered { ordinal: parts.cutter.records(), line, key };
            match judged {
                Judged::Accepted => gatherer.record(parts.cutter.record(), at),
                Judged::Refused => gatherer.refused(),
            }
        }
        for observer in &mut self.observers {
            observer.record(parts.cutter.record(), judged);
        }
    }

    /// The document is complete: what only its end can tell.
    fn finish(&mut self, reading: &mut Reading<'_>) {
        self.validator.finish(&mut self.found);
        self.take_deviations(None, reading);
    }

    fn break_off<R: Read>(&mut self, error: &XmlError, cursor: &Cursor<R>, reading: &mut Reading<'_>) {
        if is_io(error) {
            return;
        }
        let path = self.validator.path();
        let finding = findings::of_xml_error(error, path, cursor.error_excerpt());
        let is_alone = self.plan.alone.is_some();
        reading.take_fatal(if is_alone { findings::of_lone(error, finding) } else { finding });
    }

    /// The judgement on the feed that was just read.
    pub(super) fn verdict(&self, ending: &Ending, reading: &Reading<'_>) -> Verdict {
        let undone = match ending {
            Ending::Complete => None,
            Ending::Stopped => Some(Undone::Stopped),
            Ending::Broken(error) if is_io(error) || error.is_of_packing() => Some(Undone::Unreadable),
            Ending::Broken(error) if error.is_cut_off() => Some(Undone::CutOff),
            Ending::Broken(_) => Some(Undone::Broken),
        };
        let state = |failed: bool, unchecked: Vec<String>| match undone {
            _ if failed => CheckState::Failed,
            Some(why) => CheckState::NotDone(why),
            None if unchecked.is_empty() => CheckState::Passed,
            None => CheckState::Partial(unchecked),
        };
        let well_formed = state(undone == Some(Undone::Broken), Vec::new());
        let ledger = &reading.ledger;
        let schema = state(ledger.schema_failed, self.plan.schema.not_checked().to_vec());
        let rules = match &self.format {
            None => CheckState::NotApplicable("without a format there are no rules beyond the schema"),
            Some(parts) => {
                let lost = "duplicate record references: there are more than can be remembered".to_owned();
                state(ledger.rules_failed, parts.references_lost.then_some(lost).into_iter().collect())
            }
        };
        Verdict {
            checks: vec![(Check::WellFormed, well_formed), (Check::Schema, schema), (Check::Rules, rules)],
        }
    }
}

/// How grave a deviation is in a format.
fn severity_of(clause: Clause, format: Option<&FormatParts>) -> Severity {
    let level = format.and_then(|parts| parts.profile.level(clause.code()));
    level.map_or(Severity::Error, Severity::from)
}

/// What is known of a feed as a whole.
fn facts(start: &FeedStart, line_ends: &'static str) -> FeedFacts {
    let FeedStart { sender, sender_ids, context, .. } = start;
    let RecordContext { language, currency, price_kind, .. } = context;
    let ids = (!sender_ids.is_empty()).then(|| sender_ids.join(", "));
    let header = [
        ("sender", sender.clone()),
        ("sender identifiers", ids),
        ("language", language.clone()),
        ("currency", currency.clone()),
        ("price kind", price_kind.clone()),
    ];
    let said = header.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    FeedFacts {
        encoding: context.encoding.clone(),
        line_ends: line_ends.to_owned(),
        root: context.root.clone(),
        namespaces: context.bindings.iter().cloned().collect(),
        header: said.collect(),
    }
}

fn is_io(error: &XmlError) -> bool {
    error.category() == crate::xml::XmlErrorCategory::Io
}

/// The first control character of the second set in a text or an attribute, and where it stands. In a block without
/// any, only references can be some.
pub(super) fn control_of(event: &Event<'_>, has_controls: bool) -> Option<(Control, Offset)> {
    match event {
        Event::Text(text) => {
            // Text that is written as it is has its characters where they are read; a reference is one place.
            let verbatim = text.span.end.0 - text.span.start.0 == text.text.len() as u64;
            if verbatim && !has_controls {
                return None;
            }
            let control = control_in(text.text)?;
            let within = if verbatim { control.at as u64 } else { 0 };
            Some((control, Offset(text.span.start.0 + within)))
        }
        Event::Start(tag) if tag.attributes.is_empty() => None,
        Event::Start(tag) => {
            tag.attributes.iter().find_map(|attribute| Some((control_in(attribute.value)?, tag.span.start)))
        }
        Event::End(_) => None,
    }
}

fn span(event: &Event<'_>) -> Span {
    match event {
        Event::Start(tag) => tag.span,
        Event::End(tag) => tag.span,
        Event::Text(text) => text.span,
    }
}

/// A deviation is located by its bytes; once they are gone, by what was noted of the place; else by the last record
/// before it.
fn take_deviation(
    deviation: Deviation,
    severity: Severity,
    (block, pins): (Option<&Block<'_>>, &Pins),
    reading: &mut Reading<'_>,
) {
    let at = deviation.at.start;
    let (place, record) = reading.waypoints.find(at).unwrap_or_default();
    if let Some(block) = block.filter(|block| block.is_at_hand(at)) {
        let finding = findings::of_deviation(deviation, severity, block);
        // The record that it is about may be judged already, whether its bytes are at hand or not.
        return match record {
            None => reading.take(finding),
            Some(_) => reading.take_outside(Finding { record, ..finding }),
        };
    }
    let noted = pins.find(deviation.at);
    let is_noted = noted.is_some();
    let (place, excerpt) = noted.unwrap_or((place, Excerpt::default()));
    let mut finding = findings::of_gone(deviation, severity, place);
    if excerpt.text.is_empty() && is_noted {
        let max = pins::REFERENCE_LINES_MAX;
        let why = format!("; its line is not shown: lines of more than {max} references are not kept");
        finding.sentence.push_str(&why);
    }
    finding.excerpt = excerpt;
    match block {
        // Its record, if it stands in one, is still open.
        Some(_) if record.is_none() => reading.take(finding),
        _ => {
            finding.record = record;
            reading.take_outside(finding);
        }
    }
}

/// Tells progress of a feed and listens for the wish to stop.
pub(super) struct Watch<'a> {
    progress: &'a Progress,
    stop: &'a super::plan::StopFlag,
    delivered: Option<Arc<crate::source::Meter>>,
    told: Advance,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        progress: &'a Progress,
        stop: &'a super::plan::StopFlag,
        delivered: Option<Arc<crate::source::Meter>>,
    ) -> Self {
        Self { progress, stop, delivered, told: Advance::default() }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_raised()
    }

    fn advance(&mut self, bytes: u64, reading: &Reading<'_>) {
        let tally = &reading.ledger.tally;
        let delivered_bytes = self.delivered.as_ref().map_or(bytes, |meter| meter.bytes());
        self.tell(Advance {
            feeds: 0,
            delivered_bytes,
            bytes,
            records: tally.records,
            refused: tally.refused,
        });
    }

    /// The feed is at its end.
    pub(super) fn end(&mut self, bytes: u64, reading: &Reading<'_>) {
        self.advance(bytes, reading);
        self.tell(Advance { feeds: 1, ..self.told });
    }

    fn tell(&mut self, now: Advance) {
        let told = std::mem::replace(&mut self.told, now);
        self.progress.add(Advance {
            feeds: now.feeds - told.feeds,
            delivered_bytes: now.delivered_bytes.saturating_sub(told.delivered_bytes),
            bytes: now.bytes.saturating_sub(told.bytes),
            records: now.records - told.records,
            refused: now.refused - told.refused,
        });
    }
}
