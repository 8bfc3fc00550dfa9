-- A run may end because a signal cancelled it.

alter table run drop constraint run_state_check;
alter table run add constraint run_state_check
    check (state in ('running', 'succeeded', 'deviations', 'failed', 'cancelled', 'killed'));
