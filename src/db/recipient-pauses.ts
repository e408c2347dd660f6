import type { AgencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** Whether operators hold back every delivery to an agency. */
export async function isPaused(db: Queryable, agency: AgencyCode): Promise<boolean> {
  const { rowCount } = await db.query('select from recipient_pause where agency_code = $1', [agency])
  return rowCount === 1
}

/** Answers whether that changed anything. */
export async function insertPause(db: Transaction, agency: AgencyCode, by: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'insert into recipient_pause (agency_code, paused_by) values ($1, $2) on conflict (agency_code) do nothing',
    [agency, by],
  )
  return rowCount === 1
}

/** Answers whether that changed anything. */
export async function deletePause(db: Transaction, agency: AgencyCode): Promise<boolean> {
  const { rowCount } = await db.query('delete from recipient_pause where agency_code = $1', [agency])
  return rowCount === 1
}
