import fc from 'fast-check'
import t from 'tap'
import { indicationOf } from '../../../../src/domain/indication.ts'
import { type CheckedSignature, failed, passed } from '../../../../src/signature/checks.ts'
import type { TimestampKind } from '../../../../src/signature/timestamp/checked-timestamp.ts'
import { validateSignature } from '../../../../src/signature/validation/validate-signature.ts'
import { validateSignatures } from '../../../../src/signature/validation/validate-signatures.ts'
import { day, signed, stamped, TRUST, WORLD } from '../../../fakes/validation-world.ts'

const context = { trust: TRUST, time: day('2026-06-01') }
const certificateOf = (key: (typeof WORLD)[keyof typeof WORLD]) => key.certificateChain[0]!

const KINDS: TimestampKind[] = ['content', 'signature', 'references', 'archive', 'document']
const TOKENS = KINDS.flatMap((kind) =>
  [WORLD.tsa, WORLD.strangeTsa].flatMap((tsa) =>
    ['2024-06-01', '2026-01-10', '2026-05-01', '2027-01-01'].map((time) => stamped(day(time), { kind, tsa })),
  ),
)

const facts: fc.Arbitrary<CheckedSignature> = fc
  .record({
    state: fc.constantFrom('valid', 'valid', 'valid', 'invalid', 'unverifiable'),
    strong: fc.boolean(),
    valueIntact: fc.constantFrom(true, true, true, false, null),
    intact: fc.constantFrom(true, true, true, false, null),
    coverage: fc.constantFrom('whole', 'whole', 'part', 'unknown'),
    modifiedAfterSigning: fc.constantFrom(false, false, null, true),
    check: fc.constantFrom(passed('whole-document'), failed('whole-document', 'part-only'), passed('digest')),
    signer: fc.constantFrom(
      ...[WORLD.signer, WORLD.signer, WORLD.weak, WORLD.tls, WORLD.stranger].map(certificateOf),
    ),
    timestamps: fc.array(fc.constantFrom(...TOKENS), { maxLength: 4 }),
  } as const)
  .map(({ intact, check, ...rest }) => ({
    ...signed(),
    ...rest,
    references: [{ uri: '', intact }],
    checks: [passed('signature-value'), check],
  }))

t.test('whatever the facts, what is passed has nothing against it', async () => {
  await fc.assert(
    fc.asyncProperty(facts, async (checked) => {
      const found = await validateSignature(checked, context)
      const { indication, subIndication } = found
      if ((found.trust === 'trusted') !== (indication === 'TOTAL_PASSED')) return false
      if (indication !== 'TOTAL_PASSED')
        return subIndication !== undefined && indicationOf(subIndication) === indication
      return (
        subIndication === undefined &&
        checked.state === 'valid' &&
        checked.strong &&
        checked.valueIntact === true &&
        checked.references.every(({ intact }) => intact === true) &&
        checked.coverage !== 'part' &&
        checked.modifiedAfterSigning !== true &&
        checked.signer?.sha256 === certificateOf(WORLD.signer).sha256 &&
        found.path.at(-1)?.sha256 === certificateOf(WORLD.root).sha256 &&
        found.checks.every(({ outcome }) => outcome !== 'failed')
      )
    }),
    { numRuns: 400, seed: 20261120 },
  )
})

t.test('what proves a time is a token of a trusted TSA, and none from the future', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...TOKENS), { maxLength: 6 }), async (timestamps) => {
      const { provenTime, timestamps: found } = await validateSignature(signed({ timestamps }), context)
      const proofs = found.filter(({ isProof }) => isProof)
      const counted = proofs
        .filter(({ checked }) => checked.kind !== 'content')
        .map(({ time }) => time!.getTime())
      return (
        proofs.every(({ checked }) => checked.tsa?.sha256 === certificateOf(WORLD.tsa).sha256) &&
        proofs.every(({ time }) => time! <= context.time) &&
        provenTime?.time.getTime() === (counted.length === 0 ? undefined : Math.min(...counted))
      )
    }),
    { numRuns: 200, seed: 20261120 },
  )
})

t.test('a signature counts by those that follow it, and none by itself', async (t) => {
  const trustOf = async (...signatures: CheckedSignature[]) =>
    (await validateSignatures(signatures, context)).map(({ trust }) => trust)
  const after = (...by: number[]) => signed({ later: [{ by, paints: false }] })
  const stranger = signed({ signer: certificateOf(WORLD.stranger) })
  t.strictSame(await trustOf(after(1), signed()), ['trusted', 'trusted'])
  t.strictSame(await trustOf(after(1), stranger), ['not-checked', 'untrusted'])
  t.strictSame(await trustOf(after(1), after(2), stranger), ['not-checked', 'not-checked', 'untrusted'])
  t.strictSame(await trustOf(after(1), after(0)), ['not-checked', 'not-checked'], 'each after the other')
  t.strictSame(await trustOf(after(0)), ['not-checked'], 'after itself')
  t.strictSame(await trustOf(after(7)), ['not-checked'], 'after nobody')
  const stamp = signed({ signer: certificateOf(WORLD.tsa), documentTimestamp: true })
  t.strictSame(await trustOf(after(1), stamp), ['trusted', 'trusted'])
  const painting = (by: number[]) => signed({ later: [{ by, paints: true }] })
  t.strictSame(await trustOf(painting([1]), signed()), ['trusted', 'trusted'], 'of the same organisation')
  t.strictSame(await trustOf(painting([]), signed()), ['not-checked', 'trusted'], 'painted by nobody')
})
