-- no-transaction
-- A run may end because a signal cancelled it.
--
-- SQLite cannot change a check of a table, so the table is made again. Foreign keys rest meanwhile, or dropping it
-- would drop what refers to it; they rest outside of transactions only, therefore the first line. All of it may be
-- done twice.

pragma foreign_keys = off;
begin immediate;
create table run_again (
    id           integer primary key autoincrement,
    started_at   text not null,
    finished_at  text,
    state        text not null
        check (state in ('running', 'succeeded', 'deviations', 'failed', 'cancelled', 'killed')),
    lease_owner  text not null,
    lease_until  text not null,
    exit_status  integer,
    message      text,
    trace_id     text,
    feeds        integer not null default 0,
    bytes        integer not null default 0,
    records      integer not null default 0,
    inserted     integer not null default 0,
    updated      integer not null default 0,
    unchanged    integer not null default 0,
    withdrawn    integer not null default 0,
    refused      integer not null default 0,
    notices      integer not null default 0,
    warnings     integer not null default 0,
    errors       integer not null default 0,
    fatals       integer not null default 0
) strict;
insert into run_again (id, started_at, finished_at, state, lease_owner, lease_until, exit_status, message, trace_id,
    feeds, bytes, records, inserted, updated, unchanged, withdrawn, refused, notices, warnings, errors, fatals)
select id, started_at, finished_at, state, lease_owner, lease_until, exit_status, message, trace_id,
    feeds, bytes, records, inserted, updated, unchanged, withdrawn, refused, notices, warnings, errors, fatals
from run;
drop table run;
alter table run_again rename to run;
create index run_running on run (id) where state = 'running';
commit;
pragma foreign_keys = on;
