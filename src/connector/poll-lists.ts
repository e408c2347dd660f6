import type { ReceivedEdoc } from '../axis/answers.ts'
import { type ListedPacket, noteListed, wakeAllArrivals } from '../db/axis-arrivals.ts'
import { notePoll } from '../db/axis-polls.ts'
import type { AxisMessageType } from '../domain/axis/arrival.ts'
import { packetStatus } from '../domain/axis/packet-status.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { plain, problemOfFailure } from './problems.ts'

const MESSAGE_TYPES: readonly AxisMessageType[] = ['edoc', 'status']
/** Rows of one statement. */
const AT_ONCE = 1_000

/**
 * Asks for both lists and keeps what stands on them. A list that cannot be read is asked for again at the next poll; what
 * was on it before stays known.
 * @returns how many packets are new
 */
export async function pollLists(
  { intake: { pool }, connector: { name }, client, line, watch }: ArrivalDependencies,
  signal: AbortSignal,
): Promise<number> {
  let listed = 0
  for (const messageType of MESSAGE_TYPES) {
    const outcome = await client.getReceivedEdocList({ messageType }, signal)
    line.saw(outcome.ok ? undefined : outcome.failure)
    if (!outcome.ok) {
      if (outcome.failure.kind === 'aborted') return listed
      watch.listsFailed(outcome.failure)
      await notePoll(pool, name, problemOfFailure(outcome.failure))
      return listed
    }
    const { items, faults } = outcome.value
    watch.listHolds(messageType, faults)
    const packets = items.filter(isOpen).map(toPacket)
    for (let at = 0; at < packets.length; at += AT_ONCE)
      listed += await noteListed(pool, name, messageType, packets.slice(at, at + AT_ONCE))
  }
  watch.listsRead()
  // What could not be fetched or told meanwhile has waited ever longer: it need not wait for that.
  if ((await notePoll(pool, name, null)).endsOutage) await wakeAllArrivals(pool, name)
  return listed
}

/** Some lists keep what their client has confirmed. */
const isOpen = ({ status }: ReceivedEdoc): boolean => packetStatus(status) !== 'done'

const toPacket = ({ docId, from, to }: ReceivedEdoc): ListedPacket => ({
  remoteId: docId,
  from: plain(from),
  to: plain(to),
})
