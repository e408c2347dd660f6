import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Teardown } from '../support/temporary-folder.ts'

/** A way to a server that can fall silent, as where a machine loses its power: no byte more, and no end. */
export interface SilentLine {
  readonly url: string
  /** From now on nothing passes over the connections that there are; new ones work. */
  fallSilent(): void
  /** Ends them all. */
  cut(): void
  /** New connections go to another server. */
  leadTo(url: string): void
}

/** @param url of the server, with host and port */
export async function silentLine(t: Teardown, url: string): Promise<SilentLine> {
  let target = new URL(url)
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    pairs.add([near, far])
    near.pipe(far).pipe(near)
    near.on('error', () => undefined)
    far.on('error', () => near.destroy())
  })
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    cut()
    server.close()
  })
  const ours = new URL(url)
  ours.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: ours.href,
    fallSilent() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause()
        far.unpipe(near).pause()
      }
    },
    cut,
    leadTo(other) {
      target = new URL(other)
    },
  }
}
