import { factsOfRevision } from '../../db/draft-bases.ts'
import type { Queryable } from '../../db/pool.ts'
import { findRoutingTable } from '../../db/routing.ts'
import type { Delta, Fact, NewFact } from '../../domain/directory/fact.ts'
import type { Draft } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { changesOf } from '../acts/changes.ts'
import type { Change } from '../acts/outcome.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { DraftDependencies } from './dependencies.ts'
import { diffRules, type RulesDiff } from './diff-rules.ts'
import { worldOf } from './judgement.ts'
import { handleOf } from './kinds.ts'

/** What a draft changes. */
export interface DraftDiff {
  /** Of a routing draft: against the table that it was made from. */
  readonly rules: RulesDiff | null
  /** Of a directory draft: what will be said otherwise, of whom and for which days. */
  readonly changes: readonly Change[] | null
  /** What refuses the draft as it is, and what is told of it. */
  readonly faults: readonly Fault[]
}

/** Facts of a revision that are compared: no draft says more. */
const MOST_FACTS = 500_000

/**
 * What a draft changes, or has changed. One that is not applied is held against what is in force now; where something
 * refuses it, that is told, and it changes nothing of the directory.
 */
export async function diffDraft(dependencies: DraftDependencies, draft: Draft): Promise<DraftDiff> {
  const { pool } = dependencies
  if (draft.kind === 'directory' && draft.revision !== null)
    return { rules: null, changes: await changesOfRevision(pool, draft.revision), faults: draft.warnings }
  const rules = draft.kind === 'routing' ? await rulesDiff(pool, draft) : null
  if (draft.revision !== null) return { rules, changes: null, faults: draft.warnings }
  const world = await worldOf(dependencies, pool)
  const { errors, warnings, delta } = handleOf(draft).judge(world)
  const changes = draft.kind === 'directory' ? changesOfDelta(world.registry.directory, delta) : null
  return { rules, changes, faults: [...errors, ...warnings] }
}

async function rulesDiff(db: Queryable, { base, content }: Draft<'routing'>): Promise<RulesDiff> {
  const table = await findRoutingTable(db, base)
  return diffRules(table?.rules ?? [], content)
}

async function changesOfRevision(db: Queryable, revision: number): Promise<Change[]> {
  const facts = await factsOfRevision(db, revision, MOST_FACTS)
  const isOf = (of: (fact: Fact) => number | null) => facts.filter((fact) => of(fact) === revision)
  return changesOf(
    isOf(({ retractedIn }) => retractedIn),
    isOf(({ assertedIn }) => assertedIn),
  )
}

function changesOfDelta(directory: DirectorySnapshot, { asserted, retracted }: Delta): Change[] {
  return changesOf(factsById(directory, new Set(retracted)), asserted)
}

function factsById(directory: DirectorySnapshot, ids: ReadonlySet<number>): NewFact[] {
  if (ids.size === 0) return []
  const found: NewFact[] = []
  for (const code of directory.codes())
    for (const fact of directory.factsOf(code)) if (ids.has(fact.id)) found.push(fact)
  return found
}
