//! The statements as the databases see them, for review: `tests/data/store`.

use super::{apply, before, load, rollback, session, stage};
use crate::config::DatabaseKind;
use std::path::Path;

/// How wide a line of a statement may be, in characters.
const LINE_MAX: usize = 116;

/// One statement, set for reading: neither how our source is indented nor how long a list is shows.
fn finished(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| broken(line.trim())).collect();
    lines.join("\n    ").replace(";\n    ", ";\n") + ";\n\n"
}

/// A line broken after commas.
fn broken(line: &str) -> String {
    let (mut text, mut width) = (String::new(), 0);
    for part in line.split_inclusive(", ") {
        width += part.len();
        if width > LINE_MAX && !text.is_empty() {
            text.truncate(text.trim_end().len());
            text.push_str("\n        ");
            width = part.len() + 4;
        }
        text.push_str(part);
    }
    text
}

#[test]
fn finished_statements_are_as_reviewed() {
    for (database, name) in
        [(DatabaseKind::Postgres, "statements.postgres.sql"), (DatabaseKind::Sqlite, "statements.sqlite.sql")]
    {
        let statements = [
            session::statements(),
            stage::statements(),
            before::statements(),
            apply::statements(),
            rollback::statements(),
            load::statements(),
        ]
        .concat();
        let text: String = statements.iter().map(|sql| finished(sql.of(database))).collect();
        assert!(!text.contains(['{', '}']), "a place is not filled: {text}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/store").join(name);
        if std::env::var_os("FEEDGATE_TEST_ACCEPT").is_some() {
            std::fs::write(&path, &text).expect("a snapshot can be written");
        }
        let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, reviewed, "tests/data/store/{name} differs; FEEDGATE_TEST_ACCEPT=1 accepts");
    }
}
