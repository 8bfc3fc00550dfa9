//! What `diff` found, told in one of three forms.
//!
//! ```text
//!  Compared ─▶ summary, changes ─┬ text   for people: the summary first, then a heading for each record
//!                                ├ json   JSON lines, a change event each, the summary last
//!                                └ html   one file to look at, nothing else needed
//! ```

mod html;
mod json;
mod text;
mod words;

pub use html::{write_html, write_part};
pub use json::write_json;
pub use text::{TextForm, write_text};

use super::counted;
use crate::diff::{ChangeKind, DiffSummary, RecordChange};

/// Paths of the summary that are listed.
const PATHS_SHOWN_MAX: usize = 20;

/// The record by key and title.
fn named(change: &RecordChange) -> String {
    match &change.title {
        Some(title) => format!("{} \u{201c}{title}\u{201d}", change.key),
        None => change.key.clone(),
    }
}

/// What became of a record.
fn kind(change: &RecordChange) -> &'static str {
    match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    }
}

/// What is to be known of the two feeds beside their records.
fn notices(summary: &DiffSummary) -> Vec<String> {
    let mut notices = Vec::new();
    let (old, new) = (&summary.old, &summary.new);
    if old.format != new.format {
        notices.push(format!("the feeds are of two versions: {} and {}", old.format, new.format));
    } else if old.namespace != new.namespace {
        let named =
            |namespace: &str| if namespace.is_empty() { "none".to_owned() } else { format!("`{namespace}`") };
        notices.push(format!(
            "the namespaces differ: {} and {}",
            named(&old.namespace),
            named(&new.namespace)
        ));
    }
    for side in [old, new] {
        let unmatched = &side.unmatched;
        if unmatched.missing_keys_count > 0 {
            let lines: Vec<String> =
                unmatched.missing_keys.iter().take(3).map(|spot| spot.line.to_string()).collect();
            notices.push(format!(
                "{}: {} without a key, such as on line {}; they are not compared",
                side.name,
                counted(unmatched.missing_keys_count, "record"),
                lines.join(", ")
            ));
        }
        if let Some((key, spot)) = unmatched.duplicates.first() {
            notices.push(format!(
                "{}: {} with a key that stands more than once, such as `{key}` on line {}; they are not compared",
                side.name,
                counted(unmatched.duplicates_count, "record"),
                spot.line
            ));
        }
    }
    notices
}

#[cfg(test)]
mod testing {
    //! A comparison made by hand.

    use crate::diff::{
        Change, ChangeKind, DiffSide, DiffSummary, PathCount, RecordChange, RecordSpot, Unmatched,
    };
    use std::collections::BTreeMap;

    pub(super) fn changes() -> Vec<RecordChange> {
        let spot = |ordinal| Some(RecordSpot { ordinal, line: ordinal * 10 });
        let change = |path: &str, general: &str, old: Option<&str>, new: Option<&str>| Change {
            path: path.to_owned(),
            general: general.to_owned(),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        vec![
            RecordChange {
                kind: ChangeKind::Changed,
                key: "A-1".to_owned(),
                title: Some("Sonate".to_owned()),
                old: spot(1),
                new: spot(3),
                changes: vec![
                    change("price[type=2]/amount", "price/amount", Some("12.50"), Some("13.00")),
                    change(
                        "text",
                        "text",
                        Some("An edition after the first print, for teaching and for concerts of any size."),
                        Some("An edition after the second print, for teaching and concerts of any size."),
                    ),
                    change("@new", "@new", None, Some("yes")),
                ],
                source: Some("<item/>".to_owned()),
            },
            RecordChange {
                kind: ChangeKind::Added,
                key: "B-2".to_owned(),
                title: None,
                old: None,
                new: spot(4),
                changes: Vec::new(),
                source: None,
            },
            RecordChange {
                kind: ChangeKind::Removed,
                key: "<C>\u{1b}[2J".to_owned(),
                title: Some("Trio".to_owned()),
                old: spot(2),
                new: None,
                changes: Vec::new(),
                source: None,
            },
        ]
    }

    pub(super) fn summary() -> DiffSummary {
        let side = |name: &str, duplicates| DiffSide {
            name: name.into(),
            format: "small/1.0".to_owned(),
            namespace: "urn:small".to_owned(),
            records: 10,
            bytes: 1000,
            unmatched: Unmatched {
                duplicates_count: duplicates,
                duplicates: (0..duplicates)
                    .map(|n| ("D-4".to_owned(), RecordSpot { ordinal: n, line: n }))
                    .collect(),
                ..Unmatched::default()
            },
        };
        let count = |key: &str, old: Option<&str>, new: Option<&str>| PathCount {
            records: 1,
            changes: 1,
            examples: vec![(key.to_owned(), old.map(str::to_owned), new.map(str::to_owned))],
        };
        DiffSummary {
            old: side("old.xml", 0),
            new: side("new.xml", 2),
            added: 1,
            removed: 1,
            changed: 1,
            unchanged: 7,
            ignored: 2,
            untold: 0,
            paths: BTreeMap::from([
                ("price/amount".to_owned(), count("A-1", Some("12.50"), Some("13.00"))),
                ("@new".to_owned(), count("A-1", None, Some("yes"))),
            ]),
            uncounted: 0,
        }
    }
}
