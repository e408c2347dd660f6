import type { PoolClient, QueryConfig } from 'pg'
import { isOutage } from './errors.ts'
import type { Pool, Queryable } from './pool.ts'

/** A question that left and was not answered yet. */
interface Sent {
  /** Milliseconds of the monotonic clock. */
  readonly at: number
}

/** A connection while questions are under way on it. */
interface Line {
  readonly client: Promise<PoolClient>
  readonly onError: (error: Error) => void
  /** Questions that left, the oldest first. */
  readonly sent: Set<Sent>
  asked: number
  /** Why it cannot be used again. */
  broken: Error | undefined
}

interface Question extends QueryConfig {
  /** Milliseconds until the driver gives up, and the connection with it. */
  query_timeout?: number
}

/** A line whose oldest question waits for longer gets no more, in milliseconds: nobody else shall wait behind it. */
const SLOW_MS = 250
/** Lines of a pool at most, so that a database that is slow altogether has no more to do for it. */
const MOST_LINES = 3
/** How long an answer is waited for, in milliseconds: at first, and on another line. */
const PATIENCE_MS = { first: 1_000, again: 4_000 } as const

const lines = new WeakMap<Pool, Set<Line>>()
/** One object for each pool: those who share answers know a database by it. */
const doors = new WeakMap<Pool, Queryable>()

/**
 * Short questions of many requests, by primary keys and the like, over one connection of the pool: what is asked in one
 * turn of the process goes out in one message and comes back in one, and wakes either side once. Each is a transaction by
 * itself. Long ones, and what waits for locks or for the disk, would hold up the others: they go by the pool.
 *
 * A connection that no longer answers (a peer that is frozen, a network that drops packets) is left to those who wait on it
 * already. Who is not answered there, or loses it, asks once more on another: questions change nothing.
 */
export function quickReads(pool: Pool): Queryable {
  const known = doors.get(pool)
  if (known !== undefined) return known
  const door = {
    query: (question: string | QueryConfig, values?: unknown[]) =>
      askTwice(pool, typeof question === 'string' ? { text: question, values: values ?? [] } : question),
  } as Queryable
  doors.set(pool, door)
  return door
}

/** The connection was lost after the question had left. */
class Unanswered extends Error {
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

async function askTwice(pool: Pool, question: QueryConfig) {
  try {
    return await ask(pool, { ...question, query_timeout: PATIENCE_MS.first })
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
  }
  return ask(pool, { ...question, query_timeout: PATIENCE_MS.again }).catch((error: unknown) => {
    throw error instanceof Unanswered ? error.cause : error
  })
}

async function ask(pool: Pool, question: Question) {
  const line = lineOf(pool)
  line.asked += 1
  try {
    return await answerOf(pool, line, question)
  } finally {
    line.asked -= 1
    if (line.asked === 0) await hangUp(pool, line)
  }
}

/** @throws Unanswered; what the database says of the question, or of whoever wants a connection */
async function answerOf(pool: Pool, line: Line, question: Question) {
  const client = await line.client.catch((error: Error) => {
    leave(pool, line, error)
    throw error
  })
  const sent: Sent = { at: performance.now() }
  line.sent.add(sent)
  try {
    return await client.query(question)
  } catch (error) {
    if (!isOutage(error)) throw error
    leave(pool, line, error as Error)
    throw new Unanswered(error as Error)
  } finally {
    line.sent.delete(sent)
  }
}

/** One that answers, a fresh one, or where there are enough the one that was asked last. */
function lineOf(pool: Pool): Line {
  const open = [...(lines.get(pool) ?? [])]
  const slowBefore = performance.now() - SLOW_MS
  const quick = open.find((line) => oldestOf(line) >= slowBefore)
  if (quick !== undefined) return quick
  if (open.length < MOST_LINES) return openLine(pool)
  return open.reduce((one, other) => (oldestOf(other) > oldestOf(one) ? other : one))
}

/** When the oldest question left to which there is no answer. A line that waits for its connection waits for nobody. */
const oldestOf = ({ sent }: Line): number => {
  for (const { at } of sent) return at
  return Number.POSITIVE_INFINITY
}

function openLine(pool: Pool): Line {
  const onError = (error: Error) => leave(pool, line, error)
  const client = pool.connect().then((one) => one.on('error', onError))
  const line: Line = { client, onError, sent: new Set(), asked: 0, broken: undefined }
  const open = lines.get(pool) ?? new Set()
  lines.set(pool, open.add(line))
  return line
}

/** Nobody else asks here. */
function leave(pool: Pool, line: Line, error: Error): void {
  line.broken ??= error
  lines.get(pool)?.delete(line)
}

async function hangUp(pool: Pool, line: Line): Promise<void> {
  lines.get(pool)?.delete(line)
  // Where there never was a connection, whoever asked has been told.
  const client = await line.client.catch(() => undefined)
  client?.off('error', line.onError)
  client?.release(line.broken)
}
