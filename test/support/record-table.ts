import { markApplied } from '../../src/db/drafts.ts'
import type { Pool } from '../../src/db/pool.ts'
import { insertRoutingTable, type RoutingTable } from '../../src/db/routing.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'
import { insertApprovedDraft, TEST_APPROVER } from './approved-draft.ts'

/**
 * Puts a routing table on record as an approved draft would, in force at once or from a time on; what it says is not
 * validated.
 */
export const recordTable = (
  pool: Pool,
  rules: readonly TableRule[],
  effectiveAt: Date | null = null,
): Promise<RoutingTable> =>
  inTransaction(pool, async (db) => {
    const { id, author } = await insertApprovedDraft(db, 'routing', rules, effectiveAt)
    const table = await insertRoutingTable(db, {
      rules,
      author,
      effectiveFrom: effectiveAt,
      approvedBy: TEST_APPROVER,
      draftId: id,
    })
    await markApplied(db, id, table.revision, table.effectiveFrom)
    return table
  })
