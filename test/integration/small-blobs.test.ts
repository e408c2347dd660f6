import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { createPool, type Pool } from '../../src/db/pool.ts'
import {
  deleteOldSmallBlob,
  findSmallBlobLength,
  findSmallBlobs,
  listOldSmallBlobs,
  type SmallBlob,
  storeSmallBlobs,
  writeSmallBlobs,
} from '../../src/db/small-blobs.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { writeTogether } from '../../src/db/write-together.ts'
import { type Sha256, sha256 } from '../../src/domain/identifiers.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const DAY_MS = 86_400_000

let pool: Pool

t.before(async () => {
  const { url } = await createTestDatabase(t)
  pool = createPool({ databaseUrl: url, max: 8, applicationName: 'test', onError: () => undefined })
  t.teardown(() => pool.end())
})
t.afterEach(async () => {
  await pool.query('truncate small_blob')
})

const blobOf = (bytes: Uint8Array): SmallBlob => ({
  sha256: sha256(createHash('sha256').update(bytes).digest('hex')),
  bytes,
})
const randomBlob = (length = 100): SmallBlob => blobOf(randomBytes(length))
const digests = (blobs: readonly SmallBlob[]): Sha256[] => blobs.map((blob) => blob.sha256).sort()

/** How many rows were written. */
const write = async (...blobs: SmallBlob[]): Promise<number> =>
  (await inTransaction(pool, (db) => writeTogether(db, [writeSmallBlobs(blobs)])))[0]!
const age = (ms: number) =>
  pool.query('update small_blob set stored_at = clock_timestamp() - make_interval(secs => $1 / 1000.0)', [ms])
const ageOf = async (blob: Sha256): Promise<number | undefined> => {
  const { rows } = await pool.query<{ ms: number }>(
    `select extract(epoch from clock_timestamp() - stored_at)::float8 * 1000 as ms from small_blob where sha256 = $1`,
    [blob],
  )
  return rows[0]?.ms
}
/** With its bytes. */
const isThere = async ({ sha256, bytes }: SmallBlob): Promise<boolean> => {
  const [found] = await findSmallBlobs(pool, [sha256])
  return found !== undefined && Buffer.from(found).equals(bytes)
}
const anybodyWaits = () =>
  waitFor(async () => {
    const { rows } = await pool.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) as waits`,
    )
    return rows[0]!.waits
  })

t.test('blobs come back as they were written, whatever their number and length', async (t) => {
  const blobs = [0, 1, 75, 76, 77, 2_000, 2_001, 8_200, 32_768].map((length) => randomBlob(length))
  t.equal(await write(...blobs, blobs[3]!), blobs.length, 'each once')
  const absent = sha256('0'.repeat(64))
  const asked = [absent, ...blobs.map((blob) => blob.sha256), absent]
  const found = await findSmallBlobs(pool, asked)
  t.same(
    found,
    [undefined, ...blobs.map(({ bytes }) => bytes), undefined],
    'in the order in which they are asked',
  )
  for (const { sha256, bytes } of blobs) t.equal(await findSmallBlobLength(pool, sha256), bytes.length)
  t.equal(await findSmallBlobLength(pool, sha256('0'.repeat(64))), undefined)
  t.equal(await write(), 0)
})

t.test('what is there and young is not touched, nor waited for', async (t) => {
  const blob = randomBlob()
  await write(blob)
  await age(0.9 * 3_600_000)
  await inTransaction(pool, async (first) => {
    t.same(await writeTogether(first, [writeSmallBlobs([blob])]), [0])
    await inTransaction(pool, async (second) => {
      await second.query(`set local lock_timeout = '1s'`)
      t.same(await writeTogether(second, [writeSmallBlobs([blob])]), [0])
    })
  })
  t.ok((await ageOf(blob.sha256))! > 0.8 * 3_600_000)
})

t.test('what is old becomes young', async (t) => {
  const blob = randomBlob()
  await write(blob)
  await age(2 * 3_600_000)
  t.equal(await write(blob), 1)
  t.ok((await ageOf(blob.sha256))! < 60_000)
})

t.test('a row whose bytes are others gets the right ones, also where it is young', async (t) => {
  const blob = randomBlob()
  await write(blob)
  for (const wrong of [randomBytes(100), randomBytes(50), Buffer.alloc(0)]) {
    await pool.query('update small_blob set bytes = $1', [wrong])
    t.equal(await write(blob), 1)
    t.ok(await isThere(blob))
  }
})

t.test('by itself it is durable, and tells whose bytes were others', async (t) => {
  const [one, two] = [randomBlob(), randomBlob()]
  await write(one)
  await pool.query('update small_blob set bytes = $1', [randomBytes(100)])
  const client = await pool.connect()
  try {
    await client.query('set synchronous_commit = off')
    t.same(await storeSmallBlobs(client, [one, two]), [one.sha256])
    t.same(await storeSmallBlobs(client, [one, two]), [])
  } finally {
    client.release(true)
  }
  t.ok((await isThere(one)) && (await isThere(two)))
})

t.test('a transaction that is undone leaves nothing of what it brought', async (t) => {
  const blob = randomBlob()
  const undone = inTransaction(pool, async (db) => {
    await writeTogether(db, [writeSmallBlobs([blob])])
    throw new Error('refused')
  })
  await t.rejects(undone, { message: 'refused' })
  t.notOk(await isThere(blob))
})

t.test(
  'the same new blobs in two transactions: the second waits, and has them whatever the first does',
  async (t) => {
    for (const ends of ['commit', 'rollback']) {
      const blob = randomBlob()
      const writing = writeSmallBlobs([blob])
      const client = await pool.connect()
      try {
        await client.query('begin')
        await client.query({ text: writing.text, values: [...writing.values] })
        const second = write(blob)
        await anybodyWaits()
        await client.query(ends)
        await second
      } finally {
        client.release()
      }
      t.ok(await isThere(blob), ends)
    }
  },
)

t.test('many transactions with the same new blobs in any order lock nobody out', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const blobs = Array.from({ length: 20 }, () => randomBlob(50))
    const orders = Array.from({ length: 8 }, (_, index) =>
      blobs.toSpliced(0, index, ...blobs.slice(0, index).reverse()),
    )
    await Promise.all(orders.map((order) => write(...order)))
    for (const blob of blobs) t.ok(await isThere(blob))
  }
})

t.test('removing', async (t) => {
  t.test('takes only what is old', async (t) => {
    const blob = randomBlob()
    await write(blob)
    await age(0.9 * DAY_MS)
    t.equal(await deleteOldSmallBlob(pool, blob.sha256, DAY_MS), false)
    await age(1.1 * DAY_MS)
    t.equal(await deleteOldSmallBlob(pool, blob.sha256, DAY_MS), true)
    t.equal(await deleteOldSmallBlob(pool, blob.sha256, DAY_MS), false)
  })

  t.test('waits for a transaction that names the blob again, and leaves it', async (t) => {
    const blob = randomBlob()
    await write(blob)
    await age(2 * DAY_MS)
    let removed: Promise<boolean> | undefined
    await inTransaction(pool, async (db) => {
      await writeTogether(db, [writeSmallBlobs([blob])])
      removed = deleteOldSmallBlob(pool, blob.sha256, DAY_MS)
      await anybodyWaits()
    })
    t.equal(await removed, false)
    t.ok((await ageOf(blob.sha256))! < 60_000)
  })

  t.test('that came first makes the other write the blob anew', async (t) => {
    const blob = randomBlob()
    await write(blob)
    await age(2 * DAY_MS)
    let written: Promise<number> | undefined
    await inTransaction(pool, async (db) => {
      t.equal(await deleteOldSmallBlob(db, blob.sha256, DAY_MS), true)
      written = write(blob)
      await anybodyWaits()
    })
    t.equal(await written, 1)
    t.ok(await isThere(blob))
  })
})

t.test('old ones are listed by pages', async (t) => {
  const blobs = Array.from({ length: 7 }, () => randomBlob(10))
  await write(...blobs)
  await age(2 * DAY_MS)
  const young = randomBlob(10)
  await write(young)
  const found: Sha256[] = []
  let pages = 0
  for (let after: string | null = ''; after !== null; pages += 1) {
    const page = await listOldSmallBlobs(pool, DAY_MS, after, 3)
    found.push(...page.old)
    after = page.last
  }
  t.strictSame(found, digests(blobs))
  t.equal(pages, 3)
})
