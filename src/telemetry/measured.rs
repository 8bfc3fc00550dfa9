//! What a run comes to in numbers.
//!
//! Counters and histograms take their values as feeds end. Gauges are set at the end, once: a job is gone
//! before anybody asks it, so its last values have to say everything.

use super::deviation::text;
use super::instruments::Instruments;
use super::names::{CODE, COMMAND, FORMAT, OUTCOME, SENDER, SEVERITY};
use crate::pipeline::{Check, CheckState, FeedEnd, Finding, Severity};
use crate::report::ExitStatus;
use opentelemetry::KeyValue;
use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, SystemTime};

/// Senders told apart in labels; all others are [`OTHER_SENDER`].
pub const SENDERS_MAX: usize = 200;
/// The label of senders beyond [`SENDERS_MAX`].
pub const OTHER_SENDER: &str = "other";
/// The label of feeds that do not say who sent them.
const NO_SENDER: &str = "unknown";
/// Formats told apart; a format is installed by hand, so there are never many.
const FORMATS_MAX: usize = 1_000;

/// What became of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FeedOutcome {
    Accepted,
    Deviations,
    Held,
    NotFullyChecked,
    Failed,
    /// A signal ended the run before the feed did.
    Cancelled,
}

impl FeedOutcome {
    const ALL: [Self; 6] =
        [Self::Accepted, Self::Deviations, Self::Held, Self::NotFullyChecked, Self::Failed, Self::Cancelled];

    pub(super) fn of(end: &FeedEnd) -> Self {
        let unread = |(check, state): &(Check, CheckState)| {
            *check == Check::WellFormed && matches!(state, CheckState::Skipped(_))
        };
        match Self::of_status(end.verdict.exit_status()) {
            Self::Accepted | Self::NotFullyChecked if end.verdict.checks.iter().any(unread) => {
                Self::Cancelled
            }
            outcome => outcome,
        }
    }

    fn of_status(status: u8) -> Self {
        match status {
            0 => Self::Accepted,
            1 => Self::Deviations,
            3 => Self::Held,
            4 => Self::NotFullyChecked,
            _ => Self::Failed,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Deviations => "deviations",
            Self::Held => "held",
            Self::NotFullyChecked => "not_fully_checked",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The kind of failure, for a span: the same words as those of metrics.
    pub(super) fn error_type(self) -> Option<&'static str> {
        matches!(self, Self::Deviations | Self::Failed | Self::Cancelled).then(|| self.as_str())
    }
}

/// What became of a run, as labels say it.
#[must_use]
pub(super) fn run_outcome(status: ExitStatus) -> &'static str {
    match status {
        ExitStatus::Accepted => "accepted",
        ExitStatus::Deviations => "deviations",
        ExitStatus::Failed => "failed",
        ExitStatus::Held => "held",
        ExitStatus::NotFullyChecked => "not_fully_checked",
        ExitStatus::Cancelled => "cancelled",
    }
}

/// What the database holds after an import, as far as metrics tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Records that wait in quarantine.
    pub quarantined: u64,
    /// Senders with the time of the last feed of theirs that was imported.
    pub last_good: Vec<(String, SystemTime)>,
}

/// Adds up for the metrics of one run.
#[derive(Debug)]
pub(super) struct Measured {
    instruments: Option<Instruments>,
    command: &'static str,
    senders: Senders,
    formats: Vec<String>,
    /// Format and outcome of every feed that was read, in order.
    feeds: Vec<(u16, FeedOutcome)>,
    failed: u64,
    accepted: u64,
    refused: u64,
    deviations: BTreeMap<Severity, u64>,
}

impl Measured {
    pub(super) fn new(instruments: Option<Instruments>, command: &'static str) -> Self {
        Self {
            instruments,
            command,
            senders: Senders::default(),
            formats: Vec::new(),
            feeds: Vec::new(),
            failed: 0,
            accepted: 0,
            refused: 0,
            deviations: BTreeMap::new(),
        }
    }

    /// A feed is read.
    pub(super) fn feed(&mut self, end: &FeedEnd, format: &str, outcome: FeedOutcome, took: Duration) {
        let Some(instruments) = &self.instruments else { return };
        let tally = &end.tally;
        let number = format_number(&mut self.formats, format);
        self.feeds.push((number, outcome));
        self.accepted += tally.accepted;
        self.refused += tally.refused;
        let of_format = KeyValue::new(FORMAT, format.to_owned());
        let sender = KeyValue::new(SENDER, self.senders.label(end.start.sender.as_deref()));
        for (outcome, count) in [("accepted", tally.accepted), ("refused", tally.refused)] {
            if count > 0 {
                let labels = [of_format.clone(), sender.clone(), KeyValue::new(OUTCOME, outcome)];
                instruments.records.add(count, &labels);
            }
        }
        for ((code, severity), count) in &tally.findings {
            *self.deviations.entry(*severity).or_default() += count;
            let (code, severity) =
                (KeyValue::new(CODE, *code), KeyValue::new(SEVERITY, severity.to_string()));
            instruments.deviations.add(*count, &[of_format.clone(), code, severity]);
        }
        instruments.read.add(tally.bytes, std::slice::from_ref(&of_format));
        let labels = [of_format, KeyValue::new(OUTCOME, outcome.as_str())];
        instruments.feed_duration.record(took.as_secs_f64(), &labels);
    }

    /// A feed could not be read.
    pub(super) fn failed(&mut self) {
        self.failed += 1;
    }

    /// The import found something after the end of a feed.
    pub(super) fn late(&mut self, finding: &Finding) {
        let Some(instruments) = &self.instruments else { return };
        *self.deviations.entry(finding.severity).or_default() += 1;
        let labels = [
            KeyValue::new(FORMAT, super::trail::NO_FORMAT),
            KeyValue::new(CODE, finding.code),
            KeyValue::new(SEVERITY, finding.severity.to_string()),
        ];
        instruments.deviations.add(1, &labels);
    }

    /// A schema was compiled.
    pub(super) fn compiled(&self, format: &str, took: Duration) {
        if let Some(instruments) = &self.instruments {
            let labels = [KeyValue::new(FORMAT, format.to_owned())];
            instruments.compilation_duration.record(took.as_secs_f64(), &labels);
        }
    }

    /// What became of the feeds in the import, in order.
    pub(super) fn imported(&mut self, exit_statuses: impl Iterator<Item = u8>) {
        for ((_, outcome), status) in self.feeds.iter_mut().zip(exit_statuses) {
            *outcome = FeedOutcome::of_status(status);
        }
    }

    /// Sets what stays when the run is over.
    pub(super) fn finish(
        self,
        status: ExitStatus,
        began: SystemTime,
        took: Duration,
        standing: Option<&Standing>,
    ) {
        let Some(instruments) = &self.instruments else { return };
        let command = KeyValue::new(COMMAND, self.command);
        let outcome = |outcome: &'static str| KeyValue::new(OUTCOME, outcome);
        let both = |label: KeyValue| [command.clone(), label];
        instruments.run_duration.record(took.as_secs_f64(), &both(outcome(run_outcome(status))));
        instruments.last_start.record(seconds(began), std::slice::from_ref(&command));
        instruments.last_duration.record(took.as_secs_f64(), std::slice::from_ref(&command));
        for each in ExitStatus::ALL {
            instruments.last_outcome.record(u64::from(each == status), &both(outcome(run_outcome(each))));
        }
        for (each, count) in [("accepted", self.accepted), ("refused", self.refused)] {
            instruments.last_records.record(count, &both(outcome(each)));
        }
        for severity in [Severity::Notice, Severity::Warning, Severity::Error, Severity::Fatal] {
            let count = self.deviations.get(&severity).copied().unwrap_or(0);
            let label = KeyValue::new(SEVERITY, severity.to_string());
            instruments.last_deviations.record(count, &both(label));
        }
        self.finish_feeds(instruments, &both);
        if let Some(standing) = standing {
            instruments.quarantine_size.record(standing.quarantined, &[]);
            let mut senders = self.senders;
            for (sender, at) in &standing.last_good {
                let label = senders.label(Some(sender));
                if label != OTHER_SENDER {
                    instruments.sender_last_good.record(seconds(*at), &[KeyValue::new(SENDER, label)]);
                }
            }
        }
    }

    fn finish_feeds(&self, instruments: &Instruments, both: &dyn Fn(KeyValue) -> [KeyValue; 2]) {
        let mut counts: BTreeMap<(u16, FeedOutcome), u64> = BTreeMap::new();
        for feed in &self.feeds {
            *counts.entry(*feed).or_default() += 1;
        }
        for ((format, outcome), count) in &counts {
            let format = KeyValue::new(FORMAT, self.formats[usize::from(*format)].clone());
            instruments.feeds.add(*count, &[format, KeyValue::new(OUTCOME, outcome.as_str())]);
        }
        if self.failed > 0 {
            let labels = [
                KeyValue::new(FORMAT, super::trail::NO_FORMAT),
                KeyValue::new(OUTCOME, FeedOutcome::Failed.as_str()),
            ];
            instruments.feeds.add(self.failed, &labels);
        }
        for outcome in FeedOutcome::ALL {
            let read: u64 =
                counts.iter().filter(|((_, each), _)| *each == outcome).map(|(_, count)| count).sum();
            let failed = if outcome == FeedOutcome::Failed { self.failed } else { 0 };
            instruments.last_feeds.record(read + failed, &both(KeyValue::new(OUTCOME, outcome.as_str())));
        }
    }
}

/// The number of a format in the list; beyond all bounds, the first.
fn format_number(formats: &mut Vec<String>, format: &str) -> u16 {
    let at = formats.iter().position(|each| each == format).unwrap_or_else(|| {
        if formats.len() < FORMATS_MAX {
            formats.push(format.to_owned());
        }
        formats.len() - 1
    });
    u16::try_from(at).unwrap_or(0)
}

fn seconds(at: SystemTime) -> f64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Senders that have a label of their own.
#[derive(Debug, Default)]
struct Senders(HashSet<String>);

impl Senders {
    fn label(&mut self, sender: Option<&str>) -> String {
        let sender = text(sender.filter(|sender| !sender.is_empty()).unwrap_or(NO_SENDER));
        if !self.0.contains(&sender) {
            if self.0.len() >= SENDERS_MAX {
                return OTHER_SENDER.to_owned();
            }
            self.0.insert(sender.clone());
        }
        sender
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_max() {
        let mut senders = Senders::default();
        for number in 0..SENDERS_MAX {
            assert_eq!(senders.label(Some(&number.to_string())), number.to_string());
        }
        assert_eq!(senders.label(Some("one more")), OTHER_SENDER);
        assert_eq!(senders.label(Some("7")), "7");
        assert_eq!(Senders::default().label(None), NO_SENDER);
        assert_eq!(Senders::default().label(Some("a\u{1b}")), "a\\u{1b}");
    }

    #[test]
    fn formats_max() {
        let mut formats = Vec::new();
        for number in 0..FORMATS_MAX {
            assert_eq!(usize::from(format_number(&mut formats, &number.to_string())), number);
        }
        assert_eq!(usize::from(format_number(&mut formats, "one more")), FORMATS_MAX - 1);
        assert_eq!(format_number(&mut formats, "5"), 5);
    }
}
