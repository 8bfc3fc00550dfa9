-- Refused records that somebody without a token may look at: by the hash of a text that stands in an address, for some
-- days, and no longer than the record is kept.
create table share (
    id             bigint generated always as identity primary key,
    -- SHA-256.
    hash           bytea not null unique,
    quarantine_id  bigint not null references quarantine (id) on delete cascade,
    -- Who made it.
    who            text not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    revoked_at     timestamptz
);
create index share_entry on share (quarantine_id);
create index share_expires on share (expires_at);
