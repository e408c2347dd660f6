import { freePort, isFree } from '../services/free-port.ts'

const MOST_ATTEMPTS = 5

/**
 * What `start` makes of the preferred port, or of another where that one is taken: before, or by somebody who is quicker
 * between our look and the start.
 */
export async function onFreePort<T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const port = attempt === 1 && (await isFree(preferred)) ? preferred : await freePort()
    try {
      return await start(port)
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('EADDRINUSE')
      if (!taken || attempt === MOST_ATTEMPTS) throw error
    }
  }
}
