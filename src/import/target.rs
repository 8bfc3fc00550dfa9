//! Where the writer's work goes: into a session of the database, or, on a dry run, nowhere.
//!
//! A dry run does all the comparing, so it asks the database what it holds when there is one, and
//! takes made-up ids for what would be new.

use super::import::Begun;
use super::plan::{ImportPlan, Mode};
use crate::judgement::Acceptance;
use crate::product::{Price, Product, RecordReference};
use crate::store::{
    Batch, DatabasePlace, Digest, DriftAcceptance, EarlierStructure, Holder, IdKind, Known, Mark, NumbersOf,
    Origin, Outdated, QuarantinedRecord, RollbackOrder, RollbackOutcome, RollbackRefusal, Rows, RunEnd,
    RunId, RunView, Session, StandingFeed, Store, StoreError, Structure,
};
use crate::telemetry::{DatabaseWork, RunTelemetry};
use std::collections::{HashMap, HashSet};

/// A session to write to, or the outside of one.
#[derive(Debug)]
pub(super) struct Target {
    store: Option<Store>,
    session: Option<Session>,
    run: Option<RunId>,
    /// The store is closed with the work.
    owned: bool,
    /// Products are written.
    writes: bool,
    work: Work,
    /// Runs that the trace of this one is linked to.
    linked: HashSet<RunId>,
    made_up: i64,
}

impl Target {
    /// Opens the database and begins a run; on a dry run, opens it for looking if it is there.
    pub(super) async fn open(plan: &ImportPlan, telemetry: RunTelemetry) -> Result<Self, StoreError> {
        let work = Work::of(plan, telemetry);
        let (store, run) = match plan.mode {
            Mode::Write | Mode::Check => {
                let opened = async {
                    let store = Store::open(&plan.database).await?;
                    let trace = work.telemetry.address().map(|root| root.trace_id);
                    let run = store.begin_run((plan.clock)(), plan.lease_until(), trace.as_deref()).await?;
                    Ok::<_, StoreError>((store, run))
                };
                let (store, run) = work.timed("open", opened).await?;
                (Some(store), Some(run))
            }
            Mode::DryRun => (Store::open_existing(&plan.database).await?, None),
        };
        let session = match &store {
            Some(store) => {
                let mut session = store.session(run.unwrap_or(RunId(0))).await?;
                session.keep(plan.kept_runs);
                Some(session)
            }
            None => None,
        };
        Ok(Self::of(plan, store, session, run, work))
    }

    /// Joins a run that somebody else has begun, and will end.
    pub(super) async fn join(
        plan: &ImportPlan,
        telemetry: RunTelemetry,
        Begun { store, attempt, digest }: Begun,
    ) -> Result<Self, StoreError> {
        let work = Work::of(plan, telemetry);
        let mut session = work.timed("open", store.session(attempt)).await?;
        session.keep(plan.kept_runs);
        if let Some(digest) = digest {
            session.expect(digest);
        }
        let run = (plan.mode != Mode::DryRun).then_some(attempt.run);
        Ok(Self { owned: false, ..Self::of(plan, Some(store), Some(session), run, work) })
    }

    fn of(
        plan: &ImportPlan,
        store: Option<Store>,
        session: Option<Session>,
        run: Option<RunId>,
        work: Work,
    ) -> Self {
        if let Some(run) = run {
            work.telemetry.numbered(&run.to_string());
        }
        Self {
            store,
            session,
            run,
            owned: true,
            writes: plan.mode.writes(),
            work,
            linked: HashSet::new(),
            made_up: 0,
        }
    }

    /// The run, unless nothing is written.
    pub(super) fn run(&self) -> Option<RunId> {
        self.run
    }

    /// The store and the run to keep alive.
    pub(super) fn alive(&self) -> Option<(Store, RunId)> {
        Some((self.store.clone()?, self.run?))
    }

    /// Where products are written, if they are.
    fn writing(&mut self) -> Option<(&mut Session, &Work)> {
        if self.writes { self.telling() } else { None }
    }

    /// Where it is written what was found.
    fn telling(&mut self) -> Option<(&mut Session, &Work)> {
        self.run.and(self.session.as_mut()).map(|session| (session, &self.work))
    }

    /// Buffers in the form the database takes.
    pub(super) fn rows(&self) -> Rows {
        self.session.as_ref().map_or_else(Rows::nowhere, Session::rows)
    }

    /// Takes a source for this run.
    pub(super) async fn lock(&mut self, source: &str) -> Result<(), StoreError> {
        match self.writing() {
            Some((session, work)) => work.timed("lock", session.lock(source)).await,
            None => Ok(()),
        }
    }

    /// What the database holds of a source.
    pub(super) async fn known(&mut self, source: &str) -> Result<Known, StoreError> {
        match &mut self.session {
            Some(session) => self.work.timed("look up", session.known(source)).await,
            None => Ok(Known::default()),
        }
    }

    /// What earlier runs applied of a source and format, and what is expected of it since.
    pub(super) async fn usual(
        &mut self,
        source: &str,
        format: &str,
    ) -> Result<(Vec<EarlierStructure>, Vec<DriftAcceptance>), StoreError> {
        let Some(session) = &mut self.session else { return Ok(Default::default()) };
        let structures = self.work.timed("look up", session.structures(source, format)).await?;
        if structures.is_empty() {
            return Ok(Default::default());
        }
        Ok((structures, self.work.timed("look up", session.accepted_drifts(source, format)).await?))
    }

    /// What this run has applied so far of a source and format.
    pub(super) async fn applied_structure(
        &mut self,
        source: &str,
        format: &str,
    ) -> Result<Option<Structure>, StoreError> {
        match self.writing() {
            Some((session, work)) => work.timed("look up", session.applied_structure(source, format)).await,
            None => Ok(None),
        }
    }

    /// Which of these sizes some feed has that can be told again.
    pub(super) async fn known_sizes(
        &mut self,
        sizes: &[u64],
        judged_with: &str,
    ) -> Result<Vec<u64>, StoreError> {
        match &mut self.session {
            Some(session) => {
                self.work.batch("look up", sizes.len(), session.known_sizes(sizes, judged_with)).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Feeds that stand and had these bytes.
    pub(super) async fn standing_feeds(
        &mut self,
        digests: &[[u8; 32]],
        judged_with: &str,
    ) -> Result<Vec<StandingFeed>, StoreError> {
        match &mut self.session {
            Some(session) => {
                let found = session.standing_feeds(digests, judged_with);
                self.work.batch("look up", digests.len(), found).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// All that an imported feed told but its header.
    pub(super) async fn told(&mut self, feed_version_id: i64) -> Result<Option<String>, StoreError> {
        match &mut self.session {
            Some(session) => self.work.timed("look up", session.told(feed_version_id)).await,
            None => Ok(None),
        }
    }

    /// The id of a row to come.
    pub(super) async fn id(&mut self, kind: IdKind) -> Result<i64, StoreError> {
        let is_real = self.writes || kind == IdKind::FeedVersion;
        if let Some(session) = self.run.filter(|_| is_real).and(self.session.as_mut()) {
            return session.id(kind).await;
        }
        self.made_up -= 1;
        Ok(self.made_up)
    }

    /// Sends rows to the staged tables, or drops them on a dry run.
    pub(super) async fn stage(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        if let Some((session, work)) = self.writing() {
            return work.batch("stage", rows.count(), session.stage(rows)).await;
        }
        rows.clear();
        Ok(())
    }

    /// Takes back what was staged from this number on.
    pub(super) async fn unstage(&mut self, from: i64) -> Result<(), StoreError> {
        match self.writing() {
            Some((session, _)) => session.unstage(from).await,
            None => Ok(()),
        }
    }

    /// Products of a source, whole.
    pub(super) async fn load(
        &mut self,
        origin: Origin,
        source: &str,
        references: &[&RecordReference],
    ) -> Result<HashMap<RecordReference, Product>, StoreError> {
        match &mut self.session {
            Some(session) => {
                let work = session.load(origin, source, references);
                self.work.batch("load", references.len(), work).await
            }
            None => Ok(HashMap::new()),
        }
    }

    /// Makes what is known by one name that of another source, if there is something; `false` when there is not, and on
    /// a dry run.
    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<bool, StoreError> {
        match self.writing() {
            Some((session, work)) => work.timed("rename", session.rename(from, to)).await,
            None => Ok(false),
        }
    }

    /// Products of a source whose last change came with a message that is newer than this one.
    pub(super) async fn changed_after(
        &mut self,
        source: &str,
        place: &Mark,
    ) -> Result<HashSet<Digest>, StoreError> {
        let references = match &mut self.session {
            Some(session) => session.changed_after(source, place).await?,
            None => Vec::new(),
        };
        Ok(references.iter().map(|reference| Digest::of(reference.as_bytes())).collect())
    }

    /// How many refused records of a source would wait with what is staged, and how many of them do not wait yet;
    /// nothing where nothing is staged.
    pub(super) async fn quarantine_growth(&mut self, source: &str) -> Result<Option<(u64, u64)>, StoreError> {
        match &mut self.session {
            Some(session) => session.quarantine_growth(source).await,
            None => Ok(None),
        }
    }

    /// Products of a source that a feed changed last which arrived after a held one.
    pub(super) async fn changed_since(
        &mut self,
        source: &str,
        held: i64,
    ) -> Result<HashSet<Digest>, StoreError> {
        let references = match &mut self.session {
            Some(session) => session.changed_since(source, held).await?,
            None => Vec::new(),
        };
        Ok(references.iter().map(|reference| Digest::of(reference.as_bytes())).collect())
    }

    /// The prices of products as they stand.
    pub(super) async fn prices(&mut self, ids: &[i64]) -> Result<HashMap<i64, Vec<Price>>, StoreError> {
        match &mut self.session {
            Some(session) => self.work.batch("load", ids.len(), session.prices(ids)).await,
            None => Ok(HashMap::new()),
        }
    }

    /// The references of products.
    pub(super) async fn references(&mut self, ids: &[i64]) -> Result<Vec<RecordReference>, StoreError> {
        match &mut self.session {
            Some(session) if !ids.is_empty() => session.references(ids).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Gives up held feeds about which nobody has decided in time.
    pub(super) async fn expire_held(&self, plan: &ImportPlan) -> Result<(), StoreError> {
        match (&self.store, self.run) {
            (Some(store), Some(_)) => store.expire_held((plan.clock)()).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Numbers of products that stand, and the digests of their references.
    pub(super) async fn numbers(
        &mut self,
        source: &str,
        numbers: NumbersOf<'_>,
    ) -> Result<Vec<(u64, Digest)>, StoreError> {
        match self.writing() {
            Some((session, work)) => work.timed("look up", session.numbers(source, numbers)).await,
            None => Ok(Vec::new()),
        }
    }

    /// Products that have these numbers once what is staged stands.
    pub(super) async fn holders(&mut self, source: &str, numbers: &[u64]) -> Result<Vec<Holder>, StoreError> {
        match self.writing() {
            Some((session, work)) => {
                work.batch("look up", numbers.len(), session.holders(source, numbers)).await
            }
            None => Ok(Vec::new()),
        }
    }

    /// Makes what is staged stand.
    pub(super) async fn apply(&mut self, batch: &Batch, plan: &ImportPlan) -> Result<(), StoreError> {
        match self.telling() {
            Some((session, work)) => {
                let applied = session.apply(batch, (plan.clock)(), plan.lease_until());
                work.batch("apply", batch.feeds.len(), applied).await
            }
            None => Ok(()),
        }
    }

    /// Looks what a rollback would do; `None` when there is no database.
    pub(super) async fn look_back(
        &mut self,
        order: RollbackOrder,
        plan: &ImportPlan,
    ) -> Result<Option<Result<RollbackOutcome, RollbackRefusal>>, StoreError> {
        match &mut self.session {
            Some(session) => {
                self.work.timed("look back", session.look_back(order, (plan.clock)())).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Rolls a run back; `None` when nothing is written.
    pub(super) async fn roll_back(
        &mut self,
        order: RollbackOrder,
        plan: &ImportPlan,
    ) -> Result<Option<Result<RollbackOutcome, RollbackRefusal>>, StoreError> {
        match self.writing() {
            Some((session, work)) => {
                let decision = plan.decision.as_ref();
                let rolled = session.roll_back(order, decision, (plan.clock)(), plan.lease_until());
                work.timed("roll back", rolled).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Links the trace of this run to that of an earlier one. A run without a trace, or one that cannot be looked up,
    /// is no reason not to work.
    pub(super) async fn link(&mut self, run: RunId) {
        if self.work.telemetry.address().is_none() || !self.linked.insert(run) {
            return;
        }
        let Some(store) = &self.store else { return };
        if let Ok(Some(RunView { trace_id: Some(trace), .. })) = store.run(run).await {
            self.work.telemetry.links(&trace);
        }
    }

    /// An entry of the quarantine with its bytes.
    pub(super) async fn quarantined(&self, id: i64) -> Result<Option<QuarantinedRecord>, StoreError> {
        match &self.store {
            Some(store) => store.quarantined(id).await,
            None => Ok(None),
        }
    }

    /// Whether an entry of the quarantine must not be replayed any more; `reference` is its key when it was kept
    /// without one.
    pub(super) async fn outdated(
        &mut self,
        id: i64,
        reference: Option<&RecordReference>,
    ) -> Result<Option<Outdated>, StoreError> {
        match &mut self.session {
            Some(session) => session.outdated(id, reference).await,
            None => Ok(None),
        }
    }

    /// Ends session and run. The session first: what it holds is free when the run is said to be over.
    pub(super) async fn close(
        self,
        plan: &ImportPlan,
        acceptance: Acceptance,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        if !self.owned {
            return self.leave().await;
        }
        if let Some(session) = self.session {
            session.close().await;
        }
        let (Some(store), Some(run)) = (self.store, self.run) else { return Ok(()) };
        let end = RunEnd { acceptance, message, summary: None };
        let finished = self.work.timed("close", store.finish_run(run, (plan.clock)(), end)).await;
        store.close().await;
        finished.map_err(|source| StoreError::NotEnded { run: run.0, source: Box::new(source) })
    }

    /// Gives the session back to the store of whoever began the run.
    async fn leave(self) -> Result<(), StoreError> {
        if let (Some(store), Some(session)) = (self.store, self.session) {
            store.give_back_session(session).await;
        }
        Ok(())
    }
}

/// Database work that is traced and measured.
#[derive(Debug)]
struct Work {
    telemetry: RunTelemetry,
    system: &'static str,
    place: DatabasePlace,
}

impl Work {
    fn of(plan: &ImportPlan, telemetry: RunTelemetry) -> Self {
        let place = DatabasePlace::of(&plan.database);
        Self { telemetry, system: plan.database.kind().system_name(), place }
    }

    /// Work on one thing, or on what cannot be counted.
    fn timed<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> impl Future<Output = Result<T, StoreError>> {
        self.told(operation, None, work)
    }

    /// Work on so many things at once.
    fn batch<T>(
        &self,
        operation: &'static str,
        size: usize,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> impl Future<Output = Result<T, StoreError>> {
        self.told(operation, Some(size), work)
    }

    fn told<T>(
        &self,
        operation: &'static str,
        batch: Option<usize>,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> impl Future<Output = Result<T, StoreError>> {
        let DatabasePlace { name, host, port } = &self.place;
        let (namespace, server) = (name.as_deref(), host.as_deref());
        let of = DatabaseWork { operation, system: self.system, namespace, server, port: *port, batch };
        // What the driver keeps across its waits is large; here it is kept once, not in every future around it.
        self.telemetry.database(of, Box::pin(work), StoreError::kind)
    }
}
