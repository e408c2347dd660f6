import { type DueSeal, giveBackSeals, postponeSeal, takeDueSeals } from '../db/seal-dues.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import type { WantedLevel } from '../domain/seal-level.ts'
import { MaterialMissing } from './collect-material.ts'
import { SealFault, type StampingDependencies } from './dependencies.ts'
import { addTimestamp, addValidationData } from './lift-seal.ts'

export interface Lifted {
  readonly done: number
  /** Seals that could not be lifted for reasons of their own, each with the reason. */
  readonly postponed: readonly { readonly document: DocumentKey; readonly reason: string }[]
  /** Why all of the rest has to wait: no authority answers, or the store or the database does not. */
  readonly outage?: unknown
  /** Whether more is due. */
  readonly more: boolean
}

export interface LiftOptions {
  /** Seals that are taken at once. */
  readonly batch: number
  /** Told after every seal: the round is getting on. */
  readonly onProgress?: () => void
}

const AT_ONCE = 4
/** Authorities may take 45 s for a seal. */
const LEASE_SECONDS_EACH = 60

const STEPS: Record<WantedLevel, (deps: StampingDependencies, document: DocumentKey) => Promise<void>> = {
  'B-T': addTimestamp,
  'B-LT': addValidationData,
}

/** Seconds until a seal that failed for a reason of its own is tried again. */
const patience = (attempts: number): number => Math.min(30 * 2 ** Math.min(attempts, 12), 6 * 60 * 60)

/**
 * Lifts seals that want a level, a few at once. The first failure that is not of a seal's own making ends the round:
 * what was taken and not done is given back.
 */
export async function liftDueSeals(
  deps: StampingDependencies,
  wants: WantedLevel,
  { batch, onProgress }: LiftOptions,
): Promise<Lifted> {
  const leaseSeconds = LEASE_SECONDS_EACH * Math.ceil(batch / AT_ONCE)
  const due = await takeDueSeals(deps.pool, wants, batch, leaseSeconds)
  const waiting = [...due]
  const given: DocumentKey[] = []
  const postponed: { document: DocumentKey; reason: string }[] = []
  let outage: unknown
  let done = 0
  const workOff = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const result = deps.signal?.aborted ? { outage: deps.signal.reason } : await lift(deps, wants, one)
      onProgress?.()
      if (result === 'done') done++
      else if ('reason' in result) postponed.push({ document: one.document, reason: result.reason })
      else {
        outage ??= result.outage
        given.push(one.document, ...waiting.splice(0).map(({ document }) => document))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, workOff))
  if (given.length > 0) await giveBackSeals(deps.pool, given)
  return { done, postponed, more: due.length === batch, ...(outage !== undefined && { outage }) }
}

type Result = 'done' | { readonly reason: string } | { readonly outage: unknown }

async function lift(
  deps: StampingDependencies,
  wants: WantedLevel,
  { document, attempts }: DueSeal,
): Promise<Result> {
  try {
    await STEPS[wants](deps, document)
    return 'done'
  } catch (error) {
    if (!(error instanceof SealFault) && !(error instanceof MaterialMissing)) return { outage: error }
    const reason = error.message.slice(0, 500)
    await postponeSeal(deps.pool, document, patience(attempts), reason)
    return { reason }
  }
}
