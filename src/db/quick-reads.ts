import type { PoolClient, QueryConfig } from 'pg'
import { isOutage } from './errors.ts'
import type { Pool, Queryable } from './pool.ts'

/** A connection while questions are under way on it. */
interface Line {
  readonly client: Promise<PoolClient>
  readonly onError: (error: Error) => void
  asked: number
  /** Why it cannot be used again. */
  broken: Error | undefined
}

const lines = new WeakMap<Pool, Line>()
/** One object for each pool: those who share answers know a database by it. */
const doors = new WeakMap<Pool, Queryable>()

/**
 * Short questions of many requests, by primary keys and the like, over one connection of the pool: what is asked in one
 * turn of the process goes out in one message and comes back in one, and wakes either side once. Each is a transaction by
 * itself. Long ones, and what waits for locks or for the disk, would hold up the others: they go by the pool.
 */
export function quickReads(pool: Pool): Queryable {
  const known = doors.get(pool)
  if (known !== undefined) return known
  const door = {
    query: (question: string | QueryConfig, values?: unknown[]) => ask(pool, question, values),
  } as Queryable
  doors.set(pool, door)
  return door
}

async function ask(pool: Pool, question: string | QueryConfig, values: unknown[] | undefined) {
  const line = lineOf(pool)
  line.asked += 1
  try {
    return await (await line.client).query(question, values)
  } catch (error) {
    if (isOutage(error)) leave(pool, line, error as Error)
    throw error
  } finally {
    line.asked -= 1
    if (line.asked === 0) await hangUp(pool, line)
  }
}

function lineOf(pool: Pool): Line {
  const known = lines.get(pool)
  if (known !== undefined) return known
  const onError = (error: Error) => leave(pool, line, error)
  const client = pool.connect().then((one) => one.on('error', onError))
  const line: Line = { client, onError, asked: 0, broken: undefined }
  lines.set(pool, line)
  return line
}

/** Nobody else asks here. */
function leave(pool: Pool, line: Line, error: Error): void {
  line.broken ??= error
  if (lines.get(pool) === line) lines.delete(pool)
}

async function hangUp(pool: Pool, line: Line): Promise<void> {
  if (lines.get(pool) === line) lines.delete(pool)
  // Where there never was a connection, whoever asked has been told.
  const client = await line.client.catch(() => undefined)
  client?.off('error', line.onError)
  client?.release(line.broken)
}
