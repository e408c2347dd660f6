import { join } from 'node:path'
import { migrate } from '../../../src/db/migrate.ts'
import { nextRelease } from '../../support/next-release.ts'
import { watchLocks } from '../../support/watch-locks.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import type { Line } from '../journal.ts'
import { codeOf, pause } from '../system.ts'
import type { Member, World } from '../world.ts'
import { warmUp } from './arrival-times.ts'
import { isBusy } from './heard.ts'

const BREATH_MS = 2_000
/** A time in which nothing happens: what is seen in it is no restart's doing. */
const CALM_MS = 15_000
const REST_MS = 120_000
const LOCK_MS = 1_000
/** Systems that wait for what comes into their inboxes all the time. */
const POLLING = ['G81', 'G82', 'H81', 'H82']
const POLL_SECONDS = 3
/** Each is answered when something comes, and after this long at the latest; and then the next one is asked. */
const LONGEST_POLL_SECONDS = POLL_SECONDS + 1
/** Part of the requests that may be told to come again; where more were before, so many. */
const MOST_BUSY = 0.01

interface Polls {
  /** Answered, and what went wrong. */
  readonly answered: number
  readonly failures: readonly string[]
  /** Seconds for which all of them have asked. */
  readonly seconds: number
  stop(): Promise<void>
}

/** Long polls, one after the other for each system. */
function poll({ systems }: World): Polls {
  let [answered, stopped] = [0, false]
  const began = performance.now()
  const failures: string[] = []
  const path = `/v1/inbox?wait=${POLL_SECONDS}`
  const lanes = POLLING.map(async (code) => {
    while (!stopped) {
      const outcome = await systems
        .get(code)!
        .ask({ method: 'GET', path })
        .then((answer) => (answer.status === 200 ? 'well' : codeOf(answer)), String)
      answered += 1
      if (outcome !== 'well') failures.push(`${code}: ${outcome}`)
    }
  })
  return {
    get answered() {
      return answered
    },
    failures,
    get seconds() {
      return (performance.now() - began) / 1_000
    },
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

/** Requests of a span of time: how many were made, what was told to come again, and what failed. */
interface Requests {
  readonly made: number
  readonly busy: readonly string[]
  readonly failed: readonly string[]
}

/** Each submission is answered in the end; requests without an answer of their own come on top. */
function submissionsIn(lines: readonly Line[]): Requests {
  const answered = lines.filter(({ is }) => is === 'accepted').length
  const refused = lines.flatMap((line) => (line.is === 'refused' ? [`${line.document}: ${line.code}`] : []))
  const again = lines.flatMap((line) => (line.is === 'unanswered' ? [line] : []))
  return {
    made: answered + refused.length + again.length,
    busy: again.filter(({ error }) => isBusy(error)).map(({ error }) => error),
    failed: [...refused, ...again.filter(({ error }) => !isBusy(error)).map(told)],
  }
}

const told = ({ document, error }: { readonly document: string; readonly error: string }): string =>
  `${document}: ${error}`

/** What recipients ask: lists, claims, packets, acknowledgements. */
function receptionIn(lines: readonly Line[], made: number): Requests {
  const failed = lines.flatMap((line) => (line.is === 'failed' ? [line] : []))
  return {
    made,
    busy: failed.filter(({ error }) => isBusy(error)).map(({ error }) => error),
    failed: failed
      .filter(({ error }) => !isBusy(error))
      .map(({ agency, request, error }) => `${agency} ${request}: ${error}`),
  }
}

const requestsOfReceivers = ({ receivers }: World): number =>
  [...receivers.values()].reduce((sum, { requests }) => sum + requests, 0)

const none = (name: string, { failed, made }: Requests): Measure => ({
  name: `${name} that failed`,
  seen: `${failed.length} of ${made}${failed.length === 0 ? '' : `, the first ${failed[0]}`}`,
  bar: '0',
  met: failed.length === 0 && made > 0,
})

const partOf = ({ busy, made }: Requests): number => (made === 0 ? 0 : busy.length / made)
const percent = (part: number): string => `${(part * 100).toFixed(2)} %`

/** To be told to come again is an answer; but not one that many may be given. */
function fewBusy(name: string, meanwhile: Requests, calm: Requests): Measure {
  const kinds = [...new Set(meanwhile.busy)].map(
    (kind) => `${kind} ${meanwhile.busy.filter((one) => one === kind).length}`,
  )
  const most = Math.max(MOST_BUSY, partOf(calm))
  return {
    name: `${name} that were told to come again`,
    seen: `${meanwhile.busy.length} of ${meanwhile.made}, ${percent(partOf(meanwhile))}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}; before ${percent(partOf(calm))} of ${calm.made}`,
    bar: `≤ ${percent(most)}`,
    met: partOf(meanwhile) <= most,
  }
}

function pollMeasure({ answered, failures, seconds }: Polls): Measure {
  const least = Math.floor((POLLING.length * seconds) / LONGEST_POLL_SECONDS)
  return {
    name: 'long polls that failed',
    seen: `${failures.length} of ${answered}${failures.length === 0 ? '' : `, the first ${failures[0]}`}`,
    bar: `0 of ${least} or more`,
    met: failures.length === 0 && answered >= least,
  }
}

/** From now until asked: what senders and recipients ask. */
function watchRequests(world: World) {
  const [line, made] = [world.journal.lines.length, requestsOfReceivers(world)]
  return () => {
    const lines = world.journal.lines.slice(line)
    return {
      submissions: submissionsIn(lines),
      reception: receptionIn(lines, requestsOfReceivers(world) - made),
    }
  }
}

async function run(world: World, { rate, scale }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  await warmUp()
  const calmly = watchRequests(world)
  await pause(CALM_MS / Math.min(scale, 3))
  const calm = calmly()
  const watched = watchRequests(world)
  const polls = poll(world)
  await pause(BREATH_MS)
  const migrated = await migrateNext(world)
  const restarts = await restartAll(world)
  const polled = pollMeasure(polls)
  await polls.stop()
  await traffic.stop()
  await traffic.settled(REST_MS)
  const { submissions, reception } = watched()
  const slowest = [...restarts].sort(([, a], [, b]) => b - a)[0]
  return {
    measures: [
      ...migrated,
      none('submissions', submissions),
      fewBusy('submissions', submissions, calm.submissions),
      none("recipients' requests", reception),
      fewBusy("recipients' requests", reception, calm.reception),
      polled,
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
