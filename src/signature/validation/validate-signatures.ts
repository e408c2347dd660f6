import type { CheckedSignature } from '../checks.ts'
import { failed } from '../checks.ts'
import type { ReasonId } from '../reasons.ts'
import { signerOrganisations } from '../x509/signer-kind.ts'
import type { ValidationContext } from './context.ts'
import { type Validation, validateSignature } from './validate-signature.ts'

/**
 * Validates the signatures of one file, in its order. A signature that others follow is over the whole for whoever
 * trusts their signers; what they paint on the signed page is left to signers of the same organisation, as a seal is
 * set over a signature (Nghị định 30/2020/NĐ-CP, appendix I). So the last is validated first.
 */
export async function validateSignatures(
  signatures: readonly CheckedSignature[],
  context: ValidationContext,
): Promise<Validation[]> {
  const done = new Map<number, Validation>()
  const begun = new Set<number>()
  const validate = async (index: number): Promise<Validation> => {
    const known = done.get(index)
    if (known !== undefined) return known
    begun.add(index)
    const one = signatures[index]!
    const fault = await faultOfLater(one, signatures, async (other) =>
      // Two signatures that each follow the other are no file's.
      begun.has(other) && !done.has(other) ? false : (await validate(other)).trust === 'trusted',
    )
    const validation = await validateSignature(fault === undefined ? one : overPart(one, fault), context)
    done.set(index, validation)
    return validation
  }
  const validations: Validation[] = []
  for (const index of signatures.keys()) validations.push(await validate(index))
  return validations
}

async function faultOfLater(
  one: CheckedSignature,
  all: readonly CheckedSignature[],
  isTrusted: (index: number) => Promise<boolean>,
): Promise<ReasonId | undefined> {
  for (const { by, paints } of one.later ?? []) {
    const signers = by.filter((index) => all[index]?.documentTimestamp !== true)
    for (const index of signers) {
      if (all[index] === undefined || !(await isTrusted(index))) return 'later-signer-untrusted'
    }
    const mayPaint = signers.length > 0 && signers.every((index) => shareOrganisation(one, all[index]!))
    if (paints && !mayPaint) return 'later-signer-paints'
  }
  return undefined
}

const overPart = (one: CheckedSignature, fault: ReasonId): CheckedSignature => ({
  ...one,
  coverage: 'part',
  checks: [...one.checks.filter(({ check }) => check !== 'whole-document'), failed('whole-document', fault)],
})

function shareOrganisation(one: CheckedSignature, other: CheckedSignature): boolean {
  const [own, others] = [one, other].map(({ signer }) =>
    (signer === undefined ? [] : signerOrganisations(signer.subject)).map((text) =>
      text.normalize('NFC').toLowerCase(),
    ),
  )
  return own!.some((text) => others!.includes(text))
}
