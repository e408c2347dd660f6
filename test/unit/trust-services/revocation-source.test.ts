import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { openRevocation } from '../../../src/context/trust-services.ts'
import type { TrustStore } from '../../../src/signature/trust-store.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { mayAsk } from '../../../src/signature/x509/revocation.ts'
import { permittedHosts } from '../../../src/trust-services/permitted-hosts.ts'
import { type RevocationSettings, revocationSource } from '../../../src/trust-services/revocation-source.ts'
import { statusUrls } from '../../../src/trust-services/status-urls.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCrl } from '../../fakes/fake-crl.ts'
import { FakeOcsp } from '../../fakes/fake-ocsp.ts'
import { CRL_TYPE, OCSP_TYPE, trustServiceServer } from '../../fakes/trust-service-server.ts'

const ca = fakeCa()
const issuer = ca.issuing.certificateChain[0]!
const responder = issue({ subject: [[NAME.commonName, 'OCSP']], profile: 'ocsp', key: 'p256' }, ca.issuing)
const EMPTY: TrustStore = { anchors: [], intermediates: [] }
const MINUTE = 60_000

function leafAt(ocspUrl?: string, crlUrl?: string) {
  const urls = { ...(ocspUrl && { ocspUrl }), ...(crlUrl && { crlUrl }) }
  const subject = [[NAME.commonName, 'leaf']] as const
  return issue({ subject, profile: 'signature', key: 'p256', ...urls }, ca.issuing).certificateChain[0]!
}

async function world(t: Parameters<typeof trustServiceServer>[0], more: Partial<RevocationSettings> = {}) {
  const ocsp = new FakeOcsp({ responder })
  const published = { crl: makeCrl(ca.issuing) }
  const server = await trustServiceServer(t, {
    ocsp: { mediaType: OCSP_TYPE, respond: (body) => ocsp.respond(body) },
    crl: { mediaType: CRL_TYPE, respond: () => published.crl },
  })
  const failures: string[] = []
  const clock = { now: new Date() }
  const source = revocationSource({
    timeoutMs: 2_000,
    deadlineMs: 3_000,
    hosts: permittedHosts([new URL(server.url).host], EMPTY),
    networks: ['127.0.0.0/8', '::1/128'],
    now: () => clock.now,
    onFailure: (_url, why) => failures.push(why),
    ...more,
  })
  t.teardown(source.close)
  const leaf = leafAt(`${server.url}/ocsp`, `${server.url}/crl`)
  return { ocsp, published, server, source, failures, clock, leaf }
}

t.test('places are read from the certificate, and nothing from one that names none', async (t) => {
  t.same(statusUrls(leafAt('http://ocsp.thu.vn/', 'http://crl.thu.vn/a.crl')), {
    ocsp: ['http://ocsp.thu.vn/'],
    crl: ['http://crl.thu.vn/a.crl'],
  })
  t.same(statusUrls(leafAt('ldap://ocsp.thu.vn/', 'file:///etc/passwd')), { ocsp: [], crl: [] })
  t.same(statusUrls(issuer), { ocsp: [], crl: [] })
})

t.test('OCSP and CRL are fetched once for all who ask, and kept', async (t) => {
  const { source, server, leaf, clock, ocsp } = await world(t)
  const [one] = await Promise.all(Array.from({ length: 8 }, () => source.ocsps(leaf, issuer)))
  t.equal(one?.length, 1)
  t.equal((await source.crls(leaf, issuer)).length, 1)
  t.same(server.requests, ['/ocsp', '/crl'])
  clock.now = new Date(Date.now() + 11 * MINUTE)
  await source.ocsps(leaf, issuer)
  await source.crls(leaf, issuer)
  t.equal(ocsp.asked, 2, 'OCSP is asked for again after ten minutes, the CRL is not')
  t.equal(server.requests.length, 3)
})

t.test('an answer whose time is over is never given', async (t) => {
  const { source, server, leaf, clock, published, failures } = await world(t)
  published.crl = makeCrl(ca.issuing, { nextUpdate: new Date(Date.now() + 5 * MINUTE) })
  t.equal((await source.crls(leaf, issuer)).length, 1)
  server.behaviour = { kind: 'down' }
  clock.now = new Date(Date.now() + 4 * MINUTE)
  t.equal((await source.crls(leaf, issuer)).length, 1)
  clock.now = new Date(Date.now() + 5 * MINUTE)
  t.same(await source.crls(leaf, issuer), [], 'it expires closed')
  server.behaviour = { kind: 'answer' }
  clock.now = new Date(Date.now() + 6 * MINUTE)
  t.same(await source.crls(leaf, issuer), [], 'a stale CRL that is served is not taken')
  t.match(failures, [/SOCKET|RESET/, 'stale'])
})

t.test('a service that brings nothing is left alone for a while, then asked again', async (t) => {
  const { source, server, leaf, clock, ocsp, failures } = await world(t)
  for (const behaviour of ['garbage', 'empty', 'try-later', 'expired'] as const) {
    ocsp.behaviour = behaviour
    const before = ocsp.asked
    t.same(await source.ocsps(leaf, issuer), [], behaviour)
    t.same(await source.ocsps(leaf, issuer), [])
    t.equal(ocsp.asked, before + 1)
    clock.now = new Date(clock.now.getTime() + 31_000)
  }
  t.same(failures, ['malformed', 'malformed', 'malformed', 'stale'])
  ocsp.behaviour = 'answer'
  t.equal((await source.ocsps(leaf, issuer)).length, 1)
  t.equal(server.requests.length, 5)
})

t.test('a slow service costs the deadline and no more', async (t) => {
  const { source, server, leaf } = await world(t, { timeoutMs: 10_000, deadlineMs: 200 })
  server.behaviour = { kind: 'hang' }
  const before = performance.now()
  t.same(await source.ocsps(leaf, issuer), [])
  t.ok(performance.now() - before < 1_500)
})

t.test('nobody is led where the operator did not say', async (t) => {
  const { server, leaf } = await world(t)
  const ask = async (settings: Partial<RevocationSettings>, certificate = leaf) => {
    const failures: string[] = []
    const source = revocationSource({
      timeoutMs: 2_000,
      deadlineMs: 3_000,
      hosts: permittedHosts([new URL(server.url).host], EMPTY),
      networks: [],
      onFailure: (_url, why) => failures.push(why),
      ...settings,
    })
    t.teardown(source.close)
    t.same(await source.crls(certificate, issuer), [])
    return failures
  }
  t.same(await ask({ hosts: permittedHosts([], EMPTY), networks: ['127.0.0.0/8'] }), [], 'a host not listed')
  t.same(await ask({}), ['address-forbidden'], 'a listed name that leads to a private address')
  const literal = leafAt(undefined, server.url.replace('localhost', '127.0.0.1'))
  const hosts = permittedHosts([`127.0.0.1:${new URL(server.url).port}`], EMPTY)
  t.same(await ask({ hosts }, literal), ['address-forbidden'])
  const otherPort = { hosts: permittedHosts(['localhost'], EMPTY), networks: ['127.0.0.0/8', '::1/128'] }
  t.same(await ask(otherPort), [], 'another port of a listed host')
  t.same(server.requests, [])
  server.behaviour = { kind: 'status', status: 302, location: `${server.url}/crl` }
  t.same(await ask({ networks: ['127.0.0.0/8', '::1/128'] }), ['status-302'], 'a redirection')
  server.behaviour = { kind: 'flood' }
  t.same(await ask({ networks: ['127.0.0.0/8', '::1/128'] }), ['too-large'])
})

t.test('hosts are permitted by name, by domain, and by the trust store', async (t) => {
  const known = leafAt('http://ocsp.goc.vn:8080/x')
  const hosts = permittedHosts(['crl.thu.vn', '.ca.gov.vn'], { anchors: [], intermediates: [known] })
  for (const url of ['http://crl.thu.vn/a', 'http://CRL.ca.gov.vn', 'http://ocsp.goc.vn:8080/'])
    t.ok(hosts.permits(url), url)
  for (const url of ['http://thu.vn/', 'http://xca.gov.vn/', 'http://crl.thu.vn.evil/', 'không phải URL'])
    t.notOk(hosts.permits(url), url)
})

t.test('no other port of a permitted host is asked, unless it is named too', async (t) => {
  const listed = ['crl.thu.vn', '.ca.gov.vn', 'OCSP.rieng.vn:8080', '.nhieu.vn:8443', 'ro.vn:80']
  const hosts = permittedHosts(listed, { anchors: [], intermediates: [leafAt('http://ocsp.goc.vn:8080/x')] })
  const permitted = [
    ...['http://crl.thu.vn:80/', 'https://crl.thu.vn:443/', 'https://a.ca.gov.vn/', 'http://ro.vn/'],
    ...['http://ocsp.rieng.vn:8080/', 'https://a.nhieu.vn:8443/', 'https://ro.vn:80/'],
  ]
  const refused = [
    ...['http://crl.thu.vn:6379/', 'http://ocsp.ca.gov.vn:6379/', 'http://crl.thu.vn:443/'],
    ...['http://ocsp.rieng.vn/', 'http://ocsp.goc.vn/', 'http://ocsp.goc.vn:6379/', 'https://ro.vn/'],
    ...['http://ocsp.rieng.vn:80801/', 'http://a.nhieu.vn/', 'http://evil.vn:80/.ca.gov.vn'],
  ]
  for (const url of permitted) t.ok(hosts.permits(url), url)
  for (const url of refused) t.notOk(hosts.permits(url), url)
})

t.test('who may be asked changes with the trust store, while it runs', async (t) => {
  const store: { anchors: TrustStore['anchors']; intermediates: TrustStore['intermediates'] } = { ...EMPTY }
  const settings = { isOn: true, hosts: [], networks: [], timeoutMs: 1_000 }
  const source = openRevocation({ revocation: settings }, store, { warn: () => undefined })
  t.teardown(() => source?.close())
  t.equal(mayAsk(source), false, 'nobody is named')
  store.anchors = []
  store.intermediates = [leafAt('http://ocsp.goc.vn/')]
  t.equal(mayAsk(source), true, 'a certificate that came into the store names somebody')
  store.anchors = []
  store.intermediates = []
  t.equal(mayAsk(source), false)
  t.equal(
    openRevocation({ revocation: { ...settings, isOn: false } }, store, { warn: () => undefined }),
    null,
  )
})
