import type { Fault, Outcome } from './fault.ts'
import { type RunOptions, runFault } from './run-fault.ts'
import { pause } from './system.ts'

/** Runs one fault, and takes everything down after it, whatever became of it. */
export async function runAlone(fault: Fault, options: RunOptions): Promise<Outcome> {
  const handlers: (() => unknown)[] = []
  try {
    return await runFault({ teardown: (handler) => void handlers.push(handler) }, fault, options)
  } finally {
    await takeDown(handlers)
  }
}

/** What stands still, such as a connection to a frozen server, is waited for no longer. */
const LONGEST_MS = 20_000

/** The latest first; what fails or does not end keeps nothing else from it. */
async function takeDown(handlers: (() => unknown)[]): Promise<void> {
  for (const handler of handlers.reverse()) {
    try {
      await Promise.race([handler(), pause(LONGEST_MS)])
    } catch (error) {
      console.error(error)
    }
  }
}

/**
 * Aborted with the first SIGINT or SIGTERM: what is under way is broken off and taken down. On the second the process ends
 * at once, and with it every process that it has started (they watch it).
 */
export function abortedBySignals(): AbortSignal {
  const interruption = new AbortController()
  const interrupted = (signal: NodeJS.Signals) => {
    if (interruption.signal.aborted) process.exit(130)
    console.error(`${signal}: everything is taken down; once more ends it at once`)
    // What no trial waits for any more may fail.
    process.on('unhandledRejection', () => undefined)
    interruption.abort(new Error('interrupted'))
  }
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  return interruption.signal
}
