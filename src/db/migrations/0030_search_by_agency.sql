-- Up Migration
-- Events of one agency, and deliveries to one tier, stand in the order of time: also where there are few, or none.
-- Step
drop index concurrently if exists audit_event_agency;
-- Step
create index concurrently audit_event_agency on audit_event (agency_code, at, id) where agency_code is not null;
-- Step
drop index concurrently if exists delivery_tier;
-- Step
create index concurrently delivery_tier on delivery (tier, accepted_at, document_id);
