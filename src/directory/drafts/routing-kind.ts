import type { Queryable, Transaction } from '../../db/pool.ts'
import { insertRoutingTable } from '../../db/routing.ts'
import type { Draft, DraftConflict } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { vietnamDay, vietnamIso } from '../../domain/vietnam-time.ts'
import { validatingTable } from '../routing/validate-table.ts'
import type { Sliced } from '../slices.ts'
import type { Applied, Approval, Judgement, World } from './judgement.ts'

/** Whether a table can work from the day on which it takes effect. */
export function* judgeTable(
  rules: readonly TableRule[],
  { registry, now, usable, tiers }: World,
  effectiveAt: Date | null,
): Sliced<Judgement> {
  const start = effectiveAt !== null && effectiveAt > now ? effectiveAt : now
  const context = { usable, tiers, today: vietnamDay(start) }
  const faults = yield* validatingTable(rules, registry.directory, context)
  const later = registry.tables.filter(({ effectiveFrom }) => effectiveFrom > start)
  return {
    errors: faults.filter(({ severity }) => severity === 'error'),
    warnings: [
      ...faults.filter(({ severity }) => severity === 'warning'),
      ...later.map(({ revision, effectiveFrom }) => replacedBy(revision, effectiveFrom)),
    ],
    delta: { asserted: [], retracted: [] },
    after: registry.directory,
    subjects: [],
  }
}

/** A table that was approved before, and takes effect after this one. */
const replacedBy = (revision: number, at: Date): Fault => ({
  code: 'replaced-by-scheduled',
  severity: 'warning',
  found: String(revision),
  hint: {
    vi: `Bản ${revision} đã duyệt sẽ có hiệu lực từ ${vietnamIso(at)} và thay bảng này.`,
    en: `Revision ${revision} is approved, takes effect at ${vietnamIso(at)}, and will replace this table.`,
  },
})

/**
 * A table is whole: it must have been made from the latest that was approved, also where that is not yet in force, or
 * it would undo what it does not know of.
 */
export async function tableConflict(
  _db: Queryable,
  base: number,
  _judgement: Judgement,
  live: number,
): Promise<DraftConflict | null> {
  return base === live ? null : { base, live, subjects: [] }
}

/** Makes a table the next revision; it decides from its time on, and nothing needs to run then. */
export async function applyTable(
  db: Transaction,
  draft: Draft<'routing'>,
  { author, approver }: Approval,
): Promise<Applied> {
  const { revision, effectiveFrom } = await insertRoutingTable(db, {
    rules: draft.content,
    author,
    effectiveFrom: draft.effectiveAt,
    approvedBy: approver,
    draftId: draft.id,
  })
  return { revision, effectiveFrom }
}
