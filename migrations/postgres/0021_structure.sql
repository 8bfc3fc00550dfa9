-- What the records of a source look like that a run applied, counted: what the next ones are held against. Of each source
-- and format the last ones stay.
create table structure_profile (
    run_id    bigint not null references run (id) on delete cascade,
    source    text not null,
    format    text not null,
    feeds     bigint not null,
    records   bigint not null,
    packed    bytea not null,
    primary key (run_id, source, format)
);
create index structure_profile_source on structure_profile (source, format, run_id);

-- A drift that somebody called expected: what is usual at a path is learned anew from this run on.
create table drift_acceptance (
    source       text not null,
    format       text not null,
    -- What the records ask for; empty for all kinds.
    kind         text not null,
    -- Empty for all paths of the kind.
    path         text not null,
    -- The first run that counts.
    since        bigint not null,
    who          text not null,
    accepted_at  timestamptz not null,
    primary key (source, format, kind, path)
);
