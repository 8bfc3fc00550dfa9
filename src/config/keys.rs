//! Every setting there is, with its default: the one list that file, environment and help share.

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Name in the file, sections separated by dots, and behind `--set`.
    pub name: &'static str,
    /// Value when nothing is said, as it would be written.
    pub default: &'static str,
    /// What it decides, for the documentation.
    pub about: &'static str,
}

impl Key {
    /// The key of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// The environment variable that sets it: `limits.ratio_max` is `FEEDGATE_LIMITS_RATIO_MAX`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("FEEDGATE_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The known name nearest to an unknown one, when one is near.
    #[must_use]
    pub fn nearest(name: &str) -> Option<&'static str> {
        let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
        let near = |key: &Self| {
            let whole = strsim::jaro_winkler(name, key.name);
            let part = strsim::jaro_winkler(name, last(key.name));
            (whole.max(part), key.name)
        };
        let best = KEYS.iter().map(near).max_by(|a, b| a.0.total_cmp(&b.0))?;
        (best.0 > 0.8).then_some(best.1)
    }
}

const fn key(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key { name, default, about }
}

/// The settings, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key("database", "sqlite://feedgate.db", "address of the shop database"),
    key("schemas", "", "folder with installed schema documents and formats of your own"),
    key(
        "report",
        "text",
        "form of the report on standard output: text, lines, json, junit, sarif, gitlab or html",
    ),
    key("report_file.text", "", "file that gets the text report as well"),
    key("report_file.lines", "", "file that gets a line per deviation as well"),
    key("report_file.json", "", "file that gets the JSON report as well"),
    key("report_file.junit", "", "file that gets the JUnit report as well"),
    key("report_file.sarif", "", "file that gets the SARIF report as well"),
    key("report_file.gitlab", "", "file that gets the GitLab Code Quality report as well"),
    key("report_file.html", "", "file that gets the report as a page as well"),
    key("progress", "auto", "progress on standard error: auto, plain or none"),
    key("color", "auto", "colour in the text report: auto, always or never"),
    key("samples", "3", "samples shown of each group of equal deviations"),
    key("threads", "0", "feeds worked on at a time; 0 takes one for each core"),
    key("import.lease", "60s", "how long an import counts as alive after its last sign of life, at least 5s"),
    key(
        "trace_url",
        "",
        "page that shows a trace, with {trace_id} and, if it likes, {span_id} in its address",
    ),
    key(
        "telemetry.export",
        "auto",
        "traces, metrics and logs to a collector: auto (when OTEL_EXPORTER_OTLP_ENDPOINT names one), on or off",
    ),
    key("telemetry.deviations", "both", "deviations as spans, logs or both"),
    key(
        "telemetry.budget",
        "200",
        "failed records of one feed that are told to the collector; all are counted",
    ),
    key("telemetry.equal", "20", "those among them that may fail in the same way"),
    key("telemetry.deadline", "5s", "how long the end of the program waits for the collector"),
    key(
        "log.form",
        "auto",
        "log on standard error: plain (notices and errors), text or json (all, with ids); auto is plain at a \
         terminal or without a collector, else text",
    ),
    key("log.level", "info", "the log in text or json, and to the collector: error, warn, info or debug"),
    key("limits.findings_max", "1000000", "deviations of one feed that are told; all are counted"),
    key("limits.record_findings_max", "200", "deviations of one record that are told; all are counted"),
    key("limits.decoded_bytes_max", "16GiB", "bytes of one feed after decompression"),
    key("limits.ratio_max", "250", "bytes after decompression for each byte delivered"),
    key("limits.ratio_free_bytes", "16MiB", "decoded bytes that are free of the ratio cap"),
    key("limits.record_bytes_max", "16MiB", "bytes of one record"),
    key("limits.depth_max", "256", "elements open at one time"),
    key("limits.attributes_max", "256", "attributes of one start tag"),
    key("limits.tag_bytes_max", "256KiB", "bytes of one tag"),
    key("limits.text_bytes_max", "16MiB", "bytes of one piece of text"),
    key("limits.comment_bytes_max", "1MiB", "bytes of one comment or processing instruction"),
    key("limits.name_bytes_max", "1KiB", "bytes of one name, reference or namespace name"),
    key("limits.bindings_max", "1024", "namespace declarations in scope at one time"),
    key("limits.namespaces_max", "1024", "different namespace names in one feed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_also_as_variables() {
        let names: std::collections::HashSet<_> = KEYS.iter().map(Key::variable).collect();
        assert_eq!(names.len(), KEYS.len());
        let key = Key::find("limits.ratio_max").expect("a key");
        assert_eq!(key.variable(), "FEEDGATE_LIMITS_RATIO_MAX");
    }

    #[test]
    fn a_slip_finds_its_key_and_nonsense_finds_none() {
        assert_eq!(Key::nearest("databse"), Some("database"));
        assert_eq!(Key::nearest("ratio_max"), Some("limits.ratio_max"));
        assert_eq!(Key::nearest("limits.ratiomax"), Some("limits.ratio_max"));
        assert_eq!(Key::nearest("qqqq"), None);
    }
}
