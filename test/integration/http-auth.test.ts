import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  X509Certificate,
} from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import t, { type Test } from 'tap'
import { Agent } from 'undici'
import { issue } from '../../scripts/issue-certificate.ts'
import {
  bindCertificate,
  createClient,
  removeSecrets,
  revokeClient,
  rotateSecret,
  setKeys,
} from '../../src/directory/clients.ts'
import { agencyCode, sha256 } from '../../src/domain/identifiers.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { type TestGateway, testGateway } from '../support/gateway.ts'
import {
  addClient,
  askToken,
  basic,
  bearer,
  devFile,
  FORM,
  type HttpApp,
  serveApp,
  takeToken,
} from '../support/http-app.ts'
import { waitFor } from '../support/wait-for.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const keysOf = (key: KeyObject) => ({ keys: [key.export({ format: 'jwk' })] })
const nowSeconds = () => Math.floor(Date.now() / 1000)

async function isRefused(t: Test, answer: Awaited<ReturnType<typeof askToken>>, error: string, what: string) {
  t.equal(answer.json().error, error, what)
  t.equal(answer.status, error === 'invalid_client' ? 401 : 400, what)
  t.equal(answer.headers['cache-control'], 'no-store', what)
  if (error === 'invalid_client') t.match(answer.headers['www-authenticate'], /^Basic /, what)
}

const gateway = await testGateway(t)

t.test('tokens', async (t) => {
  const served = await serveApp(t, gateway)
  const issuer = served.context.config.http.publicUrl
  const secret = await addClient(served.context, 'dms.plain', 'agency')

  await t.test('by client_secret_basic, as RFC 9068 and RFC 6749 say', async (t) => {
    const answer = await askToken(served, 'dms.plain', secret)
    t.equal(answer.status, 200)
    t.equal(answer.headers['cache-control'], 'no-store')
    t.match(answer.json(), { token_type: 'Bearer', expires_in: 600 })
    const token = String(answer.json().access_token)
    t.match(decodeProtectedHeader(token), { alg: 'ES256', typ: 'at+jwt' })
    const claims = decodeJwt(token)
    t.match(claims, {
      iss: issuer,
      aud: `${issuer}/v1`,
      sub: 'dms.plain',
      client_id: 'dms.plain',
      agency: 'H90',
    })
    t.equal((claims.exp ?? 0) - (claims.iat ?? 0), 600)
    t.notOk(claims.cnf, 'no certificate, no binding')
    const jwks = (await served.ask('/.well-known/jwks.json')).json()
    const keys = createLocalJWKSet({ keys: jwks.keys as [] })
    await t.resolves(jwtVerify(token, keys), 'anybody can check it with the published key')
    t.notMatch(JSON.stringify(jwks), /"d":/)
    const me = await served.ask('/v1/probe', { headers: bearer(token) })
    t.strictSame(me.json(), { clientId: 'dms.plain', role: 'agency', agency: 'H90' })
    const metadata = (await served.ask('/.well-known/oauth-authorization-server')).json()
    t.match(metadata, { issuer, token_endpoint: `${issuer}/oauth2/token` })
  })

  await t.test('requests that are wrong', async (t) => {
    const good = { ...FORM, authorization: basic('dms.plain', secret) }
    const grant = 'grant_type=client_credentials'
    const cases: [string, string, Record<string, string>, string][] = [
      ['wrong secret', grant, { ...FORM, authorization: basic('dms.plain', `${secret}x`) }, 'invalid_client'],
      ['unknown client', grant, { ...FORM, authorization: basic('dms.nobody', secret) }, 'invalid_client'],
      ['impossible client', grant, { ...FORM, authorization: basic('dms\0', secret) }, 'invalid_client'],
      ['not percent-encoded', grant, { ...FORM, authorization: basic('dms%zz', secret) }, 'invalid_client'],
      ['no secret', grant, { ...FORM, authorization: basic('dms.plain', '') }, 'invalid_client'],
      ['not base64', grant, { ...FORM, authorization: 'Basic ***' }, 'invalid_client'],
      ['bearer', grant, { ...FORM, authorization: 'Bearer x' }, 'invalid_client'],
      ['nothing', grant, FORM, 'invalid_client'],
      ['secret in the body', `${grant}&client_id=dms.plain&client_secret=${secret}`, FORM, 'invalid_client'],
      ['other client_id', `${grant}&client_id=dms.other`, good, 'invalid_request'],
      ['no grant', '', good, 'invalid_request'],
      ['empty grant', 'grant_type=', good, 'invalid_request'],
      ['grant twice', `${grant}&${grant}`, good, 'invalid_request'],
      ['another grant', 'grant_type=password', good, 'unsupported_grant_type'],
      ['a scope', `${grant}&scope=all`, good, 'invalid_scope'],
      [
        'two proofs',
        `${grant}&client_assertion=x&client_assertion_type=${ASSERTION_TYPE}`,
        good,
        'invalid_request',
      ],
      ['assertion without type', `${grant}&client_assertion=x`, FORM, 'invalid_request'],
      [
        'json',
        '{"grant_type":"client_credentials"}',
        { ...good, 'content-type': 'application/json' },
        'invalid_request',
      ],
      ['huge', `${grant}&x=${'x'.repeat(20_000)}`, good, 'invalid_request'],
    ]
    for (const [what, body, headers, error] of cases) {
      await isRefused(t, await served.ask('/oauth2/token', { method: 'POST', headers, body }), error, what)
    }
  })

  await t.test('a client with no row, or revoked, gets none; its tokens end within 5 s', async (t) => {
    const clientSecret = await addClient(served.context, 'dms.revoked', 'agency')
    const token = await takeToken(served, 'dms.revoked', clientSecret)
    t.equal((await served.ask('/v1/probe', { headers: bearer(token) })).status, 200)
    await revokeClient(served.context.pool, 'dms.revoked', 'test')
    const revokedAt = performance.now()
    await isRefused(t, await askToken(served, 'dms.revoked', clientSecret), 'invalid_client', 'revoked')
    await waitFor(
      async () => (await served.ask('/v1/probe', { headers: bearer(token) })).status === 401,
      6_000,
    )
    t.ok(performance.now() - revokedAt < 5_000)
    await t.rejects(revokeClient(served.context.pool, 'dms.revoked', 'test'), {
      code: 'delivery-state-conflict',
    })
    await t.rejects(revokeClient(served.context.pool, 'dms.nobody', 'test'), { code: 'not-found' })
  })

  await t.test('tokens that are not good at this door', async (t) => {
    const token = await takeToken(served, 'dms.plain', secret)
    const [head, body, signature = ''] = token.split('.')
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
    const claims = decodeJwt(token)
    const sign = (
      key: KeyObject | Uint8Array,
      alg: string,
      typ: string,
      change: Record<string, unknown> = {},
    ) => new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg, typ }).sign(key)
    const ours = createPrivateKey(served.context.config.tokenKey)
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const publicPem = new TextEncoder().encode(
      createPublicKey(ours).export({ type: 'spki', format: 'pem' }).toString(),
    )
    const raised = Buffer.from(JSON.stringify({ ...claims, agency: 'G90' })).toString('base64url')
    const admin = await takeToken(served, 'ops', await addClient(served.context, 'ops', 'admin'))
    const cases: [string, Record<string, string>, number, string][] = [
      ['none', {}, 401, 'token-missing'],
      ['not bearer', { authorization: basic('dms.plain', secret) }, 401, 'token-invalid'],
      ['rubbish', bearer('rubbish'), 401, 'token-invalid'],
      ['signature changed', bearer(`${head}.${body}.${flipped}`), 401, 'token-invalid'],
      ['claims changed', bearer(`${head}.${raised}.${signature}`), 401, 'token-invalid'],
      ['alg none', bearer(new UnsecuredJWT(claims).encode()), 401, 'token-invalid'],
      ['HS256 with our public key', bearer(await sign(publicPem, 'HS256', 'at+jwt')), 401, 'token-invalid'],
      ['a foreign key', bearer(await sign(foreign, 'ES256', 'at+jwt')), 401, 'token-invalid'],
      [
        'expired',
        bearer(await sign(ours, 'ES256', 'at+jwt', { exp: nowSeconds() - 1 })),
        401,
        'token-invalid',
      ],
      ['without end', bearer(await sign(ours, 'ES256', 'at+jwt', { exp: undefined })), 401, 'token-invalid'],
      [
        'another issuer',
        bearer(await sign(ours, 'ES256', 'at+jwt', { iss: 'https://x.example' })),
        401,
        'token-invalid',
      ],
      ['another kind of JWT', bearer(await sign(ours, 'ES256', 'JWT')), 401, 'token-invalid'],
      [
        'another agency',
        bearer(await sign(ours, 'ES256', 'at+jwt', { agency: 'G90' })),
        401,
        'token-invalid',
      ],
      [
        'unknown client',
        bearer(await sign(ours, 'ES256', 'at+jwt', { client_id: 'dms.x' })),
        401,
        'token-invalid',
      ],
      [
        'unreadable binding',
        bearer(await sign(ours, 'ES256', 'at+jwt', { cnf: { jkt: 'x' } })),
        401,
        'token-invalid',
      ],
      [
        'short binding',
        bearer(await sign(ours, 'ES256', 'at+jwt', { cnf: { 'x5t#S256': 'AA' } })),
        401,
        'token-invalid',
      ],
      ['of another door', bearer(admin), 403, 'scope-insufficient'],
      [
        'of another role',
        bearer(await sign(ours, 'ES256', 'at+jwt', { client_id: 'ops', agency: undefined })),
        403,
        'scope-insufficient',
      ],
    ]
    for (const [what, headers, status, code] of cases) {
      const answer = await served.ask('/v1/probe', { headers })
      t.equal(answer.status, status, what)
      t.equal(answer.json().code, code, what)
      t.match(answer.headers['www-authenticate'], /^Bearer/, what)
    }
    const missing = await served.ask('/v1/probe')
    t.equal(missing.headers['www-authenticate'], 'Bearer', 'RFC 6750: no error code without a token')
    t.equal((await served.ask('/admin/v1/probe', { headers: bearer(admin) })).status, 200)
    for (const path of ['/admin/v1/probe', '/auditor/v1/probe']) {
      t.equal((await served.ask(path, { headers: bearer(token) })).status, 403, path)
    }
  })

  await t.test('rotating a secret: both work until the old one ends', async (t) => {
    const { pool } = served.context
    const first = await addClient(served.context, 'dms.rotating', 'agency')
    const later = new Date(Date.now() + 3_600_000)
    const { secret: second } = await rotateSecret(pool, 'dms.rotating', later, 'test')
    t.equal((await askToken(served, 'dms.rotating', first)).status, 200)
    t.equal((await askToken(served, 'dms.rotating', second)).status, 200)
    const { secret: third } = await rotateSecret(pool, 'dms.rotating', new Date(0), 'test')
    for (const old of [first, second]) {
      await isRefused(t, await askToken(served, 'dms.rotating', old), 'invalid_client', 'old')
    }
    t.equal((await askToken(served, 'dms.rotating', third)).status, 200)
    await removeSecrets(pool, 'dms.rotating', 'test')
    await isRefused(t, await askToken(served, 'dms.rotating', third), 'invalid_client', 'removed')
    const { rows } = await pool.query(
      `select detail->>'change' as change, actor, agency_code from audit_event
        where kind = 'client-changed' and detail->>'clientId' = 'dms.rotating' order by at, id`,
    )
    const changes = ['created', 'secret-rotated', 'secret-rotated', 'secrets-removed']
    t.strictSame(
      rows,
      changes.map((change) => ({ change, actor: 'test', agency_code: 'H90' })),
    )
    const { rows: events } = await pool.query('select detail::text as text from audit_event')
    for (const one of [first, second, third]) t.notOk(events.some(({ text }) => text.includes(one)))
  })

  await t.test('clients that cannot be made', async (t) => {
    const { pool } = served.context
    const base = { clientId: 'dms.new', role: 'agency', agency: agencyCode('H90'), name: 'x' } as const
    await t.rejects(createClient(pool, { ...base, clientId: 'dms.plain' }, 'test'), {
      code: 'already-exists',
    })
    const cases = [
      [{ ...base, clientId: 'a b' }, 'client-id-malformed'],
      [{ ...base, agency: agencyCode('Z99') }, 'agency-unknown'],
      [{ ...base, agency: null }, 'agency-unfitting'],
      [{ ...base, role: 'admin' as const }, 'agency-unfitting'],
      [{ ...base, name: ' ' }, 'name-missing'],
    ] as const
    for (const [client, code] of cases) {
      await t.rejects(
        createClient(pool, client, 'test'),
        { code: 'request-invalid', faults: [{ code }] },
        code,
      )
    }
  })

  await privateKeyJwt(t, served, issuer)
})

async function privateKeyJwt(t: Test, served: HttpApp, issuer: string) {
  const { pool } = served.context
  const clientId = 'dms.keys'
  const add = async (id: string, key: KeyObject) => {
    const client = { clientId: id, role: 'agency', agency: agencyCode('H91'), name: id } as const
    t.equal((await createClient(pool, client, 'test', { withSecret: false })).secret, null)
    await setKeys(pool, id, keysOf(key), 'test')
  }
  const ask = (assertion: string, more: Record<string, string> = {}) =>
    served.ask('/oauth2/token', {
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion: assertion,
        client_assertion_type: ASSERTION_TYPE,
        ...more,
      }).toString(),
    })
  const claims = (id: string) => ({
    iss: id,
    sub: id,
    aud: `${issuer}/oauth2/token`,
    jti: randomUUID(),
    iat: nowSeconds(),
    exp: nowSeconds() + 240,
  })
  const sign = (key: KeyObject | Uint8Array, alg: string, payload: Record<string, unknown>) =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(key)

  await t.test('private_key_jwt with each algorithm, once', async (t) => {
    const pairs = {
      ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
      EdDSA: generateKeyPairSync('ed25519'),
    }
    for (const [alg, { privateKey, publicKey }] of Object.entries(pairs)) {
      const id = `${clientId}.${alg}`
      await add(id, publicKey)
      const assertion = await sign(privateKey, alg, claims(id))
      const both = await Promise.all([ask(assertion), ask(assertion)])
      t.strictSame(both.map(({ status }) => status).sort(), [200, 401], `${alg}: one of two at once`)
      await isRefused(t, await ask(assertion), 'invalid_client', `${alg} replayed`)
      const toIssuer = await sign(privateKey, alg, { ...claims(id), aud: issuer })
      t.equal((await ask(toIssuer, { client_id: id })).status, 200, 'the issuer is an audience too')
    }
  })

  await t.test('assertions that are not good', async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await add(clientId, publicKey)
    await addClient(served.context, 'dms.nokeys', 'agency')
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const good = () => claims(clientId)
    const es = (change: Record<string, unknown>) => sign(privateKey, 'ES256', { ...good(), ...change })
    const publicBytes = publicKey.export({ type: 'spki', format: 'der' })
    const cases: [string, string][] = [
      ['not a JWT', 'x.y.z'],
      ['expired', await es({ exp: nowSeconds() - 60 })],
      ['ends too late', await es({ exp: nowSeconds() + 600 })],
      ['without end', await es({ exp: undefined })],
      ['issued in the future', await es({ iat: nowSeconds() + 120 })],
      ['not yet valid', await es({ nbf: nowSeconds() + 120 })],
      ['without jti', await es({ jti: undefined })],
      ['jti that is no text', await es({ jti: 7 })],
      ['jti with NUL', await es({ jti: 'a\0' })],
      ['another audience', await es({ aud: 'https://elsewhere.example' })],
      ['another issuer', await es({ iss: 'dms.other' })],
      ['without sub', await es({ sub: undefined })],
      ['an unknown client', await es({ sub: 'dms.unknown', iss: 'dms.unknown' })],
      ['a client without keys', await es({ sub: 'dms.nokeys', iss: 'dms.nokeys' })],
      ['alg none', new UnsecuredJWT(good()).encode()],
      ['HS256 with the public key', await sign(publicBytes, 'HS256', good())],
      ['a foreign key', await sign(foreign, 'ES256', good())],
    ]
    for (const [what, assertion] of cases) await isRefused(t, await ask(assertion), 'invalid_client', what)
    await isRefused(
      t,
      await ask(await es({}), { client_id: 'dms.plain' }),
      'invalid_client',
      'other client_id',
    )
    t.equal((await ask(await es({}))).status, 200, 'the same with nothing wrong')
    await setKeys(pool, clientId, null, 'test')
    await isRefused(t, await ask(await es({})), 'invalid_client', 'keys taken away')
  })
}

const DER_SHA256 = (pem: string) => createHash('sha256').update(new X509Certificate(pem).raw).digest()

t.test('refusals are on record, by code, and no secret with them', async (t) => {
  const served = await serveApp(t, gateway)
  const { pool } = served.context
  const secret = await addClient(served.context, 'dms.watched', 'agency')
  const admin = await takeToken(
    served,
    'admin.watched',
    await addClient(served.context, 'admin.watched', 'admin'),
  )
  const token = await takeToken(served, 'dms.watched', secret)
  const since = await latest()
  async function latest(): Promise<string> {
    const { rows } = await pool.query<{ id: string }>('select id from audit_event order by id desc limit 1')
    return rows[0]?.id ?? '00000000-0000-7000-8000-000000000000'
  }
  const events = async () => {
    const { rows } = await pool.query<{ kind: string; actor: string; agency_code: string; detail: object }>(
      `select kind, actor, agency_code, detail from audit_event where id > $1 and kind like '%-refused' order by id`,
      [since],
    )
    return rows
  }
  const json = { 'content-type': 'application/json' }
  const asks: [path: string, ask: Parameters<HttpApp['ask']>[1], event: object][] = [
    [
      '/oauth2/token',
      {
        method: 'POST',
        headers: { ...FORM, authorization: basic('dms.watched', 'canary-secret') },
        body: 'grant_type=client_credentials',
      },
      {
        kind: 'access-refused',
        actor: 'unauthenticated',
        agency_code: null,
        detail: { problem: 'invalid_client', route: '/oauth2/token', claimedClient: 'dms.watched' },
      },
    ],
    [
      '/oauth2/token',
      {
        method: 'POST',
        headers: { ...FORM, authorization: basic('canary-id', secret) },
        body: 'grant_type=client_credentials',
      },
      { kind: 'access-refused', actor: 'unauthenticated', detail: { claimedClient: undefined } },
    ],
    [
      '/v1/probe',
      { headers: bearer('canary.b.c') },
      { kind: 'access-refused', actor: 'unauthenticated', detail: { problem: 'token-invalid' } },
    ],
    [
      '/admin/v1/probe',
      { headers: bearer(token) },
      { kind: 'access-refused', actor: 'dms.watched', detail: { problem: 'scope-insufficient' } },
    ],
    [
      '/v1/inbox?agency=H91',
      { headers: bearer(token) },
      {
        kind: 'access-refused',
        actor: 'dms.watched',
        agency_code: 'H90',
        detail: { problem: 'delegation-missing', method: 'GET', route: '/v1/inbox', address: '127.0.0.1' },
      },
    ],
    [
      '/admin/v1/agencies/H90/close',
      { method: 'POST', headers: { ...bearer(admin), ...json }, body: '{"canary":1}' },
      {
        kind: 'admin-refused',
        actor: 'admin.watched',
        detail: { problem: 'draft-needed', method: 'POST', target: { code: 'H90' } },
      },
    ],
    [
      '/admin/v1/delegations',
      { method: 'POST', headers: { ...bearer(admin), ...json }, body: '{"canary":1}' },
      {
        kind: 'admin-refused',
        actor: 'admin.watched',
        detail: { problem: 'request-invalid', method: 'POST' },
      },
    ],
  ]
  for (const [path, ask, event] of asks) {
    const before = (await events()).length
    t.ok((await served.ask(path, ask)).status >= 400)
    const added = (await events()).slice(before)
    t.equal(added.length, 1, path)
    t.match(added[0], event, path)
  }
  await served.ask('/v1/probe')
  await served.ask('/admin/v1/agencies/nowhere', { headers: bearer(admin) })
  t.equal(
    (await events()).length,
    asks.length,
    'who shows nothing, and what changes nothing, is not on record',
  )
  for (let n = 0; n < 20; n++) await served.ask('/admin/v1/probe', { headers: bearer(token) })
  const ofClient = (await events()).filter(({ actor }) => actor === 'dms.watched')
  t.equal(ofClient.length, 10, 'ten a minute')
  await served.app.close()
  t.match((await events()).at(-1), { actor: 'dms.watched', detail: { leftOut: 12 } })
  const all = JSON.stringify(await events())
  for (const planted of ['canary', secret, token]) t.notOk(all.includes(planted))
})

t.test('certificate-bound tokens over TLS', async (t) => {
  const ca = devFile(gateway, 'trust/root-ca.pem')
  const tls = {
    certificate: devFile(gateway, 'gateway-tls.pem'),
    key: devFile(gateway, 'gateway-tls.key.pem'),
    clientCa: ca,
  }
  const served = await serveApp(t, gateway, { http: { tls } })
  const agent = (name: string | null) => agentOf(t, gateway, ca, name)
  const [mine, none] = [agent('client-tls'), agent(null)]
  const others = tlsClient(gateway, 'another client')
  const untrusted = new Agent({ connect: { ca, ...selfSigned() } })
  const other = new Agent({ connect: { ca, ...others } })
  t.teardown(() => Promise.all([untrusted.close(), other.close()]))
  const secret = await addClient(served.context, 'dms.tls', 'agency')
  const probe = async (token: string, dispatcher: Agent) => {
    const answer = await served.ask('/v1/probe', { headers: bearer(token), dispatcher })
    return answer.status === 200 ? 'let in' : answer.json().code
  }

  await t.test('a token asked for over mTLS is worth nothing elsewhere', async (t) => {
    const token = await takeToken(served, 'dms.tls', secret, mine)
    const thumbprint = DER_SHA256(devFile(gateway, 'client-tls.pem')).toString('base64url')
    t.strictSame(decodeJwt(token).cnf, { 'x5t#S256': thumbprint })
    t.equal(await probe(token, mine), 'let in')
    for (const [what, dispatcher] of Object.entries({ other, none, untrusted })) {
      t.equal(await probe(token, dispatcher), 'certificate-mismatch', what)
    }
  })

  await t.test('a certificate that our authorities do not vouch for counts as none', async (t) => {
    const token = await takeToken(served, 'dms.tls', secret, untrusted)
    t.notOk(decodeJwt(token).cnf)
    t.equal(await probe(token, none), 'let in')
  })

  await t.test('headers of proxies are not believed', async (t) => {
    const token = await takeToken(served, 'dms.tls', secret, mine)
    const pem = devFile(gateway, 'client-tls.pem')
    const headers = {
      ...bearer(token),
      'client-cert': `:${new X509Certificate(pem).raw.toString('base64')}:`,
      'x-forwarded-client-cert': encodeURIComponent(pem),
      'x-ssl-client-verify': 'SUCCESS',
    }
    const answer = await served.ask('/v1/probe', { headers, dispatcher: none })
    t.equal(answer.json().code, 'certificate-mismatch')
  })

  await t.test('a client bound to a certificate gets in with it alone', async (t) => {
    const bound = await addClient(served.context, 'dms.bound', 'agency')
    const early = await takeToken(served, 'dms.bound', bound, none)
    const certificate = sha256(DER_SHA256(devFile(gateway, 'client-tls.pem')).toString('hex'))
    await bindCertificate(served.context.pool, 'dms.bound', certificate, 'test')
    for (const [what, dispatcher] of Object.entries({ other, none, untrusted })) {
      await isRefused(t, await askToken(served, 'dms.bound', bound, dispatcher), 'invalid_client', what)
    }
    t.equal(await probe(await takeToken(served, 'dms.bound', bound, mine), mine), 'let in')
    t.equal(await probe(early, none), 'certificate-mismatch', 'also with a token from before')
  })

  await t.test(
    'a resumed TLS session without a certificate does not count as having shown one',
    async (t) => {
      const token = await takeToken(served, 'dms.tls', secret, mine)
      const session = await firstSession(served.url, ca)
      const resumed = await getResumed(`${served.url}/v1/probe`, ca, session, token)
      t.ok(resumed.reused, 'the session was resumed')
      t.equal(resumed.status, 401)
      t.match(resumed.body, { code: 'certificate-mismatch' })
    },
  )
})

function agentOf(t: Test, gateway: TestGateway, ca: string, name: string | null): Agent {
  const pair =
    name === null ? {} : { cert: devFile(gateway, `${name}.pem`), key: devFile(gateway, `${name}.key.pem`) }
  const agent = new Agent({ connect: { ca, ...pair } })
  t.teardown(() => agent.close())
  return agent
}

function tlsClient({ ca }: TestGateway, commonName: string) {
  const made = issue(
    { subject: [[NAME.commonName, commonName]], profile: 'tls-client', key: 'p256' },
    ca.issuing,
  )
  return pair(made)
}

const selfSigned = () =>
  pair(issue({ subject: [[NAME.commonName, 'tram-dev-client']], profile: 'tls-client', key: 'p256' }))

const pair = ({ key, certificateChain }: ReturnType<typeof issue>) => ({
  cert: certificateChain.map(({ x509 }) => x509.toString()).join(''),
  key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
})

/** The session ticket that the server gives to a connection without a client certificate. */
function firstSession(url: string, ca: string): Promise<Buffer> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), servername: 'localhost', ca })
    socket.once('error', reject)
    socket.once('session', (session: Buffer) => {
      resolve(session)
      socket.destroy()
    })
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
}

function getResumed(url: string, ca: string, session: Buffer, token: string) {
  return new Promise<{ reused: boolean; status: number | undefined; body: unknown }>((resolve, reject) => {
    const options = { ca, session, agent: false, servername: 'localhost', headers: bearer(token) } as const
    const asked = httpsRequest(url, options, async (answer) => {
      const chunks = await answer.toArray()
      const reused = (answer.socket as TLSSocket).isSessionReused()
      resolve({ reused, status: answer.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) })
    })
    asked.once('error', reject)
    asked.end()
  })
}
