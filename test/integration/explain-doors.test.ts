import t from 'tap'
import { databaseNow } from '../../src/db/now.ts'
import { sweepInFlight } from '../../src/delivery/in-flight/sweep.ts'
import { WITHOUT_CONNECTOR } from '../../src/domain/channel-id.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { vietnamDay } from '../../src/domain/vietnam-time.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import {
  agencyFacts,
  endpointFact,
  recordFacts,
  setLifetime,
  successionFact,
} from '../support/record-facts.ts'
import { recordTable } from '../support/record-table.ts'
import { tram } from '../support/run-tram.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const served = await serveApp(t, gateway)
const admin = await takeToken(served, 'ops.admin', await addClient(served.context, 'ops.admin', 'admin'))
const auditor = await takeToken(served, 'thanh-tra', await addClient(served.context, 'thanh-tra', 'auditor'))
Object.assign(process.env, gateway.variables)
delete process.env.REDIS_URL

await recordTable(pool, [
  { id: 'so-nganh', tier: 'province', documentType: 'Quyết định', channel: 'mailbox' },
  { id: 'xa', tier: 'commune', channel: 'mailbox', comment: 'Xã tự lấy' },
])

const explain = async (query: Record<string, string>) => {
  const answer = await served.ask(`/admin/v1/routes/explain?${new URLSearchParams(query)}`, {
    headers: bearer(admin),
  })
  return { status: answer.status, body: answer.json() }
}

const submit = async (to: string, number: number) => {
  const packet = await documentPacket({ from: 'G90', to: [to], documentId: `G90,2026/11/20,${number}` })
  const { claims } = await gateway.submit('G90', packet)
  return claims.recipients[0]!.delivery
}

t.test('the door tells where a document would go, with hops, rules and words', async (t) => {
  const { status, body } = await explain({
    sender: 'G90',
    recipient: 'H90.11',
    documentType: 'Công văn',
    urgency: '2',
  })
  t.equal(status, 200)
  t.match(body, {
    asked: { sender: 'G90', recipient: 'H90.11', documentType: 'Công văn', urgency: 2 },
    table: { because: 'in-force', rules: 2, approvedBy: 'table-approver', next: null },
    sender: { outcome: 'open', agency: { code: 'G90', name: 'Bộ Thử nghiệm' } },
    recipient: {
      outcome: 'agency',
      way: {
        recipient: { code: 'H90.31', tier: 'commune' },
        rule: 'xa',
        comment: 'Xã tự lấy',
        tried: [{ rule: 'so-nganh', because: 'tier' }],
        addressed: [
          {
            spelling: 'H90.11',
            name: 'Huyện Đã đóng',
            hops: [{ from: { code: 'H90.11' }, to: { code: 'H90.31' } }],
          },
        ],
      },
    },
  })
  t.ok(JSON.stringify(body.words).includes('Huyện Đã đóng (H90.11)'))
})

t.test('on a day in the past it went to the agency itself; nowhere is an answer too', async (t) => {
  const past = await explain({ sender: 'G90', recipient: 'H90.11', at: '2025-06-30' })
  t.match(past.body, { asked: { day: '2025-06-30' }, recipient: { way: { recipient: { code: 'H90.11' } } } })
  const nowhere = await explain({ sender: 'G90', recipient: 'H99' })
  t.match(nowhere.body, { recipient: { outcome: 'unresolvable', reason: 'unknown-code' } })
})

t.test('what cannot be asked is refused', async (t) => {
  t.equal((await explain({ sender: 'G90' })).status, 422)
  t.equal((await explain({ sender: 'G90', recipient: 'H90', at: 'hôm qua' })).status, 422)
  t.equal((await explain({ sender: 'G90', recipient: 'H90', urgency: '9' })).status, 422)
  const { status, body } = await explain({ sender: 'G90', recipient: 'H90', directoryRevision: '4000' })
  t.match({ status, body }, { status: 404, body: { code: 'not-found' } })
  t.match(body, { texts: { vi: { detail: 'Không có phiên bản 4000 của danh bạ.' } } })
  t.equal((await explain({ sender: 'G90', recipient: 'H90', routingRevision: '4000' })).status, 404)
  const asAuditor = await served.ask('/admin/v1/routes/explain?sender=G90&recipient=H90', {
    headers: bearer(auditor),
  })
  t.equal(asAuditor.status, 403)
})

t.test('a decision is explained as it was made, and told apart from what would be decided now', async (t) => {
  const delivery = await submit('H90.11', 1)
  const same = await tram('route', 'explain', '--delivery', delivery)
  t.equal(same.exit, 0)
  for (const words of [
    'ghi trên văn bản: Huyện Đã đóng (H90.11)',
    'với dữ liệu lúc đó: như đã ghi',
    'decided now: as on record',
  ])
    t.ok(same.out.includes(words), words)
  const { directory } = await gateway.api.registry.upToDate(pool)
  await recordFacts(pool, [endpointFact('H91', 'https://h91.example')])
  const other = await submit('H91', 2)
  const endpoint = (await gateway.api.registry.upToDate(pool)).directory.fact(
    agencyCode('H91'),
    'endpoint',
    '2026-01-01',
  )!
  await recordFacts(pool, [], [endpoint.id])
  const told = await tram('route', 'explain', '--delivery', other)
  t.match(told.out, /với dữ liệu lúc đó: như đã ghi/)
  t.match(told.out, /Nếu quyết định bây giờ: KHÁC\n {2}H91 → Thành phố Thử nghiệm \(H91\), hộp thư/)
  const before = await explain({
    sender: 'G90',
    recipient: 'H91',
    directoryRevision: String(directory.revision),
  })
  t.match(before.body, {
    directoryRevision: directory.revision,
    recipient: { way: { rule: 'default:mailbox' } },
  })
  const { recipient } = JSON.parse(
    (await tram('route', 'explain', '--delivery', other, '--json')).out,
  ).delivery
  t.equal(recipient, 'H91')
})

t.test(
  'what was moved to a successor is explained as it was moved, also where documents sent anew are bounced',
  async (t) => {
    await recordFacts(pool, agencyFacts({ code: 'H90.77', name: 'Xã Sắp Nhập', parent: 'H90' }))
    const delivery = await submit('H90.77', 9)
    const revision = (await gateway.api.registry.upToDate(pool)).directory.revision
    const before = await explain({
      sender: 'G90',
      recipient: 'H90.77',
      directoryRevision: String(revision - 1),
    })
    t.match(before.body, { recipient: { reason: 'unknown-code' } }, 'not known yet with the revision before')
    const today = vietnamDay(await databaseNow(pool))
    const closed = successionFact('H90.77', 'H90.32', today)
    await setLifetime(pool, 'H90.77', today)
    await recordFacts(pool, [{ ...closed, value: { ...closed.value, whenAddressed: 'bounce' } } as NewFact])
    await sweepInFlight({ pool, registry: gateway.api.registry, usable: WITHOUT_CONNECTOR, actor: 'test' })
    const { out } = await tram('route', 'explain', '--delivery', delivery)
    t.match(out, /Đã ghi: tới H90.32/)
    t.match(out, /Xã Sắp Nhập \(H90.77\) kết thúc hoạt động từ .* → Xã Hai \(H90.32\)/)
    t.match(out, /với dữ liệu lúc đó: như đã ghi/)
    t.match(
      out,
      /Nếu quyết định bây giờ: KHÁC\n {2}H90.77: Cơ quan đã kết thúc hoạt động; văn bản phải gửi tới cơ quan kế thừa/,
    )
  },
)

t.test('each delivery shows its own explanation to administrators and auditors', async (t) => {
  const delivery = await submit('H90.11', 3)
  const shown = await served.ask(`/admin/v1/deliveries/${delivery}`, { headers: bearer(admin) })
  const route = {
    rule: 'xa',
    revision: Number,
    directoryRevision: Number,
    alsoPassed: 1,
    addressed: [
      { spelling: 'H90.11', code: 'H90.11', name: 'Huyện Đã đóng', hops: [{ to: { name: 'Xã Một' } }] },
    ],
  }
  t.match(shown.json(), { recipient: 'H90.31', route })
  const records = await served.ask('/auditor/v1/deliveries?recipient=H90.31', { headers: bearer(auditor) })
  const { items } = records.json() as { items: { id: string }[] }
  t.match(
    items.find(({ id }) => id === delivery),
    { route },
  )
})

t.test('the command line answers in both languages, or as JSON', async (t) => {
  const { exit, out } = await tram(
    'route',
    'explain',
    '--from',
    'G90',
    '--to',
    'H90.11',
    '--type',
    'Quyết định',
    '--urgency',
    '3',
  )
  t.equal(exit, 0)
  t.match(
    out,
    /Nơi nhận: Xã Một \(H90.31\).*không theo quy tắc so-nganh: nơi nhận ở cấp khác.*Recipient: Xã Một/s,
  )
  const json = await tram('route', 'explain', '--from', 'G90', '--to', 'H92', '--at', '2026-01-01', '--json')
  t.match(JSON.parse(json.out), { asked: { day: '2026-01-01' }, recipient: { reason: 'unknown-code' } })
  for (const wrong of [
    ['--to', 'H90'],
    ['--from', 'G90', '--to', 'H90', '--urgency', '7'],
    ['--from', 'G90', '--to', 'H90', '--bytes', '-1'],
    ['--from', 'G90', '--to', 'H90', '--at', 'mai'],
    ['--delivery', 'x'],
  ])
    t.equal((await tram('route', 'explain', ...wrong)).exit, 2, wrong.join(' '))
  t.equal((await tram('route', 'explain', '--delivery', '00000000-0000-7000-8000-000000000000')).exit, 1)
})
