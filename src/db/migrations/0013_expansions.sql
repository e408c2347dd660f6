-- Up Migration
-- Address groups as they were expanded at acceptance, and circulars that are fed to the queue in batches. The names by
-- which a packet came to a recipient stand with the delivery's explanation (delivery.route -> 'addressed').

-- the sender's name on the day of acceptance
alter table document add column sender_name text;

alter table document add column expansions jsonb not null default '[]' check (jsonb_typeof(expansions) = 'array');

-- The most urgent goes to the queue first.
create index outbox_urgent on outbox (urgency desc, id);

-- Due, and the queue was not told: retries, and deliveries of circulars.
create index delivery_unqueued on delivery (tier, urgency desc, next_attempt_at)
  where state = 'waiting' and enqueued_at is null;
