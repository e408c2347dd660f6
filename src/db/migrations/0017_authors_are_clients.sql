-- Up Migration
-- Who writes a draft is a client that has proven who it is: of an author who is nobody, no approver can be told apart.
-- That is an administrator, a system of the axis interface, or another exchange.

create or replace function check_approval() returns trigger language plpgsql as $$
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
end $$;
