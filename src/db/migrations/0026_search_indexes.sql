-- Up Migration
-- What was sent to one recipient stands in the order of time, and what few records have has an index of its own.

-- The instant of its document; null where the release before writes it meanwhile, or its row is locked (0027).
-- Step
alter table delivery add column if not exists accepted_at timestamptz;
-- Step
drop index concurrently if exists delivery_undated;
-- Step
create index concurrently delivery_undated on delivery (id) where accepted_at is null;
-- Step, until it changes nothing
update delivery set accepted_at = (select accepted_at from document where document.id = delivery.document_id)
  where id = any (array(select id from delivery where accepted_at is null and id > $1::uuid
    order by id limit 1000 for no key update skip locked))
  returning id;
-- Step
drop index concurrently if exists delivery_undated;
-- Step
drop index concurrently if exists delivery_by_recipient;
-- Step
create index concurrently delivery_by_recipient on delivery (recipient_code, accepted_at, document_id);
-- Step
drop index concurrently if exists document_urgency;
-- Step
create index concurrently document_urgency on document (urgency, accepted_at, id) where urgency > 0;
-- Step
drop index concurrently if exists document_operation;
-- Step
create index concurrently document_operation on document (operation, accepted_at, id) where operation <> 'new';
-- Step
drop index concurrently if exists document_legal_value;
-- Step
create index concurrently document_legal_value on document (legal_value, accepted_at, id);
-- Step
drop index concurrently if exists document_status;
-- Step
create index concurrently document_status on document (accepted_at, id) where kind = 'status';
-- Step
drop index concurrently if exists status_report_code;
-- Step
create index concurrently status_report_code on status_report (code, received_at, id);
-- Step
drop index concurrently if exists delivery_request;
-- Step
create index concurrently delivery_request on delivery (request_state) where request_state is not null;
-- Step
drop index concurrently if exists delivery_processing;
-- Step
create index concurrently delivery_processing on delivery (processing_status) where processing_status is not null;
-- Step
drop index concurrently if exists delivery_not_taken;
-- Step
create index concurrently delivery_not_taken on delivery (state)
  where state in ('waiting', 'available', 'failed', 'withdrawn');
-- Step
drop index concurrently if exists attempt_not_made;
-- Step
create index concurrently attempt_not_made on attempt (state, started_at, delivery_id) where state <> 'succeeded';
-- Step
drop index concurrently if exists audit_event_kind;
-- Step
create index concurrently audit_event_kind on audit_event (kind, at, id)
  where kind not in ('submission-accepted', 'delivery-available', 'delivery-handed-over', 'delivery-acknowledged');
-- Step
drop index concurrently if exists audit_event_actor;
-- Step
create index concurrently audit_event_actor on audit_event (actor, at, id);
-- The words of the subject alone, without diacritics.
-- Step
drop index concurrently if exists document_subject;
-- Step
create index concurrently document_subject on document using gin
  ((translate(regexp_replace(translate(lower(normalize(subject, nfd)), 'Đ', 'đ'), '[\u0300-\u036f]', '', 'g'), 'đ', 'd'))
    gin_trgm_ops);
