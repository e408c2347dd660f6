import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { randomOf } from '../../scripts/bench/routing/random.ts'
import { devEnvironment } from '../../scripts/dev-environment.ts'
import { freePort } from '../../scripts/services/free-port.ts'
import { startServices } from '../../scripts/services/index.ts'
import { loadConfig } from '../../src/config.ts'
import { pushPublicKey } from '../../src/context.ts'
import { migrate } from '../../src/db/migrate.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { loadTrustStore } from '../../src/signature/trust-store.ts'
import { FakeAgency } from '../fakes/fake-agency.ts'
import { buildPrograms } from '../support/build-tram.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { seedTrial, TRIAL_AGENCIES } from './agencies.ts'
import type { WorldNeeds } from './fault.ts'
import { openJournal } from './journal-file.ts'
import { letterWriter } from './letters.ts'
import { createMember } from './member.ts'
import { connectReceiver } from './receiver.ts'
import { runProgram } from './run-program.ts'
import { type Apis, connectApis, connectSystem } from './system.ts'
import { startTraffic } from './traffic.ts'
import { trialPool } from './trial-pool.ts'
import { watchApis } from './well-apis.ts'
import type { Member, World } from './world.ts'

export interface WorldOptions extends WorldNeeds {
  readonly seed: number
  readonly queue: 'redis' | 'postgres'
  readonly tell?: (line: string) => void
  /** Part of the documents on which their recipients report. */
  readonly reported?: number
  /** Whoever interrupts has what was started taken down, and nothing more is. */
  readonly interrupted?: AbortSignal
}

const PROGRAM = 'src/bin/tram.ts'
const PRELOAD = 'test/chaos/kill-points.ts'
const REPORTED = 0.1

/**
 * Starts everything that a trial plays with, in a folder of its own: PostgreSQL and Redis with durable settings, the
 * APIs and workers as built programs, a directory of agencies whose systems stand by. All of it is gone after the test.
 */
export async function openWorld(t: Teardown, options: WorldOptions): Promise<World> {
  const { seed, queue, tell = () => undefined, reported = REPORTED, interrupted } = options
  const folder = await temporaryFolder(t)
  const [services, built] = await Promise.all([
    startServices({ folder: join(folder, 'services'), queue, given: {} }),
    buildPrograms(t, [PROGRAM, PRELOAD]),
  ])
  t.teardown(() => services.stop())
  interrupted?.throwIfAborted()
  const { databaseUrl, redisUrl } = services
  await migrate(databaseUrl)
  await migrateQueue({ kind: queue, url: redisUrl ?? databaseUrl })
  const { variables, ca } = await devEnvironment({ folder, databaseUrl, redisUrl, port: await freePort() })
  const pool = trialPool(databaseUrl)
  t.teardown(() => pool.end())

  const publicKey = pushPublicKey(loadConfig('worker', variables))
  const pushed = TRIAL_AGENCIES.filter(({ way }) => way === 'push')
  const endpoints = new Map<string, FakeAgency>()
  for (const { code } of pushed) endpoints.set(code, await FakeAgency.start(t, { publicKey }))
  const urls = new Map([...endpoints].map(([code, { url }]): [string, string] => [code, url]))
  const credentials = await seedTrial(pool, urls)

  const member = async (kind: Member['kind'], number: number): Promise<Member> => {
    const port = await freePort()
    return createMember({
      name: `${kind} ${number}`,
      kind,
      port,
      program: built[PROGRAM],
      preload: built[PRELOAD],
      variables: {
        ...variables,
        TRAM_LOG_LEVEL: 'warn',
        ...options.variables,
        [kind === 'api' ? 'TRAM_PORT' : 'TRAM_WORKER_PORT']: String(port),
      },
      logFile: join(folder, `${kind}-${number}.log`),
      supervised: options.supervised !== false,
    })
  }
  const members: Member[] = []
  for (let number = 1; number <= options.apis; number += 1) members.push(await member('api', number))
  for (let number = 1; number <= options.workers; number += 1) members.push(await member('worker', number))
  t.teardown(() => Promise.all(members.map((one) => one.close())))
  interrupted?.throwIfAborted()
  await Promise.all(members.map((one) => one.start()))
  interrupted?.throwIfAborted()

  const apiUrls = members.filter(({ kind }) => kind === 'api').map(({ url }) => url)
  const well = options.balanced === true ? watchApis(apiUrls) : undefined
  t.teardown(() => well?.close())
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const over = ending.signal
  // Connections of their own: receivers must not stand in line behind what senders have to repeat.
  const [sendingApis, receivingApis] = [connectApis(apiUrls, well), connectApis(apiUrls, well)]
  const connectAll = (apis: Apis) =>
    new Map([...credentials].map(([code, own]) => [code, connectSystem(apis, code, own, over)] as const))
  const [systems, receiving] = [connectAll(sendingApis), connectAll(receivingApis)]
  const journal = openJournal(join(folder, 'journal.jsonl'))
  const receivers = TRIAL_AGENCIES.map((agency) =>
    connectReceiver(journal, receiving.get(agency.code)!, agency, { reported }),
  )
  for (const receiver of receivers) {
    const endpoint = endpoints.get(receiver.code)
    if (endpoint !== undefined) endpoint.onNotice = () => receiver.wake()
  }
  t.teardown(async () => {
    ending.abort()
    const stopped = receivers.map((receiver) => receiver.stop())
    await Promise.all([sendingApis.close(), receivingApis.close()])
    await Promise.all(stopped)
    journal.close()
  })
  const writer = letterWriter(randomOf(seed + 1), ca)
  return {
    seed,
    random: randomOf(seed),
    queue,
    folder,
    servers: { postgres: services.postgres!, redis: services.redis },
    members,
    endpoints,
    receivers: new Map(receivers.map((receiver) => [receiver.code, receiver])),
    systems,
    pool,
    blobs: variables.TRAM_BLOBS!,
    variables,
    trust: await loadTrustStore(variables.TRAM_TRUST!),
    journal,
    over,
    tram: (args, own) =>
      runProgram(args, { program: built[PROGRAM], variables: { ...variables, ...own }, over }),
    traffic: (wanted) => startTraffic({ journal, systems, receivers, writer, pool, over }, wanted),
    tell,
  }
}
