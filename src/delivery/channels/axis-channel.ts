import type { OutgoingEdoc } from '../../axis/client-types.ts'
import type { LeasedDelivery } from '../../db/leases.ts'
import { CHANNELS } from '../../domain/channel-id.ts'
import type { DeliveryKey, DocumentKey } from '../../domain/identifiers.ts'
import type { Exchange, Exchanges } from '../exchanges.ts'
import { namesThere } from '../names-there.ts'
import { failedSend, resting, unprepared } from './axis-failures.ts'
import { type Channel, deliveriesOf, type SendResult } from './channel.ts'
import { notConnected } from './not-connected.ts'
import { type PacketDependencies, type PacketToSend, packetToSend } from './packet-to-send.ts'

export interface AxisChannelDependencies extends PacketDependencies {
  readonly exchanges: Exchanges
  /** Told why a packet could not be made ready: operators mend what senders only see waiting. */
  readonly onUnprepared: (error: unknown, about: { connector: string; document: DocumentKey }) => void
}

/** How often one packet is sent in one attempt, each time for others: what is left comes with the next. */
const MOST_SENDS = 64

/**
 * Hands packets on to another exchange over the axis interface (sendEdoc), once for all recipients that it has there.
 * Asked again it sends the same bytes for the same names, of which the other side makes one document. Where a recipient
 * stands in the way of the others the packet is handed in for each half of them, until it stands alone.
 */
export const axisChannel = (dependencies: AxisChannelDependencies): Channel => ({
  async send(consignment, signal) {
    const { channel, route, document } = consignment.delivery
    const exchange = dependencies.exchanges.find(channel, route.gateway)
    const { traceId } = dependencies.exchanges
    if (exchange === undefined || traceId === null) return notConnected(CHANNELS[channel].label)
    const { name } = exchange.connector
    const seconds = exchange.reach.restsFor(performance.now())
    if (seconds > 0) return resting(name, seconds)
    let packet: PacketToSend
    try {
      packet = await packetToSend(dependencies, exchange.connector, traceId, document)
    } catch (error) {
      dependencies.onUnprepared(error, { connector: name, document })
      return unprepared(name, error)
    }
    return sendParts(exchange, packet, deliveriesOf(consignment), signal)
  },
})

async function sendParts(
  exchange: Exchange,
  packet: PacketToSend,
  all: readonly LeasedDelivery[],
  signal: AbortSignal,
): Promise<ReadonlyMap<DeliveryKey, SendResult>> {
  const results = new Map<DeliveryKey, SendResult>()
  const parts = [all]
  for (let sends = 0; sends < MOST_SENDS && !signal.aborted; sends++) {
    const part = parts.shift()
    if (part === undefined) break
    const { result, isForSome } = await sendFor(exchange, packet, part, signal)
    const half = Math.ceil(part.length / 2)
    if (isForSome && part.length > 1) parts.unshift(part.slice(0, half), part.slice(half))
    else for (const { key } of part) results.set(key, result)
  }
  return results
}

async function sendFor(
  { connector, client, reach }: Exchange,
  packet: PacketToSend,
  part: readonly LeasedDelivery[],
  signal: AbortSignal,
): Promise<{ result: SendResult; isForSome: boolean }> {
  const edoc: OutgoingEdoc = { ...packet, to: [...new Set(part.flatMap(namesThere))] }
  const outcome = await client.sendEdoc(edoc, signal)
  reach.saw(outcome.ok ? undefined : outcome.failure, performance.now())
  if (!outcome.ok) return failedSend(connector.name, outcome.failure)
  const result = {
    outcome: 'handed-on',
    remoteId: outcome.value,
    detail: { connector: connector.name },
  } as const
  return { result, isForSome: false }
}
