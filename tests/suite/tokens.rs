//! Tokens, on both databases: made, found, revoked, and what they grant while they are remembered.

use crate::support::database::{TestDatabase, on_each};
use feedgate::access::{
    AuthError, Authenticator, GRANT_SECONDS_MAX, Grant, OPEN_SECONDS_MAX, REFUSAL_SECONDS_MAX, Scope, Scopes,
    TokenText, USE_SECONDS,
};
use feedgate::store::{Decision, NewToken, Revocation, Store, TokenState};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn now() -> Timestamp {
    "2026-11-27T04:00:00Z".parse().expect("a moment")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn decision(reason: Option<&str>) -> Decision {
    Decision::new("cli:test", reason).expect("it fits")
}

/// A database with a clock that stands until it is set.
struct Gate {
    store: Store,
    milliseconds: Arc<AtomicI64>,
    authenticator: Authenticator,
}

impl Gate {
    async fn new(database: &TestDatabase) -> Self {
        let store = Store::open(&database.url).await.expect("the database opens");
        let milliseconds = Arc::new(AtomicI64::new(0));
        let shown = Arc::clone(&milliseconds);
        let clock = move || now() + SignedDuration::from_millis(shown.load(Ordering::SeqCst));
        let authenticator = Authenticator::new(store.clone(), clock);
        Self { store, milliseconds, authenticator }
    }

    /// Sets the clock, in milliseconds after the beginning.
    fn at(&self, milliseconds: i64) {
        self.milliseconds.store(milliseconds, Ordering::SeqCst);
    }

    async fn make(&self, name: &str, source: Option<&str>, expires_at: Option<Timestamp>) -> TokenText {
        let text = TokenText::random().expect("random bytes");
        let hash = text.hash();
        let token = NewToken { name, hash: hash.bytes(), scopes: "read submit", source, expires_at };
        let made = self.store.create_token(token, now(), &decision(None)).await;
        assert!(made.expect("the database does its part"), "{name} is new");
        text
    }

    async fn revoke(&self, name: &str) -> Revocation {
        let revoked = self.store.revoke_token(name, later(5), &decision(Some("lost"))).await;
        revoked.expect("the database does its part")
    }

    async fn shows(&self, text: &TokenText) -> Result<Grant, AuthError> {
        let answer = self.authenticator.authenticate(Some(text.secret())).await;
        self.authenticator.settle().await;
        answer
    }

    async fn is_wrong(&self, text: &TokenText) -> bool {
        matches!(self.shows(text).await, Err(AuthError::Wrong))
    }
}

#[test]
fn a_token_is_made_once_listed_and_revoked_once() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let store = &gate.store;
        assert!(store.tokens(now(), 10).await.expect("a list").is_empty());
        gate.make("a", None, None).await;
        gate.make("b", Some("Verlag „B“"), Some(later(60))).await;
        let other = TokenText::random().expect("random bytes").hash();
        let again =
            NewToken { name: "a", hash: other.bytes(), scopes: "read", source: None, expires_at: None };
        assert!(!store.create_token(again, now(), &decision(None)).await.expect("an answer"));
        assert_eq!(gate.revoke("a").await, Revocation::Done);
        assert_eq!(gate.revoke("a").await, Revocation::Before);
        assert_eq!(gate.revoke("c").await, Revocation::Unknown);
        // The name is not free again.
        assert!(!store.create_token(again, now(), &decision(None)).await.expect("an answer"));
        let states = async |seconds| {
            let tokens = store.tokens(later(seconds), 10).await.expect("a list");
            tokens.iter().map(|token| token.state).collect::<Vec<_>>()
        };
        assert_eq!(states(59).await, [TokenState::Revoked, TokenState::Valid]);
        assert_eq!(states(60).await, [TokenState::Revoked, TokenState::Expired]);
        let tokens = store.tokens(now(), 10).await.expect("a list");
        assert_eq!(tokens[0].revoked_at.as_deref(), Some("2026-11-27T04:00:05.000Z"));
        assert_eq!(tokens[1].source.as_deref(), Some("Verlag „B“"));
        assert_eq!(tokens[1].expires_at.as_deref(), Some("2026-11-27T04:01:00.000Z"));
        assert_eq!((tokens[1].scopes.as_str(), &tokens[1].last_used_at), ("read submit", &None));
        assert_eq!(store.tokens(now(), 1).await.expect("a list"), tokens[..1]);
    });
}

#[test]
fn making_and_revoking_is_written_down_and_what_was_not_done_is_not() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        gate.make("a", Some("Verlag A"), None).await;
        gate.revoke("a").await;
        gate.revoke("a").await;
        gate.revoke("c").await;
        let rows = gate.store.audit(None, 10).await.expect("a list");
        let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.object.as_str())).collect();
        assert_eq!(told, [("token.revoke", "token a"), ("token.create", "token a")]);
        assert_eq!(rows[0].who, "cli:test");
        assert_eq!(rows[0].at, "2026-11-27T04:00:05.000Z");
        assert_eq!((rows[0].source.as_deref(), rows[0].reason.as_deref()), (Some("Verlag A"), Some("lost")));
        assert_eq!(rows[1].reason, None);
        // Page by page.
        assert_eq!(gate.store.audit(None, 1).await.expect("a list"), rows[..1]);
        assert_eq!(gate.store.audit(Some(rows[0].id), 10).await.expect("a list"), rows[1..]);
        assert!(gate.store.audit(Some(rows[1].id), 10).await.expect("a list").is_empty());
        assert!(gate.store.audit(Some(0), 10).await.expect("a list").is_empty());
    });
}

#[test]
fn a_token_without_its_row_in_the_audit_is_none() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        gate.make("a", None, None).await;
        database.execute("alter table audit rename to audit_gone").await;
        let hash = TokenText::random().expect("random bytes").hash();
        let token =
            NewToken { name: "b", hash: hash.bytes(), scopes: "read", source: None, expires_at: None };
        assert!(gate.store.create_token(token, now(), &decision(None)).await.is_err());
        assert!(gate.store.revoke_token("a", now(), &decision(None)).await.is_err());
        let tokens = gate.store.tokens(now(), 10).await.expect("a list");
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].state, TokenState::Valid);
    });
}

#[test]
fn a_token_is_found_by_its_hash_and_by_nothing_else() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", Some("Verlag A"), Some(later(60))).await;
        let found = gate.store.token_of_hash(text.hash().bytes()).await.expect("an answer");
        let found = found.expect("it is there");
        assert_eq!((found.name.as_str(), found.source.as_deref()), ("a", Some("Verlag A")));
        assert_eq!((found.expires_at, found.is_revoked), (Some(later(60)), false));
        assert_eq!(&found.hash, text.hash().bytes());
        assert!(!format!("{found:?}").contains("hash"));
        let other = TokenText::random().expect("random bytes");
        assert_eq!(gate.store.token_of_hash(other.hash().bytes()).await.expect("an answer"), None);
        // The text is nowhere.
        for row in database.rows_of("token").await.iter().chain(&database.rows_of("audit").await) {
            assert!(!row.contains(text.secret()) && !row.contains("fgt_"), "{row}");
        }
    });
}

#[test]
fn valid_tokens_are_counted() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let count = async |seconds| gate.store.valid_tokens(later(seconds)).await.expect("a number");
        assert_eq!(count(0).await, 0);
        gate.make("a", None, None).await;
        gate.make("b", None, Some(later(60))).await;
        assert_eq!((count(59).await, count(60).await), (2, 1));
        gate.revoke("a").await;
        assert_eq!((count(59).await, count(60).await), (1, 0));
    });
}

#[test]
fn a_right_token_grants_what_it_was_made_with() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", Some("Verlag A"), None).await;
        let grant = gate.shows(&text).await.expect("it is right");
        let scopes: Scopes = [Scope::Read, Scope::Submit].into_iter().collect();
        assert_eq!(grant, Grant::of_token("a", scopes, Some("Verlag A")));
        // Once more, by heart: the same.
        assert_eq!(gate.shows(&text).await.expect("it is right"), grant);
    });
}

#[test]
fn a_wrong_token_is_wrong_whatever_is_wrong_with_it() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let (revoked, expired) = (gate.make("a", None, None).await, gate.make("b", None, Some(now())).await);
        gate.make("c", None, None).await;
        gate.revoke("a").await;
        let unknown = TokenText::random().expect("random bytes");
        for text in
            [revoked.secret(), expired.secret(), unknown.secret(), "", "fgt_", "x", &"y".repeat(1 << 20)]
        {
            let answer = gate.authenticator.authenticate(Some(text)).await.expect_err("it is wrong");
            assert!(matches!(answer, AuthError::Wrong));
            assert_eq!(answer.to_string(), "the token does not count here");
        }
        assert!(matches!(gate.authenticator.authenticate(None).await, Err(AuthError::Missing)));
    });
}

#[test]
fn a_revoked_token_stops_in_time() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", None, None).await;
        assert!(gate.shows(&text).await.is_ok());
        gate.revoke("a").await;
        gate.at(GRANT_SECONDS_MAX * 1_000 - 1);
        assert!(gate.shows(&text).await.is_ok(), "remembered");
        gate.at(GRANT_SECONDS_MAX * 1_000);
        assert!(gate.is_wrong(&text).await);
        // And with a clock that was set back it is asked for again.
        gate.at(5_000);
        assert!(gate.is_wrong(&text).await);
    });
}

#[test]
fn an_expired_token_stops_at_once_also_where_it_is_remembered() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", None, Some(later(5))).await;
        assert!(gate.shows(&text).await.is_ok());
        gate.at(4_999);
        assert!(gate.shows(&text).await.is_ok());
        gate.at(5_000);
        assert!(gate.is_wrong(&text).await);
    });
}

#[test]
fn a_wrong_token_is_asked_for_again_soon() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", None, None).await;
        database.execute("update token set revoked_at = created_at").await;
        assert!(gate.is_wrong(&text).await);
        database.execute("update token set revoked_at = null").await;
        gate.at(REFUSAL_SECONDS_MAX * 1_000 - 1);
        assert!(gate.is_wrong(&text).await, "remembered");
        gate.at(REFUSAL_SECONDS_MAX * 1_000);
        assert!(gate.shows(&text).await.is_ok());
    });
}

#[test]
fn while_there_is_no_valid_token_nobody_has_to_show_one() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let without = async || gate.authenticator.authenticate(None).await;
        assert!(without().await.expect("nobody has to").is_anonymous());
        // One that is shown has to be right all the same.
        assert!(gate.is_wrong(&TokenText::random().expect("random bytes")).await);
        gate.make("a", None, None).await;
        gate.at(OPEN_SECONDS_MAX * 1_000 - 1);
        assert!(without().await.expect("remembered").is_anonymous());
        gate.at(OPEN_SECONDS_MAX * 1_000);
        assert!(matches!(without().await, Err(AuthError::Missing)));
        gate.revoke("a").await;
        assert!(matches!(without().await, Err(AuthError::Missing)), "remembered");
        gate.at(OPEN_SECONDS_MAX * 2_000);
        assert!(without().await.expect("nobody has to").is_anonymous());
    });
}

#[test]
fn the_last_use_is_noted_once_a_minute() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let text = gate.make("a", None, None).await;
        let used = async |milliseconds: i64| {
            gate.at(milliseconds);
            gate.shows(&text).await.expect("it is right");
            gate.store.tokens(now(), 1).await.expect("a list")[0].last_used_at.clone().expect("noted")
        };
        assert_eq!(used(1_000).await, "2026-11-27T04:00:01.000Z");
        assert_eq!(used(USE_SECONDS * 1_000 + 999).await, "2026-11-27T04:00:01.000Z");
        // By heart, no look-up and no note; a look-up later, there is.
        assert_eq!(used(USE_SECONDS * 1_000 + 1_000).await, "2026-11-27T04:00:01.000Z");
        let next = (USE_SECONDS + GRANT_SECONDS_MAX) * 1_000 + 999;
        assert_eq!(used(next).await, "2026-11-27T04:01:10.999Z");
        // Two programs that note at once: one does.
        let note = gate.store.note_token_use(1, later(100), later(100 - USE_SECONDS)).await;
        assert!(!note.expect("an answer"));
        let note = gate.store.note_token_use(1, later(131), later(131 - USE_SECONDS)).await;
        assert!(note.expect("an answer"));
    });
}

#[test]
fn a_database_that_cannot_say_is_no_refusal() {
    on_each(async |database| {
        let gate = Gate::new(database).await;
        let (known, text) = (gate.make("a", None, None).await, gate.make("b", None, None).await);
        assert!(gate.shows(&known).await.is_ok());
        database.execute("alter table token rename to token_gone").await;
        assert!(gate.shows(&known).await.is_ok(), "remembered");
        assert!(matches!(gate.shows(&text).await, Err(AuthError::Unavailable(_))));
        assert!(matches!(gate.authenticator.authenticate(None).await, Err(AuthError::Unavailable(_))));
        database.execute("alter table token_gone rename to token").await;
        assert!(gate.shows(&text).await.is_ok());
    });
}

#[test]
fn many_ask_at_once() {
    on_each(async |database| {
        let gate = Arc::new(Gate::new(database).await);
        let text = gate.make("a", None, None).await;
        let ask = |_| {
            let (gate, text) = (Arc::clone(&gate), text.clone());
            tokio::spawn(async move { gate.authenticator.authenticate(Some(text.secret())).await })
        };
        for asked in (0..50).map(ask).collect::<Vec<_>>() {
            assert!(asked.await.expect("no panic").is_ok());
        }
        gate.authenticator.settle().await;
    });
}
