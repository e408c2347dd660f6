import { readFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { createLocalJWKSet, jwtVerify } from 'jose'
import t, { type Test } from 'tap'
import { createPool } from '../../src/db/pool.ts'
import { PROBLEMS } from '../../src/domain/problem.ts'
import { DOOR_PREFIXES } from '../../src/http/auth/audience.ts'
import { databaseCheck } from '../../src/http/health/readiness.ts'
import { startHealthServer } from '../../src/http/health/server.ts'
import { type TestGateway, testGateway } from '../support/gateway.ts'
import {
  type Answer,
  addClient,
  basic,
  bearer,
  FORM,
  type HttpApp,
  serveApp,
  takeToken,
} from '../support/http-app.ts'
import { waitFor } from '../support/wait-for.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const STACK = /\bat .+:\d+:\d+|node_modules|\.ts:\d+|node:internal/

/** That an answer is a problem document, complete, and tells nothing of our inner workings. */
function isProblem(t: Test, answer: Answer, code: keyof typeof PROBLEMS, what: string): void {
  t.equal(answer.status, PROBLEMS[code].status, `${what}: status`)
  t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8', what)
  t.match(answer.json(), { code, type: `/problems/${code}`, status: PROBLEMS[code].status }, what)
  t.match(answer.json(), { title: String, advice: String, texts: { vi: { title: String } } }, what)
  t.match(answer.json().traceId, /^[0-9a-f-]{36}$/, what)
  t.notMatch(answer.text, STACK, `${what}: no stack`)
}

const gateway = await testGateway(t)

t.test('the application', async (t) => {
  const served = await serveApp(t, gateway)
  const secret = await addClient(served.context, 'dms.app', 'agency')
  const token = await takeToken(served, 'dms.app', secret)

  await t.test('paths, methods and bodies that are wrong are problems', async (t) => {
    const post = { method: 'POST', headers: { ...JSON_TYPE, ...bearer(token) } } as const
    isProblem(t, await served.ask('/nowhere'), 'not-found', 'unknown path')
    isProblem(
      t,
      await served.ask('/v1/nowhere', { ...post, body: '{' }),
      'not-found',
      'unknown path, bad body',
    )
    isProblem(t, await served.ask('/v1/%zz'), 'request-malformed', 'bad percent-encoding')
    isProblem(t, await served.ask('/v1/%c0%ae'), 'request-malformed', 'overlong UTF-8')
    const wrongMethod = await served.ask('/v1/probe', { method: 'DELETE' })
    isProblem(t, wrongMethod, 'method-not-allowed', 'method')
    t.equal(wrongMethod.headers.allow, 'GET, HEAD, POST')
    isProblem(
      t,
      await served.ask('/v1/probe', { ...post, body: '{"name":' }),
      'request-malformed',
      'half JSON',
    )
    isProblem(t, await served.ask('/v1/probe', { ...post, body: '' }), 'request-malformed', 'no JSON')
    const poisoned = '{"name":"ab","__proto__":{"admin":true}}'
    isProblem(t, await served.ask('/v1/probe', { ...post, body: poisoned }), 'request-malformed', 'poisoned')
    const xml = { ...post, headers: { ...post.headers, 'content-type': 'application/xml' }, body: '<a/>' }
    isProblem(t, await served.ask('/v1/probe', xml), 'media-type-unsupported', 'media type')
    const huge = JSON.stringify({ name: 'x'.repeat(1_100_000) })
    isProblem(t, await served.ask('/v1/probe', { ...post, body: huge }), 'payload-too-large', 'size')
    isProblem(
      t,
      await served.ask('/v1/probe/broken', { headers: bearer(token) }),
      'internal-error',
      'a defect',
    )
  })

  await t.test('a body is taken as it is, and every fault in it is named', async (t) => {
    const post = (body: unknown, path = '/v1/probe') =>
      served.ask(path, {
        method: 'POST',
        headers: { ...JSON_TYPE, ...bearer(token) },
        body: JSON.stringify(body),
      })
    t.strictSame((await post({ name: 'An', count: 2 }, '/v1/probe?limit=3')).json(), {
      name: 'An',
      count: 2,
      limit: 3,
    })
    const answer = await post({ count: '2', extra: 1, more: 2 })
    isProblem(t, answer, 'request-invalid', 'faults')
    const errors = answer.json().errors as { path: string }[]
    const paths = ['#/body/count', '#/body/extra', '#/body/more', '#/body/name']
    t.strictSame(errors.map(({ path }) => path).sort(), paths)
    for (const body of [[], null, 'text', 7, true])
      isProblem(t, await post(body), 'request-invalid', JSON.stringify(body))
    isProblem(t, await post({ name: 'a\0b' }), 'request-invalid', 'NUL')
    isProblem(t, await post({ name: 'a\ud800b' }), 'request-invalid', 'half a surrogate pair')
    for (const limit of ['0', 'x', '', '1.5', '1e400']) {
      isProblem(
        t,
        await post({ name: 'An' }, `/v1/probe?limit=${limit}`),
        'request-invalid',
        `limit ${limit}`,
      )
    }
  })

  await t.test('the language of a problem is the one that the caller prefers', async (t) => {
    const english = await served.ask('/nowhere', { headers: { 'accept-language': 'en' } })
    t.equal(english.json().title, PROBLEMS['not-found'].title.en)
    t.equal(english.headers['content-language'], 'en')
    t.equal((await served.ask('/nowhere')).json().title, PROBLEMS['not-found'].title.vi)
  })

  await t.test('every problem has its page', async (t) => {
    for (const code of Object.keys(PROBLEMS)) {
      const { title } = PROBLEMS[code as keyof typeof PROBLEMS]
      t.match((await served.ask(`/problems/${code}`)).json(), { code, title })
      const page = await served.ask(`/problems/${code}`, { headers: { accept: 'text/html' } })
      t.match(page.headers['content-type'], /^text\/html/)
      t.match(page.text, `<code>${code}</code>`)
    }
    for (const code of ['nothing', 'toString', '__proto__', '%3Cscript%3E']) {
      isProblem(
        t,
        await served.ask(`/problems/${code}`, { headers: { accept: 'text/html' } }),
        'not-found',
        code,
      )
    }
  })

  await t.test('answers carry the headers of a careful API', async (t) => {
    const { headers } = await served.ask('/nowhere')
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': /default-src 'none'/,
      'referrer-policy': 'no-referrer',
    })
    t.notOk(headers.server ?? headers['x-powered-by'])
  })

  await belowRouting(t, served, token)
  await health(t, gateway, served)
  await openApi(t, served, token)
  await secretsInLogs(t, served)
})

/** What a server answers to bytes that are sent to it as they are, until it closes the connection. */
function sendRaw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(text))
    socket.write(bytes)
  })
}

async function belowRouting(t: Test, served: HttpApp, token: string) {
  await t.test('what is no HTTP is answered by a problem, and the connection ends', async (t) => {
    const head = 'POST /v1/probe HTTP/1.1\r\nHost: localhost\r\n'
    const cases: Record<string, [bytes: string, status: number, code: string]> = {
      'no HTTP at all': ['rubbish\r\n\r\n', 400, 'request-malformed'],
      'TLS on a plain port': ['\x16\x03\x01\x02\x00\x01\x00', 400, 'request-malformed'],
      'header without colon': [`${head}Rubbish\r\n\r\n`, 400, 'request-malformed'],
      'two lengths': [`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400, 'request-malformed'],
      'length and chunked': [
        `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        400,
        'request-malformed',
      ],
      'space before colon': [`${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400, 'request-malformed'],
      'headers too large': [`${head}X-Large: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
      'path too long': [
        `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        431,
        'headers-too-large',
      ],
    }
    for (const [what, [bytes, status, code]] of Object.entries(cases)) {
      const answer = await sendRaw(served.url, bytes)
      const [headers = '', body = ''] = answer.split('\r\n\r\n')
      t.match(headers, new RegExp(`^HTTP/1.1 ${status} `), what)
      t.match(headers, 'application/problem+json', what)
      t.match(JSON.parse(body), { code, status, traceId: String }, what)
      t.equal(Number(/content-length: (\d+)/i.exec(headers)?.[1]), Buffer.byteLength(body), what)
      t.notMatch(answer, STACK, what)
    }
    t.equal((await served.ask('/livez')).status, 200, 'and the server goes on')
  })

  await t.test('a refusal is never taken for the answer to the request before it', async (t) => {
    const asked = 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n'
    t.equal(await sendRaw(served.url, `${asked}rubbish\r\n\r\n`), '', 'ended without a word')
    const head = 'POST /v1/probe HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const sent = `${head}Authorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`
    t.match(await sendRaw(served.url, sent), /^HTTP\/1.1 400 [\s\S]*"request-malformed"/, 'its own body')
  })
}

async function health(t: Test, gateway: TestGateway, served: HttpApp) {
  await t.test('ready while a document can be accepted durably', async (t) => {
    t.equal((await served.ask('/livez')).status, 200)
    const ready = await served.ask('/readyz')
    t.equal(ready.status, 200)
    t.strictSame(ready.json(), {
      status: 'ready',
      checks: [
        { name: 'database', state: 'up' },
        { name: 'directory', state: 'up' },
        { name: 'blobs', state: 'up' },
      ],
    })
    const noBlobs = {
      ...served.context.blobs,
      probe: () => Promise.reject(new Error('canary: /secret/path')),
    }
    const query = () => Promise.reject(new Error('canary: connect ECONNREFUSED'))
    const noDatabase = Object.assign(Object.create(served.context.pool), { query })
    const broken = await serveApp(t, gateway, { context: { blobs: noBlobs, pool: noDatabase } })
    const answer = await broken.ask('/readyz')
    t.equal(answer.status, 503)
    t.strictSame(answer.json(), {
      status: 'not-ready',
      checks: [
        { name: 'database', state: 'down', reason: 'unavailable' },
        { name: 'directory', state: 'up' },
        { name: 'blobs', state: 'down', reason: 'unavailable' },
      ],
    })
    t.equal((await broken.ask('/livez')).status, 200)
    t.equal((await broken.ask('/metrics')).status, 200, 'metrics without a database')
    isProblem(t, await broken.ask('/v1/probe', { headers: bearer('x.y.z') }), 'token-invalid', 'door')
  })

  await t.test('a database that cannot be written, or may lose a commit, is not ready', async (t) => {
    const { pool, config } = served.context
    const url = new URL(config.databaseUrl)
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    const options = { databaseUrl: url.href, max: 1, applicationName: 'test', onError: () => undefined }
    const readOnly = createPool(options)
    t.teardown(() => readOnly.end())
    const answer = await (await serveApp(t, gateway, { context: { pool: readOnly } })).ask('/readyz')
    t.equal(answer.status, 503)
    t.match(answer.json(), { checks: [{ name: 'database', state: 'down', reason: 'read-only' }] })
    const { rows } = await pool.query<{ fsync: string }>('show fsync')
    const expected = rows[0]?.fsync === 'on' ? null : 'off: fsync, full_page_writes, synchronous_commit'
    t.equal(await databaseCheck(pool, 'production').check(), expected, `fsync ${rows[0]?.fsync}`)
    t.equal(await databaseCheck(pool, 'development').check(), null)
  })

  await t.test('metrics tell requests, problems and what lies in the database', async (t) => {
    const { pool } = served.context
    await pool.query(
      `insert into document (id, kind, operation, sender_code, client_id, submission_key, packet_sha256, packet_length,
          urgency, search_text, envelope, signature_report, legal_value, seal_sha256, receipt, accepted_at)
        values (gen_random_uuid(), 'document', 'new', 'H91', 'dms-H91', 'k', repeat('0', 64), 1, 0, '', '{}', '{}',
          'reference-only', repeat('0', 64), '', clock_timestamp() - interval '100 seconds')`,
    )
    await pool.query(
      `insert into delivery (id, document_id, kind, recipient_code, tier, urgency, channel, route, next_attempt_at)
        select gen_random_uuid(), id, kind, 'H90', 'province', 0, 'mailbox', '{}', clock_timestamp() from document`,
    )
    await pool.query(
      'insert into outbox (delivery_id, epoch, tier, urgency) select id, 0, tier, 0 from delivery',
    )
    const fresh = await serveApp(t, gateway)
    await fresh.ask('/v1/probe')
    const { text, headers } = await waitForMetrics(fresh, /route="\/v1\/probe",status="401"} 1/)
    t.match(headers['content-type'], /^text\/plain/)
    t.match(text, 'tram_deliveries{tier="province",state="waiting"} 1')
    t.ok(Number(/tram_oldest_waiting_delivery_seconds{tier="province"} (\d+)/.exec(text)?.[1]) >= 100)
    t.match(text, 'tram_outbox_length 1')
    t.match(text, 'tram_problems_total{code="token-missing"} 1')
    t.match(text, 'process_cpu_seconds_total')
  })

  await t.test('a worker serves the same, and is ready while work is consumed', async (t) => {
    let consuming = true
    const server = await startHealthServer(gateway.worker, () => consuming)
    t.teardown(() => server.close())
    const get = (path: string) => fetch(`${server.url}${path}`)
    t.equal((await get('/readyz')).status, 200)
    consuming = false
    const answer = await waitFor(async () => {
      const asked = await get('/readyz')
      return asked.status === 503 && asked
    })
    t.match(await answer.json(), {
      checks: [{ state: 'up' }, { state: 'up' }, { state: 'up' }, { name: 'consumption', state: 'down' }],
    })
    t.equal((await get('/livez')).status, 200)
    t.match(await (await get('/metrics')).text(), 'tram_outbox_length')
    t.match(await (await get('/nowhere')).json(), { code: 'not-found' })
  })

  await t.test('nor is a worker ready that cannot use the blob store', async (t) => {
    const probe = () => Promise.reject(new Error('canary: /secret/path'))
    const blobs = { ...gateway.worker.blobs, probe }
    const server = await startHealthServer({ ...gateway.worker, blobs }, () => true)
    t.teardown(() => server.close())
    const answer = await fetch(`${server.url}/readyz`)
    t.equal(answer.status, 503)
    t.strictSame(await answer.json(), {
      status: 'not-ready',
      checks: [
        { name: 'database', state: 'up' },
        { name: 'directory', state: 'up' },
        { name: 'blobs', state: 'down', reason: 'unavailable' },
        { name: 'consumption', state: 'up' },
      ],
    })
  })
}

const waitForMetrics = (served: HttpApp, wanted: RegExp): Promise<Answer> =>
  waitFor(async () => {
    const answer = await served.ask('/metrics')
    return wanted.test(answer.text) && answer
  })

interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}
interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly responses?: Record<string, unknown>
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown> }> }
}

async function openApi(t: Test, served: HttpApp, token: string) {
  for (const [role, prefix] of Object.entries(DOOR_PREFIXES)) {
    await t.test(`the OpenAPI document of ${role}`, async (t) => {
      const answer = await served.ask(`${prefix}/openapi.json`)
      t.equal(answer.status, 200)
      const document: OpenApi = JSON.parse(answer.text)
      const snapshot = new URL(`../../schemas/openapi/${role}.json`, import.meta.url)
      t.strictSame(document, JSON.parse(await readFile(snapshot, 'utf8')), 'npm run openapi is up to date')
      t.equal(document.openapi, '3.1.0')
      const ids = new Set<string>()
      for (const { path, method, operation } of operationsOf(document)) {
        const name = `${method} ${path}`
        t.ok(path.startsWith(`${prefix}/`), `${name} stands behind its door`)
        t.ok(operation.summary && operation.tags?.length && operation.operationId, `${name} says what it is`)
        t.notOk(ids.has(operation.operationId ?? ''), `${name} has a name of its own`)
        ids.add(operation.operationId ?? '')
        for (const status of ['401', '403', '500'])
          t.ok(operation.responses?.[status], `${name} tells ${status}`)
        t.strictSame(openObjects(operation), [], `${name} refuses fields that it does not know`)
        const url = path.replaceAll(/\{[^}]+\}/g, '00000000-0000-7000-8000-000000000000')
        const ask = { method: method.toUpperCase() as 'GET' }
        isProblem(t, await served.ask(url, ask), 'token-missing', name)
        if (role === 'agency') continue
        isProblem(t, await served.ask(url, { ...ask, headers: bearer(token) }), 'scope-insufficient', name)
      }
    })
  }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [{ path, method, operation }]
    }),
  )

/** Objects in a JSON body that take any field. */
function openObjects({ requestBody }: Operation): string[] {
  const schema = requestBody?.content['application/json']?.schema
  return schema === undefined ? [] : open(schema, '#')
}

function open(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const isOpen = 'properties' in schema && !('additionalProperties' in schema)
  return [
    ...(isOpen ? [path] : []),
    ...Object.entries(schema).flatMap(([name, part]) => open(part, `${path}/${name}`)),
  ]
}

async function secretsInLogs(t: Test, served: HttpApp) {
  await t.test('secrets never reach the log, whatever goes wrong', async (t) => {
    const canary = (n: number) => `canary-${n}-7d1f0c`
    const secret = await addClient(served.context, 'dms.canary', 'agency')
    const token = await takeToken(served, 'dms.canary', secret)
    const form = { method: 'POST', headers: FORM } as const
    const asks: [string, Parameters<HttpApp['ask']>[1]][] = [
      [
        '/oauth2/token',
        {
          ...form,
          headers: { ...FORM, authorization: basic('dms.canary', canary(1)) },
          body: 'grant_type=client_credentials',
        },
      ],
      ['/oauth2/token', { ...form, body: `grant_type=client_credentials&client_secret=${canary(2)}` }],
      ['/oauth2/token', { ...form, body: `grant_type=client_credentials&client_assertion=${canary(3)}` }],
      ['/oauth2/token', { ...form, body: `${canary(4)}=${canary(4)}` }],
      [`/v1/probe?access_token=${canary(5)}`, { headers: bearer(canary(6)) }],
      [`/v1/probe?q=${canary(7)}`, { headers: { ...bearer(token), cookie: canary(8) } }],
      [
        '/v1/probe',
        { method: 'POST', headers: { ...JSON_TYPE, ...bearer(token) }, body: `{"name":"${canary(9)}` },
      ],
      [
        '/v1/probe',
        {
          method: 'POST',
          headers: { ...JSON_TYPE, ...bearer(token) },
          body: `{"name":7,"x":"${canary(10)}"}`,
        },
      ],
      [`/v1/probe/${canary(11)}`, { headers: bearer(token) }],
      [`/v1/%zz${canary(12)}`, { headers: bearer(token) }],
      ['/v1/probe/broken', { headers: { ...bearer(token), 'x-api-key': canary(13) } }],
    ]
    for (const [path, ask] of asks) t.ok((await served.ask(path, ask)).status < 600)
    await sendRaw(served.url, `GET / HTTP/1.1\r\nAuthorization ${canary(14)}\r\n\r\n`)
    await waitFor(() => served.logged().includes('/v1/probe/broken'))
    const logged = served.logged()
    t.match(logged, 'token refused', 'refusals are logged')
    t.match(logged, 'request failed', 'defects are logged')
    t.match(logged, '"route":"/v1/probe"', 'by route')
    for (const planted of [secret, token, token.split('.')[2] ?? token, 'canary-'])
      t.notOk(logged.includes(planted))
    const keys = createLocalJWKSet({ keys: (await served.ask('/.well-known/jwks.json')).json().keys as [] })
    await t.resolves(jwtVerify(token, keys), 'what was looked for is a real token')
  })
}

t.test('limits of one agency are no limits of another, and hold for all its clients', async (t) => {
  const served = await serveApp(t, gateway, { http: { rateLimit: 5 } })
  const busy = await takeToken(served, 'dms.busy', await addClient(served.context, 'dms.busy', 'agency'))
  const twin = await takeToken(served, 'dms.twin', await addClient(served.context, 'dms.twin', 'agency'))
  const calm = await takeToken(
    served,
    'dms.calm',
    await addClient(served.context, 'dms.calm', 'agency', 'H91'),
  )
  const ask = (token: string) => served.ask('/v1/probe', { headers: bearer(token) })
  for (let n = 0; n < 5; n++) t.equal((await ask(busy)).status, 200)
  const limited = await ask(busy)
  isProblem(t, limited, 'rate-limited', 'sixth')
  t.match(limited.headers, { 'ratelimit-policy': '"requests";q=5;w=60', ratelimit: /^"requests";r=0;t=\d+$/ })
  const limit = { name: 'requestsPerMinute', agency: 'H90', quota: 5, remaining: 0 }
  t.strictSame(limited.json().limit, limit, 'which limit, and whose')
  t.equal((await ask(twin)).status, 429, 'the agency has no more by another client')
  t.ok(Number(limited.headers['retry-after']) >= 1 && Number(limited.headers['retry-after']) <= 60)
  t.equal((await ask(calm)).status, 200, 'the other agency goes on')
  const form = { method: 'POST', headers: FORM, body: 'grant_type=client_credentials' } as const
  const statuses: number[] = []
  for (let n = 0; n < 5; n++) statuses.push((await served.ask('/oauth2/token', form)).status)
  t.strictSame(statuses, [401, 401, 429, 429, 429], 'the token endpoint counts by address')
  isProblem(t, await served.ask('/oauth2/token', form), 'rate-limited', 'token endpoint')
  t.equal((await served.ask('/livez')).status, 200, 'probes are not counted')
})

t.test('what is refused is counted by address, and shuts out nobody with a good token', async (t) => {
  const served = await serveApp(t, gateway, { http: { rateLimit: 5 } })
  const token = await takeToken(
    served,
    'dms.good',
    await addClient(served.context, 'dms.good', 'agency', 'H90.31'),
  )
  const statusOf = async (path: string, ask?: Parameters<HttpApp['ask']>[1]) =>
    (await served.ask(path, ask)).status
  const bad = { headers: bearer('a.b.c') }
  const statuses = [
    await statusOf('/v1/probe', bad),
    await statusOf('/v1/probe'),
    await statusOf('/nowhere'),
    await statusOf('/v1/probe', { method: 'DELETE' }),
    await statusOf('/admin/v1/probe', { headers: bearer(token) }),
  ]
  t.strictSame(statuses, [401, 401, 404, 405, 403])
  const refused: [string, Parameters<HttpApp['ask']>[1]][] = [
    ['/v1/probe', bad],
    ['/v1/probe', {}],
    ['/nowhere', {}],
    ['/v1/probe', { method: 'DELETE' }],
    ['/auditor/v1/probe', { headers: bearer(token) }],
  ]
  for (const [path, ask] of refused) {
    const answer = await served.ask(path, ask)
    isProblem(t, answer, 'rate-limited', path)
    t.ok(Number(answer.headers['retry-after']) >= 1 && Number(answer.headers['retry-after']) <= 60)
  }
  t.equal(await statusOf('/v1/probe', { headers: bearer(token) }), 200, 'a good token passes')
})

t.test('a server that stops says so to whoever still asks', async (t) => {
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const served = await serveApp(t, gateway, { prepare: (app) => app.addHook('preClose', () => held) })
  t.equal((await served.ask('/livez')).status, 200)
  const closed = served.app.close()
  const answer = await waitFor(async () => {
    const asked = await served.ask('/livez')
    return asked.status === 503 && asked
  })
  isProblem(t, answer, 'shutting-down', 'while stopping')
  t.match(answer.headers, { 'retry-after': '1', connection: 'close' })
  letGo()
  await t.resolves(closed)
})
