-- Blobs that were found damaged and are not known to be whole again.
create table damaged_blob (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  damage text not null check (damage in ('missing', 'other-length', 'other-bytes', 'unreadable')),
  found_at timestamptz not null default clock_timestamp(),
  found_by text not null
);
