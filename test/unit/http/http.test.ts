import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { fastify } from 'fastify'
import t from 'tap'
import { Type } from 'typebox'
import { problemCatalogue } from '../../../scripts/problem-catalogue.ts'
import { publicKeys } from '../../../src/directory/client-keys.ts'
import { agencyCode, sha256 } from '../../../src/domain/identifiers.ts'
import { GatewayError, PROBLEMS } from '../../../src/domain/problem.ts'
import { collectAllowedMethods } from '../../../src/http/allowed-methods.ts'
import { issueAccessToken, readAccessToken } from '../../../src/http/auth/access-token.ts'
import { knownTokens } from '../../../src/http/auth/known-tokens.ts'
import { OAuthError } from '../../../src/http/auth/oauth-error.ts'
import { tokenKey } from '../../../src/http/auth/token-key.ts'
import { readTokenRequest } from '../../../src/http/auth/token-request.ts'
import { answerToUnreadable } from '../../../src/http/below-routing.ts'
import { fromText } from '../../../src/http/from-text.ts'
import { seldom } from '../../../src/http/health/metrics.ts'
import { readinessOf } from '../../../src/http/health/readiness.ts'
import { excerpt } from '../../../src/http/schemas/excerpt.ts'
import { toPage } from '../../../src/http/schemas/page.ts'
import { problemResponses } from '../../../src/http/schemas/problem.ts'

t.test('docs/problems.md is what PROBLEMS says', async (t) => {
  const written = await readFile(new URL('../../../docs/problems.md', import.meta.url), 'utf8')
  t.equal(written, problemCatalogue(), 'npm run problems is up to date')
})

t.test('problem responses stand under the status of each problem', async (t) => {
  const responses = problemResponses('not-found', 'claim-conflict', 'already-exists')
  t.match(responses[404], { description: /`not-found`/ })
  t.match(responses[409], { description: /`claim-conflict`.*`already-exists`/s })
  t.ok(responses[401] && responses[403] && responses[500], 'those of every operation')
})

t.test('a page ends before it is too long for an answer, and the next one goes on there', async (t) => {
  const rows = Array.from({ length: 12 }, (_, number) => ({ number, text: 'x'.repeat(3 * 1024 * 1024) }))
  const seen: number[] = []
  for (let next = 0, pages = 0; next < rows.length; pages++) {
    const page = toPage(
      rows.slice(next),
      rows.length,
      ({ number }) => [number],
      (row) => row,
    )
    t.ok(pages < 12 && page.items.length > 0)
    t.ok(JSON.stringify(page).length < 9 * 1024 * 1024)
    seen.push(...page.items.map(({ number }) => number))
    next = (seen.at(-1) ?? 0) + 1
    t.equal(page.nextCursor === null, next === rows.length)
  }
  t.strictSame(
    seen,
    rows.map(({ number }) => number),
  )
  const alone = toPage(
    [{ text: 'x'.repeat(20 * 1024 * 1024) }],
    1,
    () => [0],
    (row) => row,
  )
  t.equal(alone.items.length, 1, 'a page has its first item, whatever its length')
  t.equal(alone.nextCursor, null)
})

t.test('lists tell the beginning of a long text, cut between characters', async (t) => {
  t.equal(excerpt(null), null)
  for (const text of ['', 'đ'.repeat(1_000), '📜'.repeat(1_000)]) t.equal(excerpt(text), text)
  t.equal(excerpt('đ'.repeat(1_001)), `${'đ'.repeat(999)}…`)
  t.equal(excerpt(`a${'📜'.repeat(2_000_000)}`), `a${'📜'.repeat(998)}…`)
})

t.test('text is read as what a schema asks for, from its plain spelling alone', async (t) => {
  const schema = Type.Object({
    limit: Type.Integer(),
    share: Type.Number(),
    open: Type.Boolean(),
    states: Type.Array(Type.String()),
    text: Type.String(),
  })
  const read = (value: unknown) => fromText(schema, value)
  t.strictSame(read({ limit: '12', share: '-0.5', open: 'false', states: 'a', text: '1' }), {
    limit: 12,
    share: -0.5,
    open: false,
    states: ['a'],
    text: '1',
  })
  for (const limit of ['1.5', '1e3', '0x10', ' 1', '', '+1', 'NaN', '9'.repeat(20)]) {
    t.strictSame(read({ limit }), { limit }, JSON.stringify(limit))
  }
  t.strictSame(read({ open: 'toString', share: '.5', __proto__: null, constructor: '1' }), {
    open: 'toString',
    share: '.5',
    constructor: '1',
  })
  fc.assert(
    fc.property(fc.maxSafeInteger(), (limit) => {
      const given = String(limit)
      t.strictSame(read({ limit: given }), { limit: given.replace('-', '').length > 15 ? given : limit })
    }),
    { numRuns: 200 },
  )
})

t.test('a path knows its methods', async (t) => {
  const app = fastify()
  const allowed = collectAllowedMethods(app)
  app.get('/documents/:id', () => null)
  app.delete('/documents/:id', () => null)
  app.post('/documents/claim', () => null)
  t.strictSame(allowed('/documents/7'), ['DELETE', 'GET', 'HEAD'])
  t.strictSame(allowed('/documents/claim'), ['DELETE', 'GET', 'HEAD', 'POST'])
  for (const path of ['/documents', '/documents/', '/documents/7/x', '', '//'])
    t.strictSame(allowed(path), [], path)
})

t.test('access tokens say what they were issued for, at their own door, until they end', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = tokenKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const issuer = 'https://tram.example'
  const grant = {
    clientId: 'dms',
    role: 'agency',
    agency: agencyCode('H90'),
    certificate: sha256('ab'.repeat(32)),
  } as const
  const now = new Date('2026-11-21T00:00:00Z')
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const token = await issueAccessToken(key, issuer, grant, now)
  t.strictSame(await readAccessToken(key, issuer, 'agency', token, at(599)), grant)
  const read = knownTokens(key, issuer, 'agency')
  t.strictSame(await read(token, at(1)), grant)
  t.equal(await read(token, at(599.9)), await read(token, at(2)), 'the signature was verified once')
  await t.rejects(
    read(token, at(600)),
    { code: 'token-invalid' },
    'what is remembered ends when the token does',
  )
  await t.rejects(read(`${token.slice(0, -4)}AAAA`, at(1)), { code: 'token-invalid' })
  await t.rejects(knownTokens(key, issuer, 'admin')(token, at(1)), { code: 'scope-insufficient' })
  await t.rejects(readAccessToken(key, issuer, 'agency', token, at(600)), { code: 'token-invalid' })
  await t.rejects(readAccessToken(key, issuer, 'admin', token, at(1)), { code: 'scope-insufficient' })
  await t.rejects(readAccessToken(key, 'https://other.example', 'agency', token, at(1)), {
    code: 'token-invalid',
  })
  await t.rejects(readAccessToken(key, issuer, 'admin', `${token}A`, at(1)), { code: 'token-invalid' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  t.throws(() => tokenKey(rsa.export({ type: 'pkcs8', format: 'pem' }).toString()), /P-256/)
})

t.test('token requests of any form are read or refused by name, never worse', async (t) => {
  const grant = 'grant_type=client_credentials'
  const pair = (id: string, secret: string) => {
    const encoded = [id, secret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':')
    return `Basic ${Buffer.from(encoded).toString('base64')}`
  }
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'grapheme' }),
      (clientId, secret) => {
        const proof = readTokenRequest(grant, pair(clientId, secret))
        t.strictSame(proof, { method: 'client_secret_basic', clientId, secret })
      },
    ),
  )
  const anything = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), anything, (body, authorization) => {
      try {
        readTokenRequest(body, authorization)
        t.fail('read')
      } catch (error) {
        t.ok(error instanceof OAuthError)
      }
    }),
  )
})

t.test(
  'public keys: kept as their bare members, everything else refused without being repeated',
  async (t) => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = ec.publicKey.export({ format: 'jwk' })
    const kept = publicKeys({ keys: [{ ...jwk, use: 'enc', ext: true, note: 'x' }] })
    t.strictSame(kept, [{ crv: jwk.crv, kty: 'EC', x: jwk.x, y: jwk.y, kid: kept[0]?.kid, use: 'sig' }])
    t.match(kept[0]?.kid, /^[\w-]{43}$/)
    t.match(publicKeys({ keys: [{ ...jwk, kid: 'k1', alg: 'ES256' }] }), [{ kid: 'k1', alg: 'ES256' }])
    const secretPart = ec.privateKey.export({ format: 'jwk' })
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
    const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
    const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })
    const cases: [string, unknown, string][] = [
      ['private', { keys: [secretPart] }, 'key-private'],
      ['symmetric', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, 'key-private'],
      ['curve', { keys: [p384] }, 'key-weak'],
      ['short RSA', { keys: [rsa1024] }, 'key-weak'],
      ['Ed448', { keys: [ed448] }, 'key-weak'],
      ['wrong alg', { keys: [{ ...jwk, alg: 'HS256' }] }, 'key-kind-unsupported'],
      ['unknown kind', { keys: [{ kty: 'toString' }] }, 'key-kind-unsupported'],
      ['not on the curve', { keys: [{ ...jwk, x: jwk.y }] }, 'key-unreadable'],
      ['kid of another type', { keys: [{ ...jwk, kid: 7 }] }, 'key-unreadable'],
      ['twice', { keys: [jwk, jwk] }, 'key-id-repeated'],
      ['none', { keys: [] }, 'jwks-shape'],
      ['too many', { keys: Array(11).fill(jwk) }, 'jwks-shape'],
      ['no set', jwk, 'jwks-shape'],
      ['nothing', undefined, 'jwks-shape'],
      ['text', { keys: ['x'] }, 'jwks-shape'],
    ]
    for (const [what, jwks, code] of cases) {
      t.throws(() => publicKeys(jwks), { code: 'request-invalid', faults: [{ code }] }, what)
    }
    try {
      publicKeys({ keys: [secretPart] })
    } catch (error) {
      t.notMatch(JSON.stringify(error) + String(error), secretPart.d ?? 'no d')
    }
  },
)

t.test('what is done seldom is done once in its time, and rests in proportion', async (t) => {
  let now = 0
  let done = 0
  const work = seldom(
    async () => {
      now += 1_000
      done += 1
      return done
    },
    () => now,
  )
  t.strictSame(await Promise.all([work(), work()]), [1, 1], 'together')
  now = 20_999
  t.equal(await work(), 1, 'a second of work rests twenty')
  now = 21_001
  t.equal(await work(), 2)
})

t.test('readiness names what is down, and asks no more than once a second', async (t) => {
  let asked = 0
  const told: unknown[] = []
  const log = { warn: (entry: unknown) => void told.push(entry) }
  const ready = readinessOf(
    [
      { name: 'well', check: async () => null },
      { name: 'ill', check: async () => 'read-only' },
      {
        name: 'broken',
        check: async () => {
          asked += 1
          throw new GatewayError('storage-full')
        },
      },
      { name: 'silent', check: () => new Promise(() => undefined) },
    ],
    log,
  )
  t.strictSame(await ready(), {
    status: 'not-ready',
    checks: [
      { name: 'well', state: 'up' },
      { name: 'ill', state: 'down', reason: 'read-only' },
      { name: 'broken', state: 'down', reason: 'unavailable' },
      { name: 'silent', state: 'down', reason: 'no answer in time' },
    ],
  })
  t.equal(asked, 1)
  t.match(told, [{ check: 'broken' }])
})

t.test('a request that comes too slowly is told so', async (t) => {
  const error = Object.assign(new Error('Request timeout'), {
    code: 'ERR_HTTP_REQUEST_TIMEOUT',
    bytesParsed: 0,
  })
  const answer = answerToUnreadable({ ...error, rawPacket: { type: '', data: [] } })
  t.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), { code: 'request-timeout', retryable: true })
})

t.test('the table of problems is fit to be shown', async (t) => {
  for (const [code, { status, title, advice }] of Object.entries(PROBLEMS)) {
    t.match(code, /^[a-z]+(-[a-z]+)*$/)
    t.ok(status >= 400 && status < 600, code)
    for (const text of [title, advice]) t.ok(text.vi.trim() && text.en.trim(), code)
  }
})
