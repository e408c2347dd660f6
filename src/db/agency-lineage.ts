import type { Transaction } from './pool.ts'

/** Lets only one author at a time change the directory, so that what is checked is still true when it is written. */
export async function lockDirectory(db: Transaction): Promise<void> {
  await db.query('lock table agency, agency_alias in share row exclusive mode')
}

/** How an agency leads to others: to the one above it, or to the one that took over from it. */
export type Lineage = 'parent' | 'successor'

const COLUMN: Record<Lineage, string> = { parent: 'parent_code', successor: 'successor_code' }

/** Whether the line that starts at `from`, itself included, comes to `code`. */
export async function leadsTo(
  db: Transaction,
  lineage: Lineage,
  from: string,
  code: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with recursive line (code) as (
        select $1::text
        union
        select agency.${COLUMN[lineage]} from line join agency on agency.code = line.code
        where agency.${COLUMN[lineage]} is not null)
      select from line where code = $2`,
    [from, code],
  )
  return rowCount !== null && rowCount > 0
}

export interface TierRecord {
  readonly code: string
  /** `yyyy-MM-dd`: the first day on which the tier no longer exists. */
  readonly closedOn: string | null
}

export async function findTier(db: Transaction, code: string): Promise<TierRecord | undefined> {
  const { rows } = await db.query<TierRecord>(
    'select code, closed_on as "closedOn" from tier where code = $1',
    [code],
  )
  return rows[0]
}
