//! Statements: each in both dialects, side by side, so that one can be held against the other.

use super::columns::Table;
use crate::config::DatabaseKind;

/// A statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sql {
    pub(super) postgres: &'static str,
    pub(super) sqlite: &'static str,
}

impl Sql {
    /// A statement that both databases read alike.
    pub(super) const fn both(text: &'static str) -> Self {
        Self { postgres: text, sqlite: text }
    }

    /// The statement as this database reads it.
    pub(super) const fn of(self, database: DatabaseKind) -> &'static str {
        match database {
            DatabaseKind::Postgres => self.postgres,
            DatabaseKind::Sqlite => self.sqlite,
        }
    }

    /// The statement with the lists of a table's columns, and these names, in their places.
    ///
    /// Only for a `static`: the text stays for ever, like that of a statement without places.
    pub(super) fn filled(self, table: Table, names: &[(&str, &str)]) -> Self {
        self.made(|database, template| {
            let lists = table.places(database);
            let places =
                lists.iter().map(|(place, list)| (*place, list.as_str())).chain(names.iter().copied());
            places.fold(template.to_owned(), |text, (place, list)| text.replace(place, list))
        })
    }

    /// Statements without parameters, to be run as one script. Only for a `static`, too.
    pub(super) fn script(statements: &[Self]) -> Self {
        Self::both("").made(|database, _| {
            statements.iter().map(|each| each.of(database)).collect::<Vec<_>>().join(";\n")
        })
    }

    fn made(self, make: impl Fn(DatabaseKind, &str) -> String) -> Self {
        let make = |database| &*make(database, self.of(database)).leak();
        Self { postgres: make(DatabaseKind::Postgres), sqlite: make(DatabaseKind::Sqlite) }
    }
}
