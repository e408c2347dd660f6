import { countAcknowledged } from '../db/handed-on.ts'
import { type Lease, renewLeases } from '../db/leases.ts'
import type { Pool } from '../db/pool.ts'
import { type Consignment, deliveriesOf, type SendResult } from './channels/channel.ts'
import type { Channels } from './channels/index.ts'
import type { Sent } from './verdict.ts'

/**
 * Sends, and keeps the lease while that lasts. A lease is short, so that a dead worker's deliveries are taken over
 * soon; a living worker renews it. Where it is lost, or cannot be renewed before it runs out, sending is broken off:
 * another worker may be at it. So it is where several go together and one of them was taken back: its recall is sent soon
 * after the end that its lease had then (src/intake/behind-stopped.ts). The others go again, without that one.
 */
export async function sendUnderLease(
  { pool, channels, leaseSeconds }: { pool: Pool; channels: Channels; leaseSeconds: number },
  consignment: Consignment,
  signal: AbortSignal,
): Promise<Sent> {
  let leases: readonly Lease[] = deliveriesOf(consignment).map(({ key, leaseEpoch: epoch }) => ({
    key,
    epoch,
  }))
  const lost = new AbortController()
  let keptAt = performance.now()
  const renew = async () => {
    const askedAt = performance.now()
    // An earlier renewal may still wait for its answer.
    if (askedAt - keptAt > leaseSeconds * 1000) return lost.abort()
    const kept = await keep(pool, leases, leaseSeconds).catch(() => undefined)
    if (kept !== undefined && kept.length > 0) {
      leases = kept
      keptAt = askedAt
    } else if (kept !== undefined || performance.now() - keptAt > leaseSeconds * 1000) lost.abort()
  }
  const renewal = setInterval(() => void renew(), (leaseSeconds * 1000) / 3)
  const stop = AbortSignal.any([signal, lost.signal])
  try {
    const results = await channels[consignment.delivery.channel].send(consignment, stop)
    return { results, brokenOff: stop.aborted }
  } catch (error) {
    return { results: faultOf(error), brokenOff: stop.aborted }
  } finally {
    clearInterval(renewal)
  }
}

/**
 * Renews leases. Returns those with which sending goes on, or none where it must not: one was lost. A delivery that was
 * acknowledged meanwhile, for an attempt before had arrived after all, stands in nobody's way: another exchange gives its
 * recipient nothing twice, and statuses that come in one after the other would let no long sending come to its end.
 */
async function keep(pool: Pool, leases: readonly Lease[], leaseSeconds: number): Promise<readonly Lease[]> {
  const kept = await renewLeases(pool, leases, leaseSeconds)
  const gone = leases.filter(({ key }) => !kept.has(key)).map(({ key }) => key)
  if (gone.length === 0) return leases
  if (kept.size === 0) return []
  const arrived = await countAcknowledged(pool, gone)
  return arrived === gone.length ? leases.filter(({ key }) => kept.has(key)) : []
}

/** A channel that throws is broken; its deliveries wait, as for any other failure, until it is mended. */
const faultOf = (error: unknown): SendResult => ({
  outcome: 'retry',
  failure: {
    code: 'channel-fault',
    explanation: { vi: 'Lỗi bên trong kênh chuyển', en: 'The channel itself failed' },
    detail: { error: error instanceof Error ? error.message : String(error) },
  },
})
