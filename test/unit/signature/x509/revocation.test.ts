import { sign } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../../scripts/issue-certificate.ts'
import { boolean, context, integer, oid, sequence, tlv } from '../../../../src/signature/der-writer.ts'
import { signingKey } from '../../../../src/signature/keys/load-key.ts'
import type { Certificate } from '../../../../src/signature/x509/certificate.ts'
import { NAME } from '../../../../src/signature/x509/name.ts'
import { readOcsp } from '../../../../src/signature/x509/ocsp.ts'
import { validatePath } from '../../../../src/signature/x509/path.ts'
import type { PathSettings, PathValidation } from '../../../../src/signature/x509/path-types.ts'
import { revocationOf } from '../../../../src/signature/x509/revocation-of.ts'
import { fakeCa } from '../../../fakes/fake-ca.ts'
import { bitString, makeCrl, signatureAlgorithm, utcTime } from '../../../fakes/fake-crl.ts'
import { ocspResponseFor } from '../../../fakes/fake-ocsp.ts'
import {
  basicConstraints,
  CA,
  commonName,
  extendedKeyUsage,
  extension,
  keyUsage,
  make,
} from '../../../fakes/fake-x509.ts'

const ca = fakeCa()
const named = (text: string) => [[NAME.commonName, text]] as const
const leaf = issue({ subject: named('Cơ quan'), profile: 'signature', key: 'p256' }, ca.issuing)
const [signer, issuing] = leaf.certificateChain as [Certificate, Certificate]
const root = ca.root.certificateChain[0]!
const HOUR = 3_600_000
const rootList = makeCrl(ca.root)
const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const ago = (hours: number): Date => new Date(now.getTime() - hours * HOUR)

function validated(
  crls: Uint8Array[],
  ocsps: Uint8Array[] = [],
  more: Partial<PathSettings> = {},
): PathValidation {
  return validatePath(signer, {
    anchors: ca.trust.anchors,
    material: { certificates: [issuing], crls, ocsps },
    time: now,
    purpose: 'signature',
    revocation: 'required',
    ...more,
  })
}

/** Of the signer: status and why; the CA above is good by its own list. */
function statusOf(crls: Uint8Array[], ocsps: Uint8Array[] = [], more: Partial<PathSettings> = {}): string[] {
  const { status, revocation } = validated([rootList, ...crls], ocsps, more)
  const { status: own, why } = revocation[0]!
  return [status, own, ...(why === undefined ? [] : [why])]
}

t.test('lists: good, revoked, stale, spoilt, of another', async (t) => {
  const at = ago(2)
  t.strictSame(statusOf([makeCrl(ca.issuing)]), ['valid', 'good'])
  t.strictSame(statusOf([]), ['invalid', 'unknown', 'none-at-hand'])
  t.strictSame(statusOf([], [], { revocation: 'known' }), ['valid', 'unknown', 'none-at-hand'])
  const revoked = makeCrl(ca.issuing, { revoked: [{ certificate: signer, at, reason: 1 }] })
  t.strictSame(statusOf([revoked]), ['invalid', 'revoked'])
  t.strictSame(statusOf([revoked], [], { revocation: 'known' }), ['invalid', 'revoked'])
  t.strictSame(statusOf([revoked, makeCrl(ca.issuing, { number: 9, thisUpdate: ago(0.5) })]), [
    'invalid',
    'revoked',
  ])
  const stale = makeCrl(ca.issuing, { thisUpdate: ago(9), nextUpdate: ago(1) })
  t.strictSame(statusOf([stale]), ['invalid', 'unknown', 'stale'])
  t.strictSame(statusOf([makeCrl(ca.issuing, { thisUpdate: ago(-1) })]), ['invalid', 'unknown', 'future'])
  t.strictSame(statusOf([makeCrl(ca.issuing, { broken: true })]), ['invalid', 'unknown', 'signature'])
  t.strictSame(statusOf([makeCrl(fakeCa().issuing)]), ['invalid', 'unknown', 'signature'])
  t.strictSame(statusOf([Buffer.from('không phải DER')]), ['invalid', 'unknown', 'unreadable'])
  t.strictSame(statusOf([makeCrl(ca.issuing, { nextUpdate: null })]), ['valid', 'good'])
  const old = makeCrl(ca.issuing, { thisUpdate: ago(200), nextUpdate: null })
  t.strictSame(statusOf([old]), ['invalid', 'unknown', 'stale'])
  t.strictSame(statusOf([old], [], { maxRevocationAge: 300 * HOUR }), ['valid', 'good'])
})

t.test('what was revoked for good stays so, however old the news', async (t) => {
  const old = { thisUpdate: ago(9), nextUpdate: ago(8) }
  const list = (reason: number) =>
    makeCrl(ca.issuing, { ...old, revoked: [{ certificate: signer, at: ago(9), reason }] })
  t.strictSame(statusOf([list(1)]), ['invalid', 'revoked'])
  t.strictSame(statusOf([list(1), makeCrl(ca.issuing)]), ['invalid', 'revoked'])
  t.strictSame(statusOf([list(6)]), ['invalid', 'unknown', 'stale'])
  t.strictSame(statusOf([list(6), makeCrl(ca.issuing)]), ['valid', 'good'])
  const answer = ocspResponseFor(signer, issuing, {
    responder: ca.issuing,
    ...old,
    state: { revokedAt: ago(9) },
  })
  t.strictSame(statusOf([], [answer], { revocation: 'known' }), ['invalid', 'revoked'])
})

t.test('what is not known of revocation has not passed', async (t) => {
  const outcome = (found: PathValidation) => found.checks.find(({ check }) => check === 'revocation')?.outcome
  t.equal(outcome(validated([rootList, makeCrl(ca.issuing)])), 'passed')
  t.equal(outcome(validated([rootList], [], { revocation: 'known' })), 'not-made')
  t.equal(outcome(validated([rootList])), 'failed')
  t.equal(outcome(validated([rootList], [], { revocation: 'none' })), 'not-made')
})

t.test('the evidence and its end are told', async (t) => {
  const crl = makeCrl(ca.issuing, { revoked: [{ certificate: signer, at: ago(2), reason: 1 }] })
  const { revocation } = validated([rootList, crl])
  t.match(revocation[0], { source: 'crl', reason: 'keyCompromise', revokedAt: ago(2), evidence: crl })
  t.equal(revocation[1]?.status, 'good')
  const own = revocationOf(signer, issuing, { certificates: [], crls: [crl], ocsps: [] }, { time: now })
  t.match(own, { status: 'revoked' })
  t.ok(own.freshUntil! > now)
})

t.test('a revocation counts from its date; what is known later tells of the past', async (t) => {
  const crl = makeCrl(ca.issuing, { revoked: [{ certificate: signer, at: ago(2) }] })
  const past = { time: ago(5), revocationUntil: now }
  const roots = [rootList, crl]
  t.equal(validated(roots, [], past).status, 'valid')
  t.match(validated(roots, [], past).revocation[0], { status: 'revoked', revokedAt: ago(2) })
  t.equal(validated(roots, [], { ...past, time: ago(2) }).status, 'invalid')
  t.equal(validated(roots, [], { time: ago(5) }).revocation[0]?.why, 'future')
})

t.test('OCSP: good, revoked, unknown, stale, spoilt', async (t) => {
  const answer = (more = {}) => ocspResponseFor(signer, issuing, { responder: ca.issuing, ...more })
  t.strictSame(statusOf([], [answer()]), ['valid', 'good'])
  const revoked = answer({ state: { revokedAt: ago(1), reason: 4 } })
  t.strictSame(statusOf([], [revoked]), ['invalid', 'revoked'])
  t.strictSame(statusOf([makeCrl(ca.issuing)], [revoked]), ['invalid', 'revoked'])
  t.strictSame(statusOf([], [answer({ state: 'unknown' })]), ['invalid', 'unknown', 'unknown-to-responder'])
  t.strictSame(statusOf([makeCrl(ca.issuing)], [answer({ state: 'unknown' })]).slice(0, 2), [
    'invalid',
    'unknown',
  ])
  t.strictSame(statusOf([], [answer({ broken: true })]), ['invalid', 'unknown', 'signature'])
  const stale = answer({ thisUpdate: ago(9), nextUpdate: ago(8) })
  t.strictSame(statusOf([], [stale]), ['invalid', 'unknown', 'stale'])
  t.strictSame(statusOf([], [answer({ thisUpdate: ago(-1) })]), ['invalid', 'unknown', 'future'])
  const other = issue({ subject: named('khác'), profile: 'signature', key: 'p256' }, ca.issuing)
    .certificateChain[0]!
  t.strictSame(statusOf([], [ocspResponseFor(other, issuing, { responder: ca.issuing })]), [
    'invalid',
    'unknown',
    'none-at-hand',
  ])
  t.equal(readOcsp(Buffer.from('30030a0103', 'hex')).status, 'tryLater')
})

t.test('a responder must be the issuer, or authorised by it for that', async (t) => {
  const as = (profile: 'ocsp' | 'signature', by = ca.issuing, more = {}) =>
    issue({ subject: named('OCSP'), profile, key: 'p256', ...more }, by)
  const by = (responder: ReturnType<typeof as>) => ocspResponseFor(signer, issuing, { responder })
  t.strictSame(statusOf([], [by(as('ocsp'))]), ['valid', 'good'])
  t.strictSame(statusOf([], [by(as('signature'))]), ['invalid', 'unknown', 'responder'])
  t.strictSame(statusOf([], [by(as('ocsp', ca.root))]), ['invalid', 'unknown', 'responder'])
  t.strictSame(statusOf([], [by(as('ocsp', ca.issuing, { notBefore: ago(99), notAfter: ago(9) }))]), [
    'invalid',
    'unknown',
    'responder',
  ])
  const above = {
    certificate: issuing,
    privateKey: ca.issuing.key,
    name: Buffer.from(issuing.subjectDer, 'hex'),
  }
  const made = make({ subject: 'OCSP', issuer: above, extensions: [extendedKeyUsage('1.3.6.1.5.5.7.3.9')] })
  const responder = signingKey(made.privateKey, [made.certificate])
  const revoked = { certificate: responder.certificateChain[0]!, at: ago(3) }
  const list = makeCrl(ca.issuing, { revoked: [revoked] })
  t.strictSame(statusOf([], [by(responder)], {}), ['valid', 'good'])
  const { revocation } = validated([rootList, list], [by(responder)])
  t.equal(revocation[0]?.source, 'crl', 'a revoked responder is not heard')
})

/** A list with extensions of one's own: what the fakes of services never need. */
function listWith(
  extensions: Buffer[],
  revoked: { certificate: Certificate; reason?: number }[] = [],
  version = true,
) {
  const reasonOf = (reason: number) => sequence(extension('2.5.29.21', tlv(0x0a, Uint8Array.of(reason))))
  const entries = revoked.map(({ certificate, reason }) =>
    sequence(
      integer(Buffer.from(certificate.serial, 'hex')),
      utcTime(ago(2)),
      ...(reason === undefined ? [] : [reasonOf(reason)]),
    ),
  )
  const list = sequence(
    ...(version ? [integer(1)] : []),
    signatureAlgorithm(ca.issuing),
    Buffer.from(issuing.subjectDer, 'hex'),
    utcTime(ago(1)),
    utcTime(ago(-24)),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [context(0, sequence(...extensions))]),
  )
  return sequence(list, signatureAlgorithm(ca.issuing), bitString(sign('sha256', list, ca.issuing.key)))
}

const scope = (...fields: Buffer[]): Buffer => extension('2.5.29.28', sequence(...fields), true)
const number = (value: number): Buffer => extension('2.5.29.20', integer(value))
const TRUE = Uint8Array.of(0xff)

t.test('scopes: a list is heard of what it speaks of alone', async (t) => {
  const uri = context(0, context(0, tlv(0x86, Buffer.from('http://ca.vn/1.crl'))))
  const rows: [what: string, list: Buffer, found: string[]][] = [
    ['users only', listWith([scope(tlv(0x81, TRUE))]), ['valid', 'good']],
    ['authorities only', listWith([scope(tlv(0x82, TRUE))]), ['invalid', 'unknown', 'scope']],
    ['attributes only', listWith([scope(tlv(0x85, TRUE))]), ['invalid', 'unknown', 'scope']],
    [
      'users and authorities',
      listWith([scope(tlv(0x81, TRUE), tlv(0x82, TRUE))]),
      ['invalid', 'unknown', 'unreadable'],
    ],
    ['another point', listWith([scope(uri)]), ['invalid', 'unknown', 'scope']],
    [
      'some reasons',
      listWith([scope(tlv(0x83, Uint8Array.of(6, 0x40)))]),
      ['invalid', 'unknown', 'some-reasons-only'],
    ],
    [
      'critical extension unknown',
      listWith([extension('1.2.3', boolean(true), true)]),
      ['invalid', 'unknown', 'critical-extension'],
    ],
    ['version 1 with extensions', listWith([number(1)], [], false), ['invalid', 'unknown', 'unreadable']],
  ]
  for (const [what, list, found] of rows) t.strictSame(statusOf([list]), found, what)
})

t.test('deltas: they add, they take back, and need their base', async (t) => {
  const delta = (base: number, own: number, revoked: { certificate: Certificate; reason?: number }[] = []) =>
    listWith([number(own), extension('2.5.29.27', integer(base), true)], revoked)
  const clean = listWith([number(5)])
  const held = listWith([number(5)], [{ certificate: signer, reason: 6 }])
  t.strictSame(statusOf([delta(1, 6)]), ['invalid', 'unknown', 'scope'], 'no base')
  t.strictSame(statusOf([clean, delta(5, 6)]), ['valid', 'good'])
  t.strictSame(statusOf([clean, delta(5, 6, [{ certificate: signer, reason: 1 }])]), ['invalid', 'revoked'])
  t.strictSame(statusOf([held, delta(5, 6, [{ certificate: signer, reason: 8 }])]), ['valid', 'good'])
  t.strictSame(
    statusOf([held, delta(6, 7, [{ certificate: signer, reason: 8 }])]),
    ['invalid', 'revoked'],
    'another base',
  )
})

t.test('a CRL of another key of the CA needs a path of its own', async (t) => {
  const top = make({ subject: 'Gốc', extensions: CA })
  const authority = make({ subject: 'CA', issuer: top, extensions: [basicConstraints(), keyUsage(0x04)] })
  const lister = make({ subject: 'CA', issuer: top, extensions: [keyUsage(0x02)] })
  const stranger = make({ subject: 'CA', extensions: [keyUsage(0x02)] })
  const own = make({ subject: 'Cơ quan', issuer: authority })
  const listBy = (by: typeof top, name = by.name) => {
    const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
    const list = sequence(integer(1), algorithm, name, utcTime(ago(1)), utcTime(ago(-24)))
    return sequence(list, algorithm, tlv(0x03, Uint8Array.of(0), sign('sha256', list, by.privateKey)))
  }
  const judge = (crl: Buffer) =>
    validatePath(own.certificate, {
      anchors: [{ certificate: top.certificate, purposes: new Set(['signature']) }],
      material: {
        certificates: [authority, lister, stranger].map(({ certificate }) => certificate),
        crls: [listBy(top), crl],
        ocsps: [],
      },
      time: now,
      purpose: 'any',
      revocation: 'required',
    }).revocation[0]
  t.match(judge(listBy(lister)), { status: 'good' })
  t.match(judge(listBy(stranger)), { status: 'unknown', why: 'crl-issuer' })
  t.match(judge(listBy(authority)), { status: 'unknown', why: 'signature' }, 'no cRLSign')
  t.match(judge(listBy(lister, commonName('khác'))), { status: 'unknown', why: 'none-at-hand' })
})

t.test('the successor of a root speaks for its certificates, if both are trusted', async (t) => {
  const [old, next] = [make({ subject: 'Gốc', extensions: CA }), make({ subject: 'Gốc', extensions: CA })]
  const own = make({ subject: 'Cơ quan', issuer: old })
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const list = sequence(integer(1), algorithm, next.name, utcTime(ago(1)), utcTime(ago(-24)))
  const crl = sequence(list, algorithm, tlv(0x03, Uint8Array.of(0), sign('sha256', list, next.privateKey)))
  const judge = (...anchors: (typeof old)[]) =>
    validatePath(own.certificate, {
      anchors: anchors.map(({ certificate }) => ({ certificate, purposes: new Set(['signature']) })),
      material: { certificates: [old.certificate, next.certificate], crls: [crl], ocsps: [] },
      time: now,
      purpose: 'any',
      revocation: 'required',
    }).revocation[0]
  t.match(judge(old, next), { status: 'good' })
  t.match(judge(old), { status: 'unknown', why: 'crl-issuer' })
})

t.test('no mutant of a list or a response makes it throw, or a revoked certificate good', async (t) => {
  const crl = makeCrl(ca.issuing, { revoked: [{ certificate: signer, at: ago(2), reason: 1 }] })
  const ocsp = ocspResponseFor(signer, issuing, { responder: ca.issuing, state: { revokedAt: ago(1) } })
  for (const [kind, der] of [
    ['crl', crl],
    ['ocsp', ocsp],
  ] as const) {
    for (let at = 0; at < der.length; at += kind === 'crl' ? 1 : 3) {
      for (const value of [der[at]! ^ 1, at % 3 === 0 ? 0x80 : 0xff]) {
        if (value === der[at]) continue
        const mutant = Buffer.from(der)
        mutant[at] = value
        const found = kind === 'crl' ? statusOf([mutant]) : statusOf([], [mutant])
        if (found[0] === 'valid') t.fail(`octet ${at} of the ${kind} as ${value}`)
      }
    }
  }
})

t.test('the root is nobody to revoke', async (t) => {
  const { revocation } = validatePath(root, {
    anchors: ca.trust.anchors,
    material: { certificates: [], crls: [], ocsps: [] },
    time: now,
    purpose: 'any',
    revocation: 'required',
  })
  t.strictSame(revocation, [])
})
