-- Refused records that somebody without a token may look at: by the hash of a text that stands in an address, for some
-- days, and no longer than the record is kept.
create table share (
    id             integer primary key autoincrement,
    -- SHA-256.
    hash           blob not null unique,
    quarantine_id  integer not null references quarantine (id) on delete cascade,
    -- Who made it.
    who            text not null,
    created_at     text not null,
    expires_at     text not null,
    revoked_at     text
) strict;
create index share_entry on share (quarantine_id);
create index share_expires on share (expires_at);
