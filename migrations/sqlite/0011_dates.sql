-- When a record says that it was changed last: an older one does not replace a newer one.

-- Seconds since 1970.
alter table product add column changed_at integer;
alter table product_before add column changed_at integer;
-- Records that were passed over, because a newer version was there.
alter table feed_version add column stale integer not null default 0;
alter table run add column stale integer not null default 0;
