import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readRegistry } from '../src/directory/snapshot/read-registry.ts'
import { askChild } from './bench/routing/child.ts'
import { type Circular, delaysOf, sendCircular, untilAllAvailable } from './bench/routing/circular.ts'
import { type Figure, figure, median, quantile, tell } from './bench/routing/figures.ts'
import { type BenchGateway, startBenchGateway } from './bench/routing/gateway.ts'
import { machineOf } from './bench/routing/machine.ts'
import { reloadTimes } from './bench/routing/reload.ts'
import type { Resolved } from './bench/routing/resolve-child.ts'
import type { StartUp } from './bench/routing/start-up-child.ts'
import { startUrgentTraffic } from './bench/routing/urgent.ts'
import {
  AGENCIES,
  addClient,
  DAY,
  GROUP,
  insertTable,
  MEMBERS,
  openAgencies,
  recordGroup,
  seedDirectory,
} from './bench/routing/world.ts'
import { connectDms } from './demo/dms.ts'

/*
 * npm run bench:routing [-- --only decisions|exchange]
 *
 * What deciding costs with a directory as large as the country's (111,339 agencies) and a table of 5,000 rules: reading
 * it all at the start, following a change, one decision; and whether a circular to 11,000 recipients holds up urgent
 * documents of the same tier. Fresh servers with durable settings, real processes. Exit code 1 where a bar is missed.
 */
const QUIET_MS = 20_000

const say = (line: string) => console.error(line)

/** Puts directory and table in place. */
async function prepare(gateway: BenchGateway): Promise<Figure[]> {
  const { pool, variables } = gateway
  await gateway.migrate()
  const seeded = await seedDirectory(gateway.folder, variables)
  const { directory } = await readRegistry(pool)
  const agencies = openAgencies(directory, DAY)
  if (agencies.length !== AGENCIES) throw new Error(`${agencies.length} agencies are open on ${DAY}`)
  await insertTable(pool, agencies)
  return [
    figure(`agencies open on ${DAY}`, agencies.length, ''),
    figure('filling the empty directory', seeded, 's'),
  ]
}

async function decisions({ pool, variables }: BenchGateway): Promise<Figure[]> {
  say('starting up')
  const starts: StartUp[] = []
  for (let run = 0; run < 3; run += 1)
    starts.push(await askChild<StartUp>('./start-up-child.ts', [], variables))
  const [first] = starts
  say('a million decisions')
  const resolved = await askChild<Resolved>('./resolve-child.ts', [], variables)
  say('changes as another process sees them')
  const [agency] = openAgencies((await readRegistry(pool)).directory, DAY)
  const heard = await reloadTimes(pool, 'listen', agency!.code, variables)
  const polled = await reloadTimes(pool, 'poll', agency!.code, variables)
  return [
    figure('codes ever known', first!.subjects, ''),
    figure('facts', first!.facts, ''),
    figure('start-up snapshot, median of 3', median(starts.map((run) => run.milliseconds)), 'ms', 3_000),
    figure("of which this process's processor time", median(starts.map((run) => run.processor)), 'ms'),
    figure('its heap', median(starts.map(({ heap }) => heap)), 'MiB', 300),
    figure('its resident memory', median(starts.map(({ rss }) => rss)), 'MiB', 300),
    figure('resident memory at its largest while reading', median(starts.map((run) => run.peak)), 'MiB'),
    figure('one decision (address and route), median', resolved.median, 'µs', 20),
    figure('one decision, p95', resolved.p95, 'µs'),
    figure('one decision, p99', resolved.p99, 'µs'),
    figure('a change seen in another process by LISTEN, p95 of 20', quantile(heard, 0.95), 'ms', 2_000),
    figure('a change seen by polling alone, p95 of 20', quantile(polled, 0.95), 'ms', 2_000),
  ]
}

async function exchange(gateway: BenchGateway): Promise<Figure[]> {
  const { pool } = gateway
  const { directory } = await readRegistry(pool)
  const today = new Date().toISOString().slice(0, 10)
  const open = openAgencies(directory, today)
  const communes = open.filter(({ tier }) => tier === 'commune').map(({ code }) => code)
  const ministry = open.find(({ tier }) => tier === 'central')!.code
  const [reader, author, ...others] = communes
  await recordGroup(pool, others.slice(0, MEMBERS))
  const ministryClient = await addClient(pool, ministry)
  const from = { code: author!, credentials: await addClient(pool, author!) }
  const to = { code: reader!, credentials: await addClient(pool, reader!) }
  say('starting the API and two workers')
  const baseUrl = await gateway.startProcesses()
  const sender = connectDms(baseUrl, ministry, ministry, ministryClient)
  say('urgent documents alone')
  const quiet = startUrgentTraffic({ baseUrl, from, to }, 'yen')
  await sleep(QUIET_MS)
  const alone = await delaysOf(pool, await quiet.stop())
  say('circulars, and urgent documents meanwhile')
  const busy = startUrgentTraffic({ baseUrl, from, to }, 'ban')
  const circulars: Circular[] = []
  const spreads: number[] = []
  for (let number = 1; number <= 3; number += 1) {
    const circular = await sendCircular(sender, GROUP, `thong-tri-${number}`)
    circulars.push(circular)
    spreads.push(await untilAllAvailable(pool, circular))
    say(
      `${circular.recipients} recipients: ${circular.acceptMs.toFixed(0)} ms, all within ${(spreads.at(-1)! / 1000).toFixed(1)} s`,
    )
  }
  const during = await delaysOf(pool, await busy.stop())
  if (circulars.some(({ recipients }) => recipients !== MEMBERS)) throw new Error('somebody was left out')
  return [
    figure(
      'circular to 11,000 accepted, median of 3',
      median(circulars.map((one) => one.acceptMs)),
      'ms',
      3_000,
    ),
    figure('all 11,000 in their inboxes, median of 3', median(spreads) / 1000, 's'),
    figure('urgent alone: documents', alone.toHandOver.length, ''),
    figure('urgent alone: acceptance to hand-over, p95', quantile(alone.toHandOver, 0.95), 'ms'),
    figure('urgent meanwhile: documents', during.toHandOver.length, ''),
    figure('urgent meanwhile: acceptance to inbox, p50', median(during.toAvailable), 'ms'),
    figure('urgent meanwhile: acceptance to inbox, p95', quantile(during.toAvailable, 0.95), 'ms', 1_000),
    figure('urgent meanwhile: acceptance to inbox, longest', quantile(during.toAvailable, 1), 'ms'),
    figure('urgent meanwhile: acceptance to hand-over, p50', median(during.toHandOver), 'ms'),
    figure('urgent meanwhile: acceptance to hand-over, p95', quantile(during.toHandOver, 0.95), 'ms', 1_000),
    figure('urgent meanwhile: acceptance to hand-over, longest', quantile(during.toHandOver, 1), 'ms'),
  ]
}

/** What is known already is told, also where what follows fails. */
function announced(figures: readonly Figure[]): readonly Figure[] {
  for (const { name, value, unit } of figures) say(`  ${name}: ${value.toFixed(1)} ${unit}`)
  return figures
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const wants = (part: string) => values.only === undefined || values.only === part
const gateway = await startBenchGateway()
try {
  const figures = [
    ...(await prepare(gateway)),
    ...(wants('decisions') ? announced(await decisions(gateway)) : []),
    ...(wants('exchange') ? await exchange(gateway) : []),
  ]
  console.log(`${await machineOf(gateway.pool, gateway.queue)}\n`)
  process.exitCode = tell(figures) ? 0 : 1
} finally {
  await gateway.stop()
}
