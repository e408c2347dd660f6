import { type AgencyRecord, listAgencies } from '../db/agencies.ts'
import { closeAgency, createAgency, getAgency } from '../directory/agencies.ts'
import { code, count, day, readArguments, required } from './arguments.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/** `tram agency list`: agencies in the order of their codes, after `--after`. */
export function agencyList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    text: { type: 'string' },
    tier: { type: 'string' },
    parent: { type: 'string' },
    after: { type: 'string' },
    limit: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  })
  const { json, limit, ...filters } = values
  const page = { ...filters, limit: count('limit', limit) }
  return withDatabase(async (pool) => {
    const agencies = await listAgencies(pool, page)
    if (json) for (const agency of agencies) console.log(JSON.stringify(agency))
    else printTable(agencies.map(rowOf))
  })
}

const rowOf = ({ code, tier, validFrom, validTo, successor, name }: AgencyRecord) => [
  code,
  tier,
  validFrom,
  validTo,
  successor,
  name,
]

/** `tram agency show CODE`: by its code or an alias. */
export function agencyShow(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['CODE'], {})
  return withDatabase(async (pool) => print(await getAgency(pool, positionals[0]!)))
}

/** `tram agency add CODE`. */
export function agencyAdd(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CODE'], {
    name: { type: 'string' },
    tier: { type: 'string' },
    parent: { type: 'string' },
    from: { type: 'string' },
    alias: { type: 'string', multiple: true, default: [] },
  })
  const draft = {
    code: code(positionals[0]!),
    name: required('name', values.name),
    tier: required('tier', values.tier),
    parent: values.parent === undefined ? null : code(values.parent),
    validFrom: day('from', required('from', values.from)),
    validTo: null,
    successor: null,
    aliases: values.alias,
  }
  return withDatabase(async (pool) => print(await createAgency(pool, operator(), draft)))
}

/** `tram agency close CODE`: from the day `--on`. */
export function agencyClose(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CODE'], {
    on: { type: 'string' },
    successor: { type: 'string' },
  })
  const closing = code(positionals[0]!)
  const closure = {
    validTo: day('on', required('on', values.on)),
    successor: values.successor === undefined ? null : code(values.successor),
  }
  return withDatabase(async (pool) => {
    const { revision } = await getAgency(pool, closing)
    print(await closeAgency(pool, operator(), closing, closure, revision))
  })
}

const print = (agency: AgencyRecord): void => console.log(JSON.stringify(agency, null, 2))
