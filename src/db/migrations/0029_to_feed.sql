-- Up Migration
-- What the queue is to be told of is found among a hundred thousand deliveries that wait for inboxes here, of which it is
-- told nothing, and what it was told of and may have forgotten among those of which it was told.
-- Step
drop index concurrently if exists delivery_to_feed;
-- Step
create index concurrently delivery_to_feed on delivery (tier, urgency desc, next_attempt_at)
  where state = 'waiting' and enqueued_at is null
    and (not (channel = 'mailbox' and not route ? 'quietHours') or lease_until is not null);
-- Step
drop index concurrently if exists delivery_enqueued;
-- Step
create index concurrently delivery_enqueued on delivery (tier, enqueued_at)
  where state = 'waiting' and enqueued_at is not null;
