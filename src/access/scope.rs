//! What a token may be for.

use std::fmt;

/// A kind of deed. None includes another: a token has those it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// To look at runs, reports, quarantine, held feeds, sources.
    Read,
    /// To submit feeds and records, and to cancel its own runs.
    Submit,
    /// To decide: release, refuse, replay, discard, roll back, cancel.
    Operate,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Submit, Self::Operate];

    /// The scope as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Operate => "operate",
        }
    }

    /// The scope of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes; `Display` writes their words with spaces between, as they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Scopes as they are stored. A word that nobody here knows, a newer program's, grants nothing.
    #[must_use]
    pub fn of_stored(words: &str) -> Self {
        words.split_whitespace().filter_map(Scope::of_word).collect()
    }

    /// Whether a scope is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Scope::ALL.iter().filter(|scope| self.has(**scope)).map(|scope| scope.as_str());
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(stored: &str, written: &str, has: [bool; 3]) {
        let scopes = Scopes::of_stored(stored);
        assert_eq!(scopes.to_string(), written);
        assert_eq!(Scope::ALL.map(|scope| scopes.has(scope)), has, "{stored}");
    }

    #[test]
    fn scopes_are_a_set_of_words() {
        case("read", "read", [true, false, false]);
        case("submit  read submit", "read submit", [true, true, false]);
        case("operate", "operate", [false, false, true]);
        case("", "", [false; 3]);
        // No word of ours, in no spelling of ours: no more than was meant.
        case("READ reads all *", "", [false; 3]);
        assert_eq!(Scopes::all().to_string(), "read submit operate");
    }
}
