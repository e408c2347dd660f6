import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { listInbox } from '../../../src/db/inbox.ts'
import { agencyCode, edxmlDocumentId } from '../../../src/domain/identifiers.ts'
import { acknowledge, handOver } from '../../../src/receipts/hand-over.ts'
import type { FakeAxis } from '../../fakes/fake-axis/fake-axis.ts'
import { callerOf, type TestGateway } from '../../support/gateway.ts'
import { documentPacket, statusPacket } from '../../support/packets.ts'

export const [AWAY, HOME, COMMUNE] = ['G90', 'H90', 'H90.31'] as const
/** One in so many comes for two recipients; has a file; gets a status from its recipient. */
const [SHARED, WITH_FILE, REPORTED] = [10, 5, 10]

export const incomingId = (number: number) => `${AWAY},2026/11/20,${number}/VAO`
export const outgoingId = (number: number) => `${HOME},2026/11/20,${number}/RA`
export const recipientsOf = (number: number) => (number % SHARED === 0 ? [HOME, COMMUNE] : [HOME])
export const isReported = (number: number) => number % REPORTED === 0
/** A fifth as many as are reported on: half of them at once, when they may be on their way, half of them later. */
export const isRecalled = (number: number) => number % REPORTED === 7
const FILE = [{ name: 'phụ lục.txt', type: 'text/plain', bytes: Buffer.from('phụ lục '.repeat(40)) }]

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What each side's systems did and saw; nothing of it comes from the gateway's own records. */
export interface Traffic {
  /** By the number under which the axis holds it. */
  readonly offered: Map<string, { readonly id: string; readonly to: string }>
  /** Bytes that were submitted here, by `<DocumentId>`, `recall <DocumentId>`, `status <DocumentId>`. */
  readonly submitted: Map<string, Buffer>
  /** What lay in inboxes: `<agency> <kind> <DocumentId>` with the digest of the bytes, one for each item. */
  readonly seen: { readonly name: string; readonly sha256: string }[]
}

export const noTraffic = (): Traffic => ({ offered: new Map(), submitted: new Map(), seen: [] })

/** Everything that comes from away lies there from the start. */
export async function offerAll(axis: FakeAxis, numbers: readonly number[], { offered }: Traffic) {
  for (const number of numbers) {
    const to = recipientsOf(number)
    const attachments = number % WITH_FILE === 0 ? FILE : []
    const id = incomingId(number)
    const packet = await documentPacket({ from: AWAY, to, documentId: id, attachments })
    for (const one of to) offered.set(axis.offer(packet, AWAY, one), { id, to: one })
  }
}

/** Sends from here; some is recalled, and the other side reports on some, often before it was even sent. */
export async function submitAll(
  gateway: TestGateway,
  axis: FakeAxis,
  numbers: readonly number[],
  { submitted }: Traffic,
): Promise<void> {
  const left = numbers.values()
  const lane = async () => {
    for (const number of left) {
      const documentId = outgoingId(number)
      const facts = { from: HOME, to: [AWAY], documentId }
      const packet = await documentPacket(facts)
      submitted.set(documentId, packet)
      await gateway.submit(HOME, packet)
      if (isReported(number)) {
        const status = statusPacket({ from: AWAY, to: HOME, documentId, code: '03' })
        axis.offer(status, AWAY, HOME, 'status')
      }
      if (isRecalled(number) && number % (2 * REPORTED) < REPORTED) await recall(number)
    }
  }
  const recall = async (number: number) => {
    const documentId = outgoingId(number)
    const business = {
      operation: 'recall' as const,
      documentId: edxmlDocumentId(documentId),
      reason: 'Gửi nhầm',
    }
    const packet = await documentPacket({ from: HOME, to: [AWAY], documentId, business })
    submitted.set(`recall ${documentId}`, packet)
    await gateway.submit(HOME, packet)
  }
  await Promise.all([lane(), lane()])
  for (const number of numbers)
    if (isRecalled(number) && !submitted.has(`recall ${outgoingId(number)}`)) await recall(number)
}

/** The systems here take what lies in their inboxes, once, and report on some of it. */
export async function takeAll(
  { api, submit }: TestGateway,
  after: Map<string, number>,
  traffic: Traffic,
): Promise<number> {
  let taken = 0
  for (const agency of [HOME, COMMUNE]) {
    const code = agencyCode(agency)
    const from = { agency: code, after: after.get(agency) ?? 0, limit: 500, kind: null }
    for (const item of await listInbox(api.pool, from)) {
      after.set(agency, item.number)
      taken += 1
      const request = { caller: callerOf(agency), agency: code, delivery: item.delivery, claimToken: null }
      await handOver(api.pool, request)
      const bytes = await buffer(api.blobs.read(item.packetSha256))
      const id = /DocumentId>([^<]*)</.exec(bytes.toString())?.[1] ?? ''
      traffic.seen.push({ name: `${agency} ${item.kind} ${id}`, sha256: digest(bytes) })
      await acknowledge(api.pool, request)
      if (item.kind !== 'document' || !id.endsWith('0/VAO') || agency !== HOME) continue
      const status = Buffer.from(statusPacket({ from: HOME, to: AWAY, documentId: id, code: '03' }))
      traffic.submitted.set(`status ${id}`, status)
      await submit(HOME, status)
    }
  }
  return taken
}
