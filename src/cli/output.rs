//! Standard output and standard error; the only prints of the program.

use crate::config::{ColorChoice, Environment, ReportForm, Settings, redacted};
use crate::judgement::{Acceptance, Failure};
use crate::report::escape::{clean, json_safe};
use crate::report::{Paint, Summary};
use crate::telemetry::{Gravity, RunTelemetry, Telemetry};
use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

/// How much of a report waits before it is written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Standard output for a report.
pub(super) fn results() -> BufWriter<Stdout> {
    BufWriter::with_capacity(BUFFER_BYTES, io::stdout())
}

/// Writes a result.
pub(super) fn print(text: &str) -> io::Result<()> {
    print_bytes(text.as_bytes())
}

/// The same, of a form that was rendered.
pub(super) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// A value for programs, on a line of its own.
pub(super) fn json_line(value: &serde_json::Value) -> String {
    json_safe(&value.to_string()).into_owned() + "\n"
}

/// How much is told on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Verbosity {
    /// Errors.
    Quiet,
    /// Notices, too.
    #[default]
    Usual,
    /// What is done, too.
    Verbose,
}

/// That of the process: standard error is one, whoever writes to it.
static VERBOSITY: AtomicU8 = AtomicU8::new(Verbosity::Usual as u8);

/// From now on so much is told.
pub(super) fn speak(verbosity: Verbosity) {
    VERBOSITY.store(verbosity as u8, Ordering::Relaxed);
}

/// Whether this is told that is said at this verbosity and above.
fn tells(verbosity: Verbosity) -> bool {
    VERBOSITY.load(Ordering::Relaxed) >= verbosity as u8
}

/// Whether errors alone are told.
pub(super) fn is_quiet() -> bool {
    !tells(Verbosity::Usual)
}

/// Writes what is done to standard error, for who asked for it.
pub(super) fn detail(text: impl FnOnce() -> String) {
    if tells(Verbosity::Verbose) {
        write(&format!("verbose: {}", clean(&text())));
    }
}

/// Writes a line to standard error, unless errors alone are wanted there.
pub(super) fn notice(text: &str) {
    if !is_quiet() || text.starts_with("error") {
        write(text);
    }
}

fn write(text: &str) {
    // Nobody is left to tell that telling failed.
    let _ = writeln!(io::stderr().lock(), "{}", discreet(text));
}

/// The text without the passwords of addresses on the command line, wherever they stand there: an error repeats what it
/// is about, and an address may be in the wrong place.
pub(super) fn discreet(text: &str) -> Cow<'_, str> {
    // Whatever its bytes: a name of a file need not be text.
    let said = std::env::args_os().map(|said| said.to_string_lossy().into_owned());
    let said = said.filter(|said| said.contains("://"));
    said.fold(Cow::Borrowed(text), |text, said| match without_secrets(&text, &said) {
        Some(text) => Cow::Owned(text),
        None => text,
    })
}

/// The text without the secrets of one argument, when it repeats them.
fn without_secrets(text: &str, said: &str) -> Option<String> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let scheme = said.split("://").next()?;
    let start = scheme.rfind(|c| !is_scheme(c)).map_or(0, |at| at + 1);
    let (address, shown) = (&said[start..], redacted(&said[start..]));
    let mut found = text.replace(address, &shown);
    // A part of it may stand there alone, such as the folder of what was taken for a path.
    let same = address.chars().zip(shown.chars()).take_while(|(a, b)| a == b).count();
    let secret: String = address.chars().skip(same).take_while(|c| !matches!(c, '@' | '/' | '&')).collect();
    if shown != address && !secret.is_empty() {
        found = found.replace(&format!(":{secret}"), ":***").replace(&format!("={secret}"), "=***");
    }
    (found != text).then_some(found)
}

/// Tells how many there are of a list, where not all of them are listed.
pub(super) fn left_out(listed: usize, all: u64, noun: &str) {
    if listed as u64 != all {
        notice(&format!("notice: {listed} of {all} {noun} are listed: `--limit {all}` lists them all"));
    }
}

/// How many rows a list may have: at least one.
pub(super) fn limit(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(0) => Err("a list of nothing says nothing: give a number from 1".to_owned()),
        Ok(limit) => Ok(limit),
        Err(_) => Err(format!("a number from 1 to {} is wanted", u32::MAX)),
    }
}

/// The number of a run, an entry or a held feed.
pub(super) fn number(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err("numbers are counted from 1, as the list tells them".to_owned()),
    }
}

/// Writes an error with all its causes to standard error, a line for each.
pub(super) fn error(error: &anyhow::Error) {
    notice(&described(error.chain().map(ToString::to_string)));
}

/// Tells what is no result, for commands with telemetry: as events of their run where it writes standard error, as the
/// sentences of this module where not. Every part of the program holds the same.
#[derive(Clone, Default)]
pub(super) struct Messages(Arc<OnceLock<(Telemetry, Option<RunTelemetry>)>>, Tolerance);

/// Whether deviations and held feeds are no failure of the program.
#[derive(Clone, Debug, Default)]
struct Tolerance(Arc<AtomicBool>);

impl Messages {
    /// From now on there is a run of this command, once.
    pub(super) fn begin(&self, telemetry: Telemetry, command: &'static str) {
        self.0.get_or_init(|| {
            let run = telemetry.run(command);
            (telemetry, Some(run))
        });
    }

    /// From now on there are runs that come and go, for as long as the program does.
    pub(super) fn begin_process(&self, telemetry: Telemetry) {
        self.0.get_or_init(|| (telemetry, None));
    }

    fn tell(&self, gravity: Gravity, sentence: &str) -> bool {
        let sentence = &*discreet(sentence);
        match self.0.get() {
            Some((_, Some(run))) => run.tell(gravity, sentence),
            Some((telemetry, None)) => telemetry.tell(gravity, sentence),
            None => false,
        }
    }

    /// Whether there is somebody to hear of it.
    pub(super) fn is_begun(&self) -> bool {
        self.0.get().is_some()
    }

    /// Whether the program is there for runs that come and go.
    pub(super) fn is_of_process(&self) -> bool {
        matches!(self.0.get(), Some((_, None)))
    }

    /// What hears of the run.
    pub(super) fn run(&self) -> RunTelemetry {
        self.0.get().and_then(|(_, run)| run.clone()).unwrap_or_default()
    }

    /// What hears of everything.
    pub(super) fn telemetry(&self) -> Telemetry {
        self.0.get().map(|(telemetry, _)| telemetry.clone()).unwrap_or_default()
    }

    /// Whether standard error is the log's, line by line.
    pub(super) fn writes_lines(&self) -> bool {
        self.0.get().is_some_and(|(telemetry, _)| telemetry.writes_lines())
    }

    /// Tells something that is no result.
    pub(super) fn notice(&self, text: &str) {
        let sentence = text.strip_prefix("notice: ").unwrap_or(text);
        if !self.tell(Gravity::Notice, sentence) {
            notice(text);
        }
    }

    /// Tells an error with all its causes.
    pub(super) fn error(&self, failed: &anyhow::Error) {
        if !self.tell(Gravity::Error, &one_line(failed)) {
            error(failed);
        }
    }

    /// Tells why something could not be done, with all its causes.
    pub(super) fn failure(&self, failure: &Failure) {
        if !self.tell(Gravity::Error, &failure.one_line()) {
            notice(&described(failure.causes.iter().cloned()));
        }
    }

    /// From now on, refused records and held feeds are no failure of the program.
    pub(super) fn tolerate_deviations(&self) {
        self.1.0.store(true, Ordering::Relaxed);
    }

    /// The exit status of the program.
    pub(super) fn exit_status(&self, status: Acceptance) -> u8 {
        let is_tolerated = matches!(status, Acceptance::Deviations | Acceptance::Held);
        if is_tolerated && self.1.0.load(Ordering::Relaxed) { 0 } else { status.exit_status() }
    }

    /// Ends the run, sends what telemetry has left, and tells what of it was lost; once, on whatever way out.
    pub(super) fn end(&self, status: Acceptance) {
        let Some((telemetry, run)) = self.0.get() else { return };
        if let Some(run) = run {
            run.exits(self.exit_status(status));
            run.end(status);
        }
        if let Some(lost) = telemetry.flush() {
            notice(&format!("notice: {lost}"));
        }
    }

    /// The last word on standard error, where the report itself has none for people.
    pub(super) fn closing(&self, settings: &Settings, summary: &Summary) {
        let told = summary.findings_told;
        let found: u64 = summary.tally.findings.values().sum();
        if settings.report != ReportForm::Text && found > told {
            self.notice(&match found - told {
                1 => "notice: 1 deviation more was counted and is not listed".to_owned(),
                more => format!("notice: {more} deviations more were counted and are not listed"),
            });
        }
        if settings.report == ReportForm::Lines {
            let (status, tally) = (summary.status, &summary.tally);
            self.notice(&format!(
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
    fn a_password_in_the_wrong_place_is_not_repeated() {
        let case = |text: &str, said: &str| without_secrets(text, said).unwrap_or_else(|| text.to_owned());
        let said = "postgres://shop:geheim@db/shop";
        assert_eq!(
            case("no run `postgres://shop:geheim@db/shop`", said),
            "no run `postgres://shop:***@db/shop`"
        );
        assert_eq!(case("no folder `postgres://shop:geheim@db`", said), "no folder `postgres://shop:***@db`");
        let set = "--set=x.y=postgres://db/shop?password=geheim&sslmode=require";
        assert!(!case("`postgres://db/shop?password=geheim` is wrong", set).contains("geheim"));
        assert!(!case(set, set).contains("geheim"));
        assert_eq!(
            case("`https://shop.example/a:b`", "https://shop.example/a:b"),
            "`https://shop.example/a:b`"
        );
    }

    #[test]
    fn only_a_closed_pipe_is_one() {
        let of = |kind| is_closed_pipe(&anyhow::Error::new(io::Error::from(kind)));
        assert!(of(io::ErrorKind::BrokenPipe));
        assert!(!of(io::ErrorKind::NotFound));
    }
}
