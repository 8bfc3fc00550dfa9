//! One record without its feed: out of quarantine, judged again.
//!
//! The record is put between the tags of a root element with the same name and bindings, and read like a feed.
//! What concerns the root is nobody's business here; the places told are those within the record.

use super::judge::{Judge, Surroundings};
use super::plan::{FeedLimits, FeedPlan, StopFlag};
use super::progress::Progress;
use super::reading::Reading;
use crate::feed::Header;
use crate::judgement::{EventSink, FeedEvent, Finding, Flow, Outcome, RecordContext};
use crate::pipeline::judge::Watch;
use crate::xml::{ByteOffset, Cursor, Encoding, Place};
use std::fmt::Write;
use std::sync::Arc;

/// Why a record alone cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum AloneError {
    /// Its encoding is none we know.
    #[error("the record is kept in encoding `{0}`, which is not known")]
    Encoding(String),
    /// It is no whole record.
    #[error("the bytes are no record of the format: {0}")]
    NoRecord(String),
}

/// Judges a record by its bytes and what stood around them.
pub fn judge_alone(
    bytes: &[u8],
    context: &RecordContext,
    plan: &Arc<FeedPlan>,
    limits: &FeedLimits,
) -> Result<Outcome, AloneError> {
    let encoding = Encoding::from_label(&context.encoding)
        .ok_or_else(|| AloneError::Encoding(context.encoding.clone()))?;
    let before = encoding.encode(&opening(context)).into_owned();
    let after = encoding.encode(&format!("</{}>", context.root)).into_owned();
    let document = [before.as_slice(), bytes, after.as_slice()].concat();

    let mut capture = Capture::default();
    let mut reading = Reading::new(&Arc::from("-"), limits, &mut capture);
    let mut cursor = Cursor::new(document.as_slice(), limits.xml);
    cursor.set_names(Arc::clone(plan.schema.names()));
    let (progress, stop) = (Progress::default(), StopFlag::default());
    let mut judge = Judge::new(Arc::clone(plan), limits);
    judge.stands(Surroundings::Missing(header(context)));
    judge.read(&mut cursor, &mut reading, &mut Watch::new(&progress, &stop, None));
    let outcome = capture.outcome.ok_or_else(|| {
        let why = capture.finding.map(|finding| finding.sentence);
        AloneError::NoRecord(why.unwrap_or_else(|| "there is no record element".to_owned()))
    })?;
    Ok(moved(outcome, before.len() as u64))
}

/// Declaration and start tag of a root element, on a line of their own.
fn opening(context: &RecordContext) -> String {
    let mut text = format!("<?xml version=\"1.0\" encoding=\"{}\"?><{}", context.encoding, context.root);
    for (prefix, namespace) in &context.bindings {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let namespace = namespace.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let _ = write!(text, " xmlns{colon}{prefix}=\"{namespace}\"");
    }
    text + ">\n"
}

fn header(context: &RecordContext) -> Header {
    Header {
        language: context.language.clone(),
        currency: context.currency.clone(),
        price_kind: context.price_kind.clone(),
        ..Header::default()
    }
}

/// The outcome with places counted from the beginning of the record.
fn moved(mut outcome: Outcome, before: u64) -> Outcome {
    let byte = |at: ByteOffset| ByteOffset(at.0.saturating_sub(before));
    let within = |at: Place| Place { byte: byte(at.byte), line: at.line.saturating_sub(1).max(1), ..at };
    outcome.place = within(outcome.place);
    outcome.end = byte(outcome.end);
    for finding in &mut outcome.findings {
        finding.place = within(finding.place);
    }
    outcome
}

/// Keeps the first outcome.
#[derive(Default)]
struct Capture {
    outcome: Option<Outcome>,
    finding: Option<Finding>,
}

impl EventSink for Capture {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::Outcome(outcome) => {
                self.outcome.get_or_insert(outcome);
                return Flow::NextFeed;
            }
            // The last one is why reading ended.
            FeedEvent::Finding(finding) => self.finding = Some(finding),
            FeedEvent::Start(_) | FeedEvent::End(_) | FeedEvent::Failed(..) => {}
        }
        Flow::Continue
    }
}
