-- Up Migration
-- Deliveries without the instant of their document: those that the release before wrote, or whose row was locked while
-- they were filled. Housekeeping finds and dates them by this index, which is empty otherwise: every new row is dated.
-- Step
drop index concurrently if exists delivery_undated;
-- Step
create index concurrently delivery_undated on delivery (id) where accepted_at is null;
-- Step, until it changes nothing
update delivery set accepted_at = (select accepted_at from document where document.id = delivery.document_id)
  where id = any (array(select id from delivery where accepted_at is null and id > $1::uuid
    order by id limit 1000 for no key update skip locked))
  returning id;
