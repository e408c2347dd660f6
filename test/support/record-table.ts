import { insertApproval, insertDraft, markApplied, setDraftState } from '../../src/db/drafts.ts'
import type { Pool } from '../../src/db/pool.ts'
import { insertRoutingTable, type RoutingTable } from '../../src/db/routing.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import { contentDigest } from '../../src/directory/drafts/content-digest.ts'
import { uuidv7 } from '../../src/domain/identifiers.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'

const APPROVER = 'table-approver'

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
    await db.query(
      `insert into client (client_id, role, agency_code, name) values ($1, 'admin', null, $1) on conflict do nothing`,
      [APPROVER],
    )
    const id = uuidv7()
    const author = 'table-author'
    const contentSha256 = contentDigest(rules)
    const edit = { author, title: 'test', content: rules, contentSha256, base: 0, effectiveAt }
    await insertDraft(db, { id, kind: 'routing', reverts: null }, edit)
    await setDraftState(db, id, 'submitted', [])
    await insertApproval(db, { id, version: 1, contentSha256 }, APPROVER)
    const table = await insertRoutingTable(db, {
      rules,
      author,
      effectiveFrom: effectiveAt,
      approvedBy: APPROVER,
      draftId: id,
    })
    await markApplied(db, id, table.revision, table.effectiveFrom)
    return table
  })
