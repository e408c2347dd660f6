import { createHash } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { readTimestampResponse, timestampRequest } from '../../../src/signature/timestamp/request.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { TsaUnavailable, tsaClient } from '../../../src/trust-services/tsa-client.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { FakeTsa, type TsaBehaviour } from '../../fakes/fake-tsa.ts'
import { type LineBehaviour, TSA_TYPE, trustServiceServer } from '../../fakes/trust-service-server.ts'

const ca = fakeCa()
const tsaKey = issue({ subject: [[NAME.commonName, 'TSA']], profile: 'timestamp', key: 'p256' }, ca.issuing)
/** Later than a deadline, also on a machine that is busy; whoever keeps to none comes far later. */
const WELL_BEFORE_MS = 4_000
const imprint = createHash('sha256').update('con dấu').digest()

async function served(t: Parameters<typeof trustServiceServer>[0]) {
  const tsa = new FakeTsa({ tsa: tsaKey })
  const server = await trustServiceServer(t, {
    tsa: { mediaType: TSA_TYPE, respond: (body) => tsa.respond(body) },
  })
  return { tsa, server, url: `${server.url}/tsa` }
}

t.test('a response is taken where it fits its request, and its fault named where not', async (t) => {
  const tsa = new FakeTsa({ tsa: tsaKey })
  const outcome = (behaviour: TsaBehaviour, policyOid?: string) => {
    tsa.behaviour = behaviour
    const request = timestampRequest(imprint, policyOid === undefined ? {} : { policyOid })
    const response = readTimestampResponse(tsa.respond(request.der), request)
    return 'fault' in response ? response.fault : 'taken'
  }
  t.equal(outcome('answer'), 'taken')
  t.equal(outcome('answer', '2.999.7'), 'taken')
  t.equal(outcome('wrong-nonce'), 'nonce')
  t.equal(outcome('no-nonce'), 'nonce')
  t.equal(outcome('wrong-imprint'), 'imprint')
  t.equal(outcome('wrong-hash'), 'imprint')
  t.equal(outcome('other-policy', '2.999.7'), 'policy')
  t.equal(outcome('rejection'), 'rejected')
  t.equal(outcome('garbage'), 'malformed')
  t.equal(outcome('empty'), 'malformed')
})

t.test('every cut of a response is malformed or a fault, and never thrown', async (t) => {
  const tsa = new FakeTsa({ tsa: tsaKey })
  const request = timestampRequest(imprint)
  const response = tsa.respond(request.der)
  for (let length = 0; length < response.length; length += 7) {
    const read = readTimestampResponse(response.subarray(0, length), request)
    if (!('fault' in read)) t.fail(`cut at ${length} was taken`)
  }
  t.match(readTimestampResponse(Buffer.concat([response, Buffer.of(0)]), request), { fault: 'malformed' })
  t.throws(() => timestampRequest(Buffer.alloc(20)), RangeError)
})

t.test('the client gives a token, and remembers which authority answered', async (t) => {
  const [dead, alive] = [await served(t), await served(t)]
  dead.server.behaviour = { kind: 'down' }
  const client = tsaClient({ urls: [dead.url, alive.url], timeoutMs: 5_000 })
  t.teardown(client.close)
  for (let round = 0; round < 3; round++) t.equal((await client.stamp(imprint)).url, alive.url)
  t.same(alive.tsa.asked, Array(3).fill(imprint.toString('hex')))
  dead.server.behaviour = { kind: 'answer' }
  alive.server.behaviour = { kind: 'down' }
  t.equal((await client.stamp(imprint)).url, dead.url)
})

t.test('whatever the line does, the client says that there is no timestamp, in time', async (t) => {
  const { server, url } = await served(t)
  const client = tsaClient({ urls: [url], timeoutMs: 1_500 })
  t.teardown(client.close)
  const lines: [LineBehaviour, RegExp][] = [
    [{ kind: 'down' }, /UND_ERR_SOCKET|ECONNRESET/],
    [{ kind: 'hang' }, /timeout/],
    [{ kind: 'slow', ms: 20_000 }, /timeout/],
    [{ kind: 'status', status: 500 }, /status-500/],
    [{ kind: 'status', status: 302, location: 'http://169.254.169.254/' }, /status-302/],
    [{ kind: 'flood' }, /too-large/],
  ]
  for (const [behaviour, why] of lines) {
    server.behaviour = behaviour
    const before = performance.now()
    await t.rejects(client.stamp(imprint), { name: 'TsaUnavailable', message: why }, behaviour.kind)
    t.ok(performance.now() - before < WELL_BEFORE_MS, `${behaviour.kind} was given up in time`)
  }
  server.behaviour = { kind: 'answer' }
  t.ok(await client.stamp(imprint), 'and it goes on where the line is there again')
})

t.test('an objection to a token is a reason to ask the next authority', async (t) => {
  const [one, two] = [await served(t), await served(t)]
  const client = tsaClient({
    urls: [one.url, two.url],
    timeoutMs: 5_000,
    objection: async () => (one.tsa.asked.length + two.tsa.asked.length < 2 ? 'không tin' : undefined),
  })
  t.teardown(client.close)
  t.equal((await client.stamp(imprint)).url, two.url)
  const none = tsaClient({ urls: [one.url], timeoutMs: 5_000, objection: async () => 'không tin' })
  t.teardown(none.close)
  await t.rejects(none.stamp(imprint), new TsaUnavailable([`${new URL(one.url).host}: không tin`]))
})
