-- Up Migration
-- An agency that speaks for its own endpoint is given another code on a day to come: what it says holds there too, else
-- the new code would silently keep the endpoint that was copied to it.

-- Whether a fact of another code only goes on with what the same revision says (or takes back) of the code before it:
-- the same endpoint, from the day on which that one is given this code. Each step leads to a later day, so that the
-- first of them is a fact that the client may say by itself.
create function endpoint_goes_on(revision integer, taken_back boolean, fact directory_fact) returns boolean
  language sql stable as $$
  select exists (
    select from directory_fact recoded
      join directory_fact before on before.subject = recoded.subject and before.kind = 'endpoint'
        and before.valid_to = fact.valid_from and before.value = fact.value
    where recoded.kind = 'succession' and recoded.retracted_in is null
      and recoded.value ->> 'act' = 'recode' and recoded.value ->> 'main' = fact.subject
      and recoded.valid_from = fact.valid_from
      and recoded.valid_from > (now() at time zone 'Asia/Ho_Chi_Minh')::date
      and case when taken_back then before.retracted_in = revision else before.asserted_in = revision end)
$$;

create or replace function check_facts_said() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed
      join directory_revision revision on revision.number = changed.asserted_in
      left join client on client.client_id = revision.author
    where changed.retracted_in is not null or revision.xmin <> pg_current_xact_id()::xid
      or (revision.draft_id is null and revision.number > 1
        and (changed.kind <> 'endpoint' or changed.value ->> 'reaches' = 'subtree' or client.agency_code is null
          or (client.agency_code <> changed.subject
            and not endpoint_goes_on(revision.number, false, row(changed.*)::directory_fact))))
  ) then
    raise exception 'facts are said by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $$;

create or replace function check_facts_taken_back() returns trigger language plpgsql as $$
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
        and (changed.kind <> 'endpoint' or changed.value ->> 'reaches' = 'subtree' or client.agency_code is null
          or (client.agency_code <> changed.subject
            and not endpoint_goes_on(revision.number, true, row(changed.*)::directory_fact))))
  ) or (select count(*) from changed) <> (select count(*) from changed join before using (id)) then
    raise exception 'facts are taken back by an approved draft'
      using errcode = 'check_violation', constraint = 'draft_four_eyes';
  end if;
  return null;
end $$;
