//! The settings as the program uses them, every value parsed.

use super::choice::{Choice, ColorChoice, ProgressForm, ReportForm};
use super::database::DatabaseUrl;
use super::decider::Decider;
use super::drift::DriftSettings;
use super::error::ConfigError;
use super::expiry::ExpirySettings;
use super::guard::GuardSettings;
use super::layers::{Aliases, Layers};
use super::quantity::{ByteSize, PatternNesting, SchemaNesting};
use super::serve::ServeSettings;
use super::table::Setting;
use super::telemetry::{LogSettings, TelemetrySettings};
use super::value::{Refusal, SettingValue};
use crate::judgement::Language;
use crate::xml::Limits;
use crate::xsd::{DocumentLimits, PatternLimits, SchemaLimits};
use std::path::PathBuf;
use std::time::Duration;

/// An import that is alive says so every few seconds; a lease must outlast that.
const LEASE_MIN: Duration = Duration::from_secs(5);

/// What holds for this call of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The shop database.
    pub database: DatabaseUrl,
    /// Folder of schema documents and formats, when one was named.
    pub schemas: Option<PathBuf>,
    /// Who decides, when that is said.
    pub by: Option<Decider>,
    /// Form of the report on standard output.
    pub report: ReportForm,
    /// Files that get a report as well.
    pub report_files: Vec<(ReportForm, PathBuf)>,
    /// Form of the progress display.
    pub progress: ProgressForm,
    /// Colour of the text report.
    pub color: ColorChoice,
    /// Samples shown of each group of equal deviations.
    pub samples: usize,
    /// Language of sentences in the forms for people.
    pub language: Language,
    /// Feeds worked on at a time; 0 means one for each core.
    pub threads: usize,
    /// How long the files of a folder must have been left alone before they are read.
    pub settle: Duration,
    /// How long an import counts as alive after its last sign of life.
    pub lease: Duration,
    /// Records of one feed that may be refused before all of it is.
    pub quarantine_feed_max: u64,
    /// Refused records of one sender that may wait.
    pub quarantine_source_max: u64,
    /// How many runs can be rolled back.
    pub rollback_runs: u32,
    /// Of how many applied feeds of each source the bytes are kept.
    pub versions_keep: u32,
    /// How long the service keeps reports, and submissions that have ended.
    pub serve_keep: Duration,
    /// Names of senders and the source they mean.
    pub aliases: Aliases,
    /// How much a feed may change before it is held, and whether it is whole.
    pub guard: GuardSettings,
    /// What is done about drift.
    pub drift: DriftSettings,
    /// How long held feeds are kept.
    pub held_keep: Duration,
    /// The upload service.
    pub serve: ServeSettings,
    /// What expires.
    pub expiry: ExpirySettings,
    /// What is sent to a collector.
    pub telemetry: TelemetrySettings,
    /// The log on standard error.
    pub log: LogSettings,
    /// Caps on inputs.
    pub limits: LimitSettings,
}

/// Caps on what a feed may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Deviations of one feed that are told one by one.
    pub findings_max: usize,
    /// Deviations of one record that are told one by one.
    pub record_findings_max: usize,
    /// Bytes of one feed after decompression.
    pub decoded_bytes_max: u64,
    /// Bytes after decompression for each byte delivered.
    pub ratio_max: u64,
    /// Decoded bytes that are free of the ratio cap.
    pub ratio_free_bytes: u64,
    /// Caps inside the XML.
    pub xml: Limits,
    /// Caps on schemas.
    pub schema: SchemaLimits,
}

impl Settings {
    /// Takes the uppermost value of every setting.
    pub fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            database: layers.read("database")?,
            schemas: layers.read("schemas")?,
            by: layers.read("by")?,
            report: layers.read("report")?,
            report_files: report_files(layers)?,
            progress: layers.read("progress")?,
            color: layers.read("color")?,
            samples: layers.read("samples")?,
            language: layers.read("language")?,
            threads: layers.read("threads")?,
            settle: layers.read("settle")?,
            lease: layers.read::<Lease>("import.lease")?.0,
            quarantine_feed_max: layers.read("quarantine.feed_max")?,
            quarantine_source_max: layers.read("quarantine.source_max")?,
            rollback_runs: layers.read("rollback.runs")?,
            versions_keep: layers.read("versions.keep")?,
            serve_keep: layers.read("serve.keep")?,
            aliases: layers.aliases().clone(),
            guard: GuardSettings::settle(layers)?,
            drift: DriftSettings::settle(layers)?,
            held_keep: layers.read("held.keep")?,
            serve: ServeSettings::settle(layers)?,
            expiry: ExpirySettings::settle(layers)?,
            telemetry: TelemetrySettings::settle(layers)?,
            log: LogSettings::settle(layers)?,
            limits: LimitSettings::settle(layers)?,
        })
    }

    /// What telemetry and log need, for a run whose other settings are wrong.
    pub fn settle_signals(layers: &Layers) -> Result<(TelemetrySettings, LogSettings), ConfigError> {
        Ok((TelemetrySettings::settle(layers)?, LogSettings::settle(layers)?))
    }
}

/// A lease that leaves time for signs of life.
pub(super) struct Lease(Duration);

/// Too short for a lease.
#[derive(Debug, thiserror::Error)]
#[error("a lease lasts at least {} s", LEASE_MIN.as_secs())]
struct LeaseError;

impl SettingValue for Lease {
    const NOUN: &'static str = Duration::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        let lease = Duration::read(text)?;
        if lease < LEASE_MIN { Err(LeaseError.into()) } else { Ok(Self(lease)) }
    }
}

impl LimitSettings {
    fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let size = |key| layers.read::<ByteSize>(key).map(|size| size.0);
        // A cap beyond the address space is no cap.
        let room = |key| size(key).map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        Ok(Self {
            findings_max: layers.read("limits.findings_max")?,
            record_findings_max: layers.read("limits.record_findings_max")?,
            decoded_bytes_max: size("limits.decoded_bytes_max")?,
            ratio_max: layers.read("limits.ratio_max")?,
            ratio_free_bytes: size("limits.ratio_free_bytes")?,
            xml: Limits {
                depth_max: layers.read("limits.depth_max")?,
                attributes_max: layers.read("limits.attributes_max")?,
                tag_bytes_max: room("limits.tag_bytes_max")?,
                text_bytes_max: room("limits.text_bytes_max")?,
                comment_bytes_max: room("limits.comment_bytes_max")?,
                name_bytes_max: room("limits.name_bytes_max")?,
                record_bytes_max: room("limits.record_bytes_max")?,
                bindings_max: layers.read("limits.bindings_max")?,
                namespaces_max: layers.read("limits.namespaces_max")?,
                doctype: layers.read("doctype")?,
            },
            schema: schema_limits(layers)?,
        })
    }
}

/// What a schema, and what is kept of a document to judge it, may cost.
fn schema_limits(layers: &Layers) -> Result<SchemaLimits, ConfigError> {
    let room = |key| layers.read::<ByteSize>(key).map(|size| usize::try_from(size.0).unwrap_or(usize::MAX));
    let nesting = |key| layers.read::<SchemaNesting>(key).map(|nesting| nesting.0);
    Ok(SchemaLimits {
        work_max: layers.read("limits.work_max")?,
        documents_max: layers.read("limits.documents_max")?,
        definition_depth_max: nesting("limits.definition_depth_max")?,
        model_depth_max: nesting("limits.model_depth_max")?,
        restriction_chain_max: nesting("limits.restriction_chain_max")? as usize,
        positions_max: layers.read("limits.positions_max")?,
        edges_max: layers.read("limits.edges_max")?,
        members_max: layers.read("limits.members_max")?,
        paths_max: layers.read("limits.paths_max")?,
        path_steps_max: layers.read("limits.path_steps_max")?,
        fields_max: layers.read("limits.fields_max")?,
        restriction_steps_max: layers.read("limits.restriction_steps_max")?,
        pattern: PatternLimits {
            bytes_max: room("limits.pattern_bytes_max")?,
            nesting_max: layers.read::<PatternNesting>("limits.pattern_nesting_max")?.0,
            repeat_max: layers.read("limits.pattern_repeat_max")?,
            compiled_bytes_max: room("limits.pattern_compiled_bytes_max")?,
        },
        document: DocumentLimits {
            keys_max: layers.read("limits.keys_max")?,
            references_max: layers.read("limits.references_max")?,
            configurations_max: layers.read("limits.configurations_max")?,
        },
    })
}

/// Two forms in one file would be one form, and nobody knows which.
fn report_files(layers: &Layers) -> Result<Vec<(ReportForm, PathBuf)>, ConfigError> {
    let mut files: Vec<(ReportForm, PathBuf)> = Vec::new();
    for (_, form) in ReportForm::WORDS {
        let setting = Setting::known(&form.file_key());
        let Some(path) = layers.read::<Option<PathBuf>>(setting.key)? else { continue };
        if let Some((other, _)) = files.iter().find(|(_, taken)| *taken == path) {
            let source = Box::new(FileTakenError { path, other: *other });
            return Err(ConfigError::Value {
                key: setting.key.to_owned(),
                set_by: layers.value(setting).1,
                source,
            });
        }
        files.push((*form, path));
    }
    Ok(files)
}

/// A file cannot hold two reports.
#[derive(Debug, thiserror::Error)]
#[error("the {other} report goes to `{}` already", .path.display())]
struct FileTakenError {
    path: PathBuf,
    other: ReportForm,
}

#[cfg(test)]
mod tests {
    use super::super::layers::Environment;
    use super::*;
    use crate::import::{ImportPlan, QuarantineLimits};
    use crate::judgement::Coverage;
    use crate::pipeline::FeedLimits;
    use crate::source::InputLimits;
    use crate::store::{KEPT_RUNS, KEPT_VERSIONS};
    use std::error::Error;
    use std::fs;

    /// Settles the three layers; gives the settings or the whole error chain.
    fn settle(flags: &[&str], environment: &[(&str, &str)], file: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("feedgate.toml");
        fs::write(&path, file).expect("written");
        let chain = |error: ConfigError| {
            let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            format!("{error}{source}").replace(&path.display().to_string(), "FILE")
        };
        let mut layers = Layers::gather(Environment::of(environment), Some(&path)).map_err(chain)?;
        for flag in flags {
            layers.assignment(flag).map_err(chain)?;
        }
        Settings::settle(&layers).map_err(chain)
    }

    #[test]
    fn defaults_settle_and_repeat_what_holds_without_them() {
        let settings = Settings::settle(&Layers::default()).expect("settles");
        assert_eq!(settings.database, DatabaseUrl::default());
        assert_eq!(settings.schemas, None);
        assert_eq!(settings.report, ReportForm::Text);
        assert_eq!(settings.lease, ImportPlan::LEASE);
        assert_eq!((settings.rollback_runs, settings.versions_keep), (KEPT_RUNS, KEPT_VERSIONS));
        let quarantine = QuarantineLimits {
            feed_max: settings.quarantine_feed_max,
            source_max: settings.quarantine_source_max,
        };
        assert_eq!(quarantine, QuarantineLimits::default());
        let limits = settings.limits;
        assert_eq!(limits.xml, Limits::default());
        assert_eq!(limits.record_findings_max, FeedLimits::default().record_findings_max);
        let input = InputLimits {
            decoded_bytes_max: limits.decoded_bytes_max,
            ratio_max: limits.ratio_max,
            ratio_free_bytes: limits.ratio_free_bytes,
        };
        assert_eq!(input, InputLimits::default());
        assert_eq!(limits.schema, SchemaLimits::default());
        assert_eq!(settings.guard, GuardSettings::default());
        assert_eq!(settings.held_keep, Duration::from_hours(14 * 24));
        assert_eq!(settings.serve_keep, Duration::from_hours(30 * 24));
    }

    /// Up to which withdrawals feeds of a sender and format are let in, and what they cover.
    #[track_caller]
    fn guarded(settings: &Settings, source: &str, format: &str, withdraw: &str, feeds: Option<Coverage>) {
        let guard = &settings.guard;
        assert_eq!(guard.limits(source, format).withdraw.to_string(), withdraw);
        assert_eq!(guard.feeds(source, format), feeds);
    }

    #[test]
    fn a_sender_beats_a_format_and_that_all() {
        let file = r#"
            feeds = "delta"
            guard.withdraw = "1%/1"
            guard.price = "9%/9"
            [format.onix]
            feeds = "full"
            guard.withdraw = "2%/2"
            [format."onix/3.0".guard]
            withdraw = "3%/3"
            [sender." GLN 4.0 ".guard]
            withdraw = "off"
            [sender."He said \"no\""]
            feeds = ""
        "#;
        let settings = settle(&[], &[], file).expect("settles");
        let (full, delta) = (Some(Coverage::Full), Some(Coverage::Delta));
        guarded(&settings, "X", "catalogue/1.0", "1%/1", delta);
        guarded(&settings, "X", "onix/3.1", "2%/2", full);
        guarded(&settings, "X", "onix/3.0", "3%/3", full);
        guarded(&settings, "GLN 4.0", "onix/3.0", "off", full);
        guarded(&settings, " GLN 4.0", "catalogue/1.0", "off", delta);
        guarded(&settings, "GLN 4", "catalogue/1.0", "1%/1", delta);
        guarded(&settings, "He said \"no\"", "onix/3.0", "3%/3", None);
        assert_eq!(settings.guard.limits("GLN 4.0", "onix/3.0").price.to_string(), "9%/9");
    }

    #[test]
    fn flags_reach_one_sender_and_cover_the_file_there() {
        let file = "[sender.X]\nguard.withdraw = '2%/2'\nguard.price_factor = 3";
        let environment = [("FEEDGATE_GUARD_WITHDRAW", "1%/1")];
        let flags = ["sender.\"Y = Z\".feeds=full", "sender.'X'.guard.price_factor = 4.5"];
        let settings = settle(&flags, &environment, file).expect("settles");
        guarded(&settings, "X", "onix/3.0", "2%/2", None);
        guarded(&settings, "Y = Z", "onix/3.0", "1%/1", Some(Coverage::Full));
        assert_eq!(settings.guard.limits("X", "onix/3.0").price_factor.to_string(), "4.5");
        assert_eq!(settings.guard.limits("Y = Z", "onix/3.0").price_factor.to_string(), "2.5");
    }

    #[test]
    fn what_cannot_be_said_for_one_sender_is_refused() {
        refused(
            &[],
            &[],
            "[sender.\"A.B\"]\ndatabase = 'sqlite://a.db'",
            "setting `database` in the settings file `FILE:2` cannot be set for one sender",
        );
        refused(
            &[],
            &[],
            "[format.onix]\n[format.onix.guard]\nwithdrew = 'off'",
            "unknown setting `format.\"onix\".guard.withdrew` in the settings file `FILE:3`: did you mean \
             `guard.withdraw`?",
        );
        refused(
            &[],
            &[],
            "[sender]\nfeeds = 'full'",
            "`sender` in the settings file `FILE:2` says nothing without a name and a key: write \
             `sender.\"NAME\".KEY`",
        );
        refused(
            &[],
            &[],
            "\n[sender.\"A.B\"]\nguard.withdraw = '5'",
            "setting `sender.\"A.B\".guard.withdraw` from the settings file `FILE:3` cannot be used: `5` is no limit",
        );
        refused(
            &["format.onix.feeds=all"],
            &[],
            "",
            "setting `format.\"onix\".feeds` from the flag `--set` cannot be used: `all` is none of full, delta",
        );
    }

    #[test]
    fn numbers_of_a_file_may_be_written_as_toml_has_them() {
        let settings = settle(&[], &[], "samples = 0x10\nlimits.ratio_max = 1_000").expect("settles");
        assert_eq!((settings.samples, settings.limits.ratio_max), (16, 1000));
        refused(
            &[],
            &[],
            "\nsamples = 1.5",
            "setting `samples` from the settings file `FILE:2` cannot be used: `1.5`",
        );
        refused(
            &[],
            &[],
            "samples = [3]",
            "setting `samples` from the settings file `FILE:1` cannot be used: `[3]`",
        );
    }

    #[test]
    fn each_form_may_have_a_file_of_its_own() {
        let environment = [("FEEDGATE_REPORT_FILE_TEXT", "a.txt")];
        let file = "[report_file]\ntext = 'b.txt'\njson = 'b.json'";
        let settings = settle(&[], &environment, file).expect("settles");
        let expected = [(ReportForm::Text, "a.txt".into()), (ReportForm::Json, "b.json".into())];
        assert_eq!(settings.report_files, expected);
        let error = settle(&["report_file.json=a.txt"], &environment, "").expect_err("taken");
        assert!(
            error.contains("report_file.json") && error.contains("the text report goes to `a.txt`"),
            "{error}"
        );
    }

    #[test]
    fn flags_cover_the_environment_and_that_the_file() {
        let environment = [("FEEDGATE_SAMPLES", "2"), ("FEEDGATE_THREADS", "2")];
        let file =
            "samples = 3\nthreads = 3\nreport = 'json'\n[limits]\nratio_max = 7\ndecoded_bytes_max = '1KiB'";
        let settings = settle(&["samples=1"], &environment, file).expect("settles");
        assert_eq!((settings.samples, settings.threads, settings.report), (1, 2, ReportForm::Json));
        assert_eq!((settings.limits.ratio_max, settings.limits.decoded_bytes_max), (7, 1024));
    }

    #[test]
    fn an_empty_variable_sets_nothing() {
        assert!(settle(&[], &[("FEEDGATE_SAMPLES", "")], "").is_ok_and(|settings| settings.samples == 3));
    }

    #[track_caller]
    fn refused(flags: &[&str], environment: &[(&str, &str)], file: &str, expected: &str) {
        let error = settle(flags, environment, file).expect_err("must be refused");
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn a_wrong_value_names_who_set_it() {
        refused(
            &[],
            &[],
            "threads = 1\nsamples = 'many'",
            "setting `samples` from the settings file `FILE:2` cannot be used: `many` is no whole number",
        );
        refused(
            &[],
            &[("FEEDGATE_LIMITS_DECODED_BYTES_MAX", "16 pages")],
            "",
            "setting `limits.decoded_bytes_max` from the environment variable `FEEDGATE_LIMITS_DECODED_BYTES_MAX` \
             cannot be used: `pages` is no unit here",
        );
        refused(
            &["report=xml"],
            &[],
            "",
            "setting `report` from the flag `--set` cannot be used: `xml` is none of",
        );
    }

    #[test]
    fn lease_min() {
        assert!(settle(&["import.lease=5s"], &[], "").is_ok_and(|settings| settings.lease == LEASE_MIN));
        refused(
            &["import.lease=4s"],
            &[],
            "",
            "setting `import.lease` from the flag `--set` cannot be used: a lease lasts",
        );
        refused(
            &["import.lease=5 weeks"],
            &[],
            "",
            "setting `import.lease` from the flag `--set` cannot be used: `weeks`",
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let error = settle(&[], &[("FEEDGATE_DATABASE", "mysql://a:geheim@b/c")], "").expect_err("refused");
        assert!(!error.contains("geheim"), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused_with_a_suggestion() {
        let expected = "unknown setting `databse` in the settings file `FILE:1`: did you mean `database`?";
        refused(&[], &[], "databse = 'sqlite://a.db'", expected);
        refused(&[], &[], "[limits]\nqqq = 1", "unknown setting `limits.qqq` in the settings file `FILE:2`");
        refused(
            &["sampels=1"],
            &[],
            "",
            "unknown setting `sampels` in the flag `--set`: did you mean `samples`?",
        );
        refused(&["samples"], &[], "", "`--set` sets nothing");
    }

    #[test]
    fn a_broken_file_is_refused() {
        refused(&[], &[], "\nsamples = ", "the settings file `FILE` is not valid TOML: line 2: ");
        let error = settle(&[], &[], "database = 'postgres://a:geheim@b/c").expect_err("refused");
        assert!(!error.contains("geheim"), "{error}");
        let missing = Layers::gather(Environment::of(&[("FEEDGATE_CONFIG", "/nowhere/at/all.toml")]), None);
        let error = missing.expect_err("not there").to_string();
        assert_eq!(error, "cannot read the settings file `/nowhere/at/all.toml`");
    }

    #[test]
    fn variables_of_ours_that_mean_nothing_are_told() {
        let environment = Environment::of(&[
            ("FEEDGATE_SAMPELS", "1"),
            ("FEEDGATE_SAMPLES", "1"),
            ("FEEDGATE_CONFIG", "a"),
            ("FEEDGATE_SERVICE_HOST", "10.0.0.1"),
            ("FEEDGATE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ]);
        assert_eq!(environment.unknown(), ["FEEDGATE_SAMPELS"]);
    }

    #[test]
    fn folders_follow_the_xdg_specification() {
        let folder = |pairs: &[(&str, &str)]| Environment::of(pairs).schema_folder();
        assert_eq!(folder(&[("HOME", "/h")]), Some("/h/.local/share/feedgate/schemas".into()));
        assert_eq!(folder(&[("HOME", "/h"), ("XDG_DATA_HOME", "/d")]), Some("/d/feedgate/schemas".into()));
        let relative = folder(&[("HOME", "/h"), ("XDG_DATA_HOME", "d")]);
        assert_eq!(relative, Some("/h/.local/share/feedgate/schemas".into()));
        assert_eq!(folder(&[]), None);
    }
}
