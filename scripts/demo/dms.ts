import { createHash } from 'node:crypto'
import { type Answer, type Credentials, type HttpClient, httpClient } from './http-client.ts'

export interface InboxItem {
  readonly deliveryId: string
  readonly number: number
  readonly documentId: string
  readonly kind: 'document' | 'status'
  readonly operation: string | null
  readonly statusCode: string | null
  readonly sender: string
  readonly edxmlDocumentId: string | null
  readonly subject: string | null
  readonly packetSha256: string
}

export interface Accepted {
  readonly documentId: string
  readonly receipt: string
  readonly legalValue: string
  readonly recipients: readonly { readonly agency: string; readonly deliveryId: string }[]
  readonly withdrawn: readonly { readonly agency: string; readonly deliveryId: string }[]
  readonly asked: readonly { readonly agency: string; readonly deliveryId: string }[]
}

export interface TimelineEntry {
  readonly at: string
  readonly kind: string
  readonly label: { readonly vi: string; readonly en: string }
  readonly detail: Record<string, unknown>
}

export interface Timeline {
  readonly state: string
  readonly items: readonly { readonly agency: string; readonly entries: readonly TimelineEntry[] }[]
}

/** Where a sent document stands with each recipient. */
export interface SentDocument {
  readonly state: string
  readonly deliveries: {
    readonly items: readonly {
      readonly agency: string
      readonly state: string
      readonly processingStatus: string | null
      readonly requestState: string | null
    }[]
  }
}

/** The document-management system of one agency, doing what such systems do, over the agency API alone. */
export interface Dms {
  readonly agency: string
  readonly name: string
  readonly credentials: Credentials
  readonly http: HttpClient
  /** Submits a packet; the answer may be a refusal. */
  trySubmit(packet: Uint8Array): Promise<Answer>
  submit(packet: Uint8Array): Promise<Accepted>
  /** Waits (long poll) until an item that `matches` lies in the inbox. */
  expectItem(what: string, matches: (item: InboxItem) => boolean): Promise<InboxItem>
  inbox(): Promise<readonly InboxItem[]>
  /** Fetches the packet and checks it against the digest that the inbox announced. */
  fetch(item: InboxItem): Promise<Buffer>
  acknowledge(item: InboxItem): Promise<void>
  report(item: InboxItem, code: string, description: string): Promise<Accepted>
  recall(documentId: string, reason: string): Promise<Accepted>
  timeline(documentId: string): Promise<Timeline>
  sent(documentId: string): Promise<SentDocument>
}

const PATIENCE_MS = 30_000

export function connectDms(baseUrl: string, agency: string, name: string, credentials: Credentials): Dms {
  const http = httpClient(baseUrl, credentials)
  const trySubmit = (packet: Uint8Array) =>
    http.send('/v1/documents', new Uint8Array(packet), { 'content-type': 'application/xml' })

  async function inbox(
    wait = 0,
    cursor: string | null = null,
  ): Promise<{ items: InboxItem[]; position: string }> {
    const query = new URLSearchParams({ limit: '100', wait: String(wait) })
    if (cursor !== null) query.set('cursor', cursor)
    return http.get(`/v1/inbox?${query}`)
  }

  return {
    agency,
    name,
    credentials,
    http,
    trySubmit,
    async submit(packet) {
      const answer = await trySubmit(packet)
      if (answer.status >= 300) throw new Error(`submission refused: ${JSON.stringify(answer.body)}`)
      return answer.body as Record<string, unknown> & Accepted
    },
    async expectItem(what, matches) {
      const deadline = Date.now() + PATIENCE_MS
      let cursor: string | null = null
      while (Date.now() < deadline) {
        const page = await inbox(5, cursor)
        const found = page.items.find(matches)
        if (found !== undefined) return found
        cursor = page.position
      }
      throw new Error(`${name} (${agency}) waited in vain for ${what}`)
    },
    inbox: async () => (await inbox()).items,
    async fetch(item) {
      const bytes = await http.getBytes(`/v1/inbox/${item.deliveryId}/packet`)
      const digest = createHash('sha256').update(bytes).digest('hex')
      if (digest !== item.packetSha256) throw new Error(`${item.deliveryId} arrived with other bytes`)
      return bytes
    },
    async acknowledge(item) {
      await http.post(`/v1/inbox/${item.deliveryId}/ack`, {})
    },
    report: (item, code, description) =>
      http.post(`/v1/inbox/${item.deliveryId}/statuses`, { code, description }),
    recall: (documentId, reason) => http.post(`/v1/documents/${documentId}/recall`, { reason }),
    timeline: (documentId) => http.get(`/v1/documents/${documentId}/timeline`),
    sent: (documentId) => http.get(`/v1/documents/${documentId}`),
  }
}
