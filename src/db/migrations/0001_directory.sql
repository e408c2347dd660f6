-- Up Migration
-- The directory: tiers, agencies, who may act for whom, and how a recipient's system is reached.

create table tier (
  code text primary key check (code ~ '^[a-z][a-z-]{0,30}$'),
  name_vi text not null,
  name_en text not null,
  -- first day on which the tier no longer exists
  closed_on date
);

insert into tier (code, name_vi, name_en, closed_on) values
  ('central', 'trung ương', 'central', null),
  ('province', 'cấp tỉnh', 'province', null),
  ('district', 'cấp huyện', 'district', '2025-07-01'),
  ('commune', 'cấp xã', 'commune', null);

create table agency (
  code text primary key check (char_length(code) between 1 and 35),
  name text not null check (char_length(name) between 1 and 500),
  tier text not null references tier (code),
  parent_code text references agency (code),
  valid_from date not null,
  -- first day after its end
  valid_to date check (valid_to > valid_from),
  successor_code text references agency (code) check (successor_code <> code),
  revision integer not null default 1,
  changed_at timestamptz not null default clock_timestamp()
);
create index agency_parent on agency (parent_code);
create index agency_tier on agency (tier, code);

-- Other spellings of a code: the 13-character form of QCVN 102, codes of test tenants.
create table agency_alias (
  alias text primary key check (char_length(alias) between 1 and 200),
  agency_code text not null references agency (code)
);
create index agency_alias_agency on agency_alias (agency_code);

-- The client of delegate_code may send and receive in the name of agency_code.
create table delegation (
  id uuid primary key,
  agency_code text not null references agency (code),
  delegate_code text not null references agency (code) check (delegate_code <> agency_code),
  valid_from date not null,
  valid_to date check (valid_to > valid_from)
);
create index delegation_delegate on delegation (delegate_code, agency_code);

create table endpoint (
  agency_code text primary key references agency (code),
  channel text not null check (channel in ('mailbox', 'https-push')),
  url text check ((channel = 'https-push') = (url is not null)),
  -- a paused recipient's deliveries wait; nothing is lost
  paused boolean not null default false,
  changed_at timestamptz not null default clock_timestamp()
);

-- The routing table: each row is one whole revision, never changed; the highest id is in force.
create table routing_revision (
  id integer generated always as identity primary key,
  rules jsonb not null check (jsonb_typeof(rules) = 'array'),
  author text not null,
  created_at timestamptz not null default clock_timestamp()
);
insert into routing_revision (rules, author) values ('[]', 'migration');

-- Systems and services that call the API.
create table client (
  client_id text primary key check (client_id ~ '^[A-Za-z0-9._-]{3,100}$'),
  role text not null check (role in ('agency', 'admin', 'auditor')),
  agency_code text references agency (code),
  name text not null,
  -- public keys for private_key_jwt (RFC 7523), as a JWK Set
  jwks jsonb,
  -- SHA-256 of the TLS client certificate to which this client's tokens are bound (RFC 8705)
  certificate_sha256 text check (certificate_sha256 ~ '^[0-9a-f]{64}$'),
  revoked_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((role = 'agency') = (agency_code is not null))
);

-- Secrets are random 256-bit values, so a plain SHA-256 is enough to keep them. Several at once allow rotation.
create table client_secret (
  secret_sha256 text primary key check (secret_sha256 ~ '^[0-9a-f]{64}$'),
  client_id text not null references client (client_id),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz
);
create index client_secret_client on client_secret (client_id);

-- Assertions of private_key_jwt already used (RFC 7523 §3 item 7): each works once.
create table client_assertion (
  client_id text not null references client (client_id),
  jti text not null,
  expires_at timestamptz not null,
  primary key (client_id, jti)
);
create index client_assertion_expiry on client_assertion (expires_at);
