import type { Logger } from 'pino'
import type { BlobIncident, ReportIncident } from '../blobs/store.ts'
import type { Pool } from '../db/pool.ts'
import { recordDamage, recordMended } from '../receipts/damaged-blobs.ts'

const INCIDENTS: Record<BlobIncident['kind'], string> = {
  'damaged-blob-found': 'a stored blob is damaged; what it belongs to is not handed over',
  'damaged-blob-replaced': 'a stored blob was damaged; the same bytes came in again and took its place',
  'stage-not-removed': 'the files of an upload could not be removed; they are swept later',
}

/**
 * Incidents of the blob store, as lines of the log: a damaged blob is an error, for its disk may damage others. Damage, and
 * its end, goes on record too, with the documents that it touches; whoever met it does not wait for that.
 */
export const blobIncidents =
  (log: Logger, pool: Pool, actor: string): ReportIncident =>
  ({ kind, error, ...incident }) => {
    log[kind === 'stage-not-removed' ? 'warn' : 'error']({ ...incident, err: error }, INCIDENTS[kind])
    const { blob, damage } = incident
    if (blob === undefined) return
    const recorded =
      damage === undefined ? recordMended({ pool, actor }, blob) : recordDamage({ pool, actor }, blob, damage)
    recorded.catch((failure: unknown) =>
      log.warn(
        { err: failure, blob },
        'a damaged blob could not be put on record; it will be when it is read again',
      ),
    )
  }
