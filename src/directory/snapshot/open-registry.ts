import { listen } from '../../db/notifications.ts'
import { createPool, type Pool, type Queryable } from '../../db/pool.ts'
import { type RegistryHeads, readRegistryHeads } from '../../db/registry-heads.ts'
import type { SilenceWatch } from '../../db/silence.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Registry, RegistryHolder } from './holder.ts'
import { advanceRegistry, type ReadRegistry } from './read-registry.ts'

export interface RegistryOptions {
  readonly databaseUrl: string
  /** Told once when the database stops answering; the registry that was read last stays in force meanwhile. */
  readonly onFailure: (error: Error) => void
  /** Told when it answers again. */
  readonly onRecovery: () => void
  /** Milliseconds between two looks at the database; a second where left out. */
  readonly pollMs?: number
  /** Milliseconds for which an answer is waited for; ten seconds where left out. */
  readonly patienceMs?: number
  /** Ends connections where the database falls silent. */
  readonly watch?: Pick<SilenceWatch, 'stream'>
  /** Where notifications come from, if not from the same place; null: polling alone. */
  readonly listenUrl?: string | null
}

const POLL_MS = 1_000
/** A server that fell silent is asked again over a new connection. */
const PATIENCE_MS = 10_000

/**
 * Reads the registry and keeps it up to date until it is closed. Answers also where the database is away: it is tried
 * again, and until then there is no registry.
 */
export async function openRegistry(options: RegistryOptions): Promise<RegistryHolder> {
  const live = new LiveRegistry(options)
  await live.look().catch(() => undefined)
  live.follow()
  return live
}

/** Connections of its own: whoever waits for it may hold the last one of the process's pool. */
class LiveRegistry implements RegistryHolder {
  readonly #options: RegistryOptions
  readonly #pool: Pool
  #registry: ReadRegistry | undefined
  /** When the database was last seen to know no more, by the monotonic clock. */
  #seenAt = performance.now()
  #looking: Promise<void> | undefined
  #failing = false
  #closed = false
  #stop: () => Promise<void> = async () => undefined

  constructor(options: RegistryOptions) {
    this.#options = options
    this.#pool = createPool({
      databaseUrl: options.databaseUrl,
      max: 1,
      applicationName: 'tram-registry',
      onError: () => undefined,
      queryTimeoutMs: options.patienceMs ?? PATIENCE_MS,
      ...(options.watch && { watch: options.watch }),
    })
  }

  current(): Registry {
    if (this.#registry === undefined) throw new GatewayError('database-unavailable', { retryAfter: 5 })
    return this.#registry
  }

  ageSeconds(): number {
    return (performance.now() - this.#seenAt) / 1000
  }

  async upToDate(db: Queryable): Promise<Registry> {
    return (await this.asOfNow(db)).registry
  }

  async asOfNow(db: Queryable): Promise<{ now: Date; registry: Registry }> {
    const { now, ...heads } = await readRegistryHeads(db)
    return { now, registry: await this.#covering(db, heads) }
  }

  async #covering(db: Queryable, heads: RegistryHeads): Promise<Registry> {
    // A look that was under way may have begun before what `db` sees was written.
    for (let looks = 0; looks < 2 && !covers(this.#registry, heads); looks += 1)
      await this.look().catch(() => undefined)
    if (covers(this.#registry, heads)) return this.current()
    // What a transaction has written itself is not for others before it is committed.
    return this.#registry === undefined ? this.current() : advanceRegistry(db, this.#registry)
  }

  /** Reads what was written since, once for all who ask at the same time. */
  look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  follow(): void {
    const { databaseUrl, listenUrl = databaseUrl, pollMs = POLL_MS, watch } = this.#options
    const look = () => void this.#lookAfresh()
    const timer = setInterval(look, pollMs)
    timer.unref()
    // Polling goes on where listening fails: nothing to tell.
    const quiet = () => undefined
    const listener =
      listenUrl === null ? undefined : listen(listenUrl, ['tram_directory'], look, quiet, watch)
    this.#stop = async () => {
      clearInterval(timer)
      await listener?.close()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#stop()
    await this.#looking?.catch(() => undefined)
    await this.#pool.end()
  }

  /** A look that is under way may have begun before what there is to see. */
  async #lookAfresh(): Promise<void> {
    await this.#looking?.catch(() => undefined)
    if (!this.#closed) await this.look().catch(() => undefined)
  }

  async #read(): Promise<void> {
    try {
      const heads = await readRegistryHeads(this.#pool)
      if (!isAt(this.#registry, heads)) this.#registry = await advanceRegistry(this.#pool, this.#registry)
      this.#seenAt = performance.now()
      if (this.#failing) this.#options.onRecovery()
      this.#failing = false
    } catch (error) {
      if (!this.#failing && !this.#closed) this.#options.onFailure(error as Error)
      this.#failing = true
      throw error
    }
  }
}

const isAt = (registry: ReadRegistry | undefined, { directory, routing }: RegistryHeads): boolean =>
  registry?.heads.directory === directory && registry.heads.routing === routing

const covers = (registry: ReadRegistry | undefined, { directory, routing }: RegistryHeads): boolean =>
  registry !== undefined && registry.heads.directory >= directory && registry.heads.routing >= routing
