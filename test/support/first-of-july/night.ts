import { spawnTram, type TramProcess } from '../spawn-tram.ts'
import type { Teardown } from '../temporary-folder.ts'
import { waitFor } from '../wait-for.ts'
import { type Sent, sendDocuments, takeItems } from './traffic.ts'
import type { JulyTrial } from './trial.ts'

const PATIENCE_MS = 120_000

export interface Night {
  readonly sent: readonly Sent[]
  /** How many deliveries stood in which state as midnight came. */
  readonly atMidnight: Readonly<Record<string, number>>
  /** Items that recipients fetched, and that had moved before they could, while midnight passed. */
  readonly fetched: { readonly taken: number; readonly missed: number }
  /** Seconds from midnight until nothing was left to be moved. */
  readonly seconds: number
}

/**
 * The thirtieth of June: documents are accepted and sent, some are fetched. Then midnight passes while workers run, of
 * which one is killed as it moves deliveries, and while recipients go on fetching.
 */
export async function passMidnight(
  t: Teardown,
  trial: JulyTrial,
  documents: number,
  log: (line: string) => void,
): Promise<Night> {
  const { pool } = trial.api
  const workers = [await startWorker(t, trial), await startWorker(t, trial)] as const
  const early = await sendDocuments(trial, 1, Math.floor(documents * 0.9))
  log(`30 June: ${early.length} documents accepted`)
  await waitFor(
    async () => (await countUntried(trial)) === 0,
    PATIENCE_MS,
    () => 'the first attempts',
  )
  const { taken } = await takeItems(trial, 3)
  log(`30 June: ${taken} items fetched from inboxes`)
  const late = await sendDocuments(trial, early.length + 1, documents - early.length)
  await trial.clock.set('2025-06-30T23:59:59+07:00')
  log(`30 June, 23:59:59: ${late.length} more documents accepted, and midnight comes`)
  const atMidnight = await countStates(trial)
  const begun = performance.now()
  const first = waitFor(
    async () => (await countMoved(trial)) > 0,
    PATIENCE_MS,
    () => 'the first redirect',
  )
  const closing = new Set(
    trial.world.recipients.filter(({ fate }) => fate !== 'untouched').map(({ code }) => `${code}`),
  )
  const fetching = takeItems(trial, 5, (agency) => closing.has(agency))
  await first
  await workers[0].kill('SIGKILL')
  log(`1 July: worker 1 killed after ${await countMoved(trial)} redirects`)
  const fetched = await fetching
  await waitFor(
    async () => (await countStranded(trial)) === 0,
    PATIENCE_MS,
    () => 'nothing left to be moved',
  )
  const seconds = (performance.now() - begun) / 1000
  await startWorker(t, trial)
  await waitFor(
    async () => (await countUntried(trial)) === 0,
    PATIENCE_MS,
    () => 'the moved ones to arrive',
  )
  const { rows } = await pool.query<{ moved: number }>('select count(*) as moved from inbox_departure')
  log(`1 July: everything moved within ${seconds.toFixed(1)} s; ${rows[0]!.moved} numbers left inboxes`)
  return { sent: [...early, ...late], atMidnight, fetched, seconds }
}

const startWorker = (t: Teardown, { variables }: JulyTrial): Promise<TramProcess> =>
  spawnTram(t, ['worker'], { ...variables })

async function countStates({ api: { pool } }: JulyTrial): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    'select state, count(*) as count from delivery group by state order by state',
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

const countOf = async ({ api: { pool } }: JulyTrial, text: string, values: unknown[] = []): Promise<number> =>
  (await pool.query<{ count: number }>(text, values)).rows[0]!.count

/** Deliveries that no worker has tried yet, although nothing holds them back. */
const countUntried = (trial: JulyTrial): Promise<number> =>
  countOf(
    trial,
    `select count(*) as count from delivery where state = 'waiting' and attempts = 0
      and not exists (select from recipient_pause where agency_code = recipient_code)`,
  )

const countMoved = (trial: JulyTrial): Promise<number> =>
  countOf(trial, `select count(*) as count from audit_event where kind = 'delivery-redirected'`)

/** Deliveries in flight whose recipient has closed and that should not have stayed. */
const countStranded = (trial: JulyTrial): Promise<number> =>
  countOf(
    trial,
    `select count(*) as count from delivery
      where state in ('waiting', 'available', 'failed') and recipient_code = any($1)
        and coalesce(reason ->> 'code', '') <> 'recipient-closed'`,
    [
      trial.world.recipients.flatMap(({ code, fate }) =>
        fate === 'redirect' || fate === 'bounce' ? [code] : [],
      ),
    ],
  )
