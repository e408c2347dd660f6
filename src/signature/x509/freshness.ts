/** When revocation information is asked for, and how old it may be. */
export interface Freshness {
  /** The time at which the certificate was used. */
  readonly time: Date
  /** The latest time at which the information may have been made. */
  readonly until: Date
  /** Of information that names no nextUpdate, in milliseconds. */
  readonly maxAge: number
}

export const DEFAULT_MAX_AGE = 7 * 86_400_000

export interface Period {
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

/**
 * Why information does not tell of the time: it is from later than may be known, or its own time was over. Information
 * made after the time tells of it, for certificates do not leave a list before they end.
 */
export function staleness(
  { thisUpdate, nextUpdate }: Period,
  freshness: Freshness,
): 'future' | 'stale' | undefined {
  const { time, until } = freshness
  if (thisUpdate > until) return 'future'
  if (nextUpdate !== undefined && nextUpdate < thisUpdate) return 'stale'
  if (thisUpdate > time) return undefined
  return time > freshUntil({ thisUpdate, nextUpdate }, freshness) ? 'stale' : undefined
}

export const freshUntil = ({ thisUpdate, nextUpdate }: Period, { maxAge }: Freshness): Date =>
  nextUpdate ?? new Date(thisUpdate.getTime() + maxAge)
