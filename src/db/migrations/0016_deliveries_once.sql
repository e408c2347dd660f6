-- Up Migration
-- What was withdrawn stays withdrawn, and yet its recipient may take over from another one from which the document was
-- not taken back: that delivery comes to it beside the withdrawn one. Of what was not withdrawn there is one row as before.
-- With state and tier in it, figures of a period are counted without reading the rows.
alter table delivery drop constraint delivery_document_id_recipient_code_key;
create unique index delivery_once on delivery
  (document_id, recipient_code, (case when state = 'withdrawn' then id end)) include (state, tier) nulls not distinct;

-- What an agency was sent, the newest first, instead of by state; of those that have closed only what may still move.
drop index delivery_recipient;
create index delivery_received on delivery (recipient_code, id);
create index delivery_to_move on delivery (recipient_code) where state in ('waiting', 'available', 'failed');

-- Drafts are listed by their id, and their state follows from more than this column: nothing is found by it.
drop index draft_state;
