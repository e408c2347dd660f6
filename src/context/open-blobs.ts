import type { Logger } from 'pino'
import { databaseBlobStore } from '../blobs/database-first-store.ts'
import type { BlobStore, ReportIncident } from '../blobs/store.ts'
import { storeTie } from '../blobs/store-tie.ts'
import type { Config } from '../config.ts'
import type { Pool } from '../db/pool.ts'
import { blobIncidents } from './blob-incidents.ts'

export interface OpenBlobsOptions {
  readonly report?: ReportIncident
  /** Whether the folder becomes the store of a database that knows none yet. Not for commands, which may be started anywhere. */
  readonly makes?: boolean
}

/** The blob store of an installation: of its folder nothing is used that is not the store which the database knows. */
export const openBlobs = (
  { blobs: root, smallBlobs: small }: Pick<Config, 'blobs' | 'smallBlobs'>,
  pool: Pool,
  { report, makes = false }: OpenBlobsOptions = {},
): BlobStore =>
  databaseBlobStore({ pool, root, small, tie: storeTie(pool, root, makes), ...(report && { report }) })

/** The same for a process that goes on: its log tells incidents. The API makes the store of a new database. */
export const openProcessBlobs = (config: Config, pool: Pool, log: Logger, process: string): BlobStore =>
  openBlobs(config, pool, { report: blobIncidents(log, pool, process), makes: process === 'tram-api' })
