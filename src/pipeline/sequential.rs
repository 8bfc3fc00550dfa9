//! One feed after the other; on one thread, unless others [help](super::spread).

use super::board::Board;
use super::findings;
use super::judge::{Ending, Judge, Observers, Watch};
use super::plan::{FeedError, FeedLimits, FeedPlan, Plans, StopFlag, Structure, Unplanned};
use super::progress::Progress;
use super::reading::{Closing, Reading};
use super::spread::{Measure, Spread};
use crate::feed::{NAMESPACE_ASSUMED, NAMESPACE_MISSPELT, RECORD_ALONE, RecordObserver, misspelling};
use crate::judgement::{Check, CheckState, EventSink, Finding, Severity, Undone, Verdict};
use crate::map::Products;
use crate::source::{Digest, Input, Meter};
use crate::xml::{Cursor, RootTag, XmlError, XmlErrorKind};
use std::io::{self, Read};
use std::sync::Arc;

/// Bytes of a feed, with what is known of them beside.
pub trait FeedInput: Read {
    /// How far reading has come, before decompression.
    fn meter(&self) -> Option<Arc<Meter>> {
        None
    }

    /// Digest of the bytes as delivered, once known.
    fn digest(&self) -> Option<Digest> {
        None
    }

    /// Whether the bytes are still those that were opened; an error when somebody is writing them.
    fn is_kept(&self) -> io::Result<()> {
        Ok(())
    }
}

impl FeedInput for Input {
    fn meter(&self) -> Option<Arc<Meter>> {
        Some(Arc::clone(Input::meter(self)))
    }

    fn digest(&self) -> Option<Digest> {
        Input::digest(self)
    }

    fn is_kept(&self) -> io::Result<()> {
        Input::is_kept(self)
    }
}

/// Bytes in memory: a record out of quarantine, a test.
impl FeedInput for &[u8] {}

/// How many plans a reader keeps its parts for.
const JUDGES_MAX: usize = 8;

/// Reads feeds one after the other; belongs to one thread, everything in it is reused.
pub struct FeedReader {
    limits: FeedLimits,
    stop: StopFlag,
    /// The plan used last comes first.
    judges: Vec<Judge>,
    /// Memory for the next cursor.
    spare: Option<Cursor<io::Empty>>,
    observers: Observers,
    products: Products,
    structure: Structure,
    /// Where others help, and how feeds are spread among them.
    board: Option<(Arc<Board>, Measure)>,
    /// Bytes of the window at first, when a test says so.
    #[cfg(test)]
    pub(super) window_bytes: Option<usize>,
}

impl FeedReader {
    /// A reader with nothing prepared yet.
    #[must_use]
    pub fn new(limits: FeedLimits, stop: StopFlag) -> Self {
        Self {
            limits,
            stop,
            judges: Vec::new(),
            spare: None,
            observers: Vec::new(),
            products: Products::Wanted,
            structure: Structure::Ignored,
            board: None,
            #[cfg(test)]
            window_bytes: None,
        }
    }

    /// The same; without readers of products, accepted records of which there is nothing to say are counted, and not
    /// told.
    #[must_use]
    pub fn with_products(self, products: Products) -> Self {
        Self { products, ..self }
    }

    /// Whether what records look like is gathered of all feeds to come, and told with their end.
    #[must_use]
    pub fn with_structure(mut self, structure: Structure) -> Self {
        self.structure = structure;
        self
    }

    /// The same of a reader that has read feeds before.
    pub fn gather(&mut self, structure: Structure) {
        self.structure = structure;
    }

    /// Leaves records of feeds that are large enough to those who help there; what is told is the same.
    #[must_use]
    pub(super) fn with_help(mut self, board: Arc<Board>, measure: Measure) -> Self {
        self.board = Some((board, measure));
        self
    }

    /// Shows the headers and records of all feeds to come to one more observer.
    pub fn observe(&mut self, observer: Box<dyn RecordObserver>) {
        self.observers.push(observer);
    }

    /// Reads one feed and tells the sink all about it.
    ///
    /// What is wrong with the feed are findings. An error means that it could not be begun, and that the sink has
    /// heard nothing of it; what happens later is told with its end.
    pub fn read<I: FeedInput>(
        &mut self,
        mut input: I,
        name: &Arc<str>,
        plans: &dyn Plans,
        progress: &Progress,
        sink: &mut dyn EventSink,
    ) -> Result<(), FeedError> {
        let meter = input.meter();
        let mut reading = Reading::new(name, &self.limits, self.products, sink);
        let mut cursor = self.cursor(&mut input);
        let stop = self.stop.clone();
        let mut watch = Watch::new(progress, &stop, meter);
        let judged = self.judge(&mut cursor, plans, &mut reading, &mut watch);
        let bytes = cursor.position().byte.0;
        self.spare = Some(cursor.reuse(io::empty()));
        watch.end(bytes, &reading);
        let (verdict, ending) =
            judged.map_err(|source| FeedError::Plan { feed: Arc::clone(name), source })?;
        let feed = || Arc::clone(name);
        let (verdict, error) = match (ending, input.is_kept()) {
            // Whatever was said of it, or stopped it, is of something that is no more.
            (Ending::Complete | Ending::Broken(_), Err(source)) => {
                let verdict = unread(CheckState::NotDone(Undone::Unreadable), Undone::Unreadable);
                (verdict, Some(FeedError::Read { feed: feed(), source }))
            }
            (Ending::Broken(XmlError { kind: XmlErrorKind::Io(source), .. }), Ok(())) => {
                (verdict, Some(FeedError::Read { feed: feed(), source }))
            }
            (Ending::Broken(error), Ok(())) if error.is_cut_off() => {
                (verdict, Some(FeedError::CutOff { feed: feed(), source: error.kind }))
            }
            (Ending::Broken(error), Ok(())) if error.is_of_packing() => {
                (verdict, Some(FeedError::Packing { feed: feed(), source: error.kind }))
            }
            (Ending::Complete, Ok(())) => {
                let structure = self.judges.first_mut().and_then(|judge| judge.structure(&reading, bytes));
                let digest = input.digest().map(|digest| digest.0);
                reading.end(verdict, bytes, Closing { digest, structure, failure: None });
                return Ok(());
            }
            _ => (verdict, None),
        };
        match error {
            Some(error) => {
                if !reading.is_started() {
                    return Err(error);
                }
                reading.end(verdict, bytes, Closing { failure: Some(error.failure()), ..Closing::default() });
            }
            None => reading.end(verdict, bytes, Closing::default()),
        }
        Ok(())
    }

    fn cursor<R: Read>(&mut self, input: R) -> Cursor<R> {
        #[cfg(test)]
        if let Some(bytes) = self.window_bytes {
            return Cursor::with_window(input, self.limits.xml, bytes);
        }
        match self.spare.take() {
            Some(spare) => spare.reuse(input),
            None => Cursor::new(input, self.limits.xml),
        }
    }

    fn judge<R: Read>(
        &mut self,
        cursor: &mut Cursor<R>,
        plans: &dyn Plans,
        reading: &mut Reading<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<(Verdict, Ending), Box<dyn std::error::Error + Send + Sync>> {
        let root = match cursor.peek_root() {
            Ok(root) => root,
            Err(error) => return Ok(rootless(error, cursor, plans, reading)),
        };
        if let Some(passed) = cursor.doctype() {
            reading.take_outside(findings::of_doctype(passed));
        }
        let plan = match plans.plan(&root) {
            Ok(plan) => plan,
            Err(Unplanned::Failed(source)) => return Err(source),
            Err(Unplanned::Refused { code, sentence }) => {
                let finding = Finding::new(Severity::Fatal, code, sentence, root.place);
                reading.take_fatal(Finding { path: root_path(&root), ..finding });
                return Ok((
                    unread(CheckState::NotDone(Undone::UnknownFormat), Undone::UnknownFormat),
                    Ending::Stopped,
                ));
            }
        };
        cursor.set_names(Arc::clone(plan.schema.names()));
        if let Some(assumed) = &plan.assumed {
            cursor.assume_namespace(&assumed.namespace);
        }
        let assumed = plan.assumed.as_ref().map(|assumed| (NAMESPACE_ASSUMED, &assumed.notice));
        let alone = plan.alone.as_ref().map(|alone| (RECORD_ALONE, &alone.notice));
        if let Some(right) = &plan.misspelt {
            cursor.mend_namespace(right);
            let sentence = misspelling(root.local(), &root.namespace, right);
            let notice = Finding::new(Severity::Notice, NAMESPACE_MISSPELT, sentence, root.place);
            reading.take_outside(Finding { path: root_path(&root), ..notice });
        }
        // That a record stands alone says all of it.
        if let Some((code, sentence)) = alone.or(assumed) {
            let notice = Finding::new(Severity::Notice, code, sentence.clone(), root.place);
            reading.take_outside(Finding { path: root_path(&root), ..notice });
        }
        reading.start.judged_by.clone_from(&plan.judged_by);
        let observers = std::mem::take(&mut self.observers);
        let (structure, board) = (self.structure, self.board.clone());
        let judge = self.prepared(plan);
        judge.gather(structure);
        judge.sit_alone();
        judge.observers = observers;
        judge.spread =
            board.filter(|_| judge.may_spread()).map(|(board, measure)| Spread::new(board, measure));
        let ending = judge.read(cursor, reading, watch);
        let verdict = judge.verdict(&ending, reading);
        self.observers = std::mem::take(&mut self.judges[0].observers);
        Ok((verdict, ending))
    }

    /// The parts for a plan, ready for a feed.
    fn prepared(&mut self, plan: Arc<FeedPlan>) -> &mut Judge {
        let known = self.judges.iter().position(|judge| Arc::ptr_eq(&judge.plan, &plan));
        if let Some(known) = known {
            self.judges[..=known].rotate_right(1);
            self.judges[0].restart();
        } else {
            self.judges.truncate(JUDGES_MAX - 1);
            self.judges.insert(0, Judge::new(plan, &self.limits, self.products));
        }
        &mut self.judges[0]
    }
}

fn root_path(root: &RootTag) -> String {
    format!("/{}", root.local())
}

/// A feed that ends or breaks before its root element.
fn rootless<R: Read>(
    error: XmlError,
    cursor: &Cursor<R>,
    plans: &dyn Plans,
    reading: &mut Reading<'_>,
) -> (Verdict, Ending) {
    let verdict = if matches!(error.kind, XmlErrorKind::Io(_)) {
        unread(CheckState::NotDone(Undone::Unreadable), Undone::Unreadable)
    } else {
        let excerpt = cursor.error_excerpt();
        // The prefix of its first element is not declared.
        let local = excerpt.text.split_once(':').map(|(_, rest)| findings::name_of(rest));
        let finding = findings::of_xml_error(&error, String::new(), excerpt.clone());
        let is_record = local.is_some_and(|local| plans.is_record(local));
        reading.take_fatal(if is_record { findings::of_lone(&error, finding) } else { finding });
        if error.is_cut_off() {
            unread(CheckState::NotDone(Undone::CutOff), Undone::CutOff)
        } else if error.is_of_packing() {
            unread(CheckState::NotDone(Undone::Unreadable), Undone::Unreadable)
        } else {
            unread(CheckState::Failed, Undone::Broken)
        }
    };
    (verdict, Ending::Broken(error))
}

/// The verdict on a feed of which nothing was read.
fn unread(well_formed: CheckState, why: Undone) -> Verdict {
    Verdict {
        checks: vec![
            (Check::WellFormed, well_formed),
            (Check::Schema, CheckState::NotDone(why)),
            (Check::Rules, CheckState::NotDone(why)),
        ],
    }
}
