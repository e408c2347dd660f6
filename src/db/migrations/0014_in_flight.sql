-- Up Migration
-- Deliveries whose recipient closed before the hand-over: where they went, and which numbers of an inbox went with them.

-- Why a delivery stays, or was given up, although its recipient has closed, and under which fact that was decided
-- (`policy fact:12`); null where nothing was to be decided. It is looked at again as soon as another fact holds.
alter table delivery add column stays_under text;

-- A number of an inbox whose delivery left it again. Numbers are given once: where one is missing, it stands here.
create table inbox_departure (
  agency_code text not null references agency (code),
  inbox_number bigint not null,
  delivery_id uuid not null references delivery (id),
  -- null: given up, and gone nowhere
  moved_to text references agency (code),
  departed_at timestamptz not null default clock_timestamp(),
  primary key (agency_code, inbox_number)
);
create index inbox_departure_delivery on inbox_departure (delivery_id);
create trigger inbox_departure_is_append_only before update or delete or truncate on inbox_departure
  for each statement execute function refuse_change();
