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
create index directory_fact_subject on directory_fact (subject, kind) where retracted_in is null;
create index directory_fact_asserted on directory_fact (asserted_in);
create index directory_fact_retracted on directory_fact (retracted_in) where retracted_in is not null;
