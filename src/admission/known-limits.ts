import { listAgencyLimits } from '../db/agency-limits.ts'
import type { Pool } from '../db/pool.ts'
import { type AgencyLimits, limitsOf } from '../domain/agency-limit.ts'

/** Milliseconds for which the values that operators set are believed. */
const BELIEVED_MS = 3_000

/** The limits of an agency as they are known; never waits. */
export type FindLimits = (agency: string) => AgencyLimits

/**
 * Own values of agencies, over those of all. The table is small, and read whole where somebody asks and what is known is
 * older than three seconds; until the answer is there, and where there is none, the last one holds.
 */
export function knownLimits(
  pool: Pool,
  defaults: AgencyLimits,
  monotonicNow: () => number = () => performance.now(),
): FindLimits {
  let known: ReadonlyMap<string, AgencyLimits> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  const refresh = async () => {
    const own = await listAgencyLimits(pool)
    known = new Map(own.map((record) => [record.agency, limitsOf(defaults, record)]))
  }
  return (agency) => {
    if (monotonicNow() - readAt >= BELIEVED_MS) {
      readAt = monotonicNow()
      refresh().catch(() => undefined)
    }
    return known.get(agency) ?? defaults
  }
}
