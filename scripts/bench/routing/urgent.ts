import { setTimeout as sleep } from 'node:timers/promises'
import { documentPacket } from '../../../test/support/packets.ts'
import { connectDms, type Dms } from '../../demo/dms.ts'
import type { Credentials } from '../../demo/http-client.ts'

const EVERY_MS = 200

export interface UrgentTraffic {
  /** Ends it once everything that was sent has been fetched. @returns ids of the documents that were sent */
  stop(): Promise<readonly string[]>
}

interface Parties {
  readonly baseUrl: string
  readonly from: { readonly code: string; readonly credentials: Credentials }
  readonly to: { readonly code: string; readonly credentials: Credentials }
}

/** Sends one urgent document (hỏa tốc) every 200 ms, and lets the recipient's system wait for each and fetch it. */
export function startUrgentTraffic({ baseUrl, from, to }: Parties, name: string): UrgentTraffic {
  const sender = connectDms(baseUrl, from.code, from.code, from.credentials)
  const reader = connectDms(baseUrl, to.code, to.code, to.credentials)
  const fetched = new Set<string>()
  const sent: Promise<string>[] = []
  let stopped = false
  const sending = (async () => {
    const began = performance.now()
    for (let number = 1; !stopped; number += 1) {
      sent.push(submit(sender, from.code, to.code, `${name}-${number}`))
      await sleep(Math.max(0, began + number * EVERY_MS - performance.now()))
    }
  })()
  const reading = readAll(reader, fetched, async () => {
    if (!stopped) return false
    await sending
    return (await Promise.all(sent)).every((id) => fetched.has(id))
  })
  return {
    async stop() {
      stopped = true
      await Promise.all([sending, reading])
      return Promise.all(sent)
    },
  }
}

async function submit(sender: Dms, from: string, to: string, name: string): Promise<string> {
  const packet = await documentPacket({
    from,
    to: [to],
    documentId: `${from},2026/11/20,${name}`,
    priority: 3,
  })
  for (;;) {
    const { status, body } = await sender.trySubmit(packet)
    if (status < 300) return String(body.documentId)
    // A client is asked to wait where it, or the gateway, has too much to do; the same packet again has one effect.
    if (status !== 429 && status !== 503)
      throw new Error(`an urgent document was refused: ${JSON.stringify(body)}`)
    await sleep(EVERY_MS)
  }
}

/** A system that keeps asking its inbox, waiting there for news, and fetches what it finds at once. */
async function readAll(reader: Dms, fetched: Set<string>, isDone: () => Promise<boolean>): Promise<void> {
  let cursor: string | null = null
  while (!(await isDone())) {
    const query = new URLSearchParams({ limit: '100', wait: '2', ...(cursor !== null && { cursor }) })
    const page: Page = await reader.http.get(`/v1/inbox?${query}`)
    await Promise.all(
      page.items.map(async ({ deliveryId, documentId }) => {
        await reader.http.getBytes(`/v1/inbox/${deliveryId}/packet`)
        fetched.add(documentId)
      }),
    )
    cursor = page.position
  }
}

interface Page {
  readonly items: readonly { readonly deliveryId: string; readonly documentId: string }[]
  /** Where the answer ends. */
  readonly position: string
}
