//! The report to look at: one file without anything from elsewhere.

use super::super::escape::clean;
use super::words::{Stretch, stretches};
use super::{PATHS_SHOWN_MAX, counted, named, notices};
use crate::diff::{Change, ChangeKind, DiffSummary, RecordChange};
use std::io::{self, Write};

const STYLE: &str = "\
:root{color-scheme:light dark;--old:#b3261e;--new:#1b6e3c;--line:#8884;--faint:#666}\
@media(prefers-color-scheme:dark){:root{--old:#ff9a92;--new:#7fd6a0;--faint:#aaa}}\
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:60rem}\
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}\
.counts{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;padding:0;list-style:none}\
.counts b{font-size:1.4rem;display:block}\
.wide{overflow-x:auto}table{border-collapse:collapse}\
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top}\
dt{font-family:ui-monospace,monospace;font-size:.9rem;overflow-wrap:anywhere}\
dd{margin:0 0 .5rem 1rem;overflow-wrap:anywhere}\
del{color:var(--old)}ins{color:var(--new);text-decoration:none;font-weight:600}\
.faint{color:var(--faint);font-size:.9rem}section{border-top:1px solid var(--line)}";

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
    let title = format!("{} → {}", escaped(&summary.old.name), escaped(&summary.new.name));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    )?;
    head(out, summary)?;
    for change in changes {
        record(out, &change?)?;
    }
    if summary.untold > 0 {
        writeln!(out, "<p>{} more not shown.</p>", counted(summary.untold, "record"))?;
    }
    writeln!(out, "</body>\n</html>")?;
    out.flush()
}

fn head(out: &mut impl Write, summary: &DiffSummary) -> io::Result<()> {
    writeln!(out, "<ul class=\"counts\">")?;
    let counts = [
        (summary.added, "added"),
        (summary.removed, "removed"),
        (summary.changed, "changed"),
        (summary.unchanged, "unchanged"),
    ];
    for (count, word) in counts {
        writeln!(out, "<li><b>{count}</b> {word}</li>")?;
    }
    writeln!(out, "</ul>")?;
    for notice in notices(summary) {
        writeln!(out, "<p>Notice: {}</p>", escaped(&notice))?;
    }
    let paths = summary.by_count();
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Paths that change most</h2>\n<div class=\"wide\"><table>")?;
    writeln!(
        out,
        "<tr><th scope=\"col\">Records</th><th scope=\"col\">Path</th><th scope=\"col\">Example</th></tr>"
    )?;
    for (path, count) in paths.iter().take(PATHS_SHOWN_MAX) {
        let example = count.examples.first().map(|(key, old, new)| {
            format!(
                "{} <span class=\"faint\">{}</span>",
                versions(old.as_deref(), new.as_deref()),
                escaped(key)
            )
        });
        let example = example.unwrap_or_default();
        writeln!(out, "<tr><td>{}</td><td>{}</td><td>{example}</td></tr>", count.records, escaped(path))?;
    }
    writeln!(out, "</table></div>")
}

fn record(out: &mut impl Write, change: &RecordChange) -> io::Result<()> {
    let word = match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    writeln!(out, "<section>\n<h2>{} <span class=\"faint\">{word}</span></h2>", escaped(&named(change)))?;
    if !change.changes.is_empty() {
        writeln!(out, "<dl>")?;
        change.changes.iter().try_for_each(|each| path(out, each))?;
        writeln!(out, "</dl>")?;
    }
    writeln!(out, "</section>")
}

fn path(out: &mut impl Write, change: &Change) -> io::Result<()> {
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    let words = old.zip(new).and_then(|(old, new)| stretches(old, new));
    let value = words.map_or_else(|| versions(old, new), |words| words.iter().map(stretch).collect());
    writeln!(out, "<dt>{}</dt><dd>{value}</dd>", escaped(&change.path))
}

fn stretch(stretch: &Stretch) -> String {
    match stretch {
        Stretch::Same(text) => escaped(text),
        Stretch::Old(text) => format!("<del>{}</del>", escaped(text)),
        Stretch::New(text) => format!("<ins>{}</ins>", escaped(text)),
    }
}

fn versions(old: Option<&str>, new: Option<&str>) -> String {
    let old = old.map(|text| format!("<del>{}</del>", escaped(text)));
    let new = new.map(|text| format!("<ins>{}</ins>", escaped(text)));
    [old, new].into_iter().flatten().collect::<Vec<_>>().join(" → ")
}

fn escaped(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
            "<h2>&lt;C&gt;\\u{1b}[2J “Trio” <span class=\"faint\">removed</span></h2>",
        ] {
            assert!(text.contains(part), "`{part}` is not in {text}");
        }
        for part in ["http://", "https://", "<script", "src=", "\u{1b}"] {
            assert!(!text.contains(part), "`{part}` is in {text}");
        }
    }
}
