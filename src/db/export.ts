import type { Pool } from './pool.ts'
import type { Statement } from './search.ts'

/** Rows that are fetched at once: what an export holds in memory. */
const BATCH = 500

/**
 * The rows of a statement in batches, from a server-side cursor: one snapshot, whatever is written meanwhile, in
 * constant memory. Holds one connection until it is read to its end or given up.
 */
export async function* streamRows<Row extends object>(
  pool: Pool,
  statement: Statement,
): AsyncGenerator<Row[]> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    await client.query('begin read only')
    // The reader sets the pace, and may be slow.
    await client.query(
      `set local idle_in_transaction_session_timeout = '10min'; set local statement_timeout = '10min'`,
    )
    await client.query(`declare export no scroll cursor for ${statement.text}`, statement.values)
    // An empty batch first: whoever asks for it learns whether there is anything to read at all.
    yield []
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${BATCH} from export`)
      if (rows.length > 0) yield rows
      if (rows.length < BATCH) break
    }
  } finally {
    await client.query('rollback').catch((error: Error) => {
      broken ??= error
    })
    client.off('error', onError)
    client.release(broken)
  }
}
