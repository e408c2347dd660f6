import type { OverallWord } from '../../src/cli/verify-words.ts'
import type { Case, Outcome } from './judged.ts'

interface Expectation {
  /** Answers that say the same. */
  readonly same: readonly OverallWord[]
  /** Answers that call sound what is not. */
  readonly falseAccepts: readonly OverallWord[]
  /** Whether any other answer calls unsound what is sound. */
  readonly isSound: boolean
}

const NOT_ACCEPTED: readonly OverallWord[] = ['broken', 'mixed', 'refused', 'needs-detached']
const NOTHING_READ: readonly OverallWord[] = ['refused', 'unsupported', 'unsigned']

const sound: Expectation = {
  same: ['intact', 'intact-partial', 'intact-not-whole-file'],
  falseAccepts: [],
  isSound: true,
}
const unsound = (...same: OverallWord[]): Expectation => ({ same, falseAccepts: ['intact'], isSound: false })
const broken: Expectation = {
  same: NOT_ACCEPTED,
  falseAccepts: ['intact', 'intact-partial', 'intact-not-whole-file'],
  isSound: false,
}
/** Attacks: whatever does not call the document whole and intact has seen through it. */
const rejected = unsound(...NOT_ACCEPTED, 'unsigned', 'intact-partial', 'intact-not-whole-file')

/** The words of the corpora, and which of ours say the same. */
const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  intact: sound,
  accept: sound,
  valid: sound,
  broken,
  invalid: broken,
  mixed: { ...broken, same: ['mixed', 'broken'] },
  reject: rejected,
  'must-reject': rejected,
  'naive-intact': rejected,
  'intact-partial': rejected,
  'reject-or-full-text': rejected,
  'unsigned-template': unsound(...NOT_ACCEPTED, ...NOTHING_READ),
  unsigned: unsound('unsigned'),
  'accept-hmac': unsound(...NOT_ACCEPTED, 'unsupported'),
  'attack-must-flag': unsound(...NOT_ACCEPTED, 'intact-partial', 'intact-not-whole-file'),
  'intact-not-whole-file': unsound(...NOT_ACCEPTED, 'intact-partial', 'intact-not-whole-file'),
  'needs-detached': unsound('needs-detached'),
  unverifiable: unsound('refused', 'unsupported', 'broken', 'needs-detached'),
  'cert-not-embedded': unsound('refused', 'unsupported'),
  'intact-cert-outside-keyinfo': {
    same: ['intact', 'intact-partial', 'refused', 'unsupported'],
    falseAccepts: [],
    isSound: true,
  },
  unparseable: unsound(...NOTHING_READ),
  nosig: unsound(...NOTHING_READ),
  'unsupported-or-placeholder': unsound(...NOTHING_READ, 'broken'),
}

/** Left out of the score: what the makers of the corpora dispute, or know from one engine alone. */
export const isLeftOut = ({ expect: { verdict, confidence = '' } }: Case): boolean =>
  verdict === 'disputed' || confidence.startsWith('low')

/** @throws Error for a verdict word that no row knows */
export function outcomeOf(one: Case, answered: OverallWord): Outcome {
  const expected = EXPECTATIONS[one.expect.verdict]
  if (isLeftOut(one)) return 'left-out'
  if (expected === undefined) throw new Error(`${one.id}: what does ${one.expect.verdict} mean?`)
  if (expected.same.includes(answered)) return 'agree'
  if (answered === 'unsupported') return 'unsupported'
  if (expected.falseAccepts.includes(answered)) return 'false-accept'
  return expected.isSound ? 'false-reject' : 'differ'
}
