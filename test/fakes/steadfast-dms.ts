import { createHash } from 'node:crypto'
import type { Accepted, InboxItem } from '../../scripts/demo/dms.ts'
import { type HttpClient, Refused } from '../../scripts/demo/http-client.ts'
import { documentPacket } from '../support/packets.ts'
import { waitFor } from '../support/wait-for.ts'

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Milliseconds for which a system goes on about one thing. */
const PATIENCE_MS = 180_000
/** Every tenth document is recalled as soon as it is accepted. */
const RECALLED = 10

/** A sending system that keeps a journal and never gives up: what it got no answer to, it sends again. */
export interface Sender {
  /** DocumentId to SHA-256 of the packet, of everything that the gateway has confirmed. */
  readonly accepted: ReadonlyMap<string, string>
  /** DocumentId to what became of its recall, of every document that was recalled. */
  readonly recalled: ReadonlyMap<string, Pick<Accepted, 'withdrawn' | 'asked'>>
  /** How many requests had to be sent more than once. */
  readonly repeats: number
  send(documents: number): Promise<void>
}

export function connectSender(code: string, to: readonly string[], http: HttpClient): Sender {
  const accepted = new Map<string, string>()
  const recalled = new Map<string, Pick<Accepted, 'withdrawn' | 'asked'>>()
  let repeats = 0

  /** Asks until there is an answer; a refusal is one that no patience helps. */
  async function persist(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ) {
    let tries = 0
    const answer = await waitFor(
      async () => {
        tries += 1
        const { status, body: answered } = await http.send(path, body, headers)
        if (status >= 400 && status < 500 && status !== 429) return { refused: answered }
        return status < 300 && { answered }
      },
      PATIENCE_MS,
      () => `an answer to ${path}`,
    )
    if (tries > 1) repeats += 1
    if ('refused' in answer) throw new Error(`refused: ${JSON.stringify(answer.refused)}`)
    return answer.answered as Record<string, unknown> & Accepted
  }

  async function sendOne(number: number): Promise<void> {
    const documentId = `${code},2026/11/20,${number}/THU-SMT`
    const packet = await documentPacket({
      from: code,
      to,
      documentId,
      subject: `V/v văn bản thử số ${number}`,
    })
    const answer = await persist('/v1/documents', new Uint8Array(packet), {
      'content-type': 'application/xml',
    })
    accepted.set(documentId, digest(packet))
    if (number % RECALLED !== 0) return
    const headers = { 'content-type': 'application/json', 'idempotency-key': `recall-${number}` }
    const reason = JSON.stringify({ reason: 'Ban hành nhầm' })
    recalled.set(documentId, await persist(`/v1/documents/${answer.documentId}/recall`, reason, headers))
  }

  return {
    accepted,
    recalled,
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

export interface TakenItem extends Pick<InboxItem, 'kind' | 'operation' | 'sender'> {
  readonly edxmlDocumentId: string
  readonly sha256: string
}

/**
 * A receiving system that takes whatever lies in its inbox, stores it by delivery, acknowledges what it stored, and
 * reports on each document once: 03, or 15 for a recall.
 */
export interface Receiver {
  readonly code: string
  /** By delivery: two deliveries of one document are two entries, which is what must never be. */
  readonly taken: ReadonlyMap<string, TakenItem>
  readonly done: ReadonlySet<string>
  stop(): Promise<void>
}

export function connectReceiver(code: string, http: HttpClient): Receiver {
  const taken = new Map<string, TakenItem>()
  const done = new Set<string>()
  const unanswered = new Set<string>()
  let stopped = false

  async function take({ deliveryId, edxmlDocumentId, kind, operation, sender }: InboxItem): Promise<void> {
    const bytes = await http.getBytes(`/v1/inbox/${deliveryId}/packet`)
    taken.set(deliveryId, {
      kind,
      operation,
      sender,
      edxmlDocumentId: edxmlDocumentId ?? '',
      sha256: digest(bytes),
    })
    if (kind === 'document') await report(deliveryId, operation === 'recall' ? '15' : '03')
    await acknowledge(deliveryId)
  }

  /** Said until it is answered: where the answer alone is lost, the item no longer stands in the inbox. */
  async function acknowledge(deliveryId: string): Promise<void> {
    unanswered.add(deliveryId)
    await http.post(`/v1/inbox/${deliveryId}/ack`, {})
    unanswered.delete(deliveryId)
    done.add(deliveryId)
  }

  async function report(deliveryId: string, statusCode: string): Promise<void> {
    const path = `/v1/inbox/${deliveryId}/statuses`
    const body = JSON.stringify({ code: statusCode, description: 'Đã tiếp nhận' })
    const headers = { 'content-type': 'application/json', 'idempotency-key': `status-${deliveryId}` }
    const answer = await http.send(path, body, headers)
    if (answer.status >= 300) throw new Refused('POST', path, answer)
  }

  async function takeAll(): Promise<void> {
    for (const deliveryId of [...unanswered]) await acknowledge(deliveryId)
    const { items } = await http.get<{ items: InboxItem[] }>('/v1/inbox?limit=100&wait=2')
    for (const item of items) {
      await take(item).catch((error: unknown) => {
        // Withdrawn between the look and the fetch: it was never ours.
        if (!(error instanceof Refused) || error.status !== 410) throw error
      })
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
    done,
    async stop() {
      stopped = true
      await running
    },
  }
}
