-- What feeds told that were imported: when their very bytes come again, it is told again, and nothing is read.
create table feed_told (
    feed_version_id bigint primary key references feed_version (id) on delete cascade,
    -- Digest of the program and of all settings that decide what a feed tells.
    judged_with     text not null,
    -- Bytes of the feed as delivered: where none is of that size, nothing is hashed.
    delivered_bytes bigint not null,
    -- What its header said, JSON.
    head            text not null,
    -- All the rest, JSON.
    told            text not null
);
create index feed_told_size on feed_told (delivered_bytes);
-- The feed of the same bytes that was told instead of reading this one.
alter table feed_version add column recognised_as bigint references feed_version (id) on delete set null;
