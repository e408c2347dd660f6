import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { type DirectoryDay, getAgency } from '../directory/agencies.ts'
import type { AgencyEntry } from '../directory/snapshot/agency-entry.ts'
import { listAgencies } from '../directory/snapshot/list-agencies.ts'
import { readRegistry } from '../directory/snapshot/read-registry.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { count, day, readArguments } from './arguments.ts'
import { printTable, withDatabase } from './with-database.ts'

/** `tram agency list`: agencies as they are on a day, in the order of their codes, after `--after`; `--open`: only such. */
export function agencyList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    text: { type: 'string' },
    tier: { type: 'string' },
    parent: { type: 'string' },
    on: { type: 'string' },
    open: { type: 'boolean', default: false },
    after: { type: 'string' },
    limit: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  })
  const { json, limit, on, ...filters } = values
  const page = { ...filters, limit: count('limit', limit) }
  const asked = on === undefined ? undefined : day('on', on)
  return withDatabase(async (pool) => {
    const known = await directoryOf(pool, asked)
    const agencies = listAgencies(known.directory, { ...page, day: known.day })
    if (json) for (const agency of agencies) console.log(JSON.stringify(agency))
    else printTable(agencies.map(rowOf))
  })
}

const rowOf = ({ code, tier, validFrom, validTo, successor, name }: AgencyEntry) => [
  code,
  tier,
  validFrom,
  validTo,
  successor,
  name,
]

/** `tram agency show CODE`: by its code or an alias, as it is on a day, with every fact that is on record of it. */
export function agencyShow(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CODE'], { on: { type: 'string' } })
  const asked = values.on === undefined ? undefined : day('on', values.on)
  return withDatabase(async (pool) => {
    const known = await directoryOf(pool, asked)
    const agency = getAgency(known, positionals[0]!)
    const facts = known.directory.factsOf(agency.code)
    console.log(JSON.stringify({ ...agency, facts }, null, 2))
  })
}

/** The directory of a day; of today where none is asked for. */
export async function directoryOf(pool: Pool, asked?: string): Promise<DirectoryDay> {
  const { directory } = await readRegistry(pool)
  return { directory, day: asked ?? vietnamDay(await databaseNow(pool)) }
}
