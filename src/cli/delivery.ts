import { searchAdminDeliveries } from '../db/admin-deliveries.ts'
import { cancelDelivery, retryDelivery } from '../delivery/administer.ts'
import { DELIVERY_STATES } from '../domain/delivery-state.ts'
import { deliveryKey } from '../domain/identifiers.ts'
import { count, oneOf, readArguments, required, uuid } from './arguments.ts'
import { deliveryRow } from './delivery-row.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/** `tram delivery list`: deliveries, the newest first, each with why it waits or has failed. */
export function deliveryList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    state: { type: 'string' },
    tier: { type: 'string' },
    recipient: { type: 'string' },
    sender: { type: 'string' },
    document: { type: 'string' },
    limit: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  })
  const { json, limit, state, document, ...same } = values
  const page = {
    ...same,
    limit: count('limit', limit),
    ...(state !== undefined && { state: oneOf('state', state, DELIVERY_STATES) }),
    ...(document !== undefined && { document: uuid(document) }),
  }
  return withDatabase(async (pool) => {
    const deliveries = await searchAdminDeliveries(pool, page)
    if (json) for (const delivery of deliveries) console.log(JSON.stringify(delivery))
    else printTable(deliveries.map(deliveryRow))
  })
}

/** `tram delivery retry ID`: of a delivery that failed. The workers find it by themselves. */
export function deliveryRetry(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  const key = deliveryKey(uuid(positionals[0]!))
  return withDatabase((pool) => retryDelivery(pool, operator(), key))
}

/** `tram delivery cancel ID --reason TEXT`: of a delivery that was not handed over. */
export function deliveryCancel(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], { reason: { type: 'string' } })
  const key = deliveryKey(uuid(positionals[0]!))
  const reason = required('reason', values.reason)
  return withDatabase((pool) => cancelDelivery(pool, operator(), key, reason))
}
