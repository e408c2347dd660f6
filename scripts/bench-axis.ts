import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { secretBox } from '../src/sealing/secret-box.ts'
import { askEach, poll, QUESTIONS, type Question } from './bench/axis/ask.ts'
import { familyTime, postmasterOf, processorTime } from './bench/axis/processor-time.ts'
import {
  BACKLOG,
  type BenchSystem,
  fillDirectory,
  fillWithPackets,
  MINISTRY,
  SYSTEMS,
} from './bench/axis/world.ts'
import { type Figure, figure, median, quantile, tell } from './bench/routing/figures.ts'
import { type BenchGateway, startBenchGateway } from './bench/routing/gateway.ts'
import { machineOf } from './bench/routing/machine.ts'
import { freePort } from './services/free-port.ts'

/*
 * npm run bench:axis [-- --packets 1000000]
 *
 * What systems that call as they call the national axis cost, with a million packets stored: each list and each count,
 * and a thousand systems that poll every five minutes. Fresh servers with durable settings, the real schema, the API as a
 * process of its own. Exit code 1 where a bar is missed.
 */
const POLL_EVERY_MS = 5 * 60_000
const IDLE_MS = 20_000
/** Of one core. */
const MOST_PERCENT = 5
const MOST_MS = 50
const SAMPLE = 300

const say = (line: string) => console.error(line)

async function prepare({ pool, variables, migrate }: BenchGateway): Promise<BenchSystem[]> {
  await migrate()
  say('systems')
  const secret = readFileSync(variables.TRAM_AXIS_SECRETS!, 'utf8').trim()
  const systems = await fillDirectory(pool, secretBox(secret, 'axis-secrets'))
  say(`${packets} packets`)
  await fillWithPackets(variables.DATABASE_URL!, packets, say)
  return systems
}

async function questions(url: string, systems: readonly BenchSystem[]): Promise<Figure[]> {
  const sample = systems.filter((_, number) => number > MINISTRY && number % 3 === 0).slice(0, SAMPLE)
  const figures: Figure[] = []
  for (const question of Object.keys(QUESTIONS) as Question[]) {
    const times = (await askEach(url, sample, question)).map(({ milliseconds }) => milliseconds)
    figures.push(figure(`${question}, median of ${sample.length} systems`, median(times), 'ms', MOST_MS))
    figures.push(figure(`${question}, p95`, quantile(times, 0.95), 'ms'))
    say(`  ${question}: ${median(times).toFixed(1)} ms`)
  }
  return figures
}

/** Systems that have more than others: twenty times the same question. */
async function extremes(url: string, systems: readonly BenchSystem[]): Promise<Figure[]> {
  const times = async (number: number, question: Question) => {
    const asked = await askEach(url, new Array(20).fill(systems[number]!), question)
    say(`  ${question} of ${systems[number]!.systemId}: ${asked[0]!.told} packets`)
    return median(asked.map(({ milliseconds }) => milliseconds))
  }
  const backlog = `with ${BACKLOG} open packets`
  return [
    figure(`list ${backlog}, of which 1,000`, await times(0, 'getReceivedEdocList, edoc'), 'ms', MOST_MS),
    figure(`count ${backlog}`, await times(0, 'countReceiveEdoc'), 'ms', MOST_MS),
    figure(
      `list of who sent circulars to ${SYSTEMS}`,
      await times(MINISTRY, 'getSentEdocList'),
      'ms',
      MOST_MS,
    ),
  ]
}

/** Milliseconds of processor time that the API and PostgreSQL take for some work, less what they take anyway. */
async function costOf(work: () => Promise<unknown>, spent: () => number): Promise<number> {
  const idleFrom = spent()
  await sleep(IDLE_MS)
  const idle = (spent() - idleFrom) / IDLE_MS
  const [from, began] = [spent(), performance.now()]
  await work()
  return spent() - from - idle * (performance.now() - began)
}

async function polls(
  { pool }: BenchGateway,
  url: string,
  api: number,
  systems: readonly BenchSystem[],
): Promise<Figure[]> {
  const postmaster = await postmasterOf(pool)
  const pollAll = async () => {
    for (const system of systems) await poll(url, system)
  }
  say('every system polls once')
  const inApi = await costOf(pollAll, () => processorTime(api))
  const inDatabase = await costOf(pollAll, () => familyTime(postmaster))
  const percent = (milliseconds: number) => (milliseconds / POLL_EVERY_MS) * 100
  return [
    figure('one poll (connection, both lists): processor time of the API', inApi / systems.length, 'ms'),
    figure('one poll: processor time of PostgreSQL', inDatabase / systems.length, 'ms'),
    figure(`${systems.length} systems every 5 min, part of one core: API`, percent(inApi), '%'),
    figure(
      `${systems.length} systems every 5 min, part of one core: API and PostgreSQL`,
      percent(inApi + inDatabase),
      '%',
      MOST_PERCENT,
    ),
  ]
}

const { values } = parseArgs({ options: { packets: { type: 'string', default: '1000000' } } })
const packets = Number(values.packets)
const gateway = await startBenchGateway()
try {
  const systems = await prepare(gateway)
  const port = await freePort()
  const api = await gateway.startApi({ TRAM_AXIS_PORT: String(port), TRAM_AXIS_RATE_LIMIT: '100000' })
  const url = `http://127.0.0.1:${port}/XrdAdapter/RestService/edoc`
  say('questions')
  const figures = [
    ...(await questions(url, systems)),
    ...(await extremes(url, systems)),
    ...(await polls(gateway, url, api, systems)),
  ]
  console.log(`${await machineOf(gateway.pool, gateway.queue)}\n`)
  process.exitCode = tell(figures) ? 0 : 1
} finally {
  await gateway.stop()
}
