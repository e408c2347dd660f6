import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '../../support/wait-for.ts'
import type { Extent, Measure } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { deliveriesTo, heldBy, type SilentAgencies } from './silent-agencies.ts'

const FROZEN_MS = 60_000
/** Longer than a lease, the reconciler's patience, and the time for which a notice may be under way. */
const LEAST_FROZEN_MS = 20_000
/** Amid as many sends it is stopped. */
const HELD = 50
const DOCUMENTS = 4
const REST_MS = 120_000

/**
 * A worker is stopped by SIGSTOP amid its sends; others take over; it goes on a minute later, and writes what it knows.
 * Each such write must be refused, for each was made under a lease that others have had since.
 */
export async function freeze(world: World, silent: SilentAgencies, { scale }: Extent): Promise<Measure[]> {
  const [victim, ...others] = world.members.filter(({ kind }) => kind === 'worker')
  if (victim === undefined || others.length === 0) throw new Error('two workers are needed')
  await Promise.all([victim, ...others].map((one) => one.kill('SIGKILL')))
  await victim.start({ TRAM_CONCURRENCY: '64', TRAM_LOG_LEVEL: 'debug' })
  silent.behave({ kind: 'hang' })
  for (let sent = 0; sent < DOCUMENTS; sent += 1) await silent.sendTo(silent.codes)
  let held: string[] = []
  await waitFor(
    async () => {
      held = await heldBy(world, victim.pid, silent.codes)
      return held.length >= HELD
    },
    REST_MS,
    () => `${HELD} sends are under way: ${held.length}`,
  )
  victim.signal('SIGSTOP')
  const stoppedAt = performance.now()
  // What came between the look and the stop counts too.
  held = await heldBy(world, victim.pid, silent.codes)
  world.tell(`${victim.name} stopped amid ${held.length} sends`)
  silent.behave({ kind: 'answer', status: 204 })
  await Promise.all(others.map((one) => one.start()))
  await waitFor(
    async () => (await deliveriesTo(world, silent.codes)).every(({ state }) => state === 'available'),
    REST_MS,
    () => 'others have taken over',
  )
  const takenOver = (performance.now() - stoppedAt) / 1_000
  await pause(Math.max(FROZEN_MS / scale, LEAST_FROZEN_MS) - (performance.now() - stoppedAt))
  const before = await statesOf(world, held)
  victim.signal('SIGCONT')
  const stopped = (performance.now() - stoppedAt) / 1_000
  world.tell(`${victim.name} goes on after ${stopped.toFixed(0)} s`)
  const fenced = await countFenced(join(world.folder, 'worker-1.log'), held)
  const after = await statesOf(world, held)
  await victim.kill('SIGKILL')
  await victim.start()
  return [
    {
      name: `writes of a worker that was stopped for ${stopped.toFixed(0)} s amid its sends, refused`,
      seen: `${fenced} of ${held.length}`,
      bar: `all of at least ${HELD}`,
      met: fenced === held.length && held.length >= HELD,
    },
    {
      name: 'deliveries or attempts that they changed',
      seen: before === after ? '0' : 'some',
      bar: '0',
      met: before === after,
    },
    { name: 'others had all of them after', seen: `${takenOver.toFixed(1)} s`, bar: null, met: true },
  ]
}

/** Everything on record of some deliveries, to be compared. */
async function statesOf({ pool }: World, keys: readonly string[]): Promise<string> {
  const { rows: deliveries } = await pool.query(
    'select id, state, lease_epoch, attempts, inbox_number from delivery where id = any($1) order by id',
    [keys],
  )
  const { rows: attempts } = await pool.query(
    'select delivery_id, epoch, state, finished_at from attempt where delivery_id = any($1) order by 1, 2',
    [keys],
  )
  return JSON.stringify([deliveries, attempts])
}

/** Of how many of these the worker's log says that its outcome came too late. */
async function countFenced(logFile: string, held: readonly string[]): Promise<number> {
  let fenced = 0
  await waitFor(
    async () => {
      const lines = (await readFile(logFile, 'utf8'))
        .split('\n')
        .filter((line) => line.includes('"superseded"'))
      fenced = held.filter((key) => lines.some((line) => line.includes(key))).length
      return fenced === held.length
    },
    REST_MS,
    () => 'every late write was tried',
  ).catch(() => undefined)
  return fenced
}
