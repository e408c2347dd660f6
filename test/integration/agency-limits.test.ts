import t from 'tap'
import { type Admission, createAdmission, type HandIn } from '../../src/admission/admission.ts'
import { defaultLimits } from '../../src/context/default-limits.ts'
import { takeTokens } from '../../src/db/agency-limits.ts'
import { countStoredBytes } from '../../src/db/agency-storage.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import type { Teardown } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { pool, config } = gateway.api
const H90 = agencyCode('H90')

function admissionOfEight(t: Teardown): Admission {
  const admission = createAdmission({
    pool,
    defaults: { ...defaultLimits(config), concurrentSubmissions: 8 },
  })
  t.teardown(() => admission.close())
  return admission
}

t.test(
  'the bucket is shared: together no more is given out than the limit, and it fills evenly',
  async (t) => {
    const takes = await Promise.all(Array.from({ length: 30 }, () => takeTokens(pool, 'H90', 60, 5)))
    const granted = takes.reduce((sum, each) => sum + each.granted, 0)
    t.ok(granted >= 60 && granted <= 62, `${granted} of 60`)
    await pool.query(
      "update agency_tokens set tokens = 0, refilled_at = refilled_at - interval '10 seconds' where agency_code = 'H90'",
    )
    const { granted: later, tokens } = await takeTokens(pool, 'H90', 60, 100)
    t.ok(later >= 10 && later <= 12, `${later} after ten seconds`)
    t.ok(tokens >= 0 && tokens < 1)
  },
)

t.test('what an agency handed in is counted once, whoever counts and when', async (t) => {
  t.equal(await countStoredBytes(pool, H90), 0, 'nothing yet')
  let sum = 0
  for (let number = 1; number <= 3; number += 1) {
    const packet = await documentPacket({
      from: 'H90',
      to: ['H91'],
      documentId: `H90,2026/11/20,${number}/VP`,
    })
    await gateway.submit('H90', packet)
    sum += packet.length
    // Six minutes go by: what came before comes of age.
    for (const [table, column] of Object.entries({ document: 'accepted_at', agency_storage: 'counted_to' }))
      if (number < 3) await pool.query(`update ${table} set ${column} = ${column} - interval '6 minutes'`)
    const counts = await Promise.all(Array.from({ length: 4 }, () => countStoredBytes(pool, H90)))
    t.strictSame(new Set(counts), new Set([sum]))
  }
  const { rows } = await pool.query('select bytes from agency_storage')
  t.ok(rows[0].bytes > 0 && rows[0].bytes < sum, 'the old ones are counted for good')
})

t.test('a quota that is used up refuses before the work begins, and names what is left', async (t) => {
  const used = await countStoredBytes(pool, H90)
  const defaults = { ...defaultLimits(config), storedBytes: used + 100 }
  const admission = createAdmission({ pool, defaults })
  t.teardown(() => admission.close())
  const handIn = { caller: callerOf('H90'), bytes: 101, urgent: false, notice: false }
  await t.rejects(
    admission.admit(handIn, async () => t.fail('refused before')),
    {
      code: 'storage-quota-exceeded',
      limit: { name: 'storedBytes', agency: 'H90', quota: used + 100, remaining: 100 },
    },
  )
  t.equal(await admission.admit({ ...handIn, bytes: 60 }, async () => 7), 7)
  await t.rejects(
    admission.admit({ ...handIn, bytes: 60 }, async () => t.fail('the first one counts at once')),
    { code: 'storage-quota-exceeded', limit: { remaining: 40 } },
  )
  t.equal(await admission.admit({ ...handIn, caller: callerOf('H91') }, async () => 8), 8)
})

t.test('uploads that take their time leave places for what is urgent, and for notices', async (t) => {
  const admission = admissionOfEight(t)
  const handIn = { caller: callerOf('H90'), bytes: 100, urgent: false, notice: false }
  const urgent = { ...handIn, urgent: true }
  const notice = { ...urgent, notice: true }
  let arrive: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  // Whoever has a place may still find the process busy: only who has none is counted here.
  const hasPlace = (handedIn: HandIn) =>
    admission
      .admit(handedIn, () => arrived)
      .then(
        () => true,
        ({ code }) => code !== 'rate-limited',
      )
  const places = [
    ...Array.from({ length: 8 }, () => hasPlace({ ...handIn, bytes: 5_000_000 })),
    ...[handIn, urgent, urgent, urgent, notice, notice, notice].map(hasPlace),
  ]
  await t.rejects(
    admission.admit(urgent, async () => t.fail('no place')),
    {
      code: 'rate-limited',
      limit: { name: 'concurrentSubmissions', agency: 'H90', quota: 8, remaining: 0 },
    },
  )
  arrive()
  t.strictSame(await Promise.all(places.slice(0, 9)), [...Array(8).fill(true), false])
  t.strictSame(await Promise.all(places.slice(9, 12)), [true, true, false], 'two urgent ones, and no more')
  t.strictSame(await Promise.all(places.slice(12)), [true, true, false], 'two that only notices can take')
  t.ok(await hasPlace(handIn), 'each place comes back')
})

t.test('where uploads that have begun take all places, what is urgent is not sent away unread', (t) => {
  const admission = admissionOfEight(t)
  const caller = callerOf('H90')
  const refusal = (urgent: boolean) => admission.refusal(caller, { handsIn: true, urgent })?.code
  for (let uploads = 0; uploads < 8; uploads += 1) admission.arrive(caller)
  t.equal(refusal(false), 'rate-limited')
  for (let uploads = 0; uploads < 2; uploads += 1) {
    t.equal(refusal(true), undefined)
    admission.arrive(caller)
  }
  t.equal(refusal(true), 'rate-limited', 'two such, and no more')
  t.end()
})

t.test('an administrator sets the limits of one agency, and processes follow', async (t) => {
  const served = await serveApp(t, gateway)
  const admin = await takeToken(
    served,
    'limits.admin',
    await addClient(served.context, 'limits.admin', 'admin'),
  )
  const dms = await takeToken(
    served,
    'limits.dms',
    await addClient(served.context, 'limits.dms', 'agency', 'H91'),
  )
  const own = {
    ...{
      requestsPerMinute: null,
      concurrentSubmissions: null,
      packetBytes: 500,
      storedBytes: null,
      share: 3,
    },
  }
  const path = '/admin/v1/agencies/H91/limits'
  const headers = { ...bearer(admin), 'content-type': 'application/json' }
  const put = await served.ask(path, { method: 'PUT', headers, body: JSON.stringify(own) })
  t.equal(put.status, 200, put.text)
  const { rateLimit } = served.context.config.http
  const inForce = { requestsPerMinute: rateLimit, packetBytes: 500, share: 3 }
  t.match(put.json(), { agency: 'H91', own, inForce })
  t.strictSame((await served.ask(path, { headers: bearer(admin) })).json(), put.json())
  const { rows } = await pool.query("select detail from audit_event where kind = 'agency-limits-changed'")
  t.strictSame(rows, [{ detail: own }])

  const packet = await documentPacket({ from: 'H91', to: ['H90'], documentId: 'H91,2026/11/20,9/VP' })
  const limits = () => served.context.admission.limitsFor(callerOf('H91'))
  await waitFor(
    () => limits().packetBytes === 500,
    10_000,
    () => 'the new limit is known',
  )
  const send = { method: 'POST', headers: { ...bearer(dms), 'content-type': 'application/xml' } } as const
  const refused = await served.ask('/v1/documents', { ...send, body: Buffer.from(packet) })
  t.equal(refused.status, 413)
  t.strictSame(refused.json().limit, { name: 'packetBytes', agency: 'H91', quota: 500, remaining: 500 })
  const full = JSON.stringify({ ...own, packetBytes: null, storedBytes: 1 })
  t.equal((await served.ask(path, { method: 'PUT', headers, body: full })).status, 200)
  await waitFor(
    () => limits().storedBytes === 1,
    10_000,
    () => 'the quota is known',
  )
  const over = await served.ask('/v1/documents', { ...send, body: Buffer.from(packet) })
  t.equal(over.status, 507)
  t.strictSame(over.json().limit, { name: 'storedBytes', agency: 'H91', quota: 1, remaining: 1 })
  t.notOk('retry-after' in over.headers, 'asking again does not help')
  const wrong = await served.ask(path, { method: 'PUT', headers, body: JSON.stringify({ ...own, share: 0 }) })
  t.equal(wrong.status, 422)
})
