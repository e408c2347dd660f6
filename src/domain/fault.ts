import type { Bilingual } from './bilingual.ts'

/** One thing that is wrong with an input, precise enough for a developer to mend it without asking. */
export interface Fault {
  /** Stable, kebab-case, from a catalogue; never reused for something else. */
  readonly code: string
  /** Narrows the code where it has several causes: kebab-case, as stable as the code. */
  readonly reason?: string
  /** An error refuses the input; a warning is told and kept. */
  readonly severity: 'error' | 'warning'
  /** XPath for XML, JSON pointer for JSON, address of a cell such as `B17` for a sheet. */
  readonly path?: string
  /** 1-based line of the input. */
  readonly line?: number
  readonly found?: string
  readonly expected?: string
  readonly hint: Bilingual
}

export const hasErrors = (faults: readonly Fault[]): boolean =>
  faults.some((fault) => fault.severity === 'error')
