-- What was imported when, by whom.

create table run (
    id           integer primary key autoincrement,
    started_at   text not null,
    finished_at  text,
    state        text not null check (state in ('running', 'succeeded', 'deviations', 'failed', 'killed')),
    -- Who works on it, and until when that counts without a sign of life.
    lease_owner  text not null,
    lease_until  text not null,
    exit_status  integer,
    -- Why it failed, one sentence.
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
create index run_running on run (id) where state = 'running';

-- Who imports products of a source right now.
create table lease (
    source  text primary key,
    run_id  integer not null references run (id) on delete cascade
) strict, without rowid;

-- The next free id of a table.
create table id_block (
    name  text primary key,
    next  integer not null
) strict, without rowid;
insert into id_block (name, next) values ('product', 1), ('feed_version', 1);

-- One row for each feed a run has read.
create table feed_version (
    id              integer primary key,
    run_id          integer not null references run (id) on delete cascade,
    source          text not null,
    feed            text not null,
    format          text not null,
    profile_version integer not null,
    message_number  text,
    -- SHA-256 of the feed as delivered; null when it was not read to its end.
    digest          blob,
    state           text not null check (state in ('applied', 'repeated', 'held', 'refused')),
    imported_at     text not null,
    bytes           integer not null,
    records         integer not null,
    inserted        integer not null,
    updated         integer not null,
    unchanged       integer not null,
    withdrawn       integer not null,
    refused         integer not null
) strict;
create index feed_version_run on feed_version (run_id);
create index feed_version_digest on feed_version (digest);
create index feed_version_source on feed_version (source, id);
