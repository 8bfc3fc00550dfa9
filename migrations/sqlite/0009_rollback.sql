-- What was there before a run changed it, for the last runs that changed something: enough to go back.

alter table run add column rolls_back integer;
-- How far it went back: all of it; but for products that later runs had changed; or over what those had done.
alter table run add column rollback_scope text
    check (rollback_scope in ('whole', 'kept_later', 'undid_later'));
-- The rollback that is in effect.
alter table run add column rolled_back_by integer;

-- Numbers transactions that change something; those of one source in the order in which they did.
insert into id_block (name, next) values ('rollback_place', 1);

-- The runs that can be rolled back, each with the place of its last transaction.
create table rollback_point (
    run_id  integer primary key references run (id) on delete cascade,
    place   integer not null
) strict;

-- Products that a transaction inserted, as an array of their numbers: a row for each would cost an import more than all
-- else that is kept. A rollback makes rows of `product_before` of them.
create table rollback_fresh (
    run_id       integer not null,
    place        integer not null,
    product_ids  text not null,
    primary key (run_id, place)
) strict;

-- As the shop's tables. Of each product the first in a run, and of one that was not there only whose it is.
create table product_before (
    run_id            integer not null,
    place             integer not null,
    product_id        integer not null,
    was_there         integer not null,
    source            text not null,
    record_reference  text not null,
    edition_number    text,
    title             text,
    subtitle          text,
    instrumentation   text,
    form              text,
    binding           text,
    publisher         text,
    imprint           text,
    pages             integer,
    weight_g          text,
    height_mm         text,
    width_mm          text,
    thickness_mm      text,
    publication_date  text,
    publishing_status text,
    availability      text,
    stock             integer,
    attributes        text,
    unpriced_reason   text,
    fingerprint       blob,
    withdrawn_at      text,
    first_run         integer,
    last_changed_run  integer,
    feed_version_id   integer,
    primary key (run_id, product_id)
) strict;

create table product_identifier_before (
    run_id      integer not null,
    product_id  integer not null,
    position    integer not null,
    kind        text not null,
    value       text not null,
    primary key (run_id, product_id, position)
) strict, without rowid;

create table product_contributor_before (
    run_id      integer not null,
    product_id  integer not null,
    position    integer not null,
    sequence    integer not null,
    role        text not null,
    name        text not null,
    sort_name   text,
    born        text,
    died        text,
    primary key (run_id, product_id, position)
) strict, without rowid;

create table product_price_before (
    run_id            integer not null,
    product_id        integer not null,
    position          integer not null,
    kind              text not null,
    qualifier         text,
    minimum_quantity  integer,
    conditions        text,
    amount            text not null,
    currency          text not null,
    tax_code          text,
    tax_percent       text,
    territory         text,
    valid_from        text,
    valid_until       text,
    primary key (run_id, product_id, position)
) strict, without rowid;

-- `repeat` and `mark_run` are null where there was no mark.
create table message_mark_before (
    run_id    integer not null,
    place     integer not null,
    source    text not null,
    format    text not null,
    number    integer,
    repeat    integer,
    sent      integer,
    mark_run  integer,
    primary key (run_id, source, format)
) strict;

-- `feed_version_id` is null where there was no tombstone.
create table tombstone_before (
    run_id            integer not null,
    place             integer not null,
    source            text not null,
    record_reference  text not null,
    feed_version_id   integer,
    primary key (run_id, source, record_reference)
) strict;

-- Of an entry that was not there only its number.
create table quarantine_before (
    run_id           integer not null,
    place            integer not null,
    quarantine_id    integer not null,
    was_there        integer not null,
    state            text,
    resolved_at      text,
    last_run         integer,
    feed_version_id  integer,
    feed             text,
    ordinal          integer,
    line_number      integer,
    column_number    integer,
    byte_offset      integer,
    format           text,
    profile_version  integer,
    context          text,
    findings         text,
    primary key (run_id, quarantine_id)
) strict;
