-- Up Migration
-- Packets of which a receiving system has told that it fails stand last on its list. They are few among all that was told.
create index axis_packet_failed on axis_packet_status (delivery_id) where status = 'fail';

-- Lists of what was sent tell of each delivery its number, state and time of hand-over: with these in the index, rows
-- that have not changed for a while are not read. It is the index of 0016, with more in it.
create unique index delivery_once_covering on delivery
  (document_id, recipient_code, (case when state = 'withdrawn' then id end)) include (state, tier, id, handed_over_at)
  nulls not distinct;
drop index delivery_once;
alter index delivery_once_covering rename to delivery_once;
