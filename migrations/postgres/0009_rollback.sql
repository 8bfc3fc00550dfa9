-- What was there before a run changed it, for the last runs that changed something: enough to go back.

alter table run add column rolls_back bigint;
-- How far it went back: all of it; but for products that later runs had changed; or over what those had done.
alter table run add column rollback_scope text
    check (rollback_scope in ('whole', 'kept_later', 'undid_later'));
-- The rollback that is in effect.
alter table run add column rolled_back_by bigint;

-- Numbers transactions that change something; those of one source in the order in which they did.
create sequence rollback_place;

-- The runs that can be rolled back, each with the place of its last transaction.
create table rollback_point (
    run_id  bigint primary key references run (id) on delete cascade,
    place   bigint not null
);

-- Products that a transaction inserted, as an array of their numbers: a row for each would cost an import more than all
-- else that is kept. A rollback makes rows of `product_before` of them.
create table rollback_fresh (
    run_id       bigint not null,
    place        bigint not null,
    product_ids  jsonb not null,
    primary key (run_id, place)
);

-- As the shop's tables. Of each product the first in a run, and of one that was not there only whose it is.
create table product_before (
    run_id            bigint not null,
    place             bigint not null,
    product_id        bigint not null,
    was_there         smallint not null,
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
    pages             bigint,
    weight_g          numeric,
    height_mm         numeric,
    width_mm          numeric,
    thickness_mm      numeric,
    publication_date  text,
    publishing_status text,
    availability      text,
    stock             bigint,
    attributes        jsonb,
    unpriced_reason   text,
    fingerprint       bytea,
    withdrawn_at      timestamptz,
    first_run         bigint,
    last_changed_run  bigint,
    feed_version_id   bigint,
    primary key (run_id, product_id)
);

create table product_identifier_before (
    run_id      bigint not null,
    product_id  bigint not null,
    position    bigint not null,
    kind        text not null,
    value       text not null
);
create index product_identifier_before_run on product_identifier_before (run_id);

create table product_contributor_before (
    run_id      bigint not null,
    product_id  bigint not null,
    position    bigint not null,
    sequence    bigint not null,
    role        text not null,
    name        text not null,
    sort_name   text,
    born        text,
    died        text
);
create index product_contributor_before_run on product_contributor_before (run_id);

create table product_price_before (
    run_id            bigint not null,
    product_id        bigint not null,
    position          bigint not null,
    kind              text not null,
    qualifier         text,
    minimum_quantity  bigint,
    conditions        text,
    amount            numeric not null,
    currency          text not null,
    tax_code          text,
    tax_percent       numeric,
    territory         text,
    valid_from        text,
    valid_until       text
);
create index product_price_before_run on product_price_before (run_id);

-- `repeat` and `mark_run` are null where there was no mark.
create table message_mark_before (
    run_id    bigint not null,
    place     bigint not null,
    source    text not null,
    format    text not null,
    number    bigint,
    repeat    bigint,
    sent      bigint,
    mark_run  bigint,
    primary key (run_id, source, format)
);

-- `feed_version_id` is null where there was no tombstone.
create table tombstone_before (
    run_id            bigint not null,
    place             bigint not null,
    source            text not null,
    record_reference  text not null,
    feed_version_id   bigint,
    primary key (run_id, source, record_reference)
);

-- Of an entry that was not there only its number.
create table quarantine_before (
    run_id           bigint not null,
    place            bigint not null,
    quarantine_id    bigint not null,
    was_there        smallint not null,
    state            text,
    resolved_at      timestamptz,
    last_run         bigint,
    feed_version_id  bigint,
    feed             text,
    ordinal          bigint,
    line_number      bigint,
    column_number    bigint,
    byte_offset      bigint,
    format           text,
    profile_version  bigint,
    context          jsonb,
    findings         jsonb,
    primary key (run_id, quarantine_id)
);
