import { findDeparture } from '../db/in-flight.ts'
import { acknowledgeShared, handOverShared, type OwnDelivery, type OwnMove } from '../db/own-deliveries.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import { inStatement } from '../db/transaction.ts'
import type { Caller } from '../domain/caller.ts'
import { type AgencyCode, type DeliveryKey, uuidv7 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { passStep } from '../step.ts'

export interface OwnDeliveryRequest {
  readonly caller: Caller
  /** Whose inbox: the caller's agency, or one that it holds a delegation of. */
  readonly agency: AgencyCode
  readonly delivery: DeliveryKey
  readonly claimToken: string | null
}

/**
 * Records, before the first byte leaves, that the recipient may hold the document from now on. Fetching again is fine
 * and changes nothing.
 * @throws GatewayError `not-found`, `delivery-moved`, `delivery-withdrawn`, `claim-conflict`
 */
export async function handOver(pool: Pool, request: OwnDeliveryRequest): Promise<void> {
  const { moved, wasHandedOver } = await moveOn(pool, request, handOverShared)
  if (!moved && !wasHandedOver) throw new GatewayError('delivery-state-conflict')
}

/**
 * Records that the recipient has stored the document. Acknowledging again is fine and changes nothing.
 * @throws GatewayError `not-found`, `delivery-moved`, `delivery-withdrawn`, `claim-conflict`,
 *   `delivery-state-conflict` where the document was never fetched
 */
export async function acknowledge(pool: Pool, request: OwnDeliveryRequest): Promise<void> {
  const { moved, state } = await moveOn(pool, request, acknowledgeShared)
  if (!moved && state !== 'acknowledged') throw notFetched()
}

async function moveOn(
  pool: Pool,
  request: OwnDeliveryRequest,
  move: (pool: Pool, move: OwnMove) => Promise<OwnDelivery | undefined>,
): Promise<OwnDelivery> {
  const { agency, delivery: key, claimToken, caller } = request
  const asked = { agency, key, claimToken, actor: caller.clientId, event: uuidv7() }
  const own = await inStatement(pool, () => move(pool, asked))
  if (own?.moved) passStep('receipt-committed')
  if (own === undefined) throw await inStatement(pool, (db) => notHere(db, request))
  if (own.state === 'withdrawn') throw new GatewayError('delivery-withdrawn')
  if (own.heldByAnother) throw new GatewayError('claim-conflict', { retryAfter: 30 })
  return own
}

/** What once lay in this inbox and left it is told apart from what never did. */
async function notHere(db: Queryable, { agency, delivery }: OwnDeliveryRequest): Promise<GatewayError> {
  const movedTo = await findDeparture(db, agency, delivery)
  if (movedTo === undefined) return new GatewayError('not-found')
  if (movedTo === null) return new GatewayError('delivery-moved')
  const detail = { vi: `Nay thuộc hộp thư của ${movedTo}.`, en: `It lies in the inbox of ${movedTo} now.` }
  return new GatewayError('delivery-moved', { detail })
}

const notFetched = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Văn bản chưa được lấy về nên chưa thể xác nhận.',
      en: 'The document was not fetched, so it cannot be acknowledged.',
    },
  })
