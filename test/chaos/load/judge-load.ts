import { setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Gateway, Ground } from '../../../scripts/bench/load/gateway.ts'
import type { Pool } from '../../../src/db/pool.ts'
import { loadTrustStore } from '../../../src/signature/load-trust-store.ts'
import { waitFor } from '../../support/wait-for.ts'
import { collectEvidence } from '../collect-evidence.ts'
import type { Evidence } from '../evidence.ts'
import { type Measure, noneOf } from '../fault.ts'
import type { Line } from '../journal.ts'
import { openJournal } from '../journal-file.ts'
import { judge } from '../oracle.ts'
import { connectReceiver } from '../receiver.ts'
import { connectApis, connectSystem } from '../system.ts'

export interface JudgedLoad {
  /** What the senders wrote down, one JSON object a line. */
  readonly journalFile: string
  /** Documents that nobody sent: a trial put copies into the database; then inboxes are left as they are. */
  readonly filled: ReadonlySet<string>
}

/** Milliseconds until everything is delivered and taken: so long, and so much more for each delivery. */
const REST_MS = { least: 120_000, each: 50 }

/** After a load: recipients take all that there is, and the oracle compares as after a fault. */
export async function judgeLoad(gateway: Gateway, ground: Ground, load: JudgedLoad): Promise<Measure[]> {
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const apis = connectApis(gateway.urls)
  const { senders, receivers } = ground.parties
  const systems = new Map(
    [...senders, ...receivers].map(
      ({ code, credentials }) => [code, connectSystem(apis, code, credentials, ending.signal)] as const,
    ),
  )
  const taken = openJournal(join(ground.folder, 'taken.jsonl'))
  const recipients = load.filled.size === 0 ? await recipientsIn(ground.pool) : []
  const taking = recipients.map((code) =>
    connectReceiver(taken, systems.get(code)!, { code, way: 'list' }, { reported: 0 }),
  )
  try {
    await atRest(ground.pool, load)
    const lines = (await readFile(load.journalFile, 'utf8')).split('\n').filter((line) => line !== '')
    const journal = [...lines.map((line) => JSON.parse(line) as Line), ...taken.lines]
    const trust = await loadTrustStore(ground.variables.TRAM_TRUST!)
    const collected = { systems, pool: ground.pool, trust, journal: { lines: journal } }
    return measuresOf(await collectEvidence(collected, load.filled), recipients.length > 0)
  } finally {
    ending.abort()
    const stopped = taking.map((receiver) => receiver.stop())
    await apis.close()
    await Promise.all(stopped)
    taken.close()
  }
}

async function recipientsIn(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ code: string }>(
    'select distinct recipient_code as code from delivery order by code',
  )
  return rows.map(({ code }) => code)
}

/** What is filled in may wait; everything else is taken, or where nobody takes, available. */
async function atRest(pool: Pool, { filled }: JudgedLoad): Promise<void> {
  const states = filled.size === 0 ? ['waiting', 'available', 'handed-over'] : ['waiting']
  const open = async () => {
    const { rows } = await pool.query<{ count: number }>(
      'select count(*) as count from delivery where state = any($1) and document_id <> all($2)',
      [states, [...filled]],
    )
    return rows[0]!.count
  }
  let left = await open()
  await waitFor(
    async () => {
      left = await open()
      return left === 0
    },
    REST_MS.least + REST_MS.each * left,
    () => `everything is taken: ${left} deliveries are ${states.join(' or ')}`,
  )
}

/** @param taken whether recipients took what there was: otherwise it waits for them */
function measuresOf(evidence: Evidence, taken: boolean): Measure[] {
  const { counts, ...lists } = judge(evidence)
  const { intended, accepted, recovered, named, delivered, waiting, failed, recalled } = counts
  const none = (name: string, count: number, seen?: string): Measure => noneOf(`  ${name}`, count, seen)
  return [
    {
      name: 'oracle',
      seen: `${intended} intended, ${accepted} accepted, ${recovered} recovered; ${named} deliveries named = ${delivered} delivered + ${waiting} waiting + ${failed} failed + ${recalled} recalled`,
      bar: null,
      met: true,
    },
    ...Object.entries(lists).map(([name, list]) =>
      none(name, list.length, list.length === 0 ? undefined : `${list.length}, the first: ${list[0]}`),
    ),
    none('failed', failed),
    ...(taken ? [none('waiting at the end', waiting)] : []),
  ]
}
