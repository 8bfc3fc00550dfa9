//! Every setting there is, in one row: file, variables, flags, help and README share this table.
//!
//! A row names the type that the value is read as (see [`super::value`]), and with it what may be written.
//! Rows marked `scoped` may be set for one format or sender as well: such keys are read in [`super::key`].

use super::choice::{ColorChoice, ProgressForm, ReportForm};
use super::database::DatabaseUrl;
use super::decider::Decider;
use super::drift::{DriftPolicy, PathPolicies};
use super::expiry::ExpiryInterval;
use super::guard::{GuardLimit, PriceFactor};
use super::layers::Environment;
use super::quantity::{ByteSize, PatternNesting, SchemaNesting};
use super::serve::{SpoolPlace, Workers};
use super::settings::Lease;
use super::telemetry::{DeviationSignals, ExportChoice, LogForm, LogLevel, TraceUrl};
use super::value::{Refusal, SettingValue, ValueKind};
use crate::judgement::{Coverage, Language};
use crate::xml::DoctypePolicy;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A path that depends on the environment.
type PathOf = fn(&Environment) -> Option<PathBuf>;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Name in the file, sections separated by dots, and behind `--set`.
    pub key: &'static str,
    /// What it decides, as the start of a sentence in small letters.
    pub about: &'static str,
    /// The flag that sets it, if there is one; not every command has it.
    pub flag: Option<&'static str>,
    /// Whether it may be set for one format or sender.
    pub scoped: bool,
    /// Value when nothing is said, as it would be written.
    pub(super) default: &'static str,
    /// What stands for no value, in words and as this environment has it.
    usual: Option<(&'static str, PathOf)>,
    /// What may be written.
    pub(super) kind: ValueKind,
}

impl Setting {
    /// The setting of that key.
    pub(super) fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// The setting of a key that the program itself names.
    pub(super) fn known(key: &str) -> &'static Self {
        Self::find(key).expect("a setting of the table")
    }

    /// The setting of a flag, without its dashes.
    #[must_use]
    pub fn of_flag(long: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.flag.and_then(|flag| flag.strip_prefix("--")) == Some(long))
    }

    /// The environment variable that sets it: `limits.ratio_max` is `FEEDGATE_LIMITS_RATIO_MAX`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("FEEDGATE_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// What holds when nothing is said, for the documentation; empty when nothing does.
    #[must_use]
    pub fn default(&self) -> &'static str {
        self.usual.map_or(self.default, |(words, _)| words)
    }

    /// What may be written: words, or what kind of value.
    #[must_use]
    pub fn accepted(&self) -> String {
        self.kind.accepted()
    }

    /// The only words that may be written; empty when it is no choice.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        (self.kind.words)()
    }

    /// The help of its flag.
    #[must_use]
    pub fn help(&self) -> String {
        let (first, rest) = self.about.split_at(1);
        let default = match self.default() {
            "" => String::new(),
            plain if plain.chars().all(char::is_alphanumeric) => format!(", default: {plain}"),
            other => format!(", default: `{other}`"),
        };
        format!("{}{rest} [variable: `{}`{default}]", first.to_uppercase(), self.variable())
    }

    /// Its value as people may see it: what was written without secrets, or what stands for nothing.
    pub(super) fn shown(&self, text: &str, environment: &Environment) -> Option<String> {
        match self.usual {
            _ if !text.is_empty() => Some((self.kind.shown)(text)),
            Some((_, usual)) => usual(environment).map(|path| path.to_string_lossy().into_owned()),
            None => None,
        }
    }

    /// Why a value cannot be used, with what it counts and an example: a type alone does not say that.
    pub(super) fn explained(&self, why: Refusal) -> Refusal {
        let counts = ["number", "size", "time"].contains(&self.kind.accepted().as_str());
        if !counts || self.default.is_empty() {
            return why;
        }
        let (key, noun, about, example) = (self.key, self.kind.accepted(), self.about, self.default);
        format!("{why}: `{key}` is a {noun}, {about}, such as `{example}`").into()
    }

    /// The known key nearest to an unknown one, when one is near.
    pub(super) fn nearest(key: &str) -> Option<&'static str> {
        Self::nearest_of(key, SETTINGS.iter())
    }

    /// The same, of those that may be set for one format or sender.
    pub(super) fn nearest_scoped(key: &str) -> Option<&'static str> {
        Self::nearest_of(key, SETTINGS.iter().filter(|setting| setting.scoped))
    }

    fn nearest_of(key: &str, among: impl Iterator<Item = &'static Self>) -> Option<&'static str> {
        let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
        let near = |setting: &'static Self| {
            let whole = strsim::jaro_winkler(key, setting.key);
            let part = strsim::jaro_winkler(key, last(setting.key));
            (whole.max(part), setting.key)
        };
        let best = among.map(near).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 > 0.8).then_some(best.1)
    }

    const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn scoped(self) -> Self {
        Self { scoped: true, ..self }
    }

    const fn usually(self, words: &'static str, path: PathOf) -> Self {
        Self { usual: Some((words, path)), ..self }
    }
}

/// A row of the table.
const fn setting<T: SettingValue>(key: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting { key, about, flag: None, scoped: false, default, usual: None, kind: ValueKind::of::<T>() }
}

const fn report_file(key: &'static str, about: &'static str) -> Setting {
    setting::<Option<PathBuf>>(key, "", about).flag("--report-file")
}

const fn guard(key: &'static str, default: &'static str, about: &'static str) -> Setting {
    setting::<GuardLimit>(key, default, about).scoped()
}

/// The settings, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    setting::<DatabaseUrl>(
        "database",
        DatabaseUrl::DEFAULT,
        "address of the shop database, `sqlite://FILE` or `postgres://USER@HOST/NAME`",
    )
    .flag("--database"),
    setting::<Option<PathBuf>>("schemas", "", "folder with installed schema documents and formats of your own")
        .usually("~/.local/share/feedgate/schemas", Environment::schema_folder)
        .flag("--schemas"),
    setting::<DoctypePolicy>(
        "doctype",
        "external",
        "document type declarations that are passed over unread: those without internal subset, none or any",
    ),
    setting::<Option<Decider>>(
        "by",
        "",
        "who decides, as `feedgate audit` tells it: nobody checks it; the user's name when nothing is said",
    )
    .flag("--by"),
    setting::<ReportForm>("report", "text", "form of the report on standard output").flag("--report"),
    report_file("report_file.text", "file that gets the text report as well"),
    report_file("report_file.lines", "file that gets a line per deviation as well"),
    report_file("report_file.json", "file that gets the JSON report as well"),
    report_file("report_file.junit", "file that gets the JUnit report as well"),
    report_file("report_file.sarif", "file that gets the SARIF report as well"),
    report_file("report_file.gitlab", "file that gets the GitLab Code Quality report as well"),
    report_file("report_file.html", "file that gets the report as a page as well"),
    setting::<ProgressForm>("progress", "auto", "progress on standard error; auto shows a bar on a terminal")
        .flag("--progress"),
    setting::<ColorChoice>("color", "auto", "when to use colour").flag("--color"),
    setting::<usize>("samples", "3", "samples shown of each group of equal deviations in text and page")
        .flag("--samples"),
    setting::<Language>("language", "en", "language of sentences in text and page; programs are told English"),
    setting::<usize>(
        "threads",
        "0",
        "threads that work on feeds; 0 takes one for each core",
    )
    .flag("--threads"),
    setting::<Duration>(
        "settle",
        "0s",
        "how long the files of a folder must have been left alone, such as 30s; those changed since are still being \
         written, and told so",
    )
    .flag("--settle"),
    setting::<Lease>(
        "import.lease",
        "60s",
        "how long an import counts as alive after its last sign of life, at least 5s",
    ),
    setting::<Option<Coverage>>(
        "feeds",
        "",
        "whether feeds are whole catalogues, so that what they lack is withdrawn, or only changes; the profile says \
         it when nothing does here",
    )
    .scoped(),
    guard("guard.withdraw", "5%/20", "products that a feed may withdraw, of those on hand"),
    guard("guard.unavailable", "10%/50", "products that can be had no more, of those on hand"),
    guard("guard.price", "30%/100", "products of which a price changes, of those on hand"),
    guard("guard.price_jump", "1%/10", "products of which a price jumps, of those on hand"),
    setting::<PriceFactor>("guard.price_factor", "2.5", "times that a price is higher or lower when it has jumped")
        .scoped(),
    guard("guard.refused", "10%/20", "records that are refused, of all of the feed"),
    guard("guard.update", "50%/500", "products that change, of those on hand"),
    guard("guard.create", "50%/200", "products that are new, of those on hand"),
    guard("guard.same_title", "10%/20", "products that get a title which others get, too, of those on hand"),
    guard(
        "guard.size_min",
        "70%/20",
        "records of a feed, of what the last ten had in the middle: held with less of them, when the difference is \
         more than the number",
    ),
    guard("guard.size_max", "200%/200", "the same, held with more of them"),
    setting::<DriftPolicy>(
        "drift.policy",
        "observe",
        "what is done about a valid feed that is not as the feeds before it: it is told, told as a warning, or held",
    )
    .scoped(),
    setting::<PathPolicies>(
        "drift.paths",
        "",
        "the same for paths from the record inwards and what is below them, such as `Price/Tax=hold, Title=warn`",
    )
    .scoped(),
    setting::<usize>("drift.alarms_max", "5", "drifts of one feed that are told one by one; the rest is counted"),
    setting::<Duration>("held.keep", "14d", "how long held feeds are kept"),
    setting::<u64>(
        "quarantine.feed_max",
        "100000",
        "records of one feed that may be refused; a feed with more is refused as a whole, and nothing of it is kept",
    ),
    setting::<u64>(
        "quarantine.source_max",
        "1000000",
        "refused records of one sender that may wait; a feed that brings more is refused as a whole, those of other \
         senders are not",
    ),
    setting::<u32>(
        "rollback.runs",
        "10",
        "for how many runs that changed something it is kept what was there before, to roll them back; 0 keeps nothing",
    ),
    setting::<SocketAddr>("serve.listen", "127.0.0.1:8080", "address on which the upload service listens")
        .flag("--listen"),
    setting::<Option<SocketAddr>>(
        "serve.admin_listen",
        "127.0.0.1:9464",
        "address for its operators, without sign-in: `/healthz`, `/readyz`, `/metrics`; none when empty",
    )
    .flag("--admin-listen"),
    setting::<SpoolPlace>(
        "serve.spool",
        "file:feedgate-spool",
        "folder where uploaded feeds wait, `file:PATH`; instances with one database share it",
    )
    .flag("--spool"),
    setting::<Workers>("serve.workers", "2", "uploaded feeds worked on at a time").flag("--workers"),
    setting::<ByteSize>("serve.body_bytes_max", "1GiB", "bytes of one upload"),
    setting::<ByteSize>("serve.check_bytes_max", "4MiB", "bytes of a record or feed that is judged at once"),
    setting::<u64>("serve.queue_max", "10000", "uploaded feeds that may wait; beyond, uploads are refused"),
    setting::<usize>("serve.uploads_max", "512", "uploads received at a time"),
    setting::<usize>("serve.uploads_per_token_max", "256", "uploads received at a time of one token"),
    setting::<ByteSize>(
        "serve.body_rate_min",
        "4KiB",
        "bytes per second, on average after 10 s, below which an upload is ended",
    ),
    setting::<u32>(
        "versions.keep",
        "5",
        "of how many applied feeds of each source the bytes are kept, to compare them and have them back, and of as \
         many that were only checked and as many refused, to look at their records; 0 keeps none",
    ),
    setting::<Duration>(
        "serve.keep",
        "30d",
        "how long after the end of a run the service keeps its reports and what was submitted: name, digest, verdict, \
         and key, by which the same is the same run; the run itself, its findings and its feeds stay",
    ),
    setting::<Option<PathBuf>>(
        "expiry.inventory",
        "",
        "file that lists what expires (TOML); the service shows what it lists of a source on that source's page",
    )
    .flag("--inventory"),
    setting::<ExpiryInterval>("expiry.every", "1h", "time between two looks at what expires, at least 1 s")
        .flag("--every"),
    setting::<Option<SocketAddr>>(
        "expiry.listen",
        "",
        "address at which `feedgate expiry watch` answers `/healthz` and `/metrics`; none when empty",
    )
    .flag("--listen"),
    setting::<Option<TraceUrl>>(
        "trace_url",
        "",
        "page that shows a trace, with {trace_id} and, if it likes, {span_id} in its address",
    ),
    setting::<ExportChoice>(
        "telemetry.export",
        "auto",
        "traces, metrics and logs to a collector; auto when OTEL_EXPORTER_OTLP_ENDPOINT names one",
    ),
    setting::<DeviationSignals>("telemetry.deviations", "both", "how failed records are told to the collector"),
    setting::<usize>(
        "telemetry.budget",
        "200",
        "failed records of each feed that are told to the collector one by one, as spans or log events; all are \
         counted",
    )
    .flag("--telemetry-budget"),
    setting::<usize>("telemetry.equal", "20", "those among them that may fail in the same way"),
    setting::<Duration>("telemetry.deadline", "5s", "how long the end of the program waits for the collector"),
    setting::<LogForm>(
        "log.form",
        "auto",
        "log on standard error; plain has notices and errors, text and json have all with ids; auto is plain at \
         a terminal, and without a collector unless it is a service, else text",
    ),
    setting::<LogLevel>("log.level", "info", "least grave events of the log in text or json, and to the collector"),
    setting::<usize>("limits.findings_max", "1000000", "deviations of one feed that are told; all are counted"),
    setting::<usize>(
        "limits.record_findings_max",
        "200",
        "deviations of one record that are told; all are counted",
    ),
    setting::<ByteSize>("limits.decoded_bytes_max", "16GiB", "bytes of one feed after decompression"),
    setting::<u64>("limits.ratio_max", "250", "bytes after decompression for each byte delivered"),
    setting::<ByteSize>("limits.ratio_free_bytes", "16MiB", "decoded bytes that are free of the ratio cap"),
    setting::<ByteSize>("limits.record_bytes_max", "16MiB", "bytes of one record"),
    setting::<usize>("limits.depth_max", "256", "elements open at one time"),
    setting::<usize>("limits.attributes_max", "256", "attributes of one start tag"),
    setting::<ByteSize>("limits.tag_bytes_max", "256KiB", "bytes of one tag"),
    setting::<ByteSize>("limits.text_bytes_max", "16MiB", "bytes of one piece of text"),
    setting::<ByteSize>("limits.comment_bytes_max", "1MiB", "bytes of one comment or processing instruction"),
    setting::<ByteSize>("limits.name_bytes_max", "1KiB", "bytes of one name, reference or namespace name"),
    setting::<usize>("limits.bindings_max", "1024", "namespace declarations in scope at one time"),
    setting::<usize>("limits.namespaces_max", "1024", "different namespace names in one feed"),
    setting::<u64>("limits.work_max", "200000000", "work on one schema, in steps of 10 ns and bytes kept"),
    setting::<usize>("limits.documents_max", "1000", "documents of one schema"),
    setting::<SchemaNesting>("limits.definition_depth_max", "128", "definitions of a schema that build on each other"),
    setting::<SchemaNesting>("limits.model_depth_max", "512", "model groups of a schema in each other"),
    setting::<SchemaNesting>("limits.restriction_chain_max", "512", "simple types that restrict each other"),
    setting::<usize>("limits.positions_max", "20000", "places for a child in one content model of a schema"),
    setting::<usize>("limits.edges_max", "4000000", "ways from one such place to the next"),
    setting::<usize>("limits.members_max", "4096", "member types of a union, those of its members included"),
    setting::<usize>("limits.paths_max", "4096", "alternatives of a selector or field in a schema"),
    setting::<usize>("limits.path_steps_max", "256", "steps of one such alternative"),
    setting::<usize>("limits.fields_max", "256", "fields of one identity constraint"),
    setting::<u32>("limits.restriction_steps_max", "1000000", "steps to tell whether a model restricts another"),
    setting::<ByteSize>("limits.pattern_bytes_max", "64KiB", "bytes of one pattern of a schema"),
    setting::<PatternNesting>("limits.pattern_nesting_max", "100", "groups of a pattern in each other"),
    setting::<u32>("limits.pattern_repeat_max", "100000", "what a quantifier of a pattern counts to"),
    setting::<ByteSize>("limits.pattern_compiled_bytes_max", "32MiB", "bytes of the patterns of one type, compiled"),
    setting::<usize>("limits.keys_max", "10000000", "keys of one constraint and IDs in a feed, 16 bytes each"),
    setting::<usize>("limits.references_max", "250000", "references of a feed that wait for what they refer to"),
    setting::<usize>("limits.configurations_max", "256", "ways that a content model leaves open at one time"),
];

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn names_are_told_apart_also_as_variables() {
        let names: std::collections::HashSet<_> = SETTINGS.iter().map(Setting::variable).collect();
        assert_eq!(names.len(), SETTINGS.len());
        assert_eq!(Setting::known("limits.ratio_max").variable(), "FEEDGATE_LIMITS_RATIO_MAX");
    }

    #[test]
    fn a_slip_finds_its_key_and_nonsense_finds_none() {
        assert_eq!(Setting::nearest("databse"), Some("database"));
        assert_eq!(Setting::nearest("ratio_max"), Some("limits.ratio_max"));
        assert_eq!(Setting::nearest("limits.ratiomax"), Some("limits.ratio_max"));
        assert_eq!(Setting::nearest("qqqq"), None);
    }

    #[test]
    fn help_tells_variable_and_default() {
        let help = |flag| Setting::of_flag(flag).expect("a flag of a setting").help();
        assert_eq!(help("color"), "When to use colour [variable: `FEEDGATE_COLOR`, default: auto]");
        let schemas = "[variable: `FEEDGATE_SCHEMAS`, default: `~/.local/share/feedgate/schemas`]";
        assert!(help("schemas").ends_with(schemas), "{}", help("schemas"));
        assert!(Setting::of_flag("dry-run").is_none());
    }

    #[test]
    fn choices_tell_their_words() {
        assert_eq!(Setting::known("telemetry.export").accepted(), "auto, on or off");
        assert_eq!(Setting::known("telemetry.export").words(), ["auto", "on", "off"]);
        assert_eq!(Setting::known("limits.tag_bytes_max").accepted(), "size");
    }

    #[test]
    fn a_value_that_counts_nothing_is_told_what_is_counted() {
        let says = |key| Setting::known(key).explained("`abc` is none".into()).to_string();
        assert_eq!(
            says("limits.depth_max"),
            "`abc` is none: `limits.depth_max` is a number, elements open at one time, such as `256`"
        );
        assert_eq!(
            says("limits.record_bytes_max"),
            "`abc` is none: `limits.record_bytes_max` is a size, bytes of one record, such as `16MiB`"
        );
        assert!(says("held.keep").ends_with("is a time, how long held feeds are kept, such as `14d`"));
        assert_eq!(says("report"), "`abc` is none", "words are listed already");
    }
}
