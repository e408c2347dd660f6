import pg from 'pg'
import { BatchingSocket } from './batching-socket.ts'
import type { SilenceWatch } from './silence.ts'

const INT8 = 20
const DATE = 1082

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // Counters and lengths stay below 2^53; days stay the text `yyyy-MM-dd`, which no time zone can shift.
    if (oid === INT8) return Number
    if (oid === DATE) return String
    return pg.types.getTypeParser(oid, format)
  },
}

export type Pool = pg.Pool
/** Anything that answers a query: the pool, or the client of an open transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>

declare const inTransactionBrand: unique symbol
/** A client inside a transaction. What must be atomic asks for this type. */
export type Transaction = Queryable & { readonly [inTransactionBrand]: true }

export interface PoolOptions {
  readonly databaseUrl: string
  readonly max: number
  readonly applicationName: string
  /** Told of errors on idle connections; without a listener they would end the process. */
  readonly onError: (error: Error) => void
  /** Milliseconds until a connection must stand; where left out, what a caller who is told 503 within 2 s leaves. */
  readonly connectTimeoutMs?: number
  /** Milliseconds after which an answer is no longer waited for; 35 s where left out. */
  readonly queryTimeoutMs?: number
  /** Ends the connections where the database falls silent. */
  readonly watch?: Pick<SilenceWatch, 'stream'>
}

/** For every connection: a peer that fell silent is noticed also where nothing is being asked. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.max,
    application_name: options.applicationName,
    // A caller is told 503 within 2 s when the database does not answer: the watch knows it sooner, and leaves to a server
    // that is merely busy the time that it takes.
    connectionTimeoutMillis: options.connectTimeoutMs ?? (options.watch === undefined ? 1_500 : 5_000),
    statement_timeout: 30_000,
    // The server's own limit is of no use where the server's machine is gone and its connections stay open.
    query_timeout: options.queryTimeoutMs ?? 35_000,
    ...KEEP_ALIVE,
    idle_in_transaction_session_timeout: 30_000,
    // What is asked without waiting for the answer before goes out at once.
    pipeline: true,
    stream: options.watch?.stream ?? (() => new BatchingSocket()),
    types,
  })
  pool.on('error', options.onError)
  return pool
}
