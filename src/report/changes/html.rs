//! The report to look at: one file without anything from elsewhere.

use super::words::{Stretch, stretches};
use super::{PATHS_SHOWN_MAX, RECORDS, kind, name, notices};
use crate::diff::{Change, ChangeKind, DiffSummary, PathCount, RecordChange, RecordSpot};
use crate::judgement::Language;
use crate::report::filters;
use askama::Template;
use std::borrow::Borrow;
use std::io::{self, Write};

/// Records that are open from the beginning; the others are folded.
const RECORDS_OPEN: usize = 10;
/// Paths of a record that are named where it is folded.
const PATHS_NAMED_MAX: usize = 3;

/// What stands above the records.
#[derive(Template)]
#[template(path = "changes/head.html")]
struct DiffHead<'a> {
    /// It begins a page of its own, not a part of one.
    is_alone: bool,
    language: Language,
    summary: &'a DiffSummary,
    paths: Vec<(&'a str, &'a PathCount)>,
    /// Paths that are not listed.
    more: u64,
}

impl<'a> DiffHead<'a> {
    fn of(language: Language, summary: &'a DiffSummary, is_alone: bool) -> Self {
        let mut paths = summary.by_count();
        let more = paths.len().saturating_sub(PATHS_SHOWN_MAX) as u64;
        paths.truncate(PATHS_SHOWN_MAX);
        Self { is_alone, language, summary, paths, more }
    }

    fn title(&self) -> String {
        format!("{}: {} → {}", self.headline(), self.summary.old.name, self.summary.new.name)
    }

    /// What came, went and changed, in one sentence.
    fn headline(&self) -> String {
        let language = self.language;
        let kinds = self.kinds();
        let Some(((_, first, count), others)) = kinds.split_first() else {
            return language.pick("No record differs", "Kein Datensatz unterscheidet sich").to_owned();
        };
        let others = others.iter().map(|(_, name, count)| format!(", {} {name}", language.grouped(*count)));
        format!("{} {first}{}", self.counted(*count), others.collect::<String>())
    }

    fn counted(&self, number: impl Borrow<u64>) -> String {
        self.language.counted(*number.borrow(), RECORDS)
    }

    /// What is to be known of the two feeds beside their records.
    fn notices(&self) -> Vec<String> {
        notices(self.language, self.summary)
    }

    /// How many records there are of each kind that there is, with its name.
    fn kinds(&self) -> Vec<(&'static str, &'static str, u64)> {
        let DiffSummary { added, removed, changed, .. } = *self.summary;
        let all =
            [(ChangeKind::Changed, changed), (ChangeKind::Added, added), (ChangeKind::Removed, removed)];
        let some = all.into_iter().filter(|(_, count)| *count > 0);
        some.map(|(kind, count)| (name(Language::English, kind), name(self.language, kind), count)).collect()
    }

    /// What a search does not reach, where it does not reach all.
    fn cut(&self) -> String {
        let words = self.language.pick("more are not on this page", "weitere sind nicht auf dieser Seite");
        let more = |untold: u64| format!("{} {words}", self.language.grouped(untold));
        Some(self.summary.untold).filter(|untold| *untold > 0).map(more).unwrap_or_default()
    }

    fn totals(&self) -> [(&'static str, u64); 4] {
        let DiffSummary { added, removed, changed, unchanged, .. } = *self.summary;
        let name = |kind| name(self.language, kind);
        [
            (name(ChangeKind::Changed), changed),
            (name(ChangeKind::Added), added),
            (name(ChangeKind::Removed), removed),
            (self.language.pick("unchanged", "unverändert"), unchanged),
        ]
    }
}

/// A record.
#[derive(Template)]
#[template(path = "changes/record.html")]
struct DiffRecord<'a> {
    language: Language,
    record: &'a RecordChange,
    is_open: bool,
}

impl DiffRecord<'_> {
    /// What became of it.
    fn kind_name(&self) -> &'static str {
        name(self.language, self.record.kind)
    }

    /// Where it stands in both feeds.
    fn places(&self) -> String {
        let line = |spot: &RecordSpot| self.language.grouped(spot.line);
        let mut lines: Vec<_> =
            [&self.record.old, &self.record.new].into_iter().flatten().map(line).collect();
        lines.dedup();
        let word = self.language.pick("line", "Zeile");
        if lines.is_empty() { String::new() } else { format!("{word} {}: ", lines.join(" → ")) }
    }

    /// Which paths differ, in few words.
    fn gist(&self) -> String {
        let mut paths: Vec<&str> = Vec::new();
        for change in &self.record.changes {
            if !paths.contains(&&*change.general) {
                paths.push(&change.general);
            }
        }
        let more = paths.len().saturating_sub(PATHS_NAMED_MAX);
        paths.truncate(PATHS_NAMED_MAX);
        let more = match (more, self.language) {
            (0, _) => String::new(),
            (more, Language::English) => format!(" and {more} more"),
            (more, Language::German) => format!(" und {more} weitere"),
        };
        format!("{}{more}", paths.join(", "))
    }
}

/// What stands below them.
#[derive(Template)]
#[template(path = "changes/foot.html")]
struct DiffFoot {
    is_alone: bool,
    language: Language,
    untold: u64,
}

/// Writes the `html` form.
///
/// # Errors
///
/// `out` cannot be written, or a change cannot be read.
pub fn write_html(
    out: &mut impl Write,
    summary: &DiffSummary,
    changes: impl Iterator<Item = io::Result<RecordChange>>,
) -> io::Result<()> {
    write(out, Language::English, summary, changes, true)
}

/// Writes the same as a part of a page that has style and script: what stands in its `main`.
///
/// # Errors
///
/// `out` cannot be written, or a change cannot be read.
pub fn write_part(
    out: &mut impl Write,
    language: Language,
    summary: &DiffSummary,
    changes: impl Iterator<Item = io::Result<RecordChange>>,
) -> io::Result<()> {
    write(out, language, summary, changes, false)
}

fn write(
    out: &mut impl Write,
    language: Language,
    summary: &DiffSummary,
    changes: impl Iterator<Item = io::Result<RecordChange>>,
    is_alone: bool,
) -> io::Result<()> {
    DiffHead::of(language, summary, is_alone).write_into(out)?;
    for (at, record) in changes.enumerate() {
        DiffRecord { language, record: &record?, is_open: at < RECORDS_OPEN }.write_into(out)?;
    }
    DiffFoot { is_alone, language, untold: summary.untold }.write_into(out)?;
    out.flush()
}

/// The two versions of a text word by word, where that helps.
fn words(change: &Change) -> Option<Vec<Stretch>> {
    stretches(change.old.as_deref()?, change.new.as_deref()?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changes, summary};
    use super::*;
    use crate::report::page::testing::asks_for_nothing;

    #[test]
    fn one_file_with_everything_escaped() {
        let mut out = Vec::new();
        write_html(&mut out, &summary(), changes().into_iter().map(Ok)).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        for part in [
            "<h1>1 record changed, 1 added, 1 removed</h1>",
            "<dt>unchanged</dt><dd>7</dd>",
            "<td><del>12.50</del> → <ins>13.00</ins>",
            "after the <del>first</del><ins>second</ins> print",
            "line 10 → 30: price/amount, text, @new</span>",
            "<span class=\"kind removed\">removed</span> Trio <span class=\"quiet\">&#60;C&#62;\\u{1b}[2J</span></div>",
        ] {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
        asks_for_nothing(&text);
    }

    #[test]
    fn a_part_of_a_page_is_the_same_without_what_stands_around() {
        let written = |is_alone| {
            let mut out = Vec::new();
            write(&mut out, Language::English, &summary(), changes().into_iter().map(Ok), is_alone)
                .expect("writes to memory");
            String::from_utf8(out).expect("text")
        };
        let (alone, part) = (written(true), written(false));
        assert!(alone.contains(part.trim_end()), "{part}");
        for around in ["<!DOCTYPE", "<main>", "</main>", "<script>", "<style>"] {
            assert!(!part.contains(around), "{around}");
        }
    }

    #[test]
    fn a_part_of_a_page_may_be_german() {
        let mut out = Vec::new();
        write_part(&mut out, Language::German, &summary(), changes().into_iter().map(Ok))
            .expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        for part in [
            "<h1>1 Datensatz geändert, 1 neu, 1 entfallen</h1>",
            "<dt>unverändert</dt><dd>7</dd>",
            "Zeile 10 → 30: price/amount, text, @new</span>",
            "<span class=\"kind removed\">entfallen</span>",
        ] {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
        for english in ["Records", "changed<", "search:", "with an example", "notice"] {
            assert!(!text.contains(english), "{english}: {text}");
        }
    }

    #[test]
    fn a_value_that_was_emptied_is_seen() {
        let mut record = changes().swap_remove(0);
        record.changes[0].new = Some(String::new());
        let told = DiffRecord { language: Language::English, record: &record, is_open: false }
            .render()
            .expect("a page");
        assert!(told.contains("<del>12.50</del> → <ins><i>(empty)</i></ins>"), "{told}");
    }

    #[test]
    fn beyond_the_first_records_are_folded() {
        let record = || Ok(changes().swap_remove(0));
        let mut out = Vec::new();
        write_html(&mut out, &summary(), (0..RECORDS_OPEN + 5).map(|_| record())).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.matches("<details").count(), RECORDS_OPEN + 5);
        assert_eq!(text.matches("open=\"\"").count(), RECORDS_OPEN);
        asks_for_nothing(&text);
    }
}
