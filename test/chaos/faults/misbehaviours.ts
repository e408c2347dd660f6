import { quantile } from '../../../scripts/bench/routing/figures.ts'
import type { Behaviour } from '../../fakes/fake-agency.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { arrivalTimes, clockOf, faredAsBefore, patiently, type Span } from './arrival-times.ts'

/** The endpoints that misbehave, one of a ministry and one of a commune. */
const BAD = ['G84', 'H82.31']
const EACH_MS = 6_000
/** Until one of the endpoints was told, where nothing comes to them in the usual time. */
const TOLD_MS = 60_000
/** Until they have what waited for them: a notice that hangs is given up after 15 s, and tried again. */
const CAUGHT_UP_MS = 120_000

const WELL: Behaviour = { kind: 'answer', status: 204 }
/** In each of these the recipient's system takes the document as soon as it is told: it commits, and answers wrongly. */
const MISBEHAVIOURS: readonly Behaviour[] = [
  { kind: 'hang' },
  { kind: 'nonsense' },
  { kind: 'garbage' },
  { kind: 'reset' },
  { kind: 'reset-in-body' },
  { kind: 'drip' },
  { kind: 'flood' },
  { kind: 'stuck-body' },
  { kind: 'answer', status: 500 },
]

/** One misbehaviour, and the time just before it, in which the endpoints answered. */
interface Misbehaved {
  readonly name: string
  readonly calm: Span
  readonly bad: Span
  /** Notices to the endpoints while they did it. */
  readonly told: number
}

/**
 * Lets the endpoints misbehave in each way, until at least one of them was told meanwhile, and answer for as long before each.
 * Whatever else slows the machine down falls on both alike; one long calm at the beginning would have it taken for theirs.
 */
export async function misbehave(world: World): Promise<readonly Misbehaved[]> {
  const endpoints = BAD.map((code) => world.endpoints.get(code)!)
  const notices = () => endpoints.reduce((sum, endpoint) => sum + endpoint.notices.length, 0)
  const letAll = (behaviour: Behaviour) => {
    for (const endpoint of endpoints) endpoint.behaviour = behaviour
  }
  const each: Misbehaved[] = []
  for (const behaviour of MISBEHAVIOURS) {
    await untilCaughtUp(world)
    const calm = await spanOf(world, () => pause(EACH_MS))
    world.tell(`endpoints: ${behaviour.kind}`)
    const before = notices()
    letAll(behaviour)
    const bad = await spanOf(world, async () => {
      await pause(EACH_MS)
      // That none came is told as such, by the measure.
      await waitFor(() => notices() > before, TOLD_MS).catch(() => undefined)
    })
    each.push({ name: nameOf(behaviour), calm, bad, told: notices() - before })
    letAll(WELL)
  }
  return each
}

const nameOf = (behaviour: Behaviour): string =>
  behaviour.kind === 'answer' ? `status ${behaviour.status}` : behaviour.kind

async function spanOf(world: World, work: () => Promise<void>): Promise<Span> {
  const from = await clockOf(world)
  await work()
  return { from, to: await clockOf(world), without: BAD }
}

/** Nothing waits any more of what was accepted before: what a misbehaviour left to do is no part of the calm after it. */
async function untilCaughtUp(world: World): Promise<void> {
  const now = await clockOf(world)
  const left = async () => {
    const { rows } = await world.pool.query<{ left: number }>(
      `select count(*) as left from delivery join document on document.id = delivery.document_id
        where delivery.recipient_code = any($1) and delivery.state = 'waiting' and document.accepted_at <= $2`,
      [BAD, now],
    )
    return rows[0]!.left
  }
  await waitFor(
    async () => (await patiently(left)) === 0,
    CAUGHT_UP_MS,
    () => `${BAD.join(' and ')} were told of everything`,
  )
}

export function eachTold(each: readonly Misbehaved[]): Measure {
  return {
    name: 'notices to endpoints that took the document and then did',
    seen: each.map(({ name, told }) => `${name} ${told}`).join(', '),
    bar: 'each > 0',
    met: each.every(({ told }) => told > 0),
  }
}

/** How the other recipients fared meanwhile: all together, and by what the endpoints did, which tells what cost them. */
export async function othersFared(world: World, each: readonly Misbehaved[]): Promise<Measure[]> {
  const timed = await Promise.all(
    each.map(async ({ name, calm, bad }) => ({
      name,
      calm: await arrivalTimes(world, calm),
      bad: await arrivalTimes(world, bad),
    })),
  )
  const all = [timed.flatMap(({ calm }) => calm), timed.flatMap(({ bad }) => bad)] as const
  const p95 = (times: readonly number[]) => quantile(times, 0.95).toFixed(0)
  return [
    faredAsBefore('acceptance to inbox, other recipients', all, { part: 0.95, worse: 0.2 }),
    {
      name: 'p95 of these in ms, just before and during',
      seen: timed.map(({ name, calm, bad }) => `${name} ${p95(calm)} → ${p95(bad)}`).join(', '),
      bar: null,
      met: true,
    },
  ]
}
