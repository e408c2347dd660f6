-- Up Migration
-- Routing tables take effect at a set time and are approved by somebody other than their author; and documents may go by
-- channels beyond this gateway.

alter table delivery drop constraint delivery_channel_check;
alter table delivery add constraint delivery_channel_check
  check (channel in ('mailbox', 'https-push', 'national-axis', 'gateway'));

alter table routing_revision
  -- the table in force at an instant is the one that took effect last by then
  add column effective_from timestamptz not null default clock_timestamp(),
  -- null: a new gateway's empty table
  add column approved_by text,
  add column draft_id uuid references draft (id),
  add check (approved_by is distinct from author);
-- Tables of before took effect when they were written; their rows may not be updated.
alter table routing_revision alter column effective_from type timestamptz using created_at;
create index routing_revision_effective on routing_revision (effective_from, id);
