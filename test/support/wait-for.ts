/**
 * Polls `condition` until it gives something other than false, null or undefined, and answers that. The first poll is
 * at once. Throws after `timeoutMs`, with the last error of the condition as its cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  timeoutMs = 10_000,
  what: () => string = () => condition.toString(),
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const outcome = await attempt(condition)
    if ('value' in outcome && isMet(outcome.value)) return outcome.value
    if (performance.now() > deadline) {
      throw new Error(
        `not within ${timeoutMs} ms: ${what()}`,
        'error' in outcome ? { cause: outcome.error } : {},
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

/** A condition that throws is not met yet: a server that is starting refuses connections. */
async function attempt<T>(condition: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await condition() }
  } catch (error) {
    return { error }
  }
}

const isMet = <T>(value: T): value is Exclude<T, false | null | undefined> =>
  value !== false && value !== null && value !== undefined
