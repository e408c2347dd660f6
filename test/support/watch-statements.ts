import type { PoolClient } from 'pg'
import type { Test } from 'tap'
import type { Pool } from '../../src/db/pool.ts'

/** The texts of the statements that are sent by way of a pool from now on, to the end of the test. */
export function watchStatements(t: Pick<Test, 'intercept' | 'teardown'>, pool: Pool): string[] {
  const texts: string[] = []
  const watched = new Set<PoolClient>()
  const watch = (client: PoolClient) => {
    if (watched.has(client)) return
    watched.add(client)
    const { query } = client
    t.intercept(client, 'query', {
      value(this: PoolClient, ...args: Parameters<typeof query>) {
        const [asked] = args as unknown as [string | { readonly text: string }]
        texts.push(typeof asked === 'string' ? asked : asked.text)
        return query.apply(this, args)
      },
    })
  }
  pool.on('acquire', watch)
  t.teardown(() => pool.off('acquire', watch))
  return texts
}
