import { databaseNow } from '../../db/now.ts'
import type { DraftContents, DraftKind } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { readAgencies } from '../../sheets/agencies-sheet.ts'
import type { Sheet } from '../../sheets/cell.ts'
import { throwFaults } from '../../sheets/refuse.ts'
import { readRules } from '../../sheets/rules-sheet.ts'
import { compareAgencies } from './compare-agencies.ts'
import type { DraftDependencies } from './dependencies.ts'
import { readContent } from './read-content.ts'

export interface ImportWishes {
  /** Day of the changes of agencies, `yyyy-MM-dd`, Vietnam; today where left out. */
  readonly on?: string | undefined
  /** Closes every agency that has no row. */
  readonly closeMissing?: boolean | undefined
}

/** What a sheet comes to as the content of a draft. */
export interface ImportedContent<K extends DraftKind = DraftKind> {
  readonly content: readonly DraftContents[K][]
  /** The cell that a JSON pointer into the content speaks of. */
  readonly addressOf: (path: string) => string | undefined
  /** Acts that close agencies only because they have no row. */
  readonly closedAsMissing: number
}

type Read<K extends DraftKind> = (
  sheet: Sheet,
  dependencies: Pick<DraftDependencies, 'pool' | 'registry'>,
  wishes: ImportWishes,
) => Promise<ImportedContent<K>>

const readRouting: Read<'routing'> = async (sheet) => {
  const { rules, faults, addressOf } = await readRules(sheet)
  throwFaults(faults)
  return { content: await shaped('routing', rules, addressOf), addressOf, closedAsMissing: 0 }
}

const readDirectory: Read<'directory'> = async (sheet, { pool, registry }, { on, closeMissing = false }) => {
  const { directory } = await registry.upToDate(pool)
  const day = on ?? vietnamDay(await databaseNow(pool))
  const { acts, faults, addressOf, closedAsMissing } = await compareAgencies(
    directory,
    await readAgencies(sheet),
    {
      on: day,
      closeMissing,
    },
  )
  throwFaults(faults)
  return { content: await shaped('directory', acts, addressOf), addressOf, closedAsMissing }
}

/** One row a kind. */
export const IMPORTS: { readonly [K in DraftKind]: Read<K> } = {
  routing: readRouting,
  directory: readDirectory,
}

/** What is refused of the content is told by its cell. */
async function shaped<K extends DraftKind>(
  kind: K,
  content: readonly DraftContents[K][],
  addressOf: (path: string) => string | undefined,
): Promise<readonly DraftContents[K][]> {
  try {
    return await readContent(kind, content)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    throw new GatewayError('sheet-invalid', { faults: atCells(error.faults, addressOf) })
  }
}

/** Faults of a content, each with the cell from which it came instead of a JSON pointer. */
export const atCells = (faults: readonly Fault[], addressOf: (path: string) => string | undefined): Fault[] =>
  faults.map((fault) => {
    const cell = fault.path === undefined ? undefined : addressOf(fault.path)
    return cell === undefined ? fault : { ...fault, path: cell }
  })
