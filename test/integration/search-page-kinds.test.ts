import t from 'tap'
import type { RecordKind } from '../../src/db/search.ts'
import { type Filters, containing as word } from '../../src/db/search-conditions.ts'
import type { SearchBounds } from '../../src/db/search-page.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { paged, whole } from '../support/search-pages.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api

const SUBJECTS = ['Đất 50%_đai \\ "x", {y}', 'Y tế, đất đai', 'Giao thong', 'Thanh tra y tế']
for (let n = 0; n < 14; n += 1)
  await gateway.submit(
    'H90',
    await documentPacket({
      from: 'H90',
      to: n % 3 === 0 ? ['H91', 'G90'] : ['G90'],
      documentId: `kinds ${n}`,
      subject: SUBJECTS[n % SUBJECTS.length]!,
      priority: n === 1 ? 3 : 0,
    }),
  )
await gateway.deliverDue()

/** Instants of a few milliseconds, of which some differ in microseconds alone and some are one; half of them hours apart. */
const CLOSE = (place: string) => `timestamptz '2026-01-01' + (${place}) % 37 * interval '250 microseconds'
  + case when (${place}) % 2 = 0 then power((${place}) % 11, 4) else 0 end * interval '1 hour'`

const client = await pool.connect()
// Events are never changed otherwise.
await client.query('set session_replication_role = replica')
await client.query(`with placed as (select id, row_number() over (order by id) as place from document)
  update document set accepted_at = ${CLOSE('place * 5')}, subject = case when place % 7 <> 0 then subject end
  from placed where placed.id = document.id`)
await client.query(`update delivery set accepted_at = document.accepted_at,
    processing_status = case abs(hashtext(delivery.id::text)) % 3 when 0 then '03' when 1 then '06' end,
    request_state = case when abs(hashtext(delivery.id::text)) % 4 = 0 then 'requested' end
  from document where document.id = delivery.document_id`)
await client.query(`insert into status_report (id, delivery_id, document_id, code, received_at)
  select gen_random_uuid(), delivery.id, document.id, (array['03', '06', '13'])[1 + (n + abs(hashtext(delivery.id::text))) % 3],
    ${CLOSE(`n * 11 + abs(hashtext(delivery.id::text))`)}
  from delivery cross join generate_series(1, 2) as n
    cross join lateral (select id from document order by id offset n limit 1) as document on conflict do nothing`)
await client.query(`insert into audit_event (id, kind, actor, agency_code, document_id, delivery_id)
  select gen_random_uuid(), 'access-refused', 'someone', (array['H91', 'G90', 'H90.31', null])[1 + n % 4], null::uuid, null::uuid
  from generate_series(1, 30) as n
  union all select gen_random_uuid(), 'seal-extended', 'worker', null, id, null from document
  union all select gen_random_uuid(), 'export-made', 'someone', 'H90.31', id, null from document
  union all select gen_random_uuid(), 'packet-not-stored', 'other', recipient_code, document_id, id from delivery`)
await client.query(`update audit_event set at = ${CLOSE('abs(hashtext(id::text))')}`)
await client.query(`update attempt set started_at = ${CLOSE('abs(hashtext(delivery_id::text))')}`)
await client.query(`insert into attempt (delivery_id, epoch, channel, worker, state, started_at)
  select delivery_id, 9, channel, worker, 'abandoned', started_at + interval '1 millisecond'
  from attempt where abs(hashtext(delivery_id::text)) % 3 = 0`)
client.release(true)

const {
  rows: [some],
} = await pool.query<{ document: string; delivery: string }>(
  'select document_id as document, id as delivery from delivery order by id offset 3 limit 1',
)

const OF_ALL: readonly Filters[] = [
  { words: [word('y')] },
  { words: [word('đất'), word('tế')] },
  { subject: [word('y'), word('te')] },
  { subject: [word('50%_đai \\ "x", {y}')] },
  { subject: [word('50%_dai \\ "x", {y}'), word('đ')] },
  { subject: [word('tế'), word('đ')] },
  { number: word('/') },
  { number: word('1') },
  { recipient: 'H91' },
  { recipient: 'G90' },
  { sender: 'H90' },
  { sender: 'G90' },
  { agency: 'H90' },
  { agency: 'H91' },
  { agency: 'H90.31' },
  { tier: 'province' },
  { urgency: 3 },
  { kind: 'document' },
  { kind: 'status' },
  { operation: 'new' },
  { edxmlDocumentId: 'kinds 3' },
  { processingStatus: '03' },
  { requestState: 'requested' },
  { statusCode: '13' },
  { since: new Date('2026-01-01T00:00:00.003Z') },
  { until: new Date('2026-01-01T00:00:00.005Z') },
]
const OF_DELIVERIES: readonly Filters[] = [{ document: some!.document }, { delivery: some!.delivery }]
const OF_KIND: Readonly<Record<RecordKind, readonly Filters[]>> = {
  documents: [{ stateSets: 'available' }, { stateSets: 'failed|failed,withdrawn' }],
  receipts: [{ stateSets: 'available' }],
  deliveries: [...OF_DELIVERIES, { state: 'available' }],
  attempts: [...OF_DELIVERIES, { state: 'succeeded' }, { state: 'abandoned' }],
  statuses: [...OF_DELIVERIES, { code: '13' }],
  events: [
    ...OF_DELIVERIES,
    { event: 'access-refused' },
    { event: 'submission-accepted' },
    { actor: 'someone' },
  ],
}

const BOUNDS: readonly SearchBounds[] = [
  { walked: 1, walkedApart: 1, further: 1, gathered: 1, documents: 1, held: 1, theirs: 1 },
  { walked: 2, walkedApart: 1, further: 2, gathered: 5, documents: 3, held: 40, theirs: 3 },
  { walked: 3, walkedApart: 2, further: 1, gathered: 200, documents: 200, held: 1_000, theirs: 1 },
  { walked: 5, walkedApart: 2, further: 3, gathered: 1_000, documents: 1_000, held: 1_000, theirs: 1_000 },
  { walked: 1, walkedApart: 1, further: 1, gathered: 10, documents: 1_000, held: 1_000, theirs: 1_000 },
]

let seed = 1
/** The same filters together in each run. */
const random = (below: number): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}

const TOGETHER = 40

for (const kind of Object.keys(OF_KIND) as RecordKind[])
  t.test(`pages of ${kind} hold what the whole list holds, whatever filters are put together`, async (t) => {
    const all = [...OF_ALL, ...OF_KIND[kind]]
    const one = () => all[random(all.length)]!
    const together = Array.from({ length: TOGETHER }, () => ({
      ...one(),
      ...one(),
      ...(random(2) ? one() : {}),
    }))
    const asked: readonly Filters[] = [{}, ...all, ...together]
    for (const filters of asked) {
      const bounds = BOUNDS[random(BOUNDS.length)]!
      const limit = [2, 3, 7, 20][random(4)]!
      t.strictSame(
        await paged(pool, kind, filters, limit, bounds),
        await whole(pool, kind, filters),
        JSON.stringify({ filters, bounds, limit }),
      )
    }
  })
