import { Type } from 'typebox'
import type { Pool } from '../../db/pool.ts'
import { listEvidence } from '../../db/signature-evidence.ts'
import { type DocumentKey, documentKey } from '../../domain/identifiers.ts'
import { anyDocument } from '../../receipts/evidence.ts'
import { documentDeliveries } from '../../receipts/own-documents.ts'
import type { Operation } from '../operation.ts'
import { DeliveryStateId, DocumentStateId, Nullable, Uuid } from '../schemas/common.ts'
import { DOCUMENT_FACTS, presentDocument } from '../schemas/document-facts.ts'
import { pageOf } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { RECORD_SCHEMAS } from './record-schemas.ts'
import { recordPage } from './search-records.ts'

/** Records of each kind that come with the document; a circular has more, and its pages go on in the lists. */
const FIRST_PAGE = 100

const EvidenceFact = Type.Object({
  kind: Type.String({ description: 'certificate, crl, ocsp, token' }),
  sha256: Type.String(),
  length: Type.Integer(),
})

const DocumentDetail = Type.Object({
  ...DOCUMENT_FACTS,
  clientId: Type.String({ description: 'Client that submitted it' }),
  state: DocumentStateId,
  recipients: Type.Array(Type.Object({ state: DeliveryStateId, count: Type.Integer() })),
  sealSha256: Type.String({ description: "The gateway's seal over packet and attachments" }),
  gatewaySealSha256: Nullable(Type.String({ description: 'The seal of the gateway that brought it' })),
  receipt: Type.Object({
    jws: Type.String(),
    claims: Type.Unknown({ description: 'What the receipt says, decoded' }),
  }),
  evidence: Type.Array(EvidenceFact, {
    description: 'What the signatures were judged by; its bytes come with the evidence',
  }),
  deliveries: pageOf(RECORD_SCHEMAS.deliveries),
  attempts: pageOf(RECORD_SCHEMAS.attempts),
  statuses: pageOf(RECORD_SCHEMAS.statuses),
  events: pageOf(RECORD_SCHEMAS.events),
})

export const DocumentParam = Type.Object({ id: Uuid })

export const getDocument: Operation = (app, { pool }) => {
  app.get<{ Params: { id: string } }>(
    '/documents/:id',
    {
      schema: {
        operationId: 'getDocument',
        summary: 'Get everything that is on record of a document, but not its content',
        description:
          'Deliveries, attempts, statuses and events come as first pages; `nextCursor` goes on in the list of that name, with `document` as its filter.',
        tags: ['documents'],
        params: DocumentParam,
        response: { 200: DocumentDetail, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => documentDetail(pool, documentKey(params.id)),
  )
}

/** @throws GatewayError `not-found` */
export async function documentDetail(pool: Pool, key: DocumentKey) {
  const { document, claims } = await anyDocument(pool, key)
  const firstPage = (kind: 'deliveries' | 'attempts' | 'statuses' | 'events') =>
    recordPage(pool, kind, { document: key }, undefined, FIRST_PAGE)
  const [whereabouts, evidence, deliveries, attempts, statuses, events] = await Promise.all([
    documentDeliveries(pool, key, null, 1),
    listEvidence(pool, key),
    firstPage('deliveries'),
    firstPage('attempts'),
    firstPage('statuses'),
    firstPage('events'),
  ])
  return {
    ...presentDocument(document),
    clientId: document.clientId,
    gatewaySealSha256: document.gatewaySeal,
    state: whereabouts.state,
    recipients: [...whereabouts.counts].map(([state, count]) => ({ state, count })),
    sealSha256: document.sealSha256,
    receipt: { jws: document.receipt, claims },
    evidence,
    deliveries,
    attempts,
    statuses,
    events,
  }
}
