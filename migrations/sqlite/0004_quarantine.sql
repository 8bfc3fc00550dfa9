-- Refused records, byte for byte, with what is needed to read them again without their feed.

create table quarantine (
    id                integer primary key autoincrement,
    state             text not null check (state in ('open', 'replayed', 'superseded', 'discarded')),
    -- When and by which feed it was refused first, and last with the same bytes.
    created_at        text not null,
    first_run         integer not null,
    last_run          integer not null,
    feed_version_id   integer not null,
    resolved_at       text,
    source            text not null,
    feed              text not null,
    record_reference  text,
    ordinal           integer not null,
    line_number       integer not null,
    column_number     integer not null,
    byte_offset       integer not null,
    format            text not null,
    profile_version   integer not null,
    -- JSON: encoding, root name, prefix bindings.
    context           text not null,
    bytes             blob not null,
    bytes_digest      blob not null,
    -- JSON.
    findings          text not null
) strict;
create index quarantine_open_reference on quarantine (source, record_reference) where state = 'open';
create index quarantine_open_digest on quarantine (source, bytes_digest) where state = 'open';
