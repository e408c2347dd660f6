import { createHash } from 'node:crypto'
import type { InboxItem } from '../../scripts/demo/dms.ts'
import type { HttpClient } from '../../scripts/demo/http-client.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A sending system that keeps a journal and never gives up: what it got no answer to, it sends again. */
export interface Sender {
  /** DocumentId to SHA-256 of the packet, of everything that the gateway has confirmed. */
  readonly accepted: ReadonlyMap<string, string>
  /** How many submissions had to be sent more than once. */
  readonly repeats: number
  send(documents: number): Promise<void>
}

/** Milliseconds for which a sender goes on about one document. */
const PATIENCE_MS = 90_000

export function connectSender(code: string, to: readonly string[], http: HttpClient): Sender {
  const accepted = new Map<string, string>()
  let repeats = 0

  async function sendOne(number: number): Promise<void> {
    const documentId = `${code},2026/11/20,${number}/THU-SMT`
    const packet = await documentPacket({
      from: code,
      to,
      documentId,
      subject: `V/v văn bản thử số ${number}`,
    })
    let tries = 0
    await waitFor(
      async () => {
        tries += 1
        const { status, body } = await http.send('/v1/documents', new Uint8Array(packet), {
          'content-type': 'application/xml',
        })
        if (status >= 400 && status < 500 && status !== 429)
          throw new Error(`refused: ${JSON.stringify(body)}`)
        return status < 300
      },
      PATIENCE_MS,
      () => `acceptance of ${documentId}`,
    )
    if (tries > 1) repeats += 1
    accepted.set(documentId, digest(packet))
  }

  return {
    accepted,
    get repeats() {
      return repeats
    },
    async send(documents) {
      const next = Array.from({ length: documents }, (_, index) => index + 1).values()
      const lane = async () => {
        for (const number of next) await sendOne(number)
      }
      await Promise.all([lane(), lane(), lane(), lane()])
    },
  }
}

export interface TakenItem {
  readonly edxmlDocumentId: string
  readonly sha256: string
}

/** A receiving system that takes whatever lies in its inbox, stores it by delivery, and acknowledges what it stored. */
export interface Receiver {
  readonly code: string
  /** By delivery: two deliveries of one document are two entries, which is what must never be. */
  readonly taken: ReadonlyMap<string, TakenItem>
  readonly acknowledged: ReadonlySet<string>
  stop(): Promise<void>
}

export function connectReceiver(code: string, http: HttpClient): Receiver {
  const taken = new Map<string, TakenItem>()
  const acknowledged = new Set<string>()
  let stopped = false

  async function takeAll(): Promise<void> {
    const { items } = await http.get<{ items: InboxItem[] }>('/v1/inbox?limit=100&wait=2')
    for (const { deliveryId, edxmlDocumentId } of items) {
      const bytes = await http.getBytes(`/v1/inbox/${deliveryId}/packet`)
      taken.set(deliveryId, { edxmlDocumentId: edxmlDocumentId ?? '', sha256: digest(bytes) })
      await http.post(`/v1/inbox/${deliveryId}/ack`, {})
      acknowledged.add(deliveryId)
    }
  }

  const running = (async () => {
    while (!stopped)
      await waitFor(
        () => takeAll().then(() => true),
        PATIENCE_MS,
        () => `the inbox of ${code}`,
      )
  })()
  return {
    code,
    taken,
    acknowledged,
    async stop() {
      stopped = true
      await running
    },
  }
}
