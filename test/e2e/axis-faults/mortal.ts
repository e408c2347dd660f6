import { spawnTram, type TramProcess } from '../../support/spawn-tram.ts'
import type { Teardown } from '../../support/temporary-folder.ts'

/** A process that dies at the very moment of some requests, and comes back. */
export interface Mortal {
  /** Told of each request to the axis. */
  onCall(operation: string): void
  readonly died: number
  stop(): Promise<void>
}

export interface Mortality {
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** Requests that count. */
  readonly operations: readonly string[]
  /** At which of them it dies, counted from 1. */
  readonly deathsAt: readonly number[]
}

const STANDBY = {
  script: 'test/support/standby.mjs',
  timeoutMs: 120_000,
  ready: ({ msg }: { readonly msg?: unknown }) => msg === 'standing by',
}

export async function mortal(
  t: Teardown,
  { args, variables, operations, deathsAt }: Mortality,
): Promise<Mortal> {
  const deaths = new Set(deathsAt)
  const environment = { ...variables, TRAM_LOG_LEVEL: 'info' }
  // Whoever comes next has loaded its modules by then.
  const standby = () => {
    const process = spawnTram(t, args, environment, STANDBY)
    process.catch(() => undefined)
    return process
  }
  let next: Promise<TramProcess> | undefined
  const spawned = async (): Promise<TramProcess> => {
    const process = await (next ?? standby())
    next = died < deaths.size ? standby() : undefined
    process.signal('SIGUSR2')
    await process.waitForLog(({ msg }) => msg === 'ready', 120_000)
    return process
  }
  let [seen, died] = [0, 0]
  let running = await spawned()
  let coming: Promise<void> = Promise.resolve()
  return {
    onCall(operation) {
      if (!operations.includes(operation)) return
      seen += 1
      if (!deaths.has(seen)) return
      died += 1
      const dying = running
      dying.signal('SIGKILL')
      coming = coming.then(async () => {
        await dying.ended
        running = await spawned()
      })
    },
    get died() {
      return died
    },
    async stop() {
      await coming
      await running.kill('SIGTERM')
    },
  }
}
