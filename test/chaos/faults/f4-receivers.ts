import type { Behaviour } from '../../fakes/fake-agency.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { arrivalTimes, clockOf, faredAsBefore, patiently, warmUp } from './arrival-times.ts'
import { comeBack, passADay } from './day-away.ts'

/** The endpoints that misbehave, one of a ministry and one of a commune, and the one that is away for a day. */
const BAD = ['G84', 'H82.31'] as const
const AWAY = 'G84'
const CALM_MS = 20_000
const EACH_MS = 6_000
/** Until one of the endpoints was told, where nothing comes to them in the usual time. */
const TOLD_MS = 60_000
const AWAY_MS = 15_000
const REST_MS = 180_000

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

/** Lets the endpoints misbehave in each way, until at least one of them was told meanwhile. @returns how often they were */
async function misbehave({ endpoints, tell }: World): Promise<ReadonlyMap<string, number>> {
  const bad = BAD.map((code) => endpoints.get(code)!)
  const notices = () => bad.reduce((sum, endpoint) => sum + endpoint.notices.length, 0)
  const told = new Map<string, number>()
  for (const behaviour of MISBEHAVIOURS) {
    tell(`endpoints: ${behaviour.kind}`)
    for (const endpoint of bad) endpoint.behaviour = behaviour
    const before = notices()
    await pause(EACH_MS)
    // That none came is told as such, by the measure.
    await waitFor(() => notices() > before, TOLD_MS).catch(() => undefined)
    told.set(nameOf(behaviour), notices() - before)
  }
  for (const endpoint of bad) endpoint.behaviour = { kind: 'answer', status: 204 }
  return told
}

const nameOf = (behaviour: Behaviour): string =>
  behaviour.kind === 'answer' ? `status ${behaviour.status}` : behaviour.kind

function eachTold(told: ReadonlyMap<string, number>): Measure {
  return {
    name: 'notices to endpoints that took the document and then did',
    seen: [...told].map(([name, count]) => `${name} ${count}`).join(', '),
    bar: 'each > 0',
    met: [...told.values()].every((count) => count > 0),
  }
}

/** A system that is switched off: it neither answers nor looks. */
async function goAway(world: World): Promise<void> {
  world.receivers.get(AWAY)!.away = true
  world.endpoints.get(AWAY)!.behaviour = { kind: 'reset' }
  await pause(AWAY_MS)
}

async function run(world: World, { rate }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  await warmUp()
  const instants = [await clockOf(world)]
  const mark = async () => instants.push(await clockOf(world))
  await pause(CALM_MS)
  await mark()
  const told = await misbehave(world)
  await mark()
  await goAway(world)
  await traffic.stop()
  world.tell(`${AWAY} is away for a day`)
  const waiting = await passADay(world, AWAY)
  const returned = waiting.length === 0 ? [nobodyWaited()] : await comeBack(world, AWAY, waiting)
  world.receivers.get(AWAY)!.away = false
  await traffic.settled(REST_MS)
  const [began, broken, mended] = instants
  const without = [...BAD]
  const times = await Promise.all([
    arrivalTimes(world, { from: began!, to: broken!, without }),
    arrivalTimes(world, { from: broken!, to: mended!, without }),
  ])
  return {
    measures: [
      eachTold(told),
      faredAsBefore('acceptance to inbox, other recipients', times, { part: 0.95, worse: 0.2 }),
      ...returned,
    ],
    oracle: await patiently(() => askOracle(world)),
  }
}

const nobodyWaited = (): Measure => ({
  name: `documents that waited for ${AWAY}`,
  seen: '0: a longer trial or a higher rate is needed',
  bar: '> 0',
  met: false,
})

export const f4Receivers: Fault = {
  id: 'F4',
  title: 'Receivers that take a document and answer wrongly, or are away for a day',
  needs: { apis: 1, workers: 2 },
  limitSeconds: () => 1_800,
  run,
}
