//! The report to look at: one file without anything from elsewhere.

use super::words::{Stretch, stretches};
use super::{PATHS_SHOWN_MAX, counted, kind, named, notices};
use crate::diff::{Change, DiffSummary, PathCount, RecordChange};
use crate::report::filters;
use askama::Template;
use std::io::{self, Write};

/// What stands above the records.
#[derive(Template)]
#[template(path = "changes/head.html")]
struct DiffHead<'a> {
    summary: &'a DiffSummary,
    paths: Vec<(&'a str, &'a PathCount)>,
}

/// A record.
#[derive(Template)]
#[template(path = "changes/record.html")]
struct DiffRecord<'a> {
    record: &'a RecordChange,
}

/// What stands below them.
#[derive(Template)]
#[template(path = "changes/foot.html")]
struct DiffFoot {
    untold: Option<String>,
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
    let mut paths = summary.by_count();
    paths.truncate(PATHS_SHOWN_MAX);
    DiffHead { summary, paths }.write_into(out)?;
    for record in changes {
        DiffRecord { record: &record? }.write_into(out)?;
    }
    let untold = (summary.untold > 0).then(|| counted(summary.untold, "record"));
    DiffFoot { untold }.write_into(out)?;
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

    #[test]
    fn one_file_with_everything_escaped() {
        let mut out = Vec::new();
        write_html(&mut out, &summary(), changes().into_iter().map(Ok)).expect("writes to memory");
        let text = String::from_utf8(out).expect("text");
        for part in [
            "default-src 'none'",
            "name=\"viewport\"",
            "<li><b>7</b> unchanged</li>",
            "<td>price/amount</td><td><del>12.50</del> → <ins>13.00</ins>",
            "after the <del>first</del><ins>second</ins> print",
            "<h2>&#60;C&#62;\\u{1b}[2J “Trio” <span class=\"faint\">removed</span></h2>",
        ] {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
        for part in ["http://", "https://", "<script", "src=", "\u{1b}"] {
            assert!(!text.contains(part), "`{part}` is in {text}");
        }
    }
}
