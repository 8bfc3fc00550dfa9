-- What a feed was judged by, and its place among the messages of its sender; the newest message of each source and
-- format that was applied.

alter table feed_version add column judged_by text;
-- The place of the message: its number, when it was sent in seconds since 1970.
alter table feed_version add column place_number integer;
alter table feed_version add column place_sent integer;

create table message_mark (
    source  text not null,
    format  text not null,
    number  integer,
    repeat  integer not null,
    -- Seconds since 1970.
    sent    integer,
    run_id  integer not null,
    primary key (source, format)
) strict;

-- Products that a message withdrew before they were ever there: an older message must not bring them.
create table tombstone (
    source            text not null,
    record_reference  text not null,
    feed_version_id   integer not null references feed_version (id) on delete cascade,
    primary key (source, record_reference)
) strict;
