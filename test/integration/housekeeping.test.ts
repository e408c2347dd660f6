import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import t from 'tap'
import { asLeader } from '../../src/db/leader.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { Sha256 } from '../../src/domain/identifiers.ts'
import { housekeeper } from '../../src/housekeeping/keep-house.ts'
import { sweepOrphans } from '../../src/housekeeping/sweep-orphans.ts'
import { type TestGateway, testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { ageStored, listStored, type StoredBlobs } from '../support/stored-blobs.ts'

const DAY_MS = 86_400_000

const storeOf = ({ api }: TestGateway): StoredBlobs => ({ pool: api.pool, root: api.config.blobs })
const storedBlobs = (gateway: TestGateway) => listStored(storeOf(gateway))
/** Lets every blob that is there now look as old as this. */
const age = (gateway: TestGateway, ms: number) => ageStored(storeOf(gateway), ms)

async function put({ api }: TestGateway, content: Uint8Array): Promise<Sha256> {
  const stage = await api.blobs.stage()
  const { sha256 } = await stage.write(Readable.from([content]))
  await stage.commit()
  await stage.discard()
  return sha256
}

const accept = async (gateway: TestGateway, number: number) =>
  gateway.submit(
    'G90',
    await documentPacket({
      from: 'G90',
      to: ['H90'],
      documentId: `G90,2026/11/20,${number}/BTN-VP`,
      attachments: [{ name: 'a.txt', type: 'text/plain', bytes: randomBytes(100) }],
    }),
  )

t.test('blobs that nothing names go after a day, all others stay', async (t) => {
  const gateway = await testGateway(t)
  const { api } = gateway
  await accept(gateway, 1)
  const named = await storedBlobs(gateway)
  t.ok(named.length >= 3, 'packet, seal and attachment')
  const refused = statusPacket({ from: 'H91', to: 'G90', documentId: 'G90,2026/11/20,1/BTN-VP', code: '01' })
  await t.rejects(gateway.submit('H91', refused), { name: 'GatewayError' })
  await put(gateway, randomBytes(20))
  await put(gateway, randomBytes(50_000))
  const before = await storedBlobs(gateway)
  t.ok(before.length > named.length)

  t.match(await sweepOrphans(api, ''), { removed: 0 }, 'nothing is old')
  await age(gateway, 0.9 * DAY_MS)
  t.match(await sweepOrphans(api, ''), { removed: 0 }, 'nor old enough')
  await age(gateway, 1.1 * DAY_MS)
  t.match(await sweepOrphans(api, '8000'), { removed: before.length - named.length, next: '' })
  t.strictSame((await storedBlobs(gateway)).sort(), named.sort())
  t.match(await sweepOrphans(api, ''), { removed: 0, next: '' })
})

/** Bytes whose digest comes after this one. */
function bytesAfter(blob: Sha256): Buffer {
  for (;;) {
    const bytes = randomBytes(20)
    if (createHash('sha256').update(bytes).digest('hex') > blob) return bytes
  }
}

t.test('a round that comes back to where it began counts each blob once', async (t) => {
  const gateway = await testGateway(t)
  await accept(gateway, 1)
  const lastNamed = (await storedBlobs(gateway)).at(-1)!
  for (let count = 0; count < 3; count += 1) await put(gateway, bytesAfter(lastNamed))
  await age(gateway, 2 * DAY_MS)
  t.match(await sweepOrphans(gateway.api, lastNamed.slice(0, 4)), { removed: 3, next: '' })
})

for (const length of [20, 50_000]) {
  t.test(`a submission under way keeps an old blob of ${length} bytes that it brings again`, async (t) => {
    const gateway = await testGateway(t)
    await accept(gateway, 1)
    const content = randomBytes(length)
    const blob = await put(gateway, content)
    await age(gateway, 2 * DAY_MS)
    const { blobs, pool } = gateway.api
    const meanwhile = {
      ...blobs,
      async removeOld(removed: Sha256, olderThanMs: number) {
        await put(gateway, content)
        return blobs.removeOld(removed, olderThanMs)
      },
    }
    t.match(await sweepOrphans({ pool, blobs: meanwhile }, ''), { removed: 0 })
    t.ok((await storedBlobs(gateway)).includes(blob))
  })
}

t.test('the database of another store removes nothing', async (t) => {
  const [gateway, other] = [await testGateway(t), await testGateway(t)]
  await accept(gateway, 1)
  await age(gateway, 2 * DAY_MS)
  const before = await storedBlobs(gateway)
  await t.rejects(sweepOrphans({ pool: other.api.pool, blobs: gateway.api.blobs }, ''), {
    message: /names only 0.*Nothing was removed/,
  })
  t.strictSame(await storedBlobs(gateway), before)
})

t.test('only one process at a time', async (t) => {
  const { api } = await testGateway(t)
  await asLeader(api.pool, 'housekeeping', async () => {
    t.equal(await sweepOrphans(api, ''), undefined)
  })
})

t.test('a round of housekeeping', async (t) => {
  const gateway = await testGateway(t)
  const { api } = gateway
  const { claims } = await accept(gateway, 1)
  await put(gateway, randomBytes(20))
  await age(gateway, 2 * DAY_MS)
  await api.pool.query(
    `insert into idempotency_key (client_id, key, fingerprint, document_id, created_at)
      select 'dms-G90', days::text, '', $1, clock_timestamp() - make_interval(days => days)
        from generate_series(28, 32) as days`,
    [claims.document],
  )
  await api.pool.query(
    `insert into client_assertion select 'dms-G90', minutes::text, clock_timestamp() - make_interval(mins => minutes)
      from unnest(array[-5, 5, 15, 1000]) as minutes`,
  )
  const broken = { ...api.blobs, sweep: () => Promise.reject(new Error('EIO')) }
  await t.rejects(housekeeper({ ...api, blobs: broken })(), { message: 'EIO' }, 'what failed is told')
  const keys = await api.pool.query('select key from idempotency_key order by key')
  t.strictSame(
    keys.rows.map(({ key }) => key),
    ['28', '29'],
    'and what did not fail was done',
  )
  const assertions = await api.pool.query('select jti from client_assertion order by expires_at')
  t.strictSame(
    assertions.rows.map(({ jti }) => jti),
    ['5', '-5'],
  )
  t.strictSame(await housekeeper(api)(), {
    uploads: 0,
    orphans: 0,
    idempotencyKeys: 0,
    assertions: 0,
    dated: 0,
  })
  t.equal((await storedBlobs(gateway)).length, 3)
})

const UNDATED = 'select id from delivery where accepted_at is null order by id'
const NOT_OF_ITS_DOCUMENT = `select delivery.id from delivery join document on document.id = delivery.document_id
  where delivery.accepted_at <> document.accepted_at`

t.test('deliveries that the release before wrote are dated, but for what is locked now', async (t) => {
  const gateway = await testGateway(t)
  const { pool } = gateway.api
  for (const number of [1, 2, 3]) await accept(gateway, number)
  t.strictSame((await pool.query(UNDATED)).rows, [], 'this release dates its own')
  await pool.query('update delivery set accepted_at = null')
  const { rows } = await pool.query<{ id: string }>(UNDATED)
  const round = housekeeper(gateway.api)
  await inTransaction(pool, async (db) => {
    await db.query('select from delivery where id = $1 for update', [rows[1]!.id])
    t.match(await round(), { dated: 2 })
    t.strictSame((await pool.query(UNDATED)).rows, [rows[1]], 'nobody is waited for')
  })
  t.match(await round(), { dated: 1 })
  t.match(await round(), { dated: 0 })
  t.strictSame((await pool.query(NOT_OF_ITS_DOCUMENT)).rows, [])
  t.strictSame((await pool.query(UNDATED)).rows, [])
})
