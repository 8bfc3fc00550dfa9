//! What people decided: who, what, when, why.
//!
//! A row is written in the transaction of the deed: neither is there without the other. What was asked for and not done
//! leaves none. Rows are never changed and never removed.

use super::Store;
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::run;
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Characters of a name of somebody who decides.
pub const WHO_CHARS_MAX: usize = 120;
/// Characters of a reason.
pub const REASON_CHARS_MAX: usize = 1_000;

/// Who decides something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    who: String,
    reason: Option<String>,
}

/// Why a decision cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// The name is too long.
    #[error("who decides has a name of {0} characters: at most {WHO_CHARS_MAX} are kept")]
    Who(usize),
    /// The reason is too long.
    #[error("the reason has {0} characters: at most {REASON_CHARS_MAX} are kept")]
    Reason(usize),
    /// Not every database can keep the character NUL.
    #[error("the reason has a character NUL: leave it out")]
    Nul,
}

impl Decision {
    /// A decision of somebody (`cli:USER`, `token:NAME`). White space around a reason does not count, and a reason of
    /// nothing else is none.
    ///
    /// # Errors
    ///
    /// One of the two is too long, or has a NUL.
    pub fn new(who: &str, reason: Option<&str>) -> Result<Self, DecisionError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let chars = |text: &str| text.chars().count();
        match (chars(who), reason.map_or(0, chars)) {
            (who, _) if who > WHO_CHARS_MAX => Err(DecisionError::Who(who)),
            (_, reason) if reason > REASON_CHARS_MAX => Err(DecisionError::Reason(reason)),
            _ if who.contains('\0') || reason.is_some_and(|reason| reason.contains('\0')) => {
                Err(DecisionError::Nul)
            }
            _ => Ok(Self { who: who.to_owned(), reason: reason.map(str::to_owned) }),
        }
    }

    /// Who it is.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Why, if that was said.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// What was decided. The words are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// A held feed was let in.
    HeldRelease,
    /// A held feed was given up.
    HeldRefuse,
    /// A refused record was given up.
    QuarantineDiscard,
    /// A refused record was imported after all.
    QuarantineReplay,
    /// A run was taken back.
    RunRollback,
    /// A run was ended before its time.
    RunCancel,
    /// A token was made.
    TokenCreate,
    /// A token was revoked.
    TokenRevoke,
    /// A link to a refused record was made.
    ShareCreate,
    /// A link was revoked.
    ShareRevoke,
    /// A drift was called expected.
    BaselineAccept,
    /// What is usual of a source is learned anew.
    BaselineReset,
}

impl AuditAction {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::HeldRelease,
        Self::HeldRefuse,
        Self::QuarantineDiscard,
        Self::QuarantineReplay,
        Self::RunRollback,
        Self::RunCancel,
        Self::TokenCreate,
        Self::TokenRevoke,
        Self::ShareCreate,
        Self::ShareRevoke,
        Self::BaselineAccept,
        Self::BaselineReset,
    ];

    /// The action as the table writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HeldRelease => "held.release",
            Self::HeldRefuse => "held.refuse",
            Self::QuarantineDiscard => "quarantine.discard",
            Self::QuarantineReplay => "quarantine.replay",
            Self::RunRollback => "run.rollback",
            Self::RunCancel => "run.cancel",
            Self::TokenCreate => "token.create",
            Self::TokenRevoke => "token.revoke",
            Self::ShareCreate => "share.create",
            Self::ShareRevoke => "share.revoke",
            Self::BaselineAccept => "baseline.accept",
            Self::BaselineReset => "baseline.reset",
        }
    }

    /// The noun of what it is done to.
    const fn noun(self) -> &'static str {
        match self {
            Self::HeldRelease | Self::HeldRefuse => "held",
            Self::QuarantineDiscard | Self::QuarantineReplay => "entry",
            Self::RunRollback | Self::RunCancel => "run",
            Self::TokenCreate | Self::TokenRevoke => "token",
            Self::ShareCreate | Self::ShareRevoke => "share",
            Self::BaselineAccept | Self::BaselineReset => "baseline",
        }
    }
}

/// A row for people. The moment is UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What was done: the words of [`AuditAction`], and others that a newer program wrote.
    pub action: String,
    /// What it was done to: `held 17`, `entry 7`, `run 12`, `token NAME`, `share 3`, `baseline FORMAT KIND PATH`.
    pub object: String,
    /// Whose products it was about, when it was about one source.
    pub source: Option<String>,
    /// Why, in somebody's words.
    pub reason: Option<String>,
}

/// `$1` the number that all are below, or 0.
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from audit where $1::bigint = 0 or id < $1",
    sqlite: "select cast(count(*) as text) from audit where $1 = 0 or id < $1",
};
/// `$1` now, `$2` who, `$3` action, `$4` object, `$5` source, `$6` reason.
const WRITE: Sql = Sql {
    postgres: "insert into audit (at, who, action, object, source, reason)
               values ($1::timestamptz, $2, $3, $4, $5, $6)",
    sqlite: "insert into audit (at, who, action, object, source, reason) values ($1, $2, $3, $4, $5, $6)",
};
/// `$1` the number that all are below, or 0; `$2` limit.
const LIST: Sql = Sql {
    postgres: "select json_build_object('id', id,
                   'at', to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'who', who, 'action', action, 'object', object, 'source', source, 'reason', reason)::text
               from audit where $1::bigint = 0 or id < $1 order by id desc limit $2",
    sqlite: "select json_object('id', id, 'at', at, 'who', who, 'action', action, 'object', object,
                 'source', source, 'reason', reason)
             from audit where $1 = 0 or id < $1 order by id desc limit $2",
};

/// `$1` object, `$2` limit.
const ABOUT: Sql = Sql {
    postgres: "select json_build_object('id', id,
                   'at', to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'who', who, 'action', action, 'object', object, 'source', source, 'reason', reason)::text
               from audit where object = $1 order by id desc limit $2",
    sqlite: "select json_object('id', id, 'at', at, 'who', who, 'action', action, 'object', object,
                 'source', source, 'reason', reason)
             from audit where object = $1 order by id desc limit $2",
};

impl Store {
    /// What was decided about an entry of the quarantine, newest first.
    pub async fn audit_of_entry(&self, entry: i64, limit: u32) -> Result<Vec<AuditView>, StoreError> {
        self.audit_of(AuditAction::QuarantineReplay, entry, limit).await
    }

    /// What was decided about a run, newest first: that it is ended before its time, or taken back.
    pub async fn audit_of_run(&self, run: run::RunId, limit: u32) -> Result<Vec<AuditView>, StoreError> {
        self.audit_of(AuditAction::RunCancel, run.0, limit).await
    }

    /// What was decided about the thing of this number that such an action is done to.
    async fn audit_of(
        &self,
        action: AuditAction,
        number: i64,
        limit: u32,
    ) -> Result<Vec<AuditView>, StoreError> {
        let object = format!("{} {number}", action.noun());
        let values = [Parameter::Text(&object), i64::from(limit).into()];
        let doing = "list what was decided";
        self.pool.run(async |connection| connection.rows(doing, ABOUT, &values).await).await
    }

    /// Writes down what was decided about something (its number or name), where the deed is no operation of this store
    /// that does so itself.
    pub async fn note_decision(
        &self,
        now: Timestamp,
        decision: &Decision,
        action: AuditAction,
        object: &str,
        source: Option<&str>,
    ) -> Result<(), StoreError> {
        let note =
            async |connection: &mut Connection| note(connection, now, decision, action, object, source).await;
        self.pool.run(note).await
    }

    /// What was decided, newest first; of a list that goes on, what is `before` the last number of the part that was
    /// had.
    pub async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditView>, StoreError> {
        self.pool.run(async |connection| list(connection, before, limit).await).await
    }

    /// How many decisions there are, `before` that number if one is said.
    pub async fn audit_count(&self, before: Option<i64>) -> Result<u64, StoreError> {
        if before.is_some_and(|before| before <= 0) {
            return Ok(0);
        }
        let values = [before.unwrap_or(0).into()];
        let counted =
            self.pool.run(async |connection| connection.row("count decisions", COUNT, &values).await);
        Ok(counted.await?.unwrap_or_default())
    }
}

/// Writes down what was decided about `object`, within the transaction that does it.
pub(super) async fn write(
    connection: &mut Connection,
    now: &str,
    decision: &Decision,
    action: AuditAction,
    object: impl fmt::Display,
    source: Option<&str>,
) -> Result<(), StoreError> {
    let object = format!("{} {object}", action.noun());
    let values: [Parameter<'_>; 6] = [
        now.into(),
        decision.who().into(),
        action.as_str().into(),
        (&object).into(),
        source.into(),
        decision.reason().into(),
    ];
    connection.execute("write down who decided", WRITE, &values).await.map(drop)
}

/// The same, about what has a number and is of a source, which `source_of` looks up by that.
pub(super) async fn write_sourced(
    connection: &mut Connection,
    now: &str,
    decision: &Decision,
    action: AuditAction,
    (id, source_of): (i64, Sql),
) -> Result<(), StoreError> {
    let source: Option<String> =
        connection.row("look up whose products were decided about", source_of, &[id.into()]).await?;
    write(connection, now, decision, action, id, source.as_deref()).await
}

/// Writes down what was decided and is done elsewhere.
pub(super) async fn note(
    connection: &mut Connection,
    now: Timestamp,
    decision: &Decision,
    action: AuditAction,
    object: &str,
    source: Option<&str>,
) -> Result<(), StoreError> {
    write(connection, &run::moment(now), decision, action, object, source).await
}

/// Rows below a number, or from the last one on; newest first.
async fn list(
    connection: &mut Connection,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditView>, StoreError> {
    // Numbers begin at 1: nothing is before that.
    if before.is_some_and(|before| before <= 0) {
        return Ok(Vec::new());
    }
    let values = [before.unwrap_or(0).into(), i64::from(limit).into()];
    connection.rows("list what was decided", LIST, &values).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_bounded() {
        let fits = |who: usize, reason: usize| Decision::new(&"ü".repeat(who), Some(&"ü".repeat(reason)));
        assert!(fits(WHO_CHARS_MAX, REASON_CHARS_MAX).is_ok());
        assert_eq!(fits(WHO_CHARS_MAX + 1, 1), Err(DecisionError::Who(WHO_CHARS_MAX + 1)));
        assert_eq!(fits(1, REASON_CHARS_MAX + 1), Err(DecisionError::Reason(REASON_CHARS_MAX + 1)));
        assert_eq!(Decision::new("cli", Some("a\0b")), Err(DecisionError::Nul));
        assert_eq!(Decision::new("c\0li", None), Err(DecisionError::Nul));
    }

    #[test]
    fn a_reason_of_white_space_is_none() {
        assert_eq!(Decision::new("cli", Some(" \n")).expect("it fits").reason(), None);
        assert_eq!(Decision::new("cli", Some(" so \n")).expect("it fits").reason(), Some("so"));
    }

    #[test]
    fn actions_have_words_of_their_own() {
        let words: std::collections::BTreeSet<_> =
            AuditAction::ALL.iter().map(|each| each.as_str()).collect();
        assert_eq!(words.len(), AuditAction::ALL.len());
    }
}
