//! An import from begin to end: its run in the database, its signs of life, and how it is closed whatever happens.

use super::error::ImportError;
use super::held::Originals;
use super::plan::ImportPlan;
use super::recall::{KnownBytes, Recalled};
use super::report::ImportReport;
use super::target::Target;
use super::writer::Writer;
use crate::judgement::{Acceptance, FeedEvent, Finding, Telling};
use crate::store::{Attempt, RunId, Store, StoreError};
use crate::telemetry::RunTelemetry;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The longest pause between two signs of life.
const HEARTBEAT_SECONDS_MAX: u64 = 5;

/// A run that somebody else has begun, keeps alive and ends.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The database.
    pub store: Store,
    /// The attempt at the run.
    pub attempt: Attempt,
    /// Digest of the only feed that it will be told, when it is known before: the import asks for less then.
    pub digest: Option<[u8; 32]>,
}

/// An import under way. Tell it everything in the order of the feeds, then [`finish`](Self::finish) what stands and
/// [`close`](Self::close) the run; one that is only dropped ends like one that was killed.
#[derive(Debug)]
pub struct Import {
    plan: ImportPlan,
    writer: Writer,
    heart: Option<Heart>,
}

impl Import {
    /// Opens the database and begins a run there; `telemetry` hears of its work.
    pub async fn open(plan: ImportPlan, telemetry: RunTelemetry) -> Result<Self, ImportError> {
        let target = Target::open(&plan, telemetry).await?;
        target.expire_held(&plan).await?;
        let heart = target.alive().map(|(store, run)| Heart::start(store, run, plan.clone()));
        Ok(Self { writer: Writer::new(plan.clone(), target), plan, heart })
    }

    /// Joins a run that somebody else has begun.
    pub async fn join(plan: ImportPlan, telemetry: RunTelemetry, begun: Begun) -> Result<Self, ImportError> {
        let target = Target::join(&plan, telemetry, begun).await?;
        Ok(Self { writer: Writer::new(plan.clone(), target), plan, heart: None })
    }

    /// Says where the bytes of feeds are, so that those of a held one can be kept.
    #[must_use]
    pub fn with_originals(mut self, originals: Box<dyn Originals>) -> Self {
        self.writer.originals = Some(originals);
        self
    }

    /// The run; `None` when nothing is written.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.writer.run()
    }

    /// Which of these sizes, in bytes, some feed has whose bytes would be recognised.
    pub async fn known_sizes(&mut self, sizes: &[u64]) -> Result<HashSet<u64>, ImportError> {
        Ok(self.writer.known_sizes(sizes).await?)
    }

    /// Recognises files by their bytes, in the same order; `judged_by` says by what feeds of a format are judged now.
    pub async fn recall(
        &mut self,
        files: &[Option<KnownBytes>],
        judged_by: &(dyn Fn(&str) -> Option<Arc<str>> + Sync),
    ) -> Result<Vec<Option<Recalled>>, ImportError> {
        Ok(self.writer.recall(files, judged_by).await?)
    }

    /// What a recalled feed told, when its turn has come, to be [taken](Self::take) next; nothing when it does not
    /// stand any more: then it is to be read.
    pub async fn telling(&mut self, recalled: Recalled) -> Result<Option<Telling>, ImportError> {
        Ok(self.writer.telling(recalled).await?)
    }

    /// Takes what a feed tells, and makes of it what the import found: an amendment without its product is refused,
    /// a feed that changes too much is held. `upcoming` is what will be taken next, as far as it is known.
    ///
    /// Gives back findings about the feed that are to be told before the event. After an error nothing more is to be
    /// told to it, and nothing that is not applied by then will be.
    pub async fn take(
        &mut self,
        event: &mut FeedEvent,
        upcoming: &VecDeque<FeedEvent>,
    ) -> Result<Vec<Finding>, ImportError> {
        Ok(self.writer.take(event, upcoming).await?)
    }

    /// Whether every feed that has ended is applied, or dropped for good.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.writer.is_applied()
    }

    /// Applies what is left. A feed without an end is not part of it.
    pub async fn finish(&mut self) -> Result<ImportReport, ImportError> {
        Ok(self.writer.finish().await?)
    }

    pub(super) fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Ends the run as what it came to, with a sentence when it could not be brought to its end; one that was joined is
    /// only left.
    pub async fn close(self, acceptance: Acceptance, message: Option<&str>) -> Result<(), ImportError> {
        drop(self.heart);
        Ok(self.writer.into_target().close(&self.plan, acceptance, message).await?)
    }
}

/// Extends the lease of a run until it is lost, or this is dropped.
#[derive(Debug)]
struct Heart(JoinHandle<()>);

impl Heart {
    fn start(store: Store, run: RunId, plan: ImportPlan) -> Self {
        let pause = (plan.lease / 4).min(Duration::from_secs(HEARTBEAT_SECONDS_MAX));
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                // A database that does not answer now may do so at the next beat, and before the lease ends.
                if let Err(StoreError::LeaseLost { .. }) = store.heartbeat(run, plan.lease_until()).await {
                    return;
                }
            }
        }))
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}
