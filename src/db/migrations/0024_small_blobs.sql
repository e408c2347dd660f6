-- Up Migration
-- Small blobs lie beside what names them, and become durable with it.

create table small_blob (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bytea not null,
  -- When it was last committed, within an hour: what is young is never removed.
  stored_at timestamptz not null default clock_timestamp()
);
-- Packets and seals are signed or packed, and read whole: compressing them costs more than it saves.
alter table small_blob alter column bytes set storage external;
