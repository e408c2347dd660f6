import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A free TCP port of 127.0.0.1, which nobody else who asks here gets while this process lives: it may be listened on much
 * later, and be free for a while when its server was killed. Taken from below the range the kernel lends to outgoing
 * connections (32768 and up on Linux), so that no connection takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(15_000, 30_000)
    if ((await isFree(port)) && (await reserve(port))) return port
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

/**
 * Lends a port to this process, until it ends: by a name in Linux's abstract namespace. Elsewhere a look must do.
 * @returns whether nobody had it
 */
export function reserve(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true)
  return new Promise((resolve, reject) => {
    const name = createServer()
    name.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    name.listen(`\0tram-port-${port}`, () => resolve(true)).unref()
  })
}
