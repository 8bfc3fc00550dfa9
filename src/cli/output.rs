//! Standard output and standard error; the only prints of the program.

use crate::config::{ColorChoice, Environment, ReportForm, Settings};
use crate::judgement::Failure;
use crate::report::escape::clean;
use crate::report::{Paint, Summary};
use crate::telemetry::{self, Gravity};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// How much of a report waits before it is written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Standard output for a report.
pub(super) fn results() -> BufWriter<Stdout> {
    BufWriter::with_capacity(BUFFER_BYTES, io::stdout())
}

/// Writes a result.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Tells something that is no result.
pub(super) fn notice(text: &str) {
    let sentence = text.strip_prefix("notice: ").unwrap_or(text);
    if !telemetry::tell(Gravity::Notice, sentence) {
        say(text);
    }
}

/// Writes a line to standard error, also when the log is over.
pub(super) fn say(text: &str) {
    // Nobody is left to tell that telling failed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells an error with all its causes, a line for each.
pub(super) fn error(error: &anyhow::Error) {
    if !telemetry::tell(Gravity::Error, &one_line(error)) {
        say(&described(error.chain().map(ToString::to_string)));
    }
}

/// Tells why something could not be done, with all its causes.
pub(super) fn failure(failure: &Failure) {
    if !telemetry::tell(Gravity::Error, &failure.one_line()) {
        say(&described(failure.causes.iter().cloned()));
    }
}

fn described(causes: impl Iterator<Item = String>) -> String {
    let told: Vec<_> = causes.map(|cause| lines(&cause)).collect();
    format!("error: {}", told.join("\n  because: "))
}

/// Line breaks stay, so that an error may be a list; everything else is made harmless.
pub(super) fn lines(text: &str) -> String {
    text.trim_end().lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// A failure told in one line, for reports.
pub(super) fn one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Whether all that happened is that nobody reads standard output any more.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(closed)
}

/// The last word on standard error, where the report itself has none for people.
pub(super) fn closing(settings: &Settings, summary: &Summary) {
    let told = summary.findings_told;
    let found: u64 = summary.tally.findings.values().sum();
    if settings.report != ReportForm::Text && found > told {
        notice(&format!("notice: {} deviations more were counted and are not listed", found - told));
    }
    if settings.report == ReportForm::Lines {
        let (status, tally) = (summary.status, &summary.tally);
        notice(&format!(
            "{}, {} read, {} refused, {}; exit status {}: {}",
            counted(summary.all_feeds(), "feed"),
            counted(tally.records, "record"),
            tally.refused,
            counted(found, "deviation"),
            status.exit_status(),
            status.meaning()
        ));
    }
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Whether text on standard output is coloured.
pub(super) fn paint(choice: ColorChoice, environment: &Environment) -> Paint {
    let colored = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => io::stdout().is_terminal() && !environment.forbids_color(),
    };
    if colored { Paint::Colored } else { Paint::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn an_error_is_told_with_its_causes_and_commands_no_terminal() {
        let error = anyhow!("no \x1b[31m such\n  feed").context("cannot do it");
        assert_eq!(
            described(error.chain().map(ToString::to_string)),
            "error: cannot do it\n  because: no \\u{1b}[31m such\n  feed"
        );
        assert_eq!(one_line(&anyhow!("b").context("a")), "a: b");
    }

    #[test]
    fn only_a_closed_pipe_is_one() {
        let of = |kind| is_closed_pipe(&anyhow::Error::new(io::Error::from(kind)));
        assert!(of(io::ErrorKind::BrokenPipe));
        assert!(!of(io::ErrorKind::NotFound));
    }
}
