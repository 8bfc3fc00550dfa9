-- In how many records findings of a kind stand; null of feeds that were read before this was kept.
alter table deviation_group add column records bigint;
-- What was decided about one thing is looked up by it.
create index audit_object on audit (object, id);
