import type { TierCode } from '../domain/tier.ts'
import type { Queryable } from './pool.ts'

export interface TierLifetime {
  readonly code: TierCode
  /** `yyyy-MM-dd`, the first day on which the tier no longer exists. */
  readonly closedOn: string | null
}

export async function listTierLifetimes(db: Queryable): Promise<TierLifetime[]> {
  const { rows } = await db.query<TierLifetime>(
    'select code, closed_on as "closedOn" from tier order by code',
  )
  return rows
}
