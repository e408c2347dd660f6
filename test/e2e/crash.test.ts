import { join } from 'node:path'
import t from 'tap'
import { httpClient } from '../../scripts/demo/http-client.ts'
import { devEnvironment } from '../../scripts/dev-environment.ts'
import { freePort } from '../../scripts/services/free-port.ts'
import { type QueueChoice, startServices } from '../../scripts/services/index.ts'
import { findRedis } from '../../scripts/services/redis.ts'
import type { Service } from '../../scripts/services/service.ts'
import { migrate } from '../../src/db/migrate.ts'
import { migrateQueue } from '../../src/queue/backend.ts'
import { connectReceiver, connectSender, type Receiver, type Sender } from '../fakes/steadfast-dms.ts'
import { createAgencies } from '../support/create-agencies.ts'
import { spawnTram, type TramProcess } from '../support/spawn-tram.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const DOCUMENTS = 240
const SENDERS = ['G90']
const RECEIVERS = ['H90', 'H90.31', 'H90.32']

/** A process of ours that can be killed and started again under the same configuration. */
interface Member {
  crash(): Promise<void>
  start(): Promise<void>
}

const server = (service: Service): Member => ({
  crash: () => service.kill('SIGKILL'),
  start: () => service.restart(),
})

async function program(t: Teardown, args: string[], variables: Record<string, string>): Promise<Member> {
  let running: TramProcess = await spawnTram(t, args, variables)
  return {
    crash: async () => void (await running.kill('SIGKILL')),
    start: async () => {
      running = await spawnTram(t, args, variables)
    },
  }
}

/** Everything is a real process: servers, API, workers; each is killed in turn while documents flow. */
async function crashTrial(t: Tap, queue: QueueChoice): Promise<void> {
  const folder = await temporaryFolder(t)
  const services = await startServices({ folder: join(folder, 'services'), queue, given: {} })
  t.teardown(() => services.stop())
  const port = await freePort()
  const { variables } = await devEnvironment({
    folder,
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    port,
  })
  await migrate(services.databaseUrl)
  await migrateQueue({ kind: services.queue, url: services.redisUrl ?? services.databaseUrl })
  const credentials = await createAgencies(services.databaseUrl)
  const members = new Map<string, Member>([
    ['api', await program(t, ['serve'], variables)],
    ['worker 1', await program(t, ['worker'], variables)],
    ['worker 2', await program(t, ['worker'], variables)],
    ['postgres', server(services.postgres!)],
    ...(services.redis === null ? [] : ([['redis', server(services.redis)]] as const)),
  ])
  const clientOf = (code: string) => httpClient(`http://127.0.0.1:${port}`, credentials.get(code)!)
  const receivers: Receiver[] = RECEIVERS.map((code) => connectReceiver(code, clientOf(code)))
  const senders: Sender[] = SENDERS.map((code) => connectSender(code, RECEIVERS, clientOf(code)))

  const traffic = Promise.all(senders.map((sender) => sender.send(DOCUMENTS)))
  const share = DOCUMENTS / (members.size + 1)
  let kills = 0
  for (const [name, member] of members) {
    kills += 1
    await waitFor(
      () => senders[0]!.accepted.size >= Math.floor(share * kills),
      120_000,
      () => `traffic before ${name}`,
    )
    t.comment(`kill -9 ${name} after ${senders[0]!.accepted.size} documents`)
    await member.crash()
    await member.start()
  }
  await traffic
  const accepted = new Map(senders.flatMap((sender) => [...sender.accepted]))
  await waitFor(
    () => receivers.every((receiver) => receiver.acknowledged.size >= accepted.size),
    90_000,
    () =>
      `all inboxes: ${receivers.map(({ code, acknowledged }) => `${code} ${acknowledged.size}`).join(', ')}`,
  )
  for (const receiver of receivers) await receiver.stop()

  t.equal(accepted.size, DOCUMENTS, 'everything was accepted in the end')
  for (const { code, taken } of receivers) {
    const documents = [...taken.values()].map(({ edxmlDocumentId }) => edxmlDocumentId)
    t.same(new Set(documents), new Set(accepted.keys()), `${code}: nothing accepted is lost`)
    t.equal(documents.length, accepted.size, `${code}: nothing came twice`)
    const changed = [...taken.values()].filter(
      ({ edxmlDocumentId, sha256 }) => accepted.get(edxmlDocumentId) !== sha256,
    )
    t.same(changed, [], `${code}: the bytes are those that were sent`)
  }
  t.comment(`${senders[0]!.repeats} submissions had to be sent again; ${kills} kills`)
}

type Tap = typeof t

t.test(
  'kill -9 of each process in turn, the queue in PostgreSQL: nothing lost, nothing twice',
  { timeout: 240_000 },
  (t) => crashTrial(t as Tap, 'postgres'),
)

const redis = await findRedis()
t.test(
  'kill -9 of each process in turn, the queue in Redis: nothing lost, nothing twice',
  { timeout: 240_000, ...(redis === null ? { skip: 'no redis-server on PATH' } : {}) },
  (t) => crashTrial(t as Tap, 'redis'),
)
