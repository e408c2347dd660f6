import type { Logger } from 'pino'
import type { BaseContext } from '../../context.ts'
import { losingSettings, readDurability } from '../../db/durability.ts'
import type { Pool } from '../../db/pool.ts'

/** One thing without which a process cannot do its work. */
export interface ReadinessCheck {
  readonly name: string
  /** Resolves to null where all is well, or to why not: words fit for everybody. A rejection counts as `unavailable`. */
  readonly check: () => Promise<string | null>
}

export interface CheckState {
  readonly name: string
  readonly state: 'up' | 'down'
  readonly reason?: string
}

export interface Readiness {
  readonly status: 'ready' | 'not-ready'
  readonly checks: readonly CheckState[]
}

const LONGEST_CHECK_MS = 2_000
/** Probes that come more often get the same answer, so that they cost nothing. */
const BELIEVED_MS = 1_000

/** PostgreSQL answers, can be written, and keeps what it commits. */
export const databaseCheck = (pool: Pool, mode: BaseContext['config']['mode']): ReadinessCheck => ({
  name: 'database',
  async check() {
    const durability = await readDurability(pool)
    if (durability.readOnly) return 'read-only'
    const losing = mode === 'production' ? losingSettings(durability) : []
    return losing.length === 0 ? null : `off: ${losing.join(', ')}`
  },
})

/** The directory has been read since the process began: without it nothing can be decided. */
export const registryCheck = (registry: BaseContext['registry']): ReadinessCheck => ({
  name: 'directory',
  async check() {
    registry.current()
    return null
  },
})

export const blobsCheck = (blobs: BaseContext['blobs']): ReadinessCheck => ({
  name: 'blobs',
  check: () => blobs.probe().then(() => null),
})

/** All checks at once, each within two seconds. */
export function readinessOf(
  checks: readonly ReadinessCheck[],
  log: Pick<Logger, 'warn'>,
): () => Promise<Readiness> {
  let last: { readonly at: number; readonly readiness: Promise<Readiness> } | undefined
  const look = async (): Promise<Readiness> => {
    const states = await Promise.all(checks.map((one) => stateOf(one, log)))
    return { status: states.every(({ state }) => state === 'up') ? 'ready' : 'not-ready', checks: states }
  }
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.at >= BELIEVED_MS) last = { at: now, readiness: look() }
    return last.readiness
  }
}

async function stateOf({ name, check }: ReadinessCheck, log: Pick<Logger, 'warn'>): Promise<CheckState> {
  const reason = await within(LONGEST_CHECK_MS, check).catch((error: unknown) => {
    log.warn({ err: error, check: name }, 'a readiness check failed')
    return 'unavailable'
  })
  return reason === null ? { name, state: 'up' } : { name, state: 'down', reason }
}

function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T | string> {
  const { promise, resolve } = timeLimit()
  const timer = setTimeout(() => resolve('no answer in time'), milliseconds)
  return Promise.race([work(), promise]).finally(() => clearTimeout(timer))
}

function timeLimit(): { promise: Promise<string>; resolve: (reason: string) => void } {
  let resolve: (reason: string) => void = () => undefined
  const promise = new Promise<string>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
