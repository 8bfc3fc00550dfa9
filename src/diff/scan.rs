//! First pass: one feed to its index. Reads everything, keeps 68 bytes of each record.

use super::canonical::{Fingerprinter, Hashes};
use super::error::DiffError;
use super::event::{RecordSpot, Surroundings};
use super::index::{Entry, Index};
use super::known::Met;
use super::options::DiffOptions;
use crate::feed::{CutStep, Cutter, FeedProfile, RecordLimits, detect};
use crate::pipeline::{Advance, Progress, StopFlag};
use crate::source::{Digesting, FeedSource, Input, InputError, Meter, Recall};
use crate::xml::{Block, Cursor, Event, Place, Span};
use std::sync::Arc;

/// Records without key that are told one by one.
const MISSING_KEYS_MAX: usize = 1_000;

/// Different surroundings of records in one feed (namespaces bound by elements around them).
pub(super) const SURROUNDINGS_MAX: usize = 1_000;

/// A feed, read once.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) name: Arc<str>,
    pub(super) profile: Arc<FeedProfile>,
    /// Namespace of the root element.
    pub(super) namespace: String,
    pub(super) index: Index,
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) surroundings: Vec<Surroundings>,
    /// Records without key: the first of them, and how many.
    pub(super) missing_keys: Vec<RecordSpot>,
    pub(super) missing_keys_count: u64,
    pub(super) recall: Recall,
    pub(super) met: Met,
}

/// What both feeds are read with.
pub(super) struct Scan<'a> {
    pub(super) profiles: &'a [Arc<FeedProfile>],
    pub(super) options: &'a DiffOptions,
    pub(super) hashes: Hashes,
    pub(super) progress: &'a Progress,
    pub(super) stop: &'a StopFlag,
}

impl Scan<'_> {
    /// Reads a feed to its end.
    pub(super) fn read(&self, source: &FeedSource) -> Result<Scanned, DiffError> {
        let recall = Recall::prepare(source, &self.options.input)?;
        let mut input = Input::open(recall.source(), &self.options.input, Digesting::Never)?;
        let name = Arc::clone(input.name());
        let meter = Arc::clone(input.meter());
        let mut cursor = Cursor::new(&mut input, self.options.xml);
        let failed = |error| DiffError::xml(&name, error);
        let root = cursor.peek_root().map_err(failed)?;
        let detected = detect(self.profiles, &root)
            .map_err(|source| DiffError::Format { feed: Arc::clone(&name), source })?;
        let profile = detected.profile;
        let mut reading = Reading::new(self, &name, &profile, meter);
        while let Some(mut block) = cursor.block().map_err(failed)? {
            reading.block(&mut block)?;
            if self.stop.is_raised() {
                return Err(DiffError::Stopped);
            }
        }
        drop(cursor);
        let changed = |source| InputError::Read { feed: name.to_string(), source };
        input.is_kept().map_err(changed)?;
        self.progress.add(Advance { feeds: 1, ..Advance::default() });
        let (index, records, bytes) = (reading.index, reading.cutter.records(), reading.told.bytes);
        Ok(Scanned {
            namespace: root.namespace,
            index,
            records,
            bytes,
            surroundings: reading.surroundings,
            missing_keys: reading.missing_keys,
            missing_keys_count: reading.missing_keys_count,
            met: reading.met,
            recall,
            name,
            profile,
        })
    }
}

/// A feed while it is read.
struct Reading<'a> {
    scan: &'a Scan<'a>,
    name: &'a Arc<str>,
    profile: &'a FeedProfile,
    meter: Arc<Meter>,
    cutter: Cutter,
    fingerprinter: Fingerprinter,
    index: Index,
    surroundings: Vec<Surroundings>,
    /// Which of them hold; none once an element around records began or ended.
    current: Option<u32>,
    record: Option<(Span, Place)>,
    missing_keys: Vec<RecordSpot>,
    missing_keys_count: u64,
    met: Met,
    told: Advance,
}

impl<'a> Reading<'a> {
    fn new(scan: &'a Scan<'a>, name: &'a Arc<str>, profile: &'a Arc<FeedProfile>, meter: Arc<Meter>) -> Self {
        Self {
            scan,
            name,
            profile,
            meter,
            cutter: Cutter::new(Arc::clone(profile), RecordLimits::default()),
            fingerprinter: Fingerprinter::new(scan.hashes.clone()),
            index: Index::new(scan.options.index_rows_max),
            surroundings: Vec::new(),
            current: None,
            record: None,
            missing_keys: Vec::new(),
            missing_keys_count: 0,
            met: Met::default(),
            told: Advance::default(),
        }
    }

    fn block(&mut self, block: &mut Block<'_>) -> Result<(), DiffError> {
        while let Some(event) = block.next().map_err(|error| DiffError::xml(self.name, error))? {
            let step = self.cutter.event(&event);
            if step == CutStep::Inside {
                continue;
            }
            let (span, is_text) = match &event {
                Event::Start(tag) => (tag.span, false),
                Event::End(tag) => (tag.span, false),
                Event::Text(text) => (text.span, true),
            };
            match step {
                CutStep::RecordStart => self.begin_record(span, block)?,
                CutStep::RecordEnd => self.end_record(span, block)?,
                _ if is_text => {}
                _ => self.current = None,
            }
        }
        self.tell(block.position().0);
        Ok(())
    }

    fn begin_record(&mut self, span: Span, block: &Block<'_>) -> Result<(), DiffError> {
        self.record = Some((span, block.locate(span.start)));
        if self.current.is_none() {
            self.current = Some(self.stand(block)?);
        }
        Ok(())
    }

    /// Number of the surroundings that hold now.
    fn stand(&mut self, block: &Block<'_>) -> Result<u32, DiffError> {
        let now = Surroundings {
            encoding: block.encoding(),
            bindings: block.bindings_outside(),
            path: self.cutter.around().to_owned(),
        };
        let number = match self.surroundings.iter().position(|known| *known == now) {
            Some(known) => known,
            None if self.surroundings.len() < SURROUNDINGS_MAX => {
                self.surroundings.push(now);
                self.surroundings.len() - 1
            }
            None => return Err(DiffError::Surroundings { feed: Arc::clone(self.name) }),
        };
        Ok(u32::try_from(number).expect("there are few"))
    }

    fn end_record(&mut self, span: Span, block: &Block<'_>) -> Result<(), DiffError> {
        let Some((start, place)) = self.record.take() else { return Ok(()) };
        let record = self.cutter.record();
        let ordinal = self.cutter.records();
        if let Some(overflow) = record.overflow() {
            return Err(DiffError::Record { feed: Arc::clone(self.name), place, why: overflow.to_string() });
        }
        let root = record.root().expect("a record has its element");
        self.met.record(self.scan.options, record);
        let key = self.profile.key().find(record, root).filter(|key| !key.text.is_empty());
        let Some(key) = key else {
            self.missing_keys_count += 1;
            if self.missing_keys.len() < MISSING_KEYS_MAX {
                self.missing_keys.push(RecordSpot { ordinal, line: place.line });
            }
            return Ok(());
        };
        self.met.key(self.scan.options, &key.text);
        let entry = Entry {
            key: self.scan.hashes.text(&key.text),
            ordinal,
            fingerprint: self.fingerprinter.record(record),
            start: place.byte.0,
            length: block.locate(span.end).byte.0.saturating_sub(place.byte.0),
            line: place.line,
            context: self.current.unwrap_or_default(),
        };
        debug_assert!(start.start <= span.end);
        self.index.add(&entry).map_err(DiffError::Temporary)
    }

    fn tell(&mut self, bytes: u64) {
        let now = Advance {
            feeds: 0,
            delivered_bytes: self.meter.bytes(),
            bytes,
            records: self.cutter.records(),
            refused: 0,
        };
        self.scan.progress.add(Advance {
            feeds: 0,
            delivered_bytes: now.delivered_bytes - self.told.delivered_bytes,
            bytes: now.bytes - self.told.bytes,
            records: now.records - self.told.records,
            refused: 0,
        });
        self.told = now;
    }
}
