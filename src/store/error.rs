//! Why the database could not do its part: what happened, and what to do about it.

use crate::config::DatabaseUrl;
use sqlx::migrate::MigrateError;
use std::borrow::Cow;
use std::error::Error;

/// What the driver said; kept as the source of a [`StoreError`], shown on request only.
type Cause = Box<dyn Error + Send + Sync>;

/// Why the database could not do its part. `database` is the address without its secrets.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address does not parse as the driver wants it.
    #[error(
        "the database address `{database}` cannot be used: write `sqlite://FILE` or `postgres://USER@HOST/NAME`"
    )]
    Address {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The bytes of a held feed could not be read from, or written to, a file on the way.
    #[error(
        "the bytes of held feed {id} could not be handed over: check that there is room for temporary files"
    )]
    HeldBytes {
        /// Number of the held feed.
        id: i64,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Packed bytes could not be read from, or written to, a file on the way.
    #[error(
        "the bytes of {what} {id} could not be handed over: check that there is room for temporary files"
    )]
    PackedBytes {
        /// What they are.
        what: &'static str,
        /// Its number.
        id: i64,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A held feed was decided about while it was being let in.
    #[error(
        "held feed {id} does not wait any more: nothing of it was applied; `feedgate held show {id}` tells why"
    )]
    HeldClosed {
        /// Number of the held feed.
        id: i64,
    },
    /// Nobody answers, or not in time.
    #[error(
        "cannot reach the database `{database}`: check that the server runs and that host and port are right"
    )]
    Unreachable {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// User or password is wrong.
    #[error("the database `{database}` refused the login: check user and password")]
    Login {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The server runs but has no database of that name.
    #[error("the database `{database}` does not exist: create it, for example with `createdb`")]
    NoDatabase {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The file cannot be opened or made.
    #[error(
        "the database file of `{database}` cannot be opened: check that its folder exists, may be written and has room"
    )]
    File {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The file holds something else.
    #[error("the file of `{database}` is no SQLite database: name another file")]
    NotSqlite {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The file may be read, and not written.
    #[error(
        "the database file of `{database}` may only be read, which does not do to {doing}: let this account write the \
         file and its folder"
    )]
    ReadOnly {
        /// The address, without secrets.
        database: String,
        /// What was tried.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The file was a database, and parts of it are not what they were.
    #[error(
        "the database file of `{database}` is damaged: restore a backup, or save what can be read with \
         `sqlite3 FILE .recover`"
    )]
    Damaged {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The server would not keep every character.
    #[error(
        "the database `{database}` is encoded in {encoding}, which cannot keep every character: create one with \
         `createdb --encoding UTF8 --template template0 NAME`"
    )]
    Encoding {
        /// The address, without secrets.
        database: String,
        /// Its encoding.
        encoding: String,
    },
    /// There is no room for it.
    #[error(
        "there is no room left for the database `{database}`, it could not {doing}: make room and start again"
    )]
    Full {
        /// The address, without secrets.
        database: String,
        /// What was tried.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// Feeds were not applied, for a reason that has nothing to do with them.
    #[error("nothing of {feeds} was applied: start again once the reason is gone")]
    NotApplied {
        /// Their names, for people.
        feeds: String,
        /// Why.
        #[source]
        source: Box<Self>,
    },
    /// Feeds may have been applied.
    #[error(
        "it is not known whether {feeds} was applied: import the same again, which settles it and does nothing twice"
    )]
    ApplyUnknown {
        /// Their names, for people.
        feeds: String,
        /// Why.
        #[source]
        source: Box<Self>,
    },
    /// All was done, and the run does not say so.
    #[error(
        "run {run} has done its work, and could not be ended: what it applied stands, it is listed as running until \
         the next run finds it"
    )]
    NotEnded {
        /// The run.
        run: i64,
        /// Why.
        #[source]
        source: Box<Self>,
    },
    /// The last step failed: all of the transaction is taken back.
    #[error(
        "the database `{database}` could not commit: what was about to stand is taken back, what stood before does"
    )]
    NotCommitted {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// Nobody has said how the last step went.
    #[error(
        "the database `{database}` did not say whether it has committed: look whether it is done before you do it again"
    )]
    CommitUnknown {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// The account may not do it.
    #[error("the account of `{database}` may not {doing}: grant it the right, or use another account")]
    Forbidden {
        /// The address, without secrets.
        database: String,
        /// What was tried.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// A newer program has been here.
    #[error(
        "the database `{database}` has migration {found}, this program knows none beyond {known}: use a newer feedgate"
    )]
    Newer {
        /// The address, without secrets.
        database: String,
        /// The migration in the database.
        found: i64,
        /// The last one built in.
        known: i64,
    },
    /// An older program made it, and this access may not change it.
    #[error(
        "the database `{database}` lacks migration {lacks}: run `feedgate migrate` with an account that may create \
         tables"
    )]
    Older {
        /// The address, without secrets.
        database: String,
        /// The first migration that is missing.
        lacks: i64,
    },
    /// A migration in the database is not the one built in, or stopped half way.
    #[error(
        "migration {version} of the database `{database}` differs from the one in this program: restore a \
         backup or use the program that made it"
    )]
    MigrationDiffers {
        /// The address, without secrets.
        database: String,
        /// The migration.
        version: i64,
    },
    /// Migrations are wanted, and the account may not run them.
    #[error(
        "the tables of `{database}` are not up to date, and its account may not change that: run `feedgate migrate` \
         with an account that may create tables"
    )]
    MayNotMigrate {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// A migration failed.
    #[error("the tables of `{database}` cannot be brought up to date")]
    Migration {
        /// The address, without secrets.
        database: String,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// Somebody else is importing products of this source.
    #[error("products of `{source_name}` are being imported by run {run} ({owner}): wait until it ends")]
    Locked {
        /// The source.
        source_name: String,
        /// The run that holds it.
        run: i64,
        /// Who works on that run.
        owner: String,
    },
    /// Another run took over because this one gave no sign of life.
    #[error("run {run} lost its lease, another run may have taken over: nothing was changed, start again")]
    LeaseLost {
        /// The run.
        run: i64,
    },
    /// A statement failed.
    #[error("the database `{database}` could not {doing}")]
    Query {
        /// The address, without secrets.
        database: String,
        /// What was tried.
        doing: &'static str,
        /// What the driver said.
        #[source]
        source: Cause,
    },
    /// A row does not have the shape it was written with.
    #[error("the database `{database}` holds a row that cannot be read ({doing}): was it changed by hand?")]
    Row {
        /// The address, without secrets.
        database: String,
        /// What was read.
        doing: &'static str,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Whether a row was not written because another one has what must be its own.
    pub(super) fn is_taken(&self) -> bool {
        let Self::Query { source, .. } = self else { return false };
        let driver = source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        driver.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }

    /// Whether the database is not there, or does not answer: it may be there again later.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        match self {
            Self::NotApplied { source, .. }
            | Self::ApplyUnknown { source, .. }
            | Self::NotEnded { source, .. } => source.is_absence(),
            Self::Unreachable { .. }
            | Self::Login { .. }
            | Self::NoDatabase { .. }
            | Self::CommitUnknown { .. } => true,
            _ => false,
        }
    }

    /// The error of a transaction that was to apply these feeds, where it is one of the database's own.
    pub(super) fn of_feeds<'a>(self, feeds: impl IntoIterator<Item = &'a str>) -> Self {
        let Some(feeds) = named(feeds) else { return self };
        match self {
            Self::CommitUnknown { .. } => Self::ApplyUnknown { feeds, source: Box::new(self) },
            Self::Unreachable { .. }
            | Self::ReadOnly { .. }
            | Self::Damaged { .. }
            | Self::Full { .. }
            | Self::NotCommitted { .. }
            | Self::Query { .. } => Self::NotApplied { feeds, source: Box::new(self) },
            other => other,
        }
    }

    /// What went wrong, in one word of few.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Address { .. } => "address",
            Self::HeldBytes { .. } => "held_bytes",
            Self::PackedBytes { .. } => "packed_bytes",
            Self::HeldClosed { .. } => "held_closed",
            Self::Unreachable { .. } => "unreachable",
            Self::Login { .. } => "login",
            Self::NoDatabase { .. } => "no_database",
            Self::File { .. } => "file",
            Self::NotSqlite { .. } => "not_sqlite",
            Self::ReadOnly { .. } => "read_only",
            Self::Damaged { .. } => "damaged",
            Self::Encoding { .. } => "encoding",
            Self::Full { .. } => "full",
            Self::NotApplied { source, .. }
            | Self::ApplyUnknown { source, .. }
            | Self::NotEnded { source, .. } => source.kind(),
            Self::NotCommitted { .. } => "not_committed",
            Self::CommitUnknown { .. } => "commit_unknown",
            Self::Forbidden { .. } | Self::MayNotMigrate { .. } => "forbidden",
            Self::Newer { .. } => "newer",
            Self::Older { .. } => "older",
            Self::Locked { .. } => "locked",
            Self::LeaseLost { .. } => "lease_lost",
            Self::Query { .. } => "query",
            Self::Row { .. } => "row",
            Self::MigrationDiffers { .. } | Self::Migration { .. } => "migration",
        }
    }
}

/// Feeds by name, the first of them; none where there is none.
fn named<'a>(feeds: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut feeds = feeds.into_iter();
    let first = feeds.next()?;
    Some(match feeds.count() {
        0 => format!("`{first}`"),
        1 => format!("`{first}` and another feed"),
        more => format!("`{first}` and {more} other feeds"),
    })
}

/// SQLSTATE on PostgreSQL, result code on SQLite.
fn code_of(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Cow::into_owned)
}

/// The error of a connection attempt.
pub(super) fn of_connect(url: &DatabaseUrl, error: sqlx::Error) -> StoreError {
    let database = url.to_string();
    let code = code_of(&error);
    let source: Cause = Box::new(error);
    match code.as_deref() {
        Some("28P01" | "28000") => StoreError::Login { database, source },
        Some("3D000") => StoreError::NoDatabase { database, source },
        Some(code) => match sqlite_code(code) {
            Some(8) => StoreError::ReadOnly { database, doing: "open it", source },
            Some(11) => StoreError::Damaged { database, source },
            Some(13) => StoreError::Full { database, doing: "open", source },
            // 10: the system could not make or write what stands beside the file, as on a full disk.
            Some(10 | 14) => StoreError::File { database, source },
            Some(26) => StoreError::NotSqlite { database, source },
            _ => StoreError::Unreachable { database, source },
        },
        None => StoreError::Unreachable { database, source },
    }
}

/// The error of a statement.
pub(super) fn of_query(database: &str, doing: &'static str, error: sqlx::Error) -> StoreError {
    let database = database.to_owned();
    let code = code_of(&error);
    let lost = matches!(error, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed);
    let source: Cause = Box::new(error);
    match code.as_deref() {
        Some("42501") => StoreError::Forbidden { database, doing, source },
        Some("53100") => StoreError::Full { database, doing, source },
        // 57P01 to 57P03: shut down, crashed, starting up.
        Some("57P01" | "57P02" | "57P03") => StoreError::Unreachable { database, source },
        None if lost => StoreError::Unreachable { database, source },
        Some(code) => match sqlite_code(code) {
            Some(8) => StoreError::ReadOnly { database, doing, source },
            Some(11) => StoreError::Damaged { database, source },
            Some(13) => StoreError::Full { database, doing, source },
            Some(26) => StoreError::NotSqlite { database, source },
            _ => StoreError::Query { database, doing, source },
        },
        None => StoreError::Query { database, doing, source },
    }
}

/// A file is shorter than its own directory says.
const SHORT_READ: u32 = 522;

/// What SQLite means by an extended code, of which the last byte says it; none where it is one of PostgreSQL.
fn sqlite_code(code: &str) -> Option<u32> {
    let code: u32 = if code.len() < 5 { code.parse().ok()? } else { return None };
    Some(if code == SHORT_READ { 11 } else { code & 0xff })
}

/// The error of the statement that makes a transaction stand: what the database refuses is taken back whole, and what
/// is lost on the way may have been done.
pub(super) fn of_commit(database: &str, error: sqlx::Error) -> StoreError {
    let database = database.to_owned();
    let code = code_of(&error);
    let source: Cause = Box::new(error);
    let is_unknown = match code.as_deref() {
        None => true,
        // 40003: nobody knows. 57P01 to 57P03: the server went while it was at it. Class 08: the connection did.
        Some(code) if code.len() == 5 => {
            code == "40003" || code.starts_with("57P0") || code.starts_with("08")
        }
        // The system could not write or sync.
        Some(code) => sqlite_code(code) == Some(10),
    };
    if is_unknown {
        StoreError::CommitUnknown { database, source }
    } else {
        StoreError::NotCommitted { database, source }
    }
}

/// The error of the migrations.
pub(super) fn of_migration(database: &str, known: i64, error: MigrateError) -> StoreError {
    let database = database.to_owned();
    match error {
        MigrateError::VersionMissing(found) => StoreError::Newer { database, found, known },
        MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
            StoreError::MigrationDiffers { database, version }
        }
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            match of_query(&database, "make its tables", source) {
                StoreError::Query { database, source, .. } => StoreError::Migration { database, source },
                StoreError::Forbidden { database, source, .. } => {
                    StoreError::MayNotMigrate { database, source }
                }
                other => other,
            }
        }
        other => StoreError::Migration { database, source: Box::new(other) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_were_not_applied_are_named() {
        let full = || StoreError::NotCommitted { database: "sqlite://a".to_owned(), source: "full".into() };
        let told = |feeds: &[&str]| full().of_feeds(feeds.iter().copied()).to_string();
        assert!(told(&["a.xml"]).starts_with("nothing of `a.xml` was applied"), "{}", told(&["a.xml"]));
        assert!(told(&["a.xml", "b"]).contains("`a.xml` and another feed was applied"));
        assert!(told(&["a.xml", "b", "c"]).contains("`a.xml` and 2 other feeds was applied"));
        assert!(told(&[]).contains("could not commit"), "what is no feed is not called one");
        let lost = StoreError::LeaseLost { run: 1 }.of_feeds(["a.xml"]);
        assert!(matches!(lost, StoreError::LeaseLost { .. }));
        assert_eq!(full().of_feeds(["a.xml"]).kind(), "not_committed");
    }
}
