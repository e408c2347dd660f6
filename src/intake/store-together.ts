import { lacksReferenced, waitedForLock } from '../db/errors.ts'
import { gatherOn } from '../db/gather.ts'
import { tryLockHandIns } from '../db/hand-ins.ts'
import type { Pool } from '../db/pool.ts'
import type { SmallBlob } from '../db/small-blobs.ts'
import { BRIEF, inOpenedTransaction } from '../db/transaction.ts'
import { planEffects } from '../domain/effects.ts'
import type { EvidenceItem } from '../domain/evidence-item.ts'
import { passStep } from '../step.ts'
import {
  type Acceptance,
  acceptedDocument,
  isCircular,
  planAcceptance,
  writeAcceptances,
} from './acceptance.ts'
import { handInKeys } from './earlier-answer.ts'
import { inHalves } from './in-halves.ts'
import { knownEvidence } from './known-evidence.ts'
import type { AcceptedDocument, IntakeDependencies, SealedDocument } from './submission.ts'
import { wayOf } from './way-of.ts'

interface Candidate {
  readonly acceptance: Acceptance
  readonly blobs: readonly SmallBlob[]
}

/**
 * Stores a document that speaks of no earlier one in the transaction of others that come at the same time: one flush to
 * disk, and a few messages, for all of them. Its receipt says nothing that depends on a lock, so it is signed before.
 * @returns null, and nothing is stored, where the document has to be decided by itself: it speaks of earlier ones, its
 *   packet was handed in before, its Idempotency-Key is taken, a row that it needs is in somebody's hands, or it goes to
 *   very many
 */
export async function storeTogether(
  dependencies: IntakeDependencies,
  document: SealedDocument,
  blobs: readonly SmallBlob[],
): Promise<AcceptedDocument | null> {
  const { envelope, now } = document
  if (envelope.kind !== 'document' || envelope.business.operation !== 'new') return null
  const effects = planEffects('new', wayOf(document), [])
  if (isCircular(effects.recipients)) return null
  const acceptance = await planAcceptance(dependencies, document, { scopes: [], effects, acceptedAt: now })
  const isStored = await store(dependencies.pool, { acceptance, blobs })
  return isStored ? acceptedDocument(acceptance) : null
}

const store = gatherOn((pool, all: readonly Candidate[]) => storeBatch(pool, all), { most: 32, lanes: 2 })

/**
 * A batch waits for no longer for a row (evidence, a blob, an Idempotency-Key) that another process has written and not
 * committed. That process is at its flush, or it is frozen.
 */
const LOCK_TIMEOUT_MS = 100

/** Enough to find one of 32 documents, and another beside it. */
const MOST_SPLITS = 6

/**
 * Whose row it is that a batch waits for is not told, and just where flushes are slow it may not fall apart into many: it is
 * tried in halves, until those are alone that need the row. A row that is held costs the others 6 waits of 100 ms, and
 * whatever is held, all of it is over after 13 (1.3 s, and the flushes of what is stored meanwhile).
 */
const storeBatch = (pool: Pool, candidates: readonly Candidate[]): Promise<readonly boolean[]> =>
  inHalves(candidates, {
    attempt: (part) => storeWhole(pool, part),
    isHeldUp: waitedForLock,
    mostSplits: MOST_SPLITS,
  })

class KeyTaken extends Error {}

async function storeWhole(pool: Pool, candidates: readonly Candidate[], isAgain = false): Promise<boolean[]> {
  const keys = candidates.map(({ acceptance }) => handInKeys(acceptance.document))
  const evidence = knownEvidence(pool)
  let written: readonly EvidenceItem[] = []
  let isTrusted = false
  try {
    const stored = await inOpenedTransaction(
      pool,
      (db) => tryLockHandIns(db, keys),
      async (db, handIns) => {
        const isFirst = firstOfEach(keys.map(({ sender, wholeKey }) => `${sender} ${wholeKey}`))
        const isNew = handIns.map(
          ({ isFree, earlier }, index) => isFree && isFirst[index]! && earlier.length === 0,
        )
        const fresh = candidates.filter((_, index) => isNew[index])
        if (fresh.length === 0) return isNew
        const acceptances = fresh.map(({ acceptance }) => acceptance)
        const needed = acceptances.flatMap((acceptance) => acceptance.evidence)
        written = evidence.lacking(needed)
        isTrusted = written.length < needed.length
        const blobs = fresh.flatMap((candidate) => candidate.blobs)
        const { areKeysFree } = await writeAcceptances(db, acceptances, written, blobs)
        if (!areKeysFree) throw new KeyTaken()
        passStep('accept-written')
        return isNew
      },
      { durable: true, ...BRIEF, lockTimeoutMs: LOCK_TIMEOUT_MS },
    )
    evidence.keep(written)
    return stored
  } catch (error) {
    if (error instanceof KeyTaken && candidates.length === 1) return [false]
    // What was thought to be kept may be gone, as with a database that was restored.
    if (isAgain || !isTrusted || !lacksReferenced(error)) throw error
    evidence.forget()
    return storeWhole(pool, candidates, true)
  }
}

/** Of names that stand several times, the first is. */
const firstOfEach = (names: readonly string[]): boolean[] =>
  names.map((name, index) => names.indexOf(name) === index)
