//! What only the worker of an attempt may say.

use super::connection::Connection;
use super::error::StoreError;
use super::run::Attempt;
use super::sql::Sql;

/// `$1` run, `$2` attempt. Nobody ends the run, and no other attempt begins, before the transaction does.
const FENCE: Sql = Sql {
    postgres: "select id::text from run where id = $1 and attempt = $2 and state = 'running' for share",
    sqlite: "select cast(id as text) from run where id = $1 and attempt = $2 and state = 'running'",
};

/// Does work in one transaction, only while this attempt of the run is the one that runs.
pub(super) async fn within_attempt<T>(
    connection: &mut Connection,
    attempt: Attempt,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let work = async |connection: &mut Connection| {
        let ours: Option<i64> = connection
            .row("look whether the run is still ours", FENCE, &[attempt.run.0.into(), attempt.number.into()])
            .await?;
        match ours {
            Some(_) => work(connection).await,
            None => Err(StoreError::LeaseLost { run: attempt.run.0 }),
        }
    };
    connection.transaction(work).await
}
