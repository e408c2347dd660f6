import type { CheckedSignature } from '../signature/checks.ts'
import type { ReasonId } from '../signature/reasons.ts'

/**
 * The integrity of one signature in a word. Trust is another answer.
 * - intact: the value fits under the signer's key, and everything that was signed is there and unchanged;
 * - broken: at least one of them does not fit;
 * - refused: built so that no sound answer can be given (malformed, ambiguous, hidden content, DOCTYPE);
 * - unsupported: sound as far as can be seen, but with an algorithm or a transform that is not carried out here, or
 *   without the signer's certificate;
 * - needs-detached: what was signed lies outside the file and was not given.
 */
export type SignatureWord = 'intact' | 'broken' | 'refused' | 'unsupported' | 'needs-detached'

/**
 * The integrity of a whole file in a word:
 * - intact: every signature is intact, and together they cover the whole document as it is now;
 * - intact-partial: every signature is intact, but the covered element or objects are not the whole document;
 * - intact-not-whole-file: every value fits, but the file was changed after signing, or bytes of it are not covered;
 * - mixed: some signatures are intact, others broken; broken: none is intact, and at least one is broken;
 * - refused, unsupported, needs-detached: the worst that was found where nothing is broken, see above;
 * - unsigned: a file that can be read, without a signature.
 */
export type OverallWord = SignatureWord | 'intact-partial' | 'intact-not-whole-file' | 'mixed' | 'unsigned'

/** Reasons that say what this verifier does not carry out, not that something is wrong. */
const UNSUPPORTED: ReadonlySet<ReasonId> = new Set<ReasonId>([
  'algorithm-refused',
  'transform-refused',
  'reference-external',
  'subfilter-unsupported',
  'pdf-encrypted',
  'pdf-placeholder',
  'xml-too-large',
  'text-not-at-hand',
  'xml-encoding',
  'certificate-missing',
  'certificate-unusable',
])

const DETACHED: ReadonlySet<ReasonId> = new Set<ReasonId>(['content-detached'])

const failedFor = ({ checks }: CheckedSignature, reasons: ReadonlySet<ReasonId>): boolean =>
  checks.some(({ outcome, code }) => outcome === 'failed' && reasons.has(code as ReasonId))

/** What is wrong with a signature, or not known of it, in one word. */
export function signatureWord(checked: CheckedSignature): SignatureWord {
  const { state, valueIntact, references } = checked
  if (state === 'invalid' || valueIntact === false) return 'broken'
  if (references.some(({ intact }) => intact === false)) return 'broken'
  const isRead = references.length > 0 || state === 'valid'
  // A mandatory part that is missing leaves open what was signed, whatever the value fits.
  const isWellFormed = !checked.checks.some(({ check, outcome }) => check === 'form' && outcome === 'failed')
  if (
    isWellFormed &&
    (valueIntact ?? state === 'valid') &&
    isRead &&
    references.every(({ intact }) => intact === true)
  )
    return 'intact'
  if (failedFor(checked, DETACHED)) return 'needs-detached'
  return failedFor(checked, UNSUPPORTED) ? 'unsupported' : 'refused'
}

const WORST: readonly SignatureWord[] = ['refused', 'unsupported', 'needs-detached']

export function overallWord(signatures: readonly CheckedSignature[]): OverallWord {
  if (signatures.length === 0) return 'unsigned'
  const words = signatures.map(signatureWord)
  if (words.includes('broken')) return words.includes('intact') ? 'mixed' : 'broken'
  const worst = WORST.find((one) => words.includes(one))
  if (worst !== undefined) return worst
  return wholeWord(signatures)
}

/**
 * Whether the document is covered as it is now. Signatures of a PDF each stand over all that was there when they were
 * made; elsewhere one signature over the whole is enough, whatever others cover besides it.
 */
function wholeWord(signatures: readonly CheckedSignature[]): OverallWord {
  if (signatures.some(({ modifiedAfterSigning }) => modifiedAfterSigning === true))
    return 'intact-not-whole-file'
  // A countersignature is over another signature's value: it says nothing of the document.
  const over = signatures.filter(({ counterSignature }) => counterSignature !== true)
  const isPdf = over.some(({ format }) => format === 'pades')
  const isWhole = ({ coverage }: CheckedSignature) => coverage === 'whole'
  if (over.length > 0 && (isPdf ? over.every(isWhole) : over.some(isWhole))) return 'intact'
  return isPdf ? 'intact-not-whole-file' : 'intact-partial'
}
