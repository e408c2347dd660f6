import { factsOfRevision, findDirectoryRevision } from '../../db/directory-history.ts'
import { databaseNow } from '../../db/now.ts'
import type { Queryable, Transaction } from '../../db/pool.ts'
import { findRoutingTable, listTablesFrom } from '../../db/routing.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Act } from '../../domain/directory/act.ts'
import type { Fact, NewFact } from '../../domain/directory/fact.ts'
import type { Draft, DraftKind } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { tableInForce } from '../routing/table-in-force.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { diffRules, sameRules } from './diff-rules.ts'
import { submitDraftIn } from './move-draft.ts'
import { inTurn } from './turns.ts'
import { createDraftIn, type NewDraft } from './write-draft.ts'

/**
 * Makes and submits the draft that takes a revision back: the routing table becomes again what it was with revision n,
 * now, or, where it is that, at the time of the next scheduled table, which then never takes effect;
 * of the directory, what revision n said is taken back, and what it took back is said again. Like any other draft it
 * waits for a second person.
 * @throws GatewayError `not-found`; `revision-conflict` where later revisions build on what is to be taken back, naming
 *   the codes; `delivery-state-conflict` where there is nothing to take back; `request-invalid` as `submitDraft`
 */
export const revertRevision = (
  dependencies: DraftDependencies,
  author: Actor,
  kind: DraftKind,
  revision: number,
): Promise<Draft> => {
  const work = async (db: Transaction) => {
    const draft = await createDraftIn(db, author, await REVERSALS[kind](db, revision))
    return submitDraftIn(dependencies, db, author, draft.id, draft.version)
  }
  return inTurn(() => inTransaction(dependencies.pool, work), dependencies.signal)
}

/** What one act of correction takes back and says. */
const MOST_FACTS = 50_000

const REVERSALS: Record<DraftKind, (db: Transaction, revision: number) => Promise<NewDraft>> = {
  routing: async (db, revision) => {
    const table = await findRoutingTable(db, revision)
    if (table === undefined) throw new GatewayError('not-found')
    const effectiveAt = await firstDeparture(db, table.rules)
    if (effectiveAt === undefined) throw nothingToRevert(revision)
    return {
      kind: 'routing',
      title: `Khôi phục bảng định tuyến bản ${revision} · Back to routing table ${revision}`,
      content: table.rules,
      reverts: revision,
      effectiveAt,
    }
  },
  directory: async (db, revision) => ({
    kind: 'directory',
    title: `Hoàn nguyên bản danh bạ ${revision} · Take back directory revision ${revision}`,
    content: [await takenBack(db, revision)],
    reverts: revision,
  }),
}

/**
 * From when on other rules than these are or will be in force: null for now, else the time of a scheduled table, in whose
 * place these are to stand; undefined where these stay in force.
 */
async function firstDeparture(db: Queryable, rules: readonly TableRule[]): Promise<Date | null | undefined> {
  const now = await databaseNow(db)
  const tables = await listTablesFrom(db, now)
  const later = tables.map(({ effectiveFrom }) => effectiveFrom).filter((time) => time > now)
  const departs = (at: Date) => !sameRules(diffRules(rules, tableInForce(tables, at).rules))
  if (departs(now)) return null
  return later.sort((one, other) => one.getTime() - other.getTime()).find(departs)
}

async function takenBack(db: Queryable, revision: number): Promise<Act<'correct'>> {
  const facts = await factsOfRevision(db, revision, 0, MOST_FACTS + 1)
  if (facts.length === 0) throw await nothingSaid(db, revision)
  if (facts.length > MOST_FACTS) throw tooMuch()
  const said = facts.filter(({ assertedIn }) => assertedIn === revision)
  const changedSince = said.filter(({ retractedIn }) => retractedIn !== null)
  if (changedSince.length > 0) throw builtUpon(revision, changedSince)
  return {
    act: 'correct',
    facts: said.map(({ id }) => id),
    instead: facts.filter(({ retractedIn }) => retractedIn === revision).map(asNew),
  }
}

/** A revision may say nothing: what it was to say was so already. */
const nothingSaid = async (db: Queryable, revision: number): Promise<GatewayError> =>
  (await findDirectoryRevision(db, revision)) === undefined
    ? new GatewayError('not-found')
    : new GatewayError('delivery-state-conflict', {
        detail: {
          vi: `Bản ${revision} không thay đổi gì; không có gì để hoàn nguyên.`,
          en: `Revision ${revision} changes nothing; there is nothing to take back.`,
        },
      })

/** The same again, on record anew. */
function asNew(fact: Fact): NewFact {
  const { id: _id, assertedIn: _asserted, retractedIn: _retracted, ...said } = fact
  return said
}

function builtUpon(revision: number, changed: readonly Fact[]): GatewayError {
  const bySubject = new Map(changed.map(({ subject, retractedIn }) => [subject, retractedIn]))
  const faults = [...bySubject].slice(0, 100).map(
    ([subject, later]): Fault => ({
      code: 'subject-changed-since',
      severity: 'error',
      found: subject,
      hint: {
        vi: `Điều bản ${revision} ghi về ${subject} đã được bản ${later} thay đổi; hãy hoàn nguyên bản ${later} trước.`,
        en: `What revision ${revision} says of ${subject} was changed by revision ${later}; take that back first.`,
      },
    }),
  )
  return new GatewayError('revision-conflict', {
    detail: {
      vi: `Các bản sau dựa trên bản ${revision}.`,
      en: `Later revisions build on revision ${revision}.`,
    },
    faults,
  })
}

const nothingToRevert = (revision: number): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: `Các quy tắc của bản ${revision} đang và sẽ còn hiệu lực; không có gì để khôi phục.`,
      en: `The rules of revision ${revision} are in force and stay so; there is nothing to go back from.`,
    },
  })

const tooMuch = (): GatewayError =>
  new GatewayError('payload-too-large', {
    detail: {
      vi: `Bản này ghi hơn ${MOST_FACTS} mục; không hoàn nguyên bằng một bản nháp được.`,
      en: `This revision says more than ${MOST_FACTS} facts: too many for one draft.`,
    },
  })
