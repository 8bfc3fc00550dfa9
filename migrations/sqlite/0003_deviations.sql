-- What was wrong: groups with exact counts, and samples with their place.

create table deviation_group (
    run_id           integer not null references run (id) on delete cascade,
    feed_version_id  integer not null references feed_version (id) on delete cascade,
    fingerprint      text not null,
    code             text not null,
    severity         text not null check (severity in ('notice', 'warning', 'error', 'fatal')),
    -- Element path without positions.
    path             text not null,
    count            integer not null,
    -- The sentence of the first of them.
    sentence         text not null,
    primary key (run_id, feed_version_id, fingerprint)
) strict;

create table deviation (
    id                integer primary key,
    run_id            integer not null references run (id) on delete cascade,
    feed_version_id   integer not null references feed_version (id) on delete cascade,
    fingerprint       text not null,
    code              text not null,
    severity          text not null,
    sentence          text not null,
    path              text not null,
    line_number       integer not null,
    column_number     integer not null,
    byte_offset       integer not null,
    ordinal           integer,
    record_reference  text,
    found             text not null,
    expected          text not null,
    excerpt           text not null,
    caret             integer not null,
    caret_width       integer not null
) strict;
create index deviation_run on deviation (run_id, id);
