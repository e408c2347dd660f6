import t from 'tap'
import { axisDoor } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { vendorClient } from '../support/vendor-client.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const door = await axisDoor(t, gateway, {
  systems: [
    { systemId: 'dms.ministry', serves: ['G90'] },
    { systemId: 'dms.both', serves: ['H90', 'H91'] },
  ],
})
const client = (systemId: string) => vendorClient({ port: door.port, systemId })
const [ministry, both] = [client('dms.ministry'), client('dms.both')]

let number = 0
/** A packet in an inbox, by the number under which it is listed. */
async function sent(to: string, facts: { readonly priority?: number } = {}): Promise<string> {
  number += 1
  const documentId = `G90,2026/11/20,${number}/BTN`
  const { DocId, ErrorDesc } = await ministry.send(
    await documentPacket({ from: 'G90', to: [to], documentId, ...facts }),
    {
      from: 'G90',
    },
  )
  if (DocId === '') throw new Error(ErrorDesc)
  await gateway.deliverDue()
  const { rows } = await pool.query<{ id: string }>('select id from delivery where document_id = $1', [DocId])
  return rows[0]!.id
}

const tell = (docId: string, status: string) => both.ask('updateStatus', { docId, status })
const listed = async (): Promise<string[]> => {
  const { data } = await both.ask('getReceivedEdocList', { messagetype: 'edoc' })
  return data.map(({ docId }) => docId!)
}
const count = async () => (await both.ask('countReceiveEdoc')).count

t.test('packets told fail stand last, in the order of the others, and count', async (t) => {
  const urgent = await sent('H91', { priority: 3 })
  const [first, second, third] = [await sent('H90'), await sent('H91'), await sent('H90')]
  t.same(await listed(), [urgent, first, second, third])
  for (const docId of [second, urgent]) await tell(docId, 'fail')
  t.same(await listed(), [first, third, urgent, second])
  t.equal(await count(), 4)
  const { data } = await both.ask('getReceivedEdocList', { messagetype: 'edoc' })
  t.same(
    data.map(({ status }) => status),
    ['initial', 'initial', 'fail', 'fail'],
  )
  await tell(urgent, 'processing')
  t.same(await listed(), [urgent, first, third, second], 'what is tried again has its place again')
})

t.test('a thousand that failed hide nothing that came later', async (t) => {
  const before = await listed()
  await pool.query(COPIES, [before[0], 1_100])
  const newest = await sent('H91')
  const all = await listed()
  t.equal(all.length, 1_000)
  t.ok(all.indexOf(newest) < 4, `at place ${all.indexOf(newest)}`)
  t.equal(await count(), 4 + 1_100 + 1)
  const { data } = await both.ask('getReceivedEdocList', { messagetype: 'edoc', fromDate: '2020/01/01' })
  t.same(
    data.map(({ docId }) => docId),
    all,
    'also where days are named',
  )
})

/** Some more packets like one delivery's, all of them told fail. */
const COPIES = `with model as (select * from delivery where id = $1),
  made as (select n, gen_random_uuid() as document_id, gen_random_uuid() as delivery_id from generate_series(1, $2::integer) as n),
  documents as (
    insert into document select (jsonb_populate_record(document,
        jsonb_build_object('id', made.document_id, 'submission_key', 'copy ' || made.n))).*
      from made, model join document on document.id = model.document_id returning id),
  deliveries as (
    insert into delivery select (jsonb_populate_record(model::delivery,
        jsonb_build_object('id', made.delivery_id, 'document_id', made.document_id, 'inbox_number', 1000000 + made.n))).*
      from made, model returning id)
  insert into axis_packet_status (delivery_id, status, system_id) select delivery_id, 'fail', 'dms.both' from made`
