//! Whether a token that is shown is right, and what it grants.
//!
//! ```text
//!  shown ─▶ a token's form? ─▶ remembered? ─▶ in the database, neither revoked nor expired? ─▶ Grant
//!                │ no              │ refused        │ no
//!                └─────────────────┴────────────────┴─▶ Wrong
//!  nothing shown ─▶ is there any valid token? ─▶ yes: Missing; no: anonymous
//! ```
//!
//! A token that is shown has to be right even where none would be needed: whoever shows one means it to count.

use super::grant::Grant;
use super::memory::{Recent, is_recent};
use super::text::{NoRandomness, TokenHash, TokenText};
use crate::store::{KnownToken, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Semaphore;

/// How long a grant is remembered: so long, a token that was revoked may still count.
pub const GRANT_SECONDS_MAX: i64 = 10;
/// How long it is remembered that a token is wrong.
pub const REFUSAL_SECONDS_MAX: i64 = 1;
/// How long it is remembered whether there is a valid token at all.
pub const OPEN_SECONDS_MAX: i64 = 3;
/// Tokens that are remembered, right ones and wrong ones each.
pub const REMEMBERED_MAX: usize = 1_024;
/// The use of a token is noted once in so many seconds.
pub const USE_SECONDS: i64 = 60;

/// Why a caller may not go on.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No token was shown.
    #[error("a token is needed: send it as `Authorization: Bearer fgt_…`")]
    Missing,
    /// The token is unknown, revoked or expired; which of these is nobody's business.
    #[error("the token does not count here")]
    Wrong,
    /// The database cannot say.
    #[error("tokens cannot be looked up")]
    Unavailable(#[source] StoreError),
    /// There is no secret to be had.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Knows tokens by the database, and for a moment by heart.
pub struct Authenticator {
    store: Store,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    memory: Mutex<Memory>,
    noting: Arc<Semaphore>,
}

/// A grant and the moment from which on it does not count any more.
#[derive(Clone, Debug)]
struct Known {
    grant: Grant,
    expires_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Memory {
    granted: Recent<Known>,
    refused: Recent<()>,
    /// Whether there was no valid token, and when that was asked.
    open: Option<(Timestamp, bool)>,
}

impl Known {
    fn counts(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Over a database, with a clock that tells the time.
    #[must_use]
    pub fn new(store: Store, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let memory = Memory {
            granted: Recent::new(GRANT_SECONDS_MAX, REMEMBERED_MAX),
            refused: Recent::new(REFUSAL_SECONDS_MAX, REMEMBERED_MAX),
            open: None,
        };
        let (memory, noting) = (Mutex::new(memory), Arc::new(Semaphore::new(1)));
        Self { store, clock: Box::new(clock), memory, noting }
    }

    /// What a caller may do who shows this token, or none.
    ///
    /// Without a token, while there is no valid one at all, the grant is [anonymous](Grant::anonymous): let that pass
    /// for callers of the same machine only.
    ///
    /// # Errors
    ///
    /// A token is needed and none was shown, the token is not right, or the database cannot say.
    pub async fn authenticate(&self, bearer: Option<&str>) -> Result<Grant, AuthError> {
        // Asked before the database is: what is remembered is never younger than it says.
        let now = (self.clock)();
        let Some(text) = bearer else { return self.without(now).await };
        let hash = text.parse::<TokenText>().map_err(|_| AuthError::Wrong)?.hash();
        match self.remembered(&hash, now) {
            Some(found) => found.and_then(|known| counting(known, now)),
            None => self.looked_up(&hash, now).await,
        }
    }

    /// Waits until no use of a token is being noted.
    pub async fn settle(&self) {
        let _place = self.noting.acquire().await;
    }

    /// Now.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Where tokens are.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// What is remembered of a token.
    fn remembered(&self, hash: &TokenHash, now: Timestamp) -> Option<Result<Known, AuthError>> {
        let memory = self.memory();
        let granted = memory.granted.get(hash.bytes(), now).filter(|(key, _)| hash.is(key));
        if let Some((_, known)) = granted {
            return Some(Ok(known.clone()));
        }
        memory.refused.get(hash.bytes(), now).map(|_| Err(AuthError::Wrong))
    }

    async fn looked_up(&self, hash: &TokenHash, now: Timestamp) -> Result<Grant, AuthError> {
        let token = self.store.token_of_hash(hash.bytes()).await.map_err(AuthError::Unavailable)?;
        let Some(token) = token.filter(|token| hash.is(&token.hash) && !token.is_revoked) else {
            return Err(self.refuse(hash, now));
        };
        let grant = Grant::of_known(&token);
        let known = Known { grant, expires_at: token.expires_at };
        if !known.counts(now) {
            return Err(self.refuse(hash, now));
        }
        self.memory().granted.insert(*hash.bytes(), now, known.clone());
        self.note_use(&token, now);
        Ok(known.grant)
    }

    fn refuse(&self, hash: &TokenHash, now: Timestamp) -> AuthError {
        let mut memory = self.memory();
        memory.granted.remove(hash.bytes());
        memory.refused.insert(*hash.bytes(), now, ());
        AuthError::Wrong
    }

    /// What somebody may do who shows no token.
    async fn without(&self, now: Timestamp) -> Result<Grant, AuthError> {
        if self.is_open(now).await.map_err(AuthError::Unavailable)? {
            Ok(Grant::anonymous())
        } else {
            Err(AuthError::Missing)
        }
    }

    /// Whether there is no valid token, as far as was known some seconds ago.
    ///
    /// # Errors
    ///
    /// The database cannot say.
    pub async fn is_open(&self, now: Timestamp) -> Result<bool, StoreError> {
        let age_max = SignedDuration::from_secs(OPEN_SECONDS_MAX);
        let remembered = self.memory().open.filter(|(at, _)| is_recent(*at, now, age_max));
        if let Some((_, open)) = remembered {
            return Ok(open);
        }
        let open = self.store.valid_tokens(now).await? == 0;
        self.memory().open = Some((now, open));
        Ok(open)
    }

    /// Notes the use of a token, beside the request: a database that is busy writing does not keep anybody waiting. One
    /// at a time; when another is being noted, this one is with the next look-up.
    pub(super) fn note_use(&self, token: &KnownToken, now: Timestamp) {
        let since = now.saturating_sub(SignedDuration::from_secs(USE_SECONDS)).unwrap_or(Timestamp::MIN);
        if token.last_used_at.is_some_and(|at| since < at && at <= now) {
            return;
        }
        let Ok(place) = Arc::clone(&self.noting).try_acquire_owned() else { return };
        let (store, id) = (self.store.clone(), token.id);
        tokio::spawn(async move {
            // Whoever may go on goes on: that it could not be noted is no reason to refuse.
            let _ = store.note_token_use(id, now, since).await;
            drop(place);
        });
    }

    /// Never held while somebody waits.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("nobody panics while holding it")
    }
}

fn counting(known: Known, now: Timestamp) -> Result<Grant, AuthError> {
    if known.counts(now) { Ok(known.grant) } else { Err(AuthError::Wrong) }
}
