//! The report for people.
//!
//! ```text
//! old.xml  small/1.0, 10 records
//! new.xml  small/1.0, 10 records
//! 1 added, 1 removed, 1 changed, 7 unchanged
//!
//! paths that change most
//!   1 record  price/amount   12.50 → 13.00 (A-1)
//!
//! changed A-1 “Sonate” (line 10 → 30)
//!   price[type=2]/amount: 12.50 → 13.00
//! ```

use super::super::counted;
use super::super::escape::{clean, shown};
use super::super::paint::Paint;
use super::super::summary_table::grouped;
use super::words::{Stretch, stretches};
use super::{PATHS_SHOWN_MAX, kind, named, notices};
use crate::diff::{Change, ChangeKind, DiffSummary, PathCount, RecordChange, RecordSpot};
use crate::judgement::Language;
use std::io::{self, Write};

/// How the text is written.
#[derive(Clone, Copy, Debug)]
pub struct TextForm {
    /// Colour.
    pub paint: Paint,
    /// The summary and nothing else.
    pub summary_only: bool,
}

/// Writes the `text` form.
///
/// # Errors
///
/// `out` cannot be written, or a change cannot be read.
pub fn write_text(
    out: &mut impl Write,
    form: TextForm,
    summary: &DiffSummary,
    changes: impl Iterator<Item = io::Result<RecordChange>>,
) -> io::Result<()> {
    head(out, form.paint, summary)?;
    if form.summary_only {
        return out.flush();
    }
    for change in changes {
        record(out, form.paint, &change?)?;
    }
    if summary.untold > 0 {
        writeln!(out, "\n{} more not shown (`--limit`)", counted(summary.untold, "record"))?;
    }
    out.flush()
}

fn head(out: &mut impl Write, paint: Paint, summary: &DiffSummary) -> io::Result<()> {
    for side in [&summary.old, &summary.new] {
        let name = paint.strong(&clean(&side.name));
        writeln!(out, "{name}: {}, {}", side.format, counted(side.records, "record"))?;
    }
    let DiffSummary { added, removed, changed, unchanged, ignored, .. } = summary;
    let ignored = match *ignored {
        0 => String::new(),
        ignored => format!(" ({} where it does not count)", grouped(ignored)),
    };
    let [added, removed, changed, unchanged] =
        [added, removed, changed, unchanged].map(|count| grouped(*count));
    writeln!(out, "{added} added, {removed} removed, {changed} changed, {unchanged} unchanged{ignored}")?;
    for notice in notices(Language::English, summary) {
        writeln!(out, "{}: {}", paint.notice("notice"), clean(&notice))?;
    }
    paths(out, paint, summary)
}

fn paths(out: &mut impl Write, paint: Paint, summary: &DiffSummary) -> io::Result<()> {
    let paths = summary.by_count();
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.strong("paths that change most"))?;
    let shown_paths = &paths[..paths.len().min(PATHS_SHOWN_MAX)];
    let count = |count: &PathCount| counted(count.records, "record");
    let width = shown_paths.iter().map(|(_, each)| count(each).len()).max().unwrap_or_default();
    for (path, each) in shown_paths {
        let example = each.examples.first().map(|(key, old, new)| {
            format!("{} ({})", arrow(paint, old.as_deref(), new.as_deref()), shown(key))
        });
        let example = paint.faint(&example.map(|example| format!("  {example}")).unwrap_or_default());
        writeln!(out, "  {:>width$}  {}{example}", count(each), clean(path))?;
    }
    match paths.len() - shown_paths.len() {
        0 => Ok(()),
        more => writeln!(out, "  and {more} paths more"),
    }
}

fn record(out: &mut impl Write, paint: Paint, change: &RecordChange) -> io::Result<()> {
    let word = kind(change);
    let word = match change.kind {
        ChangeKind::Added => paint.came(word),
        ChangeKind::Changed => paint.notice(word),
        ChangeKind::Removed => paint.mark(word),
    };
    let line = |spot: &RecordSpot| spot.line.to_string();
    let mut lines: Vec<String> = [&change.old, &change.new].into_iter().flatten().map(line).collect();
    lines.dedup();
    let lines = paint.faint(&format!("(line {})", lines.join(" → ")));
    writeln!(out, "\n{word} {} {lines}", paint.strong(&shown(&named(change))))?;
    change.changes.iter().try_for_each(|each| path(out, paint, each))
}

fn path(out: &mut impl Write, paint: Paint, change: &Change) -> io::Result<()> {
    let value = match (change.old.as_deref(), change.new.as_deref()) {
        (Some(old), Some(new)) => match stretches(old, new) {
            Some(stretches) => marked(paint, &stretches),
            None => arrow(paint, Some(old), Some(new)),
        },
        (old, new) => arrow(paint, old, new),
    };
    writeln!(out, "  {}: {value}", clean(&change.path))
}

/// `old → new`; what came has a plus, what went a minus.
fn arrow(paint: Paint, old: Option<&str>, new: Option<&str>) -> String {
    let told = |text: &str| if text.is_empty() { "(empty)".to_owned() } else { shown(text) };
    match (old, new) {
        (Some(old), Some(new)) => format!("{} → {}", paint.went(&told(old)), paint.came(&told(new))),
        (None, Some(new)) => paint.came(&format!("+ {}", told(new))),
        (Some(old), None) => paint.went(&format!("- {}", told(old))),
        (None, None) => String::new(),
    }
}

/// Words that went and came, marked by colour or, without it, by brackets.
fn marked(paint: Paint, stretches: &[Stretch]) -> String {
    let part = |stretch: &Stretch| match (stretch, paint) {
        (Stretch::Same(text), _) => clean(text).into_owned(),
        (Stretch::Old(text), Paint::Colored) => paint.went(&clean(text)),
        (Stretch::New(text), Paint::Colored) => paint.came(&clean(text)),
        (Stretch::Old(text), Paint::Plain) => format!("[-{}-]", clean(text)),
        (Stretch::New(text), Paint::Plain) => format!("{{+{}+}}", clean(text)),
    };
    stretches.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changes, summary};
    use super::*;

    fn written(form: TextForm, summary: &DiffSummary) -> String {
        let mut out = Vec::new();
        write_text(&mut out, form, summary, changes().into_iter().map(Ok)).expect("writes to memory");
        String::from_utf8(out).expect("text")
    }

    const PLAIN: TextForm = TextForm { paint: Paint::Plain, summary_only: false };

    #[test]
    fn the_summary_comes_first_then_the_records() {
        let expected = "\
old.xml: small/1.0, 10 records
new.xml: small/1.0, 10 records
1 added, 1 removed, 1 changed, 7 unchanged (2 where it does not count)
notice: new.xml: 2 records with a key that stands more than once, such as `D-4` on line 0; they are not compared

paths that change most
  1 record  @new  + yes (A-1)
  1 record  price/amount  12.50 → 13.00 (A-1)

changed A-1 “Sonate” (line 10 → 30)
  price[type=2]/amount: 12.50 → 13.00
  text: An edition after the [-first-]{+second+} print, for teaching and[- for-] concerts of any size.
  @new: + yes

added B-2 (line 40)

removed <C>\\u{1b}[2J “Trio” (line 20)
";
        assert_eq!(written(PLAIN, &summary()), expected);
    }

    #[test]
    fn the_summary_may_be_all() {
        let text = written(TextForm { summary_only: true, ..PLAIN }, &summary());
        assert!(text.ends_with("price/amount  12.50 → 13.00 (A-1)\n"), "{text}");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let text = written(PLAIN, &DiffSummary { untold: 3, ..summary() });
        assert!(text.ends_with("\n3 records more not shown (`--limit`)\n"), "{text}");
    }

    #[test]
    fn colours_stand_where_the_terminal_has_them() {
        let text = written(TextForm { paint: Paint::Colored, ..PLAIN }, &summary());
        assert!(text.contains("\x1b[31mfirst\x1b[0m\x1b[32msecond\x1b[0m print"), "{text}");
    }
}
