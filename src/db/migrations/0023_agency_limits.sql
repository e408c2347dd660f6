-- Up Migration
-- What one agency may use of the gateway.

-- Values that operators set for one agency; where a column is null, what is configured for all holds.
create table agency_limit (
  agency_code text primary key references agency (code),
  requests_per_minute integer check (requests_per_minute > 0),
  concurrent_submissions integer check (concurrent_submissions > 0),
  packet_bytes bigint check (packet_bytes > 0),
  -- 0: none
  stored_bytes bigint check (stored_bytes >= 0),
  share smallint check (share between 1 and 100),
  changed_at timestamptz not null default clock_timestamp(),
  changed_by text not null
);

-- The bucket of each agency, from which processes take tokens by the handful. Nothing of it needs to outlive a crash.
create unlogged table agency_tokens (
  agency_code text primary key,
  tokens double precision not null,
  -- of the last taking
  granted integer not null,
  refilled_at timestamptz not null
);

-- Bytes of what an agency handed in until an instant; what came later is added up when it is asked for.
create table agency_storage (
  agency_code text primary key references agency (code),
  bytes bigint not null check (bytes >= 0),
  counted_to timestamptz not null
);
