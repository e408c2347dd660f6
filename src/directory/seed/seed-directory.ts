import { recordEvents } from '../../audit/record-events.ts'
import { directoryHead, insertDirectoryRevision, lockDirectoryRevisions } from '../../db/directory-facts.ts'
import type { Pool } from '../../db/pool.ts'
import { listTierLifetimes, type TierLifetime } from '../../db/tiers.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Caller } from '../../domain/caller.ts'
import type { NewFact } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { checkDirectory } from '../acts/check-every-day.ts'
import { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { checkFacts } from './check-facts.ts'

/** How many facts one seed may hold: several times those of the whole country. */
export const MOST_FACTS = 3_000_000

/**
 * Fills an empty directory: everything becomes its first revision, which nobody needs to approve. Answers its number.
 * @param reason where the facts are from, for people
 * @throws GatewayError `already-exists` where the directory has a revision; `request-invalid` with what does not fit
 */
export function seedDirectory(
  pool: Pool,
  author: Pick<Caller, 'clientId'>,
  facts: readonly NewFact[],
  reason: string,
): Promise<number> {
  return inTransaction(pool, async (db) => {
    await lockDirectoryRevisions(db)
    if ((await directoryHead(db)) > 0) throw notEmpty()
    const faults = faultsOf(facts, await listTierLifetimes(db))
    if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
    const revision = await insertDirectoryRevision(
      db,
      { author: author.clientId, reason, draft: null },
      { asserted: facts, retracted: [] },
    )
    await recordEvents(db, [
      {
        kind: 'directory-seeded',
        actor: author.clientId,
        detail: { revision, reason, facts: facts.length },
      },
    ])
    return revision
  })
}

/** What does not fit together, first by itself, then on any day: circles, heirs that are not there, names that are missing. */
function faultsOf(facts: readonly NewFact[], tiers: readonly TierLifetime[]): Fault[] {
  const plain = checkFacts(
    facts,
    tiers.map(({ code }) => code),
  )
  if (plain.length > 0) return plain
  const directory = DirectorySnapshot.of(
    1,
    facts.map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
  )
  return checkDirectory(directory, tiers)
}

const notEmpty = (): GatewayError =>
  new GatewayError('already-exists', {
    detail: {
      vi: 'Danh bạ đã có dữ liệu: chỉ thay đổi bằng bản thảo được người thứ hai phê duyệt (tram draft, /admin/v1/drafts).',
      en: 'The directory is not empty: it is changed by drafts that a second person approves (tram draft, /admin/v1/drafts).',
    },
  })
