//! The table at the end of a text report.

use super::escape::{clean, shown};
use super::paint::Paint;
use super::summary::{StateCounts, Summary};
use crate::judgement::Acceptance;
use std::fmt::Write;

/// Constructs named in the verdict; the rest is counted.
const NAMED_MAX: usize = 8;

/// Rows of two columns, aligned.
#[derive(Default)]
struct TableRows {
    rows: Vec<(String, String)>,
}

impl TableRows {
    fn number(&mut self, label: impl Into<String>, number: u64) {
        self.rows.push((label.into(), grouped(number)));
    }

    fn render(&self) -> String {
        let label_width = self.rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        let number_width = self.rows.iter().map(|(_, number)| number.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for (label, number) in &self.rows {
            let line = format!("{label:label_width$}  {number:>number_width$}");
            writeln!(text, "{}", line.trim_end()).expect("writes to memory");
        }
        text
    }
}

/// The summary as text, ending with the exit status and what it means.
pub(super) fn summary_table(summary: &Summary, paint: Paint) -> String {
    let mut text = counts(summary).render();
    let mut line = |label: &str, value: String| {
        writeln!(text, "\n{label:9}{value}").expect("writes to memory");
    };
    line("read", rate(summary));
    line("checked", checks(summary));
    if let Some(sentence) = summary.recognised.sentence() {
        line("known", sentence);
    }
    if let Some(run) = &summary.run {
        line("run", format!("{run}; see `feedgate runs {run}`"));
    }
    if let Some(trace) = &summary.trace {
        line("trace", shown(&trace.to_string()));
    }
    if let Some(why) = &summary.failure {
        line("failed", shown(why));
    }
    if summary.dry_run {
        line("dry run", "nothing was written".to_owned());
    }
    let status = format!("exit status {}: {}", summary.status.exit_status(), summary.status.meaning());
    line("verdict", paint.strong(&status));
    // One empty line above the block, none inside it.
    let mut lines = text.split("\n\n");
    let head = lines.next().unwrap_or_default().trim_end().to_owned();
    let tail: Vec<&str> = lines.map(str::trim_end).collect();
    format!("{head}\n\n{}\n", tail.join("\n"))
}

fn counts(summary: &Summary) -> TableRows {
    let (tally, mut rows) = (&summary.tally, TableRows::default());
    rows.number("feeds", summary.all_feeds());
    for (acceptance, label) in [
        (Acceptance::Failed, "  not readable"),
        (Acceptance::Cancelled, "  cancelled"),
        (Acceptance::Held, "  held for approval"),
    ] {
        if let count @ 1.. = summary.feeds(acceptance) {
            rows.number(label, count);
        }
    }
    if let Some(known) = summary.import.map(|import| import.feeds_known).filter(|known| *known > 0) {
        rows.number("  imported before, skipped", known);
    }
    rows.number("records read", tally.records);
    match &summary.import {
        Some(import) => {
            rows.number("  imported", import.imported);
            rows.number("  unchanged", import.unchanged);
            rows.number("  withdrawn", import.withdrawn);
            if import.stale > 0 {
                rows.number("  older, passed over", import.stale);
            }
        }
        None => rows.number("  accepted", tally.accepted),
    }
    rows.number("  refused", tally.refused);
    rows.number("deviations", tally.findings.values().sum());
    let mut codes: Vec<_> =
        tally.findings.iter().map(|((code, severity), count)| (*severity, *count, *code)).collect();
    codes.sort_by_key(|(severity, count, code)| (std::cmp::Reverse((*severity, *count)), *code));
    for (severity, count, code) in codes {
        rows.number(format!("  {:7} {}", severity.to_string(), clean(code)), count);
    }
    rows
}

fn rate(summary: &Summary) -> String {
    let megabytes = summary.tally.bytes as f64 / 1e6;
    let seconds = summary.elapsed.as_secs_f64();
    format!("{megabytes:.1} MB in {seconds:.1} s, {:.1} MB/s", summary.megabytes_per_second())
}

fn checks(summary: &Summary) -> String {
    let mut parts: Vec<String> = summary
        .checks
        .iter()
        .map(|(check, counts)| format!("{} {}", check.as_str(), states(counts)))
        .collect();
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    let names = |intro: &str, set: &std::collections::BTreeSet<String>| {
        let named: Vec<_> = set.iter().take(NAMED_MAX).map(|name| clean(name).into_owned()).collect();
        let more = set.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!named.is_empty()).then(|| format!("{intro}: {}{more}", named.join(", ")))
    };
    parts.extend(names("not checked by the engine", &summary.checks.unchecked));
    parts.extend(names("skipped", &summary.checks.skipped));
    parts.extend(names("not done", &summary.checks.not_done));
    parts.join("; ")
}

fn states(counts: StateCounts) -> String {
    let numbers = counts.numbers();
    let all: u64 = numbers.iter().sum();
    let named = numbers.into_iter().zip(StateCounts::WORDS).filter(|(count, _)| *count > 0);
    let word = |(count, word): (u64, &str)| {
        if all == 1 { word.to_owned() } else { format!("{} {word}", grouped(count)) }
    };
    named.map(word).collect::<Vec<_>>().join(", ")
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How often, in words.
pub(super) fn times(total: u64, records: u64) -> String {
    match (total, records) {
        (1, _) => "once".to_owned(),
        (total, 0) => format!("{} times", grouped(total)),
        (total, 1) => format!("{} times in 1 record", grouped(total)),
        (total, records) => format!("{} times in {} records", grouped(total), grouped(records)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ImportCounts;
    use super::super::summary::RecognisedFeeds;
    use super::super::testing::feed_end;
    use super::*;
    use std::time::Duration;

    fn summary() -> Summary {
        let end = feed_end("a.xml");
        let mut summary = Summary {
            tally: end.tally.clone(),
            verdicts: [(Acceptance::Deviations, 1)].into(),
            elapsed: Duration::from_millis(500),
            status: Acceptance::Deviations,
            ..Summary::default()
        };
        summary.checks.add(&end);
        summary
    }

    #[test]
    fn a_validation_ends_with_its_table() {
        let expected = "\
feeds                                1
records read                        50
  accepted                          48
  refused                            2
deviations                           2
  error   cvc-datatype-valid.1.2.1   2

read     5.0 MB in 0.5 s, 10.0 MB/s
checked  well-formed passed; schema failed; rules partly; not checked by the engine: xs:assert
verdict  exit status 1: deviations at error severity
";
        assert_eq!(summary_table(&summary(), Paint::Plain), expected);
    }

    #[test]
    fn an_import_tells_what_became_of_the_records() {
        let import = ImportCounts {
            imported: 40,
            unchanged: 7,
            withdrawn: 1,
            stale: 3,
            quarantined: 2,
            feeds_known: 1,
        };
        let summary = Summary {
            import: Some(import),
            verdicts: [(Acceptance::Deviations, 1), (Acceptance::Failed, 1), (Acceptance::Held, 2)].into(),
            recognised: RecognisedFeeds { count: 1, since: Some("2026-11-23T04:03:51.123Z".to_owned()) },
            run: Some("12".to_owned()),
            dry_run: true,
            ..summary()
        };
        let expected = "\
feeds                                4
  not readable                       1
  held for approval                  2
  imported before, skipped           1
records read                        50
  imported                          40
  unchanged                          7
  withdrawn                          1
  older, passed over                 3
  refused                            2
deviations                           2
  error   cvc-datatype-valid.1.2.1   2

read     5.0 MB in 0.5 s, 10.0 MB/s
checked  well-formed passed; schema failed; rules partly; not checked by the engine: xs:assert
known    1 feed was recognised by the bytes, told as judged at 2026-11-23T04:03:51.123Z (`--revalidate` reads it)
run      12; see `feedgate runs 12`
dry run  nothing was written
verdict  exit status 1: deviations at error severity
";
        assert_eq!(summary_table(&summary, Paint::Plain), expected);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
