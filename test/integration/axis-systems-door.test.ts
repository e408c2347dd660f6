import { createHash, X509Certificate } from 'node:crypto'
import { createServer } from 'node:net'
import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import { axisClient } from '../../src/axis/client.ts'
import {
  changeAxisSystem,
  createAxisSystem,
  revokeAxisSystem,
  rotateAxisSecret,
} from '../../src/directory/axis-systems.ts'
import { knownAxisSystems } from '../../src/directory/axis-systems-known.ts'
import type { Connector } from '../../src/domain/axis/connector.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { buildAxisApp } from '../../src/http/axis-door/app.ts'
import { secretBox } from '../../src/sealing/secret-box.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { testGateway } from '../support/gateway.ts'
import { devFile } from '../support/http-app.ts'
import { waitFor } from '../support/wait-for.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const box = secretBox('một chuỗi ngẫu nhiên đủ dài để thử', 'axis-secrets')
const OPERATOR = 'cli:test'
let elapsedMs = 0
let now = new Date()

/** The door on one address of this machine, over the systems of the database. */
async function open(host: string, tls: Parameters<typeof buildAxisApp>[1]['tls']) {
  const find = knownAxisSystems(pool, box, { monotonicNow: () => elapsedMs })
  const app = await buildAxisApp(gateway.api, {
    systems: { box, find },
    tls,
    rateLimit: 10_000,
    now: () => now,
  })
  await app.listen({ host, port: 0 })
  t.teardown(() => app.close())
  const [address] = app.addresses()
  if (typeof address !== 'object') throw new Error('the door listens nowhere')
  return address.port
}

const ca = devFile(gateway, 'trust/root-ca.pem')
const plain = await open('127.0.0.1', null)
const overTls = await open('127.0.0.1', {
  certificate: devFile(gateway, 'gateway-tls.pem'),
  key: devFile(gateway, 'gateway-tls.key.pem'),
  clientCa: ca,
})

/** Asks once, as a client of the axis does; gives `in`, or the code of the refusal. */
async function ask(systemId: string, secret: string, given: Partial<Connector> & { clock?: Date } = {}) {
  elapsedMs += 1_001
  const connector: Connector = {
    name: 'test',
    channel: 'national-axis',
    gateway: null,
    url: `http://127.0.0.1:${plain}/any/prefix`,
    systemId,
    secret,
    addsTraceHeader: false,
    pollSeconds: 60,
    timeoutMs: 5_000,
    authorities: ca,
    clientCertificate: null,
    ...given,
  }
  const client = axisClient(connector, { maxPacketBytes: 1_000, now: () => given.clock ?? now })
  const outcome = await client.countReceiveEdoc()
  await client.close()
  return outcome.ok ? 'in' : outcome.failure.code || outcome.failure.kind
}

const create = async (systemId: string, given: Partial<Parameters<typeof createAxisSystem>[2]> = {}) => {
  const agency = agencyCode('H90')
  const system = {
    systemId,
    name: systemId,
    agency,
    serves: [{ code: agency, withBeneath: false }],
    rights: [],
    networks: [],
    certificateSha256: null,
    clockToleranceSeconds: 60,
    ...given,
  }
  return (await createAxisSystem(pool, box, system, OPERATOR)).secret
}
const change = (systemId: string, changed: Parameters<typeof changeAxisSystem>[2]) =>
  changeAxisSystem(pool, systemId, changed, OPERATOR)
const WRONG = '15'

t.test('a system is let in by its secret, and by no other', async (t) => {
  const [secret, other] = [await create('dms.one'), await create('dms.other')]
  t.equal(await ask('dms.one', secret), 'in')
  t.equal(await ask('dms.one', other), WRONG)
  t.equal(await ask('dms.one', `${secret}x`), WRONG)
  t.equal(await ask('dms.one', ''), WRONG)
  t.equal(await ask('dms.nobody', secret), WRONG)
  const refused = `select detail->>'claimedClient' as claimed from audit_event where kind = 'access-refused' order by at, id`
  const { rows } = await waitFor(async () => {
    const found = await pool.query<{ claimed: string | null }>(refused)
    return found.rows.length >= 4 ? found : undefined
  })
  t.strictSame(
    rows.map(({ claimed }) => claimed),
    ['dms.one', 'dms.one', 'dms.one', null],
    'who was named, where there is one',
  )
})

t.test('both secrets work while one takes over from the other; then the new one alone', async (t) => {
  const first = await create('dms.rotating')
  const rotate = async (until: number) =>
    (await rotateAxisSecret(pool, box, 'dms.rotating', new Date(Date.now() + until), OPERATOR)).secret
  const second = await rotate(60_000)
  t.equal(await ask('dms.rotating', first), 'in')
  t.equal(await ask('dms.rotating', second), 'in')
  const third = await rotate(-60_000)
  t.equal(await ask('dms.rotating', first), WRONG)
  t.equal(await ask('dms.rotating', second), WRONG)
  t.equal(await ask('dms.rotating', third), 'in')
})

t.test('a revoked system is refused', async (t) => {
  const secret = await create('dms.revoked')
  t.equal(await ask('dms.revoked', secret), 'in')
  await revokeAxisSystem(pool, 'dms.revoked', OPERATOR)
  t.equal(await ask('dms.revoked', secret), WRONG)
})

t.test('a system calls from its networks alone', async (t) => {
  const secret = await create('dms.networks', { networks: ['10.0.0.0/8', '2001:db8::/32'] })
  t.equal(await ask('dms.networks', secret), WRONG)
  await change('dms.networks', { networks: ['10.0.0.0/8', '127.0.0.0/8'] })
  t.equal(await ask('dms.networks', secret), 'in')
  await change('dms.networks', { networks: [] })
  t.equal(await ask('dms.networks', secret), 'in', 'where none is named, from any')

  t.test('also where the listener shows IPv4 as IPv6', { skip: !(await hasIpv6()) }, async (t) => {
    const both = await open('::', null)
    const [v4, v6] = [{ url: `http://127.0.0.1:${both}` }, { url: `http://[::1]:${both}` }]
    const asks = async () => [await ask('dms.networks', secret, v4), await ask('dms.networks', secret, v6)]
    await change('dms.networks', { networks: ['127.0.0.1/32'] })
    t.strictSame(await asks(), ['in', WRONG])
    await change('dms.networks', { networks: ['::1'] })
    t.strictSame(await asks(), [WRONG, 'in'])
    await change('dms.networks', { networks: ['10.0.0.0/8', '2001:db8::/32'] })
    t.strictSame(await asks(), [WRONG, WRONG])
  })
})

t.test('a system shows its certificate where one is set', async (t) => {
  const pem = devFile(gateway, 'client-tls.pem')
  const certificateSha256 = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
  const secret = await create('dms.certificate', { certificateSha256 })
  const url = `https://localhost:${overTls}`
  const mine = { certificate: pem, key: devFile(gateway, 'client-tls.key.pem') }
  const subject = [[NAME.commonName, 'another client']] as const
  const others = pair(
    issue({ subject: [...subject], profile: 'tls-client', key: 'p256' }, gateway.ca.issuing),
  )
  t.equal(await ask('dms.certificate', secret, { url, clientCertificate: mine }), 'in')
  t.equal(await ask('dms.certificate', secret, { url }), WRONG, 'none')
  t.equal(await ask('dms.certificate', secret, { url, clientCertificate: others }), WRONG, "another's")
  t.equal(await ask('dms.certificate', secret), WRONG, 'over a listener that asks for none')
  await change('dms.certificate', { certificateSha256: null })
  t.equal(await ask('dms.certificate', secret, { url }), 'in')
})

t.test('the time of a request may differ by what the system is allowed', async (t) => {
  const secret = await create('dms.clock')
  const at = (seconds: number) => ({ clock: new Date(now.getTime() + seconds * 1_000) })
  t.strictSame(
    [await ask('dms.clock', secret, at(-55)), await ask('dms.clock', secret, at(55))],
    ['in', 'in'],
  )
  t.strictSame(
    [await ask('dms.clock', secret, at(-65)), await ask('dms.clock', secret, at(65))],
    [WRONG, WRONG],
  )
  await change('dms.clock', { clockToleranceSeconds: 7 * 86_400 })
  t.equal(await ask('dms.clock', secret, at(-6 * 86_400)), 'in', 'a client that was started a week ago')
  now = new Date()
})

const pair = ({ key, certificateChain }: ReturnType<typeof issue>) => ({
  certificate: certificateChain.map(({ x509 }) => x509.toString()).join(''),
  key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
})

function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(0, '::1', () => server.close(() => resolve(true)))
  })
}
