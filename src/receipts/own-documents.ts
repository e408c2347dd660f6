import { type DeliveryRecord, findDelivery } from '../db/deliveries.ts'
import { type DocumentRecord, findDocument, findInInbox } from '../db/documents.ts'
import { findPacketInInbox, type InboxPacket } from '../db/inbox.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import {
  countDeliveryStates,
  type DeliveryPosition,
  listSentDocuments,
  pageDeliveries,
  type SentDocument,
  type SentFilter,
} from '../db/sent-documents.ts'
import { directoryOn } from '../directory/agencies.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import { mainPredecessorsOf, predecessorsForType } from '../directory/snapshot/succession-line.ts'
import { DELIVERY_STATE_IDS, type DeliveryState } from '../domain/delivery-state.ts'
import { type DocumentState, documentStateOf } from '../domain/document-state.ts'
import type { AgencyCode, DeliveryKey, DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'

/**
 * A document that an agency sent, or one from which it has taken over: altogether, or documents of this kind.
 * @throws GatewayError `not-found`, also where another agency sent it: nobody learns what others send
 */
export async function sentDocument(
  dependencies: { readonly pool: Pool; readonly registry: RegistryHolder },
  agency: AgencyCode,
  key: DocumentKey,
): Promise<DocumentRecord> {
  const document = await findDocument(dependencies.pool, key)
  if (document === undefined) throw new GatewayError('not-found')
  if (document.sender === agency) return document
  const { directory, day } = await directoryOn(dependencies)
  const { envelope } = document
  const type = envelope.kind === 'document' ? envelope.documentType?.typeName : undefined
  const senders = predecessorsForType(directory, agency, day, type)
  if (!senders.includes(document.sender)) throw new GatewayError('not-found')
  return document
}

export interface ReceivedDocument {
  readonly delivery: DeliveryRecord
  readonly document: DocumentRecord
}

/**
 * A document that lies in an agency's inbox, whether it was fetched or not.
 * @throws GatewayError `not-found`; `delivery-withdrawn` where the sender took it back before it was fetched
 */
export async function receivedDocument(
  db: Queryable,
  agency: AgencyCode,
  key: DeliveryKey,
): Promise<ReceivedDocument> {
  const delivery = await findDelivery(db, key)
  const isOwn = delivery !== undefined && delivery.recipient === agency && delivery.inboxNumber !== null
  if (!isOwn) throw new GatewayError('not-found')
  if (delivery.state === 'withdrawn') throw new GatewayError('delivery-withdrawn')
  const document = await findDocument(db, delivery.document)
  if (document === undefined) throw new Error('a delivery without its document: documents are never removed')
  return { delivery, document }
}

/**
 * The same where the delivery itself is of no interest, by one question; a second one finds out why there is none.
 * @throws GatewayError as `receivedDocument`
 */
export const documentInInbox = async (
  db: Queryable,
  agency: AgencyCode,
  key: DeliveryKey,
): Promise<DocumentRecord> =>
  (await findInInbox(db, agency, key)) ?? (await receivedDocument(db, agency, key)).document

/** Where its packet lies; nothing else of the document is asked for. @throws GatewayError as `receivedDocument` */
export const packetInInbox = async (
  pool: Pool,
  agency: AgencyCode,
  delivery: DeliveryKey,
): Promise<InboxPacket> =>
  (await findPacketInInbox(pool, { agency, delivery })) ??
  (await receivedDocument(pool, agency, delivery)).document

export interface SentQuery extends Omit<SentFilter, 'stateSets'> {
  readonly state: DocumentState | null
}

/** An agency, and those for which it stands in everything, having taken over from them. */
export async function withPredecessors(
  dependencies: { readonly pool: Pool; readonly registry: RegistryHolder },
  agency: AgencyCode,
): Promise<AgencyCode[]> {
  const { directory, day } = await directoryOn(dependencies)
  return [agency, ...mainPredecessorsOf(directory, agency, day)]
}

/** What agencies sent, newest first. */
export const listSent = (
  db: Queryable,
  { state, ...filter }: SentQuery,
  after: readonly [at: string, key: string] | null,
  limit: number,
): Promise<SentDocument[]> =>
  listSentDocuments(db, { ...filter, stateSets: state === null ? null : setsThatMean(state) }, after, limit)

/** Every set of delivery states that gives a document this state: the rule stays in one place, the filter in SQL. */
export const setsThatMean = (state: DocumentState): string[] =>
  SETS.filter((set) => documentStateOf(set) === state).map((set) => [...set].sort().join(','))

const SETS: readonly DeliveryState[][] = DELIVERY_STATE_IDS.reduce<DeliveryState[][]>(
  (sets, one) => sets.flatMap((set) => [set, [...set, one]]),
  [[]],
)

export interface DeliveriesPage {
  readonly state: DocumentState
  /** Recipients in each delivery state. */
  readonly counts: ReadonlyMap<DeliveryState, number>
  readonly deliveries: readonly DeliveryRecord[]
}

/** Where a document is: over all its recipients, and for one page of its deliveries. */
export async function documentDeliveries(
  pool: Pool,
  document: DocumentKey,
  after: DeliveryPosition | null,
  limit: number,
): Promise<DeliveriesPage> {
  const [counts, deliveries] = await Promise.all([
    countDeliveryStates(pool, document),
    pageDeliveries(pool, document, after, limit),
  ])
  return { state: documentStateOf([...counts.keys()]), counts, deliveries }
}
