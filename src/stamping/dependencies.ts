import type { BlobStore } from '../blobs/store.ts'
import type { Pool } from '../db/pool.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import type { RevocationSource } from '../signature/x509/revocation.ts'
import type { TsaClient } from '../trust-services/tsa-client.ts'

/** What seals are lifted with. */
export interface StampingDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
  readonly tsa: Pick<TsaClient, 'stamp'>
  readonly trust: TrustStore
  /** Null, or without anybody to ask: seals then stay B-T, and go on wanting B-LT. */
  readonly revocation: RevocationSource | null
  /** Who does it, as it stands on record. */
  readonly actor: string
  /** Ends what is under way: what was taken and not done is given back. */
  readonly signal?: AbortSignal
}

/** Something is wrong with one seal or its objects, whatever the services do. */
export class SealFault extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'SealFault'
  }
}
