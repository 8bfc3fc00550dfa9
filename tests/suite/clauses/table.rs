//! The table `src/xsd/CLAUSES.md`: every clause, what it demands, where it is reported, its case.
//!
//! It is made here and compared with the file, which the documentation of `xsd::rule` includes: what it
//! says about the engine is true, or this test fails.

use super::{families, hold, limits, root};
use feedgate::xsd::{Clause, Rule, clause, rule};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const HEAD: &str = "\
# Clauses\n\n\
Each clause of XML Schema 1.0 (second edition) that a schema or an instance can break, with the file that\n\
reports it and the case that provokes it. Cases stand in `tests/data/clauses` in the folder of their family.\n\
This file is made by the test suite, which fails when it is not true: `UPDATE_CLAUSES=1 cargo test --test\n\
suite clauses` writes it anew.\n";

/// A row of the table.
struct Row {
    code: &'static str,
    demands: &'static str,
    /// As the source says it: `Rule::Root`.
    variant: String,
}

/// A source file, and what it says outside of its tests.
struct Source {
    name: String,
    text: String,
}

/// The files below `src/xsd` that may report something: all but tests and the two definitions.
fn sources() -> Vec<Source> {
    let folder = root().join("src/xsd");
    let mut found = Vec::new();
    let mut left = vec![folder.clone()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let inside = fs::read_dir(&path).expect("a folder of ours can be read");
            left.extend(inside.map(|entry| entry.expect("an entry can be read").path()));
        } else if reports(&path) {
            found.push(source(&folder, &path));
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Whether a file is source, no test and neither of the two tables.
fn reports(path: &Path) -> bool {
    let is = |name: &str| path.components().any(|part| part.as_os_str() == name);
    let apart = ["rule.rs", "clause.rs", "tests", "tests.rs"];
    path.extension().is_some_and(|extension| extension == "rs") && !apart.iter().any(|name| is(name))
}

fn source(folder: &Path, path: &Path) -> Source {
    let name = path.strip_prefix(folder).expect("the file stands below").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).expect("a file of ours can be read");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    Source { name, text: code.to_owned() }
}

/// Whether a text names a variant, and not one that only begins alike.
fn names(text: &str, variant: &str) -> bool {
    let ends = |at: usize| !text[at..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
    text.match_indices(variant).any(|(at, _)| ends(at + variant.len()))
}

fn table(title: &str, rows: &[Row], sources: &[Source], unreported: &mut Vec<String>) -> String {
    let cases: BTreeMap<String, String> = families()
        .into_iter()
        .flat_map(|(family, cases)| {
            let folder = family.file_name().expect("a folder has a name").to_string_lossy().into_owned();
            cases.into_iter().map(move |case| (case.code, folder.clone()))
        })
        .collect();
    let mut text =
        format!("\n## {title}\n\n| clause | demands | reported in | case |\n| --- | --- | --- | --- |\n");
    for Row { code, demands, variant } in rows {
        let files: Vec<String> = sources
            .iter()
            .filter(|source| names(&source.text, variant))
            .map(|source| format!("`{}`", source.name))
            .collect();
        if files.is_empty() {
            unreported.push(format!("{variant} ({code})"));
        }
        let case = cases.get(*code).map_or_else(
            || limits::place(code).unwrap_or("none yet").to_owned(),
            |folder| format!("`{folder}`"),
        );
        writeln!(text, "| `{code}` | {demands} | {} | {case} |", files.join(", "))
            .expect("a string takes everything");
    }
    text
}

fn passed_on(title: &str, rows: &[(&str, &str)]) -> String {
    let mut text = format!("\n## {title}\n\n| clause | instead |\n| --- | --- |\n");
    for (code, instead) in rows {
        writeln!(text, "| `{code}` | {instead} |").expect("a string takes everything");
    }
    text
}

#[test]
fn the_table_of_clauses_is_true() {
    let rules: Vec<Row> = Rule::ALL
        .iter()
        .map(|rule| Row { code: rule.code(), demands: rule.demands(), variant: format!("Rule::{rule:?}") })
        .collect();
    let clauses: Vec<Row> = Clause::ALL
        .iter()
        .map(|clause| Row {
            code: clause.code(),
            demands: clause.demands(),
            variant: format!("Clause::{clause:?}"),
        })
        .collect();
    let sources = sources();
    let mut unreported = Vec::new();
    let text = [
        HEAD.to_owned(),
        table("What a schema can break", &rules, &sources, &mut unreported),
        passed_on("What a schema breaks under another name, or cannot", rule::PASSED_ON),
        table("What an instance can break", &clauses, &sources, &mut unreported),
        passed_on("What an instance breaks under another name, or cannot", clause::PASSED_ON),
    ];
    assert!(unreported.is_empty(), "no source file reports {unreported:?}");
    let mut wrong = String::new();
    hold(&root().join("src/xsd/CLAUSES.md"), &text.concat(), &mut wrong);
    assert!(wrong.is_empty(), "{wrong}(UPDATE_CLAUSES=1 writes the table anew)");
}
