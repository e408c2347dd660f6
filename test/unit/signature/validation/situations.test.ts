import t from 'tap'
import { type CheckedSignature, failed, passed } from '../../../../src/signature/checks.ts'
import { STANDARD_POLICY } from '../../../../src/signature/policy/policy-checks.ts'
import { EMPTY_TRUST } from '../../../../src/signature/trust-store.ts'
import type { ValidationContext } from '../../../../src/signature/validation/context.ts'
import { validateSignature } from '../../../../src/signature/validation/validate-signature.ts'
import { NO_MATERIAL } from '../../../../src/signature/validation-material.ts'
import type { Certificate } from '../../../../src/signature/x509/certificate.ts'
import { makeCrl } from '../../../fakes/fake-crl.ts'
import { crl, day, ocsp, signed, stamped, TRUST, WORLD } from '../../../fakes/validation-world.ts'
import { workTime } from '../../../support/work-time.ts'

const NOW = day('2026-06-01')
const BEFORE = day('2026-01-10')
/** Half an hour before the signer's certificate ends. */
const EARLY = new Date('2027-12-31T23:30:00Z')
const HOUR = 3_600_000
const after = (time: Date, hours = 1) => new Date(time.getTime() + hours * HOUR)

const material = (...ocsps: Uint8Array[]) => ({ ...NO_MATERIAL, ocsps })
const lists = (...crls: Uint8Array[]) => ({ ...NO_MATERIAL, crls })
/** It is asked, and says nothing. */
const SILENT = { crls: async () => [], ocsps: async () => [] }
const answering = (...ocsps: Uint8Array[]) => ({ ...SILENT, ocsps: async () => ocsps })
const ROOT_GOOD = (time: Date) => crl(time, undefined, WORLD.root)
const signerOf = (key: (typeof WORLD)[keyof typeof WORLD]) => ({
  signer: key.certificateChain[0]!,
  embedded: key.certificateChain,
})

/** Knows of the TSA alone, by a CRL of that day. */
const knowingTsa = (time: Date) => ({
  ...SILENT,
  crls: async (certificate: Certificate) =>
    certificate.sha256 === WORLD.tsa.certificateChain[0]!.sha256 ? [ROOT_GOOD(time)] : [],
})
const revokedTsa = (at: Date) =>
  makeCrl(WORLD.root, {
    thisUpdate: day('2028-06-01'),
    nextUpdate: day('2028-06-02'),
    revoked: [{ certificate: WORLD.tsa.certificateChain[0]!, at }],
  })
const TOKEN = stamped(BEFORE)
const SHORT_TOKEN = stamped(BEFORE, { tsa: WORLD.shortTsa })
/** What was put away two hours after the signing. */
const KEPT = {
  since: after(BEFORE, 2),
  evidence: {
    ...material(ocsp('good', after(BEFORE))),
    crls: [ROOT_GOOD(after(BEFORE))],
    tokens: [TOKEN.der],
  },
}

interface Situation {
  readonly signature?: Partial<CheckedSignature>
  readonly context?: Partial<ValidationContext>
  readonly without?: 'signer'
  readonly is: string
}

/** Situations and what is said of them (ETSI EN 319 102-1 §5.1.3, §5.3, §5.5, §5.6). */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  'sound, nobody asked for revocation': { is: 'TOTAL_PASSED' },
  'the content was changed': {
    signature: { state: 'invalid', checks: [failed('digest', 'digest-mismatch')] },
    is: 'TOTAL_FAILED HASH_FAILURE',
  },
  'the value does not fit': {
    signature: { state: 'invalid', checks: [failed('signature-value', 'value-mismatch')] },
    is: 'TOTAL_FAILED SIG_CRYPTO_FAILURE',
  },
  'the format is broken': {
    signature: { state: 'unverifiable', checks: [failed('form', 'signature-malformed')] },
    is: 'TOTAL_FAILED FORMAT_FAILURE',
  },
  'a kind that is not supported': {
    signature: { state: 'unverifiable', checks: [failed('form', 'subfilter-unsupported')] },
    is: 'INDETERMINATE GENERIC',
  },
  'the content is elsewhere': {
    signature: { state: 'unverifiable', checks: [failed('form', 'content-detached')] },
    is: 'INDETERMINATE SIGNED_DATA_NOT_FOUND',
  },
  'an algorithm that is refused': {
    signature: { state: 'unverifiable', checks: [failed('algorithm', 'algorithm-refused')] },
    is: 'INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE',
  },
  'a bare key instead of a certificate': {
    without: 'signer',
    is: 'INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND',
  },
  'only a part is covered': {
    signature: { coverage: 'part', checks: [failed('whole-document', 'part-only')] },
    is: 'INDETERMINATE SIG_CONSTRAINTS_FAILURE',
  },
  'what is covered is not known': {
    signature: { coverage: 'unknown', checks: [passed('signature-value')] },
    is: 'INDETERMINATE SIG_CONSTRAINTS_FAILURE',
  },
  'called valid, though a reference is not intact': {
    signature: { references: [{ uri: '#a', intact: false }] },
    is: 'TOTAL_FAILED HASH_FAILURE',
  },
  'called valid, though a reference was not read': {
    signature: { references: [{ uri: '#a', intact: null }] },
    is: 'INDETERMINATE SIGNED_DATA_NOT_FOUND',
  },
  'called valid, though its value was not tried': {
    signature: { valueIntact: null },
    is: 'TOTAL_FAILED SIG_CRYPTO_FAILURE',
  },
  'called whole, though the file was changed afterwards': {
    signature: { modifiedAfterSigning: true },
    is: 'INDETERMINATE SIG_CONSTRAINTS_FAILURE',
  },
  'a root that nobody here trusts': {
    signature: signerOf(WORLD.stranger),
    is: 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
  },
  'no trust at all': { context: { trust: EMPTY_TRUST }, is: 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND' },
  'a certificate for servers': {
    signature: signerOf(WORLD.tls),
    is: 'INDETERMINATE CHAIN_CONSTRAINTS_FAILURE',
  },
  'SHA-1': {
    signature: { strong: false, digestAlgorithm: 'sha1' },
    is: 'INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE',
  },
  'a key of 1024 bits': {
    signature: { ...signerOf(WORLD.weak), strong: false },
    is: 'INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE',
  },
  'SHA-1 where the policy only warns': {
    signature: { strong: false, digestAlgorithm: 'sha1' },
    context: { policy: { id: 'mild', levels: { ...STANDARD_POLICY.levels, 'digest-sha1': 'warn' } } },
    is: 'TOTAL_PASSED',
  },
  'expired, without a timestamp': {
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'just expired, not revoked, without a timestamp': {
    signature: {
      material: { ...material(ocsp('good', EARLY)), crls: [ROOT_GOOD(EARLY)] },
    },
    context: { time: after(EARLY, 0.75) },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED',
  },
  'expired, with a timestamp from before': {
    signature: { timestamps: [stamped(BEFORE)] },
    context: { time: day('2028-06-01') },
    is: 'TOTAL_PASSED',
  },
  'expired, with a timestamp from after': {
    signature: { timestamps: [stamped(day('2028-02-01'))] },
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, and the content stamped after that': {
    signature: { timestamps: [stamped(day('2028-02-01'), { kind: 'content' })] },
    context: { time: day('2028-06-01') },
    is: 'TOTAL_FAILED EXPIRED',
  },
  'older than its certificate': {
    signature: { timestamps: [stamped(day('2024-06-01'))] },
    is: 'TOTAL_FAILED NOT_YET_VALID',
  },
  'expired, proven from outside': {
    context: { time: day('2028-06-01'), proofs: [{ time: BEFORE, source: { vi: 'khác', en: 'other' } }] },
    is: 'TOTAL_PASSED',
  },
  'expired, a proof from the future': {
    context: { time: day('2028-06-01'), proofs: [{ time: day('2029-01-01'), source: { vi: '', en: '' } }] },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, stamped by a TSA that nobody trusts': {
    signature: { timestamps: [stamped(BEFORE, { tsa: WORLD.strangeTsa })] },
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, stamped over something else': {
    signature: { timestamps: [stamped(BEFORE, { over: Buffer.from('khác') })] },
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, with a token whose signature does not fit': {
    signature: { timestamps: [stamped(BEFORE, { broken: true })] },
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'stamped by a clock that is a little ahead': {
    signature: { timestamps: [stamped(new Date(NOW.getTime() + 60_000))] },
    context: { policy: { id: 'strict', levels: { ...STANDARD_POLICY.levels, 'timestamp-invalid': 'fail' } } },
    is: 'TOTAL_PASSED',
  },
  'stamped in the future': {
    signature: { timestamps: [stamped(after(NOW))] },
    context: { policy: { id: 'strict', levels: { ...STANDARD_POLICY.levels, 'timestamp-invalid': 'fail' } } },
    is: 'INDETERMINATE SIG_CONSTRAINTS_FAILURE',
  },
  'expired, and its TSA too': {
    signature: { timestamps: [stamped(BEFORE, { tsa: WORLD.shortTsa })] },
    context: { time: day('2028-06-01') },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, and its TSA too, where the policy lets a TSA be judged at its own time': {
    signature: { timestamps: [stamped(BEFORE, { tsa: WORLD.shortTsa })] },
    context: {
      time: day('2028-06-01'),
      policy: { id: 'mild', levels: { ...STANDARD_POLICY.levels, 'timestamp-expired': 'warn' } },
    },
    is: 'TOTAL_PASSED',
  },
  'a TSA that was revoked since is not judged at its own time, whatever the policy': {
    signature: { timestamps: [stamped(BEFORE)], material: lists(revokedTsa(day('2028-05-01'))) },
    context: {
      time: after(day('2028-06-01')),
      policy: { id: 'mild', levels: { ...STANDARD_POLICY.levels, 'timestamp-expired': 'ignore' } },
    },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'expired, and its TSA too, with an archive timestamp from before': {
    signature: {
      timestamps: [stamped(BEFORE, { tsa: WORLD.shortTsa }), stamped(day('2027-06-01'), { kind: 'archive' })],
    },
    context: { time: day('2028-06-01') },
    is: 'TOTAL_PASSED',
  },
  'an archive timestamp that came before what it should cover': {
    signature: {
      timestamps: [stamped(day('2027-06-01'), { kind: 'archive' }), stamped(BEFORE, { tsa: WORLD.shortTsa })],
    },
    context: { time: day('2028-06-01') },
    // The archive timestamp alone is proof enough for the signature; the older token proves nothing.
    is: 'TOTAL_PASSED',
  },
  'a signature timestamp younger than the archive timestamp over it': {
    signature: {
      timestamps: [stamped(day('2026-03-01')), stamped(day('2026-02-01'), { kind: 'archive' })],
    },
    is: 'INDETERMINATE TIMESTAMP_ORDER_FAILURE',
  },
  'good by OCSP': {
    signature: { material: { ...material(ocsp('good', NOW)), crls: [ROOT_GOOD(NOW)] } },
    context: { time: after(NOW, 0.5), revocation: SILENT },
    is: 'TOTAL_PASSED',
  },
  'good by what the source answers': {
    signature: { material: lists(ROOT_GOOD(NOW)) },
    context: { time: after(NOW, 0.5), revocation: answering(ocsp('good', NOW)) },
    is: 'TOTAL_PASSED',
  },
  'a source that is silent': { context: { revocation: SILENT }, is: 'INDETERMINATE TRY_LATER' },
  'a responder that does not know it': {
    signature: { material: lists(ROOT_GOOD(NOW)) },
    context: { time: after(NOW, 0.5), revocation: answering(ocsp('unknown', NOW)) },
    is: 'INDETERMINATE TRY_LATER',
  },
  'a CRL that is out of date': {
    signature: { material: lists(ROOT_GOOD(NOW), crl(BEFORE)) },
    context: { time: after(NOW), revocation: SILENT },
    is: 'INDETERMINATE TRY_LATER',
  },
  'a source that is silent, where the policy only warns': {
    context: {
      revocation: SILENT,
      policy: { id: 'mild', levels: { ...STANDARD_POLICY.levels, 'revocation-unknown': 'warn' } },
    },
    is: 'TOTAL_PASSED',
  },
  'revoked, without a timestamp': {
    signature: { material: lists(crl(NOW, day('2026-03-01')), ROOT_GOOD(NOW)) },
    context: { time: after(NOW) },
    is: 'INDETERMINATE REVOKED_NO_POE',
  },
  'revoked after the proven time': {
    signature: {
      timestamps: [stamped(BEFORE)],
      material: lists(crl(NOW, day('2026-03-01')), ROOT_GOOD(NOW)),
    },
    context: { time: after(NOW), revocation: SILENT },
    is: 'TOTAL_PASSED',
  },
  'revoked before the proven time': {
    signature: {
      timestamps: [stamped(day('2026-04-01'))],
      material: lists(crl(NOW, day('2026-03-01')), ROOT_GOOD(NOW)),
    },
    context: { time: after(NOW) },
    is: 'INDETERMINATE REVOKED_NO_POE',
  },
  'revoked, and the content stamped after that': {
    signature: {
      timestamps: [stamped(day('2026-04-01'), { kind: 'content' })],
      material: lists(crl(NOW, day('2026-03-01')), ROOT_GOOD(NOW)),
    },
    context: { time: after(NOW) },
    is: 'TOTAL_FAILED REVOKED',
  },
  'its CA is revoked': {
    signature: { material: lists(crl(NOW), crl(NOW, day('2026-03-01'), WORLD.root)) },
    context: { time: after(NOW) },
    is: 'INDETERMINATE REVOKED_CA_NO_POE',
  },
  'long after, with OCSP from just after the timestamp': {
    signature: {
      timestamps: [stamped(BEFORE)],
      material: { ...material(ocsp('good', after(BEFORE))), crls: [ROOT_GOOD(after(BEFORE))] },
    },
    context: { time: after(day('2028-06-01')), revocation: knowingTsa(day('2028-06-01')) },
    is: 'TOTAL_PASSED',
  },
  'ten years after, its CA expired, with evidence that a keeper vouches for': {
    signature: { timestamps: [TOKEN] },
    context: { time: day('2036-06-01'), revocation: SILENT, kept: KEPT },
    is: 'TOTAL_PASSED',
  },
  'ten years after, its CA and its TSA expired, with evidence that a keeper vouches for': {
    signature: { timestamps: [SHORT_TOKEN] },
    context: {
      time: day('2036-06-01'),
      revocation: SILENT,
      kept: { ...KEPT, evidence: { ...KEPT.evidence, tokens: [SHORT_TOKEN.der] } },
    },
    is: 'TOTAL_PASSED',
  },
  'ten years after, with a token that was not kept': {
    signature: { timestamps: [SHORT_TOKEN] },
    context: { time: day('2036-06-01'), revocation: SILENT, kept: KEPT },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
  'ten years after, its CA expired, with OCSP that may have been made since': {
    signature: {
      timestamps: [stamped(BEFORE)],
      material: { ...material(ocsp('good', after(BEFORE))), crls: [ROOT_GOOD(after(BEFORE))] },
    },
    context: { time: after(day('2036-06-01')), revocation: knowingTsa(day('2036-06-01')) },
    is: 'INDETERMINATE REVOCATION_OUT_OF_BOUNDS_NO_POE',
  },
  'ten years after, without a timestamp': {
    signature: { material: { ...material(ocsp('good', after(BEFORE))), crls: [ROOT_GOOD(after(BEFORE))] } },
    context: { time: day('2036-06-01'), revocation: SILENT, kept: KEPT },
    is: 'INDETERMINATE OUT_OF_BOUNDS_NO_POE',
  },
}

const withoutSigner = ({ signer: _signer, ...rest }: CheckedSignature): CheckedSignature => rest

for (const [name, { signature = {}, without, context = {}, is }] of Object.entries(SITUATIONS)) {
  t.test(name, async (t) => {
    const checked = without === undefined ? signed(signature) : withoutSigner(signed(signature))
    const found = await validateSignature(checked, { trust: TRUST, time: NOW, ...context })
    const told = [found.indication, found.subIndication].filter((word) => word !== undefined).join(' ')
    t.equal(told, is, JSON.stringify(found.checks.filter(({ outcome }) => outcome !== 'passed')))
    t.equal(found.trust === 'trusted', is === 'TOTAL_PASSED')
    for (const { outcome, reason } of found.checks)
      if (outcome === 'failed' || outcome === 'warned') t.match(reason, { vi: /\S/, en: /\S/ })
  })
}

t.test('a signature with very many timestamps is judged in bounded time', async (t) => {
  const one = stamped(BEFORE)
  const timestamps = Array.from({ length: 20_000 }, () => ({ ...one }))
  const { result: found, cpu } = await workTime(() =>
    validateSignature(signed({ timestamps }), { trust: TRUST, time: NOW }),
  )
  t.ok(cpu < 2_000, `${Math.round(cpu)} ms`)
  t.equal(found.timestamps.length, 20_000)
  t.equal(found.timestamps.filter(({ isProof }) => isProof).length, 50)
})
