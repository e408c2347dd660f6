import type { Agency, Endpoint } from '../domain/agency.ts'
import { type AgencyCode, agencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

export interface AgencyRecord extends Agency {
  readonly aliases: readonly string[]
  readonly revision: number
}

interface AgencyRow {
  code: string
  name: string
  tier: string
  parent_code: string | null
  valid_from: string
  valid_to: string | null
  successor_code: string | null
  revision: number
  aliases: string[]
}

const COLUMNS = `agency.code, agency.name, agency.tier, agency.parent_code, agency.valid_from, agency.valid_to,
  agency.successor_code, agency.revision,
  array(select distinct value ->> 'alias' from directory_fact
    where subject = agency.code and kind = 'alias' and retracted_in is null order by 1) as aliases`

const toAgency = (row: AgencyRow): AgencyRecord => ({
  code: agencyCode(row.code),
  name: row.name,
  tier: row.tier,
  parent: row.parent_code === null ? null : agencyCode(row.parent_code),
  validFrom: row.valid_from,
  validTo: row.valid_to,
  successor: row.successor_code === null ? null : agencyCode(row.successor_code),
  aliases: row.aliases,
  revision: row.revision,
})

/** Agencies by code or alias. Keys of the answer are the spellings that were asked for. */
export async function findAgencies(
  db: Queryable,
  spellings: readonly string[],
): Promise<Map<string, AgencyRecord>> {
  const { rows } = await db.query<AgencyRow & { spelling: string }>({
    name: 'find-agencies',
    text: `select asked.spelling, ${COLUMNS}
      from unnest($1::text[]) as asked (spelling)
      left join lateral (select subject from directory_fact
        where kind = 'alias' and value ->> 'alias' = asked.spelling and retracted_in is null
        order by valid_from desc limit 1) as named on not exists (select from agency where code = asked.spelling)
      join agency_today as agency on agency.code = coalesce(named.subject, asked.spelling)`,
    values: [spellings],
  })
  return new Map(rows.map((row) => [row.spelling, toAgency(row)]))
}

export interface AgencyPage {
  readonly after?: string
  readonly limit: number
  readonly tier?: string
  readonly parent?: string
  readonly text?: string
}

/** One page of the directory in the order of codes, those after `after`. */
export async function listAgencies(db: Queryable, page: AgencyPage): Promise<AgencyRecord[]> {
  const { rows } = await db.query<AgencyRow>(
    `select ${COLUMNS} from agency_today as agency
      where code > $1
        and ($3::text is null or tier = $3)
        and ($4::text is null or parent_code = $4)
        and ($5::text is null or code ilike $5 or name ilike $5)
      order by code limit $2`,
    [page.after ?? '', page.limit, page.tier ?? null, page.parent ?? null, likeText(page.text)],
  )
  return rows.map(toAgency)
}

const likeText = (text: string | undefined): string | null =>
  text === undefined ? null : `%${text.replace(/[\\%_]/g, '\\$&')}%`

export async function insertAgency(
  db: Transaction,
  agency: Agency,
  aliases: readonly string[],
): Promise<void> {
  await db.query(
    `insert into agency (code, name, tier, parent_code, valid_from, valid_to, successor_code)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      agency.code,
      agency.name,
      agency.tier,
      agency.parent,
      agency.validFrom,
      agency.validTo,
      agency.successor,
    ],
  )
  await replaceAliases(db, agency.code, aliases)
}

/** Writes the whole agency if its revision is still the one that the author saw. Returns whether it was. */
export async function updateAgency(
  db: Transaction,
  agency: Agency,
  aliases: readonly string[],
  seenRevision: number,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update agency set name = $2, tier = $3, parent_code = $4, valid_from = $5, valid_to = $6, successor_code = $7,
        revision = revision + 1, changed_at = clock_timestamp()
      where code = $1 and revision = $8`,
    [
      agency.code,
      agency.name,
      agency.tier,
      agency.parent,
      agency.validFrom,
      agency.validTo,
      agency.successor,
      seenRevision,
    ],
  )
  if (rowCount === 0) return false
  await replaceAliases(db, agency.code, aliases)
  return true
}

async function replaceAliases(db: Transaction, code: AgencyCode, aliases: readonly string[]): Promise<void> {
  await db.query('delete from agency_alias where agency_code = $1', [code])
  await db.query('insert into agency_alias (alias, agency_code) select unnest($2::text[]), $1', [
    code,
    aliases,
  ])
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

export async function findEndpoints(
  db: Queryable,
  codes: readonly AgencyCode[],
): Promise<Map<AgencyCode, Endpoint>> {
  const { rows } = await db.query<{
    agency_code: string
    channel: Endpoint['channel']
    url: string | null
    paused: boolean
  }>({
    name: 'find-endpoints',
    text: `select code as agency_code, coalesce(value ->> 'channel', 'mailbox') as channel, value ->> 'url' as url,
        paused_at is not null as paused
      from unnest($1::text[]) as asked (code)
        left join recipient_pause on agency_code = code
        left join directory_fact on subject = code and kind = 'endpoint' and retracted_in is null
          and valid_from <= day_in_vietnam() and (valid_to is null or valid_to > day_in_vietnam())
      where paused_at is not null or value is not null`,
    values: [codes],
  })
  return new Map(
    rows.map((row) => {
      const agency = agencyCode(row.agency_code)
      return [agency, { agency, channel: row.channel, url: row.url, paused: row.paused }]
    }),
  )
}
