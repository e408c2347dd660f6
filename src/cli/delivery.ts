import { searchAdminDeliveries } from '../db/admin-deliveries.ts'
import { type FailureCause, listFailureCauses } from '../db/failure-causes.ts'
import { cancelDelivery, retryDelivery } from '../delivery/administer.ts'
import { retryCause } from '../delivery/retry-cause.ts'
import { CHANNELS } from '../domain/channel-id.ts'
import { DELIVERY_STATES } from '../domain/delivery-state.ts'
import { deliveryKey } from '../domain/identifiers.ts'
import { code, count, oneOf, readArguments, required, uuid } from './arguments.ts'
import { deliveryRow } from './delivery-row.ts'
import { UsageError } from './usage-error.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/**
 * `tram delivery list`: deliveries, the newest first, each with why it waits or has failed; with `--by-cause` one line for
 * each cause, of those that failed, or with `--state waiting` of those that wait after a failure.
 */
export function deliveryList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    state: { type: 'string' },
    tier: { type: 'string' },
    recipient: { type: 'string' },
    sender: { type: 'string' },
    document: { type: 'string' },
    limit: { type: 'string', default: '100' },
    'by-cause': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  const { json, limit, state, document, 'by-cause': byCause, ...same } = values
  const page = {
    ...same,
    limit: count('limit', limit),
    ...(state !== undefined && { state: oneOf('state', state, DELIVERY_STATES) }),
    ...(document !== undefined && { document: uuid(document) }),
  }
  if (byCause) return listCauses(oneOf('state', state ?? 'failed', CAUSED), page, json)
  return withDatabase(async (pool) => {
    const deliveries = await searchAdminDeliveries(pool, page)
    if (json) for (const delivery of deliveries) console.log(JSON.stringify(delivery))
    else printTable(deliveries.map(deliveryRow))
  })
}

/** The states in which a delivery has a cause. */
const CAUSED = { failed: true, waiting: true } as const

function listCauses(
  state: keyof typeof CAUSED,
  { limit, ...filter }: { readonly limit: number } & Parameters<typeof listFailureCauses>[2],
  json: boolean,
): Promise<number> {
  return withDatabase(async (pool) => {
    const causes = await listFailureCauses(pool, state, filter, limit)
    if (json) for (const cause of causes) console.log(JSON.stringify(cause))
    else printTable([CAUSE_COLUMNS, ...causes.map(causeRow)])
  })
}

const CAUSE_COLUMNS = ['cause', 'channel', 'deliveries', 'documents', 'recipients', 'last', 'sample', '']

const causeRow = (found: FailureCause): (string | number | null)[] => [
  found.cause,
  found.channel,
  found.deliveries,
  found.documents,
  found.recipients,
  found.lastAt.toISOString(),
  found.sample,
  found.explanation?.vi ?? null,
]

/**
 * `tram delivery retry ID`: of a delivery that failed; with `--cause` of all that failed for it. The workers find them by
 * themselves.
 */
export function deliveryRetry(args: string[]): Promise<number> {
  const options = {
    cause: { type: 'string' },
    channel: { type: 'string' },
    recipient: { type: 'string' },
    document: { type: 'string' },
  } as const
  const isGroup = args.some((arg) => arg === '--cause' || arg.startsWith('--cause='))
  const { values, positionals } = readArguments(args, isGroup ? [] : ['ID'], options)
  const { cause, channel, recipient, document } = values
  if (cause === undefined) {
    if (Object.keys(values).length > 0) throw new UsageError('--cause is not given')
    const key = deliveryKey(uuid(positionals[0]!))
    return withDatabase((pool) => retryDelivery(pool, operator(), key))
  }
  const wanted = {
    cause: required('cause', cause),
    ...(channel !== undefined && { channel: oneOf('channel', channel, CHANNELS) }),
    ...(recipient !== undefined && { recipient: code(recipient) }),
    ...(document !== undefined && { document: uuid(document) }),
  }
  return withDatabase(async (pool) => {
    let total = 0
    for (let more = true; more; ) {
      const done = await retryCause(pool, operator(), wanted)
      total += done.retried
      more = done.more
    }
    console.log(`cho chuyển lại/begin anew: ${total}`)
  })
}

/** `tram delivery cancel ID --reason TEXT`: of a delivery that was not handed over. */
export function deliveryCancel(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], { reason: { type: 'string' } })
  const key = deliveryKey(uuid(positionals[0]!))
  const reason = required('reason', values.reason)
  return withDatabase((pool) => cancelDelivery(pool, operator(), key, reason))
}
