//! The settings as the program uses them, every value parsed.

use super::choice::{ColorChoice, ProgressForm, ReportForm};
use super::database::DatabaseUrl;
use super::error::ConfigError;
use super::keys::Key;
use super::layers::Layers;
use super::quantity::{ByteSize, QuantityError, parse_duration};
use super::telemetry::{LogSettings, TelemetrySettings};
use crate::xml::Limits;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;
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
    /// Feeds worked on at a time; 0 means one for each core.
    pub threads: usize,
    /// How long an import counts as alive after its last sign of life.
    pub lease: Duration,
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
}

impl Settings {
    /// Takes the uppermost value of every key.
    pub fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let folder = text(layers, "schemas");
        Ok(Self {
            database: parsed(layers, "database")?,
            schemas: (!folder.is_empty()).then(|| PathBuf::from(folder)),
            report: parsed(layers, "report")?,
            report_files: report_files(layers)?,
            progress: parsed(layers, "progress")?,
            color: parsed(layers, "color")?,
            samples: parsed(layers, "samples")?,
            threads: parsed(layers, "threads")?,
            lease: parsed::<Lease>(layers, "import.lease")?.0,
            telemetry: TelemetrySettings::settle(layers)?,
            log: LogSettings::settle(layers)?,
            limits: LimitSettings::settle(layers)?,
        })
    }
}

/// A lease that leaves time for signs of life.
struct Lease(Duration);

/// Why a span of time is no lease.
#[derive(Debug, thiserror::Error)]
enum LeaseError {
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error("a lease lasts at least {} s", LEASE_MIN.as_secs())]
    TooShort,
}

impl FromStr for Lease {
    type Err = LeaseError;

    fn from_str(text: &str) -> Result<Self, LeaseError> {
        let lease = parse_duration(text)?;
        if lease < LEASE_MIN { Err(LeaseError::TooShort) } else { Ok(Self(lease)) }
    }
}

impl LimitSettings {
    fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let size = |name| parsed::<ByteSize>(layers, name).map(|size| size.0);
        // A cap beyond the address space is no cap.
        let room = |name| size(name).map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        Ok(Self {
            findings_max: parsed(layers, "limits.findings_max")?,
            record_findings_max: parsed(layers, "limits.record_findings_max")?,
            decoded_bytes_max: size("limits.decoded_bytes_max")?,
            ratio_max: parsed(layers, "limits.ratio_max")?,
            ratio_free_bytes: size("limits.ratio_free_bytes")?,
            xml: Limits {
                depth_max: parsed(layers, "limits.depth_max")?,
                attributes_max: parsed(layers, "limits.attributes_max")?,
                tag_bytes_max: room("limits.tag_bytes_max")?,
                text_bytes_max: room("limits.text_bytes_max")?,
                comment_bytes_max: room("limits.comment_bytes_max")?,
                name_bytes_max: room("limits.name_bytes_max")?,
                record_bytes_max: room("limits.record_bytes_max")?,
                bindings_max: parsed(layers, "limits.bindings_max")?,
                namespaces_max: parsed(layers, "limits.namespaces_max")?,
            },
        })
    }
}

/// Two forms in one file would be one form, and nobody knows which.
fn report_files(layers: &Layers) -> Result<Vec<(ReportForm, PathBuf)>, ConfigError> {
    let mut files: Vec<(ReportForm, PathBuf)> = Vec::new();
    for form in ReportForm::VALUES {
        let key = key(&form.file_key());
        let (path, origin) = layers.value(key);
        if path.is_empty() {
            continue;
        }
        if let Some((other, _)) = files.iter().find(|(_, taken)| taken == Path::new(path)) {
            let source = Box::new(FileTakenError { path: path.to_owned(), other: *other });
            return Err(ConfigError::Value { key: key.name, origin, source });
        }
        files.push((*form, PathBuf::from(path)));
    }
    Ok(files)
}

/// A file cannot hold two reports.
#[derive(Debug, thiserror::Error)]
#[error("the {other} report goes to `{path}` already")]
struct FileTakenError {
    path: String,
    other: ReportForm,
}

fn key(name: &str) -> &'static Key {
    Key::find(name).expect("settings are made of keys that exist")
}

pub(super) fn text<'a>(layers: &'a Layers, name: &str) -> &'a str {
    layers.value(key(name)).0
}

pub(super) fn parsed<T>(layers: &Layers, name: &str) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: Error + Send + Sync + 'static,
{
    let key = key(name);
    let (text, origin) = layers.value(key);
    text.trim().parse().map_err(|source: T::Err| ConfigError::Value {
        key: key.name,
        origin,
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::super::layers::Environment;
    use super::*;
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
        let mut layers = Layers::read(Environment::of(environment), Some(&path)).map_err(chain)?;
        for flag in flags {
            layers.assignment(flag).map_err(chain)?;
        }
        Settings::settle(&layers).map_err(chain)
    }

    #[test]
    fn defaults_settle() {
        let settings = settle(&[], &[], "").expect("settles");
        assert_eq!(settings.database, DatabaseUrl::default());
        assert_eq!(settings.schemas, None);
        assert_eq!(settings.report, ReportForm::Text);
        assert_eq!(settings.limits.decoded_bytes_max, 16 << 30);
        assert_eq!(settings.limits.xml, Limits::default(), "the table of keys repeats what holds without it");
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
    fn a_wrong_value_names_its_origin() {
        refused(
            &[],
            &[],
            "samples = 'many'",
            "setting `samples` from the settings file `FILE` cannot be used: invalid digit",
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
        let expected = "unknown setting `databse` in the settings file `FILE`: did you mean `database`?";
        refused(&[], &[], "databse = 'sqlite://a.db'", expected);
        refused(&[], &[], "[limits]\nqqq = 1", "unknown setting `limits.qqq` in the settings file `FILE`");
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
        let missing = Layers::read(Environment::of(&[("FEEDGATE_CONFIG", "/nowhere/at/all.toml")]), None);
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
