import { isDeepStrictEqual } from 'node:util'
import { listWaitingDrafts, lockAuthor } from '../db/author-drafts.ts'
import { databaseNow } from '../db/now.ts'
import type { Transaction } from '../db/pool.ts'
import { inTransaction } from '../db/transaction.ts'
import type { AxisSystem } from '../domain/axis/axis-system.ts'
import type { Act } from '../domain/directory/act.ts'
import { GatewayError } from '../domain/problem.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import { servedCodes } from './axis-systems-served.ts'
import type { DraftDependencies } from './drafts/dependencies.ts'
import { submitDraftIn } from './drafts/move-draft.ts'
import { readContent } from './drafts/read-content.ts'
import { inTurn } from './drafts/turns.ts'
import { createDraftIn } from './drafts/write-draft.ts'
import { type RegistrationWish, registrationActs } from './registration-acts.ts'

/** What has become of a wish: a draft that awaits approval, or nothing, for the directory says so already. */
export type Registration =
  | { readonly outcome: 'awaits-approval'; readonly draft: string }
  | { readonly outcome: 'already-so' }

/** Drafts of one system that wait at the same time. */
const MOST_WAITING = 500

/**
 * Makes a wish of a system a draft that is submitted in its name. It is never applied by this: an administrator who has
 * not set the system's credentials approves it. The same wish again, while a draft with it waits, is that draft.
 * @throws GatewayError `scope-insufficient` where the system lacks the right or the agency is not beneath those that it
 *   serves, `not-found`, `request-invalid` with what is wrong, `rate-limited` where too many of its drafts wait
 */
export function draftFromRegistration(
  dependencies: DraftDependencies,
  system: AxisSystem,
  wish: RegistrationWish,
): Promise<Registration> {
  requireRegistrationRight(system)
  return inTurn(
    () => inTransaction(dependencies.pool, (db) => submitWish(dependencies, db, system, wish)),
    dependencies.signal,
  )
}

async function submitWish(
  dependencies: DraftDependencies,
  db: Transaction,
  system: AxisSystem,
  wish: RegistrationWish,
): Promise<Registration> {
  const author = { clientId: system.systemId }
  // Clients ask again while the first answer is still on its way.
  await lockAuthor(db, author.clientId)
  const { directory } = await dependencies.registry.upToDate(db)
  const day = vietnamDay(await databaseNow(db))
  const served = servedCodes(directory, system, day)
  const wanted = registrationActs(wish, { directory, served, day })
  if (wanted.length === 0) return { outcome: 'already-so' }
  const content = await readContent('directory', wanted)
  const waiting = await listWaitingDrafts(db, author.clientId, 'directory', MOST_WAITING)
  const same = waiting.find((draft) => isDeepStrictEqual(dayless(draft.content), dayless(content)))
  if (same !== undefined) return { outcome: 'awaits-approval', draft: same.id }
  if (waiting.length >= MOST_WAITING) throw tooMany()
  const draft = await createDraftIn(db, author, { kind: 'directory', title: titleOf(system, wish), content })
  await submitDraftIn(dependencies, db, author, draft.id, draft.version)
  return { outcome: 'awaits-approval', draft: draft.id }
}

/** The same wish on another day is the same. */
const dayless = (acts: readonly Act[]): readonly object[] => acts.map((act) => ({ ...act, on: '' }))

const TITLES: Record<RegistrationWish['kind'], string> = {
  register: 'Đề nghị ghi vào danh bạ',
  delete: 'Đề nghị xóa khỏi danh bạ',
}

const titleOf = ({ systemId }: AxisSystem, { kind, code }: RegistrationWish): string =>
  `${TITLES[kind]}: ${code} (${systemId})`.slice(0, 500)

/** @throws GatewayError `scope-insufficient` where the system may propose nothing at all, whatever it proposes */
export function requireRegistrationRight({ rights }: Pick<AxisSystem, 'rights'>): void {
  if (rights.includes('register-agencies')) return
  throw new GatewayError('scope-insufficient', {
    detail: {
      vi: 'Hệ thống này không có quyền đề nghị ghi hoặc xóa cơ quan (register-agencies).',
      en: 'This system has no right to register or delete agencies (register-agencies).',
    },
  })
}

const tooMany = (): GatewayError =>
  new GatewayError('rate-limited', {
    retryAfter: 3_600,
    detail: {
      vi: `Đã có ${MOST_WAITING} đề nghị của hệ thống này chờ phê duyệt.`,
      en: `${MOST_WAITING} wishes of this system already wait for approval.`,
    },
  })
