import { lockDeliveries } from '../db/deliveries.ts'
import type { Transaction } from '../db/pool.ts'
import type { AffectedDelivery, SpokenNames } from '../domain/effects.ts'
import { spokenNames } from './choose-named.ts'
import { earlierThan } from './find-scopes.ts'
import type { Scope } from './reference.ts'
import type { IdentifiedDocument } from './submission.ts'

/**
 * The earlier deliveries that a packet speaks of, each with the names that it speaks of. They are locked, so that "not
 * handed over", and by which names, is still true when it is written.
 */
export async function lockAffected(
  db: Transaction,
  document: IdentifiedDocument,
  scopes: readonly Scope[],
): Promise<AffectedDelivery[]> {
  const keys = new Set(scopes.flatMap(({ deliveries }) => deliveries))
  const locked = (await lockDeliveries(db, [...keys])).map((delivery) => ({
    ...delivery,
    addressed: delivery.route.addressed ?? [],
  }))
  const spoken = scopes.flatMap(({ names, deliveries }) => {
    const own = new Set(deliveries)
    const among = locked.filter(({ key }) => own.has(key))
    return names === null ? [] : [spokenNames(among, names, earlierThan(document))]
  })
  const entirely = new Set(scopes.flatMap(({ names, deliveries }) => (names === null ? deliveries : [])))
  return locked.map((delivery) => ({
    ...delivery,
    names: entirely.has(delivery.key)
      ? { spoken: delivery.addressed, left: [] }
      : together(spoken.flatMap((one) => one.get(delivery) ?? [])),
  }))
}

/** What several references speak of together. */
function together(all: readonly SpokenNames[]): SpokenNames {
  const spoken = new Set(all.flatMap((one) => one.spoken))
  const left = new Set(all.flatMap((one) => one.left))
  return { spoken: [...spoken], left: [...left].filter((name) => !spoken.has(name)) }
}
