import type { BusinessOperation } from '../../src/domain/business-operation.ts'

/** What senders and receivers write down, each line on disk's way before they go on: the intent before, the answer after. */
export type Entry =
  | {
      readonly is: 'intent'
      readonly document: string
      /** What it does to an earlier one; absent where it is a status. */
      readonly operation?: BusinessOperation
      readonly sender: string
      readonly to: readonly string[]
      readonly sha256: string
      readonly bytes: number
      readonly urgency: number
      readonly api: string
    }
  /** `receipt` is the signed receipt of acceptance. */
  | { readonly is: 'accepted'; readonly document: string; readonly key: string; readonly receipt: string }
  | { readonly is: 'refused'; readonly document: string; readonly status: number; readonly code: string }
  /** No answer, or one that says nothing: the same is sent again. */
  | {
      readonly is: 'unanswered'
      readonly document: string
      readonly status: number | null
      readonly error: string
    }
  | {
      readonly is: 'recall-intent' | 'recalled'
      readonly document: string
      readonly withdrawn?: readonly string[]
    }
  | {
      readonly is: 'taken'
      readonly delivery: string
      readonly document: string
      readonly agency: string
      readonly sha256: string
      readonly operation: string
    }
  | { readonly is: 'acknowledged'; readonly delivery: string; readonly agency: string }
  /** A recipient's request that broke (status null) or was answered otherwise than meant; it is made again. */
  | {
      readonly is: 'failed'
      readonly agency: string
      readonly request: string
      readonly status: number | null
      readonly error: string
    }

/** A journal entry with the milliseconds since the trial began at which it was written. */
export type Line = Entry & { readonly at: number }

export interface Journal {
  write(entry: Entry): void
  /** Everything that was written, in order. */
  readonly lines: readonly Line[]
}
