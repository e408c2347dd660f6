import type { AxisFailure } from '../axis/client-types.ts'
import type { Arrival } from '../db/axis-arrival-record.ts'
import { markTold, noteFailure } from '../db/axis-arrivals.ts'
import type { Connector } from '../domain/axis/connector.ts'
import type { PacketStatus } from '../domain/axis/packet-status.ts'
import type { ArrivalDependencies } from './dependencies.ts'
import { endOf, problemOfFailure, tellingOf } from './problems.ts'
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
  { intake, client, line, connector }: ArrivalDependencies,
  arrival: Pick<Arrival, 'id' | 'remoteId' | 'problem' | 'attempts'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { status, description, telling } = wordOf(arrival)
  const outcome = await client.updateStatus(arrival.remoteId, status, description, signal)
  line.saw(outcome.ok ? undefined : outcome.failure)
  const isHeard = outcome.ok || isOver(connector, outcome.failure, arrival.attempts)
  if (isHeard) await markTold(intake.pool, arrival.id, telling)
  else if (outcome.failure.kind !== 'aborted')
    await noteFailure(intake.pool, arrival.id, problemOfFailure(outcome.failure))
  return isHeard
}

/** Whether the other exchange has nothing left that it could be told of. */
const isOver = (connector: Connector, failure: AxisFailure, attempts: number): boolean =>
  endOf(connector, failure) !== undefined || (failure.kind === 'refused' && attempts >= MOST_REFUSALS)

const wordOf = ({ problem }: Pick<Arrival, 'problem'>): Word =>
  problem === null
    ? { status: 'done', telling: 'done' }
    : { status: 'fail', description: tellingOf(problem), telling: failTelling(problem) }
