import { retryArrival } from '../connector/retry-arrival.ts'
import { searchArrivals } from '../db/admin-arrivals.ts'
import type { Arrival } from '../db/axis-arrival-record.ts'
import { ARRIVAL_STATES } from '../domain/axis/arrival.ts'
import { count, oneOf, readArguments, uuid } from './arguments.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/** `tram axis arrivals`: what other exchanges hold or held for this gateway, the newest first. */
export function axisArrivals(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    connector: { type: 'string' },
    state: { type: 'string' },
    after: { type: 'string' },
    limit: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  })
  const { connector, state, after, limit, json } = values
  const page = {
    limit: count('limit', limit),
    ...(connector !== undefined && { connector }),
    ...(state !== undefined && { state: oneOf('state', state, ARRIVAL_STATES) }),
    ...(after !== undefined && { after: uuid(after) }),
  }
  return withDatabase(async (pool) => {
    const arrivals = await searchArrivals(pool, page)
    if (json) for (const { beside: _beside, ...arrival } of arrivals) console.log(JSON.stringify(arrival))
    else printTable(arrivals.map(rowOf))
  })
}

const rowOf = (arrival: Arrival) => [
  arrival.id,
  arrival.connector,
  arrival.remoteId,
  arrival.messageType,
  arrival.state,
  arrival.told ? 'told' : null,
  (arrival.problem ?? arrival.failure)?.code ?? null,
  arrival.listedFrom || null,
  arrival.listedTo || null,
  arrival.listedAt.toISOString(),
]

/** `tram axis retry ID`: of one that was refused. The API's processes find it by themselves. */
export function axisRetry(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  const id = uuid(positionals[0]!)
  return withDatabase((pool) => retryArrival(pool, operator(), id))
}
