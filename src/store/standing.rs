//! What the database holds, in the few numbers that are watched.

use super::Store;
use super::connection::Connection;
use super::error::StoreError;
use super::sql::Sql;
use jiff::Timestamp;

const QUARANTINED: Sql = Sql {
    postgres: "select count(*)::text from quarantine where state = 'open'",
    sqlite: "select cast(count(*) as text) from quarantine where state = 'open'",
};
const OLDEST: Sql = Sql {
    postgres: "select json_build_array(
                   to_char(min(created_at) at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text
               from quarantine where state = 'open'",
    sqlite: "select json_array(min(created_at)) from quarantine where state = 'open'",
};
const HELD: Sql = Sql {
    postgres: "select count(*)::text from held_feed where state = 'open'",
    sqlite: "select cast(count(*) as text) from held_feed where state = 'open'",
};
const LAST_GOOD: Sql = Sql {
    postgres: "select json_build_array(source,
                   to_char(max(imported_at) at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text
               from feed_version where state in ('applied', 'repeated')
                 and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
               group by source order by max(imported_at) desc, source limit $1",
    sqlite: "select json_array(source, max(imported_at))
             from feed_version where state in ('applied', 'repeated')
               and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
             group by source order by max(imported_at) desc, source limit $1",
};

/// What the database holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Records that wait in quarantine.
    pub quarantined: u64,
    /// When the oldest of them was refused first; `None` when there is none.
    pub quarantined_since: Option<Timestamp>,
    /// Feeds that are held.
    pub held: u64,
    /// Senders with the moment of the last feed of theirs that was imported, the newest first.
    pub last_good: Vec<(String, Timestamp)>,
}

impl Store {
    /// The few numbers that are watched, with at most so many senders.
    pub async fn standing(&self, senders_max: usize) -> Result<Standing, StoreError> {
        self.pool.run(async |connection| standing(connection, senders_max).await).await
    }
}

/// Asks for it, with at most so many senders.
async fn standing(connection: &mut Connection, senders_max: usize) -> Result<Standing, StoreError> {
    let quarantined: Option<u64> = connection.row("count the quarantine", QUARANTINED, &[]).await?;
    let oldest: Option<(Option<String>,)> =
        connection.row("look for the oldest refused", OLDEST, &[]).await?;
    let held: Option<u64> = connection.row("count held feeds", HELD, &[]).await?;
    let limit = i64::try_from(senders_max).unwrap_or(i64::MAX);
    let found: Vec<(String, String)> =
        connection.rows("look for the last feeds", LAST_GOOD, &[limit.into()]).await?;
    // Moments are written by this module's own statements; one that does not parse was put there by others.
    let last_good = found.into_iter().filter_map(|(source, at)| Some((source, at.parse().ok()?))).collect();
    Ok(Standing {
        quarantined: quarantined.unwrap_or(0),
        quarantined_since: oldest.and_then(|(at,)| at?.parse().ok()),
        held: held.unwrap_or(0),
        last_good,
    })
}
