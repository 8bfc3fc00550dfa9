//! Events in, records out; the header is kept on the way.
//!
//! ```text
//!  <ONIXMessage>            Outside      everything before the first record is kept as the outline,
//!    <Header> … </Header>   Outside      where the header's values are looked up
//!    <Product>              RecordStart
//!      …                    Inside       the record fills
//!    </Product>             RecordEnd    the record is complete, until the next event
//! ```
//!
//! The cutter never fails: a record beyond its limits is cut short and says so, and the mapper refuses it.

use super::path::Value;
use super::profile::FeedProfile;
use super::record::{Record, RecordLimits};
use super::vocabulary::NameBook;
use crate::xml::{Attribute, Event, Name, Offset};
use std::sync::Arc;

/// What an event was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutStep {
    /// Around the records.
    Outside,
    /// The start tag of a record.
    RecordStart,
    /// Something in a record.
    Inside,
    /// The end tag of a record: [`Cutter::record`] is complete.
    RecordEnd,
}

/// What the header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Who sent the feed, for people.
    pub sender: Option<String>,
    /// Identifiers of the sender with their schemes, in the order of the profile.
    pub sender_ids: Vec<String>,
    /// Message or sequence number.
    pub message_number: Option<String>,
    /// How often it was repeated under that number.
    pub message_repeat: Option<String>,
    /// When it was sent, as written.
    pub sent: Option<String>,
    /// Default language of the products' texts.
    pub language: Option<String>,
    /// Default currency of prices.
    pub currency: Option<String>,
    /// Default kind of prices.
    pub price_kind: Option<String>,
}

/// Cuts a feed into records.
#[derive(Debug)]
pub struct Cutter {
    profile: Arc<FeedProfile>,
    names: NameBook,
    record: Record,
    outline: Record,
    header: Header,
    /// Whether `header` is final.
    header_read: bool,
    /// Open elements around records, and how many of them follow the record path.
    depth: usize,
    matched: usize,
    /// Open elements from the record inwards; 0 outside.
    inside: usize,
    records: u64,
    /// Path of the open elements around records, and its length before each of them.
    path: String,
    path_lengths: Vec<usize>,
}

impl Cutter {
    /// A cutter for feeds of this format.
    #[must_use]
    pub fn new(profile: Arc<FeedProfile>, limits: RecordLimits) -> Self {
        let record = || Record::new(Arc::clone(profile.vocabulary()), limits);
        Self {
            names: NameBook::new(Arc::clone(profile.vocabulary())),
            record: record(),
            outline: record(),
            header: Header::default(),
            header_read: false,
            depth: 0,
            matched: 0,
            inside: 0,
            records: 0,
            path: String::new(),
            path_lengths: Vec::new(),
            profile,
        }
    }

    /// Ready for the next feed, whatever its schema and wherever the last one ended; memory is kept.
    pub fn restart(&mut self) {
        self.record.restart();
        self.outline.restart();
        self.names.forget();
        self.header = Header::default();
        self.header_read = false;
        (self.depth, self.matched, self.inside, self.records) = (0, 0, 0, 0);
        self.path.clear();
        self.path_lengths.clear();
    }

    /// Ready for one record alone, whose surroundings another cutter read: `path` is that of the
    /// elements around it, such as `/ONIXMessage`, `position` its number. The next start tag is its own.
    pub fn seat(&mut self, path: &str, position: u64) {
        self.header_read = true;
        self.path.clear();
        self.path.push_str(path);
        self.records = position - 1;
        self.inside = 0;
        self.matched = self.profile.record.len() - 1;
        self.depth = self.matched;
    }

    /// Whether the next element may be a record: nothing but its start tag is missing.
    #[must_use]
    pub fn is_before_record(&self) -> bool {
        self.inside == 0 && self.depth == self.matched && self.matched + 1 == self.profile.record.len()
    }

    /// The record that has begun is cut by somebody else: the next event is the one behind its end tag.
    pub fn pass(&mut self) {
        self.inside = 0;
        self.matched -= 1;
    }

    /// Path of the elements around records, for [`seat`](Self::seat).
    #[must_use]
    pub fn around(&self) -> &str {
        &self.path
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event<'_>) -> CutStep {
        match event {
            Event::Start(tag) => self.start(tag.name, tag.attributes.iter(), tag.span.start),
            Event::Text(text) => self.text(text.text),
            Event::End(_) => self.end(),
        }
    }

    /// The record, complete after [`CutStep::RecordEnd`] until the next event.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The header, complete once the first record began or the root element ended.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Records begun so far.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Reads the header from what there is, when the feed breaks off before its first record.
    pub fn close_header(&mut self) {
        if self.header_read {
            return;
        }
        self.header_read = true;
        self.outline.close();
        self.header = read_header(&self.profile, &self.outline);
        self.outline.clear();
    }

    pub(super) fn start<'a>(
        &mut self,
        name: Name<'_>,
        attributes: impl Iterator<Item = Attribute<'a>>,
        at: Offset,
    ) -> CutStep {
        if self.inside > 0 {
            self.inside += 1;
            self.record.start(name, attributes, at);
            return CutStep::Inside;
        }
        if self.follows(name) {
            self.matched += 1;
            if self.matched == self.profile.record.len() {
                self.begin_record(name, attributes, at);
                return CutStep::RecordStart;
            }
        }
        self.depth += 1;
        self.enter(name);
        if !self.header_read {
            self.outline.start(name, attributes, at);
        }
        CutStep::Outside
    }

    pub(super) fn text(&mut self, text: &str) -> CutStep {
        if self.inside > 0 {
            self.record.text(text);
            return CutStep::Inside;
        }
        if !self.header_read {
            self.outline.text(text);
        }
        CutStep::Outside
    }

    pub(super) fn end(&mut self) -> CutStep {
        if self.inside > 0 {
            return self.end_inside();
        }
        self.depth = self.depth.saturating_sub(1);
        self.matched = self.matched.min(self.depth);
        if let Some(length) = self.path_lengths.pop() {
            self.path.truncate(length);
        }
        if !self.header_read {
            self.outline.end();
            if self.depth == 0 {
                self.close_header();
            }
        }
        CutStep::Outside
    }

    fn end_inside(&mut self) -> CutStep {
        self.record.end();
        self.inside -= 1;
        if self.inside > 0 {
            return CutStep::Inside;
        }
        self.matched -= 1;
        CutStep::RecordEnd
    }

    fn begin_record<'a>(
        &mut self,
        name: Name<'_>,
        attributes: impl Iterator<Item = Attribute<'a>>,
        at: Offset,
    ) {
        self.close_header();
        self.records += 1;
        self.inside = 1;
        self.record.clear();
        self.record.place(&self.path, self.records);
        self.record.start(name, attributes, at);
    }

    /// Whether an element here is the next one on the way to a record.
    fn follows(&mut self, name: Name<'_>) -> bool {
        if self.depth != self.matched {
            return false;
        }
        let number = self.names.number(name);
        let key = self.names.key(number);
        self.names.trim();
        key.is_some() && key == self.profile.record.get(self.matched).copied()
    }

    fn enter(&mut self, name: Name<'_>) {
        self.path_lengths.push(self.path.len());
        self.path.push('/');
        self.path.push_str(name.local());
    }
}

fn read_header(profile: &FeedProfile, outline: &Record) -> Header {
    let Some(root) = outline.root() else { return Header::default() };
    let find = |value: &Option<Value>| {
        value.as_ref().and_then(|value| value.find(outline, root)).map(|found| found.text.into_owned())
    };
    let rule = &profile.header;
    let mut sender_ids: Vec<_> = rule.sender_ids.iter().flat_map(|rule| rule.all(outline, root)).collect();
    sender_ids.sort();
    Header {
        sender: find(&rule.sender),
        sender_ids: sender_ids.into_iter().map(|(_, id)| id).collect(),
        message_number: find(&rule.message_number),
        message_repeat: find(&rule.message_repeat),
        sent: find(&rule.sent),
        language: find(&rule.language),
        currency: find(&rule.currency),
        price_kind: find(&rule.price_kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::profile::tests::SMALL;
    use crate::feed::testing::{self, Step};

    fn profile() -> Arc<FeedProfile> {
        Arc::new(FeedProfile::parse(SMALL, "small").unwrap())
    }

    /// One letter per event, and the records by path and text.
    #[track_caller]
    fn case(feed: &str, steps: &str, records: &[(&str, &str)]) {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        let (mut found_steps, mut found) = (String::new(), Vec::new());
        testing::drive(feed, |step| {
            let step = step.apply(&mut cutter);
            found_steps.push(match step {
                CutStep::Outside => '.',
                CutStep::RecordStart => '(',
                CutStep::Inside => '-',
                CutStep::RecordEnd => ')',
            });
            if step == CutStep::RecordEnd {
                let record = cutter.record();
                let root = record.root().unwrap();
                found.push((record.path(root), record.string(root).to_owned()));
            }
        });
        assert_eq!(found_steps, steps, "{feed}");
        let found: Vec<_> = found.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(found, records, "{feed}");
    }

    #[test]
    fn records_are_found_by_their_path() {
        case(
            "<shop><item>a</item> <item>b</item></shop>",
            ".(-).(-).",
            &[("/shop/item", "a"), ("/shop/item[2]", "b")],
        );
        case("<shop><x><item/></x><item/></shop>", ".....().", &[("/shop/item", "")]);
        case("<store><item/></store>", "....", &[]);
        case("<shop><item><item>a</item></item></shop>", ".(---).", &[("/shop/item", "a")]);
    }

    #[test]
    fn aliases_are_records_too() {
        case("<s><i>a</i><item>b</item></s>", ".(-)(-).", &[("/s/i", "a"), ("/s/item[2]", "b")]);
    }

    #[test]
    fn the_header_is_read_when_the_first_record_begins() {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        let feed = "<shop><head number='7'><from> A &amp; B </from><money>EUR</money></head><item/><head>\
            <from>late</from></head></shop>";
        testing::drive(feed, |step| {
            let begun = step.apply(&mut cutter) == CutStep::RecordStart;
            assert!(!begun || cutter.header().sender.as_deref() == Some("A & B"));
        });
        let Header { sender, message_number, currency, .. } = cutter.header().clone();
        assert_eq!(sender.as_deref(), Some("A & B"));
        assert_eq!((message_number.as_deref(), currency.as_deref()), (Some("7"), Some("EUR")));
    }

    #[test]
    fn a_feed_that_breaks_off_keeps_what_its_header_said() {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        let mut steps = Vec::new();
        testing::drive("<shop><head><from>A</from></head></shop>", |step| steps.push(step));
        for step in &steps[..4] {
            step.apply(&mut cutter);
        }
        assert_eq!(cutter.header().sender, None);
        cutter.close_header();
        assert_eq!(cutter.header().sender.as_deref(), Some("A"));
    }

    #[test]
    fn a_seated_cutter_takes_one_record_as_if_in_its_place() {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        cutter.seat("/shop", 4711);
        let mut steps = Vec::new();
        testing::drive("<item>a</item>", |step| steps.push(step.apply(&mut cutter)));
        assert_eq!(steps, [CutStep::RecordStart, CutStep::Inside, CutStep::RecordEnd]);
        let record = cutter.record();
        assert_eq!(record.path(record.root().unwrap()), "/shop/item[4711]");
    }

    #[test]
    fn a_cutter_restarts_after_a_feed_that_broke_off() {
        let mut cutter = Cutter::new(profile(), RecordLimits::default());
        let mut steps: Vec<Step> = Vec::new();
        testing::drive("<shop><head number='1'/><item>a</item></shop>", |step| steps.push(step));
        for step in &steps[..5] {
            step.apply(&mut cutter);
        }
        cutter.restart();
        assert_eq!((cutter.records(), cutter.header()), (0, &Header::default()));
        let last =
            steps.iter().map(|step| step.apply(&mut cutter)).filter(|step| *step == CutStep::RecordEnd);
        assert_eq!((last.count(), cutter.records()), (1, 1));
    }
}
