import { loadConfig } from '../../../src/config.ts'
import { RETRY_SCHEDULE } from '../../../src/delivery/retry-policy.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import type { World } from '../world.ts'
import { patiently } from './arrival-times.ts'

const DAY_SECONDS = 86_400
const ROUND_MS = 120_000
/** Milliseconds that the returned endpoint takes for an answer: so it is seen how many come at once. */
const ANSWER_MS = 40

interface Waiting {
  readonly id: string
  readonly urgency: number
}

async function waitingFor({ pool }: World, code: string): Promise<Waiting[]> {
  const { rows } = await pool.query<Waiting>(
    `select id, urgency from delivery where recipient_code = $1 and state = 'waiting' order by urgency desc, id`,
    [code],
  )
  return rows
}

const untilAllFailed = ({ pool }: World, code: string): Promise<unknown> =>
  waitFor(
    async () => {
      const { rows } = await pool.query<{ left: number }>(
        `select count(*) as left from delivery where recipient_code = $1 and state = 'waiting'
          and (lease_until is not null or next_attempt_at <= clock_timestamp())`,
        [code],
      )
      return rows[0]!.left === 0
    },
    ROUND_MS,
    () => `every attempt at ${code} has failed`,
  )

/** Attempts that fall into one day by the schedule of retries. */
function attemptsOfADay(): number {
  let [attempts, passed] = [1, 0]
  for (const seconds of RETRY_SCHEDULE) {
    passed += seconds
    if (passed > DAY_SECONDS) break
    attempts += 1
  }
  return attempts
}

/**
 * Lets a day pass for everything that waits for an agency: time does not move, but what is due later is due now, as often
 * as the schedule tries within a day. Returns what waits at its end.
 */
export async function passADay(world: World, code: string): Promise<readonly Waiting[]> {
  for (let attempt = 1; attempt < attemptsOfADay(); attempt += 1) {
    await untilAllFailed(world, code)
    await patiently(() =>
      world.pool.query(
        `update delivery set next_attempt_at = clock_timestamp(), enqueued_at = null
        where recipient_code = $1 and state = 'waiting' and lease_until is null`,
        [code],
      ),
    )
  }
  await untilAllFailed(world, code)
  return patiently(() => waitingFor(world, code))
}

/**
 * Lets the endpoint answer again: one retry gets through, and everything else follows. Measures how long that takes, in
 * which order it comes, and how many come at once.
 */
export async function comeBack(world: World, code: string, waiting: readonly Waiting[]): Promise<Measure[]> {
  const endpoint = world.endpoints.get(code)!
  const wake = endpoint.onNotice
  const already = endpoint.notices.length
  let peak = 0
  endpoint.onNotice = () => {
    peak = Math.max(peak, endpoint.openSockets)
  }
  endpoint.behaviour = { kind: 'slow', ms: ANSWER_MS }
  const began = performance.now()
  await patiently(() =>
    world.pool.query('update delivery set next_attempt_at = clock_timestamp() where id = $1', [
      waiting.at(-1)!.id,
    ]),
  )
  const told = () => endpoint.notices.slice(already).map(({ id }) => id)
  const wanted = new Set(waiting.map(({ id }) => id))
  await waitFor(
    () => {
      for (const id of told()) wanted.delete(id)
      return wanted.size === 0
    },
    ROUND_MS,
    () => `${code} is told of all ${waiting.length}: ${told().length}`,
  )
  const seconds = (performance.now() - began) / 1_000
  endpoint.onNotice = wake
  endpoint.behaviour = { kind: 'answer', status: 204 }
  const atOnce = placesOfOne(world)
  const late = mostOvertaken(waiting, told())
  const again = told().length - new Set(told()).size
  return [
    {
      name: `${code} told of ${waiting.length} after a day`,
      seen: `${seconds.toFixed(1)} s`,
      bar: null,
      met: true,
    },
    {
      name: 'most that came before something more urgent or older',
      seen: `${late}`,
      bar: `≤ ${atOnce}`,
      met: late <= atOnce,
    },
    { name: 'notices at once', seen: `${peak}`, bar: `≤ ${atOnce}`, met: peak <= atOnce },
    { name: 'told twice after the return', seen: `${again}`, bar: '0', met: again === 0 },
  ]
}

/** How many attempts at one recipient may be under way: a quarter of the places of its tier, in each worker. */
function placesOfOne({ members, variables }: World): number {
  const { concurrency } = loadConfig('worker', variables).worker
  const workers = members.filter(({ kind }) => kind === 'worker').length
  return Math.max(1, Math.floor(concurrency / 4)) * workers
}

/** Of each in its right place, how many that belong after it came before it; the most of these. The first found out. */
function mostOvertaken(right: readonly Waiting[], [, ...came]: readonly string[]): number {
  const place = new Map(right.map(({ id }, index) => [id, index]))
  const places = came.flatMap((id) => place.get(id) ?? [])
  return Math.max(0, ...places.map((own, at) => places.slice(0, at).filter((other) => other > own).length))
}
