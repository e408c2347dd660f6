import t from 'tap'
import { type Attested, compareReceipts, type OnRecord } from '../../../src/domain/comparison.ts'
import type { DeliveryReceipt } from '../../../src/domain/delivery-receipt.ts'
import type { DeliveryState } from '../../../src/domain/delivery-state.ts'
import {
  agencyCode,
  deliveryKey,
  documentKey,
  edxmlDocumentId,
  sha256,
} from '../../../src/domain/identifiers.ts'
import { acceptanceReceipt } from '../chaos/made-up-receipt.ts'

const PACKET = 'a'.repeat(64)

const accepted = (document: string, withdrawn: Record<string, string> = {}): Attested => ({
  kind: 'acceptance',
  receipt: acceptanceReceipt(document, PACKET, { [`${document}-to-H81`]: 'H81' }, withdrawn),
})

const delivered = (document: string, state: DeliveryState): Attested => {
  const receipt: DeliveryReceipt = {
    event: null,
    document: documentKey(document),
    edxmlDocumentId: edxmlDocumentId(document),
    packetSha256: sha256(PACKET),
    sender: agencyCode('G81'),
    senderName: 'G81',
    delivery: deliveryKey(`${document}-to-H81`),
    agency: agencyCode('H81'),
    name: 'H81',
    addressedAs: [],
    redirections: [],
    state,
    stateSince: '2026-11-20T02:00:00.000Z',
    reason: null,
    joinedWith: null,
    requestState: null,
    acceptedAt: '2026-11-20T01:00:00.000Z',
    availableAt: null,
    handedOverAt: '2026-11-20T01:30:00.000Z',
    acknowledgedAt: null,
  }
  return { kind: 'delivery', receipt }
}

const record = (documents: string[], deliveries: Record<string, DeliveryState>): OnRecord => ({
  documents: new Set(documents.map(documentKey)),
  deliveries: new Map(Object.entries(deliveries).map(([key, state]) => [deliveryKey(key), state])),
})

t.test('a document that is not on record is lost, once, and its deliveries with it', async (t) => {
  const found = compareReceipts(
    [accepted('d1'), accepted('d1'), delivered('d1', 'available')],
    record([], {}),
  )
  t.equal(found.lostDocuments.length, 1)
  t.strictSame(found.lostDeliveries, [])
  t.equal(found.agreeing, 0)
})

t.test('a delivery of a document that is there is told by itself', async (t) => {
  const found = compareReceipts([accepted('d1'), delivered('d1', 'available')], record(['d1'], {}))
  t.strictSame(found.lostDocuments, [])
  t.match(found.lostDeliveries, [{ delivery: 'd1-to-H81' }])
})

t.test('only what had come further is behind, as far as the furthest receipt says', async (t) => {
  const here = record(['d1', 'd2'], { 'd1-to-H81': 'available', 'd2-to-H81': 'acknowledged' })
  const found = compareReceipts(
    [delivered('d1', 'acknowledged'), delivered('d1', 'handed-over'), delivered('d2', 'handed-over')],
    here,
  )
  t.match(found.behind, [{ delivery: 'd1-to-H81', here: 'available', attested: 'acknowledged' }])
  t.equal(found.behind.length, 1)
  t.equal(found.agreeing, 1, 'what has come further here agrees')
})

t.test('a recall that is lost tells of what it had withdrawn', async (t) => {
  const here = record(['d1'], { 'd1-to-H81': 'waiting' })
  const found = compareReceipts([accepted('d1'), accepted('recall', { 'd1-to-H81': 'H81' })], here)
  t.match(found.lostDocuments, [{ document: 'recall' }])
  t.match(found.behind, [{ delivery: 'd1-to-H81', here: 'waiting', attested: 'withdrawn' }])
})
