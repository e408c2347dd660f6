/**
 * How an answer stands to what was expected:
 * - agree;
 * - false-accept: what is broken, forged, changed or revoked was called whole, intact or valid;
 * - false-reject: what is sound was called broken or refused;
 * - differ: neither, such as `needs-detached` for what is broken;
 * - unsupported: said by name not to be carried out here; counts neither way;
 * - left-out: the expectation is disputed, or rests on one engine alone.
 */
export type Outcome = 'agree' | 'false-accept' | 'false-reject' | 'differ' | 'unsupported' | 'left-out'

/** Something smaller than the verdict that the case and the answer both tell. */
export interface Fact {
  readonly name: string
  readonly expected: unknown
  readonly answered: unknown
  readonly agrees: boolean
}

export interface Judged {
  readonly id: string
  readonly expected: string
  readonly answered: string
  readonly outcome: Outcome
  /** Why, in the verifier's words. */
  readonly why: string
  readonly facts: readonly Fact[]
  readonly milliseconds: number
}

export type Verdict = Omit<Judged, 'id' | 'milliseconds'>

/** What is expected of one case, as the corpora write it. */
export interface Case {
  readonly id: string
  readonly expect: { readonly verdict: string; readonly confidence?: string }
}

export interface Corpus<C extends Case = Case> {
  readonly name: string
  /** Of the cases of the file, those that this judge can put to the verifier; the others are told with their reason. */
  readonly leftOut?: (one: C) => string | undefined
  /** `folder` is the corpus's own, ending without a slash. */
  readonly judge: (one: C, folder: string) => Promise<Verdict>
}

export const fact = (name: string, expected: unknown, answered: unknown): Fact => ({
  name,
  expected,
  answered,
  agrees: Object.is(expected, answered),
})
