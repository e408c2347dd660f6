-- Up Migration
-- Changes of the directory and of the routing table, before and after they are in force.

create table draft (
  id uuid primary key,
  kind text not null check (kind in ('directory', 'routing')),
  title text not null check (char_length(title) between 1 and 500),
  -- acts of a directory draft, rules of a routing draft
  content jsonb not null check (jsonb_typeof(content) = 'array'),
  -- raised by every edit; approvals are given to one version
  version integer not null default 1,
  -- the revision (of the directory, or of the routing table) that it was made from
  base integer not null,
  state text not null default 'open' check (state in ('open', 'submitted', 'scheduled', 'in-force', 'withdrawn')),
  -- when a routing table takes effect; null: as soon as it is approved
  effective_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp()
);
create index draft_state on draft (state, changed_at);

-- Who wrote which version. Whoever stands here cannot approve the draft.
create table draft_edit (
  draft_id uuid not null references draft (id),
  version integer not null,
  author text not null,
  content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
  edited_at timestamptz not null default clock_timestamp(),
  primary key (draft_id, version)
);

create table draft_approval (
  draft_id uuid not null,
  version integer not null,
  approver text not null,
  approved_at timestamptz not null default clock_timestamp(),
  primary key (draft_id, version, approver),
  foreign key (draft_id, version) references draft_edit (draft_id, version)
);
