-- Up Migration
-- Changes of the directory and of the routing table, before and after they are in force.

create table draft (
  id uuid primary key,
  kind text not null check (kind in ('directory', 'routing')),
  -- applied: it has become a revision, which may take effect later
  state text not null default 'open' check (state in ('open', 'submitted', 'applied', 'withdrawn')),
  -- the latest of its versions, raised by every edit
  version integer not null default 1,
  -- the revision that it takes back
  reverts integer,
  -- what was told when it was submitted: shown to whoever approves
  warnings jsonb not null default '[]',
  -- why it could not be applied when it was last approved
  conflict jsonb,
  -- the revision that it became, and from when on that holds
  revision integer,
  effective_from timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  check ((state = 'applied') = (revision is not null))
);
create index draft_state on draft (state, id);

-- Every version as it was written, and by whom. Whoever stands here cannot approve the draft.
create table draft_edit (
  draft_id uuid not null references draft (id),
  version integer not null,
  author text not null,
  title text not null check (char_length(title) between 1 and 500),
  -- acts of a directory draft, rules of a routing draft
  content jsonb not null check (jsonb_typeof(content) = 'array'),
  content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
  -- the revision (of the directory, or of the routing table) that it was made from
  base integer not null,
  -- the earliest instant at which a routing table takes effect; null: as soon as it is approved
  effective_at timestamptz,
  edited_at timestamptz not null default clock_timestamp(),
  primary key (draft_id, version)
);

create table draft_approval (
  draft_id uuid not null,
  version integer not null,
  approver text not null references client (client_id),
  content_sha256 text not null,
  approved_at timestamptz not null default clock_timestamp(),
  primary key (draft_id, version, approver),
  foreign key (draft_id, version) references draft_edit (draft_id, version)
);

alter table directory_revision add foreign key (draft_id) references draft (id);
create unique index directory_revision_draft on directory_revision (draft_id);

-- What a change would do to deliveries on their way is told before it is approved.
create index delivery_in_flight on delivery (id) where state in ('waiting', 'available');

-- Who has ever set a client's secret, keys or certificate, and so could have acted in its name.
create table client_credential_author (
  client_id text not null references client (client_id),
  author text not null,
  at timestamptz not null default clock_timestamp()
);
create index client_credential_author_client on client_credential_author (client_id);
insert into client_credential_author (client_id, author, at)
  select detail ->> 'clientId', actor, at from audit_event
  where kind = 'client-changed'
    and detail ->> 'change' in ('created', 'secret-rotated', 'keys-set', 'certificate-bound')
    and exists (select from client where client_id = detail ->> 'clientId');

-- What follows holds also for whoever writes SQL with the gateway's own rights: the second approver is no matter of
-- one program's good will.

create trigger draft_edit_is_append_only before update or delete or truncate on draft_edit
  for each statement execute function refuse_change();
create trigger draft_approval_is_append_only before update or delete or truncate on draft_approval
  for each statement execute function refuse_change();
create trigger client_credential_author_is_append_only before update or delete or truncate on client_credential_author
  for each statement execute function refuse_change();

create function check_draft_change() returns trigger language plpgsql as $$
begin
  if old.state in ('applied', 'withdrawn') or new.version < old.version or new.kind <> old.kind or new.id <> old.id
    or (new.state = 'applied' and old.state <> 'submitted') then
    raise exception 'draft % cannot become this', old.id
      using errcode = 'check_violation', constraint = 'draft_way';
  end if;
  return new;
end $$;
create trigger draft_way before update on draft for each row execute function check_draft_change();

create function check_approval() returns trigger language plpgsql as $$
begin
  if not exists (
    select from draft
      join draft_edit on draft_edit.draft_id = draft.id and draft_edit.version = draft.version
      join client on client.client_id = new.approver and client.role = 'admin' and client.revoked_at is null
    where draft.id = new.draft_id and draft.version = new.version and draft.state = 'submitted'
      and draft_edit.content_sha256 = new.content_sha256
      and not exists (select from draft_edit earlier where earlier.draft_id = draft.id and earlier.author = new.approver)
  ) then
    raise exception '% cannot approve draft %', new.approver, new.draft_id
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return new;
end $$;
create trigger draft_four_eyes before insert on draft_approval for each row execute function check_approval();

-- The latest version of a submitted draft that somebody has approved who wrote none of it.
create function approved_edit(the_draft uuid, the_kind text) returns setof draft_edit language sql stable as $$
  select draft_edit.* from draft
    join draft_edit on draft_edit.draft_id = draft.id and draft_edit.version = draft.version
  where draft.id = the_draft and draft.kind = the_kind and draft.state = 'submitted'
    and exists (
      select from draft_approval
      where draft_approval.draft_id = draft.id and draft_approval.version = draft.version
        and draft_approval.content_sha256 = draft_edit.content_sha256
        and draft_approval.approver not in (select author from draft_edit any_edit where any_edit.draft_id = draft.id))
$$;

create function check_directory_revision() returns trigger language plpgsql as $$
begin
  if new.draft_id is not null and not exists (select from approved_edit(new.draft_id, 'directory')) then
    raise exception 'draft % is not approved', new.draft_id
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return new;
end $$;
create trigger directory_revision_four_eyes before insert on directory_revision
  for each row execute function check_directory_revision();

-- A table of rules is in force word for word as it was approved, and never before it was.
create function check_routing_revision() returns trigger language plpgsql as $$
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
end $$;
create trigger routing_revision_four_eyes before insert on routing_revision
  for each row execute function check_routing_revision();

-- A fact is said, and taken back, by a revision of the same transaction, and nothing else of it ever changes. Without a
-- draft only a new directory is filled, and an agency speaks for its own endpoint.
create function check_facts_said() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed
      join directory_revision revision on revision.number = changed.asserted_in
      left join client on client.client_id = revision.author
    where changed.retracted_in is not null or revision.xmin <> pg_current_xact_id()::xid
      or (revision.draft_id is null and revision.number > 1
        and (changed.kind <> 'endpoint' or client.agency_code is distinct from changed.subject
          or changed.value ->> 'reaches' = 'subtree'))
  ) then
    raise exception 'facts are said by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $$;
create trigger directory_fact_said after insert on directory_fact
  referencing new table as changed for each statement execute function check_facts_said();

create function check_facts_taken_back() returns trigger language plpgsql as $$
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
        and (changed.kind <> 'endpoint' or client.agency_code is distinct from changed.subject
          or changed.value ->> 'reaches' = 'subtree'))
  ) or (select count(*) from changed) <> (select count(*) from changed join before using (id)) then
    raise exception 'facts are taken back by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $$;
create trigger directory_fact_taken_back after update on directory_fact
  referencing old table as before new table as changed for each statement execute function check_facts_taken_back();

create trigger directory_fact_is_kept before delete or truncate on directory_fact
  for each statement execute function refuse_change();
create trigger directory_revision_is_append_only before update or delete or truncate on directory_revision
  for each statement execute function refuse_change();
