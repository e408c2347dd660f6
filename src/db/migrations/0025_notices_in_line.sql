-- Up Migration
-- Who is to be told next of several documents: the most urgent first, and of equals what became due first.
-- Step
drop index concurrently if exists delivery_to_notify;
-- Step
create index concurrently delivery_to_notify on delivery (recipient_code, urgency desc, next_attempt_at, id)
  where state = 'waiting' and channel = 'https-push';
