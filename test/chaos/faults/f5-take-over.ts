import { quantile } from '../../../scripts/bench/routing/figures.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Extent, Measure } from '../fault.ts'
import { pause } from '../system.ts'
import type { Member, World } from '../world.ts'
import { type Kill, TAKE_OVER_SECONDS, takeOvers } from './recovery.ts'
import { heldBy, type SilentAgencies } from './silent-agencies.ts'

const KILLS = 100
/** Each notice is under way for so long, so that a worker always holds something. */
const SLOW_MS = 1_000
/** Documents each second, whatever the rate of the trial: it is about time, not about load. */
const MOST_RATE = 2
/** Recipients of each: what is under way has its place in one worker, too, while the others are dead. */
const FAN_OUT = 4
const REST_MS = 120_000

/** Workers are killed amid their sends, one after the other; one is left alone, and takes over with those that are back. */
export async function killAmidSends(
  world: World,
  silent: SilentAgencies,
  { rate, scale }: Extent,
): Promise<Measure[]> {
  silent.behave({ kind: 'slow', ms: SLOW_MS })
  const wanted = Math.max(1, Math.ceil(KILLS / scale))
  const [_survivor, ...victims] = world.members.filter(({ kind }) => kind === 'worker')
  const kills: Kill[] = []
  let ended = false
  const sending = keepSending(silent, Math.min(rate, MOST_RATE), () => ended)
  const lane = async (victim: Member): Promise<void> => {
    while (kills.length < wanted) {
      await waitFor(victim.isReady, REST_MS, () => `${victim.name} is ready`)
      await waitFor(
        async () => (await heldBy(world, victim.pid, silent.codes)).length > 0,
        REST_MS,
        () => `${victim.name} sends something`,
      )
      const { pid, name } = victim
      kills.push({ victim: name, kind: 'worker', pid, at: Date.now(), point: null })
      world.tell(`kill ${kills.length}: ${name}`)
      await victim.kill('SIGKILL')
      victim.launch()
    }
    await waitFor(victim.isReady, REST_MS, () => `${victim.name} is ready`)
  }
  try {
    await Promise.all(victims.map(lane))
  } finally {
    ended = true
    await sending
  }
  silent.behave({ kind: 'answer', status: 204 })
  await waitFor(
    async () => (await stillWaiting(world, silent)) === 0,
    REST_MS,
    () => 'everything that dead workers held is available',
  )
  return measure(
    kills,
    (await takeOvers(world, kills)).map(({ seconds }) => seconds),
  )
}

function measure(kills: readonly Kill[], seconds: readonly number[]): Measure[] {
  const worst = seconds.length === 0 ? Number.NaN : quantile(seconds, 1)
  const at = (part: number) => `${quantile(seconds, part).toFixed(1)} s`
  return [
    {
      name: `take-over of what a killed worker was sending, over ${kills.length} kills`,
      seen: `p50 ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)} (${seconds.length} deliveries)`,
      bar: `worst ≤ ${TAKE_OVER_SECONDS} s`,
      met: worst <= TAKE_OVER_SECONDS,
    },
  ]
}

async function keepSending(silent: SilentAgencies, rate: number, isOver: () => boolean): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for (let sent = 0; !isOver(); sent += 1) {
    const from = (sent * FAN_OUT) % silent.codes.length
    const work = silent.sendTo(silent.codes.slice(from, from + FAN_OUT)).finally(() => underWay.delete(work))
    underWay.add(work)
    await pause(1_000 / rate)
  }
  await Promise.all(underWay)
}

async function stillWaiting({ pool }: World, { codes }: SilentAgencies): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `select count(*) as waiting from delivery where recipient_code = any($1) and state = 'waiting'`,
    [codes],
  )
  return rows[0]!.waiting
}
