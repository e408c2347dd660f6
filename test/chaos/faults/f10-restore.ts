import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collectEvidence } from '../collect-evidence.ts'
import type { Extent, Fault, Measure, Outcome } from '../fault.ts'
import { judge } from '../oracle.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { withoutLost } from './lost-documents.ts'
import { makeQueue, type NewMachine, openNewMachine } from './new-machine.ts'

/** Traffic before the backup, after it, and on the machine that was restored. */
const BEFORE_MS = 20_000
const AFTER_MS = 10_000
const AGAIN_MS = 10_000
const REST_MS = 120_000

interface Backup {
  /** Documents that were confirmed before it was begun, and those while it was taken. */
  readonly before: ReadonlySet<string>
  readonly meanwhile: number
  readonly seconds: number
}

const confirmed = ({ journal }: World): string[] =>
  journal.lines.flatMap((line) => (line.is === 'accepted' ? [line.key] : []))

/** @throws Error where the command says that it failed */
async function command(world: World, args: readonly string[], variables: Record<string, string> = {}) {
  const { exit, out, err } = await world.tram(args, variables)
  if (exit !== 0) throw new Error(`tram ${args.join(' ')} ended with ${exit}: ${err || out}`)
  return out
}

async function backUp(world: World, folder: string): Promise<Backup> {
  const [before, began] = [new Set(confirmed(world)), performance.now()]
  await command(world, ['backup', '--to', folder])
  const seconds = (performance.now() - began) / 1_000
  const meanwhile = confirmed(world).length - before.size
  world.tell(`backed up in ${seconds.toFixed(1)} s, ${meanwhile} documents were accepted meanwhile`)
  return { before, meanwhile, seconds }
}

/** What senders kept: a receipt of each document. */
async function keptReceipts({ journal, folder }: World): Promise<string> {
  const file = join(folder, 'receipts.txt')
  const receipts = journal.lines.flatMap((line) => (line.is === 'accepted' ? [line.receipt] : []))
  await writeFile(file, receipts.join('\n'))
  return file
}

/** Brings the backup to the new machine. Answers what the comparison with receipts names as lost. */
async function restore(
  { machine, variables }: NewMachine,
  backups: string,
  receipts: string,
): Promise<ReadonlySet<string>> {
  await command(machine, ['restore', '--from', backups], variables)
  await makeQueue(machine, variables.DATABASE_URL!)
  const told = await command(machine, ['restore', '--compare', receipts, '--settle'], variables)
  await command(machine, ['verify-store'], variables)
  await Promise.all(machine.members.map((member) => member.start(variables)))
  return new Set([...told.matchAll(/lost-document (\S+)/g)].map(([, key]) => key!))
}

async function keysOf({ pool }: World): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ key: string }>('select id as key from document')
  return new Set(rows.map(({ key }) => key))
}

/** Documents go on, and everything that is there comes to its end. */
async function goOn(
  { machine }: NewMachine,
  { rate, scale }: Extent,
  lost: ReadonlySet<string>,
): Promise<Outcome> {
  const traffic = machine.traffic({ rate })
  await pause(AGAIN_MS / scale, machine.over)
  await traffic.stop()
  await traffic.settled(REST_MS)
  const { accepted } = traffic
  const evidence = await collectEvidence(machine)
  return {
    measures: [
      { name: 'documents accepted on the new machine', seen: `${accepted}`, bar: '> 0', met: accepted > 0 },
    ],
    // What is named as lost is not there by right; of everything else nothing may be missing.
    oracle: judge({ ...evidence, journal: withoutLost(evidence.journal, lost) }),
  }
}

async function run(world: World, extent: Extent): Promise<Outcome> {
  const { rate, scale } = extent
  const backups = join(world.folder, 'backups')
  const traffic = world.traffic({ rate })
  await pause(BEFORE_MS / scale, world.over)
  const backup = await backUp(world, backups)
  await pause(AFTER_MS / scale, world.over)
  await traffic.stop()
  const known = new Set(confirmed(world))
  await Promise.all(world.members.map((member) => member.kill('SIGKILL')))
  world.tell('the machine is lost')

  const began = performance.now()
  const place = await openNewMachine(world)
  try {
    const named = await restore(place, backups, await keptReceipts(world))
    const seconds = (performance.now() - began) / 1_000
    world.tell(`restored in ${seconds.toFixed(1)} s, ${named.size} documents are named as lost`)
    const fates = { known, there: await keysOf(place.machine), named }
    const { measures, oracle } = await goOn(place, extent, named)
    const restored = { name: 'restored, compared, verified and started', seen: `${seconds.toFixed(1)} s` }
    return {
      measures: [...measuresOf(backup, fates), { ...restored, bar: null, met: true }, ...measures],
      oracle,
    }
  } finally {
    await place.close()
  }
}

interface Fates {
  /** Confirmed before the machine was lost. */
  readonly known: ReadonlySet<string>
  readonly there: ReadonlySet<string>
  readonly named: ReadonlySet<string>
}

function measuresOf({ before, meanwhile, seconds }: Backup, { known, there, named }: Fates): Measure[] {
  const missing = [...before].filter((key) => !there.has(key))
  const gone = [...known].filter((key) => !there.has(key))
  const unnamed = gone.filter((key) => !named.has(key))
  const wrongly = [...named].filter((key) => there.has(key))
  return [
    {
      name: 'backup taken while documents came in',
      seen: `${seconds.toFixed(1)} s, ${meanwhile} accepted meanwhile`,
      bar: '> 0',
      met: meanwhile > 0,
    },
    {
      name: 'accepted before the backup was begun, and not there',
      seen: `${missing.length} of ${before.size}`,
      bar: '0',
      met: missing.length === 0 && before.size > 0,
    },
    {
      name: 'accepted later, not there and not named',
      seen: `${unnamed.length} of ${gone.length}`,
      bar: '0',
      met: unnamed.length === 0 && gone.length > 0,
    },
    { name: 'named as lost, and there', seen: `${wrongly.length}`, bar: '0', met: wrongly.length === 0 },
  ]
}

export const f10Restore: Fault = {
  id: 'F10',
  title: 'The machine is lost, and restored from a backup that was taken under load',
  needs: { apis: 2, workers: 1 },
  limitSeconds: () => 900,
  run,
}
