import { streamRows } from '../db/export.ts'
import type { Pool } from '../db/pool.ts'
import { type RecordKind, type RecordRows, selectRecords } from '../db/search.ts'
import type { Filters } from '../db/search-conditions.ts'
import type { Caller } from '../domain/caller.ts'
import { GatewayError } from '../domain/problem.ts'
import { recordEvents } from './record-events.ts'

/** Exports that one process runs at once: each holds a connection, and accepting documents needs the others. */
const MOST_EXPORTS = 3
let running = 0

export interface ExportRequest<K extends RecordKind> {
  readonly kind: K
  readonly filters: Filters
  /** Kept with the event. */
  readonly format: string
  readonly asked: Record<string, unknown>
}

/**
 * Every record of a kind that passes the filters, the newest first, in batches. The export is on record before its
 * first row leaves.
 * @throws GatewayError `rate-limited` where too many exports run
 */
export async function exportRecords<K extends RecordKind>(
  pool: Pool,
  caller: Caller,
  { kind, filters, format, asked }: ExportRequest<K>,
): Promise<AsyncGenerator<RecordRows[K][]>> {
  if (running >= MOST_EXPORTS) throw tooManyExports()
  const batches = counted(streamRows<RecordRows[K]>(pool, selectRecords(kind, filters)))
  // The first batch is empty. It is asked for here, so that a database which is away is told before the answer begins.
  await batches.next()
  try {
    await recordEvents(pool, [
      { kind: 'export-made', actor: caller.clientId, detail: { export: kind, format, filters: asked } },
    ])
  } catch (error) {
    await batches.return(undefined)
    throw error
  }
  return batches
}

async function* counted<T>(batches: AsyncGenerator<T>): AsyncGenerator<T> {
  running += 1
  try {
    yield* batches
  } finally {
    running -= 1
  }
}

const tooManyExports = (): GatewayError =>
  new GatewayError('rate-limited', {
    retryAfter: 30,
    detail: {
      vi: 'Đang có nhiều lượt xuất dữ liệu. Chờ một lượt kết thúc.',
      en: 'Several exports are running. Wait until one of them has ended.',
    },
  })
