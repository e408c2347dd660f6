import { type ClientRecord, findClient } from '../../db/clients.ts'
import type { Pool } from '../../db/pool.ts'
import { quickReads } from '../../db/quick-reads.ts'

/** Milliseconds for which a client's row is believed: a revoked client is refused within them. */
const BELIEVED_MS = 3_000
const MOST_CLIENTS = 10_000

/** Looks a client up; undefined where it does not exist or is revoked. */
export type ActiveClients = (clientId: string) => Promise<ClientRecord | undefined>

/** Active clients of a database, remembered for three seconds. What fails is not remembered. */
export function activeClients(
  pool: Pool,
  monotonicNow: () => number = () => performance.now(),
): ActiveClients {
  const known = new Map<string, { readonly until: number; readonly client: ReturnType<ActiveClients> }>()
  return (clientId) => {
    const now = monotonicNow()
    const earlier = known.get(clientId)
    if (earlier !== undefined && now < earlier.until) return earlier.client
    if (known.size >= MOST_CLIENTS) known.clear()
    const client = findClient(quickReads(pool), clientId).then((found) =>
      found?.revokedAt === null ? found : undefined,
    )
    known.set(clientId, { until: now + BELIEVED_MS, client })
    client.catch(() => known.delete(clientId))
    return client
  }
}
