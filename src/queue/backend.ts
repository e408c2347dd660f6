import {
  createPostgresBackend,
  type JobsOptions,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import pg from 'pg'
import type { ClosableQueue, ClosableWorker } from './let-go.ts'

/** Where BullMQ keeps its jobs: Redis, or its own tables in PostgreSQL where no Redis is given. */
export interface QueueConnection {
  readonly kind: 'redis' | 'postgres'
  readonly url: string
}

/** A job wakes; PostgreSQL knows. It carries an id and nothing else. */
export interface DeliverJob {
  readonly delivery: string
}

interface BulkJob {
  readonly name: 'deliver'
  readonly data: DeliverJob
  readonly opts: { readonly jobId: string; readonly priority: number }
}

export type JobState = 'waiting' | 'prioritized' | 'active'

/** The part of BullMQ's Queue that is used; both backends have it. */
export interface BullQueue extends ClosableQueue {
  addBulk(jobs: BulkJob[]): Promise<unknown>
  getJobCounts(...types: JobState[]): Promise<Record<string, number>>
  /** Rejects for good where the first connection fails: such a Queue never works again. */
  waitUntilReady(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The part of BullMQ's Worker that is used; both backends have it. */
export interface BullWorker extends ClosableWorker {
  on(event: 'error', listener: (error: Error) => void): unknown
}

export type DeliverProcessor = (delivery: string) => Promise<void>

export interface WorkerTuning {
  readonly concurrency: number
}

interface QueueBackend {
  openQueue(url: string, name: string): BullQueue
  startWorker(url: string, name: string, process: DeliverProcessor, tuning: WorkerTuning): BullWorker
}

// A kept job would silently swallow a later one with the same id; nothing is kept, PostgreSQL has the record.
const JOB_OPTIONS: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true, sizeLimit: 4096 }

const QUEUE_OPTIONS: Omit<QueueOptions, 'connection'> = {
  prefix: 'tram',
  defaultJobOptions: JOB_OPTIONS,
  streams: { events: { maxLen: 1_000 } },
}

const workerOptions = ({ concurrency }: WorkerTuning): Omit<WorkerOptions, 'connection'> => ({
  prefix: 'tram',
  concurrency,
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // After an error of the connection; BullMQ's own 15 s would be added to every restart of its server.
  runRetryDelay: 1_000,
  // PostgreSQL counts attempts; a job that stalls is only a wake-up that is due again.
  maxStalledCount: 1_000_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
})

const retryStrategy = (times: number): number => Math.min(50 * 2 ** times, 2_000)

/** A server that fell silent is given up after a while, whatever is being asked. */
const postgresConnection = (url: string) => ({
  connectionString: url,
  connectionTimeoutMillis: 10_000,
  query_timeout: 35_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
})

const BACKENDS: Record<QueueConnection['kind'], QueueBackend> = {
  redis: {
    openQueue: (url, name) =>
      new Queue<DeliverJob, void, 'deliver'>(name, {
        ...QUEUE_OPTIONS,
        // A producer fails at once while Redis is away: the outbox keeps what it wanted to say.
        connection: { url, enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy },
      }),
    startWorker: (url, name, process, tuning) =>
      new Worker<DeliverJob, void, 'deliver'>(name, (job) => process(job.data.delivery), {
        ...workerOptions(tuning),
        connection: { url, maxRetriesPerRequest: null, retryStrategy },
      }),
  },
  postgres: {
    openQueue: (url, name) =>
      new Queue(
        name,
        { ...QUEUE_OPTIONS, connection: { ...postgresConnection(url), max: 2 } },
        createPostgresBackend,
      ),
    startWorker: (url, name, process, tuning) =>
      new Worker(
        name,
        (job: { data: DeliverJob }) => process(job.data.delivery),
        { ...workerOptions(tuning), connection: { ...postgresConnection(url), max: 4 } },
        createPostgresBackend,
      ),
  },
}

export const openQueue = ({ kind, url }: QueueConnection, name: string): BullQueue =>
  BACKENDS[kind].openQueue(url, name)

export const startQueueWorker = (
  { kind, url }: QueueConnection,
  name: string,
  process: DeliverProcessor,
  tuning: WorkerTuning,
): BullWorker => BACKENDS[kind].startWorker(url, name, process, tuning)

/** Makes BullMQ's own tables where PostgreSQL is the queue. Safe to run again, also by several processes at once. */
export async function migrateQueue({ kind, url }: QueueConnection): Promise<void> {
  if (kind !== 'postgres') return
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await runMigrations(client)
  } finally {
    await client.end()
  }
}
