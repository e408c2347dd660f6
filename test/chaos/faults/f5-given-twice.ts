import { loadConfig } from '../../../src/config.ts'
import { deliveryKey } from '../../../src/domain/identifiers.ts'
import { openDeliverQueues } from '../../../src/queue/deliver-queues.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import type { World } from '../world.ts'
import { deliveriesTo, type SilentAgencies } from './silent-agencies.ts'

const DOCUMENTS = 4
/** The same work under other names, for each delivery, while the endpoint takes its time. */
const COPIES = 3
const SLOW_MS = 400
const REST_MS = 120_000

/** The queue gives one delivery to several workers at once: one of them sends. */
export async function giveTwice(world: World, silent: SilentAgencies): Promise<Measure[]> {
  const queues = openDeliverQueues(loadConfig('worker', world.variables).queue, () => undefined)
  silent.behave({ kind: 'slow', ms: SLOW_MS })
  const told = new Set<string>()
  try {
    for (let sent = 0; sent < DOCUMENTS; sent += 1) {
      await silent.sendTo(silent.codes)
      const fresh = (await deliveriesTo(world, silent.codes)).filter(({ key }) => !told.has(key))
      const copies = fresh.flatMap(({ key, tier }) =>
        Array.from({ length: COPIES }, (_, copy) => {
          told.add(key)
          return { delivery: deliveryKey(key), epoch: 1_000_000 + copy, tier, urgency: 0 as const }
        }),
      )
      await queues.add(copies)
    }
    await waitFor(
      async () => (await deliveriesTo(world, silent.codes)).every(({ state }) => state === 'available'),
      REST_MS,
      () => 'everything that was given twice is available',
    )
  } finally {
    await queues.close()
  }
  return countAttempts(world, silent, [...told])
}

async function countAttempts(
  world: World,
  silent: SilentAgencies,
  keys: readonly string[],
): Promise<Measure[]> {
  const { rows } = await world.pool.query<{ attempts: number; workers: number }>(
    'select count(*) as attempts, count(distinct worker) as workers from attempt where delivery_id = any($1)',
    [keys],
  )
  const { attempts, workers } = rows[0]!
  const notices = silent.endpoints.flatMap(({ notices: all }) => all.filter(({ id }) => keys.includes(id)))
  return [
    {
      name: 'deliveries given to workers four times each',
      seen: `${keys.length}, taken ${attempts} times by ${workers} workers`,
      bar: `taken ${keys.length} times`,
      met: attempts === keys.length,
    },
    {
      name: 'notices of them that arrived',
      seen: `${notices.length}`,
      bar: `${keys.length}`,
      met: notices.length === keys.length,
    },
  ]
}
