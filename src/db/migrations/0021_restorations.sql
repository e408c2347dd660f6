-- What was restored from backups. Numbers of inboxes go on above number_floor, which is above every number that can
-- have been given between the backup and its restoration: those stay with what they were given to.
create table restoration (
  id uuid primary key,
  backup text not null,
  manifest_sha256 text not null check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  taken_at timestamptz not null,
  restored_at timestamptz not null default clock_timestamp(),
  restored_by text not null,
  number_floor bigint not null check (number_floor > 0)
);

create trigger restoration_is_append_only before update or delete or truncate on restoration
  for each statement execute function refuse_change();

-- Numbers of one inbox that were left out by a restoration: above after_number up to its floor. seen_number is the
-- greatest of them that a reader has shown to know: up to it deliveries were there that are lost.
create table inbox_leap (
  restoration_id uuid not null references restoration (id),
  agency_code text not null references agency (code),
  after_number bigint not null,
  seen_number bigint,
  primary key (restoration_id, agency_code)
);
