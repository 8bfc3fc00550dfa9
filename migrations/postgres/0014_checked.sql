-- A feed may be judged only: what it would do is counted, and nothing is done.

alter table feed_version drop constraint feed_version_state_check;
alter table feed_version add constraint feed_version_state_check
    check (state in ('applied', 'repeated', 'held', 'refused', 'checked'));
