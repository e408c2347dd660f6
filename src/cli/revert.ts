import { revertRevision } from '../directory/drafts/revert-revision.ts'
import type { DraftKind } from '../domain/draft.ts'
import { AS, administrator, claimed } from './administrator.ts'
import { count, readArguments } from './arguments.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { tellDraft } from './draft-words.ts'
import { withDatabase } from './with-database.ts'

function revert(kind: DraftKind, args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['N'], AS)
  const author = claimed(values.as)
  const revision = count('N', positionals[0]!)
  return withDatabase(async (pool) =>
    tellDraft(
      await revertRevision(draftDependencies(pool), await administrator(pool, author), kind, revision),
    ),
  )
}

/** `tram routing revert N`: submits the draft that goes back to table N; a second person approves it through the API. */
export const routingRevert = (args: string[]): Promise<number> => revert('routing', args)

/** `tram directory revert N`: submits the draft that takes back what revision N said. */
export const directoryRevert = (args: string[]): Promise<number> => revert('directory', args)
