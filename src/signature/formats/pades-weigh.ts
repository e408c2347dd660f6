import type { SignatureCheck, SignatureFinding } from '../../domain/signature-report.ts'
import { failed, notMade, passed } from '../checks.ts'
import { toFinding } from '../finding.ts'
import type { VerifyContext } from '../trust-store.ts'
import type { CheckedPdfSignature } from './pades.ts'

/**
 * Weighs the signatures of one PDF against each other. A signature that reaches the end of the file covers all of it.
 * An earlier one (a person's, before the agency's) covers its own revision: what follows may have changed what a
 * reader sees. Unless a later signature that is itself trusted covers the whole file and so answers for it, the
 * earlier one is reported as not covering the document. A timestamp answers for nothing: anybody can have one made.
 */
export function weighPdf(
  signatures: readonly CheckedPdfSignature[],
  fileLength: number,
  name: (index: number) => string,
  context: VerifyContext,
): SignatureFinding[] {
  const weigh = (one: CheckedPdfSignature, index: number, coverage: SignatureCheck): SignatureFinding => {
    const checked = { ...one.checked, checks: [...one.checked.checks, ...(one.end > 0 ? [coverage] : [])] }
    return toFinding(name(index), checked, context, one.isTimestamp ? 'timestamp' : 'signature')
  }
  const isWhole = ({ end }: CheckedPdfSignature) => end === fileLength
  const vouched = signatures.some(
    (one, index) =>
      isWhole(one) && !one.isTimestamp && weigh(one, index, passed('whole-document')).trust === 'trusted',
  )
  const earlier = vouched
    ? notMade('whole-document', 'later-revision-signed')
    : failed('whole-document', 'changed-after-signing')
  return signatures.map((one, index) => weigh(one, index, isWhole(one) ? passed('whole-document') : earlier))
}
