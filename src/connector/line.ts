import type { AxisFailure } from '../axis/client-types.ts'

/** What an exchange says that hears us. */
const HEARD: ReadonlySet<AxisFailure['kind']> = new Set(['refused', 'answer-invalid'])
/** Failures one after the other by which it is taken for away. */
const MOST_FAILURES = 4

/** Whether an exchange answers, from what came of asking it: single requests fail by themselves, many mean that it is away. */
export class Line {
  #failures = 0
  #up: boolean | undefined

  /** Whether it answered last; undefined while nothing was asked. */
  get up(): boolean | undefined {
    return this.#up
  }

  /** Nothing more should be asked in this round. */
  get isDown(): boolean {
    return this.#failures >= MOST_FAILURES
  }

  /** A new round: of one that was away, the first request finds out. */
  begin(): void {
    if (this.isDown) this.#failures = MOST_FAILURES - 1
  }

  /** Told what came of a request; undefined: all went well. */
  saw(failure: AxisFailure | undefined): void {
    if (failure?.kind === 'aborted') return
    this.#up = failure === undefined || HEARD.has(failure.kind)
    this.#failures = this.#up ? 0 : this.#failures + 1
  }
}
