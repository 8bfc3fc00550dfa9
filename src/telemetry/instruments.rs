//! Every instrument there is: the one list that the code makes them from and the documentation repeats.
//!
//! Names hold neither units nor `total`: whoever translates them for Prometheus adds both, and some add them twice.
//! Labels are bounded by construction: formats are those installed, codes those of the program, outcomes, states and
//! commands are words of ours, routes those of the router, methods those that are known, senders are at most
//! [`SENDERS_MAX`](super::run_metrics::SENDERS_MAX), drifts have at most
//! [`DRIFT_SERIES_MAX`](super::run_metrics::DRIFT_SERIES_MAX) series, and deviations have at most
//! [`DEVIATION_SERIES_MAX`](super::deviation_labels::DEVIATION_SERIES_MAX) series.

use super::expiry::STATE_GAUGE;
use super::names;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};

/// What an instrument does with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InstrumentKind {
    /// Adds them up.
    Counter,
    /// Adds up what comes and what goes.
    UpDownCounter,
    /// Keeps the last.
    Gauge,
    /// Counts them by size.
    Histogram,
}

/// One instrument.
#[derive(Debug)]
struct Instrument {
    /// Its name in OpenTelemetry.
    name: &'static str,
    /// Its unit.
    unit: &'static str,
    /// What it does.
    kind: InstrumentKind,
    /// Its labels.
    #[cfg_attr(not(test), expect(dead_code, reason = "the table of the documentation is held to them"))]
    labels: &'static [&'static str],
    /// What it tells.
    about: &'static str,
    /// Upper bounds of a histogram's buckets.
    boundaries: &'static [f64],
}

/// Seconds of a whole run: from a feed of a kilobyte to a night's work.
const RUN_SECONDS: &[f64] =
    &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0];
/// Seconds of a feed: small files take milliseconds.
const FEED_SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0];
/// Seconds of one piece of database work.
const DATABASE_SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Seconds of compiling a schema.
const COMPILATION_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// Seconds of a request: most take milliseconds, a large upload minutes.
const HTTP_SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0];
/// Seconds that a run waits: none when a worker is free, a night behind a large feed of the same source.
const WAIT_SECONDS: &[f64] =
    &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1_800.0, 3_600.0, 14_400.0];

const fn instrument(
    name: &'static str,
    unit: &'static str,
    kind: InstrumentKind,
    labels: &'static [&'static str],
    about: &'static str,
) -> Instrument {
    Instrument { name, unit, kind, labels, about, boundaries: &[] }
}

const fn histogram(
    name: &'static str,
    boundaries: &'static [f64],
    labels: &'static [&'static str],
    about: &'static str,
) -> Instrument {
    Instrument { name, unit: "s", kind: InstrumentKind::Histogram, labels, about, boundaries }
}

use InstrumentKind::{Counter as Counts, Gauge as Gauges, UpDownCounter as Balances};
use names::{
    CODE, COMMAND, DB_SYSTEM_NAME, ERROR_TYPE, EXPIRY_KIND, EXPIRY_OWNER, EXPIRY_STATE, EXPIRY_THING, FORMAT,
    HTTP_REQUEST_METHOD, HTTP_ROUTE, OPERATION, OUTCOME, QUEUE_STATE, SENDER, SEVERITY, SIGNAL, STATUS_CLASS,
};

/// The instruments, in the order of the documentation.
const INSTRUMENTS: &[Instrument] = &[
    instrument(
        "feedgate.feeds",
        "{feed}",
        Counts,
        &[COMMAND, FORMAT, OUTCOME],
        "feeds, by what became of them",
    ),
    instrument(
        "feedgate.records",
        "{record}",
        Counts,
        &[COMMAND, FORMAT, SENDER, OUTCOME],
        "records, accepted, refused or stale",
    ),
    instrument(
        "feedgate.deviations",
        "{deviation}",
        Counts,
        &[COMMAND, FORMAT, CODE, SEVERITY],
        "deviations, all of them whatever is told one by one",
    ),
    instrument("feedgate.read", "By", Counts, &[COMMAND, FORMAT], "bytes of feeds after decompression"),
    histogram("feedgate.run.duration", RUN_SECONDS, &[COMMAND, OUTCOME], "time of a run from start to end"),
    histogram(
        "feedgate.feed.duration",
        FEED_SECONDS,
        &[COMMAND, FORMAT, OUTCOME],
        "time of reading and judging a feed",
    ),
    histogram(
        "feedgate.database.duration",
        DATABASE_SECONDS,
        &[OPERATION, DB_SYSTEM_NAME, ERROR_TYPE],
        "time of one piece of database work",
    ),
    histogram(
        "feedgate.schema.compilation.duration",
        COMPILATION_SECONDS,
        &[FORMAT],
        "time of reading and compiling a schema",
    ),
    instrument("feedgate.last_run.start", "s", Gauges, &[COMMAND], "when the last run began, Unix time"),
    instrument("feedgate.last_run.duration", "s", Gauges, &[COMMAND], "how long the last run took"),
    instrument(
        "feedgate.last_run.outcome",
        "{run}",
        Gauges,
        &[COMMAND, OUTCOME],
        "1 for what became of the last run, 0 for everything else that might have",
    ),
    instrument(
        "feedgate.last_run.feeds",
        "{feed}",
        Gauges,
        &[COMMAND, OUTCOME],
        "feeds of the last run, by what became of them",
    ),
    instrument(
        "feedgate.last_run.records",
        "{record}",
        Gauges,
        &[COMMAND, OUTCOME],
        "records of the last run, accepted, refused or stale",
    ),
    instrument(
        "feedgate.last_run.deviations",
        "{deviation}",
        Gauges,
        &[COMMAND, FORMAT, CODE, SEVERITY],
        "deviations of the last run, 0 for what an earlier one has found",
    ),
    instrument(
        "feedgate.last_run.deviations_start",
        "s",
        Gauges,
        &[COMMAND, FORMAT, CODE, SEVERITY],
        "when the run began that told the deviations, Unix time",
    ),
    instrument(
        "feedgate.sender.last_good",
        "s",
        Gauges,
        &[SENDER],
        "when a feed of the sender was last imported, Unix time",
    ),
    instrument("feedgate.quarantine.size", "{record}", Gauges, &[], "records that wait in quarantine"),
    instrument(
        "feedgate.quarantine.age",
        "s",
        Gauges,
        &[],
        "how long the oldest record waits in quarantine, 0 when none does",
    ),
    instrument(
        "feedgate.held.feeds",
        "{feed}",
        Gauges,
        &[],
        "feeds that are held and wait for somebody to decide",
    ),
    instrument(
        "feedgate.drift.findings",
        "{drift}",
        Counts,
        &[COMMAND, SENDER, CODE],
        "drifts that were told one by one, by sender and kind",
    ),
    instrument(
        "feedgate.drift.baseline",
        "{run}",
        Gauges,
        &[FORMAT, SENDER],
        "runs that the last feed of the sender was held against; fewer than 5 are too few to tell drifts",
    ),
    histogram(
        "feedgate.http.duration",
        HTTP_SECONDS,
        &[HTTP_REQUEST_METHOD, HTTP_ROUTE, STATUS_CLASS],
        "time of a request until its response was sent",
    ),
    instrument("feedgate.uploads", "{upload}", Counts, &[OUTCOME], "uploads, by what became of them"),
    histogram(
        "feedgate.upload.duration",
        HTTP_SECONDS,
        &[OUTCOME],
        "time of an upload until it was answered",
    ),
    instrument(
        "feedgate.queue.depth",
        "{run}",
        Gauges,
        &[QUEUE_STATE],
        "runs of the queue, which all replicas share, that wait or run",
    ),
    instrument("feedgate.queue.age", "s", Gauges, &[], "how long the oldest run waits that is not begun"),
    histogram("feedgate.queue.wait", WAIT_SECONDS, &[], "time from a feed's arrival until its run was begun"),
    instrument("feedgate.workers.busy", "{worker}", Balances, &[], "workers of this process that have a run"),
    instrument(
        "feedgate.expiry.not_after",
        "s",
        Gauges,
        &[EXPIRY_THING, EXPIRY_KIND, EXPIRY_OWNER],
        "until when a thing holds, Unix time; 0 when that is not known, the end of 9999 when it never ends",
    ),
    instrument(
        STATE_GAUGE,
        "{thing}",
        Gauges,
        &[EXPIRY_THING, EXPIRY_KIND, EXPIRY_OWNER, EXPIRY_STATE],
        "1 for how a thing stands, 0 for everything else that might be",
    ),
    instrument(
        "feedgate.expiry.last_scan",
        "s",
        Gauges,
        &[],
        "when all things were last looked at, Unix time",
    ),
    instrument("feedgate.expiry.things", "{thing}", Gauges, &[], "things that are watched"),
    instrument(
        "feedgate.telemetry.lost",
        "{item}",
        Counts,
        &[SIGNAL],
        "spans, log events and exports of metrics that did not reach the collector",
    ),
];

impl Instrument {
    /// The instrument of that name and kind.
    ///
    /// # Panics
    /// When there is none: names are written in the code only.
    fn named(name: &str, kind: InstrumentKind) -> &'static Self {
        let wanted = |each: &&Self| each.name == name && each.kind == kind;
        INSTRUMENTS.iter().find(wanted).expect("instruments are made of the list")
    }
}

/// The instruments, made.
#[derive(Clone, Debug)]
pub(super) struct Instruments {
    pub(super) feeds: Counter<u64>,
    pub(super) records: Counter<u64>,
    pub(super) deviations: Counter<u64>,
    pub(super) read: Counter<u64>,
    pub(super) run_duration: Histogram<f64>,
    pub(super) feed_duration: Histogram<f64>,
    pub(super) database_duration: Histogram<f64>,
    pub(super) compilation_duration: Histogram<f64>,
    pub(super) last_start: Gauge<f64>,
    pub(super) last_duration: Gauge<f64>,
    pub(super) last_outcome: Gauge<u64>,
    pub(super) last_feeds: Gauge<u64>,
    pub(super) last_records: Gauge<u64>,
    pub(super) last_deviations: Gauge<u64>,
    pub(super) last_deviations_start: Gauge<f64>,
    pub(super) sender_last_good: Gauge<f64>,
    pub(super) quarantine_size: Gauge<u64>,
    pub(super) quarantine_age: Gauge<f64>,
    pub(super) held_feeds: Gauge<u64>,
    pub(super) drift_findings: Counter<u64>,
    pub(super) drift_baseline: Gauge<u64>,
    pub(super) http_duration: Histogram<f64>,
    pub(super) uploads: Counter<u64>,
    pub(super) upload_duration: Histogram<f64>,
    pub(super) queue_depth: Gauge<u64>,
    pub(super) queue_age: Gauge<f64>,
    pub(super) queue_wait: Histogram<f64>,
    pub(super) workers_busy: UpDownCounter<i64>,
    pub(super) expiry_not_after: Gauge<f64>,
    pub(super) expiry_state: Gauge<u64>,
    pub(super) expiry_last_scan: Gauge<f64>,
    pub(super) expiry_things: Gauge<u64>,
    pub(super) telemetry_lost: Counter<u64>,
}

impl Instruments {
    pub(super) fn of(meter: &Meter) -> Self {
        let counter = |name| {
            let Instrument { name, unit, about, .. } = *Instrument::named(name, Counts);
            meter.u64_counter(name).with_unit(unit).with_description(about).build()
        };
        let gauge = |name| {
            let Instrument { name, unit, about, .. } = *Instrument::named(name, Gauges);
            meter.u64_gauge(name).with_unit(unit).with_description(about).build()
        };
        let balance = |name| {
            let Instrument { name, unit, about, .. } = *Instrument::named(name, Balances);
            meter.i64_up_down_counter(name).with_unit(unit).with_description(about).build()
        };
        let seconds = |name| {
            let Instrument { name, unit, about, .. } = *Instrument::named(name, Gauges);
            meter.f64_gauge(name).with_unit(unit).with_description(about).build()
        };
        let histogram = |name| {
            let Instrument { name, unit, about, boundaries, .. } =
                *Instrument::named(name, InstrumentKind::Histogram);
            let builder = meter.f64_histogram(name).with_unit(unit).with_description(about);
            builder.with_boundaries(boundaries.to_vec()).build()
        };
        Self {
            feeds: counter("feedgate.feeds"),
            records: counter("feedgate.records"),
            deviations: counter("feedgate.deviations"),
            read: counter("feedgate.read"),
            run_duration: histogram("feedgate.run.duration"),
            feed_duration: histogram("feedgate.feed.duration"),
            database_duration: histogram("feedgate.database.duration"),
            compilation_duration: histogram("feedgate.schema.compilation.duration"),
            last_start: seconds("feedgate.last_run.start"),
            last_duration: seconds("feedgate.last_run.duration"),
            last_outcome: gauge("feedgate.last_run.outcome"),
            last_feeds: gauge("feedgate.last_run.feeds"),
            last_records: gauge("feedgate.last_run.records"),
            last_deviations: gauge("feedgate.last_run.deviations"),
            last_deviations_start: seconds("feedgate.last_run.deviations_start"),
            sender_last_good: seconds("feedgate.sender.last_good"),
            quarantine_size: gauge("feedgate.quarantine.size"),
            quarantine_age: seconds("feedgate.quarantine.age"),
            held_feeds: gauge("feedgate.held.feeds"),
            drift_findings: counter("feedgate.drift.findings"),
            drift_baseline: gauge("feedgate.drift.baseline"),
            http_duration: histogram("feedgate.http.duration"),
            uploads: counter("feedgate.uploads"),
            upload_duration: histogram("feedgate.upload.duration"),
            queue_depth: gauge("feedgate.queue.depth"),
            queue_age: seconds("feedgate.queue.age"),
            queue_wait: histogram("feedgate.queue.wait"),
            workers_busy: balance("feedgate.workers.busy"),
            expiry_not_after: seconds("feedgate.expiry.not_after"),
            expiry_state: gauge(STATE_GAUGE),
            expiry_last_scan: seconds("feedgate.expiry.last_scan"),
            expiry_things: gauge("feedgate.expiry.things"),
            telemetry_lost: counter("feedgate.telemetry.lost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::exposition::Scraped;
    use opentelemetry::KeyValue;
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use std::collections::HashSet;
    use std::fmt::Write;

    /// The name under which Prometheus knows it, without the endings of a histogram's series.
    fn prometheus(instrument: &Instrument) -> String {
        let unit = match instrument.unit {
            "s" => "_seconds",
            "By" => "_bytes",
            // Annotations in braces say what is counted and are dropped.
            _ => "",
        };
        let ending = if instrument.kind == Counts { "_total" } else { "" };
        format!("{}{unit}{ending}", underscored(instrument.name))
    }

    /// The table of the documentation, as the list says it.
    fn table() -> String {
        let mut text = "| OpenTelemetry | unit | kind | labels | Prometheus | what it tells |\n\
            | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for each in INSTRUMENTS {
            let kind = format!("{:?}", each.kind).to_lowercase().replace("updown", "up-down ");
            let labels: Vec<_> = each.labels.iter().map(|label| format!("`{label}`")).collect();
            let (name, unit, about) = (each.name, each.unit, each.about);
            let line = format!(
                "| `{name}` | `{unit}` | {kind} | {} | `{}` | {about} |",
                labels.join(", "),
                prometheus(each)
            );
            writeln!(text, "{line}").expect("writes to memory");
        }
        text
    }

    #[test]
    fn the_documentation_lists_every_instrument() {
        let documented = include_str!("INSTRUMENTS.md");
        assert!(documented.contains(&table()), "INSTRUMENTS.md has to hold this table:\n{}", table());
    }

    /// The same for programs: name in Prometheus, kind there, unit, labels.
    fn for_programs() -> String {
        let line = |each: &Instrument| {
            let family = family(each);
            let (name, kind) = family.split_once(' ').expect("two words");
            let labels: Vec<_> = each.labels.iter().map(|label| underscored(label)).collect();
            let labels = if labels.is_empty() { "-".to_owned() } else { labels.join(",") };
            format!("{name}\t{kind}\t{}\t{labels}\tfeedgate\t{}\n", each.unit, each.name)
        };
        INSTRUMENTS.iter().map(line).collect()
    }

    #[test]
    fn rules_and_dashboards_are_given_every_instrument() {
        let given = include_str!("../../deploy/prometheus/instruments.tsv");
        // Others are there, too: what rules and other programs make.
        let is_ours = |line: &&str| !line.starts_with('#') && line.contains("\tfeedgate\t");
        let given: Vec<&str> = given.lines().filter(is_ours).collect();
        let expected = for_programs();
        assert_eq!(
            given,
            expected.lines().collect::<Vec<_>>(),
            "deploy/prometheus/instruments.tsv has to be this:\n{expected}"
        );
    }

    #[test]
    fn names_hold_neither_units_nor_total() {
        let banned = ["total", "seconds", "bytes", "count", "ratio"];
        for each in INSTRUMENTS {
            let parts: HashSet<&str> = each.name.split(['.', '_']).collect();
            assert!(banned.iter().all(|word| !parts.contains(word)), "{}", each.name);
            assert!(each.name.starts_with("feedgate."), "{}", each.name);
            assert_eq!(each.kind == InstrumentKind::Histogram, !each.boundaries.is_empty(), "{}", each.name);
            assert!(each.boundaries.is_sorted(), "{}", each.name);
        }
        let names: HashSet<_> = INSTRUMENTS.iter().map(prometheus).collect();
        assert_eq!(names.len(), INSTRUMENTS.len());
    }

    #[test]
    fn prometheus_adds_what_it_always_adds() {
        let name =
            |name| prometheus(INSTRUMENTS.iter().find(|each| each.name == name).expect("one of the list"));
        assert_eq!(name("feedgate.records"), "feedgate_records_total");
        assert_eq!(name("feedgate.read"), "feedgate_read_bytes_total");
        assert_eq!(name("feedgate.run.duration"), "feedgate_run_duration_seconds");
        assert_eq!(name("feedgate.quarantine.size"), "feedgate_quarantine_size");
    }

    /// A value of the instrument, with all its labels.
    fn measure(meter: &Meter, each: &Instrument) {
        let labels: Vec<_> = each.labels.iter().map(|label| KeyValue::new(*label, "x")).collect();
        let Instrument { name, unit, boundaries, .. } = *each;
        match each.kind {
            Counts => meter.u64_counter(name).with_unit(unit).build().add(1, &labels),
            Gauges => meter.f64_gauge(name).with_unit(unit).build().record(1.0, &labels),
            Balances => meter.i64_up_down_counter(name).with_unit(unit).build().add(1, &labels),
            InstrumentKind::Histogram => {
                let builder = meter.f64_histogram(name).with_unit(unit);
                builder.with_boundaries(boundaries.to_vec()).build().record(1.0, &labels);
            }
        }
    }

    #[test]
    fn prometheus_text_has_the_names_of_the_documentation() {
        let (builder, scraped) = Scraped::attach(SdkMeterProvider::builder());
        let provider = builder.build();
        for each in INSTRUMENTS {
            measure(&provider.meter("feedgate"), each);
        }
        let text = scraped.text();
        let mut families: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        let mut expected: Vec<_> = INSTRUMENTS.iter().map(family).collect();
        expected.push("target_info gauge".to_owned());
        families.sort_unstable();
        expected.sort_unstable();
        assert_eq!(families, expected);
        for each in INSTRUMENTS {
            let labels: Vec<_> =
                each.labels.iter().map(|label| format!("{}=\"x\"", underscored(label))).collect();
            let ending = if each.kind == InstrumentKind::Histogram { "_sum" } else { "" };
            let series = format!("{}{ending}{}", prometheus(each), in_braces(labels));
            assert!(text.lines().any(|line| line == format!("{series} 1")), "no `{series}` in {text}");
        }
    }

    /// What Prometheus says of an instrument as a whole.
    fn family(instrument: &Instrument) -> String {
        let kind = match instrument.kind {
            Counts => "counter",
            Gauges | Balances => "gauge",
            InstrumentKind::Histogram => "histogram",
        };
        format!("{} {kind}", prometheus(instrument))
    }

    fn in_braces(mut labels: Vec<String>) -> String {
        labels.sort_unstable();
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
    }

    fn underscored(name: &str) -> String {
        name.replace('.', "_")
    }

    /// What is looked at in Prometheus: rules, dashboards and documents.
    fn queries() -> Vec<(String, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = |name: &str| {
            let entries = std::fs::read_dir(root.join(name)).expect("a folder");
            entries.map(|entry| entry.expect("a file").path()).collect::<Vec<_>>()
        };
        let documents = ["README.md", "src/telemetry/INSTRUMENTS.md", "deploy/OBSERVABILITY.md"];
        let documents = documents.iter().map(|name| root.join(name));
        let files =
            documents.chain(folder("deploy/prometheus/rules")).chain(folder("deploy/grafana/dashboards"));
        let text =
            |path: &std::path::Path| std::fs::read_to_string(path).expect("text").replace("\\\"", "\"");
        files.map(|path| (path.display().to_string(), text(&path))).collect()
    }

    /// A counter of a job begins anew each night under the same name: its increases say nothing.
    #[test]
    fn increases_are_asked_of_the_service_only() {
        let mut asked = 0;
        for (file, text) in queries() {
            for function in ["increase(", "rate(", "delta(", "resets(", "changes("] {
                for (at, _) in text.match_indices(function) {
                    let selector = text[at + function.len()..].trim_start();
                    if selector.starts_with("feedgate_") {
                        asked += 1;
                        let selector = selector.split(']').next().expect("a first part");
                        let is_of_service = selector.contains("job=~\"(.+/)?feedgate-(admin|serve)\"");
                        assert!(is_of_service, "{file}: {function}{selector}]");
                    }
                }
            }
        }
        assert!(asked > 10, "{asked}");
    }

    /// The words that `label` is asked to be, between bars.
    fn asked_for(label: &str) -> HashSet<String> {
        let mut words = HashSet::new();
        for (_, text) in queries() {
            for asked in text.split(label).skip(1) {
                let asked = asked.trim_start_matches(['=', '~', '!']);
                let asked =
                    asked.strip_prefix('"').and_then(|asked| asked.split('"').next()).unwrap_or_default();
                words.extend(asked.split('|').filter(|word| !word.is_empty()).map(str::to_owned));
            }
        }
        words
    }

    #[test]
    fn what_is_asked_for_is_told() {
        let told = |words: &[&str], asked: HashSet<String>| {
            assert!(asked.len() > 1, "{asked:?}");
            for word in asked {
                assert!(word.starts_with('$') || words.contains(&word.as_str()), "`{word}` of {words:?}");
            }
        };
        let mut outcomes = vec!["accepted", "refused", "stale"];
        outcomes.extend(crate::judgement::Acceptance::ALL.iter().map(|outcome| outcome.as_str()));
        outcomes.extend(crate::telemetry::UploadOutcome::ALL.iter().map(|outcome| outcome.as_str()));
        told(&outcomes, asked_for("feedgate_outcome"));
    }

    #[test]
    fn all_of_the_list_are_made() {
        let meter = opentelemetry::global::meter("test");
        let made = format!("{:?}", Instruments::of(&meter));
        assert_eq!(
            made.matches("Counter<").count()
                + made.matches("Gauge<").count()
                + made.matches("Histogram<").count(),
            INSTRUMENTS.len()
        );
    }
}
