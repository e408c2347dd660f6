import { Readable } from 'node:stream'
import { devEnvironment } from '../../scripts/dev-environment.ts'
import type { DevCa } from '../../scripts/make-certs.ts'
import { loadConfig } from '../../src/config.ts'
import {
  type ApiContext,
  createApiContext,
  createLog,
  createWorkerContext,
  type WorkerContext,
} from '../../src/context.ts'
import type { Pool } from '../../src/db/pool.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { deliveryKey } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import type { AcceptedDocument } from '../../src/intake/submission.ts'
import { callerOf } from './caller-of.ts'
import { agencyFacts, recordFacts } from './record-facts.ts'
import { modulePath } from './soft-token.ts'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'
import { createTestDatabase } from './test-database.ts'

/** The gateway's parts in the test's own process, over a database of its own. */
export interface TestGateway {
  readonly api: ApiContext
  readonly worker: WorkerContext
  readonly ca: DevCa
  readonly variables: Readonly<Record<string, string>>
  /** Submits a packet as the agency's own system would. */
  submit(agency: string, packet: Uint8Array | string, idempotencyKey?: string): Promise<AcceptedDocument>
  /** One attempt at every delivery that is due, as the workers would make it. */
  deliverDue(): Promise<number>
}

/** An invented world: a ministry, two provinces, communes, and a district that closed. */
export const TEST_AGENCIES = [
  { code: 'G90', name: 'Bộ Thử nghiệm', tier: 'central' },
  { code: 'H90', name: 'Tỉnh Thử nghiệm', tier: 'province' },
  { code: 'H91', name: 'Thành phố Thử nghiệm', tier: 'province' },
  { code: 'H90.11', name: 'Huyện Đã đóng', tier: 'district', validTo: '2025-07-01', successor: 'H90.31' },
  { code: 'H90.31', name: 'Xã Một', tier: 'commune' },
  { code: 'H90.32', name: 'Xã Hai', tier: 'commune' },
] as const

export { callerOf }

export interface TestServices {
  /** A database with this release's schema. */
  readonly databaseUrl: string
  readonly redisUrl: string | null
}

/**
 * Over a database of its own on the shared server, or over the servers that the test gives.
 * @param more variables beside those of every test
 */
export async function testGateway(
  t: Teardown,
  services?: TestServices,
  more: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const folder = await temporaryFolder(t)
  const { databaseUrl, redisUrl } = services ?? {
    databaseUrl: (await createTestDatabase(t)).url,
    redisUrl: null,
  }
  const environment = await devEnvironment({ folder, databaseUrl, redisUrl })
  const variables = {
    ...environment.variables,
    TRAM_LOG_LEVEL: 'silent',
    TRAM_AGENCY_KEYS_MODULES: modulePath ?? '',
    ...more,
  }
  const api = await createApiContext(loadConfig('api', variables))
  const worker = await createWorkerContext(loadConfig('worker', variables), { log: createLog(api.config) })
  t.teardown(async () => {
    await api.close()
    await worker.close()
  })
  await seedAgencies(api.pool)
  await seedClients(api.pool)
  // They are told of what is new, and may not have heard yet.
  for (const { registry, pool } of [api, worker]) await registry.upToDate(pool)
  return {
    api,
    worker,
    ca: environment.ca,
    variables,
    submit: (agency, packet, idempotencyKey) =>
      acceptSubmission(api, {
        caller: callerOf(agency),
        content: Readable.from([Buffer.from(packet)]),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    async deliverDue() {
      const { rows } = await api.pool.query<{ id: string }>(
        `select id from delivery where state = 'waiting' and next_attempt_at <= clock_timestamp() order by id`,
      )
      for (const { id } of rows) await deliver(worker, deliveryKey(id), new AbortController().signal)
      return rows.length
    },
  }
}

/** Puts the test agencies into the directory. */
export async function seedAgencies(pool: Pool): Promise<void> {
  await recordFacts(pool, TEST_AGENCIES.flatMap(factsOfAgency))
}

const factsOfAgency = (given: (typeof TEST_AGENCIES)[number]): NewFact[] => {
  const parent = given.code.includes('.') ? given.code.split('.')[0]! : null
  return agencyFacts({ ...given, parent })
}

/** A client for each, without a secret: tests in this process name the caller themselves. */
async function seedClients(pool: Pool): Promise<void> {
  for (const { code, name } of TEST_AGENCIES) {
    await pool.query(
      `insert into client (client_id, role, agency_code, name) values ($1, 'agency', $2, $3)`,
      [callerOf(code).clientId, code, `DMS ${name}`],
    )
  }
}
