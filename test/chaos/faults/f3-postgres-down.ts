import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { Servers, World } from '../world.ts'
import { type Asked, askDoors } from './ask-doors.ts'

const DOWN_MS = 60_000
const BEFORE_MS = 3_000
const RESUME_SECONDS = 10
const ANSWER_SECONDS = 2
/** What readiness found is believed for a second, and may have been found just before. */
const BELIEVED_MS = 1_500
const REST_MS = 120_000

interface Way {
  readonly name: string
  down(servers: Servers): Promise<void>
  up(servers: Servers): Promise<void>
}

const WAYS: readonly Way[] = [
  {
    name: 'killed',
    down: ({ postgres }) => postgres.kill('SIGKILL'),
    up: ({ postgres }) => postgres.restart(),
  },
  {
    name: 'frozen',
    down: ({ postgres }) => postgres.freeze(),
    up: ({ postgres }) => postgres.thaw(),
  },
]

const isWell = ({ status }: Asked): boolean => status >= 200 && status < 300

/** A time without PostgreSQL, in Unix milliseconds. */
interface Outage {
  readonly name: string
  /** When it was told to go, and when it was gone. */
  readonly from: number
  readonly gone: number
  /** When it was told to come back, and when it was there: in between it may answer already. */
  readonly returning: number
  readonly to: number
  /** Seconds from its end until a document was accepted, and until a delivery was taken. */
  readonly resumed: Readonly<Record<string, number>>
  /** Seconds from its end until each door answered well. */
  readonly doors: ReadonlyMap<string, number>
}

/** Moments when work was done, by the database's clock, which is this machine's. */
async function firstSince({ pool }: World, what: keyof typeof FIRST, moment: number): Promise<number | null> {
  const { rows } = await pool.query<{ at: Date | null }>(FIRST[what], [new Date(moment)])
  return rows[0]?.at?.getTime() ?? null
}

const FIRST = {
  accepted: 'select min(accepted_at) as at from document where accepted_at > $1',
  taken: 'select min(started_at) as at from attempt where started_at > $1',
} as const

async function measureResumption(
  world: World,
  asked: readonly Asked[],
  to: number,
): Promise<Pick<Outage, 'resumed' | 'doors'>> {
  const doors = new Set(asked.map(({ door }) => door))
  const well = (door: string) =>
    asked.find((one) => one.door === door && one.until > to && isWell(one))?.until
  const missing = new Set<string>()
  const [accepted, taken] = await waitFor(
    async () => {
      const found = [await firstSince(world, 'accepted', to), await firstSince(world, 'taken', to)] as const
      missing.clear()
      for (const door of doors) if (well(door) === undefined) missing.add(door)
      if (found[0] === null) missing.add('accepting')
      if (found[1] === null) missing.add('delivering')
      return missing.size === 0 && found[0] !== null && found[1] !== null && ([found[0], found[1]] as const)
    },
    REST_MS,
    () => `the service resumes everywhere; not yet: ${[...missing].join(', ')}`,
  )
  const seconds = (until: number) => (until - to) / 1_000
  return {
    resumed: { 'first document accepted': seconds(accepted), 'first delivery taken': seconds(taken) },
    doors: new Map([...doors].map((door) => [door, seconds(well(door) ?? to)])),
  }
}

async function breakDown(world: World, way: Way, asked: readonly Asked[], downMs: number): Promise<Outage> {
  await pause(BEFORE_MS)
  const from = Date.now()
  world.tell(`PostgreSQL ${way.name}`)
  await way.down(world.servers)
  const gone = Date.now()
  await pause(downMs)
  const returning = Date.now()
  await way.up(world.servers)
  const to = Date.now()
  world.tell('PostgreSQL is back')
  return { name: way.name, from, gone, returning, to, ...(await measureResumption(world, asked, to)) }
}

/** Every question that was open while it was down, and what came of it. */
function judgeAnswers({ name, from, gone, returning, to }: Outage, asked: readonly Asked[]): Measure[] {
  const open = asked.filter((one) => one.until > from && one.at < to)
  // Whoever asked before may have been answered before; who asked just before its end may have been answered after it.
  const within = open.filter((one) => one.at > gone && one.until < returning)
  const believed = (one: Asked) =>
    one.door.endsWith('readiness') && one.at < gone + BELIEVED_MS && isWell(one)
  // While it goes and comes back it may answer, or not.
  const around = open.filter((one) => !within.includes(one) && !isWell(one))
  const wrong = [...within, ...around].filter((one) => one.status !== 503 && !believed(one))
  const broken = open.filter(({ status }) => status === 0)
  const unsaid = open.filter(({ status, retryAfter }) => status === 503 && retryAfter === null)
  const seconds = open.map(({ at, until, door }) => ({
    door,
    // Of a question that was being answered as it happened, the time since.
    seconds: (Math.min(until, to) - Math.max(at, from)) / 1_000,
  }))
  const worst = new Map<string, number>()
  for (const one of seconds) worst.set(one.door, Math.max(worst.get(one.door) ?? 0, one.seconds))
  const count = (list: readonly Asked[]) => {
    const [first] = list
    return first === undefined ? '0' : `${list.length}, the first ${first.status} at ${first.door}`
  }
  return [
    {
      name: `${name}: longest wait for an answer`,
      seen: `${slowest(worst, ANSWER_SECONDS)} (${open.length} questions)`,
      bar: `≤ ${ANSWER_SECONDS} s`,
      met: Math.max(...worst.values()) <= ANSWER_SECONDS,
    },
    {
      name: `${name}: answers other than 503`,
      seen: `${count(wrong)} (${within.length} while it was gone)`,
      bar: '0 of > 0',
      met: wrong.length === 0 && within.length > 0,
    },
    { name: `${name}: broken connections`, seen: count(broken), bar: '0', met: broken.length === 0 },
    { name: `${name}: 503 without Retry-After`, seen: count(unsaid), bar: '0', met: unsaid.length === 0 },
  ]
}

/** The slowest door, and every other one that is later than the bar: `2.31 s at api 1 inbox; late: api 2 inbox 2.10 s`. */
export function slowest(doors: ReadonlyMap<string, number>, bar: number): string {
  const [first, ...others] = [...doors].sort(([, a], [, b]) => b - a)
  const late = others.filter(([, seconds]) => seconds > bar)
  const told = late.map(([door, seconds]) => `${door} ${seconds.toFixed(2)} s`)
  const worst = first === undefined ? 'no door was asked' : `${first[1].toFixed(2)} s at ${first[0]}`
  return told.length === 0 ? worst : `${worst}; late: ${told.join(', ')}`
}

const judgeResumption = ({ name, resumed, doors }: Outage): Measure[] => {
  const bar = `≤ ${RESUME_SECONDS} s`
  const each = Object.entries(resumed).map(([what, seconds]) => ({
    name: `${name}: ${what} after its return`,
    seen: `${seconds.toFixed(1)} s`,
    bar,
    met: seconds <= RESUME_SECONDS,
  }))
  return [
    ...each,
    {
      name: `${name}: every door well after its return`,
      seen: slowest(doors, RESUME_SECONDS),
      bar,
      met: Math.max(...doors.values()) <= RESUME_SECONDS,
    },
  ]
}

async function run(world: World, { rate, scale }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  const asking = await askDoors(world)
  const outages: Outage[] = []
  for (const way of WAYS) outages.push(await breakDown(world, way, asking.asked, DOWN_MS / scale))
  await asking.stop()
  await traffic.stop()
  await traffic.settled(REST_MS)
  const refused = world.journal.lines.filter(({ is }) => is === 'refused').length
  return {
    measures: [
      ...outages.flatMap((outage) => [
        {
          name: `${outage.name}: PostgreSQL away for`,
          seen: `${((outage.to - outage.from) / 1_000).toFixed(0)} s`,
          bar: null,
          met: true,
        },
        ...judgeAnswers(outage, asking.asked),
        ...judgeResumption(outage),
      ]),
      { name: 'documents refused', seen: `${refused}`, bar: '0', met: refused === 0 },
    ],
    oracle: await askOracle(world),
  }
}

export const f3PostgresDown: Fault = {
  id: 'F3',
  title: 'PostgreSQL killed, and frozen, for 60 s each',
  needs: { apis: 2, workers: 2 },
  limitSeconds: () => 900,
  run,
}
