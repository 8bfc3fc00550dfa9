//! What `drift` found, for people and for programs.
//!
//! JSON lines, in the conventions of the report of a run:
//!
//! * `drift_started`, first line: `program`, `feed`, `format`, `records`, `against` (names of feeds), `learning` (feeds
//!   that are known, while they are too few)
//! * `path`, where a feed stands alone: `kind` (of the records), `path`, `records`, `share`, `instances`, `classes`
//!   (`class`, `texts`), `values` (`value`, `texts`; `null` where they are too many), `longest`
//! * `drift`, what is not as it was: `code`, `certainty` (`certain`, `possible`), `kind`, `path`, `sentence`,
//!   `expected`, `observed`, `affected`, `first` (`ordinal`, `line`, `key`), `series`, `now`, `folded`
//! * `drift_summary`, last line: `told`, `more`, `possible`, `exit_status`

use super::escape::clean;
use super::json::write_line;
use crate::drift::{Certainty, Drift, Judgement, KindProfile, PathProfile, Profile, RecordKind, Texts};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The feed that was looked at, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// Name of the feed.
    pub feed: &'a str,
    /// Its format.
    pub format: &'a str,
    /// What it looks like.
    pub profile: &'a Profile,
    /// Names of the feeds before.
    pub against: &'a [String],
}

/// Values of a path that are shown in a line.
const VALUES_SHOWN_MAX: usize = 5;

/// Writes the drifts of a feed for people.
///
/// # Errors
///
/// `out` cannot be written.
pub fn write_text(out: &mut impl Write, looked: Looked<'_>, judged: &Judgement) -> io::Result<()> {
    let Looked { feed, format, profile, against } = looked;
    let feeds = counted(against.len(), "feed", "feeds");
    let drifts = if judged.drifts() == 0 {
        "no drift".to_owned()
    } else {
        counted(judged.drifts(), "drift", "drifts")
    };
    let records = counted(profile.records, "record", "records");
    writeln!(out, "{} ({format}, {records}) against {feeds}: {drifts}", clean(feed))?;
    if let Some(known) = judged.learning() {
        writeln!(out, "learning, {known} of {}: what is rare can be chance", crate::drift::LEARNING_RUNS)?;
    }
    for drift in &judged.told {
        write_drift(out, drift)?;
    }
    if judged.more > 0 {
        writeln!(out, "\nand {} more", judged.more)?;
    }
    if !judged.possible.is_empty() {
        writeln!(out, "\npossible, and not told elsewhere:")?;
    }
    for drift in &judged.possible {
        writeln!(out, "  {}  {}", drift.kind.code(), clean(&drift.sentence))?;
    }
    out.flush()
}

fn write_drift(out: &mut impl Write, drift: &Drift) -> io::Result<()> {
    writeln!(out, "\n{}\n  {}", drift.kind.code(), clean(&drift.sentence))?;
    if drift.folded > 0 {
        writeln!(out, "  with {} below", counted(drift.folded, "path", "paths"))?;
    }
    if let Some(first) = &drift.first {
        let place = first.place.as_ref().map_or_else(String::new, |place| {
            let key = if place.key.is_empty() { String::new() } else { format!(" ({})", clean(&place.key)) };
            format!("{key}, line {}", place.line)
        });
        writeln!(out, "  first in record {}{place}", first.ordinal)?;
    }
    let line = sparkline(&drift.series, drift.now);
    if line.is_empty() { Ok(()) } else { writeln!(out, "  {line}") }
}

/// A line of eight heights: the feeds of the window, then this one behind a gap.
fn sparkline(series: &[Option<f64>], now: Option<f64>) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let Some(now) = now.filter(|_| !series.is_empty()) else { return String::new() };
    let most = series.iter().flatten().fold(now, |most, value| most.max(*value));
    let height = |value: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of seven")]
        let step = if most > 0.0 { (value / most * 7.0).round().clamp(0.0, 7.0) as usize } else { 0 };
        HEIGHTS[step]
    };
    let window = series.iter().map(|value| value.map_or(' ', height));
    window.chain([' ', height(now)]).collect()
}

/// Writes the drifts of a feed for programs.
///
/// # Errors
///
/// `out` cannot be written.
pub fn write_json(
    out: &mut impl Write,
    looked: Looked<'_>,
    judged: &Judgement,
    exit_status: u8,
) -> io::Result<()> {
    write_line(out, &started(looked, judged.learning()))?;
    for drift in judged.told.iter().chain(&judged.possible) {
        write_line(out, &drift_fields(drift))?;
    }
    let summary = json!({
        "type": "drift_summary",
        "told": judged.told.len(),
        "more": judged.more,
        "possible": judged.possible.len(),
        "exit_status": exit_status,
    });
    write_line(out, &summary)?;
    out.flush()
}

fn started(looked: Looked<'_>, learning: Option<usize>) -> Value {
    json!({
        "type": "drift_started",
        "program": concat!("feedgate ", env!("CARGO_PKG_VERSION")),
        "feed": looked.feed,
        "format": looked.format,
        "records": looked.profile.records,
        "against": looked.against,
        "learning": learning,
    })
}

fn drift_fields(drift: &Drift) -> Value {
    let Drift {
        kind,
        subject,
        certainty,
        sentence,
        expected,
        observed,
        affected,
        first,
        series,
        now,
        folded,
    } = drift;
    let certainty = match certainty {
        Certainty::Certain => "certain",
        Certainty::Possible => "possible",
    };
    json!({
        "type": "drift",
        "code": kind.code(),
        "certainty": certainty,
        "kind": subject.kind.map(RecordKind::as_str),
        "path": subject.path,
        "sentence": sentence,
        "expected": expected,
        "observed": observed,
        "affected": affected,
        "first": first,
        "series": series,
        "now": now,
        "folded": folded,
    })
}

/// Writes what a feed looks like for people: a line for each path.
///
/// # Errors
///
/// `out` cannot be written.
pub fn write_profile_text(out: &mut impl Write, looked: Looked<'_>) -> io::Result<()> {
    let Looked { feed, format, profile, .. } = looked;
    let records = counted(profile.records, "record", "records");
    writeln!(out, "{} ({format}, {records}, {} paths)", clean(feed), profile.paths())?;
    for (kind, records) in &profile.kinds {
        writeln!(out, "\n{}, {} looked at", kind.as_str(), counted(records.records, "record", "records"))?;
        for (path, at) in records.paths.iter().filter(|(path, _)| !path.is_empty()) {
            let share = at.records as f64 / records.records.max(1) as f64 * 100.0;
            writeln!(out, "  {share:>5.1} %  {}{}", clean(path), seen_there(at.texts.as_ref()))?;
        }
    }
    if profile.beyond > 0 {
        writeln!(out, "\n{} elements and attributes beyond the limits are not looked at", profile.beyond)?;
    }
    out.flush()
}

/// Classes and values of texts, in a few words.
fn seen_there(texts: Option<&Texts>) -> String {
    let Some(texts) = texts else { return String::new() };
    let mut classes: Vec<_> = texts.classes.iter().collect();
    classes.sort_by_key(|(class, count)| (std::cmp::Reverse(count.count), **class));
    let classes: Vec<_> = classes.iter().take(2).map(|(class, _)| class.as_str()).collect();
    let values = texts.vocabulary.as_ref().filter(|values| values.len() <= VALUES_SHOWN_MAX);
    let shown = |value: &str| format!("`{}`", clean(value));
    let values: Vec<_> = values.iter().flat_map(|values| values.keys()).map(|value| shown(value)).collect();
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    format!("  {}{values}", classes.join(", "))
}

/// Writes what a feed looks like for programs.
///
/// # Errors
///
/// `out` cannot be written.
pub fn write_profile_json(out: &mut impl Write, looked: Looked<'_>) -> io::Result<()> {
    write_line(out, &started(looked, None))?;
    for (kind, records) in &looked.profile.kinds {
        for (path, at) in &records.paths {
            write_line(out, &path_fields((*kind, records), path, at))?;
        }
    }
    out.flush()
}

fn path_fields((kind, records): (RecordKind, &KindProfile), path: &str, at: &PathProfile) -> Value {
    let texts = at.texts.as_ref();
    let classes = texts.iter().flat_map(|texts| &texts.classes);
    let classes: Vec<Value> =
        classes.map(|(class, count)| json!({ "class": class.as_str(), "texts": count.count })).collect();
    let values = texts.and_then(|texts| texts.vocabulary.as_ref()).map(|values| {
        let values = values.iter().map(|(value, count)| json!({ "value": value, "texts": count.count }));
        values.collect::<Vec<Value>>()
    });
    json!({
        "type": "path",
        "kind": kind.as_str(),
        "path": path,
        "records": at.records,
        "share": at.records as f64 / records.records.max(1) as f64,
        "instances": at.instances,
        "classes": classes,
        "values": values,
        "longest": texts.map(|texts| texts.longest),
    })
}

fn counted<N: Copy + PartialEq + From<u8> + std::fmt::Display>(count: N, one: &str, many: &str) -> String {
    format!("{count} {}", if count == N::from(1) { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_where_a_share_went() {
        assert_eq!(sparkline(&[Some(1.0), None, Some(0.5)], Some(0.0)), "█ ▅ ▁");
        assert_eq!(sparkline(&[Some(0.0)], Some(0.0)), "▁ ▁");
        assert_eq!(sparkline(&[], Some(1.0)), "");
    }
}
