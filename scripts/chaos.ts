import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Fault } from '../test/chaos/fault.ts'
import { FAULTS } from '../test/chaos/faults/index.ts'
import { LOAD_TRIALS } from '../test/chaos/load/index.ts'
import { type LoadResult, measureLines, runLoadTrials } from '../test/chaos/load/run-trials.ts'
import { outcomeLines } from '../test/chaos/print-outcome.ts'
import { abortedBySignals, type Result, runAlone } from '../test/chaos/run-alone.ts'
import { isMet, isTested, type RunOptions } from '../test/chaos/run-fault.ts'
import { keepSection, machineNow, type TakenUnder, takenUnder } from './chaos-page.ts'
import { orEnd, positive, usage } from './command-line.ts'
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
  write: 'keeps the results in docs/fault-campaign.md; what this machine cannot test counts as missed then',
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

const { tell: _printed, interrupted: _noted, ...extent } = options

/** A trial that has conditions of its own says which; the others are run under those of the command. */
function conditionsOf({ id, conditions }: { readonly id: string; readonly conditions?: string }): string {
  if (LOAD_TRIALS[id] !== undefined) return conditions ?? 'queue in redis, rates of its own'
  const kills = id === 'F1' ? `, ${options.kills} kills` : ''
  return `queue in ${options.queue}, ${conditions ?? `${options.rate} documents/s`}${kills}`
}

const beginning = async (trial: { readonly id: string; readonly conditions?: string }) => ({
  began: performance.now(),
  under: { seed, scale: options.scale, conditions: conditionsOf(trial), machine: await machineNow() },
})
const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1_000)

console.log(`seed ${seed}`)
const results: (Result & TakenUnder)[] = []
let failures = 0
for (const fault of chosen) {
  console.log(`\n## ${fault.id} ${fault.title}\n`)
  const { under } = await beginning(fault)
  try {
    const result = await runAlone(fault, options)
    results.push({ ...result, ...under })
    const lines = outcomeLines(result)
    console.log([takenUnder(under, result.seconds), '', ...lines].join('\n'))
    if (values.write) await keepSection(fault.id, under, result.seconds, lines)
    // A page of results that leaves something out is none; who only tries may do without.
    if (isMet(result) && (isTested(result) || !values.write)) continue
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
const load: (LoadResult & TakenUnder)[] = []
for (const trial of idsOf(values.faults).flatMap((id) => LOAD_TRIALS[id] ?? [])) {
  const { began, under } = await beginning(trial)
  const [result] = await runLoadTrials([trial], options)
  if (options.interrupted?.aborted || result === undefined) process.exit(130)
  load.push({ ...result, ...under })
  if (!result.met) failures += 1
  const seconds = secondsSince(began)
  console.log(takenUnder(under, seconds))
  if (values.write) await keepSection(trial.id, under, seconds, measureLines(result.measures))
}
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ ...extent, results, load }, null, 2)}\n`)
// Whatever still waits for something belongs to a trial that was broken off.
process.exit(failures === 0 ? 0 : 1)
