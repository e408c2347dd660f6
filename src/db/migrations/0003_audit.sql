-- Up Migration
-- What happened, for auditors. Rows are added in the transaction of what they tell, and never changed.

create table audit_event (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  -- who brought it about: a client id, `worker`, ...
  actor text not null,
  agency_code text,
  document_id uuid,
  delivery_id uuid,
  detail jsonb not null default '{}'
);
create index audit_event_at on audit_event (at, id);
create index audit_event_document on audit_event (document_id, at, id);
create index audit_event_delivery on audit_event (delivery_id, at, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger audit_event_is_append_only before update or delete or truncate on audit_event
  for each statement execute function refuse_change();
create trigger routing_revision_is_append_only before update or delete or truncate on routing_revision
  for each statement execute function refuse_change();
