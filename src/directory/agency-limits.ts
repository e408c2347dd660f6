import { recordEvents } from '../audit/record-events.ts'
import { putAgencyLimits } from '../db/agency-limits.ts'
import type { Pool } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { OwnLimits } from '../domain/agency-limit.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

/** Nothing of its own: what is configured for all holds. */
export const NO_OWN_LIMITS: OwnLimits = {
  requestsPerMinute: null,
  concurrentSubmissions: null,
  packetBytes: null,
  storedBytes: null,
  share: null,
}

/** Sets what one agency may use, all values at once, with an event on record. Processes know it within seconds. */
export function setAgencyLimits(
  pool: Pool,
  actor: string,
  agency: AgencyCode,
  limits: OwnLimits,
): Promise<void> {
  return inTransaction(pool, async (db) => {
    await putAgencyLimits(db, agency, limits, actor)
    await recordEvents(db, [{ kind: 'agency-limits-changed', actor, agency, detail: { ...limits } }])
  })
}
