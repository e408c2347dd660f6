import { type DecidedDelivery, findDecidedDelivery } from '../../db/decided-deliveries.ts'
import { databaseNow } from '../../db/now.ts'
import type { Queryable } from '../../db/pool.ts'
import type { UsableChannels } from '../../domain/channel-id.ts'
import type { DeliveryKey } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { type Comparison, compareDecision } from './compare-decision.ts'
import { readParts } from './read-parts.ts'

export interface DeliveryAnswer {
  readonly delivery: DecidedDelivery
  /** When it was decided: at acceptance, or when it was last moved to a successor. */
  readonly decidedAt: Date
  /** The decision made again as it was made, with the revisions that it names. */
  readonly then: Comparison
  /** The decision as it would be made now. */
  readonly now: Comparison
}

/**
 * How a delivery's way was decided, and whether it would be decided the same now.
 * @param present the directory of the latest revision
 * @throws GatewayError `not-found`
 */
export async function explainDelivery(
  db: Queryable,
  present: DirectorySnapshot,
  key: DeliveryKey,
  usable: UsableChannels,
): Promise<DeliveryAnswer> {
  const delivery = await findDecidedDelivery(db, key)
  if (delivery === undefined) throw new GatewayError('not-found')
  const { sender, route, acceptedAt, movedAt } = delivery
  const decidedAt = movedAt ?? acceptedAt
  const now = await databaseNow(db)
  const before = await readParts(db, present, {
    sender,
    at: decidedAt,
    usable,
    ...(route.directoryRevision !== undefined && { directoryRevision: route.directoryRevision }),
    ...(route.revision !== undefined && { routingRevision: route.revision }),
  })
  const then = compareDecision(before, delivery, decidedAt, movedAt === null ? 'anew' : 'under-way')
  const after = await readParts(db, present, { sender, at: now, usable })
  return { delivery, decidedAt, then, now: compareDecision(after, delivery, now) }
}
