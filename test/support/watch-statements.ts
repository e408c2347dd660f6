import type { PoolClient } from 'pg'
import type { Test } from 'tap'
import type { Pool } from '../../src/db/pool.ts'

/** The texts of the statements that are sent to the end of the test by those who take a connection of a pool from now on. */
export function watchStatements(t: Pick<Test, 'intercept' | 'teardown'>, pool: Pool): string[] {
  const texts: string[] = []
  const watched = new Set<PoolClient>()
  const watch = (client: PoolClient) => {
    if (watched.has(client)) return
    watched.add(client)
    const { query } = client
    t.intercept(client, 'query', {
      value(this: PoolClient, ...args: unknown[]) {
        const [asked] = args
        if (typeof asked === 'string') texts.push(asked)
        else if (typeof asked === 'object' && asked !== null && 'text' in asked)
          texts.push(String(asked.text))
        return Reflect.apply(query, this, args)
      },
    })
  }
  pool.on('acquire', watch)
  t.teardown(() => pool.off('acquire', watch))
  return texts
}
