import { createHash, randomBytes } from 'node:crypto'
import fs, {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { directoryBlobStore } from '../../../src/blobs/directory-store.ts'
import { FolderSyncs } from '../../../src/blobs/folder-syncs.ts'
import { HELD_UP_TO } from '../../../src/blobs/held-bytes.ts'
import { discardingStage, memoryStage } from '../../../src/blobs/memory-stage.ts'
import { storageError } from '../../../src/blobs/storage-error.ts'
import type { BlobIncident, BlobStage, BlobStore } from '../../../src/blobs/store.ts'
import { type Sha256, sha256 } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { type Teardown, temporaryFolder } from '../../support/temporary-folder.ts'

const digest = (bytes: Uint8Array): Sha256 => sha256(createHash('sha256').update(bytes).digest('hex'))
const stream = (...chunks: Uint8Array[]): Readable => Readable.from(chunks)
const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8')
/** More than a stage keeps in memory. */
const large = (text: string): Buffer => Buffer.alloc(HELD_UP_TO + 1, text)

async function newStore(t: Teardown) {
  const root = await temporaryFolder(t)
  const files = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  }
  const incidents: BlobIncident[] = []
  return { root, store: directoryBlobStore(root, (incident) => incidents.push(incident)), files, incidents }
}

async function put(store: BlobStore, content: Uint8Array): Promise<Sha256> {
  const stage = await store.stage()
  const { sha256 } = await stage.write(stream(content))
  await stage.commit()
  await stage.discard()
  return sha256
}

/** Puts another function into node:fs/promises until the test ends. */
function patchFiles<K extends 'rename' | 'rm'>(
  t: Teardown,
  name: K,
  make: (original: (typeof fs)[K]) => (typeof fs)[K],
) {
  const original = fs[name]
  fs[name] = make(original)
  syncBuiltinESMExports()
  const restore = () => {
    fs[name] = original
    syncBuiltinESMExports()
  }
  t.teardown(restore)
  return restore
}

const pathOf = (blob: Sha256): string => join(blob.slice(0, 2), blob.slice(2, 4), blob)

/** Puts another method into every file handle of this process until the test ends. */
async function patchHandles<K extends 'write' | 'sync'>(
  t: Teardown,
  method: K,
  make: (original: FileHandle[K]) => FileHandle[K],
) {
  const handle = await open('/dev/null')
  await handle.close()
  const prototype: FileHandle = Object.getPrototypeOf(handle)
  const original = prototype[method]
  prototype[method] = make(original)
  t.teardown(() => {
    prototype[method] = original
  })
}

t.test('staging hashes as it goes, and shows nothing before the commit', async (t) => {
  const { store, files } = await newStore(t)
  const stage = await store.stage()
  const [one, two] = [randomBytes(100_000), randomBytes(1)]
  const staged = await stage.write(stream(one, two))
  const whole = Buffer.concat([one, two])
  t.strictSame(staged, { sha256: digest(whole), length: whole.length })
  t.same(await buffer(stage.read(staged.sha256)), whole)
  t.equal(await store.length(staged.sha256), undefined)
  t.strictSame(
    (await files()).filter((name) => !name.startsWith('incoming')),
    [],
  )

  await stage.commit()
  await stage.discard()
  t.strictSame(await files(), [pathOf(staged.sha256)], 'one file under its own name, and nothing else')
  t.equal(await store.length(staged.sha256), whole.length)
  t.same(await buffer(store.read(staged.sha256)), whole)
})

t.test('an empty blob is a blob', async (t) => {
  const { store } = await newStore(t)
  const stage = await store.stage()
  const staged = await stage.write(stream())
  await stage.commit()
  t.strictSame(staged, { sha256: digest(bytesOf('')), length: 0 })
  t.equal(await store.length(staged.sha256), 0)
})

t.test('what is discarded leaves nothing', async (t) => {
  const { root, store, files } = await newStore(t)
  const stage = await store.stage()
  await stage.write(stream(bytesOf('refused')))
  await stage.write(stream(large('refused')))
  await stage.discard()
  await stage.discard()
  t.strictSame(await files(), [])
  t.strictSame(await readdir(join(root, 'incoming')), [])
  await stage.commit()
  t.strictSame(await files(), [], 'nothing comes back by a late commit')
})

t.test('what grows out of memory on its way is one blob, read whole and in parts', async (t) => {
  const { root, store } = await newStore(t)
  const stage = await store.stage()
  const chunks = [randomBytes(HELD_UP_TO - 10), randomBytes(20), randomBytes(300_000)]
  const small = await stage.write(stream(bytesOf('before')))
  const staged = await stage.write(stream(...chunks))
  const whole = Buffer.concat(chunks)
  t.strictSame(staged, { sha256: digest(whole), length: whole.length })
  t.same(await buffer(stage.read(staged.sha256, { start: 5, end: 400_000 })), whole.subarray(5, 400_000))
  t.equal(stage.bytes(staged.sha256), undefined)
  t.same(stage.bytes(small.sha256), bytesOf('before'))
  await stage.commit()
  await stage.discard()
  t.same(await buffer(store.read(staged.sha256)), whole)
  t.same(await buffer(store.read(small.sha256)), bytesOf('before'))
  t.strictSame(await readdir(join(root, 'incoming')), [])
})

t.test('chunks whose memory is used again, and folders that somebody removed, harm nothing', async (t) => {
  const { root, store } = await newStore(t)
  async function* reused() {
    const memory = Buffer.alloc(4)
    for (const word of ['một ', 'hai ']) {
      memory.fill(word)
      yield memory
    }
  }
  const stage = await store.stage()
  const { sha256: blob } = await stage.write(reused())
  t.same(await buffer(stage.read(blob)), Buffer.concat([Buffer.alloc(4, 'một '), Buffer.alloc(4, 'hai ')]))
  await stage.commit()
  await rm(join(root, blob.slice(0, 2)), { recursive: true })
  await rm(join(root, 'incoming'), { recursive: true })
  const again = await store.stage()
  await again.write(reused())
  await again.commit()
  t.equal(await store.length(blob), 8)
})

t.test(
  'whoever asks for a folder on disk while it is being synced gets a sync of its own, shared with others',
  async (t) => {
    const root = await temporaryFolder(t)
    const folders = new FolderSyncs(root)
    const blobs = ['00', '01', '02', '03'].map((end) => sha256(`${'a'.repeat(62)}${end}`))
    for (const blob of blobs) await folders.make(blob)
    await folders.settle(blobs[0]!)
    let synced = 0
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    await patchHandles(t, 'sync', () => async () => {
      synced += 1
      if (synced === 1) await held
    })
    const ends = blobs.map((blob) => folders.settle(blob))
    let isLateDone = false
    void ends[3]!.then(() => {
      isLateDone = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    t.notOk(isLateDone)
    letGo()
    await Promise.all(ends)
    t.equal(synced, 2)
  },
)

t.test('a source that breaks leaves nothing in the stage, and its error comes through', async (t) => {
  const { store, files } = await newStore(t)
  const stage = await store.stage()
  async function* broken() {
    yield bytesOf('first part')
    throw new GatewayError('payload-too-large')
  }
  await t.rejects(stage.write(broken()), { name: 'GatewayError', code: 'payload-too-large' })
  t.strictSame(await files(), [])
  await stage.commit()
  t.strictSame(await files(), [])
})

t.test('the same content is one blob', async (t) => {
  const { store, files } = await newStore(t)
  const content = bytesOf('thông tư')

  t.test('twice in one stage', async (t) => {
    const stage = await store.stage()
    t.strictSame(await stage.write(stream(content)), await stage.write(stream(content)))
    await stage.commit()
    await stage.discard()
    t.equal((await files()).length, 1)
  })

  t.test('staged and committed by many at once', async (t) => {
    const stages = await Promise.all(Array.from({ length: 20 }, () => store.stage()))
    await Promise.all(stages.map((stage) => stage.write(stream(content))))
    await Promise.all(stages.map((stage) => stage.commit()))
    await Promise.all(stages.map((stage) => stage.discard()))
    t.strictSame(await files(), [pathOf(digest(content))])
    t.same(await buffer(store.read(digest(content))), content)
  })

  t.test('written to one stage by two at once', async (t) => {
    const stage = await store.stage()
    const other = bytesOf('công văn')
    await Promise.all([stage.write(stream(other)), stage.write(stream(other))])
    await stage.commit()
    await stage.discard()
    t.same(await buffer(store.read(digest(other))), other)
  })

  t.test('a commit twice is one', async (t) => {
    const stage = await store.stage()
    await stage.write(stream(content))
    await stage.commit()
    await stage.commit()
    t.equal(await store.length(digest(content)), content.length)
  })
})

t.test(
  'a blob is on disk before its name is, and its name before the commit ends',
  { skip: process.platform !== 'linux' && 'reads /proc' },
  async (t) => {
    const { root, store } = await newStore(t)
    const synced: string[] = []
    await patchHandles(
      t,
      'sync',
      (original) =>
        async function (this: FileHandle) {
          const path = relative(root, await readlink(`/proc/self/fd/${this.fd}`))
          synced.push(`${path.startsWith('incoming') ? 'bytes' : path}${(await exists()) ? ' (named)' : ''}`)
          return original.call(this)
        },
    )
    const content = randomBytes(10)
    const blob = digest(content)
    const exists = async () => (await store.length(blob)) !== undefined
    const folder = join(blob.slice(0, 2), blob.slice(2, 4))

    const stage = await store.stage()
    await stage.write(stream(content))
    await stage.commit()
    t.strictSame(
      synced,
      ['..', 'bytes', `${folder} (named)`, `${blob.slice(0, 2)} (named)`, ' (named)'],
      "first of all the root's own entry in its parent",
    )

    synced.length = 0
    const again = await store.stage()
    await again.write(stream(content))
    await again.commit()
    t.strictSame(
      synced,
      ['bytes (named)', `${folder} (named)`],
      'also where another process may have named it',
    )
  },
)

t.test('a range is what it says, start inclusive and end exclusive', async (t) => {
  const { store } = await newStore(t)
  const content = randomBytes(300)
  const stage = await store.stage()
  const memory = memoryStage()
  const { sha256: blob } = await stage.write(stream(content))
  await memory.write(stream(content))
  await stage.commit()
  const position = fc.integer({ min: 0, max: content.length })
  await fc.assert(
    fc.asyncProperty(position, position, async (a, b) => {
      const range = { start: Math.min(a, b), end: Math.max(a, b) }
      const expected = content.subarray(range.start, range.end)
      for (const from of [store, stage, memory])
        if (!expected.equals(await buffer(from.read(blob, range)))) return false
      return true
    }),
    { numRuns: 50 },
  )
})

t.test('a full disk and a broken one are told apart', async (t) => {
  const { store, files } = await newStore(t)
  const failing: Record<string, string> = {
    ENOSPC: 'storage-full',
    EDQUOT: 'storage-full',
    EIO: 'storage-unavailable',
    EROFS: 'storage-unavailable',
  }
  for (const [code, problem] of Object.entries(failing)) {
    await t.test(code, async (t) => {
      const stage = await store.stage()
      await stage.write(stream(bytesOf('content')))
      await patchHandles(t, 'write', () => () => Promise.reject(Object.assign(new Error(code), { code })))
      await t.rejects(stage.write(stream(large('content'))), { name: 'GatewayError', code: problem })
      await t.rejects(
        stage.commit(),
        { name: 'GatewayError', code: problem },
        'what is small, when it is committed',
      )
      await stage.discard()
      t.strictSame(await files(), [], 'nothing is left of it')
    })
  }
  await t.test('while the name is made durable', async (t) => {
    const stage = await store.stage()
    await stage.write(stream(bytesOf('content')))
    await patchHandles(
      t,
      'sync',
      () => () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
    )
    await t.rejects(stage.commit(), { code: 'storage-unavailable' })
  })
  const already = new GatewayError('payload-too-large')
  t.equal(storageError(already), already, 'what is a problem already stays the one it is')
  t.equal(storageError(Object.assign(new Error('x'), { code: 'ENOSPC' })).retryAfter, 60)
  t.equal(storageError('no error').code, 'storage-unavailable')
})

t.test('a short write is written on', async (t) => {
  const { store } = await newStore(t)
  await patchHandles(
    t,
    'write',
    (original) =>
      function (this: FileHandle, data: unknown, offset: unknown) {
        if (!(data instanceof Uint8Array) || typeof offset !== 'number')
          throw new TypeError('written otherwise')
        return original.call(
          this,
          Buffer.from(data).toString('latin1', offset, offset + Math.max(7, data.length >> 1)),
          null,
          'latin1',
        )
      } as FileHandle['write'],
  )
  for (const content of [randomBytes(100), randomBytes(HELD_UP_TO + 1)])
    t.same(await buffer(store.read(await put(store, content))), content)
})

t.test('a store that is not there says so', async (t) => {
  const { root, store } = await newStore(t)
  await store.probe()
  const inTheWay = join(root, 'file')
  await writeFile(inTheWay, '')
  const impossible = directoryBlobStore(join(inTheWay, 'blobs'))
  await t.rejects(impossible.probe(), { code: 'storage-unavailable' })
  await t.rejects(impossible.stage(), { code: 'storage-unavailable' })
  await t.rejects(impossible.length(digest(bytesOf('x'))), { code: 'storage-unavailable' })
})

t.test('stages that a killed process left are swept, others are not', async (t) => {
  const { root, store, files } = await newStore(t)
  t.equal(await store.sweep(0), 0, 'where nothing was ever staged')
  const [abandoned, living] = [await store.stage(), await store.stage()]
  await abandoned.write(stream(large('abandoned')))
  const kept = await living.write(stream(large('living')))
  const [folder] = await Promise.all(
    (await readdir(join(root, 'incoming'))).map(async (name) => {
      const path = join(root, 'incoming', name)
      const [file] = await readdir(path)
      return (await readFile(join(path, file!), 'utf8')).startsWith('abandoned') ? path : null
    }),
  ).then((found) => found.filter((path) => path !== null))
  const yesterday = new Date(Date.now() - 86_400_000)
  await utimes(folder!, yesterday, yesterday)
  const file = join(root, 'incoming', 'left-in-the-middle-of-a-commit')
  await writeFile(file, 'aban')
  await utimes(file, yesterday, yesterday)
  t.equal(await store.sweep(3_600_000), 2)
  await living.commit()
  t.ok((await files()).includes(pathOf(kept.sha256)))
  t.equal(await store.length(digest(large('abandoned'))), undefined)
})

t.test('stages for tools learn the same of the same bytes', async (t) => {
  const content = randomBytes(1000)
  const stages: BlobStage[] = [memoryStage(), discardingStage()]
  for (const stage of stages)
    t.strictSame(await stage.write(stream(content)), { sha256: digest(content), length: content.length })
  t.throws(() => discardingStage().read(digest(content)), { code: 'storage-unavailable' })
  t.throws(() => memoryStage().read(digest(content)), { code: 'storage-unavailable' })
})

t.test('a damaged blob gets its bytes back when they come in again', async (t) => {
  const damages: Record<string, { damage: (path: string) => Promise<void>; told: RegExp | null }> = {
    'cut short': { damage: (path) => truncate(path, 100), told: /^100 bytes instead of 5000$/ },
    'too long': { damage: (path) => appendFile(path, 'x'), told: /^5001 bytes instead of 5000$/ },
    'of other bytes': { damage: (path) => writeFile(path, Buffer.alloc(5000)), told: /^other bytes$/ },
    sound: { damage: async () => {}, told: null },
  }
  for (const [name, { damage, told }] of Object.entries(damages)) {
    await t.test(name, async (t) => {
      const { root, store, files, incidents } = await newStore(t)
      const content = randomBytes(5000)
      const blob = await put(store, content)
      await damage(join(root, pathOf(blob)))
      const reader = store.read(blob)
      t.equal(await put(store, content), blob)
      t.same(await buffer(store.read(blob)), content)
      t.strictSame(await files(), [pathOf(blob)])
      t.equal(incidents.length, told === null ? 0 : 1)
      if (told !== null) t.match(incidents[0], { kind: 'damaged-blob-replaced', blob, detail: told })
      reader.destroy()
    })
  }
  await t.test('a long one of other bytes is mended too, unseen', async (t) => {
    const { root, store, incidents } = await newStore(t)
    const content = Buffer.alloc(17 * 1024 * 1024, 1)
    const blob = await put(store, content)
    await writeFile(join(root, pathOf(blob)), Buffer.alloc(content.length))
    await put(store, content)
    t.ok(content.equals(await buffer(store.read(blob))))
    t.strictSame(incidents, [])
  })
  await t.test('of many at once that find it', async (t) => {
    const { root, store, files } = await newStore(t)
    const content = randomBytes(5000)
    const blob = await put(store, content)
    await truncate(join(root, pathOf(blob)), 0)
    await Promise.all(Array.from({ length: 10 }, () => put(store, content)))
    t.same(await buffer(store.read(blob)), content)
    t.strictSame(await files(), [pathOf(blob)])
  })
})

t.test('what cannot be removed is reported, and fails nobody', async (t) => {
  const { store, incidents } = await newStore(t)
  const stage = await store.stage()
  const { sha256: blob } = await stage.write(stream(large('accepted')))
  await stage.commit()
  const restore = patchFiles(
    t,
    'rm',
    () => () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
  )
  await t.resolves(stage.discard())
  t.match(incidents, [{ kind: 'stage-not-removed', error: { code: 'EIO' } }])
  const other = await store.stage()
  await t.resolves(other.write(stream(large('also where it is a temporary file'))))
  async function* broken() {
    yield large('first part')
    throw new GatewayError('payload-too-large')
  }
  await t.rejects(other.write(broken()), { code: 'payload-too-large' }, 'the error that counts comes through')
  restore()
  t.equal(await store.length(blob), HELD_UP_TO + 1)
  t.equal(await store.sweep(-1), 2, 'and swept later')
})

t.test(
  "the root's own way from the top is on disk before the first stage",
  { skip: process.platform !== 'linux' && 'reads /proc' },
  async (t) => {
    const { root } = await newStore(t)
    const synced: string[] = []
    await patchHandles(
      t,
      'sync',
      (original) =>
        async function (this: FileHandle) {
          synced.push(relative(root, await readlink(`/proc/self/fd/${this.fd}`)))
          return original.call(this)
        },
    )
    const store = directoryBlobStore(join(root, 'a', 'b'))
    await Promise.all([store.probe(), store.stage()])
    await store.stage()
    t.strictSame(synced, ['a', ''], 'each parent that was made, once')
    synced.length = 0
    await directoryBlobStore(join(root, 'a', 'b')).stage()
    t.strictSame(synced, ['a'], 'where it was there: its maker may have died before')
  },
)

t.test('old blobs', async (t) => {
  const DAY = 86_400_000
  const age = async (root: string, blob: Sha256, ms: number) => {
    const at = new Date(Date.now() - ms)
    await utimes(join(root, pathOf(blob)), at, at)
  }
  /** A store with one blob of two days. */
  async function oldStore(t: Teardown) {
    const made = await newStore(t)
    const content = randomBytes(50)
    const blob = await put(made.store, content)
    await age(made.root, blob, 2 * DAY)
    return { ...made, content, blob }
  }

  await t.test('are listed part by part, young ones are not', async (t) => {
    const { root, store } = await newStore(t)
    t.strictSame(await store.listOld(DAY, '', 10), { blobs: [], next: null }, 'where there is nothing')
    const old: Sha256[] = []
    for (let n = 0; n < 30; n++) {
      const blob = await put(store, bytesOf(`blob ${n}`))
      if (n % 3 === 0) continue
      await age(root, blob, 2 * DAY)
      old.push(blob)
    }
    await writeFile(join(root, pathOf(old[0]!), '..', 'README'), 'no blob')
    await mkdir(join(root, 'lost+found'))
    const listed: Sha256[] = []
    let pages = 0
    for (let from: string | null = ''; from !== null; pages++) {
      const page = await store.listOld(DAY, from, 10)
      listed.push(...page.blobs)
      from = page.next
    }
    t.strictSame(listed.sort(), old.sort())
    t.ok(pages > 3, `${pages} pages`)
  })

  await t.test('are removed', async (t) => {
    const { store, files, blob } = await oldStore(t)
    t.equal(await store.removeOld(blob, DAY), true)
    t.strictSame(await files(), [])
    t.equal(await store.removeOld(blob, DAY), false, 'what is gone is gone')
  })

  await t.test('are young again once they are committed again', async (t) => {
    const { store, blob, content } = await oldStore(t)
    await put(store, content)
    t.strictSame((await store.listOld(DAY, '', 10)).blobs, [])
    t.equal(await store.removeOld(blob, DAY), false)
    t.same(await buffer(store.read(blob)), content)
  })

  await t.test('stay when somebody commits them while they are being removed', async (t) => {
    for (const when of ['before', 'after'] as const) {
      const { store, files, blob, content } = await oldStore(t)
      let committed = false
      const restore = patchFiles(t, 'rename', (original) => async (from, to) => {
        const takesAside = String(to).includes('condemned')
        const commit = async () => {
          committed = true
          await put(store, content)
        }
        if (takesAside && when === 'before') await commit()
        await original(from, to)
        if (takesAside && when === 'after') await commit()
      })
      await store.removeOld(blob, DAY)
      restore()
      t.ok(committed)
      t.strictSame(await files(), [pathOf(blob)], when)
      t.same(await buffer(store.read(blob)), content)
    }
  })

  await t.test('come back where a process died while it removed them', async (t) => {
    const { root, store, files, blob, content } = await oldStore(t)
    await mkdir(join(root, 'condemned'))
    await rename(join(root, pathOf(blob)), join(root, 'condemned', `${blob}.1`))
    t.strictSame((await store.listOld(DAY, '', 10)).blobs, [blob], 'to be judged anew')
    t.strictSame(await files(), [pathOf(blob)])
    t.same(await buffer(store.read(blob)), content)
    t.ok((await stat(join(root, pathOf(blob)))).mtimeMs < Date.now() - DAY)
  })
})
