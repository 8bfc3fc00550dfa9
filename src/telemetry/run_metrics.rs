//! What a run comes to in numbers.
//!
//! Counters and histograms take their values as feeds end; what became of feeds and records is counted when it
//! stands, so what an import could not apply is counted as failed and not as accepted. Gauges are set at the end,
//! once: a job is gone before anybody asks it, so its last values have to say everything.

use super::deviation::text;
use super::deviation_labels::{DeviationLabel, DeviationLabels};
use super::instruments::Instruments;
use super::names::{CODE, COMMAND, FORMAT, OUTCOME, SENDER};
use super::{Equipment, Telemetry};
use crate::judgement::{Acceptance, FeedEnd, Severity};
use opentelemetry::KeyValue;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Senders told apart in labels; all others are `other`.
pub const SENDERS_MAX: usize = 200;
/// The label of senders beyond [`SENDERS_MAX`].
const OTHER_SENDER: &str = "other";
/// Senders told apart in counts of records, each once for each command and format of its feeds: with three outcomes,
/// and with `other` in some dozens of formats, they stay below the 2,000 series after which the SDK lumps all together.
const SENDER_FORMATS_MAX: usize = 600;
/// Series of drifts, each of a command, a sender and a code; those of more senders are told as of `other`, and all stay
/// below the 2,000 after which the SDK lumps them together.
pub(super) const DRIFT_SERIES_MAX: usize = 1_500;
/// What codes of drifts begin with, and the one of those that are told together.
const DRIFT: &str = "drift.";
const DRIFTS_MORE: &str = "drift.more";
/// The label of feeds that do not say who sent them.
const NO_SENDER: &str = "unknown";
/// Formats told apart, with what their feeds came to; a format is installed by hand, so there are never many.
const FORMATS_MAX: usize = 1_000;
/// The label of formats beyond.
const OTHER_FORMAT: &str = "other";

/// Commands that read feeds; the others have no feeds and records to tell.
pub(super) const READING: [&str; 3] = ["import", "validate", "import-dry-run"];
/// Those of them that the service runs.
pub(super) const SERVED: [&str; 2] = ["import", "validate"];

/// What the database holds after an import, as far as metrics tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Records that wait in quarantine.
    pub quarantined: u64,
    /// When the oldest of them was refused first; `None` when none waits.
    pub quarantined_since: Option<SystemTime>,
    /// Feeds that are held.
    pub held: u64,
    /// Senders with the time of the last feed of theirs that was imported.
    pub last_good: Vec<(String, SystemTime)>,
}

/// Feeds by format and by what they came to.
type Feeds = BTreeMap<(String, Acceptance), u64>;

fn count(feeds: &mut Feeds, format: &str, acceptance: Acceptance) {
    let of = |format: &str| (format.to_owned(), acceptance);
    let key = of(format);
    let room = feeds.len() < FORMATS_MAX || feeds.contains_key(&key);
    *feeds.entry(if room { key } else { of(OTHER_FORMAT) }).or_default() += 1;
}

/// The outcomes of records.
const ACCEPTED: &str = "accepted";
const REFUSED: &str = "refused";
const STALE: &str = "stale";

/// Feeds and their records that may still come to nothing.
#[derive(Debug, Default)]
struct Waiting {
    feeds: Feeds,
    /// By format, sender and outcome.
    records: BTreeMap<(String, String, &'static str), u64>,
}

/// Adds up for the metrics of one run.
#[derive(Debug)]
pub(super) struct RunMetrics {
    equipment: Arc<Equipment>,
    command: &'static str,
    waiting: Waiting,
    feeds: BTreeMap<Acceptance, u64>,
    records: BTreeMap<&'static str, u64>,
    deviations: BTreeMap<DeviationLabel, u64>,
}

impl RunMetrics {
    pub(super) fn new(equipment: Arc<Equipment>, command: &'static str) -> Self {
        Self {
            equipment,
            command,
            waiting: Waiting::default(),
            feeds: BTreeMap::new(),
            records: BTreeMap::new(),
            deviations: BTreeMap::new(),
        }
    }

    /// A feed is read.
    pub(super) fn feed(&mut self, end: &FeedEnd, format: &str, took: Duration) {
        let Some(instruments) = &self.equipment.instruments else { return };
        let tally = &end.tally;
        count(&mut self.waiting.feeds, format, end.acceptance);
        let labels = (self.command, format);
        let sender = self.equipment.sender_labels().label_in(labels, end.start.sender.as_deref());
        // Stale records are accepted ones; here each record has one outcome.
        let accepted = tally.accepted.saturating_sub(tally.stale);
        // Also what there is none of: a job cannot take back in another way what the one before it has told.
        for (outcome, count) in [(ACCEPTED, accepted), (REFUSED, tally.refused), (STALE, tally.stale)] {
            let key = (format.to_owned(), sender.clone(), outcome);
            *self.waiting.records.entry(key).or_default() += count;
        }
        for (&(code, severity), count) in &tally.findings {
            let label = DeviationLabel { command: self.command, format: format.to_owned(), code, severity };
            let label = self.equipment.deviation_labels().label(label);
            instruments.deviations.add(*count, &label.attributes());
            *self.deviations.entry(label).or_default() += count;
        }
        self.drifts(instruments, end, format);
        let [command, format] = self.of_format(format);
        instruments.read.add(tally.bytes, &[command.clone(), format.clone()]);
        let labels = [command, format, KeyValue::new(OUTCOME, end.acceptance.as_str())];
        instruments.feed_duration.record(took.as_secs_f64(), &labels);
    }

    /// Drifts of a feed, and what it was held against.
    fn drifts(&self, instruments: &Instruments, end: &FeedEnd, format: &str) {
        let sender = end.start.sender.as_deref();
        for (&(code, _), count) in end.tally.findings.iter().filter(|((code, _), _)| is_drift(code)) {
            let sender = self.equipment.sender_labels().label_of_drift((self.command, code), sender);
            let [command, code] = [KeyValue::new(COMMAND, self.command), KeyValue::new(CODE, code)];
            instruments.drift_findings.add(*count, &[command, KeyValue::new(SENDER, sender), code]);
        }
        let Some(runs) = end.baseline_runs else { return };
        let sender = self.equipment.sender_labels().label_in((self.command, format), sender);
        // Of all others together it would say nothing.
        if sender != OTHER_SENDER {
            let labels = [KeyValue::new(FORMAT, format.to_owned()), KeyValue::new(SENDER, sender)];
            instruments.drift_baseline.record(runs as u64, &labels);
        }
    }

    /// The labels of command and format.
    fn of_format(&self, format: &str) -> [KeyValue; 2] {
        [KeyValue::new(COMMAND, self.command), KeyValue::new(FORMAT, format.to_owned())]
    }

    /// A feed could not be begun.
    pub(super) fn failed(&mut self) {
        count(&mut self.waiting.feeds, super::feed_signals::NO_FORMAT, Acceptance::Failed);
    }

    /// A schema was compiled.
    pub(super) fn compiled(&self, format: &str, took: Duration) {
        if let Some(instruments) = &self.equipment.instruments {
            let labels = [KeyValue::new(FORMAT, format.to_owned())];
            instruments.compilation_duration.record(took.as_secs_f64(), &labels);
        }
    }

    /// Everything that was told so far stands.
    pub(super) fn settle(&mut self) {
        let Some(instruments) = &self.equipment.instruments else { return };
        let Waiting { feeds, records } = std::mem::take(&mut self.waiting);
        for ((format, sender, outcome), count) in records {
            let [command, format] = self.of_format(&format);
            let labels = [command, format, KeyValue::new(SENDER, sender), KeyValue::new(OUTCOME, outcome)];
            instruments.records.add(count, &labels);
            *self.records.entry(outcome).or_default() += count;
        }
        for ((format, outcome), count) in feeds {
            let [command, format] = self.of_format(&format);
            instruments.feeds.add(count, &[command, format, KeyValue::new(OUTCOME, outcome.as_str())]);
            *self.feeds.entry(outcome).or_default() += count;
        }
    }

    /// What does not stand yet never will: its feeds have failed, and nothing of them was accepted.
    fn give_up(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for ((.., outcome), count) in &mut waiting.records {
            *count = if *outcome == REFUSED { *count } else { 0 };
        }
        self.waiting.records = waiting.records;
        for ((format, acceptance), count) in waiting.feeds {
            *self.waiting.feeds.entry((format, acceptance.and(Acceptance::Failed))).or_default() += count;
        }
        self.settle();
    }

    /// Sets what stays when the run is over.
    pub(super) fn finish(
        mut self,
        status: Acceptance,
        began: SystemTime,
        took: Duration,
        standing: Option<&Standing>,
    ) {
        self.give_up();
        let Some(instruments) = &self.equipment.instruments else { return };
        let _alone = self.equipment.last_run.lock().unwrap_or_else(PoisonError::into_inner);
        let command = KeyValue::new(COMMAND, self.command);
        let outcome = |outcome: &'static str| KeyValue::new(OUTCOME, outcome);
        let both = |label: KeyValue| [command.clone(), label];
        instruments.run_duration.record(took.as_secs_f64(), &both(outcome(status.as_str())));
        instruments.last_start.record(seconds(began), std::slice::from_ref(&command));
        instruments.last_duration.record(took.as_secs_f64(), std::slice::from_ref(&command));
        for each in Acceptance::ALL {
            let labels = both(outcome(each.as_str()));
            instruments.last_outcome.record(u64::from(each == status), &labels);
        }
        if READING.contains(&self.command) {
            self.last_read(instruments, &command, seconds(began));
        }
        if let Some(standing) = standing {
            self.equipment.stands(instruments, standing);
        }
    }

    /// Sets what the last run has read: 0 where it has read nothing, so that nothing of an earlier one stays.
    fn last_read(&self, instruments: &Instruments, command: &KeyValue, began: f64) {
        let outcome = |outcome: &'static str| KeyValue::new(OUTCOME, outcome);
        let both = |label: KeyValue| [command.clone(), label];
        for each in Acceptance::ALL {
            let count = self.feeds.get(&each).copied().unwrap_or(0);
            instruments.last_feeds.record(count, &both(outcome(each.as_str())));
        }
        for each in [ACCEPTED, REFUSED, STALE] {
            instruments
                .last_records
                .record(self.records.get(each).copied().unwrap_or(0), &both(outcome(each)));
        }
        for severity in [Severity::Notice, Severity::Warning, Severity::Error, Severity::Fatal] {
            let none = DeviationLabel::none(self.command, severity).attributes();
            instruments.last_deviations.record(0, &none);
            instruments.last_deviations_start.record(began, &none);
        }
        // Those of earlier runs, too: what this one has not found is 0 now.
        for label in self.equipment.deviation_labels().of(self.command) {
            let count = self.deviations.get(&label).copied().unwrap_or(0);
            instruments.last_deviations.record(count, &label.attributes());
            instruments.last_deviations_start.record(began, &label.attributes());
        }
    }
}

/// Whether the code is that of a drift that is told alone.
fn is_drift(code: &str) -> bool {
    code.starts_with(DRIFT) && code != DRIFTS_MORE
}

fn seconds(at: SystemTime) -> f64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

impl Telemetry {
    /// Sets what the database holds now: decisions of people change it between runs.
    pub fn standing(&self, standing: &Standing) {
        let Some(equipment) = &self.0 else { return };
        if let Some(instruments) = &equipment.instruments {
            equipment.stands(instruments, standing);
        }
    }
}

impl Equipment {
    fn sender_labels(&self) -> MutexGuard<'_, SenderLabels> {
        self.sender_labels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deviation_labels(&self) -> MutexGuard<'_, DeviationLabels> {
        self.deviation_labels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stands(&self, instruments: &Instruments, standing: &Standing) {
        instruments.quarantine_size.record(standing.quarantined, &[]);
        let age = standing.quarantined_since.and_then(|since| since.elapsed().ok()).unwrap_or_default();
        instruments.quarantine_age.record(age.as_secs_f64(), &[]);
        instruments.held_feeds.record(standing.held, &[]);
        for (sender, at) in &standing.last_good {
            let label = self.sender_labels().label(Some(sender));
            if label != OTHER_SENDER {
                instruments.sender_last_good.record(seconds(*at), &[KeyValue::new(SENDER, label)]);
            }
        }
    }
}

/// Senders that have a label of their own, in all runs of a process: labels stay.
#[derive(Debug, Default)]
pub(super) struct SenderLabels {
    senders: HashSet<String>,
    /// Senders by command and format.
    in_formats: HashSet<(&'static str, String, String)>,
    /// Senders by command and code of a drift.
    drifts: HashSet<(&'static str, &'static str, String)>,
}

impl SenderLabels {
    fn label(&mut self, sender: Option<&str>) -> String {
        let sender = text(sender.filter(|sender| !sender.is_empty()).unwrap_or(NO_SENDER));
        if !self.senders.contains(&sender) {
            if self.senders.len() >= SENDERS_MAX {
                return OTHER_SENDER.to_owned();
            }
            self.senders.insert(sender.clone());
        }
        sender
    }

    /// The label beside those of a command and the code of a drift.
    fn label_of_drift(
        &mut self,
        (command, code): (&'static str, &'static str),
        sender: Option<&str>,
    ) -> String {
        let sender = self.label(sender);
        let all = (command, code, sender.clone());
        if sender == OTHER_SENDER || self.drifts.contains(&all) {
            return sender;
        }
        if self.drifts.len() >= DRIFT_SERIES_MAX {
            return OTHER_SENDER.to_owned();
        }
        self.drifts.insert(all);
        sender
    }

    /// The label beside those of a command and a format.
    fn label_in(&mut self, (command, format): (&'static str, &str), sender: Option<&str>) -> String {
        let sender = self.label(sender);
        let all = (command, format.to_owned(), sender.clone());
        if sender == OTHER_SENDER || self.in_formats.contains(&all) {
            return sender;
        }
        if self.in_formats.len() >= SENDER_FORMATS_MAX {
            return OTHER_SENDER.to_owned();
        }
        self.in_formats.insert(all);
        sender
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{Failure, FeedStart, Tally};
    use crate::telemetry::test_support::scraped;
    use std::sync::Barrier;

    /// How often runs end at once: by far more than it takes for two of them to meet.
    const ROUNDS: usize = 500;

    #[test]
    fn senders_max() {
        let mut senders = SenderLabels::default();
        for number in 0..SENDERS_MAX {
            assert_eq!(senders.label(Some(&number.to_string())), number.to_string());
        }
        assert_eq!(senders.label(Some("one more")), OTHER_SENDER);
        assert_eq!(senders.label(Some("7")), "7");
        assert_eq!(SenderLabels::default().label(None), NO_SENDER);
        assert_eq!(SenderLabels::default().label(Some("a\u{1b}")), "a\\u{1b}");
    }

    #[test]
    fn drift_series_max() {
        let mut senders = SenderLabels::default();
        let codes: Vec<&'static str> = vec!["drift.presence"; DRIFT_SERIES_MAX];
        let commands: Vec<&'static str> =
            (0..DRIFT_SERIES_MAX).map(|number| &*Box::leak(number.to_string().into_boxed_str())).collect();
        for (command, code) in commands.iter().zip(codes) {
            assert_eq!(senders.label_of_drift((command, code), Some("a")), "a");
        }
        assert_eq!(senders.label_of_drift(("more", "drift.presence"), Some("a")), OTHER_SENDER);
        assert_eq!(senders.label_of_drift(("7", "drift.presence"), Some("a")), "a");
        assert!(is_drift("drift.presence") && !is_drift("drift.more") && !is_drift("rule.gtin"));
    }

    #[test]
    fn formats_max() {
        let mut feeds = Feeds::new();
        for number in 0..FORMATS_MAX {
            count(&mut feeds, &number.to_string(), Acceptance::Accepted);
        }
        count(&mut feeds, "one more", Acceptance::Accepted);
        count(&mut feeds, "5", Acceptance::Accepted);
        let of = |format: &str| feeds.get(&(format.to_owned(), Acceptance::Accepted)).copied();
        assert_eq!((of("5"), of("one more"), of(OTHER_FORMAT)), (Some(2), None, Some(1)));
    }

    fn metrics(telemetry: &Telemetry) -> RunMetrics {
        RunMetrics::new(Arc::clone(telemetry.0.as_ref().expect("it is on")), "import")
    }

    fn end(acceptance: Acceptance, accepted: u64, refused: u64) -> FeedEnd {
        let failure = Failure { kind: "none", causes: Vec::new() };
        let tally = Tally { accepted, refused, ..Tally::default() };
        FeedEnd { acceptance, tally, ..FeedEnd::failed(FeedStart::default(), failure) }
    }

    #[test]
    fn what_is_not_applied_is_not_accepted() {
        let mut metrics = metrics(&scraped());
        metrics.feed(&end(Acceptance::Accepted, 3, 0), "onix/3.0", Duration::ZERO);
        metrics.feed(&end(Acceptance::Deviations, 2, 1), "onix/3.0", Duration::ZERO);
        metrics.settle();
        metrics.feed(&end(Acceptance::Accepted, 5, 0), "onix/3.0", Duration::ZERO);
        metrics.feed(&end(Acceptance::Deviations, 7, 2), "onix/3.0", Duration::ZERO);
        metrics.give_up();
        let feeds = [(Acceptance::Accepted, 1), (Acceptance::Deviations, 1), (Acceptance::Failed, 2)];
        assert_eq!(metrics.feeds, feeds.into());
        assert_eq!(metrics.records, [(ACCEPTED, 5), (REFUSED, 3), (STALE, 0)].into());
    }

    #[test]
    fn sender_formats_max() {
        let mut senders = SenderLabels::default();
        for number in 0..SENDER_FORMATS_MAX {
            let (format, sender) = (format!("{}", number / SENDERS_MAX), format!("{}", number % SENDERS_MAX));
            assert_eq!(senders.label_in(("import", &format), Some(&sender)), sender);
        }
        assert_eq!(senders.label_in(("import", "one more"), Some("7")), OTHER_SENDER);
        assert_eq!(senders.label_in(("validate", "0"), Some("7")), OTHER_SENDER);
        assert_eq!(senders.label_in(("import", "0"), Some("7")), "7");
        assert_eq!(senders.label(Some("7")), "7");
    }

    /// A run of `command` that found this often what is named by these codes.
    fn found(telemetry: &Telemetry, command: &'static str, codes: &[(&'static str, u64)]) {
        let equipment = telemetry.0.as_ref().expect("it is on");
        let mut metrics = RunMetrics::new(Arc::clone(equipment), command);
        let findings = codes.iter().map(|(code, count)| ((*code, Severity::Error), *count)).collect();
        let end = end(Acceptance::Deviations, 1, 1);
        let end = FeedEnd { tally: Tally { findings, ..end.tally.clone() }, ..end };
        metrics.feed(&end, "onix/3.0", Duration::ZERO);
        metrics.settle();
        metrics.finish(Acceptance::Deviations, SystemTime::UNIX_EPOCH, Duration::ZERO, None);
    }

    /// The deviations of the last run, by command, code and format, but for those that are none.
    fn last_deviations(telemetry: &Telemetry) -> Vec<String> {
        let text = telemetry.exposition().expect("a text");
        let series = text.lines().filter_map(|line| line.strip_prefix("feedgate_last_run_deviations{"));
        let own = series.filter(|series| !series.contains("code=\"none\""));
        own.map(|series| series.replace("feedgate_", "").replace("deviation_", "").replace('"', "")).collect()
    }

    #[test]
    fn what_the_last_run_has_not_found_is_0_and_a_validate_says_nothing_of_an_import() {
        let telemetry = scraped();
        let series = |command: &str, code: &str, count: u64| {
            format!("command={command},code={code},severity=error,format=onix/3.0}} {count}")
        };
        found(&telemetry, "import", &[("rule.gtin", 45), ("rule.price", 3)]);
        let first = vec![series("import", "rule.gtin", 45), series("import", "rule.price", 3)];
        assert_eq!(last_deviations(&telemetry), first);
        found(&telemetry, "validate", &[("rule.gtin", 7)]);
        let with_validate: Vec<_> =
            first.iter().cloned().chain([series("validate", "rule.gtin", 7)]).collect();
        assert_eq!(last_deviations(&telemetry), with_validate);
        found(&telemetry, "import", &[("rule.price", 1)]);
        let zeros = [("import", "rule.gtin", 0), ("import", "rule.price", 1), ("validate", "rule.gtin", 7)];
        assert_eq!(
            last_deviations(&telemetry),
            zeros.map(|(command, code, count)| series(command, code, count))
        );
    }

    #[test]
    fn a_first_run_that_is_clean_says_0_for_each_severity() {
        let telemetry = scraped();
        found(&telemetry, "import", &[]);
        let text = telemetry.exposition().expect("a text");
        let none =
            "feedgate_deviation_code=\"none\",feedgate_deviation_severity=\"error\",feedgate_format=\"none\"";
        let line = format!("feedgate_last_run_deviations{{feedgate_command=\"import\",{none}}} 0");
        assert!(text.lines().any(|each| each == line), "no `{line}` in {text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("feedgate_last_run_deviations{")).count(), 4);
    }

    /// A run that took so many seconds for as many records.
    fn finish(telemetry: &Telemetry, acceptance: Acceptance, number: u32) {
        let mut metrics = metrics(telemetry);
        metrics.feed(&end(acceptance, number.into(), 0), "onix/3.0", Duration::ZERO);
        metrics.settle();
        metrics.finish(acceptance, SystemTime::UNIX_EPOCH, Duration::from_secs(number.into()), None);
    }

    /// The series of that name with values, their labels before a blank.
    fn set(telemetry: &Telemetry, name: &str) -> Vec<String> {
        let text = telemetry.exposition().expect("a text");
        let series = text.lines().filter_map(|line| line.strip_prefix(name));
        series.filter(|series| !series.ends_with(" 0")).map(str::to_owned).collect()
    }

    #[test]
    fn the_last_run_is_one_run_although_several_end_at_once() {
        let telemetry = scraped();
        let outcomes = [Acceptance::Accepted, Acceptance::Deviations, Acceptance::Failed];
        let labels = |outcome| format!("{{feedgate_command=\"import\",feedgate_outcome=\"{outcome}\"}}");
        let of_one_run = outcomes.iter().zip(1..).map(|(outcome, number)| {
            let outcome = format!("{} 1", labels(outcome.as_str()));
            let took = format!("{{feedgate_command=\"import\"}} {number}");
            (vec![took], vec![outcome.clone()], vec![outcome], vec![format!("{} {number}", labels(ACCEPTED))])
        });
        let runs: Vec<_> = of_one_run.collect();
        for _ in 0..ROUNDS {
            let together = Barrier::new(outcomes.len());
            std::thread::scope(|threads| {
                for (outcome, number) in outcomes.into_iter().zip(1..) {
                    let (together, telemetry) = (&together, &telemetry);
                    threads.spawn(move || {
                        together.wait();
                        finish(telemetry, outcome, number);
                    });
                }
            });
            let set = |name: &str| set(&telemetry, &format!("feedgate_last_run_{name}"));
            let last = (set("duration_seconds"), set("outcome"), set("feeds"), set("records"));
            assert!(runs.contains(&last), "{last:?}");
        }
    }

    #[test]
    fn what_the_database_holds_is_told_between_runs_too() {
        let telemetry = scraped();
        let last_good = vec![("Verlag A".to_owned(), SystemTime::UNIX_EPOCH + Duration::from_secs(5))];
        let quarantined_since = SystemTime::now().checked_sub(Duration::from_secs(90));
        telemetry.standing(&Standing { quarantined: 3, quarantined_since, held: 1, last_good });
        let age = set(&telemetry, "feedgate_quarantine_age_seconds").concat();
        assert!(age.trim().parse().is_ok_and(|age: f64| (90.0..150.0).contains(&age)), "{age}");
        assert_eq!(set(&telemetry, "feedgate_quarantine_size"), [" 3"]);
        assert_eq!(
            set(&telemetry, "feedgate_sender_last_good_seconds"),
            ["{feedgate_sender=\"Verlag A\"} 5"]
        );
        telemetry.standing(&Standing::default());
        assert!(set(&telemetry, "feedgate_quarantine_size").is_empty());
        assert!(set(&telemetry, "feedgate_quarantine_age_seconds").is_empty());
    }
}
