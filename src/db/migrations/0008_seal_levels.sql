-- Up Migration
-- What is added to the gateway's seals after acceptance, and which of them wait for it.

-- Each is a blob of its own beside the first seal, which stays.
create table seal_level (
  document_id uuid not null references document (id),
  number smallint not null check (number > 0),
  level text not null check (level in ('B-T', 'B-LT', 'B-LTA')),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- of the newest timestamp in it, by its authority's clock
  gen_time timestamptz not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (document_id, number)
);
create index seal_level_blob on seal_level (sha256);
-- when a timestamp was last had
create index seal_level_stamped on seal_level (made_at) where level = 'B-T';
-- which seals are to be renewed, the oldest first, whatever their level
create index seal_level_proof on seal_level (gen_time, document_id, number);

create trigger seal_level_is_append_only before update or delete or truncate on seal_level
  for each statement execute function refuse_change();

create table seal_due (
  document_id uuid primary key references document (id),
  wants text not null default 'B-T' check (wants in ('B-T', 'B-LT')),
  -- since when the timestamp is owed; null where its want holds up nobody: there was no authority to ask when the
  -- document was accepted, or it fails for a reason of its own
  owed_since timestamptz,
  due_at timestamptz not null,
  attempts integer not null default 0,
  -- why the last attempt failed
  reason text
);
create index seal_due_due on seal_due (wants, due_at);
create index seal_due_owed on seal_due (owed_since) where wants = 'B-T' and owed_since is not null;

insert into seal_due (document_id, due_at) select id, accepted_at from document;
