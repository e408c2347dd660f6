import type { SignatureCheck } from '../../domain/signature-report.ts'
import type { ByteSource } from '../byte-source.ts'
import { type CheckedSignature, failed, type LaterStep, passed } from '../checks.ts'
import { type ReasonId, reason } from '../reasons.ts'
import type { CheckedPdfSignature } from './pades.ts'
import { checkPermissions, type Permissions, type PermittedStep, permissionsOf } from './pades-mdp.ts'
import { losesData, type PdfOutline } from './pades-outline.ts'
import { type LaterChange, laterChange, newEffort } from './pdf-changes.ts'
import { PdfDoubt } from './pdf-syntax.ts'

type Facts = Pick<CheckedSignature, 'coverage' | 'modifiedAfterSigning' | 'checks'> &
  Partial<Pick<CheckedSignature, 'later'>>

/** One later revision, and the signatures at its end. */
interface Step extends PermittedStep, LaterStep {}

/**
 * What each signature covers and what was done to the file after it. A signature that reaches the end of the file and
 * leaves out nothing but its own value covers all of it. An earlier one covers its own revision, and the whole as well
 * where all that follows is further signatures, timestamps and validation data: for whoever trusts those signers.
 */
export async function coverageFacts(
  source: ByteSource,
  signatures: readonly CheckedPdfSignature[],
  outline: PdfOutline,
  encrypted: boolean,
): Promise<Facts[]> {
  const found = new Map<CheckedPdfSignature, Facts>()
  const steps: Step[] = []
  const effort = newEffort()
  let next: { end: number; signatures: readonly CheckedPdfSignature[] } | undefined
  for (const revision of revisionsOf(signatures).reverse()) {
    const to = next?.end ?? source.length
    if (revision.end < to && !encrypted) {
      const change = await laterChange(source, revision.end, to, effort)
      const signers = next?.signatures.filter(({ checked }) => checked.state === 'valid') ?? []
      steps.push(stepOf(change, signatures, signers))
    }
    for (const one of revision.signatures)
      found.set(
        one,
        encrypted && revision.end < source.length
          ? sealed(one)
          : await weigh(one, steps, outline, source.length),
      )
    next = revision
  }
  return signatures.map((one) => withStray(one, found.get(one) ?? uneven(one, source.length), outline))
}

/** The signatures that fit their bytes, or may do so, by the end of what they cover, in order. */
function revisionsOf(signatures: readonly CheckedPdfSignature[]) {
  const sound = signatures.filter(({ end, checked }) => end > 0 && checked.state !== 'invalid')
  const ends = [...new Set(sound.map(({ end }) => end))].sort((a, b) => a - b)
  return ends.map((end) => ({ end, signatures: sound.filter((one) => one.end === end) }))
}

const stepOf = (
  change: LaterChange,
  all: readonly CheckedPdfSignature[],
  signers: readonly CheckedPdfSignature[],
): Step => ({
  change,
  by: signers.map((one) => all.indexOf(one)),
  signs: signers.some(({ isTimestamp }) => !isTimestamp),
  paints: change.kind === 'only-signed' && change.paints,
})

/** Strings and streams of an encrypted file are not compared. */
const sealed = ({ checked }: CheckedPdfSignature): Facts => ({
  coverage: 'unknown',
  modifiedAfterSigning: null,
  checks: [...checked.checks, failed('whole-document', 'pdf-encrypted')],
})

async function weigh(
  one: CheckedPdfSignature,
  steps: readonly Step[],
  outline: PdfOutline,
  length: number,
): Promise<Facts> {
  const permissions = await permissionsIn(one, outline)
  const permitted = permissions && checkPermissions(permissions, steps)
  const changed = steps.flatMap(({ change }) => (change.kind === 'changed' ? [change] : []))
  const isPermitted = changed.length === 0 && permitted?.outcome !== 'failed'
  const isWhole = isPermitted && !losesData(outline, one.end, length)
  const later = steps.map(({ by, paints }) => ({ by, paints }))
  return {
    coverage: isWhole ? 'whole' : 'part',
    modifiedAfterSigning: !isWhole,
    ...(isWhole && later.length > 0 && { later }),
    checks: [
      ...one.checked.checks,
      ...(permitted === undefined ? [] : [permitted]),
      isWhole
        ? wholeCheck(later.length > 0)
        : isPermitted
          ? failed('whole-document', 'validation-data-removed')
          : changeCheck(changed),
    ],
  }
}

const wholeCheck = (isLater: boolean): SignatureCheck => ({
  ...passed('whole-document'),
  ...(isLater && { code: 'later-revision-only-signed', reason: reason('later-revision-only-signed') }),
})

type Changed = Extract<LaterChange, { kind: 'changed' }>

const CHANGES: Record<Changed['level'], ReasonId> = {
  forms: 'forms-filled-after-signing',
  annotations: 'annotated-after-signing',
  other: 'changed-after-signing',
}

/** The gravest of the changes; none where only a signature came later, against what the signer permits. */
function changeCheck(changes: readonly Changed[]): SignatureCheck {
  const rank: readonly Changed['level'][] = ['other', 'annotations', 'forms']
  const level = rank.find((one) => changes.some((change) => change.level === one))
  if (level === undefined) return failed('whole-document', 'mdp-violated')
  return failed('whole-document', CHANGES[level], changes.find((change) => change.level === level)?.what)
}

async function permissionsIn(
  { end, dict, objectAt }: CheckedPdfSignature,
  { documents, fields }: PdfOutline,
): Promise<Permissions | undefined> {
  const document = documents.get(end)
  if (document === undefined || dict === undefined) return undefined
  try {
    const lock = objectAt === undefined ? undefined : fields.get(objectAt)?.lock
    return await permissionsOf(document, dict, lock)
  } catch (error) {
    if (error instanceof PdfDoubt) return { level: 1, locks: [] }
    throw error
  }
}

/** A signature that does not fit, or whose range leaves out more than its own value. */
function uneven({ checked, end, ranges }: CheckedPdfSignature, length: number): Facts {
  const { checks } = checked
  if (ranges === undefined) return { coverage: 'unknown', modifiedAfterSigning: null, checks }
  if (end === length)
    return { coverage: 'whole', modifiedAfterSigning: null, checks: [...checks, passed('whole-document')] }
  const last = Math.max(...ranges.map((range) => range.end))
  const shown = ranges.map((range) => `${range.start}–${range.end}`).join(' ')
  const check =
    end > 0
      ? failed('whole-document', 'changed-after-signing')
      : failed('whole-document', 'byte-range-partial', shown)
  return {
    coverage: 'part',
    modifiedAfterSigning: last < length ? true : null,
    checks: [...checks, check],
  }
}

/** A signature that no field of any revision leads to is shown by no reader: nobody can tell what it stands for. */
function withStray({ objectAt }: CheckedPdfSignature, facts: Facts, outline: PdfOutline): Facts {
  const isKnown = objectAt === undefined || outline.fields.has(objectAt)
  if (isKnown || !outline.isReadable) return facts
  const { later: _, ...rest } = facts
  return {
    ...rest,
    coverage: facts.coverage === 'whole' ? 'unknown' : facts.coverage,
    checks: [
      ...facts.checks.filter(({ check }) => check !== 'whole-document'),
      failed('whole-document', 'pdf-signature-stray'),
    ],
  }
}
