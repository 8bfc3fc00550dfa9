-- Who is signed in with a browser: by the hash of a text that the browser keeps, for some hours, and no longer than the
-- token counts that it was done with.
create table sign_in (
    -- SHA-256.
    hash        blob primary key,
    token_id    integer not null references token (id) on delete cascade,
    created_at  text not null,
    expires_at  text not null
) strict;
create index sign_in_expires on sign_in (expires_at);
