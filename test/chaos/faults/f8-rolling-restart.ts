import { join } from 'node:path'
import { migrate } from '../../../src/db/migrate.ts'
import { nextRelease } from '../../support/next-release.ts'
import { watchLocks } from '../../support/watch-locks.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import type { Line } from '../journal.ts'
import { pause } from '../system.ts'
import type { Member, World } from '../world.ts'
import { isBusy } from './heard.ts'

const BREATH_MS = 2_000
const REST_MS = 120_000
const LOCK_MS = 1_000
/** Systems that wait for what comes into their inboxes all the time. */
const POLLING = ['G81', 'G82', 'H81', 'H82']
const POLL_SECONDS = 3

interface Polls {
  /** Answered, and what went wrong. */
  readonly answered: number
  readonly failures: readonly string[]
  stop(): Promise<void>
}

/** Long polls, one after the other for each system. */
function poll({ systems }: World): Polls {
  let [answered, stopped] = [0, false]
  const failures: string[] = []
  const path = `/v1/inbox?wait=${POLL_SECONDS}`
  const lanes = POLLING.map(async (code) => {
    while (!stopped) {
      const outcome = await systems
        .get(code)!
        .ask({ method: 'GET', path })
        .then(({ status }) => status, String)
      answered += 1
      if (outcome !== 200) failures.push(`${code}: ${outcome}`)
    }
  })
  return {
    get answered() {
      return answered
    },
    failures,
    async stop() {
      stopped = true
      await Promise.all(lanes)
    },
  }
}

/** How long the end and the start of each took, in seconds. */
async function restartAll({ members, tell }: World): Promise<Map<string, number>> {
  const seconds = new Map<string, number>()
  const restart = async (member: Member) => {
    const at = performance.now()
    await member.kill('SIGTERM')
    tell(`${member.name} has ended`)
    await member.start()
    seconds.set(member.name, (performance.now() - at) / 1_000)
    tell(`${member.name} is ready`)
    await pause(BREATH_MS)
  }
  for (const member of members) await restart(member)
  return seconds
}

async function migrateNext(world: World): Promise<Measure[]> {
  const folder = await nextRelease(join(world.folder, 'next-release'))
  const locks = watchLocks(world.pool)
  const at = performance.now()
  const applied = await migrate(world.variables.DATABASE_URL!, undefined, { folder })
  const seconds = (performance.now() - at) / 1_000
  await locks.stop()
  world.tell(`migrated: ${applied.join(', ')}`)
  return [
    {
      name: 'migrations of the next release applied meanwhile',
      seen: `${applied.length} in ${seconds.toFixed(1)} s`,
      bar: null,
      met: true,
    },
    {
      name: 'longest wait for a lock',
      seen: `${Math.round(locks.worstMs)} ms`,
      bar: `≤ ${LOCK_MS} ms`,
      met: locks.worstMs <= LOCK_MS,
    },
  ]
}

/** Requests that a client had to make again, but for those that were too many: these are another trial's. */
function failedRequests(lines: readonly Line[]): string[] {
  return lines.flatMap((line) => {
    if (line.is === 'refused') return [`${line.document}: ${line.code}`]
    return line.is === 'unanswered' && !isBusy(line.error) ? [`${line.document}: ${line.error}`] : []
  })
}

const none = (name: string, failures: readonly string[], of: number): Measure => ({
  name,
  seen: `${failures.length} of ${of}${failures.length === 0 ? '' : `, the first ${failures[0]}`}`,
  bar: '0',
  met: failures.length === 0,
})

async function run(world: World, { rate }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  const polls = poll(world)
  await pause(BREATH_MS)
  const migrated = await migrateNext(world)
  const restarts = await restartAll(world)
  await polls.stop()
  await traffic.stop()
  await traffic.settled(REST_MS)
  const slowest = [...restarts].sort(([, a], [, b]) => b - a)[0]
  return {
    measures: [
      ...migrated,
      none('failed submissions', failedRequests(world.journal.lines), traffic.accepted),
      none('failed long polls', polls.failures, polls.answered),
      {
        name: 'processes stopped and started',
        seen: `${restarts.size}, the slowest ${slowest?.[0]} in ${slowest?.[1].toFixed(1)} s`,
        bar: null,
        met: true,
      },
    ],
    oracle: await askOracle(world),
  }
}

export const f8RollingRestart: Fault = {
  id: 'F8',
  title: 'A migration, then a restart of all processes one after the other',
  needs: { apis: 2, workers: 2, balanced: true, variables: { TRAM_HAND_OVER_SECONDS: '2' } },
  limitSeconds: () => 1_200,
  run,
}
