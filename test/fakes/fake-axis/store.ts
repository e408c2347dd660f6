import { createHash } from 'node:crypto'

export type MessageType = 'edoc' | 'status'

/** A packet that waits for the client. */
export interface Held {
  readonly docId: string
  readonly messageType: MessageType
  readonly from: string
  readonly to: string
  readonly packet: Buffer
  status: string
  description: string
  /** What was told of it, in order. */
  readonly told: string[]
  fetches: number
  /** What getEdoc's answer holds beside the packet, as gateways of one kind tell each other. */
  beside: Record<string, string>
}

/** A packet that the client has sent; equal packets are one, and recipients join. */
export interface Sent {
  readonly docId: string
  readonly messageType: MessageType
  readonly from: string
  readonly to: Set<string>
  readonly packet: Buffer
  sends: number
}

/** What the axis remembers. */
export class AxisStore {
  readonly held = new Map<string, Held>()
  readonly sent = new Map<string, Sent>()
  /** Whether what is done stays on the list, with that status. */
  listsDone = false
  #serial = 0
  /** Lists yet to come on which a packet does not stand. */
  readonly #forgotten = new Map<string, number>()

  /** @returns the number by which the client is told of it */
  offer(packet: Uint8Array, facts: Pick<Held, 'messageType' | 'from' | 'to'> & { docId?: string }): string {
    this.#serial += 1
    const docId = facts.docId ?? `axis-${this.#serial}`
    const { messageType, from, to } = facts
    const fresh = { status: 'initial', description: '', told: [], fetches: 0, beside: {} }
    this.held.set(docId, { docId, messageType, from, to, packet: Buffer.from(packet), ...fresh })
    return docId
  }

  /** The same packet once more, under another number. */
  offerAgain(docId: string): string {
    const { packet, messageType, from, to } = this.held.get(docId)!
    return this.offer(packet, { messageType, from, to, docId: `${docId}-again` })
  }

  list(messageType: string): Held[] {
    return [...this.held.values()].filter(
      (one) =>
        one.messageType === messageType && (this.listsDone || one.status !== 'done') && !this.#forgets(one),
    )
  }

  /** These are missing from so many lists to come. */
  forgetFor(lists: number, packets: readonly Held[]): void {
    for (const { docId } of packets) this.#forgotten.set(docId, lists)
  }

  #forgets({ docId }: Held): boolean {
    const left = this.#forgotten.get(docId) ?? 0
    this.#forgotten.set(docId, Math.max(0, left - 1))
    return left > 0
  }

  take(messageType: MessageType, from: string, to: readonly string[], packet: Buffer): string {
    const docId = createHash('sha256')
      .update(`${from} ${messageType} `)
      .update(packet)
      .digest('hex')
      .slice(0, 16)
    const known = this.sent.get(docId)
    if (known === undefined)
      this.sent.set(docId, { docId, messageType, from, to: new Set(to), packet, sends: 1 })
    else {
      known.sends += 1
      for (const one of to) known.to.add(one)
    }
    return docId
  }

  /** Everything that is not done yet. */
  get open(): Held[] {
    return [...this.held.values()].filter(({ status }) => status !== 'done')
  }
}
