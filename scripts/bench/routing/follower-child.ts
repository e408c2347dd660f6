import { openHere } from './registry.ts'

/*
 * Keeps a registry as another process of the gateway would, and tells each revision of the directory when a decision
 * would be made from it. Argument: `listen`, or `poll` for one that notifications do not reach.
 */
export interface Seen {
  readonly revision: number
  /** Milliseconds since 1970, by the clock that all processes of the machine share. */
  readonly at: number
}

const registry = await openHere(process.argv[2] === 'poll' ? { listenUrl: null } : {})
let known = -1
const look = setInterval(() => {
  const { revision } = registry.current().directory
  if (revision === known) return
  known = revision
  process.send?.({ revision, at: performance.timeOrigin + performance.now() } satisfies Seen)
}, 2)
process.on('SIGTERM', async () => {
  clearInterval(look)
  await registry.close()
  process.disconnect?.()
})
