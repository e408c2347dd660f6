import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { adoptStore } from '../../src/backup/adopt-store.ts'
import { directoryBlobStore } from '../../src/blobs/directory-store.ts'
import type { BlobStore } from '../../src/blobs/store.ts'
import { openBlobs } from '../../src/context/open-blobs.ts'
import { findDocument } from '../../src/db/documents.ts'
import { createPool, type Pool } from '../../src/db/pool.ts'
import { backupWorld } from '../support/backup-world.ts'
import { serveApp } from '../support/http-app.ts'
import { documentPacket } from '../support/packets.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { waitFor } from '../support/wait-for.ts'

const ID_FILE = 'store-id'
const LARGE = 60_000
const UNAVAILABLE = { code: 'storage-unavailable', retryAfter: 5 }

const world = await backupWorld(t)
const { gateway } = world
const { pool, blobs, config } = gateway.api
const root = config.blobs

let serial = 0
async function submit(attachment: number) {
  serial += 1
  const packet = await documentPacket({
    from: 'G90',
    to: ['H90'],
    documentId: `G90,2026/11/20,${1_000 + serial}/BTN`,
    attachments: [{ name: 'tệp.txt', type: 'text/plain', bytes: randomBytes(attachment) }],
  })
  const { document: key } = (await gateway.submit('G90', packet)).claims
  const { packetSha256, packetLength } = (await findDocument(pool, key))!
  return { packet, read: () => blobs.readWhole(packetSha256, packetLength) }
}

const countOf = async (table: string): Promise<number> =>
  (await pool.query<{ count: number }>(`select count(*) from ${table}`)).rows[0]!.count

const idIn = async (folder: string): Promise<string> => (await readFile(join(folder, ID_FILE), 'utf8')).trim()

const idKnownTo = async (db: Pick<Pool, 'query'>): Promise<string | undefined> =>
  (await db.query<{ id: string }>('select id from blob_store')).rows[0]?.id

const ADOPTIONS = "select actor, detail from audit_event where kind = 'blob-store-adopted' order by at"

const adoptions = async (db: Pick<Pool, 'query'>): Promise<unknown[]> => (await db.query(ADOPTIONS)).rows

/** Puts an empty folder where the store was, as a volume does that is not mounted. Answers how the store comes back. */
async function unmount(fill: (folder: string) => Promise<unknown> = async () => undefined) {
  await rename(root, `${root}.away`)
  await mkdir(root)
  await fill(root)
  return async () => {
    await rm(root, { recursive: true })
    await rename(`${root}.away`, root)
  }
}

t.test('an empty folder in the place of the store is not taken for it', async (t) => {
  const served = await serveApp(t, gateway)
  const stored = await submit(LARGE)
  t.same(await stored.read(), stored.packet)
  const documents = await countOf('document')
  const mount = await unmount()
  const answer = await served.ask('/readyz')
  t.equal(answer.status, 503)
  t.match(answer.json(), { checks: [{}, {}, { name: 'blobs', state: 'down', reason: 'unavailable' }] })
  await t.rejects(submit(LARGE), UNAVAILABLE, 'a packet that becomes a file')
  await t.rejects(submit(2_000_000), UNAVAILABLE, 'a packet that is a file while it comes in')
  await t.rejects(stored.read(), UNAVAILABLE, 'which is no damage')
  await t.rejects(blobs.listOld(0, '', 10), UNAVAILABLE, 'nor anything to sweep')
  t.equal(await countOf('document'), documents)
  t.equal(await countOf('damaged_blob'), 0)
  t.strictSame(await readdir(root), [], 'nothing is stored where it would be lost')
  const small = await submit(100)
  t.same(await small.read(), small.packet, 'what lies in the database needs no files')
  await mount()
  await waitFor(async () => (await served.ask('/readyz')).status === 200)
  t.same(await stored.read(), stored.packet)
  const after = await submit(LARGE)
  t.same(await after.read(), after.packet)
})

t.test('nor is the store of another gateway, or one whose id cannot be read', async (t) => {
  const fillings: Record<string, (folder: string) => Promise<unknown>> = {
    'of another gateway': (folder) => writeFile(join(folder, ID_FILE), randomUUID()),
    'no id': (folder) => writeFile(join(folder, ID_FILE), 'x'),
    'cut short': (folder) => writeFile(join(folder, ID_FILE), ''),
    unreadable: (folder) => mkdir(join(folder, ID_FILE)),
  }
  for (const [what, fill] of Object.entries(fillings)) {
    const mount = await unmount(fill)
    await t.rejects(blobs.probe(), UNAVAILABLE, what)
    await t.rejects(submit(LARGE), UNAVAILABLE, what)
    await mount()
    await t.resolves(blobs.probe())
  }
})

/** A database that knows no store, and processes that open one each. */
async function freshDatabase(t: Teardown) {
  const { url: databaseUrl } = await createTestDatabase(t)
  const fresh = createPool({ databaseUrl, max: 4, applicationName: 'test', onError: () => undefined })
  t.teardown(() => fresh.end())
  const open = (blobs: string, makes = true): BlobStore =>
    openBlobs({ blobs, smallBlobs: 'database' }, fresh, { makes })
  return { fresh, open }
}

async function put(store: BlobStore, bytes: Uint8Array) {
  const stage = await store.stage()
  const { sha256 } = await stage.write(Readable.from([bytes]))
  await stage.commit()
  await stage.discard()
  return sha256
}

t.test('processes that start at once on a new database agree on one store', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const { fresh, open } = await freshDatabase(t)
    const folder = join(await temporaryFolder(t), 'blobs')
    await Promise.all([1, 2, 3].map(() => open(folder).probe()))
    t.equal(await idIn(folder), await idKnownTo(fresh))
    t.strictSame(await readdir(folder), [ID_FILE])
  }
})

t.test('of two folders for one new database one is its store', async (t) => {
  const { fresh, open } = await freshDatabase(t)
  const folders = [join(await temporaryFolder(t), 'a'), join(await temporaryFolder(t), 'b')]
  const ends = await Promise.allSettled(folders.map((folder) => open(folder).probe()))
  t.strictSame(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const [its] = folders.filter((_, index) => ends[index]!.status === 'fulfilled')
  t.equal(await idIn(its!), await idKnownTo(fresh))
})

t.test(
  'a folder with blobs of the release before becomes the store, by a process that may make one',
  async (t) => {
    const { fresh, open } = await freshDatabase(t)
    const folder = await temporaryFolder(t)
    const bytes = randomBytes(LARGE)
    const blob = await put(directoryBlobStore(folder), bytes)
    t.same(await buffer(open(folder, false).readVerified(blob)), bytes)
    await open(folder, false).probe()
    t.equal(await idKnownTo(fresh), undefined, 'a command ties nothing')
    const store = open(folder)
    await put(store, randomBytes(LARGE))
    t.equal(await idIn(folder), await idKnownTo(fresh))
    t.same(await buffer(store.readVerified(blob)), bytes)
    const copy = join(await temporaryFolder(t), 'new-disk')
    await rename(folder, copy)
    await t.resolves(open(copy).probe(), 'the store may move')
    await t.rejects(open(folder).probe(), UNAVAILABLE)
    t.notOk((await readdir(join(folder, '..'))).includes('blobs'), 'and is not made where it was')
  },
)

t.test('without a database nothing is tied, and nothing is stored', async (t) => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing'
  const away = createPool({ databaseUrl, max: 1, applicationName: 'test', onError: () => undefined })
  t.teardown(() => away.end())
  const folder = await temporaryFolder(t)
  const store = openBlobs({ blobs: folder, smallBlobs: 'database' }, away, { makes: true })
  await t.rejects(store.probe(), { code: 'database-unavailable' })
  await t.rejects(put(store, randomBytes(LARGE)), { code: 'database-unavailable' })
  t.strictSame(await readdir(folder), [])
})

t.test('what was restored has a store of its own, also where a gateway had started', async (t) => {
  await submit(LARGE)
  t.match(await world.tram('backup', '--to', world.folder), { exit: 0 })
  for (const hadStarted of [false, true]) {
    const machine = await world.emptyMachine(t)
    if (hadStarted) {
      t.match(await machine.tram('migrate'), { exit: 0 })
      await (await machine.open()).blobs.probe()
    }
    const restored = await machine.tram('restore', '--from', world.folder)
    t.equal(restored.exit, 0, restored.err)
    const [known] = await machine.query<{ id: string }>('select id from blob_store')
    t.equal(await idIn(machine.variables.TRAM_BLOBS!), known!.id)
    t.not(known!.id, await idKnownTo(pool), 'the store that was backed up is not mistaken for it')
    // Where the gateway had started, the folder was its store already.
    const adopted = hadStarted ? [] : [{ before: null, after: known!.id }]
    t.match(
      await machine.query(ADOPTIONS),
      adopted.map((detail) => ({ detail })),
    )
    await t.resolves((await machine.open()).blobs.probe())
  }
})

t.test('doctor says which store is wrong, and takes another where the operator says so', async (t) => {
  t.match(await world.tram('doctor'), { out: /ok +kho tệp\/blob store: .* is writable/ })
  const { read, packet } = await submit(LARGE)
  const known = await idKnownTo(pool)
  const mount = await unmount()
  const told = await world.tram('doctor')
  t.equal(told.exit, 1)
  t.match(told.out, new RegExp(`failed +kho tệp/blob store: .*${known}.*tram doctor --adopt-store`))
  t.match(await world.tram('verify-store'), { exit: 1, err: /storage-unavailable/ })
  t.match(await world.tram('backup', '--to', world.folder), { exit: 1, err: /storage-unavailable/ })
  t.equal(await countOf('damaged_blob'), 0)
  t.strictSame(await readdir(root), [], 'looking makes nothing')
  t.strictSame(await adoptions(pool), [], 'and is no event')
  t.match((await world.tram('doctor', '--adopt-store')).out, /ok +kho tệp\/blob store: .*verify-store/)
  t.not(await idKnownTo(pool), known)
  const adopted = await idIn(root)
  t.equal(adopted, await idKnownTo(pool))
  const actor = `cli:${userInfo().username}`
  const first = { actor, detail: { folder: root, before: known, after: adopted } }
  t.strictSame(await adoptions(pool), [first])
  await world.tram('doctor', '--adopt-store')
  t.strictSame(await adoptions(pool), [first], 'what changes nothing is no event')
  await t.resolves(blobs.probe(), 'processes that run see it')
  await submit(LARGE)
  await t.rejects(read(), { code: 'content-damaged' }, 'lost for good, as far as this store knows')
  await mount()
  await t.rejects(blobs.probe(), UNAVAILABLE)
  t.match(await world.tram('doctor', '--adopt-store'), { out: new RegExp(known!) })
  const second = { actor, detail: { folder: root, before: adopted, after: known } }
  t.strictSame(await adoptions(pool), [first, second])
  await t.resolves(blobs.probe())
  t.same(await read(), packet)
})

t.test('a store that could not be put on record is not adopted', async (t) => {
  const { fresh } = await freshDatabase(t)
  const folder = await temporaryFolder(t)
  const adopt = (actor: string) => adoptStore({ pool: fresh, blobs: folder, actor })
  await t.rejects(adopt('cli:\0'), 'the database takes no such actor')
  t.equal(await idKnownTo(fresh), undefined)
  t.equal(await adopt('cli:an'), await idKnownTo(fresh))
  const detail = { folder, before: null, after: await idIn(folder) }
  t.strictSame(await adoptions(fresh), [{ actor: 'cli:an', detail }])
})
