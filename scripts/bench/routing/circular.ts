import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../../../src/db/pool.ts'
import { documentPacket } from '../../../test/support/packets.ts'
import type { Accepted, Dms } from '../../demo/dms.ts'

const PATIENCE_MS = 10 * 60_000
const MOST_ATTEMPTS = 5

export interface Circular {
  readonly documentId: string
  /** From the first byte of the request to the receipt. */
  readonly acceptMs: number
  readonly recipients: number
}

/** Sends one document to an address group. */
export async function sendCircular(sender: Dms, group: string, name: string): Promise<Circular> {
  const packet = await documentPacket({
    from: sender.agency,
    to: [group],
    documentId: `${sender.agency},2026/11/20,${name}`,
    subject: 'V/v gửi toàn bộ các xã',
  })
  for (let attempts = 1; ; attempts += 1) {
    const began = performance.now()
    const answer = await sender.trySubmit(packet).catch(() => null)
    const acceptMs = performance.now() - began
    if (answer !== null && answer.status < 300) {
      const { documentId, recipients } = answer.body as Record<string, unknown> & Accepted
      return { documentId, acceptMs, recipients: recipients.length }
    }
    if (attempts === MOST_ATTEMPTS) throw new Error(`a circular was refused: ${JSON.stringify(answer?.body)}`)
  }
}

/** Waits until all deliveries of a document lie in inboxes. @returns milliseconds since it was accepted */
export async function untilAllAvailable(pool: Pool, { documentId }: Circular): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await pool.query<{ open: number; ms: number }>(
      `select count(*) filter (where state = 'waiting')::int as open,
          extract(epoch from max(state_since) - min(document.accepted_at))::float8 * 1000 as ms
        from delivery join document on document.id = delivery.document_id where document_id = $1`,
      [documentId],
    )
    const { open, ms } = rows[0]!
    if (open === 0) return ms
    if (performance.now() > deadline) throw new Error(`${open} deliveries of a circular are still waiting`)
    await sleep(500)
  }
}

export interface Delays {
  readonly toAvailable: readonly number[]
  readonly toHandOver: readonly number[]
}

/**
 * Milliseconds from acceptance to the inbox and to the recipient's system, by the database's clock. A quick reader
 * fetches an item before the worker has written down that it is there.
 */
export async function delaysOf(pool: Pool, documents: readonly string[]): Promise<Delays> {
  const { rows } = await pool.query<{ available: number; handed_over: number }>(
    `select extract(epoch from least(event.at, delivery.handed_over_at) - document.accepted_at)::float8 * 1000
          as available,
        extract(epoch from delivery.handed_over_at - document.accepted_at)::float8 * 1000 as handed_over
      from document join delivery on delivery.document_id = document.id
      left join audit_event event on event.delivery_id = delivery.id and event.kind = 'delivery-available'
      where document.id = any ($1)`,
    [documents],
  )
  if (rows.length !== documents.length)
    throw new Error(`${documents.length} urgent documents were sent, ${rows.length} arrived`)
  return {
    toAvailable: rows.map(({ available }) => available),
    toHandOver: rows.map(({ handed_over }) => handed_over),
  }
}
