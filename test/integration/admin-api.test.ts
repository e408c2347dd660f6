import { createHash, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { createQueueProbe } from '../../src/delivery/queue-probe.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { draftCalls, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { type Answer, addClient, bearer, serveApp, takeToken } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import { endpointFact, recordFacts, replaceFacts } from '../support/record-facts.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const admin = await tokenOf('ops.admin', 'admin')

async function tokenOf(clientId: string, role: 'agency' | 'admin' | 'auditor'): Promise<string> {
  return takeToken(served, clientId, await addClient(served.context, clientId, role))
}

interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
}

function call(method: string, path: string, { body, headers, token = admin }: Call = {}): Promise<Answer> {
  const isJson = body !== undefined
  return served.ask(`/admin/v1${path}`, {
    method: method as 'GET',
    headers: { ...bearer(token), ...(isJson && { 'content-type': 'application/json' }), ...headers },
    ...(isJson && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

/** A problem of this code, with these faults, in words and without a trace of the inside. */
function isProblem(t: Test, answer: Answer, code: string, faults: readonly string[] = []): void {
  const problem = answer.json() as { code: string; errors?: { code: string; path?: string }[] }
  t.equal(problem.code, code, answer.text)
  t.match(answer.headers['content-type'], /^application\/problem\+json/)
  t.notMatch(answer.text, /node_modules|\.ts:|select |stack/)
  const told = (problem.errors ?? []).map((fault) => `${fault.code} ${fault.path ?? ''}`)
  t.strictSame(told.sort(), [...faults].sort())
}

interface Event {
  kind: string
  actor: string
  agency_code: string | null
  detail: Record<string, unknown>
}

async function lastEvent(): Promise<Event> {
  const { rows } = await gateway.api.pool.query<Event>(
    'select kind, actor, agency_code, detail from audit_event order by at desc, id desc limit 1',
  )
  return rows[0]!
}

t.test('endpoints: shown, paused and resumed', async (t) => {
  const path = '/agencies/H91/endpoint'
  const none = { agency: 'H91', channel: 'mailbox', url: null, paused: false }
  t.strictSame((await call('GET', path)).json(), none)
  const url = 'https://dms.h91.example/tram'
  await recordFacts(gateway.api.pool, [endpointFact('H91', url)])
  const choice = { channel: 'https-push', url }
  t.match((await call('GET', path)).json(), { ...choice, paused: false })
  t.match((await call('POST', `${path}/pause`)).json(), { ...choice, paused: true })
  t.match(await lastEvent(), {
    kind: 'endpoint-changed',
    actor: 'ops.admin',
    agency_code: 'H91',
    detail: { before: { paused: false }, after: { paused: true } },
  })
  await replaceFacts(gateway.api.pool, 'H91', 'endpoint', [])
  t.match(
    (await call('GET', path)).json(),
    { channel: 'mailbox', paused: true },
    'a pause outlives the endpoint',
  )

  const sent = await gateway.submit(
    'H90',
    await documentPacket({ from: 'H90', to: ['H91'], documentId: 'p1' }),
  )
  const id = sent.claims.recipients[0]!.delivery
  await gateway.deliverDue()
  t.match((await call('GET', `/deliveries/${id}`)).json(), { state: 'waiting', attempts: 0, paused: true })
  t.match((await call('POST', `${path}/resume`)).json(), { paused: false })
  await gateway.deliverDue()
  t.match((await call('GET', `/deliveries/${id}`)).json(), { state: 'available', paused: false })
  isProblem(t, await call('POST', '/agencies/X99/endpoint/pause'), 'not-found')
})

t.test('delegations: recorded, listed and ended', async (t) => {
  const draft = { agency: 'H90.31', delegate: 'H90', validFrom: '2026-01-01', validTo: null }
  const created = await call('POST', '/delegations', { body: draft })
  t.equal(created.status, 201)
  const { id } = created.json() as { id: string }
  t.match(await lastEvent(), {
    kind: 'delegation-changed',
    agency_code: 'H90.31',
    detail: { before: null, after: draft },
  })
  isProblem(
    t,
    await call('POST', '/delegations', { body: { ...draft, validTo: '2027-01-01' } }),
    'already-exists',
  )
  const listed = (await call('GET', '/delegations?agency=H90.31')).json() as { items: unknown[] }
  t.strictSame(listed.items, [{ id, ...draft }])
  t.strictSame(((await call('GET', '/delegations?delegate=H91')).json() as { items: unknown[] }).items, [])
  t.equal((await call('DELETE', `/delegations/${id}`)).status, 204)
  t.match((await lastEvent()).detail, { before: { validTo: null }, after: { validTo: /^\d{4}-\d\d-\d\d$/ } })
  t.equal((await call('DELETE', `/delegations/${id}`)).status, 204, 'ending twice changes nothing')
  isProblem(t, await call('DELETE', '/delegations/01890000-0000-7000-8000-000000000000'), 'not-found')
  isProblem(
    t,
    await call('POST', '/delegations', {
      body: { agency: 'X99', delegate: 'X99', validFrom: '2026-01-01', validTo: '2026-01-01' },
    }),
    'request-invalid',
    [
      'agency-unknown #/body/agency',
      'agency-unknown #/body/delegate',
      'delegate-is-agency #/body/delegate',
      'days-reversed #/body/validTo',
    ],
  )
})

t.test('clients: a secret is shown once and never again', async (t) => {
  const body = { clientId: 'dms.h91', role: 'agency', agency: 'H91', name: 'DMS H91' }
  const created = await call('POST', '/clients', { body })
  t.equal(created.status, 201, created.text)
  t.equal(created.headers['cache-control'], 'no-store')
  const { secret } = created.json() as { secret: string }
  t.ok(await takeToken(served, 'dms.h91', secret))
  t.match(await lastEvent(), { kind: 'client-changed', actor: 'ops.admin', agency_code: 'H91' })
  isProblem(t, await call('POST', '/clients', { body }), 'already-exists')

  const rotated = await call('POST', '/clients/dms.h91/secret', { body: { graceSeconds: 3600 } })
  const { secret: next } = rotated.json() as { secret: string }
  t.not(next, secret)
  t.ok(await takeToken(served, 'dms.h91', secret), 'the old one works for a while')
  t.ok(await takeToken(served, 'dms.h91', next))
  await call('POST', '/clients/dms.h91/secret', { body: { graceSeconds: 0 } })
  await t.rejects(takeToken(served, 'dms.h91', next))

  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const keyed = await call('PUT', '/clients/dms.h91/keys', {
    body: { jwks: { keys: [{ ...jwk, kid: 'k1' }] } },
  })
  t.match(keyed.json(), { keyIds: ['k1'] })
  const secretKey = { ...privateKey.export({ format: 'jwk' }), kid: 'k2' }
  isProblem(
    t,
    await call('PUT', '/clients/dms.h91/keys', { body: { jwks: { keys: [secretKey] } } }),
    'request-invalid',
    ['key-private #/keys/0'],
  )
  const certificateSha256 = createHash('sha256').update('certificate').digest('hex')
  t.match((await call('PUT', '/clients/dms.h91/certificate', { body: { certificateSha256 } })).json(), {
    certificateSha256,
  })
  t.match((await call('DELETE', '/clients/dms.h91/secret')).json(), { clientId: 'dms.h91' })
  t.match((await call('POST', '/clients/dms.h91/revoke')).json(), { revokedAt: /^\d{4}-/ })
  isProblem(t, await call('POST', '/clients/dms.h91/revoke'), 'delivery-state-conflict')
  isProblem(t, await call('GET', '/clients/nobody'), 'not-found')
  isProblem(
    t,
    await call('POST', '/clients', { body: { ...body, clientId: 'x.admin', role: 'admin' } }),
    'request-invalid',
    ['agency-unfitting #/agency'],
  )
  const listed = await call('GET', '/clients?agency=H91')
  t.match(listed.json(), { items: [{ clientId: 'dms-H91' }, { clientId: 'dms.h91', agency: 'H91' }] })
  const all = `${listed.text}${(await call('GET', '/clients')).text}${served.logged()}`
  t.notOk(all.includes(secret) || all.includes(next))
})

t.test('routing: every change is a revision of its own, and explains the routes', async (t) => {
  const before = await call('GET', '/routing-table')
  t.strictSame((before.json() as { rules: unknown[] }).rules, [])
  const { revision } = before.json() as { revision: number }
  t.equal(before.headers.etag, `"${revision}"`)
  const rules = [
    { id: 'r1', channel: 'mailbox', recipient: 'H90.31', urgencyAtLeast: 2 },
    { id: 'r2', channel: 'mailbox', tier: 'commune', comment: 'các xã lấy từ hộp thư' },
  ]
  const drafts = draftCalls(served)
  const second = await tokenOf('second.admin', 'admin')
  const stale = await drafts.submitted(t, admin, { kind: 'routing', content: [] })
  await drafts.enforce(t, admin, second, { kind: 'routing', content: rules })
  t.match((await call('GET', '/routing-table')).json(), {
    revision: revision + 1,
    author: 'ops.admin',
    approvedBy: 'second.admin',
    rules,
  })
  t.match(await lastEvent(), {
    kind: 'draft-applied',
    detail: { of: 'routing', revision: revision + 1, author: 'ops.admin', approver: 'second.admin' },
  })
  isProblem(t, await drafts.approve(second, stale), 'revision-conflict')
  const list = (await call('GET', '/routing-table/revisions?limit=1')).json() as {
    items: { revision: number }[]
    nextCursor: string
  }
  t.strictSame(
    list.items.map((one) => one.revision),
    [revision + 1],
  )
  const next = (await call('GET', `/routing-table/revisions?limit=1&cursor=${list.nextCursor}`)).json()
  t.match(next, { items: [{ revision }], nextCursor: null })
  t.match((await call('GET', `/routing-table/revisions/${revision}`)).json(), { revision, rules: [] })
  isProblem(t, await call('GET', '/routing-table/revisions/2147483647'), 'not-found')

  const wrong = [
    { id: 'a', channel: 'mailbox', recipient: 'X99' },
    { id: 'a', channel: 'mailbox', sender: '41-cu', tier: 'galaxy' },
  ]
  const begun = shownDraft(await drafts.create(admin, { kind: 'routing', content: wrong }))
  isProblem(t, await drafts.step(admin, 'submit', begun), 'request-invalid', [
    'agency-unknown #/content/0/recipient',
    'rule-id-repeated #/content/1/id',
    'agency-unknown #/content/1/sender',
    'tier-unknown #/content/1/tier',
  ])
  const sent = await gateway.submit(
    'H90',
    await documentPacket({ from: 'H90', to: ['H90.31'], documentId: 'r1' }),
  )
  const detail = (await call('GET', `/deliveries/${sent.claims.recipients[0]!.delivery}`)).json()
  t.match(detail, {
    route: { revision: revision + 1, rule: 'r2', tried: [{ rule: 'r1', because: 'urgencyAtLeast' }] },
  })
})

t.test('deliveries: found, retried and cancelled', async (t) => {
  const to = ['G90', 'H91']
  const sent = await gateway.submit('H90', await documentPacket({ from: 'H90', to, documentId: 'd1' }))
  const of = (agency: string) => sent.claims.recipients.find((one) => one.agency === agency)!.delivery
  const [failed, cancelled] = [of('G90'), of('H91')]
  await gateway.api.pool.query(
    `update delivery set state = 'failed', next_attempt_at = null, attempts = 10, reason = '{"code":"http-status"}'
      where id = $1`,
    [failed],
  )
  await gateway.api.pool.query('delete from outbox')
  const ids = async (query: string) =>
    ((await call('GET', `/deliveries?${query}`)).json() as { items: { id: string }[] }).items.map(
      ({ id }) => id,
    )
  t.strictSame(await ids('state=failed'), [failed])
  t.strictSame(await ids(`recipient=H91&state=waiting&sender=H90&tier=province`), [cancelled])
  t.strictSame(await ids(`document=${sent.claims.document}&olderThanSeconds=100000`), [])
  t.same(new Set(await ids(`document=${sent.claims.document}`)), new Set([failed, cancelled]))

  isProblem(t, await call('POST', `/deliveries/${cancelled}/retry`), 'delivery-state-conflict')
  const retried = await call('POST', `/deliveries/${failed}/retry`)
  t.match(retried.json(), { state: 'waiting', attempts: 0, reason: null })
  const { rows } = await gateway.api.pool.query('select delivery_id from outbox')
  t.strictSame(rows, [{ delivery_id: failed }], 'the outbox is told in the same transaction')
  t.match(await lastEvent(), {
    kind: 'delivery-retried',
    detail: { before: { state: 'failed', attempts: 10 }, after: { state: 'waiting' } },
  })
  await gateway.deliverDue()
  const arrived = (await call('GET', `/deliveries/${failed}`)).json()
  t.match(arrived, { state: 'available', attempts: 1, attemptRecords: [{ state: 'succeeded' }] })

  const body = { reason: 'gửi nhầm nơi nhận' }
  const withdrawn = await call('POST', `/deliveries/${cancelled}/cancel`, { body })
  t.match(withdrawn.json(), {
    state: 'withdrawn',
    nextAttemptAt: null,
    reason: { code: 'cancelled', actor: 'ops.admin', explanation: { vi: /gửi nhầm nơi nhận$/ } },
  })
  t.match(await lastEvent(), { kind: 'delivery-cancelled', actor: 'ops.admin' })
  isProblem(t, await call('POST', `/deliveries/${cancelled}/cancel`, { body }), 'delivery-state-conflict')
  await gateway.api.pool.query(
    `update delivery set state = 'handed-over', handed_over_at = now() where id = $1`,
    [failed],
  )
  isProblem(t, await call('POST', `/deliveries/${failed}/cancel`, { body }), 'delivery-state-conflict')
})

t.test('failures: one for each cause, and all of one cause begin anew together', async (t) => {
  const { pool } = gateway.api
  const submitted = async (documentId: string, to: string[]) =>
    (await gateway.submit('H90', await documentPacket({ from: 'H90', to, documentId }))).claims
  const poison = await submitted('H90,2026/11/20,701/UB', ['G90', 'H91', 'H90.31'])
  const closed = await submitted('H90,2026/11/20,702/UB', ['G90'])
  const died = { code: 'workers-died', explanation: { vi: 'đã chết', en: 'died' } }
  for (const [{ document }, reason] of [
    [poison, died],
    [closed, { code: 'http-status' }],
  ] as const)
    await pool.query(
      `update delivery set state = 'failed', next_attempt_at = null, attempts = 10, reason = $2 where document_id = $1`,
      [document, JSON.stringify(reason)],
    )
  const causes = async (query = '') => (await call('GET', `/failures${query}`)).json()
  const one = { cause: 'workers-died', channel: 'mailbox', deliveries: 3, documents: 1, recipients: 3 }
  t.match(await causes(), {
    items: [
      { ...one, explanation: { en: 'died' } },
      { cause: 'http-status', deliveries: 1, explanation: null },
    ],
  })
  t.match(await causes(`?document=${closed.document}`), { items: { length: 1 } })
  t.strictSame(await causes('?state=waiting&tier=commune'), { items: [] })
  isProblem(t, await call('POST', '/failures/retry', { body: {} }), 'request-invalid', [
    'schema-required #/body/cause',
  ])

  const recipient = { cause: 'workers-died', recipient: 'H91' }
  t.strictSame((await call('POST', '/failures/retry', { body: recipient })).json(), {
    retried: 1,
    more: false,
  })
  const rest = await call('POST', '/failures/retry', { body: { cause: 'workers-died' } })
  t.strictSame(rest.json(), { retried: 2, more: false })
  t.match(await lastEvent(), { kind: 'delivery-retried', detail: { before: { reason: died } } })
  t.match(await causes(), { items: [{ cause: 'http-status' }] }, 'the other cause is left alone')
  await gateway.deliverDue()
  const { rows } = await pool.query('select distinct state from delivery where document_id = $1', [
    poison.document,
  ])
  t.strictSame(rows, [{ state: 'available' }])
})

t.test('health: what waits, what fails and how the dependencies stand', async (t) => {
  await gateway.submit('H90', await documentPacket({ from: 'H90', to: ['G90'], documentId: 'h1' }))
  await gateway.api.pool.query(
    `insert into attempt (delivery_id, epoch, channel, worker, state, finished_at, detail)
      select id, 99, 'https-push', 'w', 'retryable-failure', now(), '{"code":"timeout"}' from delivery limit 1`,
  )
  const health = await call('GET', '/health')
  t.match(health.json(), {
    postgres: { fsync: /^o/, synchronous_commit: 'on', server_version: /^\d/ },
    blobStore: { writable: true, problem: null },
    queue: { kind: 'postgres' },
    failures: [{ channel: 'https-push', cause: 'timeout', attempts: 1, recipients: 1 }],
  })
  const { deliveries, oldestWaiting, outboxLength } = health.json() as {
    deliveries: { tier: string; state: string; count: number }[]
    oldestWaiting: { tier: string }[]
    outboxLength: number
  }
  t.ok(deliveries.some(({ tier, state }) => tier === 'central' && state === 'waiting'))
  t.ok(oldestWaiting.some(({ tier }) => tier === 'central'))
  t.ok(outboxLength > 0)
  t.match(health.json(), {
    timestamps: { level: 'B-B', secondsWithout: null, graceSeconds: 14_400, waiting: [{ level: 'B-T' }] },
  })
})

t.test('health: the queue of each tier, also where it does not answer', async (t) => {
  const { queue } = gateway.api.config
  await migrateQueue(queue)
  const depths = ['central', 'commune', 'district', 'province'].map((tier) => ({ tier, depth: 0 }))
  t.strictSame((await call('GET', '/health')).json().queue, { kind: 'postgres', state: 'up', depths })

  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const unreachable = [`redis://127.0.0.1:${port}`, 'redis://127.0.0.1:1']
  for (const url of unreachable) {
    const queueProbe = createQueueProbe({ kind: 'redis', url })
    const without = await serveApp(t, gateway, { context: { queueProbe } })
    const began = performance.now()
    const answer = await without.ask('/admin/v1/health', { headers: bearer(admin) })
    t.equal(answer.status, 200, answer.text)
    t.match(answer.json(), {
      queue: { kind: 'redis', state: 'down', depths: [] },
      postgres: { synchronous_commit: 'on' },
      blobStore: { writable: true },
    })
    t.ok(performance.now() - began < 5_000)
    await queueProbe.close()
  }
})

t.test('health: the level of seals, by who may be asked at this moment', async (t) => {
  const { config } = gateway.api
  const urls = ['http://127.0.0.1:1/tsa']
  for (const [isAnybody, level] of [
    [false, 'B-T'],
    [true, 'B-LT'],
  ] as const) {
    const api = {
      ...gateway.api,
      config: { ...config, stamping: { ...config.stamping, urls } },
      asksRevocation: () => isAnybody,
    }
    const { ask } = await serveApp(t, { ...gateway, api })
    const answer = await ask('/admin/v1/health', { headers: bearer(admin) })
    t.match(answer.json(), { timestamps: { level } })
  }
})

/** Every operation, as a path that is well formed. */
const ID = '01890000-0000-7000-8000-000000000000'
const OPERATIONS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/agencies'],
  ['GET', '/agencies/H90'],
  ['GET', '/directory/tree'],
  ['GET', '/directory/groups'],
  ['GET', '/directory/groups/X'],
  ['GET', '/directory/revisions'],
  ['GET', '/directory/revisions/1'],
  ['GET', '/agencies/H90/limits'],
  ['PUT', '/agencies/H90/limits'],
  ['GET', '/agencies/H90/endpoint'],
  ['POST', '/agencies/H90/endpoint/pause'],
  ['POST', '/agencies/H90/endpoint/resume'],
  ['GET', '/delegations'],
  ['POST', '/delegations'],
  ['DELETE', `/delegations/${ID}`],
  ['GET', '/clients'],
  ['POST', '/clients'],
  ['GET', '/clients/dms-H90'],
  ['POST', '/clients/dms-H90/secret'],
  ['DELETE', '/clients/dms-H90/secret'],
  ['PUT', '/clients/dms-H90/keys'],
  ['PUT', '/clients/dms-H90/certificate'],
  ['POST', '/clients/dms-H90/revoke'],
  ['GET', '/axis-systems'],
  ['POST', '/axis-systems'],
  ['GET', '/axis-systems/dms-H90'],
  ['PATCH', '/axis-systems/dms-H90'],
  ['POST', '/axis-systems/dms-H90/confirm'],
  ['POST', '/axis-systems/dms-H90/secret'],
  ['POST', '/axis-systems/dms-H90/revoke'],
  ['GET', '/axis-arrivals'],
  ['GET', `/axis-arrivals/${ID}`],
  ['POST', `/axis-arrivals/${ID}/retry`],
  ['GET', '/routing-table'],
  ['GET', '/routes/explain'],
  ['GET', '/routing-table/revisions'],
  ['GET', '/routing-table/revisions/1'],
  ['GET', '/directory.csv'],
  ['GET', '/directory.xlsx'],
  ['GET', '/routing-table.csv'],
  ['GET', '/routing-table.xlsx'],
  ['POST', '/drafts'],
  ['POST', '/drafts/import'],
  ['GET', '/drafts'],
  ['GET', `/drafts/${ID}`],
  ['PUT', `/drafts/${ID}/content`],
  ['POST', `/drafts/${ID}/submit`],
  ['POST', `/drafts/${ID}/reopen`],
  ['POST', `/drafts/${ID}/withdraw`],
  ['POST', `/drafts/${ID}/rebase`],
  ['POST', `/drafts/${ID}/approve`],
  ['GET', `/drafts/${ID}/diff`],
  ['GET', `/drafts/${ID}/effect`],
  ['POST', '/routing-table/revisions/2147483647/revert'],
  ['POST', '/directory/revisions/2147483647/revert'],
  ['GET', '/deliveries'],
  ['GET', '/failures'],
  ['POST', '/failures/retry'],
  ['GET', `/deliveries/${ID}`],
  ['POST', `/deliveries/${ID}/retry`],
  ['POST', `/deliveries/${ID}/cancel`],
  ['GET', '/agency-keys'],
  ['POST', '/agency-keys'],
  ['DELETE', `/agency-keys/${ID}`],
  ['GET', '/certificates'],
  ['GET', '/health'],
]

t.test('every operation is for administrators alone', async (t) => {
  const { paths } = (await served.ask('/admin/v1/openapi.json')).json() as {
    paths: Record<string, Record<string, { operationId?: string; summary?: string; tags?: string[] }>>
  }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => {
      if (!path.includes('probe')) t.ok(one.operationId && one.summary && one.tags, `${method} ${path}`)
      return `${method.toUpperCase()} ${path}`
    }),
  )
  t.equal(
    described.filter((one) => !one.includes('probe')).length,
    OPERATIONS.length,
    'each is in this table',
  )
  const [agency, auditor] = [await tokenOf('an.agency', 'agency'), await tokenOf('an.auditor', 'auditor')]
  for (const [method, path] of OPERATIONS) {
    for (const token of [agency, auditor]) {
      const answer = await call(method, path, { token })
      t.equal(answer.status, 403, `${method} ${path}`)
      isProblem(t, answer, 'scope-insufficient')
    }
    t.equal(
      (await served.ask(`/admin/v1${path}`, { method: method as 'GET' })).status,
      401,
      `${method} ${path}`,
    )
  }
})

t.test('malformed input of every operation is named, never a failure of ours', async (t) => {
  const junk: readonly Call[] = [
    { body: '{' },
    { body: '[]' },
    { body: 'null' },
    { body: { unknown: 1 } },
    { body: { name: '\ud800', code: '\0', reason: 'a\0b' } },
    { body: { name: 'x'.repeat(2_000_000) } },
    { body: '<a/>', headers: { 'content-type': 'application/xml' } },
    { headers: { 'if-match': '"99999999999999999999"' } },
    { headers: { 'if-match': '*' }, body: {} },
  ]
  for (const [method, path] of OPERATIONS) {
    const hasBody = ['POST', 'PUT', 'PATCH'].includes(method)
    for (const one of hasBody ? junk : []) {
      if (/pause|resume|revoke|retry|DELETE/.test(`${method} ${path}`)) continue
      const answer = await call(method, path, one)
      t.ok(answer.status >= 400 && answer.status < 500, `${method} ${path} ${answer.text.slice(0, 300)}`)
    }
    for (const query of [
      '?nonsense=1',
      '?limit=0',
      '?limit=x',
      '?limit=501',
      '?cursor=%00',
      '?cursor=x',
      '?text=%00',
    ]) {
      if (
        method !== 'GET' ||
        !/^\/(agencies|delegations|clients|axis-systems|axis-arrivals|deliveries|drafts|routing-table\/revisions)$/.test(
          path,
        )
      )
        continue
      const answer = await call(method, `${path}${query}`)
      t.ok(
        answer.status >= 400 && answer.status < 500,
        `${method} ${path}${query} ${answer.text.slice(0, 300)}`,
      )
      t.match(answer.json(), { code: /^(request-invalid|cursor-invalid)$/ })
    }
  }
  const cursors = [['2147483648'], [2 ** 31], ['a', 'b'], [`${ID}x`], ['\0'], {}, [-1]]
  for (const path of [
    'agencies',
    'delegations',
    'clients',
    'axis-systems',
    'axis-arrivals',
    'deliveries',
    'drafts',
    'routing-table/revisions',
  ]) {
    for (const position of cursors) {
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url')
      const answer = await call('GET', `/${path}?cursor=${cursor}`)
      t.ok(
        answer.status === 400 || answer.status === 200,
        `${path} ${JSON.stringify(position)} ${answer.text}`,
      )
    }
  }
  for (const path of [
    '/agencies/%00',
    '/agencies/%20',
    '/agencies/%ff',
    '/deliveries/1',
    '/delegations/x',
    '/clients/%00',
    '/axis-systems/%00',
    '/axis-arrivals/1',
    '/axis-arrivals?state=x',
    '/routing-table/revisions/0',
    '/routing-table/revisions/x',
    '/deliveries?state=x',
    '/drafts?state=x',
    '/drafts/1',
    `/drafts/${ID}/effect?days=32`,
    '/deliveries?document=1',
    '/deliveries?olderThanSeconds=99999999999',
    '/agencies?tier=A',
    `/agencies/${'9'.repeat(299)}`,
  ]) {
    const answer = await call('GET', path)
    t.ok(answer.status >= 400 && answer.status < 500, `${path} ${answer.text}`)
  }
  isProblem(t, await call('PUT', `/drafts/${ID}/content`, { body: { content: [] } }), 'request-invalid', [
    'schema-required #/headers/if-match',
  ])
  const delegation = { agency: 'H90', delegate: 'H91', validFrom: '2026-01-01', validTo: null }
  const body = { ...delegation, agency: 'bad code', validFrom: '2026-02-30', extra: 1 }
  isProblem(t, await call('POST', '/delegations', { body }), 'request-invalid', [
    'schema-additionalproperties #/body/extra',
    'schema-format #/body/validFrom',
    'schema-pattern #/body/agency',
  ])
  isProblem(
    t,
    await call('POST', '/delegations', { body: { ...delegation, agency: 'a\0b' } }),
    'request-invalid',
    ['character-forbidden #/body/agency'],
  )
})
