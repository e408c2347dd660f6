import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A free TCP port of 127.0.0.1. Taken from below the range the kernel lends to outgoing connections (32768 and up on
 * Linux), so that the port of a server that was killed is still free when it starts again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(15_000, 30_000)
    if (await isFree(port)) return port
  }
  throw new Error('no free port between 15000 and 30000')
}

/** Whether a port of 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
