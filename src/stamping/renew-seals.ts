import { listSealsToRenew, type RenewalScope } from '../db/seal-levels.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { MaterialMissing } from './collect-material.ts'
import { SealFault, type StampingDependencies } from './dependencies.ts'
import { addArchiveTimestamp } from './lift-seal.ts'

export interface Renewal {
  readonly document: DocumentKey
  /** Absent where the seal was renewed. */
  readonly failure?: string
}

/**
 * Puts an archive timestamp on every seal of a scope, the oldest first, and tells of each. What was renewed is out of
 * the scope, so a run that was cut off is gone on with by the next.
 * @throws TsaUnavailable, GatewayError of the store or the database: nothing else could be renewed either
 */
export async function renewSeals(
  deps: StampingDependencies,
  scope: RenewalScope,
  onRenewal: (renewal: Renewal) => void,
): Promise<void> {
  for (const document of await listSealsToRenew(deps.pool, scope)) {
    try {
      await addArchiveTimestamp(deps, document)
      onRenewal({ document })
    } catch (error) {
      if (!(error instanceof SealFault) && !(error instanceof MaterialMissing)) throw error
      onRenewal({ document, failure: error.message })
    }
  }
}
