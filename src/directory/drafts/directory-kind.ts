import { recordEvents } from '../../audit/record-events.ts'
import { insertDirectoryRevision } from '../../db/directory-facts.ts'
import { subjectsTouchedSince } from '../../db/draft-bases.ts'
import type { Queryable, Transaction } from '../../db/pool.ts'
import type { Act } from '../../domain/directory/act.ts'
import type { Delta, EndpointValue } from '../../domain/directory/fact.ts'
import type { Draft, DraftConflict } from '../../domain/draft.ts'
import { type Fault, hasErrors } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { carryingOut } from '../acts/carry-out.ts'
import type { PastCorrection } from '../acts/outcome.ts'
import { checkChoice } from '../endpoints.ts'
import type { Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { affectedTables } from './affected-tables.ts'
import type { Applied, Approval, Judgement, World } from './judgement.ts'
import { lastDayOf } from './last-day.ts'

/** What acts come to in the directory as it is, whether the endpoints that they name may be used, and which rules of the tables they break. */
export function* judgeActs(acts: readonly Act[], world: World): Sliced<Judgement> {
  const { registry, now, tiers, allowHttp } = world
  const { directory } = registry
  const outcome = yield* carryingOut(directory, acts, { today: vietnamDay(now), tiers })
  const faults = [...outcome.faults, ...(acts.length === 0 ? [WITHOUT_ACTS] : [])]
  for (const [index, act] of acts.entries()) {
    faults.push(...endpointFaults(act, index, allowHttp))
    yield
  }
  const errors = faults.filter(({ severity }) => severity === 'error')
  const isRefused = hasErrors(errors)
  const { after } = outcome
  const lastDay = lastDayOf(acts, vietnamDay(now))
  const ofTables = isRefused ? [] : yield* affectedTables(world, { after, lastDay })
  return {
    errors,
    warnings: [...outcome.warnings, ...outcome.notes.map(toWarning), ...ofTables],
    delta: isRefused ? { asserted: [], retracted: [] } : outcome.delta,
    after,
    subjects: subjectsOf(directory, acts, outcome.delta),
  }
}

const WITHOUT_ACTS: Fault = {
  code: 'content-empty',
  severity: 'error',
  path: '#/content',
  hint: {
    vi: 'Bản nháp không có hành vi nào, nên không thay đổi gì.',
    en: 'The draft holds no act, and so changes nothing.',
  },
}

function endpointFaults(act: Act, index: number, allowHttp: boolean): Fault[] {
  return endpointsOf(act).flatMap(([endpoint, field]) => {
    const path = `#/content/${index}/${field}/url`
    return checkChoice(endpoint, allowHttp).map((fault) => ({ ...fault, path }))
  })
}

/** The endpoints that an act says, each with its place in it. */
function endpointsOf(act: Act): [endpoint: EndpointValue, field: string][] {
  if (act.act === 'set-endpoint') return act.endpoint === null ? [] : [[act.endpoint, 'endpoint']]
  if (act.act !== 'correct') return []
  return act.instead.flatMap((fact, place): [EndpointValue, string][] =>
    fact.kind === 'endpoint' ? [[fact.value, `instead/${place}/value`]] : [],
  )
}

const toWarning = ({ path, text }: PastCorrection): Fault => ({
  code: 'corrects-past',
  severity: 'warning',
  path,
  hint: text,
})

/** Whom a draft changes, and whom it names: all of them must be as its author saw them. */
function subjectsOf(directory: DirectorySnapshot, acts: readonly Act[], delta: Delta): AgencyCode[] {
  return [
    ...new Set([
      ...delta.asserted.map(({ subject }) => subject),
      ...delta.retracted.flatMap((id) => directory.factById(id)?.subject ?? []),
      ...acts.flatMap(namedIn),
    ]),
  ]
}

function namedIn(act: Act): readonly AgencyCode[] {
  switch (act.act) {
    case 'correct':
      return act.instead.map(({ subject }) => subject)
    case 'merge':
      return [...act.codes, act.into]
    case 'split':
      return [act.code, ...act.into.map(({ code }) => code)]
    case 'recode':
      return [act.code, act.newCode]
    default:
      return [act.code]
  }
}

/** A draft stays good where others have changed something else. */
export async function directoryConflict(
  db: Queryable,
  base: number,
  { subjects }: Judgement,
  live: number,
): Promise<DraftConflict | null> {
  if (base === live) return null
  const touched = await subjectsTouchedSince(db, base, subjects)
  return touched.length === 0 ? null : { base, live, subjects: touched }
}

/** Events that go into one statement. */
const EVENTS = 1_000

/** Records what acts come to as the next revision of the directory; auditors find it by each agency. */
export async function applyActs(
  db: Transaction,
  draft: Draft<'directory'>,
  { author, approver }: Approval,
  { delta }: Judgement,
): Promise<Applied> {
  const by = { author, reason: draft.title, draft: draft.id }
  const revision = await insertDirectoryRevision(db, by, delta)
  const agencies = [...new Set(delta.asserted.map(({ subject }) => subject))]
  const detail = { directoryRevision: revision, draft: draft.id, approver }
  for (let from = 0; from < agencies.length; from += EVENTS) {
    const some = agencies.slice(from, from + EVENTS)
    await recordEvents(
      db,
      some.map((agency) => ({ kind: 'agency-changed' as const, actor: author, agency, detail })),
    )
  }
  return { revision, effectiveFrom: null }
}
