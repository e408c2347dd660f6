import { databaseBlobStore } from '../blobs/database-first-store.ts'
import type { BlobStore, ReportIncident } from '../blobs/store.ts'
import type { Config } from '../config.ts'
import type { Pool } from '../db/pool.ts'

/** The blob store of an installation. */
export const openBlobs = (
  { blobs: root, smallBlobs: small }: Pick<Config, 'blobs' | 'smallBlobs'>,
  pool: Pool,
  report?: ReportIncident,
): BlobStore => databaseBlobStore({ pool, root, small, ...(report && { report }) })
