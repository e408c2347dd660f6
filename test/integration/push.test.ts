import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { type IssueOptions, issue } from '../../scripts/issue-certificate.ts'
import { httpsPushChannel, type PushOptions } from '../../src/delivery/channels/https-push.ts'
import type { Resolve } from '../../src/network/address-policy.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { addressTrap } from '../fakes/address-trap.ts'
import { consignmentTo } from '../fakes/consignment.ts'
import { type Behaviour, FakeAgency } from '../fakes/fake-agency.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { pushKey } from '../fakes/push-key.ts'
import { toPem } from '../support/pem.ts'
import { HOSTILE_NAMES, HOSTILE_URLS } from '../unit/delivery/hostile-endpoints.ts'

const { signingKeyPem, publicKey } = pushKey()
/** Later than a deadline, also on a machine that is busy; whoever keeps to none comes far later. */
const WELL_BEFORE_MS = 4_000
const never = new AbortController().signal

const channelWith = (options: Partial<PushOptions> = {}) =>
  httpsPushChannel({
    signingKeyPem,
    permittedNetworks: ['127.0.0.0/8', '::1/128'],
    allowHttp: true,
    timeoutMs: 1_500,
    ...options,
  })

const resolveFrom =
  (addressesOf: (name: string) => readonly string[] | undefined): Resolve =>
  (name, _options, callback) => {
    const addresses = addressesOf(name)
    if (addresses === undefined) return callback(Object.assign(new Error(name), { code: 'ENOTFOUND' }), [])
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }

t.test('a notice is signed, fresh, small and the same at every attempt', async (t) => {
  const agency = await FakeAgency.start(t, { publicKey })
  const channel = channelWith()
  const consignment = consignmentTo(agency.url)
  agency.behaviour = { kind: 'answer', status: 500 }
  t.match(await channel.send(consignment, never), {
    outcome: 'retry',
    failure: { code: 'http-status', detail: { status: 500 } },
  })
  agency.behaviour = { kind: 'answer', status: 200 }
  t.same(await channel.send(consignment, never), { outcome: 'available', detail: { status: 200 } })
  const [first, second] = agency.notices
  t.equal(agency.notices.length, 2)
  for (const notice of agency.notices) {
    t.ok(notice.verified)
    t.equal(notice.id, consignment.delivery.key)
    t.ok(Math.abs(Date.now() / 1000 - notice.timestamp) < 5, 'fresh')
    t.same(notice.data, { deliveryId: consignment.delivery.key, recipient: 'H90', number: 7 })
  }
  t.equal(first!.body, second!.body)
  t.ok(first!.body.length < 1024, 'a hint, no content')
  const other = await FakeAgency.start(t, { publicKey: pushKey().publicKey })
  await channel.send(consignmentTo(other.url), never)
  t.equal(other.notices[0]?.verified, false, 'another key does not fit')
})

const ANSWERS: readonly (readonly [string, Behaviour, object])[] = [
  ['410', { kind: 'answer', status: 410 }, { outcome: 'refused' }],
  [
    '429 with Retry-After',
    { kind: 'answer', status: 429, headers: { 'retry-after': '120' } },
    { outcome: 'retry', retryAfter: 120 },
  ],
  [
    'a negative Retry-After',
    { kind: 'answer', status: 503, headers: { 'retry-after': '-1' } },
    { outcome: 'retry', retryAfter: undefined },
  ],
  ['a hanging endpoint', { kind: 'hang' }, { outcome: 'retry', failure: { code: 'timeout' } }],
  ['a slow one', { kind: 'slow', ms: 100 }, { outcome: 'available' }],
  ['one too slow', { kind: 'slow', ms: 20_000 }, { outcome: 'retry', failure: { code: 'timeout' } }],
  ['a reset', { kind: 'reset' }, { outcome: 'retry', failure: { code: 'connection' } }],
  ['garbage', { kind: 'garbage' }, { outcome: 'retry', failure: { code: 'connection' } }],
  ['200 with a body without end', { kind: 'flood' }, { outcome: 'available' }],
  ['200 with a body that sticks', { kind: 'stuck-body' }, { outcome: 'available' }],
]

t.test('each misbehaviour has its result, within the deadline', async (t) => {
  const agency = await FakeAgency.start(t, { publicKey })
  const channel = channelWith()
  for (const [name, behaviour, expected] of ANSWERS) {
    agency.behaviour = behaviour
    const at = performance.now()
    t.match(await channel.send(consignmentTo(agency.url), never), expected, name)
    t.ok(performance.now() - at < WELL_BEFORE_MS, `${name}: in time`)
  }
  const inAMinute = new Date(Date.now() + 60_000).toUTCString()
  agency.behaviour = { kind: 'answer', status: 503, headers: { 'retry-after': inAMinute } }
  const result = await channel.send(consignmentTo(agency.url), never)
  const asked = result.outcome === 'retry' ? (result.retryAfter ?? 0) : 0
  t.ok(asked > 55 && asked <= 60, 'a date in Retry-After')
})

t.test('no redirect is followed', async (t) => {
  const agency = await FakeAgency.start(t, { publicKey })
  const trap = await addressTrap(t)
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `http://127.0.0.1:${trap.port}/`
    agency.behaviour = { kind: 'answer', status, headers: { location } }
    t.match(await channelWith().send(consignmentTo(agency.url), never), {
      outcome: 'retry',
      failure: { detail: { status } },
    })
  }
  t.same(trap.reached, [])
})

t.test('a notice goes to no address that is neither public nor permitted', async (t) => {
  const trap = await addressTrap(t)
  const channel = channelWith({ permittedNetworks: [], resolve: resolveFrom((name) => HOSTILE_NAMES[name]) })
  t.ok(HOSTILE_URLS.length >= 60, `${HOSTILE_URLS.length} endpoints`)
  for (const template of HOSTILE_URLS) {
    const url = template.replace('PORT', String(trap.port))
    const result = await channel.send(consignmentTo(url), never)
    const nobody = { outcome: 'retry', failure: { detail: { code: 'ENOTFOUND' } } }
    t.match(result, result.outcome === 'retry' ? nobody : { outcome: 'refused' }, url)
  }
  t.same(trap.reached, [])
  const open = channelWith({ resolve: resolveFrom((name) => HOSTILE_NAMES[name]) })
  t.equal(
    (await open.send(consignmentTo(`http://localhost:${trap.port}/`), never)).outcome,
    'available',
    'the trap works',
  )
  t.equal(trap.reached.length, 1)
})

t.test('an address is checked where it is connected to', async (t) => {
  const trap = await addressTrap(t)
  const send = (permittedNetworks: string[], answers: (readonly string[])[]) => {
    const channel = channelWith({ permittedNetworks, resolve: resolveFrom(() => answers.shift()) })
    return () => channel.send(consignmentTo(`http://dms.example.vn:${trap.port}/`), never)
  }
  const rebound = send(['127.0.0.2/32'], [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.2']])
  t.equal((await rebound()).outcome, 'available')
  t.match(
    await rebound(),
    { outcome: 'refused', failure: { code: 'address-forbidden' } },
    'the name now leads elsewhere',
  )
  t.equal((await rebound()).outcome, 'available')
  t.same(trap.reached, ['127.0.0.2', '127.0.0.2'], 'a new connection, and a new look, for each notice')
  const mixed = send(['127.0.0.3/32'], [['127.0.0.1', '10.0.0.1', '127.0.0.3', '::1']])
  t.equal((await mixed()).outcome, 'available')
  t.equal(trap.reached.at(-1), '127.0.0.3', 'of several addresses only the permitted ones')
  t.match(await send([], [])(), {
    outcome: 'retry',
    failure: { code: 'connection', detail: { code: 'ENOTFOUND' } },
  })
})

t.test('permitted networks are reached; plain http only where it is allowed', async (t) => {
  const trap = await addressTrap(t)
  const cases: [network: string, host: string][] = [
    ['127.0.0.0/8', '127.0.0.9'],
    ['127.0.0.9/32', '127.0.0.9'],
    ['::1/128', '[::1]'],
    ['127.0.0.0/8', '[::ffff:127.0.0.1]'],
  ]
  for (const [network, host] of cases) {
    const channel = channelWith({ permittedNetworks: [network] })
    const result = await channel.send(consignmentTo(`http://${host}:${trap.port}/`), never)
    t.equal(result.outcome, 'available', `${host} in ${network}`)
  }
  const reached = trap.reached.length
  const strict = channelWith({ allowHttp: false })
  t.match(await strict.send(consignmentTo(`http://127.0.0.1:${trap.port}/`), never), {
    outcome: 'refused',
    failure: { code: 'not-https' },
  })
  t.equal(trap.reached.length, reached)
})

t.test('TLS: authorities of our own beside the public ones, names and dates checked', async (t) => {
  const ca = fakeCa()
  const authorities = toPem([ca.root.certificateChain[0]!.der])
  const serverWith = (options: Partial<IssueOptions>) => {
    const { key, certificateChain } = issue(
      {
        subject: [[NAME.commonName, 'dms']],
        profile: 'tls-server',
        key: 'p256',
        hosts: ['localhost'],
        ...options,
      },
      ca.issuing,
    )
    const tls = {
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: toPem(certificateChain.map(({ der }) => der)),
    }
    return FakeAgency.start(t, { publicKey, tls })
  }
  const sound = await serverWith({})
  const channel = channelWith({ authorities, allowHttp: false })
  t.equal((await channel.send(consignmentTo(sound.url), never)).outcome, 'available')
  t.equal(sound.notices[0]?.verified, true)

  const unknown = await channelWith({ allowHttp: false }).send(consignmentTo(sound.url), never)
  t.match(unknown, { outcome: 'retry', failure: { code: 'connection' } }, 'an authority that nobody named')
  const elsewhere = await serverWith({ hosts: ['dms.example.vn'] })
  t.match(await channel.send(consignmentTo(elsewhere.url), never), {
    outcome: 'retry',
    failure: { detail: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  })
  const expired = await serverWith({ notBefore: new Date('2024-01-01'), notAfter: new Date('2025-01-01') })
  t.match(await channel.send(consignmentTo(expired.url), never), {
    outcome: 'retry',
    failure: { detail: { code: 'CERT_HAS_EXPIRED' } },
  })
  t.equal(
    sound.notices.length + elsewhere.notices.length + expired.notices.length,
    1,
    'nothing was told to the others',
  )
})

t.test('an endpoint that accepts and never speaks TLS costs no more than the deadline', async (t) => {
  const mute = createServer(() => undefined)
  const sockets = new Set<{ destroy(): void }>()
  mute.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
  const at = performance.now()
  const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/`
  t.match(await channelWith().send(consignmentTo(url), never), {
    outcome: 'retry',
    failure: { code: 'timeout' },
  })
  t.ok(performance.now() - at < WELL_BEFORE_MS)
})
