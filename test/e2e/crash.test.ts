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
import { connectReceiver, connectSender, type Sender } from '../fakes/steadfast-dms.ts'
import { createAgencies } from '../support/create-agencies.ts'
import { spawnTram, type TramProcess } from '../support/spawn-tram.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const DOCUMENTS = 120
const SENDER = 'G90'
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
  const receivers = RECEIVERS.map((code) => connectReceiver(code, clientOf(code)))
  const ownInbox = connectReceiver(SENDER, clientOf(SENDER))
  const sender = connectSender(SENDER, RECEIVERS, clientOf(SENDER))

  const traffic = sender.send(DOCUMENTS)
  const share = DOCUMENTS / (members.size + 1)
  let kills = 0
  for (const [name, member] of members) {
    kills += 1
    await waitFor(
      () => sender.accepted.size >= Math.floor(share * kills),
      120_000,
      () => `traffic before ${name}`,
    )
    t.comment(`kill -9 ${name} after ${sender.accepted.size} documents`)
    await member.crash()
    await member.start()
  }
  await traffic
  const expected = receivers.map(({ code }) => expectedItems(sender, code))
  const statuses = expected.flat().length
  await waitFor(
    () =>
      receivers.every(({ done }, index) => done.size >= expected[index]!.length) &&
      ownInbox.done.size >= statuses,
    90_000,
    () =>
      `all inboxes: ${[...receivers, ownInbox].map(({ code, done }) => `${code} ${done.size}`).join(', ')}`,
  )
  for (const receiver of [...receivers, ownInbox]) await receiver.stop()

  t.equal(sender.accepted.size, DOCUMENTS, 'everything was accepted in the end')
  for (const [index, { code, taken }] of receivers.entries()) {
    const items = [...taken.values()].map(
      ({ operation, edxmlDocumentId }) => `${operation} ${edxmlDocumentId}`,
    )
    t.same(
      items.sort(),
      expected[index]!.sort(),
      `${code}: nothing lost, nothing twice, nothing that was withdrawn`,
    )
    const changed = [...taken.values()].filter(
      ({ operation, edxmlDocumentId, sha256 }) =>
        operation === 'new' && sender.accepted.get(edxmlDocumentId) !== sha256,
    )
    t.same(changed, [], `${code}: the bytes are those that were sent`)
  }
  t.equal(ownInbox.taken.size, statuses, 'the sender was told of every status, once')
  t.comment(
    `${sender.repeats} requests had to be sent again; ${kills} kills; ${sender.recalled.size} recalls`,
  )
}

/** What must lie with a recipient in the end: all that was accepted and not withdrawn from it, and the recalls that ask it. */
function expectedItems({ accepted, recalled }: Sender, code: string): string[] {
  const concerns = (list: readonly { agency: string }[]) => list.some(({ agency }) => agency === code)
  const documents = [...accepted.keys()].filter((id) => !concerns(recalled.get(id)?.withdrawn ?? []))
  const recalls = [...recalled].filter(([, { asked }]) => concerns(asked)).map(([id]) => id)
  return [...documents.map((id) => `new ${id}`), ...recalls.map((id) => `recall ${id}`)]
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
