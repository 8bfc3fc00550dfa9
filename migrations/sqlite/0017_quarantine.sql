-- An entry of the quarantine keeps its number while its record comes with other bytes: those of before, and the key, where
-- they were written over; null where they were not.
alter table quarantine_before add column record_reference text;
alter table quarantine_before add column bytes blob;
alter table quarantine_before add column bytes_digest blob;
-- A rollback looks for what later runs did to the same entry.
create index quarantine_before_entry on quarantine_before (quarantine_id, place);
