import type { Hop } from '../domain/axis/hop.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { Envelope } from '../domain/envelope.ts'
import { GatewayError } from '../domain/problem.ts'
import type { IntakeDependencies, PermittedDocument, TracedDocument } from './submission.ts'

/** No honest way is longer: a commune, its province, the national axis and back down make five. */
export const MOST_HOPS = 16

/**
 * Which exchanges a packet has passed, by its TraceHeaders and by what the exchange before tells beside it.
 * @throws GatewayError `packet-looped` where this gateway is among them, or more than `MOST_HOPS` are
 */
export function checkWay(
  { traceId }: Pick<IntakeDependencies, 'traceId'>,
  document: PermittedDocument,
): TracedDocument {
  const { caller, envelope, fromGateway } = document
  const beside = fromGateway?.hops ?? []
  const isOfExchange = fromGateway !== undefined || caller.role === 'gateway'
  const hops = distinct([...tracesOf(envelope, isOfExchange), ...beside])
  if (traceId !== null && hops.some(({ organId }) => isSame(organId, traceId))) throw looped(hops, traceId)
  if (hops.length > MOST_HOPS) throw tooFar(hops)
  return { ...document, hops }
}

/**
 * The sender's own system may write a TraceHeader too, of the agency that sends: no exchange has passed the packet on
 * then. `null` for an agency is what test tenants of the national axis leave behind.
 */
function tracesOf(envelope: Envelope, isOfExchange: boolean): Hop[] {
  if (envelope.kind === 'status') return []
  return envelope.trace.flatMap(({ organId, timestamp = '' }) => {
    const isNobody = organId === undefined || organId === 'null'
    const isSender = organId !== undefined && isSame(organId, envelope.from.organId)
    return isNobody || (isSender && !isOfExchange) ? [] : [{ organId, timestamp }]
  })
}

const isSame = (one: string, other: string): boolean =>
  one.trim().toUpperCase() === other.trim().toUpperCase()

/** An exchange that writes TraceHeaders and tells hops beside the packet tells the same hop twice. */
const distinct = (hops: readonly Hop[]): Hop[] => [
  ...new Map(
    hops.map(({ organId, timestamp }) => [
      `${timestamp} ${organId.trim().toUpperCase()}`,
      { organId, timestamp },
    ]),
  ).values(),
]

const looped = (hops: readonly Hop[], traceId: string): GatewayError =>
  refusal({
    vi: `Gói tin đã đi qua ${traceId} (trục này). Các trục đã qua: ${wayOf(hops)}.`,
    en: `The packet has been through ${traceId}, which is this gateway. It passed ${wayOf(hops)}.`,
  })

const tooFar = (hops: readonly Hop[]): GatewayError =>
  refusal({
    vi: `Gói tin đã qua ${hops.length} trục, nhiều hơn mức ${MOST_HOPS}: ${wayOf(hops)}.`,
    en: `The packet has passed ${hops.length} exchanges, more than ${MOST_HOPS}: ${wayOf(hops)}.`,
  })

const refusal = (detail: Bilingual): GatewayError => new GatewayError('packet-looped', { detail })

const wayOf = (hops: readonly Hop[]): string =>
  hops
    .slice(0, 2 * MOST_HOPS)
    .map(({ organId }) => organId.slice(0, 100))
    .join(' → ')
