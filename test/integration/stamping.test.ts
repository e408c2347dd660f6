import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { BlobStore } from '../../src/blobs/store.ts'
import { listUnnamedBlobs } from '../../src/db/blobs-in-use.ts'
import { findDocument } from '../../src/db/documents.ts'
import { readSealGauges } from '../../src/db/seal-dues.ts'
import { listSeals } from '../../src/db/seal-levels.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { createMetrics } from '../../src/http/health/metrics.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import { timestamping } from '../../src/intake/timestamping.ts'
import { sealOf } from '../../src/receipts/document-content.ts'
import { newestToken, sealLevelOf } from '../../src/signature/seal/extend.ts'
import { addTimestamp } from '../../src/stamping/lift-seal.ts'
import { stampingRounds } from '../../src/stamping/stamping-rounds.ts'
import { callerOf } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { stampingWorld } from '../support/stamping-world.ts'
import { rewriteStored, spoilStored } from '../support/stored-blobs.ts'
import { waitFor } from '../support/wait-for.ts'

const { fresh } = await stampingWorld(t)

const REFUSED = { code: 'timestamping-unavailable', retryAfter: 60 }

t.test('a seal gets its timestamp after acceptance, as a blob of its own', async (t) => {
  const { submit, lift, levels, pool, gateway, tsa } = await fresh()
  const keys = [await submit(), await submit(), await submit()]
  t.match(await lift(), { done: 3, postponed: [], more: false })
  for (const key of keys) t.same(await levels(key), ['B-B', 'B-T'])
  t.equal(tsa.asked.length, 3)
  const { blobs } = gateway.api
  const [first, stamped] = await listSeals(pool, keys[0]!)
  const [before, after] = [await buffer(blobs.read(first!.sha256)), await buffer(blobs.read(stamped!.sha256))]
  t.equal(sealLevelOf(after), 'B-T')
  t.ok(newestToken(after))
  t.equal(createHash('sha256').update(before).digest('hex'), first!.sha256, 'the first seal stays as it was')
  const document = (await findDocument(pool, keys[0]!))!
  t.equal(await sealOf(pool, document), stamped!.sha256, 'the evidence holds the seal that proves most')
  t.same(await listUnnamedBlobs(pool, [first!.sha256, stamped!.sha256]), [])
  const events = await pool.query(
    `select actor, detail from audit_event where kind = 'seal-extended' and document_id = any($1)`,
    [keys],
  )
  t.equal(events.rows.length, 3)
  t.match(events.rows[0], { actor: 'worker:test', detail: { level: 'B-T' } })
  t.match((await readSealGauges(pool)).waiting, [{ wants: 'B-LT', count: 3 }], 'proofs are wanted next')
  t.match(await lift(), { done: 0 }, 'no timestamp is wanted any more')
})

t.test('an authority that never answered: documents are taken for the grace, and no longer', async (t) => {
  const { submit, lift, age, server, levels } = await fresh(3_600)
  server.behaviour = { kind: 'down' }
  const first = await submit()
  t.match((await lift()).outage, { name: 'TsaUnavailable' })
  await age(3_590)
  const second = await submit()
  await age(20)
  await t.rejects(submit(), REFUSED, 'refused, although nothing was ever stamped')
  t.match((await lift()).outage, { name: 'TsaUnavailable' })
  await t.rejects(submit(), REFUSED, 'also by an API that was started in the meantime')
  server.behaviour = { kind: 'answer' }
  t.match(await lift(), { done: 2 })
  t.same(await Promise.all([first, second].map(levels)), [
    ['B-B', 'B-T'],
    ['B-B', 'B-T'],
  ])
  t.ok(await submit(), 'taken again, by itself')
})

t.test('no worker at all is an outage like any other', async (t) => {
  const { submit, age } = await fresh(3_600)
  await submit()
  await age(3_601)
  await t.rejects(submit(), REFUSED)
})

t.test('the grace of an outage begins with the last timestamp that was had', async (t) => {
  const { submit, lift, age, server } = await fresh(3_600)
  await submit()
  t.match(await lift(), { done: 1 })
  await age(10_000)
  server.behaviour = { kind: 'status', status: 503 }
  t.ok(await submit(), 'a quiet time is no outage')
  await age(1_000)
  t.ok(await submit(), 'the grace runs since the first that was owed')
  await age(2_601)
  await t.rejects(submit(), REFUSED)
  server.behaviour = { kind: 'answer' }
  t.match(await lift(), { done: 2 })
  t.ok(await submit())
})

t.test('one stamp opens the door again, however many still wait', async (t) => {
  const { submit, age, deps, pool } = await fresh(3_600)
  const keys = [await submit(), await submit(), await submit()]
  await age(3_601)
  await t.rejects(submit(), REFUSED)
  await addTimestamp(deps, keys[2]!)
  t.ok(await submit())
  t.ok((await readSealGauges(pool)).oldestOwedSeconds > 3_600, 'the metric still tells of the oldest')
})

t.test('a submission that was accepted before gets its receipt all the same', async (t) => {
  const { gateway, age, pool } = await fresh()
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,9/BTN-VP' })
  const api = { ...gateway.api, timestamping: timestamping(pool, 60) }
  const submit = () =>
    acceptSubmission(api, { caller: callerOf('G90'), content: Readable.from([Buffer.from(packet)]) })
  const accepted = await submit()
  await age(61)
  t.equal((await submit()).receipt, accepted.receipt)
})

t.test('without an authority nothing is owed, and what waits is stamped once there is one', async (t) => {
  const { gateway, lift, age, submit, levels } = await fresh(60)
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId: 'G90,2026/11/20,7/BTN-VP' })
  const { claims } = await gateway.submit('G90', packet)
  await age(61)
  t.ok(await submit(), 'old documents close no door')
  t.match(await lift(), { done: 2 })
  t.same(await levels(claims.document), ['B-B', 'B-T'])
})

t.test('what dies between the token and the commit costs another token, and nothing else', async (t) => {
  const { submit, lift, levels, tsa, deps } = await fresh()
  const key = await submit()
  const dying: BlobStore = {
    ...deps.blobs,
    async stage() {
      const stage = await deps.blobs.stage()
      return {
        write: (content) => stage.write(content),
        read: (blob, range) => stage.read(blob, range),
        bytes: (blob) => stage.bytes(blob),
        commit: () => Promise.reject(new Error('chết')),
        commitFiles: () => Promise.reject(new Error('chết')),
        commitAsFiles: () => Promise.reject(new Error('chết')),
        discard: () => stage.discard(),
      }
    },
  }
  t.match((await lift({ blobs: dying })).outage, { message: 'chết' })
  t.same(await levels(key), ['B-B'])
  t.match(await lift(), { done: 1 })
  t.same(await levels(key), ['B-B', 'B-T'])
  t.equal(tsa.asked.length, 2)
})

t.test('workers at the same time share the work and stamp nothing twice', async (t) => {
  const { submit, lift, levels, deps, tsa } = await fresh()
  const keys = await Promise.all(Array.from({ length: 12 }, submit))
  const rounds = await Promise.all([lift(), lift(), lift()])
  t.equal(
    rounds.reduce((sum, { done }) => sum + done, 0),
    12,
  )
  t.equal(tsa.asked.length, 12)
  await Promise.all([addTimestamp(deps, keys[0]!), addTimestamp(deps, keys[0]!)])
  for (const key of keys) t.same(await levels(key), ['B-B', 'B-T'])
})

t.test('a seal that is lost or damaged waits by itself and holds up nobody', async (t) => {
  const { submit, lift, age, pool, gateway } = await fresh(60)
  const [lost, damaged, sound] = [await submit(), await submit(), await submit()]
  const stored = { pool, root: gateway.variables.TRAM_BLOBS! }
  const sealOf = async (key: DocumentKey) => (await findDocument(pool, key))!.sealSha256
  await spoilStored(stored, await sealOf(lost), 'missing')
  await rewriteStored(stored, await sealOf(damaged), Buffer.from('hỏng'))
  const { done, postponed, outage } = await lift()
  t.match({ done, outage }, { done: 1, outage: undefined })
  t.match(new Map(postponed.map(({ document, reason }) => [document, reason])).get(lost), /is lost/)
  t.match(new Map(postponed.map(({ document, reason }) => [document, reason])).get(damaged), /is damaged/)
  t.ok(sound)
  await age(61)
  t.ok(await submit())
  t.equal((await lift()).done, 1, 'and it is not tried again at once')
})

t.test('a worker that is told to stop gives back at once what it has not done', async (t) => {
  const { submit, lift, levels, server } = await fresh()
  const keys = [await submit(), await submit()]
  server.behaviour = { kind: 'hang' }
  const ending = new AbortController()
  const stopped = lift({ signal: ending.signal })
  await waitFor(() => server.requests.length > 0)
  const before = performance.now()
  ending.abort()
  t.equal((await stopped).done, 0)
  t.ok(performance.now() - before < 2_000)
  server.behaviour = { kind: 'answer' }
  t.match(await lift(), { done: 2 }, 'another takes it without waiting')
  for (const key of keys) t.same(await levels(key), ['B-B', 'B-T'])
})

t.test('a token that proves nothing is not kept', async (t) => {
  const { submit, lift, levels, tsa } = await fresh()
  const key = await submit()
  const says = async () => String((await lift()).outage)
  tsa.behaviour = 'other-certificate'
  t.match(await says(), /not trusted for timestamps/)
  tsa.behaviour = 'broken-signature'
  t.match(await says(), /signature of the token does not fit/)
  tsa.behaviour = 'rejection'
  t.match(await says(), /rejected/)
  tsa.behaviour = 'answer'
  tsa.clockOffsetMs = -6 * 60_000
  t.match(await says(), /its clock says/)
  t.same(await levels(key), ['B-B'])
  tsa.clockOffsetMs = -60_000
  t.match(await lift(), { done: 1 })
})

t.test('during an outage one seal is tried, ever more seldom; then all', async (t) => {
  const { submit, server, deps, tsa } = await fresh()
  for (let count = 0; count < 6; count++) await submit()
  server.behaviour = { kind: 'status', status: 500 }
  let now = 0
  const batches: number[] = []
  const round = stampingRounds(deps, { monotonicNow: () => now, onBatch: ({ done }) => batches.push(done) })
  const asksWithin = async (seconds: number) => {
    const before = server.requests.length
    for (const end = now + seconds * 1_000; now < end; now += 1_000) await round()
    return server.requests.length - before
  }
  t.ok((await asksWithin(1)) <= 4, 'the first round asks for no more than it has in hand')
  t.equal(await asksWithin(62), 6, 'after 1, 2, 4, 8, 16, 30 seconds')
  server.behaviour = { kind: 'answer' }
  await asksWithin(31)
  t.equal(
    batches.reduce((sum, done) => sum + done, 0),
    6,
  )
  t.equal(tsa.asked.length, 6)
})

t.test('the metrics tell what waits, and since when', async (t) => {
  const { submit, age, pool } = await fresh()
  const shown = () => createMetrics(pool, (error) => t.error(error)).registry.metrics()
  t.match(await shown(), /^tram_oldest_owed_timestamp_seconds 0$/m)
  await submit()
  await submit()
  await age(1_000)
  const text = await shown()
  t.match(text, /^tram_seals_waiting\{level="B-T"\} 2$/m)
  t.match(text, /^tram_oldest_owed_timestamp_seconds 100\d/m)
})
