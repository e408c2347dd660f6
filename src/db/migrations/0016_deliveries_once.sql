-- Up Migration
-- What was withdrawn stays withdrawn, and yet its recipient may take over from another one from which the document was
-- not taken back: that delivery comes to it beside the withdrawn one. Of what was not withdrawn there is one row as before.
alter table delivery drop constraint delivery_document_id_recipient_code_key;
create unique index delivery_once on delivery
  (document_id, recipient_code, (case when state = 'withdrawn' then id end)) nulls not distinct;
