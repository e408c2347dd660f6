import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Fault, Measure, Outcome } from '../test/chaos/fault.ts'
import { FAULTS } from '../test/chaos/faults/index.ts'
import type { LoadTrial } from '../test/chaos/load/crowd.ts'
import { LOAD_TRIALS } from '../test/chaos/load/index.ts'
import { runLoadTrial } from '../test/chaos/load/run-load-trial.ts'
import { measureTable, outcomeLines } from '../test/chaos/print-outcome.ts'
import { abortedBySignals, runAlone } from '../test/chaos/run-alone.ts'
import { isMet, isTested, type RunOptions } from '../test/chaos/run-fault.ts'
import { runVirtualTime, VIRTUAL_TIME } from '../test/chaos/virtual-time.ts'
import { keepSection, machineNow, type TakenUnder, takenUnder } from './chaos-page.ts'
import { orEnd, positive, usage } from './command-line.ts'
import { findRedis } from './services/redis.ts'

const PURPOSE = 'Documents flow, something is broken, and an oracle compares what is left with what was sent.'
const ALL = [...Object.keys(FAULTS), VIRTUAL_TIME.id, ...Object.keys(LOAD_TRIALS)]
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

function chosenQueue(text: string | undefined): 'redis' | 'postgres' | undefined {
  if (text === 'redis' || text === 'postgres' || text === undefined) return text
  throw new Error('--queue is redis or postgres')
}

const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : numberOf('seed', values.seed)
const options: RunOptions = {
  seed,
  queue: orEnd(() => chosenQueue(values.queue)) ?? ((await findRedis()) === null ? 'postgres' : 'redis'),
  kills: numberOf('kills', values.kills),
  rate: numberOf('rate', values.rate),
  scale: numberOf('scale', values.scale),
  tell: values.verbose ? console.log : () => undefined,
  interrupted: abortedBySignals(),
}

/** What a trial came to: the outcome for the file, and its lines for people. */
interface Ended {
  readonly outcome: Outcome | { readonly measures: readonly Measure[] }
  readonly lines: readonly string[]
  readonly met: boolean
}

interface Trial {
  readonly id: string
  readonly title: string
  /** What it is run under, besides seed and scale. */
  readonly conditions: string
  /** Options that it depends on beside these, as they are typed. */
  readonly repeatedWith: string
  run(): Promise<Ended>
}

/** A page of results that leaves something out is none; who only tries may do without. */
const isEnough = (measures: readonly Measure[]): boolean => !values.write || isTested({ measures })

function trialOf(fault: Fault): Trial {
  const { id, title, conditions = `${options.rate} documents/s`, needs } = fault
  const settings = Object.entries(needs.variables ?? {}).map(([name, value]) => `${name}=${value}`)
  const kills = id === 'F1' ? [`${options.kills} kills`] : []
  return {
    id,
    title,
    conditions: [`queue in ${options.queue}`, conditions, ...settings, ...kills].join(', '),
    repeatedWith: `--queue ${options.queue} --kills ${options.kills} --rate ${options.rate}`,
    async run() {
      const outcome = await runAlone(fault, options)
      const met = isMet(outcome) && isEnough(outcome.measures)
      return { outcome, lines: outcomeLines(outcome), met }
    },
  }
}

/** Trials of load stand beside the faults: they inject none, and measure who is served how soon. */
const loadTrialOf = (trial: LoadTrial): Trial => ({
  ...trial,
  repeatedWith: '',
  async run() {
    const measures = await runLoadTrial(trial, options)
    const met = measures.every((one) => one.met) && isEnough(measures)
    return { outcome: { measures }, lines: [measureTable(measures)], met }
  },
})

const virtualTime: Trial = {
  ...VIRTUAL_TIME,
  conditions: 'no servers, one process',
  repeatedWith: '',
  async run() {
    const measures = runVirtualTime(options)
    return { outcome: { measures }, lines: [measureTable(measures)], met: measures.every(({ met }) => met) }
  },
}

function chosen(text: string | undefined): Trial[] {
  const ids = text?.split(',').map((id) => id.trim()) ?? ALL
  return ids.map((id) => {
    const [fault, load] = [FAULTS[id], LOAD_TRIALS[id]]
    if (fault !== undefined) return trialOf(fault)
    if (load !== undefined) return loadTrialOf(load)
    if (id === VIRTUAL_TIME.id) return virtualTime
    throw new Error(`no trial ${id}: there are ${ALL.join(', ')}`)
  })
}

const underOf = async ({ id, conditions, repeatedWith }: Trial): Promise<TakenUnder> => ({
  conditions,
  machine: await machineNow(),
  command: `npm run chaos -- --faults ${id} --seed ${seed} --scale ${options.scale} ${repeatedWith}`.trim(),
})

/** One that breaks off has not met its bars; where results are kept, that stands in the place of an earlier one's. */
const brokenOff = (error: unknown): Ended => {
  const why = error instanceof Error ? error.message : String(error)
  const measure = { name: 'came to its end', seen: why.split('\n', 1)[0]!, bar: 'yes', met: false }
  return { outcome: { measures: [measure] }, lines: [measureTable([measure])], met: false }
}

const trials = orEnd(() => chosen(values.faults))
console.log(`seed ${seed}`)
const results: (TakenUnder & Ended['outcome'] & Pick<Trial, 'id' | 'title'> & Pick<Ended, 'met'>)[] = []
for (const trial of trials) {
  const { id, title } = trial
  console.log(`\n## ${id}: ${title}\n`)
  const [under, began] = [await underOf(trial), performance.now()]
  const { outcome, lines, met } = await trial.run().catch((error: unknown) => {
    if (!options.interrupted?.aborted) console.error(error)
    return brokenOff(error)
  })
  if (options.interrupted?.aborted) process.exit(130)
  const seconds = Math.round((performance.now() - began) / 1_000)
  results.push({ id, title, met, ...under, ...outcome })
  console.log([takenUnder(under, seconds), '', ...lines].join('\n'))
  if (values.write) await keepSection(id, under, seconds, lines)
  if (!met) console.log(`repeat: ${under.command}`)
}
if (values.json !== undefined) {
  const { tell: _printed, interrupted: _noted, ...extent } = options
  await writeFile(values.json, `${JSON.stringify({ ...extent, results }, null, 2)}\n`)
}
// Whatever still waits for something belongs to a trial that was broken off.
process.exit(results.every(({ met }) => met) ? 0 : 1)
