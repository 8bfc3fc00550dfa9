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

use crate::diff::{ChangeKind, DiffSummary, RecordChange};
use crate::judgement::Language;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];

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
    name(Language::English, change.kind)
}

/// The same in a language.
const fn name(language: Language, kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => language.pick("added", "neu"),
        ChangeKind::Changed => language.pick("changed", "geändert"),
        ChangeKind::Removed => language.pick("removed", "entfallen"),
    }
}

/// What is to be known of the two feeds beside their records.
fn notices(language: Language, summary: &DiffSummary) -> Vec<String> {
    let mut notices = Vec::new();
    let (old, new) = (&summary.old, &summary.new);
    let and = language.pick("and", "und");
    if old.format != new.format {
        let words = language.pick("the feeds are of two versions", "die Lieferungen sind zweierlei Fassung");
        notices.push(format!("{words}: {} {and} {}", old.format, new.format));
    } else if old.namespace != new.namespace {
        let named = |namespace: &str| match namespace {
            "" => language.pick("none", "keiner").to_owned(),
            namespace => format!("`{namespace}`"),
        };
        let words = language.pick("the namespaces differ", "die Namensräume sind verschieden");
        notices.push(format!("{words}: {} {and} {}", named(&old.namespace), named(&new.namespace)));
    }
    for side in [old, new] {
        let (name, unmatched) = (&side.name, &side.unmatched);
        if unmatched.missing_keys_count > 0 {
            let count = language.counted(unmatched.missing_keys_count, RECORDS);
            let lines: Vec<String> =
                unmatched.missing_keys.iter().take(3).map(|spot| spot.line.to_string()).collect();
            let lines = lines.join(", ");
            notices.push(match language {
                Language::English => {
                    format!("{name}: {count} without a key, such as on line {lines}; they are not compared")
                }
                Language::German => {
                    format!(
                        "{name}: {count} ohne Schlüssel, etwa in Zeile {lines}; sie sind nicht verglichen"
                    )
                }
            });
        }
        if let Some((key, spot)) = unmatched.duplicates.first() {
            let (count, line) = (language.counted(unmatched.duplicates_count, RECORDS), spot.line);
            notices.push(match language {
                Language::English => format!(
                    "{name}: {count} with a key that stands more than once, such as `{key}` on line {line}; they \
                     are not compared"
                ),
                Language::German => format!(
                    "{name}: {count} mit einem Schlüssel, der mehrmals steht, etwa `{key}` in Zeile {line}; sie \
                     sind nicht verglichen"
                ),
            });
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
