import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { loadTrustStore } from './load-trust-store.ts'
import type { TrustStore } from './trust-anchor.ts'

export type Reload =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'reloaded'; readonly added: readonly string[]; readonly removed: readonly string[] }
  /** The earlier store stays in force. */
  | { readonly outcome: 'failed'; readonly error: Error }

/** The trust store of a folder as it is now: takes a new one in its place without a restart. */
export class TrustStoreHolder implements TrustStore {
  readonly #folder: string
  #store: TrustStore
  #state: string

  private constructor(folder: string, store: TrustStore, state: string) {
    this.#folder = folder
    this.#store = store
    this.#state = state
  }

  /** @throws Error where the folder cannot be read whole */
  static async open(folder: string): Promise<TrustStoreHolder> {
    const state = await stateOf(folder)
    return new TrustStoreHolder(folder, await loadTrustStore(folder), state)
  }

  /** What is trusted at this moment, for work that must see one store from beginning to end. */
  current(): TrustStore {
    return this.#store
  }

  get anchors(): TrustStore['anchors'] {
    return this.#store.anchors
  }

  get intermediates(): TrustStore['intermediates'] {
    return this.#store.intermediates
  }

  /** Reads the folder again where a file of it has changed. A folder that cannot be read whole changes nothing. */
  async reload(): Promise<Reload> {
    try {
      const state = await stateOf(this.#folder)
      if (state === this.#state) return { outcome: 'unchanged' }
      const [before, after] = [this.#store, await loadTrustStore(this.#folder)]
      this.#store = after
      this.#state = state
      const [old, now] = [namesOf(before), namesOf(after)]
      return {
        outcome: 'reloaded',
        added: [...now].filter((name) => !old.has(name)),
        removed: [...old].filter((name) => !now.has(name)),
      }
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause))
      return { outcome: 'failed', error }
    }
  }

  /**
   * Looks for changes every `milliseconds` and tells of what came of it, save of nothing.
   * @returns what ends it
   */
  watch(milliseconds: number, tell: (reload: Reload) => void): () => void {
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      void this.reload().then((reload) => {
        busy = false
        if (reload.outcome !== 'unchanged') tell(reload)
      })
    }, milliseconds)
    timer.unref()
    return () => clearInterval(timer)
  }
}

const namesOf = ({ anchors }: TrustStore): Set<string> =>
  new Set(anchors.map(({ certificate }) => certificate.sha256))

/** Names, sizes and times of all files: equal where nothing was changed. */
async function stateOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort()
  const facts = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(folder, name))
      return `${name} ${size} ${mtimeMs} ${ino}`
    }),
  )
  return facts.join('\n')
}
