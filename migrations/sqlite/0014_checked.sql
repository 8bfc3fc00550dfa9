-- no-transaction
-- A feed may be judged only: what it would do is counted, and nothing is done.
--
-- SQLite cannot change a check of a table, so the table is made again, as 0005 does. All of it may be done twice.

pragma foreign_keys = off;
begin immediate;
drop table if exists feed_version_again;
create table feed_version_again (
    id               integer primary key,
    run_id           integer not null references run (id) on delete cascade,
    source           text not null,
    feed             text not null,
    format           text not null,
    profile_version  integer not null,
    message_number   text,
    -- SHA-256 of the feed as delivered; null when it was not read to its end.
    digest           blob,
    state            text not null check (state in ('applied', 'repeated', 'held', 'refused', 'checked')),
    imported_at      text not null,
    bytes            integer not null,
    records          integer not null,
    inserted         integer not null,
    updated          integer not null,
    unchanged        integer not null,
    withdrawn        integer not null,
    refused          integer not null,
    acceptance       text check (acceptance in
        ('accepted', 'not_fully_checked', 'held', 'deviations', 'failed', 'cancelled')),
    judged_by        text,
    place_number     integer,
    place_sent       integer,
    extent           text check (extent in ('full', 'delta')),
    standing         integer,
    released_from    integer,
    stale            integer not null default 0
) strict;
insert into feed_version_again (id, run_id, source, feed, format, profile_version, message_number, digest, state, imported_at,
    bytes, records, inserted, updated, unchanged, withdrawn, refused, acceptance, judged_by,
    place_number, place_sent, extent, standing, released_from, stale)
select id, run_id, source, feed, format, profile_version, message_number, digest, state, imported_at,
    bytes, records, inserted, updated, unchanged, withdrawn, refused, acceptance, judged_by,
    place_number, place_sent, extent, standing, released_from, stale
from feed_version;
drop table feed_version;
alter table feed_version_again rename to feed_version;
create index feed_version_run on feed_version (run_id);
create index feed_version_digest on feed_version (digest);
create index feed_version_source on feed_version (source, id);
commit;
pragma foreign_keys = on;
