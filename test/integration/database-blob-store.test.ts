import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { databaseBlobStore } from '../../src/blobs/database-first-store.ts'
import { directoryBlobStore } from '../../src/blobs/directory-store.ts'
import { blobPath } from '../../src/blobs/files.ts'
import type { BlobIncident, BlobStore } from '../../src/blobs/store.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { SMALL_UP_TO, writeSmallBlobs } from '../../src/db/small-blobs.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { writeTogether } from '../../src/db/write-together.ts'
import { type Sha256, sha256 } from '../../src/domain/identifiers.ts'
import { ageStored, isRow, listStored, SPOILT, spoilStored } from '../support/stored-blobs.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { createTestDatabase } from '../support/test-database.ts'

const DAY_MS = 86_400_000
const HOMES = { row: 3_000, file: SMALL_UP_TO + 1 } as const

const openPool = (t: Teardown, databaseUrl: string): Pool => {
  const pool = createPool({ databaseUrl, max: 6, applicationName: 'test', onError: () => undefined })
  t.teardown(() => pool.end())
  return pool
}

const { url } = await createTestDatabase(t)
const pool = openPool(t, url)
t.afterEach(async () => {
  await pool.query('truncate small_blob')
})

async function newStore(t: Teardown, small: 'database' | 'files' = 'database') {
  const root = await temporaryFolder(t)
  const incidents: BlobIncident[] = []
  const report = (incident: BlobIncident) => incidents.push(incident)
  return { root, pool, incidents, store: databaseBlobStore({ pool, root, small, report }) }
}

const digest = (bytes: Uint8Array): Sha256 => sha256(createHash('sha256').update(bytes).digest('hex'))

async function put(store: BlobStore, ...contents: Uint8Array[]): Promise<Sha256[]> {
  const stage = await store.stage()
  const staged: Sha256[] = []
  for (const content of contents) staged.push((await stage.write(Readable.from([content]))).sha256)
  await stage.commit()
  await stage.discard()
  return staged
}

t.test('what is small lies in the database, what is longer in a file', async (t) => {
  const { store, root } = await newStore(t)
  const contents = [0, 1, SMALL_UP_TO, SMALL_UP_TO + 1, 300_000].map((length) => randomBytes(length))
  const blobs = await put(store, ...contents)
  for (const [index, content] of contents.entries()) {
    const blob = blobs[index]!
    t.equal(await isRow({ pool, root }, blob), content.length <= SMALL_UP_TO, `${content.length} bytes`)
    t.equal(await store.length(blob), content.length)
    t.ok((await buffer(store.read(blob))).equals(content))
    t.ok((await buffer(store.readVerified(blob))).equals(content))
    t.ok(content.equals(await store.readWhole(blob, content.length)))
    await store.require(blob, content.length)
    t.same(await store.examine(blob), { bytes: content.length, damage: null })
  }
  t.equal((await listStored({ pool, root })).length, contents.length)
})

t.test(
  'a stage gives what is small to the transaction that names it, and nothing of it is there before',
  async (t) => {
    const { store, root } = await newStore(t)
    const contents = [randomBytes(100), randomBytes(50_000)]
    const stage = await store.stage()
    for (const content of contents) await stage.write(Readable.from([content]))
    const small = await stage.commitFiles()
    t.same(
      small.map((blob) => blob.sha256),
      [digest(contents[0]!)],
    )
    t.equal(
      await store.length(digest(contents[1]!)),
      50_000,
      'what is long is durable before the transaction',
    )
    // Here a process may die: what is small is nowhere, and nothing names it.
    t.equal(await store.length(digest(contents[0]!)), undefined)
    await inTransaction(pool, (db) => writeTogether(db, [writeSmallBlobs(small)]))
    await stage.discard()
    t.same(await listStored({ pool, root }), contents.map(digest).sort())
  },
)

t.test('parts of a blob are read alike in both homes', async (t) => {
  const { store } = await newStore(t)
  for (const length of Object.values(HOMES)) {
    const content = randomBytes(length)
    const [blob] = await put(store, content)
    const range = fc.record({ start: fc.nat(length + 10), end: fc.nat(length + 10) })
    await fc.assert(
      fc.asyncProperty(range, async (part) => {
        const read = await buffer(store.read(blob!, part))
        return read.equals(content.subarray(part.start, Math.max(part.start, part.end)))
      }),
      { numRuns: 40 },
    )
  }
})

t.test('files from before are found, and so is what becomes a row beside one', async (t) => {
  const { store, root, incidents } = await newStore(t)
  const content = randomBytes(500)
  const [blob] = await put(directoryBlobStore(root), content)
  t.ok(content.equals(await store.readWhole(blob!, 500)))
  t.equal(await store.length(blob!), 500)
  await put(store, content)
  t.ok(await isRow({ pool, root }, blob!))
  await writeFile(blobPath(root, blob!), 'khác')
  t.ok(content.equals(await store.readWhole(blob!, 500)), 'the row is the one')
  t.same(incidents, [])
})

t.test('in files, as long as processes of an older release read them', async (t) => {
  const { store, root } = await newStore(t, 'files')
  const [row] = await put((await newStore(t)).store, randomBytes(10))
  const content = randomBytes(500)
  const stage = await store.stage()
  const { sha256: blob } = await stage.write(Readable.from([content]))
  t.same(await stage.commitFiles(), [])
  t.equal(await directoryBlobStore(root).length(blob), 500, 'the older release finds it')
  t.notOk(await isRow({ pool, root }, blob))
  t.ok(content.equals(await store.readWhole(blob, 500)))
  t.equal(await store.length(row!), 10, 'and a row that another process wrote is found')
})

for (const [home, length] of Object.entries(HOMES))
  for (const damage of SPOILT)
    t.test(`${damage} in a ${home} is found by whoever reads it, and mended by the same bytes`, async (t) => {
      const { store, root, incidents } = await newStore(t)
      const content = randomBytes(length)
      const [blob] = await put(store, content)
      await spoilStored({ pool, root }, blob!, damage)
      const damaged = { code: 'content-damaged' }
      await t.rejects(store.readWhole(blob!, length), damaged)
      await t.rejects(buffer(store.readVerified(blob!)), damaged)
      if (damage !== 'other-bytes') await t.rejects(store.require(blob!, length), damaged)
      t.ok(incidents.length >= 2)
      t.match(incidents[0], { kind: 'damaged-blob-found', blob, damage })
      const examined = damage === 'missing' ? 'missing' : 'other-bytes'
      t.match(await store.examine(blob!), { damage: examined })
      incidents.length = 0
      await put(store, content)
      t.ok(content.equals(await store.readWhole(blob!, length)))
      if (damage === 'missing') t.same(incidents, [])
      else t.match(incidents, [{ kind: 'damaged-blob-replaced', blob }])
    })

t.test('a file from a backup takes the place of a row that is damaged or gone', async (t) => {
  for (const damage of SPOILT) {
    const { store, root, incidents } = await newStore(t)
    const content = randomBytes(500)
    const [blob] = await put(store, content)
    await spoilStored({ pool, root }, blob!, damage)
    t.not((await store.examine(blob!)).damage, null)
    await mkdir(dirname(blobPath(root, blob!)), { recursive: true })
    await writeFile(blobPath(root, blob!), content)
    t.match(await store.examine(blob!), { bytes: 500, damage: null }, damage)
    t.ok(content.equals(await store.readWhole(blob!, 500)))
    await store.require(blob!, 500)
    t.ok((await buffer(store.readVerified(blob!))).equals(content))
    t.ok((await buffer(store.read(blob!, { start: 3, end: 9 }))).equals(content.subarray(3, 9)))
    t.same(incidents, [])
  }
})

t.test('what is damaged in a row is given as it is only by who looks at it himself', async (t) => {
  const { store, root, incidents } = await newStore(t)
  const [blob] = await put(store, randomBytes(500))
  await spoilStored({ pool, root }, blob!, 'other-length')
  t.equal((await buffer(store.read(blob!))).length, 10)
  t.same(incidents, [])
})

t.test('reading', async (t) => {
  t.test('at the same time shares queries', async (t) => {
    const { store } = await newStore(t)
    const contents = Array.from({ length: 40 }, () => randomBytes(200))
    const blobs = await put(store, ...contents)
    let queries = 0
    const count = () => {
      queries += 1
    }
    pool.on('acquire', count)
    t.teardown(() => pool.off('acquire', count))
    const read = await Promise.all(blobs.map((blob) => store.readWhole(blob, 200)))
    t.ok(read.every((bytes, index) => contents[index]!.equals(bytes)))
    t.ok(queries <= 3, `${queries} queries`)
  })

  t.test('a row that PostgreSQL cannot read is damaged, and keeps nobody from the others', async (t) => {
    const own = await createTestDatabase(t)
    const pool = openPool(t, own.url)
    const incidents: BlobIncident[] = []
    const report = (incident: BlobIncident) => incidents.push(incident)
    const store = databaseBlobStore({ pool, root: await temporaryFolder(t), small: 'database', report })
    const [sound, rotten] = await put(store, randomBytes(10), randomBytes(20))
    await pool.query(`alter table small_blob rename to on_disk;
      create function unreadable() returns bytea language plpgsql as
        $$ begin raise 'missing chunk number 0 for toast value' using errcode = 'XX001'; end $$;
      create view small_blob as select sha256, stored_at,
        case when sha256 = '${rotten}' then unreadable() else bytes end as bytes from on_disk`)
    const reads = await Promise.allSettled([
      store.readWhole(sound!, 10),
      store.readWhole(rotten!, 20),
      buffer(store.read(rotten!)),
    ])
    t.match(reads, [
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'content-damaged' } },
      { status: 'rejected', reason: { code: 'content-damaged' } },
    ])
    t.match(incidents[0], { blob: rotten, damage: 'unreadable' })
    t.same(await store.examine(rotten!), { bytes: 0, damage: 'unreadable' })
  })

  t.test('while the database is away says so', async (t) => {
    const gone = createPool({
      databaseUrl: 'postgres://127.0.0.1:9/tram',
      max: 1,
      applicationName: 'test',
      onError: () => undefined,
    })
    t.teardown(() => gone.end())
    const store = databaseBlobStore({ pool: gone, root: await temporaryFolder(t), small: 'database' })
    const blob = digest(randomBytes(1))
    const away = { code: 'database-unavailable' }
    await t.rejects(store.readWhole(blob, 1), away)
    await t.rejects(buffer(store.readVerified(blob)), away)
    await t.rejects(store.length(blob), away)
    await t.rejects(put(store, randomBytes(10)), away)
  })
})

t.test('old blobs of both homes are listed by pages, each once, and removed from both', async (t) => {
  const { store, root } = await newStore(t)
  const rows = Array.from({ length: 30 }, () => randomBytes(10))
  const files = Array.from({ length: 30 }, () => randomBytes(10))
  const both = Array.from({ length: 10 }, () => randomBytes(10))
  await put(store, ...rows, ...both)
  await put(directoryBlobStore(root), ...files, ...both)
  await ageStored({ pool, root }, 2 * DAY_MS)
  const young = await put(store, randomBytes(10), randomBytes(50_000))
  const expected = [...rows, ...files, ...both].map(digest).sort()
  for (const limit of [1, 7, 1_000])
    for (const begin of ['', '8000']) {
      const listed: Sha256[] = []
      for (let from: string | null = begin; from !== null; ) {
        const page = await store.listOld(DAY_MS, from, limit)
        listed.push(...page.blobs)
        t.notOk(page.next !== null && page.next <= from, 'it goes on')
        from = page.next
      }
      t.same(
        [...new Set(listed)].sort(),
        expected.filter((blob) => blob > begin),
        `pages of ${limit} from '${begin}'`,
      )
    }
  for (const blob of expected) t.equal(await store.removeOld(blob, DAY_MS), true)
  for (const blob of young) t.equal(await store.removeOld(blob, DAY_MS), false)
  t.same(await listStored({ pool, root }), young.sort())
})

t.test('what is young in one home stays there when it is removed for its age in the other', async (t) => {
  const { store, root } = await newStore(t)
  const content = randomBytes(10)
  const [blob] = await put(directoryBlobStore(root), content)
  await ageStored({ pool, root }, 2 * DAY_MS)
  await put(store, content)
  t.equal(await store.removeOld(blob!, DAY_MS), true, 'the file')
  t.ok(content.equals(await store.readWhole(blob!, 10)))
  await ageStored({ pool, root }, 2 * DAY_MS)
  await mkdir(dirname(blobPath(root, blob!)), { recursive: true })
  await writeFile(blobPath(root, blob!), content)
  t.equal(await store.removeOld(blob!, DAY_MS), true, 'the row')
  t.ok(content.equals(await store.readWhole(blob!, 10)))
})

t.test('nothing small touches the disk of the files', async (t) => {
  const { store, root } = await newStore(t)
  await put(store, randomBytes(100), randomBytes(SMALL_UP_TO))
  t.same(await readdir(root, { recursive: true }), [])
})
