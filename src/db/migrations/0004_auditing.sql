-- Up Migration
-- What auditors and operators look for, by time and by words.

create index attempt_started on attempt (started_at, delivery_id);
create index status_report_received on status_report (received_at, id);

-- Words inside a text, with and without diacritics: trigrams find them without reading every document.
create extension if not exists pg_trgm;
create index document_search_text on document using gin (search_text gin_trgm_ops);
