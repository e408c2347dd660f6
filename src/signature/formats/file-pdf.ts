import type { SignatureCheck } from '../../domain/signature-report.ts'
import type { ByteSource } from '../byte-source.ts'
import { type CheckedSignature, failed, type LaterStep, passed } from '../checks.ts'
import { reason } from '../reasons.ts'
import { type CheckedPdfSignature, checkPdfSignatures } from './pades.ts'
import { laterChange, newEffort } from './pdf-changes.ts'

/** The signatures of one PDF, each with what was added to the file after it. */
export async function checkPdfFile(content: ByteSource): Promise<CheckedSignature[]> {
  const signatures = await checkPdfSignatures(content)
  const found = new Map<CheckedPdfSignature, CheckedSignature>()
  const steps: LaterStep[] = []
  let changed: SignatureCheck | undefined
  let next: { end: number; signatures: readonly CheckedPdfSignature[] } | undefined
  const effort = newEffort()
  for (const revision of revisionsOf(signatures).reverse()) {
    const to = next?.end ?? content.length
    if (revision.end < to) {
      const change = await laterChange(content, revision.end, to, effort)
      if (change.kind === 'changed') changed = failed('whole-document', 'changed-after-signing', change.what)
      else
        steps.push({
          by: (next?.signatures ?? []).map((one) => signatures.indexOf(one)),
          paints: change.paints,
        })
    }
    for (const one of revision.signatures) found.set(one, withCoverage(one, changed, [...steps]))
    next = revision
  }
  return signatures.map((one) => found.get(one) ?? unsound(one, content.length))
}

/** The signatures that fit their bytes, by the end of what they cover, in order. */
function revisionsOf(signatures: readonly CheckedPdfSignature[]) {
  const sound = signatures.filter(({ end, checked }) => end > 0 && checked.state === 'valid')
  const ends = [...new Set(sound.map(({ end }) => end))].sort((a, b) => a - b)
  return ends.map((end) => ({ end, signatures: sound.filter((one) => one.end === end) }))
}

const withCoverage = (
  { checked, isTimestamp }: CheckedPdfSignature,
  changed: SignatureCheck | undefined,
  later: readonly LaterStep[],
): CheckedSignature => ({
  ...checked,
  ...(isTimestamp && { documentTimestamp: true as const }),
  coverage: changed === undefined ? 'whole' : 'part',
  modifiedAfterSigning: changed !== undefined,
  ...(changed === undefined && later.length > 0 && { later }),
  checks: [...checked.checks, changed ?? overAll(later)],
})

const overAll = (later: readonly LaterStep[]): SignatureCheck =>
  later.length === 0
    ? passed('whole-document')
    : { ...passed('whole-document'), reason: reason('later-revision-only-signed') }

const unsound = ({ checked, isTimestamp, end }: CheckedPdfSignature, length: number): CheckedSignature => ({
  ...checked,
  ...(isTimestamp && { documentTimestamp: true as const }),
  ...(end > 0 && {
    coverage: end === length ? ('whole' as const) : ('part' as const),
    checks: [
      ...checked.checks,
      end === length ? passed('whole-document') : failed('whole-document', 'changed-after-signing'),
    ],
  }),
})
