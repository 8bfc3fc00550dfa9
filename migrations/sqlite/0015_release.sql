-- A held feed is let in by a run that waits for its turn as any other: what was seen, why, and by whom.

alter table submission add column release_held integer;
alter table submission add column release_plan text;
alter table submission add column release_reason text;
alter table submission add column decided_by text;
