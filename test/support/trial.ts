import pg from 'pg'
import { startServices } from '../../scripts/services/index.ts'
import { findRedis } from '../../scripts/services/redis.ts'
import type { Service } from '../../scripts/services/service.ts'
import { loadConfig } from '../../src/config.ts'
import { createWorkerContext, type WorkerContext } from '../../src/context.ts'
import { migrate } from '../../src/db/migrate.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { writeDeliveries } from '../../src/db/write-deliveries.ts'
import { writeTogether } from '../../src/db/write-together.ts'
import type { Channels } from '../../src/delivery/channels/index.ts'
import type { ChannelId } from '../../src/domain/channel-id.ts'
import {
  agencyCode,
  type DeliveryKey,
  type DocumentKey,
  documentKey,
  newDeliveryKey,
} from '../../src/domain/identifiers.ts'
import type { Urgency } from '../../src/domain/urgency.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { FOR_A_WORKER } from './for-a-worker.ts'
import { TEST_AGENCIES, type TestGateway, testGateway } from './gateway.ts'
import { documentPacket } from './packets.ts'
import { agencyFacts, recordFacts } from './record-facts.ts'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'

/** The district of the test agencies has closed: what is sent to it moves on to its successor. */
export const OPEN_DISTRICT = 'H90.15'

export type QueueKind = 'redis' | 'postgres'

/** A gateway over servers of its own, which the trial may kill and start again. */
export interface Trial {
  readonly queue: QueueKind
  readonly gateway: TestGateway
  readonly postgres: Service
  /** Null where the queue stands in PostgreSQL. */
  readonly redis: Service | null
  /** What a worker works with, under this configuration beside the trial's own; closed after the trial. */
  workerContext(variables?: Readonly<Record<string, string>>, channels?: Channels): Promise<WorkerContext>
  /** Documents, each with a delivery to each of these agencies, as if they had just been accepted. */
  accept(documents: number, recipients: readonly string[], options?: AcceptOptions): Promise<DeliveryKey[]>
  /** How many of these deliveries stand in this state. */
  count(keys: readonly DeliveryKey[], state: string): Promise<number>
}

export interface AcceptOptions {
  readonly urgency?: Urgency
  readonly channel?: ChannelId
}

/** The backends of the queue that this machine can run. */
export const queueKinds = async (): Promise<QueueKind[]> =>
  (await findRedis()) === null ? ['postgres'] : ['redis', 'postgres']

export async function startTrial(t: Teardown, queue: QueueKind): Promise<Trial> {
  const folder = await temporaryFolder(t)
  const services = await startServices({ folder, durable: false, queue, given: {} })
  t.teardown(() => services.stop())
  const { databaseUrl, redisUrl } = services
  await keepCommits(databaseUrl)
  await migrate(databaseUrl)
  await migrateQueue({ kind: queue, url: redisUrl ?? databaseUrl })
  const gateway = await testGateway(t, { databaseUrl, redisUrl })
  const { pool } = gateway.api
  await recordFacts(pool, agencyFacts({ code: OPEN_DISTRICT, tier: 'district', parent: 'H90' }))
  const original = await submitOne(gateway)
  return {
    queue,
    gateway,
    postgres: services.postgres!,
    redis: services.redis,
    async workerContext(variables = {}, channels) {
      const context = await createWorkerContext(loadConfig('worker', { ...gateway.variables, ...variables }))
      t.teardown(() => context.close())
      return channels === undefined ? context : { ...context, channels }
    },
    accept: (documents, recipients, options = {}) =>
      acceptMany(gateway, original, documents, recipients, options),
    async count(keys, state) {
      const { rows } = await pool.query<{ count: number }>(
        'select count(*) as count from delivery where id = any($1) and state = $2',
        [keys, state],
      )
      return rows[0]!.count
    },
  }
}

/** What is committed outlives the server's process, which trials kill; the machine's end is not among the trials. */
async function keepCommits(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ command: string }>(
    `select format('alter database %I set synchronous_commit = on', current_database()) as command`,
  )
  await client.query(rows[0]!.command)
  await client.end()
}

/** One document that was really submitted, and delivered: the others are its likes. */
async function submitOne(gateway: TestGateway): Promise<DocumentKey> {
  const packet = await documentPacket({ from: 'G90', to: ['H91'], documentId: 'G90,2026/11/20,1/BTN-VP' })
  const { claims } = await gateway.submit('G90', packet)
  await gateway.deliverDue()
  await gateway.api.pool.query('delete from outbox')
  return claims.document
}

const tierOf = (code: string): string => {
  if (code === OPEN_DISTRICT) return 'district'
  const agency = TEST_AGENCIES.find((one) => one.code === code)
  if (agency === undefined) throw new Error(`no agency ${code}`)
  return agency.tier
}

function acceptMany(
  gateway: TestGateway,
  original: DocumentKey,
  documents: number,
  recipients: readonly string[],
  { urgency = 0, channel = 'mailbox' }: AcceptOptions,
): Promise<DeliveryKey[]> {
  return inTransaction(gateway.api.pool, async (db) => {
    const { rows } = await db.query<{ id: string; acceptedAt: Date }>(
      `insert into document select (jsonb_populate_record(document, jsonb_build_object(
          'id', gen_random_uuid(), 'submission_key', gen_random_uuid()))).*
        from document, generate_series(1, $2) where id = $1
        returning id, accepted_at as "acceptedAt"`,
      [original, documents],
    )
    const keys: DeliveryKey[] = []
    for (const { id, acceptedAt } of rows) {
      const deliveries = recipients.map((code) => ({
        key: newDeliveryKey(),
        recipient: agencyCode(code),
        tier: tierOf(code),
        channel,
        route: FOR_A_WORKER,
      }))
      const document = { document: documentKey(id), kind: 'document', urgency, acceptedAt } as const
      await writeTogether(db, writeDeliveries([{ ...document, deliveries, feed: 'now' }]))
      keys.push(...deliveries.map(({ key }) => key))
    }
    return keys
  })
}
