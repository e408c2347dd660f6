import t from 'tap'
import type { AnchorPurpose, TrustStore } from '../../../../src/signature/trust-store.ts'
import { pathAt } from '../../../../src/signature/validation/x509.ts'
import { NO_MATERIAL } from '../../../../src/signature/validation-material.ts'
import type { Certificate } from '../../../../src/signature/x509/certificate.ts'
import { validatePath } from '../../../../src/signature/x509/path.ts'
import { fakeCa } from '../../../fakes/fake-ca.ts'
import { signingAgency } from '../../../fakes/signing-agency.ts'

const ca = fakeCa()
const { agency } = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const other = signingAgency({ ca, name: 'Sở Thử Nghiệm', code: 'H98' }).agency.certificateChain[0]!
const leaf = agency.certificateChain[0]!
const [anchor] = ca.trust.anchors
const HOUR = 3_600_000
const around = (time: Date): Date[] =>
  [-HOUR, -1_000, -1, 0, 1, 999, 1_000, HOUR].map((by) => new Date(time.getTime() + by))

interface Case {
  readonly trust: TrustStore
  readonly purpose: AnchorPurpose | 'any'
  readonly embedded: readonly Certificate[]
  readonly time: Date
}

const until = new Date(Date.now() + HOUR)
const stores: Record<string, TrustStore> = {
  'as it is': ca.trust,
  'with an end to its trust': { ...ca.trust, anchors: [{ ...anchor!, trustedUntil: until }] },
  'without intermediates': { ...ca.trust, intermediates: [] },
  'for timestamps': { ...ca.trust, anchors: [{ ...anchor!, purposes: new Set(['timestamp']) }] },
  'of another CA': fakeCa().trust,
  empty: { anchors: [], intermediates: [] },
}

const times = [new Date(), ...around(leaf.notBefore), ...around(leaf.notAfter), ...around(until)]
const cases: Case[] = Object.values(stores).flatMap((trust) =>
  (['signature', 'timestamp', 'any'] as const).flatMap((purpose) =>
    [[leaf], agency.certificateChain, [leaf, other]].flatMap((embedded) =>
      times.map((time) => ({ trust, purpose, embedded, time })),
    ),
  ),
)

/** Without anything that was found before. */
const afresh = ({ trust, purpose, embedded, time }: Case) =>
  validatePath(leaf, {
    anchors: trust.anchors,
    material: { ...NO_MATERIAL, certificates: [...trust.intermediates, ...embedded] },
    time,
    purpose,
    revocation: 'known',
    weakAlgorithms: 'report',
  })

const asked = ({ trust, purpose, embedded, time }: Case) =>
  pathAt(leaf, purpose, { ...NO_MATERIAL, certificates: embedded }, { trust, time })

const told = ({ path, anchor: found, faults, ...rest }: ReturnType<typeof afresh>) => ({
  ...rest,
  path: path.map(({ sha256 }) => sha256),
  anchor: found?.certificate.sha256,
  faults: faults.map(({ check, reason, found: what }) => [check, reason, what]),
  revocation: rest.revocation.map(({ status, why, certificate }) => [status, why, certificate.sha256]),
})

t.test('a path that was found before is answered as one that is looked for afresh', async (t) => {
  let [sound, faulty] = [0, 0]
  // Each is asked after every other kind, and after itself.
  for (const [index, one] of cases.entries()) {
    const answers = [asked(one), asked(one)]
    const expected = told(afresh(one))
    if (expected.status === 'valid') sound += 1
    else faulty += 1
    for (const answer of answers)
      if (JSON.stringify(told(answer)) !== JSON.stringify(expected))
        t.strictSame(told(answer), expected, `case ${index}`)
  }
  t.ok(sound > 50 && faulty > 50, `${sound} sound, ${faulty} with faults`)
})

t.test('the same question a second later is answered with the same path', async (t) => {
  const one = { trust: ca.trust, purpose: 'signature', embedded: [leaf], time: new Date() } as const
  t.equal(asked({ ...one, time: new Date(one.time.getTime() + 1_000) }), asked(one))
  t.not(asked({ ...one, time: new Date(leaf.notAfter.getTime() + HOUR) }), asked(one))
})

t.test('what is found for one purpose leaves what was found for another', async (t) => {
  const both = {
    ...ca.trust,
    anchors: [{ ...anchor!, purposes: new Set<AnchorPurpose>(['signature', 'timestamp']) }],
  }
  const ask = (purpose: Case['purpose']) =>
    asked({ trust: both, purpose, embedded: [leaf], time: new Date() })
  const first = { signature: ask('signature'), any: ask('any') }
  t.equal(first.signature.status, 'valid')
  t.equal(ask('signature'), first.signature)
  t.equal(ask('any'), first.any)
  t.not(first.any, first.signature)
})
