import { quantile } from '../../../scripts/bench/routing/figures.ts'
import { listFailureCauses } from '../../../src/db/failure-causes.ts'
import { retryCause } from '../../../src/delivery/retry-cause.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { arrivalTimes, clockOf, faredAsBefore, patiently, type Span, warmUp } from './arrival-times.ts'
import { sendHostilePackets } from './hostile-packets.ts'

/** Whose documents end every worker that sends them, and who never answers. */
const [POISONED, HANGING] = ['H84', 'G84']
/** Documents that do so: several failures of one cause. */
const POISONOUS = 3
const MOST_KILLS_EACH = 10
const CALM_MS = 30_000
/** Ten workers for each, each with the six seconds of its lease and its start. */
const QUARANTINE_MS = 900_000
const HANG_MS = 600_000
/** The agency that hung has thousands to fetch, one after the other. */
const REST_MS = 480_000

interface Poison {
  /** By delivery, how many workers it ended. */
  readonly kills: Map<string, number>
}

const killsOf = ({ kills }: Poison): number => [...kills.values()].reduce((sum, count) => sum + count, 0)

/** The worker that holds a delivery dies as it sends it: the endpoint, when it is told, ends the process that told it. */
function poison(world: World): Poison {
  const endpoint = world.endpoints.get(POISONED)!
  const state: Poison = { kills: new Map() }
  world.receivers.get(POISONED)!.away = true
  const end = async (delivery: string) => {
    const { rows } = await patiently(() =>
      world.pool.query<{ worker: string }>(
        `select worker from attempt where delivery_id = $1 and state = 'started' order by epoch desc limit 1`,
        [delivery],
      ),
    )
    const pid = Number(rows[0]?.worker.split(':').at(-1))
    const victim = world.members.find((member) => member.pid === pid && member.running)
    if (victim === undefined) return
    state.kills.set(delivery, state.kills.get(delivery)! + 1)
    world.tell(`poison ends ${victim.name} (${killsOf(state)})`)
    victim.signal('SIGKILL')
  }
  endpoint.onNotice = ({ id }) => {
    if (state.kills.size < POISONOUS && !state.kills.has(id)) state.kills.set(id, 0)
    const isPoison = state.kills.has(id)
    endpoint.behaviour = isPoison ? { kind: 'hang' } : { kind: 'answer', status: 204 }
    if (isPoison) void end(id)
  }
  return state
}

async function untilQuarantined({ pool }: World, poisoned: Poison): Promise<number> {
  const began = performance.now()
  await waitFor(
    async () => {
      const { rows } = await pool.query('select from delivery where id = any($1) and state = $2', [
        [...poisoned.kills.keys()],
        'failed',
      ])
      return rows.length === POISONOUS
    },
    QUARANTINE_MS,
    () =>
      `the poison is quarantined: by delivery it ended ${[...poisoned.kills.values()].join(', ')} workers`,
  )
  return (performance.now() - began) / 1_000
}

/** Several failures of one cause are one line, of as many deliveries and documents, with one of them as its sample. */
async function grouped({ pool }: World, { kills }: Poison): Promise<Measure> {
  const causes = await patiently(() => listFailureCauses(pool, 'failed', {}, 10))
  const [only] = causes
  const seen = causes.map(
    ({ cause, deliveries, documents }) => `${cause}: ${deliveries} deliveries of ${documents} documents`,
  )
  return {
    name: 'failures as administrators see them',
    seen: seen.join('; '),
    bar: `one, with its cause, of ${POISONOUS}`,
    met:
      causes.length === 1 &&
      only?.cause === 'workers-died' &&
      only.deliveries === POISONOUS &&
      only.documents === POISONOUS &&
      kills.has(only.sample),
  }
}

function killMeasure(poisoned: Poison, seconds: number): Measure {
  const most = Math.max(...poisoned.kills.values())
  return {
    name: 'workers that the poison ended before it was given up',
    seen: `${killsOf(poisoned)} by ${poisoned.kills.size} documents in ${seconds.toFixed(0)} s, at most ${most} by one`,
    bar: `≤ ${MOST_KILLS_EACH} by one`,
    met: poisoned.kills.size === POISONOUS && most <= MOST_KILLS_EACH,
  }
}

/** Traffic once more, with nothing broken: what else the machine does by then slows this down, too. */
async function calmAgain(world: World, rate: number): Promise<Pick<Span, 'from' | 'to'>> {
  const traffic = world.traffic({ rate, changed: 0 })
  const from = await clockOf(world)
  await pause(CALM_MS)
  const to = await clockOf(world)
  await traffic.stop()
  await traffic.settled(REST_MS)
  return { from, to }
}

/**
 * Others are compared with the calm of before and after together, for the trial takes a quarter of an hour; each is told, and
 * so is what they waited while workers died: what one had in hand is taken over when its lease has run out.
 */
function othersFared([before, after, dying, later]: readonly [
  before: number[],
  after: number[],
  dying: number[],
  later: number[],
]): Measure[] {
  const p99 = (times: number[]) =>
    times.length === 0 ? 'none' : `p99 ${quantile(times, 0.99).toFixed(0)} ms of ${times.length}`
  const name = 'acceptance to inbox, other recipients'
  return [
    faredAsBefore(
      name,
      [
        [...before, ...after],
        [...dying, ...later],
      ],
      { part: 0.99, worse: 0.1 },
    ),
    {
      name: `${name}, while workers died, and then`,
      seen: `${p99(dying)}, ${p99(later)}`,
      bar: null,
      met: true,
    },
    { name: `${name}, calm`, seen: `before ${p99(before)}, after ${p99(after)}`, bar: null, met: true },
  ]
}

async function run(world: World, { rate, scale }: Extent): Promise<Outcome> {
  // One that is recalled ends nobody any more.
  const traffic = world.traffic({ rate, changed: 0 })
  await warmUp()
  const began = await clockOf(world)
  await pause(CALM_MS)
  const broken = await clockOf(world)
  world.endpoints.get(HANGING)!.behaviour = { kind: 'hang' }
  const hung = performance.now()
  const poisoned = poison(world)
  const refused = await sendHostilePackets(world)
  const seconds = await untilQuarantined(world, poisoned)
  const givenUp = await clockOf(world)
  await pause(Math.max(0, HANG_MS / scale - (performance.now() - hung)))
  const mended = await clockOf(world)
  const failures = await grouped(world, poisoned)

  for (const code of [HANGING, POISONED]) {
    const endpoint = world.endpoints.get(code)!
    endpoint.behaviour = { kind: 'answer', status: 204 }
    endpoint.onNotice = () => world.receivers.get(code)!.wake()
  }
  world.receivers.get(POISONED)!.away = false
  const { retried } = await retryCause(world.pool, { clientId: 'trial' }, { cause: 'workers-died' })
  await traffic.stop()
  await traffic.settled(REST_MS)
  const after = await calmAgain(world, rate)
  const without = [POISONED, HANGING]
  const times = await Promise.all([
    arrivalTimes(world, { from: began, to: broken, without }),
    arrivalTimes(world, { ...after, without }),
    arrivalTimes(world, { from: broken, to: givenUp, without }),
    arrivalTimes(world, { from: givenUp, to: mended, without }),
  ])
  return {
    measures: [
      refused,
      killMeasure(poisoned, seconds),
      failures,
      {
        name: 'begun anew by their cause, and delivered',
        seen: `${retried}`,
        bar: `${POISONOUS}`,
        met: retried === POISONOUS,
      },
      ...othersFared(times),
    ],
    oracle: await patiently(() => askOracle(world)),
  }
}

export const f7Poison: Fault = {
  id: 'F7',
  title: 'Poison: packets that break parsers, documents that end their worker, an agency that hangs',
  needs: { apis: 1, workers: 2 },
  limitSeconds: () => 2_400,
  run,
}
