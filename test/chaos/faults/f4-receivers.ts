import { askOracle } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { patiently, warmUp } from './arrival-times.ts'
import { comeBack, passADay } from './day-away.ts'
import { eachTold, misbehave, othersFared } from './misbehaviours.ts'

/** Whose system and endpoint are away for a day. */
const AWAY = 'G84'
const AWAY_MS = 15_000
const REST_MS = 180_000

/** A system that is switched off: it neither answers nor looks. */
async function goAway(world: World): Promise<void> {
  world.receivers.get(AWAY)!.away = true
  world.endpoints.get(AWAY)!.behaviour = { kind: 'reset' }
  await pause(AWAY_MS)
}

async function run(world: World, { rate }: Extent): Promise<Outcome> {
  const traffic = world.traffic({ rate })
  await warmUp()
  const misbehaved = await misbehave(world)
  await goAway(world)
  await traffic.stop()
  world.tell(`${AWAY} is away for a day`)
  const waiting = await passADay(world, AWAY)
  const returned = waiting.length === 0 ? [nobodyWaited()] : await comeBack(world, AWAY, waiting)
  world.receivers.get(AWAY)!.away = false
  await traffic.settled(REST_MS)
  return {
    measures: [eachTold(misbehaved), ...(await othersFared(world, misbehaved)), ...returned],
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
