import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type BlobSource, copyBlobs } from '../../../src/backup/copy-blobs.ts'
import { blobFolder, blobPath } from '../../../src/blobs/files.ts'
import { type Sha256, sha256 } from '../../../src/domain/identifiers.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CONTENTS = ['một', 'hai', 'ba'].map((text) => Buffer.from(text))
const nameOf = (bytes: Uint8Array): Sha256 => sha256(createHash('sha256').update(bytes).digest('hex'))
const NAMES = CONTENTS.map(nameOf)

async function put(root: string, blob: Sha256, bytes: Uint8Array): Promise<void> {
  await mkdir(blobFolder(root, blob), { recursive: true })
  await writeFile(blobPath(root, blob), bytes)
}

/** A store that holds everything, and a pool that holds nothing. */
async function twoFolders(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = await temporaryFolder(t)
  const [from, to] = [join(folder, 'store'), join(folder, 'pool')]
  for (const [index, blob] of NAMES.entries()) await put(from, blob, CONTENTS[index]!)
  const source: BlobSource = { folder: from, findSmall: async () => undefined }
  return { from, to, source }
}

async function* all() {
  yield NAMES
}

t.test('what is there already is read again where it is due, and damage is copied over', async (t) => {
  const { to, source } = await twoFolders(t)
  for (const blob of NAMES) await put(to, blob, Buffer.from('hỏng'))
  const [first, second, third] = NAMES as [Sha256, Sha256, Sha256]
  const isDue = (blob: Sha256) => blob !== third
  t.match(await copyBlobs(all(), source, to, isDue), {
    copied: 2,
    present: 1,
    replaced: [first, second].sort(),
    missing: [],
  })
  t.strictSame(await readFile(blobPath(to, first)), CONTENTS[0])
  t.match(await copyBlobs(all(), source, to, isDue), { copied: 0, present: 3, replaced: [] })
})

t.test('damage that the store cannot mend is named as missing, and stays where it is', async (t) => {
  const { to, source, from } = await twoFolders(t)
  await put(to, NAMES[0]!, Buffer.from('hỏng'))
  await put(from, NAMES[0]!, Buffer.from('cũng hỏng'))
  const copied = await copyBlobs(all(), source, to, () => true)
  t.match(copied, { copied: 2, replaced: [], missing: [NAMES[0]] })
  t.strictSame(await readFile(blobPath(to, NAMES[0]!)), Buffer.from('hỏng'))
})

t.test('copying that fails leaves nothing behind', async (t) => {
  const { to, source } = await twoFolders(t)
  async function* cutOff() {
    yield NAMES.slice(0, 1)
    throw new Error('ENOSPC')
  }
  await t.rejects(copyBlobs(cutOff(), source, to), { message: 'ENOSPC' })
  t.strictSame(await readdir(join(to, 'incoming')), [])
})

t.test('what a killed backup left is removed, what another one writes is not', async (t) => {
  const { to, source } = await twoFolders(t)
  const [left, busy] = [join(to, 'incoming', 'left'), join(to, 'incoming', 'busy')]
  for (const folder of [left, busy]) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, NAMES[0]!), 'nửa chừng')
  }
  const before = new Date(Date.now() - 13 * 3_600_000)
  await utimes(left, before, before)
  await copyBlobs(all(), source, to)
  t.strictSame(await readdir(join(to, 'incoming')), ['busy'])
  t.ok(await stat(join(busy, NAMES[0]!)))
})
