import t, { type Test } from 'tap'
import { axisDoor } from '../support/axis-door.ts'
import { type FaultyLine, faultyLine } from '../support/faulty-line.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, askToken, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { inTurns } from '../support/in-turns.ts'
import { documentPacket } from '../support/packets.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { vendorClient } from '../support/vendor-client.ts'
import { waitFor } from '../support/wait-for.ts'

const line = await faultyLine(t, (await createTestDatabase(t)).url)
const gateway = await testGateway(t, { databaseUrl: line.url, redisUrl: null })
const { pool, databaseWatch, registry } = gateway.api
const served = await serveApp(t, gateway)
const door = await axisDoor(t, gateway, { systems: [{ systemId: 'dms.axis', serves: ['H91'] }] })
const axis = vendorClient({ port: door.port, systemId: 'dms.axis' })
const secrets = new Map<string, string>()
const tokens = new Map<string, string>()
for (const role of ['agency', 'admin', 'auditor'] as const) {
  secrets.set(role, await addClient(served.context, `trial.${role}`, role))
  tokens.set(role, await takeToken(served, `trial.${role}`, secrets.get(role)!))
}
const as = (role: string) => bearer(tokens.get(role)!)

let number = 0
async function submit(): Promise<Answer> {
  number += 1
  const documentId = `H90,2026/11/20,${number}/UBND`
  const body = Buffer.from(await documentPacket({ from: 'H90', to: ['H91'], documentId }))
  return served.ask('/v1/documents', {
    method: 'POST',
    headers: { 'content-type': 'application/xml', ...as('agency') },
    body,
  })
}

/** What is asked of every door. */
const REQUESTS: Record<string, () => Promise<Answer>> = {
  token: () => askToken(served, 'trial.agency', secrets.get('agency')!),
  submission: submit,
  inbox: () => served.ask('/v1/inbox', { headers: as('agency') }),
  'long poll': () => served.ask('/v1/inbox?wait=20', { headers: as('agency') }),
  administration: () => served.ask('/admin/v1/deliveries', { headers: as('admin') }),
  audit: () => served.ask('/auditor/v1/documents', { headers: as('auditor') }),
}

interface Told {
  readonly name: string
  readonly status: number
  readonly retryAfter: number
  readonly ms: number
}

/** Asks everybody at once. */
const askAll = (): Promise<Told[]> =>
  Promise.all(
    Object.entries(REQUESTS).map(async ([name, ask]) => {
      const at = performance.now()
      const { status, headers } = await ask()
      return { name, status, retryAfter: Number(headers['retry-after']), ms: performance.now() - at }
    }),
  )

async function askAxis(): Promise<{ readonly code: string | undefined; readonly ms: number }> {
  const at = performance.now()
  const { ErrorCode: code } = await axis.ask('countReceiveEdoc', { servicetype: 'eDoc' })
  return { code, ms: performance.now() - at }
}

/** Another item for who waits in the inbox would end the long poll: nothing was delivered, so it lasts. */
const isWell = async (): Promise<boolean> => {
  const [answer, { status }] = await Promise.all([submit(), served.ask('/readyz')])
  return answer.status === 201 && status === 200
}

const FAULTS: Record<string, (line: FaultyLine) => void> = {
  'nothing passes any more': ({ fallSilent }) => fallSilent(),
  'questions are not answered': ({ behave }) => behave({ toClient: 'hold', connections: 'hang' }),
  'connections are reset and refused': (broken) => {
    broken.behave({ connections: 'reset' })
    broken.reset()
  },
  'answers come ten seconds late': ({ behave }) => behave({ delayMs: 10_000 }),
}

for (const [name, fault] of Object.entries(FAULTS))
  t.test(
    `${name}: each door says so within two seconds, and goes on at once`,
    { timeout: 120_000 },
    async (t) => t.strictSame(await inTurns(3, () => tellsInTime(t, fault)), []),
  )

/** What is told late; what is told wrongly fails at once. */
async function tellsInTime(t: Test, fault: (line: FaultyLine) => void): Promise<string[]> {
  await waitFor(isWell)
  fault(line)
  const late: string[] = []
  const at = performance.now()
  const unready = waitFor(async () => {
    const { status, headers } = await served.ask('/readyz')
    return status === 503 && headers['retry-after'] === '1' && performance.now() - at
  })
  for (const when of ['as it happens', 'while it lasts'])
    for (const { name: door, status, retryAfter, ms } of await askAll()) {
      t.equal(status, 503, `${door}: 503 ${when}`)
      if (ms >= 2_000) late.push(`${door}: ${Math.round(ms)} ms ${when}`)
      t.ok(retryAfter >= 1 && retryAfter <= 5, `${door}: Retry-After ${retryAfter}`)
    }
  // What readiness found is believed for a second.
  if ((await unready) >= 3_000) late.push(`not ready after ${Math.round(await unready)} ms`)
  const { code, ms } = await askAxis()
  t.equal(code, '20', 'the axis door tells it in its own JSON')
  if (ms >= 2_000) late.push(`axis: ${Math.round(ms)} ms`)
  const healed = performance.now()
  line.heal()
  await waitFor(isWell, 10_000)
  t.comment(`well again after ${Math.round(performance.now() - healed)} ms`)
  await waitFor(() => registry.ageSeconds() < 2, 10_000)
  t.equal((await askAxis()).code, '0')
  return late
}

t.test('connections that were forgotten without a word are replaced within two seconds', async (t) => {
  const turn = async () => {
    await waitFor(isWell)
    line.forget()
    const at = performance.now()
    await waitFor(isWell, 10_000)
    await waitFor(() => registry.ageSeconds() < 1, 10_000)
    const ms = performance.now() - at
    return ms < 4_000 ? [] : [`well, and the directory looked at, after ${Math.round(ms)} ms`]
  }
  t.strictSame(await inTurns(3, turn), [])
})

t.test('a statement that merely takes long is waited for', async (t) => {
  await waitFor(isWell)
  await t.resolves(pool.query('select pg_sleep(3)'))
  t.notOk(databaseWatch.silent)
})

t.test('a process that stood still itself blames nobody', async (t) => {
  await waitFor(isWell)
  const slow = pool.query('select pg_sleep(0.5)')
  const until = performance.now() + 2_500
  while (performance.now() < until);
  await t.resolves(slow)
  t.notOk(databaseWatch.silent)
})
