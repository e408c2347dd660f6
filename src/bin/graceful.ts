/** Milliseconds within which a process that was told to stop must be gone. */
const LIMIT_MS = 25_000

/**
 * Waits for SIGTERM or SIGINT (or for `ended`), then runs `stop`. A second signal, or a stop that takes more than
 * 25 seconds, ends the process at once: what it held is taken over by others.
 * @param moreMs for which `stop` goes on serving first, beside those 25 seconds
 */
export async function untilStopped(
  ended: Promise<unknown>,
  stop: () => Promise<void>,
  moreMs = 0,
): Promise<void> {
  await Promise.race([nextSignal(), ended])
  const limit = setTimeout(() => process.exit(1), LIMIT_MS + moreMs)
  limit.unref()
  const again = nextSignal().then(() => process.exit(1))
  await Promise.race([stop(), again])
  clearTimeout(limit)
}

const nextSignal = (): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      process.off('SIGTERM', done)
      process.off('SIGINT', done)
      resolve()
    }
    process.on('SIGTERM', done)
    process.on('SIGINT', done)
  })
