import { join } from 'node:path'
import { Readable } from 'node:stream'
import { devEnvironment } from '../../../scripts/dev-environment.ts'
import { makeDevCertificates } from '../../../scripts/make-certs.ts'
import { startServices } from '../../../scripts/services/index.ts'
import { loadConfig } from '../../../src/config.ts'
import { type ApiContext, createApiContext } from '../../../src/context.ts'
import { seedDirectory } from '../../../src/directory/seed/seed-directory.ts'
import { acceptSubmission } from '../../../src/intake/accept-submission.ts'
import type { AcceptedDocument } from '../../../src/intake/submission.ts'
import { migrateQueue } from '../../../src/queue/backend.ts'
import { callerOf } from '../caller-of.ts'
import type { Teardown } from '../temporary-folder.ts'
import { databaseWithMovedClock, type MovedClock } from './moved-clock.ts'
import { startPushServer } from './push-server.ts'
import { type JulyWorld, julyWorld } from './world.ts'

/** The gateway on the thirtieth of June 2025, with its directory filled and everybody's systems connected. */
export interface JulyTrial {
  readonly api: ApiContext
  readonly clock: MovedClock
  readonly world: JulyWorld
  readonly variables: Readonly<Record<string, string>>
  /** Submits a packet as the agency's own system would. */
  submit(agency: string, packet: Uint8Array): Promise<AcceptedDocument>
  /** Lets an agency's system be known to the gateway. */
  connect(agency: string): Promise<void>
}

const AFTERNOON = '2025-06-30T16:00:00+07:00'

export const SENDERS = ['G22', 'G09', 'H47', 'H22'] as const

export async function openTrial(t: Teardown, folder: string): Promise<JulyTrial> {
  const services = await startServices({
    folder: join(folder, 'services'),
    queue: 'postgres',
    given: {},
    durable: false,
  })
  t.teardown(() => services.stop())
  const clock = await databaseWithMovedClock(services.databaseUrl, 'first_of_july', AFTERNOON)
  const push = await startPushServer()
  t.teardown(() => push.close())
  const world = julyWorld(push.url)
  await makeDevCertificates(join(folder, 'certs'), [], { notBefore: new Date('2025-01-01T00:00:00Z') })
  const { variables: given } = await devEnvironment({ folder, databaseUrl: clock.url, redisUrl: null })
  const variables = { ...given, TRAM_LOG_LEVEL: 'info' }
  await migrateQueue({ kind: 'postgres', url: clock.url })
  const api = await createApiContext(loadConfig('api', { ...variables, TRAM_LOG_LEVEL: 'silent' }))
  t.teardown(() => api.close())
  await seedDirectory(api.pool, { clientId: 'cli:trial' }, world.facts, 'first of July')
  const connect = async (code: string) => {
    await api.pool.query(
      `insert into client (client_id, role, agency_code, name) values ($1, 'agency', $2, $2) on conflict do nothing`,
      [callerOf(code).clientId, code],
    )
  }
  for (const code of [...SENDERS, ...world.recipients.map((recipient) => recipient.code)]) await connect(code)
  const paused = world.recipients.filter(({ manner }) => manner === 'paused').map(({ code }) => code)
  await api.pool.query(
    `insert into recipient_pause (agency_code, paused_by) select unnest($1::text[]), 'admin'`,
    [paused],
  )
  return {
    api,
    clock,
    world,
    variables,
    connect,
    submit: (agency, packet) =>
      acceptSubmission(api, { caller: callerOf(agency), content: Readable.from([Buffer.from(packet)]) }),
  }
}
