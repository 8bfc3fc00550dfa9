-- The shop's tables. One row in `product` per source (sender) and record reference; a withdrawn product keeps its row.

create table product (
    id                integer primary key,
    source            text not null,
    record_reference  text not null,
    edition_number    text,
    title             text not null,
    subtitle          text,
    instrumentation   text,
    form              text,
    binding           text,
    publisher         text,
    imprint           text,
    pages             integer,
    -- Exact decimals are kept as text: SQLite's numbers would round them.
    weight_g          text,
    height_mm         text,
    width_mm          text,
    thickness_mm      text,
    -- As precise as the feed says: YYYY, YYYY-MM or YYYY-MM-DD.
    publication_date  text,
    publishing_status text,
    availability      text,
    stock             integer,
    -- JSON: languages, series, texts, media, subjects, related products.
    attributes        text not null,
    -- Equal products have equal fingerprints: what did not change is not written again.
    fingerprint       blob not null,
    withdrawn_at      text,
    first_run         integer not null,
    last_changed_run  integer not null,
    -- The feed that wrote it last.
    feed_version_id   integer not null,
    unique (source, record_reference)
) strict;

create table product_identifier (
    product_id  integer not null references product (id) on delete cascade,
    position    integer not null,
    kind        text not null,
    value       text not null,
    primary key (product_id, position)
) strict, without rowid;
create index product_identifier_value on product_identifier (value);

create table product_contributor (
    product_id  integer not null references product (id) on delete cascade,
    position    integer not null,
    sequence    integer not null,
    role        text not null,
    name        text not null,
    sort_name   text,
    born        text,
    died        text,
    primary key (product_id, position)
) strict, without rowid;

create table product_price (
    product_id   integer not null references product (id) on delete cascade,
    position     integer not null,
    kind         text not null,
    amount       text not null,
    currency     text not null,
    tax_code     text,
    tax_percent  text,
    territory    text,
    valid_from   text,
    valid_until  text,
    primary key (product_id, position)
) strict, without rowid;
