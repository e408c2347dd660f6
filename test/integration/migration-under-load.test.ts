import t from 'tap'
import { migrate } from '../../src/db/migrate.ts'
import { createPool } from '../../src/db/pool.ts'
import { nextRelease } from '../support/next-release.ts'
import { documentPacket } from '../support/packets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startTrial } from '../support/trial.ts'
import { waitFor } from '../support/wait-for.ts'
import { watchLocks } from '../support/watch-locks.ts'

const DELIVERIES = 5_000
/** Milliseconds for which somebody's transaction keeps the table from being changed. */
const HELD_MS = 2_500

const trial = await startTrial(t, 'postgres')
const { pool, config } = trial.gateway.api
await trial.accept(DELIVERIES / 2, ['H90.31', 'H90.32'])
await pool.query(`update delivery set next_attempt_at = next_attempt_at + interval '1 day'`)
await pool.query('delete from outbox')
const watching = createPool({
  databaseUrl: config.databaseUrl,
  max: 2,
  applicationName: 'test',
  onError: () => {},
})
t.teardown(() => watching.end())

/** Documents accepted and delivered one after the other until it is told to stop; the longest time that one took. */
function serveDocuments() {
  let [stopped, served, worstMs] = [false, 0, 0]
  const serving = (async () => {
    while (!stopped) {
      const at = performance.now()
      const documentId = `G90,2026/11/20,${served + 2}/BTN-VP`
      await trial.gateway.submit('G90', await documentPacket({ from: 'G90', to: ['H90', 'H91'], documentId }))
      await trial.gateway.deliverDue()
      worstMs = Math.max(worstMs, performance.now() - at)
      served += 1
    }
  })()
  return {
    get served() {
      return served
    },
    async stop() {
      stopped = true
      await serving
      return worstMs
    },
  }
}

/** Somebody reads in a transaction that takes long, as an export does: nobody may change the table until it is let go. */
async function holdTable(): Promise<() => Promise<void>> {
  const client = await watching.connect()
  await client.query('begin')
  await client.query('select from delivery limit 1')
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

t.test(
  'a release migrates while the one before serves: nobody waits for a second',
  { timeout: 120_000 },
  async (t) => {
    const folder = await nextRelease(await temporaryFolder(t))
    const serving = serveDocuments()
    const locks = watchLocks(watching)
    await waitFor(() => serving.served >= 3, 60_000)
    const letGo = await holdTable()
    const heldAt = performance.now()
    let retries = 0
    const migrating = migrate(config.databaseUrl, undefined, {
      folder,
      onRetry: () => {
        retries += 1
      },
    })
    const heldLongEnough = waitFor(() => retries > 0 && performance.now() - heldAt > HELD_MS, 60_000)
    await Promise.race([heldLongEnough, migrating]).finally(letGo)
    const applied = await migrating
    const during = serving.served
    await waitFor(() => serving.served > during + 3, 60_000)
    const worstMs = await serving.stop()
    await locks.stop()
    t.strictSame(applied, ['9001_noted_on', '9002_noted_on_for_all'])
    t.ok(retries >= 1, `gave up its place in the line ${retries} times`)
    t.ok(
      locks.worstMs < 1_000,
      `a lock was waited for ${Math.round(locks.worstMs)} ms at most: ${locks.worst}`,
    )
    t.comment(`${serving.served} documents, the slowest ${Math.round(worstMs)} ms`)
    const { rows } = await pool.query('select count(*) as missing from delivery where noted_on is null')
    t.strictSame(rows, [{ missing: 0 }], 'what came before and what came meanwhile')
    t.strictSame(await migrate(config.databaseUrl, undefined, { folder }), [], 'nothing is left to do')
  },
)
