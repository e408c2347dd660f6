import {
  directoryHead,
  insertDirectoryRevision,
  lockDirectoryRevisions,
} from '../../src/db/directory-facts.ts'
import { markApplied } from '../../src/db/drafts.ts'
import type { Pool } from '../../src/db/pool.ts'
import { inTransaction } from '../../src/db/transaction.ts'
import type { Delta, FactKind, NewFact } from '../../src/domain/directory/fact.ts'
import type { WhenAddressed } from '../../src/domain/directory/succession.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { insertApprovedDraft } from './approved-draft.ts'

/** Puts facts on record as the next revision of the directory, as an approved draft would; answers its number. */
export const recordFacts = (
  pool: Pool,
  asserted: readonly NewFact[],
  retracted: Delta['retracted'] = [],
): Promise<number> =>
  inTransaction(pool, async (db) => {
    await lockDirectoryRevisions(db)
    const delta = { asserted, retracted }
    const by = { author: 'test', reason: 'test', draft: null }
    // An empty directory is filled without a draft.
    if ((await directoryHead(db)) === 0) return insertDirectoryRevision(db, by, delta)
    const { id, author } = await insertApprovedDraft(db, 'directory', [], null)
    const revision = await insertDirectoryRevision(db, { ...by, author, draft: id }, delta)
    await markApplied(db, id, revision, null)
    return revision
  })

export interface TestAgency {
  readonly code: string
  readonly name?: string
  readonly tier?: string
  readonly parent?: string | null
  readonly validFrom?: string
  readonly validTo?: string
  readonly successor?: string
  readonly aliases?: readonly string[]
}

/** What there is to say of an agency; from 2020 on where nothing else is given. */
export function agencyFacts(given: TestAgency): NewFact[] {
  const subject = agencyCode(given.code)
  const since = { subject, validFrom: given.validFrom ?? '2020-01-01' }
  const lifetime = { ...since, validTo: given.validTo ?? null }
  const parent = given.parent == null ? null : agencyCode(given.parent)
  const facts: NewFact[] = [
    { ...lifetime, kind: 'existence', value: {} },
    { ...lifetime, kind: 'name', value: { name: given.name ?? `Cơ quan ${given.code}` } },
    { ...lifetime, kind: 'placement', value: { tier: given.tier ?? 'commune', parent } },
    ...(given.aliases ?? []).map(
      (alias): NewFact => ({ ...since, validTo: null, kind: 'alias', value: { alias, form: 'free' } }),
    ),
  ]
  if (given.successor === undefined || given.validTo === undefined) return facts
  return [...facts, successionFact(given.code, given.successor, given.validTo)]
}

/** The agency has closed, and all that comes goes to its successor, or is bounced. */
export const successionFact = (
  code: string,
  successor: string,
  on: string,
  whenAddressed: WhenAddressed = 'redirect',
): NewFact => ({
  subject: agencyCode(code),
  kind: 'succession',
  value: {
    act: 'closure',
    heirs: [{ code: agencyCode(successor) }],
    main: agencyCode(successor),
    whenAddressed,
    whenInFlight: 'redirect',
    basis: null,
  },
  validFrom: on,
  validTo: null,
})

/** How an agency is told of documents. */
export const endpointFact = (code: string, url: string | null, validFrom = '2020-01-01'): NewFact => ({
  subject: agencyCode(code),
  kind: 'endpoint',
  value: { channel: url === null ? 'mailbox' : 'https-push', url, reaches: 'itself' },
  validFrom,
  validTo: null,
})

/** Says anew from when to when an agency is open, in the place of whatever was said of that; open again where null. */
export async function setLifetime(pool: Pool, code: string, validTo: string | null): Promise<void> {
  await replaceFacts(pool, code, 'existence', [
    { subject: agencyCode(code), kind: 'existence', value: {}, validFrom: '2020-01-01', validTo },
  ])
}

/** Takes back every fact of one kind that is on record of a subject, and says others. */
export async function replaceFacts(
  pool: Pool,
  subject: string,
  kind: FactKind,
  instead: readonly NewFact[],
): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    'select id from directory_fact where subject = $1 and kind = $2 and retracted_in is null',
    [subject, kind],
  )
  return recordFacts(
    pool,
    instead,
    rows.map(({ id }) => id),
  )
}
