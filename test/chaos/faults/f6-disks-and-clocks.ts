import { askOracle } from '../collect-evidence.ts'
import { type Extent, type Fault, notTested, type Outcome } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { patiently } from './arrival-times.ts'
import { fillDisk, smallDisk } from './full-disk.ts'
import { moveClocks } from './moved-clocks.ts'
import { meetRot, mend, rot, sendRecipientAway } from './rotten-disk.ts'

const CALM_MS = 5_000
const REST_MS = 180_000

const NO_MOUNT = notTested('full disk', 'this user may not mount a file system')

async function run(world: World, { rate }: Extent): Promise<Outcome> {
  const unmount = await smallDisk(world)
  try {
    sendRecipientAway(world)
    const traffic = world.traffic({ rate })
    await pause(CALM_MS)
    const full = unmount === null ? [NO_MOUNT] : await fillDisk(world)
    const victims = await rot(world)
    const rotten = await meetRot(world, victims)
    const mended = await mend(world, victims)
    const clocks = await moveClocks(world)
    await traffic.stop()
    await traffic.settled(REST_MS)
    return {
      measures: [...full, ...rotten, mended, ...clocks],
      oracle: await patiently(() => askOracle(world)),
    }
  } finally {
    await unmount?.()
  }
}

export const f6DisksAndClocks: Fault = {
  id: 'F6',
  title: 'A full disk, damaged blobs, and clocks that are five minutes off',
  needs: { apis: 2, workers: 2 },
  limitSeconds: () => 1_500,
  run,
}
