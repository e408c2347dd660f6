-- The schema of the database as the migrations in src/db/migrations leave it.
-- Written by `npm run schema`; a test compares it with what an empty database becomes.

-- Extensions

create extension if not exists pg_trgm;

-- Sequences

create sequence schema_migration_id_seq as integer;

-- Tables

create table agency (
  code text not null,
  constraint agency_pkey PRIMARY KEY (code),
  constraint agency_code_check CHECK (((char_length(code) >= 1) AND (char_length(code) <= 35)))
);

create table agency_key (
  id uuid not null,
  agency_code text not null,
  certificates bytea[] not null,
  certificate_sha256 text not null,
  subject text not null,
  not_before timestamp with time zone not null,
  not_after timestamp with time zone not null,
  pkcs12 bytea,
  token_uri text,
  secret bytea,
  seal_image bytea,
  seal_width_mm numeric(5,2),
  created_at timestamp with time zone default clock_timestamp() not null,
  revoked_at timestamp with time zone,
  constraint agency_key_pkey PRIMARY KEY (id),
  constraint agency_key_certificate_sha256_check CHECK ((certificate_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint agency_key_certificates_check CHECK (((cardinality(certificates) >= 1) AND (cardinality(certificates) <= 16))),
  constraint agency_key_check CHECK ((not_after > not_before)),
  constraint agency_key_check1 CHECK (((pkcs12 IS NULL) <> (token_uri IS NULL))),
  constraint agency_key_check2 CHECK (((pkcs12 IS NULL) OR (secret IS NOT NULL))),
  constraint agency_key_check3 CHECK (((seal_image IS NULL) = (seal_width_mm IS NULL))),
  constraint agency_key_seal_width_mm_check CHECK (((seal_width_mm >= (10)::numeric) AND (seal_width_mm <= (80)::numeric))),
  constraint agency_key_token_uri_check CHECK ((token_uri ~ '^pkcs11:'::text))
);

create table agency_limit (
  agency_code text not null,
  requests_per_minute integer,
  concurrent_submissions integer,
  packet_bytes bigint,
  stored_bytes bigint,
  share smallint,
  changed_at timestamp with time zone default clock_timestamp() not null,
  changed_by text not null,
  constraint agency_limit_pkey PRIMARY KEY (agency_code),
  constraint agency_limit_concurrent_submissions_check CHECK ((concurrent_submissions > 0)),
  constraint agency_limit_packet_bytes_check CHECK ((packet_bytes > 0)),
  constraint agency_limit_requests_per_minute_check CHECK ((requests_per_minute > 0)),
  constraint agency_limit_share_check CHECK (((share >= 1) AND (share <= 100))),
  constraint agency_limit_stored_bytes_check CHECK ((stored_bytes >= 0))
);

create table agency_storage (
  agency_code text not null,
  bytes bigint not null,
  counted_to timestamp with time zone not null,
  constraint agency_storage_pkey PRIMARY KEY (agency_code),
  constraint agency_storage_bytes_check CHECK ((bytes >= 0))
);

create table agency_tokens (
  agency_code text not null,
  tokens double precision not null,
  granted integer not null,
  refilled_at timestamp with time zone not null,
  constraint agency_tokens_pkey PRIMARY KEY (agency_code)
);

create table attachment (
  document_id uuid not null,
  "position" smallint not null,
  content_id text not null,
  name text not null,
  content_type text,
  sniffed_type text,
  sha256 text not null,
  length bigint not null,
  constraint attachment_pkey PRIMARY KEY (document_id, "position"),
  constraint attachment_length_check CHECK ((length >= 0)),
  constraint attachment_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table attempt (
  delivery_id uuid not null,
  epoch bigint not null,
  channel text not null,
  worker text not null,
  state text default 'started'::text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  detail jsonb,
  constraint attempt_pkey PRIMARY KEY (delivery_id, epoch),
  constraint attempt_state_check CHECK ((state = ANY (ARRAY['started'::text, 'succeeded'::text, 'retryable-failure'::text, 'permanent-failure'::text, 'superseded'::text, 'abandoned'::text])))
);

create table audit_event (
  id uuid not null,
  at timestamp with time zone default clock_timestamp() not null,
  kind text not null,
  actor text not null,
  agency_code text,
  document_id uuid,
  delivery_id uuid,
  detail jsonb default '{}'::jsonb not null,
  constraint audit_event_pkey PRIMARY KEY (id)
);

create table axis_arrival (
  id uuid not null,
  connector text not null,
  remote_id text not null,
  message_type text not null,
  listed_from text default ''::text not null,
  listed_to text default ''::text not null,
  state text default 'listed'::text not null,
  told boolean default false not null,
  told_as text,
  listed_at timestamp with time zone default clock_timestamp() not null,
  packet_sha256 text,
  packet_length bigint,
  beside jsonb,
  facts_sha256 text,
  document_id uuid,
  problem jsonb,
  directory_revision integer,
  failure jsonb,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  constraint axis_arrival_pkey PRIMARY KEY (id),
  constraint axis_arrival_connector_remote_id_key UNIQUE (connector, remote_id),
  constraint axis_arrival_check CHECK (((state = ANY (ARRAY['fetched'::text, 'accepted'::text])) <= (packet_sha256 IS NOT NULL))),
  constraint axis_arrival_check1 CHECK (((state = 'accepted'::text) = (document_id IS NOT NULL))),
  constraint axis_arrival_check2 CHECK (((state = 'refused'::text) = (problem IS NOT NULL))),
  constraint axis_arrival_facts_sha256_check CHECK ((facts_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint axis_arrival_message_type_check CHECK ((message_type = ANY (ARRAY['edoc'::text, 'status'::text]))),
  constraint axis_arrival_packet_sha256_check CHECK ((packet_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint axis_arrival_state_check CHECK ((state = ANY (ARRAY['listed'::text, 'fetched'::text, 'accepted'::text, 'refused'::text])))
);

create table axis_packet_status (
  delivery_id uuid not null,
  status text not null,
  description text,
  system_id text not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  constraint axis_packet_status_pkey PRIMARY KEY (delivery_id),
  constraint axis_packet_status_status_check CHECK ((status = ANY (ARRAY['initial'::text, 'processing'::text, 'done'::text, 'fail'::text])))
);

create table axis_poll (
  connector text not null,
  polled_at timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  failure jsonb,
  constraint axis_poll_pkey PRIMARY KEY (connector)
);

create table axis_proposal (
  system_id text not null,
  serves jsonb not null,
  rights text[] not null,
  networks cidr[] not null,
  certificate_sha256 text,
  proposed_by text not null,
  proposed_at timestamp with time zone default clock_timestamp() not null,
  constraint axis_proposal_pkey PRIMARY KEY (system_id),
  constraint axis_proposal_certificate_sha256_check CHECK ((certificate_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint axis_proposal_rights_check CHECK ((rights <@ ARRAY['register-agencies'::text, 'gateway'::text]))
);

create table axis_secret (
  id uuid not null,
  system_id text not null,
  sealed bytea not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone,
  constraint axis_secret_pkey PRIMARY KEY (id)
);

create table axis_served (
  system_id text not null,
  agency_code text not null,
  with_beneath boolean default false not null,
  constraint axis_served_pkey PRIMARY KEY (system_id, agency_code)
);

create table axis_sync (
  connector text not null,
  asked_at timestamp with time zone not null,
  constraint axis_sync_pkey PRIMARY KEY (connector)
);

create table axis_system (
  system_id text not null,
  clock_tolerance integer not null,
  rights text[] default '{}'::text[] not null,
  networks cidr[] default '{}'::cidr[] not null,
  constraint axis_system_pkey PRIMARY KEY (system_id),
  constraint axis_system_clock_tolerance_check CHECK (((clock_tolerance >= 1) AND (clock_tolerance <= 31622400))),
  constraint axis_system_rights_check CHECK ((rights <@ ARRAY['register-agencies'::text, 'gateway'::text]))
);

create table blob_store (
  is_only boolean not null,
  id uuid not null,
  constraint blob_store_pkey PRIMARY KEY (is_only),
  constraint blob_store_is_only_check CHECK (is_only)
);

create table client (
  client_id text not null,
  role text not null,
  agency_code text,
  name text not null,
  jwks jsonb,
  certificate_sha256 text,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint client_pkey PRIMARY KEY (client_id),
  constraint client_certificate_sha256_check CHECK ((certificate_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint client_check CHECK (((role = 'agency'::text) = (agency_code IS NOT NULL))),
  constraint client_client_id_check CHECK ((client_id ~ '^[A-Za-z0-9._-]{3,100}$'::text)),
  constraint client_role_check CHECK ((role = ANY (ARRAY['agency'::text, 'admin'::text, 'auditor'::text, 'gateway'::text])))
);

create table client_assertion (
  client_id text not null,
  jti text not null,
  expires_at timestamp with time zone not null,
  constraint client_assertion_pkey PRIMARY KEY (client_id, jti)
);

create table client_credential_author (
  client_id text not null,
  author text not null,
  at timestamp with time zone default clock_timestamp() not null
);

create table client_secret (
  secret_sha256 text not null,
  client_id text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone,
  constraint client_secret_pkey PRIMARY KEY (secret_sha256),
  constraint client_secret_secret_sha256_check CHECK ((secret_sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table damaged_blob (
  sha256 text not null,
  damage text not null,
  found_at timestamp with time zone default clock_timestamp() not null,
  found_by text not null,
  constraint damaged_blob_pkey PRIMARY KEY (sha256),
  constraint damaged_blob_damage_check CHECK ((damage = ANY (ARRAY['missing'::text, 'other-length'::text, 'other-bytes'::text, 'unreadable'::text]))),
  constraint damaged_blob_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table delegation (
  id uuid not null,
  agency_code text not null,
  delegate_code text not null,
  valid_from date not null,
  valid_to date,
  constraint delegation_pkey PRIMARY KEY (id),
  constraint delegation_check CHECK ((delegate_code <> agency_code)),
  constraint delegation_check1 CHECK ((valid_to > valid_from))
);

create table delivery (
  id uuid not null,
  document_id uuid not null,
  recipient_code text not null,
  tier text not null,
  urgency smallint not null,
  channel text not null,
  route jsonb not null,
  state text default 'waiting'::text not null,
  state_since timestamp with time zone default clock_timestamp() not null,
  lease_epoch bigint default 0 not null,
  lease_until timestamp with time zone,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone,
  enqueued_at timestamp with time zone,
  inbox_number bigint,
  claim_token uuid,
  claim_until timestamp with time zone,
  handed_over_at timestamp with time zone,
  acknowledged_at timestamp with time zone,
  processing_status text,
  request_state text,
  reason jsonb,
  abandonments integer default 0 not null,
  stays_under text,
  kind text not null,
  may_have_left boolean default false not null,
  remote_id text,
  receipt_due_at timestamp with time zone,
  accepted_at timestamp with time zone,
  constraint delivery_pkey PRIMARY KEY (id),
  constraint delivery_recipient_code_inbox_number_key UNIQUE (recipient_code, inbox_number),
  constraint delivery_channel_check CHECK ((channel = ANY (ARRAY['mailbox'::text, 'https-push'::text, 'national-axis'::text, 'gateway'::text]))),
  constraint delivery_check CHECK (((state = 'waiting'::text) = (next_attempt_at IS NOT NULL))),
  constraint delivery_kind_check CHECK ((kind = ANY (ARRAY['document'::text, 'status'::text]))),
  constraint delivery_processing_status_check CHECK ((processing_status = ANY (ARRAY['01'::text, '02'::text, '03'::text, '04'::text, '05'::text, '06'::text]))),
  constraint delivery_reached_somewhere CHECK (((state <> ALL (ARRAY['available'::text, 'handed-over'::text, 'acknowledged'::text])) OR (inbox_number IS NOT NULL) OR (channel = ANY (ARRAY['national-axis'::text, 'gateway'::text])))),
  constraint delivery_request_state_check CHECK ((request_state = ANY (ARRAY['requested'::text, 'agreed'::text, 'objected'::text]))),
  constraint delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'available'::text, 'handed-over'::text, 'acknowledged'::text, 'withdrawn'::text, 'failed'::text]))),
  constraint delivery_urgency_check CHECK (((urgency >= 0) AND (urgency <= 4)))
);

create table directory_fact (
  id bigint generated always as identity not null,
  subject text not null,
  kind text not null,
  value jsonb not null,
  valid_from date not null,
  valid_to date,
  asserted_in integer not null,
  retracted_in integer,
  constraint directory_fact_pkey PRIMARY KEY (id),
  constraint directory_fact_check CHECK ((valid_to > valid_from)),
  constraint directory_fact_check1 CHECK ((retracted_in > asserted_in)),
  constraint directory_fact_kind_check CHECK ((kind = ANY (ARRAY['existence'::text, 'name'::text, 'placement'::text, 'alias'::text, 'contact'::text, 'endpoint'::text, 'certificate'::text, 'succession'::text, 'group'::text]))),
  constraint directory_fact_subject_check CHECK (((char_length(subject) >= 1) AND (char_length(subject) <= 35)))
);

create table directory_revision (
  number integer not null,
  author text not null,
  reason text not null,
  draft_id uuid,
  recorded_at timestamp with time zone default clock_timestamp() not null,
  constraint directory_revision_pkey PRIMARY KEY (number),
  constraint directory_revision_number_check CHECK ((number > 0))
);

create table document (
  id uuid not null,
  kind text not null,
  operation text,
  sender_code text not null,
  client_id text not null,
  submission_key text not null,
  edxml_document_id text,
  packet_sha256 text not null,
  packet_length bigint not null,
  code_number text,
  code_notation text,
  subject text,
  document_type text,
  promulgation_date text,
  urgency smallint not null,
  status_code text,
  search_text text not null,
  envelope jsonb not null,
  signature_report jsonb not null,
  legal_value text not null,
  seal_sha256 text not null,
  receipt text not null,
  accepted_at timestamp with time zone not null,
  sender_name text,
  expansions jsonb default '[]'::jsonb not null,
  hops jsonb default '[]'::jsonb not null,
  came_by text,
  gateway_seal_sha256 text,
  part_of text,
  constraint document_pkey PRIMARY KEY (id),
  constraint document_sender_code_submission_key_key UNIQUE (sender_code, submission_key),
  constraint document_check CHECK (((kind = 'document'::text) = (operation IS NOT NULL))),
  constraint document_check1 CHECK (((kind = 'status'::text) = (status_code IS NOT NULL))),
  constraint document_expansions_check CHECK ((jsonb_typeof(expansions) = 'array'::text)),
  constraint document_gateway_seal_sha256_check CHECK ((gateway_seal_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint document_hops_check CHECK ((jsonb_typeof(hops) = 'array'::text)),
  constraint document_kind_check CHECK ((kind = ANY (ARRAY['document'::text, 'status'::text]))),
  constraint document_legal_value_check CHECK ((legal_value = ANY (ARRAY['agency-and-person'::text, 'agency-only'::text, 'reference-only'::text]))),
  constraint document_operation_check CHECK ((operation = ANY (ARRAY['new'::text, 'recall'::text, 'update'::text, 'replace'::text]))),
  constraint document_packet_length_check CHECK ((packet_length >= 0)),
  constraint document_packet_sha256_check CHECK ((packet_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint document_seal_sha256_check CHECK ((seal_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint document_urgency_check CHECK (((urgency >= 0) AND (urgency <= 4)))
);

create table document_evidence (
  document_id uuid not null,
  sha256 text not null,
  constraint document_evidence_pkey PRIMARY KEY (document_id, sha256)
);

create table document_target (
  document_id uuid not null,
  target_id uuid not null,
  constraint document_target_pkey PRIMARY KEY (document_id, target_id)
);

create table draft (
  id uuid not null,
  kind text not null,
  state text default 'open'::text not null,
  version integer default 1 not null,
  reverts integer,
  warnings jsonb default '[]'::jsonb not null,
  conflict jsonb,
  revision integer,
  effective_from timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  changed_at timestamp with time zone default clock_timestamp() not null,
  constraint draft_pkey PRIMARY KEY (id),
  constraint draft_check CHECK (((state = 'applied'::text) = (revision IS NOT NULL))),
  constraint draft_kind_check CHECK ((kind = ANY (ARRAY['directory'::text, 'routing'::text]))),
  constraint draft_state_check CHECK ((state = ANY (ARRAY['open'::text, 'submitted'::text, 'applied'::text, 'withdrawn'::text])))
);

create table draft_approval (
  draft_id uuid not null,
  version integer not null,
  approver text not null,
  content_sha256 text not null,
  approved_at timestamp with time zone default clock_timestamp() not null,
  constraint draft_approval_pkey PRIMARY KEY (draft_id, version, approver)
);

create table draft_edit (
  draft_id uuid not null,
  version integer not null,
  author text not null,
  title text not null,
  content jsonb not null,
  content_sha256 text not null,
  base integer not null,
  effective_at timestamp with time zone,
  edited_at timestamp with time zone default clock_timestamp() not null,
  constraint draft_edit_pkey PRIMARY KEY (draft_id, version),
  constraint draft_edit_content_check CHECK ((jsonb_typeof(content) = 'array'::text)),
  constraint draft_edit_content_sha256_check CHECK ((content_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint draft_edit_title_check CHECK (((char_length(title) >= 1) AND (char_length(title) <= 500)))
);

create table idempotency_key (
  client_id text not null,
  key text not null,
  fingerprint text not null,
  document_id uuid not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint idempotency_key_pkey PRIMARY KEY (client_id, key)
);

create table inbox (
  agency_code text not null,
  last_number bigint default 0 not null,
  constraint inbox_pkey PRIMARY KEY (agency_code)
);

create table inbox_departure (
  agency_code text not null,
  inbox_number bigint not null,
  delivery_id uuid not null,
  moved_to text,
  departed_at timestamp with time zone default clock_timestamp() not null,
  constraint inbox_departure_pkey PRIMARY KEY (agency_code, inbox_number)
);

create table inbox_leap (
  restoration_id uuid not null,
  agency_code text not null,
  after_number bigint not null,
  seen_number bigint,
  constraint inbox_leap_pkey PRIMARY KEY (restoration_id, agency_code)
);

create table outbox (
  id bigint generated always as identity not null,
  delivery_id uuid not null,
  epoch bigint not null,
  tier text not null,
  urgency smallint not null,
  is_local boolean default false not null,
  constraint outbox_pkey PRIMARY KEY (id)
);

create table recipient_pause (
  agency_code text not null,
  paused_by text not null,
  paused_at timestamp with time zone default clock_timestamp() not null,
  constraint recipient_pause_pkey PRIMARY KEY (agency_code)
);

create table restoration (
  id uuid not null,
  backup text not null,
  manifest_sha256 text not null,
  taken_at timestamp with time zone not null,
  restored_at timestamp with time zone default clock_timestamp() not null,
  restored_by text not null,
  number_floor bigint not null,
  constraint restoration_pkey PRIMARY KEY (id),
  constraint restoration_manifest_sha256_check CHECK ((manifest_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint restoration_number_floor_check CHECK ((number_floor > 0))
);

create table routing_revision (
  id integer generated always as identity not null,
  rules jsonb not null,
  author text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  effective_from timestamp with time zone default clock_timestamp() not null,
  approved_by text,
  draft_id uuid,
  constraint routing_revision_pkey PRIMARY KEY (id),
  constraint routing_revision_check CHECK ((approved_by IS DISTINCT FROM author)),
  constraint routing_revision_rules_check CHECK ((jsonb_typeof(rules) = 'array'::text))
);

create table schema_migration (
  id integer default nextval('schema_migration_id_seq'::regclass) not null,
  name character varying(255) not null,
  run_on timestamp without time zone not null,
  constraint schema_migration_pkey PRIMARY KEY (id)
);

create table seal_due (
  document_id uuid not null,
  wants text default 'B-T'::text not null,
  owed_since timestamp with time zone,
  due_at timestamp with time zone not null,
  attempts integer default 0 not null,
  reason text,
  constraint seal_due_pkey PRIMARY KEY (document_id),
  constraint seal_due_wants_check CHECK ((wants = ANY (ARRAY['B-T'::text, 'B-LT'::text])))
);

create table seal_level (
  document_id uuid not null,
  number smallint not null,
  level text not null,
  sha256 text not null,
  gen_time timestamp with time zone not null,
  made_at timestamp with time zone default clock_timestamp() not null,
  constraint seal_level_pkey PRIMARY KEY (document_id, number),
  constraint seal_level_level_check CHECK ((level = ANY (ARRAY['B-T'::text, 'B-LT'::text, 'B-LTA'::text]))),
  constraint seal_level_number_check CHECK ((number > 0)),
  constraint seal_level_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table signature_evidence (
  sha256 text not null,
  kind text not null,
  der bytea not null,
  constraint signature_evidence_pkey PRIMARY KEY (sha256),
  constraint signature_evidence_kind_check CHECK ((kind = ANY (ARRAY['certificate'::text, 'crl'::text, 'ocsp'::text, 'token'::text]))),
  constraint signature_evidence_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table small_blob (
  sha256 text not null,
  bytes bytea not null,
  stored_at timestamp with time zone default clock_timestamp() not null,
  constraint small_blob_pkey PRIMARY KEY (sha256),
  constraint small_blob_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table status_report (
  id uuid not null,
  delivery_id uuid not null,
  document_id uuid not null,
  code text not null,
  description text,
  staff jsonb,
  reported_at text,
  received_at timestamp with time zone default clock_timestamp() not null,
  constraint status_report_pkey PRIMARY KEY (id),
  constraint status_report_delivery_id_document_id_key UNIQUE (delivery_id, document_id)
);

create table tier (
  code text not null,
  name_vi text not null,
  name_en text not null,
  closed_on date,
  constraint tier_pkey PRIMARY KEY (code),
  constraint tier_code_check CHECK ((code ~ '^[a-z][a-z-]{0,30}$'::text))
);

-- Foreign keys

alter table agency_key add constraint agency_key_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table agency_limit add constraint agency_limit_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table agency_storage add constraint agency_storage_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table attachment add constraint attachment_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table attempt add constraint attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

alter table axis_arrival add constraint axis_arrival_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table axis_packet_status add constraint axis_packet_status_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

alter table axis_proposal add constraint axis_proposal_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES client(client_id);

alter table axis_proposal add constraint axis_proposal_system_id_fkey FOREIGN KEY (system_id) REFERENCES axis_system(system_id);

alter table axis_secret add constraint axis_secret_system_id_fkey FOREIGN KEY (system_id) REFERENCES axis_system(system_id);

alter table axis_served add constraint axis_served_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table axis_served add constraint axis_served_system_id_fkey FOREIGN KEY (system_id) REFERENCES axis_system(system_id);

alter table axis_system add constraint axis_system_system_id_fkey FOREIGN KEY (system_id) REFERENCES client(client_id);

alter table client add constraint client_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table client_assertion add constraint client_assertion_client_id_fkey FOREIGN KEY (client_id) REFERENCES client(client_id);

alter table client_credential_author add constraint client_credential_author_client_id_fkey FOREIGN KEY (client_id) REFERENCES client(client_id);

alter table client_secret add constraint client_secret_client_id_fkey FOREIGN KEY (client_id) REFERENCES client(client_id);

alter table delegation add constraint delegation_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table delegation add constraint delegation_delegate_code_fkey FOREIGN KEY (delegate_code) REFERENCES agency(code);

alter table delivery add constraint delivery_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table delivery add constraint delivery_recipient_code_fkey FOREIGN KEY (recipient_code) REFERENCES agency(code);

alter table delivery add constraint delivery_tier_fkey FOREIGN KEY (tier) REFERENCES tier(code);

alter table directory_fact add constraint directory_fact_asserted_in_fkey FOREIGN KEY (asserted_in) REFERENCES directory_revision(number);

alter table directory_fact add constraint directory_fact_retracted_in_fkey FOREIGN KEY (retracted_in) REFERENCES directory_revision(number);

alter table directory_revision add constraint directory_revision_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id);

alter table document add constraint document_client_id_fkey FOREIGN KEY (client_id) REFERENCES client(client_id);

alter table document add constraint document_sender_code_fkey FOREIGN KEY (sender_code) REFERENCES agency(code);

alter table document_evidence add constraint document_evidence_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table document_evidence add constraint document_evidence_sha256_fkey FOREIGN KEY (sha256) REFERENCES signature_evidence(sha256);

alter table document_target add constraint document_target_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table document_target add constraint document_target_target_id_fkey FOREIGN KEY (target_id) REFERENCES document(id);

alter table draft_approval add constraint draft_approval_approver_fkey FOREIGN KEY (approver) REFERENCES client(client_id);

alter table draft_approval add constraint draft_approval_draft_id_version_fkey FOREIGN KEY (draft_id, version) REFERENCES draft_edit(draft_id, version);

alter table draft_edit add constraint draft_edit_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id);

alter table idempotency_key add constraint idempotency_key_client_id_fkey FOREIGN KEY (client_id) REFERENCES client(client_id);

alter table idempotency_key add constraint idempotency_key_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table inbox add constraint inbox_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table inbox_departure add constraint inbox_departure_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table inbox_departure add constraint inbox_departure_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

alter table inbox_departure add constraint inbox_departure_moved_to_fkey FOREIGN KEY (moved_to) REFERENCES agency(code);

alter table inbox_leap add constraint inbox_leap_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table inbox_leap add constraint inbox_leap_restoration_id_fkey FOREIGN KEY (restoration_id) REFERENCES restoration(id);

alter table outbox add constraint outbox_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

alter table recipient_pause add constraint recipient_pause_agency_code_fkey FOREIGN KEY (agency_code) REFERENCES agency(code);

alter table routing_revision add constraint routing_revision_draft_id_fkey FOREIGN KEY (draft_id) REFERENCES draft(id);

alter table seal_due add constraint seal_due_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table seal_level add constraint seal_level_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

alter table status_report add constraint status_report_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

alter table status_report add constraint status_report_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id);

-- Indexes

CREATE INDEX agency_key_agency ON public.agency_key USING btree (agency_code, not_before);

CREATE UNIQUE INDEX agency_key_certificate ON public.agency_key USING btree (certificate_sha256) WHERE (revoked_at IS NULL);

CREATE INDEX attachment_blob ON public.attachment USING btree (sha256);

CREATE INDEX attempt_not_made ON public.attempt USING btree (state, started_at, delivery_id) WHERE (state <> 'succeeded'::text);

CREATE INDEX attempt_started ON public.attempt USING btree (started_at, delivery_id);

CREATE INDEX audit_event_actor ON public.audit_event USING btree (actor, at, id);

CREATE INDEX audit_event_agency ON public.audit_event USING btree (agency_code, at, id) WHERE (agency_code IS NOT NULL);

CREATE INDEX audit_event_at ON public.audit_event USING btree (at, id);

CREATE INDEX audit_event_delivery ON public.audit_event USING btree (delivery_id, at, id);

CREATE INDEX audit_event_document ON public.audit_event USING btree (document_id, at, id);

CREATE INDEX audit_event_kind ON public.audit_event USING btree (kind, at, id) WHERE (kind <> ALL (ARRAY['submission-accepted'::text, 'delivery-available'::text, 'delivery-handed-over'::text, 'delivery-acknowledged'::text]));

CREATE INDEX axis_arrival_blob ON public.axis_arrival USING btree (packet_sha256) WHERE (packet_sha256 IS NOT NULL);

CREATE INDEX axis_arrival_by_directory ON public.axis_arrival USING btree (connector, directory_revision) WHERE (state = 'refused'::text);

CREATE INDEX axis_arrival_facts ON public.axis_arrival USING btree (connector, facts_sha256) WHERE ((state = 'accepted'::text) AND (facts_sha256 IS NOT NULL));

CREATE INDEX axis_arrival_open ON public.axis_arrival USING btree (connector, next_attempt_at) WHERE ((state = ANY (ARRAY['listed'::text, 'fetched'::text])) OR (NOT told));

CREATE INDEX axis_arrival_refused ON public.axis_arrival USING btree (id) WHERE (state = 'refused'::text);

CREATE INDEX axis_packet_failed ON public.axis_packet_status USING btree (delivery_id) WHERE (status = 'fail'::text);

CREATE INDEX axis_secret_system ON public.axis_secret USING btree (system_id);

CREATE INDEX client_assertion_expiry ON public.client_assertion USING btree (expires_at);

CREATE INDEX client_credential_author_client ON public.client_credential_author USING btree (client_id);

CREATE INDEX client_secret_client ON public.client_secret USING btree (client_id);

CREATE INDEX delegation_delegate ON public.delegation USING btree (delegate_code, agency_code);

CREATE INDEX delivery_by_recipient ON public.delivery USING btree (recipient_code, accepted_at, document_id);

CREATE INDEX delivery_due ON public.delivery USING btree (next_attempt_at) WHERE (state = 'waiting'::text);

CREATE INDEX delivery_enqueued ON public.delivery USING btree (tier, enqueued_at) WHERE ((state = 'waiting'::text) AND (enqueued_at IS NOT NULL));

CREATE INDEX delivery_in_flight ON public.delivery USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'available'::text]));

CREATE INDEX delivery_local_due ON public.delivery USING btree (tier, urgency DESC, next_attempt_at) WHERE ((state = 'waiting'::text) AND (enqueued_at IS NULL) AND (channel = 'mailbox'::text) AND (NOT (route ? 'quietHours'::text)));

CREATE INDEX delivery_not_taken ON public.delivery USING btree (state) WHERE (state = ANY (ARRAY['waiting'::text, 'available'::text, 'failed'::text, 'withdrawn'::text]));

CREATE UNIQUE INDEX delivery_once ON public.delivery USING btree (document_id, recipient_code, (
CASE
    WHEN (state = 'withdrawn'::text) THEN id
    ELSE NULL::uuid
END)) INCLUDE (state, tier, id, handed_over_at) NULLS NOT DISTINCT;

CREATE INDEX delivery_open_inbox ON public.delivery USING btree (recipient_code, inbox_number) WHERE (state = ANY (ARRAY['waiting'::text, 'available'::text, 'handed-over'::text, 'failed'::text]));

CREATE INDEX delivery_processing ON public.delivery USING btree (processing_status) WHERE (processing_status IS NOT NULL);

CREATE INDEX delivery_receipt_due ON public.delivery USING btree (receipt_due_at) WHERE ((state = 'handed-over'::text) AND (receipt_due_at IS NOT NULL));

CREATE INDEX delivery_received ON public.delivery USING btree (recipient_code, id);

CREATE INDEX delivery_request ON public.delivery USING btree (request_state) WHERE (request_state IS NOT NULL);

CREATE INDEX delivery_suspects ON public.delivery USING btree (lease_until) WHERE ((state = 'waiting'::text) AND (abandonments >= 2));

CREATE INDEX delivery_tier ON public.delivery USING btree (tier, accepted_at, document_id);

CREATE INDEX delivery_to_feed ON public.delivery USING btree (tier, urgency DESC, next_attempt_at) WHERE ((state = 'waiting'::text) AND (enqueued_at IS NULL) AND ((NOT ((channel = 'mailbox'::text) AND (NOT (route ? 'quietHours'::text)))) OR (lease_until IS NOT NULL)));

CREATE INDEX delivery_to_fetch ON public.delivery USING btree (recipient_code, kind, urgency DESC, id) WHERE ((state = ANY (ARRAY['waiting'::text, 'available'::text, 'handed-over'::text, 'failed'::text])) AND (inbox_number IS NOT NULL));

CREATE INDEX delivery_to_move ON public.delivery USING btree (recipient_code) WHERE (state = ANY (ARRAY['waiting'::text, 'available'::text, 'failed'::text]));

CREATE INDEX delivery_to_notify ON public.delivery USING btree (recipient_code, urgency DESC, next_attempt_at, id) WHERE ((state = 'waiting'::text) AND (channel = 'https-push'::text));

CREATE INDEX delivery_undated ON public.delivery USING btree (id) WHERE (accepted_at IS NULL);

CREATE INDEX delivery_unqueued ON public.delivery USING btree (tier, urgency DESC, next_attempt_at) WHERE ((state = 'waiting'::text) AND (enqueued_at IS NULL));

CREATE INDEX delivery_waiting_abroad ON public.delivery USING btree (channel, state_since) WHERE ((state = 'waiting'::text) AND (channel = ANY (ARRAY['national-axis'::text, 'gateway'::text])));

CREATE INDEX directory_fact_alias ON public.directory_fact USING btree (((value ->> 'alias'::text))) WHERE ((kind = 'alias'::text) AND (retracted_in IS NULL));

CREATE INDEX directory_fact_asserted ON public.directory_fact USING btree (asserted_in);

CREATE INDEX directory_fact_retracted ON public.directory_fact USING btree (retracted_in) WHERE (retracted_in IS NOT NULL);

CREATE INDEX directory_fact_subject ON public.directory_fact USING btree (subject, kind);

CREATE UNIQUE INDEX directory_revision_draft ON public.directory_revision USING btree (draft_id);

CREATE INDEX document_accepted ON public.document USING btree (accepted_at, id);

CREATE INDEX document_edxml_id ON public.document USING btree (edxml_document_id, sender_code);

CREATE INDEX document_gateway_seal ON public.document USING btree (gateway_seal_sha256) WHERE (gateway_seal_sha256 IS NOT NULL);

CREATE INDEX document_legal_value ON public.document USING btree (legal_value, accepted_at, id);

CREATE INDEX document_operation ON public.document USING btree (operation, accepted_at, id) WHERE (operation <> 'new'::text);

CREATE INDEX document_packet ON public.document USING btree (packet_sha256);

CREATE INDEX document_part ON public.document USING btree (sender_code, part_of) WHERE (part_of IS NOT NULL);

CREATE INDEX document_seal ON public.document USING btree (seal_sha256);

CREATE INDEX document_search_text ON public.document USING gin (search_text gin_trgm_ops);

CREATE INDEX document_sender ON public.document USING btree (sender_code, accepted_at, id);

CREATE INDEX document_sent ON public.document USING btree (sender_code, kind, accepted_at, id);

CREATE INDEX document_status ON public.document USING btree (accepted_at, id) WHERE (kind = 'status'::text);

CREATE INDEX document_subject ON public.document USING gin (translate(regexp_replace(translate(lower(NORMALIZE(subject, NFD)), 'Đ'::text, 'đ'::text), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'đ'::text, 'd'::text) gin_trgm_ops);

CREATE INDEX document_urgency ON public.document USING btree (urgency, accepted_at, id) WHERE (urgency > 0);

CREATE INDEX document_target_target ON public.document_target USING btree (target_id);

CREATE INDEX idempotency_key_age ON public.idempotency_key USING btree (created_at);

CREATE INDEX inbox_departure_delivery ON public.inbox_departure USING btree (delivery_id);

CREATE INDEX outbox_local ON public.outbox USING btree (tier, urgency DESC, id) WHERE is_local;

CREATE INDEX outbox_to_queue ON public.outbox USING btree (urgency DESC, id) WHERE (NOT is_local);

CREATE INDEX routing_revision_effective ON public.routing_revision USING btree (effective_from, id);

CREATE INDEX seal_due_due ON public.seal_due USING btree (wants, due_at);

CREATE INDEX seal_due_owed ON public.seal_due USING btree (owed_since) WHERE ((wants = 'B-T'::text) AND (owed_since IS NOT NULL));

CREATE INDEX seal_level_blob ON public.seal_level USING btree (sha256);

CREATE INDEX seal_level_proof ON public.seal_level USING btree (gen_time, document_id, number);

CREATE INDEX seal_level_stamped ON public.seal_level USING btree (made_at) WHERE (level = 'B-T'::text);

CREATE INDEX status_report_code ON public.status_report USING btree (code, received_at, id);

CREATE INDEX status_report_received ON public.status_report USING btree (received_at, id);

-- Functions

CREATE OR REPLACE FUNCTION public.approved_edit(the_draft uuid, the_kind text)
 RETURNS SETOF draft_edit
 LANGUAGE sql
 STABLE
AS $function$
  select draft_edit.* from draft
    join draft_edit on draft_edit.draft_id = draft.id and draft_edit.version = draft.version
  where draft.id = the_draft and draft.kind = the_kind and draft.state = 'submitted'
    and exists (
      select from draft_approval
      where draft_approval.draft_id = draft.id and draft_approval.version = draft.version
        and draft_approval.content_sha256 = draft_edit.content_sha256
        and draft_approval.approver not in (select author from draft_edit any_edit where any_edit.draft_id = draft.id))
$function$
;

CREATE OR REPLACE FUNCTION public.check_approval()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (
    select from draft
      join draft_edit on draft_edit.draft_id = draft.id and draft_edit.version = draft.version
      join client on client.client_id = new.approver and client.role = 'admin' and client.revoked_at is null
    where draft.id = new.draft_id and draft.version = new.version and draft.state = 'submitted'
      and draft_edit.content_sha256 = new.content_sha256
      and not exists (select from draft_edit earlier where earlier.draft_id = draft.id and earlier.author = new.approver)
      and not exists (
        select from draft_edit earlier left join client author on author.client_id = earlier.author
        where earlier.draft_id = draft.id and coalesce(author.role, '') not in ('admin', 'gateway')
          and not exists (select from axis_system where axis_system.system_id = earlier.author))
  ) then
    raise exception '% cannot approve draft %', new.approver, new.draft_id
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.check_directory_revision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.draft_id is not null and not exists (select from approved_edit(new.draft_id, 'directory')) then
    raise exception 'draft % is not approved', new.draft_id
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.check_draft_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state in ('applied', 'withdrawn') or new.version < old.version or new.kind <> old.kind or new.id <> old.id
    or (new.state = 'applied' and old.state <> 'submitted') then
    raise exception 'draft % cannot become this', old.id
      using errcode = 'check_violation', constraint = 'draft_way';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.check_facts_said()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select from changed
      join directory_revision revision on revision.number = changed.asserted_in
      left join client on client.client_id = revision.author
    where changed.retracted_in is not null or revision.xmin <> pg_current_xact_id()::xid
      or (revision.draft_id is null and revision.number > 1
        and (changed.kind <> 'endpoint' or changed.value ->> 'reaches' = 'subtree' or client.agency_code is null
          or (client.agency_code <> changed.subject
            and not endpoint_goes_on(revision.number, false, row(changed.*)::directory_fact))))
  ) then
    raise exception 'facts are said by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.check_facts_taken_back()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (
    select from changed
      join before on before.id = changed.id
      left join directory_revision revision on revision.number = changed.retracted_in
      left join client on client.client_id = revision.author
    where before.retracted_in is not null
      or (before.subject, before.kind, before.value, before.valid_from, before.asserted_in)
        <> (changed.subject, changed.kind, changed.value, changed.valid_from, changed.asserted_in)
      or before.valid_to is distinct from changed.valid_to
      or revision.number is null or revision.xmin <> pg_current_xact_id()::xid
      or (revision.draft_id is null
        and (changed.kind <> 'endpoint' or changed.value ->> 'reaches' = 'subtree' or client.agency_code is null
          or (client.agency_code <> changed.subject
            and not endpoint_goes_on(revision.number, true, row(changed.*)::directory_fact))))
  ) or (select count(*) from changed) <> (select count(*) from changed join before using (id)) then
    raise exception 'facts are taken back by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.check_routing_revision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (
    select from approved_edit(new.draft_id, 'routing') as edit
    where edit.content = new.rules
      and new.effective_from >= coalesce(edit.effective_at, '-infinity')
      and new.effective_from >= now() - interval '1 second'
  ) then
    raise exception 'this table of rules is no approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.endpoint_goes_on(revision integer, taken_back boolean, fact directory_fact)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (
    select from directory_fact recoded
      join directory_fact before on before.subject = recoded.subject and before.kind = 'endpoint'
        and before.valid_to = fact.valid_from and before.value = fact.value
    where recoded.kind = 'succession' and recoded.retracted_in is null
      and recoded.value ->> 'act' = 'recode' and recoded.value ->> 'main' = fact.subject
      and recoded.valid_from = fact.valid_from
      and recoded.valid_from > (now() at time zone 'Asia/Ho_Chi_Minh')::date
      and case when taken_back then before.retracted_in = revision else before.asserted_in = revision end)
$function$
;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_of_revision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('tram_directory', '');
  return null;
end
$function$
;

-- Views

create view placement as
 SELECT subject AS agency_code,
    (value ->> 'tier'::text) AS tier,
    (value ->> 'parent'::text) AS parent_code,
    daterange(valid_from, valid_to) AS days
   FROM directory_fact
  WHERE ((kind = 'placement'::text) AND (retracted_in IS NULL));

-- Triggers

CREATE TRIGGER audit_event_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER client_credential_author_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.client_credential_author FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER directory_fact_is_kept BEFORE DELETE OR TRUNCATE ON public.directory_fact FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER directory_fact_said AFTER INSERT ON public.directory_fact REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION check_facts_said();

CREATE TRIGGER directory_fact_taken_back AFTER UPDATE ON public.directory_fact REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION check_facts_taken_back();

CREATE TRIGGER directory_revision_four_eyes BEFORE INSERT ON public.directory_revision FOR EACH ROW EXECUTE FUNCTION check_directory_revision();

CREATE TRIGGER directory_revision_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.directory_revision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER directory_revision_told AFTER INSERT ON public.directory_revision FOR EACH STATEMENT EXECUTE FUNCTION tell_of_revision();

CREATE TRIGGER draft_way BEFORE UPDATE ON public.draft FOR EACH ROW EXECUTE FUNCTION check_draft_change();

CREATE TRIGGER draft_approval_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.draft_approval FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER draft_four_eyes BEFORE INSERT ON public.draft_approval FOR EACH ROW EXECUTE FUNCTION check_approval();

CREATE TRIGGER draft_edit_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.draft_edit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER inbox_departure_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.inbox_departure FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER restoration_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.restoration FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER routing_revision_four_eyes BEFORE INSERT ON public.routing_revision FOR EACH ROW EXECUTE FUNCTION check_routing_revision();

CREATE TRIGGER routing_revision_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.routing_revision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER routing_revision_told AFTER INSERT ON public.routing_revision FOR EACH STATEMENT EXECUTE FUNCTION tell_of_revision();

CREATE TRIGGER seal_level_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seal_level FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
