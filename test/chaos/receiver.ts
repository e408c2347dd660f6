import { createHash } from 'node:crypto'
import type { TrialAgency } from './agencies.ts'
import type { Journal } from './journal.ts'
import { nameOf, statusName } from './letters.ts'
import { confirmed } from './sender.ts'
import { type Answer, codeOf, pause, type System } from './system.ts'

interface Item {
  readonly deliveryId: string
  readonly kind: 'document' | 'status'
  readonly operation: string | null
  readonly statusCode: string | null
  readonly sender: string
  readonly edxmlDocumentId: string | null
}

/**
 * A receiving system: it takes whatever lies in its inbox, checks and keeps it by delivery, acknowledges it, and reports
 * on some documents, once. It never gives up.
 */
export interface Receiver {
  readonly code: string
  /** A system that is away looks at nothing, whoever wakes it. */
  away: boolean
  /** Nothing is under way, and no answer is missing. */
  readonly isIdle: boolean
  /** Why its last look failed; null where it did not. */
  readonly lastFailure: string | null
  /** Requests that it has made; those that failed stand in the journal. */
  readonly requests: number
  /** Told by push that something waits. */
  wake(): void
  stop(): Promise<void>
}

export interface ReceiverOptions {
  /** Part of the documents that are reported on. */
  readonly reported: number
}

const AT_ONCE = 4
const MOST_ITEMS = 50
const CLAIM_SECONDS = 5
/** Between two looks, so that what comes in the meantime is taken together. */
const BREATH_MS = 150
/** A system that is told by push looks by itself this often: a notice is a hint, the inbox is the delivery. */
const LOOK_MS = 2_000
const AFTER_FAILURE_MS = 300

export function connectReceiver(
  journal: Journal,
  system: System,
  { code, way }: Pick<TrialAgency, 'code' | 'way'>,
  { reported }: ReceiverOptions,
): Receiver {
  const kept = new Map<string, string>()
  const unanswered = new Map<string, string | null>()
  const reports = new Set<Promise<unknown>>()
  let stopped = false
  let [atWork, requests] = [0, 0]
  let lastFailure: string | null = null
  let woken: () => void = () => undefined

  const expect = async (request: Parameters<System['ask']>[0], ...statuses: number[]): Promise<Answer> => {
    const { method, path } = request
    requests += 1
    const failed = (status: number | null, error: string) =>
      journal.write({ is: 'failed', agency: code, request: `${method} ${path}`, status, error })
    const answer = await system.ask(request).catch((cause: Error) => {
      if (!stopped) failed(null, cause.message)
      throw new Error(`${method} ${path}: ${cause.message}`, { cause })
    })
    if (answer.status < 300 || statuses.includes(answer.status)) return answer
    failed(answer.status, codeOf(answer))
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString('utf8', 0, 300)}`)
  }
  const post = (path: string, body: object, ...statuses: number[]) =>
    expect(
      { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      ...statuses,
    )

  async function acknowledge(delivery: string, claimToken: string | null): Promise<void> {
    unanswered.set(delivery, claimToken)
    // Where the claim has run out meanwhile the token says nothing, and does no harm.
    const body = claimToken === null ? {} : { claimToken }
    const { status } = await post(`/v1/inbox/${delivery}/ack`, body, 409, 404)
    if (status === 409) return
    unanswered.delete(delivery)
    // A gateway that was restored from an earlier backup does not know of it; whether it may not, the oracle says.
    if (status === 404) return
    journal.write({ is: 'acknowledged', delivery, agency: code })
  }

  async function take(item: Item, claimToken: string | null): Promise<void> {
    const { deliveryId, operation } = item
    const token = claimToken === null ? '' : `?claimToken=${claimToken}`
    // Withdrawn between the look and the fetch: it was never ours. Claimed: its turn comes.
    const { status, body } = await expect(
      { method: 'GET', path: `/v1/inbox/${deliveryId}/packet${token}` },
      410,
      409,
    )
    if (status >= 300) return
    const sha256 = createHash('sha256').update(body).digest('hex')
    const isNew = kept.get(deliveryId) !== sha256
    if (isNew) {
      kept.set(deliveryId, sha256)
      const what = { delivery: deliveryId, document: describe(item, body), agency: code, sha256 }
      journal.write({ is: 'taken', ...what, operation: operation ?? 'status' })
    }
    await acknowledge(deliveryId, claimToken)
    if (isNew && operation === 'new' && isReported(deliveryId, reported)) report(item)
  }

  function report({ deliveryId, edxmlDocumentId, sender }: Item): void {
    const document = statusName(edxmlDocumentId ?? '', '03', code)
    const intent = { document, sender: code, to: [sender], sha256: '', bytes: 0, urgency: 0, api: 'all' }
    journal.write({ is: 'intent', ...intent })
    const work = confirmed(journal, system, document, {
      method: 'POST',
      path: `/v1/inbox/${deliveryId}/statuses`,
      headers: { 'content-type': 'application/json', 'idempotency-key': `status-${deliveryId}` },
      body: JSON.stringify({ code: '03', description: 'Đã tiếp nhận' }),
    }).finally(() => reports.delete(work))
    reports.add(work)
  }

  async function look(): Promise<{ items: readonly Item[]; claimToken: string | null }> {
    const wait = way === 'push' ? 0 : 5
    const path = `/v1/inbox?limit=${way === 'claims' ? 1 : MOST_ITEMS}&wait=${wait}`
    const { items } = JSON.parse((await expect({ method: 'GET', path })).body.toString()) as {
      items: Item[]
    }
    if (way !== 'claims' || items.length === 0) return { items, claimToken: null }
    const claim = await post('/v1/inbox/claims', { limit: MOST_ITEMS, leaseSeconds: CLAIM_SECONDS })
    return JSON.parse(claim.body.toString())
  }

  async function round(): Promise<void> {
    for (const [delivery, claimToken] of [...unanswered]) await acknowledge(delivery, claimToken)
    const { items, claimToken } = await look()
    const next = items.values()
    let failure: unknown
    const lane = async () => {
      for (const item of next)
        await take(item, claimToken).catch((error: unknown) => {
          failure = error
        })
    }
    atWork += 1
    await Promise.all(Array.from({ length: AT_ONCE }, lane)).finally(() => {
      atWork -= 1
    })
    if (failure !== undefined) throw failure
  }

  const told = () =>
    new Promise<void>((resolve) => {
      woken = resolve
      setTimeout(resolve, LOOK_MS)
    })
  const receiver: Receiver = {
    code,
    away: false,
    get isIdle() {
      return atWork === 0 && unanswered.size === 0 && reports.size === 0
    },
    get lastFailure() {
      return lastFailure
    },
    get requests() {
      return requests
    },
    wake: () => woken(),
    async stop() {
      stopped = true
      woken()
      await running
      await Promise.all(reports)
    },
  }
  const running = (async () => {
    while (!stopped) {
      if (receiver.away) {
        await pause(BREATH_MS)
        continue
      }
      lastFailure = await round().then(
        () => null,
        (error: unknown) => String(error),
      )
      if (!stopped) await pause(lastFailure === null ? BREATH_MS : AFTER_FAILURE_MS)
      if (way === 'push' && !stopped) await told()
    }
  })()
  return receiver
}

/** What the journal calls an item. A status is known by the document that it speaks of, and by who reports. */
function describe({ kind, operation, statusCode, sender, edxmlDocumentId }: Item, packet: Buffer): string {
  if (kind === 'document') return nameOf(edxmlDocumentId ?? '', operation ?? '')
  const spokenOf = /DocumentId>([^<]+)</.exec(packet.toString('utf8', 0, 8_192))?.[1] ?? ''
  return statusName(spokenOf, statusCode ?? '', sender)
}

/** Drawn by the delivery's own id: the same delivery is always reported on, or never. */
const isReported = (delivery: string, part: number): boolean =>
  Number.parseInt(delivery.slice(-6), 16) / 0x1000000 < part
