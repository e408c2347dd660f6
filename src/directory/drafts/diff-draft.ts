import { factsOfRevision } from '../../db/directory-history.ts'
import type { Queryable } from '../../db/pool.ts'
import { findRoutingTable } from '../../db/routing.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Fact } from '../../domain/directory/fact.ts'
import type { Draft } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { type DescribedChange, describingDelta } from '../acts/describe-delta.ts'
import { inSlices, type Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { DraftDependencies } from './dependencies.ts'
import { describeRules } from './describe-rules.ts'
import { diffRules, type RulesDiff } from './diff-rules.ts'
import { worldOf } from './judgement.ts'
import { handleOf } from './kinds.ts'
import { inTurn } from './turns.ts'

/** What a draft changes. */
export interface DraftDiff {
  /** Of a routing draft: against the table that it was made from. */
  readonly rules: RulesDiff | null
  /** Of a directory draft: what will be said otherwise, of whom and for which days. */
  readonly changes: readonly DescribedChange[] | null
  /** What refuses the draft as it is, and what is told of it. */
  readonly faults: readonly Fault[]
  /** The same for people, a line each. */
  readonly text: readonly Bilingual[]
}

/** Facts of a revision that are compared: no draft says more. */
const MOST_FACTS = 500_000

/**
 * What a draft changes, or has changed. A table is held against the one that it was made from; acts that are not applied
 * against the directory of now: where something refuses them, that is told, and they change nothing.
 */
export const diffDraft = (dependencies: DraftDependencies, draft: Draft): Promise<DraftDiff> =>
  inTurn(() => diffInTurn(dependencies, draft), dependencies.signal)

async function diffInTurn(dependencies: DraftDependencies, draft: Draft): Promise<DraftDiff> {
  const world = await worldOf(dependencies, dependencies.pool)
  const { errors, warnings, delta } =
    draft.revision === null
      ? await inSlices(handleOf(draft).judge(world), dependencies.signal)
      : { errors: [], warnings: draft.warnings, delta: null }
  const faults = [...errors, ...warnings]
  const { directory } = world.registry
  if (draft.kind === 'routing') {
    const rules = await rulesDiff(dependencies.pool, draft)
    return { rules, changes: null, faults, text: describeRules(rules) }
  }
  const changes =
    delta === null
      ? await changesOfRevision(dependencies, directory, draft.revision ?? 0)
      : await inSlices(describingDelta(directory, delta), dependencies.signal)
  return { rules: null, changes, faults, text: changes.map(({ text }) => text) }
}

async function rulesDiff(db: Queryable, { base, content }: Draft<'routing'>): Promise<RulesDiff> {
  const table = await findRoutingTable(db, base)
  return diffRules(table?.rules ?? [], content)
}

/** What a revision changed: the directory without it is the present one with what it took back, less what it said. */
async function changesOfRevision(
  { pool, signal }: DraftDependencies,
  present: DirectorySnapshot,
  revision: number,
): Promise<DescribedChange[]> {
  const facts = await factsOfRevision(pool, revision, 0, MOST_FACTS)
  return inSlices(describingRevision(present, revision, facts), signal)
}

function* describingRevision(
  present: DirectorySnapshot,
  revision: number,
  facts: readonly Fact[],
): Sliced<DescribedChange[]> {
  const said = facts.filter(({ assertedIn }) => assertedIn === revision)
  const takenBack = facts.filter(({ retractedIn }) => retractedIn === revision)
  const { index, view } = present.fork()
  for (const fact of takenBack) {
    index.add({ ...fact, retractedIn: null })
    yield
  }
  for (const { id } of said) {
    const standing = index.standing(id)
    if (standing !== undefined) index.remove(standing)
    yield
  }
  return yield* describingDelta(view, { asserted: said, retracted: takenBack.map(({ id }) => id) })
}
