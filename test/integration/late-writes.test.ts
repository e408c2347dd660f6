import t from 'tap'
import { listDeliveries } from '../../src/db/deliveries.ts'
import type { SendResult } from '../../src/delivery/channels/channel.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { DeliveryKey } from '../../src/domain/identifiers.ts'
import { channelsOf } from '../fakes/channels.ts'
import { FAILURE, GatedChannel, RETRY, RecordingChannel, SENT } from '../fakes/gated-channel.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const WRITES = 50
const gateway = await testGateway(t)
const { pool } = gateway.api
const never = new AbortController().signal

async function accepted(number: number): Promise<DeliveryKey> {
  const documentId = `G90,2026/11/20,${number}/BTN-VP`
  const { claims } = await gateway.submit(
    'G90',
    await documentPacket({ from: 'G90', to: ['H90'], documentId }),
  )
  return (await listDeliveries(pool, claims.document))[0]!.key
}

/** What a worker may bring back when it comes to itself. */
const LATE: readonly SendResult[] = [
  SENT,
  RETRY,
  { outcome: 'refused', failure: FAILURE },
  { ...RETRY, ours: true },
  { outcome: 'handed-on', remoteId: '17' },
]

const onRecord = async (): Promise<unknown[]> => {
  const tables = await Promise.all([
    pool.query('select * from delivery order by id'),
    pool.query('select * from attempt order by delivery_id, epoch'),
    pool.query('select * from audit_event order by id'),
    pool.query('select * from outbox order by id'),
    pool.query('select * from inbox order by agency_code'),
  ])
  return tables.map(({ rows }) => rows)
}

t.test(
  `a worker that stood still amid ${WRITES} sends, and was replaced, writes nothing any more`,
  async (t) => {
    const keys: DeliveryKey[] = []
    for (let number = 1; number <= WRITES; number += 1) keys.push(await accepted(number))
    const gate = new GatedChannel()
    const frozen = { ...gateway.worker, worker: 'frozen', leaseSeconds: 600, channels: channelsOf(gate) }
    const late = keys.map((key) => deliver(frozen, key, never))
    for (let send = 0; send < WRITES; send += 1) await gate.begun(send)
    await pool.query('update delivery set lease_until = clock_timestamp()')

    const served = new RecordingChannel()
    const quick = { ...gateway.worker, worker: 'quick', channels: channelsOf(served) }
    for (const key of keys) t.equal(await deliver(quick, key, never), 'settled')
    t.equal(served.begun.length, WRITES)
    const before = await onRecord()

    for (const [index, send] of gate.sends.entries()) send.finish(LATE[index % LATE.length]!)
    const outcomes = await Promise.all(late)
    t.equal(
      outcomes.filter((outcome) => outcome === 'superseded').length,
      WRITES,
      'each is told that it was too late',
    )
    t.same(await onRecord(), before, 'and nothing on record has changed')
    const { rows } = await pool.query<{ worker: string; state: string; attempts: number }>(
      'select worker, state, count(*) as attempts from attempt group by worker, state order by worker',
    )
    t.same(rows, [
      { worker: 'frozen', state: 'abandoned', attempts: WRITES },
      { worker: 'quick', state: 'succeeded', attempts: WRITES },
    ])
    const { rows: numbers } = await pool.query('select distinct recipient_code, inbox_number from delivery')
    t.equal(numbers.length, WRITES, 'one entry in the inbox each')
  },
)
