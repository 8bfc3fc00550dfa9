//! Keys as people write them, and for whom a value is said.
//!
//! ```text
//!  guard.withdraw                        for all
//!  format."onix/3.0".guard.withdraw      for feeds of a format, or of all its versions: format.onix
//!  sender."GLN 4012345".guard.withdraw   for feeds of a sender
//! ```
//!
//! A key is what TOML calls a dotted key: names with spaces, dots or quotes stand in quotes.

use super::error::ConfigError;
use super::layers::SetBy;
use super::table::Setting;
use std::fmt;
use toml::de::{DeTable, DeValue};

/// For whom a value is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// For all.
    All,
    /// For feeds of a format: `onix/3.0`, or `onix` for all its versions.
    Format(String),
    /// For feeds of a sender, by the name of the source.
    Sender(String),
}

impl Scope {
    const FORMAT: &str = "format";
    const SENDER: &str = "sender";

    /// What holds where nothing is said for this scope: for a version of a format, what is said for all of them.
    pub(super) fn wider(&self) -> Option<Self> {
        match self {
            Self::All => None,
            Self::Format(format) => Some(match format.split_once('/') {
                Some((name, _)) => Self::Format(name.to_owned()),
                None => Self::All,
            }),
            Self::Sender(_) => Some(Self::All),
        }
    }

    /// Whatever is said for fewer than all may be said for, of feeds of a format that bring products of a source: the
    /// narrowest first.
    pub(super) fn narrowing(source: &str, format: &str) -> Vec<Self> {
        let version = Self::Format(format.to_owned());
        let all_versions = version.wider();
        [Some(Self::Sender(source.trim().to_owned())), Some(version), all_versions]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The word of its sections and their names in the settings file; none for all.
    fn section(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::All => None,
            Self::Format(name) => Some((Self::FORMAT, name)),
            Self::Sender(name) => Some((Self::SENDER, name)),
        }
    }
}

/// A setting, for all or for a format or sender.
#[derive(Clone, Debug)]
pub struct SettingKey {
    /// For whom.
    pub scope: Scope,
    /// Which one.
    pub setting: &'static Setting,
}

impl SettingKey {
    /// The key that somebody wrote, as `set_by` says when it was to be set; refused with what may have been meant.
    pub fn named(text: &str, set_by: Option<&SetBy>) -> Result<Self, ConfigError> {
        match parts(text) {
            Some(parts) => Self::of_parts(&parts, set_by),
            // What cannot be parted is refused as it was written.
            None => Self::of_parts(&text.split('.').map(str::to_owned).collect::<Vec<_>>(), set_by),
        }
    }

    /// The same, when the key is parted already.
    pub(super) fn of_parts(parts: &[String], set_by: Option<&SetBy>) -> Result<Self, ConfigError> {
        let word = [Scope::FORMAT, Scope::SENDER].into_iter().find(|word| parts[0] == *word);
        let Some(word) = word else {
            let key = parts.join(".");
            return match Setting::find(&key) {
                Some(setting) => Ok(Self { scope: Scope::All, setting }),
                None => Err(ConfigError::unknown(&key, Setting::nearest(&key), set_by)),
            };
        };
        let [_, name, key @ ..] = parts else { return Err(ConfigError::unnamed(word, set_by)) };
        let (name, key) = (name.trim().to_owned(), key.join("."));
        if name.is_empty() || key.is_empty() {
            return Err(ConfigError::unnamed(word, set_by));
        }
        let scope = if word == Scope::FORMAT { Scope::Format(name) } else { Scope::Sender(name) };
        match Setting::find(&key) {
            Some(setting) if setting.scoped => Ok(Self { scope, setting }),
            Some(_) => Err(ConfigError::Unscoped { key, word, set_by: set_by.cloned() }),
            None => Err(ConfigError::unknown(
                &Written(&scope, &key).to_string(),
                Setting::nearest_scoped(&key),
                set_by,
            )),
        }
    }
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Written(&self.scope, self.setting.key).fmt(f)
    }
}

/// A key as it is written.
struct Written<'a>(&'a Scope, &'a str);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(scope, key) = self;
        match scope.section() {
            Some((word, name)) => write!(f, "{word}.{}.{key}", quoted(name)),
            None => f.write_str(key),
        }
    }
}

/// A name as TOML has it in quotes.
fn quoted(name: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", name.chars().map(escaped).collect::<String>())
}

/// The parts of a dotted key; `None` when it is none.
fn parts(text: &str) -> Option<Vec<String>> {
    let document = format!("{text} = 0");
    let mut table = DeTable::parse(&document).ok()?.into_inner();
    let mut parts = Vec::new();
    loop {
        let (part, value) = table.into_iter().next()?;
        parts.push(part.into_inner().into_owned());
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            _ => return Some(parts),
        }
    }
}

/// `KEY=VALUE` at the first `=` outside of quotes.
pub(super) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match quote {
            None if c == '=' => return Some((text[..at].trim(), text[at + 1..].trim())),
            None => quote = Some(c).filter(|c| matches!(c, '"' | '\'')),
            Some('"') if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that is written back as `expected`.
    #[track_caller]
    fn case(text: &str, expected: &str) {
        let key = SettingKey::named(text, None).expect("a key").to_string();
        assert_eq!(key, expected);
        assert_eq!(SettingKey::named(&key, None).expect("a key").to_string(), key);
    }

    #[test]
    fn keys_are_parted_as_toml_has_them() {
        case("limits.ratio_max", "limits.ratio_max");
        case("sender.X.feeds", r#"sender."X".feeds"#);
        case(r#" sender . " GLN 40 " . guard.withdraw"#, r#"sender."GLN 40".guard.withdraw"#);
        case(r#"sender.'He said "no.1"'.feeds"#, r#"sender."He said \"no.1\"".feeds"#);
        case(r#"sender."back\\slash\u0007".feeds"#, r#"sender."back\\slash\u0007".feeds"#);
        case(r#"format."onix/3.0".guard.price"#, r#"format."onix/3.0".guard.price"#);
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = SettingKey::named(text, None).expect_err("must be refused");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let unknown = r#"unknown setting `sender."X".guard.withdrew`: did you mean `guard.withdraw`?"#;
        refused("sender.X.guard.withdrew", unknown);
        refused("sender.X.databse", r#"unknown setting `sender."X".databse`"#);
        refused("sender.X.database", "setting `database` cannot be set for one sender");
        refused("format.onix.threads", "setting `threads` cannot be set for one format");
        refused("guard.withdrew", "unknown setting `guard.withdrew`: did you mean `guard.withdraw`?");
        for text in ["sender", "sender.X", "sender.\"\".feeds", "sender.feeds"] {
            refused(text, "`sender` says nothing without a name and a key: write `sender.\"NAME\".KEY`");
        }
        refused("sender.GLN 40.feed", r#"unknown setting `sender."GLN 40".feed`: did you mean `feeds`?"#);
        refused("a\" b", "unknown setting `a\" b`");
        refused("", "unknown setting ``");
    }

    #[test]
    fn an_assignment_ends_its_key_outside_of_quotes() {
        assert_eq!(assignment("a = b=c"), Some(("a", "b=c")));
        assert_eq!(assignment(r#"sender."a=b".feeds=full"#), Some((r#"sender."a=b".feeds"#, "full")));
        assert_eq!(assignment(r#"sender."a\"=b".feeds=full"#), Some((r#"sender."a\"=b".feeds"#, "full")));
        assert_eq!(assignment(r"sender.'a\'.feeds=full"), Some((r"sender.'a\'.feeds", "full")));
        assert_eq!(assignment("samples"), None);
    }

    #[test]
    fn a_scope_widens_step_by_step() {
        let version = Scope::Format("onix/3.0".into());
        assert_eq!(version.wider(), Some(Scope::Format("onix".into())));
        assert_eq!(version.wider().and_then(|all| all.wider()), Some(Scope::All));
        assert_eq!(Scope::Sender("a/b".into()).wider(), Some(Scope::All));
        assert_eq!(Scope::All.wider(), None);
    }
}
