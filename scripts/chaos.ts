import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Fault } from '../test/chaos/fault.ts'
import { FAULTS } from '../test/chaos/faults/index.ts'
import { LOAD_TRIALS } from '../test/chaos/load/index.ts'
import { measureLines, runLoadTrials } from '../test/chaos/load/run-trials.ts'
import { outcomeLines } from '../test/chaos/print-outcome.ts'
import { abortedBySignals, type Result, runAlone } from '../test/chaos/run-alone.ts'
import { isMet, type RunOptions } from '../test/chaos/run-fault.ts'
import { orEnd, positive, usage } from './command-line.ts'
import { writeSection } from './page-section.ts'
import { findRedis } from './services/redis.ts'

const PURPOSE = 'Documents flow, something is broken, and an oracle compares what is left with what was sent.'
const ALL = [...Object.keys(FAULTS), ...Object.keys(LOAD_TRIALS)]
const OPTIONS = {
  faults: { type: 'string' },
  kills: { type: 'string', default: '200' },
  rate: { type: 'string', default: '50' },
  seed: { type: 'string' },
  queue: { type: 'string' },
  scale: { type: 'string', default: '1' },
  json: { type: 'string' },
  write: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const ABOUT: Record<keyof typeof OPTIONS, string> = {
  faults: `which, separated by commas; all where left out: ${ALL.join(', ')}`,
  kills: 'how many ends of processes and servers F1 brings',
  rate: 'documents a second',
  seed: 'repeats what a run drew; it is printed at its beginning',
  queue: 'redis or postgres; redis where there is one',
  scale: 'divides long times and large volumes; 1 is the whole',
  json: 'a file for the results',
  write: 'keeps the results in docs/fault-campaign.md',
  verbose: 'tells what is done meanwhile',
  help: 'this',
}

const { values } = orEnd(() => parseArgs({ options: OPTIONS }))
if (values.help) {
  console.log(usage('npm run chaos --', PURPOSE, OPTIONS, ABOUT))
  process.exit(0)
}

const numberOf = (name: 'kills' | 'rate' | 'scale' | 'seed', text: string): number =>
  orEnd(() => positive(name, text))

const PAGE = fileURLToPath(new URL('../docs/fault-campaign.md', import.meta.url))

/** Trials of load stand beside the faults: they inject none, and measure who is served how soon. */
const idsOf = (text: string | undefined): string[] => text?.split(',').map((id) => id.trim()) ?? ALL

function chosenFaults(text: string | undefined): Fault[] {
  const ids = idsOf(text).filter((id) => LOAD_TRIALS[id] === undefined)
  return ids.map((id) => {
    const fault = FAULTS[id]
    if (fault === undefined) throw new Error(`no fault ${id}: there are ${ALL.join(', ')}`)
    return fault
  })
}

function chosenQueue(text: string | undefined): 'redis' | 'postgres' | undefined {
  if (text === 'redis' || text === 'postgres' || text === undefined) return text
  throw new Error('--queue is redis or postgres')
}

/** What else the machine does matters as much as what it is. */
const MACHINE = `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load average before ${loadavg()[0]?.toFixed(1)}`

const seed = values.seed === undefined ? randomInt(2 ** 31) : numberOf('seed', values.seed)
const chosen = orEnd(() => chosenFaults(values.faults))
const options: RunOptions = {
  seed,
  queue: orEnd(() => chosenQueue(values.queue)) ?? ((await findRedis()) === null ? 'postgres' : 'redis'),
  kills: numberOf('kills', values.kills),
  rate: numberOf('rate', values.rate),
  scale: numberOf('scale', values.scale),
  tell: values.verbose ? console.log : () => undefined,
  interrupted: abortedBySignals(),
}
/** Keeps what was printed on the page of results. */
async function keep(id: string, seconds: number | null, lines: readonly string[]): Promise<void> {
  const extent = id === 'F1' ? `, ${options.kills} kills` : ''
  const took = seconds === null ? '' : `, ${seconds} s`
  const how = `${new Date().toISOString().slice(0, 10)}, seed ${seed}, queue in ${options.queue}, ${options.rate} documents/s, scale ${options.scale}${extent}${took}; ${MACHINE}`
  await writeSection(PAGE, `chaos:${id}`, [how, '', ...lines].join('\n'))
}

console.log(`seed ${seed}, queue in ${options.queue}, ${options.rate} documents/s; ${MACHINE}`)
const results: Result[] = []
let failures = 0
for (const fault of chosen) {
  console.log(`\n## ${fault.id} ${fault.title}\n`)
  try {
    const result = await runAlone(fault, options)
    results.push(result)
    const lines = outcomeLines(result)
    console.log(lines.join('\n'))
    if (values.write) await keep(fault.id, result.seconds, lines)
    if (isMet(result)) continue
  } catch (error) {
    if (options.interrupted?.aborted) break
    console.error(error)
  }
  failures += 1
  console.log(
    `repeat: npm run chaos -- --faults ${fault.id} --seed ${seed} --queue ${options.queue} --kills ${options.kills} --rate ${options.rate} --scale ${options.scale}`,
  )
}
if (options.interrupted?.aborted) process.exit(130)
const trials = idsOf(values.faults).flatMap((id) => LOAD_TRIALS[id] ?? [])
const measured = await runLoadTrials(trials, options)
if (options.interrupted?.aborted) process.exit(130)
failures += measured.filter(({ met }) => !met).length
if (values.write) for (const { id, measures } of measured) await keep(id, null, measureLines(measures))
if (values.json !== undefined) {
  const { tell: _printed, interrupted: _noted, ...extent } = options
  await writeFile(
    values.json,
    `${JSON.stringify({ ...extent, machine: MACHINE, results, load: measured }, null, 2)}\n`,
  )
}
// Whatever still waits for something belongs to a trial that was broken off.
process.exit(failures === 0 ? 0 : 1)
