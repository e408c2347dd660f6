import { join } from 'node:path'
import t from 'tap'
import type { Member } from '../../scripts/demo/federated/member.ts'
import { CENTRE, COMMUNE, PROVINCE, preparePair, WARD } from '../../scripts/demo/federated/pair.ts'
import { setTable } from '../../scripts/demo/federated/world.ts'
import { httpClient } from '../../scripts/demo/http-client.ts'
import { addClient } from '../../scripts/demo/world.ts'
import { startServices } from '../../scripts/services/index.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { startLoop } from '../../src/worker/loop.ts'
import { connectReceiver, connectSender, type Receiver, type Sender } from '../fakes/steadfast-dms.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const pools = new Map<string, Pool>()

/** From each of the two senders. */
const DOCUMENTS = Number(process.env.FEDERATED_DOCUMENTS ?? 40)
const MINISTRY = 'G06'
const HOME_AFFAIRS = 'G09'
const PATIENCE_MS = 240_000

t.test(
  'two gateways, the centre killed and away for an hour: nothing lost, nothing twice, seals hold',
  { timeout: 500_000 },
  async (t) => {
    const folder = await temporaryFolder(t)
    const services = await startServices({ folder: join(folder, 'services'), queue: 'postgres', given: {} })
    t.teardown(async () => {
      for (const pool of pools.values()) await pool.end()
      await services.stop()
    })
    const pair = await preparePair({ folder, services, certificates: join(folder, 'certs') })
    const { central, province } = pair
    for (const member of [central, province]) {
      t.teardown(() => member.kill())
      await member.start()
    }
    await setTable(province, [
      { id: 'at-home', under: PROVINCE.code, channel: 'mailbox' },
      { id: 'to-the-centre', channel: 'gateway', gateway: CENTRE.code },
    ])
    const clientAt = async (member: Member, code: string) =>
      httpClient(member.baseUrl, await addClient(member.as('admin'), code, `DMS ${code}`))
    const receivers: Receiver[] = []
    const receive = async (member: Member, code: string) => {
      const client = await clientAt(member, code)
      receivers.push(connectReceiver(code, client))
      return client
    }
    const ministry = await receive(central, MINISTRY)
    await receive(central, HOME_AFFAIRS)
    await receive(province, PROVINCE.code)
    await receive(province, WARD.code)
    const commune = await receive(province, COMMUNE.code)
    const senders: readonly Correspondent[] = [
      correspondent(central, MINISTRY, [HOME_AFFAIRS, PROVINCE.code, WARD.code], ministry),
      correspondent(province, COMMUNE.code, [MINISTRY, HOME_AFFAIRS, WARD.code], commune),
    ]

    const traffic = Promise.all(senders.map(({ sender }) => sender.send(DOCUMENTS)))
    const accepted = () => senders.reduce((sum, { sender }) => sum + sender.accepted.size, 0)
    await waitFor(
      () => accepted() >= DOCUMENTS / 2,
      PATIENCE_MS,
      () => 'traffic before the centre goes',
    )
    t.comment(`kill -9 of the centre after ${accepted()} documents`)
    await central.kill()
    const fromCommune = senders[1]!.sender
    const before = fromCommune.accepted.size
    await waitFor(
      () => fromCommune.accepted.size >= Math.min(DOCUMENTS, before + 8),
      PATIENCE_MS,
      () => 'traffic meanwhile',
    )
    t.ok(await waiting(province), 'documents wait for the centre')
    await timePasses(province, '1 hour')
    await central.start()
    // What has waited for an hour is tried again within five minutes: they pass.
    const clock = startLoop(
      2_000,
      () => timePasses(province, '5 minutes'),
      (error) => t.comment(error.message),
    )
    t.teardown(() => clock.stop())
    await traffic

    for (const { sender, code } of senders)
      t.equal(sender.accepted.size, DOCUMENTS, `${code}: all accepted in the end`)
    let left: string[] = []
    const settled = async () => {
      left = (await Promise.all(senders.map(open))).flat()
      return left.length === 0
    }
    await waitFor(settled, PATIENCE_MS, () => `every recipient to report; left: ${left.join('; ')}`)
    await clock.stop()
    for (const receiver of receivers) await receiver.stop()
    for (const receiver of receivers) account(t, receiver, senders)
    for (const [member, other] of [
      [central, PROVINCE.code],
      [province, CENTRE.code],
    ] as const) {
      const { brought, sealed } = await seals(member, other)
      t.comment(`${member.plan.name}: ${brought} packets from the other gateway`)
      t.ok(brought > DOCUMENTS, `${member.plan.name} got packets from the other gateway`)
      t.equal(
        sealed,
        brought,
        'each with a seal that was verified again, and with the other gateway on its way',
      )
    }
  },
)

interface Correspondent {
  readonly member: Member
  readonly code: string
  readonly to: readonly string[]
  readonly sender: Sender
}

const correspondent = (
  member: Member,
  code: string,
  to: readonly string[],
  client: Parameters<typeof connectSender>[2],
): Correspondent => ({ member, code, to, sender: connectSender(code, to, client) })

type Tap = Pick<typeof t, 'same' | 'comment'>

/**
 * What was never recalled lies with each recipient once, byte for byte. What was recalled: withdrawn for certain it never
 * came; else it came with the recall after it, or was withdrawn by the gateway over there.
 */
function account(t: Tap, { code, taken }: Receiver, senders: readonly Correspondent[]): void {
  const items = [...taken.values()].filter(({ kind }) => kind === 'document')
  const mine = senders.filter(({ to }) => to.includes(code))
  const of = (operation: string) =>
    items.filter((item) => item.operation === operation).map(({ edxmlDocumentId }) => edxmlDocumentId)
  const isRecalled = (id: string) => mine.some(({ sender }) => sender.recalled.has(id))
  t.same(
    of('new')
      .filter((id) => !isRecalled(id))
      .sort(),
    mine.flatMap(({ sender }) => [...sender.accepted.keys()].filter((id) => !sender.recalled.has(id))).sort(),
    `${code}: nothing lost, nothing twice`,
  )
  const recalls = of('recall')
  t.same(
    repeated([...of('new')]).concat(repeated(recalls)),
    [],
    `${code}: of what was recalled nothing twice`,
  )
  t.same(
    of('new').filter((id) => isRecalled(id) && !recalls.includes(id)),
    [],
    `${code}: who has what was recalled knows of it`,
  )
  const certain = mine.flatMap(({ sender }) =>
    [...sender.recalled]
      .filter(([, { withdrawn, asked }]) => names(withdrawn, code) && !names(asked, code))
      .map(([id]) => id),
  )
  t.same(
    of('new').filter((id) => certain.includes(id)),
    [],
    `${code}: what was withdrawn for certain never came`,
  )
  t.same(
    items.filter(
      ({ operation, edxmlDocumentId: id, sha256 }) =>
        operation === 'new' && !mine.some(({ sender }) => sender.accepted.get(id) === sha256),
    ),
    [],
    `${code}: the bytes are those that were sent`,
  )
}

const names = (list: readonly { agency: string }[], code: string): boolean =>
  list.some(({ agency }) => agency === code)

const repeated = (ids: readonly string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index)

/** Deliveries of which the sender does not know yet what became of them, counted by how they stand. */
async function open({ member, code }: Correspondent): Promise<string[]> {
  const rows = await query<{ stand: string; count: number }>(
    member,
    `select concat_ws(' ', operation, sender_code, recipient_code, channel, state, processing_status, reason ->> 'code') as stand,
        count(*) as count
      from delivery join document on document.id = document_id
      where sender_code = $1 and document.kind = 'document' and state <> 'withdrawn'
        and not (state = 'acknowledged'
          and (processing_status is not null or request_state is not null or operation = 'recall'))
      group by 1`,
    [code],
  )
  return rows.map(({ stand, count }) => `${count} ${stand}`)
}

const waiting = (member: Member): Promise<number> =>
  count(member, `select count(*) as count from delivery where channel = 'gateway' and state = 'waiting'`)

async function count(member: Member, text: string, values: readonly unknown[] = []): Promise<number> {
  const rows = await query<{ count: number }>(member, text, values)
  return rows[0]?.count ?? 0
}

/** What came from the other gateway, and how much of it with a seal of that gateway that is relied on here. */
async function seals(member: Member, other: string): Promise<{ brought: number; sealed: number }> {
  const rows = await query<{ brought: number; sealed: number }>(
    member,
    `select count(*) as brought, count(*) filter (where signature_report #>> '{gatewaySeal,state}' = 'valid'
        and signature_report #>> '{gatewaySeal,trust}' = 'trusted' and hops @> jsonb_build_array(jsonb_build_object('organId', $1::text))) as sealed
      from document where came_by is not null`,
    [other],
  )
  return rows[0] ?? { brought: 0, sealed: 0 }
}

/** For everything that waits to be sent over or taken in. The queue is told of what is due by the reconciler. */
async function timePasses(member: Member, interval: '1 hour' | '5 minutes'): Promise<void> {
  await query(
    member,
    `update delivery set next_attempt_at = next_attempt_at - interval '${interval}',
        state_since = state_since - interval '${interval}'
      where channel = 'gateway' and state = 'waiting' and next_attempt_at > clock_timestamp()`,
  )
  await query(
    member,
    `update delivery set receipt_due_at = receipt_due_at - interval '${interval}'
      where state = 'handed-over' and receipt_due_at > clock_timestamp()`,
  )
  await query(
    member,
    `update axis_arrival set next_attempt_at = next_attempt_at - interval '${interval}'
      where next_attempt_at > clock_timestamp()`,
  )
}

async function query<T extends object>(
  member: Member,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const { databaseUrl } = member.plan
  const pool =
    pools.get(databaseUrl) ??
    createPool({ databaseUrl, max: 2, applicationName: 'test', onError: () => undefined })
  pools.set(databaseUrl, pool)
  return (await pool.query<T>(text, [...values])).rows
}
