import fc from 'fast-check'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import type { TrustStore } from '../../../src/signature/trust-store.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { crlTimes, ocspTimes } from '../../../src/trust-services/answer-times.ts'
import { ExpiringCache } from '../../../src/trust-services/expiring-cache.ts'
import { permittedHosts } from '../../../src/trust-services/permitted-hosts.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCrl } from '../../fakes/fake-crl.ts'
import { ocspResponseFor } from '../../fakes/fake-ocsp.ts'

const ca = fakeCa()
const issuing = ca.issuing.certificateChain[0]!
const [thisUpdate, nextUpdate] = [new Date('2026-03-02T01:02:03Z'), new Date('2026-03-03T01:02:03Z')]
const crl = makeCrl(ca.issuing, { thisUpdate, nextUpdate })
const ocsp = ocspResponseFor(issuing, issuing, { responder: ca.issuing, thisUpdate, nextUpdate })

t.test('times are read from whole answers, and nothing is thrown for broken ones', async (t) => {
  t.same(crlTimes(crl), { thisUpdate, nextUpdate })
  t.same(ocspTimes(ocsp), { thisUpdate, nextUpdate })
  t.same(crlTimes(makeCrl(ca.issuing, { thisUpdate, nextUpdate: null })), { thisUpdate })
  t.equal(crlTimes(ocsp), undefined)
  t.equal(ocspTimes(crl), undefined)
  for (const [der, read] of [
    [crl, crlTimes],
    [ocsp, ocspTimes],
  ] as const) {
    for (let length = 0; length < der.length; length += 5) t.equal(read(der.subarray(0, length)), undefined)
    fc.assert(
      fc.property(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 }), (at, octet) => {
        const changed = Buffer.from(der)
        changed[at] = octet
        const times = read(changed)
        return times === undefined || times.thisUpdate instanceof Date
      }),
      { numRuns: 500 },
    )
  }
})

t.test('the cache holds no more than it may, and forgets what failed', async (t) => {
  let now = 1_000
  const cache = new ExpiringCache<string>({ maxEntries: 3, maxBytes: 100 }, () => new Date(now))
  const fetched: string[] = []
  const get = (key: string, size = 10, until = 2_000) =>
    cache.get(key, async () => {
      fetched.push(key)
      return { value: key, size, until: new Date(until) }
    })
  for (const key of ['a', 'b', 'c', 'd', 'd', 'b']) await get(key)
  t.same(fetched.splice(0), ['a', 'b', 'c', 'd'])
  await get('a')
  t.same(fetched.splice(0), ['a'], 'the oldest had made way')
  await get('large', 95)
  await get('d')
  t.same(fetched.splice(0), ['large', 'd'], 'size counts too')
  for (let round = 0; round < 2; round++) await get('too large', 101)
  t.same(fetched.splice(0), ['too large', 'too large'])
  now = 2_000
  await get('d', 10, 3_000)
  t.same(fetched.splice(0), ['d'], 'its time was over')
  const failing = () => cache.get('x', () => Promise.reject(new Error('hỏng')))
  await t.rejects(failing(), { message: 'hỏng' })
  t.equal(await get('x', 10, 3_000), 'x')
})

t.test('hosts follow a trust store that is exchanged', async (t) => {
  const subject = [[NAME.commonName, 'gốc']] as const
  const rootAt = (crlUrl: string) =>
    issue({ subject, profile: 'root', key: 'p256', crlUrl }).certificateChain[0]!
  const storeOf = (crlUrl: string): TrustStore => ({
    anchors: [{ certificate: rootAt(crlUrl), purposes: new Set(['signature']) }],
    intermediates: [],
  })
  let store = storeOf('http://cu.vn/a.crl')
  const hosts = permittedHosts([], {
    get anchors() {
      return store.anchors
    },
    get intermediates() {
      return store.intermediates
    },
  })
  t.same(
    [hosts.isEmpty, hosts.permits('http://cu.vn/'), hosts.permits('http://moi.vn/')],
    [false, true, false],
  )
  store = storeOf('http://moi.vn/a.crl')
  t.same([hosts.permits('http://cu.vn/'), hosts.permits('http://moi.vn/')], [false, true])
})
