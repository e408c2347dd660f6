import type { Arrival } from '../db/axis-arrival-record.ts'
import { markTold, noteFailure } from '../db/axis-arrivals.ts'
import type { PacketStatus } from '../domain/axis/packet-status.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { problemOfFailure, tellingOf } from './problems.ts'
import { failTelling } from './refuse-arrival.ts'

/** Refusals to hear it, after which it is taken for told: what still stands on the list is told again. */
const MOST_REFUSALS = 12

interface Word {
  readonly status: PacketStatus
  readonly description?: string
  readonly telling: string
}

/** Tells the other exchange what became of a packet. Safe to repeat; what does not get through is told later. */
export async function tellArrival(
  { intake, client, line }: ArrivalDependencies,
  arrival: Pick<Arrival, 'id' | 'remoteId' | 'problem' | 'attempts'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, description, telling } = wordOf(arrival)
  const outcome = await client.updateStatus(arrival.remoteId, status, description, signal)
  line.saw(outcome.ok ? undefined : outcome.failure)
  const isHeard = outcome.ok || (outcome.failure.kind === 'refused' && arrival.attempts >= MOST_REFUSALS)
  if (isHeard) await markTold(intake.pool, arrival.id, telling)
  else if (outcome.failure.kind !== 'aborted')
    await noteFailure(intake.pool, arrival.id, problemOfFailure(outcome.failure))
  return isHeard
}

const wordOf = ({ problem }: Pick<Arrival, 'problem'>): Word =>
  problem === null
    ? { status: 'done', telling: 'done' }
    : { status: 'fail', description: tellingOf(problem), telling: failTelling(problem) }
