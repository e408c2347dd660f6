import '../../support/kept-keys.ts'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Pool } from 'undici'
import { recipientsOf } from '../../../scripts/bench/load/agencies.ts'
import { KINDS } from '../../../scripts/bench/load/contents.ts'
import {
  documentIdOf,
  type MakePacket,
  packetTemplate,
  type SignedPacket,
} from '../../../scripts/bench/load/packet-template.ts'
import { randomOf } from '../../../scripts/bench/routing/random.ts'
import { issueAgency } from '../../../scripts/make-certs.ts'
import { loadSigningKey } from '../../../src/signature/keys/load-key.ts'
import { openJournal } from '../journal-file.ts'
import {
  type CrowdAnswer,
  type CrowdLoad,
  type CrowdOrder,
  type CrowdWorld,
  NO_ANSWER,
  type SenderResult,
  WORLD_VARIABLE,
} from './crowd-messages.ts'

/*
 * The systems of many senders, in a process of their own, over more connections than the gateway has places: what they
 * bring stands before the gateway, not before their own client.
 */
const { urls, parties, certificates, kind, journalFile } = JSON.parse(
  process.env[WORLD_VARIABLE]!,
) as CrowdWorld
const CONNECTIONS = 256
const URGENT = 0.02
const PATIENCE_MS = 60_000
/** Documents to so many recipients in turn have one template. */
const TURNS = 8

const journal = openJournal(journalFile)
const issuing = await loadSigningKey({
  keyFile: join(certificates, 'issuing-ca.key.pem'),
  chainFile: join(certificates, 'issuing-ca.pem'),
})
const pools = urls.map(
  (url) => new Pool(url, { connections: CONNECTIONS, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS }),
)
let turn = 0
const makers = await Promise.all(parties.senders.map(({ code }) => makersOf(code)))
const ready: SignedPacket[][] = parties.senders.map(() => [])
let number = 0

async function makersOf(code: string): Promise<readonly MakePacket[]> {
  const key = issueAgency({ root: issuing, issuing }, { name: `Cơ quan ${code}`, code }).agency
  const { of, ...attachment } = await KINDS[kind].make(key)
  const recipients = (at: number) => recipientsOf(at, 1)
  return Promise.all(
    Array.from({ length: TURNS }, (_, at) =>
      packetTemplate({ from: code, to: recipients(at), key, attachment, contentOf: of }),
    ),
  )
}

async function prepare(counts: readonly number[]): Promise<void> {
  for (const [at, count] of counts.entries())
    while (ready[at]!.length < count) ready[at]!.push(await makers[at]![number % TURNS]!(++number))
  answer({ is: 'prepared' })
}

/** Tokens live ten minutes; taken anew for each run. */
const bearers: string[] = []

async function takeTokens(): Promise<void> {
  const taken: string[] = []
  for (const { credentials } of parties.senders) {
    const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')
    const { statusCode, body } = await pools[0]!.request({
      method: 'POST',
      path: '/oauth2/token',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`no token: ${statusCode} ${text}`)
    taken.push(`Bearer ${JSON.parse(text).access_token}`)
  }
  bearers.splice(0, bearers.length, ...taken)
}

type Tally = { -readonly [K in keyof SenderResult]: SenderResult[K] } & {
  waits: number[]
  refusalWaits: number[]
  refused: Record<string, number>
}

const emptyTally = (sender: string): Tally => ({
  ...{ sender, due: 0, offered: 0, accepted: 0, waits: [], refused: {}, withoutTime: 0, refusalWaits: [] },
  ...{ urgentOffered: 0, urgentAccepted: 0 },
})

/** @returns whether there was a packet left to send */
async function send(at: number, tally: Tally, dueAt: number, urgent: boolean): Promise<boolean> {
  const packet = ready[at]!.pop()
  if (packet === undefined) return false
  tally.offered += 1
  const sentAt = performance.now()
  if (urgent) tally.urgentOffered += 1
  const { status, refusal, retryAfter } = await post(at, packet, urgent)
  if (status >= 200 && status < 300) {
    tally.accepted += 1
    if (urgent) tally.urgentAccepted += 1
    tally.waits.push(performance.now() - dueAt)
    return true
  }
  ready[at]!.unshift(packet)
  tally.refused[refusal] = (tally.refused[refusal] ?? 0) + 1
  if ((status === 429 || status === 503) && !(Number(retryAfter) >= 1)) tally.withoutTime += 1
  tally.refusalWaits.push(performance.now() - sentAt)
  return true
}

const intended = new Set<number>()

/** Once for each document: what is refused is offered again, and costs the senders as little as the gateway. */
function intend(
  document: string,
  { sender, number, bytes }: { readonly sender: string; readonly number: number; readonly bytes: Buffer },
): void {
  if (intended.has(number)) return
  intended.add(number)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const to = recipientsOf((number - 1) % TURNS, 1)
  journal.write({
    ...{ is: 'intent', document, operation: 'new', sender, to, sha256 },
    ...{ bytes: bytes.length, urgency: 0, api: 'all' },
  })
}

async function post(at: number, { pieces, number }: SignedPacket, urgent: boolean) {
  const pool = pools[turn++ % pools.length]!
  const bytes = Buffer.concat(pieces)
  const { code: sender } = parties.senders[at]!
  const document = documentIdOf(sender, number)
  intend(document, { sender, number, bytes })
  try {
    const { statusCode, headers, body } = await pool.request({
      method: 'POST',
      path: '/v1/documents',
      headers: {
        authorization: bearers[at]!,
        'content-type': 'application/xml',
        ...(urgent && { priority: 'u=0' }),
      },
      body: bytes,
    })
    const text = await body.text()
    if (statusCode < 300) {
      const { documentId: key, receipt } = JSON.parse(text) as { documentId: string; receipt: string }
      journal.write({ is: 'accepted', document, key, receipt })
    }
    const refusal = statusCode < 300 ? '' : refusalIn(statusCode, text)
    return { status: statusCode, refusal, retryAfter: headers['retry-after'] }
  } catch {
    return { status: 0, refusal: NO_ANSWER, retryAfter: undefined }
  }
}

/** The status with the code of the problem, and the limit where it names one. */
function refusalIn(status: number, text: string): string {
  try {
    const { code, limit } = JSON.parse(text) as { code: string; limit?: { name: string } }
    return [status, code, limit?.name].filter((part) => part !== undefined).join(' ')
  } catch {
    return String(status)
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A document that is due, and whose sender has a connection free for it, or not yet. */
interface Due {
  readonly at: number
  readonly dueAt: number
  readonly urgent: boolean
}

/** What has no connection when time is up stays with its sender. */
async function open(rates: readonly number[], seconds: number, random: () => number, tallies: Tally[]) {
  const lanes = CONNECTIONS * pools.length
  const queue: Due[] = []
  let first = 0
  const underWay = new Set<Promise<unknown>>()
  const sendNext = (): void => {
    const due = queue[first]
    if (due === undefined || underWay.size >= lanes) return
    first += 1
    const sending = send(due.at, tallies[due.at]!, due.dueAt, due.urgent).finally(() => {
      underWay.delete(sending)
      sendNext()
    })
    underWay.add(sending)
  }
  const next = rates.map((rate) => (rate === 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - random()) / rate))
  const began = performance.now()
  for (;;) {
    const at = next.indexOf(Math.min(...next))
    const due = next[at]!
    if (due > seconds) break
    next[at] = due - Math.log(1 - random()) / rates[at]!
    const dueAt = began + due * 1_000
    const early = dueAt - performance.now()
    if (early > 1) await pause(early)
    tallies[at]!.due += 1
    queue.push({ at, dueAt, urgent: random() < URGENT })
    sendNext()
  }
  first = queue.length
  await Promise.all(underWay)
}

async function closed(inFlight: number, seconds: number, tallies: Tally[]) {
  const until = performance.now() + seconds * 1_000
  let at = 0
  const lane = async () => {
    let isLeft = true
    while (isLeft && performance.now() < until) {
      const sender = at++ % tallies.length
      tallies[sender]!.due += 1
      isLeft = await send(sender, tallies[sender]!, performance.now(), false)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}

async function run(load: CrowdLoad, seconds: number, seed: number): Promise<void> {
  await takeTokens()
  const tallies = parties.senders.map(({ code }) => emptyTally(code))
  const began = performance.now()
  if ('rates' in load) await open(load.rates, seconds, randomOf(seed), tallies)
  else await closed(load.inFlight, seconds, tallies)
  answer({ is: 'ran', seconds: (performance.now() - began) / 1_000, results: tallies })
}

const answer = (message: CrowdAnswer) => void process.send!(message)

process.on('message', (message: string) => {
  const order = JSON.parse(message) as CrowdOrder
  const work = order.is === 'prepare' ? prepare(order.counts) : run(order.load, order.seconds, order.seed)
  work.catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
