import t from 'tap'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { FakeAxis } from '../fakes/fake-axis/fake-axis.ts'
import { connectTo } from '../support/arrivals.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { tram } from '../support/run-tram.ts'
import { waitFor } from '../support/wait-for.ts'

const [AWAY, HOME, UNKNOWN] = ['G90', 'H90', 'H90.78']
const gateway = await testGateway(t)
const { pool, registry } = gateway.api
const axis = await FakeAxis.start(t)
const here = await connectTo(t, gateway, axis.url, [HOME])
const { connector, watch } = here.dependencies
const served = await serveApp(t, gateway, {
  context: {
    connectors: { traceId: HOME, home: [agencyCode(HOME)], all: [connector] },
    pollWatches: new Set([watch]),
  },
})
const token = await takeToken(served, 'admin', await addClient(gateway.api, 'admin', 'admin'))
Object.assign(process.env, gateway.variables)
delete process.env.REDIS_URL

const offer = async (to: string, documentId: string) =>
  axis.offer(await documentPacket({ from: AWAY, to: [to], documentId }), AWAY, to)
const refused = await offer(UNKNOWN, 'G90,1')
const good = await offer(HOME, 'G90,2')
await here.round()
const idOf = async (remoteId: string) => (await here.arrival(remoteId))!.id
const ask = async (path: string, method: 'GET' | 'POST' = 'GET') =>
  served.ask(`/admin/v1/axis-arrivals${path}`, { method, headers: bearer(token) })

t.test('administrators see what came, and why it was refused', async (t) => {
  const all = (await ask('')).json()
  const items = all.items as { remoteId: string }[]
  t.match(
    items.find(({ remoteId }) => remoteId === good),
    { state: 'accepted', told: true },
  )
  t.equal(items.length, 2)
  const one = (await ask('?state=refused&limit=1')).json()
  t.match(one, {
    items: [{ connector: 'truc-thu', listedTo: UNKNOWN, problem: { code: 'recipients-unresolvable' } }],
    nextCursor: null,
  })
  t.notMatch(JSON.stringify(all), /"beside"|"facts"/)
  const detail = (await ask(`/${await idOf(refused)}`)).json()
  t.match(detail, { remoteId: refused, packetSha256: /^[0-9a-f]{64}$/, problem: { faults: [{}] } })
  t.match((await ask('/00000000-0000-7000-8000-000000000000')).json(), { code: 'not-found' })
  t.equal((await ask('?state=nonsense')).status, 422)
})

t.test('only what was refused is tried again, and that is on record', async (t) => {
  const conflict = await ask(`/${await idOf(good)}/retry`, 'POST')
  t.match(conflict.json(), { code: 'delivery-state-conflict' })
  t.match((await ask(`/${await idOf(refused)}/retry`, 'POST')).json(), { state: 'fetched', problem: null })
  await here.round()
  t.match(await here.arrival(refused), { state: 'refused', told: true }, 'nothing has changed')
  t.same(axis.store.held.get(refused)?.told, ['fail'], 'and the same is not told twice')
  const { rows } = await pool.query(`select actor, detail from audit_event where kind = 'arrival-retried'`)
  t.match(rows, [{ actor: 'admin', detail: { remoteId: refused, problem: 'recipients-unresolvable' } }])
})

t.test('commands do the same', async (t) => {
  const listed = await tram('axis', 'arrivals', '--state', 'refused')
  t.match(listed, { exit: 0, out: new RegExp(`${await idOf(refused)} .* recipients-unresolvable `) })
  t.match(JSON.parse((await tram('axis', 'arrivals', '--state', 'accepted', '--json')).out), {
    remoteId: good,
  })
  await recordFacts(pool, agencyFacts({ code: UNKNOWN, tier: 'commune', parent: HOME }))
  await waitFor(async () =>
    (await registry.asOfNow(pool)).registry.directory.isOpen(agencyCode(UNKNOWN), '2026-11-22'),
  )
  t.match(await tram('axis', 'retry', await idOf(refused)), { exit: 0 })
  await here.round()
  t.match(await here.arrival(refused), { state: 'accepted', told: true })
  t.match(await tram('axis', 'retry', await idOf(refused)), { exit: 1, err: /delivery-state-conflict/ })
})

t.test('the metrics tell what lies there and when the lists were read', async (t) => {
  await offer('H90.79', 'G90,3')
  await here.round()
  const { text } = await served.ask('/metrics')
  t.match(text, /tram_axis_arrivals\{connector="truc-thu",state="refused"\} 1/)
  t.match(text, /tram_axis_poll_age_seconds\{connector="truc-thu"\} \d/)
})

t.test('an exchange that is away is told once, counted, and makes nobody unready', async (t) => {
  axis.close()
  const before = here.warnings.length
  for (let polls = 0; polls < 20; polls += 1) await here.round()
  t.equal(here.warnings.length, before + 1, here.warnings.slice(before).join('\n'))
  const health = async () => (await served.ask('/admin/v1/health', { headers: bearer(token) })).json()
  t.match(await health(), {
    exchanges: [{ connector: 'truc-thu', readAt: String, failure: { code: 'unreachable' }, waiting: 0 }],
  })
  const metrics = async () => (await served.ask('/metrics')).text
  t.match(await metrics(), /tram_axis_poll_failures_total\{connector="truc-thu",failure="unreachable"\} 20/)
  t.match((await served.ask('/readyz')).json(), { status: 'ready' })

  await axis.open()
  await here.round()
  t.equal(here.warnings.length, before + 2)
  t.match(here.warnings.at(-1), /can be read again: .*"failures":20/)
  t.match(await metrics(), /tram_axis_poll_failures_total\{connector="truc-thu",failure="unreachable"\} 20/)
  t.match(await health(), { exchanges: [{ failure: null }] })
})
