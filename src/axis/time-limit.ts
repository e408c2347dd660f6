import { AxisFault } from './axis-fault.ts'

/** Bytes a millisecond (64 KiB a second): what goes or comes more slowly is not waited for. */
const SLOWEST = 64

/**
 * The time that one exchange may take: some of its own, and more with every byte that goes or comes, so that a large
 * packet has the time that it needs and a trickle has none.
 */
export interface TimeLimit {
  /** Its reason is an AxisFault: `timeout`, or `aborted` by the outer signal. */
  readonly signal: AbortSignal
  readonly fault: () => unknown
  /** The same pieces, each with the time that is due to it. */
  extendedBy(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  clear(): void
}

/** A signal of its own for each request, so that nothing hangs on one that lives as long as the process. */
export function timeLimit(milliseconds: number, outer: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController()
  let end = performance.now() + milliseconds
  let timer = setTimeout(look, milliseconds)
  function look(): void {
    const left = end - performance.now()
    if (left > 0) timer = setTimeout(look, left)
    else controller.abort(new AxisFault('timeout', `no whole answer in time (${milliseconds} ms, 64 KiB/s)`))
  }
  const stop = () => {
    clearTimeout(timer)
    controller.abort(new AxisFault('aborted', 'ended by the caller'))
  }
  if (outer?.aborted) stop()
  else outer?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    fault: () => controller.signal.reason,
    async *extendedBy(content) {
      for await (const piece of content) {
        end += piece.length / SLOWEST
        yield piece
      }
    },
    clear() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
    },
  }
}
