-- What the guard compares, and feeds that it holds.

-- Whether the product can be had, and hashes of its title and prices; null where nobody has looked yet.
alter table product add column facts integer;
alter table product_before add column facts integer;

-- Whether the feed spoke of all products of its sender, how many of them stood when it was applied, and the held feed
-- that it released.
alter table feed_version add column extent text check (extent in ('full', 'delta'));
alter table feed_version add column standing integer;
alter table feed_version add column released_from integer;

create table held_feed (
    -- The feed as it was held; its number for people, too.
    feed_version_id  integer primary key references feed_version (id) on delete cascade,
    state            text not null check (state in ('open', 'released', 'refused', 'superseded', 'expired')),
    held_at          text not null,
    keep_until       text not null,
    -- What it would do, and which limits that exceeds.
    plan             text not null,
    plan_digest      text not null,
    -- Bytes as they are kept, packed; 0 when they could not be kept.
    packed_bytes     integer not null,
    resolved_at      text,
    resolved_run     integer,
    reason           text
) strict;
create index held_feed_open on held_feed (feed_version_id) where state = 'open';

-- The bytes of a held feed as they were delivered, packed by zstd, in order.
create table held_chunk (
    feed_version_id  integer not null references held_feed (feed_version_id) on delete cascade,
    position         integer not null,
    bytes            blob not null,
    primary key (feed_version_id, position)
) strict;
