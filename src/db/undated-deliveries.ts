import type { Transaction } from './pool.ts'

/** Few enough that their rows are locked for a moment only: somebody may wait to hand one over. */
const MOST = 1_000

/**
 * Gives deliveries that have none the instant of their document: the release before writes such while both run, and a
 * migration passes those that are locked. Leaves out what is locked now. Returns how many were dated.
 */
export async function dateDeliveries(db: Transaction): Promise<number> {
  // An array: a subquery might be read once for each row. The index is `delivery_undated`, which is empty as a rule.
  const { rowCount } = await db.query(
    `update delivery set accepted_at = (select accepted_at from document where document.id = delivery.document_id)
      where id = any (array(select id from delivery where accepted_at is null
        order by id limit $1 for no key update skip locked))`,
    [MOST],
  )
  return rowCount ?? 0
}
