import { recordEvents } from '../audit/record-events.ts'
import { findCodes } from '../db/agencies.ts'
import {
  type DelegationRecord,
  endDelegationOn,
  findOverlapping,
  insertDelegation,
  lockDelegation,
  lockDelegations,
} from '../db/delegations.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Fault } from '../domain/fault.ts'
import { uuidv7 } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { Author } from './agencies.ts'

export type DelegationDraft = Omit<DelegationRecord, 'id'>

/**
 * Records that one agency may act for another.
 * @throws GatewayError `request-invalid` with everything that does not fit; `already-exists` where the same two have a
 *   delegation on some of these days
 */
export function createDelegation(
  pool: Pool,
  author: Author,
  draft: DelegationDraft,
): Promise<DelegationRecord> {
  return inTransaction(pool, async (db) => {
    await lockDelegations(db)
    await checkDelegation(db, draft)
    const delegation = { ...draft, id: uuidv7() }
    const other = await findOverlapping(db, delegation)
    if (other !== undefined) throw overlaps(other)
    await insertDelegation(db, delegation)
    await record(db, author, null, delegation)
    return delegation
  })
}

/** Ends a delegation today: from now on the delegate no longer acts. @throws GatewayError `not-found` */
export function endDelegation(pool: Pool, author: Author, id: string): Promise<void> {
  return inTransaction(pool, async (db) => {
    const before = await lockDelegation(db, id)
    if (before === undefined) throw new GatewayError('not-found')
    const today = vietnamDay(await databaseNow(db))
    if (before.validTo !== null && before.validTo <= today) return
    await endDelegationOn(db, id, today)
    await record(db, author, before, before.validFrom >= today ? null : { ...before, validTo: today })
  })
}

const record = (
  db: Transaction,
  author: Author,
  before: DelegationRecord | null,
  after: DelegationRecord | null,
) =>
  recordEvents(db, [
    {
      kind: 'delegation-changed',
      actor: author.clientId,
      agency: (after ?? before)?.agency ?? null,
      detail: { before, after },
    },
  ])

async function checkDelegation(db: Transaction, draft: DelegationDraft): Promise<void> {
  const { agency, delegate, validFrom, validTo } = draft
  const known = await findCodes(db, [agency, delegate])
  const faults: Fault[] = []
  for (const field of ['agency', 'delegate'] as const) {
    const code = draft[field]
    const found = known.get(code)
    if (found !== code) faults.push(agencyUnknown(`#/body/${field}`, code, found))
  }
  if (agency === delegate)
    faults.push({
      code: 'delegate-is-agency',
      severity: 'error',
      path: '#/body/delegate',
      found: delegate,
      hint: {
        vi: 'Cơ quan không ủy quyền cho chính mình.',
        en: 'An agency does not delegate to itself.',
      },
    })
  if (validTo !== null && validTo <= validFrom)
    faults.push({
      code: 'days-reversed',
      severity: 'error',
      path: '#/body/validTo',
      found: validTo,
      hint: {
        vi: 'Ngày kết thúc phải sau ngày bắt đầu.',
        en: 'The day of its end must be after its first day.',
      },
    })
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
}

/** `expected` is the code that an alias stands for. */
const agencyUnknown = (path: string, code: string, expected: string | undefined): Fault => ({
  code: 'agency-unknown',
  severity: 'error',
  path,
  found: code,
  ...(expected !== undefined && { expected }),
  hint: {
    vi: `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
    en: `No agency in the directory has the code ${code}.`,
  },
})

const overlaps = (other: DelegationRecord): GatewayError =>
  new GatewayError('already-exists', {
    detail: {
      vi: `Ủy quyền ${other.id} giữa hai cơ quan này còn hiệu lực trong thời gian đó.`,
      en: `Delegation ${other.id} between these two is in force on some of these days.`,
    },
  })
