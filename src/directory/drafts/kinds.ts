import { directoryHead, lockDirectoryRevisions } from '../../db/directory-facts.ts'
import type { Queryable, Transaction } from '../../db/pool.ts'
import { latestRoutingRevision, lockRoutingTable } from '../../db/routing.ts'
import type { Draft, DraftConflict, DraftContents, DraftKind } from '../../domain/draft.ts'
import type { Sliced } from '../slices.ts'
import { applyActs, directoryConflict, judgeActs } from './directory-kind.ts'
import type { Applied, Approval, Judgement, World } from './judgement.ts'
import { applyTable, judgeTable, tableConflict } from './routing-kind.ts'

interface KindRow<K extends DraftKind> {
  /** The number of the latest revision, in force or not. */
  readonly head: (db: Queryable) => Promise<number>
  readonly judge: (
    content: readonly DraftContents[K][],
    world: World,
    effectiveAt: Date | null,
  ) => Sliced<Judgement>
  readonly conflict: (
    db: Queryable,
    base: number,
    judgement: Judgement,
    head: number,
  ) => Promise<DraftConflict | null>
  /** Makes it a revision; the caller holds the locks. */
  readonly apply: (db: Transaction, draft: Draft<K>, by: Approval, judgement: Judgement) => Promise<Applied>
}

const KINDS: { readonly [K in DraftKind]: KindRow<K> } = {
  directory: { head: directoryHead, judge: judgeActs, conflict: directoryConflict, apply: applyActs },
  routing: { head: latestRoutingRevision, judge: judgeTable, conflict: tableConflict, apply: applyTable },
}

export const headOf = (db: Queryable, kind: DraftKind): Promise<number> => KINDS[kind].head(db)

/** What can be done with one draft, whatever its kind. */
interface Handle {
  /** What there is to say of it in a world. */
  judge(world: World): Sliced<Judgement>
  /** Why what it was made from is no longer what it would change; null where it still is. */
  conflict(db: Queryable, judgement: Judgement): Promise<DraftConflict | null>
  apply(db: Transaction, by: Approval, judgement: Judgement): Promise<Applied>
}

export const handleOf = (draft: Draft): Handle =>
  draft.kind === 'directory'
    ? handle(KINDS.directory, draft, draft.content)
    : handle(KINDS.routing, draft, draft.content)

const handle = <K extends DraftKind>(
  row: KindRow<K>,
  draft: Draft<K>,
  content: readonly DraftContents[K][],
): Handle => ({
  judge: (world) => row.judge(content, world, draft.effectiveAt),
  conflict: async (db, judgement) => row.conflict(db, draft.base, judgement, await row.head(db)),
  apply: (db, by, judgement) => row.apply(db, draft, by, judgement),
})

/** Nobody else makes a revision while what was judged is written; always in this order. */
export async function lockRevisions(db: Transaction): Promise<void> {
  await lockDirectoryRevisions(db)
  await lockRoutingTable(db)
}
