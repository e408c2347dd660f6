import '../../../test/support/kept-keys.ts'
import { join } from 'node:path'
import { loadSigningKey } from '../../../src/signature/keys/load-key.ts'
import { issueAgency } from '../../make-certs.ts'
import { randomOf } from '../routing/random.ts'
import { recipientsOf } from './agencies.ts'
import { connect, instant } from './client.ts'
import { type Content, KINDS, type Kind } from './contents.ts'
import {
  type DriverWorld,
  type SenderAnswer,
  type SenderOrder,
  type SentRow,
  WORLD_VARIABLE,
} from './driver-messages.ts'
import { type MakePacket, packetTemplate, type SignedPacket } from './packet-template.ts'

/*
 * The senders' systems, in a process of their own. Packets are made and signed before the clock starts. The load is that
 * of an open system: each document has its time, drawn beforehand, and its latency counts from then, so that a gateway
 * that stands still is charged for all who would have come meanwhile.
 */
const { urls, parties, certificates } = JSON.parse(process.env[WORLD_VARIABLE]!) as DriverWorld
const issuing = await loadSigningKey({
  keyFile: join(certificates, 'issuing-ca.key.pem'),
  chainFile: join(certificates, 'issuing-ca.pem'),
})
const ca = { root: issuing, issuing }
/** RSA-2048, as the public authorities issue them. */
const keys = parties.senders.map(({ code }) => issueAgency(ca, { name: `Cơ quan ${code}`, code }).agency)
const ask = connect(urls)
const contents = new Map<string, Promise<Content>>()
const templates = new Map<string, Promise<MakePacket>>()
/** After so many numbers sender and recipients are the same again. */
const TURN = 40

function kept<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(name) ?? make()
  known.set(name, value)
  return value
}

function templateOf(kind: Kind, recipients: number, number: number): Promise<MakePacket> {
  const turn = number % TURN
  const sender = turn % parties.senders.length
  const [from, key] = [parties.senders[sender]!.code, keys[sender]!]
  return kept(templates, `${kind} ${recipients} ${turn}`, async () => {
    const { of, ...attachment } = await kept(contents, `${kind} ${sender}`, () => KINDS[kind].make(key))
    return packetTemplate({ from, to: recipientsOf(turn, recipients), key, attachment, contentOf: of })
  })
}

let prepared: SignedPacket[] = []

async function prepare({ kind, recipients, first, count }: SenderOrder & { is: 'prepare' }): Promise<void> {
  prepared = []
  for (let number = first; number < first + count; number += 1)
    prepared.push(await (await templateOf(kind, recipients, number))(number))
  answer({ is: 'prepared', bytes: prepared[0]?.length ?? 0 })
}

async function send({ number, pieces }: SignedPacket, dueAt: number): Promise<SentRow> {
  const party = parties.senders[(number % TURN) % parties.senders.length]!
  const status = await ask(party, {
    method: 'POST',
    path: '/v1/documents',
    headers: { 'content-type': 'application/xml', 'idempotency-key': `bench-${number}` },
    body: pieces,
  }).then(
    (got) => {
      if (got.status >= 300 && !told.has(got.status)) {
        told.add(got.status)
        console.error(`  ${got.status}: ${got.body.toString().slice(0, 300)}`)
      }
      return got.status
    },
    () => 0,
  )
  return [number, dueAt, instant(), status]
}
const told = new Set<number>()

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Independent senders: the times between documents are drawn from the exponential distribution. */
async function openLoad(rate: number, seconds: number, random: () => number): Promise<SentRow[]> {
  const sent: Promise<SentRow>[] = []
  const began = instant()
  let dueAt = began
  for (const packet of prepared) {
    dueAt += (-Math.log(1 - random()) * 1_000) / rate
    if (dueAt > began + seconds * 1_000) break
    const early = dueAt - instant()
    if (early > 1) await pause(early)
    sent.push(send(packet, dueAt))
  }
  return Promise.all(sent)
}

async function closedLoad(inFlight: number, seconds: number): Promise<SentRow[]> {
  const rows: SentRow[] = []
  const rest = prepared.values()
  const until = instant() + seconds * 1_000
  const lane = async () => {
    for (const packet of rest) {
      if (instant() > until) return
      rows.push(await send(packet, instant()))
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return rows
}

async function run({ load, seconds, seed }: SenderOrder & { is: 'run' }): Promise<void> {
  const rows = await ('rate' in load
    ? openLoad(load.rate, seconds, randomOf(seed))
    : closedLoad(load.inFlight, seconds))
  prepared = []
  answer({ is: 'sent', rows })
}

const answer = (message: SenderAnswer) => void process.send!(message)

process.on('message', (message: string) => {
  const order = JSON.parse(message) as SenderOrder
  const work = order.is === 'prepare' ? prepare(order) : run(order)
  work.catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

// Nobody is left to tell.
process.on('disconnect', () => process.exit())
