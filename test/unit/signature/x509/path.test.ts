import t from 'tap'
import {
  context,
  integer,
  nullValue,
  octetString,
  sequence,
  tlv,
} from '../../../../src/signature/der-writer.ts'
import type { ReasonId } from '../../../../src/signature/reasons.ts'
import type { TrustAnchor } from '../../../../src/signature/trust-anchor.ts'
import { parseCertificate } from '../../../../src/signature/x509/certificate.ts'
import { validatePath } from '../../../../src/signature/x509/path.ts'
import type { PathSettings } from '../../../../src/signature/x509/path-types.ts'
import { ANY_POLICY } from '../../../../src/signature/x509/policy-graph.ts'
import {
  alternativeNames,
  basicConstraints,
  CA,
  commonName,
  extendedKeyUsage,
  extension,
  generalName,
  ia5,
  keyIdOf,
  keyUsage,
  type Made,
  type MakeOptions,
  make,
  nameConstraints,
  nameOf,
  policies,
  policyMappings,
  printable,
  utf8,
} from '../../../fakes/fake-x509.ts'
import { workTime } from '../../../support/work-time.ts'

const now = new Date()
const root = make({ subject: 'Gốc', extensions: CA })
const anchor = (made: Made, more: Partial<TrustAnchor> = {}): TrustAnchor => ({
  certificate: made.certificate,
  purposes: new Set(['signature']),
  ...more,
})

function settings(between: readonly Made[], more: Partial<PathSettings> = {}): PathSettings {
  const certificates = between.map(({ certificate }) => certificate)
  return {
    anchors: [anchor(root)],
    material: { certificates, crls: [], ocsps: [] },
    time: now,
    purpose: 'any',
    revocation: 'none',
    ...more,
  }
}

/** What is wrong with a path; empty where it is valid. */
function wrong(leaf: Made, between: readonly Made[] = [], more: Partial<PathSettings> = {}): ReasonId[] {
  const { status, faults } = validatePath(leaf.certificate, settings(between, more))
  t.equal(status === 'valid', faults.length === 0)
  return faults.map(({ reason }) => reason)
}

const under = (issuer: Made, options: Partial<MakeOptions> = {}): Made =>
  make({ subject: 'Cơ quan', issuer, ...options })
const ca = (issuer: Made, subject: string | Buffer = 'CA', extensions: readonly Buffer[] = CA): Made =>
  make({ subject, issuer, extensions })

t.test('each defect of a path is found, and named', async (t) => {
  const issuing = ca(root)
  const noCa = ca(root, 'không phải CA', [keyUsage(0x06)])
  const noSign = ca(root, 'không được ký', [basicConstraints(), keyUsage(0x80)])
  const short = ca(root, 'pathlen 0', [basicConstraints(0), keyUsage(0x06)])
  const below = ca(short, 'dưới pathlen 0')
  const day = 86_400_000
  const unknown = extension('1.2.3.4.5', nullValue(), true)
  const rows: [defect: string, leaf: Made, between: Made[], found: ReasonId[]][] = [
    ['none', under(issuing), [issuing], []],
    ['signature value spoilt', under(issuing, { broken: true }), [issuing], ['issuer-signature']],
    ['intermediate missing', under(issuing), [], ['no-path']],
    ['issuer of the same name, another key', under(make({ subject: 'CA' })), [issuing], ['issuer-signature']],
    ['ended', under(issuing, { notAfter: new Date(now.getTime() - day) }), [issuing], ['expired']],
    ['not begun', under(issuing, { notBefore: new Date(now.getTime() + day) }), [issuing], ['expired']],
    ['issuer without basicConstraints', under(noCa), [noCa], ['not-a-ca']],
    ['issuer without keyCertSign', under(noSign), [noSign], ['key-usage']],
    ['path longer than a CA allows', under(below), [short, below], ['path-too-long']],
    [
      'critical extension unknown',
      under(issuing, { extensions: [unknown] }),
      [issuing],
      ['critical-extension'],
    ],
    [
      'extension twice',
      under(issuing, { extensions: [keyUsage(0x80), keyUsage(0x80)] }),
      [issuing],
      ['certificate-malformed'],
    ],
    [
      'extensions in version 1',
      under(issuing, { extensions: [keyUsage(0x80)], version: 1 }),
      [issuing],
      ['certificate-malformed'],
    ],
    [
      'keyUsage that is none',
      under(issuing, { extensions: [extension('2.5.29.15', octetString(Buffer.of(1)))] }),
      [issuing],
      ['certificate-malformed'],
    ],
    ['subject left out', under(issuing, { subject: sequence() }), [issuing], ['certificate-malformed']],
  ]
  for (const [defect, leaf, between, found] of rows) t.strictSame(wrong(leaf, between), found, defect)
})

t.test('names are compared as text, not as bytes', async (t) => {
  const issuing = ca(root, nameOf(['2.5.4.10', printable('So  Noi vu')], ['2.5.4.3', printable(' CA mot ')]))
  const same = nameOf(['2.5.4.10', utf8('SO NOI VU')], ['2.5.4.3', utf8('ca MOT')])
  const other = nameOf(['2.5.4.10', utf8('So Noi vu')], ['2.5.4.3', utf8('CA hai')])
  const turned = nameOf(['2.5.4.3', utf8('CA mot')], ['2.5.4.10', utf8('So Noi vu')])
  t.strictSame(wrong(under(issuing, { issuerName: same }), [issuing]), [])
  for (const name of [other, turned])
    t.strictSame(wrong(under(issuing, { issuerName: name }), [issuing]), ['no-path'])
  const composed = ca(root, commonName('Nội vụ'.normalize('NFD')))
  t.strictSame(wrong(under(composed, { issuerName: commonName('nội VỤ'.normalize('NFC')) }), [composed]), [])
})

t.test('name constraints bind every form, and what they cannot read is refused', async (t) => {
  const dns = (text: string) => generalName(2, Buffer.from(text))
  const mail = (text: string) => generalName(1, Buffer.from(text))
  const uri = (text: string) => generalName(6, Buffer.from(text))
  const ip = (...octets: number[]) => generalName(7, Buffer.from(octets))
  const directory = (text: string) => generalName(4, nameOf(['2.5.4.10', utf8(text)]))
  const other = context(0, Buffer.from('06032a0304a0020500', 'hex'))
  const rows: [permitted: Buffer[], excluded: Buffer[], name: Buffer, allowed: boolean][] = [
    [[dns('gov.vn')], [], dns('a.gov.vn'), true],
    [[dns('gov.vn')], [], dns('GOV.VN'), true],
    [[dns('gov.vn')], [], dns('egov.vn'), false],
    [[dns('gov.vn')], [], dns('*.gov.vn'), true],
    [[dns('a.gov.vn')], [], dns('*.gov.vn'), false],
    [[], [dns('a.gov.vn')], dns('*.gov.vn'), false],
    [[], [dns('a.gov.vn')], dns('b.gov.vn'), true],
    [[dns('.gov.vn')], [], dns('a.gov.vn'), false],
    [[dns('gov.vn')], [], dns('a b.gov.vn'), false],
    [[mail('gov.vn')], [], mail('a@gov.vn'), true],
    [[mail('gov.vn')], [], mail('a@b.gov.vn'), false],
    [[mail('.gov.vn')], [], mail('a@b.gov.vn'), true],
    [[mail('a@gov.vn')], [], mail('b@gov.vn'), false],
    [[], [mail('gov.vn')], mail('a'), false],
    [[uri('.gov.vn')], [], uri('https://a.gov.vn:443/x'), true],
    [[uri('.gov.vn')], [], uri('https://gov.vn@evil.vn/'), false],
    [[uri('.gov.vn')], [], uri('urn:x'), false],
    [[ip(10, 0, 0, 0, 255, 0, 0, 0)], [], ip(10, 1, 2, 3), true],
    [[ip(10, 0, 0, 0, 255, 0, 0, 0)], [], ip(11, 1, 2, 3), false],
    [[ip(10, 0, 0, 0, 255, 0, 255, 0)], [], ip(10, 0, 0, 0), false],
    [[], [ip(10, 0, 0, 0, 255, 0, 0, 0)], ip(1, 2, 3), false],
    [[directory('Bộ')], [], directory('BỘ'), true],
    [[directory('Bộ')], [], directory('Sở'), false],
    [[other], [], other, false],
    [[other], [], dns('a.vn'), true],
  ]
  const subject = nameOf(['2.5.4.10', utf8('Bộ')], ['2.5.4.3', utf8('Cơ quan')])
  for (const [index, [permitted, excluded, name, allowed]] of rows.entries()) {
    const limited = ca(root, 'CA', [...CA, nameConstraints(permitted, excluded)])
    const leaf = under(limited, { subject, extensions: [alternativeNames(name)] })
    t.strictSame(wrong(leaf, [limited]), allowed ? [] : ['name-constraints'], `row ${index}`)
  }
  const limited = ca(root, 'CA', [...CA, nameConstraints([mail('gov.vn')], [])])
  const address = nameOf(['1.2.840.113549.1.9.1', ia5('a@evil.vn')])
  t.strictSame(wrong(under(limited, { subject: address }), [limited]), ['name-constraints'], 'in the subject')
  const free = ca(limited, 'CA dưới')
  const far = under(free, { extensions: [alternativeNames(mail('a@evil.vn'))] })
  t.strictSame(wrong(far, [limited, free]), ['name-constraints'], 'two levels above')
})

t.test('many names under many constraints are refused in time', async (t) => {
  const names = (suffix: string) =>
    Array.from({ length: 2000 }, (_, i) => generalName(2, Buffer.from(`n${i}.${suffix}`)))
  const limited = ca(root, 'CA', [...CA, nameConstraints([], names('a.vn'))])
  const leaf = under(limited, { extensions: [alternativeNames(...names('b.vn'))] })
  const { result, cpu } = await workTime(async () => wrong(leaf, [limited]))
  t.strictSame(result, ['name-constraints'])
  t.ok(cpu < 5_000, `${Math.round(cpu)} ms`)
})

const P = (n: number): string => `1.2.3.${n}`

t.test('policies: demanded, mapped, inhibited', async (t) => {
  const asked = (initial: string[], more = {}) => ({
    policies: { initial, requireExplicit: true, inhibitMapping: false, inhibitAny: false, ...more },
  })
  const one = ca(root, 'CA', [...CA, policies(P(1))])
  const leaf = under(one, { extensions: [policies(P(1))] })
  t.strictSame(wrong(leaf, [one], asked([ANY_POLICY])), [])
  t.strictSame(wrong(leaf, [one], asked([P(2)])), ['policy-path'])
  t.strictSame(wrong(under(one), [one], asked([ANY_POLICY])), ['policy-path'])
  t.strictSame(wrong(under(one), [one]), [], 'nobody asks for a policy')
  const mapping = ca(root, 'CA', [...CA, policies(P(1)), policyMappings([P(1), P(5)])])
  const mapped = under(mapping, { extensions: [policies(P(5))] })
  t.strictSame(wrong(mapped, [mapping], asked([P(1)])), [])
  t.strictSame(wrong(mapped, [mapping], asked([P(5)])), ['policy-path'])
  t.strictSame(wrong(mapped, [mapping], asked([P(1)], { inhibitMapping: true })), ['policy-path'])
  const any = ca(root, 'CA', [...CA, policies(ANY_POLICY)])
  const below = under(any, { extensions: [policies(P(7))] })
  t.strictSame(wrong(below, [any], asked([P(7)])), [])
  t.strictSame(wrong(below, [any], asked([P(7)], { inhibitAny: true })), ['policy-path'])
  const found = validatePath(below.certificate, settings([any], asked([P(7), P(8)])))
  t.strictSame(found.policies, [P(7)])
})

t.test('mappings that multiply at every level cost their sum, not their product', async (t) => {
  const all = Array.from({ length: 24 }, (_, i) => P(i))
  const crossed = policyMappings(...all.flatMap((from) => all.map((to) => [from, to] as const)))
  const path: Made[] = []
  for (let depth = 0; depth < 10; depth++)
    path.push(ca(path.at(-1) ?? root, `CA ${depth}`, [...CA, policies(...all), crossed]))
  const leaf = under(path.at(-1)!, { extensions: [policies(...all)] })
  const asked = {
    policies: { initial: [P(1)], requireExplicit: true, inhibitMapping: false, inhibitAny: false },
  }
  const { result, cpu } = await workTime(async () => wrong(leaf, path, asked))
  t.strictSame(result, [])
  t.ok(cpu < 3_000, `${Math.round(cpu)} ms`)
})

t.test('a root and its successor: either way leads to whom is trusted', async (t) => {
  const old = make({ subject: 'CA gốc', extensions: CA })
  const next = make({ subject: 'CA gốc', extensions: CA })
  const linked = make({ subject: 'CA gốc', issuer: old, key: next, extensions: CA })
  const leaf = under(next)
  t.strictSame(wrong(leaf, [next, linked, old], { anchors: [anchor(old)] }), [])
  t.strictSame(wrong(leaf, [], { anchors: [anchor(next)] }), [])
  t.strictSame(wrong(leaf, [], { anchors: [anchor(old), anchor(next)] }), [])
  t.strictSame(wrong(leaf, [next, linked, old]), ['no-path'])
  t.ok(validatePath(leaf.certificate, settings([linked], { anchors: [anchor(old)] })).path.length === 3)
})

t.test('authorities that certify each other in circles do not stall the search', async (t) => {
  const made = Array.from({ length: 12 }, (_, i) => make({ subject: `CA ${i}`, extensions: CA }))
  const crossed = made.flatMap((issuer) =>
    made
      .filter((one) => one !== issuer)
      .map((one) => make({ subject: one.name, key: one, issuer, extensions: CA })),
  )
  const leaf = under(made[0]!)
  const { result, cpu } = await workTime(async () => wrong(leaf, crossed))
  t.strictSame(result, ['no-path'])
  t.ok(cpu < 5_000, `${Math.round(cpu)} ms`)
  const link = make({ subject: made[5]!.name, key: made[5]!, issuer: root, extensions: CA })
  t.strictSame(wrong(under(made[5]!), [link, ...crossed]), [])
})

t.test('an anchor: its period, its purposes, what it says of itself', async (t) => {
  const leaf = under(root)
  const ended = anchor(root, { trustedUntil: new Date(now.getTime() - 1000) })
  const later = anchor(root, { trustedFrom: new Date(now.getTime() + 1000) })
  for (const one of [ended, later]) t.strictSame(wrong(leaf, [], { anchors: [one] }), ['anchor-not-trusted'])
  t.strictSame(wrong(leaf, [], { purpose: 'timestamp' }), ['no-path', 'key-usage'])
  const bound = make({
    subject: 'Gốc hẹp',
    extensions: [...CA, nameConstraints([generalName(2, Buffer.from('a.vn'))], [])],
  })
  const outside = under(bound, { extensions: [alternativeNames(generalName(2, Buffer.from('b.vn')))] })
  t.strictSame(wrong(outside, [], { anchors: [anchor(bound)] }), ['name-constraints'])
  t.strictSame(wrong(outside, [], { anchors: [anchor(bound)], anchorConstraints: 'ignored' }), [])
  t.strictSame(wrong(root), [], 'an anchor itself')
  t.strictSame(wrong(root, [], { anchorAsLeaf: false }), ['no-path'])
  const signer = make({ subject: 'Người ký', extensions: [keyUsage(0x80)] })
  t.strictSame(
    wrong(under(signer), [], { anchors: [anchor(signer)] }),
    ['not-a-ca', 'key-usage'],
    'a signer issues nothing',
  )
})

t.test('uses: of the signer, and of the authorities that limit what they issue for', async (t) => {
  const tls = '1.3.6.1.5.5.7.3.1'
  const server = ca(root, 'CA TLS', [...CA, extendedKeyUsage(tls)])
  t.strictSame(wrong(under(server), [server], { purpose: 'signature' }), ['key-usage'])
  t.strictSame(wrong(under(server), [server]), [])
  t.strictSame(wrong(under(root, { extensions: [extendedKeyUsage(tls)] }), [], { purpose: 'signature' }), [
    'key-usage',
  ])
  t.strictSame(
    wrong(under(root, { extensions: [extendedKeyUsage(tls)] }), [], { extendedKeyUsage: [tls] }),
    [],
  )
})

t.test('weak keys fail, or are told', async (t) => {
  const weak = under(root, { key: 'rsa-1024' })
  t.strictSame(wrong(weak), ['algorithm-weak'])
  const told = validatePath(weak.certificate, settings([], { weakAlgorithms: 'report' }))
  t.equal(told.status, 'valid')
  t.strictSame(
    told.weaknesses.map(({ reason }) => reason),
    ['algorithm-weak'],
  )
})

t.test('no mutant of a certificate makes it throw, and none is trusted', async (t) => {
  const issuing = ca(root)
  const leaf = under(issuing, {
    extensions: [keyUsage(0x80), policies(P(1)), alternativeNames(generalName(2, Buffer.from('a.vn')))],
  })
  const { der } = leaf.certificate
  let read = 0
  for (let at = 0; at < der.length; at++) {
    for (const value of [der[at]! ^ 1, 0x00, 0xff, 0x80]) {
      if (value === der[at]) continue
      const mutant = Buffer.from(der)
      mutant[at] = value
      let parsed: ReturnType<typeof parseCertificate>
      try {
        parsed = parseCertificate(mutant)
      } catch {
        continue
      }
      read++
      if (validatePath(parsed, settings([issuing])).status === 'valid')
        t.fail(`octet ${at} as ${value} is trusted`)
    }
  }
  t.ok(read > 100, `${read} mutants were read`)
  t.throws(() => parseCertificate(tlv(0x30, integer(1))))
})

t.test('the strict profile demands of CAs what others overlook', async (t) => {
  const keyId = (made: Made) => extension('2.5.29.35', sequence(tlv(0x80, keyIdOf(made))))
  const ownId = extension('2.5.29.14', octetString(Buffer.alloc(20, 7)))
  const good = make({ subject: 'Gốc', extensions: [...CA, ownId] })
  const strict = { anchors: [anchor(good)], profile: 'strict' } as const
  const rows: [what: string, extensions: Buffer[], found: ReasonId[]][] = [
    ['as it should be', [keyId(good)], []],
    ['no authorityKeyIdentifier', [], ['certificate-malformed']],
    ['keyCertSign without CA', [keyId(good), keyUsage(0x04)], ['certificate-malformed']],
  ]
  for (const [what, extensions, found] of rows) {
    const leaf = under(good, { extensions })
    t.strictSame(wrong(leaf, [], strict), found, what)
    t.strictSame(wrong(leaf, [], { ...strict, profile: 'tolerant' }), [], what)
  }
  const critical = extension('2.5.29.35', sequence(tlv(0x80, keyIdOf(good))), true)
  const leaf = under(good, { extensions: [critical] })
  t.strictSame(wrong(leaf, [], { anchors: [anchor(good)] }), ['certificate-malformed'], 'in either profile')
})
