import { listFailureCauses } from '../../../src/db/failure-causes.ts'
import { retryCause } from '../../../src/delivery/retry-cause.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { arrivalTimes, clockOf, faredAsBefore, patiently } from './arrival-times.ts'
import { sendHostilePackets } from './hostile-packets.ts'

/** Whose document ends every worker that sends it, and who never answers. */
const [POISONED, HANGING] = ['H84', 'G84']
const CALM_MS = 30_000
/** Ten workers, each with the six seconds of its lease and its start. */
const QUARANTINE_MS = 400_000
const HANG_MS = 600_000
const REST_MS = 180_000

interface Poison {
  delivery: string | null
  kills: number
}

/** The worker that holds a delivery dies as it sends it: the endpoint, when it is told, ends the process that told it. */
function poison(world: World): Poison {
  const endpoint = world.endpoints.get(POISONED)!
  const state: Poison = { delivery: null, kills: 0 }
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
    state.kills += 1
    world.tell(`poison ends ${victim.name} (${state.kills})`)
    victim.signal('SIGKILL')
  }
  endpoint.onNotice = ({ id }) => {
    state.delivery ??= id
    endpoint.behaviour = id === state.delivery ? { kind: 'hang' } : { kind: 'answer', status: 204 }
    if (id === state.delivery) void end(id)
  }
  return state
}

async function untilQuarantined({ pool }: World, poisoned: Poison): Promise<number> {
  const began = performance.now()
  await waitFor(
    async () => {
      const { rows } = await pool.query('select from delivery where id = $1 and state = $2', [
        poisoned.delivery,
        'failed',
      ])
      return rows.length === 1
    },
    QUARANTINE_MS,
    () => `the poison is quarantined: it ended ${poisoned.kills} workers`,
  )
  return (performance.now() - began) / 1_000
}

async function grouped({ pool }: World, poisoned: Poison): Promise<Measure> {
  const causes = await patiently(() => listFailureCauses(pool, 'failed', {}, 10))
  const [only] = causes
  const seen = causes.map(({ cause, deliveries }) => `${cause}: ${deliveries} deliveries`).join('; ')
  const met = causes.length === 1 && only?.cause === 'workers-died' && only.sample === poisoned.delivery
  return { name: 'failures as administrators see them', seen, bar: 'one, with its cause', met }
}

async function run(world: World, { rate, scale }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  const began = await clockOf(world)
  await pause(CALM_MS)
  const broken = await clockOf(world)
  world.endpoints.get(HANGING)!.behaviour = { kind: 'hang' }
  const hung = performance.now()
  const poisoned = poison(world)
  const refused = await sendHostilePackets(world)
  const seconds = await untilQuarantined(world, poisoned)
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
  const without = [POISONED, HANGING]
  const times = await Promise.all([
    arrivalTimes(world, { from: began, to: broken, without }),
    arrivalTimes(world, { from: broken, to: mended, without }),
  ])
  return {
    measures: [
      refused,
      {
        name: 'workers that the poison ended before it was given up',
        seen: `${poisoned.kills} in ${seconds.toFixed(0)} s`,
        bar: '≤ 10',
        met: poisoned.kills <= 10,
      },
      failures,
      { name: 'begun anew by its cause, and delivered', seen: `${retried}`, bar: '1', met: retried === 1 },
      faredAsBefore('acceptance to inbox, other recipients', times, { part: 0.99, worse: 0.1 }),
    ],
    oracle: await patiently(() => askOracle(world)),
  }
}

export const f7Poison: Fault = {
  id: 'F7',
  title: 'Poison: packets that break parsers, a document that ends its worker, an agency that hangs',
  needs: { apis: 1, workers: 2 },
  limitSeconds: () => 2_400,
  run,
}
