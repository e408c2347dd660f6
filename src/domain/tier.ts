/**
 * The code of a tier, a row of the `tier` table: central, province, district (closed on 2025-07-01), commune.
 * Data with a validity interval, never branched on.
 */
export type TierCode = string

/** The tiers a new database starts with; each has its own queue. */
export const SEED_TIERS: readonly { code: TierCode; vi: string; en: string; closedOn: string | null }[] = [
  { code: 'central', vi: 'trung ương', en: 'central', closedOn: null },
  { code: 'province', vi: 'cấp tỉnh', en: 'province', closedOn: null },
  { code: 'district', vi: 'cấp huyện', en: 'district', closedOn: '2025-07-01' },
  { code: 'commune', vi: 'cấp xã', en: 'commune', closedOn: null },
]
