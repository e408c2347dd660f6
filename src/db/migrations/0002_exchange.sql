-- Up Migration
-- The exchange: documents, deliveries, attempts, statuses, and the outbox that wakes the queue.

create table document (
  id uuid primary key,
  kind text not null check (kind in ('document', 'status')),
  operation text check (operation in ('new', 'recall', 'update', 'replace')),
  sender_code text not null references agency (code),
  client_id text not null references client (client_id),
  -- what makes two submissions of one sender the same one; see domain/submission-key.ts
  submission_key text not null,
  edxml_document_id text,
  packet_sha256 text not null check (packet_sha256 ~ '^[0-9a-f]{64}$'),
  packet_length bigint not null check (packet_length >= 0),
  code_number text,
  code_notation text,
  subject text,
  document_type text,
  promulgation_date text,
  urgency smallint not null check (urgency between 0 and 4),
  status_code text,
  -- subject, number and names, lower case, with and without diacritics, for the auditors' search
  search_text text not null,
  envelope jsonb not null,
  signature_report jsonb not null,
  legal_value text not null check (legal_value in ('agency-and-person', 'agency-only', 'reference-only')),
  -- the gateway's detached XAdES over packet and attachments
  seal_sha256 text not null check (seal_sha256 ~ '^[0-9a-f]{64}$'),
  -- the sealed acceptance receipt, a compact JWS
  receipt text not null,
  accepted_at timestamptz not null,
  unique (sender_code, submission_key),
  check ((kind = 'document') = (operation is not null)),
  check ((kind = 'status') = (status_code is not null))
);
create index document_accepted on document (accepted_at, id);
create index document_sender on document (sender_code, accepted_at, id);
create index document_edxml_id on document (edxml_document_id, sender_code);

create table attachment (
  document_id uuid not null references document (id),
  position smallint not null,
  content_id text not null,
  name text not null,
  content_type text,
  sniffed_type text,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  length bigint not null check (length >= 0),
  primary key (document_id, position)
);

-- Which earlier documents a recall, update, replacement or status speaks of.
create table document_target (
  document_id uuid not null references document (id),
  target_id uuid not null references document (id),
  primary key (document_id, target_id)
);
create index document_target_target on document_target (target_id);

create table delivery (
  id uuid primary key,
  document_id uuid not null references document (id),
  recipient_code text not null references agency (code),
  tier text not null references tier (code),
  urgency smallint not null check (urgency between 0 and 4),
  channel text not null check (channel in ('mailbox', 'https-push')),
  -- why it goes this way: routing revision, rule, what was tried
  route jsonb not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'available', 'handed-over', 'acknowledged', 'withdrawn', 'failed')),
  state_since timestamptz not null default clock_timestamp(),
  -- fencing: every worker that takes the delivery, and everything that overtakes one, raises the epoch
  lease_epoch bigint not null default 0,
  lease_until timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  enqueued_at timestamptz,
  -- running number in the recipient's inbox, without gaps
  inbox_number bigint,
  -- the recipient's own processes may share the work: who holds this item, until when
  claim_token uuid,
  claim_until timestamptz,
  handed_over_at timestamptz,
  acknowledged_at timestamptz,
  processing_status text check (processing_status in ('01', '02', '03', '04', '05', '06')),
  request_state text check (request_state in ('requested', 'agreed', 'objected')),
  -- why it failed or was withdrawn
  reason jsonb,
  unique (document_id, recipient_code),
  unique (recipient_code, inbox_number),
  check ((state = 'waiting') = (next_attempt_at is not null)),
  check (state not in ('available', 'handed-over', 'acknowledged') or inbox_number is not null)
);
create index delivery_due on delivery (next_attempt_at) where state = 'waiting';
create index delivery_open_inbox on delivery (recipient_code, inbox_number)
  where state in ('waiting', 'available', 'handed-over', 'failed');
create index delivery_recipient on delivery (recipient_code, state);

-- One row an agency: the last number given in its inbox. Locked while a delivery becomes available, so that numbers
-- become visible in their order and a reader's cursor can never pass one that is not there yet.
create table inbox (
  agency_code text primary key references agency (code),
  last_number bigint not null default 0
);

create table attempt (
  delivery_id uuid not null references delivery (id),
  epoch bigint not null,
  channel text not null,
  worker text not null,
  state text not null default 'started'
    check (state in ('started', 'succeeded', 'retryable-failure', 'permanent-failure', 'superseded', 'abandoned')),
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  detail jsonb,
  primary key (delivery_id, epoch)
);

-- What the queue must still be told. Rows are removed once the queue has them; the reconciler makes up for what the
-- queue forgets.
create table outbox (
  id bigint generated always as identity primary key,
  delivery_id uuid not null references delivery (id),
  epoch bigint not null,
  tier text not null,
  urgency smallint not null
);

-- One row for each status that a party reported on a delivery, in the order of arrival.
create table status_report (
  id uuid primary key,
  delivery_id uuid not null references delivery (id),
  -- the status packet that told it
  document_id uuid not null references document (id),
  code text not null,
  description text,
  staff jsonb,
  -- as the reporting system wrote it, Vietnam time
  reported_at text,
  received_at timestamptz not null default clock_timestamp(),
  unique (delivery_id, document_id)
);

create table idempotency_key (
  client_id text not null references client (client_id),
  key text not null,
  fingerprint text not null,
  document_id uuid not null references document (id),
  created_at timestamptz not null default clock_timestamp(),
  primary key (client_id, key)
);
create index idempotency_key_age on idempotency_key (created_at);
