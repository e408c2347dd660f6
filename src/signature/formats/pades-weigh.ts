import type { SignatureCheck, SignatureFinding } from '../../domain/signature-report.ts'
import type { ByteSource } from '../byte-source.ts'
import { failed, passed } from '../checks.ts'
import { toFinding } from '../finding.ts'
import { reason } from '../reasons.ts'
import type { VerifyContext } from '../trust-store.ts'
import { signerOrganisations } from '../x509/signer-kind.ts'
import type { CheckedPdfSignature } from './pades.ts'
import { type LaterChange, laterChange, newEffort } from './pdf-changes.ts'

/** What follows a revision: what it changes, and the signatures at its end. */
interface Step {
  readonly change: LaterChange
  readonly signers: readonly CheckedPdfSignature[]
  readonly allTrusted: boolean
}

/**
 * Weighs the signatures of one PDF against each other. A signature that reaches the end of the file covers all of it.
 * An earlier one (a person's, before the agency's) covers its own revision; it keeps counting where all that follows
 * adds nothing but trusted signatures, timestamps and validation data. A later signature may paint its appearance on
 * the page, over whatever stands there: that is left to signers of the same organisation, as a seal is set over a
 * signature (Nghị định 30/2020/NĐ-CP, appendix I).
 */
export async function weighPdf(
  signatures: readonly CheckedPdfSignature[],
  source: ByteSource,
  name: (index: number) => string,
  context: VerifyContext,
): Promise<SignatureFinding[]> {
  const weigh = (one: CheckedPdfSignature, coverage: SignatureCheck): SignatureFinding => {
    const checked = { ...one.checked, checks: [...one.checked.checks, ...(one.end > 0 ? [coverage] : [])] }
    return toFinding(
      name(signatures.indexOf(one)),
      checked,
      context,
      one.isTimestamp ? 'timestamp' : 'signature',
    )
  }
  const findings = new Map<CheckedPdfSignature, SignatureFinding>()
  const steps: Step[] = []
  let next: { end: number; signatures: readonly CheckedPdfSignature[] } | undefined
  const effort = newEffort()
  for (const revision of revisionsOf(signatures).reverse()) {
    const to = next?.end ?? source.length
    if (revision.end < to) {
      const signers = (next?.signatures ?? []).filter(({ isTimestamp }) => !isTimestamp)
      const allTrusted = signers.every((one) => findings.get(one)?.trust === 'trusted')
      steps.push({ change: await laterChange(source, revision.end, to, effort), signers, allTrusted })
    }
    for (const one of revision.signatures) findings.set(one, weigh(one, coverageOf(one, steps)))
    next = revision
  }
  return signatures.map((one) => findings.get(one) ?? weigh(one, unsound(one, source.length)))
}

/** The signatures that fit their bytes, by the end of what they cover, in order. */
function revisionsOf(signatures: readonly CheckedPdfSignature[]) {
  const sound = signatures.filter(({ end, checked }) => end > 0 && checked.state === 'valid')
  const ends = [...new Set(sound.map(({ end }) => end))].sort((a, b) => a - b)
  return ends.map((end) => ({ end, signatures: sound.filter((one) => one.end === end) }))
}

const unsound = ({ end }: CheckedPdfSignature, length: number): SignatureCheck =>
  end === length ? passed('whole-document') : failed('whole-document', 'changed-after-signing')

function coverageOf(one: CheckedPdfSignature, steps: readonly Step[]): SignatureCheck {
  for (const { change, signers, allTrusted } of steps) {
    if (change.kind === 'changed') return failed('whole-document', 'changed-after-signing', change.what)
    if (!allTrusted) return failed('whole-document', 'later-signer-untrusted')
    const mayPaint = signers.length > 0 && signers.every((later) => shareOrganisation(one, later))
    if (change.paints && !mayPaint) return failed('whole-document', 'later-signer-paints')
  }
  if (steps.length === 0) return passed('whole-document')
  return { ...passed('whole-document'), reason: reason('later-revision-only-signed') }
}

function shareOrganisation(one: CheckedPdfSignature, other: CheckedPdfSignature): boolean {
  const [own, others] = [one, other].map(({ checked: { signer } }) =>
    (signer === undefined ? [] : signerOrganisations(signer.subject)).map((text) =>
      text.normalize('NFC').toLowerCase(),
    ),
  )
  return own!.some((text) => others!.includes(text))
}
