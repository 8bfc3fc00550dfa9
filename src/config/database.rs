//! The address of a database; may hold a password, therefore never printed whole.

use super::value::{Refusal, SettingValue};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Parameters of a database URL that say nothing secret; the value of any other is hidden.
const OPEN_PARAMETERS: &[&str] = &[
    "application_name",
    "cache",
    "dbname",
    "host",
    "immutable",
    "mode",
    "options",
    "port",
    "sslmode",
    "statement-cache-capacity",
    "user",
    "vfs",
];

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "***";

/// Which kind of database a URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatabaseKind {
    /// `sqlite://FILE`: a file beside the program, made when absent.
    Sqlite,
    /// `postgres://` or `postgresql://`: a server.
    Postgres,
}

impl DatabaseKind {
    /// The name that OpenTelemetry's conventions give it.
    #[must_use]
    pub const fn system_name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }
}

/// The address of a database, parsed once. `Display` and `Debug` hide its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    text: String,
    kind: DatabaseKind,
}

impl DatabaseUrl {
    /// Used when nothing else is said.
    pub const DEFAULT: &'static str = "sqlite://feedgate.db";

    /// Which kind of database it leads to.
    #[must_use]
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// The file that it leads to, when it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        let place = self.text.strip_prefix("sqlite:")?.split('?').next().unwrap_or_default();
        Some(Path::new(place.strip_prefix("//").unwrap_or(place)))
    }

    /// The whole address with its secrets: for the driver only, never for a message.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.text
    }
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self { text: Self::DEFAULT.to_owned(), kind: DatabaseKind::Sqlite }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlError::NoScheme)?;
        let kind = match scheme {
            "sqlite" => DatabaseKind::Sqlite,
            "postgres" | "postgresql" => DatabaseKind::Postgres,
            other => return Err(DatabaseUrlError::Scheme(printable(other))),
        };
        let place = rest.trim_start_matches('/');
        match kind {
            DatabaseKind::Sqlite if place.is_empty() => return Err(DatabaseUrlError::NoFile),
            DatabaseKind::Postgres if !rest.starts_with("//") => return Err(DatabaseUrlError::NoHost),
            DatabaseKind::Sqlite | DatabaseKind::Postgres => {}
        }
        Ok(Self { text: text.to_owned(), kind })
    }
}

/// At most a short word of plain letters: a scheme may be the start of a mistyped secret.
fn printable(scheme: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if scheme.len() <= 16 && scheme.chars().all(plain) { scheme.to_owned() } else { HIDDEN.to_owned() }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(&self.text))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl SettingValue for DatabaseUrl {
    const NOUN: &'static str = "URL";

    fn read(text: &str) -> Result<Self, Refusal> {
        Ok(text.parse()?)
    }

    /// Nothing is known of the parts of what is no address.
    fn shown(text: &str) -> String {
        text.parse::<Self>().map_or_else(|_| HIDDEN.to_owned(), |url| url.to_string())
    }
}

/// The address, of whatever kind, without password and without parameters that may hold one.
#[must_use]
pub fn redacted(text: &str) -> String {
    let shown = match text.find("://").and_then(|scheme| password(text, scheme + "://".len())) {
        Some((start, end)) => format!("{}{HIDDEN}{}", &text[..start], &text[end..]),
        None => text.to_owned(),
    };
    match shown.split_once('?') {
        Some((place, query)) => format!("{place}?{}", redacted_query(query)),
        None => shown,
    }
}

/// Where a password may stand: from the first colon behind the scheme, so that one in a user's escaped name counts.
///
/// A password may hold any of `:/?@` when written without escapes: it ends at the last `@`, and at the end of all
/// when a `?` before it leaves open which part is which. Without an `@`, what is no port is a password all the same:
/// the `@` was escaped as well, or forgotten.
fn password(text: &str, start: usize) -> Option<(usize, usize)> {
    let colon = |part: &str| {
        let escaped = part.to_ascii_lowercase().find("%3a").map(|at| at + "%3a".len());
        part.find(':').map(|at| at + 1).into_iter().chain(escaped).min()
    };
    if let Some(at) = text.rfind('@').filter(|at| *at >= start) {
        let begin = start + colon(&text[start..at])?;
        return Some((begin, if text[start..at].contains('?') { text.len() } else { at }));
    }
    let end = text[start..].find(['/', '?']).map_or(text.len(), |end| start + end);
    let host = text[start..end].rfind(']').map_or(start, |bracket| start + bracket);
    let begin = host + colon(&text[host..end])?;
    let rest = text[start..].split('?').next().unwrap_or_default();
    let is_port = text[begin..end].bytes().all(|byte| byte.is_ascii_digit()) && !rest.contains("%40");
    (!is_port).then_some((begin, text.len()))
}

fn redacted_query(query: &str) -> String {
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if OPEN_PARAMETERS.contains(&name) => pair.to_owned(),
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None => HIDDEN.to_owned(),
    };
    query.split('&').map(hide).collect::<Vec<_>>().join("&")
}

/// Why a text is no database address; never repeats the text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Nothing that looks like a scheme.
    #[error("a database address needs a scheme: write `sqlite://FILE` or `postgres://USER@HOST/NAME`")]
    NoScheme,
    /// A scheme of another database.
    #[error("unknown database scheme `{0}`: use `sqlite`, `postgres` or `postgresql`")]
    Scheme(String),
    /// `sqlite://` without a file.
    #[error("the database address names no file: write `sqlite://FILE`")]
    NoFile,
    /// `postgres:` without `//`.
    #[error("the database address names no server: write `postgres://USER@HOST/NAME`")]
    NoHost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, shown: &str) {
        let url: DatabaseUrl = text.parse().expect("a database address");
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        assert_eq!(url.secret(), text);
    }

    #[test]
    fn secrets_are_hidden() {
        case("postgres://shop@db.example/shop", "postgres://shop@db.example/shop");
        case("postgres://shop:geheim@db.example:5432/shop", "postgres://shop:***@db.example:5432/shop");
        case("postgres://shop:g@h/e?i:m@db/shop", "postgres://shop:***");
        case("postgres://:geheim@db/shop", "postgres://:***@db/shop");
        case(
            "postgresql://db/shop?user=shop&password=geheim&sslmode=require&sslpassword=x",
            "postgresql://db/shop?user=shop&password=***&sslmode=require&sslpassword=***",
        );
        case("postgresql://db/shop?password=ge@heim", "postgresql://db/shop?password=***");
        case("postgresql://db/shop?password=ge&heim", "postgresql://db/shop?password=***&***");
        case("postgresql://db:5432/shop?password=ge@heim", "postgresql://db:***");
        case("postgresql:///shop?host=/run/postgresql", "postgresql:///shop?host=/run/postgresql");
        case("postgres://shop:ge%3Aheim%40@db/shop", "postgres://shop:***@db/shop");
        case("postgres://shop%3Ageheim@db/shop", "postgres://shop%3A***@db/shop");
        case("postgres://shop:geheim%40db/shop", "postgres://shop:***");
        case("postgres://shop:12/34%40db/shop", "postgres://shop:***");
        case("postgres://shop:geheim", "postgres://shop:***");
        case("postgres://shop%40tenant@db/shop", "postgres://shop%40tenant@db/shop");
        case("postgres://db:5432/shop?user=a%40b", "postgres://db:5432/shop?user=a%40b");
        case("postgres://[::1]:5432/shop", "postgres://[::1]:5432/shop");
        case("postgresql://db/shop?pass%77ord=geheim", "postgresql://db/shop?pass%77ord=***");
        case("sqlite://feedgate.db?mode=rwc", "sqlite://feedgate.db?mode=rwc");
        case("sqlite::memory:", "sqlite::memory:");
        case("sqlite:feeds/shop.db", "sqlite:feeds/shop.db");
    }

    #[test]
    fn the_default_is_a_file_here() {
        assert_eq!(DatabaseUrl::default(), DatabaseUrl::DEFAULT.parse().expect("the default parses"));
        assert_eq!(DatabaseUrl::default().kind(), DatabaseKind::Sqlite);
    }

    #[test]
    fn what_is_no_address_is_hidden_whole() {
        assert_eq!(DatabaseUrl::shown("shop:geheim@db/shop"), "***");
        assert_eq!(DatabaseUrl::shown("sqlite://a.db"), "sqlite://a.db");
    }

    #[track_caller]
    fn refused(text: &str, expected: &DatabaseUrlError) {
        let error = text.parse::<DatabaseUrl>().expect_err("must be refused");
        assert_eq!(&error, expected);
        assert!(!error.to_string().contains("geheim"), "{error}");
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        refused("feedgate.db", &DatabaseUrlError::NoScheme);
        refused("mysql://shop:geheim@db/shop", &DatabaseUrlError::Scheme("mysql".into()));
        refused("shop@geheim:db", &DatabaseUrlError::Scheme("***".into()));
        refused("sqlite://", &DatabaseUrlError::NoFile);
        refused("postgres:shop:geheim@db", &DatabaseUrlError::NoHost);
    }
}
