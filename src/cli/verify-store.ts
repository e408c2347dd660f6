import type { Pace } from '../blobs/store.ts'
import { loadConfig } from '../config.ts'
import { openBlobs } from '../context/open-blobs.ts'
import type { BlobUse } from '../db/damaged-blobs.ts'
import { BLOB_DAMAGES } from '../domain/blob-damage.ts'
import { type DamageFound, verifyStore } from '../receipts/verify-store.ts'
import { count, readArguments } from './arguments.ts'
import { operator, withDatabase } from './with-database.ts'

const MEGABYTE = 1_000_000

/**
 * `tram verify-store [--rate MB] [--json]`: reads every stored blob, at most so many megabytes each second, and names what
 * is damaged, with the documents that it belongs to. The exit code is 1 where anything is.
 */
export async function verifyStoreCommand(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    rate: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
  })
  const pace = atMost(count('rate', values.rate) * MEGABYTE)
  const config = loadConfig('worker')
  const onDamaged = values.json
    ? (found: DamageFound) => console.log(JSON.stringify(found))
    : (found: DamageFound) => console.log(lineOf(found))
  let damaged = 0
  const code = await withDatabase(async (pool) => {
    const dependencies = { pool, blobs: openBlobs(config, pool), actor: operator().clientId }
    const verified = await verifyStore(dependencies, { pace, onDamaged })
    damaged = verified.damaged
    if (values.json) console.log(JSON.stringify(verified))
    else
      console.log(
        `đã đọc/read: ${verified.blobs} (${(verified.bytes / MEGABYTE).toFixed(1)} MB), hỏng/damaged: ${verified.damaged}, đã lành/mended: ${verified.mended}`,
      )
  })
  return damaged > 0 ? 1 : code
}

/** Lets no more bytes pass in a second, over the whole time since it began. */
function atMost(bytesPerSecond: number): Pace {
  const began = performance.now()
  let passed = 0
  return async (bytes) => {
    passed += bytes
    const early = began + (passed * 1_000) / bytesPerSecond - performance.now()
    // Shorter waits are less exact than the reading itself.
    if (early > 20) await new Promise((resolve) => setTimeout(resolve, early))
  }
}

const lineOf = ({ blob, damage, uses }: DamageFound): string => {
  const { vi, en } = BLOB_DAMAGES[damage]
  return [`${blob}  ${damage}: ${vi} / ${en}`, ...uses.map((use) => `  ${useOf(use)}`)].join('\n')
}

const useOf = ({ document, sender, part, number, name }: BlobUse): string =>
  `${document}  ${sender}  ${part}${number === null ? '' : ` ${number}: ${name}`}`
