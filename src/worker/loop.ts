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
 * @param restMs between two rounds at least, also where it is woken: what comes meanwhile goes together
 */
export function startLoop(
  everyMs: number,
  round: () => Promise<unknown>,
  onError: (error: Error) => void,
  restMs = 0,
): Loop {
  let stopped = false
  let woken = false
  let wakeUp: () => void = () => undefined
  let endRest: () => void = () => undefined

  const pause = async () => {
    if (restMs > 0 && !stopped) await restOrStop()
    await untilWoken()
  }

  const restOrStop = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs)
      endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  const untilWoken = () =>
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
      endRest()
      wakeUp()
      return running
    },
  }
}
