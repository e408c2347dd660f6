/** Something that is done again and again until it is stopped. */
export interface Loop {
  /** Does the next round now. */
  wake(): void
  /** Ends after the round that is under way. */
  stop(): Promise<void>
}

/**
 * Runs `round` every `everyMs`, and at once when woken; never two rounds at a time. A round that throws is told to
 * `onError` and the loop goes on: what a round could not do, the next one finds again.
 */
export function startLoop(
  everyMs: number,
  round: () => Promise<unknown>,
  onError: (error: Error) => void,
): Loop {
  let stopped = false
  let woken = false
  let wakeUp: () => void = () => undefined

  const pause = () =>
    new Promise<void>((resolve) => {
      if (woken || stopped) return resolve()
      const timer = setTimeout(resolve, everyMs)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const running = (async () => {
    while (!stopped) {
      woken = false
      await round().catch(onError)
      await pause()
    }
  })()

  return {
    wake() {
      woken = true
      wakeUp()
    },
    stop() {
      stopped = true
      wakeUp()
      return running
    },
  }
}
