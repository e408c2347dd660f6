-- Up Migration
-- Deliveries whose inbox is here need no sending, and so no queue: they are put into their inboxes straight out of the
-- outbox, many at a time. What an earlier release writes here goes by the queue, as before.
alter table outbox add column is_local boolean not null default false;

-- Each tier has its own turn, so that none holds up another.
create index outbox_local on outbox (tier, urgency desc, id) where is_local;
create index outbox_to_queue on outbox (urgency desc, id) where not is_local;
drop index outbox_urgent;

-- Local deliveries that are due and of which the outbox was not told: those of circulars, and those that moved.
create index delivery_local_due on delivery (tier, urgency desc, next_attempt_at)
  where state = 'waiting' and enqueued_at is null and channel = 'mailbox' and not route ? 'quietHours';
