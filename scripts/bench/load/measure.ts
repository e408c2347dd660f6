import { KINDS } from './contents.ts'
import { startDrivers } from './drivers.ts'
import { type Floor, measureFloor } from './floor.ts'
import { type Fsyncs, postgresFsyncs, tracedFsyncs } from './fsyncs.ts'
import { type Gateway, type GatewayOptions, type Ground, startGateway } from './gateway.ts'
import { type Bench, type LoadRun, type Mixture, runLoad } from './load-run.ts'
import { type Memory, memoryWhile } from './memory.ts'
import { spendersOf } from './spending.ts'
import { describe, findSustained, isSustained, packetsFor, type Sustained } from './sustain.ts'

export interface Measured extends Mixture {
  readonly title: string
  readonly seal: GatewayOptions['seal']
  readonly apis: number
  readonly workers: number
  readonly packetBytes: number
  /** Documents a second, by an open load, without a queue that grows; NaN where it was not looked for. */
  readonly sustained: number
  /** The runs by which it was found. */
  readonly found: Sustained | null
  /** At 70 % of what is sustained, or at the rate that was asked for. */
  readonly at70: LoadRun
  /** While it warmed up and ran with each of these loads. */
  readonly memory: Memory
  readonly fsyncs: Fsyncs
  readonly floor: Floor
  /** Of the floor's rate. */
  readonly ofFloor: number
}

export interface MeasureOptions extends GatewayOptions, Mixture {
  /** Of one run. */
  readonly seconds: number
  readonly seed: number
  /** Documents a second at which all is measured, instead of 70 % of what is found to be sustained. */
  readonly rate?: number | undefined
  readonly tell: (line: string) => void
}

const PART = 0.7
/** V8 has compiled what it will after some thousand documents. */
const WARM_UP = { inFlight: 16, seconds: 20, most: 4_000 }
const TRACED_SECONDS = 5
/** More documents a second than anybody takes here, by bytes. */
const guessOf = (packetBytes: number): number => Math.max(20, Math.min(600, 40e6 / packetBytes))

/** Numbers of documents, that go on from one measurement on a ground to the next. */
const numbers = new WeakMap<Ground, number>()

/** Measures one kind of document on a ground: what is sustained, what it costs, and the floor beside it. */
export async function measure(ground: Ground, options: MeasureOptions): Promise<Measured> {
  const { kind, recipients, seal, apis, workers, seconds, tell } = options
  const { title } = KINDS[kind]
  tell(`${title}, ${recipients} to, seal ${seal}, ${apis} API, ${workers} worker`)
  const gateway = await startGateway(ground, options)
  const drivers = startDrivers(gateway, ground)
  try {
    const spenders = spendersOf(gateway, ground, drivers)
    const bench: Bench = { drivers, spenders, next: numbers.get(ground) ?? 1, seed: options.seed }
    const packetBytes = await drivers.prepare({ kind, recipients, first: 0, count: 1 })
    const { result, memory } = await memoryWhile({ ...ground, processes: gateway.processes }, () =>
      loads(ground, bench, options, packetBytes),
    )
    const { found, at70, part } = result
    const fsyncs = { gateway: await gatewayFsyncs(gateway, bench, options, part), postgres: result.fsyncs }
    numbers.set(ground, bench.next)
    const floor = await measureFloor(ground, packetBytes, seal, Math.min(seconds, 10))
    const sustained = found?.rate ?? Number.NaN
    return {
      ...{ kind, recipients, title, seal, apis, workers, packetBytes },
      ...{ sustained, found, at70, memory, fsyncs, floor, ofFloor: sustained / floor.rate },
    }
  } finally {
    await drivers.stop()
    await gateway.stop()
  }
}

interface Loads {
  readonly found: Sustained | null
  /** Documents a second of the run at 70 %. */
  readonly part: number
  readonly at70: LoadRun
  /** Of PostgreSQL in that run, for one document. */
  readonly fsyncs: number
}

async function loads(
  ground: Ground,
  bench: Bench,
  options: MeasureOptions,
  packetBytes: number,
): Promise<Loads> {
  const { seconds, tell } = options
  await warmUp(ground, bench, options, packetBytes)
  const found =
    options.rate === undefined
      ? await findSustained(bench, options, seconds, guessOf(packetBytes), tell)
      : null
  const part = options.rate ?? Math.max((found?.rate ?? 0) * PART, 1)
  const before = await postgresFsyncs(ground.pool)
  const at70 = await runLoad(bench, options, { rate: part }, seconds, packetsFor(part, seconds))
  const fsyncs = ((await postgresFsyncs(ground.pool)) - before) / at70.documents
  tell(describe(part, at70, isSustained(at70, seconds)))
  return { found, part, at70, fsyncs }
}

/** What is compiled, connected and learnt of the tables at first is not what is measured. */
async function warmUp(ground: Ground, bench: Bench, mixture: Mixture, packetBytes: number): Promise<void> {
  const { inFlight, seconds, most } = WARM_UP
  await runLoad(
    bench,
    mixture,
    { inFlight },
    seconds,
    Math.min(most, Math.ceil(guessOf(packetBytes) * seconds)),
  )
  // As PostgreSQL does by itself within the first minutes.
  await ground.pool.query('vacuum analyze')
}

/** For one document, at the same load in a run of its own. */
async function gatewayFsyncs(
  { processes }: Gateway,
  bench: Bench,
  mixture: Mixture,
  rate: number,
): Promise<number | undefined> {
  let documents = 0
  const count = await tracedFsyncs(processes, async () => {
    const packets = packetsFor(rate, TRACED_SECONDS)
    documents = (await runLoad(bench, mixture, { rate }, TRACED_SECONDS, packets)).documents
  })
  return count === undefined ? undefined : count / documents
}
