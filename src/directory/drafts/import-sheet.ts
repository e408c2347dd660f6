import type { Pool } from '../../db/pool.ts'
import { DRAFT_KINDS, type Draft, type DraftContents, type DraftKind } from '../../domain/draft.ts'
import { GatewayError } from '../../domain/problem.ts'
import type { Sheet } from '../../sheets/cell.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { type DraftDiff, diffDraft } from './diff-draft.ts'
import { sameRules } from './diff-rules.ts'
import { headOf } from './kinds.ts'
import { getDraft } from './move-draft.ts'
import { atCells, IMPORTS, type ImportWishes } from './read-import.ts'
import { baseUnknown, createDraft, editDraft } from './write-draft.ts'

interface SheetImport extends ImportWishes {
  readonly kind: DraftKind
  readonly sheet: Sheet
  readonly title: string
  /** The revision that the file was exported from; the latest where left out. */
  readonly base?: number | undefined
  /** The draft that gets the content, instead of a new one, and the version of it that was seen. */
  readonly draft?: { readonly id: string; readonly version: number } | undefined
}

export interface SheetImported {
  readonly diff: DraftDiff
  /** Null where the file says what is in force, or nothing was to be written. */
  readonly draft: Draft | null
  readonly closedAsMissing: number
}

/**
 * Makes a draft of what a file says, or gives one that there is new content: an open draft like any other, still to be
 * submitted and approved. A file that says what is in force makes none.
 * @throws GatewayError `sheet-invalid` with everything that is wrong, by cell; and what `createDraft` and `editDraft`
 *   throw
 */
export async function importSheet(
  dependencies: DraftDependencies,
  author: Actor,
  given: SheetImport,
): Promise<SheetImported> {
  const { kind, title, draft: target } = given
  const base = target === undefined ? given.base : await baseOfDraft(dependencies.pool, target.id, kind)
  const { content, isSame, ...found } = await previewImport(dependencies, { ...given, base })
  if (target !== undefined)
    return { ...found, draft: await editDraft(dependencies, author, target.id, target.version, { content }) }
  if (isSame) return { ...found, draft: null }
  const draft = await createDraft(dependencies, author, {
    kind,
    title,
    content,
    ...(base !== undefined && { base }),
  })
  return { ...found, draft }
}

export interface ImportPreview {
  /** Faults are told by their cells. */
  readonly diff: DraftDiff
  readonly content: readonly DraftContents[DraftKind][]
  readonly closedAsMissing: number
  /** The file says what is in force. */
  readonly isSame: boolean
}

/**
 * What `importSheet` would come to; nothing is written.
 * @throws GatewayError `sheet-invalid`; `request-invalid` where there is no such base yet
 */
export async function previewImport(
  dependencies: DraftDependencies,
  given: SheetImport,
): Promise<ImportPreview> {
  const { kind } = given
  const head = await headOf(dependencies.pool, kind)
  const base = given.base ?? head
  if (base > head) throw new GatewayError('request-invalid', { faults: [baseUnknown(base, head)] })
  const { draft, addressOf, closedAsMissing } = await asDraft(dependencies, given, base)
  const diff = await diffDraft(dependencies, draft)
  const { content } = draft
  const isSame = diff.rules === null ? content.length === 0 : sameRules(diff.rules)
  // That a draft of nothing is refused is no fault of a file which changes nothing.
  const makesNone = isSame && kind === 'directory' && given.draft === undefined
  const faults = makesNone ? [] : atCells(diff.faults, addressOf)
  return { diff: { ...diff, faults }, content, closedAsMissing, isSame }
}

/** The draft as it would be: without an id, for nobody has written it. */
async function asDraft(
  dependencies: DraftDependencies,
  { kind, sheet, title, ...wishes }: SheetImport,
  base: number,
) {
  const rest = { ...UNWRITTEN, title, base }
  if (kind === 'routing') {
    const { content, ...read } = await IMPORTS.routing(sheet, dependencies, wishes)
    return { ...read, draft: { ...rest, kind, content } }
  }
  const { content, ...read } = await IMPORTS.directory(sheet, dependencies, wishes)
  return { ...read, draft: { ...rest, kind, content } }
}

const UNWRITTEN = {
  id: '',
  version: 0,
  contentSha256: '',
  state: 'open',
  effectiveAt: null,
  authors: [],
  approvers: [],
  reverts: null,
  warnings: [],
  conflict: null,
  revision: null,
  createdAt: new Date(0),
  changedAt: new Date(0),
} as const satisfies Partial<Draft>

async function baseOfDraft(pool: Pool, id: string, wanted: DraftKind): Promise<number> {
  const { kind, base } = await getDraft(pool, id)
  if (kind === wanted) return base
  const hint = {
    vi: `Bản nháp này là ${DRAFT_KINDS[kind].vi}, không phải ${DRAFT_KINDS[wanted].vi}.`,
    en: `This draft is one of the ${DRAFT_KINDS[kind].en}, not of the ${DRAFT_KINDS[wanted].en}.`,
  }
  const fault = {
    code: 'draft-of-other-kind',
    severity: 'error',
    path: '#/querystring/kind',
    found: wanted,
    hint,
  } as const
  throw new GatewayError('request-invalid', { faults: [fault] })
}
