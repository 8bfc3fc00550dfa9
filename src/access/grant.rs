//! What a caller may do.

use super::scope::{Scope, Scopes};
use crate::store::KnownToken;

/// What a caller may do, by the token that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    token: Option<String>,
    scopes: Scopes,
    source: Option<String>,
}

impl Grant {
    /// What a token grants: its name, its scopes, and the only source it is for.
    #[must_use]
    pub fn of_token(name: &str, scopes: Scopes, source: Option<&str>) -> Self {
        Self { token: Some(name.to_owned()), scopes, source: source.map(str::to_owned) }
    }

    /// What a token of the database grants.
    #[must_use]
    pub fn of_known(token: &KnownToken) -> Self {
        Self::of_token(&token.name, Scopes::of_stored(&token.scopes), token.source.as_deref())
    }

    /// What anybody may do while there are no tokens: everything. Only for callers of the same machine.
    #[must_use]
    pub fn anonymous() -> Self {
        Self { token: None, scopes: Scopes::all(), source: None }
    }

    /// Whether nobody had to say who they are.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.token.is_none()
    }

    /// Name of the token; empty where nobody had to say who they are.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Who decides, as that is written down: `token:NAME`, or `anonymous`.
    #[must_use]
    pub fn who(&self) -> String {
        self.token.as_ref().map_or_else(|| "anonymous".to_owned(), |name| format!("token:{name}"))
    }

    /// The scopes.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// The only source it is for; `None` is all.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Whether it is for this kind of deed.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.has(scope)
    }

    /// Whether it is for this source.
    #[must_use]
    pub fn sees(&self, source: &str) -> bool {
        self.source.as_deref().is_none_or(|own| own == source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_for_its_scopes_and_its_source() {
        let scopes = [Scope::Read, Scope::Submit].into_iter().collect();
        let bound = Grant::of_token("ci", scopes, Some("Verlag A"));
        assert_eq!(Scope::ALL.map(|scope| bound.allows(scope)), [true, true, false]);
        assert!(bound.sees("Verlag A"));
        assert!(!bound.sees("verlag a") && !bound.sees("Verlag A ") && !bound.sees(""));
        assert_eq!((bound.token(), bound.who().as_str(), bound.is_anonymous()), ("ci", "token:ci", false));
        assert!(Grant::of_token("ci", scopes, None).sees("Verlag B"));
    }

    #[test]
    fn anonymous_may_do_everything() {
        let grant = Grant::anonymous();
        assert!(Scope::ALL.iter().all(|scope| grant.allows(*scope)) && grant.sees("Verlag A"));
        assert_eq!((grant.token(), grant.who().as_str(), grant.is_anonymous()), ("", "anonymous", true));
    }
}
