-- What the records of a source look like that a run applied, counted: what the next ones are held against. Of each source
-- and format the last ones stay.
create table structure_profile (
    run_id    integer not null references run (id) on delete cascade,
    source    text not null,
    format    text not null,
    feeds     integer not null,
    records   integer not null,
    packed    blob not null,
    primary key (run_id, source, format)
) strict;
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
    since        integer not null,
    who          text not null,
    accepted_at  text not null,
    primary key (source, format, kind, path)
) strict, without rowid;
