//! One record without its feed: out of quarantine, judged again.
//!
//! Cursor, validator and cutter begin where the record stood: below the root of its feed, with its bindings and
//! in its encoding. Nothing is said about its position; the places told are those within the record.

use super::findings;
use super::judge::{Ending, Judge, Watch};
use super::plan::{FeedLimits, FeedPlan, StopFlag};
use super::progress::Progress;
use super::reading::Reading;
use crate::feed::Header;
use crate::judgement::{
    Action, EventSink, FeedEvent, Finding, Flow, Outcome, RecordContext, RecordOrdinal, RecordResult,
};
use crate::map::Products;
use crate::xml::{ByteOffset, Cursor, Encoding, ExpandedName};
use std::sync::Arc;

/// Why a record alone cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum RecordAloneError {
    /// Its encoding is none we know.
    #[error("the record is kept in encoding `{0}`, which is not known")]
    Encoding(String),
    /// It was too large to be kept.
    #[error(
        "its text was not kept, since it is larger than `limits.record_bytes_max`: raise that and import its feed \
         again, or give a smaller record by `--with FILE`"
    )]
    NotKept,
    /// It is no whole record.
    #[error("the bytes are no record of the format: {0}")]
    NoRecord(String),
}

/// Judges a record by its bytes and what stood around them.
pub fn judge_record(
    bytes: &[u8],
    context: &RecordContext,
    plan: &Arc<FeedPlan>,
    limits: &FeedLimits,
) -> Result<Outcome, RecordAloneError> {
    if bytes.is_empty() {
        return Err(RecordAloneError::NotKept);
    }
    let (capture, _) = read(bytes, encoding(context)?, context, plan, limits)?;
    capture.outcome.ok_or_else(|| {
        let why = capture.finding.map(|finding| finding.sentence);
        RecordAloneError::NoRecord(why.unwrap_or_else(|| "there is no record element".to_owned()))
    })
}

/// Judges the file of a corrected record, as if the record stood where the refused one did. The file may begin with
/// a byte order mark or an XML declaration, and have comments and white space around the record. One that is not
/// well-formed is a refused record.
pub fn judge_mended(
    bytes: &[u8],
    context: &RecordContext,
    plan: &Arc<FeedPlan>,
    limits: &FeedLimits,
) -> Result<Outcome, RecordAloneError> {
    let (encoding, mark) = Encoding::of_part(bytes, encoding(context)?)
        .map_err(|kind| RecordAloneError::NoRecord(kind.to_string()))?;
    match read(&bytes[mark..], encoding, context, plan, limits)? {
        (Capture { finding: Some(finding), .. }, Ending::Broken(_)) => Ok(unread(finding)),
        (Capture { outcome: Some(outcome), .. }, _) => Ok(outcome),
        (Capture { outside, .. }, _) => {
            let name = outside.as_deref().unwrap_or("none");
            Err(RecordAloneError::NoRecord(format!("the outermost element is `{name}`")))
        }
    }
}

/// What a record wants as far as it can be read, were nothing wrong with it: of its bytes, or of the file of a
/// corrected one. `None` of bytes in which no record is to be seen, and of a format without products.
#[must_use]
pub fn draft_record(
    bytes: &[u8],
    context: &RecordContext,
    plan: &Arc<FeedPlan>,
    limits: &FeedLimits,
) -> Option<Action> {
    let around = encoding(context).ok()?;
    let (encoding, mark) = Encoding::of_part(bytes, around).unwrap_or((around, 0));
    let mut draft = None;
    read_by(&bytes[mark..], encoding, context, (plan, limits), |judge| draft = judge.draft()).ok()?;
    draft
}

fn encoding(context: &RecordContext) -> Result<Encoding, RecordAloneError> {
    Encoding::from_label(&context.encoding)
        .ok_or_else(|| RecordAloneError::Encoding(context.encoding.clone()))
}

/// Reads a document below the root of a feed.
fn read(
    bytes: &[u8],
    encoding: Encoding,
    context: &RecordContext,
    plan: &Arc<FeedPlan>,
    limits: &FeedLimits,
) -> Result<(Capture, Ending), RecordAloneError> {
    read_by(bytes, encoding, context, (plan, limits), |_| ())
}

/// The same, and shows the judge once it has read.
fn read_by(
    bytes: &[u8],
    encoding: Encoding,
    context: &RecordContext,
    (plan, limits): (&Arc<FeedPlan>, &FeedLimits),
    seen: impl FnOnce(&Judge),
) -> Result<(Capture, Ending), RecordAloneError> {
    let mut capture = Capture::default();
    let mut cursor = Cursor::new(bytes, limits.xml);
    cursor.set_names(Arc::clone(plan.schema.names()));
    if context.misspelt_namespace {
        cursor.mend_namespace(root(context).namespace);
    }
    cursor
        .begin_inside(encoding, &context.bindings)
        .map_err(|error| RecordAloneError::NoRecord(error.to_string()))?;
    match cursor.peek_root() {
        Ok(root) => capture.outside = Some(root.name),
        Err(error) => {
            let excerpt = cursor.error_excerpt();
            capture.finding = Some(findings::of_xml_error(&error, String::new(), excerpt));
            return Ok((capture, Ending::Broken(error)));
        }
    }
    let mut reading = Reading::new(&Arc::from("-"), limits, Products::Wanted, &mut capture);
    let (progress, stop) = (Progress::default(), StopFlag::default());
    let mut judge = Judge::new(Arc::clone(plan), limits, Products::Wanted);
    judge.sit(root(context), header(context));
    let ending = judge.read(&mut cursor, &mut reading, &mut Watch::new(&progress, &stop, None));
    seen(&judge);
    Ok((capture, ending))
}

/// The outcome of a record that cannot be read to its end.
fn unread(finding: Finding) -> Outcome {
    Outcome {
        ordinal: RecordOrdinal(1),
        key: None,
        changed: None,
        place: finding.place,
        end: ByteOffset::default(),
        result: RecordResult::Refused,
        bytes: Vec::new(),
        findings: vec![finding],
        lapse: None,
    }
}

/// Name of the root element of the record's feed.
pub(super) fn root(context: &RecordContext) -> ExpandedName<'_> {
    let (prefix, local) = context.root.split_once(':').unwrap_or(("", &context.root));
    let bound = context.bindings.iter().find(|(bound, _)| bound == prefix);
    let bound = bound.map(|(_, namespace)| namespace.as_str());
    let namespace = context.assumed_namespace.as_deref().or(bound).unwrap_or_default();
    ExpandedName { namespace, local }
}

fn header(context: &RecordContext) -> Header {
    Header {
        language: context.language.clone(),
        currency: context.currency.clone(),
        price_kind: context.price_kind.clone(),
        ..Header::default()
    }
}

/// Keeps the first outcome.
#[derive(Default)]
struct Capture {
    outcome: Option<Outcome>,
    finding: Option<Finding>,
    /// Name of the outermost element.
    outside: Option<String>,
}

impl EventSink for Capture {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::Outcome(outcome) => {
                self.outcome.get_or_insert(outcome);
            }
            // The last one is why reading ended.
            FeedEvent::Finding(finding) => self.finding = Some(finding),
            FeedEvent::Start(_) | FeedEvent::End(_) | FeedEvent::Failed(..) => {}
        }
        Flow::Continue
    }
}
