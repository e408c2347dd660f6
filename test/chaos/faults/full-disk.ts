import { execFile } from 'node:child_process'
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import { codeOf, pause, type System } from '../system.ts'
import type { World } from '../world.ts'
import { heard } from './heard.ts'

const run = promisify(execFile)

/** Megabytes of the file system that stands in for the disk, and once it was full: what flows afterwards must find room. */
const SIZE_MB = { small: 192, large: 8_192 } as const
const FULL_MS = 15_000
const RESUME_MS = 120_000
const RESUME_SECONDS = 5
/** What a sender may be told while the disk is full: that, or that it sends too much. */
const HONEST = new Set(['storage-full', 'overloaded', 'rate-limited'])
const FILLER = 'filler'
const STORE_ID = 'store-id'

/**
 * Puts a small file system of its own where the blobs go, before there are any. Returns how it is taken away; null where
 * this user may not mount one.
 */
export async function smallDisk({ blobs }: World): Promise<(() => Promise<void>) | null> {
  const id = await readFile(join(blobs, STORE_ID))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB.small}m`, 'tmpfs', blobs]).then(
    () => true,
    () => false,
  )
  if (!mounted) return null
  // The disk of a store that moved: an empty one would not be taken for it.
  await writeFile(join(blobs, STORE_ID), id)
  // What still writes there goes on; the name is free at once.
  return async () => void (await run('umount', ['--lazy', blobs]).catch(() => undefined))
}

async function fill(root: string): Promise<void> {
  const file = await open(join(root, FILLER), 'w')
  try {
    for (let bytes = 1024 * 1024; bytes >= 1; ) {
      const written = await file.write(Buffer.alloc(bytes)).then(
        () => true,
        () => false,
      )
      if (!written) bytes = bytes >> 1
    }
  } finally {
    await file.close()
  }
}

const askWith = (system: System, body: string, key: string) =>
  heard(system, {
    method: 'POST',
    path: '/v1/documents',
    headers: { 'content-type': 'application/xml', 'idempotency-key': key },
    body,
  })

/** Files that uploads have left behind. */
const leftOver = async (root: string): Promise<number> =>
  (await readdir(join(root, 'incoming')).catch(() => [])).length

/** Fills the disk under documents that flow, holds it, and makes room again. */
export async function fillDisk(world: World): Promise<Measure[]> {
  const { blobs, journal } = world
  await fill(blobs)
  world.tell('the disk is full')
  const [line, began] = [journal.lines.length, performance.now()]
  const system = world.systems.get('G81')!
  const probe = await askWith(system, longPacket(), 'full-disk')
  await pause(FULL_MS)
  const meanwhile = journal.lines.slice(line)
  const unanswered = meanwhile.flatMap((one) => (one.is === 'unanswered' ? [one.error] : []))
  const others = unanswered.filter((error) => !HONEST.has(error))
  await rm(join(blobs, FILLER))
  await run('mount', ['-o', `remount,size=${SIZE_MB.large}m`, blobs])
  const [roomLine, room] = [journal.lines.length, performance.now()]
  // Who asks at once; the others wait for as long as they were told.
  await waitFor(
    async () => codeOf(await askWith(system, longPacket(), 'room-again')) !== 'storage-full',
    RESUME_MS,
    () => 'an upload is read to its end again',
  )
  const seconds = (performance.now() - room) / 1_000
  await waitFor(
    () => journal.lines.slice(roomLine).some(({ is }) => is === 'accepted'),
    RESUME_MS,
    () => 'a document is accepted again',
  )
  const waited = (performance.now() - room) / 1_000
  await waitFor(
    async () => (await leftOver(blobs)) <= MOST_UNDER_WAY,
    RESUME_MS,
    () => 'nothing of refused uploads is left',
  )
  const told = `${probe.status} ${codeOf(probe)}, Retry-After ${probe.retryAfter ?? 'missing'}`
  const met = probe.status === 503 && codeOf(probe) === 'storage-full' && probe.retryAfter !== null
  return [
    { name: 'full disk: what a sender is told', seen: told, bar: '503 storage-full with Retry-After', met },
    {
      name: `full disk for ${((room - began) / 1_000).toFixed(0)} s: requests told so`,
      seen: `${unanswered.filter((error) => error === 'storage-full').length}; otherwise ${others.length}${others.length > 0 ? ` (${[...new Set(others)].join(', ')})` : ''}`,
      bar: 'otherwise 0',
      met: others.length === 0,
    },
    {
      name: 'room again to first upload read to its end',
      seen: `${seconds.toFixed(1)} s`,
      bar: `≤ ${RESUME_SECONDS} s`,
      met: seconds <= RESUME_SECONDS,
    },
    {
      name: 'to first document accepted of those whose senders were told to wait',
      seen: `${waited.toFixed(1)} s, Retry-After ${probe.retryAfter ?? 'missing'}`,
      bar: `≤ Retry-After and ${RESUME_SECONDS} s`,
      met: waited <= (probe.retryAfter ?? 0) + RESUME_SECONDS,
    },
  ]
}

/** Uploads that are under way at any moment. */
const MOST_UNDER_WAY = 8

/** Long enough to be written to disk as it comes in. */
const longPacket = (): string => `<?xml version="1.0"?><a>${'0'.repeat(3_000_000)}</a>`
