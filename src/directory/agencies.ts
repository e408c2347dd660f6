import { recordEvents } from '../audit/record-events.ts'
import { type AgencyRecord, findAgencies, insertAgency, updateAgency as writeAgency } from '../db/agencies.ts'
import { lockDirectory } from '../db/agency-lineage.ts'
import type { Pool, Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Caller } from '../domain/caller.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { type AgencyDraft, checkAgency } from './check-agency.ts'

export type { AgencyDraft } from './check-agency.ts'

export type Author = Pick<Caller, 'clientId'>

/** An agency by its code or an alias. @throws GatewayError `not-found` */
export async function getAgency(db: Pool | Transaction, spelling: string): Promise<AgencyRecord> {
  const agency = (await findAgencies(db, [spelling])).get(spelling)
  if (agency === undefined) throw noSuchAgency(spelling)
  return agency
}

/**
 * Adds an agency to the directory.
 * @throws GatewayError `already-exists`; `request-invalid` with everything that does not fit the directory
 */
export function createAgency(pool: Pool, author: Author, draft: AgencyDraft): Promise<AgencyRecord> {
  return inTransaction(pool, async (db) => {
    await lockDirectory(db)
    const taken = (await findAgencies(db, [draft.code])).get(draft.code)
    if (taken !== undefined) throw codeTaken(draft.code, taken)
    await checkAgency(db, draft)
    await insertAgency(db, draft, draft.aliases)
    return record(db, author, draft.code, null)
  })
}

/**
 * Writes the whole agency, if its revision is still the one that the author saw. Its code never changes.
 * @throws GatewayError `not-found`, `revision-conflict`; `request-invalid` with everything that does not fit
 */
export function updateAgency(
  pool: Pool,
  author: Author,
  draft: AgencyDraft,
  seenRevision: number,
): Promise<AgencyRecord> {
  return change(pool, author, draft.code, seenRevision, () => draft)
}

export interface Closure {
  /** First day, Vietnam time, on which the agency no longer is. */
  readonly validTo: string
  readonly successor: AgencyCode | null
}

/**
 * Closes an agency on a day. It stays in the directory: what it sent and was sent must stay resolvable.
 * @throws GatewayError `not-found`, `revision-conflict`; `request-invalid` with everything that does not fit
 */
export function closeAgency(
  pool: Pool,
  author: Author,
  code: AgencyCode,
  closure: Closure,
  seenRevision: number,
): Promise<AgencyRecord> {
  return change(pool, author, code, seenRevision, (before) => ({ ...before, ...closure }))
}

function change(
  pool: Pool,
  author: Author,
  code: AgencyCode,
  seenRevision: number,
  draftFrom: (before: AgencyRecord) => AgencyDraft,
): Promise<AgencyRecord> {
  return inTransaction(pool, async (db) => {
    await lockDirectory(db)
    const before = (await findAgencies(db, [code])).get(code)
    if (before === undefined || before.code !== code) throw noSuchAgency(code)
    if (before.revision !== seenRevision) throw revisionConflict(before.revision)
    const draft = draftFrom(before)
    await checkAgency(db, draft)
    if (!(await writeAgency(db, draft, draft.aliases, seenRevision))) throw revisionConflict(before.revision)
    return record(db, author, code, before)
  })
}

async function record(
  db: Transaction,
  author: Author,
  code: AgencyCode,
  before: AgencyRecord | null,
): Promise<AgencyRecord> {
  const after = await getAgency(db, code)
  await recordEvents(db, [
    { kind: 'agency-changed', actor: author.clientId, agency: code, detail: { before, after } },
  ])
  return after
}

const noSuchAgency = (code: string): GatewayError =>
  new GatewayError('not-found', {
    detail: {
      vi: `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
      en: `No agency in the directory has the code ${code}.`,
    },
  })

const codeTaken = (code: string, by: AgencyRecord): GatewayError =>
  new GatewayError('already-exists', {
    detail: {
      vi: `Mã ${code} đã là mã hoặc bí danh của ${by.name} (${by.code}).`,
      en: `${code} is already the code or an alias of ${by.name} (${by.code}).`,
    },
  })

export const revisionConflict = (current: number): GatewayError =>
  new GatewayError('revision-conflict', {
    detail: {
      vi: `Phiên bản hiện tại là ${current}.`,
      en: `The current revision is ${current}.`,
    },
  })
