import { loadTrustStore, type TrustStore } from '../signature/trust-store.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError where the folder cannot be read */
export const trustOf = (folder: string): Promise<TrustStore> =>
  loadTrustStore(folder).catch((error: Error) => {
    throw new UsageError(`--trust: ${error.message}`)
  })
