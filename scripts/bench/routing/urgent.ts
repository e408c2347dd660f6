import { setTimeout as sleep } from 'node:timers/promises'
import { documentPacket } from '../../../test/support/packets.ts'
import { connectDms, type Dms } from '../../demo/dms.ts'
import type { Credentials } from '../../demo/http-client.ts'

const EVERY_MS = 200
const PATIENCE_MS = 20 * 60_000

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

/** As a system does that wants its document to go: until the gateway has taken it. */
async function submit(sender: Dms, from: string, to: string, name: string): Promise<string> {
  const packet = await documentPacket({
    from,
    to: [to],
    documentId: `${from},2026/11/20,${name}`,
    priority: 3,
  })
  for (;;) {
    // A connection may be lost, and a busy gateway asks to wait; the same packet again has one effect.
    const answer = await sender.trySubmit(packet).catch(() => null)
    if (answer !== null && answer.status < 300) return String(answer.body.documentId)
    if (answer !== null && answer.status !== 429 && answer.status !== 503)
      throw new Error(`an urgent document was refused: ${JSON.stringify(answer.body)}`)
    await sleep(EVERY_MS)
  }
}

/** A system that keeps asking its inbox, waiting there for news, and fetches what it finds at once. */
async function readAll(reader: Dms, fetched: Set<string>, isDone: () => Promise<boolean>): Promise<void> {
  let cursor: string | null = null
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error('urgent documents were not to be had')
    const query = new URLSearchParams({ limit: '100', wait: '2', ...(cursor !== null && { cursor }) })
    const page = await reader.http.get<Page>(`/v1/inbox?${query}`).catch(() => null)
    if (page === null) continue
    await Promise.all(
      page.items.map(async ({ deliveryId, documentId }) => {
        await fetchWhole(reader, deliveryId)
        fetched.add(documentId)
      }),
    )
    cursor = page.position
  }
}

async function fetchWhole(reader: Dms, deliveryId: string): Promise<void> {
  const taken = () =>
    reader.http.getBytes(`/v1/inbox/${deliveryId}/packet`).then(
      () => true,
      () => false,
    )
  const deadline = performance.now() + PATIENCE_MS
  while (!(await taken())) {
    if (performance.now() > deadline) throw new Error(`${deliveryId} was not to be had`)
    await sleep(EVERY_MS)
  }
}

interface Page {
  readonly items: readonly { readonly deliveryId: string; readonly documentId: string }[]
  /** Where the answer ends. */
  readonly position: string
}
