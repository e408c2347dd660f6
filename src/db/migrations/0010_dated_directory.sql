-- Up Migration
-- The directory as dated facts. There are two times: when something holds (valid_from, valid_to: days in Vietnam) and
-- when it was said and taken back (asserted_in, retracted_in: revisions). Rows are never removed, and of a row nothing
-- but retracted_in is ever written.

create table directory_revision (
  number integer primary key check (number > 0),
  author text not null,
  reason text not null,
  -- null: an agency spoke for itself, or a new gateway was filled
  draft_id uuid,
  recorded_at timestamptz not null default clock_timestamp()
);

create table directory_fact (
  id bigint generated always as identity primary key,
  subject text not null check (char_length(subject) between 1 and 35),
  kind text not null check (kind in ('existence', 'name', 'placement', 'alias', 'contact', 'endpoint', 'certificate',
    'succession', 'group')),
  value jsonb not null,
  valid_from date not null,
  -- first day after its end
  valid_to date check (valid_to > valid_from),
  asserted_in integer not null references directory_revision (number),
  retracted_in integer references directory_revision (number) check (retracted_in > asserted_in)
);
create index directory_fact_subject on directory_fact (subject, kind);
create index directory_fact_asserted on directory_fact (asserted_in);
create index directory_fact_retracted on directory_fact (retracted_in) where retracted_in is not null;

-- Every process keeps directory and routing table in memory. Told inside the transaction: revisions are rare, and nobody
-- who writes one can forget it.
create function tell_of_revision() returns trigger language plpgsql as $$
begin
  perform pg_notify('tram_directory', '');
  return null;
end
$$;
create trigger directory_revision_told after insert on directory_revision
  for each statement execute function tell_of_revision();
create trigger routing_revision_told after insert on routing_revision
  for each statement execute function tell_of_revision();

-- What the directory held without dates of its own becomes the first revision.
insert into directory_revision (number, author, reason)
  select 1, 'migration', 'Chuyển danh bạ sang dữ kiện có ngày hiệu lực · The directory as dated facts'
  where exists (select from agency);
insert into directory_fact (subject, kind, value, valid_from, valid_to, asserted_in)
  select code, 'existence', '{}', valid_from, valid_to, 1 from agency
  union all
  select code, 'name', jsonb_build_object('name', name), valid_from, valid_to, 1 from agency
  union all
  select code, 'placement', jsonb_build_object('tier', tier, 'parent', parent_code), valid_from, valid_to, 1 from agency
  union all
  -- The spelling of an agency that has closed still leads to it.
  select agency.code, 'alias', jsonb_build_object('alias', alias, 'form',
      case when alias ~ '^[0-9]{3}([.][0-9]{2}){2}[.][A-Z][0-9]{2}$' then 'qcvn-13' else 'free' end), valid_from, null, 1
    from agency_alias join agency on agency.code = agency_alias.agency_code
  union all
  select agency.code, 'endpoint', jsonb_build_object('channel', channel, 'url', url, 'reaches', 'itself'),
      valid_from, valid_to, 1
    from endpoint join agency on agency.code = endpoint.agency_code where channel <> 'mailbox'
  union all
  select code, 'succession', jsonb_build_object('act', 'closure',
      'heirs', jsonb_build_array(jsonb_build_object('code', successor_code)), 'main', successor_code,
      'whenAddressed', 'redirect', 'whenInFlight', 'redirect', 'basis', null), valid_to, null, 1
    from agency where successor_code is not null and valid_to is not null;

-- What held back a recipient's deliveries stays: it is no fact of the directory, but a handle of the operators.
create table recipient_pause (
  agency_code text primary key references agency (code),
  paused_by text not null,
  paused_at timestamptz not null default clock_timestamp()
);
insert into recipient_pause (agency_code, paused_by, paused_at)
  select agency_code, 'migration', changed_at from endpoint where paused;

-- For looking at and counting. What is decided is decided from the snapshot that each process keeps in memory.
create view placement as
  select subject as agency_code, value ->> 'tier' as tier, value ->> 'parent' as parent_code,
    daterange(valid_from, valid_to) as days
  from directory_fact where kind = 'placement' and retracted_in is null;

-- The code alone stays, for documents, deliveries and clients to refer to.
drop table endpoint;
drop table agency_alias;
alter table agency
  drop column name,
  drop column tier,
  drop column parent_code,
  drop column valid_from,
  drop column valid_to,
  drop column successor_code,
  drop column revision,
  drop column changed_at;
create index directory_fact_alias on directory_fact ((value ->> 'alias')) where kind = 'alias' and retracted_in is null;
