import { createPool, type Pool } from '../../src/db/pool.ts'

/** Milliseconds: on a machine that is busy with a trial a connection takes its time. */
const CONNECT_MS = 20_000

/** The connections by which a trial looks at a database itself. */
export const trialPool = (databaseUrl: string): Pool =>
  createPool({
    databaseUrl,
    max: 4,
    applicationName: 'trial',
    connectTimeoutMs: CONNECT_MS,
    onError: () => undefined,
  })
