import type { FactKind } from '../domain/directory/fact.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

/** What is known of an agency where no snapshot is at hand. Days are `yyyy-MM-dd`, Vietnam time. */
export interface NamedAgency {
  readonly code: AgencyCode
  readonly name: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly aliases: readonly string[]
}

/** The fact that holds on a day, else the last before it, else the first to come. */
const nearest = (kind: FactKind): string => `select value, valid_from, valid_to from directory_fact
  where subject = $1 and kind = '${kind}' and retracted_in is null
  order by valid_from <= $2 desc, abs(valid_from - $2::date) limit 1`

/** An agency by its very code, as it is on a day; where it is not open then, as it was last, or will be first. */
export async function findAgencyOn(
  db: Queryable,
  code: AgencyCode,
  day: string,
): Promise<NamedAgency | undefined> {
  const { rows } = await db.query<NamedAgency>(
    `select $1 as code, name.value ->> 'name' as name, existence.valid_from as "validFrom",
        existence.valid_to as "validTo",
        array(select distinct value ->> 'alias' from directory_fact
          where subject = $1 and kind = 'alias' and retracted_in is null order by 1) as aliases
      from (${nearest('existence')}) as existence, (${nearest('name')}) as name`,
    [code, day],
  )
  return rows[0]
}

/** The codes that spellings stand for, by spelling: the code itself, else that of the agency that it is an alias of. */
export async function findCodes(
  db: Queryable,
  spellings: readonly string[],
): Promise<Map<string, AgencyCode>> {
  const { rows } = await db.query<{ spelling: string; code: string }>(
    `select spelling, coalesce(agency.code, named.subject) as code
      from unnest($1::text[]) as asked (spelling)
        left join agency on agency.code = spelling
        left join lateral (select subject from directory_fact
          where kind = 'alias' and value ->> 'alias' = spelling and retracted_in is null
          order by valid_from desc limit 1) as named on true
      where coalesce(agency.code, named.subject) is not null`,
    [spellings],
  )
  return new Map(rows.map(({ spelling, code }) => [spelling, agencyCode(code)]))
}

export async function listTiers(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ code: string }>('select code from tier order by code')
  return rows.map((row) => row.code)
}

/** Whether `delegate` may act in the name of `agency` on a day (`yyyy-MM-dd`). */
export async function hasDelegation(
  db: Queryable,
  agency: AgencyCode,
  delegate: AgencyCode,
  day: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from delegation where agency_code = $1 and delegate_code = $2
      and valid_from <= $3 and (valid_to is null or valid_to > $3)`,
    [agency, delegate, day],
  )
  return rowCount !== null && rowCount > 0
}
