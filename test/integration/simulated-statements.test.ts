import { randomInt } from 'node:crypto'
import t from 'tap'
import { pick, randomOf } from '../../scripts/bench/routing/random.ts'
import { databaseNow } from '../../src/db/now.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import type { Tables } from '../simulation/tables.ts'
import { testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { insertRandom, readTables } from './simulated-statements/random-rows.ts'
import { type Pair, STATEMENTS } from './simulated-statements/statements.ts'

/*
 * The simulation of deliveries has its conditions in TypeScript, the gateway has them in SQL. Here both meet the same
 * random rows, and must answer alike and leave the same behind.
 */

const CASES = 12

const gateway = await testGateway(t)
const { pool } = gateway.api
const packet = await documentPacket({ from: 'G90', to: ['H91'], documentId: 'G90,2026/11/20,1/BTN-VP' })
const { claims } = await gateway.submit('G90', packet)
await pool.query('delete from outbox')

class Undo extends Error {}

/** A copy of the document for each case; everything is undone afterwards. */
async function meet(
  seed: number,
  { sql, twin }: Pair,
): Promise<{ real: unknown; simulated: unknown; moved: boolean }> {
  const random = randomOf(seed)
  let met: { real: unknown; simulated: unknown; moved: boolean } | undefined
  const work = inTransaction(pool, async (db) => {
    await db.query('delete from delivery where document_id = $1', [claims.document])
    const document: DocumentKey = claims.document
    await insertRandom(db, document, random)
    const before = await readTables(db, document)
    const row = pick(random, before.deliveries)
    const now = await databaseNow(db)
    const answer = await sql(db, row, now)
    const real = plain(await readTables(db, document), now)
    const [after, twinAnswer] = twin(before, row, now)
    met = {
      real: { tables: real, answer },
      simulated: { tables: plain(after, now), answer: twinAnswer },
      moved: after !== before,
    }
    throw new Undo()
  })
  await work.catch((error: unknown) => {
    if (!(error instanceof Undo)) throw new Error(`seed ${seed}`, { cause: error })
  })
  return met!
}

/** Tens of seconds from now: clocks go on between two statements. */
const near = (instant: Date | null, now: Date): number | null =>
  instant && Math.round((instant.getTime() - now.getTime()) / 10_000)

/** What is compared; the numbers of the outbox's rows are their order. */
const plain = ({ deliveries, outbox, attempts, inboxes, departures }: Tables, now: Date) => ({
  deliveries: deliveries.map((row) => ({
    ...row,
    route: null,
    stateSince: near(row.stateSince, now),
    leaseUntil: near(row.leaseUntil, now),
    nextAttemptAt: near(row.nextAttemptAt, now),
    enqueuedAt: near(row.enqueuedAt, now),
    handedOverAt: near(row.handedOverAt, now),
    acknowledgedAt: near(row.acknowledgedAt, now),
  })),
  outbox: [...outbox].sort((a, b) => a.id - b.id).map(({ id: _order, ...item }) => item),
  attempts: attempts.map(({ delivery, epoch, state }) => `${delivery} ${epoch} ${state}`).sort(),
  inboxes,
  departures: departures.map(({ agency, number }) => `${agency} ${number}`).sort(),
})

t.test('each statement does to random rows what its twin in the simulation does', async (t) => {
  const first = randomInt(2 ** 31)
  for (const [name, pair] of Object.entries(STATEMENTS)) {
    let moved = 0
    for (let seed = first; seed < first + CASES; seed += 1) {
      const met = await meet(seed, pair)
      if (met.moved) moved += 1
      if (JSON.stringify(met.real) !== JSON.stringify(met.simulated))
        t.same(met.simulated, met.real, `${name}: seed ${seed}`)
    }
    t.pass(`${name}: ${moved} of ${CASES} changed something`)
  }
})
