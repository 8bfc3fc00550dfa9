-- Who is signed in with a browser: by the hash of a text that the browser keeps, for some hours, and no longer than the
-- token counts that it was done with.
create table sign_in (
    -- SHA-256.
    hash        bytea primary key,
    token_id    bigint not null references token (id) on delete cascade,
    created_at  timestamptz not null,
    expires_at  timestamptz not null
);
create index sign_in_expires on sign_in (expires_at);
