import { findDraft, insertDraft, lockDraft, reviseDraft } from '../../db/drafts.ts'
import { databaseNow } from '../../db/now.ts'
import type { Transaction } from '../../db/pool.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Draft, DraftContents, DraftKind } from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { uuidv7 } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { contentDigest } from './content-digest.ts'
import type { Actor, DraftDependencies } from './dependencies.ts'
import { recordDraftEvent } from './draft-events.ts'
import { headOf } from './kinds.ts'
import { checkStep, checkVersion, noSuchDraft } from './refusals.ts'

export interface NewDraft<K extends DraftKind = DraftKind> {
  readonly kind: K
  readonly title: string
  /** As `readContent` gave it. */
  readonly content: readonly DraftContents[K][]
  /** The revision that it was made from; the latest where left out. */
  readonly base?: number
  /** The earliest instant at which a routing table takes effect. */
  readonly effectiveAt?: Date | null
  /** The revision that it takes back. */
  readonly reverts?: number
}

/** Begins a draft. @throws GatewayError `request-invalid` where base or time cannot be */
export const createDraft = (
  { pool }: Pick<DraftDependencies, 'pool'>,
  author: Actor,
  draft: NewDraft,
): Promise<Draft> => inTransaction(pool, (db) => createDraftIn(db, author, draft))

export async function createDraftIn(db: Transaction, author: Actor, given: NewDraft): Promise<Draft> {
  const { kind, title, content, effectiveAt = null } = given
  const head = await headOf(db, kind)
  const base = given.base ?? head
  const faults = [
    ...(isTitle(title) ? [] : [titleMalformed]),
    ...(base > head ? [baseUnknown(base, head)] : []),
    ...(await timeFaults(db, kind, effectiveAt)),
  ]
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
  const id = uuidv7()
  const edit = {
    author: author.clientId,
    title,
    content,
    contentSha256: await contentDigest(content),
    base,
    effectiveAt,
  }
  await insertDraft(db, { id, kind, reverts: given.reverts ?? null }, edit)
  const draft = await existing(db, id)
  await recordDraftEvent(db, 'draft-created', author.clientId, draft, { base, reverts: draft.reverts })
  return draft
}

/** What an edit changes; what is left out stays. */
export interface DraftChange {
  readonly title?: string
  readonly content?: readonly DraftContents[DraftKind][]
  readonly effectiveAt?: Date | null
}

/**
 * Writes the next version of a draft, which is open again: whoever has seen or approved an earlier one has to look
 * anew.
 * @throws GatewayError `not-found`, `revision-conflict` where somebody has written a later version,
 *   `delivery-state-conflict`, `request-invalid`
 */
export function editDraft(
  { pool }: Pick<DraftDependencies, 'pool'>,
  author: Actor,
  id: string,
  seenVersion: number,
  change: DraftChange,
): Promise<Draft> {
  return inTransaction(pool, async (db) => {
    const before = await lockDraft(db, id)
    if (before === undefined) throw noSuchDraft(id)
    checkStep(before, 'edit')
    checkVersion(before, seenVersion)
    const { title = before.title, content = before.content, effectiveAt = before.effectiveAt } = change
    const faults = [
      ...(isTitle(title) ? [] : [titleMalformed]),
      ...(change.effectiveAt === undefined ? [] : await timeFaults(db, before.kind, effectiveAt)),
    ]
    if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
    const after = await writeVersion(db, author, before, { title, content, effectiveAt, base: before.base })
    await recordDraftEvent(db, 'draft-edited', author.clientId, after, {
      before: { version: before.version, contentSha256: before.contentSha256 },
    })
    return after
  })
}

/** Writes the next version of a draft whose lock is held; its maker is one of its authors from now on. */
export async function writeVersion(
  db: Transaction,
  author: Actor,
  { id, version }: Draft,
  edit: {
    readonly title: string
    readonly content: readonly DraftContents[DraftKind][]
    readonly effectiveAt: Date | null
    readonly base: number
  },
): Promise<Draft> {
  const contentSha256 = await contentDigest(edit.content)
  await reviseDraft(db, id, version + 1, { ...edit, author: author.clientId, contentSha256 })
  return existing(db, id)
}

async function existing(db: Transaction, id: string): Promise<Draft> {
  const draft = await findDraft(db, id)
  if (draft === undefined) throw noSuchDraft(id)
  return draft
}

async function timeFaults(db: Transaction, kind: DraftKind, effectiveAt: Date | null): Promise<Fault[]> {
  if (effectiveAt === null) return []
  if (kind === 'directory')
    return [
      timeFault('effective-at-unexpected', effectiveAt, {
        vi: 'Mỗi hành vi của danh bạ có ngày riêng (on); bản nháp không có thời điểm hiệu lực.',
        en: 'Acts have days of their own (`on`); a draft of the directory has no time of effect.',
      }),
    ]
  if (effectiveAt > (await databaseNow(db))) return []
  return [
    timeFault('effective-at-past', effectiveAt, {
      vi: 'Thời điểm hiệu lực đã qua; bỏ trống để có hiệu lực ngay khi duyệt.',
      en: 'This time has passed; leave it out to take effect as soon as it is approved.',
    }),
  ]
}

const timeFault = (code: string, found: Date, hint: Fault['hint']): Fault => ({
  code,
  severity: 'error',
  path: '#/body/effectiveAt',
  found: found.toISOString(),
  hint,
})

/** One line, which is shown to people as it is. */
const isTitle = (text: string): boolean => /^[^\p{Cc}\s]([^\p{Cc}]{0,498}[^\p{Cc}\s])?$/u.test(text)

const titleMalformed: Fault = {
  code: 'title-malformed',
  severity: 'error',
  path: '#/body/title',
  hint: {
    vi: 'Tiêu đề là một dòng từ 1 đến 500 ký tự, không có ký tự điều khiển.',
    en: 'A title is one line of 1 to 500 characters without control characters.',
  },
}

/** A draft is made from a revision that is on record. */
export const baseUnknown = (base: number, head: number): Fault => ({
  code: 'base-unknown',
  severity: 'error',
  path: '#/body/base',
  found: String(base),
  expected: `1…${head}`,
  hint: { vi: `Chưa có bản ${base}.`, en: `There is no revision ${base} yet.` },
})
