-- no-transaction
-- Feeds that were uploaded and wait for their turn, what is kept of them, and who may do what.
--
-- SQLite cannot change a check of a table, so the table is made again. Foreign keys rest meanwhile, or dropping it
-- would drop what refers to it; they rest outside of transactions only, therefore the first line. All of it may be
-- done twice.

pragma foreign_keys = off;
begin immediate;
drop table if exists run_again;
create table run_again (
    id              integer primary key autoincrement,
    -- Null while nobody has begun.
    started_at      text,
    finished_at     text,
    state           text not null check (state in
        ('queued', 'running', 'succeeded', 'deviations', 'failed', 'held', 'cancelled', 'killed')),
    lease_owner     text not null,
    lease_until     text not null,
    exit_status     integer,
    message         text,
    trace_id        text,
    feeds           integer not null default 0,
    bytes           integer not null default 0,
    records         integer not null default 0,
    inserted        integer not null default 0,
    updated         integer not null default 0,
    unchanged       integer not null default 0,
    withdrawn       integer not null default 0,
    refused         integer not null default 0,
    notices         integer not null default 0,
    warnings        integer not null default 0,
    errors          integer not null default 0,
    fatals          integer not null default 0,
    rolls_back      integer,
    rollback_scope  text check (rollback_scope in ('whole', 'kept_later', 'undid_later')),
    rolled_back_by  integer,
    stale           integer not null default 0,
    -- Counts who has begun it: what a worker writes holds only while this is still its own number.
    attempt         integer not null default 1,
    -- What stands in one lane is done one after another, in the order of the numbers; null waits for nobody.
    lane            text
) strict;
insert into run_again (id, started_at, finished_at, state, lease_owner, lease_until, exit_status, message, trace_id, feeds, bytes,
    records, inserted, updated, unchanged, withdrawn, refused, notices, warnings, errors, fatals, rolls_back,
    rollback_scope, rolled_back_by, stale)
select id, started_at, finished_at, state, lease_owner, lease_until, exit_status, message, trace_id, feeds, bytes,
    records, inserted, updated, unchanged, withdrawn, refused, notices, warnings, errors, fatals, rolls_back,
    rollback_scope, rolled_back_by, stale
from run;
drop table run;
alter table run_again rename to run;
create index run_running on run (id) where state = 'running';
create index run_lane on run (lane, id) where state in ('queued', 'running');
create index run_queued on run (id) where state = 'queued';

-- What was asked for with an uploaded feed.
create table if not exists submission (
    run_id            integer primary key references run (id) on delete cascade,
    received_at       text not null,
    -- Name of the token; empty where nobody had to say who they are.
    token             text not null default '',
    mode              text not null check (mode in ('import', 'check')),
    format            text,
    -- Whose products it brings: as it was asked for, or as its header says.
    source            text,
    -- It was asked for, and holds whatever the header says.
    source_asked      integer not null default 0,
    feed              text not null,
    bytes             integer not null,
    digest            blob not null,
    -- What the same submission is known by; null once it does not count any more.
    identity          text,
    -- Where its bytes are; null once they are not needed any more.
    spool             text,
    traceparent       text,
    not_before        text,
    -- How often whoever worked on it was lost.
    lost              integer not null default 0,
    lost_at           text,
    cancel_asked      integer not null default 0,
    progress_bytes    integer not null default 0,
    progress_records  integer not null default 0,
    progress_refused  integer not null default 0,
    -- What it came to, JSON.
    summary           text
) strict;
create unique index if not exists submission_identity on submission (identity);
create index if not exists submission_spool on submission (spool) where spool is not null;
create index if not exists submission_source on submission (source, run_id);

-- Its reports, packed by zstd, in order.
create table if not exists run_report (
    run_id    integer not null references run (id) on delete cascade,
    form      text not null,
    position  integer not null,
    bytes     blob not null,
    primary key (run_id, form, position)
) strict;

-- The bytes of the last feeds that were applied of each source, as they were delivered, packed by zstd, in order.
create table if not exists feed_copy (
    feed_version_id  integer not null references feed_version (id) on delete cascade,
    position         integer not null,
    bytes            blob not null,
    primary key (feed_version_id, position)
) strict;

create table if not exists token (
    id            integer primary key autoincrement,
    name          text not null unique,
    -- SHA-256; the token itself is told once.
    hash          blob not null unique,
    -- Words with spaces between.
    scopes        text not null,
    -- The only one that it may see and submit.
    source        text,
    created_at    text not null,
    expires_at    text,
    revoked_at    text,
    last_used_at  text
) strict;

-- What people decided: who, when, why.
create table if not exists audit (
    id      integer primary key autoincrement,
    at      text not null,
    who     text not null,
    action  text not null,
    object  text not null,
    source  text,
    reason  text
) strict;

-- What lists are looked up by.
create index if not exists run_state on run (state, id);
create index if not exists feed_version_source_run on feed_version (source, run_id);
create index if not exists quarantine_open on quarantine (id) where state = 'open';
create index if not exists quarantine_closed on quarantine (state, id) where state <> 'open';
create index if not exists quarantine_closed_source on quarantine (source, id) where state <> 'open';
create index if not exists quarantine_first_run on quarantine (first_run, id);
create index if not exists quarantine_last_run on quarantine (last_run, id);
create index if not exists quarantine_reference on quarantine (record_reference, id);
commit;
pragma foreign_keys = on;
