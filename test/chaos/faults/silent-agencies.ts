import { createHash } from 'node:crypto'
import { loadConfig } from '../../../src/config.ts'
import { pushPublicKey } from '../../../src/context.ts'
import { createClient } from '../../../src/directory/clients.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { type Behaviour, FakeAgency } from '../../fakes/fake-agency.ts'
import { documentPacket } from '../../support/packets.ts'
import { agencyFacts, endpointFact, recordFacts } from '../../support/record-facts.ts'
import { connectReceiver, type Receiver } from '../receiver.ts'
import { send } from '../sender.ts'
import { connectApis, connectSystem, type System } from '../system.ts'
import type { World } from '../world.ts'

/** Beside those of the world: told by push, and they look into their inboxes only when the trial lets them. */
const CODES = Array.from({ length: 16 }, (_, index) => `H${61 + index}`)
const SENDER = 'G81'

export interface SilentAgencies {
  readonly codes: readonly string[]
  readonly endpoints: readonly FakeAgency[]
  /** What all of their endpoints do from now on. */
  behave(how: Behaviour): void
  /** Sends a document to some of them, and waits for its acceptance. */
  sendTo(to: readonly string[]): Promise<void>
  /** From now on they fetch and acknowledge what lies in their inboxes. */
  wakeUp(): void
  close(): Promise<void>
}

/**
 * Agencies whose deliveries stay with the workers: who fetches a document while its notice is being sent takes it out of
 * the workers' hands, and then there is nothing to take over.
 */
export async function openSilentAgencies(world: World): Promise<SilentAgencies> {
  const endings: (() => unknown)[] = []
  const t = { teardown: (ending: () => unknown) => void endings.push(ending) }
  const publicKey = pushPublicKey(loadConfig('worker', world.variables))
  const endpoints = await Promise.all(CODES.map(() => FakeAgency.start(t, { publicKey })))
  await recordFacts(world.pool, [
    ...CODES.flatMap((code) => agencyFacts({ code, tier: 'province' })),
    ...CODES.map((code, index) => endpointFact(code, endpoints[index]!.url)),
  ])
  const apis = connectApis(world.members.filter(({ kind }) => kind === 'api').map(({ url }) => url))
  t.teardown(() => apis.close())
  const systems: System[] = []
  for (const code of CODES) {
    const clientId = `dms.${code.toLowerCase()}`
    const client = { clientId, role: 'agency' as const, agency: agencyCode(code), name: `DMS ${code}` }
    const { secret } = await createClient(world.pool, client, 'test')
    systems.push(connectSystem(apis, code, { clientId, clientSecret: secret ?? '' }, world.over))
  }
  const receivers: Receiver[] = []
  t.teardown(() => Promise.all(receivers.map((receiver) => receiver.stop())))
  let number = 900_000
  return {
    codes: CODES,
    endpoints,
    behave(how) {
      for (const endpoint of endpoints) endpoint.behaviour = how
    },
    async sendTo(to) {
      number += 1
      const documentId = `${SENDER},2026/11/20,${number}/THU-VP`
      const bytes = Buffer.from(`Nội dung số ${number}`)
      const attachments = [{ name: 'noi-dung.bin', type: 'application/octet-stream', bytes }]
      const packet = await documentPacket({ from: SENDER, to, documentId, attachments })
      const sha256 = createHash('sha256').update(packet).digest('hex')
      const letter = { documentId, name: documentId, operation: 'new', sender: SENDER, to } as const
      await send(world.journal, world.systems.get(SENDER)!, {
        ...letter,
        urgency: 0,
        packet,
        sha256,
        change: null,
      })
    },
    wakeUp() {
      for (const system of systems)
        receivers.push(
          connectReceiver(world.journal, system, { code: system.code, way: 'push' }, { reported: 0 }),
        )
    },
    async close() {
      for (const ending of endings.reverse()) await ending()
    },
  }
}

/** Deliveries to agencies, with what the queue is told of each. */
export async function deliveriesTo(
  { pool }: World,
  codes: readonly string[],
): Promise<{ key: string; tier: string; state: string }[]> {
  const { rows } = await pool.query<{ key: string; tier: string; state: string }>(
    'select id as key, tier, state from delivery where recipient_code = any($1)',
    [codes],
  )
  return rows
}

/** What a worker's process is sending now, under a lease that holds. */
export async function heldBy({ pool }: World, pid: number, codes: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    `select delivery.id as key from attempt join delivery on delivery.id = attempt.delivery_id
      where attempt.state = 'started' and attempt.worker like '%:' || $1::text and delivery.recipient_code = any($2)
        and delivery.state = 'waiting' and lease_epoch = epoch and lease_until > clock_timestamp()`,
    [String(pid), codes],
  )
  return rows.map(({ key }) => key)
}
