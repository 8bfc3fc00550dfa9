//! What a run did goes back, all of it, and forward again, on both databases.

mod kill;

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Record, SENDER, feed, good, imported, outcome};
use crate::support::products::{any_product, full, plain};
use feedgate::config::{DatabaseKind, GuardSettings};
use feedgate::import::{
    BatchLimits, FormatRules, ImportPlan, Mode, Revalidate, RollbackPlan, RollbackReport, replay, rollback,
};
use feedgate::judgement::{Acceptance, Coverage, Outcome};
use feedgate::product::Product;
use feedgate::store::{
    LaterChanges, QuarantineFilter, QuarantineState, QuarantinedRecord, RollbackOrder, RollbackRefusal,
    RunId, SourceRollback, Store,
};
use feedgate::telemetry::RunTelemetry;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::error::Error;

/// Sequences of imports that are tried; more when there is time.
const SEQUENCES: u64 = 8;
const SEQUENCES_LONG: u64 = 200;
/// Runs of one sequence.
const STEPS: u64 = 5;

const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const BAD: [&[u8]; 4] = [b"<bad/>", b"<worse/>", b"<worst/>", b"<bad>\xff</bad>"];
const SENDERS: [&str; 2] = [SENDER, "another.example"];

fn plan(database: &TestDatabase) -> ImportPlan {
    // A rollback is a run, too: these tests have many.
    ImportPlan { kept_runs: 100, guard: GuardSettings::off(), ..ImportPlan::new(database.url.clone()) }
}

/// Imports feeds; gives back the run.
async fn import(database: &TestDatabase, feeds: &[Feed]) -> i64 {
    import_by(&plan(database), feeds).await
}

async fn import_by(plan: &ImportPlan, feeds: &[Feed]) -> i64 {
    let imported = imported(plan, feeds).await.expect("the import can be done");
    imported.report.run.expect("it writes").0
}

async fn back_by(plan: ImportPlan, run: i64, later: LaterChanges) -> RollbackReport {
    let order = RollbackOrder { run: RunId(run), later };
    let plan = RollbackPlan { import: plan, order, reason: Some("a test".to_owned()) };
    rollback(plan, RunTelemetry::off()).await.expect("the database does its part")
}

/// Rolls a run back; gives back the run that did.
async fn back(database: &TestDatabase, run: i64) -> i64 {
    let report = back_by(plan(database), run, LaterChanges::Refuse).await;
    assert!(report.outcome.is_ok(), "{report:?}");
    report.run.expect("it writes").0
}

async fn refused(database: &TestDatabase, run: i64, later: LaterChanges) -> RollbackRefusal {
    let before = State::of(database).await;
    let report = back_by(plan(database), run, later).await;
    assert_eq!(State::of(database).await, before, "a refusal changes nothing");
    report.outcome.expect_err("it is refused")
}

async fn titles(database: &TestDatabase) -> Vec<String> {
    let sql =
        "select record_reference || '=' || title || case when withdrawn_at is null then '' else ' (gone)' end
               from product order by record_reference";
    database.texts(sql).await
}

/// Every row of the shop, with all that decides what an import does; as far as it goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    tables: Vec<(&'static str, Vec<String>)>,
    known: Vec<String>,
    /// The quarantine, row by row.
    entries: Vec<String>,
}

impl State {
    async fn of(database: &TestDatabase) -> Self {
        const TABLES: [&str; 6] = [
            "product",
            "product_identifier",
            "product_contributor",
            "product_price",
            "message_mark",
            "tombstone",
        ];
        let store = Store::open(&database.url).await.expect("it opens");
        let mut tables = Vec::new();
        for table in TABLES {
            let mut rows = database.rows_of(table).await;
            rows.sort();
            tables.push((table, rows));
        }
        let mut session = store.session(RunId(0)).await.expect("a session");
        let mut known = Vec::new();
        for sender in SENDERS {
            let of = session.known(sender).await.expect("it is read");
            let mut feeds: Vec<String> =
                of.feeds.iter().map(|(digest, feed)| format!("{sender}: {digest:?} {feed:?}")).collect();
            feeds.sort();
            known.extend(feeds);
        }
        session.close().await;
        store.close().await;
        let mut entries = by_number(&database.rows_of("quarantine").await);
        entries.sort();
        Self { tables, known, entries }
    }

    /// Entries of the quarantine that came since stay, closed.
    #[track_caller]
    fn assert_is(&self, other: &Self, when: &str) {
        for ((table, ours), (_, theirs)) in self.tables.iter().zip(&other.tables) {
            assert_eq!(ours, theirs, "{table}, {when}");
        }
        assert_eq!(self.known, other.known, "{when}");
        let count = other.entries.len();
        for (ours, theirs) in self.entries.iter().zip(&other.entries) {
            assert_eq!(ours, theirs, "{when}");
        }
        for entry in &self.entries[count..] {
            assert!(!entry.contains("open"), "{when}: {entry}");
        }
    }
}

/// Rows that begin with their number, so that they sort by it.
fn by_number(rows: &[String]) -> Vec<String> {
    let number = |row: &String| {
        let after = row.split("\"id\":").nth(1).expect("a row has a number");
        let digits: String =
            after.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().expect("digits")
    };
    rows.iter().map(|row| format!("{:08} {row}", number(row))).collect()
}

/// Numbers that look random and are the same each time.
struct Dice {
    state: u64,
    runner: TestRunner,
    feeds: u8,
}

impl Dice {
    fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let runner = TestRunner::new_with_rng(Config::default(), rng);
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, runner, feeds: 0 }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len() as u64);
        all[usize::try_from(index).expect("a small number")]
    }

    fn record(&mut self) -> Record {
        let key = self.of(&KEYS);
        match self.below(10) {
            0 | 1 => Record::Delete(key),
            2 => Record::Bad(Some(key), self.of(&BAD)),
            3 => Record::Bad(None, self.of(&BAD)),
            4 => Record::Change(Product { stock: Some(1), pages: Some(self.pages()), ..plain(key, "") }),
            5 | 6 => Record::Product(Product { pages: Some(self.pages()), ..full(key, "one of few titles") }),
            _ => {
                let strategy = any_product(key.to_owned());
                Record::Product(strategy.new_tree(&mut self.runner).expect("a product").current())
            }
        }
    }

    fn pages(&mut self) -> u32 {
        u32::try_from(self.below(1000)).expect("a small number")
    }

    fn feed(&mut self) -> Feed {
        self.feeds += 1;
        let count = 1 + self.below(12);
        let mut records: Vec<Record> = (0..count).map(|_| self.record()).collect();
        // A run that changes nothing could not be rolled back.
        records.push(good("always", &format!("feed {}", self.feeds)));
        let message = Some(u32::from(self.feeds)).filter(|_| self.below(3) > 0);
        let (sender, cut) = (self.of(&SENDERS), self.below(12) == 0);
        Feed { digest: self.feeds, message, sender, cut, ..feed("nightly.xml", records) }
    }

    fn step(&mut self) -> Step {
        if self.below(6) == 0 {
            return Step::Replay(self.of(&KEYS));
        }
        let mut feeds: Vec<Feed> = (0..=self.below(3)).map(|_| self.feed()).collect();
        feeds[0].cut = false;
        Step::Import { feeds, parted: self.below(2) == 0, whole: self.below(4) == 0 }
    }
}

/// One run of a sequence.
#[derive(Debug)]
enum Step {
    /// Feeds, each in a transaction of its own or not, withdrawing what they do not mention or not.
    Import { feeds: Vec<Feed>, parted: bool, whole: bool },
    /// All that lies in quarantine, read as a product with this key.
    Replay(&'static str),
}

struct Again(&'static str);

impl Revalidate for Again {
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        let key = record.entry.reference.as_deref().unwrap_or(self.0);
        Ok(outcome(1, &good(key, "replayed")))
    }
}

impl Step {
    /// Does it; gives back the run.
    async fn take(&self, database: &TestDatabase) -> i64 {
        match self {
            Self::Import { feeds, parted, whole } => {
                let mut plan = plan(database);
                plan.batch.feeds_max = if *parted { 1 } else { BatchLimits::default().feeds_max };
                if *whole {
                    let rules = FormatRules { feeds: Some(Coverage::Full), ..FormatRules::default() };
                    plan.formats.insert("catalogue/1.0".to_owned(), rules);
                }
                import_by(&plan, feeds).await
            }
            Self::Replay(key) => {
                let store = Store::open(&database.url).await.expect("it opens");
                let filter = QuarantineFilter { state: Some(QuarantineState::Open), ..Default::default() };
                let open = store.quarantine(filter, 100).await.expect("they load");
                let numbers: Vec<i64> = open.iter().map(|entry| entry.id).collect();
                replay(plan(database), RunTelemetry::off(), &numbers, &mut Again(key))
                    .await
                    .expect("it can be done");
                store.runs(1).await.expect("they load")[0].id.0
            }
        }
    }
}

async fn can_go_back(database: &TestDatabase, run: i64) -> bool {
    database.number(&format!("select count(*) from rollback_point where run_id = {run}")).await == 1
}

#[test]
fn the_last_runs_go_back_and_forward_again_and_their_feeds_can_be_imported_again() {
    let long = std::env::var_os("FEEDGATE_TEST_LONG").is_some();
    for seed in 1..=if long { SEQUENCES_LONG } else { SEQUENCES } {
        on_each(async |database| Box::pin(back_and_forth(database, seed)).await);
    }
}

async fn back_and_forth(database: &TestDatabase, seed: u64) {
    let mut dice = Dice::new(seed);
    let steps: Vec<Step> = (0..STEPS).map(|_| dice.step()).collect();
    let mut states = vec![State::of(database).await];
    let (mut runs, mut shops) = (Vec::new(), Vec::new());
    for step in &steps {
        runs.push(step.take(database).await);
        states.push(State::of(database).await);
        shops.push(database.shop().await);
    }
    let first = usize::try_from(dice.below(STEPS)).expect("a small number");
    let mut rollbacks = Vec::new();
    for index in (first..runs.len()).rev() {
        if can_go_back(database, runs[index]).await {
            rollbacks.push((index, back(database, runs[index]).await));
        }
        let when = format!("seed {seed}, run {} rolled back", runs[index]);
        State::of(database).await.assert_is(&states[index], &when);
    }
    for (index, by) in rollbacks.into_iter().rev() {
        back(database, by).await;
        let when = format!("seed {seed}, rollback {by} rolled back");
        State::of(database).await.assert_is(&states[index + 1], &when);
    }
    for index in (first..runs.len()).rev() {
        if can_go_back(database, runs[index]).await {
            back(database, runs[index]).await;
        }
    }
    for (step, shop) in steps.iter().zip(&shops).skip(first) {
        step.take(database).await;
        assert_eq!(database.shop().await, *shop, "seed {seed}, imported again");
    }
}

#[test]
fn a_rollback_tells_what_it_does_and_a_dry_run_does_nothing() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A"), good("b", "B"), good("c", "C")])]).await;
        let records = vec![good("a", "A, revised"), Record::Delete("b"), good("d", "D"), good("e", "E")];
        let run = import(database, &[Feed { message: Some(7), ..feed("b.xml", records) }]).await;
        let before = State::of(database).await;
        let dry = ImportPlan { mode: Mode::DryRun, ..plan(database) };
        let report = back_by(dry, run, LaterChanges::Refuse).await;
        let source = SourceRollback {
            source: SENDER.to_owned(),
            restored: 2,
            removed: 2,
            returned: 0,
            kept: 0,
            marks: 1,
            marks_kept: 0,
        };
        assert_eq!((report.run, &report.outcome.expect("it can go back").sources[..]), (None, &[source][..]));
        assert_eq!(State::of(database).await, before);
        assert_eq!(database.number("select count(*) from run").await, 2);

        let by = back(database, run).await;
        assert_eq!(titles(database).await, ["a=A", "b=B", "c=C"]);
        let store = Store::open(&database.url).await.expect("it opens");
        let [undone, rollback] = [run, by].map(RunId);
        let shown = store.run(rollback).await.expect("it loads").expect("it is there");
        assert_eq!((shown.rolls_back, shown.rolled_back_by), (Some(undone), None));
        assert_eq!(shown.message.as_deref(), Some("rolled back run 2: a test"));
        assert_eq!((shown.counts.inserted, shown.counts.updated, shown.counts.withdrawn), (0, 2, 2));
        let shown = store.run(undone).await.expect("it loads").expect("it is there");
        assert_eq!((shown.rolls_back, shown.rolled_back_by), (None, Some(rollback)));
        let again = back_by(plan(database), by, LaterChanges::Refuse).await.outcome.expect("it can go back");
        assert_eq!((again.sources[0].restored, again.sources[0].returned), (2, 2));
        assert_eq!(titles(database).await, ["a=A, revised", "b=B (gone)", "c=C", "d=D", "e=E"]);
    });
}

#[test]
fn a_run_that_cannot_go_back_says_why() {
    on_each(async |database| {
        let run = import(database, &[feed("a.xml", vec![good("a", "A")])]).await;
        let unchanging = import(database, &[feed("b.xml", vec![good("a", "A")])]).await;
        let refuse = LaterChanges::Refuse;
        assert_eq!(refused(database, 99, refuse).await, RollbackRefusal::Unknown(RunId(99)));
        assert_eq!(
            refused(database, unchanging, refuse).await,
            RollbackRefusal::Unchanging(RunId(unchanging))
        );
        let by = back(database, run).await;
        let rolled_back = RollbackRefusal::RolledBack { run: RunId(run), by: RunId(by) };
        assert_eq!(refused(database, run, refuse).await, rolled_back);
        assert!(titles(database).await.is_empty());

        let store = Store::open(&database.url).await.expect("it opens");
        let now = jiff::Timestamp::now();
        let running =
            store.begin_run(now, now + jiff::SignedDuration::from_mins(5), None).await.expect("begun");
        assert_eq!(refused(database, running.0, refuse).await, RollbackRefusal::Running(running));
    });
}

#[test]
fn later_changes_stand_in_the_way_until_it_is_said_which_way() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A1"), good("b", "B1")])]).await;
        let run = import(
            database,
            &[Feed {
                message: Some(1),
                ..feed("b.xml", vec![good("a", "A2"), good("b", "B2"), good("c", "C2")])
            }],
        )
        .await;
        let later = import(
            database,
            &[Feed {
                message: Some(2),
                ..feed("c.xml", vec![good("b", "B3"), good("d", "D3"), Record::Delete("c")])
            }],
        )
        .await;
        let RollbackRefusal::Changed { count, first, .. } =
            refused(database, run, LaterChanges::Refuse).await
        else {
            panic!("later changes are the reason")
        };
        let named: Vec<_> = first.iter().map(|each| (each.reference.as_str(), &each.runs[..])).collect();
        assert_eq!((count, named), (2, vec![("b", &[RunId(later)][..]), ("c", &[RunId(later)][..])]));

        let before = State::of(database).await;
        let kept = back_by(plan(database), run, LaterChanges::Keep).await;
        let sources = &kept.outcome.as_ref().expect("it can go back").sources;
        assert_eq!((sources[0].restored, sources[0].kept, sources[0].removed), (1, 2, 0));
        assert_eq!((sources[0].marks, sources[0].marks_kept), (0, 1));
        assert_eq!(titles(database).await, ["a=A1", "b=B3", "c=C2 (gone)", "d=D3"]);
        // It was not whole, so it counts for what was before it.
        assert!(matches!(refused(database, 1, LaterChanges::Refuse).await, RollbackRefusal::Changed { .. }));
        assert!(matches!(refused(database, 1, LaterChanges::Undo).await, RollbackRefusal::Entangled { .. }));
        back(database, kept.run.expect("a run").0).await;
        State::of(database).await.assert_is(&before, "the rollback is rolled back");

        let undone = back_by(plan(database), run, LaterChanges::Undo).await;
        assert_eq!(undone.acceptance(), Acceptance::Accepted);
        assert_eq!(titles(database).await, ["a=A1", "b=B1", "d=D3"]);
        assert!(matches!(
            refused(database, later, LaterChanges::Refuse).await,
            RollbackRefusal::Changed { .. }
        ));
        assert!(matches!(
            refused(database, later, LaterChanges::Undo).await,
            RollbackRefusal::Entangled { .. }
        ));
        back(database, undone.run.expect("a run").0).await;
        State::of(database).await.assert_is(&before, "the rollback is rolled back");
        // The newest first, and all is well.
        back(database, later).await;
        back(database, run).await;
        assert_eq!(titles(database).await, ["a=A1", "b=B1"]);
        assert_eq!(database.number("select count(*) from message_mark").await, 0);
    });
}

#[test]
fn a_product_that_was_removed_and_came_again_goes_back_to_its_first_row() {
    on_each(async |database| {
        let run = import(database, &[feed("a.xml", vec![good("a", "A")])]).await;
        let by = back(database, run).await;
        let again = import(database, &[feed("b.xml", vec![good("a", "A, again")])]).await;
        let before = State::of(database).await;
        assert!(matches!(refused(database, by, LaterChanges::Refuse).await, RollbackRefusal::Changed { .. }));
        assert_eq!(refused(database, by, LaterChanges::Keep).await, RollbackRefusal::AllKept(RunId(by)));
        let undone = back_by(plan(database), by, LaterChanges::Undo).await.run.expect("a run").0;
        assert_eq!(titles(database).await, ["a=A"]);
        assert_eq!(database.number("select max(id) - 0 from product").await, 1);
        back(database, undone).await;
        State::of(database).await.assert_is(&before, "the rollback is rolled back");
        back(database, again).await;
        assert!(titles(database).await.is_empty());
        back(database, by).await;
        assert_eq!(titles(database).await, ["a=A"]);
    });
}

#[test]
fn a_mark_goes_back_behind_a_run_that_was_rolled_back_before() {
    on_each(async |database| {
        let message =
            |number, key: &str| [Feed { message: Some(number), ..feed("a.xml", vec![good(key, "T")]) }];
        import(database, &message(1, "a")).await;
        let second = import(database, &message(2, "b")).await;
        let third = import(database, &message(3, "c")).await;
        let mark = "select number from message_mark";
        let first_back = back(database, second).await;
        assert_eq!(database.number(mark).await, 3);
        let before = State::of(database).await;
        let by = back(database, third).await;
        assert_eq!(database.number(mark).await, 1);
        back(database, by).await;
        State::of(database).await.assert_is(&before, "the rollback is rolled back");
        back(database, third).await;
        import(database, &message(2, "b")).await;
        assert_eq!(titles(database).await, ["a=T", "b=T"]);
        assert!(first_back > 0);
    });
}

#[test]
fn what_is_done_in_between_counts_by_when_it_was_done() {
    on_each(async |database| {
        // The earlier run comes to its second source when the later one has been there.
        let other = |records| Feed { sender: SENDERS[1], ..feed("b.xml", records) };
        import(database, &[other(vec![good("b", "B0")])]).await;
        let parted = ImportPlan { batch: BatchLimits { feeds_max: 1, products_max: 1 }, ..plan(database) };
        let mut early = feedgate::import::Import::open(parted, RunTelemetry::off()).await.expect("it opens");
        crate::support::feeds::tell(&mut early, &[feed("a.xml", vec![good("a", "A")])]).await.expect("told");
        let late = import(database, &[other(vec![good("b", "B1")])]).await;
        crate::support::feeds::tell(&mut early, &[other(vec![good("b", "B2")])]).await.expect("told");
        let run = early.run().expect("it writes").0;
        early.finish().await.expect("it ends");
        early.close(Acceptance::Accepted, None).await.expect("it ends");
        assert!(run < late);
        assert!(matches!(
            refused(database, late, LaterChanges::Refuse).await,
            RollbackRefusal::Changed { .. }
        ));
        back(database, run).await;
        assert_eq!(titles(database).await, ["b=B1"]);
        back(database, late).await;
        assert_eq!(titles(database).await, ["b=B0"]);
    });
}

#[test]
fn a_source_under_another_name_goes_back_under_that_name() {
    on_each(async |database| {
        import(database, &[feed("a.xml", vec![good("a", "A")])]).await;
        let message =
            Feed { message: Some(1), ..feed("b.xml", vec![good("a", "A, revised"), good("b", "B")]) };
        let run = import(database, &[message]).await;
        let store = Store::open(&database.url).await.expect("it opens");
        let mut session = store.session(RunId(run)).await.expect("a session");
        assert!(session.rename(SENDER, SENDERS[1]).await.expect("it is renamed"));
        session.close().await;
        let by = back(database, run).await;
        assert_eq!(titles(database).await, ["a=A"]);
        assert_eq!(database.number("select count(*) from message_mark").await, 0);
        back(database, by).await;
        assert_eq!(titles(database).await, ["a=A, revised", "b=B"]);
        let sources = "select distinct source from product union select source from message_mark";
        assert_eq!(database.texts(sources).await, [SENDERS[1]]);
    });
}

async fn points(database: &TestDatabase) -> Vec<String> {
    database.texts("select cast(run_id as text) from rollback_point order by run_id").await
}

#[test]
fn what_was_there_is_kept_for_so_many_runs() {
    on_each(async |database| {
        let keeping = |runs| ImportPlan { kept_runs: runs, ..plan(database) };
        for number in 1..=4 {
            import_by(&keeping(2), &[feed("a.xml", vec![good("a", &format!("A{number}"))])]).await;
        }
        assert_eq!(points(database).await, ["3", "4"]);
        assert_eq!(database.number("select count(*) from product_before where run_id < 3").await, 0);
        assert_eq!(database.number("select count(*) from product_price_before where run_id < 3").await, 0);
        let refusal = refused(database, 2, LaterChanges::Refuse).await;
        assert_eq!(refusal, RollbackRefusal::Unkept(RunId(2)));
        assert!(refusal.to_string().contains("`rollback.runs`"), "{refusal}");
        // The rollback itself keeps none: what it needs is there until it is done.
        import_by(&keeping(2), &[feed("a.xml", vec![good("a", "A5")])]).await;
        let report = back_by(keeping(0), 5, LaterChanges::Refuse).await;
        assert!(report.outcome.is_ok(), "{report:?}");
        assert_eq!(titles(database).await, ["a=A4"]);
        assert!(points(database).await.is_empty());
        import_by(&keeping(2), &[feed("a.xml", vec![good("a", "A6")])]).await;
        // Who keeps none must not leave those of others: they would not tell of this change.
        import_by(&keeping(0), &[feed("a.xml", vec![good("a", "A7")])]).await;
        assert!(points(database).await.is_empty());
        assert_eq!(database.number("select count(*) from product_before").await, 0);
        assert_eq!(refused(database, 7, LaterChanges::Refuse).await, RollbackRefusal::Unkept(RunId(7)));
    });
}

/// Columns of the shop's tables that their pre-images have under another name, or need not have.
const APART: [(&str, &[&str]); 7] = [
    ("product", &["id"]),
    ("product_identifier", &[]),
    ("product_contributor", &[]),
    ("product_price", &[]),
    ("message_mark", &["run_id"]),
    ("tombstone", &[]),
    ("quarantine", &["id", "created_at", "first_run", "source", "mended"]),
];

#[test]
fn pre_images_have_all_columns() {
    on_each(async |database| {
        Store::open(&database.url).await.expect("the database opens");
        let columns = async |table: &str| {
            let sql = match database.kind() {
                DatabaseKind::Postgres => format!(
                    "select column_name || ' ' || data_type from information_schema.columns
                     where table_schema = 'public' and table_name = '{table}'"
                ),
                DatabaseKind::Sqlite => {
                    format!("select name || ' ' || lower(type) from pragma_table_info('{table}')")
                }
            };
            database.texts(&sql).await
        };
        for (table, apart) in APART {
            let before = columns(&format!("{table}_before")).await;
            for column in columns(table).await {
                let is_apart = apart.iter().any(|name| column.starts_with(&format!("{name} ")));
                assert!(
                    is_apart || before.contains(&column),
                    "`{table}_before` has no `{column}`: {before:?}"
                );
            }
        }
    });
}
