//! Who may do what: tokens, what they grant, and whether one is right.
//!
//! ```text
//!  TokenText ──SHA-256──▶ TokenHash ──▶ Authenticator ──▶ Grant ──▶ allows(Scope)? sees(source)?
//!   told once, kept        kept in        a short memory,
//!   by its holder          the database   then the database
//! ```
//!
//! * The text of a token is shown when it is made and never again: nothing here or in the database holds it, and
//!   nothing prints it.
//! * What is wrong with a token is not told: unknown, revoked and expired are one answer.
//! * A token that is revoked or expired stops within [`GRANT_SECONDS_MAX`], whichever program has revoked it.
//! * Where there is no valid token at all, nobody has to show one. Whoever asks has to see to it that only callers of
//!   the same machine get that far ([`Grant::is_anonymous`]).
//! * Whoever is signed in with a browser shows a secret of that browser alone ([`SignInText`]); the token ends it, too.
//! * Whoever follows a link to a record shows its secret ([`ShareText`]), and sees that record alone.
//!
//! Not here: HTTP (`serve`), the rows of tokens and of what was decided (`store`).

mod authenticator;
mod grant;
mod memory;
mod name;
mod scope;
mod share;
mod sign_in;
mod text;

pub use authenticator::{
    AuthError, Authenticator, GRANT_SECONDS_MAX, OPEN_SECONDS_MAX, REFUSAL_SECONDS_MAX, REMEMBERED_MAX,
    USE_SECONDS,
};
pub use grant::Grant;
pub use name::{TOKEN_NAME_CHARS_MAX, TokenName, TokenNameError, TokenSource};
pub use scope::{Scope, Scopes};
pub use share::{MalformedShare, ShareText};
pub use sign_in::{MalformedSignIn, SIGN_IN_HOURS, SignInText};
pub use text::{MalformedToken, NoRandomness, TOKEN_PREFIX, TokenHash, TokenText};
