import { KINDS } from './contents.ts'
import { startDrivers } from './drivers.ts'
import { type Floor, measureFloor } from './floor.ts'
import { countFsyncs, type Fsyncs } from './fsyncs.ts'
import { type GatewayOptions, type Ground, startGateway } from './gateway.ts'
import { type Bench, type LoadRun, type Mixture, runLoad } from './load-run.ts'
import { peakMemory, postgresMemory, spendersOf } from './spending.ts'
import { describe, findSustained, isSustained, packetsFor } from './sustain.ts'

/** MiB. */
export interface Memory {
  /** Of each process, at its largest. */
  readonly processes: Readonly<Record<string, number>>
  /** Of PostgreSQL after the load. */
  readonly postgres: number
}

export interface Measured extends Mixture {
  readonly title: string
  readonly seal: GatewayOptions['seal']
  readonly apis: number
  readonly workers: number
  readonly packetBytes: number
  /** Documents a second, by an open load, without a queue that grows; NaN where it was not looked for. */
  readonly sustained: number
  /** Documents a second with so many as fit always under way. */
  readonly closed: number
  /** At 70 % of what is sustained, or at the rate that was asked for. */
  readonly at70: LoadRun
  readonly memory: Memory
  /** For one document. */
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
const TRACED = { inFlight: 8, seconds: 5, most: 300 }
/** More documents a second than anybody takes here, by bytes. */
const guessOf = (packetBytes: number): number => Math.max(20, Math.min(600, 40e6 / packetBytes))

/** Numbers of documents, that go on from one measurement on a ground to the next. */
const numbers = new WeakMap<Ground, number>()

/** Measures one kind of document on a ground: what is sustained, what it costs, and the floor beside it. */
export async function measure(ground: Ground, options: MeasureOptions): Promise<Measured> {
  const { kind, recipients, seal, apis, workers, seconds, tell } = options
  tell(`${KINDS[kind].title}, ${recipients} to, seal ${seal}, ${apis} API, ${workers} worker`)
  const gateway = await startGateway(ground, options)
  const drivers = startDrivers(gateway, ground)
  try {
    const spenders = spendersOf(gateway, ground, drivers)
    const bench: Bench = { drivers, spenders, next: numbers.get(ground) ?? 1, seed: options.seed }
    const packetBytes = await drivers.prepare({ kind, recipients, first: 0, count: 1 })
    await warmUp(ground, bench, options, packetBytes)
    const { rate, closed } =
      options.rate === undefined
        ? await findSustained(bench, options, seconds, guessOf(packetBytes), tell)
        : { rate: Number.NaN, closed: Number.NaN }
    const part = options.rate ?? Math.max(rate * PART, 1)
    const at70 = await runLoad(bench, options, { rate: part }, seconds, packetsFor(part, seconds))
    tell(describe(part, at70, isSustained(at70, seconds)))
    const memory = {
      processes: Object.fromEntries(gateway.processes.map(({ name, pid }) => [name, peakMemory(pid)])),
      postgres: postgresMemory(ground.postgres.pid),
    }
    const fsyncs = await fsyncsOf(ground, gateway.processes, bench, options)
    numbers.set(ground, bench.next)
    const floor = await measureFloor(ground, packetBytes, seal, Math.min(seconds, 10))
    const title = KINDS[kind].title
    const ofFloor = rate / floor.rate
    return {
      ...{ kind, recipients, title, seal, apis, workers, packetBytes },
      ...{ sustained: rate, closed, at70, memory, fsyncs, floor, ofFloor },
    }
  } finally {
    await drivers.stop()
    await gateway.stop()
  }
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

async function fsyncsOf(
  ground: Ground,
  processes: Parameters<typeof countFsyncs>[0],
  bench: Bench,
  mixture: Mixture,
): Promise<Fsyncs> {
  const { inFlight, seconds, most } = TRACED
  let documents = 0
  const counted = await countFsyncs(processes, ground.pool, async () => {
    documents = (await runLoad(bench, mixture, { inFlight }, seconds, most)).documents
  })
  return {
    gateway: counted.gateway === undefined ? undefined : counted.gateway / documents,
    postgres: counted.postgres / documents,
  }
}
