-- Up Migration
-- The axis interface: systems that call this gateway as they call the national axis, what they tell of packets, and the
-- exchanges of which this gateway is a client itself.

-- A system is a client (role agency), with what the axis interface needs beside it.
create table axis_system (
  system_id text primary key references client (client_id),
  -- seconds by which the time in its headers may differ from ours
  clock_tolerance integer not null check (clock_tolerance between 1 and 31622400),
  rights text[] not null default '{}' check (rights <@ array['register-agencies', 'gateway']),
  -- networks that it calls from; empty: any
  networks cidr[] not null default '{}'
);

-- HMAC needs the secret itself: it is kept encrypted under a secret that is not in the database. Several at once allow
-- rotation.
create table axis_secret (
  id uuid primary key,
  system_id text not null references axis_system (system_id),
  sealed bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz
);
create index axis_secret_system on axis_secret (system_id);

create table axis_served (
  system_id text not null references axis_system (system_id),
  agency_code text not null references agency (code),
  with_beneath boolean not null default false,
  primary key (system_id, agency_code)
);

-- Rights, and serving with everybody beneath, take two administrators, and so do networks and certificate of a system
-- that has such: what one of them wishes is kept here, and gives nothing until another one confirms it.
create table axis_proposal (
  system_id text primary key references axis_system (system_id),
  serves jsonb not null,
  rights text[] not null check (rights <@ array['register-agencies', 'gateway']),
  networks cidr[] not null,
  certificate_sha256 text check (certificate_sha256 ~ '^[0-9a-f]{64}$'),
  proposed_by text not null references client (client_id),
  proposed_at timestamptz not null default clock_timestamp()
);

-- What a receiving system has told of a packet; no row: initial.
create table axis_packet_status (
  delivery_id uuid primary key references delivery (id),
  status text not null check (status in ('initial', 'processing', 'done', 'fail')),
  description text,
  system_id text not null,
  changed_at timestamptz not null default clock_timestamp()
);

-- What another exchange holds for us, from its list until it is told that we have it. Nothing is asked for twice, and
-- nothing is told before it is durable here.
create table axis_arrival (
  id uuid primary key,
  connector text not null,
  -- as the other exchange calls the packet
  remote_id text not null,
  message_type text not null check (message_type in ('edoc', 'status')),
  -- as its list names them; empty where it does not
  listed_from text not null default '',
  listed_to text not null default '',
  state text not null default 'listed' check (state in ('listed', 'fetched', 'accepted', 'refused')),
  -- whether the other exchange knows what became of it, and what it was told last
  told boolean not null default false,
  told_as text,
  listed_at timestamptz not null default clock_timestamp(),
  packet_sha256 text check (packet_sha256 ~ '^[0-9a-f]{64}$'),
  packet_length bigint,
  -- seal and hops of another gateway
  beside jsonb,
  -- of what the packet says: exchanges write one packet in several ways
  facts_sha256 text check (facts_sha256 ~ '^[0-9a-f]{64}$'),
  document_id uuid references document (id),
  -- why it is refused, and under which revision of the directory
  problem jsonb,
  directory_revision integer,
  -- what went wrong last, of what is tried again
  failure jsonb,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  unique (connector, remote_id),
  check ((state in ('fetched', 'accepted')) <= (packet_sha256 is not null)),
  check ((state = 'accepted') = (document_id is not null)),
  check ((state = 'refused') = (problem is not null))
);
create index axis_arrival_open on axis_arrival (connector, next_attempt_at) where state in ('listed', 'fetched') or not told;
create index axis_arrival_refused on axis_arrival (id) where state = 'refused';
create index axis_arrival_by_directory on axis_arrival (connector, directory_revision) where state = 'refused';
create index axis_arrival_blob on axis_arrival (packet_sha256) where packet_sha256 is not null;
create index axis_arrival_facts on axis_arrival (connector, facts_sha256) where state = 'accepted' and facts_sha256 is not null;

-- When the lists of another exchange were asked for last.
create table axis_poll (
  connector text primary key,
  polled_at timestamptz not null,
  succeeded_at timestamptz,
  failure jsonb
);

-- When another exchange was asked for its directory last.
create table axis_sync (
  connector text primary key,
  asked_at timestamptz not null
);

-- Whether a delivery brings a document or a status: lists and counts of what is to be fetched go by one index alone.
alter table delivery add column kind text check (kind in ('document', 'status'));
update delivery set kind = document.kind from document where document.id = delivery.document_id;
alter table delivery alter column kind set not null;
create index delivery_to_fetch on delivery (recipient_code, kind, urgency desc, id)
  where state in ('waiting', 'available', 'handed-over', 'failed') and inbox_number is not null;
-- and what was sent: an agency that sends many documents and no status is asked for both
create index document_sent on document (sender_code, kind, accepted_at, id);

-- What went by another exchange: under which number it is kept there. A delivery that may have left cannot be taken back
-- for certain any more.
alter table delivery add column may_have_left boolean not null default false;
alter table delivery add column remote_id text;
-- when the other exchange is asked whether the recipient has it; null: no more
alter table delivery add column receipt_due_at timestamptz;
create index delivery_receipt_due on delivery (receipt_due_at) where state = 'handed-over' and receipt_due_at is not null;
create index delivery_waiting_abroad on delivery (channel, state_since)
  where state = 'waiting' and channel in ('national-axis', 'gateway');
-- What went by another exchange lies in no inbox here.
do $$ declare name text; begin
  select conname into strict name from pg_constraint
    where conrelid = 'delivery'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%inbox_number IS NOT NULL%';
  execute format('alter table delivery drop constraint %I', name);
end $$;
alter table delivery add constraint delivery_reached_somewhere
  check (state not in ('available', 'handed-over', 'acknowledged') or inbox_number is not null
    or channel in ('national-axis', 'gateway'));

-- How a packet came: by which exchanges, and with whose seal.
alter table document add column hops jsonb not null default '[]' check (jsonb_typeof(hops) = 'array');
alter table document add column came_by text;
-- another gateway's detached XAdES over packet and attachments
alter table document add column gateway_seal_sha256 text check (gateway_seal_sha256 ~ '^[0-9a-f]{64}$');
create index document_gateway_seal on document (gateway_seal_sha256) where gateway_seal_sha256 is not null;

-- A packet may be handed in several times, each time for other recipients of its To: each of these is a document of its
-- own, which tells the submission key of the whole.
alter table document add column part_of text;
create index document_part on document (sender_code, part_of) where part_of is not null;

-- An exchange of which this gateway is a client is on record as a client too: what it brings came by somebody. It acts
-- for no agency, and cannot sign in.
alter table client drop constraint client_role_check;
alter table client add constraint client_role_check check (role in ('agency', 'admin', 'auditor', 'gateway'));
