import type { PoolClient } from 'pg'
import type { Pool } from '../../src/db/pool.ts'

/** What a dead process does not do any more. */
export class Death extends Error {}

/** The life of a process, as far as its database sees it: it ends before or after any message. */
export class Life {
  #left = Number.POSITIVE_INFINITY

  /** It ends after so many messages to or from the database; undefined: not at all. */
  begin(messages?: number): void {
    this.#left = messages ?? Number.POSITIVE_INFINITY
  }

  get isOver(): boolean {
    return this.#left <= 0
  }

  /** @throws Death */
  step(): void {
    this.#left -= 1
    if (this.isOver) throw new Death('this process is dead')
  }
}

/** A pool whose owner dies: what was sent may have its effect, what comes afterwards has none. */
export const mortalPool = (pool: Pool, life: Life): Pool =>
  new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return async () => mortalClient(await live(life, () => target.connect()), life)
      if (name === 'query') return (...given: unknown[]) => queried(target, given, life)
      return bound(target, name)
    },
  })

const mortalClient = (client: PoolClient, life: Life): PoolClient =>
  new Proxy(client, {
    get(target, name) {
      if (name === 'query') return (...given: unknown[]) => queried(target, given, life)
      // The connection of the dead is closed, and what was not committed is undone.
      if (name === 'release')
        return (error?: Error | boolean) => target.release(life.isOver ? new Death('dead') : error)
      return bound(target, name)
    },
  })

async function live<T>(life: Life, work: () => Promise<T>): Promise<T> {
  life.step()
  return work()
}

async function queried(target: Pool | PoolClient, given: readonly unknown[], life: Life): Promise<unknown> {
  life.step()
  const answer: unknown = await Reflect.apply(target.query, target, given)
  life.step()
  return answer
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target)
  return typeof value === 'function' ? (...given: unknown[]) => Reflect.apply(value, target, given) : value
}
